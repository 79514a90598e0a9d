"""Rows of one design's traffic, of its windows and of its fault-free weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.parts.failover import KINDS as FAULT_KINDS
from pacsim.results.measures import unit_of
from pacsim.results.rows import MOST, Row
from pacsim.stats import Estimate, proportion_interval, share_interval, total_interval, weights_of
from pacsim.traffic.study_counts import REASONS
from pacsim.traffic.window_figures import DELAY, DRAIN, FELT, WAIT, Figured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.campaign.traffic_tally import TrafficTally
    from pacsim.traffic.fault_free import FaultFree

FAULTS = (("reason", "faults"),)
"""Coordinates of the part of a figure that faults bring about."""
RATES = "from rates"
LARGEST = "largest seen"
At = tuple[tuple[str, str], ...]


class TrafficRows:
    """Rows of a design's traffic.

    Parameters
    ----------
    design, archive : str
        Names.
    tally : TrafficTally
        Of its windows.
    base : FaultFree
        Of its fault-free weeks.
    """

    def __init__(self, design: str, archive: str, tally: TrafficTally, base: FaultFree) -> None:
        self.design, self.archive, self.tally, self.base = design, archive, tally, base
        self.exposure = tally.years[0]

    def rows(self) -> list[Row]:
        """Return every figure."""
        return [*self._felt(), *self._operations(), *self._studies(), *self._backlog()]

    def _row(self, measure: str, of: Estimate, at: At = (), note: str = "") -> Row:
        unit = unit_of(measure)
        lower, upper = of.lower, of.upper
        # A difference to the twin may be below zero, other figures may not.
        if lower is not None and (of.value or 0.0) >= 0.0:
            lower = max(lower, 0.0)
        if upper is not None:
            upper = min(upper, MOST.get(unit, np.inf))
        ends = (of.value, lower, upper)
        estimate, lower, upper = (None if x is None else float(x) for x in ends)
        return Row(
            self.design, "", self.archive, measure, "", "", unit, estimate, lower, upper,
            of.n, of.method, note, at,
        )  # fmt: skip

    def _none(self, of: Estimate) -> str:
        return f"none seen in {self.exposure:.4g} years" if of.value == 0.0 else ""

    def _rate(self, measure: str, at: At = ()) -> Row:
        """Return how often a year something is counted; by default all that is at coordinates."""
        columns = self.tally.columns_of(measure, **dict(at))
        weights = weights_of(len(self.tally.names), columns)
        exposure = self.exposure if unit_of(measure) == "1/year" else None
        of = self.tally.moments.sum_of(weights, exposure)
        return self._row(measure, of, at, self._none(of))

    def _quantiles(self, figure: Figured, note: str = "") -> Iterator[Row]:
        histogram = self.tally.values[figure]
        for name, p in (("p50", 0.5), ("p95", 0.95)):
            of = histogram.estimate(p, self.tally.years)
            said = note if histogram.n else "none seen"
            yield self._row(f"{figure.measure}_{name}", of, figure.at, said)

    def _felt(self) -> Iterator[Row]:
        tally = self.tally
        left_out = f"{tally.censored} not closed at the end of a term" if tally.censored else ""
        for figure, histogram in tally.values.items():
            kinds = [value for name, value in figure.at if name == "fault_kind"]
            if figure.measure == FELT and (histogram.n or not kinds):
                yield from self._quantiles(figure, left_out)
        for figure in tally.values:
            if figure.measure == WAIT:
                count, given_up = tally.values[figure].n, tally.given_up[figure]
                yield from self._quantiles(figure, f"{given_up} of {count} were given up")
        every = weights_of(len(tally.names), tally.columns_of("windows"))
        unfelt = weights_of(len(tally.names), tally.columns_of("failovers_unfelt"))
        yield self._row("failovers_unfelt", tally.moments.ratio_of(unfelt, every))
        yield self._rate("windows")
        for kind in FAULT_KINDS:
            one = self._rate("windows", (("fault_kind", kind),))
            if one.estimate:
                yield one
        yield self._rate("windows_overlapped")

    def _operations(self) -> Iterator[Row]:
        for k, name in enumerate(self.tally.stations.operations):
            at: At = (("operation", name),)
            yearly = self.tally.yearly[name]
            yield self._row("operations", Estimate(yearly, None, None, 0, RATES), at)
            for measure in ("operations_failed", "operations_slow", "operations_rejected"):
                yield self._rate(measure, at)
            base = self._slow(k)
            yield self._row("slow_without_faults", base, at, self._weeks(k))
            if yearly > 0.0:
                yield from self._unavailable(name, yearly, base)

    def _unavailable(self, operation: str, yearly: float, base: Estimate) -> Iterator[Row]:
        """Return the share that is not served in time, and the part of it that faults have."""
        columns = self.tally.unserved(operation)
        weights = weights_of(len(self.tally.names), columns) / yearly
        of = self.tally.moments.sum_of(weights)
        if of.value == 0.0:
            of = self.tally.moments.sum_of(weights, self.exposure * yearly)
        note = self._none(of)
        at: At = (("operation", operation),)
        both = total_interval([of, base]) if base.value is not None else of
        yield self._row("user_unavailability", replace(both, n=of.n), at)
        yield self._row("user_unavailability", of, (*at, *FAULTS), note)

    def _slow(self, k: int) -> Estimate:
        """Return the share of an operation that is slow without faults; days are clusters."""
        asked, slow = self.base.asked[:, k], self.base.slow[:, k]
        some = asked > 0
        days = int(some.sum())
        if days == 0:
            return Estimate(None, None, None, 0, "no operation in the fault-free weeks")
        if not slow.any():
            return proportion_interval(0, int(asked.sum()))
        cov = np.cov(np.stack([slow[some], asked[some]])) if days > 1 else np.zeros((2, 2))
        top, below = float(slow[some].mean()), float(asked[some].mean())
        most = int(asked[some].max())
        return share_interval(top, below, cov, days, eventful=days, each=most)

    def _weeks(self, k: int) -> str:
        return f"{self.base.slow[:, k].sum():.0f} of {self.base.asked[:, k].sum():.0f}"

    def _studies(self) -> Iterator[Row]:
        codes = self.tally.stations.modalities
        for measure in (
            "studies_delayed", "studies_resent", "studies_by_hand", "studies_lost_at_modality",
            "exams_blocked", "worklist_by_hand",
        ):  # fmt: skip
            reasons = [(("reason", x),) for x in REASONS]
            lost = measure == "studies_lost_at_modality"
            yield self._rate(measure)
            for reason in reasons if lost else []:
                yield self._rate(measure, reason)
            for code in codes:
                at: At = (("modality", code),)
                yield self._rate(measure, at)
                for reason in reasons if lost else []:
                    yield self._rate(measure, (*at, *reason))
        yield self._rate("studies_unreachable")
        yield from self._quantiles(Figured(DELAY))
        yield self._rate("sent_twice")

    def _backlog(self) -> Iterator[Row]:
        tally = self.tally
        yield from self._quantiles(Figured(DRAIN))
        n = tally.moments.n
        drains = tally.values[Figured(DRAIN)]
        most = drains.largest if drains.n else None
        seen = f"in {self.exposure:.4g} years"
        said = seen if drains.n else f"none seen {seen}"
        yield self._row("backlog_drain_longest", Estimate(most, None, None, n, LARGEST), note=said)
        yield self._row("backlog_most", Estimate(tally.backlog, None, None, n, LARGEST), note=said)
