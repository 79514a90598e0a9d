"""The arrays of a run: what compiled code reads and writes, and what Python sees of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.declaring import row_type
from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup
from pacsim.traffic.kernel.run_records import ArrivedRow, StudyRow

if TYPE_CHECKING:
    from pacsim.traffic.arrival_tables import ArrivalTable
    from pacsim.traffic.client_conditions import Timeline
    from pacsim.traffic.kernel.lowered import LoweredTables

FIRST_ROOM = 64
"""Rows for which there is room at first."""
ROOMS = {
    "rows": "room_rows",
    "attempts": "room_attempts",
    "noted_marks": "room_marks",
    "noted_numbers": "room_numbers",
}
"""What a run is told of how many rows have room."""


class RunArrays:
    """The arrays of a run that begins empty.

    Parameters
    ----------
    fixed : LoweredTables
        The workload.
    timeline : Timeline
        Of the conditions.
    start : float
        Seconds.
    key : tuple of two int
        Of the replication's draws.
    """

    def __init__(
        self, fixed: LoweredTables, timeline: Timeline, start: float, key: tuple[int, int]
    ) -> None:
        self.fixed = fixed
        self.start = start
        self.state: dict[str, np.ndarray] = {}
        for name, field in RunStateGroup.fields.items():
            rows = 0 if field.size is None else field.width * field.size(fixed.numbers)
            self.state[name] = np.zeros(rows, dtype=field.dtype)
        state = self.state
        state["at"][:] = state["least"][:] = math.inf
        for name in ("queues", "members"):
            self.rows(name)["first"] = self.rows(name)["last"] = -1
        self.rows("marks")["since"] = math.inf
        state["keys"][:] = key
        state["values"][:] = fixed.usual
        begun = int(np.searchsorted(timeline.time, start, side="right"))
        # One after the other: the last value of a condition counts.
        for what, value in zip(timeline.what[:begun], timeline.value[:begun], strict=True):
            state["values"][what] = value
        state["change_times"] = np.ascontiguousarray(timeline.time[begun:])
        state["changed"] = timeline.what[begun:].astype(np.int64)
        state["change_values"] = timeline.value[begun:].astype(np.int64)
        clock = self.rows("clock")[0]
        clock["now"] = clock["start"] = start
        self.world["changes"] = len(timeline.time) - begun
        for name in ("free_job", "free_case", "line", "seat"):
            self.world[name] = -1
        self.world["settled"] = 0
        state["settled"][:] = fixed.usual
        self.world["stays"] = timeline.stays
        self.make_room()

    def rows(self, name: str, *, fixed: bool = False) -> np.ndarray:
        """Return a flat table as rows of its record, which are the same memory."""
        group, held = (WorkloadGroup, self.fixed.arrays) if fixed else (RunStateGroup, self.state)
        record = group.fields[name].record
        assert record is not None
        return held[name].view(row_type(record))

    @property
    def world(self) -> np.void:
        """Return the whole numbers of which there is one each."""
        row: np.void = self.rows("world")[0]
        return row

    @property
    def now(self) -> float:
        """Return the time, of which nothing has happened yet."""
        return float(self.rows("clock")["now"][0])

    def held(self) -> tuple[Any, ...]:
        """Return all arrays in the order in which compiled code takes them."""
        return tuple(self.state.values())

    def take(self, timeline: Timeline, key: tuple[int, int]) -> None:
        """Take the changes and draws of another term, of which runs are to begin one by one."""
        state, world = self.state, self.world
        state["keys"][:] = key
        state["settled"][:] = self.fixed.usual
        state["change_times"] = np.ascontiguousarray(timeline.time)
        state["changed"] = timeline.what.astype(np.int64)
        state["change_values"] = timeline.value.astype(np.int64)
        world["changes"] = len(timeline.time)
        world["stays"] = timeline.stays
        for name in ("settled", "next_change", "attempts", "rows"):
            world[name] = 0

    def feed(self, more: ArrivalTable) -> None:
        """Take in what arrives next, of whole slots."""
        state, world = self.state, self.world
        new = more.rows[more.rows["time"] >= self.now].view(row_type(ArrivedRow))
        new["studies_from"] += len(state["studies"])
        old = state["arrivals"][world["next_arrival"] : world["arrivals"]]
        state["arrivals"] = np.concatenate([old, new])
        state["studies"] = np.concatenate([state["studies"], more.studies.view(row_type(StudyRow))])
        world["next_arrival"] = 0
        world["arrivals"] = len(state["arrivals"])

    def make_room(self) -> bool:
        """Give more room to what is short of it; return whether something was."""
        world, state = self.world, self.state
        grew = False
        for name, others, free in (
            ("jobs", "exams", "free_job"),
            ("cases", "patience", "free_case"),
        ):
            if world[free] < 0:
                grew = True
                before = len(self.rows(name))
                count = max(2 * before, FIRST_ROOM)
                for part in (name, others):
                    state[part] = grown(state[part], count * RunStateGroup.fields[part].width)
                if name == "jobs":
                    state["sorted"] = np.zeros(count, dtype=np.int64)
                    state["kept"] = np.zeros(count, dtype=np.int64)
                world[f"room_{name}"] = count
                links = self.rows(name)["behind"]
                links[before:] = np.arange(before + 1, count + 1)
                links[-1] = -1
                world[free] = before
        for name, needed in (
            ("rows", world["rows"] + world["alive"] + world["late"] + 2),
            ("attempts", world["attempts"] + self.fixed.numbers.lines + 2),
            ("noted_marks", world["marks"]),
            ("noted_numbers", world["numbers"]),
        ):
            if len(state[name]) < needed:
                grew = True
                count = max(2 * len(state[name]), int(needed) + FIRST_ROOM)
                state[name] = grown(state[name], count)
                world[ROOMS[name]] = count
                if beside := {"attempts": "follows", "rows": "row_entries"}.get(name):
                    state[beside] = grown(state[beside], count)
        return grew


def grown(old: np.ndarray, count: int) -> np.ndarray:
    """Return a table with room for a number of entries."""
    new = np.zeros(count, dtype=old.dtype)
    new[: len(old)] = old
    return new
