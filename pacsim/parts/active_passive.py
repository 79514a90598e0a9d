"""An active-passive failover group: check, restart, fence, switch over, and people otherwise."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.failover import (
    add_detection,
    add_held,
    add_people,
    add_start,
    add_switchover,
    add_trust,
    watch,
)
from pacsim.parts.failover_group import (
    BAD,
    Cluster,
    seen_databases,
)
from pacsim.parts.failover_tests import upsets
from pacsim.parts.group_shocks import COMMON, add_common, check_common, share_taken
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, no_boxes
from pacsim.parts.heartbeat import add_heartbeat, add_memory, phases
from pacsim.parts.heartbeat import check as check_heartbeat
from pacsim.parts.planned_moves import add_planned
from pacsim.parts.planned_work import moves_away
from pacsim.parts.slots import RecordType, Slot, life, share
from pacsim.parts.standby import add_standby, add_tests
from pacsim.parts.standby import check as check_standby
from pacsim.parts.traits import (
    ARCHIVE,
    CARRIES_HEARTBEAT,
    HOSTS,
    REACHED,
    SERVES,
    SERVES_IN_PART,
    TESTED,
)
from pacsim.parts.values import Part

if TYPE_CHECKING:
    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.transition_requests import Numbers
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review

SEES = ("host", "tcp", "http", "c_echo", "c_store")
CHECK = RecordType(
    name="check",
    doc="How the standby learns that the active member is bad; each depth sees all before it.",
    slots=(
        Slot("sees", "choice", "depth of the check", default="required", options=SEES),
        Slot("every", "seconds", "interval", default="required", positive=True),
        Slot(
            "fall",
            "count",
            "failed checks in a row that count",
            default="required",
            positive=True,
        ),
        Slot("timeout", "seconds", "wait for an answer when there is none", default="0 s"),
        Slot(
            "standby",
            "flag",
            "whether it looks at members that do not serve as well; else they look good",
            default=False,
        ),
    ),
    bundle=False,
)
FENCING = RecordType(
    name="fencing",
    doc="Making sure that the old active member is off before the new one starts.",
    slots=(
        share("success", "probability that it works"),
        Slot("takes", "seconds", "time it takes", default="0 s"),
    ),
    bundle=False,
)
HEARTBEAT = (
    Slot(
        "heartbeat",
        "names",
        "links; losing all of them while two members are alive: one is shot, or both serve",
        refers=(CARRIES_HEARTBEAT,),
    ),
    Slot(
        "race",
        "choice",
        "who shoots first then: either, or the active one",
        default="even",
        options=("even", "active"),
        only_with=("fencing",),
        requires=("fencing",),
    ),
    Slot(
        "split",
        "share",
        "probability that both serve then; without fencing by default fo.split_brain",
        default={"catalogue": "fo.split_brain.fenced"},
        only_with=("heartbeat",),
        without=("fencing", {"catalogue": "fo.split_brain"}),
        requires=("heartbeat",),
    ),
    Slot(
        "reconcile",
        "work",
        "split until it is noticed, and the comparison",
        default={"catalogue": "fo.split_brain.repair"},
        only_with=("heartbeat",),
        requires=("heartbeat",),
    ),
    Slot(
        "reconcile_down",
        "work",
        "without service after it, until one side serves",
        default={"catalogue": "fo.split_brain.down"},
        only_with=("heartbeat",),
        requires=("heartbeat",),
    ),
    Slot(
        "split_lost",
        "share",
        "of the studies of the side that gives way, half of all: those that are lost",
        default={"catalogue": "fo.split_brain.lost"},
        only_with=("heartbeat",),
        requires=("heartbeat",),
    ),
)


NOBODYS = ("switching", "starting", "reconciling", "moving", "returning", "testing")
"""Phases in which the address leads to nobody; in the others to the active member, good or not."""


def build(context: BuildContext, group: Part) -> None:
    """Add ``/phase``, ``/active``, ``/trust-<member>``, ``/heartbeat``, ``/test``, ``/ended-by``.

    Gates: ``.serving`` the active member is able and no switch is on, or of a split one of the
    sides; ``.hosting`` its operating system runs under the group, for a database;
    ``.active.<member>``; ``.owner.<member>`` the address is its own; ``.ok`` as ``.serving``.
    The state table is in docs/adr.
    """
    m, name = context.m, group.name
    members = group.names("members")
    planned = "moving returning testing"
    # Without a flag, so that what follows has a root of its own and is not planned.
    passing = " unmoved" if moves_away(context, group) else ""
    faults = "failed waiting attending working stranded"
    if upsets(context) > 0:
        passing, faults = f"{passing} upset", f"{faults} restoring"
    lost = phases(group)
    if context.crew is None:
        faults = faults.replace("waiting attending ", "")
    late = " starting" if any(context.starts_late(x) for x in members) else ""
    phase = context.element(
        name,
        "phase",
        f"on detecting fencing switching{late} {faults}{passing} split {lost} {planned}",
        fault=f"{faults} split {lost.removeprefix('shooting')}",
        planned=planned,
    )
    active = context.element(name, "active", list(members), lasting=True)
    between = phase.among(*(x for x in NOBODYS if x in phase.states))
    for member in members:
        m.gate(f"{name}.active.{member}", active == member)
        m.gate(f"{name}.owner.{member}", (active == member) & ~between)
    wrong = f"refused mending {BAD}"
    trust = {x: context.element(name, f"trust-{x}", f"ok {wrong}", fault=wrong) for x in members}
    cluster = Cluster(context, group, phase, active, trust)
    add_standby(cluster)
    add_held(cluster)
    add_memory(cluster)
    for member in members:
        there = cluster.joined(member) & cluster.free(member) & cluster.taken(member)
        m.gate(f"{name}.in.{member}", there)
    cluster.add_better()
    cluster.add_unneeded()
    for member in members:
        add_trust(cluster, member)
    carrying = phase.among("on", "detecting", "split")
    hosting, serving = carrying & cluster.of_active("hosting"), carrying & cluster.able_active()
    if cluster.splits:
        # Each side has a database of its own then, and a client that finds one of them is served.
        hosting |= cluster.beside(lambda x: cluster.gate(x, "hosting") & ~cluster.latent(x))
        serving |= cluster.beside(cluster.side)
    m.gate(f"{name}.hosting", hosting)
    m.gate(f"{name}.serving", serving)
    m.gate(f"{name}.ok", m.forward(f"{name}.serving"))
    m.gate(f"{name}.full", m.forward(f"{name}.serving") & (phase != "split"))
    add_detection(cluster)
    add_switchover(cluster)
    add_start(cluster)
    add_planned(cluster)
    add_tests(cluster)
    add_people(cluster)
    add_heartbeat(cluster)
    add_common(context, group)
    watch(cluster)


def is_active(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is the active one."""
    return m.forward(f"{group.name}.active.{member}")


def starts_late(group: Part) -> bool:
    """Return whether the application of a standby is started only once it takes over."""
    return bool(group["standby"] == "cold")


def is_in(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is in the group, and looks able if it does not serve."""
    return m.forward(f"{group.name}.in.{member}")


def is_unneeded(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that nobody feels a fault of a member."""
    return m.forward(f"{group.name}.unneeded.{member}")


def speed(m: ModelBuilder, group: Part, member: str, software: bool) -> Numbers:
    """Return the speed of a member's clocks by the standby it is in: hot, warm or cold."""
    if group["standby"] == "hot" or (group["standby"] == "warm" and not software):
        return 1.0
    return {is_active(m, group, member): 1.0, True: 0.0}


def restarts(group: Part) -> bool:
    """Return whether a dead application is restarted in place before the group fails over."""
    return bool(group["restart_first"] > 0)


def may_split(group: Part) -> bool:
    """Return whether two members may serve at the same time, which is not to serve in full."""
    return bool(group.names("heartbeat"))


def check(review: Review, group: Part, path: str) -> None:
    """Note restarts that are not modelled, and a common share of members that differ."""
    if (group.values.get("restart_first") or 0) > 1:
        rule = "more than one restart in place is not supported yet"
        review.problem(f"{path}.restart_first", rule, "write 0 or 1")
    check_heartbeat(review, group, path)
    check_standby(review, group, path)
    check_common(review, group, path)


def warn(review: Review, group: Part, path: str) -> list[str]:
    """Return warnings on a check that sees what it cannot mend, or looks and sees nothing more."""
    check = group.values.get("check")
    idle = (
        isinstance(check, Part)
        and check.values.get("standby")
        and check.values.get("sees") == "host"
    )
    blind = [
        f"{path}.check.standby: changes nothing with sees: host: a member whose system is off "
        "is never taken for able; write sees: tcp or deeper, or leave it out"
    ]
    return (blind if idle else []) + [
        f'{path}.check: c_store sees "{name}" bad, but another member would serve no better, '
        "so nothing moves; such gaps count as no_standby"
        for name in seen_databases(review, group)
    ]


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that every member has failed: one of them suffices, and no switch takes time."""
    return failures.all(failures.needed(member, places) for member in group.names("members"))


TYPE = RecordType(
    name="active_passive",
    doc="One member serves, another stands by; a failed switchover waits for people.",
    slots=(
        Slot(
            "members",
            "names",
            "servers, the first one active at the start",
            default="required",
            refers=(SERVES,),
        ),
        Slot(
            "standby",
            "choice",
            "which clocks of the standby run",
            default="warm",
            options=("hot", "warm", "cold"),
        ),
        Slot("check", "record", "the check", default="required", record=CHECK),
        Slot("restart_first", "count", "restarts on the same node before failing over", default=0),
        Slot("fencing", "record", "fencing; without it a switch never waits", record=FENCING),
        Slot(
            "rejoins",
            "share",
            "of members that a takeover left, those that come back into the group by themselves",
            default={"catalogue": "fo.rejoin"},
            only_with=("fencing", "heartbeat"),
        ),
        *HEARTBEAT,
        Slot("switchover", "delay", "mount, recovery, start", default={"catalogue": "fo.mount"}),
        life("latent", "time until a standby is unfit to take over and nobody knows", default=None),
        Slot(
            "success",
            "share",
            "success of a switchover that nobody has tried",
            default=1,
            without=("latent", {"catalogue": "hum.failover_success"}),
        ),
        Slot(
            "success_tested",
            "share",
            "success just after a proof: a switch, a planned move, a test",
            without=("latent", {"catalogue": "hum.failover_success.tested"}),
        ),
        life(
            "proven_for",
            "time since a proof after which it is worth nothing",
            default=None,
            without=("latent", {"catalogue": "fo.latent"}),
        ),
        Slot("else", "choice", "after a failed switchover", default="people", options=("people",)),
        Slot("failback", "failback", "never, at_once, or {next_open: calendar}", default="never"),
        Slot("common", "record", "common causes", record=COMMON),
    ),
    bundle=False,
    moved=MappingProxyType(
        {
            "fencing.heartbeat": "heartbeat",
            "fencing.split": "split",
            "fencing.split_repair": "reconcile",
        }
    ),
    build=build,
    traits=frozenset({ARCHIVE, HOSTS, REACHED, SERVES_IN_PART, TESTED}),
    check=check,
    warn=warn,
    hardware=Hardware(no_boxes, failed, needed=True),
    group=GroupHooks(
        active=is_active,
        starts_late=starts_late,
        speed=speed,
        restarts=restarts,
        in_part=may_split,
        joined=is_in,
        unneeded=is_unneeded,
        share=share_taken,
    ),
)
