"""What a picture of a study shows: one measure over its dimensions, as numbers where they are."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.plots.study_picture import DrawnDimension, DrawnPoint, DrawnStudy
from pacsim.results.measures import label
from pacsim.studies.amounts import Amount
from pacsim.studies.measure_kinds import more_is_better, unit_of_name
from pacsim.studies.study_table import shown_as

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.studies.study_figures import StudyFigures
    from pacsim.studies.study_values import MeasureName

UNITS = {"h/year": "hours a year", "1/year": "a year", "1": "", "s": "s", "h": "h"}
"""Of figures, on an axis."""


def drawn_study(
    result: StudyFigures,
    name: MeasureName,
    *,
    target: float | None = None,
    x: str | None = None,
    y: str | None = None,
    fixed: Mapping[str, str] | None = None,
) -> DrawnStudy:
    """Return what is drawn of one measure of a study.

    Parameters
    ----------
    result : StudyFigures
        What was found.
    name : MeasureName
        Of the figures.
    target : float, optional
        In their unit.
    x, y : str, optional
        Dimensions across and up; the longest ones unless given.
    fixed : mapping, optional
        Dimension to the one value of it that is drawn.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If nothing is varied that has such a name or value, or the target is no number.
    """
    fixed = result.check_values(fixed or {})
    for axis in (x, y):
        if axis is not None:
            result.check_dimension(axis)
        if axis in fixed:
            msg = f'"{axis}" has one value, {fixed[axis]}, so it is no side; name another one'
            raise ArgumentError(msg)
    if x is not None and x == y:
        msg = f'"{x}" cannot be both across and up; name two dimensions'
        raise ArgumentError(msg)
    if target is not None:
        _check_target(target)
    free = [
        one for one, labels in result.dimensions.items() if one not in fixed and len(labels) > 1
    ]
    alone = len(free) == 1
    figures = result.figures(name)
    points = tuple(
        DrawnPoint(
            one.labels,
            None if of is None else of.estimate,
            None if of is None else of.lower,
            None if of is None else of.upper,
        )
        for one, of in zip(result.points, figures, strict=True)
        if fixed.items() <= dict(one.labels).items()
    )
    sampled = result.sampled
    if sampled and x is not None:
        free = [x]
    if not sampled:
        free = _ordered(result.dimensions, free, x, y)
    what, of = label(name.measure), f" {name.of}" if name.of else ""
    unit = UNITS.get(unit_of_name(name), unit_of_name(name))
    show = shown_as(name)[0]
    # Hours a year have their unit on the axis, where there is more room.
    bare = unit_of_name(name) == "h/year"
    return DrawnStudy(
        title=", ".join([result.name, *(f"{key} {value}" for key, value in fixed.items())]),
        question=result.question,
        said=f"{name.owner}: {what}{of}{f' [{unit}]' if unit else ''}",
        dimensions=tuple(drawn_dimension(one, result.dimensions[one]) for one in free),
        points=points,
        show=(lambda value: f"{value:#.3g}".rstrip(".")) if bare else show,
        high_is_good=more_is_better(name),
        sampled=sampled,
        target=target,
        alone=alone,
    )


def _check_target(target: object) -> None:
    if isinstance(target, bool) or not isinstance(target, int | float):
        msg = f"target {target!r} is no number in the unit of the measure"
        raise ArgumentTypeError(msg)
    if not math.isfinite(target):
        msg = f"target {target!r} must be finite"
        raise ArgumentError(msg)


def _ordered(
    dimensions: Mapping[str, Sequence[str]], free: list[str], x: str | None, y: str | None
) -> list[str]:
    """Return the dimensions that are drawn: across, up, and those of small pictures."""
    by_size = sorted(free, key=lambda one: -len(dimensions[one]))
    across = x or next((one for one in by_size if one != y), None)
    up = y or next((one for one in by_size if one != across), None)
    named = [one for one in (across, up) if one is not None]
    return [*named, *(one for one in free if one not in named)]


def drawn_dimension(name: str, labels: Sequence[str]) -> DrawnDimension:
    """Return a dimension with the numbers of its values, where all are of one unit.

    Examples
    --------
    >>> drawn_dimension("check", ["1 s", "0.5 min"]).numbers
    (1.0, 30.0)
    >>> drawn_dimension("support", ["4 h", "next day"]).numbers
    """
    try:
        amounts = [Amount.read(one) for one in labels]
        # The unit that most are written in.
        unit = Counter(one.unit for one in amounts).most_common(1)[0][0]
        numbers = tuple(one.in_unit(unit).number for one in amounts)
    except (ValueError, IndexError):
        return DrawnDimension(name, tuple(labels), None)
    return DrawnDimension(name, tuple(labels), numbers, unit)
