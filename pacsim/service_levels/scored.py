"""A service level scored on histories: windows met, what is paid back, how long outages are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.service_levels.civil_windows import MONTH, MONTHS, CivilWindows, civil_windows
from pacsim.service_levels.counting import CountedTime, count_time
from pacsim.units import ROUNDING, YEAR

if TYPE_CHECKING:
    from pacsim.service_levels.contract_terms import OutageLimits, ServiceCredits
    from pacsim.service_levels.histories import Histories
    from pacsim.service_levels.service_level import ServiceLevel


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What one service level makes of one design's terms, or of one log.

    Parameters
    ----------
    level : ServiceLevel
        Which one.
    histories : Histories
        What it is scored on.
    counted : CountedTime
        What counts of it.
    met : ndarray of bool, shape (terms, windows)
        Whether the target is met and no limit broken.
    broken : ndarray of bool, shape (terms, windows)
        Whether a limit is broken.
    share : ndarray of float64, shape (terms, windows)
        Of the fee of the window that is paid back.
    fees : ndarray of float64, shape (windows,)
        Fee of each window; without money the share of it that is in the term.
    longest : ndarray of float64, shape (terms,)
        Counted seconds of the longest outage, 0 without one.
    """

    level: ServiceLevel
    histories: Histories
    counted: CountedTime
    met: np.ndarray
    broken: np.ndarray
    share: np.ndarray
    fees: np.ndarray
    longest: np.ndarray

    @property
    def years(self) -> float:
        """Length of a term in years of 8 760 h."""
        return self.histories.length / YEAR

    @property
    def judged(self) -> np.ndarray:
        """Windows in which any time counts."""
        judged: np.ndarray = self.counted.hours > 0.0
        return judged

    @property
    def allowed(self) -> np.ndarray:
        """Seconds that each window may be down."""
        allowed: np.ndarray = (1.0 - self.level.target) * self.counted.hours
        return allowed

    @property
    def margin(self) -> np.ndarray:
        """Seconds that are left of what each window may be down; below 0 if it is too much."""
        margin: np.ndarray = self.allowed - self.counted.down
        return margin

    def missed_hours(self) -> np.ndarray:
        """Return the hours a year down beyond what is allowed, of each term."""
        beyond = np.where(self.margin < -ROUNDING, -self.margin, 0.0)
        missed: np.ndarray = beyond.sum(axis=1) / 3600.0 / self.years
        return missed

    def paid(self) -> np.ndarray:
        """Return what is paid back a year, or without money as a share of all fees, by term."""
        with_money = self.level.credits is not None and self.level.credits.fee > 0.0
        paid: np.ndarray = self.share @ self.fees
        paid /= self.years if with_money else self.fees.sum()
        return paid


def scored(histories: Histories, level: ServiceLevel) -> Scored:
    """Return what a service level makes of histories, without simulating anything.

    Parameters
    ----------
    histories : Histories
        Of one design, or one log.
    level : ServiceLevel
        What counts and is promised.
    """
    counted = count_time(histories, level)
    allowed = (1.0 - level.target) * counted.hours
    broken = _broken(histories, counted, level.limits)
    longest = np.zeros(histories.terms)
    np.maximum.at(longest, counted.term, counted.length)
    return Scored(
        level,
        histories,
        counted,
        (counted.down <= allowed + ROUNDING) & ~broken,
        broken,
        _shares(counted, level.credits),
        _fees(histories, counted.windows, level),
        longest,
    )


def _broken(histories: Histories, counted: CountedTime, limits: OutageLimits) -> np.ndarray:
    """Return in which windows an outage begins that is too long, or one too many."""
    broken = np.zeros(counted.down.shape, dtype=bool)
    bad = np.zeros(len(counted.length), dtype=bool)
    if limits.longest is not None:
        bad |= counted.length > limits.longest + ROUNDING
    if limits.number is not None:
        periods = civil_windows(histories.starts, histories.length, limits.number_in)
        group = counted.term * len(periods) + periods.holding(counted.outage_start)
        order = np.lexsort((counted.outage_start, group))
        arranged = group[order]
        first = np.searchsorted(arranged, arranged, side="left")
        bad[order] |= np.arange(len(order)) - first >= limits.number
    at = counted.windows.holding(counted.outage_start[bad])
    broken[counted.term[bad], at] = True
    return broken


def _shares(counted: CountedTime, terms: ServiceCredits | None) -> np.ndarray:
    """Return the share of its fee that is paid back for each window."""
    share = np.zeros(counted.down.shape)
    if terms is None:
        return share
    for below, paid in terms.below:
        too_long = counted.down > (1.0 - below) * counted.hours + ROUNDING
        share[too_long & (counted.hours > 0.0)] = paid
    return np.minimum(share, terms.cap)


def _fees(histories: Histories, windows: CivilWindows, level: ServiceLevel) -> np.ndarray:
    """Return the fee of each window, of one that is cut by what is left of it."""
    months = MONTHS.get(level.window.name)
    if months is None:
        # The term has as many months as there are, the last one in part.
        monthly = civil_windows(histories.starts, histories.length, MONTH)
        in_months = np.array([monthly.shares.sum()])
    else:
        in_months = months * windows.shares
    terms = level.credits
    if terms is None or not terms.fee:
        return in_months
    each = MONTHS.get(terms.fee_for.name)
    fees: np.ndarray = in_months * (terms.fee / (in_months.sum() if each is None else each))
    return fees
