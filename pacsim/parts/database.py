"""A database: crashes and recovers in place; corruption is found late and costs a restore."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.parts import serving
from pacsim.parts.build_context import DATABASE, BuildContext, hooks
from pacsim.parts.planned_work import all_broken
from pacsim.parts.slots import RecordType, Slot, life, work
from pacsim.parts.traits import COPIED, HOSTS, RUNS_ON, STORES

if TYPE_CHECKING:
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/engine`` and ``/contents``.

    On a server the engine stops with it and recovers beside the application's start. So it does on
    a group whose active member comes back in place or serves by itself; a switchover, also one
    that people make, contains the recovery. Corruption is served until it is noticed.
    ``.answers`` is what a store sees: recovering and restoring is no reason to switch, since
    another member would find the same.
    """
    m, name = context.m, part.name
    on = str(part["runs_on"])
    base = m.forward(f"{on}.hosting")
    recovery = part.law("recovery")
    engine = context.element(name, "engine", "up crashed stopped recovering", fault="crashed")
    context.engines[name] = engine
    law = part.law("crash")
    engine.after("up -> crashed", law, "crash", cls="fault", memory="resume", when=base)
    engine.after("crashed -> up", recovery, "recovered", cls="repair", renew=True, automatic=True)
    engine.now("up crashed recovering -> stopped", DATABASE, "stopped", when=~base)
    moves = on in context.groups and hooks(context.groups[on]).active is not None
    switched = m.forward(f"{on}.switched") if moves else ~m.always()
    engine.now("stopped -> recovering", DATABASE, "start", when=base & ~switched)
    if moves:
        engine.now("stopped -> up", DATABASE, "started-by-switch", when=base & switched)
    engine.after("recovering -> up", recovery, "started", automatic=True)
    good = engine == "up"
    if "corruption" in part:
        contents = context.element(
            name, "contents", "ok corrupt restoring", fault="corrupt restoring"
        )
        wrong = part.law("corruption")
        contents.after("ok -> corrupt", wrong, "corrupt", cls="fault", memory="resume")
        contents.after("corrupt -> restoring", part.law("discover"), "found")
        contents.after("restoring -> ok", part.law("restore"), "restored", cls="repair", renew=True)
        good &= contents != "restoring"
    group = context.groups.get(on)
    servers = [on] if group is None else group.names("members")
    m.gate(f"{name}.ok", good & ~m.all([all_broken(context, x) for x in servers]))
    m.gate(f"{name}.answers", engine != "crashed")


def check(review: Review, part: Part, path: str) -> None:
    """Note a database that was left on a server which is a member of a group."""
    on = part.values.get("runs_on")
    for name, group in review.groups.items():
        if on in group.names("members"):
            rule = f'"{on}" is a member of group "{name}", which may serve from another member'
            remedy = f"write runs_on: {name}"
            if not group.has(HOSTS):
                remedy = "let it run on a server of its own"
            review.problem(f"{path}.runs_on", rule, remedy)


TYPE = RecordType(
    name="database",
    doc="Up only while what it runs on serves. A crash on a healthy node recovers in place.",
    slots=(
        life("crash", "time to a crash that ends with recovery"),
        work("recovery", "log replay until it accepts connections", also="ttr", covers=""),
        life(
            "corruption",
            "time to a corruption that needs a restore",
            default=None,
            requires=("discover", "restore"),
        ),
        work("discover", "corruption until it is noticed", default=None),
        work("restore", "restore from backup", default=None),
        Slot(
            "runs_on",
            "name",
            "server or group it runs on",
            default="required",
            refers=(HOSTS,),
        ),
        Slot("stored_on", "name", "array that holds it", refers=(STORES,)),
        serving.serves(serving.DATABASE),
    ),
    unused=MappingProxyType(
        {
            "size_per_study": "restore is a time",
            "failover": "of the group that it runs on",
            "success": "of the group that it runs on",
            "detection": "of the group that it runs on",
            "replica_stop": "of the group that it runs on",
        }
    ),
    build=build,
    traits=frozenset({COPIED, RUNS_ON}),
    check=check,
)
