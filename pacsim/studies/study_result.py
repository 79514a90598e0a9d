"""What a study found: figures of its points, differences on the same faults, pictures, files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.campaign.pairs import told_of_pair
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.csv_text import csv_text
from pacsim.files.problems import near
from pacsim.files.writing import write_whole
from pacsim.results.rows import Row, row
from pacsim.stats import Estimate, at_level, block_difference
from pacsim.studies.measure_kinds import is_mean, more_is_better, unit_of_name
from pacsim.studies.study_figures import StudyFigures
from pacsim.studies.study_table import as_html, as_text, short_of, study_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pacsim.plots.figures import Axes
    from pacsim.studies.study_points import SeenPoint
    from pacsim.studies.study_table import StudyTable
    from pacsim.studies.study_values import MeasureName

VALUES = ("estimate", "lower", "upper", "n")
"""Of a figure, as numbers."""
COLUMNS = ("point", "measure", "unit", *VALUES, "note")
"""Of the frame, after the dimensions."""


class StudyResult(StudyFigures):
    """What a study found, read from its store; points that are not done yet say so.

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

    Examples
    --------
    >>> from pacsim import sweep
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> times = {"short": {"exactly": "2 h"}, "long": {"exactly": "4 h"}}
    >>> found = sweep(one, {"repair": {"path": "parts.a.ttr", "values": times}},
    ...     replications=64, workers=0, progress=False)
    >>> found.best()[0].labels
    {'repair': 'short'}
    >>> round(7 * found.difference(2, against=1).estimate, 9)
    2.0
    """

    def to_frame(self, measures: Sequence[str | MeasureName] | None = None) -> pd.DataFrame:
        """Return a tidy pandas table: a row a point and measure, dimensions as columns.

        Parameters
        ----------
        measures : sequence of str, optional
            Those of the study unless given.

        Returns
        -------
        pandas.DataFrame
            Dimensions, then point, measure, unit, estimate, lower, upper, n, note.
        """
        import pandas as pd

        return pd.DataFrame(self._flat(measures), columns=[*self.dimensions, *COLUMNS])

    def _flat(self, measures: Sequence[str | MeasureName] | None) -> list[dict[str, Any]]:
        names = self.named(measures)
        self.look_up(names)
        figures = {name: self.figures(name) for name in names}
        rows = []
        for k, point in enumerate(self.points):
            for name in names:
                figure = figures[name][k]
                said = {
                    "point": point.number,
                    "measure": str(name),
                    "unit": unit_of_name(name),
                    "estimate": None,
                    "lower": None,
                    "upper": None,
                    "n": point.seen.terms,
                    "note": self.lack(point, name) or self.note(point, figure),
                }
                if figure is not None:
                    said |= {
                        x: getattr(figure, x) for x in ("unit", "estimate", "lower", "upper", "n")
                    }
                rows.append({**point.labels, **said})
        return rows

    def pivot(
        self,
        rows: str | Sequence[str] | None = None,
        columns: str | Sequence[str] | None = None,
        measure: str | MeasureName | None = None,
        value: str = "estimate",
        **fixed: str,
    ) -> pd.DataFrame:
        """Return figures as a table of two sides.

        Parameters
        ----------
        rows, columns : str or list of str, optional
            Dimensions down and across; by default the last one across and all others down.
        measure : str, optional
            The first one of the study unless given.
        value : str
            ``estimate``, ``lower``, ``upper`` or ``n``.
        **fixed : str
            Dimension to the one value of it that is wanted.

        Raises
        ------
        ArgumentError
            If a dimension is not there, is named twice, or is neither down, across nor fixed; if
            what is fixed or wanted is no value.
        """
        if value not in VALUES:
            msg = f'a figure has no value "{value}"; {near(str(value), VALUES)}'
            raise ArgumentError(msg)
        wanted = self.check_values(fixed)
        down, across = self._sides(rows, columns, wanted)
        import pandas as pd

        frame = self.to_frame([self.measure(measure)])
        for name, label in wanted.items():
            frame = frame[frame[name] == label]
        for name in (*down, *across):
            order = self.dimensions[name]
            frame[name] = frame[name].astype("category").cat.set_categories(order, ordered=True)
        column = frame.set_index([*down, *across])[value].to_frame()
        if column.index.has_duplicates:
            msg = f"several points have one value of {', '.join((*down, *across))}; see to_frame"
            raise ArgumentError(msg)
        if not across:
            return column.sort_index()
        if not down:
            return column.sort_index().T
        made = column[value].unstack(across)  # noqa: PD010 - what a pivot is, with levels
        return pd.DataFrame(made).sort_index().sort_index(axis=1)

    def _sides(
        self,
        rows: str | Sequence[str] | None,
        columns: str | Sequence[str] | None,
        fixed: Mapping[str, str],
    ) -> tuple[list[str], list[str]]:
        """Return the dimensions down and across, each that is not fixed in one of them."""
        named = [*_listed(rows, []), *_listed(columns, [])]
        for name in named:
            self.check_dimension(name)
        if twice := [name for k, name in enumerate(named) if name in (*named[:k], *fixed)]:
            msg = f'"{twice[0]}" is named twice; name each dimension in rows, columns or by a value'
            raise ArgumentError(msg)
        left = [name for name in self.dimensions if name not in (*fixed, *named)]
        alone = rows is None and len(left) == 1
        across = _listed(columns, [] if alone else left[-1:])
        down = _listed(rows, [name for name in left if name not in across])
        rest = [x for x in left if x not in (*down, *across) and len(self.dimensions[x]) > 1]
        if rest:
            msg = f"{', '.join(rest)}: in neither rows nor columns; name one value of each"
            raise ArgumentError(msg)
        if self.sampled and len(down) + len(across) > 1:
            msg = "points that are drawn are on no grid; see to_frame, or name one dimension"
            raise ArgumentError(msg)
        if not (down or across):
            msg = "no dimension is left for rows or columns; see to_frame"
            raise ArgumentError(msg)
        return down, across

    def difference(
        self,
        point: int | Mapping[str, str],
        against: int | Mapping[str, str],
        measure: str | MeasureName | None = None,
        *,
        comparisons: int = 1,
    ) -> Row:
        """Return a point less another, on the terms that both have, met by the same faults.

        The interval is that of `pacsim.compare` for the same two designs, over as many terms and
        as many comparisons, to the bit: one for two designs, two for three.

        Parameters
        ----------
        point, against : int or mapping
            As of `point`.
        measure : str, optional
            The first one of the study unless given.
        comparisons : int
            Differences that are shown together, over all of which the intervals hold (Bonferroni).

        Returns
        -------
        Row
            In the unit of the measure; a quantile has no paired interval, and the note says so.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If a point is none, or has no such measure.
        """
        name = self.measure(measure)
        one, other = self.point(point), self.point(against)
        if isinstance(comparisons, bool) or not isinstance(comparisons, int) or comparisons < 1:
            msg = f"comparisons {comparisons!r} must be a whole number, 1 or more"
            raise ArgumentError(msg)
        for x in (one, other):
            if lack := self.lack(x, name):
                msg = f"point {x.number} ({x}) has {lack}, so it has no difference in {name}"
                raise ArgumentError(msg)
        places = [self.points.index(x) for x in (other, one)]
        series = [self.series(name)[k] for k in places]
        figures = [self.figures(name)[k] for k in places]
        by = next((x.by for x in figures if x is not None), "")
        note = ""
        if not is_mean(name):
            values = [None if x is None else x.estimate for x in figures]
            gap = None if None in values else values[1] - values[0]  # type: ignore[operator]
            of = Estimate(gap, None, None, min(x.seen.terms for x in (one, other)), "difference")
            note = "no paired interval of what is no mean"
        elif series[0] is None or series[1] is None:
            of = Estimate(None, None, None, 0, "paired")
            note = "one of them has no figure"
        else:
            of = block_difference(series[0], series[1], comparisons=comparisons)
            of = replace(of, method=f"{of.method}, {at_level(comparisons)}")
            ends = [x and (x.lower, x.estimate, x.upper) for x in figures]
            none = all(x is not None and x.estimate == 0.0 for x in figures)
            certain = ends == [(0.0, 0.0, 0.0)] * 2
            of, note = told_of_pair(of, none=none, certain=certain)
        return row(
            str(one), name.owner, name.measure, of, unit=unit_of_name(name), by=by, of=name.of,
            against=str(other), note=note,
        )  # fmt: skip

    def best(
        self, measure: str | MeasureName | None = None, *, highest: bool | None = None
    ) -> list[SeenPoint]:
        """Return the best point, and after it those that cannot be told from it.

        Of the points that have the measure.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given; a mean or a ratio.
        highest : bool, optional
            Whether more is better; as usual for the measure unless given.

        Raises
        ------
        ArgumentError
            If the measure is no mean, or no point has it.
        """
        name = self.mean(measure, "points cannot be told apart by it")
        order = self.order(name, highest=highest)
        if not order:
            msg = f"no point has {name} yet"
            raise ArgumentError(msg)
        up = more_is_better(name) if highest is None else highest
        # As many comparisons as the table has, so that both say the same.
        shown = [self.points[k].number for k in short_of(order)]
        comparisons = 1
        if self.comparable(name):
            _, comparisons = self.ranks(name, highest=highest, shown=shown)
        series = self.series(name)
        first = series[order[0]]
        assert first is not None
        alike = []
        for k in order[1:]:
            other = series[k]
            of = block_difference(first, first if other is None else other, comparisons=comparisons)
            told = of.lower is not None and of.upper is not None
            if not (told and (of.upper < 0 if up else of.lower > 0)):  # type: ignore[operator]
                alike.append(k)
        return [self.points[k] for k in (order[0], *alike)]

    def plot(
        self,
        measure: str | MeasureName | None = None,
        *,
        target: float | None = None,
        x: str | None = None,
        y: str | None = None,
        ax: Axes | None = None,
        **fixed: str,
    ) -> Axes:
        """Return a picture: a line with its band, a map with numbers, or several small maps.

        Parameters
        ----------
        measure : str, optional
            The first one of the study unless given.
        target : float, optional
            In the unit of the measure: a line, or the contour of it.
        x, y : str, optional
            Dimensions across and up; those with most values unless given.
        ax : matplotlib.axes.Axes, optional
            Where to draw, of one or two dimensions; new ones unless given.
        **fixed : str
            Dimension to the one value of it that is drawn.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on, the first of several.
        """
        from pacsim.plots.study_picture import study_picture
        from pacsim.studies.study_drawing import drawn_study

        name = self.measure(measure)
        return study_picture(drawn_study(self, name, target=target, x=x, y=y, fixed=fixed), ax)

    def to_csv(
        self, path: str | os.PathLike[str], measures: Sequence[str | MeasureName] | None = None
    ) -> None:
        """Write the frame as CSV, and beside it how it was made, as ``PATH.provenance.json``.

        Parameters
        ----------
        path : path
            The file; its folder must be there.
        measures : sequence of str, optional
            Those of the study unless given.

        Raises
        ------
        PacsimError
            If one of the two cannot be written.
        """
        file = Path(path)
        columns = [*self.dimensions, *COLUMNS]
        rows = self._flat(measures)
        write_whole(file, csv_text(columns, ([one.get(c) for c in columns] for one in rows)))
        said = json.dumps(self.provenance(), indent=1, ensure_ascii=False)
        write_whole(file.with_name(f"{file.name}.provenance.json"), said + "\n")

    def provenance(self) -> dict[str, Any]:
        """Return how it was made: what the store says, and each point's design and terms."""
        each = [
            {
                "point": one.number,
                "design": one.key,
                "changes": dict(one.changes),
                "terms": one.seen.terms,
                "seconds": round(one.seen.seconds, 3),
                "failure": one.failure,
            }
            for one in self.points
        ]
        return {**self.told, "points": each}

    def table(self, measures: Sequence[str | MeasureName] | None = None) -> StudyTable:
        """Return the table of a study: its points by the first measure, and what matters.

        Parameters
        ----------
        measures : sequence of str, optional
            A column each; those of the study unless given.
        """
        names = self.named(measures)
        self.look_up(names)
        return study_table(self, tuple(names))

    def __str__(self) -> str:
        return as_text(self.table())

    def __repr__(self) -> str:
        done = sum(self.done(one) for one in self.points)
        return f"<StudyResult {self.name!r}: {len(self.points)} points, {done} done>"

    def _repr_html_(self) -> str:
        return as_html(self.table())


def _listed(names: str | Sequence[str] | None, usual: list[str]) -> list[str]:
    if names is None:
        return usual
    if not isinstance(names, Sequence):
        msg = f"{names!r} is no name of a dimension, and no list of them"
        raise ArgumentTypeError(msg)
    return [names] if isinstance(names, str) else list(names)


def read(folder: str | os.PathLike[str]) -> StudyResult:
    """Return what a study found, from the folder of its store.

    Parameters
    ----------
    folder : path
        What ``pacsim sweep`` wrote into.

    Returns
    -------
    StudyResult
        With what is done so far.

    Raises
    ------
    PacsimError
        If there is no store.
    ArgumentTypeError
        If it is no path.

    Examples
    --------
    >>> from pacsim.errors import PacsimError
    >>> try:
    ...     read("nowhere")
    ... except PacsimError as error:
    ...     print(error)
    nowhere: there is no store of a study; run pacsim sweep first
    """
    if not isinstance(folder, str | os.PathLike):
        msg = f"{folder!r} is no path of a folder"
        raise ArgumentTypeError(msg)
    return StudyResult(folder)
