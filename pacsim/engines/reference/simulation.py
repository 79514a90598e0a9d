"""The reference engine: the rules R8 to R28 on SimPy, written for reading.

Alarms are put on SimPy's queue at absolute times, since ``now + (at - now)`` is not always ``at``,
and with the transition's index as priority, so that ties are taken in index order (R16).
"""

from __future__ import annotations

import math
from collections.abc import Callable  # noqa: TC003
from heapq import heappush
from itertools import count as counter
from typing import TYPE_CHECKING

import numpy as np
import simpy

from pacsim.core import model as core
from pacsim.core import run_arguments
from pacsim.core.building.calendar_span import unrolled
from pacsim.core.model import NONE, ElementEffect, Model, Outcome, Selector
from pacsim.core.run_arguments import check_run, windows_in
from pacsim.core.streams import replication_key, stream_id, uniform
from pacsim.delays.law import Law, named
from pacsim.engines.reference.civil import Profile
from pacsim.engines.reference.observers import Books, observers
from pacsim.engines.reference.quantities import Tank
from pacsim.engines.reference.state import INITIAL, Marks, State
from pacsim.engines.reference.timers import Clock
from pacsim.errors import SimulationError, UnsupportedError

if TYPE_CHECKING:
    from typing import TypeVar

    from pacsim.delays.calendars import Unrolled

    T = TypeVar("T")

ENGINE = "reference"
WEEK = 604800.0
INSTANTS_AT_ONE_TIME = 100_000


class AbsoluteTimeEnvironment(simpy.Environment):
    """A SimPy environment that schedules at absolute times."""

    def __init__(self) -> None:
        super().__init__()
        self._order = counter()

    def ring(self, at: float, index: int, callback: Callable[[simpy.Event], None]) -> simpy.Event:
        """Schedule a callback at exactly ``at``; among ties the smaller index comes first."""
        event = simpy.Event(self)
        event._ok = True  # noqa: SLF001
        event._value = None  # noqa: SLF001
        event.callbacks = [callback]
        heappush(self._queue, (at, index, next(self._order), event))  # type: ignore[misc]
        return event


class Replication:
    """One replication: state, clocks, quantities and observers, driven by alarms."""

    def __init__(
        self,
        model: Model,
        seed: int,
        replication: int,
        horizon: float,
        boundaries: list[float],
        windows: int,
        tables: list[Unrolled],
        matter: tuple[frozenset[int], ...] | None = None,
    ) -> None:
        self.model = model
        self.replication = replication
        self.horizon = horizon
        self.boundaries = boundaries
        self.key = replication_key(seed, replication)
        shift = 0.0
        if model.random_origin:
            # Whole 1024ths of a second: openings stay exact, whatever the shift.
            shift = (
                math.floor(uniform(self.key, stream_id("calendar.origin"), 0) * WEEK * 1024) / 1024
            )
        self.calendars = calendars = [Profile(base, shift) for base in tables]
        self.state = State(model)
        self.tanks = [
            Tank(q, None if q.profile == NONE else calendars[q.profile]) for q in model.quantities
        ]
        self.clocks = {
            index: Clock(
                t, None if t.profile == NONE else calendars[t.profile], calendars, self.tanks
            )
            for index, t in enumerate(model.transitions)
            if t.timed
        }
        self.immediates = [i for i, t in enumerate(model.transitions) if not t.timed]
        self.env = AbsoluteTimeEnvironment()
        self.alarms: dict[int, tuple[float, simpy.Event]] = {}
        self.trace: list[tuple[float, int, int]] = []
        self.events = 0
        self.window = 0
        self.last = 0.0
        self.ties = 0
        self.recent: list[int] = []
        self.root = INITIAL
        self.places = core.layout(model, windows)
        matter = core.contributors(model) if matter is None else matter
        self.books = Books(replication, np.zeros(self.places.columns), windows)
        self.observers = observers(
            model.observations, self.places, self.books, self.tanks, matter, len(model.elements)
        )

    def run(self) -> None:
        """Run from the initial settling to the horizon."""
        self.instant(0.0, None)
        while self.env.peek() < self.horizon:
            self.env.step()
        self.advance(self.horizon)
        for observer in self.observers:
            observer.close(self.horizon, self.window)

    def advance(self, t: float) -> None:
        """Let observers see the settled state that held from the last instant to t (R22)."""
        if t <= self.last:
            return
        for observer in self.observers:
            observer.settled(self.state, self.last, self.window)
        while self.window < len(self.boundaries) and self.boundaries[self.window] <= t:
            boundary = self.boundaries[self.window]
            for observer in self.observers:
                observer.flush(boundary, self.window)
            self.window += 1
        self.last = t
        self.ties = 0

    def alarm(self, index: int) -> Callable[[simpy.Event], None]:
        """Return the callback that fires a transition if its alarm is still the valid one."""

        def ring(event: simpy.Event) -> None:
            known = self.alarms.get(index)
            if known is not None and known[1] is event:
                del self.alarms[index]
                self.advance(self.env.now)
                self.events += 1
                if self.events > run_arguments.MOST_EVENTS:
                    named = [t.name for t in self.model.transitions]
                    firings = list(zip(named, self.state.firings, strict=True))
                    where = f"t = {self.env.now!r}, replication {self.replication}"
                    raise SimulationError(run_arguments.too_many_events(firings, where))
                self.instant(self.env.now, index)

        return ring

    def instant(self, t: float, first: int | None) -> None:
        """Fire, let immediates settle, then quantities, speeds and clocks (R16)."""
        self.ties += 1
        if self.ties > INSTANTS_AT_ONE_TIME:
            self._stop(t, f"{INSTANTS_AT_ONE_TIME} instants at one time")
        self.state.marks = Marks()
        self.root = INITIAL
        if first is not None:
            transition = self.model.transitions[first]
            self.root = first if transition.is_root else self.clocks[first].root
            self.step(first, t)
        steps = 0
        while (following := self._next_immediate()) is not None:
            steps += 1
            if steps > 1000 + 20 * len(self.immediates):
                self._stop(t, f"{steps} steps in one instant")
            self.step(following, t)
        self._settle(t, initial=first is None)
        for observer in self.observers:
            observer.turned(self.state, self.root)

    def _stop(self, t: float, what: str) -> None:
        names = list(dict.fromkeys(self.model.transitions[i].name for i in self.recent[-64:]))
        msg = (
            f"{what} at t = {t!r} in replication {self.replication}; the last transitions were "
            f"{', '.join(names)}; give one of them a positive delay or a guard that ends"
        )
        raise SimulationError(msg)

    def _next_immediate(self) -> int | None:
        best: tuple[int, int, int] | None = None
        for index in self.immediates:
            transition = self.model.transitions[index]
            if self.state.enabled(index) and transition.priority is not None:
                stamp = self.state.stamps[transition.element] if transition.fifo else 0
                candidate = (transition.priority, stamp, index)
                best = candidate if best is None else min(best, candidate)
        return None if best is None else best[2]

    def selected(self, selector: Selector[T]) -> T:
        """Return the entry of a table that its level selects now (R10)."""
        if selector.level == NONE:
            return selector.table[0]
        return selector.table[self.state.reader.level(selector.level)]

    def step(self, index: int, t: float) -> None:
        """Do one elementary step: read, choose, apply everything together (R15)."""
        transition = self.model.transitions[index]
        number = self.state.firings[index]
        rows = self.selected(transition.outcomes)
        chosen = 0
        if len(rows) > 1:
            u = uniform(self.key, transition.outcome_stream, number)
            chosen = _choose(rows, u)
        outcome = rows[chosen]
        self._count(index, chosen, t)
        moves = {transition.element: outcome.target}
        renewed = {transition.element} if outcome.renew_self else set()
        for effect in outcome.effects:
            self._effect(index, effect, number, t, moves, renewed)
        jumps = [
            (j.quantity, j.how, j.value, self.tanks[j.other].at(t) if j.how == "copy" else None)
            for j in outcome.jumps
        ]
        for quantity, how, value, copied in jumps:
            tank = self.tanks[quantity]
            if how == "copy":
                tank.jump(t, copied)
            else:
                tank.jump(t, value + ((tank.at(t) or 0.0) if how == "add" else 0.0))
            self.state.marks.jumped.add(quantity)
        before = list(self.state.states)
        self.state.firings[index] = number + 1
        self.state.marks.fired.add(index)
        self.state.apply(moves, renewed, self.root)
        self._count_entries(before)
        self.recent.append(index)
        self.trace.append((t, index, chosen))

    def _effect(
        self,
        index: int,
        effect: ElementEffect,
        number: int,
        t: float,
        moves: dict[int, int],
        renewed: set[int],
    ) -> None:
        element = effect.element
        if effect.p < 1.0 and uniform(self.key, effect.stream, number) >= effect.p:
            return
        if effect.moves is None:
            renewed.add(element)
            return
        target = effect.moves[self.state.states[element]]
        if target != NONE:
            moves[element] = target
            if effect.renew:
                renewed.add(element)
        elif effect.counter:
            own = self.model.elements[element]
            msg = (
                f"{self.model.transitions[index].name} counts {own.name} beyond its range at "
                f"{own.states[self.state.states[element]]}, t = {t!r}, replication "
                f"{self.replication}; widen the counter or guard the transition"
            )
            raise SimulationError(msg)

    def _count(self, index: int, chosen: int, t: float) -> None:
        """Count and sample a firing before its step."""
        for place, observed in enumerate(self.model.observations):
            if isinstance(observed, core.FiringCount):
                watched: tuple[int, ...] = (observed.transition,)
            elif isinstance(observed, core.Sample):
                watched = observed.transitions
            else:
                continue
            if index not in watched or observed.outcome not in {-1, chosen}:
                continue
            if observed.when != NONE and not self.state.reader.gate(observed.when):
                continue
            first = self.places.first[place]
            self.books.values[first] += 1.0
            if isinstance(observed, core.Sample):
                self._sample(place, observed, first, t)

    def _sample(self, place: int, observed: core.Sample, first: int, t: float) -> None:
        now = t if observed.quantity == NONE else self.tanks[observed.quantity].at(t)
        if now is not None and observed.profile != NONE:
            profile = self.calendars[observed.profile]
            now = profile.work(t) - profile.work(t - now)
        value = math.nan if now is None else observed.offset + observed.scale * now
        if now is None:
            self.books.values[first + 1] += 1.0
        else:
            self.books.values[first + 2] += value
        self.books.samples.append((self.replication, place, t, value))

    def _count_entries(self, before: list[int]) -> None:
        for place, observed in enumerate(self.model.observations):
            if isinstance(observed, core.EntryCount):
                old, new = before[observed.element], self.state.states[observed.element]
                if new in observed.states and old not in observed.states:
                    self.books.values[self.places.first[place]] += 1.0

    def _settle(self, t: float, *, initial: bool) -> None:
        changed = set(self.state.marks.jumped)
        for index, quantity in enumerate(self.model.quantities):
            if self.tanks[index].set_rate(t, self.selected(quantity.rate)):
                changed.add(index)
        for index in sorted(self.clocks):
            self._settle_clock(index, t, changed, initial=initial)

    def _settle_clock(self, index: int, t: float, changed: set[int], *, initial: bool) -> None:
        """Apply memory, then start, continue or change speed (R11-R13)."""
        transition, clock, marks = (
            self.model.transitions[index],
            self.clocks[index],
            self.state.marks,
        )
        if index in marks.fired or transition.element in marks.renewed:
            clock.drop()
        elif index in marks.left:
            if transition.memory == "keep":
                clock.pause(t)
            else:
                clock.drop()
        enabled = self.state.enabled(index)
        if not enabled and clock.running:
            if transition.memory == "restart":
                clock.drop()
            else:
                clock.pause(t)
        if enabled:
            speed = self.selected(transition.speed)
            if not clock.started:
                assert transition.delay is not None
                root = self._clock_root(transition.element)
                age = transition.initial_age if initial else 0.0
                delay = self.selected(transition.delay)
                clock.start(t, speed, delay, self.key, root, age)
            elif not clock.running:
                clock.resume(t, speed)
            else:
                clock.set_speed(t, speed)
            for quantity in changed:
                if clock.waits_for(quantity):
                    clock.refill(t)
        self._schedule(index, clock.fire)

    def _clock_root(self, element: int) -> int:
        """Return the root that a clock of this element stores when it starts now (R27)."""
        state = self.state
        if self.model.elements[element].flagged(state.states[element]):
            return state.flag_root[element]
        return self.root

    def _schedule(self, index: int, at: float) -> None:
        known = self.alarms.get(index)
        if at == math.inf:
            self.alarms.pop(index, None)
        elif known is None or known[0] != at:
            self.alarms[index] = (at, self.env.ring(at, index, self.alarm(index)))


def _choose(rows: tuple[Outcome, ...], u: float) -> int:
    total = 0.0
    for index, outcome in enumerate(rows):
        total += outcome.p
        if u < total:
            return index
    return len(rows) - 1


def supports(model: Model) -> tuple[str, ...]:
    """Return the reasons why this engine cannot treat a model, by name; none for most models.

    Parameters
    ----------
    model : Model
        Of `ModelBuilder.build`.
    """
    return tuple(
        f"{transition.name}: {named(entry)} cannot be sampled; use the exact engine"
        for transition in model.transitions
        for entry in (transition.delay.table if transition.delay is not None else ())
        if isinstance(entry, Law) and not entry.samplable
    )


def simulate(
    model: Model,
    *,
    seed: int = 1,
    first: int = 0,
    count: int = 1,
    horizon: float,
    window: float | None = None,
    trace: bool = False,
) -> core.Batch:
    """Return replications ``first .. first + count - 1`` over [0, horizon).

    Parameters
    ----------
    model : Model
        Any model without Erlang delays; laws of one's own are drawn from by their `isf`.
    seed : int
        With the replication number, the only source of chance.
    first, count : int
        Which replications.
    horizon : float
        Seconds, > 0; an event at the horizon does not happen (R21).
    window : float, optional
        Seconds; cuts the horizon into windows from t = 0.
    trace : bool
        Keep every elementary step; with ``count = 1`` only.

    Returns
    -------
    Batch
        One row of figures per replication, episodes, samples, and the trace if asked.

    Raises
    ------
    UnsupportedError
        If `supports` gives reasons.
    SimulationError
        If the run must stop (R9, R14, R17).
    ValueError
        If what is asked makes no sense.
    """
    reasons = supports(model)
    if reasons:
        raise UnsupportedError(ENGINE, reasons)
    check_run(horizon, window, seed=seed, first=first, count=count, trace=trace)
    # numpy's integers would overflow where Python's do not.
    seed, first, count, horizon = int(seed), int(first), int(count), float(horizon)
    window = None if window is None else float(window)
    windows = 0 if window is None else windows_in(horizon, window)
    boundaries = [] if window is None else [window * k for k in range(1, windows)]
    tables = unrolled(model, horizon)
    matter = core.contributors(model)
    done = []
    for replication in range(first, first + count):
        one = Replication(model, seed, replication, horizon, boundaries, windows, tables, matter)
        one.run()
        done.append(one)
    return _batch(done, first, core.layout(model, windows), trace=trace)


def _batch(done: list[Replication], first: int, lay: core.Layout, *, trace: bool) -> core.Batch:
    episodes: list[tuple[object, ...]] = []
    contributors: list[tuple[int, int, bool]] = []
    samples: list[tuple[int, int, float, float]] = []
    changes: list[tuple[int, float, int, int]] = []
    turns: list[tuple[int, int, float, int, int]] = []
    for one in done:
        contributors.extend(
            (row + len(episodes), e, at_start) for row, e, at_start in one.books.contributors
        )
        episodes.extend(one.books.episodes)
        samples.extend(one.books.samples)
        changes.extend(one.books.changes)
        turns.extend(one.books.turns)
    return core.Batch(
        first=first,
        values=np.array([one.books.values for one in done]).reshape(len(done), lay.columns),
        events=np.array([one.events for one in done], dtype=np.int64),
        episodes=np.array(episodes, dtype=core.EPISODE),
        contributors=np.array(contributors, dtype=core.CONTRIBUTOR),
        samples=np.array(samples, dtype=core.SAMPLE),
        trace=np.array(done[0].trace, dtype=core.FIRING) if trace else None,
        changes=np.array(changes, dtype=core.CHANGE),
        layout=lay,
        replayed=np.zeros(len(done), dtype=np.int64),
        turns=np.array(turns, dtype=core.TURN),
    )
