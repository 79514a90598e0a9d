"""Hours down a year, by design: unplanned, needing both, planned, and the spreadsheet's number."""

from __future__ import annotations

import sys
from textwrap import fill
from typing import TYPE_CHECKING

from pacsim.results.formatting import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pacsim.results import Result

KINDS = (
    ("down_unplanned", "unplanned", "#b5482a"),
    ("down_mixed", "needing both", "#8a7a9e"),
    ("down_planned", "planned", "#7fa7c4"),
)
"""Measure, label and a colour that stays apart for most colour-blind readers."""


def _new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new figure, which a notebook shows and keeps nowhere else."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def downtime(result: Result, role: str = "store", ax: Axes | None = None) -> Axes:
    """Return a stacked bar per design with the 95 % interval of the total.

    Parameters
    ----------
    result : Result
        Of one design or several.
    role : str
        Whose down time.
    ax : Axes, optional
        To draw on; a new figure if not given.

    Returns
    -------
    Axes
        Of matplotlib, for titles and saving.
    """
    if ax is None:
        ax = _new_axes(8.0, 1.8 + 0.85 * len(result.designs))
    places = list(range(len(result.designs)))[::-1]
    left = [0.0] * len(places)
    for measure, label, colour in KINDS:
        rows = [result.get(measure, design=name, role=role) for name in result.designs]
        sizes = [one.estimate or 0.0 for one in rows]
        ax.barh(places, sizes, left=left, color=colour, label=label, height=0.55)
        left = [a + b for a, b in zip(left, sizes, strict=True)]
    totals = [result.get("down", design=name, role=role) for name in result.designs]
    middle = [one.estimate or 0.0 for one in totals]
    below = [(one.estimate or 0.0) - (one.lower or 0.0) for one in totals]
    above = [(one.upper or one.estimate or 0.0) - (one.estimate or 0.0) for one in totals]
    ax.errorbar(middle, places, xerr=[below, above], fmt="none", ecolor="black", capsize=3)
    for place, one in zip(places, totals, strict=True):
        end = one.upper or one.estimate or 0.0
        ax.annotate(
            f"{plain(one.estimate or 0.0)} h/yr",
            (end, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    sheet = [
        result.get("spreadsheet_down", design=name, role=role).estimate or 0.0
        for name in result.designs
    ]
    ax.plot(
        sheet,
        places,
        "D",
        color="black",
        markeredgecolor="white",
        markersize=7,
        label="spreadsheet's number",
    )
    # Names are shown as they are; dollars in them are no formula.
    ax.set_yticks(places, [fill(name, 24) for name in result.designs], parse_math=False)
    label = f'hours a year in which "{role}" is down, with 95 % interval of the sum'
    ax.set_xlabel(label, parse_math=False)
    ax.set_xlim(0, 1.18 * max([one.upper or 0.0 for one in totals] + [0.01]))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    # Above the bars: inside it would lie on the longest one, wherever that is.
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4)
    return ax
