"""An active-active group: servers that all serve, and a check that leaves out the bad ones."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts.balancers import check_behind
from pacsim.parts.failover_group import seen_databases
from pacsim.parts.group_shocks import COMMON, add_common, check_common, share_taken
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, no_boxes
from pacsim.parts.pool import DEPTHS, add_pool
from pacsim.parts.sessions import SHARED, add_sessions, just
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import ARCHIVE, BALANCES, REACHED, SERVES, SERVES_IN_PART, WORKED_ON
from pacsim.parts.values import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review

CHECK = RecordType(
    name="check",
    doc="How the pool learns that a member is bad, or good again; each depth sees all before it.",
    slots=(
        Slot("sees", "choice", "depth of the check", default="required", options=tuple(DEPTHS)),
        Slot("every", "seconds", "interval", default="required", positive=True),
        Slot(
            "fall",
            "count",
            "failed checks in a row that leave a member out",
            default="required",
            positive=True,
        ),
        Slot(
            "rise",
            "count",
            "good checks in a row that take it back",
            default="required",
            positive=True,
        ),
        Slot("timeout", "seconds", "wait for an answer when there is none", default="0 s"),
    ),
    bundle=False,
)

MODES = ("round_robin", "first", "source")
DIAL = RecordType(
    name="dial",
    doc="How requests are dealt out among the members that are listed.",
    slots=(
        Slot(
            "mode",
            "choice",
            "each in turn; all to the first one; or a client keeps its member",
            default="round_robin",
            options=MODES,
        ),
        Slot(
            "retries",
            "count",
            "further dials of a connection that the first member did not take",
            traffic={"catalogue": "fo.haproxy.counts", "take": "retries"},
        ),
        Slot(
            "connect", "seconds", "wait for a member that is silent", traffic="5 s", positive=True
        ),
        Slot(
            "observe",
            "count",
            "refused dials in a row after which a member is left out until it is better; 0 never",
            traffic=0,
        ),
    ),
    bundle=False,
)


def build(context: BuildContext, group: Part) -> None:
    """Add ``/pool-<member>`` and ``/ended-by``.

    Gates: ``.listed.<member>``, ``.lost.<member>``, ``.serving.<member>``; ``.ok`` enough of them
    serve, ``.full`` as many as carry the peak, and no request fails. The state table is in
    docs/adr.
    """
    add_sessions(add_pool(context, group))
    add_common(context, group)


def is_in(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is on the list, and not missed."""
    return m.forward(f"{group.name}.in.{member}") & m.forward(f"{member}.ok")


def is_serving(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that requests are sent to a member and it answers them."""
    return m.forward(f"{group.name}.serving.{member}")


def can_spare(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that enough others serve while a member is worked on."""
    return m.forward(f"{group.name}.spared.{member}")


def empties(group: Part) -> bool:
    """Return whether a member is drained before it is worked on."""
    return "drain" in group


def failing(context: BuildContext, group: Part) -> Mapping[Condition, float]:
    """Return the share of requests that fail: all while it is down, else lost of listed."""
    m, name, members = context.m, group.name, group.names("members")
    listed = m.count(m.forward(f"{name}.listed.{x}") for x in members)
    lost = m.count(m.forward(f"{name}.lost.{x}") for x in members)
    cases: dict[Condition, float] = {~m.forward(f"{name}.ok"): 1.0}
    for k in range(1, len(members)):
        for n in range(k + 1, len(members) + 1):
            cases[just(lost, k) & just(listed, n)] = k / n
    return cases


def check(review: Review, group: Part, path: str) -> None:
    """Note numbers of members that do not go together, and members with storage of their own."""
    count = len(group.names("members"))
    need, least = group.values.get("need"), group.values.get("least")
    if need is not None and need > count > 1:
        rule = f"need is {need}, and there are {count} members"
        review.problem(f"{path}.need", rule, f"write {count} or less, or add members")
    if need and least is not None and least > need:
        rule = f"least is {least}, more than need, which is {need}"
        review.problem(f"{path}.least", rule, f"write 1 to {need}, or raise need")
    dial = group.values.get("dial")
    if need and need > 1 and isinstance(dial, Part) and dial.values.get("mode") == "first":
        rule = f"dial.mode first sends all requests to one member, and need is {need}"
        review.problem(f"{path}.need", rule, "write need: 1, or another mode")
    _check_dial(review, group, f"{path}.dial.retries")
    check_behind(review, group, path)
    check_common(review, group, path)
    members = review.members(group)
    for k, member in enumerate(members):
        others = {x for one in members if one is not member for x in one.names("storage")}
        shared = set.intersection(*(set(one.names("storage")) for one in members))
        private = [x for x in member.names("storage") if x not in shared]
        if private:
            theirs = "no other member has" if private[0] not in others else "not every member has"
            rule = f'"{member.name}" has "{private[0]}", which {theirs}: no pool of one archive'
            remedy = f"give {private[0]} to all members, or name {member.name} by itself in a role"
            review.problem(f"{path}.members[{k}]", rule, remedy)


def _check_dial(review: Review, group: Part, path: str) -> None:
    """Note retries that are sent to another member, of which there are none."""
    dial = group.values.get("dial")
    none = isinstance(dial, Part) and dial.values.get("retries") == 0
    if none and group.values.get("redispatch"):
        rule = "redispatch sends a retry to another member, and there are no retries"
        review.problem(path, rule, "write retries: 1 or more, or redispatch: false")


def warn(review: Review, group: Part, path: str) -> list[str]:
    """Return a warning for each database for which a deep check leaves out all members."""
    return [
        f'{path}.check: c_store sees "{name}" bad, so all members are left out while it is, '
        "and come back after rise"
        for name in seen_databases(review, group)
    ]


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that fewer members are left than must serve; behind balancers from any one place."""
    members, behind = group.names("members"), group.names("behind")
    gone = len(members) - int(group["least"]) + 1
    if not behind:
        return failures.at_least(gone, [failures.needed(x, places) for x in members])
    holders = [x for address in behind for x in failures.members(address)]

    def away(place: tuple[str, ...], member: str) -> int:
        ways = [
            failures.either(failures.needed(x, place), failures.cut(x, member)) for x in holders
        ]
        return failures.either(failures.needed(member, ()), failures.all(ways))

    each: list[tuple[str, ...]] = [(place,) for place in places] or [()]
    return failures.any(failures.at_least(gone, [away(one, x) for x in members]) for one in each)


TYPE = RecordType(
    name="active_active",
    doc="A pool: all members serve, a check leaves out the bad ones and takes them back.",
    slots=(
        Slot("members", "names", "servers", default="required", refers=(SERVES,)),
        Slot(
            "behind",
            "names",
            "load balancers, or groups of them, that lead to it",
            refers=(BALANCES,),
        ),
        Slot(
            "need",
            "count",
            "members that carry the peak; fewer are degraded",
            default="required",
            positive=True,
        ),
        Slot("least", "count", "members without which it is down", default=1, positive=True),
        Slot("check", "record", "the check", default="required", record=CHECK),
        Slot("dial", "record", "how requests are dealt out", default={}, record=DIAL),
        Slot(
            "redispatch",
            "flag",
            "whether a request that a member refuses is sent to another",
            default=False,
        ),
        Slot("drain", "delay", "from leaving the list to planned work; not at all if not given"),
        Slot(
            "sessions",
            "choice",
            "who keeps a session: each member its own, or all of them",
            default="per_node",
            options=("per_node", SHARED),
        ),
        Slot("common", "record", "common causes", record=COMMON),
    ),
    bundle=False,
    gone=MappingProxyType(
        {
            "quorum": "leave it out: who serves in a pool asks no majority; "
            "a primary_standby takes a quorum, or a mirror"
        }
    ),
    build=build,
    traits=frozenset({ARCHIVE, REACHED, SERVES_IN_PART, WORKED_ON}),
    check=check,
    warn=warn,
    hardware=Hardware(no_boxes, failed, needed=True),
    group=GroupHooks(
        serves=is_serving,
        joined=is_in,
        spared=can_spare,
        drains=empties,
        share=share_taken,
        failing=failing,
    ),
)
