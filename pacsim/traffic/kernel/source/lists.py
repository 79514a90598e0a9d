"""Lists of jobs and cases: neighbours by their numbers, -1 at the ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup


def precedes(state: RunStateGroup, one: int, other: int) -> bool:
    """Return whether a job goes before another one of the same urgency."""
    if state.exams[one].came != state.exams[other].came:
        return state.exams[one].came < state.exams[other].came
    if state.jobs[one].source != state.jobs[other].source:
        return state.jobs[one].source < state.jobs[other].source
    return state.jobs[one].turn < state.jobs[other].turn


def put_in_order(state: RunStateGroup, queue: int, job: int) -> None:
    """Put a job in its place in a list that is in order, behind its equals."""
    first = state.queues[queue].first
    if first >= 0 and precedes(state, job, first):
        put_between(state, queue, job, -1, first)
        return
    ahead = state.queues[queue].last
    while ahead >= 0 and precedes(state, job, ahead):
        ahead = state.jobs[ahead].ahead
    put_between(state, queue, job, ahead, -1 if ahead < 0 else state.jobs[ahead].behind)


def put_last(state: RunStateGroup, queue: int, job: int) -> None:
    """Put a job at the end of a list."""
    put_between(state, queue, job, state.queues[queue].last, -1)


def put_between(state: RunStateGroup, queue: int, job: int, ahead: int, behind: int) -> None:
    """Put a job between two neighbours."""
    state.jobs[job].ahead = ahead
    state.jobs[job].behind = behind
    if ahead < 0:
        state.queues[queue].first = job
    else:
        state.jobs[ahead].behind = job
    if behind < 0:
        state.queues[queue].last = job
    else:
        state.jobs[behind].ahead = job


def take_out(state: RunStateGroup, queue: int, job: int) -> None:
    """Take a job out of a list."""
    ahead, behind = state.jobs[job].ahead, state.jobs[job].behind
    if ahead < 0:
        state.queues[queue].first = behind
    else:
        state.jobs[ahead].behind = behind
    if behind < 0:
        state.queues[queue].last = ahead
    else:
        state.jobs[behind].ahead = ahead


def make_unsafe(state: RunStateGroup, queue: int, job: int) -> None:
    """Put a job at the end of what may not be deleted."""
    last = state.queues[queue].last
    state.jobs[job].is_unsafe = 1
    state.jobs[job].safer = last
    state.jobs[job].unsafer = -1
    if last < 0:
        state.queues[queue].first = job
    else:
        state.jobs[last].unsafer = job
    state.queues[queue].last = job


def make_safe(state: RunStateGroup, queue: int, job: int) -> None:
    """Take a job out of what may not be deleted."""
    ahead, behind = state.jobs[job].safer, state.jobs[job].unsafer
    state.jobs[job].is_unsafe = 0
    if ahead < 0:
        state.queues[queue].first = behind
    else:
        state.jobs[ahead].unsafer = behind
    if behind < 0:
        state.queues[queue].last = ahead
    else:
        state.jobs[behind].safer = ahead


def put_case_last(state: RunStateGroup, queue: int, case: int) -> None:
    """Put a case at the end of a list."""
    last = state.queues[queue].last
    state.cases[case].behind = -1
    if last < 0:
        state.queues[queue].first = case
    else:
        state.cases[last].behind = case
    state.queues[queue].last = case


def take_first_case(state: RunStateGroup, queue: int) -> None:
    """Take the first case out of a list, which is not empty."""
    behind = state.cases[state.queues[queue].first].behind
    state.queues[queue].first = behind
    if behind < 0:
        state.queues[queue].last = -1
