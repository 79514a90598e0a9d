"""An automatic transfer switch: normal side, emergency side, stuck on demand, dead by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import TIDY, TRANSFER, BuildContext
from pacsim.parts.repair import add_repair, stages
from pacsim.parts.slots import RecordType, Slot, life, share, vendor_repair, work
from pacsim.parts.traits import ATTENDED, GIVES_POWER, TRANSFERS
from pacsim.parts.values import ALL_IN

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import OutcomeRequest
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/position``; live while the side it stands on is, unless a fault dropped the load.

    If the normal side comes back during a transfer it stays; going back is without a break. A
    switch that stuck on demand, and one that is bypassed after a fault by itself, moves by hand
    only until it is repaired.
    """
    m, name = context.m, part.name
    normal, emergency = context.output(part["normal"]), context.output(part["emergency"])
    spurious = "spurious" in part
    turned, by_hand = "normal leaving emergency", "stuck stuck-emergency"
    faults = by_hand + (" dead" if spurious else "")
    at = context.element(name, "position", f"{turned} {faults}", fault=faults)
    away = ~normal & emergency
    at.now("normal -> leaving", TRANSFER, "leave", when=away)
    at.now("leaving -> normal", TRANSFER, "stay", when=normal | ~emergency)
    at.now("emergency -> normal", TRANSFER, "return", when=normal)
    stick = part.number("demand")
    at.after(
        "leaving ->",
        part.law("delay"),
        "transfer",
        outcomes=[outcome(1.0 - stick, "emergency"), outcome(stick, "stuck")],
    )
    hand = part.law("bypass")
    at.after("stuck -> stuck-emergency", hand, "by-hand", when=away)
    at.after("stuck-emergency -> stuck", hand, "by-hand-back", when=normal)
    _repair(context, part, at, by_hand)
    if spurious:
        law = part.law("spurious")
        at.after(f"{turned} {by_hand} -> dead", law, "fail", cls="fault", memory="resume")
        sides: dict[Condition | bool, list[OutcomeRequest]] = {
            away: [outcome(1.0, "stuck-emergency")],
            True: [outcome(1.0, "stuck")],
        }
        at.after("dead ->", hand, "bypass", outcomes=sides)
    on_normal = at.among("normal", "leaving", "stuck") & normal
    m.gate(f"{name}.output", on_normal | (at.among("emergency", "stuck-emergency") & emergency))
    m.gate(f"{name}.ok", m.forward(f"{name}.output"))
    # A person who has put the load on a generator keeps that running until it is put back.
    m.gate(f"{name}.held", at == "stuck-emergency")


def _repair(context: BuildContext, part: Part, at: ElementRef, by_hand: str) -> None:
    """Add the repair, which leaves the load where a person has put it."""
    repair = part.delay("repair")
    if repair.covers == ALL_IN:
        ends: dict[Condition | bool, list[OutcomeRequest]] = {
            at == "stuck": [outcome(1.0, "normal", renew=True)],
            True: [outcome(1.0, "emergency", renew=True)],
        }
        at.after(
            f"{by_hand} ->",
            repair.law,
            "repaired",
            cls="repair",
            outcomes=ends,
            profile=repair.calendar,
        )
        return
    # Its stages go on while the load is moved by hand, so they are an element of their own. It is
    # not flagged: the fault is that of the position.
    names = stages(context, part, repair)
    work = context.element(part.name, "repair", ["idle", *names])
    stuck = at.among(*by_hand.split())
    work.now(f"idle -> {names[0]}", TIDY, "begun", when=stuck)
    # A fault by itself begins it anew, like the one delay.
    work.now(f"{' '.join(names)} -> idle", TIDY, "broken-off", when=~stuck)
    mended = at.move({"stuck": "normal", "stuck-emergency": "emergency"}, renew=True)
    add_repair(context, work, part, repair, masked=False, to="idle", effects=[mended])


TYPE = RecordType(
    name="ats",
    doc="Transfers the load to the emergency side when the normal side is dead, and back.",
    slots=(
        Slot(
            "normal",
            "name",
            "part that feeds it normally",
            default="required",
            refers=(GIVES_POWER,),
        ),
        Slot(
            "emergency",
            "name",
            "generator or other part that feeds it otherwise",
            default="required",
            refers=(GIVES_POWER,),
        ),
        share("demand", "probability that it sticks when it should transfer"),
        life("spurious", "time to a fault that drops the load by itself", default=None),
        Slot("delay", "delay", "transfer time", default="required"),
        vendor_repair(),
        work("bypass", "until a person has put the load on the other side, or round it, by hand"),
    ),
    build=build,
    traits=frozenset({ATTENDED, GIVES_POWER, TRANSFERS}),
)
