"""All arrays and numbers of the compiled engine, declared once: type, size, writer and meaning.

The sources take the groups as parameters and read ``state.clocks[i].fire``; `flatten` turns the
groups into the plain arguments that numba wants, in the order in which they stand here. A new array
is a line here and its use; whatever is not declared is refused when the sources are joined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacsim.core.model import PHASES
from pacsim.engines.kernel.declaring import (
    F8,
    I4,
    I8,
    LOCAL,
    U8,
    FlatTable,
    Group,
    RowTable,
    Slots,
    Vector,
    array,
    described,
    local,
    slot,
    value,
)  # fmt: skip
from pacsim.engines.kernel.names import RECENT_KEPT
from pacsim.engines.kernel.records import (
    ChangeRow,
    ClockState,
    ContributorRow,
    DelayRow,
    DormantRow,
    DormantState,
    EffectRow,
    ElementRow,
    ElementState,
    EpisodeRow,
    FiringRow,
    GateRow,
    GateState,
    GraphRow,
    HeapEntry,
    JumpRow,
    LawRow,
    LevelRow,
    LevelState,
    MoveRow,
    ObservationRow,
    ObserverState,
    OutcomeRow,
    QuantityRow,
    QuantityState,
    SampleRow,
    ShareRow,
    SpanRow,
    StateChangeRow,
    TransitionRow,
    TurnRow,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What the sizes of the arrays depend on.

    Parameters
    ----------
    transitions, timed, immediates, elements, levels, gates, quantities, observations : int
        How many of them the model has.
    recorded : int
        Levels whose changes are listed.
    graphs : int
        Connected gates.
    vertices : int
        Of the largest graph of a connected gate.
    moves : int
        The most moves that one outcome makes.
    dormant : int
        Sets that may sleep.
    """

    transitions: int
    timed: int
    immediates: int
    recorded: int
    elements: int
    levels: int
    gates: int
    quantities: int
    observations: int
    graphs: int
    vertices: int
    moves: int
    dormant: int


class ModelGroup(Group):
    """What is fixed for a model and a horizon."""

    transitions: RowTable[TransitionRow] = array("packing", "by index", lambda n: n.transitions)
    delays: RowTable[DelayRow] = array(
        "packing", "one for each value of a transition's delay level"
    )
    outcomes: RowTable[OutcomeRow] = array(
        "packing", "those of one row of a transition side by side"
    )
    effects: RowTable[EffectRow] = array("packing", "those of one outcome side by side")
    state_changes: RowTable[StateChangeRow] = array("packing", "that outcomes and effects make")
    jumps: RowTable[JumpRow] = array("packing", "those of one outcome side by side")
    elements: RowTable[ElementRow] = array("packing", "by index", lambda n: n.elements)
    levels: RowTable[LevelRow] = array("packing", "by index", lambda n: n.levels)
    gates: RowTable[GateRow] = array("packing", "by index", lambda n: n.gates)
    graphs: RowTable[GraphRow] = array("packing", "of the connected gates")
    quantities: RowTable[QuantityRow] = array("packing", "by index", lambda n: n.quantities)
    observations: RowTable[ObservationRow] = array("packing", "by index", lambda n: n.observations)
    dormant: RowTable[DormantRow] = array("packing", "sets that may sleep", lambda n: n.dormant)
    integers: Vector[I4] = array("packing", "lists of varying length, one after the other")
    masks: Vector[U8] = array("packing", "sets of elements, a bit each, 64 to a number")
    reals: Vector[F8] = array("packing", "speeds and rates by the value of a level")
    laws: RowTable[LawRow] = array("packing", "for `pacsim.delays.scalar.draw`")
    law_values: Vector[F8] = array("packing", "the numbers to which laws refer")
    plan: Vector[I4] = array(
        "packing",
        "levels k as k and connected gates g as -g - 1, in acyclic order",
        lambda n: n.levels + n.graphs,
    )
    watchers: Vector[I4] = array("packing", "observations that look at settled states")


class CalendarsGroup(Group):
    """Openings and pieces of all calendars: as they are unrolled, and as a replication has them."""

    spans: RowTable[SpanRow] = array("packing start", "where those of a calendar lie")
    base_opens: Vector[F8] = array("packing", "openings without a random origin")
    base_closes: Vector[F8] = array("packing", "their ends")
    days: Vector[I8] = array("packing", "the day of each opening")
    base_starts: Vector[F8] = array("packing", "pieces of constant speed without a random origin")
    base_ends: Vector[F8] = array("packing", "their ends")
    base_speeds: Vector[F8] = array("packing", "their speeds")
    opens: Vector[F8] = array("start", "openings")
    closes: Vector[F8] = array("start", "their ends")
    starts: Vector[F8] = array("start", "pieces of constant speed")
    ends: Vector[F8] = array("start", "their ends")
    speeds: Vector[F8] = array("start", "their speeds")
    sums: Vector[F8] = array("start", "the work done before each piece")
    civil: Vector[F8] = array("packing", "of each calendar: the civil time at 0")


class StateGroup(Group):
    """What changes in a run; the memory of one thread."""

    clocks: RowTable[ClockState] = array(
        "start gates steps clocks queue sleep", "of the transitions", lambda n: n.transitions
    )
    elements: RowTable[ElementState] = array(
        "start steps watches sleep", "by index", lambda n: n.elements
    )
    levels: RowTable[LevelState] = array("start gates cones", "by index", lambda n: n.levels)
    gates: RowTable[GateState] = array("start gates cones", "by index", lambda n: n.gates)
    quantities: RowTable[QuantityState] = array(
        "start gates steps clocks", "by index", lambda n: n.quantities
    )
    observers: RowTable[ObserverState] = array(
        "start gates watches episodes loop", "of the observations", lambda n: n.observations
    )
    dormant: RowTable[DormantState] = array(
        "start sleep", "of the sets that may sleep", lambda n: n.dormant
    )
    shares: RowTable[ShareRow] = array(
        "watches episodes", "by observation and element", lambda n: n.observations * n.elements
    )
    heap: RowTable[HeapEntry] = array("queue", "the clocks that will fire", lambda n: n.timed)
    enabled: Vector[I4] = array("gates", "the enabled immediates", lambda n: n.immediates)
    touched: Vector[I4] = array(
        "gates", "clocks to settle when the instant ends", lambda n: n.transitions
    )
    stale: Vector[I4] = array("gates", "immediates to read again", lambda n: n.immediates)
    dirty: Vector[I4] = array(
        "gates watches", "observers to see the new state", lambda n: n.observations
    )
    work: Vector[U8] = array(
        "start gates",
        "a bit for each place of `model.plan` that is to be read again",
        lambda n: (n.levels + n.graphs) // 64 + 1,
    )
    marked: Vector[I4] = array(
        "gates", "quantities to look at when the instant ends", lambda n: n.quantities
    )
    reached: Vector[I4] = array(
        "gates", "of a graph's vertices: 1 reached, 0 not, -1 dead", lambda n: max(1, n.vertices)
    )
    changed: Vector[I4] = array(
        "steps", "elements that open episodes have not seen yet", lambda n: n.elements
    )
    away: Vector[U8] = array(
        "gates",
        "a bit for each element that is not in its initial state",
        lambda n: n.elements // 64 + 1,
    )
    raised: Vector[U8] = array(
        "gates", "a bit for each element that is flagged", lambda n: n.elements // 64 + 1
    )
    faulty: Vector[I4] = array(
        "cones", "elements of a cone that a fault has changed", lambda n: n.elements
    )
    turned: Vector[I4] = array(
        "cones", "gates that a cone reads as their opposite", lambda n: n.gates
    )
    refilled: Vector[I8] = array(
        "start clocks", "by transition: when what it waits for has changed", lambda n: n.transitions
    )
    moves: FlatTable[MoveRow] = array("steps", "the moves of a step", lambda n: n.moves)
    phases: Vector[F8] = array(
        "episodes", "by observation: the time in each phase", lambda n: n.observations * PHASES
    )
    recent: Vector[I4] = array("steps", "a ring of the last transitions", lambda _: RECENT_KEPT)


class CountersGroup(Slots):
    """Whole numbers that change in a run."""

    instant: I8 = slot("start loop", "the number of the instant")
    steps: I8 = slot("start steps", "elementary steps of the replication")
    root: I8 = slot("start loop", "the transition to blame for what happens now, -1 for none")
    fault_root: I8 = slot("start loop watches", "the last root of class fault at this time, or -1")
    planned_root: I8 = slot("start loop", "the last root of class planned, at any time, or -1")
    touched: I8 = slot("start gates clocks", "entries of `state.touched`")
    enabled: I8 = slot("start gates", "entries of `state.enabled`")
    work: I8 = slot("start gates cones", "1 if `state.work` may have a bit that is set")
    window: I8 = slot("start watches", "the window of the present time")
    events: I8 = slot("start loop sleep", "timed firings of the replication")
    recent: I8 = slot("start steps", "entries ever made in `state.recent`")
    dirty: I8 = slot("start gates watches", "entries of `state.dirty`")
    error: I8 = slot(
        "start loop steps clocks episodes watches", "what stopped the run, FINE for nothing"
    )
    error_at: I8 = slot(
        "steps clocks episodes watches", "the transition that did, or which buffer is full"
    )
    episode_rows: I8 = slot("loop episodes", "entries of `rows.episodes`")
    contributor_rows: I8 = slot("loop episodes", "entries of `rows.contributors`")
    sample_rows: I8 = slot("loop steps", "entries of `rows.samples`")
    firing_rows: I8 = slot("loop steps", "entries of `rows.firings`")
    change_rows: I8 = slot("loop watches", "entries of `rows.changes`")
    turn_rows: I8 = slot("loop episodes", "entries of `rows.turns`")
    marked: I8 = slot("start gates clocks", "entries of `state.marked`")
    heap: I8 = slot("start queue", "entries of `state.heap`")
    stale: I8 = slot("start gates", "entries of `state.stale`")
    ties: I8 = slot("start loop", "instants at the present time")
    hole: I8 = slot("start queue", "1 while the top of the heap is free")
    open_episodes: I8 = slot("start watches", "open episodes with causes")
    changed: I8 = slot("start steps watches", "entries of `state.changed`")
    asleep: I8 = slot("start sleep", "dormant sets that sleep")
    awake: I8 = slot("loop sleep", "dormant sets that may sleep and do not")
    highest: I8 = slot("start loop", "the highest transition that has fired at the present time")
    replayed: I8 = slot("start sleep", "of the events, those of sets while they slept")


class GaugesGroup(Slots):
    """Real numbers that change in a run."""

    last: F8 = slot("start watches", "the time up to which observers have seen everything")
    error_time: F8 = slot("loop", "when the run was stopped")
    error_value: F8 = slot("clocks", "the delay that stopped it")


class ResultsGroup(Group):
    """What a replication adds to: one block of columns and one number of events each."""

    values: Vector[F8] = array(
        "engine start steps watches episodes loop", "columns of observations"
    )
    events: Vector[I8] = array("engine loop", "timed firings of each replication")
    replayed: Vector[I8] = array("engine loop", "those of them that dormant sets slept through")


class RowsGroup(Group):
    """The row buffers; when one is full the replication is run again with a larger one."""

    episodes: RowTable[EpisodeRow] = array("episodes", "that have ended")
    contributors: RowTable[ContributorRow] = array("episodes", "of the episodes")
    samples: RowTable[SampleRow] = array("steps", "that were taken")
    firings: FlatTable[FiringRow] = array("steps", "elementary steps, if traced")
    changes: RowTable[ChangeRow] = array("watches", "of recorded levels, as they are handed over")
    turns: RowTable[TurnRow] = array("episodes", "of the kind of open episodes")


class TaskGroup(Group):
    """What a call of the kernel is asked to do."""

    boundaries: Vector[F8] = array("engine", "between windows")
    halt: Vector[I8] = array("engine", "1 once nobody waits for what is being run any more")
    most_events: I8 = value("engine", "of one replication; one more is an error")
    look_events: I8 = value("engine", "after so many it is seen whether somebody still waits")
    seed: U8 = value("engine", "of all replications")
    first: I8 = value("engine", "the number of the first replication")
    count: I8 = value("engine", "how many replications to run")
    horizon: F8 = value("engine", "when they end")
    columns: I8 = value("engine", "of `results.values` for one replication")
    windows: I8 = value("engine", "how many there are, 0 for none")
    immediates: I8 = value("engine", "how many the model has")
    recorded: I8 = value("engine", "levels whose changes are listed")
    sleepers: I8 = value("engine", "how many dormant sets may sleep: all or 0")
    origin_stream: U8 = value("engine", "stream of a random origin (R1)")
    random_origin: I8 = value("engine", "1 if the origin of time is random (R1)")


class SizesGroup(Group):
    """How many there are of what is walked through, and of rows: asking for those divides."""

    elements: I8 = local("loop", "of the model")
    levels: I8 = local("loop", "of the model")
    observers: I8 = local("loop", "of the model")
    episodes: I8 = local("loop", "rows of `rows.episodes` for which there is room")
    contributors: I8 = local("loop", "rows of `rows.contributors` likewise")
    samples: I8 = local("loop", "rows of `rows.samples` likewise")
    firings: I8 = local("loop", "rows of `rows.firings` likewise, 0 if nothing is traced")
    changes: I8 = local("loop", "rows of `rows.changes` likewise")
    turns: I8 = local("loop", "rows of `rows.turns` likewise")


class TermGroup(Group):
    """What belongs to the replication under way."""

    number: I8 = local("loop", "of the replication")
    base: I8 = local("loop", "where its columns begin in `results.values`")
    key0: U8 = local("loop", "first word of its key (R25)")
    key1: U8 = local("loop", "second word of its key")


GROUPS: dict[str, type[Group]] = {
    group.key: group
    for group in (
        ModelGroup,
        CalendarsGroup,
        StateGroup,
        CountersGroup,
        GaugesGroup,
        ResultsGroup,
        RowsGroup,
        TaskGroup,
        SizesGroup,
        TermGroup,
    )
}
"""All groups by the names of the parameters that hold them."""


def arguments() -> dict[str, tuple[str, str | None]]:
    """Return the arguments of the kernel in order: for each name the group and the field.

    The field is None for a group that is one array.

    Examples
    --------
    >>> list(arguments())[:2], arguments()["counters"]
    (['model_transitions', 'model_delays'], ('counters', None))
    """
    by_name: dict[str, tuple[str, str | None]] = {}
    for key, group in GROUPS.items():
        if issubclass(group, Slots):
            by_name[key] = (key, None)
        else:
            fields = (field for field in group.fields.values() if field.kind != LOCAL)
            by_name |= {field.flat: (key, field.name) for field in fields}
    return by_name


def in_order(held: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what the kernel is called with.

    Parameters
    ----------
    held : mapping
        By the name of the group: its arrays and numbers by the names of its fields, or the one
        array of a group that is one.

    Raises
    ------
    ValueError
        If something is missing or is not declared, all of it by name.
    """
    wanted = arguments()
    given = {
        key if part is None else f"{key}_{part}": value
        for key, parts in held.items()
        for part, value in (parts.items() if isinstance(parts, dict) else ((None, parts),))
    }
    problems = [f"{name} is missing" for name in wanted if name not in given]
    problems += [f"{name} is not declared" for name in given if name not in wanted]
    if problems:
        msg = f"arguments of the kernel: {', '.join(problems)}; see {__name__}"
        raise ValueError(msg)
    return tuple(given[name] for name in wanted)


def rooms(group: type[Group], dimensions: Dimensions) -> dict[str, np.ndarray]:
    """Return the arrays of a group, zero and as large as declared, by the names of the fields."""
    return {name: field.room(dimensions) for name, field in group.fields.items()}


def listing() -> str:
    """Return all arguments with their types, as comments for the joined source."""
    lines = []
    for name, (key, part) in arguments().items():
        group = GROUPS[key]
        if issubclass(group, Slots):
            lines.append(f"# {name}: {group.dtype()}; {', '.join(group.fields)}")
        elif part is not None:
            field = group.fields[part]
            types = field.dtype if field.record is None else described(field.record)
            lines.append(f"# {name}: {field.kind} of {types}")
    return "\n".join(lines)
