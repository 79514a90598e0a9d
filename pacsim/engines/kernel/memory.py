"""The memory in which a batch is run: state, figures and row buffers of one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core import model as core
from pacsim.engines.kernel import manifest
from pacsim.engines.kernel.declaring import Record, columns_of, row_type, width_of
from pacsim.engines.kernel.records import (
    ChangeRow,
    ContributorRow,
    EpisodeRow,
    FiringRow,
    SampleRow,
    TurnRow,
)
from pacsim.engines.kernel.row_buffers import RowsNeeded, expected

if TYPE_CHECKING:
    from pacsim.engines.kernel.tables import Tables

ROWS: dict[str, type[Record]] = {
    "episodes": EpisodeRow,
    "contributors": ContributorRow,
    "samples": SampleRow,
    "firings": FiringRow,
    "changes": ChangeRow,
    "turns": TurnRow,
}
"""What a row of each buffer is, in the order in which the kernel numbers the buffers."""
COUNTED = {
    "episodes": "episode_rows",
    "contributors": "contributor_rows",
    "samples": "sample_rows",
    "firings": "firing_rows",
    "changes": "change_rows",
    "turns": "turn_rows",
}
"""Which of the counters tells how many rows a buffer holds."""


class Memory:
    """What a batch writes to; rows have as much room as batches before it make one expect.

    Parameters
    ----------
    tables : Tables
        Of the model.
    count : int
        Replications of the batch.
    needed : RowsNeeded
        What batches before it have needed.
    trace : bool
        Whether firings are listed.
    """

    def __init__(self, tables: Tables, count: int, needed: RowsNeeded, *, trace: bool) -> None:
        self.tables = tables
        self.count = count
        self.trace = trace
        self.state = manifest.rooms(manifest.StateGroup, tables.dimensions)
        self.counters = manifest.CountersGroup(manifest.CountersGroup.room())
        self.gauges = manifest.GaugesGroup(manifest.GaugesGroup.room())
        self.calendars = {name: np.array(part) for name, part in tables.calendars.items()}
        self.values = np.zeros((count, tables.columns))
        self.events = np.zeros(count, dtype=np.int64)
        self.replayed = np.zeros(count, dtype=np.int64)
        self.rows = {}
        for kind, name in enumerate(ROWS):
            rows = needed.room(kind, count)
            if name == "contributors":
                # One more episode must find room for all elements.
                rows += tables.dimensions.elements
            if name == "firings" and not trace:
                rows = 0
            field = manifest.RowsGroup.fields[name]
            self.rows[name] = np.zeros(rows * field.width, dtype=field.dtype)

    def arguments(self, done: int, task: dict[str, Any]) -> tuple[Any, ...]:
        """Return what the kernel is called with to do a task after so many replications."""
        return manifest.in_order(
            {
                "model": self.tables.model,
                "calendars": self.calendars,
                "state": self.state,
                "counters": self.counters.array,
                "gauges": self.gauges.array,
                "results": {
                    "values": self.values[done:].reshape(-1),
                    "events": self.events[done:],
                    "replayed": self.replayed[done:],
                },
                "rows": self.rows,
                "task": task,
            }
        )

    def written(self, name: str) -> int:
        """Return how many rows a buffer holds."""
        number: int = getattr(self.counters, COUNTED[name])
        return number

    def grow(self, done: int) -> None:
        """Give more room to the buffer that was full."""
        name = list(ROWS)[self.counters.error_at]
        width = manifest.RowsGroup.fields[name].width
        likely = expected(self.written(name), done, self.count) * width
        full = self.rows[name]
        # Twice as much, or what is likely if that is more.
        self.rows[name] = np.zeros(max(2 * len(full), likely), dtype=full.dtype)
        self.rows[name][: len(full)] = full

    def batch(self, first: int) -> core.Batch:
        """Return what was written as the batch of the replications from ``first`` on."""
        return core.Batch(
            first=first,
            values=self.values,
            events=self.events,
            episodes=self._filled(core.EPISODE, "episodes"),
            contributors=self._filled(core.CONTRIBUTOR, "contributors"),
            samples=self._filled(core.SAMPLE, "samples"),
            trace=self._filled(core.FIRING, "firings") if self.trace else None,
            changes=self._filled(core.CHANGE, "changes"),
            layout=self.tables.layout,
            replayed=self.replayed,
            turns=self._filled(core.TURN, "turns"),
        )

    def _filled(self, kind: np.dtype[Any], name: str) -> np.ndarray:
        """Return the rows that a buffer holds, as a table of a type that has the same columns.

        A buffer of that type is handed over itself: most of the time of a copy is new memory.
        """
        buffer, record, count = self.rows[name], ROWS[name], self.written(name)
        if buffer.dtype == kind:
            return buffer[:count]
        written = buffer[: count * width_of(record)].view(row_type(record))
        made = np.zeros(count, dtype=kind)
        for column in columns_of(record):
            made[column] = written[column]
        return made
