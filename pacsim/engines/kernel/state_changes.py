"""What each change of an element's state does, worked out once when a model is packed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import NONE, EntryCount

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        self._sources: dict[int, list[set[int]]] = {}
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
        found, numbers = self._found, []
        for old, new in enumerate(targets):
            number = NONE
            if new != NONE:
                key = (element, old, new)
                known = found.get(key)
                if known is None:
                    known = found[key] = len(self.rows)
                    self.rows.append(self._row(element, old, new))
                number = known
            numbers.append(number)
        first = len(self._integers)
        self._integers += numbers
        return first

    def _row(self, element: int, old: int, new: int) -> tuple[int, ...]:
        users, integers = self._users, self._integers
        inside = self._inside(element)
        left, entered = sorted(inside[old] - inside[new]), sorted(inside[new] - inside[old])
        shifted: list[int] = []
        for level, weights in users.weights[element]:
            by = weights[new] - weights[old]
            if by:
                shifted += (level, by)
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

    def _inside(self, element: int) -> list[set[int]]:
        """Return by state of an element which of its transitions it is a source of."""
        found = self._sources.get(element)
        if found is None:
            found = self._sources[element] = [set() for _ in self._model.elements[element].states]
            for i in self._users.transitions[element]:
                for state in self._model.transitions[i].sources:
                    found[state].add(i)
        return found

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
