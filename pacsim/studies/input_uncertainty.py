"""What a figure may be with its inputs as uncertain as they are, beside what sampling leaves open.

The range of an input says how far its typical value may be wrong. All inputs are drawn from their
ranges at once, by replicated Latin hypercubes; each draw is run on replications of its own, so that
its sampling error can be told from what the inputs do. The law of a time from one occurrence to
the next, which the catalogue has for delays, is no uncertainty of an input: the simulation draws
from it in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.plan import planned
from pacsim.errors import ArgumentError
from pacsim.files.problems import DesignError
from pacsim.formatting import plain
from pacsim.results.rows import Row, row
from pacsim.stats import BLOCK, Estimate, proportion_interval
from pacsim.studies.on_threads import on_threads
from pacsim.studies.paired_terms import MeasuredTerms, chosen_mean
from pacsim.studies.uncertain_numbers import all_changes, uncertain_numbers
from pacsim.studies.variance_split import VarianceSplit, split_variance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.design import Design
    from pacsim.engines.kernel.engine import Halt
    from pacsim.studies.study_values import MeasureName
    from pacsim.studies.uncertain_numbers import UncertainNumber

    Progress = Callable[[float, str], None]

CUBES, EACH = 20, 10
"""Latin hypercubes, and draws of each: 200 draws."""
TERMS = 4 * BLOCK
"""Contract terms of a draw."""
ENDS = (0.025, 0.975)
"""Quantiles of the range that is told."""


@dataclass(frozen=True, slots=True, eq=False)
class InputUncertainty:
    """What figures of designs are over draws of their inputs; of `pacsim.input_uncertainty`.

    Parameters
    ----------
    designs : tuple of str
        Of the same draws, by whose order the first one is compared.
    measure, unit : str
        What was drawn.
    results : ndarray, shape (draws, designs)
        Mean of each draw; draws that make a design wrong are left out.
    sampling : ndarray, shape (draws, designs)
        Variance of each by sampling alone.
    cube : ndarray of int, shape (draws,)
        Which hypercube each draw is of.
    left_out : tuple of str
        Why draws were left out, one each.
    inputs : int
        Numbers that were drawn.
    terms : int
        Of each draw.
    seed : int
        Of the draws and of all random streams.
    """

    designs: tuple[str, ...]
    measure: str
    unit: str
    results: np.ndarray
    sampling: np.ndarray
    cube: np.ndarray
    left_out: tuple[str, ...]
    inputs: int
    terms: int
    seed: int

    def split(self, design: str = "") -> VarianceSplit:
        """Return the variance of a design's figure, split into inputs and sampling."""
        k = self._place(design)
        cubes = [self.cube == one for one in range(CUBES)]
        return split_variance(
            [self.results[of, k] for of in cubes],
            [self.sampling[of, k] for of in cubes],
            seed=self.seed,
        )

    def range(self, design: str = "") -> tuple[float, float] | None:
        """Return the range that holds 95 % of what the figure may be, sampling error taken off.

        None if draws differ by no more than sampling makes them. Else results are drawn together
        around their mean until their variance is that of the inputs.
        """
        found, k = self.split(design), self._place(design)
        if found.shrunk == 0.0:
            return None
        results = self.results[:, k]
        centre = float(results.mean())
        low, high = (float(x) for x in np.quantile(results, ENDS))
        return (
            centre + found.shrunk * (low - centre),
            centre + found.shrunk * (high - centre),
        )

    def kept(self, design: str) -> Estimate:
        """Return the share of draws in which a design is on the same side of the first as usual.

        Usual is what most draws say, by the terms of each; in draws in which both are equal there
        is no side. Nothing is told if these are half of them or more. Draws of one hypercube are
        not independent but spread evenly, so the interval is no shorter than it ought to be.
        """
        lower, higher = self._sides(design)
        draws = len(self.results)
        if 2 * (lower + higher) <= draws:
            return Estimate(None, None, None, draws, "most draws are equal")
        return proportion_interval(max(lower, higher), draws)

    def _sides(self, design: str) -> tuple[int, int]:
        """Return in how many draws a design is lower than the first one, and higher."""
        beside = self.results[:, self._place(design)] - self.results[:, 0]
        return int(np.count_nonzero(beside < 0.0)), int(np.count_nonzero(beside > 0.0))

    def _place(self, design: str) -> int:
        if not design:
            return 0
        if design not in self.designs:
            msg = f"no design {design!r}; there are {', '.join(self.designs)}"
            raise ArgumentError(msg)
        return self.designs.index(design)

    def line(self, design: str = "") -> str:
        """Return what is said under a figure."""
        ends = self.range(design)
        if ends is None:
            return (
                f"what the inputs do is not told from sampling by {self.terms} terms of each of "
                f"{len(self.results)} draws"
            )
        said = f"{plain(ends[0])} - {plain(ends[1])} {self.unit}"
        return f"with the inputs as uncertain as they are: {said}"

    def side(self, design: str) -> str:
        """Return whether a design is lower or higher than the first one in most draws."""
        lower, higher = self._sides(design)
        return "lower" if lower >= higher else "higher"

    def order_line(self, design: str) -> str:
        """Return what is said under a comparison of a design with the first one."""
        share, first, draws = self.kept(design).value, self.designs[0], len(self.results)
        if share is None:
            return (
                f"{design} and {first}: which is lower is not told, equal in most of {draws} draws "
                f"of {self.terms} terms"
            )
        of = f"{100.0 * share:.0f} % of {draws} draws"
        return f"{design} {self.side(design)} than {first} in {of}"

    def rows(self) -> list[Row]:
        """Return the rows that stand under the figure in a result."""
        owner, _, measure = self.measure.partition(".")
        n = len(self.results)
        how = f"{n} draws of {self.inputs} inputs, {self.terms} terms each"
        note = f"{len(self.left_out)} draws make a wrong design" if self.left_out else ""
        found = []
        for k, design in enumerate(self.designs):
            low, high = self.range(design) or (None, None)
            of = Estimate(float(self.results[:, k].mean()), low, high, n, how)
            said = "; ".join(x for x in (note, self.line(design) if low is None else "") if x)
            found.append(row(design, owner, f"{measure}_over_inputs", of, note=said))
        for design in self.designs[1:]:
            share = replace(self.kept(design), method=f"{how}; beside {self.designs[0]}")
            side = self.side(design) if share.value is not None else self.order_line(design)
            found.append(row(design, owner, "order_over_inputs", share, note=side))
        return found

    def lines(self) -> list[str]:
        """Return all of it in words."""
        lines = [
            f"{self.measure}, {self.inputs} inputs drawn from their ranges {len(self.results)} "
            f"times, {self.terms} terms each; 95 % ranges"
        ]
        for design in self.designs:
            found = self.split(design)
            share = 100.0 * (found.inputs.value or 0.0) / found.total if found.total else 0.0
            lines.append(f"{design}: {self.line(design)}")
            lines.append(
                f"  {share:.0f} % of the variance of the draws is by the inputs, "
                f"{100.0 - share:.0f} % by sampling"
                if found.total
                else "  all draws are equal"
            )
        lines += [self.order_line(design) for design in self.designs[1:]]
        if self.left_out:
            why = max(set(self.left_out), key=self.left_out.count)
            lines.append(f"{len(self.left_out)} draws make a wrong design and are left out: {why}")
        return lines

    def __str__(self) -> str:
        return "\n".join(self.lines())


def draw_inputs(numbers: int, *, seed: int, cubes: int = CUBES, each: int = EACH) -> np.ndarray:
    """Return places in the ranges of numbers: replicated Latin hypercubes.

    Parameters
    ----------
    numbers : int
        How many, at least 1.
    seed : int
        Of the draw.
    cubes, each : int
        Hypercubes, and points of each.

    Returns
    -------
    ndarray, shape (cubes, each, numbers)
        In [0, 1): each hypercube has one point in every one of ``each`` slices of each number.

    Examples
    --------
    >>> found = draw_inputs(2, seed=1, cubes=3, each=4)
    >>> [sorted((4 * cube[:, 1]).astype(int).tolist()) for cube in found]
    [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]
    """
    from scipy.stats import qmc

    made = [
        qmc.LatinHypercube(numbers, seed=np.random.default_rng([seed, k])).random(each)
        for k in range(cubes)
    ]
    # Rounding may make a 1 of what is below it.
    places: np.ndarray = np.minimum(np.stack(made), np.nextafter(1.0, 0.0))
    return places


def input_uncertainty(
    designs: Sequence[Design],
    measure: str | None = None,
    *,
    terms: int = TERMS,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> InputUncertainty:
    """Return what figures are over `CUBES` x `EACH` draws of all inputs from their ranges.

    Parameters
    ----------
    designs : sequence of Design
        At least one; all get the same draws of the numbers they share, and the same faults.
    measure : str, optional
        A mean over terms that all of them have; by default hours down of ``store``.
    terms : int
        Contract terms of each draw, those of no other draw, 2 or more.
    seed : int
        Of the draws and of all random streams.
    threads : int, optional
        By default all processors; nothing depends on it.
    progress : callable, optional
        Called with the share done and a line of words.

    Raises
    ------
    ArgumentError
        If a design has no such mean, two have one name, no input has a range, or most draws make a
        wrong design.
    """
    plan = planned(seed=seed, threads=threads)
    seed, threads = plan.seed, plan.threads
    called = [design.name for design in designs]
    twice = sorted({one for one in called if called.count(one) > 1})
    if twice:
        msg = f"two designs are called {twice[0]!r}; give one of them another name"
        raise ArgumentError(msg)
    numbers = uncertain_numbers(designs)
    if not numbers:
        msg = "no input has a range; give some of them low: and high:"
        raise ArgumentError(msg)
    names = [chosen_mean(design, measure) for design in designs]
    name = names[0]
    if any(one != name for one in names):
        msg = f"not every design has {name}; name a measure that all of them have"
        raise ArgumentError(msg)
    places = draw_inputs(len(numbers), seed=seed).reshape(-1, len(numbers))

    bases = [MeasuredTerms(design, name) for design in designs]
    for base in bases:
        base.terms(seed, 0, 0)

    def work(draw: int, halt: Halt) -> list[np.ndarray] | str:
        asked = (name, seed, draw * terms, terms)
        return _run(list(zip(designs, bases, strict=True)), numbers, places[draw], asked, halt)

    found: list[tuple[int, list[np.ndarray]]] = []
    left_out = []
    for draw, one in enumerate(on_threads(work, range(len(places)), threads)):
        if isinstance(one, str):
            left_out.append(one)
        else:
            found.append((draw, one))
        if progress is not None:
            progress((draw + 1) / len(places), f"draw {draw + 1} of {len(places)}")
    if 2 * len(left_out) > len(places):
        msg = f"{len(left_out)} of {len(places)} draws make a wrong design: {left_out[0]}"
        raise ArgumentError(msg)
    columns = np.array([one for _, one in found])
    return InputUncertainty(
        designs=tuple(design.name for design in designs),
        measure=str(name),
        unit=bases[0].unit,
        results=columns.mean(axis=2),
        sampling=columns.var(axis=2, ddof=1) / terms,
        cube=np.array([draw // EACH for draw, _ in found]),
        left_out=tuple(left_out),
        inputs=len(numbers),
        terms=terms,
        seed=seed,
    )


def _run(
    designs: Sequence[tuple[Design, MeasuredTerms]],
    numbers: Sequence[UncertainNumber],
    places: np.ndarray,
    asked: tuple[MeasureName, int, int, int],
    halt: Halt,
) -> list[np.ndarray] | str:
    """Return the terms of one draw in each design, or why there is no such design."""
    name, seed, first, terms = asked
    columns = []
    for design, base in designs:
        try:
            varied = design.vary(all_changes(numbers, places.tolist(), design))
        except DesignError as error:
            return "; ".join(f"{one.path} {one.rule}" for one in error.problems)
        columns.append(MeasuredTerms(varied, name, base).terms(seed, first, terms, halt))
    return columns
