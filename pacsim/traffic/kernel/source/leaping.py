"""Probes that ask by leaps: as long as no condition changes, their questions repeat (T28).

How a question ends and what it takes hang on the conditions and on whose turn it is, unless its
service is drawn, its dials have to wait or a peer hangs: such questions go through the moments like
all others. The rest is some additions to the time at which it is asked, the same ones again after
as many questions as there are members times operations.

*A leap over whole rounds is exact.* Times from 2^e to 2^(e+1) are multiples of one unit u. A sum
t + c that stays among them is t + c rounded to a multiple of u. That is t plus the same multiple of
u for each t, unless c lies in the middle between two of them; then it hangs on whether t / u is
odd. So a round is gone through twice, from t and from t + u: if all that happens in it is exactly u
later, no addition has such a middle, each round takes exactly as long as this one, and the
intervals between successes in it are the same to the bit. One whole round is gone through after
each leap, so that the interval between two rounds is seen as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.arithmetic import CONNECT_GIVE_UP
from pacsim.traffic.client_conditions import ERRORING, HUNG, REFUSES, SILENT, UP
from pacsim.traffic.kernel.numbers_of_traffic import AT_ARCHIVE, ECHO_KIND, PROBER, TO_PROBE
from pacsim.traffic.kernel.source.alarms import set_alarm
from pacsim.traffic.kernel.source.choosing import another, chosen
from pacsim.traffic.kernel.source.met import address, back, front, holding, pooled, site_of
from pacsim.traffic.logs import CONNECT, OK, REFUSED, STATUS

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import (
        RunStateGroup,
        WindowedGroup,
        WorkloadGroup,
    )

HANGS_ON_MORE = -1
"""In place of how a question ends."""
LEAST_TIMER = 1e-3
"""Seconds: with a shorter one nothing is said of what comes first at one moment."""
UNITS = 2.0**53
"""In the first number with a larger unit."""


def may_leap(workload: WorkloadGroup) -> bool:
    """Return whether probes ask by leaps at all.

    None may at the first member: whose service is drawn there, or who learns from refusals. At
    others it is seen as they are dialled.
    """
    if workload.archive[0].observe > 0:
        return False
    for station in range(workload.archive[0].stations):
        if workload.stations[station].kind != PROBER:
            return False
        first = workload.stations[station].operation
        for operation in range(first, first + workload.stations[station].operations):
            if workload.works[workload.operations[operation].works].service >= 0:
                return False
    return True


def hear_success(term: WindowedGroup, probe: int, end: float, divergence: float) -> None:
    """Note a success, and how long it is after the last one."""
    gap = end - term.probed[probe].last
    # Not a number before there was one.
    if end > divergence and gap > term.probed[probe].longest:
        term.probed[probe].longest = gap
    term.probed[probe].last = end


def leap(
    workload: WorkloadGroup,
    state: RunStateGroup,
    term: WindowedGroup,
    line: int,
    divergence: float,
    limit: float,
) -> None:
    """Ask, if nothing is under way, as long as all of it is over before a limit.

    Until then no condition changes.
    """
    if state.lines[line].phase != TO_PROBE or not state.timers[line].until < limit:
        return
    station = workload.lines[line].station
    operations = workload.stations[station].operations
    pause, retry = workload.times[station].pause, workload.times[station].retry_every
    first, turns = state.lines[line].grid, workload.archive[0].members * operations
    at = state.timers[line].until
    goes_on = True
    while goes_on:
        begun = at
        unit = np.nextafter(begun, math.inf) - begun
        later = begun + unit
        same, served = True, False
        for turn in range(first, first + turns):
            operation = workload.stations[station].operation + turn % operations
            state.lines[line].operation = operation
            state.lines[line].target = workload.operations[operation].target
            state.lines[line].turn = turn
            state.lines[line].tries = 0
            how, reached, item, release = course(workload, state, line)
            own = workload.spans[operation].own
            ends = at + own + reached + item
            over = ends + release
            if how == HANGS_ON_MORE or not over < limit:
                goes_on = False
                break
            if how == OK:
                served = True
                hear_success(term, station, ends, divergence)
            wait = pause if how == OK else retry
            same = same and later + own - (at + own) == unit
            same = same and later + own + reached - (at + own + reached) == unit
            later = later + own + reached + item
            same = same and later - ends == unit
            later = later + release
            same = same and later - over == unit
            at = over + wait
            later = later + wait
            same = same and later - at == unit
            first = turn + 1
        cycle = at - begun
        if goes_on and same and cycle > 0.0:
            # Two rounds are left, of which one is whole whatever rounding makes of this quotient.
            rounds = math.floor((min(limit, UNITS * unit) - at) / cycle) - 2
            if rounds > 0:
                first += rounds * turns
                at += rounds * cycle
                if served:
                    term.probed[station].last += rounds * cycle
    state.lines[line].grid = first
    state.timers[line].until = at
    set_alarm(state, line, at)


def course(
    workload: WorkloadGroup, state: RunStateGroup, line: int
) -> tuple[int, float, float, float]:
    """Return how the question of a line ends under these conditions, and what it takes.

    Seconds from when it asks for a connection: until the items begin, or it fails; for its item;
    for its release. Sums and choices are those of `attempts`, `waits` and `flowing`: what is
    shorter than a timer is over before it, since both are added to the same time.
    """
    station = workload.lines[line].station
    connect, associate = workload.times[station].connect, workload.times[station].associate
    if connect < LEAST_TIMER or associate < LEAST_TIMER:
        return HANGS_ON_MORE, 0.0, 0.0, 0.0
    met = met_at_once(workload, state, line)
    if met == SILENT:
        gives_up = connect if connect < CONNECT_GIVE_UP else CONNECT_GIVE_UP
        return CONNECT, gives_up, 0.0, 0.0
    if met == REFUSES:
        return REFUSED, 0.0, 0.0, 0.0
    operation = state.lines[line].operation
    work = workload.operations[operation].works
    if state.lines[line].target == AT_ARCHIVE:
        work += state.lines[line].dialled
    shared = workload.works[work].plain + workload.works[work].sized > 0
    if met == HUNG or shared or workload.works[work].service >= 0:
        return HANGS_ON_MORE, 0.0, 0.0, 0.0
    mean, step = workload.items[work].mean, workload.items[work].step
    alone = workload.items[work].alone + ((step if step > mean else mean) - mean)
    # As rates are made and flows end.
    item = 1.0 / (1.0 / alone)
    reached = workload.spans[operation].takes
    release = max(0.0, workload.spans[operation].release)
    if not (item > 0.0 and item <= workload.times[station].response and reached <= associate):
        return HANGS_ON_MORE, 0.0, 0.0, 0.0
    errs = met == ERRORING and workload.operations[operation].kind != ECHO_KIND
    return STATUS if errs else OK, reached, item, min(release, workload.times[station].release)


def met_at_once(workload: WorkloadGroup, state: RunStateGroup, line: int) -> int:
    """Return what a request for a connection comes to; the member is noted.

    `SILENT`: nobody is at the address; `REFUSES`: it fails now; `HUNG`: what follows takes its
    time, at a balancer or at the member.
    """
    if not pooled(workload, state, line):
        return address(workload, state, line)
    site, holder = site_of(workload, line), holding(workload, state)
    if holder < 0 or not front(workload, state, site, holder):
        return SILENT
    if workload.dialling[0].connect < LEAST_TIMER:
        return HUNG
    member = chosen(workload, state, line)
    left = workload.archive[0].retries
    while member >= 0:
        state.lines[line].dialled = member
        met = SILENT
        if back(workload, state, site, holder, member):
            met = state.values[member]
        if met in (UP, ERRORING):
            return met
        if met != REFUSES:
            return HUNG
        if left == 0:
            return REFUSES
        left -= 1
        if workload.archive[0].redispatch == 0:
            return HUNG
        member = another(workload, state, member)
        if member < 0:
            return HUNG
    return REFUSES
