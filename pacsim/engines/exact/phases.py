"""Delay laws as phases: what an exponential clock of a chain has to remember (R31)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays import Erlang, Exponential, Mixture, Shifted, Weibull

if TYPE_CHECKING:
    from pacsim.core.model import Transition

Phases = tuple[tuple[float, int, float], ...]
"""Per way that a draw can go: its probability, and the stages and mean of its Erlang law."""


def phases(law: object) -> Phases | None:
    """Return a law as a mixture of Erlang laws, None if it is none.

    Parameters
    ----------
    law : object
        A delay.

    Returns
    -------
    tuple or None
        (probability, stages, mean) of each way.

    Examples
    --------
    >>> phases(Weibull(5.0, 1.0)), phases(Weibull(5.0, 2.0))
    (((1.0, 1, 5.0),), None)
    >>> phases(Mixture((0.75, 0.25), (Exponential(1.0), Erlang(2, 8.0))))
    ((0.75, 1, 1.0), (0.25, 2, 8.0))
    """
    match law:
        case Shifted() if law.shift == 0:
            return phases(law.law)
        case Exponential():
            return ((1.0, 1, law.mean()),)
        case Erlang():
            return ((1.0, law.stages, law.mean()),)
        case Weibull() if law.shape == 1:
            return ((1.0, 1, law.scale),)
        case Mixture():
            found: list[tuple[float, int, float]] = []
            for weight, part in zip(law.weights, law.laws, strict=True):
                ways = phases(part)
                if ways is None:
                    return None
                found.extend((weight * p, stages, mean) for p, stages, mean in ways)
            return tuple(found)
    return None


class Clock:
    """What the clock of a transition remembers: which delay of its table, which way, which stage.

    A memory is 0 for nothing, else 1 + a number that counts all of them.
    """

    def __init__(self, t: Transition) -> None:
        assert t.delay is not None
        self.tables = [phases(law) or ((1.0, 1, 1.0),) for law in t.delay.table]
        self._ways = max(len(table) for table in self.tables)
        self._stages = max(stages for table in self.tables for _, stages, _ in table)
        several = len(set(t.delay.table)) > 1
        self.remembers = several or self._ways > 1 or self._stages > 1

    def drawn(self, entry: int) -> list[tuple[float, int]]:
        """Return (probability, memory) of every way that a draw from a table entry can go."""
        return [
            (p, 1 + (entry * self._ways + way) * self._stages)
            for way, (p, _, _) in enumerate(self.tables[entry])
        ]

    def remembered(self, memory: int) -> tuple[int, int, float]:
        """Return (stages done, stages, mean) of a memory that is not 0."""
        rest, stage = divmod(memory - 1, self._stages)
        entry, way = divmod(rest, self._ways)
        _, stages, mean = self.tables[entry][way]
        return stage, stages, mean
