"""Numbers 27 to 32: queues whose figures formulae give."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.delays import Deterministic, Exponential, Lognormal
from pacsim.traffic.client_tables import REJECTS, WAITS, Limit
from pacsim.traffic.logs import OK, REJECTED
from tests.oracle.traffic.queueing import (
    LESS,
    Figure,
    Queue,
    Served,
    erlang_b,
    erlang_c,
    exponential_wait,
    fixed_wait,
    lost_on_arrival,
    single_wait,
    waits_in_turn,
)

if TYPE_CHECKING:
    from pacsim.delays import Law


class Line(NamedTuple):
    """A queue, and what is right of it."""

    queue: Queue
    figure: Figure


Waits = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Something of each arrival, from times and work."""
MINUTE, FORTY = 60.0, 40.0 / 3600.0
"""Of numbers 28 and 29: a service, and arrivals a second."""


def in_turn(servers: int) -> Waits:
    """Return the waits of first come, first served."""
    return partial(waits_in_turn, servers=servers)


# What is looked at, of each arrival.


def attempt(s: Served) -> np.ndarray:
    """Return the seconds from the start of the attempt; all must be served."""
    assert (s.how == OK).all()
    found: np.ndarray = s.end - s.start
    return found


def waited(s: Served) -> np.ndarray:
    """Return the seconds from the arrival that were no work."""
    assert (s.how == OK).all()
    found: np.ndarray = s.end - s.came - s.took
    return found


def present(came: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return how many an arrival finds in the system."""
    return np.arange(len(came)) - np.searchsorted(np.sort(end), came, side="right")


def beyond(limit: float, waits: Waits) -> Waits:
    """Return whether something of each arrival is over a limit."""
    return lambda came, took: waits(came, took) > limit


def shared(servers: int, load: float, law: Law, warm: float, batch: float) -> Line:
    """Return a line of number 27: the mean hangs on the mean of the law only.

    Who shares without a queue is in the system as long, on average, as who waits for exponential
    services.
    """
    right = 1.0 + exponential_wait(servers, load)
    mean = fixed_wait(servers, load) if law.fixed is not None else right - 1.0
    queue = Queue(law, load, pool=float(servers), warm=warm, batch=batch)
    return Line(queue, Figure(right, attempt, in_turn(servers), mean, less=1.0))


def station(law: Law, rate: float, figure: Figure) -> Line:
    """Return a line of numbers 28 to 30: one after another at one station."""
    unit = law.mean()
    return Line(Queue(law, rate, routers=0, warm=100.0 * unit, batch=500.0 * unit), figure)


def wait_at(variation: float) -> Figure:
    """Return the mean wait of numbers 28 and 29, beside that for shorter services."""
    right, mean = (m * single_wait(m * FORTY, variation) for m in (MINUTE, LESS * MINUTE))
    return Figure(right, waited, in_turn(1), mean)


def found_there() -> Figure:
    """Return the number in the system of number 28, as arrivals find it."""
    right, mean = (m * FORTY * (1.0 + single_wait(m * FORTY, 0.0)) for m in (MINUTE, LESS * MINUTE))

    def beside(came: np.ndarray, took: np.ndarray) -> np.ndarray:
        return present(came, came + waits_in_turn(came, took, 1) + took)

    return Figure(right, lambda s: present(s.came, s.end), beside, mean)


def rejects(law: Law) -> Line:
    """Return a line of number 32: who finds no place is rejected, and gone."""
    queue = Queue(law, 3.2, limit=Limit(4, REJECTS), warm=50.0, batch=60.0)
    beside = partial(lost_on_arrival, servers=4)
    figure = Figure(erlang_b(4, 3.2), lambda s: s.how == REJECTED, beside, erlang_b(4, LESS * 3.2))
    return Line(queue, figure)


def waits(over: float | None = None) -> Line:
    """Return a line of number 31: the mean wait, or the share of those over some seconds."""
    queue = Queue(Exponential(1.0), 3.2, limit=Limit(4, WAITS), warm=200.0, batch=100.0)
    loads = 3.2, LESS * 3.2
    if over is None:
        right, mean = (exponential_wait(4, load) for load in loads)
        return Line(queue, Figure(right, waited, in_turn(4), LESS * mean))
    right, mean = (
        erlang_c(4, load) * math.exp(-(4 - load) * over / unit)
        for load, unit in zip(loads, (1.0, LESS), strict=True)
    )
    return Line(queue, Figure(right, lambda s: waited(s) > over, beyond(over, in_turn(4)), mean))


def late() -> Line:
    """Return a line of number 30: the share of those over the 95th percentile of the time there."""
    limit = 10.0 * math.log(1.0 / 0.05) / (1.0 - 0.8)
    beside = beyond(limit, lambda came, took: waits_in_turn(came, took, 1) + took)
    mean = math.exp(-limit * (1.0 - 0.8 * LESS) / (10.0 * LESS))
    figure = Figure(0.05, lambda s: s.end - s.came > limit, beside, mean)
    return station(Exponential(10.0), 0.08, figure)


def spread(mean: float) -> Lognormal:
    """Return a law whose squared coefficient of variation is 3."""
    return Lognormal.from_mean(mean, math.sqrt(math.log(1.0 + 3.0)))


FORMS: dict[str, Line] = {
    "27 one, exponential": shared(1, 0.8, Exponential(1.0), 500.0, 250.0),
    "27 one, fixed": shared(1, 0.8, Deterministic(1.0), 500.0, 250.0),
    "27 four, exponential": shared(4, 3.2, Exponential(1.0), 200.0, 80.0),
    "27 four, fixed": shared(4, 3.2, Deterministic(1.0), 200.0, 80.0),
    "27 eight, exponential": shared(8, 6.0, Exponential(1.0), 100.0, 50.0),
    "27 eight, fixed": shared(8, 6.0, Deterministic(1.0), 100.0, 50.0),
    "28 wait": station(Deterministic(MINUTE), FORTY, wait_at(0.0)),
    "28 present": station(Deterministic(MINUTE), FORTY, found_there()),
    "29 exponential": station(Exponential(MINUTE), FORTY, wait_at(1.0)),
    "29 variation 3": station(spread(MINUTE), FORTY, wait_at(3.0)),
    "30 beyond p95": late(),
    "31 wait": waits(),
    "31 over a second": waits(1.0),
    "32 fixed": rejects(Deterministic(1.0)),
    "32 exponential": rejects(Exponential(1.0)),
    "32 variation 3": rejects(spread(1.0)),
}
"""By number and law."""
