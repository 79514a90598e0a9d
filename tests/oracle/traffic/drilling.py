"""The failover drill: trials as they were measured, and the same counted from a design and a workload.

`trials` reads a table with the columns of ``data/drill-trials.csv``; `run` simulates trials of a
design in which one fault is scripted, by the second pass and the client's probe alone, and counts
for each what was counted on the real servers.
"""

from __future__ import annotations

import csv
import math
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy import stats

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.logs import OK
from pacsim.traffic.reference import simulate
from pacsim.traffic.reference.dialling import TURNED_AWAY, Dialling
from pacsim.traffic.second_pass import timelines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pacsim.design import Design
    from pacsim.traffic.client_tables import Station, TrafficTables
    from pacsim.traffic.logs import TrafficLog
    from pacsim.traffic.reference.stage import Steps

DATA = Path(__file__).parents[1] / "data"
TRIALS = DATA / "drill-trials.csv"
DESIGN = DATA / "drill.yaml"
MODES = {"ap": "first", "aa": "round_robin"}
"""How a balancer deals out by what the drill calls it: with a backup server, or in turn."""
OPERATIONS = ("echo", "store")
BEGIN, ON = 59.0, 0.5
"""When the client begins, 1 to 3 s before the fault, and how long it goes on once it is served."""
NEAR = 1e-6
LONG = 1.0
"""An operation longer than this, in seconds, has waited out a timer."""


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
        trial = Trial(
            number(row["t_haproxy_down_s"]),
            # Who was not served again has no end of the gap.
            float(row["client_gap_s"] or math.inf),
            number(row["t_last_fail_s"]),
            int(row["n_fail"]),
            int(row["n_ok_in_window"]),
            number(row["max_op_s"]),
        )
        cell.trials.setdefault(row["op"], []).append(trial)
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


def served_after(log: TrafficLog, probe: Station, time: float) -> bool:
    """Return whether an operation that began after a time succeeded."""
    starts, _, ok = overs(log, probe)
    return bool((ok & (starts > time)).any())


@contextmanager
def refusals() -> Iterator[list[float]]:
    """Yield the times at which dials of ``server-a`` are refused, while it is simulated."""
    found: list[float] = []
    dial = Dialling._one

    def one(dialling: Dialling, member: int) -> Steps[int]:
        met = yield from dial(dialling, member)
        if met == TURNED_AWAY and member == 0:
            found.append(dialling._client.line.now)
        return met

    with patch.object(Dialling, "_one", one):
        yield found


def put_by(made: TrafficTables, refused: list[float]) -> float:
    """Return when so many dials were refused that a balancer marks the server down, NaN if none.

    The measured detection is the first mark, by a check or by what clients met (T16).
    """
    observe = 0 if made.dial is None else made.dial.observe
    return refused[observe - 1] if 0 < observe <= len(refused) else math.nan


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
        How long the client goes on at most, seconds from 62 s on; by default until the check has
        surely found the fault, and the longest timer. It stops before, once it is served again and
        nothing else is to happen.
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
        trial = None
        for end in (fault + detection + ON, until):
            # Served again or not, it goes on while something is still to happen: to the other one.
            if end == until or (end < until and line.time[-1] <= end):
                with refusals() as refused:
                    log = simulate(made, line, (), end, BEGIN, replication_key(seed, one.number))
                marked = put_by(made, refused) - fault
                trial = counted(log, probe, fault, float(np.fmin(detection, marked)))
                if served_after(log, probe, max(fault + detection, float(line.time[-1]))):
                    break
        assert trial is not None
        found.append(trial)
    return found


def simulated(
    cell: Cell,
    size: int,
    design: Design | None = None,
    *,
    first: int = 0,
    after: float | None = None,
) -> Cell:
    """Return simulated trials, configured as a cell was.

    Parameters
    ----------
    cell : Cell
        Measured.
    size : int
        Trials of each operation.
    design : Design, optional
        That of the drill, with what else was configured.
    first : int
        Number of the first replication.
    after : float, optional
        As of `run`.
    """
    trials = {}
    for operation in cell.trials:
        one = configured(cell.mode, cell.every, operation, design)
        trials[operation] = run(one, range(first, first + size), after=after)
        first += size
    return Cell(cell.mode, cell.every, trials)


# -- what is compared ------------------------------------------------------------------------------


class Figure(NamedTuple):
    """A figure measured and simulated, and whether they are as near as they must be.

    Parameters
    ----------
    name : str
        What it is.
    measured, simulated : float
        Its values.
    p : float
        Of a test, NaN where a distance is judged.
    good : bool
        Whether it holds.
    """

    name: str
    measured: float
    simulated: float
    p: float
    good: bool


def compared(real: Cell, made: Cell) -> list[Figure]:
    """Return all figures of a cell, by the tolerances of the drill.

    Detection and, with a backup server, the client's gap by two-sample Kolmogorov-Smirnov at 1 %;
    the median of the gap less the detection within 25 ms; in turn the median gap of each operation
    within 10 ms, and the share that fails within 0.02; failures a second within 12 %; and trials in
    which a timer of seconds ran out by Fisher's exact test at 1 %.
    """
    found = [ks("detection, s", *([x.detection for x in one.pooled] for one in (real, made)))]
    if real.mode == "ap":
        found.append(ks("gap, s", gaps(real.pooled), gaps(made.pooled)))
        if not math.isnan(less_detection(real.pooled)):
            pair = less_detection(real.pooled), less_detection(made.pooled)
            found.append(near("gap less detection, s", *pair, 0.025))
    else:
        for operation, trials in real.trials.items():
            pair = float(np.median(gaps(trials))), float(np.median(gaps(made.trials[operation])))
            found.append(near(f"gap of {operation}, s", *pair, 0.010))
        pair = share_failed(real.pooled), share_failed(made.pooled)
        found.append(near("share that fails", *pair, 0.02))
    rates = failures_a_second(real.pooled), failures_a_second(made.pooled)
    found.append(near("failures a second", *rates, 0.12 * rates[0]))
    counts = [[waited(x), len(x.pooled) - waited(x)] for x in (real, made)]
    p = float(stats.fisher_exact(counts).pvalue)
    shares = (yes / (yes + no) for yes, no in counts)
    found.append(Figure("timer waited out", next(shares), next(shares), p, p > 0.01))
    return found


def waited(cell: Cell) -> int:
    """Return in how many trials an operation waited out a timer of seconds."""
    return sum(one.longest > LONG for one in cell.pooled)


def ks(name: str, real: Sequence[float], made: Sequence[float]) -> Figure:
    """Return medians, and whether two samples are of one law at 1 %."""
    one, other = (np.array(x)[~np.isnan(x)] for x in (real, made))
    if not one.size or not other.size:
        # A server that was never left out: in neither of them.
        return Figure(name, math.nan, math.nan, math.nan, one.size == other.size)
    p = float(stats.ks_2samp(one, other).pvalue)
    return Figure(name, float(np.median(one)), float(np.median(other)), p, p > 0.01)


def near(name: str, real: float, made: float, within: float) -> Figure:
    """Return two values, and whether they are near to one another."""
    # Infinite are the gaps of those who are not served again.
    return Figure(name, real, made, math.nan, made == real or abs(made - real) <= within)


def gaps(trials: Sequence[Trial]) -> list[float]:
    """Return the gaps of a client."""
    return [one.gap for one in trials]


def less_detection(trials: Sequence[Trial]) -> float:
    """Return the median gap less the detection, NaN if nothing was detected."""
    found = [one.gap - one.detection for one in trials if not math.isnan(one.detection)]
    return float(np.median(found)) if found else math.nan


def share_failed(trials: Sequence[Trial]) -> float:
    """Return the share of operations that fail until the last failure, trials pooled."""
    failed = sum(one.failed for one in trials)
    whole = failed + sum(one.ok for one in trials)
    return failed / whole if whole else 0.0


def failures_a_second(trials: Sequence[Trial]) -> float:
    """Return the failures a second until the last one, trials pooled."""
    seconds = sum(one.last_fail for one in trials if one.failed)
    return sum(one.failed for one in trials) / seconds if seconds else 0.0
