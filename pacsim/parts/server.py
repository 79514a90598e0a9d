"""A server: hardware, power supplies, operating system, and the application that runs on it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts import serving
from pacsim.parts.build_context import (
    APPLICATION,
    HOST,
    PEOPLE,
    RESUMING,
    BuildContext,
    Host,
    Victim,
    hooks,
)
from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.network import storage_path
from pacsim.parts.planned_work import add_work, broken
from pacsim.parts.repair import UNSEEN, repaired
from pacsim.parts.slots import NETWORK, POWER, RecordType, Slot, life, vendor_repair, work
from pacsim.parts.traits import (
    ARCHIVE,
    ATTENDED,
    HOSTS,
    NEEDS_POWER,
    REACHED,
    RESPONDS,
    SERVES,
    SHARES_FAULTS,
    VOTES,
)
from pacsim.parts.values import HANDS_ON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import Numbers
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

UNKNOWN = ("dead", "stuck", "hung")
"""States of an application of whose fault nobody knows yet."""
SOFTWARE = RecordType(
    name="software",
    doc="The application on a server; a crash kills it, a hang leaves it alive to a TCP check.",
    slots=(
        life("crash", "time to a crash or hang"),
        Slot("hang_share", "share", "share of them that hang", default=0),
        Slot("start", "work", "start to first accepted association", default="required"),
        Slot(
            "watchdog",
            "work",
            "until a dead process is started again, without the start",
            default=None,
        ),
        Slot("watchdog_cures", "share", "probability that a restart cures it", default=1),
        work("manual_restart", "find the fault and restart by hand"),
        Slot(
            "change_fails",
            "share",
            "probability that the change of a round of planned work fails",
            default=0,
            requires=("change_fix",),
        ),
        work("change_fix", "back out or repair a failed change, all included", default=None),
        serving.serves(serving.APPLICATION),
    ),
    unused=MappingProxyType(
        {
            "release_common": "stated as common of the group",
            "push": "pushes to all machines are not modelled",
            "push_fix": "pushes to all machines are not modelled",
            "data_fault": "corruption is not counted as loss yet",
        }
    ),
)


def build(context: BuildContext, part: Part) -> None:
    """Add ``/hardware``, ``/psu-k``, ``/host``, ``/patch`` and ``/application``.

    Gates: ``.hosting`` the operating system runs and nobody works on it; ``.serves`` the
    application answers; ``.alive``, ``.process`` and ``.answers`` what ever deeper checks see;
    ``.working`` planned work is on; ``.resuming`` it is over and the application starts again, no
    fault having struck; ``.ok`` it serves and reaches its storage; in a cold group ``.startable``
    its application is up or only has to be started, ``.ready`` that and the storage, and
    ``.starting``. What others may think of it: ``.presumed`` its system runs and nobody knows of
    anything wrong with its application, ``.unnoticed`` a hardware failure is not known yet, and
    ``.looks.DEPTH`` no check as deep as that finds a fault.
    """
    m, name = context.m, part.name
    running = _clocks(context, part, software=False)
    power = _supplies(context, part, running)
    hardware = repaired(context, part, "hardware", "fails", "repair", speed=running, when=power)
    host = _host(context, part, power, hardware == "up", running)
    add_work(context, part)
    working = m.forward(f"{name}.working")
    m.gate(f"{name}.powered", power)
    m.gate(f"{name}.alive", host == "on")
    m.gate(f"{name}.hosting", (host == "on") & ~working)
    # A failure that nobody has noticed yet; without stages a repair begins at once.
    hidden = "failed" in hardware.states
    unknown = [x for x in ("failed", UNSEEN) if x in hardware.states]
    m.gate(f"{name}.unnoticed", hardware.among(*unknown) if hidden else ~m.always())
    reaches = m.all([storage_path(context, name, x) for x in part.names("storage")])
    m.gate(f"{name}.reaches", reaches)
    if "software" in part:
        application = _application(context, part, part.part("software"))
        _add_resumed(context, name, host, application)
    else:
        application = context.element(name, "application", "up")
        m.gate(f"{name}.resuming", ~m.always())
        m.gate(f"{name}.process", m.forward(f"{name}.hosting"))
        m.gate(f"{name}.answers", m.forward(f"{name}.hosting"))
        m.gate(f"{name}.runs", m.forward(f"{name}.hosting"))
        m.gate(f"{name}.hung", ~m.always())
    # What a failed change has broken is broken whatever work is on, so the change itself is asked.
    runs = (application == "up") & m.forward(f"{name}.hosting")
    m.gate(f"{name}.serves", runs & ~broken(context, name))
    m.gate(f"{name}.ok", m.forward(f"{name}.serves") & reaches)
    _seen(context, name, application)
    if context.starts_late(name):
        whole = application.among("up", "idle") & m.forward(f"{name}.hosting")
        m.gate(f"{name}.startable", whole)
        m.gate(f"{name}.ready", whole & reaches)
        m.gate(f"{name}.starting", application == "starting")


def _seen(context: BuildContext, name: str, app: ElementRef) -> None:
    """Add what checks as deep as each find of it, and what is presumed of it without any.

    A fault of its application is known once somebody has noticed it; what starts is known too.
    """
    m = context.m
    unknown = [x for x in (*UNKNOWN, *(f"{x}-unseen" for x in UNKNOWN)) if x in app.states]
    fine = [x for x in ("up", "idle") if x in app.states]
    known = app.among(*fine, *unknown) & m.forward(f"{name}.hosting")
    m.gate(f"{name}.presumed", known & ~broken(context, name))
    answers, ready = m.forward(f"{name}.answers"), app.among(*fine)
    late = context.starts_late(name)
    seen = {"host": m.forward(f"{name}.alive"), "tcp": m.forward(f"{name}.process")}
    seen |= {"http": answers, "c_echo": answers, "c_store": answers & m.forward(f"{name}.reaches")}
    for depth, found in seen.items():
        # What waits to be started answers nothing, and nobody asks it.
        m.gate(f"{name}.looks.{depth}", found | (ready & seen["host"]) if late else found)


def _clocks(context: BuildContext, part: Part, *, software: bool) -> Numbers:
    """Return the speed of a server's clocks: full, or what its group says of the member."""
    group = context.group_of(part.name)
    return 1.0 if group is None else hooks(group).speed(context.m, group, part.name, software)


def _supplies(context: BuildContext, part: Part, running: Numbers) -> Condition:
    """Add one power supply per feed; return the condition that enough feeds get through.

    A feed that is named twice has two supplies. Nobody sees a dead one while the others do.
    """
    feeds = part.values.get("power")
    if feeds is None:
        return context.m.always()
    live = []
    through = context.m.forward(f"{part.name}.power")
    for k, feed in enumerate(feeds.of):
        one = context.output(feed)
        if "psu" in part:
            unit = repaired(
                context,
                part,
                "psu",
                "psu",
                "psu_repair",
                number=k + 1,
                masked=through if len(feeds.of) > feeds.need else False,
                common="",
                speed=running,
            )
            one &= unit == "up"
        live.append(one)
    context.m.gate(f"{part.name}.power", context.fed(part, live))
    return through


def _host(
    context: BuildContext, part: Part, power: Condition, whole: Condition, running: Numbers
) -> ElementRef:
    """Add the operating system: it boots after power, after a repair and after a crash."""
    states = "on dark broken booting crashed rebooting"
    host = context.element(part.name, "host", states, fault="crashed")
    host.now("on crashed booting rebooting broken -> dark", HOST, "dark", when=~power)
    host.now("on crashed booting rebooting -> broken", HOST, "broken", when=power & ~whole)
    host.now("dark -> booting", HOST, "power-back", when=power & whole)
    host.now("dark -> broken", HOST, "power-back-broken", when=power & ~whole)
    host.now("broken -> rebooting", HOST, "mended", when=power & whole)
    host.after("booting -> on", part.law("boot_after_power"), "booted", automatic=True)
    host.after("rebooting -> on", part.law("reboot"), "rebooted", automatic=True)
    if "os_crash" in part:
        law = part.law("os_crash")
        host.after("on -> crashed", law, "crash", cls="fault", memory="keep", speed=running)
        host.after(
            "crashed -> on",
            part.law("reboot"),
            "recovered",
            cls="repair",
            renew=True,
            automatic=True,
        )
    # What has no power or is broken has nothing that a reset could start.
    reset = dict.fromkeys(("on", "crashed", "booting", "rebooting"), "rebooting")
    context.hosts[part.name] = Host(host, reset)
    return host


def _application(context: BuildContext, part: Part, software: Part) -> ElementRef:
    """Add the application: dead, hung, restarted by a watchdog or by people, off with its host."""
    m, name = context.m, part.name
    group = context.group_of(name)
    crew = ["waiting", "attending"] if context.crew is not None else []
    changed = ["changed"] if any(name in of.servers for of in context.changes.values()) else []
    late = {x: f"{x}-unseen" if context.unseen(name) is not None else x for x in ("stuck", "hung")}
    faults = ["dead", "restarting", *dict.fromkeys(["hung", "stuck", *late.values()])]
    faults += [*crew, "fixing", *changed]
    idle = ["idle"] if context.starts_late(name) else []
    app = context.element(
        name, "application", ["up", *faults, "off", "starting", *idle], fault=faults
    )
    hosting = m.forward(f"{name}.hosting")
    restarts = "watchdog" in software and (group is None or hooks(group).restarts(group))
    died = "dead" if restarts else "stuck"
    hang = software.number("hang_share")
    app.after(
        "up ->",
        context.own_law(name, "software", software.law("crash")),
        "crash",
        cls="fault",
        memory="resume",
        speed=_clocks(context, part, software=True),
        outcomes=context.unfelt(
            name,
            [outcome(1.0 - hang, died), outcome(hang, "hung")],
            [outcome(1.0 - hang, late.get(died, died)), outcome(hang, late["hung"])],
        ),
    )
    ways = ((1.0 - hang, {"up": died}), (hang, {"up": "hung"}))
    context.victims[name, "software"] = Victim(app, ways)
    start = software.law("start")
    if restarts:
        _restarted(context, name, app, software, late["stuck"])
    _known(context, name, app, crew[0] if crew else "fixing", late)
    app.after("fixing -> starting", software.law("manual_restart"), "fixed", cls="repair")
    alive = ["up", *faults, "starting", *idle]
    app.now(f"{' '.join(alive)} -> off", APPLICATION, "stopped", when=~hosting)
    app.now("off -> starting", APPLICATION, "start", when=hosting)
    if changed:
        # Nothing starts an application that a change has broken before that is put right.
        running = " ".join(state for state in alive if state not in changed)
        bad = broken(context, name)
        app.now(f"{running} -> changed", APPLICATION, "broken", when=bad)
        app.now("changed -> up", APPLICATION, "backed-out", when=~bad, renew=True)
    app.after("starting -> up", start, "started", cls="repair", renew=True, automatic=True)
    if idle:
        duty = context.active(name)
        assert duty is not None
        app.now("up starting -> idle", APPLICATION, "stood-by", when=~duty)
        app.now("idle -> starting", APPLICATION, "taken-over", when=duty)
    _checked(context, name, app, restarts=restarts and group is not None)
    return app


def _restarted(
    context: BuildContext, name: str, app: ElementRef, software: Part, late: str
) -> None:
    """Add the watchdog; a restart that cures nothing leaves the application to people."""
    cures = software.number("watchdog_cures")
    app.after("dead -> restarting", software.law("watchdog"), "watchdog", automatic=True)
    app.after(
        "restarting ->",
        software.law("start"),
        "restarted",
        cls="repair",
        automatic=True,
        outcomes=context.unfelt(
            name,
            [outcome(cures, "up", renew=True), outcome(1.0 - cures, "stuck")],
            [outcome(cures, "up", renew=True), outcome(1.0 - cures, late)],
        ),
    )


def _known(
    context: BuildContext, name: str, app: ElementRef, called: str, late: Mapping[str, str]
) -> None:
    """Add how a dead or hung application becomes known, late if nobody feels it, and who comes."""
    app.after(f"stuck -> {called}", context.noticed(masked=False), "noticed")
    hung = context.time("alert") if context.finds("hung_service") else context.time("gray")
    app.after(f"hung -> {called}", hung, "recognised")
    for felt, unseen in late.items():
        context.add_found(app, unseen, felt, called, name)
    responding = context.respond()
    if responding is not None:
        app.now("waiting -> attending", PEOPLE, "attended", fifo=True, when=context.person_free())
        law, hours = responding
        app.after("attending -> fixing", law, "reached", profile=hours)
        context.busy.append(app.among("attending", "fixing"))


def _checked(context: BuildContext, name: str, app: ElementRef, *, restarts: bool) -> None:
    """Add what checks of ever more depth see of an application that its group restarts or not."""
    m, hosting = context.m, context.m.forward(f"{name}.hosting")
    hung = [x for x in ("hung", "hung-unseen") if x in app.states]
    answers = ["up"] + (["dead", "restarting"] if restarts else [])
    m.gate(f"{name}.process", app.among(*answers, *hung) & hosting)
    m.gate(f"{name}.answers", app.among(*answers) & hosting)
    m.gate(f"{name}.runs", app.among("up", *hung) & hosting)
    m.gate(f"{name}.hung", app.among(*hung))


def _add_resumed(context: BuildContext, name: str, host: ElementRef, app: ElementRef) -> None:
    """Add ``.resuming``: from planned work until the application is up again or a fault strikes.

    Nobody takes what starts after work for broken. What the host or the application does instead of
    starting is a fault.
    """
    m, resuming = context.m, context.resuming.get(name)
    if resuming is None:
        m.gate(f"{name}.resuming", ~m.always())
        return
    starts = (host == "on") & app.among("off", "starting")
    over = ~m.forward(f"{name}.working") & ~starts
    resuming.now("yes -> no", RESUMING, "over", when=over)
    m.gate(f"{name}.resuming", (resuming == "yes") & ~m.forward(f"{name}.working"))


def warn(review: Review, _part: Part, _path: str) -> list[str]:
    """Return a warning if nobody is there to respond."""
    if any(review.having(RESPONDS)):
        return []
    return ["parts: no crew, so somebody responds at once at any hour"]


def boxes(part: Part, q: Unavailability) -> dict[str, float]:
    """Return the box, and a power supply for each feed."""
    by_box = {f"{part.name}/box": q(part, "fails", "repair")}
    feeds = part.values.get("power")
    if feeds is not None and "psu" in part:
        one = q(part, "psu", "psu_repair")
        by_box.update({f"{part.name}/psu-{k + 1}": one for k in range(len(feeds.of))})
    return by_box


def failed(failures: Failures, part: Part, places: tuple[str, ...]) -> int:
    """Return that it is broken or without power, or out of reach of a place or its storage."""
    return failures.any(
        [
            failures.box(f"{part.name}/box"),
            failures.unfed(part),
            *(failures.cut(place, part.name) for place in places),
            *(
                failures.all(failures.cut(part.name, x) for x in failures.members(other))
                for other in part.names("storage")
            ),
        ]
    )


TYPE = RecordType(
    name="server",
    doc="Hardware, operating system and application, with one power supply per feed.",
    slots=(
        life("fails", "time to a hardware failure that stops service", also="ttf"),
        vendor_repair("the hardware"),
        life("psu", "time to failure of one power supply", default=None, requires=("psu_repair",)),
        work(
            "psu_repair",
            "exchange of a power supply",
            default=None,
            counted=True,
            covers=HANDS_ON,
            vendor=True,
        ),
        life("os_crash", "time to a crash of the operating system", default=None),
        Slot("reboot", "work", "reboot with power-on self test", default="required"),
        Slot("boot_after_power", "work", "power back until it is up", default="required"),
        Slot("software", "record", "what runs on it", record=SOFTWARE),
        Slot(
            "storage",
            "names",
            "arrays it needs to reach, or of a mirror one that serves",
        ),
        POWER,
        NETWORK,
    ),
    unused=MappingProxyType(
        {
            "memory": "contained in fails",
            "nic": "paths are drawn as switches and links",
            "nic_repair": "paths are drawn as switches and links",
            "fan": "masked by redundant fans",
            "vm_reboot": "no hypervisor",
            "common": "stated as common of the group",
        }
    ),
    build=build,
    traits=frozenset(
        {ARCHIVE, ATTENDED, HOSTS, NEEDS_POWER, REACHED, SERVES, SHARES_FAULTS, VOTES}
    ),
    warn=warn,
    hardware=Hardware(boxes, failed, needed=True),
)
