"""What each change of an element's state does, worked out once when a model is packed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import NONE, EntryCount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pacsim.core.model import Element, Model
    from pacsim.engines.kernel.needs import LevelNeeds
    from pacsim.engines.kernel.users import Users


class StateChanges:
    """The rows of `records.StateChangeRow`: one for each change that a transition or effect makes.

    Parameters
    ----------
    model : Model
        Of which elements.
    users : Users
        Who reads them.
    needs : LevelNeeds
        Which levels are asked for in which state.
    integers : list of int
        To which lists are appended.
    """

    def __init__(
        self,
        model: Model,
        users: Users,
        needs: LevelNeeds,
        integers: list[int],
    ) -> None:
        self._model = model
        self._users = users
        self._needs = needs
        self._integers = integers
        self._found: dict[tuple[int, int, int], int] = {}
        self._by_state: dict[int, list[tuple[set[int], tuple[int, ...]]]] = {}
        self.rows: list[tuple[int, ...]] = []

    def of(self, element: int, targets: Iterable[int]) -> int:
        """Return where the numbers of an element's changes stand: from each state to its target.

        Parameters
        ----------
        element : int
            Which one.
        targets : iterable of int
            By state: the state after it, `NONE` if it is not left nor kept.
        """
        # All rows first: they put integers of their own.
        numbers = [
            NONE if new == NONE else self._number(element, old, new)
            for old, new in enumerate(targets)
        ]
        return self._put(numbers)

    def to(self, element: int, sources: Collection[int], target: int) -> int:
        """Return where the numbers of an element's changes stand: from its sources to a target.

        Parameters
        ----------
        element : int
            Which one.
        sources : collection of int
            The states that are left or kept.
        target : int
            The state after each of them.
        """
        numbers = [NONE] * len(self._model.elements[element].states)
        for old in sorted(sources):
            numbers[old] = self._number(element, old, target)
        return self._put(numbers)

    def _put(self, numbers: list[int]) -> int:
        first = len(self._integers)
        self._integers += numbers
        return first

    def _number(self, element: int, old: int, new: int) -> int:
        key = (element, old, new)
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = len(self.rows)
            self.rows.append(self._row(element, old, new))
        return known

    def _row(self, element: int, old: int, new: int) -> tuple[int, ...]:
        users, integers = self._users, self._integers
        known = self._by_state.get(element)
        if known is None:
            known = self._by_state[element] = self._states(element)
        (before, was), (after, now) = known[old], known[new]
        left, entered = sorted(before - after), sorted(after - before)
        shifted: list[int] = []
        if was != now:
            for (level, _), a, b in zip(users.weights[element], was, now, strict=True):
                if a != b:
                    shifted += (level, b - a)
        watches = users.entry_watches[element]
        counted = [o for o in watches if self._counts(o, old, new)] if watches else ()
        needed: list[int] = []
        for pair in self._needs.changed(element, old, new):
            needed += pair
        places = []
        for values in (left, entered, shifted, counted, needed):
            places.append(len(integers))
            integers += values
        return (
            new,
            flag_of(self._model.elements[element], new),
            places[0],
            len(left),
            places[1],
            len(entered),
            places[2],
            len(shifted) // 2,
            places[3],
            len(counted),
            places[4],
            len(needed) // 2,
        )

    def _states(self, element: int) -> list[tuple[set[int], tuple[int, ...]]]:
        """Return by state the transitions that start in it, and what it adds to each level."""
        sources: list[set[int]] = [set() for _ in self._model.elements[element].states]
        for i in self._users.transitions[element]:
            for state in self._model.transitions[i].sources:
                sources[state].add(i)
        rows = [weights for _, weights in self._users.weights[element]]
        added = list(zip(*rows, strict=True)) or [()] * len(sources)
        return list(zip(sources, added, strict=True))

    def _counts(self, observation: int, old: int, new: int) -> bool:
        """Return whether an observation of entries counts a change."""
        observed = self._model.observations[observation]
        assert isinstance(observed, EntryCount)
        return new in observed.states and old not in observed.states


def flag_of(element: Element, state: int) -> int:
    """Return 0 for a state that is not flagged, 1 for a fault, 2 for planned, 3 for both.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> m = ModelBuilder()
    >>> _ = m.element("host", "up down", fault="down")
    >>> [flag_of(m.build().elements[0], state) for state in (0, 1)]
    [0, 1]
    """
    return (state in element.fault) + 2 * (state in element.planned)
