"""Delays on calendars, outcomes and choices as an author writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacsim.core.conditions import Count
    from pacsim.core.written import EffectRequest, UntilRequest
    from pacsim.delays.calendars import Intervals
    from pacsim.delays.laws import Law


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
    """
    return NextOpenRequest(calendar, need)


def next_opening(calendar: Intervals) -> NextOpeningRequest:
    """Return the delay to the first opening strictly later than now (R2)."""
    return NextOpeningRequest(calendar)


def next_business_day(calendar: Intervals) -> NextBusinessDayRequest:
    """Return the delay to the first opening on a later civil date than now's (R2)."""
    return NextBusinessDayRequest(calendar)


def every(period: float, offset: float = 0.0) -> NextTickRequest:
    """Return the delay to the smallest ``offset + k * period`` strictly later than now.

    Parameters
    ----------
    period : float
        Seconds, > 0.
    offset : float
        Seconds; any.

    Examples
    --------
    >>> every(86400.0)
    NextTickRequest(period=86400.0, offset=0.0)
    """
    return NextTickRequest(period, offset)


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
        Probability; those of one transition sum to 1 within 1e-12.
    target : str
        State that the own element enters.
    *effects
        On other elements and on quantities, all applied together.
    renew : bool
        Whether the own element is renewed.

    Examples
    --------
    >>> outcome(0.98, "running").target
    'running'
    """
    return OutcomeRequest(p, target, effects, renew)
