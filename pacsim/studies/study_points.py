"""The points of a study as its store has them, found by numbers, values and measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.problems import near
from pacsim.studies.amounts import in_order
from pacsim.studies.measure_kinds import is_mean
from pacsim.studies.point_measures import PointMeasures
from pacsim.studies.provenance import check_same, told_of
from pacsim.studies.store import Seen, Store
from pacsim.studies.study_values import DESIGN, MeasureName

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

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


class StudyPoints:
    """The points of a study in a store.

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
        self.name, self.question = self.told["study"], self.told["question"]
        self.measures = tuple(MeasureName.read(one) for one in self.told["measures"])
        self.dimensions = self._dimensions()
        self._offered = PointMeasures(self.told["offered"])

    @property
    def sampled(self) -> bool:
        """Whether points are drawn, so that they are on no grid."""
        return bool(self.drawn)

    @property
    def drawn(self) -> list[str]:
        """Dimensions whose values are drawn from a range."""
        return [name for name, labels in self.told["dimensions"].items() if not labels]

    def _dimensions(self) -> dict[str, list[str]]:
        """Return what the values of each dimension are called, as far as points have them."""
        found: dict[str, list[str]] = {}
        if any(DESIGN in one.labels for one in self.points):
            found[DESIGN] = list(self.told["names"])
        for name, labels in self.told["dimensions"].items():
            found[name] = labels or in_order({one.labels[name] for one in self.points})
        return found

    def point(self, which: SupportsIndex | Mapping[str, str] | SeenPoint) -> SeenPoint:
        """Return a point by its number, or by what its values are called.

        Parameters
        ----------
        which : int or mapping
            ``3``, or ``{"check": "30 s", "success": "95 %"}``, which must fit one point only.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If there is none, or more than one.
        """
        if isinstance(which, SeenPoint):
            return which
        if isinstance(which, Mapping):
            return self._named(which)
        try:
            number = index(which) if not isinstance(which, bool) else None
        except TypeError:
            number = None
        if number is None:
            msg = f'{which!r} is no point; give its number, or its values as {{"check": "30 s"}}'
            raise ArgumentTypeError(msg)
        for one in self.points:
            if one.number == number:
                return one
        msg = f"no point {which}; there are 1 to {len(self.points)}"
        raise ArgumentError(msg)

    def _named(self, values: Mapping[str, str]) -> SeenPoint:
        """Return the only point that has some values."""
        wanted = self.check_values(values)
        fitting = [one for one in self.points if wanted.items() <= dict(one.labels).items()]
        if len(fitting) == 1:
            return fitting[0]
        said = "no point has all of them"
        if fitting:
            open_ones = [name for name in self.dimensions if name not in wanted]
            said = f"{len(fitting)} points have them; say which {' and which '.join(open_ones)}"
        named = ", ".join(f"{name} {label}" for name, label in wanted.items())
        msg = f"{named or 'nothing named'}: {said}"
        raise ArgumentError(msg)

    def check_values(self, values: Mapping[str, object]) -> dict[str, str]:
        """Return dimensions and their values as texts; names and values of nothing are refused.

        Parameters
        ----------
        values : mapping
            Dimension to what its value is called.

        Raises
        ------
        ArgumentError
            With the nearest match.
        """
        wanted = {str(name): str(label) for name, label in values.items()}
        for name, label in wanted.items():
            self.check_dimension(name)
            if label not in self.dimensions[name]:
                msg = f'"{name}" has no value "{label}"; {near(label, self.dimensions[name])}'
                raise ArgumentError(msg)
        return wanted

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
        ArgumentError, ArgumentTypeError
            If it is no measure, or none that a point has.
        """
        return self.measures[0] if which is None else self._offered.measure(which)

    def named(
        self, measures: Sequence[str | MeasureName] | str | MeasureName | None
    ) -> list[MeasureName]:
        """Return measures as names; those of the study if none are given.

        Parameters
        ----------
        measures : sequence of str, or one, or None
            ``OWNER.MEASURE[:OF]``.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If one is no measure, or none that a point has.
        """
        if measures is None:
            return list(self.measures)
        several = [measures] if isinstance(measures, str | MeasureName) else measures
        if not isinstance(several, Iterable) or not (found := [self.measure(x) for x in several]):
            msg = f"{measures!r} names no measures; write for example ['store.down_unplanned']"
            raise ArgumentTypeError(msg)
        return found

    def lack(self, point: SeenPoint, name: MeasureName) -> str:
        """Return in a few words why a point has no such figure, which others have; else nothing.

        Parameters
        ----------
        point : SeenPoint
            Of the study.
        name : MeasureName
            Of the figure.
        """
        return self._offered.lack(point.number, name)

    def mean(self, which: str | MeasureName | None, why: str) -> MeasureName:
        """Return a measure as a name, if it is a mean over terms or a ratio of two.

        Parameters
        ----------
        which : str or MeasureName or None
            ``OWNER.MEASURE[:OF]``; the first of the study if not given.
        why : str
            What cannot be done without one, for the message.

        Raises
        ------
        ArgumentError
            If it is none, with what cannot be done.
        """
        name = self.measure(which)
        if not is_mean(name):
            msg = f"{name} is no mean, so {why}; see to_frame"
            raise ArgumentError(msg)
        return name
