"""Planned, unplanned or mixed: the cones of R28, read again from scratch whenever time advances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.engines.reference.gate_reader import read_with
from pacsim.engines.reference.state import INITIAL

if TYPE_CHECKING:
    from pacsim.core.model import Model
    from pacsim.engines.reference.state import State

UNPLANNED, PLANNED, MIXED = 0, 1, 2


def kind_of_down_time(state: State, gate: int) -> int:
    """Return which of the three classes the present down time of a gate belongs to (R28)."""
    if _down_without(state, gate, "planned"):
        return UNPLANNED
    if _down_without(state, gate, "fault"):
        return PLANNED
    return MIXED


def _down_without(state: State, gate: int, kind: str) -> bool:
    """Return whether the gate stays true with all that has a root of one kind read as initial."""
    model: Model = state.model
    instead = {}
    for index, element in enumerate(model.elements):
        root = state.root_of(index)
        if not element.lasting and root != INITIAL and model.transitions[root].cls == kind:
            instead[index] = element.initial
    return read_with(model, state.states, instead).gate(gate)
