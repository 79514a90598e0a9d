"""Work on threads whose results come back in order, and which stops when nobody waits for it."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

    from pacsim.engines.kernel.engine import Halt

J = TypeVar("J")
R = TypeVar("R")


def on_threads(
    work: Callable[[J, Halt], R], jobs: Iterable[J], threads: int | None = None
) -> Generator[R, None, None]:
    """Yield what work makes of each job, in the order of the jobs.

    Parameters
    ----------
    work : callable
        ``work(job, halt)``; it gives up early once the halt is set.
    jobs : iterable
        Read a few ahead.
    threads : int, optional
        By default the processors that this process may use.

    Yields
    ------
    object
        One for each job; closing the iterator, or an interruption, halts those under way.

    Examples
    --------
    >>> list(on_threads(lambda job, halt: job * job, range(5), threads=2))
    [0, 1, 4, 9, 16]
    """
    from pacsim.engines.kernel.engine import Halt
    from pacsim.engines.kernel.run import processors

    count = processors() if threads is None else threads
    halt = Halt()
    pool = ThreadPoolExecutor(count, thread_name_prefix="pacsim")
    waiting: deque[Future[R]] = deque()
    following = iter(jobs)
    try:
        while True:
            while len(waiting) <= count:
                try:
                    job = next(following)
                except StopIteration:
                    break
                waiting.append(pool.submit(work, job, halt))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        halt.set()
        pool.shutdown(cancel_futures=True)
