"""What is asked of a run, checked once for every engine."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING

from pacsim.core.argument_checks import finite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_EVENTS = 50_000_000
"""Events that one replication may have (R17)."""
WINDOWS = 1_000_000
"""Most windows of a horizon."""


def windows_in(horizon: float, window: float) -> int:
    """Return into how many windows a horizon is cut; a last one of rounding alone is none.

    Parameters
    ----------
    horizon, window : float
        Seconds, > 0.

    Examples
    --------
    >>> windows_in(25.0, 10.0), windows_in(30.000000000001, 10.0)
    (3, 3)
    """
    return math.ceil(horizon / window * (1.0 - 1e-12))


def too_many_events(firings: Sequence[tuple[str, int]], where: str) -> str:
    """Return what is said of a replication with too many events: which transitions they are.

    Parameters
    ----------
    firings : sequence of (str, int)
        Name of each transition and how often it has fired.
    where : str
        Time and replication.

    Examples
    --------
    >>> too_many_events([("a.x", 7), ("a.y", 9)], "t = 1.0")[:69]
    'more than 50 000 000 events at t = 1.0; the commonest are a.y (9 time'
    """
    ranked = sorted(firings, key=lambda one: (-one[1], one[0]))[:3]
    listed = ", ".join(f"{name} ({number} times)" for name, number in ranked)
    most = f"{MOST_EVENTS:,}".replace(",", " ")
    return (
        f"more than {most} events at {where}; the commonest are {listed}; "
        "make their delays longer or the term shorter"
    )


def check_run(
    horizon: float,
    window: float | None = None,
    *,
    seed: int = 1,
    first: int = 0,
    count: int = 1,
    trace: bool = False,
) -> None:
    """Raise ValueError, with everything that is wrong, if a run makes no sense.

    Parameters
    ----------
    horizon : float
        Seconds, > 0 and finite.
    window : float, optional
        Seconds, > 0 and finite; at most a million of them.
    seed : int
        0 to 2^64 - 1: a stream has no room for more.
    first, count : int
        Replications, 0 to 2^52 - 1, which tables of floats hold; with ``trace`` exactly one.
    trace : bool
        Whether every step is kept.

    Examples
    --------
    >>> check_run(-1.0, count=2, trace=True)
    Traceback (most recent call last):
    ...
    ValueError: horizon -1.0 must be > 0 and finite; a trace is kept of one replication, not of 2
    """
    wrong = []
    for name, value in (("horizon", horizon), ("window", window)):
        given = value is not None or name == "horizon"
        if given and not (finite(value) or 0.0) > 0.0:
            wrong.append(f"{name} {value!r} must be > 0 and finite")
    if not wrong and window is not None and horizon / window > WINDOWS:
        wrong.append(f"window {window!r} cuts {horizon!r} into more than {WINDOWS} windows")
    for name, number in (("seed", seed), ("first", first), ("count", count)):
        limit = 64 if name == "seed" else 52
        whole = isinstance(number, Integral) and not isinstance(number, bool)
        if not whole or not 0 <= int(number) < 1 << limit:
            wrong.append(f"{name} {number!r} must be a whole number from 0 to 2**{limit} - 1")
    if trace and count != 1:
        wrong.append(f"a trace is kept of one replication, not of {count}")
    if wrong:
        msg = "; ".join(wrong)
        raise ValueError(msg)


def in_runs(numbers: Iterable[int], most: int) -> Iterator[tuple[int, int]]:
    """Yield (first, count) of numbers that follow on one another; the first ones soon.

    Parameters
    ----------
    numbers : iterable of int
        In any order, which is kept.
    most : int
        Largest count.

    Examples
    --------
    >>> list(in_runs([0, 1, 2, 3, 4, 9, 5], most=2))
    [(0, 1), (1, 2), (3, 2), (9, 1), (5, 1)]
    """
    first, count, size = 0, 0, 1
    for number in numbers:
        if count and not (number == first + count and count < size):
            yield first, count
            size = min(2 * size, most)
            count = 0
        first, count = (first, count + 1) if count else (number, 1)
    if count:
        yield first, count
