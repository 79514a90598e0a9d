"""A study: designs, what is varied in them, what is measured, and when a point is done."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.errors import ArgumentTypeError
from pacsim.studies.study_reader import read_mapping, read_study

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacsim.design import Design
    from pacsim.studies.offered_measures import OfferedMeasures
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
    structures : tuple of OfferedMeasures
        The measures that points have, by the number of their structure.

    Examples
    --------
    >>> Study.load("experiments/sweeps/failover/failover.yaml").question
    'Is it a quick check, a switchover that works, or a faster contract?'
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
    structures: tuple[OfferedMeasures, ...] = ()

    @classmethod
    def load(cls, path: str | Path, *, progress: Callable[[int], None] | None = None) -> Study:
        """Return the study in a file.

        Parameters
        ----------
        path : str or Path
            A study file; paths in it are relative to it.
        progress : callable, optional
            Called with the number of points that have been looked at.

        Raises
        ------
        DesignError
            With every problem at once: file, line, path, rule and remedy.
        ArgumentTypeError
            If it is no path.

        Examples
        --------
        >>> Study.load("nowhere.yaml")
        Traceback (most recent call last):
        pacsim.files.problems.DesignError: nowhere.yaml: 1 problem
          cannot be read: No such file or directory; check the path
        """
        if not isinstance(path, str | os.PathLike):
            msg = f"{path!r} is no path of a study file; Study.of takes a map"
            raise ArgumentTypeError(msg)
        return cls(**read_study(Path(path), progress))

    @classmethod
    def of(
        cls,
        plain: Mapping[str, Any],
        *,
        designs: Sequence[Design] = (),
        file: str = "study.yaml",
        progress: Callable[[int], None] | None = None,
    ) -> Study:
        """Return the study of plain values.

        Parameters
        ----------
        plain : mapping
            What a study file would say, as YAML reads it.
        designs : sequence of Design
            In place of the files that ``designs`` would name.
        file : str
            Where it would stand: paths in it are relative to it.
        progress : callable, optional
            Called with the number of points that have been looked at.

        Raises
        ------
        DesignError
            With every problem at once.

        Examples
        --------
        >>> from pacsim.design import design_of
        >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
        ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
        >>> study = Study.of({"vary": {"parts.a.ttr": ["2 h", "8 h"]}}, designs=[one])
        >>> [str(point) for point in study.points]
        ['point 1 (parts.a.ttr 2 h)', 'point 2 (parts.a.ttr 8 h)']
        """
        return cls(**read_mapping(plain, file, designs, progress))
