"""A service level: what a contract calls down, how much of it is allowed, and what it pays."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim import formatting
from pacsim.service_levels.civil_windows import MONTH, QUARTER, Period

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from pacsim.delays import Calendar

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


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What a contract calls down, and what it promises.

    Parameters
    ----------
    name : str
        As tables call it.
    measured : MeasuredRoles
        Whose down time.
    target : float
        Availability promised for each window, in (0, 1].
    window : Period
        In which it is judged.
    counts : CountedKinds
        Which down time counts.
    shortest, merge : float
        Seconds: outages shorter than one do not count, gaps shorter than the other are closed
        first.
    hours : Calendar, optional
        Hours of which the target is a share, and in which down time counts; all of them without.
    credits : ServiceCredits, optional
        What is paid back.
    limits : OutageLimits
        What else a window must keep to be met.
    source : str
        Where the wording is from.
    file : str
        Where it was read.
    line : int
        On which the roles stand.

    Examples
    --------
    >>> one = ServiceLevel.of({"pacsim": 1, "name": "three nines", "measures": "store",
    ...     "window": "month", "target": "99.9 %"})
    >>> one.said
    'store 99.9 % of each month; unplanned, mixed, planned down time counts'
    """

    name: str
    measured: MeasuredRoles
    target: float
    window: Period
    counts: CountedKinds = CountedKinds()
    shortest: float = 0.0
    merge: float = 0.0
    hours: Calendar | None = None
    credits: ServiceCredits | None = None
    limits: OutageLimits = OutageLimits()
    source: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ServiceLevel:
        """Return the service level in a file.

        Parameters
        ----------
        path : path
            A YAML file; that of a calendar is relative to it.

        Raises
        ------
        DesignError
            With every problem at once: file, line, path, rule and remedy.
        """
        from pacsim.service_levels.sla_reader import load_sla

        return load_sla(Path(path))

    @classmethod
    def of(cls, plain: Mapping[str, Any], file: str = "sla.yaml") -> ServiceLevel:
        """Return the service level of plain values.

        Parameters
        ----------
        plain : mapping
            What a file would say, as YAML reads it.
        file : str
            Where it would stand.

        Raises
        ------
        DesignError
            With every problem at once.
        """
        from pacsim.service_levels.sla_reader import sla_of

        return sla_of(plain, file)

    @property
    def said(self) -> str:
        """The whole of it in a sentence."""
        hours = f" within {self.hours.name}" if self.hours is not None else ""
        least = formatting.nines(1.0 - self.target)
        parts = [f"{self.measured.said} {least} of each {self.window.said}{hours}"]
        parts += [self.counts.said]
        if self.merge:
            parts.append(f"gaps under {formatting.duration(self.merge)} are closed")
        if self.shortest:
            parts.append(f"outages under {formatting.duration(self.shortest)} do not count")
        return "; ".join([*parts, *([self.limits.said] if self.limits.said else [])])
