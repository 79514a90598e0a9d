"""Which numbers matter: a bar each, from its low to its high end, around the figure of the base."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Protocol

from pacsim.formatting import plain
from pacsim.plots.figures import new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.plots.figures import Axes

LOW, HIGH = ("#7fa7c4", "at its low end"), ("#b5482a", "at its high end")
"""Colours that stay apart for most colour-blind readers."""
SHOWN, LONGEST, WIDEST = 20, 46, 56
"""Bars, and letters of a line of a name and of the label below."""


class MovedFigure(Protocol):
    """A difference with its interval; None for an end that it has not."""

    @property
    def value(self) -> float | None:
        """The figure."""

    @property
    def lower(self) -> float | None:
        """The lower end."""

    @property
    def upper(self) -> float | None:
        """The upper end."""


class DrawnEnd(Protocol):
    """A number at one end of its range."""

    @property
    def value(self) -> str:
        """The end, as it is written."""

    @property
    def difference(self) -> MovedFigure | None:
        """What the figure is more than the base's."""

    @property
    def moved(self) -> float:
        """The same as a number."""


class DrawnBar(Protocol):
    """One number at both ends."""

    @property
    def name(self) -> str:
        """Of the number."""

    @property
    def low(self) -> DrawnEnd:
        """At its low end."""

    @property
    def high(self) -> DrawnEnd:
        """At its high end."""

    @property
    def width(self) -> float:
        """How far it moves."""


class DrawnTornado(Protocol):
    """What is drawn, as `pacsim.sensitivity` returns it."""

    @property
    def design(self) -> str:
        """Its name."""

    @property
    def measure(self) -> str:
        """What is moved."""

    @property
    def unit(self) -> str:
        """Of the measure."""

    @property
    def base(self) -> MovedFigure:
        """The figure of the design as it is."""

    @property
    def bars(self) -> Sequence[DrawnBar]:
        """The widest first."""


def tornado(found: DrawnTornado, ax: Axes | None = None) -> Axes:
    """Return a bar for each of the numbers that move a figure most, the widest on top.

    Parameters
    ----------
    found : Tornado
        As `pacsim.sensitivity` returns it.
    ax : Axes, optional
        To draw on; a new figure if not given.

    Returns
    -------
    Axes
        Of matplotlib, for titles and saving.
    """
    bars = [bar for bar in found.bars if bar.width > 0.0][:SHOWN]
    if ax is None:
        ax = new_figure(9.0, 1.6 + 0.3 * max(len(bars), 3), "constrained").subplots()
    places = list(range(len(bars)))[::-1]
    base = found.base.value or 0.0
    for (colour, label), ends in ((LOW, [b.low for b in bars]), (HIGH, [b.high for b in bars])):
        moved = [end.moved for end in ends]
        ax.barh(places, moved, left=base, color=colour, label=label, height=0.62)
        for place, end in zip(places, ends, strict=True):
            _interval(ax, base, place, end)
    _values(ax, base, places, bars)
    ax.axvline(base, color="black", linewidth=0.8)
    # Names are shown as they are; dollars in them are no formula.
    names = [fill(bar.name, LONGEST) for bar in bars]
    ax.set_yticks(places, names, parse_math=False)
    ax.set_ylim(-0.7, len(bars) - 0.3)
    label = f"{found.measure} of {found.design}, {found.unit}; as it is {plain(base)}"
    ax.set_xlabel(fill(label, WIDEST), parse_math=False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    # Names may leave little width: the title is above the legend, not beside it.
    said = "* assumed; bars one at a time, 95 % intervals"
    ax.set_title(said, fontsize="small", loc="left", pad=26.0)
    if bars:
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    else:
        ax.text(0.5, 0.7, "no number moves it", ha="center", transform=ax.transAxes)
    return ax


def _interval(ax: Axes, base: float, place: int, end: DrawnEnd) -> None:
    """Draw the interval of one end."""
    of = end.difference
    if of is None or of.value is None or of.lower is None or of.upper is None or not of.value:
        return
    off = [[of.value - of.lower], [of.upper - of.value]]
    ax.errorbar(
        [base + of.value], [place], xerr=off, fmt="none", ecolor="black", elinewidth=0.9, capsize=2
    )


def _values(ax: Axes, base: float, places: Sequence[int], bars: Sequence[DrawnBar]) -> None:
    """Write the ends of each range beside the bar, on the side to which it goes."""
    for place, bar in zip(places, bars, strict=True):
        sides: dict[bool, list[str]] = {}
        reach = {False: base, True: base}
        for end in (bar.low, bar.high):
            right = end.moved > 0.0
            of = end.difference
            if of is None or not end.moved:
                continue
            sides.setdefault(right, []).append(end.value)
            limit = of.upper if right else of.lower
            there = base + (end.moved if limit is None else limit)
            reach[right] = max(reach[right], there) if right else min(reach[right], there)
        for right, texts in sides.items():
            ax.annotate(
                ", ".join(texts), (reach[right], place), xytext=(4 if right else -4, 0),
                textcoords="offset points", va="center", ha="left" if right else "right",
                fontsize="x-small",
            )  # fmt: skip
    ax.margins(x=0.16)
