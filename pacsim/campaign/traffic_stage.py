"""The traffic of a run, after its terms: by blocks of 64, all designs side by side (T3, T25)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.design_traffic import DesignTraffic
from pacsim.campaign.interrupting import Undisturbed
from pacsim.campaign.traffic_rows import TrafficRows
from pacsim.results.measures import unit_of
from pacsim.results.rows import Row, row
from pacsim.stats import BLOCK, StrataMoments, at_level
from pacsim.traffic.fault_free import BASE_WEEKS
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pacsim.campaign.figured_windows import FiguredWindows
    from pacsim.campaign.plan import Plan
    from pacsim.campaign.tallies import DesignTally
    from pacsim.campaign.traffic_tally import TrafficTally
    from pacsim.design import Design
    from pacsim.traffic.fault_free import FaultFree
    from pacsim.traffic.window_figures import Figured


@dataclass(frozen=True, slots=True)
class TrafficFound:
    """What a run found of the traffic.

    Parameters
    ----------
    rows : tuple of Row
        Every figure.
    provenance : mapping
        Years, windows, the worst of them, seconds.
    partial : bool
        Whether it was interrupted.
    """

    rows: tuple[Row, ...] = ()
    provenance: dict[str, Any] | None = None
    partial: bool = False


class TrafficStage:
    """Traffic of the designs of a run that have a workload.

    Parameters
    ----------
    designs : sequence of Design
        All of the run.
    tallies : sequence of DesignTally
        Theirs.
    plan : Plan
        Of the run.
    terms : int
        How many it has done.
    """

    def __init__(
        self, designs: Sequence[Design], tallies: Sequence[DesignTally], plan: Plan, terms: int
    ) -> None:
        self._started = time.perf_counter()
        years = tallies[0].reader.years
        self.most = min(terms, math.ceil(plan.traffic_years / years))
        self.terms, self.done, self._years = terms, 0, years
        self.designs = [
            DesignTraffic(design, tally.severe, terms, self.most, plan.seed, plan.threads)
            for design, tally in zip(designs, tallies, strict=True)
            if tally.severe is not None
        ]
        self.pairs = TrafficPairs([one.tally for one in self.designs])
        self.base: list[FaultFree] = []

    def run(self, progress: Callable[[float, str], None] | None) -> TrafficFound:
        """Return the figures of all terms, or of those that were done when it was interrupted."""
        partial = False
        try:
            self.base = [one.base() for one in self.designs]
            self._follow(progress)
        except KeyboardInterrupt:
            partial = True
        if self.done == 0:
            return TrafficFound(partial=partial)
        rows = [
            one
            for design, base in zip(self.designs, self.base, strict=True)
            for one in TrafficRows(design.name, design.archive, design.tally, base).rows()
        ]
        rows += self.pairs.rows(self.designs)
        return TrafficFound(tuple(rows), self._provenance(), partial)

    def _follow(self, progress: Callable[[float, str], None] | None) -> None:
        """Take one block after the other."""
        streams = [_Ahead(one.figured(BLOCK)) for one in self.designs]
        # A term of which all windows are simulated has many, others one or two.
        weights = np.where(np.arange(self.terms) < self.most, 1.0, 0.05)
        for first in range(0, self.terms, BLOCK):
            count = min(BLOCK, self.terms - first)
            fresh, columns = [], []
            for design, stream in zip(self.designs, streams, strict=True):
                part = design.tally.empty()
                columns.append(part.add(first, count, stream.before(first + count)))
                fresh.append(part)
            pairs = TrafficPairs([one.tally for one in self.designs])
            pairs.add(columns, first)
            # All designs first, then all tallies: an interruption finds them equal.
            with Undisturbed():
                for design, part in zip(self.designs, fresh, strict=True):
                    design.tally.merge(part)
                self.pairs.merge(pairs)
                self.done = first + count
            if progress is not None:
                share = weights[: self.done].sum() / weights.sum()
                progress(float(share), f"traffic of {self.done} terms")

    def _provenance(self) -> dict[str, Any]:
        """Return how it was made, with the worst windows, to draw them again."""
        all_of = min(self.done, self.most)
        return {
            "terms": all_of,
            "terms_severe": self.done,
            "years": all_of * self._years,
            "base_weeks": BASE_WEEKS,
            "seconds": time.perf_counter() - self._started,
            "designs": {one.name: self._told(one) for one in self.designs},
        }

    def _told(self, design: DesignTraffic) -> dict[str, Any]:
        tally = design.tally
        simulated = sum(tally.milliseconds) / 1000.0 / YEAR
        return {
            "workload": design.workload.name,
            "exams": design.workload.exams * YEAR,
            "windows": tally.windows,
            "not_closed": tally.censored,
            "simulated_years": simulated,
            "share_of_time": tally.share,
            "worst": [
                {"harm": x.harm, "term": x.term, "start": x.start, "end": x.end}
                for x in tally.worst
            ],
        }


class _Ahead:
    """Figures by their first term, of which those of a block are taken."""

    def __init__(self, terms: Iterator[tuple[int, FiguredWindows]]) -> None:
        self._terms = terms
        self._next: tuple[int, FiguredWindows] | None = next(terms, None)

    def before(self, end: int) -> Iterator[FiguredWindows]:
        """Yield what is there of terms before an end."""
        while self._next is not None and self._next[0] < end:
            yield self._next[1]
            self._next = next(self._terms, None)


class TrafficPairs:
    """Key columns of all designs side by side, of both strata.

    Parameters
    ----------
    tallies : sequence of TrafficTally
        Of the designs, the first of which is what the others are compared with.
    """

    def __init__(self, tallies: Sequence[TrafficTally]) -> None:
        self.measures: list[Figured] = [
            one
            for one in (tallies[0].paired if tallies else ())
            if all(one in other.paired for other in tallies[1:])
        ]
        self._places = [[t.paired.index(one) for one in self.measures] for t in tallies]
        most = tallies[0].most if tallies else 1
        self.moments = StrataMoments(len(tallies) * len(self.measures), most)

    def add(self, columns: Sequence[tuple[np.ndarray, np.ndarray]], first: int) -> None:
        """Add what the tallies of all designs returned for the terms from ``first`` on."""
        usual, severe = (
            np.hstack([of[s][:, at] for of, at in zip(columns, self._places, strict=True)])
            for s in (0, 1)
        )
        self.moments.add(usual, severe, first)

    def merge(self, other: TrafficPairs) -> None:
        """Add what another one has seen; it is not changed."""
        self.moments.merge(other.moments)

    def rows(self, designs: Sequence[DesignTraffic]) -> list[Row]:
        """Return each design less the first, with intervals that hold for all designs together."""
        comparisons = len(designs) - 1
        return [
            self._difference(designs, d, k, comparisons)
            for d in range(1, len(designs))
            for k in range(len(self.measures))
        ]

    def _difference(
        self, designs: Sequence[DesignTraffic], d: int, k: int, comparisons: int
    ) -> Row:
        figure = self.measures[k]
        at = (*figure.at, *((("reason", "faults"),) if figure.at else ()))
        of = self.moments.difference(k, d * len(self.measures) + k, comparisons)
        of = replace(of, method=f"paired, Student t, {at_level(comparisons)}")
        note = ""
        if of.value == 0.0 and of.lower == of.upper:
            of = replace(of, lower=None, upper=None)
            note = f"the same in all {of.n} terms"
        elif of.lower is not None and of.upper is not None and of.lower <= 0 <= of.upper:
            note = "cannot be told apart"
        made = row(
            designs[d].name, designs[d].archive, figure.measure, of, against=designs[0].name,
            note=note, unit=unit_of(figure.measure),
        )  # fmt: skip
        return replace(made, point=at)
