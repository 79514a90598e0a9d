"""Many replications on threads: batches in order, the same to the bit whatever their sizes."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from pacsim.engines.kernel.engine import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Model
    from pacsim.core.observations import Batch

BLOCK = 64
"""Every batch but the last is a multiple of this; sums taken by blocks do not depend on sizes."""
CHUNK_EVENTS = 1_750_000
CHUNK_BYTES = 1 << 25
GROWTH = 8


class _Measured(NamedTuple):
    """A batch and what it cost."""

    batch: Batch
    seconds: float


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
) -> Iterator[Batch]:
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
    runner = Runner(model, horizon, window)
    count = processors() if threads is None else max(1, threads)
    return _batches(runner, seed, first, first + replications, count, target_seconds)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _batches(
    runner: Runner, seed: int, first: int, end: int, threads: int, target_seconds: float
) -> Iterator[Batch]:
    stop = threading.Event()

    def work(begin: int, count: int) -> _Measured:
        started = time.perf_counter()
        batch = runner.batch(seed, begin, count, stop=stop)
        return _Measured(batch, time.perf_counter() - started)

    # Compiling cannot be interrupted, but waiting for it can.
    compiling = threading.Thread(target=runner.prepare, daemon=True)
    compiling.start()
    compiling.join()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pacsim")
    waiting: deque[Future[_Measured]] = deque()
    size = BLOCK
    try:
        while first < end or waiting:
            # One batch more than threads: memory stays bounded when the reader is the slower.
            while first < end and len(waiting) <= threads:
                count = min(size, end - first)
                waiting.append(pool.submit(work, first, count))
                first += count
            measured = waiting.popleft().result()
            size = _next_size(measured, runner.tables.columns, target_seconds)
            yield measured.batch
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _next_size(measured: _Measured, columns: int, target_seconds: float) -> int:
    """Return how many replications the next batch should have."""
    batch = measured.batch
    count = len(batch.events)
    room = CHUNK_BYTES / (8 * max(1, columns))
    by_time = count * target_seconds / max(measured.seconds, 1e-9)
    by_events = count * CHUNK_EVENTS / max(1, int(batch.events.sum()))
    blocks = int(min(room, by_time, by_events, GROWTH * count)) // BLOCK
    return BLOCK * max(1, blocks)
