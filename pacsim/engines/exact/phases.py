"""Delay laws as phases: what an exponential clock of a chain has to remember (R31)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.delays import Law

if TYPE_CHECKING:
    from pacsim.core.model import Transition


class PhasedClock:
    """What the clock of a transition remembers: which delay of its table, which way, which stage.

    A memory is 0 for nothing, else 1 + a number that counts all of them.
    """

    def __init__(self, t: Transition) -> None:
        assert t.delay is not None
        self.tables = [
            (law.phases() if isinstance(law, Law) else None) or ((1.0, 1, 1.0),)
            for law in t.delay.table
        ]
        self._ways = max(len(table) for table in self.tables)
        self._stages = max(stages for table in self.tables for _, stages, _ in table)
        several = any(law != t.delay.table[0] for law in t.delay.table)
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
