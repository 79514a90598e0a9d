"""What clients meet a day after one part has failed, and nobody has repaired it (T32).

Each fault is asked of a copy of the design's model in which its clock fires a minute after the
start. No other fault and no planned work happens, of repairs only those that nobody has to do;
other delays take their median, and other choices the likeliest outcome that flags nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from pacsim.core.model import NONE, Changes, NextTick, Selector
from pacsim.delays import Deterministic
from pacsim.delays.law import Law
from pacsim.design.build import build
from pacsim.engines import reference
from pacsim.traffic.from_design import conditions_of
from pacsim.traffic.handover import add_conditions, divergence_of
from pacsim.units import DAY, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core.model import Delay, ElementEffect, Model, Outcome, Transition
    from pacsim.design.build import Built
    from pacsim.design.resolved import Resolved
    from pacsim.parts.build_context import BuildContext
    from pacsim.traffic.client_conditions import Conditions

FAILS_AT = 60.0
LATER = FAILS_AT + DAY
NEVER_AGAIN = 1000.0 * YEAR
NUMBERED = re.compile(r"-?\d+$")


class Met(NamedTuple):
    """What clients meet.

    Parameters
    ----------
    values : tuple of int
        Of the conditions, in their order.
    down : tuple of str
        Roles that need the archive and are down.
    """

    values: tuple[int, ...]
    down: tuple[str, ...] = ()


class FaultMet(NamedTuple):
    """One outcome of one fault, and what clients meet a day after it.

    Parameters
    ----------
    part, kind : str
        Whose, and what of it: ``server-a``, ``hardware``.
    fault : str
        Name of the transition.
    state : str
        In which it leaves what has failed.
    met : Met
        A day later.
    """

    part: str
    kind: str
    fault: str
    state: str
    met: Met

    @property
    def element(self) -> str:
        """What has failed."""
        return f"{self.part}/{self.kind}" if self.kind else self.part


@dataclass(frozen=True)
class OneOut:
    """A model in which one fault after another is asked.

    Parameters
    ----------
    built : Built
        Of a design, with the conditions of its workload's archive.
    conditions : Conditions
        Which are watched first.
    roles : tuple of str
        Watched after them.
    """

    built: Built
    conditions: Conditions
    roles: tuple[str, ...]

    @classmethod
    def of(cls, resolved: Resolved) -> OneOut:
        """Return that of a design with a workload."""
        assert resolved.workload is not None, "only clients meet anything"
        archive, conditions = resolved.workload.archive, conditions_of(resolved)
        roles = tuple(
            name for name, one in resolved.roles.items() if archive in one["needs"].names()
        )

        def watch(context: BuildContext) -> None:
            add_conditions(context, archive, conditions)
            for name in roles:
                gate = context.m.forward(f"role.{name}")
                context.m.changes(f"{divergence_of(archive)}:role.{name}", context.m.count([gate]))

        return cls(build(resolved, watch), conditions, roles)

    def all_up(self) -> Met:
        """Return what clients meet when nothing has failed."""
        return self._run(self._model((), NONE))[1]

    def faults(self) -> Iterator[FaultMet]:
        """Yield each outcome of each fault that can happen while all is as usual, alike ones once.

        In the order of the design. Shared causes fail several parts and none of their own, and
        what fills up is no fault of chance: neither is one part out.
        """
        model, seen = self.built.model, dict[tuple[str, str], int]()
        by_element: dict[int, list[int]] = {}
        for index, one in enumerate(model.transitions):
            by_element.setdefault(one.element, []).append(index)
        for element, indices in by_element.items():
            of = self.built.elements[element]
            alike = (of.part, NUMBERED.sub("", model.elements[element].name))
            if seen.setdefault(alike, element) != element:
                continue
            kind = NUMBERED.sub("", of.kind)
            for index in indices:
                for state, changed in self._outcomes(model.transitions[index]):
                    fired, met = self._run(self._model((changed,), index))
                    if fired:
                        name = model.transitions[index].name
                        yield FaultMet(of.part, kind, name, state, met)

    def _outcomes(self, one: Transition) -> Iterator[tuple[str, Transition]]:
        """Yield the states of faults in which a clock may leave its element; it then does so."""
        if one.delay is None or one.cls != "fault" or _waits(one):
            return
        element = self.built.model.elements[one.element]
        for k in range(max(len(row) for row in one.outcomes.table)):
            rows = [row[min(k, len(row) - 1)] for row in one.outcomes.table]
            if not any(element.flagged(outcome.target) for outcome in rows):
                continue
            forced = tuple((self._certain(outcome),) for outcome in rows)
            at: Selector[Delay] = Selector(NONE, (NextTick(NEVER_AGAIN, FAILS_AT),))
            states = dict.fromkeys(element.states[outcome.target] for outcome in rows)
            yield (
                " or ".join(states),
                replace(
                    one,
                    delay=at,
                    speed=Selector(NONE, (1.0,)),
                    profile=NONE,
                    memory="restart",
                    initial_age=0.0,
                    outcomes=replace(one.outcomes, table=forced),
                ),
            )

    def _model(self, changed: tuple[Transition, ...], index: int) -> Model:
        """Return the model with one clock that fires and none that would not."""
        model = self.built.model
        found: list[Transition] = []
        for k, one in enumerate(model.transitions):
            if k == index:
                found += changed
            elif _happens(one):
                found.append(self._quietly(one))
        watched = tuple(one for one in model.observations if isinstance(one, Changes))
        return replace(model, transitions=tuple(found), observations=watched, dormant=())

    def _quietly(self, one: Transition) -> Transition:
        """Return a transition with its medians and likeliest outcomes."""
        table = tuple((self._likeliest(row, one.element),) for row in one.outcomes.table)
        delay = one.delay
        if delay is not None:
            entries = [_median(x) if isinstance(x, Law) else x for x in delay.table]
            delay = replace(delay, table=tuple(entries))
        return replace(one, delay=delay, outcomes=replace(one.outcomes, table=table))

    def _likeliest(self, row: tuple[Outcome, ...], element: int) -> Outcome:
        """Return the likeliest outcome that flags nothing, or if all do of all; now certain."""
        quiet = [x for x in row if not self._flags(x, element)]
        return self._certain(max(quiet or row, key=lambda outcome: outcome.p))

    def _certain(self, outcome: Outcome) -> Outcome:
        kept = tuple(replace(x, p=1.0) for x in outcome.effects if x.p >= 1.0 or self._likely(x))
        return replace(outcome, p=1.0, effects=kept)

    def _likely(self, effect: ElementEffect) -> bool:
        return effect.p >= 0.5 and not self._moves_into_fault(effect)

    def _flags(self, outcome: Outcome, element: int) -> bool:
        own = self.built.model.elements[element]
        certain = [x for x in outcome.effects if x.p >= 1.0]
        return own.flagged(outcome.target) or any(map(self._moves_into_fault, certain))

    def _moves_into_fault(self, effect: ElementEffect) -> bool:
        one = self.built.model.elements[effect.element]
        return effect.moves is not None and any(
            to not in {NONE, state} and one.flagged(to) and not one.flagged(state)
            for state, to in enumerate(effect.moves)
        )

    def _run(self, model: Model) -> tuple[bool, Met]:
        """Return whether a fault fired in a model, and what clients meet at the end."""
        batch = reference.simulate(model, horizon=LATER, trace=True)
        last = dict(
            zip(batch.changes["what"].tolist(), batch.changes["value"].tolist(), strict=True)
        )
        levels = [last[k] for k in range(len(model.observations))]
        own = len(self.conditions.names)
        assert len(levels) == own + len(self.roles)
        down = tuple(x for x, up in zip(self.roles, levels[own:], strict=True) if not up)
        assert batch.trace is not None
        faults = {k for k, x in enumerate(model.transitions) if x.timed and x.cls == "fault"}
        fired = bool(faults & set(batch.trace["transition"].tolist()))
        return fired, Met(tuple(levels[:own]), down)


def _happens(one: Transition) -> bool:
    """Return whether a transition other than the fault may fire."""
    if one.cls in {"planned", "tick"}:
        return False
    if one.cls == "repair":
        return one.automatic
    return one.cls != "fault" or not one.timed


def _waits(one: Transition) -> bool:
    """Return whether a clock waits for an amount, or for a moment of the calendar."""
    return one.delay is not None and not all(isinstance(x, Law) for x in one.delay.table)


def _median(law: Law) -> Law:
    middle = law.isf(0.5)
    return Deterministic(middle) if middle < float("inf") else law
