"""One instant in a Markov model: every way it can go, with its probability (R9, R12, R15-R17).

States are settled one elementary step at a time; where chance decides (outcomes, effects with
p < 1) the instant branches. Waiting order among FIFO elements is kept as ranks of entry stamps, and
what an exponential clock may have to remember (the entry of its delay table, its Erlang stage) is
kept per clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core import observations as watch
from pacsim.core.model import NONE, Outcome
from pacsim.delays import Erlang, Exponential
from pacsim.delays.laws import Shifted
from pacsim.errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Model, Selector, Transition

States = tuple[int, ...]
Memo = tuple[int, ...]
"""Per remembering clock: 0 for none, else 1 + entry * stages + stage."""


@dataclass(frozen=True, slots=True)
class Tangible:
    """A settled state: element states, ranks of waiting elements, memories of clocks."""

    states: States
    ranks: tuple[int, ...]
    memo: Memo


@dataclass(frozen=True, slots=True)
class Branch:
    """A state in the middle of an instant, with what has happened so far."""

    p: float
    states: States
    stamps: tuple[float, ...]
    left: frozenset[int]
    dropped: frozenset[int]
    """Remembering clocks that fired or whose element was renewed."""
    counts: tuple[float, ...]
    steps: int


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
        self.remembering = [i for i in self.timed if _remembers(model.transitions[i])]
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

    def settle(self, begin: Branch) -> Iterator[Branch]:
        """Yield the settled ends of an instant, each with its probability."""
        open_branches = [begin]
        limit = 1000 + 20 * len(self.immediates)
        while open_branches:
            branch = open_branches.pop()
            best: tuple[int, float, int] | None = None
            for i in self.immediates:
                t = self.model.transitions[i]
                if t.priority is not None and self.enabled(t, branch.states):
                    stamp = branch.stamps[self.fifo.index(t.element)] if t.fifo else 0.0
                    found = (t.priority, stamp, i)
                    best = found if best is None else min(best, found)
            if best is None:
                yield branch
            elif branch.steps > limit:
                name = self.model.transitions[best[2]].name
                msg = (
                    f"{limit} steps in one instant, the last was {name}; give it a guard that ends"
                )
                raise SimulationError(msg)
            else:
                open_branches.extend(self.step(branch, best[2]))

    def step(self, branch: Branch, index: int) -> Iterator[Branch]:
        """Yield the states after one elementary step."""
        t = self.model.transitions[index]
        for number, outcome in enumerate(self.rows(t.outcomes, branch.states)):
            if outcome.p <= 0.0:
                continue
            counts = self._counted_firing(branch, index, number)
            first = {t.element: outcome.target}
            renewed = {t.element} if outcome.renew_self else set()
            for p, moves, renewals in self._effects(outcome, 0, first, renewed, branch.states):
                yield self._applied(branch, index, outcome.p * p, moves, renewals, counts)

    def _effects(
        self,
        outcome: Outcome,
        place: int,
        moves: dict[int, int],
        renewed: set[int],
        states: States,
    ) -> Iterator[tuple[float, dict[int, int], set[int]]]:
        if place == len(outcome.effects):
            yield 1.0, moves, renewed
            return
        effect = outcome.effects[place]
        if effect.p < 1.0:
            for p, m, r in self._effects(outcome, place + 1, moves, renewed, states):
                yield (1.0 - effect.p) * p, m, r
        new_moves, new_renewed = dict(moves), set(renewed)
        if effect.moves is None:
            new_renewed.add(effect.element)
        else:
            target = effect.moves[states[effect.element]]
            if target != NONE:
                new_moves[effect.element] = target
                if effect.renew:
                    new_renewed.add(effect.element)
            elif effect.counter:
                name = self.model.elements[effect.element].name
                msg = (
                    f"{name} is counted beyond its range; widen the counter or guard the transition"
                )
                raise SimulationError(msg)
        for p, m, r in self._effects(outcome, place + 1, new_moves, new_renewed, states):
            yield effect.p * p, m, r

    def _counted_firing(self, branch: Branch, index: int, number: int) -> tuple[float, ...]:
        counts = list(branch.counts)
        for place, o in enumerate(self.counted):
            if isinstance(o, watch.FiringCount) and o.transition == index:
                chosen = o.outcome in {-1, number}
                if chosen and (o.when == NONE or self.read(branch.states)[1][o.when]):
                    counts[place] += 1.0
        return tuple(counts)

    def _applied(
        self,
        branch: Branch,
        index: int,
        p: float,
        moves: dict[int, int],
        renewed: set[int],
        counts: tuple[float, ...],
    ) -> Branch:
        states = list(branch.states)
        left = set(branch.left)
        stamps = list(branch.stamps)
        tally = list(counts)
        for e, new in moves.items():
            old = states[e]
            if new == old:
                continue
            states[e] = new
            if e in self.waiting:
                # Later than every stamp so far; all elements of one step share it (R4).
                stamps[self.fifo.index(e)] = branch.steps + 1.0
            for i in self.remembering:
                t = self.model.transitions[i]
                if t.element == e and old in t.sources and new not in t.sources:
                    left.add(i)
            for place, o in enumerate(self.counted):
                if isinstance(o, watch.EntryCount) and o.element == e:
                    tally[place] += new in o.states and old not in o.states
        dropped = set(branch.dropped)
        dropped |= {
            i
            for i in self.remembering
            if i == index or self.model.transitions[i].element in renewed
        }
        return Branch(
            branch.p * p,
            tuple(states),
            tuple(stamps),
            frozenset(left),
            frozenset(dropped),
            tuple(tally),
            branch.steps + 1,
        )

    def tangible(self, branch: Branch, memo: Memo) -> Tangible:
        """Return the settled state with normalised ranks and the clocks' memories (R12, R13)."""
        kept = []
        for place, i in enumerate(self.remembering):
            t = self.model.transitions[i]
            value = memo[place]
            if i in branch.dropped or (i in branch.left and t.memory != "keep"):
                value = 0
            on = self.enabled(t, branch.states)
            inside = branch.states[t.element] in t.sources
            if not on and inside and t.memory == "restart":
                value = 0
            if on and value == 0:
                value = 1 + self.entry(t, branch.states) * stages_of(t)
            kept.append(value)
        live = sorted(
            {
                branch.stamps[k]
                for k, e in enumerate(self.fifo)
                if branch.states[e] in self.waiting[e]
            }
        )
        ranks = tuple(
            1 + live.index(branch.stamps[k]) if branch.states[e] in self.waiting[e] else 0
            for k, e in enumerate(self.fifo)
        )
        return Tangible(branch.states, ranks, tuple(kept))

    def entry(self, t: Transition, states: States) -> int:
        """Return which entry of a delay table is selected in a state."""
        if t.delay is None or t.delay.level == NONE:
            return 0
        return self.read(states)[0][t.delay.level]

    def begin(self, state: Tangible) -> Branch:
        """Return the branch with which an instant begins in a settled state."""
        zeros = (0.0,) * len(self.counted)
        # Ranks stand for stamps of the past: all before the first step of this instant.
        stamps = tuple(rank - 1e9 for rank in state.ranks)
        return Branch(1.0, state.states, stamps, frozenset(), frozenset(), zeros, 0)


def stage_law(law: object) -> tuple[int, float] | None:
    """Return (stages, mean) of a law the chain can hold, None of any other."""
    if isinstance(law, Shifted) and law.shift == 0:
        law = law.law
    if isinstance(law, Exponential):
        return 1, law.mean()
    if isinstance(law, Erlang):
        return law.stages, law.mean()
    return None


def stages_of(t: Transition) -> int:
    """Return the largest number of stages among a transition's delays."""
    assert t.delay is not None
    return max((stage_law(law) or (1, 1.0))[0] for law in t.delay.table)


def _remembers(t: Transition) -> bool:
    """Return whether the clock has anything to remember: several delays or several stages."""
    assert t.delay is not None
    return len(set(t.delay.table)) > 1 or stages_of(t) > 1
