"""The failover drill: trials as they were measured, and the same counted from a design and a workload.

`trials` reads a table with the columns of ``data/drill-trials.csv``; `run` simulates trials of a
design in which one fault is scripted, by the second pass and the client's probe alone, and counts
for each what was counted on the real servers.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.logs import OK
from pacsim.traffic.reference import simulate
from pacsim.traffic.second_pass import timelines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacsim.design import Design
    from pacsim.traffic.client_tables import Station
    from pacsim.traffic.logs import TrafficLog

DATA = Path(__file__).parents[1] / "data"
TRIALS = DATA / "drill-trials.csv"
DESIGN = DATA / "drill.yaml"
MODES = {"ap": "first", "aa": "round_robin"}
"""How a balancer deals out by what the drill calls it: with a backup server, or in turn."""
OPERATIONS = ("echo", "store")
BEGIN = 58.0
"""When the client begins; the fault comes 2 to 4 s later."""
NEAR = 1e-6


class Trial(NamedTuple):
    """One failover, measured or simulated; seconds from the fault.

    Parameters
    ----------
    detection : float
        Until the server was left out; NaN if it was not.
    gap : float
        Longest interval between ends of successful operations that ends after the fault.
    last_fail : float
        End of the last failed operation, NaN without any.
    failed, ok : int
        Operations that failed, and that succeeded, between the fault and ``last_fail``.
    longest : float
        Longest operation.
    """

    detection: float
    gap: float
    last_fail: float
    failed: int
    ok: int
    longest: float


@dataclass(frozen=True)
class Cell:
    """Trials that were configured alike.

    Parameters
    ----------
    mode : str
        `MODES`.
    every : float
        Interval of the check, seconds.
    trials : dict of list of Trial
        By operation.
    """

    mode: str
    every: float
    trials: dict[str, list[Trial]]

    @property
    def pooled(self) -> list[Trial]:
        """Return the trials of all operations."""
        return [one for trials in self.trials.values() for one in trials]


def number(text: str) -> float:
    """Return a number of a table, NaN if there is none."""
    return float(text) if text else math.nan


def measured(path: Path = TRIALS, **where: str) -> list[Cell]:
    """Return the measured cells of a table, those rows of it that have these values.

    Parameters
    ----------
    path : Path
        A table with the columns of the drill.
    **where : str
        Column to value.
    """
    cells: dict[tuple[str, float], Cell] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        if any(row[column] != value for column, value in where.items()):
            continue
        key = row["mode"], number(row["inter_ms"]) / 1000.0
        cell = cells.setdefault(key, Cell(*key, {}))
        cell.trials.setdefault(row["op"], []).append(
            Trial(
                *(number(row[x]) for x in ("t_haproxy_down_s", "client_gap_s", "t_last_fail_s")),
                *(int(number(row[x])) for x in ("n_fail", "n_ok_in_window")),
                number(row["max_op_s"]),
            )
        )
    return [cells[key] for key in sorted(cells, key=lambda key: (key[0] != "ap", key[1]))]


def configured(mode: str, every: float, operation: str, design: Design | None = None) -> Design:
    """Return the drill's design as a cell was configured."""
    return (design or load(DESIGN)).vary(
        {
            "groups.pacs.dial.mode": MODES[mode],
            "groups.pacs.check.every": f"{every:g} s",
            "workload.probes.client.operations": [operation],
        }
    )


def overs(log: TrafficLog, probe: Station) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start, end and success of a probe's operations; each ends as the client is free.

    A client counts an operation as over after its release: a pause before it begins the next one.
    """
    rows = log.attempts[log.attempts["station"] == 0]
    rows = rows[np.argsort(rows["start"], kind="stable")]
    ok = rows["how"] == OK
    waits = np.where(ok, probe.timers.pause, probe.timers.retry_every)
    starts = rows["start"]
    return starts[:-1], starts[1:] - waits[:-1], ok[:-1]


def counted(log: TrafficLog, probe: Station, fault: float, detection: float) -> Trial:
    """Return what the drill counts of a run in which something happens at ``fault``."""
    starts, ends, ok = overs(log, probe)
    good = ends[ok]
    # One that is cut off in its release at the fault has ended at it.
    after = good[1:] >= fault - NEAR
    gap = float(np.diff(good)[after].max()) if after.any() else math.inf
    bad = ends[~ok]
    bad = bad[bad > fault]
    last = float(bad[-1]) if bad.size else math.nan
    within = good[(good >= fault - NEAR) & (good < last)]
    longest = float((ends - starts).max())
    return Trial(detection, gap, last - fault, bad.size, within.size, longest)


def run(
    design: Design, numbers: Iterable[int], *, after: float | None = None, seed: int = 1
) -> list[Trial]:
    """Return simulated trials of a design with one scripted fault of ``server-a``.

    Parameters
    ----------
    design : Design
        With the drill's client as its only probe.
    numbers : iterable of int
        Replications, each a trial.
    after : float, optional
        How long the client goes on, seconds from 62 s on; by default until the check has surely
        found the fault, and the longest timer.
    seed : int
        Of all draws.
    """
    resolved = design.resolved
    workload = resolved.workload
    assert workload is not None
    made = tables(resolved)
    (probe,) = made.stations
    check = resolved.groups[workload.archive].part("check")
    each = check.number("every") + check.number("timeout")
    until = 62.0 + (after if after is not None else int(check["fall"]) * each + 7.0)
    handed = hand_over(resolved, workload.archive, workload.sites)
    listed = handed.conditions.index_of("listed.server-a")
    found = []
    for one in timelines(handed, until, numbers, seed=seed):
        fault = one.divergences[0].start
        line = one.timeline
        out = line.time[(line.what == listed) & (line.value == 0)]
        detection = float(out[0]) - fault if out.size else math.nan
        log = simulate(made, line, (), until, BEGIN, replication_key(seed, one.number))
        found.append(counted(log, probe, fault, detection))
    return found


def simulated(cell: Cell, size: int, design: Design | None = None, *, seed: int = 1) -> Cell:
    """Return as many simulated trials of each operation as asked for, configured as a cell was."""
    trials = {}
    for k, operation in enumerate(cell.trials):
        one = configured(cell.mode, cell.every, operation, design)
        trials[operation] = run(one, range(k * size, (k + 1) * size), seed=seed)
    return Cell(cell.mode, cell.every, trials)


# -- what is compared ------------------------------------------------------------------------------


def gaps(trials: Sequence[Trial]) -> np.ndarray:
    """Return the gaps of a client."""
    return np.array([one.gap for one in trials])


def less_detection(trials: Sequence[Trial]) -> float:
    """Return the median gap less the detection."""
    return float(np.median([one.gap - one.detection for one in trials]))


def share_failed(trials: Sequence[Trial]) -> float:
    """Return the share of operations that fail until the last failure, trials pooled."""
    failed = sum(one.failed for one in trials)
    return failed / (failed + sum(one.ok for one in trials))


def failures_a_second(trials: Sequence[Trial]) -> float:
    """Return the failures a second until the last one, trials pooled."""
    with_any = [one for one in trials if one.failed]
    return sum(one.failed for one in with_any) / sum(one.last_fail for one in with_any)
