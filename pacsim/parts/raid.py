"""Disks of a RAID set: failure, replacement, hot spares, rebuild, unrecoverable reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic
from pacsim.parts.build_context import PEOPLE, TIDY, BuildContext
from pacsim.parts.loss_classes import SECTOR
from pacsim.parts.repair import add_repair, stages
from pacsim.parts.values import ALL_IN
from pacsim.parts.watch_handles import LossWatch, NeverLost

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import Numbers, OutcomeRequest
    from pacsim.parts.values import Part

TOLERANCE = {"raid0": 0, "raid5": 1, "raid6": 2, "raidz3": 3}
"""Failed disks that a set survives; raid1 all but one, raid10 one in each pair."""
HERE = ("ok", "wiped", "setting-up", "preparing", "restoring")
"""States of the contents in which the array is there, and is rebuilt like any other."""
LAYOUTS = (*TOLERANCE, "raid1", "raid10")
LEAST = {"raid0": 1, "raid1": 2, "raid5": 3, "raid6": 4, "raidz3": 5, "raid10": 4}
"""Disks that a layout needs."""


def too_many(context: BuildContext, part: Part, slots: list[ElementRef]) -> Condition:
    """Return the condition that more disks are gone than the layout survives."""
    m = context.m
    if part["layout"] == "raid10":
        pairs = zip(slots[::2], slots[1::2], strict=True)
        return m.any((a != "up") & (b != "up") for a, b in pairs)
    return not_up(context, slots) > tolerance(part)


def tolerance(part: Part) -> int:
    """Return how many failed disks any set of this layout survives."""
    layout = str(part["layout"])
    return int(part["disks"]) - 1 if layout == "raid1" else TOLERANCE[layout]


def net_capacity(part: Part) -> float:
    """Return the bytes that a set holds: one disk of a mirror, half of pairs, else all but parity.

    Examples
    --------
    >>> from pacsim.parts.values import Part
    >>> disk = Part("disk", "disk", {"size": 8e12})
    >>> for layout in ("raid6", "raid10", "raid1"):
    ...     print(net_capacity(Part("a", "", {"layout": layout, "disks": 12, "disk": disk})) / 1e12)
    80.0
    48.0
    8.0
    """
    layout, disks = str(part["layout"]), int(part["disks"])
    hold = {"raid1": 1, "raid10": disks // 2}.get(layout, disks - TOLERANCE.get(layout, 0))
    return hold * part.part("disk").number("size")


def set_lost(part: Part, replacement: float) -> float:
    """Return P(more disks down than the set survives), each down for replacement and rebuild.

    Disks are independent and down for a share q = r / (m + r) of the time, with mean life m and r
    the mean replacement plus size / rebuild rate.
    """
    disk, n = part.part("disk"), int(part["disks"])
    r = replacement + disk.number("size") / disk.number("rebuild_rate")
    q = r / (disk.law("life").mean() + r)
    if part["layout"] == "raid10":
        return -math.expm1(n // 2 * math.log1p(-q * q))
    worst = range(tolerance(part) + 1, n + 1)
    return math.fsum(math.comb(n, k) * q**k * (1.0 - q) ** (n - k) for k in worst)


def not_up(context: BuildContext, slots: list[ElementRef]) -> Count:
    """Return the level "how many disks are not up"."""
    return context.m.count(slot != "up" for slot in slots)


def read_error(part: Part) -> float:
    """Return the probability of an unrecoverable read in a rebuild without redundancy left.

    1 - exp(-bits read x errors per bit), reading every disk that is left, or the partner in
    raid10.
    """
    disk = part.part("disk")
    if "uber" not in disk:
        return 0.0
    read = 1 if part["layout"] in {"raid10", "raid1"} else int(part["disks"]) - tolerance(part)
    return -math.expm1(-read * disk.number("size") * 8.0 * disk.number("uber"))


def add_disks(
    context: BuildContext,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    memory: ElementRef,
    *,
    only: Condition | None = None,
) -> None:
    """Add the failures and rebuilds of the disks; size / rate is the length of a rebuild.

    With a hot spare the rebuild starts after a short while, otherwise when a new disk is in: an
    unnoticed failure runs first unless degraded sets are monitored. A serial rebuild waits for
    the one before it. The read error of the last redundant rebuild is decided at its end, while
    all failed disks still count. A stripe is lost only if nothing else has it (``only``).
    """
    m, disk = context.m, part.part("disk")
    spares, serial = int(part["hot_spares"]), part["rebuild"] == "serial"
    # A lost array waits for a new one.
    whole = contents.among(*(state for state in HERE if state in contents.states))
    # A spare that is about to take over is as good as rebuilding.
    working = ("starting", "rebuilding") if spares else ("rebuilding",)
    calm = ~m.any(slot.among(*working) for slot in slots) if serial else m.always()
    stock = _stock(context, part, spares) if spares else None
    length = Deterministic(disk.number("size") / disk.number("rebuild_rate"))
    at_stake = contents == "ok" if only is None else (contents == "ok") & only
    ends = _ends(context, part, slots, contents, memory, at_stake)
    owner = context.keeper(part.name)
    works = context.works(part.name)
    # A rebuild stands still in the dark and keeps what is done.
    speed: Numbers = 1.0 if works is None else {works: 1.0, True: 0.0}
    if part["read_error_loses"] != "stripe" or "uber" not in disk:
        context.watch(NeverLost(owner, SECTOR, "no read error costs a stripe"))
    first = disk_states(context, part)[1]
    for slot in slots:
        slot.after(f"up -> {first}", disk.law("life"), "fail", cls="fault", memory="keep")
        if stock is None:
            _replaced(context, part, slot, "queued" if serial else "rebuilding", whole)
            if serial:
                slot.now("queued -> rebuilding", PEOPLE, "rebuild", fifo=True, when=calm & whole)
        else:
            there, owed = stock
            slot.now(
                "failed -> starting",
                PEOPLE,
                "spare",
                fifo=True,
                when=(there.number() >= 1) & calm & whole,
                effects=[there.step(-1), owed.step(1)],
            )
            delay = disk.law("hotspare_start") if "hotspare_start" in disk else Deterministic(0.0)
            slot.after("starting -> rebuilding", delay, "rebuild")
        done = slot.after(
            "rebuilding ->",
            length,
            "rebuilt",
            cls="repair",
            when=whole,
            speed=speed,
            outcomes=ends,
            automatic=True,
        )
        if part["read_error_loses"] == "stripe" and len(ends) > 1:
            losses = f"loss:{part.name}:sector:{slot.name.rpartition('/')[2]}"
            m.firings(losses, done, outcome=1)
            each = float(part["stripe_studies"])
            context.watch(LossWatch(owner, losses, SECTOR, studies_each=each))


def disk_states(context: BuildContext, part: Part) -> list[str]:
    """Return the states of a disk, up and then in the order in which a new one takes its place."""
    replace = part.delay("disk_replace")
    serial = part["rebuild"] == "serial" and not part["hot_spares"]
    end = ["queued", "rebuilding"] if serial else ["rebuilding"]
    if part["hot_spares"] or replace.covers == ALL_IN:
        return ["up", "failed", "starting", *end]
    names = stages(context, part, replace)
    # What was read under another contract goes unnoticed as long as it did under that one.
    unseen = ["failed"] if "failed" not in names and _unnoticed(context, part) else []
    return ["up", *unseen, *names, *end]


def _unnoticed(context: BuildContext, part: Part) -> bool:
    """Return whether a failed disk stays unknown for a time that the disk itself says."""
    return not context.finds("degraded_raid") and "unnoticed" in part.part("disk")


def _replaced(
    context: BuildContext, part: Part, slot: ElementRef, target: str, whole: Condition
) -> None:
    """Add the way of a failed disk to where a new one is rebuilt or waits for that."""
    disk, replace = part.part("disk"), part.delay("disk_replace")
    unseen = disk.law("unnoticed") if _unnoticed(context, part) else None
    hours = replace.calendar
    if replace.covers == ALL_IN:
        came = "failed" if unseen is None else "starting"
        if unseen is not None:
            slot.after("failed -> starting", unseen, "noticed")
        slot.after(f"{came} -> {target}", replace.law, "replaced", when=whole, profile=hours)
        return
    names = stages(context, part, replace)
    if "failed" not in names and unseen is not None:
        slot.after(f"failed -> {names[0]}", unseen, "noticed", when=whole)
    add_repair(
        context,
        slot,
        part,
        replace,
        masked=True,
        to=target,
        noticed=unseen,
        when=whole,
        renew=False,
        cls="reaction",
    )


def _ends(
    context: BuildContext,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    memory: ElementRef,
    at_stake: Condition,
) -> dict[object, list[OutcomeRequest]]:
    """Return how a rebuild can end: fine, or with an unrecoverable read if nothing was left."""
    fine = [outcome(1.0, "up", renew=True)]
    u = read_error(part)
    if u == 0.0:
        return {True: fine}
    if part["layout"] in {"raid10", "raid0"}:
        critical = context.m.always()
    else:
        critical = not_up(context, slots) >= tolerance(part)
    if part["read_error_loses"] == "array":
        # What is coming back from a copy is lost again, and comes back once more.
        lost = {"ok": "doomed", "restoring": "doomed"}
        bad = outcome(u, "up", contents.move(lost), renew=True)
    else:
        # A stripe of an array that is empty, or of what a copy holds, is no loss.
        critical &= at_stake
        bad = outcome(u, "up", memory.move({"none": "some"}), renew=True)
    return {critical: [outcome(1.0 - u, "up", renew=True), bad], True: [*fine, outcome(0.0, "up")]}


def _stock(context: BuildContext, part: Part, spares: int) -> tuple[ElementRef, ElementRef]:
    """Add the spares of the shelf: each one used is ordered again (order up to, test 7)."""
    name = part.name
    there = context.counter(name, "spares", spares, spares)
    owed = context.counter(name, "owed", spares)
    replace = part.delay("disk_replace")
    once = replace.covers == ALL_IN
    names = ["ordered"] if once else stages(context, part, replace)
    for k in range(spares):
        order = context.element(name, "order", ["idle", *names], number=k + 1)
        order.now(
            f"idle -> {names[0]}", TIDY, "order", when=owed.number() >= 1, effects=[owed.step(-1)]
        )
        come = [there.step(1)]
        if once:
            hours = replace.calendar
            order.after("ordered -> idle", replace.law, "delivered", effects=come, profile=hours)
        else:
            add_repair(
                context,
                order,
                part,
                replace,
                masked=True,
                to="idle",
                effects=come,
                renew=False,
                cls="reaction",
            )
    return there, owed
