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
    years : tuple of PeakTimes
        All up, by contract year.
    outs : Outs
        Scenarios and parts.
    scenarios : tuple of ScenarioPeak
        In the year with most arrivals; the first one is all up.
    room : Room
        How far the rates of that year may grow.
    """

    samples: int
    targets: dict[str, float]
    grace: float
    years: tuple[PeakTimes, ...]
    outs: Outs
    scenarios: tuple[ScenarioPeak, ...]
    room: Room

    @property
    def parts(self) -> list[tuple[PartOut, str, str]]:
        """Return each part with its verdict, and the state in which it is the worst."""
        verdicts = tuple(one.verdict for one in self.scenarios)
        return [(part, *worst(part, verdicts)) for part in self.outs.parts]

    @property
    def carried(self) -> int:
        """Return how many parts may be out while the peak is carried."""
        return sum(found == CARRIES for _, found, _ in self.parts)


def peaks(
    resolved: Resolved,
    years: Sequence[Steady],
    busiest: Steady,
    samples: int = SAMPLES,
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> Peaks:
    """Return how a design carries the peak of its workload.

    Parameters
    ----------
    resolved : Resolved
        Of a design with a workload.
    years : sequence of Steady
        Peak hours and loads of each contract year.
    busiest : Steady
        The one of which scenarios and room are asked.
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
    said.expect(samples * (len(years) + len(found.scenarios)), "peak hours")
    by_year, ours = [], list[ScenarioPeak]()
    for one in years:
        at_peak = peak_tables(read, one.hour, one.year)
        asked = found.scenarios if one.year == busiest.year else found.scenarios[:1]
        met = [scenario.values for scenario in asked]
        times = peak_times(at_peak, met, samples, grace=grace, seed=seed, step=said.step)
        by_year.append(times[0])
        if one.year == busiest.year:
            for scenario, taken in zip(asked, times, strict=True):
                loads = steady(read, one.year, scenario.values)
                highest = max((load.peak for load in loads.loads), default=0.0)
                means = verdict(highest=highest, within=not late(taken, targets))
                ours.append(ScenarioPeak(scenario.name, loads, taken, means))
    said.now("room")
    room = headroom(read, busiest, targets, samples, grace=grace, seed=seed, step=said.step)
    return Peaks(samples, targets, grace, tuple(by_year), found, tuple(ours), room)


class RunsCounted:
    """How far the runs are; what the room takes is not known before it is found."""

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

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(min(self._done / self._all, 1.0), self._text)
