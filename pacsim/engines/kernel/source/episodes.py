"""Episodes of a gate: what kind of down time it is, whose it is, and the rows (R24, R27-R28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.core.model import PHASES
from pacsim.engines.kernel.names import FULL_BUFFER, FULL_CONTRIBUTORS, FULL_EPISODES, FULL_TURNS
from pacsim.engines.kernel.source.cones import kind_of_down_time
from pacsim.engines.kernel.source.draws import U64
from pacsim.engines.kernel.source.gates import bring_up, lowest

if TYPE_CHECKING:
    from pacsim.engines.kernel.manifest import (
        CountersGroup,
        ModelGroup,
        ResultsGroup,
        RowsGroup,
        SizesGroup,
        StateGroup,
        TaskGroup,
        TermGroup,
    )


def flush_time(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
) -> None:
    """Add what has passed of an open episode to its columns."""
    length = t - state.observers[o].since
    state.observers[o].since = t
    first = term.base + model.observations[o].first
    results.values[first] += length
    windowed = model.observations[o].by_window == 1 and task.windows > 0
    blocks = first + 2
    if model.observations[o].causes == 1:
        blocks += 3 + sizes.elements
    if windowed:
        results.values[blocks + counters.window] += length
    if model.observations[o].causes == 1:
        kind = state.observers[o].kind
        if kind == 0:
            state.observers[o].unplanned += length
        elif kind == 1:
            state.observers[o].planned += length
        else:
            state.observers[o].mixed += length
        results.values[first + 2 + kind] += length
        if windowed:
            results.values[blocks + (2 + kind) * task.windows + counters.window] += length


def flush_phase(model: ModelGroup, state: StateGroup, o: int, t: float) -> None:
    """Add what has passed of an open episode's phase."""
    if model.observations[o].phase >= 0:
        state.phases[o * PHASES + state.observers[o].value] += t - state.observers[o].phase_since
    state.observers[o].phase_since = t


def begin_episode(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
) -> None:
    """Open an episode at t (R24)."""
    state.observers[o].open = 1
    state.observers[o].start = t
    state.observers[o].since = t
    state.observers[o].phase_since = t
    state.observers[o].root = state.observers[o].turn_root
    state.observers[o].unplanned_root = -1
    state.observers[o].planned_root = -1
    state.observers[o].unplanned = 0.0
    state.observers[o].planned = 0.0
    state.observers[o].mixed = 0.0
    if model.observations[o].asks >= 0:
        bring_up(model, state, counters, model.observations[o].asks)
    state.observers[o].at_start = (
        state.levels[model.observations[o].at_start].value
        if model.observations[o].at_start >= 0
        else -1
    )
    state.observers[o].value = (
        state.levels[model.observations[o].phase].value if model.observations[o].phase >= 0 else 0
    )
    for k in range(PHASES):
        state.phases[o * PHASES + k] = 0.0
    first = term.base + model.observations[o].first
    results.values[first + 1] += 1.0
    if model.observations[o].by_window == 1 and task.windows > 0:
        blocks = first + 2
        if model.observations[o].causes == 1:
            blocks += 3 + sizes.elements
        results.values[blocks + task.windows + counters.window] += 1.0


def end_episode(
    state: StateGroup,
    counters: CountersGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
    after: int,
    censored: bool,
) -> None:
    """Write an episode's row and its contributors."""
    row = counters.episode_rows
    full = row >= sizes.episodes
    if full or counters.contributor_rows + sizes.elements > sizes.contributors:
        counters.error = FULL_BUFFER
        counters.error_at = FULL_EPISODES if full else FULL_CONTRIBUTORS
        return
    rows.episodes[row].replication = term.number
    rows.episodes[row].observation = o
    rows.episodes[row].start = state.observers[o].start
    rows.episodes[row].end = t
    rows.episodes[row].censored = censored
    rows.episodes[row].cause = state.observers[o].root
    rows.episodes[row].unplanned = state.observers[o].unplanned
    rows.episodes[row].planned = state.observers[o].planned
    rows.episodes[row].mixed = state.observers[o].mixed
    rows.episodes[row].unplanned_cause = state.observers[o].unplanned_root
    rows.episodes[row].planned_cause = state.observers[o].planned_root
    rows.episodes[row].at_start = state.observers[o].at_start
    rows.episodes[row].at_end = after
    for k in range(PHASES):
        rows.episodes[row].phases[k] = state.phases[o * PHASES + k]
    counters.episode_rows += 1
    for k in range(state.observers[o].listed):
        e = state.shares[o * sizes.elements + k].item
        place = counters.contributor_rows
        rows.contributors[place].element = e
        rows.contributors[place].episode = row
        rows.contributors[place].at_start = state.shares[o * sizes.elements + e].present == 2
        counters.contributor_rows += 1
    forget_shares(state, sizes, o)
    state.observers[o].open = 0


def forget_shares(state: StateGroup, sizes: SizesGroup, o: int) -> None:
    """Empty the list of the elements that have been flagged in an episode."""
    for k in range(state.observers[o].listed):
        e = state.shares[o * sizes.elements + k].item
        state.shares[o * sizes.elements + e].flagged = 0
        state.shares[o * sizes.elements + e].present = 0
    state.observers[o].listed = 0


def see_share(
    model: ModelGroup,
    state: StateGroup,
    results: ResultsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    e: int,
    t: float,
    mark: int,
) -> None:
    """Read again whether an element is flagged; the list of those that were is kept in order.

    ``mark`` is what to put down for one that was not on it.
    """
    place = o * sizes.elements + e
    now = 1 if state.elements[e].flagged > 0 else 0
    if now != state.shares[place].flagged:
        if now == 1:
            state.shares[place].since = t
            if state.shares[place].present == 0:
                state.shares[place].present = mark
                k = state.observers[o].listed
                while k > 0 and state.shares[o * sizes.elements + k - 1].item > e:
                    state.shares[o * sizes.elements + k].item = state.shares[
                        o * sizes.elements + k - 1
                    ].item
                    k -= 1
                state.shares[o * sizes.elements + k].item = e
                state.observers[o].listed += 1
        else:
            results.values[term.base + model.observations[o].first + 5 + e] += (
                t - state.shares[place].since
            )
        state.shares[place].flagged = now


def see_causes(
    model: ModelGroup,
    state: StateGroup,
    counters: CountersGroup,
    results: ResultsGroup,
    rows: RowsGroup,
    task: TaskGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
    begun: bool,
) -> None:
    """Read again which elements are flagged, and what kind of down time it is if that can differ.

    An episode that has just begun looks at all that can contribute, later on at what has changed.
    """
    matters = begun
    if begun:
        for word in range(len(state.raised)):
            bits: Any = state.raised[word] & model.masks[model.observations[o].share_mask + word]
            while bits != 0:
                e = 64 * word + lowest(bits)
                bits = bits & (bits - U64(1))
                see_share(model, state, results, sizes, term, o, e, t, 2)
    else:
        for k in range(counters.changed):
            e = state.changed[k]
            if model.integers[model.observations[o].share_at + e] == 1:
                see_share(model, state, results, sizes, term, o, e, t, 1)
            matters = matters or model.integers[model.observations[o].cone_at + e] == 1
    if matters:
        kind = kind_of_down_time(model, state, counters, sizes, o)
        if begun or kind != state.observers[o].kind:
            if not begun:
                flush_time(model, state, counters, results, task, sizes, term, o, t)
                note_turn(state, counters, rows, sizes, term, o, t, kind)
            state.observers[o].kind = kind
            note_root(state, counters, o, kind, begun)


def note_turn(
    state: StateGroup,
    counters: CountersGroup,
    rows: RowsGroup,
    sizes: SizesGroup,
    term: TermGroup,
    o: int,
    t: float,
    kind: int,
) -> None:
    """Write that an open episode is of another kind from now on."""
    row = counters.turn_rows
    if row >= sizes.turns:
        counters.error = FULL_BUFFER
        counters.error_at = FULL_TURNS
        return
    rows.turns[row].replication = term.number
    rows.turns[row].observation = o
    rows.turns[row].time = t
    rows.turns[row].before = state.observers[o].kind
    rows.turns[row].after = kind
    counters.turn_rows += 1


def note_root(state: StateGroup, counters: CountersGroup, o: int, kind: int, begun: bool) -> None:
    """Note what an episode's first unplanned, or its first planned, time began with."""
    of = state.observers[o].root
    if kind == 0 and state.observers[o].unplanned_root < 0:
        if not begun and counters.fault_root >= 0:
            of = counters.fault_root
        state.observers[o].unplanned_root = of
    elif kind == 1 and state.observers[o].planned_root < 0:
        if not begun and counters.planned_root >= 0:
            of = counters.planned_root
        state.observers[o].planned_root = of
