"""Numbers of the rules of traffic as plain scalar functions: interpreted, and compiled by a kernel.

Only floats, `math` and loops, so that CPython and numba give the same bits. One expression for each
number: whatever simulates must take it from here (T8, T11 - T13).
"""

import math

GUARD = 1e-9
"""What is short of a whole item by no more than this is whole (T12)."""
GIVE_UP = 924.6
"""Seconds from the last response until TCP gives up a silent peer."""
CONNECT_GIVE_UP = 127.0
"""Seconds from the first request until TCP gives up a connection."""
SYNS = 7
"""Requests for a connection: at once, then 1, 3, 7, 15, 31, 63 s later."""
DOUBLINGS = 10
"""Retransmissions whose distance doubles, from 0.2 s; then one comes each 120 s."""


def whole_items(progress: float) -> float:
    """Return how many items are whole (T12).

    Examples
    --------
    >>> whole_items(2.9999999999), whole_items(2.99)
    (3.0, 2.0)
    """
    return float(math.floor(progress + GUARD))


def settled(remaining: float, rate: float, spent: float) -> float:
    """Return what remains of a flow after some seconds at a rate, never under 0 (T8)."""
    left = remaining - rate * spent
    return left if left > 0.0 else 0.0


def last_response(now: float, progress: float, whole: float, rate: float) -> float:
    """Return when progress passed the last whole item, at the rate then in force (T12).

    Examples
    --------
    >>> last_response(10.0, 4.5, 4.0, 2.0)
    9.75
    """
    if rate <= 0.0:
        return now
    at = now - (progress - whole) / rate
    return at if at < now else now


def reached(since: float, progress: float, mark: float, rate: float) -> float:
    """Return when a flow has a number of items; infinity if it does not move."""
    return since + (mark - progress) / rate if rate > 0.0 else math.inf


def flow_end(since: float, remaining: float, rate: float) -> float:
    """Return when nothing remains; infinity if it does not move."""
    return since + remaining / rate if rate > 0.0 else math.inf


def pool_share(capacity: float, load: float) -> float:
    """Return the share of its own speed that a pool leaves to each flow (T8)."""
    return capacity / load if load > capacity else 1.0


def syn_time(start: float, k: int) -> float:
    """Return when the k-th request for a connection goes out, from 0 on (T11).

    Examples
    --------
    >>> [syn_time(0.0, k) for k in range(SYNS)]
    [0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 63.0]
    """
    return start + (2.0**k - 1.0)


def retransmission(last: float, k: int) -> float:
    """Return when the k-th retransmission goes out, from 1 on, after the last response (T13).

    Examples
    --------
    >>> [retransmission(0.0, k) for k in (1, 2, 3, 10, 11, 16)]
    [0.2, 0.6, 1.4, 204.6, 324.6, 924.6]
    """
    if k <= DOUBLINGS:
        return last + (2.0**k - 1.0) / 5.0
    return last + (1023.0 + 600.0 * (k - DOUBLINGS)) / 5.0


def next_retransmission(last: float, now: float) -> float:
    """Return when a segment next goes out, at or after now.

    Examples
    --------
    >>> next_retransmission(0.0, 20.0), next_retransmission(0.0, 25.4)
    (25.4, 25.4)
    """
    k = 1
    while retransmission(last, k) < now:
        k += 1
    return retransmission(last, k)


def response_due(last: float, after: float, rate: float, timer: float) -> float:
    """Return when the timer for a response ends while items move (T11).

    Parameters
    ----------
    last : float
        Time of the last response.
    after : float
        Time of the next whole item.
    rate : float
        Items a second.
    timer : float
        Longest wait for a response; infinity without.

    Examples
    --------
    >>> response_due(0.0, 1.0, 1.0, 5.0), response_due(0.0, 9.0, 0.1, 5.0)
    (inf, 5.0)
    """
    if after > last + timer:
        return last + timer
    if rate > 0.0 and 1.0 / rate > timer:
        return after + timer
    return math.inf


def timer_end(begin: float, timer: float, silent: bool) -> float:
    """Return when a wait that began then is over; without a timer only a silent peer is given up.

    Examples
    --------
    >>> timer_end(0.0, 60.0, True), timer_end(0.0, math.inf, True), timer_end(0.0, math.inf, False)
    (60.0, 924.6, inf)
    """
    if timer < math.inf:
        return begin + timer
    return begin + GIVE_UP if silent else math.inf


def connect_end(start: float, timer: float) -> float:
    """Return when a connection that does not come about is given up."""
    return start + (timer if timer < CONNECT_GIVE_UP else CONNECT_GIVE_UP)
