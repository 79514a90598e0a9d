"""What lines share: conditions, limits, pools, draws, and the log they write."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from pacsim.traffic.keyed_draws import Draws
from pacsim.traffic.logs import HOWS, OPEN
from pacsim.traffic.reference.balancing import Balancer
from pacsim.traffic.reference.flows import Flow, Sharing
from pacsim.traffic.reference.meetings import ARCHIVE, Meetings
from pacsim.traffic.reference.stage import CHANGES, LOOK, RATE, RATES, Stage, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Collection

    import simpy

    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.client_tables import Limit, TrafficTables
    from pacsim.traffic.reference.attempt_phases import Waiting
    from pacsim.traffic.reference.meetings import Way
    from pacsim.traffic.reference.run_state import RunState
    from pacsim.traffic.reference.standing import Standing


class Session(Protocol):
    """An attempt, as the world sees it."""

    line: WaitingLine
    flow: Flow | None
    way: Way
    standing: Standing | None
    waiting: Waiting | None
    placed: bool

    @property
    def limited(self) -> bool:
        """Return whether it takes a place under a limit."""

    def row(self) -> tuple[float, ...]:
        """Return its row of the log."""

    def note(self, state: RunState) -> None:
        """Note what decides how it goes on."""

    def changes(self, what: int, value: int) -> None:
        """Note a change that is about to be written."""

    def looks(self) -> bool:
        """Return whether it has somebody to look at."""


class World:
    """The archive as its clients meet it.

    Parameters
    ----------
    tables : TrafficTables
        The workload.
    timeline : Timeline
        Of the conditions.
    key : tuple of two int
        Of the replication's draws.
    start : float
        Seconds.
    lines : int
        How many lines there will be.
    """

    def __init__(
        self,
        tables: TrafficTables,
        timeline: Timeline,
        key: tuple[int, int],
        start: float,
        lines: int,
    ) -> None:
        self.tables = tables
        self.stage = Stage(start, lines)
        self.draws = Draws(key)
        self.meetings = Meetings(tables.conditions, stays=timeline.stays)
        self.balancer = None if tables.dial is None else Balancer(tables.dial, self.meetings)
        self._sessions: dict[int, Session] = {}
        self._sharing = Sharing(tables.pools)
        self._in_use = [0] * len(tables.conditions.members)
        self._queues: list[list[Session]] = [[] for _ in tables.conditions.members]
        self._rates_at = -math.inf
        self.attempts: list[tuple[float, ...]] = []
        self.begun = [0] * len(tables.stations)
        self.ended_as = [[0] * len(HOWS) for _ in tables.stations]
        rows = zip(
            timeline.time.tolist(), timeline.what.tolist(), timeline.value.tolist(), strict=True
        )
        self._changes: list[tuple[float, int, int]] = list(rows)
        self._next = 0
        while self._next < len(self._changes) and self._changes[self._next][0] <= start:
            self._write(*self._changes[self._next])
            self._next += 1
        self._ring()

    # Conditions

    def _ring(self) -> None:
        if self._next < len(self._changes):
            self.stage.ring(self._changes[self._next][0], CHANGES, self._change)

    def _change(self, _: simpy.Event) -> None:
        """Write all changes of this moment, then let each attempt look once (T10)."""
        now = float(self.stage.now)
        while self._next < len(self._changes) and self._changes[self._next][0] <= now:
            self._write(*self._changes[self._next])
            self._next += 1
        for line in sorted(self._sessions):
            session = self._sessions[line]
            if session.looks():
                session.line.tell(LOOK)
        self._ring()

    def _write(self, time: float, what: int, value: int) -> None:
        if self.meetings.values[what] == value:
            return
        for line in sorted(self._sessions):
            self._sessions[line].changes(what, value)
        self.meetings.values[what] = value
        if self.balancer is not None:
            self.balancer.changed(time)

    # Attempts

    def begins(self, session: Session, station: int) -> None:
        """Take up an attempt."""
        self._sessions[session.line.index] = session
        self.begun[station] += 1

    def ended(self, session: Session, station: int, how: int) -> None:
        """Note how an attempt ended; its client may still be busy."""
        self.ended_as[station][how] += 1
        self.attempts.append(session.row())

    def leaves(self, session: Session) -> None:
        """Forget an attempt whose client is free."""
        self._sessions.pop(session.line.index, None)

    def still_open(self) -> list[tuple[float, ...]]:
        """Return the rows of attempts that have no result yet."""
        rows = [self._sessions[line].row() for line in sorted(self._sessions)]
        return [row for row in rows if row[-3] == OPEN]

    def note(self, state: RunState, probes: Collection[int]) -> None:
        """Note attempts, who waits for a place, and whom the balancer does not dial.

        Parameters
        ----------
        state : RunState
            Of the run.
        probes : collection of int
            Lines that use nothing that others use.
        """
        for line in sorted(self._sessions):
            if line not in probes:
                self._sessions[line].note(state)
        for queue in self._queues:
            state.note(*(session.line.index for session in queue))
        if self.balancer is not None:
            self.balancer.note(state, float(self.stage.now))

    # Limits (T9)

    def limit(self, member: int) -> Limit | None:
        """Return the limit of a member."""
        return self.tables.limits[member] if member < len(self.tables.limits) else None

    def take_place(self, session: Session) -> bool:
        """Take a place at the session's member; return whether there was one, or none is needed."""
        member = session.way.member
        if session.way.target != ARCHIVE or not session.limited:
            return True
        limit = self.limit(member)
        if limit is None:
            return True
        if self._in_use[member] >= limit.associations:
            return False
        self._in_use[member] += 1
        session.placed = True
        return True

    def queue_up(self, session: Session) -> None:
        """Wait for a place, first come first served."""
        self._queues[session.way.member].append(session)

    def offer(self, member: int) -> None:
        """Give free places to those that wait; who stands still keeps its turn."""
        limit = self.limit(member)
        assert limit is not None
        for session in list(self._queues[member]):
            if self._in_use[member] >= limit.associations:
                return
            standing, waiting = session.standing, session.waiting
            if waiting is not None and standing is not None and standing.answers:
                self._queues[member].remove(session)
                self._in_use[member] += 1
                session.placed = waiting.granted = True
                session.line.call()

    def give_back(self, session: Session) -> None:
        """Give a place back, or leave the queue for one."""
        member = session.way.member
        if session.way.target != ARCHIVE or member < 0:
            return
        if session in self._queues[member]:
            self._queues[member].remove(session)
        if session.placed:
            session.placed = False
            self._in_use[member] -= 1
            if self.stage.acting:
                self.offer(member)
            else:
                # Those that wait must have looked at what has changed before they get it.
                self.stage.ring(float(self.stage.now), CHANGES, lambda _: self.offer(member))

    # Rates (T8)

    def new_rates(self) -> None:
        """Make rates anew at the end of this moment."""
        now = float(self.stage.now)
        if self._rates_at != now:
            self._rates_at = now
            self.stage.ring(now, RATES, self._make_rates)

    def _make_rates(self, _: simpy.Event) -> None:
        self._rates_at = -math.inf
        now = float(self.stage.now)
        moving = [s for _, s in sorted(self._sessions.items()) if s.flow is not None]
        flows = [s.flow for s in moving if s.flow is not None]
        for session, flow, rate in zip(moving, flows, self._sharing.rates(flows), strict=True):
            if rate != flow.rate:
                flow.set_rate(now, rate)
                session.line.tell(RATE)
