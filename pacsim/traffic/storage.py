"""When an archive is full: what exams add, less what retention deletes (T33)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.design.workloads import Workload


class Kept(NamedTuple):
    """What exams of one kind add in each contract year, and how long they are kept.

    Parameters
    ----------
    added : tuple of float
        Bytes, for each contract year; evenly within it.
    years : float
        From the day of the exam to its deletion; infinite: never.
    """

    added: tuple[float, ...]
    years: float = math.inf

    def until(self, time: float) -> float:
        """Return the bytes added from the start until a time in years."""
        whole = min(max(math.floor(time), 0), len(self.added))
        total = math.fsum(self.added[:whole])
        if whole < len(self.added):
            total += self.added[whole] * max(time - whole, 0.0)
        return total

    def stored(self, time: float) -> float:
        """Return the bytes there at a time in years."""
        deleted = self.until(time - self.years) if self.years < time else 0.0
        return self.until(time) - deleted


class Year(NamedTuple):
    """One contract year of an archive.

    Parameters
    ----------
    year : int
        From 1.
    exams : float
        Expected in it.
    added, stored : float
        Bytes: added in it, there at its end.
    share : float
        Of what may be used that is stored at its end; 0 where there is no limit.
    """

    year: int
    exams: float
    added: float
    stored: float
    share: float


class Storage(NamedTuple):
    """An archive over its contract.

    Parameters
    ----------
    years : tuple of Year
        One a contract year, the last one perhaps not whole.
    usable : float
        Bytes that may be filled.
    full : float or None
        Years from the start until they are; None: not within the term.
    """

    years: tuple[Year, ...]
    usable: float
    full: float | None


def storage_full(
    kinds: Sequence[Kept], usable: float, term: float, at_start: float = 0.0
) -> float | None:
    """Return the years from the start until what may be filled is, None if not within the term.

    Parameters
    ----------
    kinds : sequence of Kept
        What exams add.
    usable : float
        Bytes that may be filled.
    term : float
        Years.
    at_start : float
        Bytes there at the start; they stay, as nobody says how old they are.

    Examples
    --------
    >>> storage_full([Kept((8.0, 12.0))], 14.0, 2.0), storage_full([Kept((8.0,))], 14.0, 1.0)
    (1.5, None)
    """
    before, there = 0.0, at_start
    if there >= usable:
        return 0.0
    for time in _bends(kinds, term):
        then = _stored(kinds, time, at_start)
        if then >= usable:
            return before + (time - before) * (usable - there) / (then - there)
        before, there = time, then
    return None


def _bends(kinds: Sequence[Kept], term: float) -> list[float]:
    """Return the times at which what is added or deleted changes its rate, and the end."""
    ends = [float(year) for year in range(1, math.ceil(term))]
    more = [year + k.years for k in kinds for year in range(math.ceil(term)) if k.years < term]
    return sorted({x for x in (*ends, *more) if 0.0 < x < term} | {term})


def _stored(kinds: Sequence[Kept], time: float, at_start: float) -> float:
    return at_start + math.fsum(kind.stored(time) for kind in kinds)


def storage(
    kinds: Sequence[Kept],
    exams: Sequence[float],
    usable: float,
    term: float,
    at_start: float = 0.0,
) -> Storage:
    """Return an archive year by year.

    Parameters
    ----------
    kinds : sequence of Kept
        What exams add.
    exams : sequence of float
        Expected in each contract year, were it whole.
    usable : float
        Bytes that may be filled.
    term : float
        Years.
    at_start : float
        Bytes there at the start.
    """
    rows = []
    for year in range(math.ceil(term)):
        end = min(year + 1.0, term)
        stored = _stored(kinds, end, at_start)
        added = math.fsum(kind.until(end) - kind.until(year) for kind in kinds)
        share = stored / usable if usable < math.inf else 0.0
        rows.append(Year(year + 1, exams[year] * (end - year), added, stored, share))
    return Storage(tuple(rows), usable, storage_full(kinds, usable, term, at_start))


def storage_of(workload: Workload, term: float, at_start: float = 0.0) -> Storage:
    """Return the archive of a workload year by year.

    Parameters
    ----------
    workload : Workload
        With its archive's capacity.
    term : float
        Seconds.
    at_start : float
        Bytes there at the start.
    """
    years = term / YEAR
    growth, larger = workload.growth_exams, workload.growth_size
    exams = [workload.exams * YEAR * (1.0 + growth) ** y for y in range(math.ceil(years))]
    shares, retention = workload.shares, workload.retention
    kinds = [
        Kept(
            tuple(many * shares[code] * size * (1.0 + larger) ** y for y, many in enumerate(exams)),
            retention[code] / YEAR,
        )
        for code, size in workload.exam_bytes.items()
    ]
    return storage(kinds, exams, workload.usable, years, at_start)
