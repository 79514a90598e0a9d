"""Many replications on threads: batches in order, the same to the bit whatever their sizes.

One model or several share the threads and the room for batches that wait to be read.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.engines.kernel.engine import Halt, Runner

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from pacsim.core.model import Batch, Model

BLOCK = 64
"""Every batch but the last is a multiple of this; sums taken by blocks do not depend on sizes."""
CHUNK_EVENTS = 1_750_000
CHUNK_BYTES = 1 << 25
GROWTH = 8


@dataclass(slots=True)
class _Job:
    """Replications of one model that are run as a batch, and what they cost."""

    model: int
    first: int
    count: int
    seconds: float = 0.0


def run(
    model: Model,
    *,
    seed: int,
    replications: int,
    horizon: float,
    window: float | None = None,
    threads: int | None = None,
    first: int = 0,
    target_seconds: float = 0.3,
) -> Generator[Batch, None, None]:
    """Yield replications ``first .. first + replications - 1`` in batches, in order.

    Closing the iterator, or interrupting it, drops what has not started and stops what runs within
    a fraction of a second. How replications are grouped depends on the machine's speed; what
    happens in each of them does not.

    Parameters
    ----------
    model : Model
        What is run.
    seed : int
        Of all streams (R25).
    replications : int
        How many.
    horizon : float
        Length of each in seconds.
    window : float, optional
        Length of the windows into which the horizon is cut.
    threads : int, optional
        How many run at once; by default the processors that this process may use.
    first : int
        Number of the first replication.
    target_seconds : float
        Time that one batch should take. It is never less than 64 replications.

    Returns
    -------
    iterator of Batch
        Each of a multiple of 64 replications, except the last.

    Raises
    ------
    UnsupportedError
        If the engine cannot treat the model.
    SimulationError
        While iterating, if a replication must stop (R9, R14, R17); all before it are yielded.
    """
    batches = run_together(
        [model],
        seed=seed,
        ends=(first + replications,),
        horizon=horizon,
        window=window,
        threads=threads,
        first=first,
        target_seconds=target_seconds,
    )
    return _alone(batches)


def _alone(batches: Generator[tuple[int, Batch], None, None]) -> Generator[Batch, None, None]:
    """Yield the batches of a single model; closing it closes what it reads from."""
    try:
        for _, batch in batches:
            yield batch
    finally:
        batches.close()


def run_together(
    models: Sequence[Model],
    *,
    seed: int,
    ends: Iterable[int],
    horizon: float,
    window: float | None = None,
    threads: int | None = None,
    first: int = 0,
    target_seconds: float = 0.3,
    seconds: float | None = None,
) -> Generator[tuple[int, Batch], None, None]:
    """Yield batches of several models in step: each model's up to one end, then up to the next.

    All models share the threads, and the room in which batches wait for the reader, so that neither
    grows with the number of models. Otherwise as `run`, whose other parameters these are.

    Parameters
    ----------
    models : sequence of Model
        What is run.
    ends : iterable of int
        Increasing numbers of replications; it is read ahead, a few batches at most. All but the
        last have to be multiples of 64, or sums by blocks depend on the sizes of batches, unless
        they are merged by their numbers as tallies are (ADR 19).
    seconds : float, optional
        Time after which no further batch is yielded, reckoned from when the kernel is compiled. It
        holds within a replication: what is not done by then is dropped.

    Returns
    -------
    iterator of (int, Batch)
        The place of a model and its next replications, from ``first`` on: those of the first
        model up to the first end, of the second model up to there, and so on.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> from pacsim.delays import Exponential
    >>> def alternating(mean):
    ...     m = ModelBuilder()
    ...     part = m.element("part", "up down")
    ...     fails = part.after("up -> down", Exponential(mean), "fail")
    ...     back = part.after("down -> up", Exponential(1.0), "repair")
    ...     return m.build()
    >>> pair = [alternating(10.0), alternating(20.0)]
    >>> found = run_together(pair, seed=1, ends=(64, 100), horizon=50.0, threads=2)
    >>> [(place, batch.first, len(batch.events)) for place, batch in found]
    [(0, 0, 64), (1, 0, 64), (0, 64, 36), (1, 64, 36)]
    """
    runners = [Runner(model, horizon, window) for model in models]
    count = processors() if threads is None else max(1, threads)
    return _batches(runners, seed, first, ends, count, target_seconds, seconds)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _jobs(sizes: list[int], first: int, ends: Iterable[int]) -> Iterator[_Job]:
    """Yield what is to be run, in the order in which it is read; sizes may change meanwhile."""
    for end in ends:
        for model in range(len(sizes)):
            begin = first
            while begin < end:
                count = min(sizes[model], end - begin)
                yield _Job(model, begin, count)
                begin += count
        first = end


def _batches(
    runners: Sequence[Runner],
    seed: int,
    first: int,
    ends: Iterable[int],
    threads: int,
    target_seconds: float,
    seconds: float | None = None,
) -> Generator[tuple[int, Batch], None, None]:
    stop = Halt()

    def work(job: _Job) -> Batch:
        started = time.perf_counter()
        batch = runners[job.model].batch(seed, job.first, job.count, stop=stop)
        job.seconds = time.perf_counter() - started
        return batch

    def prepare() -> None:
        for runner in runners:
            runner.prepare()

    # Compiling cannot be interrupted, but waiting for it can.
    compiling = threading.Thread(target=prepare, daemon=True)
    compiling.start()
    compiling.join()
    over = math.inf if seconds is None else time.perf_counter() + seconds
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pacsim")
    waiting: deque[tuple[_Job, Future[Batch]]] = deque()
    sizes = [BLOCK] * len(runners)
    jobs = _jobs(sizes, first, ends)
    try:
        while True:
            # One batch more than threads: memory stays bounded when the reader is the slower.
            while len(waiting) <= threads and (job := next(jobs, None)) is not None:
                waiting.append((job, pool.submit(work, job)))
            if not waiting:
                return
            job, future = waiting.popleft()
            if not _done_by(future, over):
                return
            batch = future.result()
            # Held by nobody here while the reader is at work on it.
            del future
            columns = runners[job.model].tables.columns
            sizes[job.model] = _next_size(batch, job.seconds, columns, target_seconds)
            yield job.model, batch
            del batch
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _done_by(future: Future[Batch], over: float) -> bool:
    """Wait for a batch; return False if the time is over before it is done."""
    if over == math.inf:
        return True
    left = over - time.perf_counter()
    return left > 0.0 and bool(wait([future], timeout=left).done)


def _next_size(batch: Batch, seconds: float, columns: int, target_seconds: float) -> int:
    """Return how many replications the next batch should have."""
    count = len(batch.events)
    room = CHUNK_BYTES / (8 * max(1, columns))
    by_time = count * target_seconds / max(seconds, 1e-9)
    by_events = count * CHUNK_EVENTS / max(1, int(batch.events.sum()))
    blocks = int(min(room, by_time, by_events, GROWTH * count)) // BLOCK
    return BLOCK * max(1, blocks)
