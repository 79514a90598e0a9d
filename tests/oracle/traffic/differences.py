"""What faults cost: a run less its twin, in counts and sums, from their logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.logs import HOWS, OPEN

if TYPE_CHECKING:
    from pacsim.traffic.logs import TrafficLog

JOB = ["station", "source", "stream", "slot", "number"]
TRY = ["station", "operation", "source", "stream", "number", "step", "try", "how", "items"]
LATE = 1e-3
"""Seconds by which an end differs: less is what rounding leaves behind where both met."""
Name = tuple[object, ...]


def apart(rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that the other does not have to the bit, of each: all else costs nothing."""
    one, other = (np.ascontiguousarray(x).view(f"S{x.itemsize}") for x in (rows, others))
    return rows[~np.isin(one, other)], others[~np.isin(other, one)]


@dataclass
class Differences:
    """Counts and sums of a workload, of one window or of many.

    Parameters
    ----------
    counts : Counter
        By name: integers.
    sums, sizes : dict
        By name: seconds and bytes, and what was added up without its signs.
    """

    counts: Counter[Name] = field(default_factory=Counter)
    sums: dict[Name, float] = field(default_factory=dict)
    sizes: dict[Name, float] = field(default_factory=dict)

    def add(self, faulted: TrafficLog, twin: TrafficLog) -> None:
        """Add what a run has more than its twin."""
        for sign, log in ((1, faulted), (-1, twin)):
            for station, row in enumerate(log.counts):
                for how, number in zip(HOWS, row["ended"].tolist(), strict=True):
                    self._count(sign * number, "ended", station, how)
                for name in ("finished", "stored", "lost", "blocked", "parked"):
                    self._count(sign * int(row[name]), name, station)
        over = [log.attempts[log.attempts["how"] != OPEN] for log in (faulted, twin)]
        for station in range(len(faulted.counts)):
            tries, jobs = (
                [rows[rows["station"] == station] for rows in pair]
                for pair in (over, (faulted.jobs, twin.jobs))
            )
            self._pair(*apart(*tries), TRY, ("start", "end"))
            self._pair(*apart(*jobs), JOB, ("first", "stored"))

    def _pair(
        self, rows: np.ndarray, others: np.ndarray, key: list[str], times: tuple[str, str]
    ) -> None:
        """Add rows that only one has, and how much later the others are."""
        mine, theirs = (dict(zip(x[key].tolist(), x, strict=True)) for x in (rows, others))
        assert len(mine) == len(rows)
        kind = "jobs" if key is JOB else "attempts"
        for sign, few, many in ((1, mine, theirs), (-1, theirs, mine)):
            for one in few.keys() - many.keys():
                self._count(sign, kind, *one[:2], *(one[6:8] if key is TRY else ()))
                self._sum(sign * float(few[one]["bytes"]), kind, "bytes", one[0])
        for one in mine.keys() & theirs.keys():
            self._both(mine[one], theirs[one], kind, times)

    def _both(self, row: np.void, other: np.void, kind: str, times: tuple[str, str]) -> None:
        station = int(row["station"])
        if kind == "jobs":
            for name in ("tries", "parked"):
                self._count(int(row[name]) - int(other[name]), kind, name, station)
            if row["outcome"] != other["outcome"]:
                self._count(1, kind, station, int(row["outcome"]), int(other["outcome"]))
            self._sum(float(row["sent"]) - float(other["sent"]), kind, "sent", station)
        for name in times:
            late = float(row[name]) - float(other[name])
            if abs(late) > LATE:
                self._count(1, kind, "late", name, station)
                self._count(int(late > 60.0), kind, "minutes late", name, station)
                self._sum(late, kind, "late", name, station)

    def _count(self, number: int, *name: object) -> None:
        if number:
            self.counts[name] += number

    def _sum(self, number: float, *name: object) -> None:
        self.sums[name] = self.sums.get(name, 0.0) + number
        self.sizes[name] = self.sizes.get(name, 0.0) + abs(number)

    def known(self) -> dict[Name, int]:
        """Return the counts that are not nothing."""
        return {name: number for name, number in self.counts.items() if number}

    def far(self, other: Differences) -> float:
        """Return how far sums are apart, of what was added up: of gigabytes some cancel to 0."""
        names = {*self.sums, *other.sums}
        return max(
            (
                abs(self.sums.get(name, 0.0) - other.sums.get(name, 0.0))
                / max(self.sizes.get(name, 0.0), other.sizes.get(name, 0.0), 1.0)
                for name in names
            ),
            default=0.0,
        )
