"""How a design carries the peak of its workload: all up, one part out, and how much more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic.from_design import tables
from pacsim.traffic.headroom import headroom, late
from pacsim.traffic.one_out import OneOut
from pacsim.traffic.part_out import CARRIES, outs, verdict, worst
from pacsim.traffic.peak_hour import peak_tables, peak_times
from pacsim.traffic.steady import steady

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.design import Resolved
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.headroom import Room
    from pacsim.traffic.part_out import Outs, PartOut
    from pacsim.traffic.peak_hour import PeakTimes
    from pacsim.traffic.steady import Steady

    Progress = Callable[[float, str], None]

SAMPLES = 200
"""Peak hours that are drawn unless said."""


class ScenarioPeak(NamedTuple):
    """The peak hour of one year in one scenario.

    Parameters
    ----------
    name : str
        Of the scenario.
    loads : Steady
        What is asked then.
    times : PeakTimes
        How long operations take.
    verdict : str
        Whether it carries the peak.
    """

    name: str
    loads: Steady
    times: PeakTimes
    verdict: str


class YearPeak(NamedTuple):
    """The peak hour of one contract year.

    Parameters
    ----------
    scenarios : tuple of ScenarioPeak
        In the order of the design's; the first one is all up.
    room : Room
        How far the rates of that year may grow.
    """

    scenarios: tuple[ScenarioPeak, ...]
    room: Room

    def parts(self, outs: Outs) -> list[tuple[PartOut, str, str]]:
        """Return each part with its verdict, and the state in which it is the worst.

        Parameters
        ----------
        outs : Outs
            Of the design.
        """
        verdicts = tuple(one.verdict for one in self.scenarios)
        return [(part, *worst(part, verdicts)) for part in outs.parts]

    def carried(self, outs: Outs) -> int:
        """Return how many parts may be out while the peak is carried.

        Parameters
        ----------
        outs : Outs
            Of the design.
        """
        return sum(found == CARRIES for _, found, _ in self.parts(outs))


@dataclass(frozen=True, eq=False)
class Peaks:
    """Peak hours of a design.

    Parameters
    ----------
    samples : int
        Hours of each.
    targets : dict of float
        Seconds, by operation.
    grace : float
        Seconds behind an hour in which what was asked in it may end.
    outs : Outs
        Scenarios and parts.
    years : tuple of YearPeak
        By contract year.
    busiest : int
        The year with most arrivals, from 0.
    """

    samples: int
    targets: dict[str, float]
    grace: float
    outs: Outs
    years: tuple[YearPeak, ...]
    busiest: int

    @property
    def top(self) -> YearPeak:
        """Return the year with most arrivals."""
        return self.years[self.busiest]


def peaks(
    resolved: Resolved,
    years: Sequence[Steady],
    busiest: Steady,
    samples: int = SAMPLES,
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> Peaks:
    """Return how a design carries the peak of its workload, by contract year.

    Years that ask for the same are simulated once.

    Parameters
    ----------
    resolved : Resolved
        Of a design with a workload.
    years : sequence of Steady
        Peak hours and loads of each contract year.
    busiest : Steady
        The one with most arrivals.
    samples : int
        Hours of each, > 0.
    seed : int
        Of all draws.
    progress : callable, optional
        Told the share that is done, and what is being done.
    """
    workload = resolved.workload
    assert workload is not None, "tables need one"
    read, targets = tables(resolved), workload.targets
    grace = max((x for x in targets.values() if math.isfinite(x)), default=0.0)
    said = RunsCounted(progress, "one part out")
    found = outs(read, OneOut.of(resolved).faults())
    asked = [peak_tables(read, one.hour, one.year) for one in years]
    first = [asked.index(one) for one in asked]
    said.expect(samples * len(found.scenarios) * len(set(first)), "peak hours")

    def simulated(one: Steady, at_peak: TrafficTables) -> YearPeak:
        met = [scenario.values for scenario in found.scenarios]
        times = peak_times(at_peak, met, samples, grace=grace, seed=seed, step=said.step)
        ours = []
        for scenario, taken in zip(found.scenarios, times, strict=True):
            loads = steady(read, one.year, scenario.values)
            highest = max((load.peak for load in loads.loads), default=0.0)
            means = verdict(highest=highest, within=not late(taken, targets))
            ours.append(ScenarioPeak(scenario.name, loads, taken, means))
        room = headroom(read, one, targets, samples, grace=grace, seed=seed, step=said.more)
        return YearPeak(tuple(ours), room)

    of: list[YearPeak] = []
    for year, one in enumerate(years):
        alike = first[year] != year
        of.append(_later(of[first[year]], one.year) if alike else simulated(one, asked[year]))
    return Peaks(samples, targets, grace, found, tuple(of), years.index(busiest))


def _later(found: YearPeak, year: int) -> YearPeak:
    """Return the peak of a year that asks for what an earlier one does."""
    ours = [x._replace(loads=x.loads._replace(year=year)) for x in found.scenarios]
    return found._replace(scenarios=tuple(ours))


class RunsCounted:
    """How far the runs are."""

    def __init__(self, progress: Progress | None, text: str) -> None:
        self._progress, self._text = progress, text
        self._done, self._all = 0, 1
        self._tell()

    def expect(self, runs: int, text: str) -> None:
        """Take note of how many runs there will be."""
        self._all = runs
        self.now(text)

    def now(self, text: str) -> None:
        """Say what is being done."""
        self._text = text
        self._tell()

    def step(self) -> None:
        """Count a run."""
        self._done += 1
        self._tell()

    def more(self) -> None:
        """Count a run for room: how many those are is not known before."""
        self._all += 1
        self.step()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(min(self._done / self._all, 1.0), self._text)
