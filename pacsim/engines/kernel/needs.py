"""Which levels are kept up to date: those that somebody reads in the present states.

Most of what a failover group asks is asked in one of its phases only. A guard or a speed is read
while the element is in a source state of the transition, a table when a clock starts or fires, the
state at the start of an episode when one starts. A level that is read by nothing else takes in its
changes silently while it is not read, and the gates on it are left as they are; when it is needed,
its gates are read again, in acyclic order with all others. So a model costs what its present states
ask for, and gives the same to the bit.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from pacsim.core import dormant as sets
from pacsim.core import model as core
from pacsim.core.model import NONE, cone, level_cone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core.model import Model
    from pacsim.engines.kernel.users import Users


class LevelNeeds:
    """What of a model's levels is needed always, in a state, or at a reading.

    Parameters
    ----------
    model : Model
        Of which levels.
    users : Users
        Who reads what.
    sleepers : sequence of Dormant
        Sets that may sleep. What their transitions read is always needed, since they are put in
        another state without a step.
    """

    def __init__(self, model: Model, users: Users, sleepers: Sequence[core.Dormant]) -> None:
        self._model = model
        self._users = users
        self._of_gate = cache(lambda gate: frozenset(cone(model, gate).levels))
        self._of_level = cache(lambda level: frozenset(level_cone(model, level).levels))
        asleep = {i for declared in sleepers for i in sets.cycle(model, declared).transitions}
        self.always: set[int] = set().union(*map(self._read, asleep), self._kept_up())
        """Levels that are kept up to date whatever the states are."""

    def never(self) -> set[int]:
        """Return the levels that nobody reads in any state, as those of gates watched otherwise."""
        model = self._model
        read = set(self.always).union(*(self._read(i) for i in range(len(model.transitions))))
        for t in model.transitions:
            delay = NONE if t.delay is None else t.delay.level
            read.update(self.to_read(level=delay), self.to_read(level=t.outcomes.level))
        for observed in model.observations:
            match observed:
                case core.FiringCount() | core.Sample():
                    read.update(self.to_read(gate=observed.when))
                case core.Episodes():
                    read.update(self.to_read(level=observed.at_start))
                    read.update(self.to_read(level=observed.at_end))
        return set(range(len(model.levels))) - read

    def _kept_up(self) -> set[int]:
        """Return the levels that observations, quantities, graphs and dormant sets read."""
        model = self._model
        gates = {d.gate for d in model.dormant}
        gates |= {i for i, gate in enumerate(model.gates) if gate.connection is not None}
        levels = {q.rate.level for q in model.quantities}
        for observed in model.observations:
            match observed:
                case core.GateTime() | core.FirstPassage():
                    gates.add(self._users.watched(observed.gate)[0])
                case core.Episodes():
                    gates |= {self._users.watched(g)[0] for g in (observed.gate, observed.judged)}
                    levels.add(observed.phase)
                case core.LevelIntegral() | core.LevelTime() | core.Changes():
                    levels.add(observed.level)
        below = [self._of_gate(g) for g in gates - {NONE}]
        return set().union(*below, *(self._of_level(k) for k in levels - {NONE}))

    @cache  # noqa: B019 - as long as the model is packed
    def _read(self, transition: int) -> frozenset[int]:
        """Return the levels below a transition's guard and its speed."""
        t = self._model.transitions[transition]
        guard = self._of_gate(self._users.watched(t.guard)[0]) if t.guard != NONE else frozenset()
        return guard | self._of_level(t.speed.level) if t.speed.level != NONE else guard

    def at_start(self) -> list[int]:
        """Return by level how many ask for it in the initial states, the ever needed one more."""
        model = self._model
        asked: Counter[int] = Counter(self.always)
        for i, t in enumerate(model.transitions):
            if model.elements[t.element].initial in t.sources:
                asked.update(self._read(i))
        return [asked[level] for level in range(len(model.levels))]

    def changed(self, element: int, old: int, new: int) -> list[tuple[int, int]]:
        """Return by how many more a level is asked for when an element changes its state.

        Parameters
        ----------
        element : int
            Which one.
        old, new : int
            Its states.

        Returns
        -------
        list of (int, int)
            Levels that are not always needed, with the difference, which is not 0.
        """
        more: Counter[int] = Counter()
        for i in self._users.transitions[element]:
            sources = self._model.transitions[i].sources
            if (new in sources) != (old in sources):
                asked = self._read(i) - self.always
                (more.update if new in sources else more.subtract)(asked)
        return sorted((level, by) for level, by in more.items() if by)

    def to_read(self, *, gate: int = NONE, level: int = NONE) -> list[int]:
        """Return the levels to be brought up to date before a gate or a level is read.

        Parameters
        ----------
        gate, level : int
            Which one, `NONE` for none.

        Returns
        -------
        list of int
            Those below it, and it, that are not always needed.
        """
        below = self._of_gate(gate) if gate != NONE else frozenset()
        if level != NONE:
            below |= self._of_level(level)
        return sorted(below - self.always)
