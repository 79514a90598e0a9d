"""The changing state of one replication: element states, stamps, roots, draw numbers (R4, R27)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacsim.core.model import NONE
from pacsim.engines.reference.gate_reader import StateReader

if TYPE_CHECKING:
    from pacsim.core.model import Model

INITIAL = NONE
"""The cause of what held from the start."""


@dataclass(slots=True)
class Marks:
    """What happened to elements and transitions in the present instant (R12)."""

    fired: set[int] = field(default_factory=set)
    renewed: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    """Transitions whose source set was left in some step."""
    jumped: set[int] = field(default_factory=set)


class State:
    """Everything that a step may change, except clocks and quantities."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.states = [element.initial for element in model.elements]
        self.stamps = [0] * len(model.elements)
        self.flag_root = [INITIAL] * len(model.elements)
        """Root of the instant in which the element last became flagged (R27)."""
        self.entry_root = [INITIAL] * len(model.elements)
        """Root of the instant in which the element entered its present state (R28)."""
        self.firings = [0] * len(model.transitions)
        self.reader = StateReader(model, self.states)
        self.marks = Marks()
        self.steps = 0
        self._by_element: list[list[int]] = [[] for _ in model.elements]
        for index, transition in enumerate(model.transitions):
            self._by_element[transition.element].append(index)

    def apply(self, moves: dict[int, int], renewed: set[int], root: int) -> list[tuple[int, int]]:
        """Apply one step's moves and renewals together; return (element, old state) of changes."""
        self.steps += 1
        changed = []
        for element, new in moves.items():
            old = self.states[element]
            if new == old:
                continue
            changed.append((element, old))
            flags = self.model.elements[element].flagged
            if flags(new) and not flags(old):
                self.flag_root[element] = root
            self.entry_root[element] = root
            self.states[element] = new
            self.stamps[element] = self.steps
            for index in self._by_element[element]:
                sources = self.model.transitions[index].sources
                if old in sources and new not in sources:
                    self.marks.left.add(index)
        self.marks.renewed |= renewed
        if changed:
            self.reader.forget(element for element, _ in changed)
        return changed

    def enabled(self, index: int) -> bool:
        """Return whether a transition's element is in a source state and its guard holds."""
        transition = self.model.transitions[index]
        if self.states[transition.element] not in transition.sources:
            return False
        return transition.guard == NONE or self.reader.gate(transition.guard)

    def root_of(self, element: int) -> int:
        """Return the root of what an element is: since it is flagged, else since it is so (R28)."""
        flagged = self.model.elements[element].flagged(self.states[element])
        return (self.flag_root if flagged else self.entry_root)[element]

    def flagged(self) -> list[int]:
        """Return the elements in a flagged state."""
        return [
            index
            for index, element in enumerate(self.model.elements)
            if element.flagged(self.states[index])
        ]
