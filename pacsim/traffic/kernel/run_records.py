"""What changes in a run, as rows that compiled code reads and writes; -1 is none of a kind."""

from __future__ import annotations

from pacsim.engines.kernel.declaring import F8, I1, I4, I8, U8, Record


class WorldState(Record):
    """What there is one of."""

    now: F8
    start: F8
    key0: U8
    key1: U8
    events: I8
    changes: I8
    next_change: I8
    arrivals: I8
    next_arrival: I8
    attempts: I8  # rows written
    rows: I8  # of jobs and cases that are over
    alive: I8  # jobs and cases that have no row yet
    free_job: I8
    free_case: I8
    jobs: I8  # ever begun: their serial numbers
    moving: I4
    rates: I4  # 1 if they are to be made anew at the end of this moment
    offers: I4  # 1 if places are to be offered when all have looked
    acting: I4  # 1 while it is a line's turn, and not that of changes, arrivals or rates
    stage: I4
    seat: I4
    line: I4  # that has not finished its turn for want of room
    why: I4
    stays: I4  # 1 if an attempt stays with its member when the address moves


class LineState(Record):
    """A line, its attempt, its peer and its flow."""

    # What it does, and what it waits for.
    until: F8
    ends: F8
    doubts: F8
    times_out: F8
    free: F8
    grid_phase: F8
    over: F8
    grid: I8
    phase: I4
    job: I4
    case: I4
    failed: I4
    # Its attempt.
    start: F8
    taken: F8
    give_up: F8
    size: F8
    items: I8
    number: I8
    turn: I8
    draw: I8
    answered: I8
    operation: I4
    target: I4
    source: I4
    stream: I4
    step: I4
    tries: I4
    member: I4
    holder: I4
    syn: I4
    how: I4
    open: I4  # 1 while conditions concern it
    unlimited: I4
    placed: I4
    queued: I4
    behind: I4  # who is next in the queue for a place
    waits: I4
    granted: I4
    cut: I4
    admitted: I4
    rejected: I4
    nothing: I4  # 1 if the first item was refused
    cut_off: I4  # 1 if a process has gone while it answered
    done: I4  # 1 if the connection has gone though all is acknowledged
    # Its dials.
    waited: F8
    dialled_at: F8
    dials: I4
    lost: I4
    left: I4
    dialled: I4
    heard: I4
    # Its peer.
    last: F8
    again: F8
    stands: I4
    met: I4
    answers: I4
    silent: I4
    gone: I4
    # A set-up or a release.
    span_since: F8
    span_left: F8
    timer_from: F8
    timer: F8
    stopped: I4
    # Its flow.
    flow_items: F8
    remaining: F8
    since: F8
    rate: F8
    whole: F8
    response: F8  # when the last one came
    first: F8
    alone: F8
    flows: I4
    moves: I4
    doubted: I4
    uses: I4
    told: I4


class FlowUse(Record):
    """Load that a flow lays on a pool while it moves."""

    load: F8
    pool: I4


class StationState(Record):
    """What a station has, and what it has counted (T24)."""

    coming: F8
    bytes_finished: F8
    bytes_stored: F8
    bytes_lost: F8
    bytes_blocked: F8
    finished: I8
    stored: I8
    lost: I8
    blocked: I8
    attempts: I8


class QueueState(Record):
    """A list of jobs or cases of a station: urgent ones, others that wait, parked ones, unsafe."""

    first: I4
    last: I4


class MemberState(Record):
    """Places that are taken, and what a balancer knows of a member by its dials (T16)."""

    since: F8
    in_use: I8
    refused: I8
    first: I4
    last: I4
    put_by: I4
    out: I4


class JobState(Record):
    """An exam at a station that is to send it."""

    came: F8
    size: F8
    bytes: F8
    back: F8
    stored: F8
    committed: F8
    age: F8
    sent: F8
    number: I8
    key: I8
    turn: I8
    items: I8
    acknowledged: I8
    serial: I8
    tries: I4
    failures: I4
    parked: I4
    slot: I4
    station: I4
    source: I4
    stream: I4
    before: I4  # the job at the modality that sent it, -1 if this is one
    where: I4
    outcome: I4
    is_unsafe: I4
    # Neighbours in the list of those that wait or are parked, and among the unsafe; or free.
    ahead: I4
    behind: I4
    safer: I4
    unsafer: I4


class CaseState(Record):
    """What a person waits for: an opening, a question."""

    asked: F8
    since: F8
    first: F8
    served: F8
    bytes: F8
    sent: F8
    back: F8
    number: I8
    key: I8
    turn: I8
    acknowledged: I8
    studies: I8
    slot: I4
    station: I4
    stream: I4
    queries: I4
    steps: I4
    place: I4
    tries: I4
    step_tries: I4
    asides: I4
    outcome: I4
    behind: I4


class ChangeRow(Record):
    """A condition that takes a value."""

    time: F8
    what: I4
    value: I4


class ArrivedRow(Record, packed=True):
    """As in `pacsim.traffic.arrival_tables.ARRIVED`."""

    time: F8
    station: I4
    stream: I1
    slot: I4
    number: I8
    turn: I8
    items: I8
    size: F8
    sent: F8
    stored: F8
    queries: I4
    studies_from: I8
    studies: I4


class StudyRow(Record, packed=True):
    """As in `pacsim.traffic.arrival_tables.STUDIES`."""

    items: I8
    size: F8


class AttemptRow(Record, packed=True):
    """As in `pacsim.traffic.logs.ATTEMPTS`."""

    station: I4
    operation: I1
    source: I4
    stream: I1
    number: I8
    step: I4
    tries: I4
    start: F8
    end: F8
    member: I4
    how: I1
    items: I8
    bytes: F8


class JobRow(Record, packed=True):
    """As in `pacsim.traffic.logs.JOBS`."""

    station: I4
    source: I4
    stream: I1
    slot: I4
    number: I8
    finished: F8
    first: F8
    stored: F8
    tries: I4
    parked: I4
    outcome: I1
    bytes: F8
    sent: F8
