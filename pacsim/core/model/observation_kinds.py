"""What can be watched in a run (R22-R24, R27-R28).

An observation never changes what happens: it draws nothing and stores nothing in a quantity.
Indices are those of the model; -1 stands for none.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    the length. ``judged`` is a gate that is true whenever ``gate`` is, and is read in its place
    where the time is split: of degraded time that the role is not played in full (R28).
    """

    name: str
    gate: int
    causes: bool = False
    by_window: bool = False
    at_start: int = -1
    at_end: int = -1
    phase: int = -1
    judged: int = -1

    @property
    def split_by(self) -> int:
        """The gate whose causes split the time (R28)."""
        return self.gate if self.judged < 0 else self.judged


@dataclass(frozen=True, slots=True)
class Changes:
    """Values of a level, one row for each time it changes; it has no column.

    A row has the value that holds over the next positive interval, from its beginning on, so there
    is one at 0 and at most one in an instant (R22). Rows hold whole numbers; times ``scale`` they
    are those of a real level (R6).
    """

    name: str
    level: int
    scale: float = 1.0


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
    | Changes
)
