"""How much of a figure's variance a few inputs make: first-order and total indices by SALib."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.campaign.plan import planned, whole
from pacsim.errors import ArgumentError, PacsimError
from pacsim.files.problems import DesignError, near
from pacsim.stats import BLOCK, LEVEL, Estimate
from pacsim.studies.on_threads import on_threads
from pacsim.studies.paired_terms import MeasuredTerms, chosen_mean
from pacsim.studies.uncertain_numbers import all_changes, uncertain_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from pacsim.design import Design
    from pacsim.engines.kernel.engine import Halt
    from pacsim.studies.uncertain_numbers import UncertainNumber

    Progress = Callable[[float, str], None]

FEWEST_INPUTS, MOST_INPUTS = 2, 15
FEWEST_POINTS, MOST_POINTS = 16, 4096
TERMS = 4 * BLOCK
"""Contract terms of each point, the same ones of all."""
SMALL = 0.01
"""Share below which an index has three digits."""
RESAMPLES = 400
"""Of the bootstrap that makes the intervals."""
METHOD = "Saltelli's sample, bootstrap"
HEADS = ("S1", "ST")
"""SALib's names of first-order and total indices."""


@dataclass(frozen=True, slots=True)
class SobolIndex:
    """The share of a variance that one input makes.

    Parameters
    ----------
    name : str
        Of the input.
    first : Estimate
        By itself.
    total : Estimate
        By itself and together with others.
    """

    name: str
    first: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Indices of the inputs of a design; of `pacsim.sobol`.

    Parameters
    ----------
    design, measure : str
        What was looked at.
    indices : tuple of SobolIndex
        The largest total one first.
    runs, terms : int
        How often the design was run, and for how many terms.
    """

    design: str
    measure: str
    indices: tuple[SobolIndex, ...]
    runs: int
    terms: int

    def to_frame(self) -> pd.DataFrame:
        """Return a table, one row for each input."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "input": one.name,
                    "first": one.first.value,
                    "first_lower": one.first.lower,
                    "first_upper": one.first.upper,
                    "total": one.total.value,
                    "total_lower": one.total.lower,
                    "total_upper": one.total.upper,
                }
                for one in self.indices
            ]
        )

    def __str__(self) -> str:
        wide = max(len(one.name) for one in self.indices)
        lines = [
            f"{self.design}: share of the variance of {self.measure} over the ranges of "
            f"{len(self.indices)} inputs; {self.runs} runs of the same {self.terms} terms",
            "",
            f"{'input'.ljust(wide)}  {'by itself'.ljust(20)}  with others",
        ]
        lines += [
            f"{one.name.ljust(wide)}  {_told(one.first).ljust(20)}  {_told(one.total)}"
            for one in self.indices
        ]
        return "\n".join(lines)


def _told(of: Estimate) -> str:
    # An input that does nothing has an index of exactly 0, a small one has not.
    if of.value == of.lower == of.upper == 0.0:
        return "0"
    places = 3 if abs(of.value or 0.0) < SMALL else 2
    return f"{of.value:.{places}f} ({of.lower:.{places}f} to {of.upper:.{places}f})"


def sobol_indices(
    function: Callable[[np.ndarray], Iterable[float]],
    names: Sequence[str],
    *,
    points: int,
    seed: int = 1,
) -> tuple[SobolIndex, ...]:
    """Return the indices of a function of independent inputs, uniform on [0, 1).

    Parameters
    ----------
    function : callable
        Takes all points at once, a row each, and gives their values in order.
    names : sequence of str
        Of the inputs.
    points : int
        A power of 2; the function is asked for ``points * (len(names) + 2)`` values.
    seed : int
        Of the points and of the bootstrap.

    Raises
    ------
    PacsimError
        If SALib is not installed.

    Examples
    --------
    >>> plus = sobol_indices(lambda u: 2.0 * u[:, 0] + u[:, 1], ["a", "b"], points=256)
    >>> [(one.name, round(one.total.value, 1)) for one in plus]
    [('a', 0.8), ('b', 0.2)]
    """
    try:
        from SALib.analyze import sobol as analysing
        from SALib.sample import sobol as sampling
    except ImportError:
        msg = "Sobol indices need SALib: pip install 'pacsim[sensitivity]'"
        raise PacsimError(msg) from None
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    drawn = sampling.sample(
        problem, points, calc_second_order=False, seed=np.random.default_rng([seed, 0])
    )
    # Rounding may make a 1 of what is below it.
    values = np.fromiter(function(np.minimum(drawn, np.nextafter(1.0, 0.0))), np.float64)
    if np.ptp(values) == 0.0:
        nothing = Estimate(0.0, 0.0, 0.0, points, "nothing varies")
        return tuple(SobolIndex(name, nothing, nothing) for name in names)
    found: dict[str, Any] = analysing.analyze(
        problem, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL,
        seed=1 + seed,
    )  # fmt: skip
    return tuple(
        SobolIndex(name, *(_estimate(found[of][k], found[f"{of}_conf"][k], points) for of in HEADS))
        for k, name in enumerate(names)
    )


def _estimate(value: float, half: float, points: int) -> Estimate:
    value, half = float(value), float(half)
    return Estimate(value, value - half, value + half, points, METHOD)


def sobol_of_design(
    design: Design,
    inputs: Sequence[str],
    measure: str | None = None,
    *,
    points: int = 64,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SobolIndices:
    """Return the indices of chosen inputs of a design over their ranges.

    All points are met by the same faults, so what varies is the inputs' doing; the terms are few,
    and others would give slightly other indices. The parameters are those of `pacsim.sobol`.

    Raises
    ------
    ArgumentError
        If an input has no range, inputs or points are too few or too many, or a point makes a wrong
        design.
    """
    plan = planned(seed=seed, threads=threads)
    name = chosen_mean(design, measure)
    numbers = _chosen(design, inputs)
    points = whole("points", points, FEWEST_POINTS, MOST_POINTS)
    if points & (points - 1):
        msg = f"points {points} must be a power of 2, {FEWEST_POINTS} to {MOST_POINTS}"
        raise ArgumentError(msg)
    runs = points * (len(numbers) + 2)
    base = MeasuredTerms(design, name)
    base.terms(plan.seed, 0, 0)

    def work(places: np.ndarray, halt: Halt) -> float:
        try:
            varied = design.vary(all_changes(numbers, places.tolist(), design))
        except DesignError as error:
            why = "; ".join(f"{one.path} {one.rule}" for one in error.problems)
            msg = f"some values of these inputs make no design together: {why}; choose others"
            raise ArgumentError(msg) from None
        return float(MeasuredTerms(varied, name, base).terms(plan.seed, 0, TERMS, halt).mean())

    def values(places: np.ndarray) -> Iterable[float]:
        for done, one in enumerate(on_threads(work, places, plan.threads), 1):
            if progress is not None:
                progress(done / runs, f"run {done} of {runs}")
            yield one

    found = sobol_indices(values, [one.name for one in numbers], points=points, seed=plan.seed)
    ordered = sorted(found, key=lambda one: -(one.total.value or 0.0))
    return SobolIndices(design.name, str(name), tuple(ordered), runs, TERMS)


def _chosen(design: Design, inputs: Sequence[str]) -> list[UncertainNumber]:
    """Return the numbers that paths name, each once."""
    if isinstance(inputs, str) or not isinstance(inputs, Iterable):
        msg = f"inputs is no list of paths, {inputs!r}; give a list of {FEWEST_INPUTS} or more"
        raise ArgumentError(msg)
    inputs = list(inputs)
    by_path = {slot.path: one for one in uncertain_numbers([design]) for slot in one.slots}
    wrong = [
        f"no input {path!r} with a range; {near(path, by_path)}"
        for path in map(str, inputs)
        if path not in by_path
    ]
    named = [by_path[path] for path in map(str, inputs) if path in by_path]
    chosen = list({id(one): one for one in named}.values())
    if not wrong and not FEWEST_INPUTS <= len(chosen) <= MOST_INPUTS:
        wrong.append(f"{len(chosen)} inputs; choose {FEWEST_INPUTS} to {MOST_INPUTS}")
    if wrong:
        raise ArgumentError("\n".join(wrong))
    return chosen
