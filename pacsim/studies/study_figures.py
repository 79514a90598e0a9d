"""Figures of a study's points, read from its store, and points held against one another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.errors import ArgumentError
from pacsim.files.problems import near
from pacsim.stats import BLOCK, linearised
from pacsim.studies.best_point import BestChoice
from pacsim.studies.comparing_points import main_effects, rank_ranges
from pacsim.studies.measure_kinds import is_mean, more_is_better
from pacsim.studies.point_ends import PointEnds
from pacsim.studies.provenance import check_same, stopping_of, told_of
from pacsim.studies.stages import rows_of
from pacsim.studies.store import Seen, Store
from pacsim.studies.study_values import DESIGN, BestOf, MeasureName

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from pacsim.results.rows import Row
    from pacsim.studies.best_point import ChosenPoint
    from pacsim.studies.comparing_points import MainEffect, RankRange
    from pacsim.studies.study import Study


@dataclass(frozen=True, slots=True)
class SeenPoint:
    """A point of a study and how far it has come.

    Parameters
    ----------
    number : int
        From 1.
    key : str
        Of its design.
    labels : mapping
        Dimension to what its value is called.
    changes : mapping
        Path to value.
    seen : Seen
        Terms, seconds, and how it ended.
    failure : str
        Why it could not be run; empty if nothing went wrong.
    """

    number: int
    key: str
    labels: Mapping[str, str]
    changes: Mapping[str, Any]
    seen: Seen
    failure: str = ""

    def __str__(self) -> str:
        return ", ".join(f"{name} {label}" for name, label in self.labels.items()) or "as it is"


class StudyFigures:
    """What the store of a study holds; points that are not done yet say so.

    Parameters
    ----------
    folder : path
        In which the store is.
    asked : Study, optional
        By which it is looked at; the one that was run last unless given.

    Attributes
    ----------
    folder : Path
        In which the store is.
    name, question : str
        Of the study.
    dimensions : mapping
        Name to what its values are called, in their order.
    measures : tuple of MeasureName
        What tables show unless others are asked for.
    points : tuple of SeenPoint
        All of them.
    told : mapping
        How it was made: versions, seed, designs.

    Raises
    ------
    PacsimError
        If there is no store.
    """

    def __init__(self, folder: str | os.PathLike[str], asked: Study | None = None) -> None:
        self.folder = Path(folder)
        with Store(self.folder) as store:
            self.told = store.told()
            listed = [(n, key, labels, changes) for n, key, _, labels, changes in store.listed()]
            if asked is not None:
                check_same(self.told, asked, self.folder)
                self.told = told_of(asked, self.told)
                listed = [(x.number, x.key, dict(x.labels), dict(x.changes)) for x in asked.points]
            self.seed = int(self.told["seed"])
            seen, failures = store.seen(self.seed), store.failures(self.seed)
        self.points = tuple(
            SeenPoint(
                number, key, labels, changes, seen.get(key, Seen()), failures.get(key, ("",))[0]
            )
            for number, key, labels, changes in listed
        )
        self.ends = PointEnds(stopping_of(self.told), self._kept)
        self.name, self.question = self.told["study"], self.told["question"]
        self.measures = tuple(MeasureName.read(one) for one in self.told["measures"])
        self.dimensions = self._dimensions()
        self._figures: dict[MeasureName, dict[str, Row]] = {}
        self._series: dict[MeasureName, dict[str, np.ndarray | None]] = {}

    @property
    def sampled(self) -> bool:
        """Whether points are drawn, so that they are on no grid."""
        return any(not labels for labels in self.told["dimensions"].values())

    def _dimensions(self) -> dict[str, list[str]]:
        """Return what the values of each dimension are called, as far as points have them."""
        found: dict[str, list[str]] = {}
        if any(DESIGN in one.labels for one in self.points):
            found[DESIGN] = list(self.told["names"])
        for name, labels in self.told["dimensions"].items():
            found[name] = labels or list(dict.fromkeys(one.labels[name] for one in self.points))
        return found

    def _kept(self, key: str) -> bytes:
        with Store(self.folder) as store:
            return store.figures(key, self.seed)

    def point(self, which: int | Mapping[str, str] | SeenPoint) -> SeenPoint:
        """Return a point by its number, or by what its values are called.

        Parameters
        ----------
        which : int or mapping
            ``3``, or ``{"check": "30 s", "success": "95 %"}``, which must fit one point only.

        Raises
        ------
        ArgumentError
            If there is none, or more than one.
        """
        if isinstance(which, SeenPoint):
            return which
        if isinstance(which, int):
            for one in self.points:
                if one.number == which:
                    return one
            msg = f"no point {which}; there are 1 to {len(self.points)}"
            raise ArgumentError(msg)
        wanted = {str(name): str(label) for name, label in which.items()}
        for name, label in wanted.items():
            self.check_dimension(name)
            if label not in self.dimensions[name]:
                msg = f'"{name}" has no value "{label}"; {near(label, self.dimensions[name])}'
                raise ArgumentError(msg)
        fitting = [one for one in self.points if wanted.items() <= dict(one.labels).items()]
        if len(fitting) != 1:
            said = "none was run" if not fitting else f"{len(fitting)} points; name more of them"
            msg = f"{wanted}: {said}"
            raise ArgumentError(msg)
        return fitting[0]

    def check_dimension(self, dimension: str) -> None:
        """Refuse the name of nothing that is varied.

        Parameters
        ----------
        dimension : str
            A name.

        Raises
        ------
        ArgumentError
            If nothing is varied that is called so.
        """
        if dimension not in self.dimensions:
            remedy = near(dimension, self.dimensions)
            msg = f'nothing is varied that is called "{dimension}"; {remedy}'
            raise ArgumentError(msg)

    def measure(self, which: str | MeasureName | None = None) -> MeasureName:
        """Return a measure as a name; the first one of the study if none is given.

        Parameters
        ----------
        which : str or MeasureName, optional
            ``OWNER.MEASURE`` or ``OWNER.MEASURE:OF``.

        Raises
        ------
        ArgumentError
            If it is no measure.
        """
        if which is None:
            return self.measures[0]
        if isinstance(which, MeasureName):
            return which
        try:
            return MeasureName.read(which)
        except ValueError as error:
            raise ArgumentError(str(error)) from None

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
        self._figures |= made

    def series(self, measure: str | MeasureName | None = None) -> list[np.ndarray | None]:
        """Return the means over blocks of 64 terms of each point, of what is a mean or a ratio.

        Of a ratio they are linearised. None of a point that has none; of quantiles no point has.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        """
        name = self.measure(measure)
        if name not in self._series:
            made: dict[str, np.ndarray | None] = {}
            if is_mean(name):
                with Store(self.folder) as store:
                    for key in dict.fromkeys(one.key for one in self.points if one.seen.terms):
                        blocks = store.blocks(key, self.seed, name)
                        made[key] = linearised(blocks.top, blocks.below)
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
        choice.feed({n: x if x is not None else np.zeros(0) for n, x in series.items()})
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

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        """
        labels = [one.labels for one in self.points]
        return main_effects(self.dimensions, labels, self.series(measure))

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

    def ranks(
        self,
        measure: str | MeasureName | None = None,
        *,
        highest: bool | None = None,
        shown: Sequence[int] | None = None,
    ) -> tuple[dict[int, RankRange], int]:
        """Return where points may stand, by number, and how many comparisons were made for it.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given; a mean or a ratio.
        highest : bool, optional
            Whether more is better; as usual for the measure unless given.
        shown : sequence of int, optional
            Numbers of the points whose ranks are wanted; all unless given.
        """
        name = self.measure(measure)
        up = more_is_better(name) if highest is None else highest
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
