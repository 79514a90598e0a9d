"""A service level: what a contract calls down, how much of it is allowed, and what it pays."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim import formatting
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.problems import DesignError, Problem
from pacsim.service_levels.contract_terms import (
    EVERYTHING,
    NO_LIMITS,
    CountedKinds,
    MeasuredRoles,
    OutageLimits,
    ServiceCredits,
)
from pacsim.service_levels.sla_reader import read_sla, sla_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.delays import Calendar
    from pacsim.service_levels.civil_windows import Period


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
    counts: CountedKinds = EVERYTHING
    shortest: float = 0.0
    merge: float = 0.0
    hours: Calendar | None = None
    credits: ServiceCredits | None = None
    limits: OutageLimits = NO_LIMITS
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
        return cls(**read_sla(Path(path)))

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
        return cls(**sla_values(plain, file))

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


def _one_level(given: object) -> ServiceLevel:
    if isinstance(given, ServiceLevel):
        return given
    if isinstance(given, dict):
        return ServiceLevel.of(given)
    if isinstance(given, str | os.PathLike):
        if Path(given).suffix.lower() in {".npz", ".csv", ".json"}:
            remedy = "give one file of outages or a log first, service levels after it"
            raise DesignError([Problem(str(given), 0, "", "is no service level", remedy)])
        return ServiceLevel.load(given)
    msg = f"{given!r} is no service level; give a file, or what ServiceLevel.load returns"
    raise ArgumentTypeError(msg)


def service_levels(given: object) -> list[ServiceLevel]:
    """Return service levels, read from their files or plain values where they are none yet.

    Raises
    ------
    DesignError
        With everything that is wrong with any of them.
    ArgumentError, ArgumentTypeError
        If there is none, one is something else, or two have one name.
    """
    several = list(given) if isinstance(given, list | tuple) else [given]
    found: list[ServiceLevel] = []
    wrong: list[Any] = []
    for one in several:
        try:
            found.append(_one_level(one))
        except DesignError as error:
            wrong += error.problems
    if wrong:
        raise DesignError(wrong)
    if not found:
        msg = "no service level given; name one or more files, as in models/sla"
        raise ArgumentError(msg)
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        msg = f"two service levels are called {twice!r}; write another name: in one file"
        raise ArgumentError(msg)
    return found
