"""A whole model as it was written, frozen, before anything in it is read or checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.model import GateExpr
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import TransitionRef
    from pacsim.core.writing.observation_requests import ObservationRequest
    from pacsim.core.writing.transition_requests import Numbers, TransitionRequest
    from pacsim.delays.calendars import Intervals, TimeOrigin


@dataclass(frozen=True, slots=True)
class ElementRequest:
    """An element; states are indices into ``states`` (R4)."""

    name: str
    states: tuple[str, ...]
    initial: int
    fault: frozenset[int]
    planned: frozenset[int]
    lasting: bool


@dataclass(frozen=True, slots=True)
class QuantityRequest:
    """A quantity; ``start`` None reads as never (R19)."""

    name: str
    low: float
    high: float
    start: float | None
    rate: Numbers
    profile: Intervals | None


@dataclass(frozen=True, slots=True)
class DormantRequest:
    """A dormant set by its transitions, and the condition during which nobody looks at it."""

    start: TransitionRef
    end: TransitionRef
    expiry: TransitionRef | None
    when: Condition


@dataclass(frozen=True, slots=True)
class WrittenModel:
    """What a builder noted, in the order in which it was written.

    Attributes
    ----------
    home : object
        The builder that made the handles in it; those of another are refused.
    definitions : mapping
        What each named gate stands for.
    distinct : tuple
        Whose operands must all differ, which folding tells.
    problems : tuple of str
        What was found wrong while writing.
    rounded : tuple of str
        What became of real capacities that had to be rounded (R6).
    """

    home: object
    elements: tuple[ElementRequest, ...]
    quantities: tuple[QuantityRequest, ...]
    transitions: tuple[TransitionRequest, ...]
    observations: tuple[ObservationRequest, ...]
    definitions: Mapping[str, GateExpr]
    distinct: tuple[tuple[str, tuple[GateExpr, ...]], ...]
    problems: tuple[str, ...]
    rounded: tuple[str, ...]
    origin: TimeOrigin
    random_origin: bool
    dormant: tuple[DormantRequest, ...] = ()
