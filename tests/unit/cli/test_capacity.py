"""``pacsim capacity``: what it prints and saves."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from pacsim.cli.main import application
from pacsim.design import load
from pacsim.design.workloads import mean_items
from pacsim.results.measures import CAPACITY, MEASURES
from pacsim.results.result import Result
from pacsim.results.saved import schema
from pacsim.traffic.capacity_table import Capacity, capacity

MODELS = Path(__file__).parents[3] / "models"
GROWTH = 1.026 * 1.08


def written(folder: Path, parts: str = "{}", **workload: str) -> Path:
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
        f"workload: {{{inner}}}\n"
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


def test_it_prints_peak_loads_and_years(tmp_path: Path) -> None:
    code, said = say("capacity", written(tmp_path))
    assert code == 0, said
    lines = said.splitlines()
    assert lines[0] == "Pair: workload Community hospital at pacs: 70 000 exams a year, 26 stations"
    assert lines[1] == "Peak hour: Monday 10:00 of contract year 7, 25 exams, 71 openings"
    assert [line.split()[:3] for line in lines[4:6]] == [
        ["workers", "of", "server-a"],
        ["array", "0.253", "%"],
    ]
    assert any(line.startswith("station reader-1 and 7 alike") for line in lines)
    assert "7      81 655   4.7 TB   24.6 TB        34 %" in lines
    assert "Full: not within the term; 72.0 TB may be filled." in lines
    assert "warning: archive.study_size: 120 MB, and one of the workload has 36.12 MB" in lines


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
    said = say("capacity", file)[1]
    assert (
        f"Full: after {full:.2f} years, in contract year {whole + 1}; 72.0 TB may be filled."
        in said
    )


def test_rows_are_registered_and_saved(tmp_path: Path) -> None:
    file, saved, table = written(tmp_path), tmp_path / "c.json", tmp_path / "c.csv"
    assert say("capacity", file, "--json", saved, "--csv", table)[0] == 0
    content = json.loads(saved.read_text(encoding="utf-8"))
    jsonschema.validate(content, schema())
    assert Result.load(saved).rows == capacity(load(file)).result().rows
    seen = {(one["measure"], one["unit"]) for one in content["rows"]}
    registered = {(x.name, x.unit) for x in MEASURES.values() if x.group in CAPACITY}
    assert seen == registered
    assert all(one["role"] == "pacs" for one in content["rows"])
    with table.open(encoding="utf-8") as opened:
        flat = list(csv.DictReader(opened))
    assert len(flat) == len(content["rows"])
    assert {one["period"] for one in flat if one["measure"] == "load"} == {"mean week", "peak hour"}


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
            f"line 6  workload  the mean week of contract year 7 asks {8 * large:.3g} times what workers of "
            "server-a can do; give more of it, or lower the number or size of exams" in said
        )


def test_a_peak_that_cannot_be_carried_is_a_warning(tmp_path: Path) -> None:
    file = written(tmp_path, exams="4 500 000 /year", readers="{stations: 300}")
    for command in ("capacity", "check"):
        code, said = say(command, file)
        assert code == 0, said
        assert "warning: workload: the peak hour (Monday 10:00) of contract year" in said
        assert "times what station edge can do: queues last beyond it" in said
    assert "Over 65 % at the peak: waiting times there are rough." in say("capacity", file)[1]
    assert "Over 65 %" not in say("capacity", written(tmp_path))[1]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    code, said = say("capacity", written(tmp_path), "--json", tmp_path / "no" / "c.json")
    assert code == 2, said
