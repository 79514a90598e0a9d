"""What can be watched in a run (R22-R24, R27-R28), and where each figure stands in a batch.

An observation never changes what happens: it draws nothing and stores nothing in a quantity. Each
replication fills one row of a table; `Layout` says which columns belong to which observation.
Samples and episodes are also listed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pacsim.core.model import Model

PHASES = 8
"""Most values a phase level of an episode log may take."""


@dataclass(frozen=True, slots=True)
class GateTime:
    """Time during which the gate is true; per window as well if asked."""

    name: str
    gate: int
    by_window: bool = False


@dataclass(frozen=True, slots=True)
class LevelIntegral:
    """Integral of ``scale`` times a level over time; a scale other than 1 undoes the one of R6."""

    name: str
    level: int
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class LevelTime:
    """Time spent at each value ``0..high`` of a level."""

    name: str
    level: int
    high: int


@dataclass(frozen=True, slots=True)
class FiringCount:
    """Firings of a transition, of one outcome only (or all: -1), while ``when`` holds before it."""

    name: str
    transition: int
    outcome: int = -1
    when: int = -1


@dataclass(frozen=True, slots=True)
class EntryCount:
    """Entries of an element into a set of states from outside it, by firing or by effect."""

    name: str
    element: int
    states: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuantityIntegral:
    """Integral of a quantity over time; never counts as zero until its first jump."""

    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Sample:
    """``offset + scale * x`` at each firing of one of several transitions, before its jumps.

    x is the quantity, or with a profile P the amount ``P(t) - P(t - quantity)`` that has come in
    over that age in seconds; without a quantity it is the time t.
    """

    name: str
    transitions: tuple[int, ...]
    quantity: int
    outcome: int = -1
    when: int = -1
    scale: float = 1.0
    offset: float = 0.0
    profile: int = -1


@dataclass(frozen=True, slots=True)
class FirstPassage:
    """First time at which the gate is true over a positive time; infinity if not before T."""

    name: str
    gate: int


@dataclass(frozen=True, slots=True)
class Episodes:
    """Maximal intervals of positive length during which the gate is true, one row each (R24).

    With ``causes`` the time is also split into unplanned, planned and mixed (R28) and shared among
    the flagged elements (R27). ``at_start`` and ``at_end`` are levels read over the first interval
    of the episode and over the first interval after it; ``phase`` is a level whose values split
    the length.
    """

    name: str
    gate: int
    causes: bool = False
    by_window: bool = False
    at_start: int = -1
    at_end: int = -1
    phase: int = -1


Observation = (
    GateTime
    | LevelIntegral
    | LevelTime
    | FiringCount
    | EntryCount
    | QuantityIntegral
    | Sample
    | FirstPassage
    | Episodes
)

EPISODE = np.dtype(
    [
        ("replication", np.int64),
        ("observation", np.int32),
        ("start", np.float64),
        ("end", np.float64),
        ("censored", np.bool_),
        ("cause", np.int32),
        ("unplanned", np.float64),
        ("planned", np.float64),
        ("mixed", np.float64),
        ("at_start", np.int32),
        ("at_end", np.int32),
        ("phases", np.float64, (PHASES,)),
    ]
)
"""One episode; ``cause`` is the index of the root transition, -1 for the initial settling."""

CONTRIBUTOR = np.dtype([("episode", np.int64), ("element", np.int32), ("at_start", np.bool_)])
"""One flagged element of one episode, by row number in the batch's episode table.

``at_start`` tells those that were flagged when it began from those that became so before its end.
"""

SAMPLE = np.dtype(
    [
        ("replication", np.int64),
        ("observation", np.int32),
        ("time", np.float64),
        ("value", np.float64),
    ]
)
"""One sample; ``value`` is NaN while the quantity is still never."""

FIRING = np.dtype([("time", np.float64), ("transition", np.int32), ("outcome", np.int32)])
"""One elementary step of a trace, immediates included."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the figures of one observation stand in a row of results; None for what it has not.

    Attributes
    ----------
    all : slice
        Every column of the observation.
    time : slice or None
        Seconds: true or down in all, at each value of a level from 0 on, or until the first
        passage.
    integral : slice or None
        Of a level or a quantity over time.
    count : slice or None
        Firings, entries, or samples taken.
    never, sum : slice or None
        Samples whose quantity was still never, and the sum of all others.
    begun : slice or None
        Episodes begun.
    unplanned, planned, mixed : slice or None
        Seconds of episodes by what they follow from (R28).
    contributors : slice or None
        Seconds of episodes by flagged element, one column for each element of the model (R27).
    windows : Columns or None
        The same per window, one column for each window in each of its slices.
    """

    all: slice
    time: slice | None = None
    integral: slice | None = None
    count: slice | None = None
    never: slice | None = None
    sum: slice | None = None
    begun: slice | None = None
    unplanned: slice | None = None
    planned: slice | None = None
    mixed: slice | None = None
    contributors: slice | None = None
    windows: Columns | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a batch: observation ``i`` has ``width[i]`` of them from ``first[i]`` on.

    ``layout[name]`` gives them by name, as `Columns`. They stand in this order, with W windows and
    E elements: GateTime: total, then W if by window; LevelIntegral 1; LevelTime high + 1;
    FiringCount 1; EntryCount 1; QuantityIntegral 1; Sample: number, number still never, sum;
    FirstPassage 1; Episodes: time, number begun, then with causes unplanned, planned, mixed and E
    contributor times, then if by window W times and W begun and, with causes, W unplanned,
    W planned, W mixed.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder, layout
    >>> from pacsim.delays import Exponential
    >>> m = ModelBuilder()
    >>> disk = m.element("disk", "up down", fault="down")
    >>> fail = disk.after("up -> down", Exponential(1e7), "fail")
    >>> m.firings("failures", fail)
    >>> m.role("data", disk == "up")
    >>> lay = layout(m.build(), windows=3)
    >>> lay["failures"].count, lay["data"].planned, lay["data"].windows.time
    (slice(0, 1, None), slice(4, 5, None), slice(7, 10, None))
    """

    first: tuple[int, ...]
    width: tuple[int, ...]
    columns: int
    windows: int
    names: tuple[str, ...]
    # Slices have no hash before Python 3.12.
    slices: tuple[Columns, ...] = field(hash=False)

    def __getitem__(self, name: str) -> Columns:
        """Return the columns of the observation of that name; KeyError if there is none."""
        return self.slices[self.index(name)]

    def index(self, name: str) -> int:
        """Return the number of the observation of that name; KeyError if there is none."""
        try:
            return self.names.index(name)
        except ValueError:
            msg = f"no observation {name!r}; {_known(name, self.names)}"
            raise KeyError(msg) from None


def _known(name: str, names: tuple[str, ...]) -> str:
    """Return which names there are, the nearest ones if they are many."""
    if not names:
        return "nothing is observed; add for example m.gate_time(...)"
    shown = names if len(names) <= 12 else get_close_matches(str(name), names, n=4, cutoff=0.4)
    listed = ", ".join(map(repr, shown or names[:4]))
    return f"there are {listed}" if len(shown) == len(names) else f"there is for example {listed}"


def layout(model: Model, windows: int = 0) -> Layout:
    """Return where each observation of the model stands in a row of results.

    Parameters
    ----------
    model : Model
        Whose observations are laid out.
    windows : int
        Number of windows into which the horizon is cut; 0 for none.

    Returns
    -------
    Layout
        First column and width per observation, and its columns by name.
    """
    slices, column = [], 0
    for observed in model.observations:
        found = _columns(observed, column, windows, len(model.elements))
        slices.append(found)
        column = found.all.stop
    return Layout(
        first=tuple(found.all.start for found in slices),
        width=tuple(found.all.stop - found.all.start for found in slices),
        columns=column,
        windows=windows,
        names=tuple(observed.name for observed in model.observations),
        slices=tuple(slices),
    )


def _columns(observed: Observation, first: int, windows: int, elements: int) -> Columns:
    """Return the columns of an observation whose first one is given."""
    end = first

    def take(number: int) -> slice:
        nonlocal end
        end += number
        return slice(end - number, end)

    def whole() -> slice:
        return slice(first, end)

    match observed:
        case GateTime():
            time, per_window = take(1), None
            if observed.by_window:
                inside = take(windows)
                per_window = Columns(all=inside, time=inside)
            return Columns(whole(), time=time, windows=per_window)
        case LevelTime():
            return Columns(time=take(observed.high + 1), all=whole())
        case LevelIntegral() | QuantityIntegral():
            return Columns(integral=take(1), all=whole())
        case FiringCount() | EntryCount():
            return Columns(count=take(1), all=whole())
        case Sample():
            return Columns(count=take(1), never=take(1), sum=take(1), all=whole())
        case FirstPassage():
            return Columns(time=take(1), all=whole())
        case Episodes():
            kinds = ("time", "begun", *(("unplanned", "planned", "mixed") * observed.causes))
            parts: dict[str, Any] = {kind: take(1) for kind in kinds}
            if observed.causes:
                parts["contributors"] = take(elements)
            per_window = None
            if observed.by_window:
                begin = end
                inner: dict[str, Any] = {kind: take(windows) for kind in kinds}
                per_window = Columns(slice(begin, end), **inner)
            return Columns(whole(), **parts, windows=per_window)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Replications ``first .. first + count - 1`` of a run, one row of ``values`` each.

    Attributes
    ----------
    values : ndarray of float64, shape (count, columns)
        By `Layout`.
    events : ndarray of int64, shape (count,)
        Timed firings per replication.
    episodes, contributors, samples : structured ndarrays
        In order of replication and time (end of episode, time of sample).
    trace : structured ndarray or None
        `FIRING` rows of the single replication, if it was asked for.
    """

    first: int
    values: np.ndarray
    events: np.ndarray
    episodes: np.ndarray
    contributors: np.ndarray
    samples: np.ndarray
    trace: np.ndarray | None = None
