"""A balancer connects a client that it has taken (T14)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic import arithmetic as rules
from pacsim.traffic.client_conditions import REFUSES, SILENT
from pacsim.traffic.logs import ASSOCIATE, DIALS, OPEN, RESET, UNLISTED
from pacsim.traffic.reference.ended import Ended
from pacsim.traffic.reference.stage import DUE, Steps, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.reference.balancing import Balancer
    from pacsim.traffic.reference.meetings import Meetings, Way
    from pacsim.traffic.reference.run_state import RunState

CONNECTED, TURNED_AWAY, UNHEARD = range(3)
"""What becomes of a dial."""
LONGEST_PAUSE = 1.0
"""Seconds to the next dial of the same member, if that is refused."""


class Client(NamedTuple):
    """Whom the balancer has taken.

    Parameters
    ----------
    wait : callable
        Waits for a time.
    line : WaitingLine
        Whose clock it is.
    way : Way
        Site and holder.
    associate : float
        Timer of the client.
    turn : int
        Number of its operation, with the tries before.
    hashed : callable
        Uniform of its address.
    """

    wait: Callable[[float], Steps[str]]
    line: WaitingLine
    way: Way
    associate: float
    turn: int
    hashed: Callable[[], float]


class Dialling:
    """Dials for one attempt.

    Parameters
    ----------
    client : Client
        Whom it is for.
    balancer : Balancer
        Which members there are to dial.
    meetings : Meetings
        Conditions.
    """

    def __init__(self, client: Client, balancer: Balancer, meetings: Meetings) -> None:
        self._client = client
        self._balancer = balancer
        self._dial = balancer.dial
        self._meetings = meetings
        self._taken = client.line.now
        self._member = -1
        self._left = balancer.dial.retries
        self._hears = OPEN
        self.lost = False

    def run(self) -> Steps[int]:
        """Return the member that is connected, or raise what ended the attempt."""
        balancer, dial = self._balancer, self._dial
        member = self._chosen()
        for left in range(dial.retries, -1, -1):
            self._member, self._left = member, left
            if member < 0:
                yield from self._hear(UNLISTED)
            met = yield from self._one(member)
            if met == CONNECTED:
                balancer.connected(member)
                return member
            if met == TURNED_AWAY:
                balancer.refused(member)
            if not left:
                break
            other = balancer.other(self._now, member) if dial.redispatch else -1
            if other >= 0:
                member = other
                continue
            if met == TURNED_AWAY:
                yield from self._until(self._now + min(dial.connect, LONGEST_PAUSE))
            if dial.redispatch:
                member = self._chosen()
        yield from self._hear(DIALS)
        raise AssertionError

    def note(self, state: RunState) -> None:
        """Note which dial this is, or what the client is still to hear of."""
        state.note(self._member, self._left, self._hears, self.lost)

    @property
    def _now(self) -> float:
        return self._client.line.now

    def _chosen(self) -> int:
        return self._balancer.chosen(self._now, self._client.turn, self._client.hashed)

    def _one(self, member: int) -> Steps[int]:
        """Dial once; return what becomes of it."""
        way, start = self._client.way, self._now
        for k in range(rules.SYNS):
            at = rules.syn_time(start, k)
            if at >= start + self._dial.connect:
                break
            yield from self._until(at)
            reached = self._meetings.back(way.site, way.holder, member)
            met = self._meetings.state(member) if reached else SILENT
            if met == REFUSES:
                return TURNED_AWAY
            if met != SILENT:
                return CONNECTED
        yield from self._until(rules.connect_end(start, self._dial.connect))
        return UNHEARD

    def _held(self) -> bool:
        return not self.lost and self._meetings.holder() == self._client.way.holder

    def _until(self, at: float) -> Steps[None]:
        """Wait for a time while the holder lives and the client is patient."""
        over = rules.timer_end(self._taken, self._client.associate, silent=False)
        while True:
            why = yield from self._client.wait(min(at, over))
            if not self._held():
                yield from self._hear(RESET)
            if why == DUE and over <= self._now:
                raise Ended(ASSOCIATE)
            if why == DUE and at <= self._now:
                return

    def _hear(self, how: int) -> Steps[None]:
        """End the attempt when the client hears of it: at once, or at a retransmission."""
        self._hears = how
        meetings, site = self._meetings, self._client.way.site
        over = rules.timer_end(self._taken, self._client.associate, silent=True)
        if self._held() and meetings.front(site, self._client.way.holder):
            raise Ended(how)
        while True:
            holder = meetings.holder()
            there = holder >= 0 and meetings.front(site, holder)
            again = rules.next_retransmission(self._taken, self._now) if there else math.inf
            if (yield from self._client.wait(min(again, over))) == DUE:
                if over <= self._now:
                    raise Ended(ASSOCIATE)
                raise Ended(how if self._held() else RESET)
