"""Where each figure of what is watched stands in a batch: which columns, by name.

Each replication fills one row of a table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pacsim.core.model.observation_kinds import (
    Changes,
    EntryCount,
    Episodes,
    FiringCount,
    FirstPassage,
    GateTime,
    LevelIntegral,
    LevelTime,
    Observation,
    QuantityIntegral,
    Sample,
)

if TYPE_CHECKING:
    from pacsim.core.model.automata import Model


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
    passage : bool
        Whether ``time`` is that of a first passage, infinite where it did not happen.
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
    passage: bool = False

    def figure(self, which: str = "") -> slice:
        """Return the slice of that name, such as ``"begun"`` or ``"windows.planned"``.

        Without a name that of the main figure: the time, the integral, the sum or the count.

        Raises
        ------
        KeyError
            Naming the figures that there are.

        Examples
        --------
        >>> Columns(slice(0, 2), time=slice(0, 1), begun=slice(1, 2)).figure("begun")
        slice(1, 2, None)
        """
        slices = self.figures()
        if not which:
            return next(slices[name] for name in MAIN if name in slices)
        if which not in slices:
            msg = f"no figure {which!r}; there are {', '.join(slices)}"
            raise KeyError(msg)
        return slices[which]

    def figures(self) -> dict[str, slice]:
        """Return all slices by name."""
        own = {name: getattr(self, name) for name in FIGURES}
        slices = {name: value for name, value in own.items() if value is not None}
        if self.windows is not None:
            slices |= {f"windows.{name}": at for name, at in self.windows.figures().items()}
        return slices


FIGURES = (
    "time", "integral", "count", "never", "sum", "begun", "unplanned", "planned", "mixed",
    "contributors",
)  # fmt: skip
"""What an observation may have."""
MAIN = ("time", "integral", "sum", "count")
"""What is meant where none is named: the first of these that there is."""


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
    elements: tuple[str, ...] = ()
    """Names of the model's elements, those of contributors."""

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

    def labels(self, name: str, which: str = "") -> tuple[str | int, ...]:
        """Return what each column of a figure is called.

        Parameters
        ----------
        name : str
            Of the observation.
        which : str
            A figure of its `Columns`, by default the main one.

        Returns
        -------
        tuple
            Element names for contributors, numbers of windows, or values of a level, from 0 on.
        """
        at = self[name].figure(which)
        if which == "contributors":
            return self.elements
        return tuple(range(at.stop - at.start))


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
        placed = _columns(observed, column, windows, len(model.elements))
        slices.append(placed)
        column = placed.all.stop
    return Layout(
        first=tuple(placed.all.start for placed in slices),
        width=tuple(placed.all.stop - placed.all.start for placed in slices),
        columns=column,
        windows=windows,
        names=tuple(observed.name for observed in model.observations),
        slices=tuple(slices),
        elements=tuple(element.name for element in model.elements),
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
            return Columns(time=take(1), all=whole(), passage=True)
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
        case Changes():
            return Columns(whole())
