"""What compiled code is told of a term and tells of its windows, as rows."""

from __future__ import annotations

from pacsim.engines.kernel.declaring import F8, I8, Record


class TermNumbers(Record):
    """What there is one of: what a term has, and how far its windows are."""

    divergences: I8
    spans: I8
    whole: I8  # 1 if each window is handed over with all its rows
    phase: I8
    span: I8
    following: I8  # the divergence that no window has yet
    first: I8  # of the window
    count: I8  # divergences that belong to it
    censored: I8
    slot: I8  # the next to be drawn
    shares: I8  # 1 while the run stands for its twin too, which has not gone on
    skips: I8  # 1 until arrivals from before the begin are passed over
    windows: I8
    attempts_from: I8  # where the rows of the window begin
    rows_from: I8
    twin_attempts_from: I8
    twin_rows_from: I8
    entries: I8
    size: I8  # of the part of `term.slots` that is used
    room_slots: I8
    room_entries: I8


class TermTimes(Record):
    """Seconds of the same."""

    horizon: F8
    lead: F8
    start: F8
    at: F8
    last: F8
    parts: F8  # until when the run stands for its twin too
    opens: F8  # when the window of the next divergence would begin
    closed: F8


class WantedSpan(Record):
    """Divergences of which windows are wanted: from one on."""

    first: I8


class FoundRow(Record):
    """A window: its first divergence, how many it has, where its rows begin in both runs."""

    first: I8
    count: I8
    censored: I8
    attempts: I8
    rows: I8
    twin_attempts: I8
    twin_rows: I8


class FoundTimes(Record):
    """Seconds of the same."""

    start: F8
    closed: F8


class EntryRow(Record):
    """What arose in a window: whose rows are compared, and which attempt was its last so far."""

    key: I8
    own: I8  # rows of the twin: at the station where it arose, at a router
    routed: I8
    told: I8
    matched: I8
    changed: I8
    last: I8


class ProbedTimes(Record):
    """What a probe meets in a run."""

    last: F8  # success
    longest: F8


class AskedTimes(Record):
    """A window of probes: when they begin, what diverges, until when and since when they go on."""

    start: F8
    divergence: F8
    usual: F8
    end: F8
    after: F8
