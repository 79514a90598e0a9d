"""What a run is asked for: when it stops, which random numbers, how many threads, what is kept."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, SupportsIndex, TypeVar

from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.units import parse

if TYPE_CHECKING:
    from collections.abc import Callable

PRECISION = "5 %"
GUARD = 600.0
"""Seconds after which a comparison of which nothing is asked is stopped, whatever it has."""
MOST_THREADS = 4096
MOST_REPLICATIONS, MOST_SEED = 1 << 62, (1 << 64) - 1
LAST_TERM = (1 << 52) - 2
TRAFFIC_YEARS, MOST_YEARS = 2000.0, 1e9
"""Years of which all windows of the traffic are simulated."""
NONE = "none"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """When a run stops, and how it is made.

    Parameters
    ----------
    precision : float or None
        Relative half-width of the unavailability of ``role``, for every design.
    role : str or None
        The role it is asked of; ``store`` if there is one, else the first one.
    replications : int or None
        Exactly as many, or with a precision at most.
    seconds : float or None
        Stop after this time with what there is.
    free : bool
        Nothing was asked of when it stops: it ends with what the seed says it needs, and
        ``seconds`` is a guard.
    seed : int
        Of all random streams.
    threads : int or None
        By default all processors.
    outages : bool
        Whether every outage and degraded time of the first terms is kept with the result.
    traffic_years : float
        Years of the traffic that are simulated, in whole terms; 0 leaves it out.
    """

    precision: float | None = None
    role: str | None = None
    replications: int | None = None
    seconds: float | None = None
    seed: int = 1
    threads: int | None = None
    outages: bool = False
    free: bool = False
    traffic_years: float = TRAFFIC_YEARS


def planned(
    *,
    precision: str | float | None = None,
    role: str | None = None,
    replications: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
    threads: int | None = None,
    outages: bool = False,
    traffic_years: str | float | None = TRAFFIC_YEARS,
) -> Plan:
    """Return the plan for what is asked, as people write it.

    Parameters
    ----------
    precision, role, replications, seconds, seed, threads, outages
        As in `Plan`; a precision may be text such as ``"2 %"``. Without a precision and a number
        of replications it is 5 %; with no time either it ends by itself (ADR 23).
    traffic_years
        As in `Plan`, or ``"none"``.

    Raises
    ------
    ArgumentError
        If values make no sense, with all of them; it is a ValueError as well.
    ArgumentTypeError
        If all that is wrong is of the wrong kind; it is a TypeError as well.

    Examples
    --------
    >>> planned(precision="2 %", role="store").precision
    0.02
    """
    free = precision is None and replications is None and seconds is None
    if precision is None and replications is None:
        precision = PRECISION
    if free:
        seconds = GUARD
    wrong: list[ArgumentError | ArgumentTypeError] = []
    share = None if precision is None else checked(wrong, _share, precision)
    checked(wrong, _name, role)
    seed = checked(wrong, whole, "seed", seed, 0, MOST_SEED) or 0
    if replications is not None:
        replications = checked(wrong, whole, "replications", replications, 1, MOST_REPLICATIONS)
    if threads is not None:
        threads = checked(wrong, whole, "threads", threads, 1, MOST_THREADS)
    if seconds is not None:
        seconds = checked(wrong, _duration, seconds)
    years = checked(wrong, _years, traffic_years)
    refuse(wrong)
    kept = bool(outages)
    return Plan(share, role, replications, seconds, seed, threads, kept, free, years or 0.0)


def checked(
    wrong: list[ArgumentError | ArgumentTypeError], check: Callable[..., T], *asked: object
) -> T | None:
    """Return what a check makes of an argument; None with what is wrong noted in the list."""
    try:
        return check(*asked)
    except (ArgumentError, ArgumentTypeError) as error:
        wrong.append(error)
        return None


def refuse(wrong: list[ArgumentError | ArgumentTypeError]) -> None:
    """Raise one error for everything that was noted; nothing if nothing was.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        The former if all of it is of the wrong kind.
    """
    if wrong:
        of_kind = all(isinstance(error, TypeError) for error in wrong)
        raise (ArgumentTypeError if of_kind else ArgumentError)("\n".join(map(str, wrong)))


def whole(name: str, number: object, least: int, most: int) -> int:
    """Return a whole number in a range, numpy's included.

    Parameters
    ----------
    name : str
        What the number is, for the message.
    number : object
        What was given.
    least, most : int
        Ends of the range, both allowed.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no whole number, or out of the range.

    Examples
    --------
    >>> whole("threads", 2, 1, 8)
    2
    """
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        msg = f"{name} {number!r} must be a whole number"
        raise ArgumentTypeError(msg)
    value = operator.index(number)
    if not least <= value <= most:
        bounds = {
            MOST_REPLICATIONS: f"{least} or more, to 2**62",
            MOST_SEED: f"{least} to 2**64 - 1",
            LAST_TERM: f"{least} or more, to 2**52 - 2",
        }
        msg = f"{name} {number!r} must be {bounds.get(most, f'{least} to {most}')}"
        raise ArgumentError(msg)
    return value


def _name(role: object) -> None:
    if role is not None and not isinstance(role, str):
        msg = f"role {role!r} must be the name of a role"
        raise ArgumentTypeError(msg)


def _share(precision: object) -> float:
    """Return a precision between 0 and 1."""
    if isinstance(precision, bool) or not isinstance(precision, str | Real):
        msg = f"precision: {precision!r} is no number; write for example '5 %'"
        raise ArgumentTypeError(msg)
    try:
        wanted = parse(precision, "fraction") if isinstance(precision, str) else float(precision)
    except ValueError as error:
        msg = f"precision: {error}; write for example '5 %'"
        raise ArgumentError(msg) from None
    if not 0.0 < wanted < 1.0:
        msg = f"precision {precision!r} must lie between 0 and 1, such as '5 %'"
        raise ArgumentError(msg)
    return wanted


def _years(years: object) -> float:
    """Return a number of years, 0 for none."""
    if years is None or years == NONE:
        return 0.0
    msg = f"traffic_years {years!r} must be years, such as 2000, or none"
    if isinstance(years, str):
        try:
            years = float(years.removesuffix("years").replace(" ", ""))
        except ValueError:
            raise ArgumentError(msg) from None
    if not isinstance(years, Real) or isinstance(years, bool):
        raise ArgumentTypeError(msg)
    value = float(years)
    if not 0.0 <= value <= MOST_YEARS:
        raise ArgumentError(msg)
    return value


def _duration(seconds: object) -> float:
    """Return a finite number of seconds above 0."""
    msg = f"seconds {seconds!r} must be positive and finite, such as 60"
    if not isinstance(seconds, Real) or isinstance(seconds, bool):
        raise ArgumentTypeError(msg)
    value = float(seconds)
    if not math.isfinite(value) or not value > 0:
        raise ArgumentError(msg)
    return value
