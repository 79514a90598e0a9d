"""Who reads what: for every element, level, gate, quantity and transition its users, found once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pacsim.core import model as core
from pacsim.core.model import NONE

if TYPE_CHECKING:
    from pacsim.core.model import Model


def _lists() -> defaultdict[int, list[Any]]:
    return defaultdict(list)


@dataclass(frozen=True, slots=True)
class Users:
    """Lists of users by the index of what is read, each in the order of the users' own indices.

    Parameters
    ----------
    transitions, weights, entry_watches : mapping
        By element: its transitions; (level, weights) of the levels over it; observations.
    gates, speeds, rates, level_watches : mapping
        By level: gates; transitions whose speed and quantities whose rate it selects; observations.
    terms, graphs, guards, gate_watches : mapping
        By gate: (level, weight) of the levels over it; connected gates; transitions; observations.
    waits : mapping
        By quantity: transitions that wait for it.
    denials : dict
        By gate that only denies another one: that one.
    firing_watches : mapping
        By transition: observations.
    """

    transitions: defaultdict[int, list[int]] = field(default_factory=_lists)
    weights: defaultdict[int, list[tuple[int, tuple[int, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    entry_watches: defaultdict[int, list[int]] = field(default_factory=_lists)
    gates: defaultdict[int, list[int]] = field(default_factory=_lists)
    speeds: defaultdict[int, list[int]] = field(default_factory=_lists)
    rates: defaultdict[int, list[int]] = field(default_factory=_lists)
    level_watches: defaultdict[int, list[int]] = field(default_factory=_lists)
    terms: defaultdict[int, list[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    graphs: defaultdict[int, list[int]] = field(default_factory=_lists)
    guards: defaultdict[int, list[int]] = field(default_factory=_lists)
    gate_watches: defaultdict[int, list[int]] = field(default_factory=_lists)
    waits: defaultdict[int, list[int]] = field(default_factory=_lists)
    denials: dict[int, int] = field(default_factory=dict)
    firing_watches: defaultdict[int, list[int]] = field(default_factory=_lists)

    def without(self, levels: set[int]) -> Users:
        """Return the same without some levels as users of elements and gates: nobody reads them."""
        weights, terms = _lists(), _lists()
        for found, kept in ((self.weights, weights), (self.terms, terms)):
            for one, pairs in found.items():
                kept[one] = [pair for pair in pairs if pair[0] not in levels]
        return replace(self, weights=weights, terms=terms)

    def watched(self, gate: int) -> tuple[int, int]:
        """Return the gate to watch instead of one, and 1 if that is its opposite.

        A gate that only denies another one turns with it and need not be kept up itself, for guards
        and observers.
        """
        return (self.denials[gate], 1) if gate in self.denials else (gate, 0)


def users_of(model: Model) -> Users:
    """Return who reads what in a model, in one walk over it.

    Looking through all transitions, levels and observations for each element, level and gate would
    take a time that grows with the square of the model.
    """
    users = Users(denials=_denials(model))
    for i, t in enumerate(model.transitions):
        users.transitions[t.element].append(i)
        users.guards[users.watched(t.guard)[0]].append(i)
        users.speeds[t.speed.level].append(i)
        awaited = {
            d.quantity
            for d in (t.delay.table if t.delay is not None else ())
            if isinstance(d, core.Until)
        }
        for quantity in awaited:
            users.waits[quantity].append(i)
    for i, q in enumerate(model.quantities):
        users.rates[q.rate.level].append(i)
    for i, level in enumerate(model.levels):
        for element, weights in level.elements:
            users.weights[element].append((i, weights))
        for gate, weight in level.gates:
            users.terms[gate].append((i, weight))
    for i, g in enumerate(model.gates):
        users.gates[g.level].append(i)
        if g.connection is not None:
            asked = {*g.connection.vertices, *(edge[3] for edge in g.connection.edges)} - {NONE}
            for gate in asked:
                users.graphs[gate].append(i)
    _watches(model, users)
    return users


def _denials(model: Model) -> dict[int, int]:
    """Return by gate that only denies another one: that one."""
    found = {}
    for i, gate in enumerate(model.gates):
        below = model.levels[gate.level] if gate.connection is None else None
        if below is not None and not below.elements and len(below.gates) == 1:
            ((denied, weight),) = below.gates
            # True without the other gate, and false with it.
            if below.constant >= gate.k > below.constant + weight:
                found[i] = denied
    return found


def _watches(model: Model, users: Users) -> None:
    for o, observed in enumerate(model.observations):
        match observed:
            case core.FiringCount():
                users.firing_watches[observed.transition].append(o)
            case core.Sample():
                for i in observed.transitions:
                    users.firing_watches[i].append(o)
            case core.EntryCount():
                users.entry_watches[observed.element].append(o)
            case core.LevelIntegral() | core.LevelTime() | core.Changes():
                users.level_watches[observed.level].append(o)
            case core.GateTime() | core.FirstPassage():
                users.gate_watches[users.watched(observed.gate)[0]].append(o)
            case core.Episodes():
                # What turns the gate that splits its time is an element that changes, and while the
                # episode is open those are seen anyway.
                users.gate_watches[users.watched(observed.gate)[0]].append(o)
                users.level_watches[observed.phase].append(o)
