"""A generator: starts when a transfer switch it feeds has lost its normal side; runs on fuel."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import START, BuildContext
from pacsim.parts.repair import add_repair, stages
from pacsim.parts.slots import RecordType, Slot, life, share, vendor_repair, work
from pacsim.parts.traits import ATTENDED, GIVES_POWER, TRANSFERS
from pacsim.parts.values import ALL_IN

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/set`` and ``/tank``; live while it runs and has fuel.

    It is wanted while the normal side of a transfer switch it feeds is dead, or the load has been
    put on its side by hand. Each attempt takes the start delay; after the last one it locks out
    until repaired.
    """
    m, name = context.m, part.name
    fed = [p for p in context.parts.values() if p.has(TRANSFERS) and p["emergency"] == name]
    wanted = m.any(~context.output(ats["normal"]) | m.forward(f"{ats.name}.held") for ats in fed)
    tries = max(1, int(part["retries"]))
    starts = [f"start-{k}" for k in range(1, tries + 1)]
    repair = part.delay("repair")
    once = repair.covers == ALL_IN
    failed = ["failed"] if once else stages(context, part, repair)
    engine = context.element(name, "set", ["standby", *starts, "running", *failed], fault=failed)
    engine.now("standby -> start-1", START, "wanted", when=wanted)
    engine.now(f"{' '.join(starts)} running -> standby", START, "stopped", when=~wanted)
    cures = part.number("retry_cures")
    for k, state in enumerate(starts):
        works = cures if k else 1.0 - part.number("start")
        otherwise = starts[k + 1] if k + 1 < tries else failed[0]
        engine.after(
            f"{state} ->",
            part.law("start_delay"),
            f"attempt-{k + 1}",
            outcomes=[outcome(works, "running"), outcome(1.0 - works, otherwise)],
        )
    engine.after(f"running -> {failed[0]}", part.law("run"), "fail", cls="fault", memory="keep")
    if once:
        law, hours = repair.law, repair.calendar
        engine.after("failed -> standby", law, "repaired", cls="repair", renew=True, profile=hours)
    else:
        add_repair(context, engine, part, repair, masked=False, to="standby")
    wet = m.always()
    if "fuel" in part:
        wet = _tank(context, part, engine == "running") != "dry"
    m.gate(f"{name}.output", (engine == "running") & wet)
    m.gate(f"{name}.ok", ~engine.among(*failed) & wet)


def _tank(context: BuildContext, part: Part, running: Condition) -> ElementRef:
    full = part.number("fuel")
    fuel = context.m.quantity(
        f"{part.name}/fuel", low=0.0, high=full, start=full, rate={running: -1.0, True: 0.0}
    )
    tank = context.element(part.name, "tank", "ok ordered dry", fault="dry")
    # An order point above half a tank would order again and again without running.
    point = min(part.number("order_at"), full / 2.0)
    # Armed only while it runs, so that what made it run is the cause of an empty tank (R27).
    tank.after("ok -> ordered", fuel.falls_to(point), "order", when=running)
    tank.after("ordered -> dry", fuel.falls_to(0.0), "dry", when=running)
    if "refuel" in part:
        comes = part.number("refuel_success")
        # Another order after a delivery that did not come leaves a dry tank dry.
        tank.after(
            "ordered dry ->",
            part.law("refuel"),
            "delivery",
            cls="repair",
            automatic=True,
            outcomes={
                tank == "dry": [outcome(comes, "ok", fuel.set(full)), outcome(1 - comes, "dry")],
                True: [outcome(comes, "ok", fuel.set(full)), outcome(1 - comes, "ordered")],
            },
        )
    return tank


TYPE = RecordType(
    name="generator",
    doc="Standby set: start with retries, run, fail while running, fuel and its delivery.",
    slots=(
        share("start", "probability that the first attempt fails"),
        Slot("start_delay", "delay", "mains lost until it carries load", default="required"),
        Slot("retries", "count", "start attempts before it locks out", default=1, positive=True),
        Slot("retry_cures", "share", "probability that one more attempt starts it", default=0),
        life("run", "time to failure while running", also="ttf"),
        vendor_repair(),
        Slot(
            "fuel",
            "seconds",
            "running time on a full tank",
            positive=True,
            requires=("refuel",),
        ),
        Slot("order_at", "seconds", "running time left when fuel is ordered", default="24 h"),
        work("refuel", "order to delivery", default=None),
        Slot(
            "refuel_success",
            "share",
            "probability that a delivery comes; else it is ordered again",
            default=1,
        ),
    ),
    unused=MappingProxyType(
        {
            "latent": "alternative to start",
            "available": "maintenance of the set is not modelled",
            "manual": "nobody starts it by hand",
            "manual_success": "nobody starts it by hand",
            "test": "tests act through start",
            "test_finds": "tests act through start",
            "test_outage": "tests act through start",
            "poor_maintenance_run": "alternative to run",
        }
    ),
    build=build,
    traits=frozenset({ATTENDED, GIVES_POWER}),
)
