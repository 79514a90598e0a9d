"""Quantities: bounded reals with a piecewise-constant rate, stored seldom (R19-R20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.delays.intervals import ramp

if TYPE_CHECKING:
    from pacsim.core.model import Quantity, Until
    from pacsim.engines.reference.civil import Profile


class Tank:
    """One quantity's stored value, when it was stored and the rate since then."""

    def __init__(self, quantity: Quantity, profile: Profile | None) -> None:
        self.low = quantity.low
        self.high = quantity.high
        self.profile = profile
        self.value = quantity.start
        self.since = 0.0
        self.rate = 0.0
        self.integral = 0.0
        self._integrated = 0.0

    def at(self, t: float) -> float | None:
        """Return the value at t without storing it; None while it is never."""
        if self.value is None:
            return None
        if self.profile is None:
            moved = self.rate * (t - self.since)
        else:
            moved = self.rate * (self.profile.work(t) - self.profile.work(self.since))
        return min(self.high, max(self.low, self.value + moved))

    def store(self, t: float) -> None:
        """Make the value at t the stored one."""
        self.integrate(t)
        self.value = self.at(t)
        self.since = t

    def set_rate(self, t: float, rate: float) -> bool:
        """Change the rate from t on; return whether it changed."""
        if rate == self.rate:
            return False
        self.store(t)
        self.rate = rate
        return True

    def jump(self, t: float, value: float | None) -> None:
        """Jump to a value at t, clamped to the bounds."""
        self.store(t)
        self.value = None if value is None else min(self.high, max(self.low, value))

    def integrate(self, t: float) -> None:
        """Add the integral since the last call, cut where the profile changes or a bound is met."""
        begun = self._integrated
        start = self.at(begun)
        length = t - begun
        self._integrated = t
        if start is None or length <= 0.0:
            return
        if self.profile is None:
            self.integral += ramp(start, self.rate, length, self.low, self.high)
        else:
            self.integral += self.profile.ramp(begun, t, start, self.rate, self.low, self.high)

    def meets(self, t: float, wait: Until) -> float:
        """Return when the quantity meets the value, t if it already has, infinity if never."""
        now = self.at(t)
        if now is None or self.value is None:
            return math.inf
        if now <= wait.value if wait.falls else now >= wait.value:
            return t
        if self.rate == 0.0 or (self.rate < 0.0) is not wait.falls:
            return math.inf
        needed = (wait.value - self.value) / self.rate
        if self.profile is None:
            return max(t, self.since + needed)
        return max(t, self.profile.inverse(self.profile.work(self.since) + needed))
