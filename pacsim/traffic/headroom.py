"""By how much all rates of a peak hour may grow before it is not carried any more (T32)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic.arrivals import in_year
from pacsim.traffic.peak_hour import peak_tables, peak_times
from pacsim.traffic.poisson import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.peak_hour import PeakTimes
    from pacsim.traffic.steady import Steady

EXACT = 1.01
"""Ratio of the factors between which a bisection ends."""
LEAST = 0.01
"""Factor below which nothing is looked for."""
FEWEST = 10
"""Hours at least: they hold more the larger the factor is."""


class Room(NamedTuple):
    """How far all rates may grow.

    Parameters
    ----------
    factor : float
        On all rates of the peak hour.
    operation : str
        Whose p95 passes its target first; empty if none does before something is loaded in full.
    busiest : str
        What has the highest load.
    load : float
        Its load at that factor.
    more : bool
        Whether the factor is only known to be at least this: arrivals of more cannot be drawn.
    """

    factor: float
    operation: str
    busiest: str
    load: float
    more: bool = False


def late(times: PeakTimes, targets: Mapping[str, float]) -> list[str]:
    """Return the operations of which p95 is beyond the target, in the order of the targets."""
    return [name for name, target in targets.items() if not times.within(name, 0.95, target)]


def headroom(
    tables: TrafficTables,
    peak: Steady,
    targets: Mapping[str, float],
    samples: int,
    *,
    grace: float,
    seed: int = 1,
    step: Callable[[], None] | None = None,
) -> Room:
    """Return the factor on all rates at which the first p95 passes its target, to 1 %.

    The same hours are drawn at each factor; see `peak_tables` for why all that arrives at one
    arrives at any higher one. Where a pool, a station or a limit has a load of 1 before any p95
    is late, that is the factor: what is asked beyond it is never done.

    Parameters
    ----------
    tables : TrafficTables
        Of the workload.
    peak : Steady
        Its peak hour, and the loads in it.
    targets : mapping of float
        Seconds, by operation.
    samples : int
        Hours at a factor of 1; at higher factors, where each holds more, as many fewer.
    grace : float
        Seconds behind the hour in which what was asked may end.
    seed : int
        Of all draws.
    step : callable, optional
        Called after each run.
    """
    top, drawn = _bounds(tables, peak)
    if math.isinf(top):
        return Room(top, "", "", 0.0, more=True)
    hours = max(FEWEST, math.ceil(samples / max(1.0, top)))

    def beyond(factor: float) -> str:
        """Return the first operation that is late at a factor; empty if none is."""
        scaled = peak_tables(tables, peak.hour, peak.year, factor)
        usual = [tables.conditions.usual]
        (times,) = peak_times(scaled, usual, hours, grace=grace, seed=seed, step=step)
        return next(iter(late(times, targets)), "")

    busiest = peak.busiest[0] if peak.busiest else None

    def room(factor: float, operation: str, *, more: bool = False) -> Room:
        if busiest is None:
            return Room(factor, operation, "", 0.0, more)
        return Room(factor, operation, busiest.resource, busiest.peak * factor, more)

    first = beyond(top / EXACT)
    if not first:
        return room(top, "", more=drawn)
    low, high = LEAST, top
    for factor in (1.0, LEAST):
        if factor < high:
            found = beyond(factor)
            if not found:
                low = factor
                break
            high, first = factor, found
    if high == LEAST:
        return room(0.0, first)
    while high / low > EXACT:
        middle = math.sqrt(low * high)
        found = beyond(middle)
        if found:
            high, first = middle, found
        else:
            low = middle
    return room(math.sqrt(low * high), first)


def _bounds(tables: TrafficTables, peak: Steady) -> tuple[float, bool]:
    """Return the factor at which something is loaded in full, or below it what can be drawn."""
    highest = max((one.peak for one in peak.loads), default=0.0)
    rates = [
        stream.rates.week[peak.hour] * in_year(stream.rates.growth, peak.year)
        for station in tables.stations
        for stream in station.streams
    ]
    most = max(rates, default=0.0)
    loaded = 1.0 / highest if highest > 0.0 else math.inf
    # A little less, as the product of both may be rounded up.
    drawn = MOST * (1.0 - 1e-9) / most if most > 0.0 else math.inf
    return min(loaded, drawn), drawn < loaded
