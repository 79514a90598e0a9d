"""What is asked of a run, checked once for every engine."""

from __future__ import annotations

import math


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
        Seconds, > 0 and finite.
    seed : int
        0 to 2^64 - 1: a stream has no room for more.
    first, count : int
        Replications, >= 0; with ``trace`` exactly one.
    trace : bool
        Whether every step is kept.

    Examples
    --------
    >>> check_run(-1.0, seed=-3)
    Traceback (most recent call last):
    ...
    ValueError: horizon -1.0 must be > 0 and finite; seed -3 must be 0 to 2**64 - 1
    """
    wrong = [
        f"{name} {value!r} must be > 0 and finite"
        for name, value in (("horizon", horizon), ("window", window))
        if value is not None and not 0.0 < value < math.inf
    ]
    if not 0 <= seed < 1 << 64:
        wrong.append(f"seed {seed!r} must be 0 to 2**64 - 1")
    wrong += [
        f"{name} {value!r} must be 0 or more"
        for name, value in (("first", first), ("count", count))
        if value < 0
    ]
    if trace and count != 1:
        wrong.append(f"a trace is kept of one replication, not of {count}")
    if wrong:
        msg = "; ".join(wrong)
        raise ValueError(msg)
