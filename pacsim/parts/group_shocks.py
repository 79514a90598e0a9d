"""Shocks of a group: the share of faults that takes the hardware or software of all members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.values import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review

COMMON = RecordType(
    name="common",
    doc="Shares of faults that take all members at once.",
    slots=(
        Slot("hardware", "share", "of hardware failures", default=0, below=1.0),
        Slot("software", "share", "of crashes and hangs", default=0, below=1.0),
    ),
    bundle=False,
)


def share_taken(group: Part, members: Sequence[Part], kind: str) -> float:
    """Return the share of a member's failures that a shock of the group takes."""
    if "common" not in group:
        return 0.0
    shared = [x for x in members if kind == "hardware" or x.values.get(kind) is not None]
    return float(group.part("common").values.get(kind) or 0.0) if len(shared) > 1 else 0.0


def check_common(review: Review, group: Part, path: str) -> None:
    """Note a common share of members that differ."""
    common = group.values.get("common")
    if not isinstance(common, Part):
        return
    members = review.members(group)
    for kind, slot in (("hardware", "fails"), ("software", "crash")):
        owners = members
        if kind == "software":
            owners = [m.part("software") for m in members if m.values.get("software") is not None]
        laws = [one.values[slot].law for one in owners if one.values.get(slot) is not None]
        if common.values.get(kind) and any(law != laws[0] for law in laws[1:]):
            rule = f"members have different {slot}, so a share of them is not one rate"
            review.problem(f"{path}.common.{kind}", rule, "make them alike with like:")


def add_common(context: BuildContext, group: Part) -> None:
    """Add the shocks that take the hardware or the application of every member."""
    if "common" not in group:
        return
    common = group.part("common")
    for kind, slot in (("hardware", "fails"), ("software", "crash")):
        owners = [x for x in group.names("members") if (x, kind) in context.victims]
        share = float(common.values.get(kind) or 0.0)
        if not owners:
            continue
        part = context.parts[owners[0]]
        law = part.law(slot) if kind == "hardware" else part.part("software").law(slot)
        context.shock(group.name, kind, law, share, [context.victims[x, kind] for x in owners])
