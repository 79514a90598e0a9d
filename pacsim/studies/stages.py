"""Stages: where the blocks of replications of a point end, and what a worker does with one."""

from __future__ import annotations

import hashlib
import json
import platform
import threading
import time
import zlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.tallies import DesignTally
from pacsim.campaign.working_ahead import working_ahead
from pacsim.design.design import design_of
from pacsim.results.rows import COLUMNS, Row
from pacsim.stats import BLOCK, LEAST_BLOCKS, Estimate, Sequential
from pacsim.studies.study_values import MeasureName
from pacsim.studies.tally_states import FAST, from_bytes, restore, state_of, to_bytes
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.campaign.tally import MeanFigure
    from pacsim.core.model import Batch
    from pacsim.engines.kernel import Runner
    from pacsim.studies.study_values import Stopping

STEP = 1024
"""Most replications of a stage: what is lost at most when a worker dies."""
FIRST_LOOK = LEAST_BLOCKS * BLOCK
"""Replications below which no precision ends a point: with fewer it cannot be told from others."""
QUICK = 0.25
"""Seconds that one call of the engine should take, so that a clock can be looked at."""
KEPT_MODELS = 4
"""Models that a worker keeps: those of the points whose stages it has in turn."""


@dataclass(frozen=True, slots=True)
class StageTask:
    """What a worker is asked for; plain data only.

    Parameters
    ----------
    key : str
        Of the design.
    plain : str
        The resolved design as JSON.
    seed, first, end : int
        Replications ``first .. end - 1`` of the streams of a seed.
    before : bytes
        What has been seen of those before ``first``; empty at 0.
    of : str
        The measure whose precision is looked at; empty if none is.
    relative : float
        The precision asked of it.
    threads : int
        On which it runs; figures do not depend on them.
    seconds : float or None
        After which it ends early, at the end of a block.
    """

    key: str
    plain: str
    seed: int
    first: int
    end: int
    before: bytes = b""
    of: str = ""
    relative: float = 0.0
    threads: int = 1
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StageDone:
    """What a worker gives back; plain data only.

    Parameters
    ----------
    key : str
        Of the design.
    seed, first, end : int
        Replications that are new in it.
    reached : bool
        Whether the precision asked for is reached.
    clock : bool
        Whether it ended early because the time was over.
    tally : bytes
        Everything seen of replications ``0 .. end - 1``.
    figures : bytes
        The rows over them.
    blocks : bytes
        Means of each block that was finished in it, of all figures that are means.
    seconds : float
        It took.
    made_by : str
        Versions of what made it.
    """

    key: str
    seed: int
    first: int
    end: int
    reached: bool
    clock: bool
    tally: bytes
    figures: bytes
    blocks: bytes
    seconds: float
    made_by: str


def next_stage(stopping: Stopping, done: int) -> tuple[int, bool]:
    """Return where the next stage of a point ends, and whether its precision is looked at there.

    It depends on the rule and on what is done alone, never on clocks or workers.

    Parameters
    ----------
    stopping : Stopping
        The rule.
    done : int
        Replications that are done.

    Examples
    --------
    >>> from pacsim.studies.study_values import Stopping
    >>> next_stage(Stopping(relative=0.05), 0), next_stage(Stopping(relative=0.05), 5000)
    ((1024, False), (5120, False))
    >>> next_stage(Stopping(replications=2000), 1024)
    (2000, False)
    """
    step = (done // STEP + 1) * STEP
    if stopping.relative is None:
        return min(step, stopping.replications or stopping.most), False
    look = min(_next_look(done), stopping.most)
    return min(look, step), look <= step


def _next_look(done: int) -> int:
    """Return where the precision is looked at next: where runs do, but for their first looks."""
    return Sequential(1.0).next_look(max(done, FIRST_LOOK - 1))


def is_look(stopping: Stopping, done: int) -> bool:
    """Return whether the precision of a point is looked at after so many replications."""
    return stopping.relative is not None and done > 0 and _next_look(done - 1) == done


def is_precise(plain: str, tally: bytes, figures: bytes, of: str, relative: float) -> bool:
    """Return whether what is kept of a point is as precise as asked.

    Parameters
    ----------
    plain : str
        Its resolved design as JSON.
    tally, figures : bytes
        As in `StageDone`.
    of : str
        The measure.
    relative : float
        Half-width of its interval by the figure.
    """
    empty, _ = _MADE.of(plain)
    seen = empty.empty()
    restore(seen, from_bytes(tally))
    return precise(seen, rows_of(figures, ""), MeasureName.read(of), relative)


def is_over(stopping: Stopping, done: int) -> bool:
    """Return whether a point has all replications that it may have."""
    return done >= (stopping.replications or stopping.most)


def versions() -> str:
    """Return what has to be the same in every worker, as text."""
    from pacsim.core.streams import STREAMS
    from pacsim.design.catalogue_entries import VERSION

    return (
        f"pacsim {version('pacsim')}, streams {STREAMS}, catalogue {VERSION}, "
        f"numpy {np.__version__}, numba {version('numba')}, {platform.machine()}"
    )


def task_text(plain: Any) -> str:  # noqa: ANN401
    """Return a resolved design as the text that a task carries."""
    return json.dumps(dict(plain))


def run_stage(task: StageTask) -> StageDone:
    """Return what the replications of a stage add to those before it.

    Parameters
    ----------
    task : StageTask
        What is asked for.

    Raises
    ------
    PacsimError
        If the design is wrong, or a replication must stop.
    """
    started = time.perf_counter()
    empty, runner = _MADE.of(task.plain)
    tally = empty.empty()
    if task.before:
        restore(tally, from_bytes(task.before))
    figures = [(one, owner) for owner, one in _figures(tally)]
    trails = {id(one.moments): one.moments for one, _ in figures}
    for moments in trails.values():
        moments.trail = []
    end = task.first
    clock = False
    for batch in _batches(runner, task, started):
        tally.add(batch)
        end = batch.first + len(batch.events)
    clock = end < task.end
    rows = tally.rows()
    name = MeasureName.read(task.of) if task.of else None
    reached = name is not None and precise(tally, rows, name, task.relative)
    blocks = _blocks(figures, task.first // BLOCK)
    return StageDone(
        task.key,
        task.seed,
        task.first,
        end,
        reached,
        clock,
        to_bytes(state_of(tally)),
        _packed(rows),
        blocks,
        time.perf_counter() - started,
        versions(),
    )


def precise(tally: DesignTally, rows: Sequence[Row], name: MeasureName, relative: float) -> bool:
    """Return whether a figure is as precise as asked, by the rule of every run.

    Parameters
    ----------
    tally : DesignTally
        Of the point.
    rows : sequence of Row
        Its figures.
    name : MeasureName
        Which one.
    relative : float
        Half-width of its interval by the figure.
    """
    row = next(
        (x for x in rows if (x.role, x.measure, x.of) == (name.owner, name.measure, name.of)), None
    )
    if row is None:
        # A root or contributor of which nothing was seen so far has no row.
        return False
    eventful, skewness = row.n, 0.0
    for owner, one in _figures(tally):
        if (owner, one.measure, one.of) == (name.owner, name.measure, name.of):
            of = list(one.below or one.top)
            eventful = int(one.moments.eventful[of].max())
            skewness = float(np.abs(one.moments.skewness[list(one.top)]).max())
    estimate = Estimate(row.estimate, row.lower, row.upper, row.n, row.method)
    return Sequential(relative).done(estimate, eventful, skewness)


def rows_of(figures: bytes, design: str) -> tuple[Row, ...]:
    """Return the rows that a stage gave, as those of a design of a name.

    Parameters
    ----------
    figures : bytes
        As in `StageDone`.
    design : str
        What it is called.
    """
    columns = json.loads(zlib.decompress(figures))
    found = [dict(zip(KEPT_OF_ROW, values, strict=True)) for values in zip(*columns, strict=True)]
    return tuple(
        Row(**one | {"design": design, "no_copy_of": tuple(one["no_copy_of"])}) for one in found
    )


KEPT_OF_ROW = (*COLUMNS[1:], "no_copy_of")
"""What is kept of a row of a stage: all but its design, which may be called otherwise later."""
_KEPT = attrgetter(*KEPT_OF_ROW)


def _packed(rows: Sequence[Row]) -> bytes:
    columns = list(zip(*map(_KEPT, rows), strict=True))
    return zlib.compress(json.dumps(columns).encode(), FAST)


class _Models:
    """Models made ready, the last few of a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[str, tuple[DesignTally, Runner]] = OrderedDict()

    def of(self, plain: str) -> tuple[DesignTally, Runner]:
        """Return the empty tally and the runner of a resolved design."""
        from pacsim.engines.kernel import Runner

        key = hashlib.sha256(plain.encode()).hexdigest()
        made = self._made.get(key)
        if made is None:
            tally = DesignTally.of(design_of(json.loads(plain)))
            # Points often differ in numbers alone from the one before.
            like = next(reversed(list(self._made.values())), (None, None))[1]
            made = tally, Runner(tally.reader.model, tally.reader.term, YEAR, like=like)
        # Workers of a cluster may have several threads.
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            if len(self._made) > KEPT_MODELS:
                self._made.popitem(last=False)
        return made


_MADE = _Models()


def _figures(tally: DesignTally) -> Iterator[tuple[str, MeanFigure]]:
    for one in tally.tallies.values():
        for figure in one.mean_figures():
            yield one.owner, figure


def _batches(runner: Runner, task: StageTask, started: float) -> Iterator[Batch]:
    """Yield the batches of a stage in order, in whole blocks; none after the time is over."""
    size = BLOCK

    def cuts() -> Iterator[tuple[int, int]]:
        first = task.first
        while first < task.end and not _late(task, started, first):
            # Up to a whole block, wherever the stage begins.
            end = min((first + size) // BLOCK * BLOCK, task.end)
            yield first, end
            first = end

    def work(cut: tuple[int, int]) -> tuple[float, Batch]:
        began = time.perf_counter()
        batch = runner.batch(task.seed, cut[0], cut[1] - cut[0])
        return (time.perf_counter() - began) / (cut[1] - cut[0]), batch

    if task.threads == 1:
        done: Iterator[tuple[float, Batch]] = map(work, cuts())
        for each, batch in done:
            size = BLOCK * max(1, min(STEP, int(QUICK / max(each, 1e-9))) // BLOCK)
            yield batch
        return
    pool = ThreadPoolExecutor(task.threads)
    try:
        for _, batch in working_ahead(pool, work, cuts(), task.threads + 1):
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)


def _late(task: StageTask, started: float, first: int) -> bool:
    """Return whether no more may be begun; a block is always done, or nothing would be known."""
    return (
        task.seconds is not None
        and first > task.first
        and time.perf_counter() - started > task.seconds
    )


def _blocks(figures: Sequence[tuple[MeanFigure, str]], first: int) -> bytes:
    """Return the means of the blocks that were finished, of figures of which anything was seen."""
    every = {id(one.moments): one.moments for one, _ in figures}
    trails = {
        key: np.array([x[1].reshape(moments.columns) for x in moments.trail])
        for key, moments in every.items()
        if moments.trail
    }
    by_column = {key: list(trail.T) for key, trail in trails.items()}
    seen = {key: set(np.flatnonzero(trail.any(axis=0)).tolist()) for key, trail in trails.items()}

    def summed(key: int, picked: tuple[int, ...]) -> np.ndarray:
        """Return the sum of some columns."""
        if len(picked) == 1:
            only: np.ndarray = by_column[key][picked[0]]
            return only
        total: np.ndarray = trails[key][:, picked].sum(axis=1)
        return total

    names: list[tuple[str, int]] = []
    columns: list[np.ndarray] = []
    count = 0
    for one, owner in figures:
        key = id(one.moments)
        if key not in trails:
            continue
        count = len(trails[key])
        # Of most figures nothing is seen.
        if seen[key].isdisjoint(one.top) and seen[key].isdisjoint(one.below):
            continue
        names.append((str(MeasureName(owner, one.measure, one.of)), len(one.below)))
        columns.append(summed(key, one.top) * one.scale)
        if one.below:
            columns.append(summed(key, one.below))
    values = np.array(columns).T if columns else np.zeros((count, 0))
    said = np.frombuffer(json.dumps(names).encode(), dtype=np.uint8)
    return to_bytes({"names": said, "values": values, "span": np.array([first, first + count])})
