"""Clocks of timed transitions: draw, speed, interruption and memory (R10-R14)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.core import model as core
from pacsim.core.streams import uniform
from pacsim.delays import intervals
from pacsim.delays.law import Law
from pacsim.errors import SimulationError

if TYPE_CHECKING:
    from pacsim.core.model import Delay, Transition
    from pacsim.engines.reference.civil import Profile
    from pacsim.engines.reference.quantities import Tank


class Clock:
    """The clock of one timed transition.

    ``work`` is what remains in work units, counted from ``since`` at ``speed``; ``fire`` is the
    absolute time at which it will fire. A clock is running, stored (``running`` False but
    ``started`` True) or dropped.
    """

    def __init__(
        self,
        transition: Transition,
        profile: Profile | None,
        calendars: list[Profile],
        tanks: list[Tank],
    ) -> None:
        self.transition = transition
        self.profile = profile
        self.calendars = calendars
        self.tanks = tanks
        self.draws = 0
        self.started = False
        self.running = False
        self.delay: Delay | None = None
        self.work = 0.0
        self.speed = 1.0
        self.since = 0.0
        self.fire = math.inf
        self.root = -1

    def drop(self) -> None:
        """Forget the clock; the next enabling draws afresh (R13)."""
        self.started = False
        self.running = False
        self.fire = math.inf

    def pause(self, t: float) -> None:
        """Store what remains at t (R12)."""
        if self.running:
            self.work = self._left(t)
            self.running = False
            self.fire = math.inf

    def start(
        self, t: float, speed: float, delay: Delay, key: tuple[int, int], root: int, age: float
    ) -> None:
        """Draw a new delay at t; every fresh start takes one draw number (R13, R25)."""
        u = uniform(key, self.transition.delay_stream, self.draws)
        self.draws += 1
        self.delay = delay
        self.root = root
        self.started = True
        if isinstance(delay, Law):
            self.work = delay.residual_isf(u, age) if age > 0.0 else delay.isf(u)
            if not self.work >= 0.0:
                msg = (
                    f"{self.transition.name} drew {self.work!r} from {delay!r} at t = {t!r}; "
                    "a delay must be >= 0"
                )
                raise SimulationError(msg)
        self.resume(t, speed)

    def resume(self, t: float, speed: float) -> None:
        """Run on from t with what remains."""
        self.running = True
        self.since = t
        self.speed = speed
        self.fire = self._fire_time(t)

    def set_speed(self, t: float, speed: float) -> None:
        """Change the speed at t; an unchanged speed recomputes nothing (R11)."""
        if speed != self.speed:
            self.work = self._left(t)
            self.resume(t, speed)

    def refill(self, t: float) -> None:
        """Recompute a wait for a quantity whose rate changed or which jumped (R20)."""
        self.fire = self._fire_time(t)

    def waits_for(self, quantity: int) -> bool:
        """Return whether the clock is running and waits for this quantity."""
        return (
            self.running and isinstance(self.delay, core.Until) and self.delay.quantity == quantity
        )

    def _left(self, t: float) -> float:
        if not isinstance(self.delay, Law):
            return 0.0
        if self.profile is None:
            spent = t - self.since
        else:
            spent = self.profile.work(t) - self.profile.work(self.since)
        return max(0.0, self.work - self.speed * spent)

    def _fire_time(self, t: float) -> float:
        match self.delay:
            case core.Until() as wait:
                return self.tanks[wait.quantity].meets(t, wait)
            case core.NextOpen(calendar, need):
                return self.calendars[calendar].next_open(t, need)
            case core.NextOpening(calendar):
                return self.calendars[calendar].next_opening(t)
            case core.NextBusinessDay(calendar):
                return self.calendars[calendar].next_business_day(t)
            case core.NextTick(period, offset):
                return intervals.next_tick(period, offset, t)
        if self.speed == 0.0:
            return math.inf
        if self.profile is None:
            return t + self.work / self.speed
        return max(t, self.profile.inverse(self.profile.work(t) + self.work / self.speed))
