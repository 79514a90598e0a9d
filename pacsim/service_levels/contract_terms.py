"""Terms of a service level: whose down time counts, of which kind, what is paid or limited."""

from __future__ import annotations

from dataclasses import dataclass

from pacsim import formatting
from pacsim.service_levels.civil_windows import MONTH, QUARTER, Period

ANY, ALL = "any", "all"


@dataclass(frozen=True, slots=True)
class MeasuredRoles:
    """Of which roles the down time is counted.

    Parameters
    ----------
    roles : tuple of str
        At least one.
    how : {"any", "all"}
        Whether it is down while any of them is, or only while all of them are.
    """

    roles: tuple[str, ...]
    how: str = ANY

    @property
    def said(self) -> str:
        """What people call it."""
        return f" {'or' if self.how == ANY else 'and'} ".join(self.roles)


@dataclass(frozen=True, slots=True)
class CountedKinds:
    """Which kinds of down time count.

    Parameters
    ----------
    unplanned, planned, mixed, degraded : bool
        Degraded time counts, if it does, like down time of its kind.
    free : float
        Seconds of planned time that do not count, the first ones of each ``free_in``.
    free_in : Period
        For what the allowance is.
    """

    unplanned: bool = True
    planned: bool = True
    mixed: bool = True
    degraded: bool = False
    free: float = 0.0
    free_in: Period = MONTH

    @property
    def numbers(self) -> tuple[bool, bool, bool]:
        """Whether each kind counts, in the order in which kinds are numbered."""
        return self.unplanned, self.planned, self.mixed

    @property
    def said(self) -> str:
        """What people call it."""
        names = [name for name in ("unplanned", "mixed") if getattr(self, name)]
        if self.planned and self.free:
            free = formatting.duration(self.free)
            names.append(f"planned beyond {free} a {self.free_in.said}")
        elif self.planned:
            names.append("planned")
        degraded = "down and degraded time" if self.degraded else "down time"
        return f"{', '.join(names)} {degraded} counts"


@dataclass(frozen=True, slots=True)
class ServiceCredits:
    """What is paid back for a window, as a share of its fee.

    Parameters
    ----------
    below : tuple of (float, float)
        Availability below which, and which share of the fee; falling, with shares that rise.
    fee : float
        In ``currency`` for each ``fee_for``; 0 if only shares are known.
    currency : str
        Its label; never converted.
    fee_for : Period
        For what the fee is.
    cap : float
        Largest share of a window's fee.
    """

    below: tuple[tuple[float, float], ...]
    fee: float = 0.0
    currency: str = ""
    fee_for: Period = MONTH
    cap: float = 1.0

    @property
    def unit(self) -> str:
        """Unit of the credits of a year; shares of the fee without money."""
        return f"{self.currency}/year" if self.fee else "1"


@dataclass(frozen=True, slots=True)
class OutageLimits:
    """What no outage, and no number of them, may exceed.

    Parameters
    ----------
    longest : float, optional
        Seconds that no outage may exceed.
    number : int, optional
        Most outages in each ``number_in``.
    number_in : Period
        For what that is.
    """

    longest: float | None = None
    number: int | None = None
    number_in: Period = QUARTER

    @property
    def said(self) -> str:
        """What people call it; empty without limits."""
        parts = []
        if self.longest is not None:
            parts.append(f"no outage over {formatting.duration(self.longest)}")
        if self.number is not None:
            parts.append(f"at most {self.number} a {self.number_in.said}")
        return ", ".join(parts)


EVERYTHING, NO_LIMITS = CountedKinds(), OutageLimits()
