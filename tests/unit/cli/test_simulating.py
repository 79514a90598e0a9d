"""``run``, ``compare`` and ``report``: what they pass on, save, print and leave with."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

import pacsim.api
from pacsim.cli.main import INTERRUPTED, application
from pacsim.results import COLUMNS, Result
from pacsim.results.outage_file import load_outages
from pacsim.studies.input_uncertainty import InputUncertainty
from tests.unit.results.made import made
from tests.unit.results.test_kept_outages import kept

if TYPE_CHECKING:
    from pacsim.campaign.plan import Plan

WISHES = {
    "precision": ("3 %", 0.03), "role": ("read", "read"), "replications": ("128", 128),
    "seconds": ("7.5", 7.5), "seed": ("23", 23), "threads": ("2", 2),
    "traffic-years": ("77", 77.0),
}  # fmt: skip
DEFAULTS = {
    "precision": 0.05, "role": None, "replications": None, "seconds": 600.0, "seed": 1,
    "threads": None, "outages": False, "free": True, "traffic_years": 2000.0,
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what the campaign was asked for, in place of which a result made by hand comes."""
    calls: list[dict[str, Any]] = []

    def compare_by(plan: Plan, designs: list[Path]) -> Result:
        calls.append({"designs": designs, **asdict(plan)})
        return made()

    monkeypatch.setattr(pacsim.api, "compare_by", compare_by)
    return calls


def say(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(application(), list(arguments))
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("command", ["run", "compare", "report"])
def test_every_wish_is_passed_on(asked: list[dict[str, Any]], command: str, tmp_path: Path) -> None:
    """Each with a value of its own, so that no two can be exchanged; and the defaults."""
    options = [x for name, (text, _) in WISHES.items() for x in (f"--{name}", text)]
    more = ["--out", str(tmp_path / "page.html")] if command == "report" else []
    files = ["one.yaml"] if command == "run" else ["one.yaml", "two.yaml"]
    say(command, *files, *options, *more)
    say(command, *files, *more)
    designs = [Path(file) for file in files]
    assert asked[0] == {
        "designs": designs,
        **{name.replace("-", "_"): x for name, (_, x) in WISHES.items()},
        "outages": False,
        "free": False,
    }
    assert asked[1] == {"designs": designs, **DEFAULTS}


def test_the_table_is_printed_and_everything_saved(
    asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    json, table = tmp_path / "a.json", tmp_path / "a.csv"
    printed = say("run", "one.yaml", "--json", str(json), "--csv", str(table))
    assert printed == f"{made()}\n"
    assert Result.load(json) == made()
    rows = list(csv.reader(io.StringIO(table.read_bytes().decode(), newline="")))
    expected = [["" if x is None else str(x) for x in row.flat().values()] for row in made().rows]
    assert rows == [list(COLUMNS), *expected]
    assert b"\r" not in table.read_bytes()
    assert len(asked) == 1


def test_outages_are_kept_if_they_are_asked_for(
    asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a file of their own; what does not fit is said beside the table."""
    file = tmp_path / "o.npz"
    say("compare", "one.yaml", "two.yaml", "--outages", str(file))
    assert asked[0]["outages"] is True
    assert load_outages(file) == {}
    some = replace(made(), outages={"one": replace(kept(), terms_run=900)})
    monkeypatch.setattr(pacsim.api, "compare_by", lambda *_: some)
    assert "one: outages of the first 2 of 900 terms" in say(
        "run", "a.yaml", "--outages", str(file)
    )
    assert load_outages(file) == some.outages


def test_inputs_are_listed_once_assumed_ones_first(asked: list[dict[str, Any]]) -> None:
    printed = say("run", "one.yaml", "--assumptions")
    assert printed.split("\n\n")[-1].splitlines() == [
        "assumed    parts.a.ttr: 4 h; guess",
        "assumed    parts.z.ttf: 7 year (3 year to 9 year); no source given",
        "vendor     parts.b.ttf: 5 year; letter <1>",
    ]
    assert asked


@pytest.mark.parametrize(
    ("provenance", "precision", "code"),
    [
        ({}, None, 0),
        ({"reached": False}, None, 0),
        ({"reached": True}, "1 %", 0),
        ({"reached": False}, "1 %", 3),
        ({"partial": True, "reached": False}, "1 %", 130),
        ({"partial": True}, None, 130),
    ],
)
def test_how_it_went_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    provenance: dict[str, object],
    precision: str | None,
    code: int,
) -> None:
    monkeypatch.setattr(pacsim.api, "compare_by", lambda *_, **__: made(**provenance))
    wish = [] if precision is None else ["--precision", precision]
    for command in (["run"], ["compare"], ["report", "--out", str(tmp_path / "page.html")]):
        say(*command, "one.yaml", *wish, code=code)
    assert (tmp_path / "page.html").exists()


def test_a_saved_result_is_reported_whatever_it_was(
    asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Partial then is no interruption now; nothing is run again."""
    file, page = tmp_path / "a.json", tmp_path / "page.html"
    made(partial=True, reached=False).save(file)
    assert "written" in say("report", str(file), "--out", str(page))
    assert "Partial" in page.read_text()
    assert not asked


@pytest.mark.parametrize(("option", "value"), [("--precision", "1 %"), ("--seed", "3")])
def test_options_of_a_run_mean_nothing_to_a_saved_result(
    asked: list[dict[str, Any]], tmp_path: Path, option: str, value: str
) -> None:
    file, page = tmp_path / "a.json", tmp_path / "page.html"
    made().save(file)
    said = say("report", str(file), "--out", str(page), option, value, code=2)
    assert "not run again" in said
    assert not page.exists()


def test_two_things_do_not_fit_in_one_file(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    both = str(tmp_path / "both.txt")
    said = say("run", "one.yaml", "--json", both, "--csv", both, code=2)
    assert "is given for two things" in said
    assert not asked
    say("run", "one.yaml", "--json", "/dev/null", "--csv", "/dev/null")


def test_a_saved_result_and_designs_do_not_mix(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    file, page = tmp_path / "a.json", tmp_path / "page.html"
    made().save(file)
    for files in ([str(file), "one.yaml"], ["one.yaml", str(file)], [str(file), str(file)]):
        assert "not both" in say("report", *files, "--out", str(page), code=2)
    assert not asked
    assert not page.exists()


def test_what_cannot_be_planned_is_usage(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    for command in (["run"], ["report", "--out", str(tmp_path / "page.html")]):
        assert "precision" in say(*command, "one.yaml", "--precision", "2 parsec", code=2)
    assert not asked


@pytest.mark.parametrize("command", ["run", "compare", "report"])
def test_paths_are_looked_at_before_anything_runs(
    asked: list[dict[str, Any]], tmp_path: Path, command: str
) -> None:
    """All of them at once."""
    nowhere = str(tmp_path / "none" / "a")
    options = {"report": ["--out", nowhere]}.get(
        command, ["--json", nowhere, "--csv", str(tmp_path)]
    )
    said = say(command, "one.yaml", *options, code=2)
    assert f"there is no folder {tmp_path / 'none'}" in said
    assert command == "report" or f"{tmp_path}: cannot be written: it is a folder" in said
    assert not asked
    assert not list(tmp_path.iterdir())


def test_a_saved_result_is_not_read_if_the_page_cannot_be_written(tmp_path: Path) -> None:
    said = say("report", str(tmp_path / "none.json"), "--out", str(tmp_path), code=2)
    assert "it is a folder" in said
    assert "cannot be read" not in said


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("command", ["run", "compare", "report"])
def test_what_was_found_is_shown_even_if_it_cannot_be_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, partial: bool
) -> None:
    """The disk is full when it is; one file that cannot be saved does not keep the other."""
    monkeypatch.setattr(pacsim.api, "compare_by", lambda *_, **__: made(partial=partial))
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.suffix == ".csv":
            return replace(self, target)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    file, table = tmp_path / "a.json", tmp_path / "a.csv"
    more = ["--json", str(file), "--csv", str(table), "--assumptions"]
    done = CliRunner().invoke(
        application(),
        [command, "one.yaml", *(["--out", str(file)] if command == "report" else more)],
    )
    assert done.exit_code == 1
    assert done.stderr == f"{file}: cannot be written: No space left on device\n"
    assert str(made(partial=partial)) in done.stdout
    assert command == "report" or "no source given" in done.stdout
    assert "written" not in done.stdout
    assert table.exists() is (command != "report")


UNCERTAIN = """\
pacsim: 1
name: {name}
parts:
  a: {{type: component, ttf: {{exactly: {ttf}}}, ttr: {{exactly: 4 h, low: 2 h, high: 8 h}}}}
roles: {{store: {{needs: [a]}}}}
"""


def test_inputs_as_uncertain_as_they_are(tmp_path: Path) -> None:
    """Down once in seven years, or twice, for a time drawn from 2 h to 8 h."""
    for name, ttf in (("once", "6 years"), ("twice", "3 years")):
        (tmp_path / f"{name}.yaml").write_text(UNCERTAIN.format(name=name, ttf=ttf))
    files = [str(tmp_path / f"{name}.yaml") for name in ("once", "twice")]
    json = tmp_path / "a.json"
    said = say(
        "compare", *files, "--replications", "64", "--input-uncertainty", "--json", str(json)
    )
    lines = [re.split(r"   +", line.strip()) for line in said.splitlines()]
    (at,) = (k for k, line in enumerate(lines) if line[0] == "with inputs as uncertain as they are")
    assert lines[at][1:] == ["0.29 - 1.1 h/yr", "0.59 - 2.2 h/yr"]
    assert lines[at + 1] == ["order of the designs kept", "-", "higher in 100 % of draws"]
    found = Result.load(json).get("down_unplanned_over_inputs", design="twice")
    # 95 % of a log-uniform time: 2 h times 4 to the power of 0.025 and of 0.975, twice in 7 years.
    assert [found.lower, found.upper] == pytest.approx(
        [2 / 7 * 2 * 4**q for q in (0.025, 0.975)], rel=0.02
    )
    assert say("run", files[0], "--replications", "64") not in said


def test_inputs_that_make_no_design_together(tmp_path: Path) -> None:
    """Members of a common cause have one life; the ranges of two move apart. The run stays."""
    life = "{mttf: 1 year, low: 0.5 year, high: 2 years}"
    (tmp_path / "two.yaml").write_text(
        f"pacsim: 1\nparts:\n  a: {{type: component, ttf: {life}, ttr: 4 h}}\n"
        f"  b: {{type: component, ttf: {life}, ttr: 4 h}}\n"
        "  both: {type: common_cause, members: [a, b], share: 10 %}\n"
        "roles: {store: {needs: [a]}}\n"
    )
    said = say("run", str(tmp_path / "two.yaml"), "--replications", "64", "--input-uncertainty")
    assert "--input-uncertainty: 200 of 200 draws make a wrong design: parts.both" in said
    assert "down, unplanned" in said
    assert "uncertain as they are" not in said


def test_input_uncertainty_that_is_interrupted_is_told_by_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sees: a script that goes on with figures from which what it asked for is missing.
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pacsim.studies.uncertain_inputs.input_uncertainty", interrupted)
    file = tmp_path / "once.yaml"
    file.write_text(UNCERTAIN.format(name="once", ttf="6 years"))
    asked = ("run", str(file), "--replications", "64", "--input-uncertainty")
    said = say(*asked, code=INTERRUPTED)
    assert "--input-uncertainty: interrupted, and left out" in said
    assert "down, unplanned" in said


def test_what_input_uncertainty_cannot_tell_is_said_in_the_table(tmp_path: Path) -> None:
    """Two designs that are never down in any draw."""
    # Sees: a line that was asked for and is not there; a share of no draws.
    files = [tmp_path / f"{name}.yaml" for name in ("one", "other")]
    for file in files:
        file.write_text(UNCERTAIN.format(name=file.stem, ttf="900 years"))
    said = " ".join(
        say("compare", *map(str, files), "--replications", "64", "--input-uncertainty").split()
    )
    assert "with inputs as uncertain as they are not told from sampling not told" in said
    assert "order of the designs kept - not told: equal in most" in said
    assert "Inputs drawn from their ranges, 95 % ranges: 200 draws of" in said


def test_draws_that_are_left_out_are_told_under_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = 197
    found = InputUncertainty(
        ("once",), "store.down_unplanned", "h/year", np.linspace(1.0, 2.0, draws)[:, None],
        np.zeros((draws, 1)), np.arange(draws) % 20, ("why",) * 3, 1, 256, 1,
    )  # fmt: skip
    monkeypatch.setattr("pacsim.studies.uncertain_inputs.input_uncertainty", lambda *_, **__: found)
    file = tmp_path / "once.yaml"
    file.write_text(UNCERTAIN.format(name="once", ttf="6 years"))
    said = " ".join(say("run", str(file), "--replications", "64", "--input-uncertainty").split())
    assert (
        "95 % ranges: 197 draws of 1 inputs, 256 terms each; 3 draws make a wrong design and are "
        "left out." in said
    )
