"""Dormant sets: cycles of runs that nobody looks at while a gate holds.

A set is declared by `ModelBuilder.dormant`. An engine may leave it alone while its gate holds, and
replay what has happened in it when somebody looks; nothing else may depend on whether it does. What
a set consists of is read here from the transitions that are declared, and who looks at it: at a
firing, which is told beforehand, or all the time, in which case it cannot be left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacsim.core.given import given
from pacsim.core.model import NONE, NextTick, Selector, Until, cone
from pacsim.core.model import observation_kinds as watch
from pacsim.delays.law import Law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Dormant, Model, Outcome, Transition

PLAIN = Selector(NONE, (1.0,))


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a dormant set consists of.

    Attributes
    ----------
    element, rest, work : int
        What runs, its state between runs and its state in a run.
    kept, held : int
        What a good run renews, and the state in which that is then.
    row, good : int
        Which row of outcomes the end of a run has, and which of them is good.
    elements, quantities, transitions : frozenset of int
        All that the set moves, and all transitions of its elements.
    """

    element: int
    rest: int
    work: int
    kept: int
    held: int
    row: int
    good: int
    elements: frozenset[int]
    quantities: frozenset[int]
    transitions: frozenset[int]


def all_problems(model: Model) -> list[str]:
    """Return why what was declared is no dormant set, or one that shares with another."""
    problems = [what for declared in model.dormant for what in _problems(model, declared)]
    seen: set[int] = set()
    for declared in model.dormant if not problems else ():
        whole = cycle(model, declared)
        if seen & whole.elements:
            name = model.transitions[declared.start].name
            problems.append(f"dormant set of {name}: it shares an element with another")
        seen |= whole.elements
    return problems


def may_differ(before: Model, model: Model) -> bool:
    """Return whether what was no problem of one model may be one of another that is like it.

    Parameters
    ----------
    before, model : Model
        That differ in numbers alone, of which ends of runs may depend on speeds and probabilities;
        not on the laws and ticks of delays.
    """
    moved = {i for declared in before.dormant for i in _own(before, declared)}
    pairs = ((before.transitions[i], model.transitions[i]) for i in sorted(moved))
    return any(replace(was, delay=now.delay) != now for was, now in pairs if was is not now)


def _problems(model: Model, declared: Dormant) -> list[str]:
    owner = f"dormant set of {model.transitions[declared.start].name}"
    problems = [*_of_start(model, declared), *_of_end(model, declared)]
    if not problems and given(model, declared.gate).possible:
        problems += _of_expiry(model, declared)
        problems += _of_members(model, declared, cycle(model, declared))
    return [f"{owner}: {what}" for what in problems]


def cycle(model: Model, declared: Dormant) -> Cycle:
    """Return what a dormant set consists of; it has no `problems`."""
    start, end = model.transitions[declared.start], model.transitions[declared.end]
    (begun,) = start.outcomes.table[0]
    (rest,) = start.sources
    row = _row(model, declared, begun.target)
    good = next(k for k, o in enumerate(end.outcomes.table[row]) if o.effects or o.jumps)
    kept = end.outcomes.table[row][good].effects[0]
    assert kept.moves is not None
    elements = frozenset({start.element, kept.element})
    mine = [i for i, t in enumerate(model.transitions) if t.element in elements]
    jumps = (*begun.jumps, *end.outcomes.table[row][good].jumps)
    return Cycle(
        element=start.element,
        rest=rest,
        work=begun.target,
        kept=kept.element,
        held=kept.moves[0],
        row=row,
        good=good,
        elements=elements,
        quantities=frozenset(jump.quantity for jump in jumps),
        transitions=frozenset(mine),
    )


def kept_awake(model: Model, declared: Dormant) -> list[str]:
    """Return who looks at a dormant set all the time, so that it cannot be left alone.

    A model with fewer gates may say less of what holds with the condition. Where it no longer says
    how a run ends, the set is kept awake too.
    """
    start = model.transitions[declared.start].outcomes.table[0][0]
    if not given(model, declared.gate).possible:
        return ["the condition never holds"]
    end = model.transitions[declared.end]
    if _row(model, declared, start.target) == NONE:
        return [f"how {end.name} ends does not follow from it"]
    if not _steady(model, declared, end):
        return [f"how fast {end.name} runs does not follow from it"]
    return list(dict.fromkeys(_Looking(model, declared).always()))


def wakers(model: Model, declared: Dormant) -> list[int]:
    """Return the transitions at whose firings somebody looks at a dormant set, or changes it."""
    return sorted(set(_Looking(model, declared).at_firings()))


def _row(model: Model, declared: Dormant, work: int) -> int:
    """Return which row of outcomes a run ends with while the gate holds, -1 if that is open."""
    end = model.transitions[declared.end]
    if end.outcomes.level == NONE:
        return 0
    low, high = given(model, declared.gate, (end.element, frozenset({work}))).bounds[
        end.outcomes.level
    ]
    return low if low == high else NONE


def _of_start(model: Model, declared: Dormant) -> Iterator[str]:
    t = model.transitions[declared.start]
    name = t.name
    if not _ticks(t):
        yield f"{name} must wait for ticks, with one delay every(...), speed 1 and no condition"
    if not t.is_root:
        yield f"{name} must be of class tick, planned or fault"
    if len(t.sources) != 1 or len(t.outcomes.table) != 1 or len(t.outcomes.table[0]) != 1:
        yield f"{name} must lead from one state to one other"
        return
    (outcome,) = t.outcomes.table[0]
    sets = all(jump.how == "set" for jump in outcome.jumps)
    if outcome.target in t.sources or outcome.effects or outcome.renew_self or not sets:
        yield f"{name} must lead to another state, and only set quantities"


def _ticks(t: Transition) -> bool:
    table = () if t.delay is None else t.delay.table
    return len(table) == 1 and isinstance(table[0], NextTick) and _bare(t) and t.guard == NONE


def _bare(t: Transition) -> bool:
    """Return whether a clock runs at speed 1, whatever happens."""
    return t.speed == PLAIN and t.profile == NONE


def _steady(model: Model, declared: Dormant, t: Transition) -> bool:
    """Return whether a clock runs at speed 1 while the condition holds."""
    if t.speed.level == NONE or t.profile != NONE:
        return _bare(t)
    sure = given(model, declared.gate)
    low, high = sure.bounds[t.speed.level]
    return not sure.possible or all(t.speed.table[value] == 1.0 for value in range(low, high + 1))


def _of_end(model: Model, declared: Dormant) -> Iterator[str]:
    start, t = model.transitions[declared.start], model.transitions[declared.end]
    name = t.name
    table = () if t.delay is None else t.delay.table
    plain = len(table) == 1 and isinstance(table[0], Law) and t.guard == NONE
    if not plain or not _steady(model, declared, t):
        yield (
            f"{name} must have one law as its delay, no condition, and speed 1 whenever the "
            "condition of the set holds"
        )
    work = start.outcomes.table[0][0].target
    if t.element != start.element or work not in t.sources or start.sources & t.sources:
        yield f"{name} must end what {start.name} begins"
        return
    row = _row(model, declared, work)
    if row == NONE:
        yield f"{name} must have one list of outcomes for a run while the condition holds"
        return
    ends = t.outcomes.table[row]
    if any({o.target} != start.sources or o.renew_self for o in ends):
        yield f"{name} must lead back to where {start.name} begins, without renewing"
    good = [o for o in ends if o.effects or o.jumps]
    if len(good) != 1 or not _keeps(good[0], start):
        yield (
            f"{name} must have one outcome that moves one other element, whatever its state, to "
            f"the same state and renews it; its jumps set quantities or copy what {start.name} sets"
        )


def _keeps(outcome: Outcome, start: Transition) -> bool:
    """Return whether an outcome renews one element into one state, and does nothing else."""
    if len(outcome.effects) != 1:
        return False
    effect = outcome.effects[0]
    same = effect.moves is not None and len(set(effect.moves)) == 1 and NONE not in effect.moves
    fresh = {jump.quantity for jump in start.outcomes.table[0][0].jumps}
    own = effect.element != start.element
    copied = all(j.how == "set" or (j.how == "copy" and j.other in fresh) for j in outcome.jumps)
    return same and own and effect.renew and effect.p == 1.0 and copied


def _of_expiry(model: Model, declared: Dormant) -> Iterator[str]:
    if declared.expiry == NONE:
        return
    t, whole = model.transitions[declared.expiry], cycle(model, declared)
    table = () if t.delay is None else t.delay.table
    fixed = [law for law in table if isinstance(law, Law) and law.fixed is not None]
    if len(table) != 1 or not fixed or not _bare(t):
        yield f"{t.name} must have one fixed delay and speed 1"
    if t.guard != NONE and given(model, declared.gate).truth(t.guard) is not True:
        yield f"{t.name} must run whenever the condition holds"
    ends = [o for row in t.outcomes.table for o in row]
    bare = len(ends) == 1 and not (ends[0].effects or ends[0].jumps or ends[0].renew_self)
    let_go = t.element == whole.kept and t.sources == {whole.held}
    if not bare or not let_go or ends[0].target == whole.held:
        yield f"{t.name} must only end what a good run keeps"


def _of_members(model: Model, declared: Dormant, whole: Cycle) -> Iterator[str]:
    sure = given(model, declared.gate)
    cyclic = {declared.start, declared.end, declared.expiry}
    for i in sorted(whole.transitions - cyclic):
        t = model.transitions[i]
        if t.timed or t.guard == NONE or sure.truth(t.guard) is not False:
            yield f"{t.name} can fire while the condition holds"
    for q in sorted(whole.quantities):
        if model.quantities[q].rate.level != NONE or model.quantities[q].profile != NONE:
            yield f"quantity {model.quantities[q].name} must have one rate and no profile"
    states = [(whole.element, {whole.rest, whole.work})]
    states.append((whole.kept, set(range(len(model.elements[whole.kept].states)))))
    for e, seen in states:
        element = model.elements[e]
        if any(element.flagged(s) for s in seen):
            yield f"element {element.name} must not be flagged while the condition holds"
    if whole.elements & cone(model, declared.gate).elements:
        yield "the condition must not depend on it"


def _own(model: Model, declared: Dormant) -> Iterator[int]:
    """Yield the transitions of the elements that a set may move."""
    end = model.transitions[declared.end]
    moved = {e.element for row in end.outcomes.table for o in row for e in o.effects}
    moved.add(end.element)
    return (i for i, t in enumerate(model.transitions) if t.element in moved)


class _Looking:
    """Who looks at a dormant set from outside while its gate holds."""

    def __init__(self, model: Model, declared: Dormant) -> None:
        self.model = model
        self.whole = whole = cycle(model, declared)
        sure = given(model, declared.gate, (whole.element, frozenset({whole.rest, whole.work})))
        self.levels, self.gates = sure.depending(whole.elements)
        self.others = {
            i for other in model.dormant if other != declared for i in _own(model, other)
        }

    def outside(self) -> Iterator[tuple[int, Transition]]:
        """Yield the transitions that are not the set's own."""
        for i, t in enumerate(self.model.transitions):
            if i not in self.whole.transitions:
                yield i, t

    def always(self) -> Iterator[str]:
        """Yield who looks all the time."""
        whole, model = self.whole, self.model
        for _, t in self.outside():
            delays = () if t.delay is None else t.delay.table
            waits = any(isinstance(d, Until) and d.quantity in whole.quantities for d in delays)
            delayed = t.delay is not None and t.delay.level in self.levels
            if t.guard in self.gates or delayed or t.speed.level in self.levels or waits:
                yield f"transition {t.name} depends on it"
        for i in sorted(whole.transitions):
            if model.transitions[i].fifo:
                yield f"transition {model.transitions[i].name} is first come, first served"
        for other in model.dormant:
            if other.gate in self.gates:
                name = model.transitions[other.start].name
                yield f"the condition of the dormant set of {name} depends on it"
        for i in sorted(self.others.intersection(self.at_firings())):
            yield f"transition {model.transitions[i].name} of another dormant set looks at it"
        for quantity in model.quantities:
            if quantity.rate.level in self.levels:
                yield f"the rate of quantity {quantity.name} depends on it"
        for observed in model.observations:
            if self._observes(observed):
                yield f"observation {observed.name!r} looks at it all the time"

    def _observes(self, observed: watch.Observation) -> bool:
        whole = self.whole
        match observed:
            case watch.GateTime() | watch.FirstPassage():
                return observed.gate in self.gates
            case watch.LevelIntegral() | watch.LevelTime() | watch.Changes():
                return observed.level in self.levels
            case watch.QuantityIntegral():
                return observed.quantity in whole.quantities
            case watch.EntryCount():
                return observed.element in whole.elements
            case watch.FiringCount():
                return observed.transition in whole.transitions
            case watch.Sample():
                return not whole.transitions.isdisjoint(observed.transitions)
            case watch.Episodes():
                read = {observed.at_start, observed.at_end, observed.phase}
                below = cone(self.model, observed.split_by).elements if observed.causes else set()
                return (
                    not self.gates.isdisjoint({observed.gate, observed.judged})
                    or not read.isdisjoint(self.levels)
                    or not whole.elements.isdisjoint(below)
                )

    def at_firings(self) -> Iterator[int]:
        """Yield the transitions at whose firings somebody looks, or that change it."""
        whole = self.whole
        for i, t in self.outside():
            outcomes = [o for row in t.outcomes.table for o in row]
            moved = any(e.element in whole.elements for o in outcomes for e in o.effects)
            jumped = any(
                whole.quantities & {j.quantity, j.other} for o in outcomes for j in o.jumps
            )
            if moved or jumped or t.outcomes.level in self.levels:
                yield i
        for observed in self.model.observations:
            match observed:
                case watch.FiringCount():
                    if observed.when in self.gates:
                        yield observed.transition
                case watch.Sample():
                    if observed.when in self.gates or observed.quantity in whole.quantities:
                        yield from observed.transitions
