"""A study: designs, what is varied in them, what is measured, and when a point is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design import Design
    from pacsim.studies.points import Point
    from pacsim.studies.study_values import BestOf, Dimension, MeasureName, Sampling, Stopping


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A study as it was asked for, whole and checked.

    Parameters
    ----------
    name, question : str
        What is printed over every table and picture.
    file : str
        Where it was read from.
    designs : tuple of Design
        At least one; several are a dimension called ``design``, the slowest one.
    dimensions : tuple of Dimension
        In the order in which they are written.
    left_out : tuple of mapping
        Combinations that are not run: dimension to label; dimensions not named are any.
    measures : tuple of MeasureName
        What tables show; the store keeps all.
    stopping : Stopping
        When a point is done.
    seed : int
        Of all random streams, the same at all points.
    best_of : BestOf, optional
        If the best point is asked for.
    sample : Sampling, optional
        If points are drawn in place of the cross.
    notes : tuple of str
        What is legal and still looks odd.
    points : tuple of Point
        All of them, numbered from 1, the design of each resolved and found right.
    """

    name: str
    question: str
    file: str
    designs: tuple[Design, ...]
    dimensions: tuple[Dimension, ...]
    left_out: tuple[Mapping[str, str], ...]
    measures: tuple[MeasureName, ...]
    stopping: Stopping
    seed: int = 1
    best_of: BestOf | None = None
    sample: Sampling | None = None
    notes: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
