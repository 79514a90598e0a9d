"""Observers: what held over an interval is added when time advances, never at the instant (R22)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacsim.core import model as core
from pacsim.core.model import NONE
from pacsim.engines.reference.causes import MIXED, kind_of_down_time
from pacsim.engines.reference.state import INITIAL

if TYPE_CHECKING:
    import numpy as np

    from pacsim.engines.reference.quantities import Tank
    from pacsim.engines.reference.state import State


@dataclass(slots=True)
class Books:
    """Where a replication's figures are written."""

    replication: int
    values: np.ndarray
    windows: int
    episodes: list[tuple[Any, ...]] = field(default_factory=list)
    contributors: list[tuple[int, int, bool]] = field(default_factory=list)
    samples: list[tuple[int, int, float, float]] = field(default_factory=list)
    changes: list[tuple[int, float, int, int]] = field(default_factory=list)
    turns: list[tuple[int, int, float, int, int]] = field(default_factory=list)


class Observer:
    """Base: sees each stretch of time once, and each step once."""

    def __init__(self, index: int, observed: Any, first: int, books: Books) -> None:  # noqa: ANN401
        self.index = index
        self.observed = observed
        self.first = first
        self.books = books

    def add(self, column: int, amount: float) -> None:
        """Add to one of the observation's columns."""
        self.books.values[self.first + column] += amount

    def settled(self, state: State, t: float, window: int) -> None:
        """See the state that holds from t on for a positive time."""

    def flush(self, t: float, window: int) -> None:
        """Close what is open at t and open it again."""

    def turned(self, state: State, root: int) -> None:
        """See the end of an instant with its root."""

    def close(self, t: float, window: int) -> None:
        """See the horizon."""
        self.flush(t, window)


class GateTimeObserver(Observer):
    """Time during which a gate is true."""

    since: float | None = None

    def settled(self, state: State, t: float, window: int) -> None:  # noqa: D102
        true = state.reader.gate(self.observed.gate)
        if true and self.since is None:
            self.since = t
        elif not true and self.since is not None:
            self.flush(t, window)
            self.since = None

    def flush(self, t: float, window: int) -> None:  # noqa: D102
        if self.since is not None:
            self.add(0, t - self.since)
            if self.observed.by_window and self.books.windows:
                self.add(1 + window, t - self.since)
            self.since = t


class LevelTimeObserver(Observer):
    """Time at each value of a level, or its integral."""

    value: int | None = None
    since = 0.0

    def settled(self, state: State, t: float, window: int) -> None:  # noqa: D102
        value = state.reader.level(self.observed.level)
        if value != self.value:
            self.flush(t, window)
            self.value = value
            self.since = t

    def flush(self, t: float, window: int) -> None:  # noqa: D102
        if self.value is not None:
            if isinstance(self.observed, core.LevelTime):
                self.add(self.value, t - self.since)
            else:
                self.add(0, self.observed.scale * (self.value * (t - self.since)))
        self.since = t


class ChangesObserver(Observer):
    """Rows of a level's values, one whenever another one holds over a positive time."""

    number = 0
    value: int | None = None

    def settled(self, state: State, t: float, window: int) -> None:  # noqa: D102
        value = state.reader.level(self.observed.level)
        if value != self.value:
            self.value = value
            self.books.changes.append((self.books.replication, t, self.number, value))


class FirstPassageObserver(Observer):
    """First time at which a gate is true over a positive time."""

    def __init__(self, index: int, observed: Any, first: int, books: Books) -> None:  # noqa: ANN401
        super().__init__(index, observed, first, books)
        books.values[first] = math.inf

    def settled(self, state: State, t: float, window: int) -> None:  # noqa: D102
        if self.books.values[self.first] == math.inf and state.reader.gate(self.observed.gate):
            self.books.values[self.first] = t


class QuantityIntegralObserver(Observer):
    """Integral of a quantity."""

    def __init__(
        self,
        index: int,
        observed: Any,  # noqa: ANN401
        first: int,
        books: Books,
        tank: Tank,
    ) -> None:
        super().__init__(index, observed, first, books)
        self.tank = tank

    def flush(self, t: float, window: int) -> None:  # noqa: D102
        self.tank.integrate(t)
        self.books.values[self.first] = self.tank.integral


class EpisodesObserver(Observer):
    """Maximal intervals in which a gate is true, with causes, shares and phases if asked."""

    def __init__(self, index: int, observed: Any, first: int, books: Books) -> None:  # noqa: ANN401
        super().__init__(index, observed, first, books)
        self.start: float | None = None
        self.since = 0.0
        self.was_down = False
        self.turn_root = INITIAL
        self.root = INITIAL
        self.recent = [INITIAL, INITIAL]
        self.first_roots = [INITIAL, INITIAL]
        self.kind = 0
        self.flagged: dict[int, float] = {}
        self.present: set[int] = set()
        self.at_first: set[int] = set()
        self.phase = 0
        self.phase_since = 0.0
        self.at_start = -1

    def turned(self, state: State, root: int) -> None:
        """Note the root of the instant in which the gate last turned true (R27)."""
        down = state.reader.gate(self.observed.gate)
        if down and not self.was_down:
            self.turn_root = root
        self.was_down = down
        # The last fault at this time, and the last work that began or ended: it may still be on
        # when a fault that hid it is mended.
        if root != INITIAL:
            for k, cls in enumerate(("fault", "planned")):
                if state.model.transitions[root].cls == cls:
                    self.recent[k] = root

    def settled(self, state: State, t: float, window: int) -> None:
        """Begin, continue or end an episode with the state that now holds."""
        watched = self.observed
        down = state.reader.gate(watched.gate)
        if down:
            if self.start is None:
                self._begin(state, t, window)
            self._causes(state, t, window)
            if watched.phase != NONE:
                phase = state.reader.level(watched.phase)
                if phase != self.phase:
                    self._flush_phase(t)
                    self.phase = phase
        elif self.start is not None:
            self.flush(t, window)
            after = NONE if watched.at_end == NONE else state.reader.level(watched.at_end)
            self._end(t, after, censored=False)
        self.recent[0] = INITIAL

    def _begin(self, state: State, t: float, window: int) -> None:
        watched = self.observed
        self.start = self.since = self.phase_since = t
        self.root = self.turn_root
        self.at_start = NONE if watched.at_start == NONE else state.reader.level(watched.at_start)
        self.phase = 0 if watched.phase == NONE else state.reader.level(watched.phase)
        self.lengths = [0.0, 0.0, 0.0]
        self.phases = [0.0] * core.PHASES
        self.flagged = {}
        self.present = set()
        self.at_first = self._flagged(state)
        self.first_roots = [INITIAL, INITIAL]
        if watched.causes:
            self.kind = kind_of_down_time(state, watched.split_by)
            self._note_root(self.root)
        self.add(1, 1.0)
        if watched.by_window and self.books.windows:
            self.add(self._windowed(1) + window, 1.0)

    def _windowed(self, block: int) -> int:
        """Return the first column of a block of one column per window."""
        base = 2 + (3 + self.elements if self.observed.causes else 0)
        return base + block * self.books.windows

    elements = 0
    matter: frozenset[int] = frozenset()
    """Elements that can be contributors (R27)."""

    def _flagged(self, state: State) -> set[int]:
        return {e for e in state.flagged() if e in self.matter}

    def _causes(self, state: State, t: float, window: int) -> None:
        if not self.observed.causes:
            return
        kind = kind_of_down_time(state, self.observed.split_by)
        if kind != self.kind:
            self._flush_time(t, window)
            self.books.turns.append((self.books.replication, self.index, t, self.kind, kind))
            self.kind = kind
            recent = INITIAL if kind == MIXED else self.recent[kind]
            self._note_root(self.root if recent == INITIAL else recent)
        now = self._flagged(state)
        for element in sorted(set(self.flagged) - now):
            self.add(5 + element, t - self.flagged.pop(element))
        for element in now - set(self.flagged):
            self.flagged[element] = t
        self.present |= now

    def _note_root(self, root: int) -> None:
        """Note what the first unplanned, or the first planned, time of the episode began with."""
        if self.kind != MIXED and self.first_roots[self.kind] == INITIAL:
            self.first_roots[self.kind] = root

    def flush(self, t: float, window: int) -> None:
        """Add what has passed of the open episode to the columns."""
        if self.start is None:
            return
        self._flush_time(t, window)
        self._flush_phase(t)
        for element in sorted(self.flagged):
            self.add(5 + element, t - self.flagged[element])
            self.flagged[element] = t

    def _flush_time(self, t: float, window: int) -> None:
        length = t - self.since
        self.since = t
        windowed = self.observed.by_window and self.books.windows > 0
        self.add(0, length)
        if windowed:
            self.add(self._windowed(0) + window, length)
        if self.observed.causes:
            self.lengths[self.kind] += length
            self.add(2 + self.kind, length)
            if windowed:
                self.add(self._windowed(2 + self.kind) + window, length)

    def _flush_phase(self, t: float) -> None:
        if self.observed.phase != NONE:
            self.phases[self.phase] += t - self.phase_since
        self.phase_since = t

    def _end(self, t: float, after: int, *, censored: bool) -> None:
        row = len(self.books.episodes)
        self.books.episodes.append(
            (
                self.books.replication,
                self.index,
                self.start,
                t,
                censored,
                self.root,
                *self.lengths,
                *self.first_roots,
                self.at_start,
                after,
                tuple(self.phases),
            )
        )
        self.books.contributors.extend(
            (row, element, element in self.at_first) for element in sorted(self.present)
        )
        self.start = None

    def close(self, t: float, window: int) -> None:
        """End a still open episode at the horizon, censored."""
        if self.start is not None:
            self.flush(t, window)
            self._end(t, NONE, censored=True)


def observers(
    observations: tuple[core.Observation, ...],
    places: core.Layout,
    books: Books,
    tanks: list[Tank],
    matter: tuple[frozenset[int], ...],
    elements: int,
) -> list[Observer]:
    """Return one observer per observation that watches time; counts and samples watch steps.

    ``matter`` are the elements that can be contributors, by observation.
    """
    made: list[Observer] = []
    recorded = 0
    for index, (observed, first) in enumerate(zip(observations, places.first, strict=True)):
        match observed:
            case core.GateTime():
                made.append(GateTimeObserver(index, observed, first, books))
            case core.LevelIntegral() | core.LevelTime():
                made.append(LevelTimeObserver(index, observed, first, books))
            case core.FirstPassage():
                made.append(FirstPassageObserver(index, observed, first, books))
            case core.QuantityIntegral(_, quantity):
                made.append(
                    QuantityIntegralObserver(index, observed, first, books, tanks[quantity])
                )
            case core.Episodes():
                episode = EpisodesObserver(index, observed, first, books)
                episode.elements = elements
                episode.matter = matter[index]
                made.append(episode)
            case core.Changes():
                recorder = ChangesObserver(index, observed, first, books)
                recorder.number, recorded = recorded, recorded + 1
                made.append(recorder)
            case _:
                pass
    return made
