"""Phases of a session: waiting for a place, set-up, items, release (T11, T13).

A phase says when it ends by itself, when its timer ends it, and what stopping does to it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from pacsim.traffic import arithmetic as rules
from pacsim.traffic.client_conditions import ERRORING
from pacsim.traffic.logs import ASSOCIATE, RESPONSE

if TYPE_CHECKING:
    from pacsim.traffic.client_tables import Timers
    from pacsim.traffic.reference.flows import Flow
    from pacsim.traffic.reference.standing import Standing


class Phase(Protocol):
    """What a session may be in."""

    timed_out: int
    """How it ends by its timer."""
    carries: bool
    """Whether items are under way."""
    errs: bool
    """Whether an error status ends it."""

    def end(self) -> float:
        """Return when it is over while the peer answers."""

    def doubt(self, met: int) -> float:
        """Return when an error status may come of the first item."""

    def timer(self, standing: Standing) -> float:
        """Return when its timer ends it."""

    def stop(self, now: float) -> None:
        """Stand still."""

    def resume(self, now: float) -> None:
        """Go on."""


class Span:
    """Something that takes a time while the peer answers: a set-up, a release.

    Parameters
    ----------
    now : float
        When it begins.
    takes : float
        Seconds.
    timer_from, timer : float
        Its timer, and what that counts from.
    """

    timed_out = ASSOCIATE
    carries = errs = False

    def __init__(self, now: float, takes: float, timer_from: float, timer: float) -> None:
        self._since = now
        self._left = takes
        self._timer_from = timer_from
        self._timer = timer
        self._stopped = False

    def end(self) -> float:
        """Return when it is over."""
        return math.inf if self._stopped else self._since + self._left

    def doubt(self, met: int) -> float:
        """Return infinity: nothing is decided here."""
        return math.inf

    def timer(self, standing: Standing) -> float:
        """Return when it is given up."""
        return rules.timer_end(self._timer_from, self._timer, standing.silent)

    def stop(self, now: float) -> None:
        """Keep what is left."""
        if not self._stopped:
            self._left = rules.settled(self._left, 1.0, now - self._since)
        self._stopped = True

    def resume(self, now: float) -> None:
        """Go on with what is left."""
        self._since = now
        self._stopped = False


class Waiting(Span):
    """A wait for a place under a limit (T9)."""

    def __init__(self, asked: float, timer: float) -> None:
        super().__init__(asked, math.inf, asked, timer)
        self.granted = False

    def end(self) -> float:
        """Return at once when there is a place."""
        return -math.inf if self.granted else math.inf


class Sending:
    """Items under way.

    Parameters
    ----------
    flow : Flow
        The items.
    timers : Timers
        Of the client.
    met : int
        Condition of the member when they begin.
    errs : bool
        Whether a member that errs answers them with an error.
    """

    timed_out = RESPONSE
    carries = True

    def __init__(self, flow: Flow, timers: Timers, met: int, errs: bool) -> None:
        self.flow = flow
        self.errs = errs
        self._timers = timers
        self._doubted = errs and met == ERRORING

    def end(self) -> float:
        """Return when nothing remains; at once if all is acknowledged though it stands still."""
        if self.flow.whole >= self.flow.items:
            return -math.inf
        return self.flow.end()

    def doubt(self, met: int) -> float:
        """Return the end of the first item of an attempt that began at an erroring member."""
        if met != ERRORING:
            self._doubted = False
        return self.flow.passes(1.0) if self._doubted else math.inf

    def timer(self, standing: Standing) -> float:
        """Return when the response timer ends."""
        flow, response = self.flow, self._timers.response
        if not standing.answers:
            return rules.timer_end(flow.last, response, standing.silent)
        return rules.response_due(flow.last, flow.passes(flow.whole + 1.0), flow.rate, response)

    def stop(self, now: float) -> None:
        """Stand still."""
        self.flow.set_rate(now, 0.0)
        self.flow.moves = False
        self._doubted = False

    def resume(self, now: float) -> None:
        """Go on, at the rate that the end of this moment gives."""
        self.flow.since = now
        self.flow.moves = True
