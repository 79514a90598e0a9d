"""Reads calendars and delays of one transition as they were written (R2, R14, R20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.core.argument_checks import finite, is_real, strange
from pacsim.core.model import NONE, NextBusinessDay, NextOpen, NextOpening, NextTick, Until
from pacsim.core.writing.transition_requests import (
    NextBusinessDayRequest,
    NextOpeningRequest,
    NextOpenRequest,
    NextTickRequest,
    UntilRequest,
)
from pacsim.delays.calendars import Intervals
from pacsim.delays.law import Law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core.model import Delay
    from pacsim.core.writing.written_model import QuantityRequest

NO_DELAY: Delay = NextTick(1.0, 0.0)
"""Stands for a delay that could not be read."""


class DelayReader:
    """Reads delays, collects their calendars, and notes what is wrong in a shared list."""

    def __init__(
        self, home: object, quantities: Sequence[QuantityRequest], problems: list[str]
    ) -> None:
        self.home = home
        self.quantities = quantities
        self.problems = problems
        self.calendars: list[Intervals] = []

    def calendar(self, owner: str, calendar: object) -> int:
        """Return the index of a calendar, `NONE` for none."""
        if calendar is None:
            return NONE
        if not isinstance(calendar, Intervals):
            self.problems.append(f"{owner}: {calendar!r} is no calendar")
            return NONE
        if calendar not in self.calendars:
            self.calendars.append(calendar)
        return self.calendars.index(calendar)

    def _needed(self, owner: str, calendar: object) -> int:
        """Return the index of a calendar that must be there."""
        if calendar is None:
            self.problems.append(f"{owner}: None is no calendar")
        return self.calendar(owner, calendar)

    def delay(self, name: str, delay: object) -> Delay:
        """Return a delay, or note that it is none."""
        match delay:
            case Law():
                return delay
            case UntilRequest():
                return self._until(name, delay)
            case NextOpenRequest(calendar, need):
                return self._next_open(name, calendar, need)
            case NextOpeningRequest(calendar):
                return NextOpening(self._opens_again(name, calendar))
            case NextBusinessDayRequest(calendar):
                return NextBusinessDay(self._opens_again(name, calendar))
            case NextTickRequest(period, offset):
                numbers = finite(period) is not None and finite(offset) is not None
                if not (numbers and 0 < period < math.inf and math.isfinite(offset)):
                    self.problems.append(f"{name}: every({period}, {offset}) needs a period > 0")
                    return NO_DELAY
                return NextTick(float(period), float(offset))
            case _:
                self.problems.append(
                    f"{name}: {delay!r} is no delay; give a law of pacsim.delays, next_open, "
                    "every, next_opening, next_business_day, or quantity.falls_to / rises_to"
                )
                return NO_DELAY

    def _until(self, name: str, wait: UntilRequest) -> Delay:
        quantity, value = wait.quantity, wait.value
        if quantity.builder is not self.home:
            strange([quantity.name], name, self.problems.append)
            return NO_DELAY
        bounds = self.quantities[quantity.index]
        low, high = bounds.low, bounds.high
        if finite(value) is None and value not in (math.inf, -math.inf):
            self.problems.append(f"{name}: waits for {quantity.name} at {value!r}, no number")
            return NO_DELAY
        # Bounds that are no numbers are noted with the quantity.
        if is_real(low) and is_real(high) and not low <= value <= high:
            self.problems.append(
                f"{name}: waits for {quantity.name} at {value}, outside [{low}, {high}]"
            )
        return Until(quantity.index, float(value), wait.falls)

    def _next_open(self, name: str, calendar: Intervals, need: float) -> Delay:
        index = self._needed(name, calendar)
        if not (finite(need) is not None and need >= 0):
            self.problems.append(f"{name}: need {need!r} must be a number of seconds >= 0")
            return NO_DELAY
        if index != NONE:
            try:
                calendar.check_need(need)
            except ValueError as error:
                self.problems.append(f"{name}: {error}")
            if calendar.longest == 0:
                self.problems.append(f"{name}: calendar {calendar.name} never opens")
        return NextOpen(index, float(need))

    def _opens_again(self, name: str, calendar: Intervals) -> int:
        index = self._needed(name, calendar)
        if index != NONE and calendar.longest in {0, math.inf}:
            why = (
                "never opens" if calendar.longest == 0 else "never closes, so it never opens again"
            )
            self.problems.append(f"{name}: calendar {calendar.name} {why}")
        return index
