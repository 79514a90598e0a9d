"""A primary with standbys that copy it: an election by majority replaces a primary that fails."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.election import (
    Election,
    add_election,
    add_gates,
    add_moves,
    add_recall,
    add_tests,
    watch_gaps,
)
from pacsim.parts.failover import HOW
from pacsim.parts.failover_tests import add_looks, add_proof, check_proof, tests_of, upsets
from pacsim.parts.group_shocks import COMMON, add_common, check_common, share_taken
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, no_boxes
from pacsim.parts.manual_failover import waiting_states
from pacsim.parts.monitoring import idle_notice
from pacsim.parts.planned_work import moves_away
from pacsim.parts.quorum import QUORUM, check_voters
from pacsim.parts.replica import add_replica
from pacsim.parts.slots import RecordType, Slot, life, share, work
from pacsim.parts.traits import FOLLOWS, HOSTS, SERVES, TESTED

if TYPE_CHECKING:
    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, group: Part) -> None:
    """Add ``/phase``, ``/active``, ``/replica-<member>`` and ``/ended-by``.

    Gates: ``.able.<member>`` up, with a majority; ``.candidate.<member>`` that, and its copy
    streams; ``.hosting`` the primary is able, for a database; ``.ok`` and no election is on. The
    state table is in docs/adr.
    """
    name, members = group.name, group.names("members")
    faults, called = waiting_states(context), waiting_states(context)
    moves = moves_away(context, group)
    planned = " ".join(
        x for x, there in (("moving", moves), ("testing", tests_of(context) is not None)) if there
    )
    # Without a flag, so that what follows has a root of its own and is not planned.
    passing = ""
    if upsets(context) > 0:
        passing, faults = "upset", f"{faults} restoring"
    states = f"on electing {faults} {passing} {planned}"
    phase = context.element(name, "phase", states, fault=faults, planned=planned)
    active = context.element(name, "active", list(members), lasting=True)
    copies = "streaming stopped catching"
    replicas = {
        x: context.element(name, f"replica-{x}", copies, fault="stopped catching") for x in members
    }
    context.ended[name] = context.element(name, "ended-by", list(HOW))
    none = (phase == "on") & ~context.m.forward(f"{name}.relief")
    looked = add_looks(context, group, none)
    election = Election(context, group, phase, active, replicas, looked, add_proof(context, group))
    add_gates(election)
    for member in members:
        add_replica(election, member)
    add_election(election)
    add_recall(election, called)
    if moves:
        add_moves(election)
    add_tests(election)
    add_common(context, group)
    watch_gaps(election)


def is_active(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is the primary."""
    return m.forward(f"{group.name}.active.{member}")


def is_in(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is up, and is the primary or its copy streams."""
    return m.forward(f"{group.name}.in.{member}") & m.forward(f"{member}.ok")


def is_unneeded(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that nobody feels a fault of a member, and nobody looks at it."""
    return m.forward(f"{group.name}.unneeded.{member}")


def failed(failures: Failures, group: Part, _places: tuple[str, ...]) -> int:
    """Return that every member has failed: one suffices, and clients have no path to any."""
    return failures.all(failures.needed(member, ()) for member in group.names("members"))


def check(review: Review, group: Part, path: str) -> None:
    """Note members that never have a majority, a proof that harms, a share of what differs."""
    check_voters(review, group, path)
    check_proof(review, group, path)
    check_common(review, group, path)


def warn(_review: Review, group: Part, path: str) -> list[str]:
    """Return a warning for a pair that nothing keeps from having two primaries."""
    if group.values.get("quorum") is not None:
        return []
    return [
        f"{path}: without a quorum a cut between its members stops nobody, and what two primaries "
        "would cost is not modelled; add a witness and name the quorum"
    ]


TYPE = RecordType(
    name="primary_standby",
    doc="Servers of a database: one writes, the others copy it, and a majority elects the next.",
    slots=(
        Slot(
            "members",
            "names",
            "servers, the first one primary at the start",
            default="required",
            refers=(SERVES,),
        ),
        QUORUM,
        Slot(
            "failover",
            "delay",
            "fault to writable on another member, detection included; also a planned move",
            default={"catalogue": "db.failover.auto"},
        ),
        share(
            "success",
            "probability that an election promotes its candidate",
            default={"catalogue": "db.failover.success"},
        ),
        Slot(
            "success_tested",
            "share",
            "success just after a proof: an election, a planned move, a test",
            requires=("proven_for",),
        ),
        life(
            "proven_for",
            "time since a proof after which it is worth nothing",
            default=None,
            requires=("success_tested",),
        ),
        life(
            "replica_stop",
            "time until a copy stops without anyone being told",
            default={"catalogue": "db.replica_stop"},
        ),
        work(
            "notice",
            "until somebody sees that, if monitoring does not find `stopped_copy`",
            default={"catalogue": "copy.async_stop.notice"},
        ),
        work("resync", "until a copy that has stopped streams again", default=None),
        Slot(
            "resync_rate",
            "throughput",
            "without `resync`: how fast the whole index is copied",
            default={"catalogue": "copy.resync_rate"},
            positive=True,
        ),
        Slot(
            "size_per_study",
            "size",
            "without `resync`: of the index",
            default={"catalogue": "db.size_per_study"},
        ),
        Slot("common", "record", "common causes", record=COMMON),
    ),
    unused=MappingProxyType(
        {
            "crash": "of the database that runs on it",
            "recovery": "of the database that runs on it",
            "corruption": "of the database that runs on it",
            "discover": "of the database that runs on it",
            "restore": "of the database that runs on it",
            "detection": "contained in failover",
        }
    ),
    build=build,
    traits=frozenset({FOLLOWS, HOSTS, TESTED}),
    check=check,
    warn=warn,
    hardware=Hardware(no_boxes, failed, needed=True),
    idle=idle_notice,
    group=GroupHooks(active=is_active, joined=is_in, unneeded=is_unneeded, share=share_taken),
)
