"""An automatic transfer switch: normal side, emergency side, stuck on demand, dead by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.site import TRANSFER, Site
from pacsim.parts.slots import RecordType, Slot, life, share, work

if TYPE_CHECKING:
    from pacsim.parts.values import Part


def build(site: Site, part: Part) -> None:
    """Add ``/position`` and ``/fault``; live while the side it stands on is.

    If the normal side comes back during a transfer it stays; going back is without a break. A
    switch that sticks on demand carries the normal side if that is live; a person can put the
    load on the emergency side by hand.
    """
    m, name = site.m, part.name
    normal, emergency = site.output(part["normal"]), site.output(part["emergency"])
    at = m.element(f"{name}/position", "normal leaving emergency stuck", fault="stuck")
    at.now("normal -> leaving", TRANSFER, "leave", when=~normal & emergency)
    at.now("leaving -> normal", TRANSFER, "stay", when=normal | ~emergency)
    at.now("emergency -> normal", TRANSFER, "return", when=normal)
    stick = part.number("demand")
    at.after(
        "leaving ->",
        part.law("delay"),
        "transfer",
        outcomes=[outcome(1.0 - stick, "emergency"), outcome(stick, "stuck")],
    )
    by_hand = part.law("bypass")
    at.after("stuck -> emergency", by_hand, "by-hand", when=~normal & emergency)
    at.after("stuck -> normal", part.law("repair"), "repaired", cls="repair", renew=True)
    good = m.always()
    switched = at == "emergency"
    if "spurious" in part:
        fault = m.element(f"{name}/fault", "ok dead bypassed", fault="dead bypassed")
        fault.after("ok -> dead", part.law("spurious"), "fail", cls="fault", memory="resume")
        fault.after("dead -> bypassed", by_hand, "bypass")
        law = part.law("repair")
        fault.after("bypassed -> ok", law, "repaired", cls="repair", renew=True)
        good, switched = fault != "dead", switched & (fault == "ok")
    carries = ((at != "emergency") & normal) | (switched & emergency)
    if "spurious" in part:
        carries |= (fault == "bypassed") & normal
    m.gate(f"{name}.output", good & carries)
    m.gate(f"{name}.ok", m.forward(f"{name}.output"))


TYPE = RecordType(
    name="ats",
    doc="Transfers the load to the emergency side when the normal side is dead, and back.",
    slots=(
        Slot("normal", "name", "part that feeds it normally", default="required"),
        Slot(
            "emergency",
            "name",
            "generator or other part that feeds it otherwise",
            default="required",
        ),
        share("demand", "probability that it sticks when it should transfer"),
        life("spurious", "time to a fault that drops the load by itself", default=None),
        Slot("delay", "delay", "transfer time", default="required"),
        work("repair", "repair, everything included", also="ttr"),
        work("bypass", "until a person has put the load round it by hand"),
    ),
    build=build,
)
