"""A UPS: inverter, battery charge as a quantity, and a battery that may be dead unseen."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import every, outcome
from pacsim.delays import Deterministic
from pacsim.parts.build_context import BATTERY, CONTENTS, BuildContext, Victim
from pacsim.parts.hardware import ON_THE_WAY
from pacsim.parts.monitoring import finds
from pacsim.parts.repair import add_repair, stages
from pacsim.parts.slots import POWER, RecordType, Slot, life, vendor_repair, work
from pacsim.parts.traits import ATTENDED, GIVES_POWER, SHARES_FAULTS
from pacsim.parts.values import ALL_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/module``, ``/source``, ``/battery`` and the charge in seconds of the load it has.

    ``online`` counts as live until the battery has been tried, so the output never dips inside a
    cascade (test 50). A bypassed module passes the mains on. A battery that is dead, known or
    not, drops the load at once when it is needed, and is known from then on.
    """
    m, name = context.m, part.name
    mains = context.powered(part)
    repair = part.delay("repair")
    ways = {way: _stages(context, part, way) for way in ("bypass", "down")}
    bypassed, dead = ways["bypass"][0], ways["down"][0]
    broken = [state for states in ways.values() for state in states]
    module = context.element(name, "module", ["up", *broken], fault=broken)
    drop = part.number("drops_load")
    module.after(
        "up ->",
        context.own_law(name, "hardware", part.law("fails")),
        "fail",
        cls="fault",
        memory="resume",
        outcomes=[outcome(drop, dead), outcome(1.0 - drop, bypassed)],
    )
    if repair.covers == ALL_IN:
        law, hours = repair.law, repair.calendar
        module.after("bypass down -> up", law, "repaired", cls="repair", renew=True, profile=hours)
    else:
        for way in ways:
            add_repair(context, module, part, repair, masked=False, prefix=f"{way}-")
    maps = ((drop, {"up": dead}), (1.0 - drop, {"up": bypassed}))
    context.victims[name, "hardware"] = Victim(module, maps)

    source = context.element(name, "source", "online on_battery empty")
    runtime = part.number("runtime")
    charge = m.quantity(
        f"{name}/charge",
        low=0.0,
        high=runtime,
        start=runtime,
        rate={
            (source == "on_battery") & (module == "up"): -1.0,
            mains & (source != "on_battery"): runtime / part.number("recharge"),
            True: 0.0,
        },
    )
    source.now("online -> on_battery", BATTERY, "lost", when=~mains & (module == "up"))
    source.now("on_battery empty -> online", BATTERY, "back", when=mains)
    source.after("on_battery -> empty", charge.falls_to(0.0), "empty")
    if "battery_life" in part:
        battery = _battery(context, part)
        source.now(
            "on_battery -> empty",
            CONTENTS,
            "dead",
            when=battery != "good",
            effects=[battery.move({"hidden": "known"})],
        )
    live = (module == "up") & (source != "empty")
    m.gate(f"{name}.output", live | (module.among(*ways["bypass"]) & mains))
    m.gate(f"{name}.ok", m.forward(f"{name}.output"))


def _stages(context: BuildContext, part: Part, way: str) -> list[str]:
    """Return the states of a module that failed one way, in the order in which it is repaired."""
    repair = part.delay("repair")
    if repair.covers == ALL_IN:
        return [way]
    return [f"{way}-{stage}" for stage in stages(context, part, repair)]


def _battery(context: BuildContext, part: Part) -> ElementRef:
    battery = context.element(part.name, "battery", "good hidden known", fault="hidden known")
    battery.after("good -> hidden", part.law("battery_life"), "die", cls="fault", memory="keep")
    if context.finds("dead_battery"):
        battery.after("hidden -> known", context.time("hidden"), "found")
    elif "battery_test" in part:
        battery.after("hidden -> known", every(part.number("battery_test")), "tested")
    battery.after(
        "known -> good", part.law("battery_replace"), "replaced", cls="repair", renew=True
    )
    if "battery_age" in part:
        age = Deterministic(part.number("battery_age"))
        battery.after(
            "good hidden -> good", age, "renewed", cls="repair", memory="keep", renew=True
        )
    return battery


def idle(practices: Part, part: Part) -> Mapping[str, str]:
    """Return why tests of the battery change nothing, if they do not."""
    if "battery_test" not in part:
        return {}
    if "battery_life" not in part:
        return {"battery_test": "without battery_life no battery dies"}
    if finds(practices, "dead_battery"):
        return {"battery_test": "monitoring finds a dead battery in place of tests"}
    return {}


TYPE = RecordType(
    name="ups",
    doc="Carries the load on battery for `runtime`. A dead battery shows at a test or a dip.",
    slots=(
        POWER,
        life("fails", "time to failure of the module", also="ttf"),
        vendor_repair("the module"),
        Slot("drops_load", "share", "share of module faults that drop the load", default=0),
        life(
            "battery_life",
            "age at which the string cannot carry the load",
            default=None,
            requires=("battery_replace",),
        ),
        work("battery_replace", "until a string known to be dead is replaced", default=None),
        Slot(
            "battery_age",
            "seconds",
            "age at which the string is replaced",
            default=None,
            positive=True,
        ),
        Slot(
            "battery_test",
            "seconds",
            "time between battery tests; monitoring replaces them",
            default=None,
            positive=True,
        ),
        Slot(
            "runtime", "seconds", "on battery at the load it has", default="required", positive=True
        ),
        Slot("recharge", "seconds", "from empty to full", default="required", positive=True),
    ),
    unused=MappingProxyType(
        {
            "bypass": "counted in drops_load",
            "on_bypass": "bypass lasts as long as the repair",
            "battery_dead": "alternative to battery_life",
            "battery_dead_tested": "alternative to battery_life",
            "runtime_half_load": "runtime is given at the load it has",
            "runtime_old": "runtime is given; ageing ends in battery_life",
            "visit_drops_load": "no UPS visits",
            "common": "stated as a common_cause part",
        }
    ),
    build=build,
    traits=frozenset({ATTENDED, GIVES_POWER, SHARES_FAULTS}),
    hardware=ON_THE_WAY,
    idle=idle,
)
