"""The failover drill on real servers, from a design and a workload, by the client's probe alone.

Measured are 20 trials a cell, simulated 60. Seeds are fixed, so a verdict changes only with what is
simulated. Were they drawn anew, a model that is right would be found wrong by chance about once in
six times: nine Kolmogorov-Smirnov and six exact tests at 1 %, and three medians whose distance
has a standard error of some 7 ms. ``experiments/validation/traffic/drill.py`` is the long form.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.design import load
from pacsim.traffic import client_tables as t
from pacsim.traffic.client_conditions import REFUSES, SILENT, Timeline
from pacsim.traffic.from_design import tables
from pacsim.traffic.second_pass import timelines
from tests.oracle.traffic import drilling
from tests.oracle.traffic.drilling import DATA, DESIGN, TRIALS, Cell, compared, measured, simulated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.second_pass import Passed

SIZE, FEW = 30, 20
"""Trials of each operation, and where something is planted."""
CELLS = [(mode, every) for mode in ("ap", "aa") for every in (0.5, 1.0, 2.0)]


def real(mode: str, every: float) -> Cell:
    """Return a measured cell."""
    return next(one for one in measured() if (one.mode, one.every) == (mode, every))


@cache
def before() -> dict[str, dict[str, float]]:
    """Return median and mean of what operations took before the fault, by kind; nothing else is read.

    When the fault came, warm_s after the first one began, n had succeeded: on average n + 1/2 cycles,
    less the pause behind the last one.
    """
    found = {}
    rows = list(csv.DictReader(TRIALS.read_text(encoding="utf-8").splitlines()))
    for operation in ("echo", "store"):
        mine = [row for row in rows if row["op"] == operation]
        seconds = sum(float(row["warm_s"]) + float(row["pace_s"]) for row in mine)
        cycles = sum(float(row["n_ok_before"]) + 0.5 for row in mine)
        medians = [float(row["base_op_ms"]) / 1000.0 for row in mine]
        mean = seconds / cycles - float(mine[0]["pace_s"])
        found[operation] = {"median": float(np.median(medians)), "mean": mean}
    return found


def operation(kind: str) -> t.Operation:
    """Return an operation of the drill's client."""
    (probe,) = tables(drilling.configured("ap", 1.0, kind).resolved).stations
    assert isinstance(probe.does, t.Probe)
    return probe.does.operations[0]


def test_the_table_is_the_one_by_which_detection_was_judged() -> None:
    with (DATA / "drill.csv").open(encoding="utf-8") as old, TRIALS.open(encoding="utf-8") as new:
        kept = list(csv.DictReader(old))
        rows = [{key: row[key] for key in kept[0]} for row in csv.DictReader(new)]
    assert sorted(map(str, rows)) == sorted(map(str, kept))


def test_the_times_of_the_client_are_those_before_the_fault() -> None:
    """A C-ECHO as long as in the mean; a C-STORE by the medians, and 40 ms more as often as its mean says."""
    was = before()
    echo, store = operation("echo"), operation("store")
    around = echo.attempt_takes + echo.association + echo.release_takes
    assert around + echo.works[0].alone == pytest.approx(was["echo"]["mean"], abs=0.0002)
    assert store.attempt_takes + store.association + store.release_takes == around
    law = store.works[0].service
    assert law is not None
    base = store.works[0].alone - store.works[0].mean - echo.works[0].alone
    fast, slow = (base + float(law.isf(u)) for u in (0.9, 0.1))
    assert fast == pytest.approx(was["store"]["median"] - was["echo"]["median"], abs=0.0002)
    assert slow - fast == pytest.approx(0.040, abs=1e-9)
    assert base + law.mean() == pytest.approx(
        was["store"]["mean"] - was["echo"]["mean"], abs=0.0003
    )


@pytest.mark.parametrize(("mode", "every"), CELLS)
def test_a_cell_of_the_drill(mode: str, every: float) -> None:
    cell = real(mode, every)
    made = simulated(cell, SIZE, first=1000 * CELLS.index((mode, every)))
    assert [one for one in compared(cell, made) if not one.good] == []


SET = "workload.clients.modality"
STORE = "parts.server-a.software.serves.store"
PLANTED: dict[str, tuple[str, dict[str, object], set[str]]] = {
    "one check more": ("ap", {"groups.pacs.check.fall": 4}, {"detection, s", "gap, s"}),
    "a refusal takes no time": ("ap", {f"{SET}.attempt_takes": "0 s"}, {"failures a second"}),
    "all but the release before the answer": (
        "ap",
        {f"{SET}.latency": "58.8 ms", f"{SET}.release_takes": "0 s"},
        {"gap less detection, s"},
    ),
    "a longer pause": ("ap", {f"{SET}.retry.every": "30 ms"}, {"failures a second"}),
    "dialled again": ("ap", {"groups.pacs.dial.retries": 1}, {"failures a second"}),
    "everybody misses a reset": ("ap", {"workload.missed_reset": 1}, {"timer waited out"}),
    "sent to another": (
        "aa",
        {"groups.pacs.dial.retries": 1, "groups.pacs.redispatch": True},
        {"share that fails"},
    ),
    "all stores alike": ("aa", {STORE: {"exactly": "16.3 ms"}}, {"gap of store, s"}),
    "a client that keeps its member": (
        "aa",
        {"groups.pacs.dial.mode": "source"},
        {"share that fails"},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_another_configuration_is_seen(name: str) -> None:
    """Each leaves one figure at least out of its tolerance."""
    mode, changes, seen = PLANTED[name]
    cell = real(mode, 0.5)
    trials = {}
    for operation, k in (("echo", 0), ("store", 1)):
        design = drilling.configured(mode, 0.5, operation).vary(changes)
        trials[operation] = drilling.run(design, range(FEW * k, FEW * (k + 1)))
    bad = {one.name for one in compared(cell, Cell(mode, 0.5, trials)) if not one.good}
    assert seen <= bad


def test_a_refusal_that_is_silence_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def silenced(*args: Any, **more: Any) -> Iterator[Passed]:
        for one in timelines(*args, **more):
            line = one.timeline
            value = line.value.copy()
            value[(line.what == 0) & (value == REFUSES)] = SILENT
            yield one._replace(timeline=Timeline(line.time, line.what, value))

    monkeypatch.setattr("tests.oracle.traffic.drilling.timelines", silenced)
    cell = real("ap", 1.0)
    bad = {one.name for one in compared(cell, simulated(cell, FEW)) if not one.good}
    assert {"failures a second", "timer waited out"} <= bad


def test_nobody_waits_where_no_reset_is_missed() -> None:
    """Two of the measured trials did, with a backup server."""
    assert sum(drilling.waited(cell) for cell in measured() if cell.mode == "ap") == 2
    design = drilling.configured("ap", 0.5, "echo").vary({"workload.missed_reset": 0})
    assert max(one.longest for one in drilling.run(design, range(SIZE))) < drilling.LONG


def test_cells_differ_in_nothing_else() -> None:
    """What a cell changes is what was configured: mode, interval, operation."""
    one, other = load(DESIGN), drilling.configured("aa", 2.0, "store")
    assert one.vary({"groups.pacs.dial.mode": "round_robin", "groups.pacs.check.every": "2 s",
                     "workload.probes.client.operations": ["store"]}).dump() == other.dump()  # fmt: skip
