"""Pictures of a study: a line with its band, a map with numbers, several small maps."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import ArgumentError
from pacsim.plots.figures import new_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure as Canvas
    from matplotlib.image import AxesImage

    from pacsim.plots.figures import Axes

LINE, BAND, TARGET, NOTHING = "#2c5f86", "#c9dcea", "#b5482a", "#eeeeee"
BORDER = "#12263a"
"""Of where the target is met in a map: neither of its colours."""
LOW_IS_GOOD, HIGH_IS_GOOD = "Oranges", "Blues"
MOST = 12
"""Small pictures in one."""
WIDE = 20.0
"""Largest value over the smallest from which on an axis is logarithmic."""
DARK = 0.6
"""Share of the range of colours from which on numbers are white."""


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    """A point of a study that is drawn.

    Parameters
    ----------
    labels : mapping
        Dimension to what its value is called.
    estimate, lower, upper : float or None
        The figure and the ends of its interval.
    """

    labels: Mapping[str, str]
    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class DrawnDimension:
    """A dimension that is drawn.

    Parameters
    ----------
    name : str
        Of the axis.
    labels : tuple of str
        Its values, in order.
    numbers : tuple of float or None
        The same as numbers, where all are of one unit.
    unit : str
        Of the numbers.
    """

    name: str
    labels: tuple[str, ...]
    numbers: tuple[float, ...] | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class DrawnStudy:
    """What a picture of a study shows.

    Parameters
    ----------
    title, question : str
        Over it.
    said : str
        What the figures are, with their unit.
    dimensions : tuple of DrawnDimension
        Those that are drawn: the first across, the second up, a small picture for each combination
        of the others.
    points : tuple of DrawnPoint
        Of the study.
    show : callable
        How a figure is written.
    high_is_good : bool
        Whether more is better.
    sampled : bool
        Whether points are drawn from ranges: a small picture for each dimension.
    target : float, optional
        In the unit of the figures.
    alone : bool
        Whether nothing else is varied than what is drawn across, so that points are on a line.
    """

    title: str
    question: str
    said: str
    dimensions: tuple[DrawnDimension, ...]
    points: tuple[DrawnPoint, ...]
    show: Callable[[float], str]
    high_is_good: bool = False
    sampled: bool = False
    target: float | None = None
    alone: bool = False


def study_picture(study: DrawnStudy, ax: Axes | None = None) -> Axes:
    """Return a picture of one measure of a study.

    Parameters
    ----------
    study : DrawnStudy
        What is drawn.
    ax : Axes, optional
        To draw on, of one line or one map; a new figure if not given.

    Returns
    -------
    Axes
        Those drawn on, the first of several.

    Raises
    ------
    ArgumentError
        If it would be more than 12 small pictures.
    """
    if study.sampled:
        return _scatters(study)
    if len(study.dimensions) < 2:
        return _line(study, ax)
    return _maps(study, ax)


def _canvas(study: DrawnStudy, width: float, height: float) -> Canvas:
    canvas = new_figure(width, height, layout="constrained")
    said = fill(study.question, max(30, int(11 * width)))
    canvas.suptitle(
        f"{study.title}\n{said}" if said else study.title, fontsize=11, parse_math=False
    )
    return canvas


def _line(study: DrawnStudy, ax: Axes | None) -> Axes:
    """Draw figures over one dimension, with their intervals."""
    ax = ax if ax is not None else _canvas(study, 6.5, 4.0).add_subplot()
    axis = study.dimensions[0] if study.dimensions else DrawnDimension("", ("",), None)
    _figures_over(ax, study, axis)
    ax.set_ylabel(study.said, parse_math=False)
    return ax


def _figures_over(ax: Axes, study: DrawnStudy, axis: DrawnDimension, *, first: bool = True) -> None:
    """Draw the figures of all points over one dimension: joined where that means something."""
    places = axis.numbers or tuple(float(k) for k in range(len(axis.labels)))
    at = dict(zip(axis.labels, places, strict=True))
    there = [
        (at[one.labels.get(axis.name, "")], one) for one in study.points if one.estimate is not None
    ]
    there.sort(key=lambda one: one[0])
    x = np.array([place for place, _ in there])
    y = np.array([one.estimate for _, one in there], dtype=float)
    low = np.array([y[k] if p.lower is None else p.lower for k, (_, p) in enumerate(there)])
    high = np.array([y[k] if p.upper is None else p.upper for k, (_, p) in enumerate(there)])
    if axis.numbers is not None and (study.alone or not study.sampled):
        ax.fill_between(x, low, high, color=BAND, linewidth=0, label="95 % interval")
        ax.plot(x, y, "o-", color=LINE, markersize=4)
    else:
        many = study.sampled
        ax.errorbar(
            x, y, yerr=np.abs([y - low, high - y]), fmt="o", color=LINE,
            ecolor=BAND if many else LINE, markersize=3 if many else 5,
            capsize=0 if many else 3, elinewidth=1.2,
        )  # fmt: skip
    if study.target is not None:
        ax.axhline(study.target, color=TARGET, linestyle="--", linewidth=1.2)
        if first:
            ax.annotate(
                f"target {_target(study)}", (0.99, study.target), color=TARGET,
                xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8,
            )  # fmt: skip
    _x_axis(ax, axis, places, sampled=study.sampled)
    ax.set_ylim(bottom=0.0 if len(y) and not study.high_is_good else None)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _target(study: DrawnStudy) -> str:
    """Return the target as it was asked for: 4, not 4.00."""
    assert study.target is not None
    said = study.show(study.target)
    return (
        said.rstrip("0").rstrip(".") if said.replace(".", "", 1).isdigit() and "." in said else said
    )


def _x_axis(
    ax: Axes, axis: DrawnDimension, places: Sequence[float], *, sampled: bool = False
) -> None:
    wide = axis.numbers is not None and min(places) > 0 and max(places) / min(places) >= WIDE
    if wide:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
    if sampled and axis.numbers is not None:
        ax.set_xlabel(f"{axis.name} [{axis.unit}]" if axis.unit else axis.name, parse_math=False)
        return
    ax.set_xticks(list(places), [fill(label, 14) for label in axis.labels], parse_math=False)
    if wide:
        ax.set_xticks([], minor=True)
    if axis.numbers is None:
        ax.set_xlim(-0.5, len(places) - 0.5)
    ax.set_xlabel(axis.name, parse_math=False)


def _scatters(study: DrawnStudy) -> Axes:
    """Draw the figures over each dimension in turn."""
    count = len(study.dimensions)
    _refuse_many(count, "dimensions are drawn from ranges; name one with x")
    across = min(count, 3 if count != 4 else 2)
    down = math.ceil(count / across)
    canvas = _canvas(study, 3.4 * across + 0.6, 2.8 * down + 0.9)
    panels = canvas.subplots(down, across, squeeze=False, sharey=True)
    for k, panel in enumerate(panels.ravel()):
        if k >= count:
            panel.set_axis_off()
            continue
        _figures_over(panel, study, study.dimensions[k], first=k == 0)
    for panel in panels[:, 0]:
        panel.set_ylabel(fill(study.said, 28), parse_math=False)
    first: Axes = panels[0, 0]
    return first


def _refuse_many(count: int, why: str) -> None:
    if count > MOST:
        msg = f"{count} small pictures, more than {MOST}: {why}"
        raise ArgumentError(msg)


def _maps(study: DrawnStudy, ax: Axes | None) -> Axes:
    """Draw a map of two dimensions for each combination of the others."""
    across, up, *others = study.dimensions
    combinations = list(itertools.product(*(one.labels for one in others)))
    _refuse_many(len(combinations), "give one value of some dimensions, as in plot(check='5 s')")
    grids = [
        _grid(study, across, up, dict(zip([o.name for o in others], labels, strict=True)))
        for labels in combinations
    ]
    ends = _ends(grids)
    if ax is not None and len(grids) == 1:
        panels = np.array([[ax]])
        canvas = None
    else:
        # One further dimension is a row; of several the last one goes across.
        wide = len(others[-1].labels) if others else 1
        wide = min(wide, 4)
        down = math.ceil(len(grids) / wide)
        width = 0.95 * len(across.labels) + 0.5
        height = 0.5 * len(up.labels) + 0.6
        canvas = _canvas(study, max(5.0, width * wide + 2.2), max(2.8, height * down + 1.4))
        panels = canvas.subplots(down, wide, squeeze=False, sharex=True, sharey=True)
    mapped = None
    for k, panel in enumerate(panels.ravel()):
        if k >= len(grids):
            panel.set_axis_off()
            continue
        mapped = _map(panel, study, across, up, grids[k], ends)
        if others:
            named = zip(others, combinations[k], strict=True)
            said = ", ".join(f"{o.name} {label}" for o, label in named)
            panel.set_title(said, fontsize=9, parse_math=False)
    for panel in panels[-1]:
        panel.set_xlabel(across.name, parse_math=False)
    for panel in panels[:, 0]:
        panel.set_ylabel(up.name, parse_math=False)
    first: Axes = panels[0, 0]
    owner = canvas if canvas is not None else first.get_figure(root=True)
    if mapped is not None and owner is not None:
        said = fill(study.said, 44)
        if study.target is not None and any(panel.lines for panel in panels.ravel()):
            said += f"\nline: {_target(study)}"
        owner.colorbar(mapped, ax=panels.ravel().tolist()).set_label(said, parse_math=False)
    return first


def _grid(
    study: DrawnStudy, across: DrawnDimension, up: DrawnDimension, fixed: Mapping[str, str]
) -> np.ndarray:
    """Return the figures of a map, a row for each value that goes up."""
    grid = np.full((len(up.labels), len(across.labels)), np.nan)
    for one in study.points:
        if one.estimate is None or any(one.labels.get(k) != v for k, v in fixed.items()):
            continue
        row, column = (
            up.labels.index(one.labels[up.name]),
            across.labels.index(one.labels[across.name]),
        )
        grid[row, column] = one.estimate
    return grid


def _ends(grids: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the ends of the colours that all maps share."""
    seen = np.concatenate([grid[np.isfinite(grid)] for grid in grids])
    if not len(seen):
        return 0.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _map(
    ax: Axes,
    study: DrawnStudy,
    across: DrawnDimension,
    up: DrawnDimension,
    grid: np.ndarray,
    ends: tuple[float, float],
) -> AxesImage:
    """Draw one map, its numbers, and the border of where the target is met."""
    name = HIGH_IS_GOOD if study.high_is_good else LOW_IS_GOOD
    ax.set_facecolor(NOTHING)
    mapped = ax.imshow(grid, origin="lower", cmap=name, vmin=ends[0], vmax=ends[1], aspect="auto")
    ax.set_xticks(
        range(len(across.labels)), [fill(label, 10) for label in across.labels], parse_math=False
    )
    ax.set_yticks(range(len(up.labels)), [fill(label, 16) for label in up.labels], parse_math=False)
    for row, column in np.ndindex(*grid.shape):
        value = grid[row, column]
        text = study.show(float(value)) if np.isfinite(value) else "-"
        share = (value - ends[0]) / (ends[1] - ends[0])
        colour = "white" if np.isfinite(value) and share > DARK else "black"
        ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    if study.target is not None:
        _border(ax, grid, study)
    ax.tick_params(length=0)
    return mapped


def _border(ax: Axes, grid: np.ndarray, study: DrawnStudy) -> None:
    """Draw the border between cells that meet the target and those that do not."""
    assert study.target is not None
    met = grid >= study.target if study.high_is_good else grid <= study.target
    there = np.isfinite(grid)
    rows, columns = grid.shape
    side = (met[:, 1:] != met[:, :-1]) & there[:, 1:] & there[:, :-1]
    for row, column in np.argwhere(side):
        ax.plot([column + 0.5] * 2, [row - 0.5, row + 0.5], color=BORDER, linewidth=2.5)
    above = (met[1:] != met[:-1]) & there[1:] & there[:-1]
    for row, column in np.argwhere(above):
        ax.plot([column - 0.5, column + 0.5], [row + 0.5] * 2, color=BORDER, linewidth=2.5)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(-0.5, rows - 0.5)
