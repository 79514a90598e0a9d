"""All arrays of the kernel of traffic, declared once: type, size, writer and meaning.

As in `pacsim.engines.kernel.manifest`: the sources take the groups as parameters and read
``state.lines[i].phase``; `pacsim.engines.kernel.flatten` makes plain arguments of them. Whole
numbers and floats of a thing are two tables side by side, each a flat array of one type: numba
takes far longer to compile functions that are handed tables of records.
"""

from dataclasses import dataclass

from pacsim.engines.kernel.declaring import (
    F8,
    I8,
    U8,
    FlatTable,
    Group,
    RowTable,
    Vector,
    array,
)
from pacsim.engines.kernel.records import LawRow
from pacsim.traffic.kernel import run_records as r
from pacsim.traffic.kernel import term_records as m
from pacsim.traffic.kernel import workload_records as w
from pacsim.traffic.kernel.numbers_of_traffic import BLOCK, QUEUES


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the sizes of the arrays of a run depend on."""

    lines: int
    stations: int
    members: int
    pools: int
    conditions: int
    uses: int

    @property
    def blocks(self) -> int:
        """Return how many blocks of alarms there are, one even without lines."""
        return max(1, -(-self.lines // BLOCK))


class WorkloadGroup(Group):
    """What is fixed for a workload."""

    archive: FlatTable[w.ArchiveRow] = array("lowering", "what there is one of")
    dialling: FlatTable[w.DialTimes] = array("lowering", "its times")
    stations: FlatTable[w.StationRow] = array("lowering", "by index")
    times: FlatTable[w.StationTimes] = array("lowering", "of stations")
    lines: FlatTable[w.LineRow] = array("lowering", "by index: those of a station side by side")
    operations: FlatTable[w.OperationRow] = array("lowering", "those of a station side by side")
    spans: FlatTable[w.OperationTimes] = array("lowering", "of operations")
    works: FlatTable[w.WorkRow] = array("lowering", "those of an operation by member")
    items: FlatTable[w.WorkTimes] = array("lowering", "of works")
    pools: Vector[I8] = array("lowering", "of uses: those of a work side by side")
    seconds: Vector[F8] = array("lowering", "of uses: for an item, or for a byte")
    members: FlatTable[w.MemberRow] = array("lowering", "by index")
    capacity: Vector[F8] = array("lowering", "of pools")
    streams: Vector[U8] = array("lowering", "of draws: by station, stream and lane")
    laws: RowTable[LawRow] = array("lowering", "for `pacsim.delays.scalar.draw`")
    law_values: Vector[F8] = array("lowering", "the numbers to which laws refer")


class RunStateGroup(Group, key="state"):
    """What changes in a run."""

    world: FlatTable[r.WorldState] = array(
        "limits flowing attempt_rows keeping cases acting refusals moment_loop notes beginning"
        " leaving thinning windowing feeling",
        "what there is one of",
        lambda n: 1,
    )  # fmt: skip
    clock: FlatTable[r.WorldClock] = array(
        "refusals moment_loop beginning", "times of the same", lambda n: 1
    )
    keys: Vector[U8] = array("feeding", "of the replication's draws", lambda n: 2)
    lines: FlatTable[r.LineState] = array(
        "met limits flowing peers waits keeping dials attempts senders cases probers acting"
        " refusals moment_loop leaping",
        "by index",
        lambda n: n.lines,
    )
    timers: FlatTable[r.LineTimes] = array(
        "flowing peers waits dials attempts senders cases probers acting refusals leaping",
        "of lines",
        lambda n: n.lines,
    )
    at: Vector[F8] = array("alarms", "when a line wakes", lambda n: n.blocks * BLOCK)
    least: Vector[F8] = array("alarms", "the first alarm of each block", lambda n: n.blocks)
    pending: Vector[U8] = array(
        "alarms", "lines that get a turn, a bit each", lambda n: n.lines // 64 + 1
    )
    moving: Vector[I8] = array("flowing", "lines whose flow moves, in order", lambda n: n.lines)
    flow_pools: Vector[I8] = array(
        "flowing", "that a flow uses, those of a line side by side", lambda n: n.lines * n.uses
    )
    flow_loads: Vector[F8] = array(
        "flowing", "that it lays on them while it moves", lambda n: n.lines * n.uses
    )
    load: Vector[F8] = array("flowing", "of pools", lambda n: n.pools)
    stations: FlatTable[r.StationState] = array(
        "keeping cases attempts senders refusals thinning", "by index", lambda n: n.stations
    )
    sizes: FlatTable[r.StationSizes] = array(
        "keeping cases senders", "of stations", lambda n: n.stations
    )
    left: FlatTable[r.LeftState] = array(
        "leaving", "of stations: what is open as a log is made", lambda n: n.stations
    )
    left_bytes: FlatTable[r.LeftSizes] = array("leaving", "bytes of it", lambda n: n.stations)
    queues: FlatTable[r.QueueState] = array(
        "lists", "lists of a station side by side", lambda n: n.stations * QUEUES
    )
    ended: Vector[I8] = array(
        "attempt_rows", "by station: attempts that ended in each way", lambda n: n.stations * 12
    )
    members: FlatTable[r.MemberState] = array(
        "limits choosing dials", "by index", lambda n: n.members
    )
    marks: FlatTable[r.MemberMark] = array("choosing", "of members", lambda n: n.members)
    values: Vector[I8] = array("moment_loop beginning", "of the conditions", lambda n: n.conditions)
    settled: Vector[I8] = array(
        "beginning", "the same as of the begin of a window", lambda n: n.conditions
    )
    change_times: Vector[F8] = array("feeding", "of the timeline")
    changed: Vector[I8] = array("feeding", "which condition changes then")
    change_values: Vector[I8] = array("feeding", "which value it takes")
    arrivals: RowTable[r.ArrivedRow] = array("feeding", "that were fed")
    studies: RowTable[r.StudyRow] = array("feeding", "of openings")
    jobs: FlatTable[r.JobState] = array(
        "lists keeping senders attempt_rows beginning", "and free places for them"
    )
    exams: FlatTable[r.JobSizes] = array("keeping senders attempt_rows", "of jobs")
    cases: FlatTable[r.CaseState] = array(
        "lists cases attempt_rows refusals beginning", "and free places for them"
    )
    patience: FlatTable[r.CaseTimes] = array("cases attempt_rows", "of cases")
    sorted: Vector[I8] = array("notes leaving", "jobs in the order in which they are noted")
    kept: Vector[I8] = array("notes", "unsafe jobs of a station in that order")
    noted_marks: Vector[I8] = array("notes", "what must be equal in two runs that are the same")
    noted_numbers: Vector[F8] = array("notes", "what must be near in them")
    attempts: RowTable[r.AttemptRow] = array(
        "attempt_rows leaving thinning", "that ended, and room for more"
    )
    follows: Vector[I8] = array("attempt_rows thinning", "whether the next try came as it should")
    rows: RowTable[r.JobRow] = array(
        "keeping cases leaving thinning", "of jobs and cases that are over, and room"
    )
    row_entries: Vector[I8] = array("thinning", "of rows: their entries in a window")


class WindowedGroup(Group, key="term"):
    """A term of which windows are wanted, and what becomes of them."""

    numbers: FlatTable[m.TermNumbers] = array("thinning", "what there is one of")
    times: FlatTable[m.TermTimes] = array("asking", "seconds of the same")
    starts: Vector[F8] = array("asking", "of divergences")
    ends: Vector[F8] = array("asking", "of divergences")
    open_ends: Vector[I8] = array("asking", "1 if the term ended before a divergence did")
    spans: FlatTable[m.WantedSpan] = array("asking", "of which windows are wanted")
    span_ends: Vector[F8] = array("asking", "of spans: until when windows begin")
    found: FlatTable[m.FoundRow] = array("windowing", "windows")
    found_times: FlatTable[m.FoundTimes] = array("windowing", "of windows")
    slots: Vector[I8] = array("thinning", "where cases stand among `entries`, -1 for nowhere")
    entries: FlatTable[m.EntryRow] = array("thinning", "cases of a window")
    asked: FlatTable[m.AskedTimes] = array("asking", "windows of probes")
    probed: FlatTable[m.ProbedTimes] = array("feeling leaping", "by probe")
    usual: Vector[F8] = array("windowing", "by window and probe: longest gaps in the twin")
    longest: Vector[F8] = array("windowing", "the same in the faulted run")


GROUPS: dict[str, type[Group]] = {
    group.key: group for group in (WorkloadGroup, RunStateGroup, WindowedGroup)
}
"""All groups by the names of the parameters that hold them."""
