"""A disk array: disks in a RAID set, spares, controllers, shelf, and contents that can be lost."""

from __future__ import annotations

import datetime as dt
import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts import serving
from pacsim.parts.backup import share_of_good_runs
from pacsim.parts.build_context import LOSS, BuildContext, Victim
from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.mirrored import mirror_of
from pacsim.parts.mirrored_contents import MIRRORED_STATES, add_mirrored
from pacsim.parts.monitoring import finds
from pacsim.parts.raid import (
    LAYOUTS,
    LEAST,
    add_disks,
    disk_states,
    net_capacity,
    set_lost,
    too_many,
)
from pacsim.parts.repair import add_repair, repaired, stages
from pacsim.parts.restore import STATES, add_contents
from pacsim.parts.slots import NETWORK, POWER, RecordType, Slot, life, work
from pacsim.parts.traits import (
    ATTENDED,
    COPIED,
    COPIES,
    FILLS_AGAIN,
    MIRRORED,
    MIRRORS,
    NEEDS_POWER,
    STORES,
    VOTES,
)
from pacsim.parts.values import ALL_IN, HANDS_ON
from pacsim.parts.watch_handles import FirstLossWatch
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

TB, DAY = 1e12, 86400.0
GROWTH = ("studies", "study_size", "stored_at_start")
OTHER_WORDS = MappingProxyType(
    {
        **dict.fromkeys(("raid3", "raid4", "raidz", "raidz1"), "raid5"),
        **dict.fromkeys(("raidz2", "raiddp", "raidp2"), "raid6"),
        **dict.fromkeys(("raidtp", "raidtec"), "raidz3"),
        **dict.fromkeys(("mirror", "mirrored"), "raid1"),
        **dict.fromkeys(("stripe", "striped", "jbod"), "raid0"),
        # Several sets in one: each is an array of its own.
        **dict.fromkeys(("raid01", "raid50", "raid60", "raid1e", "raid2"), ""),
    }
)
"""Layouts by other names; a set that survives as many failed disks is the same one."""
DISK = RecordType(
    name="disk",
    doc="One disk of an array.",
    slots=(
        Slot("size", "size", "capacity", default="required", positive=True),
        life("life", "time to failure", also="ttf"),
        Slot("rebuild_rate", "throughput", "rate of a rebuild", default="required"),
        Slot("uber", "bit_rate", "unrecoverable errors per bit read", default=None),
        Slot("hotspare_start", "work", "failure until a hot spare takes over", default=None),
        Slot(
            "unnoticed",
            "work",
            "until anyone notices a failed disk without monitoring",
            default=None,
        ),
    ),
    unused=MappingProxyType(
        {
            "life_weibull": "alternative to life",
            "latent": "counted in uber",
            "scrub": "counted in uber",
            "batch": "clustered failures are not modelled",
            "wrong_pull": "wrong pulls are not modelled",
            "surge": "damage by abrupt power loss is not modelled",
            "surge_second": "damage by abrupt power loss is not modelled",
        }
    ),
)


def idle(practices: Part, part: Part) -> Mapping[str, str]:
    """Return which times of a disk change nothing, and why."""
    why = {}
    if not part.values.get("hot_spares"):
        why["hotspare_start"] = "there are no hot spares"
    if finds(practices, "degraded_raid"):
        why["unnoticed"] = "monitoring finds a degraded array"
    disk = part.values.get("disk")
    return {f"disk.{slot}": said for slot, said in why.items() if disk is not None and slot in disk}


def build(context: BuildContext, part: Part) -> None:
    """Add disks, spares, controllers, shelf, contents, and what is stored.

    Gates: ``.intact`` contents are ok; ``.whole`` and, of a mirror, current; ``.ok`` intact and in
    reach; ``.readable`` in reach, what is there of them while they come back; ``.writable`` and
    there is room. Watched, of a mirror by that, are the first loss, losses by class, and how long
    contents are being restored.
    """
    m, name = context.m, part.name
    mirror = mirror_of(context, name)
    course = STATES if mirror is None else MIRRORED_STATES
    contents = context.element(name, "contents", course, fault=course[1:])
    states = disk_states(context, part)
    slots = [
        context.element(name, "disk", states, number=f"{k + 1:02d}", fault=states[1:])
        for k in range(int(part["disks"]))
    ]
    intact = m.gate(f"{name}.intact", contents == "ok")
    if mirror is None:
        m.gate(f"{name}.whole", intact)
        memory = context.element(name, "loss", "none some")
        context.losses[name] = memory
        add_disks(context, part, slots, contents, memory)
    else:
        assert mirror.vault is not None
        m.gate(f"{name}.whole", mirror.gate("holds", name))
        add_disks(context, part, slots, contents, mirror.vault.memory, only=mirror.alone(name))
    lost = too_many(context, part, slots)
    reach = _reach(context, part)
    m.gate(f"{name}.reach", reach)
    m.gate(f"{name}.ok", (contents == "ok") & reach)
    if mirror is None:
        room = add_contents(context, part, slots, contents, lost)
    else:
        room = add_mirrored(mirror, part, slots, contents, lost)
    readable = m.gate(f"{name}.readable", contents.among("ok", "restoring") & reach)
    m.gate(f"{name}.writable", readable & m.gate(f"{name}.room", room))
    if mirror is None:
        memory.now("none -> some", LOSS, "first", when=contents != "ok")
        first = f"loss:{name}"
        m.first_passage(first, memory == "some")
        context.watch(FirstLossWatch(name, first))


def _reach(context: BuildContext, part: Part) -> Condition:
    """Add controllers and shelf: a fault there makes contents unreachable, not lost."""
    m, name = context.m, part.name
    good = [context.powered(part)]
    if "controller" in part:
        count, both = int(part["controllers"]), part.number("both_controllers")
        law = part.law("controller")
        repair = part.delay("controller_repair")
        down = stages(context, part, repair)
        units = [
            context.element(name, "controller", ["up", *down], number=k + 1, fault=down)
            for k in range(count)
        ]
        left: bool | Condition = m.any(unit == "up" for unit in units) if count > 1 else False
        for unit in units:
            own = law.scaled(1.0 / (1.0 - both)) if count > 1 and both < 1 else law
            unit.after(f"up -> {down[0]}", own, "fail", cls="fault", memory="resume")
            add_repair(context, unit, part, repair, masked=left)
        victims = [Victim(unit, ((1.0, {"up": down[0]}),)) for unit in units]
        context.shock(name, "controllers", law, both, victims)
        good.append(m.any(unit == "up" for unit in units))
    if "shelf" in part:
        shelf = repaired(context, part, "shelf", "shelf", "shelf_repair", common="")
        good.append(shelf == "up")
    return m.all(good)


def check(review: Review, part: Part, path: str) -> None:
    """Note a number of disks that its layout cannot have."""
    layout, disks = part.values.get("layout"), part.values.get("disks")
    if layout is None or not disks:
        return
    if disks < LEAST[layout]:
        rule = f"{layout} needs at least {LEAST[layout]} disks"
        review.problem(f"{path}.disks", rule, "without spares")
    elif layout == "raid10" and disks % 2:
        rule = "raid10 needs an even number of disks"
        review.problem(f"{path}.disks", rule, "without spares")


def warn(review: Review, part: Part, path: str) -> list[str]:
    """Return warnings on contents that nothing copies, and on an array that will be full."""
    warned = _fills(review, part, path)
    mirrors = [group for group in review.groups.values() if group.has(MIRRORS)]
    mirrored = {name for group in mirrors for name in group.names("members")}
    apart = [one for one in review.having(STORES) if one.name not in mirrored]
    several = len(apart) + len(mirrors)
    if several > 1:
        warned.append(
            f"parts: {several} arrays store every study each, so their losses are added up"
        )
    if part.name in mirrored:
        return warned
    copiers = [one for one in review.having(COPIES) if part.name in one.names("of")]
    if any(share_of_good_runs(one) > 0 for one in copiers):
        return warned
    return [f"{path}: NO COPY outside it: no backup, so contents that are lost are gone", *warned]


def fills(context: BuildContext, part: Part) -> bool:
    """Return whether all that comes in within the term is more than the array holds."""
    return math.isfinite(context.term) and overflows(context.archive, context.term, part)


def overflows(archive: Part, term: float, part: Part) -> bool:
    """Return whether an array is too small for what is there and comes in over a term."""
    growth = archive.number("studies") * archive.number("study_size")
    room = net_capacity(part)
    return room > 0 and growth > 0 and archive.number("stored_at_start") + growth * term > room


def _fills(review: Review, part: Part, path: str) -> list[str]:
    """Return a warning with the month in which the array has no room left, if it is in the term."""
    disk, growth = part.values.get("disk"), [review.archive.values.get(x) for x in GROWTH]
    starts, term = (review.contract.values.get(x) for x in ("starts", "term"))
    known = (disk, part.values.get("layout"), part.values.get("disks"), starts, term, *growth)
    if None in known or disk is None or "size" not in disk:
        return []
    if not overflows(review.archive, float(term or 0.0), part):
        return []
    room, there = net_capacity(part), review.archive.number("stored_at_start")
    a_second = review.archive.number("studies") * review.archive.number("study_size")
    after = max(room - there, 0.0) / a_second
    when = dt.datetime.fromisoformat(str(starts)) + dt.timedelta(seconds=after)
    sizes = f"{room / TB:.3g} TB net, {there / TB:.3g} TB there at the start"
    return [
        f"{path}: full in {when:%B %Y}, {after / DAY:.0f} days after the start ({sizes}, "
        f"{a_second * YEAR / TB:.3g} TB a year): roles that write are down from then on"
    ]


def boxes(part: Part, q: Unavailability) -> dict[str, float]:
    """Return the controllers, one of them suffices, and the disks as a set."""
    by_box = {}
    if "controller" in part:
        one = q(part, "controller", "controller_repair")
        by_box[f"{part.name}/controllers"] = one ** int(part["controllers"])
    by_box[f"{part.name}/disks"] = set_lost(part, q.down(part, "disk_replace"))
    return by_box


def failed(failures: Failures, part: Part, _places: tuple[str, ...]) -> int:
    """Return that controllers, disks or power are gone."""
    own = [failures.box(f"{part.name}/controllers"), failures.box(f"{part.name}/disks")]
    return failures.any([*own, failures.unfed(part)])


TYPE = RecordType(
    name="disk_array",
    doc="Disks in a RAID set behind controllers. Contents are ok, lost or restoring.",
    slots=(
        Slot(
            "layout",
            "choice",
            "RAID level",
            default="required",
            options=LAYOUTS,
            means=OTHER_WORDS,
        ),
        Slot(
            "disks", "count", "disks in the set, without spares", default="required", positive=True
        ),
        Slot("disk", "record", "the disks", default="required", record=DISK),
        Slot("hot_spares", "count", "spares in the shelf", default=0),
        Slot(
            "rebuild",
            "choice",
            "several at once or one by one",
            default="parallel",
            options=("parallel", "serial"),
        ),
        Slot(
            "read_error_loses",
            "choice",
            "what an unrecoverable read in the critical rebuild costs",
            default="stripe",
            options=("stripe", "array"),
        ),
        Slot("stripe_studies", "count", "studies lost with a stripe", default=1),
        work(
            "disk_replace",
            "failed disk until the new one is in, when there is no spare",
            counted=True,
            covers=ALL_IN,
            vendor=True,
        ),
        life(
            "controller",
            "time to failure of one controller",
            default=None,
            requires=("controller_repair",),
        ),
        work(
            "controller_repair",
            "exchange of a controller",
            default=None,
            counted=True,
            covers=HANDS_ON,
            vendor=True,
        ),
        Slot(
            "controllers",
            "count",
            "number of controllers, one suffices",
            default=2,
            positive=True,
        ),
        Slot(
            "both_controllers",
            "share",
            "share of controller faults that take both",
            default=0,
            below=1.0,
        ),
        life(
            "shelf",
            "time to loss of the shelf: contents unreachable, not lost",
            default=None,
            requires=("shelf_repair",),
        ),
        work(
            "shelf_repair",
            "exchange or recabling",
            default=None,
            counted=True,
            covers=HANDS_ON,
            vendor=True,
        ),
        life("wipe", "time to a loss of all contents by people or firmware", default=None),
        work("replace", "replacement array delivered and set up"),
        work(
            "set_up",
            "contents lost without a backup: until it is empty and in use again",
            default={"catalogue": "bak.restore_prepare"},
        ),
        serving.serves(serving.ARRAY),
        POWER,
        NETWORK,
    ),
    unused=MappingProxyType({"cache_loss": "writes in flight are not counted"}),
    build=build,
    traits=frozenset({ATTENDED, COPIED, FILLS_AGAIN, MIRRORED, NEEDS_POWER, STORES, VOTES}),
    check=check,
    warn=warn,
    hardware=Hardware(boxes, failed, needed=True),
    idle=idle,
    fills=fills,
)
