"""SimPy with absolute times and the order of one moment (T10), and the lines that live on it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Generator
from functools import partial
from heapq import heappush
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Steps = Generator[simpy.Event, object, T]
"""What a process runs through."""
DUE, LOOK, RATE, CALL = "due", "look", "rate", "call"
"""Why a wait ended: its time came, conditions changed, its flow has another rate, a call."""
CHANGES, STATIONS = 1, 2
"""Places in a moment. Interruptions come before all (0)."""
ARRIVALS, RATES = 2**60, 2**60 + 1


def follow(event: simpy.Event, then: Callable[[simpy.Event], None]) -> None:
    """Call a function when an event comes."""
    assert event.callbacks is not None
    event.callbacks.append(then)


class Stage(simpy.Environment):
    """An environment in which each event has a time and a place in its moment.

    Places are those of condition changes, of lines in their order, pass by pass, of arrivals, and
    of rates. A line that is called behind its turn gets one in the next pass.

    Parameters
    ----------
    start : float
        Seconds.
    lines : int
        How many there are.
    """

    def __init__(self, start: float, lines: int) -> None:
        super().__init__(initial_time=start)
        self._order = count()
        self._lines = lines
        self._pass = 0
        self._seat = -1
        self._acting = False

    def go(self, until: float) -> None:
        """Let everything before a time happen."""
        while self.peek() < until:
            self.step()
        self._now = until

    def ring(self, at: float, place: int, then: Callable[[simpy.Event], None]) -> None:
        """Call a function at a time, in a place."""
        follow(self._alarm(at, place), then)

    def alarm(self, at: float, line: int) -> simpy.Event:
        """Return an event at a later time, in a line's place; it never comes at infinity."""
        if at == math.inf:
            return simpy.Event(self)
        return self._alarm(at, STATIONS + line)

    @property
    def acting(self) -> bool:
        """Return whether it is a line's turn, and not that of changes, arrivals or rates."""
        return self._acting

    def turn(self, line: int) -> simpy.Event:
        """Return an event of now, when it is next a line's turn."""
        turn = self._pass + (line <= self._seat)
        return self._alarm(float(self.now), STATIONS + turn * self._lines + line)

    def _alarm(self, at: float, place: int) -> simpy.Event:
        event = simpy.Event(self)
        event._ok = True  # noqa: SLF001
        event._value = None  # noqa: SLF001
        event.callbacks = [lambda _: self._reach(place)]
        heappush(self._queue, (at, place, next(self._order), event))  # type: ignore[misc]
        return event

    def _reach(self, place: int) -> None:
        self._acting = STATIONS <= place < ARRIVALS
        if self._acting:
            self._pass, self._seat = divmod(place - STATIONS, self._lines)
        elif place == CHANGES:
            self._pass, self._seat = 0, -1
        else:
            self._seat = -1


class WaitingLine(ABC):
    """One thing after another: a sender, a workstation, a console, a probe.

    Parameters
    ----------
    stage : Stage
        Where it lives.
    index : int
        Its place among all lines.
    """

    def __init__(self, stage: Stage, index: int) -> None:
        self.stage = stage
        self.index = index
        self.process: simpy.Process | None = None
        self.due = -math.inf

    def begin(self) -> None:
        """Let it live from now on."""
        self.process = self.stage.process(self.live())

    @abstractmethod
    def live(self) -> Steps[None]:
        """Return what it does, without end."""

    @property
    def now(self) -> float:
        """Return the time."""
        return float(self.stage.now)

    def wait(self, at: float) -> Steps[str]:
        """Wait for a time; return why it ended, which may be before."""
        if at <= self.now and self.stage.acting:
            return DUE
        self.due = at
        alarm = self.stage.turn if at <= self.now else partial(self.stage.alarm, at)
        try:
            yield alarm(self.index)
        except simpy.Interrupt as why:
            return str(why.cause)
        return DUE

    def pause(self, at: float) -> Steps[None]:
        """Wait for a time whatever happens."""
        while (yield from self.wait(at)) != DUE:
            pass

    def tell(self, why: str) -> None:
        """End its wait at once."""
        assert self.process is not None
        self.process.interrupt(why)

    def call(self) -> None:
        """End its wait when it is next its turn."""
        follow(self.stage.turn(self.index), lambda _: self.tell(CALL))
