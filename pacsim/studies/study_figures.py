"""Figures of a study's points, read from its store, and points held against one another."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import ArgumentError
from pacsim.results.measures import MEASURES
from pacsim.results.rows import row
from pacsim.stats import BLOCK, LEAST_BLOCKS, none_seen
from pacsim.studies.best_point import BestChoice
from pacsim.studies.block_series import nothing
from pacsim.studies.comparing_points import main_effects, rank_ranges
from pacsim.studies.measure_kinds import is_mean, is_ratio, more_is_better
from pacsim.studies.point_ends import PointEnds
from pacsim.studies.provenance import stopping_of
from pacsim.studies.stages import rows_of
from pacsim.studies.store import Store
from pacsim.studies.study_points import StudyPoints
from pacsim.studies.study_values import BestOf, MeasureName

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from pacsim.results.rows import Row
    from pacsim.stats import BlockMeans
    from pacsim.studies.best_point import ChosenPoint
    from pacsim.studies.comparing_points import MainEffect, RankRange
    from pacsim.studies.study import Study
    from pacsim.studies.study_points import SeenPoint


class StudyFigures(StudyPoints):
    """What the store of a study holds; points that are not done yet say so.

    Parameters
    ----------
    folder : path
        In which the store is.
    asked : Study, optional
        By which it is looked at; the one that was run last unless given.

    Raises
    ------
    PacsimError
        If there is no store.
    """

    def __init__(self, folder: str | os.PathLike[str], asked: Study | None = None) -> None:
        super().__init__(folder, asked)
        self.ends = PointEnds(stopping_of(self.told), self._kept)
        self._figures: dict[MeasureName, dict[str, Row]] = {}
        self._series: dict[MeasureName, dict[str, BlockMeans | None]] = {}

    def _kept(self, key: str) -> bytes:
        with Store(self.folder) as store:
            return store.figures(key, self.seed)

    def figures(self, measure: str | MeasureName | None = None) -> list[Row | None]:
        """Return the figure of each point; None of one that has none.

        Parameters
        ----------
        measure : str, optional
            ``OWNER.MEASURE`` or ``OWNER.MEASURE:OF``; the first one of the study unless given.
        """
        name = self.measure(measure)
        self.look_up([name])
        found = self._figures[name]
        return [None if one.failure else found.get(one.key) for one in self.points]

    def look_up(self, names: Sequence[MeasureName]) -> None:
        """Read figures of all points that have not been read yet, several measures at once.

        Parameters
        ----------
        names : sequence of MeasureName
            Of the figures.
        """
        missing = [name for name in names if name not in self._figures]
        if not missing:
            return
        made: dict[MeasureName, dict[str, Row]] = {name: {} for name in missing}
        with Store(self.folder) as store:
            for key in dict.fromkeys(one.key for one in self.points if one.seen.terms):
                content = store.figures(key, self.seed)
                for one in rows_of(content, self.name):
                    name = MeasureName(one.role, one.measure, one.of)
                    if name in made:
                        made[name][key] = one
            for point in self.points:
                for name in missing:
                    if point.seen.terms and point.key not in made[name]:
                        unseen = self._unseen(store, point, name)
                        made[name] |= {} if unseen is None else {point.key: unseen}
        self._figures |= made

    def _unseen(self, store: Store, point: SeenPoint, name: MeasureName) -> Row | None:
        """Return the figure of what was never seen: 0, if the point has such a figure at all."""
        if self.lack(point, name):
            return None
        if is_ratio(name):
            blocks = store.blocks(point.key, self.seed, name)
            if blocks is None or blocks.means() is None:
                return None
        known, terms = MEASURES.get(name.measure), point.seen.terms
        return row(
            self.name, name.owner, name.measure, none_seen(terms), of=name.of,
            by=known.by[0] if known is not None and known.by and name.of else "",
            note=f"none seen in {terms} terms",
        )  # fmt: skip

    def series(self, measure: str | MeasureName | None = None) -> list[BlockMeans | None]:
        """Return the means over blocks of 64 terms of each point, of what is a mean or a ratio.

        Of a ratio they are linearised. None of a point that has no such figure; of quantiles no
        point has.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        """
        name = self.measure(measure)
        if name not in self._series:
            made: dict[str, BlockMeans | None] = {}
            if is_mean(name):
                figures = self.figures(name)
                with Store(self.folder) as store:
                    for point, figure in zip(self.points, figures, strict=True):
                        if figure is None or figure.estimate is None or point.key in made:
                            continue
                        blocks = store.blocks(point.key, self.seed, name)
                        if blocks is not None:
                            made[point.key] = blocks.means()
                        elif figure.estimate == 0.0:
                            made[point.key] = nothing(point.seen.terms)
            self._series[name] = made
        found = self._series[name]
        return [None if one.failure else found.get(one.key) for one in self.points]

    def note(self, point: SeenPoint, figure: Row | None) -> str:
        """Return what a reader of a figure should know.

        Parameters
        ----------
        point : SeenPoint
            Whose figure.
        figure : Row or None
            The figure; None if there is none.
        """
        if point.failure:
            return f"failed: {point.failure.splitlines()[0]}"
        if not point.seen.terms:
            return "not run yet"
        notes = [f"none seen in {point.seen.terms} terms" if figure is None else figure.note]
        if self.by_clock(point):
            notes.append("ended by the clock")
        elif not self.done(point):
            notes.append("not done yet")
        elif not self.reached(point):
            notes.append("less precise than asked for")
        return "; ".join(note for note in notes if note)

    @property
    def asked(self) -> bool:
        """Whether a precision is asked for; of the best point there is none."""
        return self.ends.rule.relative is not None and not self.told.get("best_of")

    @cached_property
    def chosen(self) -> ChosenPoint | None:
        """The best point, if the study asks for it and all points have been begun."""
        asked = self.told.get("best_of")
        if not asked:
            return None
        best_of = BestOf(**asked | {"by": MeasureName.read(asked["by"])})
        first = {one.key: one for one in reversed(self.points)}
        designs = sorted(first.values(), key=lambda one: one.number)
        failed = [one for one in designs if one.failure]
        if len(failed) == len(designs) or not all(one.seen.terms or one.failure for one in designs):
            return None
        numbers, lost = ([one.number for one in some] for some in (designs, failed))
        choice = BestChoice(best_of, numbers, lost)
        series = dict(zip((x.number for x in self.points), self.series(best_of.by), strict=True))
        choice.feed({n: x.whole if x is not None else np.zeros(0) for n, x in series.items()})
        return choice.found()

    def done(self, point: SeenPoint) -> bool:
        """Return whether the rule of the study says that a point is done.

        Parameters
        ----------
        point : SeenPoint
            Of the study.
        """
        if self.told.get("best_of"):
            most = self.ends.rule.replications or self.ends.rule.most
            found = self.chosen
            lead = next(one.number for one in self.points if one.key == point.key)
            out = found is not None and (found.ranked.sure or lead not in found.left)
            return out or point.seen.terms >= most // BLOCK * BLOCK
        return self.ends.next(point.key, point.seen) is None

    def reached(self, point: SeenPoint) -> bool:
        """Return whether a point is as precise as asked; True if nothing is asked of it.

        Parameters
        ----------
        point : SeenPoint
            Of the study.
        """
        return not self.asked or self.ends.reached(point.key, point.seen)

    def by_clock(self, point: SeenPoint) -> bool:
        """Return whether it is `seconds_each` alone that has ended a point.

        Parameters
        ----------
        point : SeenPoint
            Of the study.
        """
        return self.ends.by_clock(point.key, point.seen)

    def effects(self, measure: str | MeasureName | None = None) -> list[MainEffect]:
        """Return what each value of each dimension does against the first one, all else alike.

        Over the points that have the measure. Values that are drawn from a range have no effect of
        their own: no two points are alike in all else. Intervals hold for all effects together.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given; a mean or a ratio.

        Raises
        ------
        ArgumentError
            If no point has the measure, or it is no mean.
        """
        name = self.mean(measure, "no effect of a value on it can be told")
        labels = [one.labels for one in self.points]
        drawn = self.drawn
        given = {one: values for one, values in self.dimensions.items() if one not in drawn}
        return main_effects(given, labels, self.series(name))

    def order(
        self, measure: str | MeasureName | None = None, *, highest: bool | None = None
    ) -> list[int]:
        """Return the places of the points that have a figure, the best first.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        highest : bool, optional
            Whether more is better; as usual for the measure unless given.
        """
        name = self.measure(measure)
        up = more_is_better(name) if highest is None else highest
        values = {
            k: x.estimate
            for k, x in enumerate(self.figures(name))
            if x is not None and x.estimate is not None
        }
        return sorted(values, key=lambda k: (-values[k] if up else values[k], k))

    def comparable(self, measure: str | MeasureName | None = None) -> bool:
        """Return whether any two points have the terms in common that a comparison takes.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        """
        long = [one for one in self.series(measure) if one and len(one.whole) >= LEAST_BLOCKS]
        return len(long) > 1

    def ranks(
        self,
        measure: str | MeasureName | None = None,
        *,
        highest: bool | None = None,
        shown: Sequence[int] | None = None,
    ) -> tuple[dict[int, RankRange], int]:
        """Return where points may stand, by number, and how many comparisons were made for it.

        Among the points that have the measure; the intervals hold for all comparisons together.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given; a mean or a ratio.
        highest : bool, optional
            Whether more is better; as usual for the measure unless given.
        shown : sequence of int, optional
            Numbers of the points whose ranks are wanted; all unless given.

        Raises
        ------
        ArgumentError
            If no point has the measure, it is no mean, or no two points have the 1 024 terms in
            common that a comparison takes.
        """
        name = self.mean(measure, "points cannot be told apart by it")
        up = more_is_better(name) if highest is None else highest
        for number in shown or ():
            self.point(number)
        if not self.comparable(name):
            few = sum(one is not None for one in self.series(name)) < 2
            why = f"no two points have {LEAST_BLOCKS * BLOCK} terms in common; run more"
            msg = f"{name}: {'fewer than two points have it' if few else why}; nothing is ranked"
            raise ArgumentError(msg)
        having = [k for k, one in enumerate(self.series(name)) if one is not None]
        series = [x for x in self.series(name) if x is not None]
        wanted = [
            place
            for place, k in enumerate(having)
            if shown is None or self.points[k].number in shown
        ]
        ranges, comparisons = rank_ranges(series, wanted, lowest=not up)
        numbers = [self.points[having[place]].number for place in wanted]
        return dict(zip(numbers, ranges, strict=True)), comparisons
