"""All arrays of the kernel of traffic, declared once: type, size, writer and meaning.

As in `pacsim.engines.kernel.manifest`: the sources take the groups as parameters and read
``state.lines[i].phase``; `pacsim.engines.kernel.flatten` makes plain arguments of them.
"""

from dataclasses import dataclass

from pacsim.engines.kernel.declaring import F8, I4, I8, U8, Group, RowTable, Vector, array
from pacsim.engines.kernel.records import LawRow
from pacsim.traffic.kernel.numbers_of_traffic import BLOCK, QUEUES
from pacsim.traffic.kernel.run_records import (
    ArrivedRow,
    AttemptRow,
    CaseState,
    ChangeRow,
    FlowUse,
    JobRow,
    JobState,
    LineState,
    MemberState,
    QueueState,
    StationState,
    StudyRow,
    WorldState,
)
from pacsim.traffic.kernel.workload_records import (
    ArchiveRow,
    LineRow,
    MemberRow,
    OperationRow,
    StationRow,
    UseRow,
    WorkRow,
)


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
        """Return how many blocks of alarms there are."""
        return -(-self.lines // BLOCK)


class WorkloadGroup(Group):
    """What is fixed for a workload."""

    archive: RowTable[ArchiveRow] = array("lowering", "what there is one of")
    stations: RowTable[StationRow] = array("lowering", "by index")
    lines: RowTable[LineRow] = array("lowering", "by index: those of a station side by side")
    operations: RowTable[OperationRow] = array("lowering", "those of a station side by side")
    works: RowTable[WorkRow] = array("lowering", "those of an operation by member")
    uses: RowTable[UseRow] = array("lowering", "those of a work side by side")
    members: RowTable[MemberRow] = array("lowering", "by index")
    capacity: Vector[F8] = array("lowering", "of pools")
    streams: Vector[U8] = array("lowering", "of draws: by station, stream and lane")
    laws: RowTable[LawRow] = array("lowering", "for `pacsim.delays.scalar.draw`")
    law_values: Vector[F8] = array("lowering", "the numbers to which laws refer")


class StateGroup(Group):
    """What changes in a run."""

    world: RowTable[WorldState] = array(
        "alarms met limits flowing attempts keeping cases moments", "what there is one of",
        lambda n: 1,
    )  # fmt: skip
    lines: RowTable[LineState] = array(
        "limits flowing peers waits attempts dials sending asking acting moments keeping met",
        "by index",
        lambda n: n.lines,
    )
    at: Vector[F8] = array("alarms", "when a line wakes", lambda n: n.blocks * BLOCK)
    least: Vector[F8] = array("alarms", "the first alarm of each block", lambda n: n.blocks)
    pending: Vector[U8] = array(
        "alarms", "lines that get a turn, a bit each", lambda n: n.lines // 64 + 1
    )
    moving: Vector[I4] = array("flowing", "lines whose flow moves, in order", lambda n: n.lines)
    flow_uses: RowTable[FlowUse] = array(
        "flowing", "those of a line side by side", lambda n: n.lines * n.uses
    )
    load: Vector[F8] = array("flowing", "of pools", lambda n: n.pools)
    stations: RowTable[StationState] = array(
        "keeping cases attempts sending", "by index", lambda n: n.stations
    )
    queues: RowTable[QueueState] = array(
        "keeping cases", "lists of a station side by side", lambda n: n.stations * QUEUES
    )
    ended: Vector[I8] = array(
        "attempts", "by station: attempts that ended in each way", lambda n: n.stations * 12
    )
    members: RowTable[MemberState] = array("limits choosing", "by index", lambda n: n.members)
    values: Vector[I4] = array("met", "of the conditions", lambda n: n.conditions)
    changes: RowTable[ChangeRow] = array("running", "of the timeline")
    arrivals: RowTable[ArrivedRow] = array("running", "that were fed")
    studies: RowTable[StudyRow] = array("running", "of openings")
    jobs: RowTable[JobState] = array("running keeping sending", "and free places for them")
    cases: RowTable[CaseState] = array("running cases asking", "and free places for them")
    attempts: RowTable[AttemptRow] = array("attempts", "that ended, and room for more")
    rows: RowTable[JobRow] = array("keeping cases", "of jobs and cases that are over, and room")


GROUPS: dict[str, type[Group]] = {group.key: group for group in (WorkloadGroup, StateGroup)}
"""Both groups by the names of the parameters that hold them."""
