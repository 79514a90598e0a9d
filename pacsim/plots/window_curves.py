"""Curves of a window: queues beside the twin's, operations a minute, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.plots.drawn_window import DrawnCurve, DrawnModality
    from pacsim.plots.figures import Axes

FEW = 4
"""Modalities with lines of their own; the others are summed."""
SHADES = ("#000000", "#9a3f24", "#4f8fc0", "#b09ac4", "#c4c4c4")
MARKERS = ("o", "s", "^", "D", "x")
WIDTHS = (1.8, 1.5, 1.5, 1.2, 1.2)
MARKED = 9
"""Markers on a line."""
BARS = (("served", "#dcdcdc", ""), ("slow", "#e8c888", "////"), ("failed", "#5a1e10", ""))
"""What became of operations, with colour and hatch; from below."""
UNITS = ((1e3, "TB"), (1.0, "GB"), (1e-3, "MB"), (1e-6, "kB"))
"""GB that a unit has, and its name."""
MINUTE = 60.0
MOST_BARS = 180
"""Bars side by side."""


class Frame(NamedTuple):
    """What is drawn of a window, and how.

    Parameters
    ----------
    left, right : float
        From when to when, seconds of the term.
    fault : float
        Where x is 0, seconds of the term.
    unit : float
        Seconds of one on the x axis.
    font : float
        Points.
    """

    left: float
    right: float
    fault: float
    unit: float
    font: float

    def x(self, times: np.ndarray) -> np.ndarray:
        """Return where times stand on the x axis."""
        found: np.ndarray = (times - self.fault) / self.unit
        return found

    def part(self, curve: DrawnCurve) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of what is drawn of a curve."""
        inside = (curve.times > self.left) & (curve.times < self.right)
        times = np.concatenate([[self.left], curve.times[inside], [self.right]])
        return self.x(times), _at(curve, times)

    def minutes(self, minutes: np.ndarray) -> np.ndarray:
        """Return the minutes of which something is drawn."""
        start = minutes["start"]
        found: np.ndarray = minutes[(start + MINUTE > self.left) & (start < self.right)]
        return found


class SummedCurve(NamedTuple):
    """A number that holds from each of some times on."""

    times: np.ndarray
    values: np.ndarray


class DrawnSum(NamedTuple):
    """Several modalities together."""

    modality: str
    queue: SummedCurve
    twin_queue: SummedCurve
    unsent: SummedCurve
    twin_unsent: SummedCurve


def ranked(modalities: Sequence[DrawnModality]) -> list[DrawnModality]:
    """Return the few modalities whose queue differs most from the twin's, the others as one.

    Parameters
    ----------
    modalities : sequence of ModalityCurves
        Of a window.
    """
    some = [one for one in modalities if one.queue.values.any()]
    most = sorted(some, key=_differs, reverse=True)
    if len(most) <= FEW + 1:
        return list(most)
    rest = most[FEW:]
    names = ("queue", "twin_queue", "unsent", "twin_unsent")
    summed = (_sum([getattr(one, name) for one in rest]) for name in names)
    return [*most[:FEW], DrawnSum(f"{len(rest)} others", *summed)]


def _differs(one: DrawnModality) -> float:
    """Return by how many exams a modality's queue exceeds the twin's at most."""
    times = np.union1d(one.queue.times, one.twin_queue.times)
    return float((_at(one.queue, times) - _at(one.twin_queue, times)).max())


def _at(curve: DrawnCurve, times: np.ndarray) -> np.ndarray:
    place = np.searchsorted(curve.times, times, side="right") - 1
    found: np.ndarray = curve.values[place]
    return found


def _sum(several: Sequence[DrawnCurve]) -> SummedCurve:
    times = np.unique(np.concatenate([one.times for one in several]))
    return SummedCurve(times, np.sum([_at(one, times) for one in several], axis=0))


def curves(
    ax: Axes, modalities: Sequence[DrawnModality], frame: Frame, *, unsent: bool = False
) -> None:
    """Draw the queue, or what is unsent, of some modalities; the twin's are dotted.

    Parameters
    ----------
    ax : Axes
        Where.
    modalities : sequence of ModalityCurves
        As `ranked` returns them.
    frame : Frame
        What of it.
    unsent : bool
        GB in place of exams.
    """
    each, what = _unit(modalities, frame) if unsent else (1.0, "exams")
    for k, one in enumerate(modalities):
        own, twin = (one.unsent, one.twin_unsent) if unsent else (one.queue, one.twin_queue)
        look: dict[str, Any] = {"color": SHADES[k], "lw": WIDTHS[k], "drawstyle": "steps-post"}
        for curve, said, style in ((own, "", "-"), (twin, " without", ":")):
            x, y = frame.part(curve)
            ax.plot(x, y / each, ls=style, label=f"_{one.modality}{said}", **look)
        # Markers stand at even times, not all at the same ones, and where there is something.
        even = (np.arange(MARKED) + (k + 0.5) / len(modalities)) / MARKED
        even = frame.left + (frame.right - frame.left) * even
        even = even[_at(own, even) > 0.0]
        high = _at(own, even) / each
        ax.plot(frame.x(even), high, MARKERS[k], color=SHADES[k], ms=3.5, label="_at")
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel(f"{what} not\nyet stored", fontsize=frame.font)
    if not unsent:
        _whole_numbers(ax)
    if not modalities:
        said = "no exam in this window"
        ax.text(0.5, 0.5, said, transform=ax.transAxes, ha="center", fontsize=frame.font)
    elif not unsent:
        _key_of_curves(ax, [one.modality for one in modalities], frame.font)


def _unit(modalities: Sequence[DrawnModality], frame: Frame) -> tuple[float, str]:
    """Return the GB of the unit in which the most that is unsent is a number that people read."""
    most = max((float(frame.part(one.unsent)[1].max()) for one in modalities), default=1.0)
    return next((one for one in UNITS if most >= one[0]), UNITS[-1] if most else UNITS[1])


def _whole_numbers(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    if ax.get_ylim()[1] < 1.0:
        ax.set_ylim(top=1.0)


def _key_of_curves(ax: Axes, names: Sequence[str], size: float) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=SHADES[k], lw=WIDTHS[k], marker=MARKERS[k], ms=3.5, label=name)
        for k, name in enumerate(names)
    ]
    lines.append(Line2D([], [], color="black", ls=":", lw=1.5, label="twin, without it"))
    _key(ax, lines, size)


def _key(ax: Axes, handles: Sequence[object], size: float) -> None:
    ax.legend(
        handles=handles,
        fontsize=size,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.05),
        borderaxespad=0.0,
        labelspacing=0.25,
        handlelength=2.0,
    )


def operations(ax: Axes, minutes: np.ndarray, frame: Frame) -> None:
    """Draw what became of operations, minute by minute.

    Parameters
    ----------
    ax : Axes
        Where.
    minutes : ndarray of `pacsim.traffic.episode_curves.MINUTES`
        One after another.
    frame : Frame
        What of it.
    """
    shown = frame.minutes(minutes)
    each = -(-len(shown) // MOST_BARS)
    firsts = np.arange(0, len(shown), each)
    # Narrower ones would be no picture: means of several minutes, the last of those that are left.
    wide = np.diff(np.append(firsts, len(shown)))
    edges = frame.x(np.append(shown["start"][firsts], shown["start"][-1] + MINUTE))
    below = np.zeros(len(firsts))
    stairs = []
    for name, colour, hatch in BARS:
        above = below + np.add.reduceat(shown[name], firsts) / wide
        look: dict[str, Any] = {"facecolor": colour, "hatch": hatch, "edgecolor": "#404040"}
        stairs.append(
            ax.stairs(above, edges, baseline=below, fill=True, linewidth=0.0, label=name, **look)
        )
        below = above
    ax.set_ylim(bottom=0.0)
    _whole_numbers(ax)
    ax.set_ylabel("operations\na minute", fontsize=frame.font)
    _key(ax, stairs[::-1], frame.font)


def waiting(ax: Axes, minutes: np.ndarray, frame: Frame) -> None:
    """Draw how much waits at the end of each minute.

    Parameters
    ----------
    ax : Axes
        Where.
    minutes : ndarray of `pacsim.traffic.episode_curves.MINUTES`
        One after another.
    frame : Frame
        What of it.
    """
    shown = frame.minutes(minutes)
    ends = frame.x(shown["start"] + MINUTE)
    ax.plot(ends, shown["waiting"], color="black", lw=1.3, drawstyle="steps-post")
    ax.set_ylim(bottom=0.0)
    _whole_numbers(ax)
    ax.set_ylabel("exams, openings,\nquestions\nwaiting", fontsize=frame.font)
