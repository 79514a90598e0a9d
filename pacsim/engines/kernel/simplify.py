"""A model with fewer gates for the kernel: the same truths from fewer sums.

The gates that `pacsim.core.building.fold` makes follow what an author wrote. Here, before a
model is packed,

- a gate that is constant, that copies or denies another, or that reads one element only is written
  into the sums that read it;
- a gate with a single reader is written into it, if both ask for all of their terms, or both for
  any (see `merged`);
- gates and levels that nobody reads are left out, equal ones are kept once.

Every gate and level that is left is the same function of the elements' states as before, so that
what is read as it would be without planned work or without faults (R28) is the same too. The other
engines read the model as it was built.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from pacsim.core import model as core
from pacsim.core.model import NONE, LevelExpr

if TYPE_CHECKING:
    from collections.abc import Collection

    from pacsim.core.model import Model

T = TypeVar("T")
Key: TypeAlias = tuple[tuple[tuple[int, tuple[int, ...]], ...], tuple[tuple[int, int], ...]]
"""The rows and the terms of a sum, sorted."""
INT32 = range(-(2**31), 2**31)


@dataclass(slots=True)
class Sum:
    """``constant + sum of rows[e][state of e] + sum of terms[g] over true gates g``.

    Nothing of it is 0 all through, and it is never changed; its bounds and its key are kept.
    """

    constant: int
    rows: dict[int, tuple[int, ...]]
    terms: dict[int, int]
    _span: tuple[int, int] | None = field(default=None, init=False, repr=False, compare=False)
    _key: Key | None = field(default=None, init=False, repr=False, compare=False)

    def plus(self, other: Sum, times: int = 1) -> Sum:
        """Return this sum with so many times another added; what cancels is left out."""
        made = Sum(self.constant, dict(self.rows), dict(self.terms))
        made.add(other, times)
        return made

    def add(self, other: Sum, times: int) -> None:
        """Add so many times another to a sum that is being made."""
        self.constant += times * other.constant
        rows, terms = self.rows, self.terms
        for e, row in other.rows.items():
            mine = rows.get(e)
            if mine is None:
                rows[e] = row if times == 1 else tuple([times * w for w in row])
                continue
            rows[e] = both = tuple([a + times * b for a, b in zip(mine, row, strict=True)])
            if not any(both):
                del rows[e]
        for g, w in other.terms.items():
            weight = terms[g] = terms.get(g, 0) + times * w
            if not weight:
                del terms[g]

    def times(self, number: int) -> Sum:
        """Return so many times this sum; the number is not 0."""
        return Sum(0, {}, {}).plus(self, number)

    def without(self, gate: int) -> Sum:
        """Return this sum without the term of a gate."""
        return Sum(self.constant, self.rows, {g: w for g, w in self.terms.items() if g != gate})

    def from_constant(self, constant: int) -> Sum:
        """Return this sum with another constant."""
        if constant == self.constant:
            return self
        made = Sum(constant, self.rows, self.terms)
        made._span, made._key = self._span, self._key
        return made

    @property
    def span(self) -> tuple[int, int]:
        """Its bounds without the constant."""
        if self._span is None:
            low = high = 0
            for row in self.rows.values():
                low, high = low + min(row), high + max(row)
            for w in self.terms.values():
                if w < 0:
                    low += w
                else:
                    high += w
            self._span = low, high
        return self._span

    @property
    def low(self) -> int:
        """No value is below this one."""
        return self.constant + self.span[0]

    @property
    def high(self) -> int:
        """No value is above this one."""
        return self.constant + self.span[1]

    @property
    def key(self) -> Key:
        """What tells it from sums that differ by more than a constant."""
        if self._key is None:
            self._key = tuple(sorted(self.rows.items())), tuple(sorted(self.terms.items()))
        return self._key


def _opposite(key: Key) -> Key:
    """Return the key of the sum with all signs turned."""
    rows, terms = key
    turned = tuple([(e, tuple([-w for w in row])) for e, row in rows])
    return turned, tuple([(g, -w) for g, w in terms])


@dataclass(frozen=True, slots=True)
class Threshold:
    """True iff the sum is ``k`` or more."""

    sum: Sum
    k: int

    def denied(self) -> Threshold:
        """Return the opposite: ``S < k`` is ``-S >= 1 - k``."""
        return Threshold(self.sum.times(-1), 1 - self.k)

    def normal(self) -> Threshold:
        """Return it on a sum without a constant."""
        return Threshold(self.sum.from_constant(0), self.k - self.sum.constant)

    def fits(self) -> bool:
        """Return whether its numbers are 32-bit integers (R5)."""
        total = self.sum
        numbers = (total.low, total.high, self.k, *total.terms.values())
        return all(n in INT32 for n in (*numbers, *(w for row in total.rows.values() for w in row)))


def both(one: Threshold, other: Threshold) -> Threshold | None:
    """Return the one threshold that is true iff both are, None if neither is tight.

    ``A >= a`` is tight if a is the highest value of A. Then with ``m = high(B) - b + 1``
    ``m A + B >= m a + b`` holds only where A is at its highest, and there it says ``B >= b``.

    Examples
    --------
    >>> a, b = Sum(0, {0: (1, 0)}, {7: 1}), Sum(0, {1: (0, 2, 3)}, {})
    >>> both(Threshold(a, 2), Threshold(b, 2))
    Threshold(sum=Sum(constant=0, rows={0: (2, 0), 1: (0, 2, 3)}, terms={7: 2}), k=6)
    """
    if one.k != one.sum.high:
        one, other = other, one
    if one.k != one.sum.high:
        return None
    times = max(1, other.sum.high - other.k + 1)
    return Threshold(one.sum.times(times).plus(other.sum), times * one.k + other.k)


def either(one: Threshold, other: Threshold) -> Threshold | None:
    """Return the one threshold that is true iff one of two is: the opposite of `both` opposites.

    Examples
    --------
    >>> a, b = Sum(0, {0: (1, 0)}, {7: 1}), Sum(0, {1: (0, 2, 3)}, {})
    >>> either(Threshold(a, 1), Threshold(b, 2))
    Threshold(sum=Sum(constant=0, rows={0: (2, 0), 1: (0, 2, 3)}, terms={7: 2}), k=2)
    """
    if one.k != one.sum.low + 1:
        one, other = other, one
    if one.k != one.sum.low + 1:
        return None
    times = max(1, other.k - other.sum.low)
    return Threshold(one.sum.times(times).plus(other.sum), times * (one.k - 1) + other.k)


def merged(outer: Threshold, gate: int, inner: Threshold) -> Threshold | None:
    """Return a threshold equal to the outer one without its term of a gate, None if there is none.

    With R the sum without the term of the gate g and w its weight, the outer gate is

    - g and ``R >= k - w``, if R alone never comes to k;
    - g or ``R >= k``, if g is always enough.

    Parameters
    ----------
    outer : Threshold
        Whose sum has a term of the gate.
    gate : int
        Which one.
    inner : Threshold
        What the gate is.
    """
    total, weight = outer.sum, outer.sum.terms[gate]
    size = abs(weight)
    surely, never = total.low + size >= outer.k, total.high - size < outer.k
    if not (surely or never):
        return None
    rest = total.without(gate)
    if weight < 0:
        # w [g] = w - w [not g]
        inner, rest = inner.denied(), rest.from_constant(rest.constant + weight)
    if never:
        threshold = both(Threshold(rest, outer.k - size), inner)
    else:
        threshold = either(Threshold(rest, outer.k), inner)
    if threshold is None:
        return None
    threshold = threshold.normal()
    return threshold if threshold.fits() else None


class Simplifier:
    """Works out sums and thresholds of a model anew, and makes a model of those that are read."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.sums: dict[int, Sum] = {}
        """By level: its sum over elements and over gates that stand for themselves."""
        self.thresholds: dict[int, Threshold] = {}
        """By gate, if it is not connected: on a sum without a constant."""
        self.meaning: dict[int, Sum] = {}
        """By gate: 1 where it is true and 0 where it is not, as a sum."""
        # Thresholds on sums of the same bounds, which opposites have too, with their signs turned.
        self._known: dict[tuple[int, int, int], dict[Key, int]] = {}
        self.gates_read = _gates_read(model)
        self.levels_read = _levels_read(model)
        for kind, index in model.order:
            if kind == "L":
                self.sums[index] = self._sum(model.levels[index])
            else:
                self._gate(index, model.gates[index])

    def _sum(self, level: core.Level) -> Sum:
        total = Sum(level.constant, dict(level.elements), {})
        for gate, weight in level.gates:
            total.add(self.meaning[gate], weight)
        return total

    def _gate(self, index: int, gate: core.Gate) -> None:
        if gate.connection is not None:
            self.meaning[index] = Sum(0, {}, {index: 1})
            return
        total = self.sums[gate.level]
        k = gate.k - total.constant
        total = total.from_constant(0)
        self.thresholds[index] = Threshold(total, k)
        rows, terms, (low, high) = total.rows, total.terms, total.span
        if low >= k or high < k:
            meaning = Sum(int(low >= k), {}, {})
        elif not terms and len(rows) == 1:
            ((element, row),) = rows.items()
            meaning = Sum(0, {element: tuple([int(w >= k) for w in row])}, {})
        elif not rows and len(terms) == 1:
            ((other, weight),) = terms.items()
            meaning = Sum(0, {}, {other: 1}) if weight > 0 else Sum(1, {}, {other: -1})
        else:
            first = self._known.setdefault((low, high, k), {}).setdefault(total.key, index)
            opposites = self._known.get((-high, -low, 1 - k)) if first == index else None
            denied = opposites.get(_opposite(total.key)) if opposites else None
            meaning = Sum(0, {}, {first: 1}) if denied is None else Sum(1, {}, {denied: -1})
        self.meaning[index] = meaning

    def alias(self, gate: int) -> int:
        """Return the gate to read instead of this one; gates copied by others are read directly."""
        meaning = self.meaning[gate]
        if meaning.constant or meaning.rows or len(meaning.terms) != 1:
            return gate
        ((other, weight),) = meaning.terms.items()
        return other if weight == 1 else gate

    def needs(self, gate: int) -> Collection[int]:
        """Return the gates that a gate is computed from."""
        graph = self.model.gates[gate].connection
        if graph is None:
            return self.thresholds[gate].sum.terms
        below = {*graph.vertices, *(edge[3] for edge in graph.edges)} - {NONE}
        return {self.alias(g) for g in below}

    def live(self) -> tuple[set[int], set[int]]:
        """Return the gates that are needed, and those of them that are read other than by sums."""
        direct = set(map(self.alias, self.gates_read))
        needed = direct.union(*(self.sums[level].terms for level in self.levels_read))
        todo = list(needed)
        while todo:
            gate = todo.pop()
            below = self.needs(gate)
            if gate not in self.thresholds:
                direct.update(below)
            for g in below:
                if g not in needed:
                    needed.add(g)
                    todo.append(g)
        return needed, direct

    def merge(self) -> None:
        """Write gates that have one reader into it, where that is possible."""
        live, direct = self.live()
        by_value = [self.sums[level] for level in self.levels_read]
        readers = Counter(chain.from_iterable(map(self.needs, live)))
        readers.update(chain.from_iterable(total.terms for total in by_value))
        sums = Counter([self.thresholds[g].sum.key for g in live if g in self.thresholds])
        sums.update([total.key for total in by_value])
        for kind, gate in self.model.order:
            if kind == "L" or gate not in live or gate not in self.thresholds:
                continue
            own = self.thresholds[gate]
            todo = list(own.sum.terms)
            while todo:
                inner = todo.pop()
                if inner in direct or inner not in self.thresholds or inner not in own.sum.terms:
                    continue
                # With other readers it has to be kept up for them anyway, and so has its sum.
                if readers[inner] != 1 or sums[self.thresholds[inner].sum.key] != 1:
                    continue
                joined = merged(own, inner, self.thresholds[inner])
                if joined is not None:
                    own = joined
                    todo += self.thresholds[inner].sum.terms
            if own is not self.thresholds[gate]:
                sums[self.thresholds[gate].sum.key] -= 1
                sums[own.sum.key] += 1
                self.thresholds[gate] = own


class _Written:
    """The levels and gates that are left, each after what it reads."""

    def __init__(self, simplifier: Simplifier) -> None:
        self.simplifier = simplifier
        self.levels: list[core.Level] = []
        self.gates: list[core.Gate] = []
        self.order: list[tuple[Literal["L", "G"], int]] = []
        self.level_at: dict[int, int] = {NONE: NONE}
        """By level that is read by value, as it was numbered: its new number."""
        self.gate_at: dict[int, int] = {}
        """By gate that is left, as it was numbered: its new number."""
        self._by_key: dict[tuple[int, Key], int] = {}
        self._unwritten = LevelExpr()
        read = simplifier.levels_read
        # Gates stand on a sum that is there anyway, whatever its constant is.
        self._constants = {
            simplifier.sums[k].key: simplifier.sums[k].constant for k in sorted(read)
        }
        live, _ = simplifier.live()
        for kind, index in simplifier.model.order:
            if kind == "L" and index in read:
                self.level_at[index] = self._level(simplifier.sums[index])
            elif kind == "G" and index in live:
                self._gate(index)

    def _level(self, total: Sum) -> int:
        key = total.constant, total.key
        known = self._by_key.get(key)
        if known is None:
            known = self._by_key[key] = len(self.levels)
            rows, terms = total.key
            terms = tuple(sorted([(self.gate_at[g], w) for g, w in terms]))
            name, low, high = f"level-{known}", total.low, total.high
            self.levels.append(
                core.Level(name, total.constant, rows, terms, low, high, self._unwritten)
            )
            self.order.append(("L", known))
        return known

    def _gate(self, index: int) -> None:
        gate = self.simplifier.model.gates[index]
        if gate.connection is None:
            threshold = self.simplifier.thresholds[index]
            constant = self._constants.get(threshold.sum.key, 0)
            level = self._level(threshold.sum.from_constant(constant))
            gate = core.Gate(gate.name, level, threshold.k + constant, None, gate.expr)
        else:
            gate = replace(gate, connection=self._connection(gate.connection))
        self.gate_at[index] = len(self.gates)
        self.order.append(("G", len(self.gates)))
        self.gates.append(gate)

    def _connection(self, graph: core.Connection) -> core.Connection:
        edges = tuple((*edge[:3], self.gate(edge[3])) for edge in graph.edges)
        return replace(graph, vertices=tuple(map(self.gate, graph.vertices)), edges=edges)

    def gate(self, index: int) -> int:
        """Return the new number of a gate that is read directly; `NONE` stays so."""
        return NONE if index == NONE else self.gate_at[self.simplifier.alias(index)]

    def selector(self, selector: core.Selector[T]) -> core.Selector[T]:
        """Return a selector with the new number of its level."""
        level = self.level_at[selector.level]
        return selector if level == selector.level else core.Selector(level, selector.table)

    def transition(self, t: core.Transition) -> core.Transition:
        """Return a transition with new numbers, itself if they are the same."""
        guard, speed, outcomes = (
            self.gate(t.guard),
            self.selector(t.speed),
            self.selector(t.outcomes),
        )
        delay = None if t.delay is None else self.selector(t.delay)
        same = speed is t.speed and outcomes is t.outcomes and delay is t.delay
        if same and guard == t.guard:
            return t
        return replace(t, guard=guard, delay=delay, speed=speed, outcomes=outcomes)

    def observation(self, observed: core.Observation) -> core.Observation:
        """Return an observation with new numbers."""
        match observed:
            case core.GateTime() | core.FirstPassage():
                return replace(observed, gate=self.gate(observed.gate))
            case core.LevelIntegral() | core.LevelTime() | core.Changes():
                return replace(observed, level=self.level_at[observed.level])
            case core.FiringCount() | core.Sample():
                return replace(observed, when=self.gate(observed.when))
            case core.Episodes():
                return replace(
                    observed,
                    gate=self.gate(observed.gate),
                    judged=self.gate(observed.judged),
                    at_start=self.level_at[observed.at_start],
                    at_end=self.level_at[observed.at_end],
                    phase=self.level_at[observed.phase],
                )
            case _:
                return observed


def _gates_read(model: Model) -> set[int]:
    """Return the gates that transitions and observations read."""
    gates = {t.guard for t in model.transitions}
    for observed in model.observations:
        match observed:
            case core.GateTime() | core.FirstPassage():
                gates.add(observed.gate)
            case core.Episodes():
                gates |= {observed.gate, observed.judged}
            case core.FiringCount() | core.Sample():
                gates.add(observed.when)
    return (gates | {d.gate for d in model.dormant}) - {NONE}


def _levels_read(model: Model) -> set[int]:
    """Return the levels that are read by value: by selectors and observations."""
    levels = {q.rate.level for q in model.quantities}
    for t in model.transitions:
        levels |= {t.speed.level, t.outcomes.level, NONE if t.delay is None else t.delay.level}
    for observed in model.observations:
        match observed:
            case core.LevelIntegral() | core.LevelTime() | core.Changes():
                levels.add(observed.level)
            case core.Episodes():
                levels |= {observed.at_start, observed.at_end, observed.phase}
    return levels - {NONE}


def simplified(model: Model) -> Model:
    """Return a model that behaves the same, with as few gates and levels as are needed.

    Elements, transitions, quantities, calendars and observations keep their numbers; gates and
    levels get new ones.
    """
    simplifier = Simplifier(model)
    simplifier.merge()
    written = _Written(simplifier)
    return replace(
        model,
        levels=tuple(written.levels),
        gates=tuple(written.gates),
        order=tuple(written.order),
        transitions=tuple(map(written.transition, model.transitions)),
        quantities=tuple(replace(q, rate=written.selector(q.rate)) for q in model.quantities),
        observations=tuple(map(written.observation, model.observations)),
        dormant=tuple(replace(d, gate=written.gate(d.gate)) for d in model.dormant),
    )
