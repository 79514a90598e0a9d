"""Which measures each point of a study has: told to its store, and read from it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.studies.offered_measures import OfferedMeasures
from pacsim.studies.study_values import MeasureName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.studies.study import Study


def told_measures(study: Study) -> dict[str, Any]:
    """Return which measures the points of a study have, as plain data.

    Most structures have the same ones, so each says which it lacks.

    Parameters
    ----------
    study : Study
        Whose points are right.
    """
    every = OfferedMeasures()
    for one in study.structures:
        every |= one
    names, causes = sorted(every.names), sorted(every.causes)
    return {
        "names": [str(one) for one in names],
        "causes": causes,
        "lacking": [
            [
                [k for k, name in enumerate(names) if name not in one.names],
                [k for k, cause in enumerate(causes) if cause not in one.causes],
            ]
            for one in study.structures
        ],
        "points": {str(one.number): one.structure for one in study.points if one.structure},
    }


class PointMeasures:
    """Which measures the points of a study have, as its store tells.

    Parameters
    ----------
    told : mapping
        What `told_measures` made.

    Attributes
    ----------
    every : OfferedMeasures
        What one point or another has.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        names = [MeasureName.read(one) for one in told["names"]]
        causes = list(told["causes"])
        self.every = OfferedMeasures(frozenset(names), frozenset(causes))
        self._structures = [
            OfferedMeasures(
                self.every.names - {names[k] for k in without},
                self.every.causes - {causes[k] for k in lost},
            )
            for without, lost in told["lacking"]
        ]
        self._points = {int(number): k for number, k in told["points"].items()}

    def measure(self, which: object) -> MeasureName:
        """Return a measure as a name.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If it is none, or no point has it: with the nearest match, and what there is.
        """
        if not isinstance(which, str | MeasureName):
            msg = f"{which!r} is no measure; write for example 'store.down_unplanned'"
            raise ArgumentTypeError(msg)
        try:
            name = which if isinstance(which, MeasureName) else MeasureName.read(which)
        except ValueError as error:
            raise ArgumentError(str(error)) from None
        if not self.every.has(name):
            rule, remedy = self.every.missing(name)
            msg = f"{name}: {rule}; {remedy}"
            raise ArgumentError(msg)
        return name

    def lack(self, number: int, name: MeasureName) -> str:
        """Return in a few words why a point has no such figure; empty if it has one.

        Parameters
        ----------
        number : int
            Of the point.
        name : MeasureName
            That some point has.
        """
        offered = self._structures[self._points.get(number, 0)]
        return "" if offered.has(name) else offered.lack(name, self.every)
