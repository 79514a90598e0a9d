"""Which rules a run of the readable simulator of the traffic meets, counted while it runs.

Cells of the table of T13 are told from the conditions and from what each attempt is at when they
change, before anything has come of it; the rest by functions of the simulator as they are called.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from pacsim.traffic import arithmetic
from pacsim.traffic.client_conditions import ERRORING, HUNG, MOVING, REFUSES, SILENT, UP
from pacsim.traffic.client_tables import AGE, FIRST, ROUND_ROBIN, SOURCE, Modality
from pacsim.traffic.logs import HOWS, KINDS, OUTCOMES, REJECTED
from pacsim.traffic.reference.attempt import Attempt
from pacsim.traffic.reference.balancing import Balancer
from pacsim.traffic.reference.dialling import CONNECTED, TURNED_AWAY, Dialling
from pacsim.traffic.reference.jobs import PARKED, Buffer
from pacsim.traffic.reference.meetings import FOREIGN, MOVED
from pacsim.traffic.reference.standing import Standing
from pacsim.traffic.reference.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.logs import TrafficLog

MEETS = {
    UP: "up", SILENT: "silent", HUNG: "hung", REFUSES: "refuses", ERRORING: "erroring",
    FOREIGN: "moved", MOVED: "planned",
}  # fmt: skip
PHASES = ("set-up", "items", "release")
TURNS = (
    *(("up", to) for to in ("refuses", "silent", "hung", "erroring", "moved", "planned")),
    *(("silent", to) for to in ("refuses", "up", "up again", "moved", "planned", "hung")),
    *(("hung", to) for to in ("refuses", "up again", "silent", "planned")),
)
"""What changes, as an attempt meets it; ``up again`` is a peer that knows it no more."""
WANTED = (
    *(f"{phase}: {one} to {to}" for phase in PHASES for one, to in TURNS),
    *(f"waiting: {turn}" for turn in ("up to silent", "up to refuses", "silent to up")),
    *(f"waiting: {turn}" for turn in ("silent to up again", "hung to up again", "up to moved")),
    *(f"retransmission: {said}" for said in ("GO_ON", "RESET", "NOTHING")),
    *("release: reset missed", "release: reset heard"),
    *(
        f"connecting: {what}"
        for what in ("up", "silent", "hung", "refuses", "erroring", "cut off", "nobody", "planned")
    ),
    *(f"connecting: {what}, not at once" for what in ("up", "silent", "refuses")),
    *(
        f"dial: {what}, {mode}"
        for what in ("connected", "turned away", "unheard")
        for mode in (FIRST, ROUND_ROBIN, SOURCE)
    ),
    *(f"dial again: {what}" for what in ("connected", "turned away", "unheard")),
    *(f"redispatch: another, {mode}" for mode in (FIRST, ROUND_ROBIN, SOURCE)),
    "redispatch: none, first",
    *(f"{phase}: its member falls off the list" for phase in ("dialling", *PHASES)),
    *(f"observe: {what}" for what in ("put by", "not dialled though listed")),
    *(f"observe: dialled again {when}" for when in ("in time", "as it is listed again")),
    *(f"limit: {what}" for what in ("rejects", "waits", "waited and served")),
    *(f"age: lost {what}" for what in ("itself", "while queued", "while parked")),
    *("age: lost while in_flight", "committed: blocked", "stored: blocked", "router: rejects"),
    "committed: blocked by what waits for its commitment",
    *(f"parked: {kind}" for kind in ("Modality", "Forwarder", "Reader", "Asker")),
    *(f"parked twice: {kind}" for kind in ("Modality", "Forwarder", "Reader")),
    "parked: comes back",
    *(f"queue: {what}" for what in ("before others", "at one moment")),
    *(
        f"queue: {what}"
        for what in ("tried again before others", "an emergency has come meanwhile")
    ),
    "items: whole by the guard",
    *(f"attempt: {how}" for how in HOWS),
    *(f"operation: {kind}" for kind in KINDS),
    *(f"job: {outcome}" for outcome in OUTCOMES),
)
"""What is wanted: first the table of T13, what is in flight x what changes."""


class CellsMet(Counter[str]):
    """How often each was met."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what runs of the readable simulator meet."""
        with ExitStack() as stack:
            for owner, name, made in (
                (World, "_change", self._change),
                (World, "offer", self._offer),
                (World, "queue_up", self._queue_up),
                (Standing, "retransmit", self._retransmit),
                (Attempt, "_answer", self._answer),
                (Attempt, "_misses", self._misses),
                (Dialling, "_one", self._one),
                (Balancer, "other", self._other),
                (Balancer, "refused", self._refused),
                (Balancer, "changed", self._changed),
                (Balancer, "_dialled", self._dialled),
                (Buffer, "add", self._add),
                (Buffer, "put_back", self._put_back),
                (arithmetic, "whole_items", self._whole_items),
            ):
                stack.enter_context(patch.object(owner, name, made(getattr(owner, name))))
            yield

    # Conditions (T13)

    def _change(self, original: Any) -> Any:
        def change(world: World, event: Any) -> None:
            known = world.meetings.values[:]
            there = [(s, _stands(s)) for s in world._sessions.values() if s.looks()]  # type: ignore[arg-type]
            original(world, event)
            for session, before in there:
                self._met(world, session, before)
            self._delisted(world, known, [session for session, _ in there])

        return change

    def _met(self, world: World, session: Any, before: str) -> None:
        standing = session.standing
        if standing is None:
            if before == "dialling" and session.dialling.lost:
                self["dialling: the address moves"] += 1
            return
        after = MEETS[world.meetings.met(session.way)]
        if after == "up" and standing.gone:
            after = "up again"
        if after != before and not (before == "silent" and MEETS[standing.met] == after):
            self[f"{session._phase()}: {before} to {after}"] += 1

    def _delisted(self, world: World, known: list[int], sessions: list[Any]) -> None:
        meetings = world.meetings
        for k, name in enumerate(meetings.conditions.names):
            if name.startswith("listed.") and known[k] and not meetings.values[k]:
                member = meetings.conditions.members.index(name.removeprefix("listed."))
                for session in sessions:
                    if session.standing is None and session.dialling._member == member:
                        self["dialling: its member falls off the list"] += 1
                    elif session.standing is not None and session.way.member == member:
                        self[f"{session._phase()}: its member falls off the list"] += 1

    def _retransmit(self, original: Any) -> Any:
        def retransmit(standing: Standing) -> Any:
            said = original(standing)
            self[f"retransmission: {said.name}"] += 1
            return said

        return retransmit

    def _misses(self, original: Any) -> Any:
        def misses(attempt: Attempt) -> bool:
            found: bool = original(attempt)
            self["release: reset missed" if found else "release: reset heard"] += 1
            return found

        return misses

    # Connections (T11, T14 - T16)

    def _answer(self, original: Any) -> Any:
        def answer(attempt: Attempt) -> tuple[int, int]:
            met, member = original(attempt)
            owner = attempt.world.meetings.owner()
            what = MEETS[met]
            if member < 0:
                what = "planned" if owner == MOVING else "nobody" if owner < 0 else "cut off"
            later = "" if attempt.line.now == attempt.asked else ", not at once"
            self[f"connecting: {what}{later}"] += 1
            return met, member

        return answer

    def _one(self, original: Any) -> Any:
        def one(dialling: Dialling, member: int) -> Any:
            met = yield from original(dialling, member)
            what = {CONNECTED: "connected", TURNED_AWAY: "turned away"}.get(met, "unheard")
            mode, again = dialling._dial.mode, dialling._left < dialling._dial.retries
            self[f"dial: {what}, {mode}"] += 1
            self[f"dial again: {what}"] += again
            return met

        return one

    def _other(self, original: Any) -> Any:
        def other(balancer: Balancer, now: float, member: int) -> int:
            found: int = original(balancer, now, member)
            which = "another" if found >= 0 else "none"
            self[f"redispatch: {which}, {balancer.dial.mode}"] += 1
            return found

        return other

    def _refused(self, original: Any) -> Any:
        def refused(balancer: Balancer, member: int) -> None:
            was = balancer._marks[member].put_by
            original(balancer, member)
            self["observe: put by"] += not was and balancer._marks[member].put_by

        return refused

    def _changed(self, original: Any) -> Any:
        def changed(balancer: Balancer, now: float) -> None:
            marks = list(balancer._marks)
            original(balancer, now)
            new = [x is not y for x, y in zip(marks, balancer._marks, strict=True)]
            self["observe: dialled again as it is listed again"] += any(new)

        return changed

    def _dialled(self, original: Any) -> Any:
        def dialled(balancer: Balancer, now: float, member: int) -> bool:
            mark = balancer._marks[member]
            found: bool = original(balancer, now, member)
            self["observe: not dialled though listed"] += balancer._marks[member].put_by
            self["observe: dialled again in time"] += balancer._marks[member] is not mark
            return found

        return dialled

    # Limits (T9)

    def _queue_up(self, original: Any) -> Any:
        def queue_up(world: World, session: Any) -> None:
            self["limit: waits"] += 1
            original(world, session)

        return queue_up

    def _offer(self, original: Any) -> Any:
        def offer(world: World, member: int) -> None:
            waiting = list(world._queues[member])
            original(world, member)
            for k, session in enumerate(waiting):
                self["limit: waited and served"] += session.placed
                passed = not session.placed and any(x.placed for x in waiting[k + 1 :])
                self["limit: passed over"] += passed

        return offer

    # Items and exams (T12, T17, T18)

    def _whole_items(self, original: Any) -> Any:
        def whole_items(progress: float) -> float:
            found: float = original(progress)
            self["items: whole by the guard"] += found > progress
            return found

        return whole_items

    def _add(self, original: Any) -> Any:
        def add(buffer: Buffer, job: Any, now: float) -> Any:
            waits = len(buffer._waiting)
            where = {old: old.where for old in buffer._unsafe}
            late = [old for old in where if old.committed > now and old.outcome == 0]
            cut = original(buffer, job, now)
            self._kept(buffer, job, where, late=bool(late))
            if waits and len(buffer._waiting) == waits + 1:
                self["queue: before others"] += buffer._waiting[-1] is not job
                self["queue: at one moment"] += any(
                    x.came == job.came for x in buffer._waiting if x is not job
                )
            return cut

        return add

    def _kept(self, buffer: Buffer, job: Any, where: dict[Any, str], *, late: bool) -> None:
        deletes = buffer._deletes
        if deletes == AGE:
            for old, was in where.items():
                self[f"age: lost while {was}"] += old.outcome == 1
            self["age: lost itself"] += job.outcome == 1
        else:
            self[f"{deletes}: blocked"] += job.outcome == 3
            self[f"{deletes}: blocked by what waits for its commitment"] += (
                late and job.outcome == 3
            )

    def _put_back(self, original: Any) -> Any:
        def put_back(buffer: Buffer, job: Any) -> None:
            parked = job.where == PARKED
            original(buffer, job)
            self["parked: comes back"] += parked
            self["queue: tried again before others"] += (
                not parked and len(buffer._waiting) > 1 and buffer._waiting[0] is job
            )
            self["queue: an emergency has come meanwhile"] += (
                not parked and buffer._waiting[0] is not job
            )

        return put_back

    # Logs

    def ended(self, tables: TrafficTables, log: TrafficLog) -> None:
        """Count what a log says."""
        self.update(f"attempt: {HOWS[how]}" for how in log.attempts["how"])
        self.update(f"operation: {KINDS[kind]}" for kind in log.attempts["operation"])
        self.update(f"job: {OUTCOMES[what]}" for what in log.jobs["outcome"])
        for station, row in enumerate(tables.stations):
            kind = type(row.does).__name__
            jobs = log.jobs[log.jobs["station"] == station]
            self[f"parked: {kind}"] += int((jobs["parked"] > 0).sum())
            self[f"parked twice: {kind}"] += int((jobs["parked"] > 1).sum())
            ended = log.attempts[log.attempts["station"] == station]
            if isinstance(row.does, Modality) and row.does.router >= 0:
                self["router: rejects"] += int((ended["how"] == REJECTED).sum())
        self.update(f"limit: {limit.over}" for limit in tables.limits if limit is not None)


def _stands(attempt: Attempt) -> str:
    """Return how an attempt stands with its peer before a change."""
    standing = attempt.standing
    if standing is None:
        return "dialling"
    if standing.answers:
        return "erroring" if standing.met == ERRORING else "up"
    return "silent" if standing.silent else "hung"
