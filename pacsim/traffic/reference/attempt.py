"""One attempt of an operation: connection, set-up, items, release (T11 - T13)."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic import arithmetic as rules
from pacsim.traffic.client_conditions import ERRORING, POOL, REFUSES, SILENT
from pacsim.traffic.client_tables import ECHO, REJECTS
from pacsim.traffic.keyed_draws import (
    MISSED_RESET,
    SENDERS,
    SERVICE,
    SLOT,
    SOURCE,
    TRIES,
    TRY,
    item_of,
)
from pacsim.traffic.logs import (
    CONNECT,
    KINDS,
    OK,
    OPEN,
    OVERWRITTEN,
    REFUSED,
    REJECTED,
    RESET,
    STATUS,
)
from pacsim.traffic.reference.attempt_phases import Sending, Span, Waiting
from pacsim.traffic.reference.dialling import Client, Dialling
from pacsim.traffic.reference.ended import Ended
from pacsim.traffic.reference.flows import Flow
from pacsim.traffic.reference.meetings import ARCHIVE, Way
from pacsim.traffic.reference.stage import DUE, LOOK
from pacsim.traffic.reference.standing import Said, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.client_tables import Operation
    from pacsim.traffic.reference.attempt_phases import Phase
    from pacsim.traffic.reference.run_state import RunState
    from pacsim.traffic.reference.stage import Steps, WaitingLine
    from pacsim.traffic.reference.world import World


class Request(NamedTuple):
    """What an attempt is to do.

    Parameters
    ----------
    operation : Operation
        Of the station.
    target : int
        `ARCHIVE`, a target's number or `FREE`.
    items, size : int, float
        How many, and bytes of each.
    stream : str
        Whose draws it takes.
    draw : int
        Draw number of its service.
    source, kind, number, step, tries : int
        Where it arose, number of the stream, key of the arrival, step of it, tries before.
    turn : int
        Number of the operation for taking turns among members.
    unlimited : bool
        Whether it takes no place under a limit.
    admitted : callable
        Whether the receiver has room, asked at the end of the set-up.
    """

    operation: Operation
    target: int
    items: int
    size: float
    stream: str
    draw: int
    source: int
    kind: int
    number: int
    step: int
    tries: int
    turn: int
    unlimited: bool = False
    admitted: Callable[[], bool] | None = None


class Attempt:
    """An attempt, from the request for a connection until the client is free again.

    Parameters
    ----------
    world : World
        Conditions, pools, limits.
    line : WaitingLine
        Who makes it.
    place : int
        Number of its station.
    sender : int
        Number of the line within its station.
    request : Request
        What for.
    """

    def __init__(
        self, world: World, line: WaitingLine, place: int, sender: int, request: Request
    ) -> None:
        self.world = world
        self.line = line
        self.place = place
        self.station = station = world.tables.stations[place]
        self.timers = station.timers
        self.sender = sender
        self.request = request
        self.start = self.taken = line.now
        self.asked = self.end = math.nan
        self.way = Way(station.site, request.target, -1, -1)
        self.standing: Standing | None = None
        self.dialling: Dialling | None = None
        self.waiting: Waiting | None = None
        self.flow: Flow | None = None
        self.placed = False
        self.cut = False
        self.admitted = False
        self.over = False
        self.answered = 0
        self.how = OPEN

    @property
    def limited(self) -> bool:
        """Return whether it takes a place under a limit."""
        return not self.request.unlimited

    @property
    def parts_well(self) -> bool:
        """Return whether a release follows: after success, and after a status if a probe gets it.

        For others a release is nothing beside the wait that follows a failure.
        """
        return self.how == OK or (self.how == STATUS and self.request.unlimited)

    def row(self) -> tuple[float, ...]:
        """Return its row of the log."""
        request = self.request
        return (
            *(self.place, KINDS.index(request.operation.kind), request.source, request.kind),
            *(request.number, request.step, request.tries, self.start, self.end),
            *(self.way.member, self.how, self.answered, self.answered * request.size),
        )

    def note(self, state: RunState) -> None:
        """Note which operation it is, in which phase, with what is left of it.

        Who it talks to is noted as against who serves now: after a failover that is another one
        than in the twin.
        """
        request, way, now = self.request, self.way, self.line.now
        state.note(self.line.index, request.source, request.kind, request.number, request.step)
        state.note(request.tries, request.items, self._phase(), self.how, self.placed)
        meetings = self.world.meetings
        state.note(meetings.current(way.member), way.holder == meetings.holder())
        state.near(self.start, self.taken)
        if self.dialling is not None:
            self.dialling.note(state)
        if self.standing is not None:
            self.standing.note(state)
        if self.flow is not None:
            done = self.flow.seen(now)
            state.note(self.flow.moves)
            state.near(done.remaining, done.last, done.first, self.flow.item.alone)
            state.near(*(use for _, use in self.flow.item.uses))

    @property
    def stuck(self) -> bool:
        """Return whether it does not go on: not connected, or not answered by its peer."""
        standing = self.standing
        if standing is None:
            return not math.isnan(self.asked)
        return standing.gone or not standing.answers

    def _phase(self) -> str:
        if math.isnan(self.asked):
            return "preparing"
        if self.standing is None:
            return "dialling" if self.dialling is not None else "connecting"
        if self.how != OPEN:
            return "release"
        if self.flow is not None:
            return "items"
        return "waiting" if self.waiting is not None else "set-up"

    def serve(self) -> Steps[int]:
        """Run until the result stands; return how it ended."""
        self.world.begins(self, self.place)
        ended = None
        try:
            yield from self._prepare()
            yield from self._connect()
            yield from self._take_place()
            yield from self._send()
        except Ended as why:
            ended = why
        self._settle(ended)
        self.how = OK if ended is None else ended.how
        if self.answered == self.request.items and not self.cut:
            # All was acknowledged, even if it broke off at the same moment.
            self.over = self.how not in (OK, STATUS)
            self.how = OK
        self.end = self.line.now
        if not self.parts_well:
            self._leave()
        self.world.ended(self, self.place, self.how)
        return self.how

    def release(self) -> Steps[None]:
        """Run until the client is free: the result stands whatever happens (T13)."""
        takes = self.request.operation.release_takes
        if not self.over and takes > 0.0:
            now = self.line.now
            self._standing.renew(now)
            span = Span(now, takes, now, self.timers.release)
            if not self._standing.answers:
                span.stop(now)
            try:
                yield from self._through(span)
            except Ended as ended:
                if ended.cut_off and self._misses():
                    self._leave()
                    yield from self.line.pause(rules.timer_end(now, self.timers.release, True))
        self._leave()

    def changes(self, what: int, value: int) -> None:
        """Note a change of conditions that is about to be written."""
        if self.standing is not None and not self.standing.gone:
            if self.world.meetings.ends(self.way, what, value):
                self.standing.gone = True
                self.world.give_back(self)
        elif self.dialling is not None:
            self.dialling.lost |= self.world.meetings.ends(self.way, what, value)

    def looks(self) -> bool:
        """Return whether a change of conditions may concern it now."""
        return self.standing is not None or self.dialling is not None

    def wait(self, at: float) -> Steps[str]:
        """Wait as its line does; an exam that is overwritten meanwhile ends it."""
        why = yield from self.line.wait(at)
        if self.cut:
            raise Ended(OVERWRITTEN)
        return why

    def _prepare(self) -> Steps[None]:
        """Do what the client does by itself before it asks for a connection, whatever happens."""
        takes = self.request.operation.attempt_takes
        if takes > 0.0:
            while (yield from self.wait(self.start + takes)) != DUE:
                pass
        self.asked = self.line.now

    def _connect(self) -> Steps[None]:
        meetings = self.world.meetings
        pool = self.request.target == ARCHIVE and meetings.conditions.kind == POOL
        give_up = rules.connect_end(self.asked, self.timers.connect)
        for k in range(rules.SYNS):
            at = rules.syn_time(self.asked, k)
            if at >= give_up:
                break
            while (yield from self.wait(at)) != DUE:
                pass
            if pool:
                holder = meetings.holder()
                if holder >= 0 and meetings.front(self.way.site, holder):
                    yield from self._dial(holder)
                    return
                continue
            met, member = self._answer()
            if met == REFUSES:
                raise Ended(REFUSED)
            if met != SILENT:
                self.stands(member, self.line.now)
                return
        while (yield from self.wait(give_up)) != DUE:
            pass
        raise Ended(CONNECT)

    def _answer(self) -> tuple[int, int]:
        if self.request.target == ARCHIVE:
            return self.world.meetings.reached(self.way.site)
        return self.world.meetings.target(self.request.target), 0

    def _dial(self, holder: int) -> Steps[None]:
        self.way = self.way._replace(holder=holder)
        taken = self.line.now
        request = self.request
        turn = request.turn + request.tries
        source = partial(self.world.draws.uniform, f"{self.station.name}/source", SOURCE, 0)
        client = Client(self.wait, self.line, self.way, self.timers.associate, turn, source)
        assert self.world.balancer is not None
        self.dialling = Dialling(client, self.world.balancer, self.world.meetings)
        member = yield from self.dialling.run()
        self.dialling = None
        self.stands(member, taken)

    def stands(self, member: int, taken: float) -> None:
        """Have a connection to a member; the associate timer runs from ``taken``."""
        self.way = self.way._replace(member=member)
        self.taken = taken
        self.standing = Standing(self.world.meetings, self.way, self.line.now)

    def _take_place(self) -> Steps[None]:
        """Take a place under the limit, and set up the association (T9)."""
        operation, associate = self.request.operation, self.timers.associate
        rejected = False
        if not self.world.take_place(self):
            limit = self.world.limit(self.way.member)
            rejected = limit is not None and limit.over == REJECTS
            if not rejected:
                self.waiting = Waiting(self.taken, associate)
                self.world.queue_up(self)
                yield from self._through(self.waiting)
                self.waiting = None
        if operation.setups:
            takes = operation.setups * operation.association
            now = self.line.now
            span = Span(now, takes, self.taken, associate)
            if not self._standing.answers:
                span.stop(now)
            yield from self._through(span)
        if self.request.admitted is not None:
            self.admitted = self.request.admitted()
            rejected = not self.admitted
        if rejected:
            raise Ended(REJECTED)

    def _send(self) -> Steps[None]:
        now = self.line.now
        request, standing = self.request, self._standing
        works = request.operation.works
        work = works[self.way.member] if request.target == ARCHIVE else works[0]
        service = None
        if work.service is not None:
            n = request.draw + TRY * (request.tries % TRIES)
            service = self.world.draws.delay(work.service, request.stream, SERVICE, n)
        self.flow = Flow(request.items, item_of(work, request.size, service), now)
        if request.operation.setups:
            standing.last = now
        else:
            self.flow.last = standing.last
        sending = Sending(self.flow, self.timers, standing.met, request.operation.kind != ECHO)
        if not standing.answers:
            sending.stop(now)
        self.world.new_rates()
        yield from self._through(sending)

    @property
    def _standing(self) -> Standing:
        assert self.standing is not None
        return self.standing

    def _through(self, phase: Phase) -> Steps[None]:
        """Run a phase to its end, or raise what ended the attempt."""
        standing, line = self._standing, self.line
        while True:
            end = phase.end() if standing.answers or phase.end() <= line.now else math.inf
            doubt = phase.doubt(standing.met)
            timer = max(phase.timer(standing), line.now)
            at = min(end, doubt, timer, standing.again)
            why = yield from self.wait(at)
            said = Said.NOTHING
            if why == LOOK:
                said = standing.look(line.now)
            elif why == DUE:
                if doubt <= line.now:
                    raise Ended(STATUS, nothing=True)
                if end <= line.now:
                    return
                if timer <= line.now:
                    raise Ended(phase.timed_out)
                said = standing.retransmit()
            self._obey(said, phase)

    def _obey(self, said: Said, phase: Phase) -> None:
        now, standing = self.line.now, self._standing
        if said in (Said.RESET, Said.CUT_OFF):
            raise Ended(RESET, cut_off=said == Said.CUT_OFF)
        errs = said == Said.STATUS or (said == Said.GO_ON and standing.met == ERRORING)
        if errs and phase.errs:
            raise Ended(STATUS)
        if said == Said.STOP:
            phase.stop(now)
            if self.flow is not None and phase.carries:
                standing.last = self.flow.last
            self.world.new_rates()
        elif said == Said.GO_ON:
            phase.resume(now)
            self.world.new_rates()
            if self.waiting is not None:
                self.world.offer(self.way.member)

    def _settle(self, ended: Ended | None) -> None:
        """Count what is acknowledged; nothing moves any more."""
        flow = self.flow
        if flow is None:
            return
        if ended is None:
            if flow.whole < flow.items:
                flow.finish(self.line.now)
        elif not ended.nothing:
            flow.settle(self.line.now)
        self.answered = 0 if ended is not None and ended.nothing else int(flow.whole)
        flow.moves = False
        flow.rate = 0.0
        self.world.new_rates()

    def _misses(self) -> bool:
        """Return whether the client does not notice that it was cut off in its release."""
        p = self.world.tables.missed_reset
        if p <= 0.0:
            return False
        n = SENDERS * math.floor(SLOT * self.line.now) + self.sender
        return self.world.draws.uniform(self.request.stream, MISSED_RESET, n) < p

    def _leave(self) -> None:
        self.world.give_back(self)
        self.world.leaves(self)
