"""A design's capacity as rows: operation, scenario, year and resource are coordinates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.formatting import duration
from pacsim.results.measures import unit_of
from pacsim.results.rows import Row
from pacsim.traffic.part_out import ALL_UP, CARRIES, VERDICTS
from pacsim.traffic.peak_hour import FIRST_IMAGE, OPERATIONS
from pacsim.traffic.steady import hour_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pacsim.stats import Estimate
    from pacsim.traffic.peak_hour import PeakTimes
    from pacsim.traffic.peaks import Peaks, YearPeak
    from pacsim.traffic.steady import Steady
    from pacsim.traffic.storage import Storage

    Point = tuple[str, str | float]

TB = 1e12
METHOD = "from rates"
NEVER = "not within the term"
PEAK, MEAN = ("period", "peak hour"), ("period", "mean week")
QUANTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


class CapacityRows:
    """Makes the rows of one design.

    Parameters
    ----------
    design, role : str
        Names of the design, and of the archive.
    """

    def __init__(self, design: str, role: str) -> None:
        self._design, self._role = design, role

    def loads(self, years: Iterable[Steady]) -> Iterator[Row]:
        """Yield what the peak hour asks for, and loads with all up."""
        for one in years:
            year = ("year", one.year + 1)
            note = hour_name(one.hour)
            yield self._row("exams_expected", one.exams, note, year, PEAK)
            yield self._row("openings_expected", one.openings, note, year, PEAK)
            yield from self._loads(one, ALL_UP)

    def _loads(self, one: Steady, scenario: str) -> Iterator[Row]:
        note = hour_name(one.hour)
        for load in one.loads:
            at = (("year", one.year + 1), ("resource", load.resource), ("scenario", scenario))
            yield self._row("load", load.mean, "", *at, MEAN)
            yield self._row("load", load.peak, note, *at, PEAK)

    def stored(self, storage: Storage) -> Iterator[Row]:
        """Yield what the archive holds by contract year, and when it is full."""
        for one in storage.years:
            year = ("year", one.year)
            yield self._row("exams", one.exams, "", year)
            yield self._row("added", one.added / TB, "", year)
            yield self._row("stored", one.stored / TB, "at its end", year)
            if storage.usable < math.inf:
                yield self._row("stored_share", one.share, "at its end", year)
        full = storage.full
        yield self._row("storage_full", full, NEVER if full is None else "")

    def peaks(self, peaks: Peaks) -> Iterator[Row]:
        """Yield times of each year's peak, room, and with how many parts out it is carried."""
        for year, one in enumerate(peaks.years):
            for scenario in one.scenarios:
                yield from self._times(peaks, scenario.times, year, scenario.name)
                if scenario.name != ALL_UP:
                    yield from self._loads(scenario.loads, scenario.name)
            yield from self._room(peaks, one, ("year", year + 1))

    def _room(self, peaks: Peaks, one: YearPeak, year: Point) -> Iterator[Row]:
        room = one.room
        at: list[Point] = [year, *([("operation", room.operation)] if room.operation else [])]
        at += [("resource", room.busiest)] if room.busiest else []
        if math.isinf(room.factor):
            yield self._row("headroom", None, "nothing is asked for", year)
        else:
            note = "at least: more arrivals cannot be drawn" if room.more else ""
            yield self._row("headroom", room.factor, note, *at)
        parts = one.parts(peaks.outs)
        share = one.carried(peaks.outs) / len(parts) if parts else 1.0
        by = {x: [part.name for part, means, _ in parts if means == x] for x in VERDICTS}
        others = [f"{x}: {', '.join(by[x])}" for x in VERDICTS if by[x] and x != CARRIES]
        yield self._row("n_minus_1", share, "; ".join(others), year, n=len(parts))

    def _times(self, peaks: Peaks, times: PeakTimes, year: int, scenario: str) -> Iterator[Row]:
        for operation in OPERATIONS:
            at: list[Point] = [("year", year + 1), ("scenario", scenario)]
            measure = "time_to_first_image"
            if operation != FIRST_IMAGE:
                measure = "peak"
                at.insert(0, ("operation", operation))
            for name, p in QUANTILES:
                seconds = times.quantile(operation, p)
                if seconds.n:
                    yield self._time(f"{measure}_{name}", seconds, peaks.grace, at)

    def _time(self, measure: str, seconds: Estimate, grace: float, at: list[Point]) -> Row:
        note = "" if seconds.value is not None else f"not over within {duration(grace)}"
        return self._row(
            measure,
            seconds.value,
            note,
            *at,
            ends=(seconds.lower, seconds.upper),
            n=seconds.n,
            method=seconds.method,
        )

    def _row(
        self,
        measure: str,
        value: float | None,
        note: str,
        *point: Point,
        ends: tuple[float | None, float | None] = (None, None),
        n: int = 0,
        method: str = METHOD,
    ) -> Row:
        return Row(
            design=self._design,
            against="",
            role=self._role,
            measure=measure,
            by="",
            of="",
            unit=unit_of(measure),
            estimate=value,
            lower=ends[0],
            upper=ends[1],
            n=n,
            method=method,
            note=note,
            point=point,
        )
