"""Work that is shared among threads, with results in order."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

Given = TypeVar("Given")
Made = TypeVar("Made")


def working_ahead(
    pool: Executor, work: Callable[[Given], Made], given: Iterable[Given], most: int
) -> Iterator[Made]:
    """Yield what is made of each thing, in order, while the next ones are being made.

    Parameters
    ----------
    pool : Executor
        Who works.
    work : callable
        Makes something of one thing.
    given : iterable
        Of what; taken one by one in this thread.
    most : int
        Things that are being made or waited for, at most, while one that was made is dealt with.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as pool:
    ...     print(list(working_ahead(pool, abs, [-3, -1, -2], most=2)))
    [3, 1, 2]
    """
    left = iter(given)
    waiting = deque(pool.submit(work, one) for one in islice(left, most))
    while waiting:
        made = waiting.popleft().result()
        # The next one at once, not when this one has been dealt with.
        waiting.extend(pool.submit(work, one) for one in islice(left, 1))
        yield made
