"""Quantities and clocks at the end of an instant (R11-R14, R19-R20)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.delays.intervals import (
    next_business_day,
    next_open,
    next_opening,
    next_tick,
    ramp,
    ramp_on_pieces,
    work,
    work_inverse,
)
from pacsim.delays.scalar import DETERMINISTIC, EXPONENTIAL, draw, draw_residual
from pacsim.engines.kernel.names import (
    BAD_DRAW,
    CALENDARS,
    LAW,
    NEXT_DAY,
    NEXT_OPEN,
    NEXT_OPENING,
    QUANTITIES,
    SELECTED,
    UNTIL,
)
from pacsim.engines.kernel.source.draws import uniform
from pacsim.engines.kernel.source.gates import bring_up, touch
from pacsim.engines.kernel.source.queue import fill_hole, reschedule

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CalendarsGroup,
        CountersGroup,
        GaugesGroup,
        ModelGroup,
        StateGroup,
        TermGroup,
    )


def profile_work(calendars: CalendarsGroup, c: int, t: float) -> float:
    """Return W(t) of a calendar."""
    a = calendars.spans[c].piece_first
    b = a + calendars.spans[c].piece_count
    return work(
        calendars.starts[a:b],
        calendars.ends[a:b],
        calendars.speeds[a:b],
        calendars.sums[a:b],
        calendars.spans[c].pieces,
        t,
    )


def profile_inverse(calendars: CalendarsGroup, c: int, w: float) -> float:
    """Return the smallest t with W(t) >= w of a calendar."""
    a = calendars.spans[c].piece_first
    b = a + calendars.spans[c].piece_count
    return work_inverse(
        calendars.starts[a:b],
        calendars.ends[a:b],
        calendars.speeds[a:b],
        calendars.sums[a:b],
        calendars.spans[c].pieces,
        w,
    )


def tank_at(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, q: int, t: float
) -> float:
    """Return a quantity's value at t without storing it; it must not be never."""
    if not CALENDARS or model.quantities[q].profile < 0:
        moved = state.quantities[q].rate * (t - state.quantities[q].since)
    else:
        c = model.quantities[q].profile
        moved = state.quantities[q].rate * (
            profile_work(calendars, c, t) - profile_work(calendars, c, state.quantities[q].since)
        )
    return float(
        min(
            model.quantities[q].high,
            max(model.quantities[q].low, state.quantities[q].value + moved),
        )
    )


def integrate(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, q: int, t: float
) -> None:
    """Add a quantity's integral since the last call."""
    length = t - state.quantities[q].integrated
    begun = state.quantities[q].integrated
    state.quantities[q].integrated = t
    if state.quantities[q].never == 1 or length <= 0.0:
        return
    start = tank_at(model, calendars, state, q, begun)
    rate, low, high = state.quantities[q].rate, model.quantities[q].low, model.quantities[q].high
    if not CALENDARS or model.quantities[q].profile < 0:
        state.quantities[q].integral += ramp(start, rate, length, low, high)
        return
    c = model.quantities[q].profile
    a = calendars.spans[c].piece_first
    b = a + calendars.spans[c].piece_count
    state.quantities[q].integral += ramp_on_pieces(
        calendars.starts[a:b],
        calendars.ends[a:b],
        calendars.speeds[a:b],
        calendars.spans[c].pieces,
        begun,
        t,
        start,
        rate,
        low,
        high,
    )


def store(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, q: int, t: float
) -> None:
    """Make the value at t the stored one."""
    if state.quantities[q].watched == 1:
        integrate(model, calendars, state, q, t)
    if state.quantities[q].never == 0:
        state.quantities[q].value = tank_at(model, calendars, state, q, t)
    state.quantities[q].since = t


def meets(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, row: int, t: float
) -> float:
    """Return when a quantity meets the value that a delay waits for (R20)."""
    q = model.delays[row].other
    if state.quantities[q].never == 1:
        return math.inf
    now = tank_at(model, calendars, state, q, t)
    falls = model.delays[row].falls == 1
    if (falls and now <= model.delays[row].a) or (not falls and now >= model.delays[row].a):
        return t
    rate = state.quantities[q].rate
    if rate == 0.0 or (rate < 0.0) != falls:
        return math.inf
    needed = (model.delays[row].a - state.quantities[q].value) / rate
    if not CALENDARS or model.quantities[q].profile < 0:
        return float(max(t, state.quantities[q].since + needed))
    c = model.quantities[q].profile
    w = profile_work(calendars, c, state.quantities[q].since) + needed
    return max(t, profile_inverse(calendars, c, w))


def left(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, i: int, t: float
) -> float:
    """Return the work that remains on a running clock at t."""
    if (CALENDARS or QUANTITIES) and model.delays[state.clocks[i].delay].kind != LAW:
        return 0.0
    c = model.transitions[i].profile
    if not CALENDARS or c < 0:
        spent = t - state.clocks[i].since
    else:
        spent = profile_work(calendars, c, t) - profile_work(calendars, c, state.clocks[i].since)
    return float(max(0.0, state.clocks[i].work - state.clocks[i].speed * spent))


def fire_time(
    model: ModelGroup, calendars: CalendarsGroup, state: StateGroup, i: int, t: float
) -> float:
    """Return when a running clock fires, seen from t (R11, R14)."""
    row = state.clocks[i].delay
    kind = model.delays[row].kind
    if not (CALENDARS or QUANTITIES) or kind == LAW:
        if state.clocks[i].speed == 0.0:
            return math.inf
        c = model.transitions[i].profile
        if not CALENDARS or c < 0:
            return float(t + state.clocks[i].work / state.clocks[i].speed)
        w = profile_work(calendars, c, t) + state.clocks[i].work / state.clocks[i].speed
        return max(t, profile_inverse(calendars, c, w))
    if kind == UNTIL:
        return meets(model, calendars, state, row, t)
    c = model.delays[row].other
    if kind == NEXT_OPEN:
        a = calendars.spans[c].open_first
        n = calendars.spans[c].open_count
        return next_open(
            calendars.opens[a : a + n], calendars.closes[a : a + n], n, t, model.delays[row].a
        )
    if kind == NEXT_OPENING:
        a = calendars.spans[c].open_first
        n = calendars.spans[c].open_count
        return next_opening(calendars.opens[a : a + n], n, t)
    if kind == NEXT_DAY:
        a = calendars.spans[c].open_first
        n = calendars.spans[c].open_count
        return next_business_day(
            calendars.opens[a : a + n], calendars.days[a : a + n], n, t, calendars.spans[c].civil
        )
    return next_tick(model.delays[row].a, model.delays[row].b, t)


def drawn(model: ModelGroup, row: int, u: float) -> float:
    """Return a delay drawn from a law."""
    if model.delays[row].code == EXPONENTIAL:
        return model.delays[row].shift + -math.log(u) * model.delays[row].a
    return draw(model.laws, model.law_values, model.delays[row].law, u)


def settle_tanks(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    t: float,
) -> None:
    """Give quantities their new rates; clocks that wait for a changed one are touched (R16)."""
    for j in range(counters.marked):
        q = state.marked[j]
        changed = state.quantities[q].jumped == counters.instant
        place = model.quantities[q].rate_first
        if model.quantities[q].rate_level >= 0:
            place += state.levels[model.quantities[q].rate_level].value
        if model.reals[place] != state.quantities[q].rate:
            store(model, calendars, state, q, t)
            state.quantities[q].rate = model.reals[place]
            changed = True
        if changed:
            for k in range(model.quantities[q].wait_count):
                i = model.integers[model.quantities[q].wait_first + k]
                if state.clocks[i].status == 1:
                    state.refilled[i] = counters.instant
                    touch(model, state, counters, i)
    counters.marked = 0


def settle_clocks(
    model: ModelGroup,
    calendars: CalendarsGroup,
    state: StateGroup,
    counters: CountersGroup,
    gauges: GaugesGroup,
    term: TermGroup,
    t: float,
    initial: bool,
) -> None:
    """Apply memory, then start, continue or change the speed of every touched clock (R11-R13)."""
    instant = counters.instant
    for k in range(counters.touched):
        i = state.touched[k]
        e = model.transitions[i].element
        status = state.clocks[i].status
        fire = state.clocks[i].fire
        if state.clocks[i].fired == instant or state.elements[e].renewed == instant:
            status = 0
        elif state.clocks[i].left == instant:
            if model.transitions[i].keep_left == 1:
                if status == 1:
                    state.clocks[i].work = left(model, calendars, state, i, t)
                    status = 2
            else:
                status = 0
        enabled = model.integers[model.transitions[i].source_at + state.elements[e].state] == 1
        if enabled and model.transitions[i].guard >= 0:
            guard = state.gates[model.transitions[i].guard].value
            enabled = guard != model.transitions[i].guard_opposite
        if not enabled:
            if status == 1:
                if model.transitions[i].keep_guard == 1:
                    state.clocks[i].work = left(model, calendars, state, i, t)
                    status = 2
                else:
                    status = 0
            fire = math.inf
        else:
            speed = 1.0
            if SELECTED and model.transitions[i].plain_speed == 0:
                place = model.transitions[i].speed_first
                if model.transitions[i].speed_level >= 0:
                    place += state.levels[model.transitions[i].speed_level].value
                speed = model.reals[place]
            again = False
            if status == 0:
                number = state.clocks[i].draws
                state.clocks[i].draws += 1
                row = model.transitions[i].delay_first
                if SELECTED and model.transitions[i].delay_level >= 0:
                    if model.transitions[i].delay_asks >= 0:
                        bring_up(model, state, counters, model.transitions[i].delay_asks)
                    row += state.levels[model.transitions[i].delay_level].value
                state.clocks[i].delay = row
                state.clocks[i].root = (
                    state.elements[e].flag_root if state.elements[e].flagged > 0 else counters.root
                )
                if not (CALENDARS or QUANTITIES) or model.delays[row].kind == LAW:
                    u = 0.5
                    if model.delays[row].code != DETERMINISTIC:
                        u = uniform(term.key0, term.key1, model.transitions[i].delay_stream, number)
                    if initial and model.transitions[i].initial_age > 0.0:
                        x = draw_residual(
                            model.laws,
                            model.law_values,
                            model.delays[row].law,
                            u,
                            model.transitions[i].initial_age,
                        )
                    else:
                        x = drawn(model, row, u)
                    state.clocks[i].work = x
                    if not x >= 0.0:
                        counters.error = BAD_DRAW
                        counters.error_at = i
                        gauges.error_value = x
                        return
                again = True
            elif status == 2:
                again = True
            elif SELECTED and speed != state.clocks[i].speed:
                state.clocks[i].work = left(model, calendars, state, i, t)
                again = True
            elif (
                QUANTITIES
                and state.refilled[i] == instant
                and model.delays[state.clocks[i].delay].kind == UNTIL
            ):
                fire = meets(model, calendars, state, state.clocks[i].delay, t)
            status = 1
            if again:
                state.clocks[i].since = t
                state.clocks[i].speed = speed
                fire = fire_time(model, calendars, state, i, t)
        state.clocks[i].status = status
        if fire != state.clocks[i].fire:
            state.clocks[i].fire = fire
            reschedule(state, counters, i, fire)
    counters.touched = 0
    fill_hole(state, counters)
