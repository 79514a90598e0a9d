"""Two arrays that mirror each other: who is current, who serves, and what is lost with both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import every
from pacsim.parts.build_context import COPY
from pacsim.parts.disk_array import fills as array_fills
from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, no_boxes
from pacsim.parts.loss_classes import SPLIT
from pacsim.parts.mirror_review import check, warn
from pacsim.parts.mirror_sides import add_split, add_taken
from pacsim.parts.mirrored import Mirror, made
from pacsim.parts.monitoring import idle_notice
from pacsim.parts.quorum import QUORUM
from pacsim.parts.replica import notice
from pacsim.parts.slots import RecordType, Slot, life, work
from pacsim.parts.traits import COPIED, FILLS_AGAIN, MIRRORED, MIRRORS, SERVES_IN_PART, STORES
from pacsim.parts.watch_handles import (
    CopyAgeWatch,
    FirstLossWatch,
    NeverLost,
    UnreachableWatch,
)
from pacsim.units import MONTH

if TYPE_CHECKING:
    from pacsim.core import ModelBuilder
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, group: Part) -> None:
    """Add ``/copy-<member>``, ``/behind-<member>``, ``/feed``, ``/split`` and ``/phase``.

    Gates: ``.serves.<member>``, ``.holds.<member>`` its copy is current and whole, ``.ok`` one
    serves, ``.full`` both copies are current and up; ``.whole``, ``.readable``, ``.room``,
    ``.writable`` as of an array. The state table is in docs/adr.
    """
    mirror = made(context, group)
    m = context.m
    split = add_split(mirror) if mirror.splits else None
    feed = _add_feed(mirror) if mirror.lags and "stops" in group else None
    _add_gates(mirror, split, feed)
    for member in mirror.members:
        _add_copy(mirror, member, split, feed)
    if not mirror.lags and (group["force"] or mirror.vault is not None):
        add_taken(mirror)
    if mirror.vault is not None:
        if split is None:
            why = f"{group.name} never splits"
            context.watch(NeverLost(group.name, SPLIT, why))
        _watch(mirror)
        first = f"loss:{group.name}"
        m.first_passage(first, mirror.vault.memory == "some")
        context.watch(FirstLossWatch(group.name, first))


def _add_gates(mirror: Mirror, split: ElementRef | None, feed: ElementRef | None) -> None:
    """Add who serves, what each copy is worth, and what follows for the mirror."""
    m, name = mirror.context.m, mirror.group.name
    first, second = mirror.members
    m.gate(f"{name}.serves.{first}", mirror.able(first))
    seen = mirror.joined() | ~mirror.gate("serves", first)
    if split is not None:
        seen |= split == "split"
    alone = mirror.able(second) & seen
    m.gate(f"{name}.serves.{second}", ~m.always() if mirror.lags else alone)
    for x in mirror.members:
        y = mirror.other(x)
        m.gate(f"{name}.holds.{x}", mirror.is_(x, "current") & mirror.intact(x))
        m.gate(f"{name}.source.{x}", ~mirror.is_(x, "blank", "filling") & mirror.intact(x))
        if not mirror.lags:
            gives = mirror.gate("serves", y) & mirror.gate("holds", y)
        elif x == first:
            gives = mirror.gate("source", y) & mirror.up(y)
        else:
            gives = mirror.gate("serves", y) & mirror.gate("holds", y)
            if feed is not None:
                gives &= feed == "running"
        m.gate(f"{name}.flows.{x}", gives & mirror.up(x) & mirror.joined())
    m.gate(f"{name}.ok", m.any(mirror.gate("serves", x) for x in mirror.members))
    m.gate(f"{name}.readable", mirror.gate("ok"))
    room = m.always() if mirror.vault is None else mirror.vault.full == "free"
    m.gate(f"{name}.room", room)
    m.gate(f"{name}.writable", mirror.gate("ok") & mirror.gate("room"))
    whole = [first] if mirror.lags else mirror.members
    m.gate(f"{name}.whole", m.any(mirror.gate("holds", x) for x in whole))
    # Who is current and not up while the other serves is stale in the same instant.
    full = [mirror.gate("holds", x) for x in mirror.members]
    if split is not None:
        full.append(split != "split")
    m.gate(f"{name}.full", m.all([mirror.gate("ok"), *full]))


def _add_copy(
    mirror: Mirror, member: str, split: ElementRef | None, feed: ElementRef | None
) -> None:
    """Add how a copy is left behind, and catches up without beginning anew."""
    copy, other = mirror.copies[member], mirror.other(member)
    leads = mirror.lags and member == mirror.first
    flows = mirror.gate("flows", member)
    if not leads:
        apart = ~mirror.joined()
        if split is not None:
            apart &= split != "split"
        if feed is not None:
            apart |= feed == "stopped"
        left = mirror.gate("serves", other) & (~mirror.up(member) | apart)
        copy.now("current -> stale", COPY, "left-out", when=left)
        copy.now("stale -> resyncing", COPY, "resync", when=flows)
        copy.now("resyncing -> stale", COPY, "stopped", when=~flows)
    copy.now("blank -> filling", COPY, "fill", when=flows)
    # The first of an asynchronous pair serves meanwhile, so a cut only halts it.
    over = ~mirror.gate("source", other) if leads else ~flows
    copy.now("filling -> blank", COPY, "fill-stopped", when=over)
    arrow = "resyncing filling -> current"
    done = mirror.caught_up(member)
    if "resync" in mirror.group:
        copy.after(
            arrow,
            mirror.group.law("resync"),
            "resynced",
            cls="repair",
            memory="keep",
            speed={flows: 1.0, True: 0.0} if leads else 1.0,
            effects=done,
            automatic=True,
        )
    else:
        assert mirror.behind is not None
        rest = mirror.behind[member].falls_to(0.0)
        copy.after(arrow, rest, "resynced", cls="repair", effects=done, automatic=True)


def _add_feed(mirror: Mirror) -> ElementRef:
    """Add the replication of an asynchronous pair, which stops until somebody notices."""
    group = mirror.group
    feed = mirror.context.element(group.name, "feed", "running stopped", fault="stopped")
    feed.after("running -> stopped", group.law("stops"), "stop", cls="fault", memory="resume")
    seen = notice(mirror.context, group)
    feed.after("stopped -> running", seen, "noticed", cls="repair", renew=True)
    return feed


def _watch(mirror: Mirror) -> None:
    """Watch how old the newest copy is, and how long contents come back from one."""
    context, m, name = mirror.context, mirror.context.m, mirror.group.name
    assert mirror.behind is not None
    copy, growth = mirror.copy(), context.archive.number("studies")
    growth *= context.archive.number("study_size")
    left = [mirror.gate("source", x) for x in mirror.members]
    if copy is not None:
        left.append(copy.exists)
    gap = f"unreachable:{name}"
    m.episodes(gap, ~mirror.gate("whole") & m.any(left))
    context.watch(UnreachableWatch(name, gap))
    probe = context.element(name, "probe", "ready")
    read = probe.after("ready -> ready", every(MONTH, MONTH / 2.0), "read", cls="tick")
    none: Condition = m.always()
    first, second = mirror.members
    ahead = mirror.is_(first, "current")
    for x, leads in ((second, ahead), (first, ~ahead & mirror.is_(second, "current"))):
        there = leads & mirror.gate("source", x)
        none &= ~there
        ages = f"window:{name}:{x}"
        scale = 1.0 / growth if growth > 0 else 0.0
        m.sample(ages, read, mirror.behind[x], when=there, scale=scale, offset=mirror.lag)
        context.watch(CopyAgeWatch(name, ages, of=(name,)))
    if copy is not None:
        ages = f"window:{name}:backup"
        m.sample(ages, read, copy.age, when=none & copy.exists)
        context.watch(CopyAgeWatch(name, ages, of=(name,)))


def is_serving(m: ModelBuilder, group: Part, member: str) -> Condition:
    """Return the condition that a member is read from and written to."""
    return m.forward(f"{group.name}.serves.{member}")


def fills(context: BuildContext, group: Part) -> bool:
    """Return whether the smaller of both is full within the term."""
    return any(array_fills(context, context.parts[x]) for x in group.names("members"))


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that both members have failed: one of them suffices, and every copy is current."""
    return failures.all(failures.needed(member, places) for member in group.names("members"))


TYPE = RecordType(
    name="mirror",
    doc="Two arrays with a copy each: both serve while both are current, or the first alone.",
    slots=(
        Slot(
            "members",
            "names",
            "two arrays; the first one serves when they are cut, and always if the second one lags",
            default="required",
            refers=(MIRRORED,),
        ),
        Slot(
            "mode",
            "choice",
            "every write goes to both at once, or to the second one later",
            default="synchronous",
            options=("synchronous", "asynchronous"),
        ),
        QUORUM,
        Slot(
            "resync_rate",
            "throughput",
            "rate at which a copy catches up; by default copy.resync_rate",
            positive=True,
            without=("resync", {"catalogue": "copy.resync_rate"}),
        ),
        Slot("resync", "delay", "length of a resync whatever the copy lacks, in place of the rate"),
        Slot(
            "force",
            "flag",
            "whether people make a stale copy serve while the current one is down, and lose "
            "what that has since",
            default=False,
        ),
        Slot(
            "split",
            "share",
            "probability that both serve while they are cut; without quorum and lag fo.split_brain",
            default=0,
            without=("quorum lag", {"catalogue": "fo.split_brain"}),
        ),
        work(
            "split_repair",
            "joined again until one side has given way",
            default={"catalogue": "fo.split_brain.repair"},
        ),
        Slot(
            "split_lost",
            "share",
            "of the studies of the side that gives way, half of all: those that are lost",
            default={"catalogue": "fo.split_brain.lost"},
        ),
        Slot("lag", "delay", "asynchronous: how late the second copy is while it is fed"),
        life(
            "stops",
            "asynchronous: time until the feed stops unseen",
            default=None,
            requires=("notice",),
        ),
        work(
            "notice",
            "until somebody sees that, if monitoring does not find `stopped_copy`",
            default=None,
        ),
    ),
    build=build,
    traits=frozenset({COPIED, FILLS_AGAIN, MIRRORS, SERVES_IN_PART, STORES}),
    check=check,
    warn=warn,
    hardware=Hardware(no_boxes, failed, needed=True),
    idle=idle_notice,
    fills=fills,
    group=GroupHooks(serves=is_serving),
)
