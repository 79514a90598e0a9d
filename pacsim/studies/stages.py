"""Stages: where the blocks of replications of a point end, and what a worker does with one."""

from __future__ import annotations

import json
import platform
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.figure_blocks import FigureBlocks, traced
from pacsim.campaign.working_ahead import working_ahead
from pacsim.results.rows import COLUMNS, Row
from pacsim.stats import BLOCK, LEAST_BLOCKS, Estimate, Sequential
from pacsim.studies.made_models import MadeModels
from pacsim.studies.study_values import MeasureName
from pacsim.studies.tally_states import FAST, from_bytes, restore, state_of, to_bytes
from pacsim.studies.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.campaign.tallies import DesignTally
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
SPREAD = "spread"
"""Key under which packed rows have eventful replications and skewness."""


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
        Of simulating, after which it ends early, at the end of a block.
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
    tally : bytes
        Everything seen of replications ``0 .. end - 1``.
    figures : bytes
        The rows over them.
    blocks : bytes
        Means of each block that was finished in it, of all figures that are means.
    seconds : float
        It took, once the model was made and the simulator loaded.
    made_by : str
        Versions of what made it.
    """

    key: str
    seed: int
    first: int
    end: int
    reached: bool
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


def is_precise(figures: bytes, name: MeasureName, relative: float) -> bool:
    """Return whether what is kept of a point is as precise as asked, by the rule of every run.

    Parameters
    ----------
    figures : bytes
        As in `StageDone`.
    name : MeasureName
        Which figure.
    relative : float
        Half-width of its interval by the figure.
    """
    for row, spread in zip(rows_of(figures, ""), _unpacked(figures)[SPREAD], strict=True):
        if (row.role, row.measure, row.of) == (name.owner, name.measure, name.of):
            eventful, skewness = spread or (row.n, 0.0)
            estimate = Estimate(row.estimate, row.lower, row.upper, row.n, row.method)
            return Sequential(relative).done(estimate, eventful, skewness)
    # A root or contributor of which nothing was seen so far has no row.
    return False


def is_over(stopping: Stopping, done: int) -> bool:
    """Return whether a point has all replications that it may have."""
    return done >= (stopping.replications or stopping.most)


@cache
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
    empty, runner = _MADE.of(task.plain)
    runner.prepare()
    started = time.perf_counter()
    tally = empty.empty()
    if task.before:
        restore(tally, from_bytes(task.before))
    figures = [(one, owner) for owner, one in _figures(tally)]
    for moments in traced([one for one, _ in figures]):
        moments.trail = []
    end = task.first
    for batch in _batches(runner, task, started):
        tally.add(batch)
        end = batch.first + len(batch.events)
    with uncollected():
        packed = _packed(tally.rows(), figures)
        reached = bool(task.of) and is_precise(packed, MeasureName.read(task.of), task.relative)
        blocks = _blocks(figures, task.first // BLOCK)
        seen = to_bytes(state_of(tally))
    return StageDone(
        task.key,
        task.seed,
        task.first,
        end,
        reached,
        seen,
        packed,
        blocks,
        time.perf_counter() - started,
        versions(),
    )


def rows_of(figures: bytes, design: str) -> tuple[Row, ...]:
    """Return the rows that a stage gave, as those of a design of a name.

    Parameters
    ----------
    figures : bytes
        As in `StageDone`.
    design : str
        What it is called.
    """
    kept = _unpacked(figures)["rows"]
    found = [dict(zip(KEPT_OF_ROW, values, strict=True)) for values in kept]
    return tuple(
        Row(**one | {"design": design, "no_copy_of": tuple(one["no_copy_of"])}) for one in found
    )


KEPT_OF_ROW = (*COLUMNS[1:], "no_copy_of")
"""What is kept of a row of a stage: all but its design, which may be called otherwise later."""
_KEPT = attrgetter(*KEPT_OF_ROW)


def _packed(rows: Sequence[Row], figures: Sequence[tuple[MeanFigure, str]]) -> bytes:
    """Return rows as bytes; beside those of means stands what their precision is judged by."""
    means = {(owner, one.measure, one.of): one for one, owner in figures}
    told: dict[int, tuple[list[int], list[float]]] = {}

    def spread(row: Row) -> tuple[int, float] | None:
        one = means.get((row.role, row.measure, row.of))
        if one is None:
            return None
        _, _, moments, top, below, _ = one
        known = told.get(id(moments))
        if known is None:
            known = moments.eventful.tolist(), np.abs(moments.skewness).tolist()
            told[id(moments)] = known
        eventful, skewness = known
        if len(top) == 1 and len(below) < 2:
            # As most figures.
            return eventful[(below or top)[0]], skewness[top[0]]
        return max(eventful[k] for k in below or top), max(skewness[k] for k in top)

    kept = {
        "rows": list(map(_KEPT, rows)),
        SPREAD: list(map(spread, rows)),
    }
    return zlib.compress(json.dumps(kept, check_circular=False).encode(), FAST)


def _unpacked(figures: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(figures))
    return found


_MADE = MadeModels()


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
    """Return the means of the blocks that were finished, of figures of which anything was seen.

    Beside them stand the means of the terms that are left over, of which a block may become.
    """
    blocks = {id(one): FigureBlocks(one) for one in traced([one for one, _ in figures])}
    names: list[tuple[str, int]] = []
    plain: dict[int, list[tuple[int, int, float]]] = {key: [] for key in blocks}
    summed: list[tuple[int, np.ndarray]] = []
    width = 0
    for (measure, of, moments, top, below, scale), owner in figures:
        key = id(moments)
        seen = blocks[key].seen
        if seen.isdisjoint(top) and seen.isdisjoint(below):
            # As of most figures.
            continue
        names.append((str(MeasureName(owner, measure, of)), 1 if below else 0))
        # Those of one column are taken together.
        for columns, by in ((top, scale), (below, 1.0)) if below else ((top, scale),):
            if len(columns) == 1:
                plain[key].append((width, columns[0], by))
            else:
                summed.append((width, blocks[key].summed(columns, by)))
            width += 1
    # All have seen the same terms.
    count, last = next(((len(one), one.last) for one in blocks.values()), (0, BLOCK))
    values = np.zeros((count, width))
    for key, taken in plain.items():
        if taken:
            places, of_columns, scales = zip(*taken, strict=True)
            values[:, places] = blocks[key].plain(of_columns, scales)
    for place, column in summed:
        values[:, place] = column
    whole = count if last == BLOCK else count - 1
    said = np.frombuffer(json.dumps(names, check_circular=False).encode(), dtype=np.uint8)
    rest = values[whole:].reshape(-1) if whole < count else np.zeros(width)
    return to_bytes(
        {
            "names": said,
            "values": values[:whole],
            "rest": rest,
            "last": np.array(last),
            "span": np.array([first, first + whole]),
        }
    )
