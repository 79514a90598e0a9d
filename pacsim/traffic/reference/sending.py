"""Senders of modalities and routers (T17, T20)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pacsim.traffic.client_tables import ENDLESS
from pacsim.traffic.logs import OK, OVERWRITTEN, STREAMS
from pacsim.traffic.reference.attempt import Attempt, Request
from pacsim.traffic.reference.jobs import GONE, Job
from pacsim.traffic.reference.meetings import FREE
from pacsim.traffic.reference.stage import Steps, WaitingLine

if TYPE_CHECKING:
    from pacsim.traffic.reference.jobs import Buffer
    from pacsim.traffic.reference.run_state import RunState
    from pacsim.traffic.reference.world import World


class Sender(WaitingLine):
    """Sends what its station has, one after another.

    Parameters
    ----------
    world : World
        The archive.
    index : int
        Its place among all lines.
    number : int
        Its number in the station.
    buffer : Buffer
        Of the station, shared by its senders.
    """

    def __init__(self, world: World, index: int, number: int, buffer: Buffer) -> None:
        super().__init__(world.stage, index)
        self._world = world
        self._number = number
        self._buffer = buffer
        self._timers = world.tables.stations[buffer.station].timers
        self._attempt: Attempt | None = None
        self._job: Job | None = None
        self._next: Depot | None = None

    def sends_to(self, router: Depot) -> None:
        """Send to a router in place of the archive."""
        self._next = router

    @property
    def idle(self) -> bool:
        """Return whether it has nothing in hand."""
        return self._job is None

    def note(self, state: RunState) -> None:
        """Note whether it has something in hand, and when it goes on."""
        state.note(self.idle)
        state.near(self.due)

    def live(self) -> Steps[None]:
        """Send, wait after a failure, send on."""
        buffer = self._buffer
        while True:
            self._job = job = buffer.take(self.now)
            if job is None:
                yield from self.wait(buffer.next_return())
                continue
            attempt = self._attempt = self._begin(job)
            how = yield from attempt.serve()
            buffer.tried(job, attempt.answered, attempt.request.size)
            if self._next is not None and attempt.admitted:
                self._next.buffer.coming -= job.bytes
            if how == OK:
                self._done(job)
                yield from attempt.release()
            elif how == OVERWRITTEN:
                buffer.write(job)
            else:
                yield from self._failed(job)

    def cut(self, jobs: list[Job]) -> None:
        """Break off what is overwritten while it is sent."""
        if self._job in jobs and self._attempt is not None:
            self._attempt.cut = True
            self.call()

    def _begin(self, job: Job) -> Attempt:
        buffer, exam = self._buffer, job.exam
        operation = buffer.does.store
        target, admitted = operation.target, None
        if self._next is not None:
            target = target if target >= 0 else FREE
            admitted = partial(self._next.buffer.room, job)
        request = Request(
            *(operation, target, buffer.items(job), exam.sent, buffer.stream(job), job.key),
            *(exam.station, STREAMS.index(exam.stream), job.key, 0, job.tries, job.turn),
            admitted=admitted,
        )
        return Attempt(self._world, self, buffer.station, self._number, request)

    def _done(self, job: Job) -> None:
        """Hand it on, or note that the archive has it: here and where it came from."""
        if self._next is not None:
            self._buffer.handed(job)
            self._next.enter(Job(job.exam, job.turn, self.now, job), self.now)
            return
        self._buffer.store(job, self.now)
        if job.before is not None and job.before.home is not None:
            job.before.home.store(job.before, self.now)

    def _failed(self, job: Job) -> Steps[None]:
        """Wait with the whole queue, or park the job and go on at once (T17)."""
        timers = self._timers
        job.failures += 1
        if timers.retry_count == ENDLESS or job.failures <= timers.retry_count:
            self._buffer.put_back(job)
            self._job = None
            yield from self.pause(self.now + timers.retry_every)
            return
        self._buffer.park(job, self.now)
        before = job.before
        if job.where == GONE and before is not None and before.home is not None:
            before.home.lose_handed(before, job.outcome)


class Depot:
    """A modality or a router: its buffer and its senders.

    Parameters
    ----------
    buffer : Buffer
        What it keeps.
    senders : list of Sender
        Who sends it.
    """

    def __init__(self, buffer: Buffer, senders: list[Sender]) -> None:
        self.buffer = buffer
        self.senders = senders

    def note(self, state: RunState, now: float) -> None:
        """Note jobs and senders."""
        self.buffer.note(state, now)
        for sender in self.senders:
            sender.note(state)

    def enter(self, job: Job, now: float) -> None:
        """Take in an exam that was made, or that a modality has sent."""
        cut = self.buffer.add(job, now)
        for sender in self.senders:
            sender.cut(cut)
            if sender.idle:
                sender.call()
