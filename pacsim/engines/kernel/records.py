"""The records of the compiled engine: what is fixed for a model and what changes in a run.

Lists of varying length live in one flat integer table; a record holds the first place and the
number of entries. No record contains an array whose size depends on the model.
"""

from __future__ import annotations

from typing import Annotated

from pacsim.core.model import PHASES
from pacsim.engines.kernel.declaring import B1, F8, I4, I8, U8, Record, Vector


class TransitionRow(Record):
    """A transition."""

    delay_stream: U8
    outcome_stream: U8
    initial_age: F8
    element: I4
    source_at: I4  # integers[source_at + state] is 1 for source states
    guard: I4
    guard_opposite: I4  # 1 if it is enabled where that gate is false
    timed: I4
    priority: I4
    fifo: I4
    keep_guard: I4
    keep_left: I4
    own_root: I4
    cls: I4  # 0 fault, 1 planned, 2 other
    delay_level: I4
    delay_first: I4  # of delays
    speed_level: I4
    speed_first: I4  # reals
    plain_speed: I4
    profile: I4
    outcome_level: I4
    rows_first: I4  # integers: (first, number) pairs of outcomes
    watch_first: I4
    watch_count: I4
    delay_asks: I4  # integers: how many levels to bring up to date first, and which; -1 for none
    outcome_asks: I4  # the same before the outcomes are chosen


class DelayRow(Record):
    """A delay of a transition; ``kind`` is one of those in `names`."""

    a: F8
    b: F8
    shift: F8
    kind: I4
    code: I4
    law: I4
    other: I4
    falls: I4


class OutcomeRow(Record):
    """What a firing may choose."""

    p: F8
    change_at: I4  # integers[change_at + state]: of state_changes, -1 for no source state
    renew: I4
    effect_first: I4
    effect_count: I4
    jump_first: I4
    jump_count: I4


class EffectRow(Record):
    """What an outcome does to another element."""

    stream: U8
    p: F8
    element: I4
    change_at: I4  # integers[change_at + state]: of state_changes, -1 if unmapped; -1 for no map
    renew: I4
    counter: I4


class StateChangeRow(Record):
    """What a change of an element from one state to another does; one to itself does nothing."""

    target: I4
    flag: I4  # of the target: 0 none, 1 fault, 2 planned, 3 both
    left_first: I4  # integers: transitions whose source states are left
    left_count: I4
    entered_first: I4  # integers: transitions whose source states are entered
    entered_count: I4
    level_first: I4  # integers: (level, difference) pairs
    level_count: I4
    entry_first: I4  # integers: observations that count it as an entry
    entry_count: I4
    need_first: I4  # integers: (level, by how many more it is asked for) pairs
    need_count: I4


class JumpRow(Record):
    """What an outcome does to a quantity."""

    value: F8
    quantity: I4
    how: I4
    other: I4


class ElementRow(Record):
    """An element."""

    initial: I4
    flag_at: I4  # integers[flag_at + state]: 0 none, 1 fault, 2 planned, 3 both
    transition_first: I4
    transition_count: I4
    level_first: I4  # integers: (level, place of weights) pairs
    level_count: I4


class LevelRow(Record):
    """A level."""

    constant: I4
    position: I4
    element_first: I4  # integers: (element, place of weights) pairs
    element_count: I4
    term_first: I4  # integers: (gate, weight) pairs
    term_count: I4
    gate_first: I4  # integers: (gate, k) pairs of the thresholds on this level
    gate_count: I4
    speed_first: I4  # integers: transitions whose speed it selects
    speed_count: I4
    rate_first: I4  # integers: quantities whose rate it selects
    rate_count: I4
    watch_first: I4  # integers: observations that read it
    watch_count: I4
    told: I4  # 1 if others than gates are told of every change
    needed: I4  # how many ask for it in the initial states


class GateRow(Record):
    """A gate."""

    level: I4
    k: I4
    position: I4
    graph: I4  # of graphs, -1 for a threshold
    term_first: I4  # integers: (level, weight) pairs that contain it
    term_count: I4
    graph_first: I4  # integers: connected gates that read it
    graph_count: I4
    guard_first: I4  # integers: transitions that it guards
    guard_count: I4
    watch_first: I4
    watch_count: I4


class GraphRow(Record):
    """The graph of a connected gate."""

    vertex_first: I4
    vertex_count: I4
    edge_first: I4  # integers: (from, to, directed, gate)
    edge_count: I4
    source_first: I4
    source_count: I4
    target_first: I4
    target_count: I4


class QuantityRow(Record):
    """A quantity."""

    low: F8
    high: F8
    start: F8
    never: I4
    rate_level: I4
    rate_first: I4  # reals
    profile: I4
    wait_first: I4  # integers: transitions that may wait for it
    wait_count: I4


class ObservationRow(Record):
    """An observation."""

    scale: F8
    offset: F8
    kind: I4
    subject: I4
    opposite: I4  # 1 if it watches where the gate is false
    first: I4
    outcome: I4
    when: I4
    set_at: I4
    by_window: I4
    causes: I4
    at_start: I4
    at_end: I4
    phase: I4
    profile: I4  # calendar of a sample that is an amount, -1 for none
    judged: I4  # gate whose causes split the time of episodes: the subject, or one it implies
    judged_opposite: I4
    cone_at: I4  # integers[cone_at + element] is 1 if that gate depends on it
    cone_mask: I4  # masks[cone_mask ..]: bits of the elements on which it depends
    share_at: I4  # integers[share_at + element] is 1 if it can be a contributor
    share_mask: I4  # masks[share_mask ..]: bits of those that can
    cone_items: I4  # integers[cone_items + level], and + levels + gate: on the way to it
    asks: I4  # as of a transition: before `when` or `at_start` is read
    end_asks: I4  # before `at_end` is


class DormantRow(Record):
    """A dormant set (`pacsim.core.dormant`)."""

    quick: F8  # a run drawn with a larger uniform ends well before the next tick
    lasts: F8  # how long what is kept lasts
    gate: I4
    start: I4
    end: I4
    expiry: I4
    clocks_at: I4  # integers: these three again
    looks_at: (
        I4  # integers[looks_at + transition] is 1 if its firing looks at the set or changes it
    )
    rest: I4
    work: I4
    kept: I4
    held: I4
    row: I4  # integers: (first, number) of the outcomes of a run
    good: I4


class SpanRow(Record):
    """Where the openings and pieces of a calendar lie, and how many pieces there are."""

    civil: F8
    open_first: I4
    open_count: I4
    piece_first: I4
    piece_count: I4
    pieces: I4


class LawRow(Record):
    """A packed law, as in `pacsim.delays.compound.LAW`."""

    code: I8
    first: I8
    count: I8
    a: F8
    b: F8
    c: F8
    shift: F8
    weight: F8


class ClockState(Record):
    """The clock of a timed transition; an immediate's place among the enabled.

    ``touched`` is the instant in which it is to be settled; of an immediate 0 once read again.
    """

    fire: F8
    work: F8
    speed: F8
    since: F8
    draws: U8
    firings: U8
    fired: I8
    left: I8
    touched: I8
    root: I4
    delay: I4
    status: I4  # 0 dropped, 1 running, 2 stored; of an immediate: 1 enabled, 0 not
    place: I4  # in the heap, or among the enabled immediates (-1: not)


class HeapEntry(Record):
    """A place in the heap: a clock that will fire, with its time."""

    fire: F8
    item: I4


class ElementState(Record):
    """The state of an element."""

    renewed: I8
    stamp: I8
    state: I4
    flag_root: I4
    entry_root: I4
    flagged: I4
    changed: I4  # is on the list of what an open episode has not seen yet


class LevelState(Record):
    """A level's value; ``other`` is what a cone of R28 adds to it, 0 otherwise.

    From ``low`` on and below ``high`` nobody need be told of a change: all gates stay as they are.
    Where nobody asks for it, that is everywhere.
    """

    value: I4
    low: I4
    high: I4
    other: I4
    needed: I4  # how many ask for it
    kept_low: I4  # where nobody does: low and high as they were
    kept_high: I4


class GateState(Record):
    """A gate's value; ``other`` is 1 while a cone of R28 reads it as its opposite."""

    value: I4
    other: I4


class QuantityState(Record):
    """The value of a quantity and its integral."""

    value: F8
    since: F8
    rate: F8
    integral: F8
    integrated: F8
    copied: F8
    marked: I8
    jumped: I8
    never: I4
    copied_never: I4
    watched: I4


class DormantState(Record):
    """Whether a dormant set sleeps: 1 or 0."""

    asleep: I4


class ObserverState(Record):
    """What an observer has open."""

    since: F8
    start: F8
    phase_since: F8
    unplanned: F8
    planned: F8
    mixed: F8
    open: I4
    value: I4
    dirty: I4
    was_down: I4
    turn_root: I4
    root: I4
    unplanned_root: I4
    planned_root: I4
    kind: I4
    at_start: I4
    listed: I4  # how many elements have been flagged in the open episode


class ShareRow(Record):
    """One element's part in one open episode; ``item`` is a place in the episode's list.

    ``present`` is 0 if the element has not been flagged in it, 1 if since later, 2 from the start.
    """

    since: F8
    flagged: I4
    present: I4
    item: I4


class MoveRow(Record):
    """A move of an outcome, listed before any is made (R9)."""

    element: I4
    change: I4  # of state_changes, -1 for a renewal alone
    renew: I4


class EpisodeRow(Record, packed=True):
    """What is told of an episode: a row of `pacsim.core.model.EPISODE`."""

    replication: I8
    observation: I4
    start: F8
    end: F8
    censored: B1
    cause: I4
    unplanned: F8
    planned: F8
    mixed: F8
    unplanned_cause: I4
    planned_cause: I4
    at_start: I4
    at_end: I4
    phases: Annotated[Vector[F8], PHASES]


class ContributorRow(Record, packed=True):
    """What is told of a flagged element of an episode: `pacsim.core.model.CONTRIBUTOR`."""

    episode: I8
    element: I4
    at_start: B1


class SampleRow(Record, packed=True):
    """What is told of a sample: a row of `pacsim.core.model.SAMPLE`."""

    replication: I8
    observation: I4
    time: F8
    value: F8


class ChangeRow(Record, packed=True):
    """What is told of a change of a recorded level: a row of `pacsim.core.model.CHANGE`."""

    replication: I8
    time: F8
    what: I4
    value: I4


class TurnRow(Record, packed=True):
    """What is told of a change of an open episode's kind: a row of `pacsim.core.model.TURN`."""

    replication: I8
    observation: I4
    time: F8
    before: I4
    after: I4


class FiringRow(Record):
    """What is told of an elementary step, when it is traced."""

    time: F8
    transition: F8
    outcome: F8
