"""Searches on unrolled intervals, written once in plain Python and jitted by compiled engines.

Times are seconds since t = 0. A table of *openings* (merged open intervals with the civil day on
which each opens) answers `next_open` and its kin; a table of *pieces* (intervals with one speed)
answers `work` and its inverse, where ``work`` at a piece's start is the running sum of the whole
pieces from t = 0 in order (R3).
"""

import math
from typing import Any

DAY = 86400.0


def fill_openings(base_open: Any, base_close: Any, shift: float, opens: Any, closes: Any) -> int:
    """Write openings moved back by ``shift`` seconds; return how many there are."""
    for k in range(len(base_open)):
        opens[k] = base_open[k] - shift
        closes[k] = base_close[k] - shift
    return len(base_open)


def fill_pieces(
    base_start: Any,
    base_end: Any,
    base_speed: Any,
    shift: float,
    starts: Any,
    ends: Any,
    speeds: Any,
    sums: Any,
) -> int:
    """Write the pieces after t = 0, moved back by ``shift``, with sums; return their number."""
    n = 0
    total = 0.0
    for k in range(len(base_start)):
        start = max(0.0, base_start[k] - shift)
        end = base_end[k] - shift
        if end > start:
            starts[n] = start
            ends[n] = end
            speeds[n] = base_speed[k]
            sums[n] = total
            total = total + base_speed[k] * (end - start)
            n += 1
    return n


def _last_at_most(values: Any, n: int, x: float) -> int:
    """Return the last index with values[index] <= x, -1 if there is none."""
    low = -1
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        if values[middle] <= x:
            low = middle
        else:
            high = middle
    return low


def work(starts: Any, ends: Any, speeds: Any, sums: Any, n: int, t: float) -> float:
    """Return W(t), the integral of the profile over (0, t) (R3)."""
    k = _last_at_most(starts, n, t)
    if k < 0:
        return 0.0
    return float(sums[k] + speeds[k] * (min(t, ends[k]) - starts[k]))


def work_inverse(starts: Any, ends: Any, speeds: Any, sums: Any, n: int, w: float) -> float:
    """Return the smallest t with W(t) >= w; infinity beyond the table (R3)."""
    if w <= 0.0:
        return 0.0
    low = -1
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        if sums[middle] < w:
            low = middle
        else:
            high = middle
    if low < 0:
        return math.inf
    t = starts[low] + (w - sums[low]) / speeds[low]
    if t <= ends[low]:
        return float(t)
    if low + 1 < n:
        return float(ends[low])
    return math.inf


def next_open(opens: Any, closes: Any, n: int, t: float, need: float) -> float:
    """Return the smallest s >= t in an interval with ``need`` left; infinity beyond (R2)."""
    k = max(0, _last_at_most(opens, n, t))
    while k < n:
        s = max(t, opens[k])
        if s < closes[k] and s + need <= closes[k]:
            return float(s)
        k += 1
    return math.inf


def next_opening(opens: Any, n: int, t: float) -> float:
    """Return the first opening strictly later than t; infinity beyond the table (R2)."""
    k = _last_at_most(opens, n, t) + 1
    return float(opens[k]) if k < n else math.inf


def next_business_day(opens: Any, days: Any, n: int, t: float, civil: float) -> float:
    """Return the first opening on a later civil date than t's; ``civil`` + t is civil time (R2)."""
    today = math.floor((t + civil) / DAY)
    k = _last_at_most(opens, n, t) + 1
    while k < n:
        if days[k] > today:
            return float(opens[k])
        k += 1
    return math.inf


def next_tick(period: float, offset: float, t: float) -> float:
    """Return the smallest ``offset + k * period`` strictly later than t, for whole k.

    Examples
    --------
    >>> next_tick(24.0, 0.0, 24.0)
    48.0
    """
    k = math.floor((t - offset) / period)
    while offset + k * period > t:
        k -= 1
    while offset + k * period <= t:
        k += 1
    return offset + k * period
