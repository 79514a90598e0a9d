"""Which numbers matter: each one that has a range at both its ends, paired with the base."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.campaign.plan import planned
from pacsim.design.idle_slots import idle_slots
from pacsim.errors import ArgumentError
from pacsim.files.problems import DesignError
from pacsim.stats import Estimate
from pacsim.studies.on_threads import on_threads
from pacsim.studies.paired_terms import MeasuredTerms, chosen_mean, difference_of, mean_of
from pacsim.studies.tornado import FEW, OWN, RangeEnd, Tornado, TornadoBar
from pacsim.studies.uncertain_numbers import uncertain_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pacsim.design import Design
    from pacsim.engines.kernel.engine import Halt
    from pacsim.studies.study_values import MeasureName
    from pacsim.studies.uncertain_numbers import UncertainNumber

    Progress = Callable[[float, str], None]

FIRST = 512
"""Terms in which all numbers are looked at."""
WIDEST = 20
"""Numbers that are then run until they are precise."""
MOST = 8192
"""Terms at which they end, precise or not."""


class _End(NamedTuple):
    """A number at an end of its range."""

    number: UncertainNumber
    place: float


class _Run:
    """An end of a range while it is run, and what its terms have less those of the base."""

    def __init__(self, end: _End) -> None:
        self.end = end
        self.measured: MeasuredTerms | None = None
        self.refused = ""
        self.same = False
        self.why = "the design does not use it"
        self.differences = np.zeros(0)

    @property
    def mean(self) -> float:
        """Mean difference so far."""
        return float(np.mean(self.differences)) if len(self.differences) else 0.0


class _PairedRuns:
    """The base of a tornado and the ends that are run beside it."""

    def __init__(self, design: Design, name: MeasureName, seed: int, threads: int | None) -> None:
        self.design, self.name, self.seed, self.threads = design, name, seed, threads
        self.base = MeasuredTerms(design, name)
        self.idle = idle_slots(design.resolved)
        self.terms = np.zeros(0)

    def to(self, end: int) -> None:
        """Run the base up to a number of terms."""
        done = len(self.terms)
        self.terms = np.append(self.terms, self.base.terms(self.seed, done, end - done))

    def ready(self, run: _Run) -> None:
        """Make the design of an end, unless that is wrong or changes nothing."""
        if run.measured is not None:
            return
        number, place = run.end
        try:
            varied = self.design.vary(number.changes(place, self.design))
        except DesignError as error:
            run.refused = "; ".join(f"{one.path} {one.rule}" for one in error.problems)
            return
        run.measured = MeasuredTerms(varied, self.name, self.base)
        run.same = run.measured.same_as(self.base)
        if run.same and all(slot.path in self.idle for slot in number.slots):
            run.why = self.idle[number.first.path]

    def work(self, run: _Run, halt: Halt) -> _Run:
        """Run an end as far as the base is."""
        self.ready(run)
        if run.measured is None or run.same:
            return run
        done, end = len(run.differences), len(self.terms)
        found = run.measured.terms(self.seed, done, end - done, halt)
        run.differences = np.append(run.differences, found - self.terms[done:])
        return run

    def all(self, runs: Iterable[_Run], *, keep: bool) -> Iterator[_Run]:
        """Yield ends as they are done; what was made to run them is kept if they go on."""
        for run in on_threads(self.work, runs, self.threads):
            if not keep:
                run.measured = None
            yield run


def tornado(
    design: Design,
    measure: str | None = None,
    *,
    precision: str | float = "5 %",
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Tornado:
    """Return how far a mean moves with each number that is not known exactly, one at a time.

    All numbers are looked at in `FIRST` terms; then the `WIDEST` of them are run until the
    half-widths of their differences are small beside the figure of the design, or for `MOST` terms.
    All of them are met by the same faults.

    Parameters
    ----------
    design : Design
        What is looked at.
    measure : str, optional
        A mean over terms, such as ``"store.down_unplanned"``; by default hours down of ``store``.
    precision : str or float
        Half-width of the widest bars' 95 % intervals by the figure of the design, in (0, 1).
    seed : int
        Of all random streams.
    threads : int, optional
        By default all processors; nothing depends on it.
    progress : callable, optional
        Called with the share done and a line of words.

    Returns
    -------
    Tornado
        The widest bar first.

    Raises
    ------
    ArgumentError
        If the design has no such mean, or none of its numbers has a range.
    """
    plan = planned(precision=precision, seed=seed, threads=threads)
    assert plan.precision is not None
    name = chosen_mean(design, measure)
    numbers = uncertain_numbers([design])
    if not numbers:
        msg = f"no input of {design.name} has a range; give some of them low: and high:"
        raise ArgumentError(msg)
    course = _PairedRuns(design, name, plan.seed, plan.threads)
    course.to(FIRST)
    runs = [_Run(_End(number, place)) for number in numbers for place in (0.0, 1.0)]
    for done, run in enumerate(course.all(runs, keep=False), 1):
        if progress is not None:
            progress(0.7 * done / len(runs), run.end.number.name)
    _refine(course, runs, plan.precision, progress)
    bars = [
        TornadoBar(low.end.number, _end_of(low), _end_of(high))
        for low, high in zip(runs[::2], runs[1::2], strict=True)
    ]
    bars.sort(key=lambda bar: -bar.width)
    return Tornado(
        design=design.name,
        measure=str(name),
        unit=course.base.unit,
        base=mean_of(course.terms),
        bars=tuple(bars),
        seed=plan.seed,
        precision=plan.precision,
    )


def _refine(
    course: _PairedRuns, runs: list[_Run], precision: float, progress: Progress | None
) -> None:
    """Run the ends of the widest bars until they are precise enough, or for the most terms."""
    pairs = list(zip(runs[::2], runs[1::2], strict=True))
    pairs.sort(key=lambda pair: -_width(*pair))
    going = [run for pair in pairs[:WIDEST] for run in pair if _moves(run)]
    looks = [FIRST]
    while looks[-1] < MOST:
        looks.append(2 * looks[-1])
    for before, end in pairwise(looks):
        going = [run for run in going if not _precise(course, run, before, precision)]
        if not going:
            return
        course.to(end)
        for done, run in enumerate(course.all(going, keep=True), 1):
            if progress is not None:
                share = 0.7 + 0.3 * (before - FIRST + (end - before) * done / len(going)) / MOST
                progress(share, f"{run.end.number.name}, {end} terms")


def _moves(run: _Run) -> bool:
    return not (run.refused or run.same)


def _width(low: _Run, high: _Run) -> float:
    """Return how wide a bar is: from the lowest to the highest of base and ends."""
    return max(low.mean, high.mean, 0.0) - min(low.mean, high.mean, 0.0)


def _precise(course: _PairedRuns, run: _Run, terms: int, precision: float) -> bool:
    """Return whether a difference is known well enough beside the figure of the base."""
    figure = abs(float(np.mean(course.terms[:terms])))
    return terms > FIRST and difference_of(run.differences).half_width <= precision * figure


def _end_of(run: _Run) -> RangeEnd:
    """Return what was found at an end."""
    number, place = run.end
    value = str(number.at(place))
    if run.refused:
        return RangeEnd(value, None, 0, 0, f"no such design: {run.refused}")
    if run.same:
        exact = Estimate(0.0, 0.0, 0.0, 0, "by construction")
        own = number.first.own
        is_own = number.at(place).in_unit(own.unit) == own
        return RangeEnd(value, exact, 0, 0, OWN if is_own else f"exactly 0: {run.why}")
    n, differing = len(run.differences), int(np.count_nonzero(run.differences))
    if not differing:
        nothing = Estimate(0.0, None, None, n, "none differs")
        return RangeEnd(value, nothing, n, 0, f"the same in each of {n} terms")
    note = f"differs in {differing} of {n} terms" if differing < FEW else ""
    return RangeEnd(value, difference_of(run.differences), n, differing, note)
