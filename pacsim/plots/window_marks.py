"""Marks over the picture of a window: placed so that no word lies on another or on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pacsim.formatting import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.plots.drawn_window import DrawnMoment
    from pacsim.plots.figures import Axes

CLOSE = 1.5
"""Points; what lies closer together shares a line and a label."""
SPACE = 8.0
"""Points between a label and the next line."""
MOST = 9
"""Labels of a picture; those of later divergences are left out first."""


class PlacedMark(NamedTuple):
    """A line with a label.

    Parameters
    ----------
    text : str
        What happened.
    time : float
        Seconds from the start of the term.
    row : int
        Of the label, from below.
    """

    text: str
    time: float
    row: int


def text_width(text: str, size: float) -> float:
    """Return how wide a text is, in points.

    Parameters
    ----------
    text : str
        One line or several.
    size : float
        Of the font, in points.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size)
    lines = text.splitlines() or [""]
    return max(
        float(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0])
        for line in lines
    )


def placed_marks(
    moments: Sequence[DrawnMoment],
    fault: float,
    place: Callable[[float], float],
    size: float,
) -> tuple[PlacedMark, ...]:
    """Return marks with rows: a label stands right of its line, above the lines that it passes.

    Parameters
    ----------
    moments : sequence of Moment
        In order of time.
    fault : float
        From when times are counted.
    place : callable
        From a time to points from the left.
    size : float
        Of the font, in points.
    """
    together: list[tuple[float, list[str]]] = []
    for one in _most(moments):
        if together and place(one.time) - place(together[-1][0]) < CLOSE:
            together[-1][1].append(one.name)
        else:
            together.append((one.time, [one.name]))
    found: list[PlacedMark] = []
    for time, names in reversed(together):
        after = time - fault
        text = ", ".join(names) + (f" after {duration(after)}" if after > 0 else "")
        end = place(time) + text_width(text, size) + SPACE
        passed = [one.row for one in found if place(one.time) < end]
        found.append(PlacedMark(text, time, max(passed, default=-1) + 1))
    return tuple(reversed(found))


def _most(moments: Sequence[DrawnMoment]) -> list[DrawnMoment]:
    """Return the moments without those of so many later divergences that the rest can be read."""
    kept = list(moments)
    numbers = sorted({_number(one.name) for one in kept})
    while len(kept) > MOST and len(numbers) > 1:
        last = numbers.pop()
        kept = [one for one in kept if _number(one.name) < last]
    return kept


def _number(name: str) -> int:
    """Return of which divergence a moment is.

    Examples
    --------
    >>> _number("fault"), _number("backlog gone"), _number("serving 3")
    (1, 1, 3)
    """
    last = name.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 1


def draw_marks(
    ax: Sequence[Axes], marks: Sequence[PlacedMark], fault: float, unit: float, size: float
) -> None:
    """Draw lines through all axes, and labels in the first.

    Parameters
    ----------
    ax : sequence of Axes
        From the top.
    marks : sequence of PlacedMark
        In order of time.
    fault : float
        Where x is 0, seconds.
    unit : float
        Seconds of one on the x axis.
    size : float
        Of the font, in points.
    """
    rows = 1 + max((one.row for one in marks), default=0)
    ax[0].set_ylim(0, rows)
    ax[0].axis("off")
    for k, one in enumerate(marks):
        x = (one.time - fault) / unit
        style = "-" if k == 0 else (0, (4, 2))
        ax[0].plot([x, x], [0, one.row + 0.8], color="black", lw=0.8, ls=style, clip_on=False)
        ax[0].annotate(
            one.text,
            (x, one.row + 0.45),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=size,
            annotation_clip=False,
            parse_math=False,
        )
        for below in ax[1:]:
            below.axvline(x, color="black", lw=0.8, ls=style)
