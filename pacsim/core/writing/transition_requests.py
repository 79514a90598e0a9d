"""Transitions with their delays, outcomes and effects, as an author writes them.

Plain data: what it says is read and checked when the model is built. Handles of elements and
quantities are known here by what they carry only, since they make requests themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacsim.core.model import Class, Memory
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.delays.calendars import Intervals
    from pacsim.delays.law import Law


class QuantityHandle(Protocol):
    """A quantity that a request names; see `pacsim.core.writing.handles.QuantityRef`."""

    @property
    def builder(self) -> object:
        """Whose it is."""

    @property
    def index(self) -> int:
        """Its place among those of its builder."""

    @property
    def name(self) -> str:
        """Its name."""


class ElementHandle(QuantityHandle, Protocol):
    """An element that a request names; see `pacsim.core.writing.handles.ElementRef`."""

    @property
    def states(self) -> tuple[str, ...]:
        """Names of its states."""


@dataclass(frozen=True, slots=True)
class NextOpenRequest:
    """See `next_open`."""

    calendar: Intervals
    need: float


@dataclass(frozen=True, slots=True)
class NextOpeningRequest:
    """See `next_opening`."""

    calendar: Intervals


@dataclass(frozen=True, slots=True)
class NextBusinessDayRequest:
    """See `next_business_day`."""

    calendar: Intervals


@dataclass(frozen=True, slots=True)
class NextTickRequest:
    """See `every`."""

    period: float
    offset: float


@dataclass(frozen=True, slots=True)
class UntilRequest:
    """A wait for a quantity (R20)."""

    quantity: QuantityHandle
    value: float
    falls: bool


CalendarRequest = NextOpenRequest | NextOpeningRequest | NextBusinessDayRequest | NextTickRequest
if TYPE_CHECKING:
    DelayRequest: TypeAlias = Law | UntilRequest | CalendarRequest
    Numbers: TypeAlias = float | Mapping[Any, float] | tuple[Count, tuple[float, ...]]
    Delays: TypeAlias = (
        DelayRequest | Mapping[Any, DelayRequest] | tuple[Count, tuple[DelayRequest, ...]]
    )
    Outcomes: TypeAlias = (
        Iterable["OutcomeRequest"]
        | Mapping[Any, Iterable["OutcomeRequest"]]
        | tuple[Count, tuple[Iterable["OutcomeRequest"], ...]]
    )
    # One value for always; or {condition: value, ..., True: default}, the first true one wins;
    # or a level and one value for each of its values from 0 on (R10).


def next_open(calendar: Intervals, need: float = 0.0) -> NextOpenRequest:
    """Return the delay to the next moment with ``need`` seconds left in one open interval (R2).

    Parameters
    ----------
    calendar : Intervals
        A calendar or a schedule with a length.
    need : float
        Seconds, >= 0; more than the longest interval is a build error.

    Returns
    -------
    NextOpenRequest
        For `ElementRef.after`; mistakes in it are found by `ModelBuilder.build`.

    Examples
    --------
    >>> from pacsim.delays import Calendar
    >>> desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    >>> next_open(desk, need=7200.0).need
    7200.0
    """
    return NextOpenRequest(calendar, need)


def next_opening(calendar: Intervals) -> NextOpeningRequest:
    """Return the delay to the first opening strictly later than now (R2).

    Parameters
    ----------
    calendar : Intervals
        A calendar or a schedule; one that never opens, or never closes, is a build error.

    Examples
    --------
    >>> from pacsim.delays import Calendar
    >>> next_opening(Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")).calendar.name
    'desk'
    """
    return NextOpeningRequest(calendar)


def next_business_day(calendar: Intervals) -> NextBusinessDayRequest:
    """Return the delay to the first opening on a later civil date than now's (R2).

    Parameters
    ----------
    calendar : Intervals
        A calendar or a schedule; one that never opens, or never closes, is a build error.

    Examples
    --------
    >>> from pacsim.delays import Calendar
    >>> next_business_day(Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")).calendar.name
    'desk'
    """
    return NextBusinessDayRequest(calendar)


def every(period: float, offset: float = 0.0) -> NextTickRequest:
    """Return the delay to the smallest ``offset + k * period`` strictly later than now.

    Parameters
    ----------
    period : float
        Seconds, > 0; anything else is a build error.
    offset : float
        Seconds, finite, of any sign.

    Examples
    --------
    >>> every(86400.0)
    NextTickRequest(period=86400.0, offset=0.0)
    """
    return NextTickRequest(period, offset)


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """An effect on another element (R9)."""

    element: ElementHandle
    moves: Mapping[str, str] | None
    renew: bool
    p: float
    counter: bool


@dataclass(frozen=True, slots=True)
class JumpRequest:
    """A jump of a quantity (R9)."""

    quantity: QuantityHandle
    how: str
    value: float
    other: QuantityHandle | None


EffectRequest = MoveRequest | JumpRequest


@dataclass(frozen=True, slots=True)
class OutcomeRequest:
    """See `outcome`."""

    p: float
    target: str
    effects: tuple[EffectRequest, ...]
    renew: bool


def outcome(p: float, target: str, *effects: EffectRequest, renew: bool = False) -> OutcomeRequest:
    """Return one way a transition can end (R9).

    Parameters
    ----------
    p : float
        Probability in [0, 1]; those of one transition sum to 1 within 1e-12.
    target : str
        State that the own element enters.
    *effects
        On other elements (`ElementRef.move`, `renew`, `step`) and on quantities
        (`QuantityRef.set`, `add`, `copy`), all applied together; one for each of them at most.
    renew : bool
        Whether the own element is renewed.

    Returns
    -------
    OutcomeRequest
        For ``outcomes=[...]`` of a transition; mistakes in it are found by `ModelBuilder.build`.

    Examples
    --------
    >>> outcome(0.98, "running").target
    'running'
    """
    return OutcomeRequest(p, target, effects, renew)


@dataclass(frozen=True, slots=True)
class ClockRequest:
    """When a timed transition fires (R10-R14, R18)."""

    delay: Delays
    memory: Memory = "restart"
    speed: Numbers = 1.0
    profile: Intervals | None = None
    initial_age: float = 0.0


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """When an immediate transition comes before others (R16)."""

    priority: int
    fifo: bool = False


@dataclass(frozen=True, slots=True)
class EndRequest:
    """How a transition ends: by one of several outcomes, or with the effects of its only one."""

    outcomes: Outcomes | None = None
    effects: Iterable[EffectRequest] = ()
    renew: bool = False


@dataclass(frozen=True, slots=True)
class TransitionRequest:
    """A transition of an element (R8); ``name`` is that within the element until it is noted."""

    element: ElementHandle
    name: str
    arrow: str
    start: ClockRequest | TurnRequest
    end: EndRequest
    when: Condition | None = None
    cls: Class = "reaction"
    rank: int = 0
    automatic: bool = False
