"""Traffic in ``run`` and ``compare``: rows, table and files; the same whatever the parts and order."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import pacsim
from pacsim.campaign import traffic_stage
from pacsim.cli.main import application
from pacsim.files.problems import DesignError
from pacsim.results.measures import MEASURES
from pacsim.results.result import Result
from pacsim.results.traffic_measures import TRAFFIC
from pacsim.traffic import fault_free

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.design import Design

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "models"
INVALID = Path(__file__).parents[1] / "conformance" / "invalid"
TERMS = 4


def written(folder: Path, base: str, archive: str, name: str, **workload: str) -> Path:
    """Return the file of a shipped design over a month, with few exams of the small clinic."""
    said = {
        "from": str(MODELS / "workloads" / "small-clinic.yaml"),
        "archive": archive,
        "at": "{modalities: radiology, readers: reading-rooms}",
        "exams": "3 000 /year",
        "worklist": "null",
        **workload,
    }
    inner = ", ".join(f"{key}: {value}" for key, value in said.items())
    file = folder / f"{name}.yaml"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: {name}\nextends: {MODELS}/designs/{base}.yaml\n'
        f"contract: {{term: 30 days}}\nworkload: {{{inner}}}\n"
    )
    return file


@pytest.fixture(scope="module", autouse=True)
def _few_weeks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fault_free.fault_free, "__defaults__", (1,))
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clinic")
    return [
        written(folder, "single-server", "server-a", "Alone"),
        written(folder, "active-passive", "pacs", "Pair"),
    ]


@pytest.fixture(scope="module")
def designs(files: list[Path]) -> list[Design]:
    return [pacsim.load(file) for file in files]


def compared(designs: list[Design], **more: Any) -> Result:
    asked = {
        "replications": TERMS,
        "seed": 3,
        "threads": 1,
        "traffic_years": 0.15,
        "progress": False,
    }
    return pacsim.compare(designs, **{**asked, **more})


@pytest.fixture(scope="module")
def found(designs: list[Design]) -> Result:
    return compared(designs)


def test_rows_are_of_registered_measures_with_coordinates(found: Result) -> None:
    rows = [one for one in found.rows if MEASURES[one.measure].group in TRAFFIC]
    expected = {one.name for one in MEASURES.values() if one.group in TRAFFIC}
    assert {one.measure for one in rows} == expected
    for one in rows:
        assert (one.by, one.of) == ("", "")
        assert one.unit == MEASURES[one.measure].unit
        assert {name for name, _ in one.point} <= set(MEASURES[one.measure].at)
        assert one.role == {"Alone": "server-a", "Pair": "pacs"}[one.design]
    at = {name for one in rows for name, _ in one.point}
    assert at == {"client", "fault_kind", "operation", "reason", "modality"}
    paired = {one.measure for one in rows if one.against}
    assert paired == {one.name for one in MEASURES.values() if one.paired and one.group in TRAFFIC}
    told = found.provenance["traffic"]
    # Two terms of 30 days are the first that have 0.15 years.
    assert (told["terms"], told["terms_severe"]) == (2, TERMS)
    assert told["years"] == pytest.approx(60 / 365)
    for name in ("Alone", "Pair"):
        worst = told["designs"][name]["worst"]
        assert 0 < len(worst) <= min(20, told["designs"][name]["windows"])
        assert all(0 <= x["term"] < TERMS and x["start"] < x["end"] for x in worst)


def test_what_is_late_is_what_its_windows_say(found: Result) -> None:
    """A row's sum over modalities, and both parts of what is not served."""
    for name in ("Alone", "Pair"):
        (whole,) = (
            x for x in found.find("studies_delayed", design=name) if not x.point and not x.against
        )
        parts = [x for x in found.find("studies_delayed", design=name) if x.point]
        assert whole.estimate == pytest.approx(sum(x.estimate or 0.0 for x in parts))
        share = {
            x.point: x.estimate for x in found.find("user_unavailability", design=name, against="")
        }
        base = {x.point: x.estimate for x in found.find("slow_without_faults", design=name)}
        for at, value in base.items():
            faults = share[(*at, ("reason", "faults"))]
            assert value is not None
            assert faults is not None
            assert share[at] == pytest.approx(value + faults)


def test_files_hold_the_rows(found: Result, tmp_path: Path) -> None:
    found.save(tmp_path / "r.json")
    assert Result.load(tmp_path / "r.json") == found
    found.to_csv(tmp_path / "r.csv")
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text().splitlines()))
    assert len(rows) == len(found.rows)
    felt = [x for x in rows if x["measure"] == "failover_felt_p50"]
    assert {"modality", "reader"} == {x["client"] for x in felt}
    frame = found.to_frame()
    assert set(frame.columns) >= {"client", "fault_kind", "operation", "reason", "modality"}
    assert len(frame) == len(found.rows)


def test_the_table_below(found: Result) -> None:
    text = str(found)
    below = text[text.index("Traffic: Small clinic, 3 000 exams a year, 0.0822-year contract") :]
    for said in ("a break is felt by a scanner for", "by a reader for", "studies late",
                 "lost at the scanner", "openings put aside", "not served in time: store, read",
                 "of the time simulated; elsewhere nothing differs."):  # fmt: skip
        assert said in " ".join(below.split())
    assert "first image at the peak" not in below
    assert max(map(len, text.splitlines())) <= 98
    # None was lost: an upper limit of 60 days, and never 0.
    line = next(x for x in below.splitlines() if x.startswith("lost at the scanner"))
    assert line.count("under 22 /yr") == 2


def plain(result: Result, *names: str) -> list[dict[str, Any]]:
    wanted = names or ("Alone", "Pair")
    return [x.plain() for x in result.rows if x.design in wanted and not x.against]


def test_blocks_threads_and_order_give_the_same_rows(
    found: Result, designs: list[Design], monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = compared(designs[::-1], threads=2)
    for name in ("Alone", "Pair"):
        assert plain(turned, name) == plain(found, name)
        assert (
            turned.provenance["traffic"]["designs"][name]
            == found.provenance["traffic"]["designs"][name]
        )
    monkeypatch.setattr(traffic_stage, "BLOCK", 1)
    small = compared(designs, threads=3)
    assert [x.plain() for x in small.rows] == [x.plain() for x in found.rows]


def test_the_other_figures_are_the_same_without(found: Result, designs: list[Design]) -> None:
    without = compared(designs, traffic_years="none")
    assert "traffic" not in without.provenance
    usual = [x for x in found.rows if MEASURES[x.measure].group not in TRAFFIC]
    assert [x.plain() for x in without.rows] == [x.plain() for x in usual]
    bare = [one.vary({"workload": None, "archive.studies": "3 000 /year"}) for one in designs]
    assert str(without).split("\n\n")[:2] == str(found).split("\n\n")[:2]
    assert bare[0].resolved.workload is None


def test_interrupted_it_has_the_terms_that_were_done(
    found: Result, designs: list[Design], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the second block; what was done stays, for both designs alike."""
    monkeypatch.setattr(traffic_stage, "BLOCK", 1)
    said: list[str] = []

    def progress(_share: float, text: str) -> None:
        said.append(text)
        if text == "traffic of 1 terms":
            raise KeyboardInterrupt

    from pacsim.campaign.compare import simulate
    from pacsim.campaign.plan import planned

    plan = planned(replications=TERMS, seed=3, threads=1, traffic_years=0.15)
    partial = simulate(designs, plan, progress)
    assert said[-1] == "traffic of 1 terms"
    assert partial.provenance["partial"] is True
    told = partial.provenance["traffic"]
    assert (told["terms"], told["terms_severe"]) == (1, 1)
    # Its worst window would be simulated once more.
    assert set(found.windows) == {"Alone", "Pair"}
    assert partial.windows == {}
    assert "Partial: interrupted before it was done." in str(partial)
    (whole,) = (x for x in partial.find("windows", design="Pair") if not x.point)
    assert whole.n == 1
    assert whole.estimate is not None
    # The main table is that of all terms.
    usual = [x.plain() for x in found.rows if MEASURES[x.measure].group not in TRAFFIC]
    assert [x.plain() for x in partial.rows if MEASURES[x.measure].group not in TRAFFIC] == usual


def test_an_overloaded_workload_is_refused_before_anything_is_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pacsim.engines.kernel.run_together", lambda *_, **__: pytest.fail("ran"))
    file = INVALID / "workload-overloaded.yaml"
    with pytest.raises(DesignError) as caught:
        pacsim.run(file, progress=False)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.path) == (str(file), 3, "workload")
    done = CliRunner().invoke(application(), ["run", str(file)])
    assert isinstance(done.exception, DesignError)


def test_a_peak_that_cannot_be_carried_is_a_warning(tmp_path: Path) -> None:
    file = written(
        tmp_path, "single-server", "server-a", "High", exams="110 000 /year",
        readers="{stations: 2, least_between: 60 s}",
    )  # fmt: skip
    result = pacsim.run(file, replications=1, traffic_years=0, progress=False)
    assert not any("peak hour" in x for x in result.warnings)
    from pacsim.campaign.compare import carried

    said = carried([pacsim.load(file)])
    assert said
    assert all(x.startswith("High: workload: the peak hour") for x in said)


def test_the_command(files: list[Path], tmp_path: Path) -> None:
    saved = tmp_path / "r.json"
    asked = ["--replications", "2", "--seed", "3", "--json", str(saved)]
    done = CliRunner().invoke(
        application(), ["run", str(files[1]), *asked, "--traffic-years", "0.08"]
    )
    assert done.exit_code == 0, done.output
    assert "Traffic: Small clinic" in done.output
    assert json.loads(saved.read_text())["provenance"]["traffic"]["terms"] == 1
    done = CliRunner().invoke(
        application(), ["run", str(files[1]), *asked, "--traffic-years", "none"]
    )
    assert "Traffic" not in done.output
    done = CliRunner().invoke(application(), ["run", str(files[1]), "--traffic-years", "many"])
    assert done.exit_code == 2
    assert "traffic_years 'many' must be years, such as 2000, or none" in done.output
