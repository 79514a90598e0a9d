"""What changes in a run, as rows that compiled code reads and writes; -1 is none of a kind."""

from __future__ import annotations

from pacsim.engines.kernel.declaring import F8, I1, I4, I8, Record


class WorldState(Record):
    """What there is one of."""

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
    moving: I8
    rates: I8  # 1 if they are to be made anew at the end of this moment
    offers: I8  # 1 if places are to be offered when all have looked
    acting: I8  # 1 while it is a line's turn, and not that of changes, arrivals or rates
    stage: I8
    seat: I8
    line: I8  # that has not finished its turn for want of room
    why: I8
    marks: I8  # notes for a comparison
    numbers: I8
    still_open: I8  # entries of `state.sorted`
    stays: I8  # 1 if an attempt stays with its member when the address moves
    places: I8  # of jobs that were ever taken: those from 0 on
    case_places: I8  # the same of cases
    settled: I8  # changes that are in `state.settled`
    open_rows: I8  # behind those of what is over: rows of what is open, for a log
    open_attempts: I8
    late: I8  # questions whose time came while others were open
    thins: I8  # 1 if tries that tell nothing are left out of the rows
    # How many entries have room.
    room_rows: I8
    room_attempts: I8
    room_marks: I8
    room_numbers: I8
    room_jobs: I8
    room_cases: I8


class WorldClock(Record):
    """Times and sizes of the same."""

    now: F8
    start: F8
    until: F8  # before which it goes on


class LineState(Record):
    """A line, its attempt, its peer and its flow."""

    # What it does, and what it waits for.
    grid: I8
    phase: I8
    job: I8
    case: I8
    failed: I8
    # Its attempt.
    items: I8
    number: I8
    turn: I8
    draw: I8
    answered: I8
    operation: I8
    target: I8
    source: I8
    stream: I8
    step: I8
    tries: I8
    member: I8
    holder: I8
    syn: I8
    how: I8
    open: I8  # 1 while conditions concern it
    placed: I8
    queued: I8
    behind: I8  # who is next in the queue for a place
    waits: I8
    granted: I8
    cut: I8
    admitted: I8
    rejected: I8
    nothing: I8  # 1 if the first item was refused
    cut_off: I8  # 1 if a process has gone while it answered
    done: I8  # 1 if the connection has gone though all is acknowledged
    # Its dials.
    dials: I8
    lost: I8
    left: I8
    dialled: I8
    heard: I8
    # Its peer.
    stands: I8
    met: I8
    answers: I8
    silent: I8
    gone: I8
    # A set-up or a release.
    stopped: I8
    # Its flow.
    flows: I8
    moves: I8
    doubted: I8
    uses: I8
    told: I8


class LineTimes(Record):
    """Times and sizes of the same."""

    until: F8
    ends: F8
    doubts: F8
    times_out: F8
    free: F8
    grid_phase: F8
    over: F8
    start: F8
    asked: F8
    taken: F8
    give_up: F8
    size: F8
    waited: F8
    dialled_at: F8
    last: F8
    again: F8
    span_since: F8
    span_left: F8
    timer_from: F8
    timer: F8
    flow_items: F8
    remaining: F8
    since: F8
    rate: F8
    whole: F8
    response: F8  # when the last one came
    first: F8
    alone: F8
    fills: F8  # how much it alone fills that of its pools which it fills most


class StationState(Record):
    """What a station has, and what it has counted (T24)."""

    finished: I8
    stored: I8
    lost: I8
    blocked: I8
    attempts: I8
    # While attempts are thinned: the case of its last one, and the entry of that.
    key: I8
    entry: I8


class StationSizes(Record):
    """Times and sizes of the same."""

    coming: F8
    bytes_finished: F8
    bytes_stored: F8
    bytes_lost: F8
    bytes_blocked: F8


class LeftState(Record):
    """What is open at a station when a log is made (T24)."""

    queued: I8
    in_flight: I8
    parked: I8
    handed: I8
    late: I8
    attempts: I8


class LeftSizes(Record):
    """Bytes of the same."""

    queued: F8
    in_flight: F8
    parked: F8
    handed: F8


class QueueState(Record):
    """A list of jobs or cases of a station: urgent ones, others that wait, parked ones, unsafe."""

    first: I8
    last: I8


class MemberState(Record):
    """Places that are taken, and what a balancer knows of a member by its dials (T16)."""

    in_use: I8
    refused: I8
    first: I8
    last: I8
    put_by: I8
    out: I8


class MemberMark(Record):
    """Times and sizes of the same."""

    since: F8


class JobState(Record):
    """An exam at a station that is to send it."""

    number: I8
    key: I8
    turn: I8
    items: I8
    acknowledged: I8
    serial: I8
    tries: I8
    failures: I8
    parked: I8
    slot: I8
    station: I8
    source: I8
    stream: I8
    before: I8  # the job at the modality that sent it, -1 if this is one
    where: I8
    outcome: I8
    is_unsafe: I8
    row: I8  # of its last attempt, -1 without
    # Neighbours in the list of those that wait or are parked, and among the unsafe; or free.
    ahead: I8
    behind: I8
    safer: I8
    unsafer: I8


class JobSizes(Record):
    """Times and sizes of the same."""

    came: F8
    size: F8
    bytes: F8
    back: F8
    stored: F8
    committed: F8
    age: F8
    sent: F8
    ended: F8  # when its last attempt did


class CaseState(Record):
    """What a person waits for: an opening, a question."""

    number: I8
    key: I8
    turn: I8
    acknowledged: I8
    studies: I8
    slot: I8
    station: I8
    stream: I8
    queries: I8
    steps: I8
    place: I8
    tries: I8
    step_tries: I8
    asides: I8
    outcome: I8
    row: I8  # of its last attempt, -1 without
    behind: I8


class CaseTimes(Record):
    """Times and sizes of the same."""

    asked: F8
    since: F8
    first: F8
    served: F8
    bytes: F8
    sent: F8
    back: F8
    ended: F8  # when its last attempt did


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
    each: F8


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
