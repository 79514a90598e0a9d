"""What a compiled run has written, with what is open now, as a log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.kernel import numbers_of_traffic as n
from pacsim.traffic.logs import ATTEMPTS, COUNTS, HOWS, JOBS, OPEN, UNDECIDED, TrafficLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.kernel.run_arrays import RunArrays

PLACES = {n.QUEUED: "queued", n.IN_FLIGHT: "in_flight", n.PARKED: "parked", n.HANDED: "handed"}
COUNTED = ("finished", "stored", "lost", "blocked")


def log_of(run: RunArrays) -> TrafficLog:
    """Return the log of a run; nothing of the run changes."""
    stations, sizes = run.rows("stations"), run.rows("sizes")
    counts = np.zeros(len(stations), dtype=COUNTS)
    for name in COUNTED:
        counts[name] = stations[name]
        counts[f"bytes_{name}"] = sizes[f"bytes_{name}"]
    counts["attempts"] = stations["attempts"]
    counts["ended"] = run.state["ended"].reshape(-1, len(HOWS))
    rows = [_jobs(run, counts)]
    rows += [_cases(run, int(k), counts[k]) for k in _with_cases(run)]
    still = _attempts(run)
    np.add.at(counts["ended"][:, OPEN], still["station"], 1)
    attempts = run.state["attempts"][: run.world["attempts"]].view(ATTEMPTS)
    jobs = run.state["rows"][: run.world["rows"]].view(JOBS)
    return TrafficLog(np.concatenate([attempts, still]), np.concatenate([jobs, *rows]), counts)


def _jobs(run: RunArrays, counts: np.ndarray) -> np.ndarray:
    """Return the rows of jobs that are not over, in their order station by station."""
    jobs, exams = run.rows("jobs"), run.rows("exams")
    places = np.flatnonzero((jobs["where"] >= n.QUEUED) & (jobs["where"] <= n.HANDED))
    here, sizes = jobs[places], exams[places]
    keys = (here["serial"], here["turn"], here["source"], sizes["came"])
    order = np.lexsort((*keys, here["stream"] != n.EMERGENCY_STREAM, here["station"]))
    here, sizes = here[order], sizes[order]
    made = np.zeros(len(here), dtype=JOBS)
    for name in ("station", "source", "stream", "slot", "number", "tries", "parked", "outcome"):
        made[name] = here[name]
    for name in ("stored", "bytes", "sent"):
        made[name] = sizes[name]
    made["finished"] = sizes["came"]
    made["first"] = math.nan
    for where, name in PLACES.items():
        mine = here["where"] == where
        np.add.at(counts[name], here["station"][mine], 1)
        np.add.at(counts[f"bytes_{name}"], here["station"][mine], sizes["bytes"][mine])
    return made


def _with_cases(run: RunArrays) -> np.ndarray:
    """Return the stations that may have a case that is not over; most have none."""
    fixed, lines = run.rows("stations", fixed=True), run.rows("lines")
    first, kinds = fixed["first_line"], fixed["kind"]
    queues = run.rows("queues")["first"].reshape(len(fixed), n.QUEUES)
    found = (queues[:, n.ROUTINE] >= 0) | (queues[:, n.SET_ASIDE] >= 0)
    if run.born:
        every = run.rows("times", fixed=True)["every"]
        due = run.rows("timers")["grid_phase"][first] + lines["grid"][first] * every
        found |= (lines["case"][first] >= 0) | ((kinds == n.ASKER) & (due < run.now))
    return np.flatnonzero(found & ((kinds == n.READER) | (kinds == n.ASKER)))


def _cases(run: RunArrays, station: int, counts: np.void) -> np.ndarray:
    """Return the rows of cases of a station that are not over: those that wait, are done, aside."""
    cases, sizes = run.rows("cases"), run.rows("patience")
    busy = int(run.rows("lines")["case"][run.rows("stations", fixed=True)["first_line"][station]])
    busy = busy if run.born else -1
    queued = list(_linked(run, station, n.ROUTINE))
    aside = list(_linked(run, station, n.SET_ASIDE))
    flying = [busy] if busy >= 0 and cases[busy]["outcome"] == UNDECIDED else []
    late = _late(run, station)
    made = np.zeros(len(late) + len(queued) + len(flying) + len(aside), dtype=JOBS)
    made[: len(late)] = late
    rest, places = made[len(late) :], [*queued, *flying, *aside]
    here, times = cases[places], sizes[places]
    for name in ("station", "stream", "slot", "number", "tries", "outcome"):
        rest[name] = here[name]
    for name in ("first", "bytes", "sent"):
        rest[name] = times[name]
    rest["source"], rest["parked"] = here["station"], here["asides"]
    rest["finished"], rest["stored"] = times["asked"], times["served"]
    for name, mine in (("queued", queued), ("in_flight", flying), ("parked", aside)):
        counts[name] += len(mine)
        for case in mine:
            counts[f"bytes_{name}"] += sizes[case]["bytes"]
    counts["finished"] += len(late)
    counts["queued"] += len(late)
    return made


def _linked(run: RunArrays, station: int, queue: int) -> Iterator[int]:
    """Yield the cases of a list."""
    case = int(run.rows("queues")["first"][n.QUEUES * station + queue])
    while case >= 0:
        yield case
        case = int(run.rows("cases")["behind"][case])


def _late(run: RunArrays, station: int) -> np.ndarray:
    """Return the rows of questions whose time came while others were open."""
    record = run.rows("stations", fixed=True)[station]
    rows = []
    if record["kind"] == n.ASKER and run.born:
        line = record["first_line"]
        every = float(run.rows("times", fixed=True)["every"][station])
        phase, k = (
            float(run.rows("timers")["grid_phase"][line]),
            int(run.rows("lines")["grid"][line]),
        )
        while (at := phase + k * every) < run.now:
            head = (station, station, n.WORKLIST_STREAM, 0, k)
            rows.append((*head, at, math.nan, math.nan, 0, 0, UNDECIDED, 0.0, 0.0))
            k += 1
    return np.array(rows, dtype=JOBS)


def _attempts(run: RunArrays) -> np.ndarray:
    """Return the rows of attempts that have no result yet, in the order of lines."""
    lines, times = run.rows("lines"), run.rows("timers")
    places = np.flatnonzero((lines["open"] == 1) & (lines["how"] == OPEN))
    here = lines[places]
    made = np.zeros(len(here), dtype=ATTEMPTS)
    made["station"] = run.rows("lines", fixed=True)["station"][places]
    for name in ("source", "stream", "number", "step", "member"):
        made[name] = here[name]
    made["operation"] = run.rows("operations", fixed=True)["kind"][here["operation"]]
    made["try"] = here["tries"]
    made["start"] = times["start"][places]
    made["end"] = math.nan
    made["how"] = OPEN
    return made
