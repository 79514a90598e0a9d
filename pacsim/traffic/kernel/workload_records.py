"""What is fixed for a workload, as rows that compiled code reads; all indices are within tables."""

from __future__ import annotations

from pacsim.engines.kernel.declaring import F8, I8, Record


class ArchiveRow(Record):
    """What there is one of: where conditions stand among all, and how a balancer dials."""

    lines: I8
    stations: I8
    conditions: I8
    blocks: I8  # of alarms
    words: I8  # of bits of lines
    alarms: I8
    # Numbers in tables of a run.
    line_numbers: I8
    line_times: I8
    station_numbers: I8
    station_sizes: I8
    queue_numbers: I8
    member_numbers: I8
    ways: I8  # in which attempts end, of all stations
    # Numbers of one place.
    job_numbers: I8
    job_sizes: I8
    case_numbers: I8
    case_times: I8
    members: I8
    uses: I8  # places for uses that a flow has
    kind: I8
    balanced: I8  # 1 if somebody holds the address
    path_at: I8
    owner_at: I8
    listed_at: I8
    holder_at: I8
    holders_at: I8
    front_at: I8
    holders: I8
    back_at: I8
    targets_at: I8
    mode: I8
    retries: I8
    redispatch: I8
    observe: I8
    rise: I8


class DialTimes(Record):
    """Times and sizes of the same."""

    connect: F8
    every: F8
    missed_reset: F8


class StationRow(Record):
    """A client; what its kind has not is zero."""

    retry_count: I8
    kind: I8
    site: I8
    first_line: I8
    lines: I8
    operation: I8  # the first of its operations: store; query, retrieve; ask; those of a probe
    operations: I8
    deletes: I8
    missing: I8  # 1 if what is acknowledged is not sent again
    by_hand: I8  # law, -1 without
    commit: I8  # law, -1 without
    router: I8  # station, -1 for the archive
    whole: I8
    asks: I8
    streams: I8  # where those of its sources begin, of a router; else 0


class StationTimes(Record):
    """Times and sizes of the same."""

    connect: F8
    associate: F8
    response: F8
    release: F8
    retry_every: F8
    pause: F8
    forgotten: F8
    buffer: F8
    patience: F8
    returns: F8
    least_between: F8
    every: F8


class LineRow(Record):
    """Something that does one thing after another: a sender, a workstation, a console, a probe."""

    station: I8
    sender: I8


class OperationRow(Record):
    """What a station asks for."""

    kind: I8
    setups: I8
    target: I8
    works: I8  # the first, of member 0


class OperationTimes(Record):
    """Times and sizes of the same."""

    own: F8  # before a connection is asked for
    takes: F8  # all set-ups
    release: F8


class WorkRow(Record):
    """One item of an operation at one member (T6)."""

    service: I8  # law, -1 without
    served_by: I8
    uses: I8  # the first of the plain ones; those by size follow
    plain: I8
    sized: I8


class WorkTimes(Record):
    """Times and sizes of the same."""

    alone: F8
    mean: F8
    line: F8
    step: F8
    array: F8


class MemberRow(Record):
    """A limit of associations (T9)."""

    associations: I8  # -1 without
    rejects: I8
