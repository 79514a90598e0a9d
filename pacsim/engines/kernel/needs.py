"""Which levels are kept up to date: those that somebody reads in the present states.

Most of what a failover group asks is asked in one of its phases only. A guard or a speed is read
while the element is in a source state of the transition, a table when a clock starts or fires, the
state at the start of an episode when one starts. A level that is read by nothing else takes in its
changes silently while it is not read, and the gates on it are left as they are; when it is needed,
its gates are read again, in acyclic order with all others. So a model costs what its present states
ask for, and gives the same to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import dormant as sets
from pacsim.core import model as core
from pacsim.core.model import NONE
from pacsim.core.model.bit_sets import members, sets_below

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
        # Sets of levels are bits, for they are united over and over.
        self._of_level, self._of_gate = sets_below(model, levels=True)
        watched = users.denials
        self._read = [
            self._of_gate[watched.get(t.guard, t.guard)] | self._of_level[t.speed.level]
            for t in model.transitions
        ]
        """By transition: the levels below its guard and its speed."""
        self._always = self._kept_up()
        for declared in sleepers:
            for i in sets.cycle(model, declared).transitions:
                self._always |= self._read[i]
        self.always = set(members(self._always))
        """Levels that are kept up to date whatever the states are."""
        self._asked: dict[int, list[tuple[frozenset[int], list[int]]]] = {}

    def never(self) -> set[int]:
        """Return the levels that nobody reads in any state, as those of gates watched otherwise."""
        model = self._model
        below, read = self._of_level, self._always
        for t, asked in zip(model.transitions, self._read, strict=True):
            read |= asked | below[t.outcomes.level]
            if t.delay is not None:
                read |= below[t.delay.level]
        for observed in model.observations:
            match observed:
                case core.FiringCount() | core.Sample():
                    read |= self._of_gate[observed.when]
                case core.Episodes():
                    read |= below[observed.at_start] | below[observed.at_end]
        return set(members(~read & (1 << len(model.levels)) - 1))

    def _kept_up(self) -> int:
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
        kept = 0
        for gate in gates:
            kept |= self._of_gate[gate]
        for level in levels:
            kept |= self._of_level[level]
        return kept

    def at_start(self) -> list[int]:
        """Return by level how many ask for it in the initial states, the ever needed one more."""
        elements = self._model.elements
        asked = [int(level in self.always) for level in range(len(self._model.levels))]
        for t, read in zip(self._model.transitions, self._read, strict=True):
            if read and elements[t.element].initial in t.sources:
                for level in members(read):
                    asked[level] += 1
        return asked

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
        askers = self._asked.get(element)
        if askers is None:
            askers = self._asked[element] = self._askers(element)
        if not askers:
            return []
        more: dict[int, int] = {}
        for sources, asked in askers:
            by = (new in sources) - (old in sources)
            if by:
                for level in asked:
                    more[level] = more.get(level, 0) + by
        return sorted([(level, by) for level, by in more.items() if by])

    def _askers(self, element: int) -> list[tuple[frozenset[int], list[int]]]:
        """Return sources of an element's transitions with the levels not always needed they ask."""
        transitions, found = self._model.transitions, []
        for i in self._users.transitions[element]:
            asked = self._read[i] & ~self._always
            if asked:
                found.append((transitions[i].sources, members(asked)))
        return found

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
        return members((self._of_gate[gate] | self._of_level[level]) & ~self._always)
