"""Calendars and profiles of one replication, searched by the shared scalar functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays import intervals

if TYPE_CHECKING:
    from pacsim.delays.calendars import Unrolled


class Profile:
    """One calendar moved back by the replication's random shift (R1-R3)."""

    def __init__(self, base: Unrolled, shift: float) -> None:
        n = len(base.opens)
        self.opens, self.closes = np.empty(n), np.empty(n)
        self.days = base.days
        self.openings = intervals.fill_openings(
            base.opens, base.closes, shift, self.opens, self.closes
        )
        m = len(base.starts)
        self.starts, self.ends, self.speeds, self.sums = (np.empty(m) for _ in range(4))
        self.pieces = intervals.fill_pieces(
            base.starts,
            base.ends,
            base.speeds,
            shift,
            self.starts,
            self.ends,
            self.speeds,
            self.sums,
        )
        self.civil = base.civil + shift

    def work(self, t: float) -> float:
        """Return W(t)."""
        return intervals.work(self.starts, self.ends, self.speeds, self.sums, self.pieces, t)

    def inverse(self, w: float) -> float:
        """Return the smallest t with W(t) >= w."""
        return intervals.work_inverse(
            self.starts, self.ends, self.speeds, self.sums, self.pieces, w
        )

    def ramp(self, t: float, until: float, x: float, rate: float, low: float, high: float) -> float:
        """Return the integral of a value whose rate holds on this profile."""
        return intervals.ramp_on_pieces(
            self.starts, self.ends, self.speeds, self.pieces, t, until, x, rate, low, high
        )

    def next_open(self, t: float, need: float) -> float:
        """Return the next moment with ``need`` seconds left in one interval."""
        return intervals.next_open(self.opens, self.closes, self.openings, t, need)

    def next_opening(self, t: float) -> float:
        """Return the first opening strictly later than t."""
        return intervals.next_opening(self.opens, self.openings, t)

    def next_business_day(self, t: float) -> float:
        """Return the first opening on a later civil date."""
        return intervals.next_business_day(self.opens, self.days, self.openings, t, self.civil)
