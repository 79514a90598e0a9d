"""One mean of a design, term by term, so that the same faults cancel in differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.role_tally import RoleTally
from pacsim.campaign.tallies import DesignTally
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.problems import near
from pacsim.results.measures import unit_of
from pacsim.stats import (
    BLOCK,
    LEAST_BLOCKS,
    BlockMeans,
    Estimate,
    block_difference,
    mean_interval,
)
from pacsim.studies.structures import Structure
from pacsim.studies.study_values import MeasureName
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.campaign.tally import Tally
    from pacsim.design import Design
    from pacsim.engines.kernel import Runner
    from pacsim.engines.kernel.engine import Halt


class MeasuredTerms:
    """A design made ready to be run for one mean; the figures of its terms in columns.

    Parameters
    ----------
    design : Design
        What is run.
    name : MeasureName
        A mean over terms, such as ``store.down``.
    like : MeasuredTerms, optional
        Of a design that may differ in numbers alone, and that has run: it is made ready quicker.

    Raises
    ------
    ArgumentError
        If it is none; it lists those that the design has.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> (7 * MeasuredTerms(one, MeasureName("store", "down")).terms(1, 0, 3)).round(9).tolist()
    [4.0, 4.0, 4.0]
    """

    def __init__(
        self, design: Design, name: MeasureName, like: MeasuredTerms | None = None
    ) -> None:
        if like is None:
            self.structure = Structure.of(design)
            self.reader = self.structure.view
        else:
            self.structure = like.structure
            self.reader = self.structure.view_of(design)
        whole = DesignTally(self.reader)
        found = means(whole)
        if name not in found:
            raise ArgumentError(_no_mean(design, name, found))
        self.tally, self.column = found[name]
        self.unit = unit_of(name.measure)
        self.runner: Runner | None = None
        self._like = like

    def terms(self, seed: int, first: int, count: int, halt: Halt | None = None) -> np.ndarray:
        """Return the figures of terms ``first`` to ``first + count - 1``.

        Parameters
        ----------
        seed : int
            Of all random streams.
        first, count : int
            Which terms, each at most once.
        halt : Halt, optional
            Once it is set, terms that are not done are worth nothing.
        """
        from pacsim.engines.kernel import Runner

        if self.runner is None:
            near = None if self._like is None else self._like.runner
            self.runner = Runner(self.reader.model, self.reader.term, YEAR, like=near)
        batch = self.runner.batch(seed, first, count, stop=halt)
        column: np.ndarray = self.tally.add(batch)[:, self.column]
        return column

    def same_as(self, other: MeasuredTerms) -> bool:
        """Return whether all terms are the same by construction: what is run, and how it counts.

        It is told of roles only: other tallies look at more than the model.
        """
        mine, its = self.tally, other.tally
        if not (isinstance(mine, RoleTally) and isinstance(its, RoleTally)):
            return False
        alike = self.reader.term == other.reader.term and mine.min_outage == its.min_outage
        return alike and self.reader.model == other.reader.model


def means(tally: DesignTally) -> dict[MeasureName, tuple[Tally, int]]:
    """Return the means over terms that a design has, with the tally and the column of each.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
    ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
    >>> [str(name) for name in means(DesignTally.of(one))][:2]
    ['store.down', 'store.down_unplanned']
    """
    return {
        MeasureName(one.owner, measure): (one, column)
        for one in tally.tallies.values()
        for column, measure in enumerate(one.paired)
    }


def chosen_mean(design: Design, text: str | None) -> MeasureName:
    """Return the mean that a text names; hours down of ``store``, or of the first role, for none.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the design has no such mean.
    """
    found = means(DesignTally.of(design))
    if text is None:
        roles = design.resolved.roles
        if not roles:
            msg = f"{design.name} declares no roles, so nothing is measured; add roles:"
            raise ArgumentError(msg)
        return MeasureName("store" if "store" in roles else next(iter(roles)), "down")
    if not isinstance(text, str):
        msg = f"{text!r} is no measure; write store.down_unplanned"
        raise ArgumentTypeError(msg)
    try:
        name = MeasureName.read(text)
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    if name not in found:
        raise ArgumentError(_no_mean(design, name, found))
    return name


def mean_of(terms: np.ndarray) -> Estimate:
    """Return the mean of terms, or of their differences, with Student's interval."""
    n = len(terms)
    variance = float(np.var(terms, ddof=1)) if n > 1 else 0.0
    return mean_interval(float(np.mean(terms)), variance, n)


def difference_of(gaps: np.ndarray) -> Estimate:
    """Return the mean difference of terms that met the same faults, with its interval.

    From 16 blocks on it is that of every comparison (`pacsim.stats.block_difference`); with fewer
    terms, in a first look, it is Student's over the terms.

    Parameters
    ----------
    gaps : ndarray, shape (terms,)
        Differences term by term, from the first one on.

    Examples
    --------
    >>> difference_of(np.tile([1.0, 3.0], 512)).method, difference_of(np.ones(512)).method
    ('paired, Student t over means of blocks', 'Student t')
    """
    if len(gaps) < LEAST_BLOCKS * BLOCK:
        return mean_of(gaps)
    means = np.array([gaps[k : k + BLOCK].mean() for k in range(0, len(gaps), BLOCK)])
    last = len(gaps) % BLOCK or BLOCK
    return block_difference(BlockMeans(np.zeros(len(means)), last), BlockMeans(means, last))


def _no_mean(design: Design, name: MeasureName, found: Mapping[MeasureName, object]) -> str:
    """Return what is said of a measure that is no mean of a design."""
    known = [str(one) for one in found]
    hint = near(str(name), known)
    also = "" if "known:" in hint or len(known) > 12 else f"; there are {', '.join(known)}"
    return f"{name} is no mean over the terms of {design.name}; {hint}{also}"
