"""One instant in a Markov model: every way it can go, with its probability (R9, R12, R15-R17).

States are settled one elementary step at a time; where chance decides (outcomes, effects with
p < 1) the instant branches, and branches that meet are one again, so that a loop with a way out
is a finite chain (`settling`). Waiting order among FIFO elements is kept as ranks of entry, and
what an exponential clock may have to remember (`phases`) is kept per clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from pacsim.core import model as watch
from pacsim.core.model import NONE, Outcome
from pacsim.engines.exact.phases import PhasedClock
from pacsim.engines.exact.settling import Ways, settled
from pacsim.errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.model import ElementEffect, Model, Selector, Transition

States = tuple[int, ...]
Memo = tuple[int, ...]
"""Per remembering clock a memory of its `Clock`."""
Changes = tuple[tuple[tuple[int, int], ...], frozenset[int]]
"""What one step changes: (element, new state), and the elements renewed."""


@dataclass(frozen=True, slots=True)
class Tangible:
    """A settled state: element states, ranks of waiting elements, memories of clocks."""

    states: States
    ranks: tuple[int, ...]
    memo: Memo


@dataclass(frozen=True, slots=True)
class Spot:
    """A state in the middle of an instant, with what the clocks must know of its steps."""

    states: States
    ranks: tuple[int, ...]
    left: frozenset[int]
    dropped: frozenset[int]
    """Remembering clocks that fired or whose element was renewed."""


class Instants:
    """Settles instants of one model and evaluates its folded gates."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.immediates = [i for i, t in enumerate(model.transitions) if not t.timed]
        self.timed = [i for i, t in enumerate(model.transitions) if t.timed]
        self.fifo = sorted(
            {model.transitions[i].element for i in self.immediates if model.transitions[i].fifo}
        )
        self.waiting = {
            e: frozenset().union(
                *(t.sources for t in model.transitions if t.element == e and t.fifo)
            )
            for e in self.fifo
        }
        self.clocks = {i: PhasedClock(model.transitions[i]) for i in self.timed}
        self.remembering = [i for i in self.timed if self.clocks[i].remembers]
        self.renewable = {model.transitions[i].element for i in self.remembering}
        self.counted = [
            o for o in model.observations if isinstance(o, watch.FiringCount | watch.EntryCount)
        ]
        self._gates: dict[States, tuple[list[int], list[bool]]] = {}

    def read(self, states: States) -> tuple[list[int], list[bool]]:
        """Return the values of all levels and gates in a state."""
        known = self._gates.get(states)
        if known is not None:
            return known
        model = self.model
        levels = [0] * len(model.levels)
        gates = [False] * len(model.gates)
        for kind, i in model.order:
            if kind == "L":
                level = model.levels[i]
                total = level.constant
                for e, weights in level.elements:
                    total += weights[states[e]]
                for g, weight in level.gates:
                    if gates[g]:
                        total += weight
                levels[i] = total
            else:
                gate = model.gates[i]
                if gate.connection is None:
                    gates[i] = levels[gate.level] >= gate.k
                else:
                    gates[i] = self._connected(i, gates)
        self._gates[states] = (levels, gates)
        return levels, gates

    def _connected(self, index: int, gates: list[bool]) -> bool:
        graph = self.model.gates[index].connection
        assert graph is not None
        alive = [g == NONE or gates[g] for g in graph.vertices]
        reached = {v for v in graph.sources if alive[v]}
        stack = list(reached)
        while stack:
            at = stack.pop()
            for a, b, directed, g in graph.edges:
                if g != NONE and not gates[g]:
                    continue
                for start, end in ((a, b),) if directed else ((a, b), (b, a)):
                    if start == at and alive[end] and end not in reached:
                        reached.add(end)
                        stack.append(end)
        return any(v in reached for v in graph.targets)

    def enabled(self, t: Transition, states: States) -> bool:
        """Return whether a transition is enabled in a state."""
        if states[t.element] not in t.sources:
            return False
        return t.guard == NONE or self.read(states)[1][t.guard]

    def rows(self, selector: Selector[tuple[Outcome, ...]], states: States) -> tuple[Outcome, ...]:
        """Return the outcomes that a level selects in a state."""
        if selector.level == NONE:
            return selector.table[0]
        return selector.table[self.read(states)[0][selector.level]]

    def following(self, spot: Spot) -> int | None:
        """Return the immediate that fires next, None if the state is settled."""
        best: tuple[int, int, int] | None = None
        for i in self.immediates:
            t = self.model.transitions[i]
            if t.priority is not None and self.enabled(t, spot.states):
                rank = spot.ranks[self.fifo.index(t.element)] if t.fifo else 0
                candidate = (t.priority, rank, i)
                best = candidate if best is None else min(best, candidate)
        return None if best is None else best[2]

    def settle(self, begin: Mapping[Spot, float]) -> Ways[Spot]:
        """Return the settled ends of an instant from spots with given probabilities.

        Parameters
        ----------
        begin : mapping
            Probability of each spot.

        Returns
        -------
        Ways
            Probability of each settled end, and the expected counts on the way.

        Raises
        ------
        SimulationError
            Naming the transitions of a loop without a way out.
        """
        if len(begin) == 1 and self.following(next(iter(begin))) is None:
            return Ways(dict(begin), [0.0] * len(self.counted))

        def steps(spot: Spot) -> tuple[str, Ways[Spot]] | None:
            index = self.following(spot)
            if index is None:
                return None
            return self.model.transitions[index].name, self.step(spot, index)

        return settled(begin, steps, len(self.counted))

    def step(self, spot: Spot, index: int) -> Ways[Spot]:
        """Return the spots after one elementary step, and the expected counts of the step."""
        t = self.model.transitions[index]
        chances: dict[Spot, float] = {}
        counts = [0.0] * len(self.counted)
        for number, outcome in enumerate(self.rows(t.outcomes, spot.states)):
            if outcome.p <= 0.0:
                continue
            self._count_firing(counts, spot, index, number, outcome.p)
            for (moves, renewed), p in self._effects(outcome, index, spot.states).items():
                after = self._applied(spot, index, moves, renewed)
                chances[after] = chances.get(after, 0.0) + outcome.p * p
                self._count_entries(counts, spot, moves, outcome.p * p)
        return Ways(chances, counts)

    def _effects(self, outcome: Outcome, index: int, states: States) -> dict[Changes, float]:
        """Return what an outcome can change, equal changes as one: effects on n parts are 2^n."""
        own = self.model.transitions[index].element
        moved = () if outcome.target == states[own] else ((own, outcome.target),)
        renewed = frozenset({own} & self.renewable if outcome.renew_self else ())
        ways: dict[Changes, float] = {(moved, renewed): 1.0}
        for effect in outcome.effects:
            if effect.p <= 0.0:
                continue
            after: dict[Changes, float] = {}
            for way, p in ways.items():
                hit = self._hit(effect, way, index, states)
                chance = 1.0 if hit == way else effect.p
                after[hit] = after.get(hit, 0.0) + chance * p
                if chance < 1.0:
                    after[way] = after.get(way, 0.0) + (1.0 - chance) * p
            ways = after
        return ways

    def _hit(self, effect: ElementEffect, way: Changes, index: int, states: States) -> Changes:
        """Return the changes with those of an effect that takes place."""
        moves, renewed = way
        e = effect.element
        target = NONE if effect.moves is None else effect.moves[states[e]]
        renews = effect.moves is None or (target != NONE and effect.renew)
        if effect.moves is not None and target == NONE and effect.counter:
            element = self.model.elements[e]
            msg = (
                f"{self.model.transitions[index].name} counts {element.name} beyond its range at "
                f"{element.states[states[e]]}; widen the counter or guard the transition"
            )
            raise SimulationError(msg)
        if target != NONE:
            others = [move for move in moves if move[0] != e]
            moves = tuple(sorted([*others, (e, target)] if target != states[e] else others))
        if renews and e in self.renewable:
            renewed |= {e}
        return moves, renewed

    def _count_firing(
        self, counts: list[float], spot: Spot, index: int, number: int, p: float
    ) -> None:
        for place, o in enumerate(self.counted):
            if isinstance(o, watch.FiringCount) and o.transition == index:
                chosen = o.outcome in {-1, number}
                if chosen and (o.when == NONE or self.read(spot.states)[1][o.when]):
                    counts[place] += p

    def _count_entries(
        self, counts: list[float], spot: Spot, moves: tuple[tuple[int, int], ...], p: float
    ) -> None:
        for place, o in enumerate(self.counted):
            if isinstance(o, watch.EntryCount):
                for e, new in moves:
                    if o.element == e and new in o.states and spot.states[e] not in o.states:
                        counts[place] += p

    def _applied(
        self,
        spot: Spot,
        index: int,
        moves: tuple[tuple[int, int], ...],
        renewed: frozenset[int],
    ) -> Spot:
        states, ranks, left = list(spot.states), list(spot.ranks), spot.left
        # Later than every rank so far; all elements of one step share it (R4).
        last = 1 + max(ranks, default=0)
        for e, new in moves:
            if e in self.waiting:
                ranks[self.fifo.index(e)] = last
            for i in self.remembering:
                t = self.model.transitions[i]
                if t.element == e and states[e] in t.sources and new not in t.sources:
                    left |= {i}
            states[e] = new
        dropped = spot.dropped
        if self.remembering:
            dropped |= {
                i
                for i in self.remembering
                if i == index or self.model.transitions[i].element in renewed
            }
        return Spot(tuple(states), self._ranked(states, ranks), left, dropped)

    def _ranked(self, states: list[int] | States, ranks: list[int]) -> tuple[int, ...]:
        """Return ranks from 1 for the waiting elements, so that equal orders are equal spots."""
        waits = [states[e] in self.waiting[e] for e in self.fifo]
        live = sorted({rank for rank, on in zip(ranks, waits, strict=True) if on})
        return tuple(
            1 + live.index(rank) if on else 0 for rank, on in zip(ranks, waits, strict=True)
        )

    def tangible(self, spot: Spot, memo: Memo) -> list[tuple[float, Tangible]]:
        """Return the settled states with the clocks' memories and their chances (R12, R13).

        A clock that begins draws which way its law goes; it is one state for each.
        """
        kept: list[list[tuple[float, int]]] = []
        for place, i in enumerate(self.remembering):
            t = self.model.transitions[i]
            value = memo[place]
            if i in spot.dropped or (i in spot.left and t.memory != "keep"):
                value = 0
            on = self.enabled(t, spot.states)
            inside = spot.states[t.element] in t.sources
            if not on and inside and t.memory == "restart":
                value = 0
            drawn = on and value == 0
            entry = self.entry(t, spot.states) if drawn else 0
            kept.append(self.clocks[i].drawn(entry) if drawn else [(1.0, value)])
        tangibles = []
        for chosen in product(*kept):
            p = 1.0
            for chance, _ in chosen:
                p *= chance
            memories = tuple(value for _, value in chosen)
            tangibles.append((p, Tangible(spot.states, spot.ranks, memories)))
        return tangibles

    def entry(self, t: Transition, states: States) -> int:
        """Return which entry of a delay table is selected in a state."""
        if t.delay is None or t.delay.level == NONE:
            return 0
        return self.read(states)[0][t.delay.level]

    def first(self) -> Spot:
        """Return the spot in which time begins: all that wait have come together."""
        states = tuple(e.initial for e in self.model.elements)
        ranks = self._ranked(states, [1] * len(self.fifo))
        return Spot(states, ranks, frozenset(), frozenset())

    def begin(self, state: Tangible) -> Spot:
        """Return the spot with which an instant begins in a settled state."""
        return Spot(state.states, state.ranks, frozenset(), frozenset())
