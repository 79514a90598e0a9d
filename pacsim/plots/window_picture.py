"""One window of the traffic: conditions, what clients met, queues, operations, marks.

Everything is told apart by shade, hatch, marker or dots, so that it can be printed in grey.
"""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.formatting import cause
from pacsim.plots.figures import new_figure
from pacsim.plots.window_curves import Frame, curves, operations, ranked, waiting
from pacsim.plots.window_marks import draw_marks, placed_marks, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.plots.drawn_window import DrawnLane, DrawnSpan, DrawnWindow
    from pacsim.plots.figures import Axes
    from pacsim.plots.window_marks import PlacedMark

WIDTH = 9.5
"""Inches."""
POINTS = 72.0
SMALL = 8.0
"""Points of all text but the title."""
LANE, PANEL, GAP, ROW, FOOT, LINE = 0.24, 1.05, 0.26, 0.19, 0.5, 0.18
"""Inches: a bar, a panel of curves, between panels, a row of marks, the x axis, a line of title."""
LONGEST, LETTERS = 34, 118
"""Letters of a name beside a bar, of a line of the title."""
USUAL = ("#dcdcdc", "")
OTHER_MEMBERS = (("#9fbdd8", ""), ("#e9dcc0", "||"), ("#c9b8d8", "--"))
"""Looks of who owns or holds an address and is not the first that does."""
LOOKS = {
    "silent": ("#1b1b1b", "", "silent: no answer"),
    "hung": ("#c3b6d4", "\\\\\\\\", "hung: no reply"),
    "refuses": ("#b5482a", "////", "refuses"),
    "erroring": ("#e0b060", "++++", "answers with errors"),
    "nobody": ("#ffffff", "xxxx", "nobody"),
    "planned move": ("#ffffff", "----", "planned move"),
    "cut": ("#1b1b1b", "", "cut"),
    "out": ("#6d6d6d", "", "out"),
    "down": ("#1b1b1b", "", "down"),
    "some served": ("#ffffff", "////", "some are served"),
    "nobody listed": ("#6d6d6d", "", "nobody on the list"),
    "not served": ("#404040", "", "not served"),
}
"""Colour, hatch and name of what is not usual."""
NAMELESS = {"up", "served", "there", "in"}
"""Usual states that need no key: the rest of a bar."""
UNITS = ((3 * 86400.0, 86400.0, "days"), (3 * 3600.0, 3600.0, "h"), (180.0, 60.0, "min"))
"""Spans from which on a unit is used, its seconds, its name; seconds below."""


PLACES = 2000
"""Marks side by side that a bar has room for."""


class ShownLane(NamedTuple):
    """What is shown of a bar."""

    name: str
    spans: tuple[DrawnSpan, ...]
    failures: tuple[float, ...]

    @classmethod
    def of(cls, lane: DrawnLane, left: float, right: float) -> ShownLane:
        """Return the part of a bar between two times."""
        spans = (x for x in lane.spans if x.end > left and x.start < right)
        apart = max(right - left, 1e-9) / PLACES
        shown = {x // apart: x for x in reversed(lane.failures) if left <= x <= right}
        return cls(lane.name, tuple(spans), tuple(sorted(shown.values())))


def episode(window: DrawnWindow) -> tuple[Axes, ...]:
    """Return the picture of one window of the traffic.

    Parameters
    ----------
    window : Episode
        As `pacsim.episode` returns it.

    Returns
    -------
    tuple of Axes
        From the top: marks, conditions of the archive, what clients met, queue, unsent GB,
        operations a minute, waiting. Times are counted from the first divergence.
    """
    left, right = shown_span(window)
    size, unit = next(((s, name) for least, s, name in UNITS if right - left >= least), (1.0, "s"))
    frame = Frame(left, right, window.fault, size, SMALL)
    archive, clients = (
        [ShownLane.of(x, left, right) for x in some] for some in (window.conditions, window.clients)
    )
    lanes = [*archive, *clients]
    modalities = ranked(window.modalities)
    margin = max(0.75, 0.25 + max(text_width(_cut(x.name), SMALL) for x in lanes) / POINTS)
    keys = [
        "an association fails",
        "twin, without it",
        *_states(lanes).values(),
        *(one.modality for one in modalities),
    ]
    beside = 0.6 + max(text_width(_cut(name), SMALL) for name in keys) / POINTS
    marks, over = _placed(window, left, right, WIDTH - margin - beside)
    if over > beside:
        # The label of a mark at the very end needs more room than the keys.
        beside = over + 0.2
        marks, _ = _placed(window, left, right, WIDTH - margin - beside)
    rows = 1 + max((one.row for one in marks), default=0)
    ax = _panels(window, rows, margin / WIDTH, 1.0 - beside / WIDTH)
    _lanes(ax[1], archive, window.fault, size, "what the archive was")
    _lanes(ax[2], clients, window.fault, size, "what clients met")
    _key_of_states(ax[1], lanes)
    _key_of_failures(ax[2])
    curves(ax[3], modalities, frame)
    curves(ax[4], modalities, frame, unsent=True)
    operations(ax[5], window.minutes, frame)
    waiting(ax[6], window.minutes, frame)
    draw_marks(ax, marks, window.fault, size, SMALL)
    for one in ax:
        one.set_xlim((left - window.fault) / size, (right - window.fault) / size)
        one.tick_params(labelsize=SMALL)
    planned = bool(window.marks) and window.marks[0].name == "planned"
    began = "the planned work began" if planned else "the fault"
    ax[6].set_xlabel(f"{unit} after {began}", fontsize=SMALL)
    return ax


def _placed(
    window: DrawnWindow, left: float, right: float, inches: float
) -> tuple[tuple[PlacedMark, ...], float]:
    """Return marks on axes of a width, and by how many inches their labels pass the end."""
    scale = inches * POINTS / (right - left)
    marks = placed_marks(window.marks, window.fault, lambda time: (time - left) * scale, SMALL)
    ends = [(one.time - left) * scale + text_width(one.text, SMALL) for one in marks]
    return marks, (max(ends, default=0.0) + SMALL) / POINTS - inches


def shown_span(window: DrawnWindow) -> tuple[float, float]:
    """Return from when to when a window is drawn: not all of its quiet begin and end.

    Parameters
    ----------
    window : Episode
        A window.
    """
    failures = [time for lane in window.clients for time in lane.failures]
    last = max([window.fault, *(one.time for one in window.marks), *failures])
    room = max(60.0, 0.2 * (last - window.fault))
    return max(window.start, window.fault - room), min(window.end, last + room)


def title(window: DrawnWindow) -> str:
    """Return what is said above the picture.

    Parameters
    ----------
    window : Episode
        A window.
    """
    began = f"began with {cause(window.root)}" if window.root else "began with no single cause"
    more = f", {window.overlapped} more before it was over" if window.overlapped else ""
    exams = window.exams
    plural = "" if exams.late == 1 else "s"
    became = [f"{exams.late or 'no'} exam{plural} late by over a minute"]
    became += [f"{exams.lost} lost at the scanner"] if exams.lost else []
    became += [f"{exams.blocked} not made"] if exams.blocked else []
    till = window.when(window.end)
    same_day = till.date() == window.when(window.fault).date()
    over = f"{till:%H:%M}" if same_day else f"{till:%a %Y-%m-%d %H:%M}"
    closed = (
        f"the term ended at {over}" if window.censored else f"from {over} on all is as without it"
    )
    whole = (
        f"{window.design}, term {window.term}, {window.when(window.fault):%a %Y-%m-%d %H:%M:%S}",
        f"{began} ({window.kind}){more}; {', '.join(became)}; {closed}",
    )
    return "\n".join(fill(line, LETTERS) for line in whole)


def _cut(name: str) -> str:
    """Return a name that is not too long to stand beside a picture."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _panels(window: DrawnWindow, rows: int, left: float, right: float) -> tuple[Axes, ...]:
    """Return empty axes, one below the other, under the title."""
    said = title(window)
    above = 0.12 + LINE * (1 + said.count("\n"))
    bars = [LANE * max(1, len(x)) for x in (window.conditions, window.clients)]
    heights = [ROW * rows, *bars, *(PANEL,) * 4]
    gaps = [GAP, GAP, *(0.6 * GAP,) * 4, 0.0]
    high = above + sum(heights) + sum(gaps) + FOOT
    figure = new_figure(WIDTH, high)
    # A name in it is shown as it is; dollars are no formula.
    place = (0.1 / WIDTH, 1.0 - 0.08 / high)
    figure.text(*place, said, fontsize=SMALL + 1.0, va="top", linespacing=1.3, parse_math=False)
    found = []
    for height, gap in zip(heights, gaps, strict=True):
        box = (left, 1.0 - (above + height) / high, right - left, height / high)
        found.append(figure.add_axes(box))
        above += height + gap
    for one in found[1:]:
        for side in ("top", "right"):
            one.spines[side].set_visible(False)
    for one in found[1:6]:
        one.tick_params(labelbottom=False)
    return tuple(found)


def _looks(lanes: Sequence[DrawnLane]) -> dict[str, tuple[str, str]]:
    """Return colour and hatch of each state, in the order in which states come."""
    found: dict[str, tuple[str, str]] = {}
    owners: list[str] = []
    for lane in lanes:
        for span in lane.spans:
            if span.state in found:
                continue
            if not span.usual:
                found[span.state] = LOOKS[span.state][:2]
            elif span.state in NAMELESS:
                found[span.state] = USUAL
            else:
                owners.append(span.state)
                k = len(owners) - 2
                found[span.state] = USUAL if k < 0 else OTHER_MEMBERS[k % len(OTHER_MEMBERS)]
    return found


def _states(lanes: Sequence[DrawnLane]) -> dict[str, str]:
    """Return the states that need a key, with what is said there."""
    return {
        state: LOOKS[state][2] if state in LOOKS else f"address: {state}"
        for state in _looks(lanes)
        if state not in NAMELESS
    }


def _lanes(ax: Axes, lanes: Sequence[DrawnLane], fault: float, unit: float, what: str) -> None:
    """Draw bars, one below the other."""
    looks = _looks(lanes)
    for row, lane in enumerate(lanes):
        for span in lane.spans:
            colour, hatch = looks[span.state]
            ax.barh(
                row,
                (span.end - span.start) / unit,
                left=(span.start - fault) / unit,
                height=0.62,
                color=colour,
                hatch=hatch,
                # An edge shows what would be too short to be seen.
                edgecolor="none" if span.usual else "black",
                linewidth=0.5,
                zorder=2,
            )
        if lane.failures:
            times = (np.array(lane.failures) - fault) / unit
            ax.plot(times, np.full(len(times), row + 0.42), "k|", ms=3.5, mew=0.6, zorder=3)
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    names = [_cut(one.name) for one in lanes]
    ax.set_yticks(range(len(lanes)), names, parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set_title(what, fontsize=SMALL, loc="left", pad=3, fontstyle="italic")
    ax.spines["left"].set_visible(False)


def _key_of_states(ax: Axes, lanes: Sequence[DrawnLane]) -> None:
    """Say what the looks of bars mean."""
    from matplotlib.patches import Patch

    looks = _looks(lanes)
    usual = Patch(facecolor=USUAL[0], label="as usual")
    others = [
        Patch(
            facecolor=looks[state][0],
            hatch=looks[state][1],
            edgecolor="black" if state in LOOKS or looks[state][1] else "none",
            linewidth=0.5,
            label=_cut(said),
        )
        for state, said in _states(lanes).items()
    ]
    key = ax.legend(
        handles=[usual, *others],
        fontsize=SMALL,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.0,
        labelspacing=0.25,
        handlelength=1.4,
    )
    for text in key.get_texts():
        text.set_parse_math(False)


def _key_of_failures(ax: Axes) -> None:
    """Say what the strokes under bars mean."""
    from matplotlib.lines import Line2D

    stroke = Line2D([], [], color="black", marker="|", ls="", ms=5, label="an association fails")
    ax.legend(
        handles=[stroke],
        fontsize=SMALL,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(1.0, 0.0),
        borderaxespad=0.0,
        handlelength=1.4,
    )
