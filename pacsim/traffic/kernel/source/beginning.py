"""Runs that begin anew in the arrays of others: what jobs, cases and conditions are then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import BIRTH, FREE
from pacsim.traffic.kernel.source.moment_loop import set_stage

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def begin_world(state: RunStateGroup, start: float) -> None:
    """Begin at a time with nothing to do; rows that were written stay."""
    state.clock[0].now = start
    state.clock[0].start = start
    state.world[0].events = 0
    state.world[0].arrivals = 0
    state.world[0].next_arrival = 0
    state.world[0].alive = 0
    state.world[0].jobs = 0
    state.world[0].moving = 0
    state.world[0].rates = 0
    state.world[0].offers = 0
    state.world[0].late = 0
    state.world[0].thins = 0
    state.world[0].line = -1
    state.world[0].why = 0
    set_stage(state, BIRTH)
    free_all(state)


def free_all(state: RunStateGroup) -> None:
    """Have all places for jobs and cases free again, in the order in which they were made."""
    places, room = state.world[0].places, state.world[0].room_jobs
    for job in range(places):
        state.jobs[job].where = FREE
        state.jobs[job].behind = job + 1 if job + 1 < room else -1
    state.world[0].free_job = 0
    state.world[0].places = 0
    places, room = state.world[0].case_places, state.world[0].room_cases
    for case in range(places):
        state.cases[case].behind = case + 1 if case + 1 < room else -1
    state.world[0].free_case = 0
    state.world[0].case_places = 0


def take_conditions(workload: WorkloadGroup, state: RunStateGroup, start: float) -> None:
    """Take the conditions of a time, which is not before the one at which they were taken last."""
    k = state.world[0].settled
    while k < state.world[0].changes and state.change_times[k] <= start:
        state.settled[state.changed[k]] = state.change_values[k]
        k += 1
    state.world[0].settled = k
    state.world[0].next_change = k
    for condition in range(workload.archive[0].conditions):
        state.values[condition] = state.settled[condition]
