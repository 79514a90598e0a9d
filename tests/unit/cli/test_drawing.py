"""``pacsim episode``: the window that is asked for, written as picture and rows; what is refused."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pacsim
from pacsim import api
from pacsim.campaign.plan import planned
from pacsim.campaign.traffic_windows import worst_windows
from pacsim.cli.main import application
from pacsim.errors import ArgumentError
from pacsim.pages.page import page
from pacsim.units import DAY, YEAR

MODELS = Path(__file__).parents[3] / "models"
FAULT = "2026-01-12 14:11"
"""In term 3 its application hangs for 33 min, on a Monday; in term 5 on a Wednesday morning."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small clinic with a single server, for ten days."""
    file = tmp_path_factory.mktemp("clinic") / "clinic.yaml"
    workload = f"from: {MODELS}/workloads/small-clinic.yaml, archive: server-a"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: Clinic\n'
        f"extends: {MODELS}/designs/single-server.yaml\ncontract: {{term: 10 d}}\n"
        f"workload: {{{workload}, at: {{modalities: radiology, readers: reading-rooms}}}}\n"
    )
    return file


def say(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(application(), ["episode", *(str(x) for x in arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_picture_and_its_rows(clinic: Path, tmp_path: Path) -> None:
    out, rows = tmp_path / "one.png", tmp_path / "one.csv"
    code, said = say(clinic, "--term", 3, "--at", "2026-01-12 14:20", "--out", out, "--csv", rows)
    assert code == 0
    assert said.startswith(f"Clinic, term 3, Mon {FAULT}")
    assert "began with server-a application (hung)" in said
    assert out.read_bytes().startswith(b"\x89PNG")
    found = list(csv.DictReader(rows.read_text().splitlines()))
    failed = {one["how"] for one in found if one["client"] == "modality"}
    assert "ok" in failed
    assert failed & {"refused", "associate", "response", "reset"}
    # The same as from Python, whatever time in the window is given.
    same = pacsim.episode(clinic, term=3, at="7 d 14:45")
    assert len(found) == len(same.associations)
    assert [float(x["end"]) for x in found if x["end"]] == [
        x for x in same.associations["end"].tolist() if not math.isnan(x)
    ]
    times = [one.time / DAY for one in same.marks]
    assert times == sorted(times)
    assert same.start <= same.fault <= same.end
    assert same.when(same.fault).strftime("%Y-%m-%d %H:%M") == FAULT


@pytest.mark.slow
def test_the_worst_windows(clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A run of 64 terms of which the traffic of six is simulated.
    monkeypatch.setattr(api, "planned", lambda **x: planned(**(x | {"replications": 64})))
    years = 6 * 10 * DAY / YEAR
    result = pacsim.run(clinic, traffic_years=years, progress=False)
    kept = worst_windows(result.provenance["traffic"], "Clinic")
    # A long outage of a later term; then two late exams each, so the earlier term comes first.
    assert [(one["term"], one["harm"]) for one in kept] == [(17, 8), (3, 2), (5, 2)]
    # To know where they are none is simulated again.
    monkeypatch.setattr("pacsim.campaign.compare.kept_windows", lambda *_: pytest.fail("again"))
    out = tmp_path / "worst.svg"
    code, said = say(clinic, "--worst", 3, "--traffic-years", years, "--out", out)
    assert code == 0
    assert "Clinic, term 5, Wed 2026-01-07 06:53" in said
    assert "2 exams late by over a minute" in said
    found = pacsim.episode(clinic, traffic_years=years, progress=False)
    assert (found.term, found.exams.late + found.exams.lost) == (17, 8)
    assert (found.start, found.end) == (kept[0]["start"], kept[0]["end"])
    code, said = say(clinic, "--worst", 4, "--traffic-years", years, "--out", out)
    assert (code, said.strip()) == (2, "worst 4: there is no such window, the run has 3 windows")
    # The result keeps the worst one, and its page draws it.
    assert result.windows["Clinic"] == found.kept()
    text = page(result)
    assert "The worst window of the traffic of Clinic" in text
    assert "Traffic: what scanners and readers have of it" in text
    result.save(tmp_path / "result.json")
    assert pacsim.Result.load(tmp_path / "result.json") == result


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--term", 3], "term is given without at; give both, or worst alone"),
        (["--at", 5], "at is given without term; give both, or worst alone"),
        (["--worst", 1, "--at", 5], "worst is given with term or at; leave out one or the other"),
        (["--worst", 0], "worst 0 must be 1 to 20"),
        (["--worst", 21], "worst 21 must be 1 to 20"),
        (["--term", -1, "--at", 5], "term -1 must be 0 or more"),
        (["--term", 3, "--at", "noon"], "at 'noon' is no time; write '2029-12-30 06:00'"),
        (["--term", 3, "--at", "3 years"], "at is 3 years on, the term has 0.0274"),
        (["--term", 3, "--at", "2026-01-04"], "is before the start of the term"),
        (
            ["--term", 3, "--at", "2026-01-08 14:20"],
            "term 3 has no window at 2026-01-08 14:20: nothing was unusual for its clients; "
            f"near are {FAULT} (hung, server-a application)",
        ),
        (["--term", 4, "--at", "1 d"], "there is none in the whole term"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    clinic: Path, tmp_path: Path, asked: list[object], said: str
) -> None:
    out = tmp_path / "none.png"
    code, told = say(clinic, *asked, "--out", out)
    assert code == 2
    assert said in told
    assert not out.exists()


def test_files_that_cannot_be_written_are_said_first(clinic: Path, tmp_path: Path) -> None:
    asked = ("--term", 3, "--at", FAULT)
    assert say(clinic, *asked, "--out", "one.jpg") == (
        2,
        "one.jpg: no picture of this kind; name it with one of .png, .svg, .pdf\n",
    )
    code, told = say(clinic, *asked, "--out", tmp_path / "no" / "one.png")
    assert code == 2
    assert "there is no folder" in told
    both = tmp_path / "one.png"
    code, told = say(clinic, *asked, "--out", both, "--csv", both)
    assert code == 2
    assert "is given for two things" in told


def test_a_design_without_a_workload_has_none(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        application(),
        [
            "episode",
            str(MODELS / "designs" / "single-server.yaml"),
            "--out",
            str(tmp_path / "x.png"),
        ],
    )
    assert "no workload, so there is no traffic" in str(done.exception)
    assert isinstance(done.exception, pacsim.PacsimError)


def test_from_python_as_well(clinic: Path) -> None:
    with pytest.raises(ArgumentError, match="worst is given with term or at"):
        pacsim.episode(clinic, worst=1, term=3)
    with pytest.raises(TypeError, match="term"):
        pacsim.episode(clinic, term=1.5, at=3.0)  # type: ignore[arg-type]
