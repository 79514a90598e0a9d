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
    """Write the pieces, moved back by ``shift`` and cut at t = 0, with sums; return their number.

    The last one of the table is empty: its place is for the second half of the one that is cut.
    """
    n = 0
    for k in range(len(base_start)):
        start = base_start[k] - shift
        if start >= 0.0:
            break
        starts[n] = start
        ends[n] = min(0.0, base_end[k] - shift)
        speeds[n] = base_speed[k]
        n += 1
    total = 0.0
    for k in range(n - 1, -1, -1):
        total = total - speeds[k] * (ends[k] - starts[k])
        sums[k] = total
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
    """Return W(t), the integral of the profile over (0, t); less than 0 before t = 0 (R3)."""
    k = _last_at_most(starts, n, t)
    if k < 0:
        return float(sums[0]) if n > 0 else 0.0
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


def ramp(x: float, rate: float, length: float, low: float, high: float) -> float:
    """Return the integral of a value that starts at x, moves at a rate and stops at its bounds."""
    if rate == 0.0:
        return x * length
    bound = high if rate > 0.0 else low
    moving = min(length, (bound - x) / rate)
    rest = bound * (length - moving) if length > moving else 0.0
    return x * moving + 0.5 * rate * moving * moving + rest


def ramp_on_pieces(
    starts: Any,
    ends: Any,
    speeds: Any,
    n: int,
    t: float,
    until: float,
    x: float,
    rate: float,
    low: float,
    high: float,
) -> float:
    """Return the integral over (t, until) of a value whose rate holds on a profile (R19, R23)."""
    total = 0.0
    k = max(0, _last_at_most(starts, n, t))
    while t < until:
        if k < n and ends[k] <= t:
            k += 1
            continue
        inside = k < n and starts[k] <= t
        stop = until
        if k < n:
            stop = min(until, ends[k] if inside else starts[k])
        speed = rate * speeds[k] if inside else 0.0
        total += ramp(x, speed, stop - t, low, high)
        x = min(high, max(low, x + speed * (stop - t)))
        t = stop
    return total


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
