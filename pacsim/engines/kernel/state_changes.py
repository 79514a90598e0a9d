"""What each change of an element's state does, worked out once when a model is packed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.core.model import NONE, EntryCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    put : callable
        Appends integers; returns where they begin and how many they are.
    """

    def __init__(
        self,
        model: Model,
        users: Users,
        needs: LevelNeeds,
        put: Callable[[Iterable[Any]], tuple[int, int]],
    ) -> None:
        self._model = model
        self._users = users
        self._needs = needs
        self._put = put
        self._found: dict[tuple[int, int, int], int] = {}
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
        return self._put(numbers)[0]

    def _number(self, element: int, old: int, new: int) -> int:
        key = (element, old, new)
        if key not in self._found:
            self._found[key] = len(self.rows)
            self.rows.append(self._row(*key))
        return self._found[key]

    def _row(self, element: int, old: int, new: int) -> tuple[int, ...]:
        users, transitions = self._users, self._model.transitions
        inside = {i: transitions[i].sources for i in users.transitions[element]}
        left = [i for i, sources in inside.items() if old in sources and new not in sources]
        entered = [i for i, sources in inside.items() if new in sources and old not in sources]
        levels = [(level, w[new] - w[old]) for level, w in users.weights[element]]
        shifted = [pair for pair in levels if pair[1] != 0]
        needed = self._needs.changed(element, old, new)
        return (
            new,
            flag_of(self._model.elements[element], new),
            *self._put(left),
            *self._put(entered),
            self._put(value for pair in shifted for value in pair)[0],
            len(shifted),
            *self._put(o for o in users.entry_watches[element] if self._counts(o, old, new)),
            self._put(value for pair in needed for value in pair)[0],
            len(needed),
        )

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
