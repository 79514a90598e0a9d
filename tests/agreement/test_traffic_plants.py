"""Drawn worlds tell a simulator of the traffic with one wrong line from the kernel.

Lines are planted in the readable simulator, where that takes no compiler: what is seen of a wrong
reference and a right kernel is what would be seen of a right reference and a wrong kernel.
`experiments/validation/traffic/plants.py` plants the like in the kernel.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.traffic import arithmetic
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.asking import Desk
from pacsim.traffic.reference.attempt import Attempt
from pacsim.traffic.reference.balancing import Balancer
from pacsim.traffic.reference.dialling import Dialling
from pacsim.traffic.reference.jobs import Buffer, Job
from pacsim.traffic.reference.meetings import Meetings
from pacsim.traffic.reference.running import ReferenceTraffic
from pacsim.traffic.reference.sending import Sender
from pacsim.traffic.reference.standing import Standing
from pacsim.traffic.reference.world import World
from tests.agreement.test_traffic_kernel import rounds
from tests.agreement.traffic_worlds import KEY, UNTIL, DrawnWorld
from tests.semantics.planting import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.logs import TrafficLog

pytestmark = pytest.mark.slow
GUARDED = "float(math.floor(progress + GUARD))"
PLACE = "(exam.stream != EMERGENCIES, came, exam.station, turn)"
MISSED = "SENDERS * math.floor(SLOT * self.line.now) + self.sender"
PLANTED: dict[str, tuple[Any, str, str, str]] = {
    "no guard for whole items": (arithmetic, "whole_items", "progress + GUARD", "progress"),
    "whole items rounded up": (
        *(arithmetic, "whole_items", GUARDED),
        "float(math.ceil(progress - GUARD))",
    ),
    "the last response is now": (
        *(arithmetic, "last_response", "return at if at < now else now"),
        "return now",
    ),
    "a retransmission just now is past": (arithmetic, "next_retransmission", "< now", "<= now"),
    "emergencies in their turn": (Job, "__init__", PLACE, "(False, came, exam.station, turn)"),
    "the last of a moment first": (
        *(Job, "__init__", PLACE),
        "(exam.stream != EMERGENCIES, came, exam.station, -turn)",
    ),
    "a failed job behind the others": (
        *(Buffer, "put_back", "insort(self._waiting, job)"),
        "self._waiting.append(job)",
    ),
    "missed resets by the second": (
        *(Attempt, "_misses", MISSED),
        "SENDERS * math.floor(self.line.now) + self.sender",
    ),
    "missed resets of all senders alike": (
        *(Attempt, "_misses", MISSED),
        "SENDERS * math.floor(SLOT * self.line.now)",
    ),
    "parked again by the same draw": (Buffer, "park", "AGAIN * job.parked + job.key", "job.key"),
    "a commitment at once": (
        Buffer,
        "store",
        "job.committed = now +",
        "job.committed = now + 0.0 *",
    ),
    "the newest are overwritten": (
        *(Buffer, "_overwrite", "[*self._unsafe, job]"),
        "[job, *self._unsafe]",
    ),
    "one association more": (World, "take_place", ">= limit.associations", "> limit.associations"),
    "a place for one that stands still": (World, "offer", "and standing.answers", ""),
    "a member that was away knows its sessions": (
        *(Meetings, "ends", "value in (SILENT, REFUSES) or"),
        "value == REFUSES or",
    ),
    "a restart is not heard": (
        *(Standing, "_hung", "if self.met in (UP, ERRORING, REFUSES):"),
        "if self.met in (UP, ERRORING):",
    ),
    "a release counts from the last response": (
        *(Attempt, "release", "self._standing.renew(now)"),
        "pass",
    ),
    "the same member in turn": (
        *(Attempt, "_dial", "request.turn + request.tries"),
        "request.turn",
    ),
    "one refusal more": (Balancer, "refused", "mark.refused >= ", "mark.refused > "),
    "put by for one check": (
        Balancer,
        "_dialled",
        "self.dial.rise * self.dial.every",
        "self.dial.every",
    ),
    "the next dial at once": (
        Dialling,
        "run",
        "if met == TURNED_AWAY:\n            yield",
        "if False:\n            yield",
    ),
    "what comes back goes first": (
        *(Desk, "_come_back", "self.waiting.append(entry[1])"),
        "self.waiting.insert(0, entry[1])",
    ),
    "one try more": (Sender, "_failed", "job.failures <= timers", "job.failures < timers"),
}


def log(simulator: Any, world: DrawnWorld) -> TrafficLog:
    """Return what happens in a world."""
    run = simulator(world.tables).begin(world.line, 0.0, KEY)
    run.feed(ArrivalTable.of(world.came))
    run.advance(UNTIL)
    found: TrafficLog = run.log()
    return found


KEPT: list[tuple[DrawnWorld, TrafficLog]] = []


@cache
def drawn() -> Iterator[None]:
    """Return the rounds in which worlds are drawn and kept, with what the kernel makes of them."""
    return rounds(lambda world: KEPT.append((world, log(CompiledTraffic, world))))


def kept() -> Iterator[tuple[DrawnWorld, TrafficLog]]:
    """Yield worlds, of which more are drawn as long as they are asked for."""
    k, more = 0, True
    while more:
        while k < len(KEPT):
            yield KEPT[k]
            k += 1
        more = next(drawn(), False) is None


def differs(world: DrawnWorld, right: TrafficLog) -> bool:
    """Return whether the readable simulator now makes something else of a world."""
    try:
        other = log(ReferenceTraffic, world)
    except (AssertionError, ValueError, IndexError, KeyError):
        return True
    return any(
        getattr(right, name).tobytes() != getattr(other, name).tobytes()
        for name in ("attempts", "jobs", "counts")
    )


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, function, right, wrong = PLANTED[name]
    Fault(name, owner, function, right, wrong, lambda _: None).plant(monkeypatch)
    assert any(differs(*each) for each in kept())
