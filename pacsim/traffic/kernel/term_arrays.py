"""The arrays of a term whose windows are wanted: what compiled code is told of it and tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.declaring import row_type
from pacsim.engines.kernel.records import LawRow
from pacsim.traffic.arrival_tables import ARRIVED, STUDIES
from pacsim.traffic.kernel.manifest_of_traffic import WindowedGroup

if TYPE_CHECKING:
    from pacsim.traffic.kernel.arriving import ArrivalColumns

FIRST_ROOM = 256
"""Rows for which there is room at first."""


class TermArrays:
    """What compiled code is told of a term, and where it writes what it finds."""

    def __init__(self) -> None:
        self.held = {
            name: np.zeros(field.width, dtype=field.dtype)
            for name, field in WindowedGroup.fields.items()
        }

    def rows(self, name: str) -> np.ndarray:
        """Return a flat table as rows of its record, which are the same memory."""
        record = WindowedGroup.fields[name].record
        assert record is not None
        return self.held[name].view(row_type(record))

    def set(self, name: str, rows: int) -> np.ndarray:
        """Give a table a number of rows, at least one, and return it."""
        field = WindowedGroup.fields[name]
        self.held[name] = np.zeros(max(rows, 1) * field.width, dtype=field.dtype)
        return self.held[name] if field.record is None else self.rows(name)

    def told(self, name: str, **values: float) -> None:
        """Set numbers of which there is one each."""
        row = self.rows(name)[0]
        for key, value in values.items():
            row[key] = value

    def make_room(self, rows: int) -> None:
        """Give room for the comparison of a number of rows."""
        numbers = self.rows("numbers")[0]
        if rows > numbers["room_entries"]:
            numbers["room_entries"] = 2 * rows + FIRST_ROOM
            self.set("entries", int(numbers["room_entries"]))
        if numbers["size"] > numbers["room_slots"]:
            numbers["room_slots"] = 2 * int(numbers["size"])
            self.set("slots", int(numbers["room_slots"]))


class DrawnArrays:
    """Where what arrives in a window is drawn.

    Parameters
    ----------
    columns : ArrivalColumns
        What arrives at the workload's stations.
    """

    def __init__(self, columns: ArrivalColumns) -> None:
        # Laws as the workload has them, so that what draws is compiled once.
        laws = columns.laws.astype(row_type(LawRow)), columns.points.copy()
        for part in laws:
            part.setflags(write=False)
        self._fixed = (columns.sources, columns.weeks, columns.growth, columns.studies, *laws)
        self.rows = np.zeros(0, dtype=ARRIVED)
        self.opened = np.zeros(0, dtype=STUDIES)
        self._ranks = np.zeros(len(columns.sources), dtype=np.int64)
        self._ends = np.zeros(2, dtype=np.int64)
        self.make_room()

    def make_room(self) -> None:
        """Give more room; what is drawn already stays."""
        room = 2 * len(self.rows) + FIRST_ROOM
        self.rows = np.concatenate([self.rows, np.zeros(room, dtype=ARRIVED)])
        self.opened = np.concatenate([self.opened, np.zeros(2 * room, dtype=STUDIES)])
        self._times = np.zeros(len(self.rows))
        self._places = [np.zeros(len(self.rows), dtype=np.int64) for _ in range(3)]

    def held(self) -> tuple[Any, ...]:
        """Return all arrays in the order in which compiled code takes them."""
        return (
            *(*self._fixed, self.rows, self.opened),
            *(self._times, *self._places, self._ranks, self._ends),
        )
