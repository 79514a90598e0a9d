"""What is fixed for a workload, as rows that compiled code reads; all indices are within tables."""

from __future__ import annotations

from pacsim.engines.kernel.declaring import F8, I4, I8, Record


class ArchiveRow(Record):
    """What there is one of: where conditions stand among all, and how a balancer dials."""

    connect: F8
    every: F8
    missed_reset: F8
    lines: I4
    members: I4
    uses: I4  # places for uses that a flow has
    kind: I4
    balanced: I4  # 1 if somebody holds the address
    path_at: I4
    owner_at: I4
    listed_at: I4
    holder_at: I4
    holders_at: I4
    front_at: I4
    holders: I4
    back_at: I4
    targets_at: I4
    mode: I4
    retries: I4
    redispatch: I4
    observe: I4
    rise: I4


class StationRow(Record):
    """A client; what its kind has not is zero."""

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
    retry_count: I8
    kind: I4
    site: I4
    first_line: I4
    lines: I4
    operation: I4  # the first of its operations: store; query, retrieve; ask; those of a probe
    operations: I4
    deletes: I4
    missing: I4  # 1 if what is acknowledged is not sent again
    by_hand: I4  # law, -1 without
    commit: I4  # law, -1 without
    router: I4  # station, -1 for the archive
    whole: I4
    asks: I4


class LineRow(Record):
    """Something that does one thing after another: a sender, a workstation, a console, a probe."""

    station: I4
    sender: I4


class OperationRow(Record):
    """What a station asks for."""

    takes: F8  # all set-ups
    release: F8
    kind: I4
    setups: I4
    target: I4
    works: I4  # the first, of member 0


class WorkRow(Record):
    """One item of an operation at one member (T6)."""

    alone: F8
    mean: F8
    line: F8
    step: F8
    array: F8
    service: I4  # law, -1 without
    served_by: I4
    uses: I4  # the first of the plain ones; those by size follow
    plain: I4
    sized: I4


class UseRow(Record):
    """Seconds of a pool: for an item, or for a byte."""

    seconds: F8
    pool: I4


class MemberRow(Record):
    """A limit of associations (T9)."""

    associations: I8  # -1 without
    rejects: I4
