"""Number 33: Little's law for each kind of client, over a week that begins and ends empty.

How many are in the system is counted from what arrived and from the attempts that served it; how
long each is there is what the jobs of the log say. With an outage of half an hour and one of a
member that is silent: jobs are tried again, parked, put aside, and handed on by a router.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.design import load
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import arrivals
from pacsim.traffic.client_conditions import REFUSES, SILENT, UP, ConditionChange, Timeline
from pacsim.traffic.client_tables import Asker, Forwarder, Modality, Probe, Reader, TrafficTables
from pacsim.traffic.from_design import tables
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.logs import OK, STORED_SAFE
from pacsim.traffic.reference import ReferenceTraffic

if TYPE_CHECKING:
    from pacsim.traffic.logs import TrafficLog

DESIGN = Path(__file__).parents[3] / "models" / "designs" / "active-passive.yaml"
WORKLOAD = {
    "from": "../workloads/community-hospital.yaml",
    "archive": "pacs",
    "at": {"modalities": "radiology", "readers": "reading-rooms"},
    # All else would end at times that no attempt tells.
    "clients": {"modality": {"forgotten": 0}},
}
HOUR, WEEK = 3600.0, 604_800.0
KEY = replication_key(7, 0)
END = WEEK + 12 * HOUR
"""When everything is over."""
OUTAGES = (
    (34.0 * HOUR, 34.5 * HOUR, REFUSES),  # Tuesday morning
    (83.0 * HOUR, 83.2 * HOUR, SILENT),  # Thursday morning
)


MOMENTS = (9.5, 34.2, 34.4, 35.0, 58.1, 83.1, 83.3, 106.5, 130.0, WEEK / HOUR)
"""Hours at which the state is looked at."""


@dataclass(frozen=True, eq=False)
class WholeWeek:
    """A workload, what arrived, what became of it, and how many each station had at `MOMENTS`."""

    made: TrafficTables
    came: list[tuple[int, float]]
    log: TrafficLog
    present: list[np.ndarray]


@cache
def week(simulator: Any) -> WholeWeek:
    """Run the community hospital at the pair; probes, which have no jobs, are left out."""
    made = tables(load(DESIGN).vary({"workload": WORKLOAD}).resolved)
    kept = tuple(x for x in made.stations if not isinstance(x.does, Probe))
    made = replace(made, stations=kept)
    rows = [
        ConditionChange(at, "member.server-a", value)
        for begin, over, state in OUTAGES
        for at, value in ((begin, state), (over, UP))
    ]
    came = list(arrivals(made, 7, 0, 0.0, WEEK))
    run = simulator(made).begin(Timeline.of(made.conditions, rows), 0.0, KEY)
    run.feed(ArrivalTable.of(came))
    present = []
    for hour in MOMENTS:
        run.advance(hour * HOUR)
        counts = run.log().counts
        there = [counts[x] for x in ("queued", "in_flight", "parked", "handed")]
        present.append(np.sum(there, axis=0))
    run.advance(END)
    log = run.log()
    log.check()
    return WholeWeek(made, [(x.station, x.time) for x in came], log, present)


def begins(run: WholeWeek, station: int) -> np.ndarray:
    """Return when jobs begin at a station, from what arrived and not from the log of jobs."""
    does = run.made.stations[station].does
    if isinstance(does, Asker):
        name = f"traffic/{run.made.stations[station].name}/worklist"
        phase = does.every * uniform(KEY, stream_id(name, 1), 0)
        return phase + does.every * np.arange(np.ceil((END - phase) / does.every))
    if isinstance(does, Forwarder):
        rows = run.log.attempts[run.log.attempts["how"] == OK]
        sent = [
            k
            for k, x in enumerate(run.made.stations)
            if isinstance(x.does, Modality) and x.does.router == station
        ]
        return np.sort(rows["end"][np.isin(rows["station"], sent)])
    return np.array([time for k, time in run.came if k == station])


def ends(run: WholeWeek, station: int) -> np.ndarray:
    """Return when jobs end at a station: with their last attempt that succeeded, here or later."""
    rows = run.log.attempts[run.log.attempts["how"] == OK]
    router = isinstance(run.made.stations[station].does, Forwarder)
    rows = rows[rows["station" if router else "source"] == station]
    last: dict[tuple[int, int, int], float] = {}
    for row in rows:
        key = (int(row["source"]), int(row["stream"]), int(row["number"]))
        last[key] = max(last.get(key, 0.0), float(row["end"]))
    return np.sort(list(last.values()))


def of_kind(made: TrafficTables, kind: type) -> list[int]:
    return [k for k, x in enumerate(made.stations) if isinstance(x.does, kind)]


both = pytest.mark.parametrize("simulator", [ReferenceTraffic, CompiledTraffic])


@both
@pytest.mark.parametrize("kind", [Modality, Reader, Forwarder, Asker])
def test_33_those_present_are_those_that_come_by_how_long_they_stay(
    kind: type, simulator: Any
) -> None:
    # Sees: a job that is written twice or never, one whose clock begins with its attempt or again
    # when it comes back, a study that a router has and the modality calls stored.
    run = week(simulator)
    for station in of_kind(run.made, kind):
        up, down = begins(run, station), ends(run, station)
        jobs = run.log.jobs[run.log.jobs["station"] == station]
        assert len(up) == len(down) == len(jobs) > 0
        assert (jobs["outcome"] == STORED_SAFE).all()
        times = np.concatenate([up, down])
        steps = np.concatenate([np.ones(len(up)), -np.ones(len(down))])
        order = np.lexsort((-steps, times))
        present = np.cumsum(steps[order])
        assert present.min() >= 0.0
        assert present[-1] == 0.0
        mean = float(present[:-1] @ np.diff(times[order])) / END
        rate, stay = len(jobs) / END, float((jobs["stored"] - jobs["finished"]).mean())
        assert mean == pytest.approx(rate * stay, rel=1e-9)


@both
def test_33_the_week_has_what_is_looked_for(simulator: Any) -> None:
    run = week(simulator)
    jobs, counts = run.log.jobs, run.log.counts
    for kind, what in ((Modality, "parked"), (Reader, "parked"), (Forwarder, "tries")):
        of = jobs[np.isin(jobs["station"], of_kind(run.made, kind))]
        assert (of[what] > (what == "tries")).any()
    assert not any(counts[name].any() for name in ("queued", "in_flight", "parked", "handed"))


@both
def test_33_those_present_are_those_of_the_state(simulator: Any) -> None:
    run = week(simulator)
    for hour, present in zip(MOMENTS, run.present, strict=True):
        for station in range(len(run.made.stations)):
            came = (begins(run, station) < hour * HOUR).sum()
            assert present[station] == came - (ends(run, station) < hour * HOUR).sum()
    assert sum(present.sum() > 0 for present in run.present) >= 4
