"""An active-active group: all members serve, and one of them suffices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.groups import GroupHooks
from pacsim.parts.hardware import Failures, Hardware, Unavailability
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import REACHED, SERVES

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, group: Part) -> None:
    """Add ``<name>.ok``: one member or more serves."""
    members = group.names("members")
    context.m.gate(f"{group.name}.ok", context.m.any(context.ok(member) for member in members))


def boxes(_group: Part, _q: Unavailability) -> dict[str, float]:
    """Return nothing: its members have the boxes."""
    return {}


def failed(failures: Failures, group: Part, places: tuple[str, ...]) -> int:
    """Return that all members have failed."""
    return failures.all(failures.needed(member, places) for member in group.names("members"))


TYPE = RecordType(
    name="active_active",
    doc="Servers that all serve; one suffices.",
    slots=(Slot("members", "names", "servers", default="required", refers=(SERVES,)),),
    bundle=False,
    build=build,
    traits=frozenset({REACHED}),
    hardware=Hardware(boxes, failed, needed=True),
    group=GroupHooks(),
)
