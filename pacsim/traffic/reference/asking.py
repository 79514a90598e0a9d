"""Steps one after another with patience: workstations and worklist questions (T19, T20)."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from pacsim.traffic.client_tables import OPENINGS, WORKLIST, Asker, Reader
from pacsim.traffic.keyed_draws import AGAIN, PLACES, arrival_key
from pacsim.traffic.logs import BY_TYPING, OK, STORED_SAFE, STREAMS, UNDECIDED
from pacsim.traffic.reference.attempt import Attempt, Request
from pacsim.traffic.reference.stage import Steps, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.arrivals import Opening
    from pacsim.traffic.client_tables import Operation
    from pacsim.traffic.reference.run_state import RunState
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

    def note(self, state: RunState) -> None:
        """Note which case it is, and how far."""
        state.note(self.slot, self.number, self.place, self.acknowledged)
        state.note(self.tries, self.step_tries, self.asides)
        state.near(self.asked, self.since, self.first)

    @property
    def bytes(self) -> float:
        """Return the bytes of all steps."""
        # Not `sum`, which from Python 3.12 on compensates: another last digit.
        total = 0.0
        for step in self.steps:
            total += step.items * step.size
        return total


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
                    self.over(case, STORED_SAFE)
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

    def over(self, case: Case, outcome: int) -> None:
        """Write the row of a case that is over, and count it."""
        case.outcome = outcome
        self._count("stored" if outcome == STORED_SAFE else "lost", case)
        self.rows.append(self.row(case))

    def row(self, case: Case) -> tuple[float, ...]:
        """Return a case's row."""
        return (
            *(self.station, self.station, STREAMS.index(self.stream), case.slot, case.number),
            *(case.asked, case.first, case.served, case.tries, case.asides, case.outcome),
            *(case.bytes, case.sent),
        )

    def came(self, case: Case) -> None:
        """Count a case."""
        self._count("finished", case)

    def _count(self, what: str, case: Case) -> None:
        self.counts[what] += 1
        self.sizes[what] += case.bytes

    @abstractmethod
    def still_open(self, until: float) -> Iterator[tuple[str, Case]]:
        """Yield cases that are not over, each with where it is: those that wait, are done, aside.

        Parameters
        ----------
        until : float
            Seconds; what is asked before it waits.
        """

    def note(self, state: RunState) -> None:
        """Note what is done, and when it goes on."""
        state.note(self.busy is not None)
        if self.busy is not None:
            self.busy.note(state)
        state.near(self.due)

    def _flying(self) -> list[Case]:
        return [] if self.busy is None or self.busy.outcome != UNDECIDED else [self.busy]


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
        self._free = -math.inf

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
        does = self._does
        while True:
            self._come_back()
            if not self.waiting:
                yield from self.wait(min((at for at, _ in self.aside), default=math.inf))
                continue
            if self._free > self.now:
                yield from self.pause(self._free)
                self._come_back()
            case = self.busy = self.waiting.pop(0)
            if not (yield from self.through(case, does.patience)):
                case.asides += 1
                self.aside.append((self.now + does.returns, case))
            self.busy = None
            self._free = self.now + does.least_between

    def still_open(self, until: float) -> Iterator[tuple[str, Case]]:
        """Yield openings that are not over."""
        yield from (("queued", case) for case in self.waiting)
        yield from (("in_flight", case) for case in self._flying())
        yield from (("parked", case) for _, case in self.aside)

    def note(self, state: RunState) -> None:
        """Note openings, when they come back, and from when on there may be another."""
        super().note(state)
        state.note(len(self.waiting))
        for case in self.waiting:
            case.note(state)
        state.note(len(self.aside))
        for back, case in self.aside:
            case.note(state)
            state.near(back)
        state.near(max(self._free, self.now))

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
        while self._time(self._k) < self.now:
            self._k += 1

    def _time(self, k: int) -> float:
        return self._phase + k * self._does.every

    def live(self) -> Steps[None]:
        """Ask on the grid, whatever failed before."""
        does = self._does
        while True:
            yield from self.pause(self._time(self._k))
            case = self.busy = self._question(self._k)
            self._k += 1
            self.came(case)
            if not (yield from self.through(case, does.patience)):
                case.asides += 1
                self.over(case, BY_TYPING)
            self.busy = None

    def _question(self, k: int) -> Case:
        asks = self._does.asks
        return Case(self._time(k), 0, k, k * asks, (Step(self._does.ask, 1, 0.0),) * asks)

    def late(self, until: float) -> Iterator[Case]:
        """Yield the questions whose time came while others were open."""
        k = self._k
        while self._time(k) < until:
            yield self._question(k)
            k += 1

    def still_open(self, until: float) -> Iterator[tuple[str, Case]]:
        """Yield questions that are not over."""
        yield from (("queued", case) for case in self.late(until))
        yield from (("in_flight", case) for case in self._flying())

    def note(self, state: RunState) -> None:
        """Note which question is next: one that was late is made good, and then it is the same."""
        super().note(state)
        state.note(self._k)
