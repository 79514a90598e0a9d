"""An object store: contents that can be lost and come back, from a backup or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.hardware import Hardware, box_failed, box_of
from pacsim.parts.repair import repaired
from pacsim.parts.slots import NETWORK, POWER, RecordType, life, work
from pacsim.parts.traits import ATTENDED, COPIED, NEEDS_POWER, STORES

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``/unit`` and ``/contents``; ``.whole`` they are there, ``.ok`` it answers as well."""
    m, name = context.m, part.name
    unit = repaired(context, part, "unit", "fails", "repair", common="")
    contents = m.element(f"{name}/contents", "ok lost", fault="lost")
    copy = context.copies.get(name)
    lose = [copy.unsaved.set(0.0)] if copy is not None else []
    contents.after("ok -> lost", part.law("wipe"), "wipe", cls="fault", effects=lose)
    back = [outcome(1.0, "ok", renew=True)]
    contents.after("lost ->", part.law("refill"), "refilled", cls="repair", outcomes=back)
    m.gate(f"{name}.whole", contents == "ok")
    m.gate(f"{name}.ok", (unit == "up") & (contents == "ok") & context.powered(part))


TYPE = RecordType(
    name="object_store",
    doc="A store with contents; one unit.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        work("repair", "hands-on repair", also="ttr", counted=True),
        life("wipe", "time to a loss of all contents"),
        work("refill", "contents lost until they are back"),
        POWER,
        NETWORK,
    ),
    bundle=False,
    build=build,
    traits=frozenset({ATTENDED, COPIED, NEEDS_POWER, STORES}),
    hardware=Hardware(box_of, box_failed, needed=True),
)
