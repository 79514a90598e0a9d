"""``pacsim capacity``: what it prints and saves."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from typer.testing import CliRunner

from pacsim.cli.capacity_lines import lines
from pacsim.cli.main import application
from pacsim.design import load
from pacsim.design.workloads import mean_items
from pacsim.results.measures import CAPACITY, MEASURES
from pacsim.results.result import Result
from pacsim.results.saved import schema
from pacsim.traffic.capacity_table import Capacity, capacity, with_peaks
from pacsim.traffic.peak_hour import PeakTimes, peak_times

MODELS = Path(__file__).parents[3] / "models"
GROWTH = 1.026 * 1.08


def written(folder: Path, parts: str = "{}", *, term: str = "7 years", **workload: str) -> Path:
    """Return the file of the pair with the workload of the community hospital."""
    said = {
        "from": str(MODELS / "workloads" / "community-hospital.yaml"),
        "archive": "pacs",
        "at": "{modalities: radiology, readers: reading-rooms}",
        **workload,
    }
    inner = ", ".join(f"{key}: {value}" for key, value in said.items())
    file = folder / "pair.yaml"
    base = MODELS / "designs" / "active-passive.yaml"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: Pair\nextends: {base}\nparts: {parts}\n'
        f"contract: {{term: {term}}}\nworkload: {{{inner}}}\n"
    )
    return file


def say(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(application(), [str(x) for x in arguments])
    return done.exit_code, done.output + ("" if done.exception is None else str(done.exception))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Capacity:
    return capacity(load(written(tmp_path_factory.mktemp("pair"))))


def figures(found: Capacity, measure: str) -> list[float | None]:
    return [one.estimate for one in found.result().rows if one.measure == measure]


def load_of(found: Capacity, resource: str, year: int) -> float:
    """Return the load of the mean week."""
    wanted = {"year": year, "resource": resource, "scenario": "all up", "period": "mean week"}
    (load,) = (r.estimate for r in found.result().rows if dict(r.point) == wanted)
    assert load is not None
    return load


class Ran(NamedTuple):
    """One call of the command."""

    code: int
    said: list[str]
    saved: Path
    table: Path
    file: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run the command once, of two years and with three readers, who are busy soon."""
    folder = tmp_path_factory.mktemp("ran")
    file = written(folder, term="2 years", readers="{stations: 3}")
    saved, table = folder / "c.json", folder / "c.csv"
    code, said = say("capacity", file, "--samples", 3, "--json", saved, "--csv", table)
    return Ran(code, said.splitlines(), saved, table, file)


@pytest.mark.slow
def test_it_prints_the_peak_and_years(ran: Ran) -> None:
    # Sees: the scenario of a standby taken for one of its own, people's repairs, the first year.
    assert ran.code == 0, ran.said
    said = ran.said
    assert said[0] == "Pair: workload Community hospital at pacs: 70 000 exams a year, 21 stations"
    assert said[1].startswith("Peak hour: Monday 10:00 of contract year 2, 2")
    assert said[3].split() == ["target", "all", "up", "server-a", "out"]
    assert [line.split()[0] for line in said[4:8]] == ["store,", "first", "query,", "worklist,"]
    assert said[8].startswith("busiest: workers of server-a")
    assert said[8].split()[-3:] == ["1.75", "%", "-"]
    assert " ".join(said[11:13]) == (
        "One part out: carries 27 of 33; not served: access-1 (down), array contents, array shelf, "
        "database   contents, operators, site-network."
    )
    assert any(line.startswith("station reader-1 and 2 alike") for line in said)
    heads = [line.split() for line in said if line[:2] in {"1 ", "2 "}]
    assert [(x[0], x[1:3]) for x in heads] == [("1", ["70", "000"]), ("2", ["71", "820"])]
    assert "Full: not within the term; 72.0 TB may be filled." in said
    assert "warning: archive.study_size: 120 MB, and one of the workload has 36.12 MB" in said


@pytest.mark.slow
def test_figures_of_the_peak_are_saved(ran: Ran) -> None:
    # Sees: a scenario in the name of a measure, figures of the wrong year, hours for operations.
    rows = Result.load(ran.saved).rows
    by: dict[str, list[dict[str, str | float]]] = {}
    for one in rows:
        by.setdefault(one.measure, []).append(dict(one.point) | {"n": one.n})
    for name in ("p50", "p95", "p99"):
        images = [(x["scenario"], x["year"]) for x in by[f"time_to_first_image_{name}"]]
        assert images == [
            (scenario, year) for year in (1, 2) for scenario in ("all up", "server-a out")
        ]
        asked = {(x["operation"], x["scenario"], x["year"]) for x in by[f"peak_{name}"]}
        operations = ("store", "retrieve", "query", "worklist")
        assert asked == {(op, *image) for op in operations for image in images}
    shares = [one for one in rows if one.measure == "n_minus_1"]
    assert [dict(one.point) for one in shares] == [{"year": 1}, {"year": 2}]
    for share in shares:
        assert share.estimate == pytest.approx(27 / 33)
        assert share.n == 33
        assert share.note.startswith("not served: access-1, array contents")
    loads = {one.point: one.estimate for one in rows if one.measure == "load"}
    rooms = [one for one in rows if one.measure == "headroom"]
    assert [dict(one.point)["year"] for one in rooms] == [1, 2]
    for year, room in enumerate(rooms, 1):
        busy = (("resource", "station reader-1"), ("scenario", "all up"), ("period", "peak hour"))
        reader = loads[("year", year), *busy]
        assert reader is not None
        assert room.estimate is not None
        assert room.estimate <= 1.0 / reader
    # What is asked for grows by 2.6 % a year, so room shrinks by that at least.
    assert rooms[0].estimate is not None
    assert rooms[1].estimate is not None
    assert rooms[0].estimate / rooms[1].estimate > 1.026 / 1.01
    # Loads with one part out are those of each year.
    out = {dict(point)["year"] for point in loads if dict(point)["scenario"] == "server-a out"}
    assert out == {1, 2}
    with ran.table.open(encoding="utf-8") as opened:
        flat = list(csv.DictReader(opened))
    assert len(flat) == len(rows)
    assert {one["period"] for one in flat if one["measure"] == "load"} == {"mean week", "peak hour"}
    assert {"year", "scenario", "operation", "resource"} <= set(flat[0])


def test_years_that_ask_for_the_same_are_simulated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sees: years of their own for nothing, a later year that has the number of the first.
    calls: list[int] = []

    def counted(*given: Any, **named: Any) -> list[PeakTimes]:
        calls.append(1)
        return peak_times(*given, **named)

    monkeypatch.setattr("pacsim.traffic.peaks.peak_times", counted)
    file = written(
        tmp_path, term="3 years", growth="{exams: 0 %, size: 0 %}", readers="{stations: 3}"
    )
    found = with_peaks(capacity(load(file)), 2)
    assert len(calls) == 1
    assert found.peaks is not None
    assert [[x.loads.year for x in one.scenarios] for one in found.peaks.years] == [
        [0, 0], [1, 1], [2, 2],
    ]  # fmt: skip
    assert len({one.room for one in found.peaks.years}) == 1


@pytest.mark.slow
def test_rows_are_registered_and_saved(ran: Ran) -> None:
    content = json.loads(ran.saved.read_text(encoding="utf-8"))
    jsonschema.validate(content, schema())
    seen = {(one["measure"], one["unit"]) for one in content["rows"]}
    registered = {(x.name, x.unit) for x in MEASURES.values() if x.group in CAPACITY}
    assert seen == registered
    assert all(one["role"] == "pacs" for one in content["rows"])
    assert content["provenance"]["replications"] == 3
    rows = Result.load(ran.saved).rows
    from_rates = capacity(load(ran.file)).result().rows
    assert rows[: len(from_rates)] == from_rates


def test_too_few_hours(tmp_path: Path) -> None:
    code, said = say("capacity", written(tmp_path), "--samples", 1)
    assert code == 2
    assert "--samples 1: an interval needs 2 hours at least" in said


def test_figures_by_hand(pair: Capacity) -> None:
    # Sees: the peak of another hour, growth of one kind only, a sum without the year itself.
    exams = figures(pair, "exams")
    assert exams == pytest.approx([70_000 * 1.026**y for y in range(7)], rel=1e-9)
    added = figures(pair, "added")
    first = added[0]
    assert first is not None
    assert added == pytest.approx([first * GROWTH**y for y in range(7)], rel=1e-9)
    stored = [first * (GROWTH**y - 1) / (GROWTH - 1) for y in range(1, 8)]
    assert figures(pair, "stored") == pytest.approx(stored, rel=1e-9)
    assert figures(pair, "stored_share") == pytest.approx([x / 72.0 for x in stored], rel=1e-9)
    assert figures(pair, "storage_full") == [None]
    # Routine exams by days 1 and 0.3, hour 11 of 117; emergencies by hour 6 of 113 every day.
    workload = pair.design.resolved.workload
    assert workload is not None
    urgent = sum(
        share * workload.modalities[code].number("emergency")
        for code, share in workload.shares.items()
    )
    hours = list(workload.record.part("week")["hours"])
    urgent_hours = list(workload.record.part("week")["emergency_hours"])
    week = 70_000 * 168 / 8760
    peak = (1 - urgent) * week / 5.6 * 11 / sum(hours) + urgent * week / 7 * urgent_hours[10] / sum(
        urgent_hours
    )
    assert figures(pair, "exams_expected")[0] == pytest.approx(peak, rel=1e-9)
    opens = workload.record.part("readers").number("opens")
    assert figures(pair, "openings_expected")[0] == pytest.approx(peak * opens, rel=1e-9)


def test_loads_by_hand(pair: Capacity) -> None:
    """Connections of the database take a step of each instance stored and of each query."""
    resolved = pair.design.resolved
    workload = resolved.workload
    assert workload is not None
    items = sum(
        share * mean_items(workload.modalities[code].law("instances"))
        for code, share in workload.shares.items()
    )
    reader = workload.record.part("readers")
    base = resolved.parts["database"].part("serves")
    asked = items * base.number("store")
    asked += reader.number("opens") * reader.number("queries") * base.number("query")
    mean = 70_000 / (8760 * 3600) * asked / base.number("connections")
    found = load_of(pair, "connections of database", 1)
    assert found == pytest.approx(mean, rel=1e-9)


def test_it_says_when_the_archive_is_full(tmp_path: Path) -> None:
    file = written(tmp_path, exams="400 000 /year")
    found = capacity(load(file))
    (full,), first = figures(found, "storage_full"), figures(found, "added")[0]
    assert full is not None
    assert first is not None
    whole = math.floor(full)
    before = first * (GROWTH**whole - 1) / (GROWTH - 1)
    assert full == pytest.approx(whole + (72.0 - before) / (first * GROWTH**whole), rel=1e-9)
    said = lines(found)
    assert (
        f"Full: after {full:.2f} years, in contract year {whole + 1}; 72.0 TB may be filled."
        in said
    )


def test_a_design_without_a_workload() -> None:
    code, said = say("capacity", MODELS / "designs" / "active-passive.yaml")
    assert code == 1
    assert "no workload, so there is no traffic; write workload:" in said


ONE_WORKER = "{server-a: {software: {serves: {workers: 1}}}}"


def test_a_workload_that_cannot_be_carried(tmp_path: Path) -> None:
    # Sees: a growth that is left out, the standby's worker taken for a second one.
    eight = capacity(load(written(tmp_path, exams="1 180 000 /year")))
    small, large = (load_of(eight, "workers of server-a", year) for year in (6, 7))
    assert 8 * small < 1 < 8 * large
    file = written(tmp_path, ONE_WORKER, exams="1 180 000 /year")
    for command in ("capacity", "check"):
        code, said = say(command, file)
        assert code == 1
        assert (
            f"line 7  workload  the mean week of contract year 7 asks {8 * large:.3g} times what workers of "
            "server-a can do; give more of it, or lower the number or size of exams" in said
        )


def test_a_peak_that_cannot_be_carried_is_a_warning(tmp_path: Path) -> None:
    file = written(tmp_path, exams="4 500 000 /year", readers="{stations: 300}")
    code, checked = say("check", file)
    assert code == 0, checked
    for said in (checked, " ".join(lines(capacity(load(file))))):
        assert "warning: workload: the peak hour (Monday 10:00) of contract year" in said
        assert "times what station edge can do: queues last beyond it" in " ".join(said.split())


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    code, said = say("capacity", written(tmp_path), "--json", tmp_path / "no" / "c.json")
    assert code == 2, said
