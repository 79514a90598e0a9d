"""Steps one after another with patience: workstations and worklist questions (T19, T20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic.client_tables import OPENINGS, WORKLIST, Asker, Reader
from pacsim.traffic.keyed_draws import AGAIN, PLACES, arrival_key
from pacsim.traffic.logs import BY_TYPING, OK, STORED_SAFE, STREAMS, UNDECIDED
from pacsim.traffic.reference.attempt import Attempt, Request
from pacsim.traffic.reference.stage import Steps, WaitingLine

if TYPE_CHECKING:
    from pacsim.traffic.arrivals import Opening
    from pacsim.traffic.client_tables import Operation
    from pacsim.traffic.reference.world import World


class Step(NamedTuple):
    """One operation of a case."""

    operation: Operation
    items: int
    size: float


class Case:
    """What a person waits for: an opening, a question.

    Parameters
    ----------
    asked : float
        When.
    slot, number, turn : int
        Key of the arrival, and which operation of its stream its first step is.
    steps : tuple of Step
        In order.
    current : int
        Number of the step whose first item is the first image, -1 without.
    """

    def __init__(
        self,
        asked: float,
        slot: int,
        number: int,
        turn: int,
        steps: tuple[Step, ...],
        current: int = -1,
    ) -> None:
        self.asked = self.since = asked
        self.slot = slot
        self.number = number
        self.turn = turn
        self.steps = steps
        self.current = current
        self.place = 0
        self.acknowledged = 0
        self.tries = 0
        self.step_tries = 0
        self.asides = 0
        self.first = math.nan
        self.served = math.nan
        self.outcome = UNDECIDED
        self.sent = 0.0

    @property
    def bytes(self) -> float:
        """Return the bytes of all steps."""
        return sum((step.items * step.size for step in self.steps), 0.0)


class Asking(WaitingLine):
    """A line that goes through the steps of cases.

    Parameters
    ----------
    world : World
        The archive.
    index : int
        Its place among all lines.
    station : int
        Number of its station.
    rows : list of tuple
        Of the log, for cases that are over.
    """

    stream = OPENINGS
    whole = False

    def __init__(
        self, world: World, index: int, station: int, rows: list[tuple[float, ...]]
    ) -> None:
        super().__init__(world.stage, index)
        self.world = world
        self.station = station
        self.record = world.tables.stations[station]
        self.rows = rows
        self.counts = dict.fromkeys(("finished", "stored", "lost", "blocked"), 0)
        self.sizes = dict.fromkeys(("finished", "stored", "lost", "blocked"), 0.0)
        self.busy: Case | None = None

    def through(self, case: Case, patience: float) -> Steps[bool]:
        """Do what is left of a case; return False when it was given up."""
        over = case.since + patience
        while case.place < len(case.steps):
            attempt = Attempt(self.world, self, self.station, 0, self._request(case))
            how = yield from attempt.serve()
            self._note(case, attempt)
            if how == OK:
                case.place += 1
                case.acknowledged = case.step_tries = 0
                if case.place == len(case.steps):
                    case.served = self.now
                    self.write(case, STORED_SAFE)
                yield from attempt.release()
                continue
            again = self.now + self.record.timers.retry_every
            yield from self.pause(min(again, max(over, self.now)))
            if over <= self.now:
                return False
        return True

    def _request(self, case: Case) -> Request:
        step = case.steps[case.place]
        key = arrival_key(case.slot, case.number)
        items = step.items - (0 if self.whole else case.acknowledged)
        return Request(
            *(step.operation, step.operation.target, items, step.size),
            *(f"{self.record.name}/{self.stream}", AGAIN * case.place + key),
            *(self.station, STREAMS.index(self.stream), key, case.place, case.step_tries),
            case.turn + case.place,
        )

    def _note(self, case: Case, attempt: Attempt) -> None:
        case.tries += 1
        case.step_tries += 1
        case.acknowledged += attempt.answered
        case.sent += attempt.answered * attempt.request.size
        first = case.place == case.current and attempt.answered > 0
        if first and math.isnan(case.first) and attempt.flow is not None:
            case.first = attempt.flow.first

    def write(self, case: Case, outcome: int) -> None:
        """Write a case's row, and count it."""
        case.outcome = outcome
        if outcome != UNDECIDED:
            what = "stored" if outcome == STORED_SAFE else "lost"
            self.counts[what] += 1
            self.sizes[what] += case.bytes
        self.rows.append(
            (
                *(self.station, self.station, STREAMS.index(self.stream), case.slot, case.number),
                *(case.asked, case.first, case.served, case.tries, case.asides, case.outcome),
                *(case.bytes, case.sent),
            )
        )

    def came(self, case: Case) -> None:
        """Count a case."""
        self.counts["finished"] += 1
        self.sizes["finished"] += case.bytes


class Desk(Asking):
    """A workstation: openings wait for each other; those put aside come back (T19)."""

    def __init__(
        self, world: World, index: int, station: int, rows: list[tuple[float, ...]]
    ) -> None:
        super().__init__(world, index, station, rows)
        assert isinstance(self.record.does, Reader)
        self._does = self.record.does
        self.whole = self._does.whole
        self.waiting: list[Case] = []
        self.aside: list[tuple[float, Case]] = []

    def enter(self, opening: Opening, turn: int) -> None:
        """Ask for a study."""
        does = self._does
        steps = [Step(does.query, 1, 0.0)] * opening.queries
        steps += [Step(does.retrieve, items, size) for items, size in opening.studies]
        case = Case(
            *(opening.time, opening.slot, opening.number, turn, tuple(steps)), opening.queries
        )
        self.came(case)
        self.waiting.append(case)
        if self.busy is None:
            self.call()

    def live(self) -> Steps[None]:
        """Open one after another."""
        does, free = self._does, -math.inf
        while True:
            self._come_back()
            if not self.waiting:
                yield from self.wait(min((at for at, _ in self.aside), default=math.inf))
                continue
            if free > self.now:
                yield from self.pause(free)
                self._come_back()
            case = self.busy = self.waiting.pop(0)
            if not (yield from self.through(case, does.patience)):
                case.asides += 1
                self.aside.append((self.now + does.returns, case))
            self.busy = None
            free = self.now + does.least_between

    def _come_back(self) -> None:
        """Let those whose time has come wait behind the others, with new patience."""
        for entry in [e for e in self.aside if e[0] <= self.now]:
            self.aside.remove(entry)
            entry[1].since = entry[0]
            self.waiting.append(entry[1])


class Console(Asking):
    """Questions on a grid from a keyed phase; given up, the data are typed (T20)."""

    stream = WORKLIST

    def __init__(
        self, world: World, index: int, station: int, rows: list[tuple[float, ...]]
    ) -> None:
        super().__init__(world, index, station, rows)
        assert isinstance(self.record.does, Asker)
        self._does = self.record.does
        phase = world.draws.uniform(f"{self.record.name}/{self.stream}", PLACES, 0)
        self._phase = phase * self._does.every
        self._k = max(0, math.ceil((self.now - self._phase) / self._does.every))
        while self._time() < self.now:
            self._k += 1

    def _time(self) -> float:
        return self._phase + self._k * self._does.every

    def live(self) -> Steps[None]:
        """Ask on the grid, whatever failed before."""
        does = self._does
        while True:
            yield from self.pause(self._time())
            case = self.busy = self._next()
            if not (yield from self.through(case, does.patience)):
                case.asides += 1
                self.write(case, BY_TYPING)
            self.busy = None

    def _next(self) -> Case:
        step = Step(self._does.ask, 1, 0.0)
        case = Case(self._time(), 0, self._k, self._k * self._does.asks, (step,) * self._does.asks)
        self._k += 1
        self.came(case)
        return case

    def late(self, until: float) -> list[Case]:
        """Return the questions whose time came while others were open."""
        found = []
        while self._time() < until:
            found.append(self._next())
        return found
