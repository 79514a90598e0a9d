"""Exams on their way, and the buffer of a modality or router (T17, T18, T20)."""

from __future__ import annotations

import math
from bisect import insort
from typing import TYPE_CHECKING

from pacsim.traffic.client_tables import (
    AGE,
    COMMITTED,
    EMERGENCIES,
    MISSING,
    STORED,
    Forwarder,
    Modality,
)
from pacsim.traffic.keyed_draws import AGAIN, BY_HAND, COMMITMENT, FORGOTTEN, arrival_key
from pacsim.traffic.logs import (
    BLOCKED,
    LOST_FORGOTTEN,
    LOST_OVERWRITTEN,
    STORED_SAFE,
    STREAMS,
    UNDECIDED,
)

if TYPE_CHECKING:
    from pacsim.traffic.arrivals import Exam
    from pacsim.traffic.keyed_draws import Draws
    from pacsim.traffic.reference.run_state import RunState

QUEUED, IN_FLIGHT, PARKED, HANDED, GONE = "queued", "in_flight", "parked", "handed", "gone"
"""Where a job is."""


class Job:
    """An exam at a station that is to send it.

    Parameters
    ----------
    exam : Exam
        What there is to send.
    turn : int
        Rank in its sorted slot, with the slot: which operation of its stream it is.
    came : float
        When the station got it.
    before : Job or None
        At the modality that sent it, if this station is a router.
    """

    def __init__(self, exam: Exam, turn: int, came: float, before: Job | None = None) -> None:
        self.exam = exam
        self.turn = turn
        self.came = came
        self.before = before
        self.home: Buffer | None = None
        self.place = (exam.stream != EMERGENCIES, came, exam.station, turn)
        self.bytes = exam.items * exam.sent
        self.key = arrival_key(exam.slot, exam.number)
        self.where = QUEUED
        self.outcome = UNDECIDED
        self.acknowledged = 0
        self.tries = 0
        self.failures = 0
        self.parked = 0
        self.back = math.inf
        self.stored = math.nan
        self.committed = math.inf
        self.age = self.bytes
        self.sent = 0.0

    def note(self, state: RunState) -> None:
        """Note where it is, and what of it is done."""
        state.note(*self.identity, self.where, self.acknowledged)
        state.note(self.tries, self.failures, self.parked)
        state.near(self.came, self.back)

    @property
    def identity(self) -> tuple[int, str, int]:
        """Return which exam it is, wherever it is kept."""
        return (self.exam.station, self.exam.stream, self.key)

    def __lt__(self, other: Job) -> bool:
        return self.place < other.place


class Buffer:
    """What a station keeps, in its order: emergencies first, else by arrival.

    Parameters
    ----------
    station : int
        Number of the station.
    name : str
        Its name, on which draws hang.
    does : Modality or Forwarder
        How it keeps and sends.
    draws : Draws
        Of the replication.
    rows : list of tuple
        Of the log, for jobs that are over.
    """

    def __init__(
        self,
        station: int,
        name: str,
        does: Modality | Forwarder,
        draws: Draws,
        rows: list[tuple[float, ...]],
    ) -> None:
        self.station = station
        self._name = name
        self.does = does
        self._deletes = does.deletes if isinstance(does, Modality) else STORED
        self._draws = draws
        self._rows = rows
        self._waiting: list[Job] = []
        self._parked: list[Job] = []
        self._unsafe: list[Job] = []
        self.jobs: dict[Job, None] = {}
        self.coming = 0.0
        self.counts = dict.fromkeys(("finished", "stored", "lost", "blocked"), 0)
        self.sizes = dict.fromkeys(("finished", "stored", "lost", "blocked"), 0.0)

    def stream(self, job: Job) -> str:
        """Return whose draws a job takes."""
        if job.before is None:
            return f"{self._name}/{job.exam.stream}"
        assert job.before.home is not None
        return f"{self._name}/{job.before.home.stream(job.before)}"

    # What comes in

    def add(self, job: Job, now: float) -> list[Job]:
        """Take a job in, if it fits; return those that are overwritten in flight."""
        job.home = self
        self._count("finished", job)
        self.jobs[job] = None
        self._unsafe = [j for j in self._unsafe if not (j.committed <= now)]
        cut: list[Job] = []
        if self._deletes == AGE:
            cut = self._overwrite(job)
        elif job.before is None and not self._fits(job):
            self._over(job, BLOCKED, "blocked")
        if job.where == QUEUED:
            self._unsafe.append(job)
            insort(self._waiting, job)
        return cut

    def _overwrite(self, job: Job) -> list[Job]:
        """Lose the oldest, whatever their state, until the new one fits (T18)."""
        cut = []
        for old in self._unsafe:
            old.age += job.bytes
        for old in [j for j in [*self._unsafe, job] if j.age > self.does.buffer]:
            flying = old.where == IN_FLIGHT
            self._drop(old)
            self._over(old, LOST_OVERWRITTEN, "lost", written=not flying)
            if flying:
                # Its row comes when the attempt has ended, in this moment.
                cut.append(old)
        return cut

    def _drop(self, job: Job) -> None:
        for kept in (self._waiting, self._parked, self._unsafe):
            if job in kept:
                kept.remove(job)

    def _fits(self, job: Job) -> bool:
        """Return whether there is room, beside what is admitted and on its way."""
        # Not `sum`, which from Python 3.12 on compensates: another last digit.
        held = self.coming
        for other in self._unsafe:
            held += other.bytes
        return held + job.bytes <= self.does.buffer

    def room(self, job: Job) -> bool:
        """Return whether a job that is to come fits, and keep the room for it."""
        if not self._fits(job):
            return False
        self.coming += job.bytes
        return True

    # What goes out

    def take(self, now: float) -> Job | None:
        """Return the next to send; those parked come back in their turn."""
        for job in [j for j in self._parked if j.back <= now]:
            self._parked.remove(job)
            self.put_back(job)
        if not self._waiting:
            return None
        job = self._waiting.pop(0)
        job.where = IN_FLIGHT
        return job

    def next_return(self) -> float:
        """Return when a parked job comes back."""
        return min((j.back for j in self._parked), default=math.inf)

    def put_back(self, job: Job) -> None:
        """Let a job wait again, in its place."""
        job.where = QUEUED
        insort(self._waiting, job)

    def items(self, job: Job) -> int:
        """Return how many items are to be sent."""
        missing = self.does.resend == MISSING
        return job.exam.items - (job.acknowledged if missing else 0)

    def tried(self, job: Job, answered: int, size: float) -> None:
        """Count an attempt, and what was acknowledged."""
        job.tries += 1
        job.sent += answered * size
        job.acknowledged += answered

    def park(self, job: Job, now: float) -> None:
        """Put a job aside until a person sends it again, or nobody does (T17)."""
        n = AGAIN * job.parked + job.key
        job.parked += 1
        job.failures = 0
        stream, law = self.stream(job), self.does.by_hand
        if law is None or self._draws.uniform(stream, FORGOTTEN, n) < self.does.forgotten:
            self._drop(job)
            self._over(job, LOST_FORGOTTEN, "lost")
            return
        job.where = PARKED
        job.back = now + self._draws.delay(law, stream, BY_HAND, n)
        self._parked.append(job)

    def handed(self, job: Job) -> None:
        """Note that a router has it: it may go from the buffer, unless that waits for more."""
        job.where = HANDED
        if self._deletes != COMMITTED:
            self._unsafe.remove(job)

    def store(self, job: Job, now: float) -> None:
        """Note that the archive has it."""
        job.stored = now
        if self._deletes != COMMITTED:
            if job in self._unsafe:
                self._unsafe.remove(job)
        elif isinstance(self.does, Modality) and self.does.commit is not None:
            law = self.does.commit
            job.committed = now + self._draws.delay(law, self.stream(job), COMMITMENT, job.key)
        self._over(job, STORED_SAFE, "stored")

    def lose_handed(self, job: Job, outcome: int) -> None:
        """Note that the router lost it."""
        self._drop(job)
        self._over(job, outcome, "lost")

    # What is compared, and written

    def note(self, state: RunState, now: float) -> None:
        """Note its jobs, and what it may not delete yet.

        When a commitment comes matters only where the buffer may get full before it does: the rest
        would keep a window open for nothing.
        """
        for job in sorted(self.jobs, key=lambda job: (job.where, job.place)):
            job.note(state)
        unsafe = [job for job in self._unsafe if not (job.committed <= now)]
        unsafe.sort(key=lambda job: job.identity)
        state.note(len(unsafe), *(job.identity for job in unsafe))
        if sum(job.bytes for job in unsafe) > 0.5 * self.does.buffer:
            state.near(*(job.committed for job in unsafe))

    def _count(self, what: str, job: Job) -> None:
        self.counts[what] += 1
        self.sizes[what] += job.bytes

    def _over(self, job: Job, outcome: int, what: str, *, written: bool = True) -> None:
        job.where = GONE
        job.outcome = outcome
        self.jobs.pop(job)
        self._count(what, job)
        if written:
            self.write(job)

    def write(self, job: Job) -> None:
        """Write the row of a job that is over."""
        self._rows.append(self.row(job))

    def row(self, job: Job) -> tuple[float, ...]:
        """Return a job's row."""
        exam = job.exam
        return (
            *(self.station, exam.station, STREAMS.index(exam.stream), exam.slot, exam.number),
            *(job.came, math.nan, job.stored, job.tries, job.parked, job.outcome),
            *(job.bytes, job.sent),
        )
