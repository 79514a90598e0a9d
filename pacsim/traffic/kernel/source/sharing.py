"""What a run and its twin have in common is simulated once, and copied (T23).

Until a condition that a client meets differs, or one changes in either, both have the same draws,
arrivals and conditions: the run goes on alone, and the twin then takes over all that it has.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacsim.traffic.kernel.numbers_of_traffic import FAILOVER

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def unmet(workload: WorkloadGroup, state: RunStateGroup, condition: int) -> bool:
    """Return whether nobody meets a condition before one changes: a standby, or a way to it."""
    if workload.archive[0].kind != FAILOVER or condition >= workload.archive[0].owner_at:
        return False
    # Members, and then for each site the ways to them.
    owner = state.values[workload.archive[0].owner_at]
    return bool(owner >= 0 and condition % workload.archive[0].members != owner)


def parts_at(workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup) -> float:
    """Return until when two runs that have just begun are the same; minus infinity if never."""
    for condition in range(workload.archive[0].conditions):
        same = state.values[condition] == twin.values[condition]
        if not same and not unmet(workload, state, condition):
            return -math.inf
    # Its twin has no other changes than some of its own.
    change = state.world[0].next_change
    return state.change_times[change] if change < state.world[0].changes else math.inf


def fits_twin(
    state: RunStateGroup, twin: RunStateGroup, attempts: Any, rows: Any, its_attempts: Any,
    its_rows: Any,
) -> bool:  # fmt: skip
    """Return whether the twin has room for all of a run; rows begin at some of each."""
    jobs, cases = state.world[0].places, state.world[0].case_places
    # Free places are those behind too, of which there must be one unless all are alike.
    room = twin.world[0].room_jobs
    if room <= jobs and room != state.world[0].room_jobs:
        return False
    room = twin.world[0].room_cases
    if room <= cases and room != state.world[0].room_cases:
        return False
    last = its_attempts + state.world[0].attempts - attempts
    if last > twin.world[0].room_attempts:
        return False
    return bool(its_rows + state.world[0].rows - rows <= twin.world[0].room_rows)


def copy_numbers(to: Any, numbers: Any, count: Any) -> None:
    """Copy the first of some numbers."""
    for k in range(count):
        to[k] = numbers[k]


def copy_run(
    workload: WorkloadGroup, state: RunStateGroup, twin: RunStateGroup,
    attempts: Any, rows: Any, its_attempts: Any, its_rows: Any,
) -> None:  # fmt: skip
    """Let the twin have all that a run has, with its rows from some of each on.

    Not the load of pools and what is noted: these are made anew whenever they are needed.
    """
    copy_world(state, twin)
    copy_numbers(twin.lines, state.lines, workload.archive[0].line_numbers)
    copy_numbers(twin.timers, state.timers, workload.archive[0].line_times)
    copy_numbers(twin.at, state.at, workload.archive[0].alarms)
    copy_numbers(twin.least, state.least, workload.archive[0].blocks)
    copy_numbers(twin.moving, state.moving, state.world[0].moving)
    flows = workload.archive[0].lines * workload.archive[0].uses
    copy_numbers(twin.flow_pools, state.flow_pools, flows)
    copy_numbers(twin.flow_loads, state.flow_loads, flows)
    copy_numbers(twin.stations, state.stations, workload.archive[0].station_numbers)
    copy_numbers(twin.sizes, state.sizes, workload.archive[0].station_sizes)
    copy_numbers(twin.queues, state.queues, workload.archive[0].queue_numbers)
    copy_numbers(twin.ended, state.ended, workload.archive[0].ways)
    copy_numbers(twin.members, state.members, workload.archive[0].member_numbers)
    for member in range(workload.archive[0].members):
        twin.marks[member].since = state.marks[member].since
    jobs, cases = state.world[0].places, state.world[0].case_places
    copy_numbers(twin.jobs, state.jobs, jobs * workload.archive[0].job_numbers)
    copy_numbers(twin.exams, state.exams, jobs * workload.archive[0].job_sizes)
    copy_numbers(twin.cases, state.cases, cases * workload.archive[0].case_numbers)
    copy_numbers(twin.patience, state.patience, cases * workload.archive[0].case_times)
    count = state.world[0].attempts - attempts
    for k in range(count):
        twin.attempts[its_attempts + k] = state.attempts[attempts + k]  # type: ignore[index]
        twin.follows[its_attempts + k] = state.follows[attempts + k]
    twin.world[0].attempts = its_attempts + count
    # Where the rows of last attempts are.
    for job in range(jobs):
        if twin.jobs[job].row >= 0:
            twin.jobs[job].row += its_attempts - attempts
    for case in range(cases):
        if twin.cases[case].row >= 0:
            twin.cases[case].row += its_attempts - attempts
    count = state.world[0].rows - rows
    for k in range(count):
        twin.rows[its_rows + k] = state.rows[rows + k]  # type: ignore[index]
    twin.world[0].rows = its_rows + count


def copy_world(state: RunStateGroup, twin: RunStateGroup) -> None:
    """Copy what there is one of; changes, rows and room are the twin's own."""
    twin.clock[0].now = state.clock[0].now
    twin.world[0].events = state.world[0].events
    twin.world[0].arrivals = state.world[0].arrivals
    twin.world[0].next_arrival = state.world[0].next_arrival
    twin.world[0].alive = state.world[0].alive
    twin.world[0].free_job = state.world[0].free_job
    twin.world[0].free_case = state.world[0].free_case
    twin.world[0].jobs = state.world[0].jobs
    twin.world[0].moving = state.world[0].moving
    twin.world[0].rates = state.world[0].rates
    twin.world[0].offers = state.world[0].offers
    twin.world[0].acting = state.world[0].acting
    twin.world[0].stage = state.world[0].stage
    twin.world[0].seat = state.world[0].seat
    twin.world[0].line = state.world[0].line
    twin.world[0].why = state.world[0].why
    twin.world[0].places = state.world[0].places
    twin.world[0].case_places = state.world[0].case_places
    twin.world[0].late = state.world[0].late
