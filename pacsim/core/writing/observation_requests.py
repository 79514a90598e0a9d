"""Observations as an author writes them: one record for each kind (R22-R24, R27-R28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
    from pacsim.delays.calendars import Intervals


@dataclass(frozen=True, slots=True)
class GateTimeRequest:
    """Time during which a condition holds."""

    name: str
    gate: Condition
    by_window: bool = False


@dataclass(frozen=True, slots=True)
class LevelIntegralRequest:
    """Integral of a level; its values may be real."""

    name: str
    level: Count


@dataclass(frozen=True, slots=True)
class LevelTimeRequest:
    """Time at each value of a level."""

    name: str
    level: Count


@dataclass(frozen=True, slots=True)
class FiringsRequest:
    """Firings of one transition, of one outcome or all (-1), while ``when`` held before."""

    name: str
    transition: TransitionRef
    outcome: int = -1
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class EntriesRequest:
    """Entries of an element into states, by index."""

    name: str
    element: ElementRef
    states: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuantityIntegralRequest:
    """Integral of a quantity."""

    name: str
    quantity: QuantityRef


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A quantity, an amount on a profile or the time, at firings of transitions."""

    name: str
    transitions: tuple[TransitionRef, ...]
    quantity: QuantityRef | None = None
    outcome: int = -1
    when: Condition | None = None
    scale: float = 1.0
    offset: float = 0.0
    profile: Intervals | None = None


@dataclass(frozen=True, slots=True)
class FirstPassageRequest:
    """First time at which a condition holds over a positive time."""

    name: str
    gate: Condition


@dataclass(frozen=True, slots=True)
class EpisodesRequest:
    """Intervals in which a condition holds."""

    name: str
    gate: Condition
    causes: bool = False
    by_window: bool = False
    at_start: Count | None = None
    at_end: Count | None = None
    phase: Count | None = None
    judged: Condition | None = None


@dataclass(frozen=True, slots=True)
class ChangesRequest:
    """Values of a level that hold for a time; they may be real."""

    name: str
    level: Count


ObservationRequest = (
    GateTimeRequest
    | LevelIntegralRequest
    | LevelTimeRequest
    | FiringsRequest
    | EntriesRequest
    | QuantityIntegralRequest
    | SampleRequest
    | FirstPassageRequest
    | EpisodesRequest
    | ChangesRequest
)
