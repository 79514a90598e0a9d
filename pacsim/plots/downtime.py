"""Hours down a year, by design: unplanned, needing both, planned, and the spreadsheet's number."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Protocol

from pacsim.formatting import plain
from pacsim.plots.figures import new_figure

if TYPE_CHECKING:
    from pacsim.plots.figures import Axes

KINDS = (
    ("down_unplanned", "unplanned", "#b5482a"),
    ("down_mixed", "needing both", "#8a7a9e"),
    ("down_planned", "planned", "#7fa7c4"),
)
"""Measure, label and a colour that stays apart for most colour-blind readers."""


class Figure(Protocol):
    """A figure with its interval; None for an end that it has not."""

    @property
    def estimate(self) -> float | None:
        """The figure."""

    @property
    def lower(self) -> float | None:
        """The lower end."""

    @property
    def upper(self) -> float | None:
        """The upper end."""


class Figures(Protocol):
    """What is drawn: figures by measure, design and role, as a `pacsim.Result` gives them."""

    @property
    def designs(self) -> tuple[str, ...]:
        """Names of the designs, from the top."""

    def get(self, measure: str, *, design: str = "", role: str = "") -> Figure:
        """Return one figure."""


def downtime(result: Figures, role: str = "store", ax: Axes | None = None) -> Axes:
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
        ax = new_figure(8.0, 1.8 + 0.85 * len(result.designs), "constrained").subplots()
    places = list(range(len(result.designs)))[::-1]
    _bars(ax, result, role, places)
    furthest = _totals(ax, result, role, places)
    sheet = [_value(result.get("spreadsheet_down", design=d, role=role)) for d in result.designs]
    label = "spreadsheet's number"
    ax.plot(sheet, places, "D", color="black", mec="white", markersize=7, label=label)
    # Names are shown as they are; dollars in them are no formula.
    ax.set_yticks(places, [fill(name, 24) for name in result.designs], parse_math=False)
    label = f'hours a year in which "{role}" is down, with 95 % interval of the sum'
    ax.set_xlabel(label, parse_math=False)
    ax.set_xlim(0, 1.18 * furthest)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    # Above the bars: inside it would lie on the longest one, wherever that is.
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4)
    return ax


def _value(one: Figure) -> float:
    return one.estimate or 0.0


def _end(one: Figure) -> float:
    return one.upper or _value(one)


def _bars(ax: Axes, result: Figures, role: str, places: list[int]) -> None:
    """Draw the kinds of down time, one after another."""
    left = [0.0] * len(places)
    for measure, label, colour in KINDS:
        sizes = [_value(result.get(measure, design=name, role=role)) for name in result.designs]
        ax.barh(places, sizes, left=left, color=colour, label=label, height=0.55)
        left = [a + b for a, b in zip(left, sizes, strict=True)]


def _totals(ax: Axes, result: Figures, role: str, places: list[int]) -> float:
    """Draw the intervals of the sums with their numbers; return how far the furthest one goes."""
    totals = [result.get("down", design=name, role=role) for name in result.designs]
    below = [_value(one) - (one.lower or 0.0) for one in totals]
    above = [_end(one) - _value(one) for one in totals]
    middle = [_value(one) for one in totals]
    ax.errorbar(middle, places, xerr=[below, above], fmt="none", ecolor="black", capsize=3)
    for place, one in zip(places, totals, strict=True):
        text, end = f"{plain(_value(one))} h/yr", (_end(one), place)
        ax.annotate(text, end, xytext=(6, 0), textcoords="offset points", va="center")
    return max([one.upper or 0.0 for one in totals] + [0.01])
