"""The best point of a study: run until the others are driven out, and told again from the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pacsim.formatting import thousands
from pacsim.stats import BLOCK
from pacsim.studies.measure_kinds import unit_of_name
from pacsim.studies.ranking import Ranking

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pacsim.studies.points import Point
    from pacsim.studies.ranking import Ranked
    from pacsim.studies.store import Seen, Store
    from pacsim.studies.study import Study
    from pacsim.studies.study_values import BestOf

STAGE = 16
"""Blocks by which the points that are left go on together."""


@dataclass(frozen=True, slots=True)
class ChosenPoint:
    """Which point of a study is best, as far as it has been run.

    Parameters
    ----------
    by : str
        The measure.
    lowest : bool
        Whether less is better.
    number : int
        Of the best point, from 1.
    alike : tuple of int
        Numbers of others that nothing has told from it, or that are still run.
    left : frozenset of int
        Numbers of all that are still in the choice, the best among them.
    failed : int
        Points that could not be run, and of which nothing is said.
    ranked : Ranked
        Blocks, and the guarantee.
    """

    by: str
    lowest: bool
    number: int
    alike: tuple[int, ...]
    left: frozenset[int]
    failed: int
    ranked: Ranked

    def lines(self) -> list[str]:
        """Return what is said of it under a table."""
        side = "lowest" if self.lowest else "highest"
        said = f"Best by {self.by}, the {side}: point {self.number}; {self.ranked.guarantee}"
        if self.ranked.sure:
            said += " (Kim and Nelson 2001)"
        lines = [f"{said}."]
        if self.alike:
            listed = ", ".join(map(str, self.alike))
            why = "not told from it" if self.ranked.sure else "still in the choice"
            lines.append(f"Point{'' if len(self.alike) == 1 else 's'} {listed}: {why}.")
        if self.failed:
            lines.append(f"{self.failed} that could not be run may be better.")
        blocks, needed = self.ranked.blocks, self.ranked.needed
        if self.ranked.sure:
            equal = len(blocks) * needed * BLOCK
            lines.append(
                f"It took {thousands(sum(blocks) * BLOCK)} terms; as many for each point as the "
                f"same guarantee needs would be {thousands(equal)}."
            )
            lines.append(
                f"It takes means of {BLOCK} terms to be about normal: what is so rare that these "
                "terms had none of it is not in it, however large."
            )
        return lines


class BestChoice:
    """A choice among designs by their block means, in the order in which blocks come.

    Parameters
    ----------
    best_of : BestOf
        What is asked.
    numbers : sequence of int
        Numbers of the points, one for each design, in their order.
    failed : collection of int
        Those of them that cannot be run; not all.
    """

    def __init__(
        self, best_of: BestOf, numbers: Sequence[int], failed: Collection[int] = ()
    ) -> None:
        self.best_of, self.numbers, self.failed = best_of, list(numbers), set(failed)
        self.ranking = Ranking(
            len(self.numbers),
            certainty=best_of.certainty,
            indifferent=best_of.indifferent,
            lowest=best_of.lowest,
            unit=unit_of_name(best_of.by).removeprefix("1"),
        )
        for number in self.failed:
            self.ranking.drop(self.numbers.index(number))

    @property
    def left(self) -> list[int]:
        """Numbers of the points that are still in the choice."""
        return [self.numbers[k] for k in self.ranking.alive]

    def feed(self, means: Mapping[int, np.ndarray]) -> None:
        """Go on as far as all points that are left have blocks.

        Parameters
        ----------
        means : mapping of int to ndarray
            Number of a point to the means of its blocks from the first one on.
        """
        while not self.ranking.over:
            done = self.ranking.blocks
            end = min(len(means[number]) for number in self.left)
            if end <= done:
                return
            self.ranking.add(np.column_stack([means[number][done:end] for number in self.left]))

    def found(self) -> ChosenPoint:
        """Return what has been found so far."""
        ranked = self.ranking.found()
        return ChosenPoint(
            str(self.best_of.by),
            self.best_of.lowest,
            self.numbers[ranked.best],
            tuple(self.numbers[k] for k in ranked.alike),
            frozenset(self.left),
            len(self.failed),
            ranked,
        )


class Racing(Protocol):
    """What runs the points: a `pacsim.studies.driver.StudyDriver`."""

    study: Study
    store: Store
    by_key: dict[str, Point]
    seen: dict[str, Seen]

    @property
    def failed(self) -> set[int]:
        """Numbers of the points that could not be run."""

    def advance(self, points: Iterable[Point], terms: int) -> None:
        """Run some points up to a number of replications."""


def race(driver: Racing) -> ChosenPoint | None:
    """Run the points of a study that asks for the best, until it is known or `most` is reached.

    All that are left go on by the same number of blocks, whoever runs them and whatever the store
    has already, so the choice follows from the seed.

    Parameters
    ----------
    driver : Racing
        Of the study.

    Returns
    -------
    ChosenPoint or None
        As far as it is known; None if no point can be run.
    """
    study = driver.study
    assert study.best_of is not None
    by_number = {one.number: one for one in driver.by_key.values()}
    most = (study.stopping.replications or study.stopping.most) // BLOCK
    means: dict[int, np.ndarray] = {number: np.zeros(0) for number in by_number}
    read = dict.fromkeys(by_number, 0)
    choice = BestChoice(study.best_of, list(by_number))
    while not choice.ranking.over and choice.ranking.blocks < most:
        end = min(choice.ranking.blocks + STAGE, most)
        driver.advance([by_number[number] for number in choice.left], end * BLOCK)
        failed = driver.failed
        if failed != choice.failed:
            if failed >= set(by_number):
                return None
            # Whom it has driven out may come back: nothing is known of it.
            choice = BestChoice(study.best_of, list(by_number), failed)
        for number in choice.left:
            key = by_number[number].key
            terms = driver.seen[key].terms if key in driver.seen else 0
            if terms > read[number]:
                found = driver.store.blocks(key, study.seed, study.best_of.by, read[number])
                count = terms // BLOCK - len(means[number])
                new = np.zeros(count) if found is None else found.top
                means[number], read[number] = np.append(means[number], new), terms
        choice.feed(means)
    return choice.found()
