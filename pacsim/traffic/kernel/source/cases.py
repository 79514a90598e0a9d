"""Workstations and worklist questions: steps one after another with patience (T19, T20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.kernel.numbers_of_traffic import (
    ASKER,
    IDLE,
    NEXT,
    OPENING_STREAM,
    QUEUES,
    ROUTINE,
    SET_ASIDE,
    TO_ASK,
    TO_BE_FREE,
    TO_RETRY_STEP,
    WAITING,
    WORKLIST_STREAM,
)
from pacsim.traffic.kernel.source.alarms import give_turn
from pacsim.traffic.kernel.source.attempts import begin_attempt, release
from pacsim.traffic.kernel.source.lists import put_case_last, take_first_case
from pacsim.traffic.keyed_draws import AGAIN, SLOT
from pacsim.traffic.logs import BY_TYPING, OK, STORED_SAFE, UNDECIDED

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


# What comes in


def new_case(
    state: RunStateGroup, station: int, stream: int, asked: float, slot: int, number: int
) -> int:
    """Return a place for a case; there is one."""
    case = state.world[0].free_case
    state.world[0].free_case = state.cases[case].behind
    if case >= state.world[0].case_places:
        state.world[0].case_places = case + 1
    state.world[0].alive += 1
    state.cases[case].station = station
    state.cases[case].stream = stream
    state.patience[case].asked = asked
    state.patience[case].since = asked
    state.cases[case].slot = slot
    state.cases[case].number = number
    state.cases[case].key = SLOT * slot + number
    state.cases[case].place = 0
    state.cases[case].acknowledged = 0
    state.cases[case].tries = 0
    state.cases[case].step_tries = 0
    state.cases[case].asides = 0
    state.cases[case].row = -1
    state.patience[case].first = math.nan
    state.patience[case].served = math.nan
    state.cases[case].outcome = UNDECIDED
    state.patience[case].sent = 0.0
    return case


def opening_arrives(workload: WorkloadGroup, state: RunStateGroup, k: int) -> None:
    """Ask a workstation for a study."""
    station = state.arrivals[k].station
    slot, number = state.arrivals[k].slot, state.arrivals[k].number
    case = new_case(state, station, OPENING_STREAM, state.arrivals[k].time, slot, number)
    queries, studies = state.arrivals[k].queries, state.arrivals[k].studies
    first = state.arrivals[k].studies_from
    total = 0.0
    for study in range(first, first + studies):
        total += state.studies[study].items * state.studies[study].each
    state.cases[case].turn = state.arrivals[k].turn
    state.cases[case].queries = queries
    state.cases[case].steps = queries + studies
    state.cases[case].studies = first
    state.patience[case].bytes = total
    came(state, case)
    put_case_last(state, QUEUES * station + ROUTINE, case)
    line = workload.stations[station].first_line
    if state.lines[line].case < 0:
        give_turn(state, line)


def came(state: RunStateGroup, case: int) -> None:
    """Count a case."""
    station = state.cases[case].station
    state.stations[station].finished += 1
    state.sizes[station].bytes_finished += state.patience[case].bytes


# Workstations


def open_next(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Open the next study, or wait for one or until the last is done with."""
    station = workload.lines[line].station
    queue = QUEUES * station + ROUTINE
    come_back(state, station)
    case = state.queues[queue].first
    if case < 0:
        state.lines[line].phase = IDLE
        state.timers[line].until = next_back(state, station)
        return WAITING
    if state.timers[line].free > state.clock[0].now:
        state.lines[line].phase = TO_BE_FREE
        state.timers[line].until = state.timers[line].free
        return WAITING
    take_first_case(state, queue)
    return begin_case(workload, state, line, case)


def come_back(state: RunStateGroup, station: int) -> None:
    """Let those whose time has come wait behind the others, with new patience."""
    aside = QUEUES * station + SET_ASIDE
    case = state.queues[aside].first
    # All are away for as long: who went first comes back first.
    while case >= 0 and state.patience[case].back <= state.clock[0].now:
        after = state.cases[case].behind
        take_first_case(state, aside)
        state.patience[case].since = state.patience[case].back
        put_case_last(state, QUEUES * station + ROUTINE, case)
        case = after


def next_back(state: RunStateGroup, station: int) -> float:
    """Return when the first of those put aside comes back."""
    case = state.queues[QUEUES * station + SET_ASIDE].first
    return state.patience[case].back if case >= 0 else math.inf


# Worklist questions


def grid_time(workload: WorkloadGroup, state: RunStateGroup, line: int) -> float:
    """Return when the next question is asked."""
    every = workload.times[workload.lines[line].station].every
    return state.timers[line].grid_phase + state.lines[line].grid * every


def wait_for_grid(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Wait until the next question is asked."""
    state.lines[line].phase = TO_ASK
    state.timers[line].until = grid_time(workload, state, line)
    return WAITING


def ask(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Ask on the grid, whatever failed before."""
    station = workload.lines[line].station
    k, asks = state.lines[line].grid, workload.stations[station].asks
    asked = grid_time(workload, state, line)
    case = new_case(state, station, WORKLIST_STREAM, asked, 0, k)
    state.cases[case].turn = k * asks
    state.cases[case].queries = asks
    state.cases[case].steps = asks
    state.cases[case].studies = 0
    state.patience[case].bytes = 0.0
    state.lines[line].grid = k + 1
    came(state, case)
    return begin_case(workload, state, line, case)


# Steps


def begin_case(workload: WorkloadGroup, state: RunStateGroup, line: int, case: int) -> int:
    """Begin what is left of a case."""
    state.lines[line].case = case
    patience = workload.times[workload.lines[line].station].patience
    state.timers[line].over = state.patience[case].since + patience
    return begin_step(workload, state, line)


def begin_step(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Begin the next operation of a case."""
    station = workload.lines[line].station
    case = state.lines[line].case
    place = state.cases[case].place
    operation = workload.stations[station].operation
    items = 1
    size = 0.0
    study = place - state.cases[case].queries
    if study >= 0:
        operation += 1
        items = state.studies[state.cases[case].studies + study].items
        size = state.studies[state.cases[case].studies + study].each
    if workload.stations[station].whole == 0:
        items -= state.cases[case].acknowledged
    state.lines[line].operation = operation
    state.lines[line].target = workload.operations[operation].target
    state.lines[line].items = items
    state.timers[line].size = size
    state.lines[line].draw = AGAIN * place + state.cases[case].key
    state.lines[line].source = station
    state.lines[line].stream = state.cases[case].stream
    state.lines[line].number = state.cases[case].key
    state.lines[line].step = place
    state.lines[line].tries = state.cases[case].step_tries
    state.lines[line].turn = state.cases[case].turn + place
    return begin_attempt(workload, state, line)


def asked(workload: WorkloadGroup, state: RunStateGroup, line: int, how: int) -> int:
    """Note how a step went, and go on with it or the next."""
    now = state.clock[0].now
    station = workload.lines[line].station
    case = state.lines[line].case
    answered = state.lines[line].answered
    state.cases[case].tries += 1
    state.cases[case].step_tries += 1
    state.cases[case].acknowledged += answered
    state.patience[case].sent += answered * state.timers[line].size
    if answered > 0 and math.isnan(state.patience[case].first) and is_current(state, case):
        state.patience[case].first = state.timers[line].first
    if how == OK:
        state.cases[case].place += 1
        state.cases[case].acknowledged = 0
        state.cases[case].step_tries = 0
        if state.cases[case].place == state.cases[case].steps:
            state.patience[case].served = now
            state.cases[case].outcome = STORED_SAFE
            state.stations[station].stored += 1
            state.sizes[station].bytes_stored += state.patience[case].bytes
            write_case(state, case)
        return release(workload, state, line)
    again = now + workload.times[station].retry_every
    over = state.timers[line].over
    over = now if now > over else over
    state.lines[line].phase = TO_RETRY_STEP
    state.timers[line].until = over if over < again else again
    return WAITING


def is_current(state: RunStateGroup, case: int) -> bool:
    """Return whether a case is at the step whose first item is the first image."""
    opening = state.cases[case].stream == OPENING_STREAM
    return opening and state.cases[case].place == state.cases[case].queries


def step_released(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Go on with the next step, or be done."""
    case = state.lines[line].case
    if state.cases[case].place < state.cases[case].steps:
        return begin_step(workload, state, line)
    free_case(state, case)
    return case_done(workload, state, line)


def retry_step(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Try a step again, or give up a case whose patience is over."""
    now = state.clock[0].now
    if state.timers[line].over > now:
        return begin_step(workload, state, line)
    station = workload.lines[line].station
    case = state.lines[line].case
    state.cases[case].asides += 1
    if workload.stations[station].kind == ASKER:
        state.cases[case].outcome = BY_TYPING
        state.stations[station].lost += 1
        state.sizes[station].bytes_lost += state.patience[case].bytes
        write_case(state, case)
        free_case(state, case)
    else:
        state.patience[case].back = now + workload.times[station].returns
        put_case_last(state, QUEUES * station + SET_ASIDE, case)
    return case_done(workload, state, line)


def case_done(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Have no case at hand."""
    state.lines[line].case = -1
    least = workload.times[workload.lines[line].station].least_between
    state.timers[line].free = state.clock[0].now + least
    return NEXT


# What is over


def write_case(state: RunStateGroup, case: int) -> None:
    """Write the row of a case that is over."""
    row = state.world[0].rows
    state.world[0].rows = row + 1
    state.world[0].alive -= 1
    copy_case(state, case, row)


def copy_case(state: RunStateGroup, case: int, row: int) -> None:
    """Write what a case is now as a row."""
    state.rows[row].station = state.cases[case].station
    state.rows[row].source = state.cases[case].station
    state.rows[row].stream = state.cases[case].stream
    state.rows[row].slot = state.cases[case].slot
    state.rows[row].number = state.cases[case].number
    state.rows[row].finished = state.patience[case].asked
    state.rows[row].first = state.patience[case].first
    state.rows[row].stored = state.patience[case].served
    state.rows[row].tries = state.cases[case].tries
    state.rows[row].parked = state.cases[case].asides
    state.rows[row].outcome = state.cases[case].outcome
    state.rows[row].bytes = state.patience[case].bytes
    state.rows[row].sent = state.patience[case].sent


def free_case(state: RunStateGroup, case: int) -> None:
    """Give a case's place free."""
    state.cases[case].station = -1
    state.cases[case].behind = state.world[0].free_case
    state.world[0].free_case = case
