"""An object store: contents that can be lost and come back, from a backup or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import LOSS
from pacsim.parts.hardware import Hardware, box_failed, box_of
from pacsim.parts.loss_classes import WINDOW, LossClass
from pacsim.parts.repair import repaired
from pacsim.parts.slots import NETWORK, POWER, RecordType, Slot, life, work
from pacsim.parts.traits import ATTENDED, COPIED, NEEDS_POWER, STORES
from pacsim.parts.watch_handles import FirstLossWatch, LossWatch, NeverLost, UnreachableWatch

if TYPE_CHECKING:
    from pacsim.core.writing.handles import ElementRef, TransitionRef
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

BUCKET = LossClass(
    "bucket",
    "a whole bucket",
    "The contents are lost while no copy exists: it costs what a bucket holds.",
)
NO_BACKUP = "no backup of it in the design"


def build(context: BuildContext, part: Part) -> None:
    """Add ``/unit``, ``/contents`` and ``/loss``; ``.whole`` they are there, ``.ok`` it answers."""
    m, name = context.m, part.name
    unit = repaired(context, part, "unit", "fails", "repair", common="")
    contents = context.element(name, "contents", "ok lost", fault="lost")
    copy = context.copies.get(name)
    lose = [copy.unsaved.set(0.0)] if copy is not None else []
    wipe = contents.after("ok -> lost", part.law("wipe"), "wipe", cls="fault", effects=lose)
    back = [outcome(1.0, "ok", renew=True)]
    contents.after("lost ->", part.law("refill"), "refilled", cls="repair", outcomes=back)
    m.gate(f"{name}.whole", contents == "ok")
    m.gate(f"{name}.ok", (unit == "up") & (contents == "ok") & context.powered(part))
    _observe(context, part, contents, wipe)


def _observe(context: BuildContext, part: Part, contents: ElementRef, wipe: TransitionRef) -> None:
    """Watch what is lost: since the last copy if there is one, the bucket if not."""
    m, name = context.m, part.name
    copy = context.copies.get(name)
    memory = context.element(name, "loss", "none some")
    memory.now("none -> some", LOSS, "first", when=contents == "lost")
    first, bucket, restoring = f"first loss of {name}", f"bucket of {name}", f"refill of {name}"
    m.first_passage(first, memory == "some")
    context.watch(FirstLossWatch(name, first))
    m.firings(bucket, wipe, when=None if copy is None else ~copy.exists)
    context.watch(LossWatch(name, bucket, BUCKET, studies_each=part.number("holds")))
    restorable = copy.exists if copy is not None else ~m.always()
    m.episodes(restoring, (contents == "lost") & restorable)
    context.watch(UnreachableWatch(name, restoring, never=NO_BACKUP if copy is None else ""))
    if copy is None:
        context.watch(NeverLost(name, WINDOW, NO_BACKUP))
    else:
        newest = f"newest of {name}"
        m.sample(newest, wipe, copy.unsaved, when=copy.exists)
        context.watch(LossWatch(name, newest, WINDOW))


TYPE = RecordType(
    name="object_store",
    doc="A store with contents; one unit.",
    slots=(
        life("fails", "time to failure", also="ttf"),
        work("repair", "hands-on repair", also="ttr", counted=True),
        life("wipe", "time to a loss of all contents"),
        work("refill", "contents lost until they are back"),
        Slot("holds", "count", "studies in a bucket", default=100, positive=True),
        POWER,
        NETWORK,
    ),
    bundle=False,
    build=build,
    traits=frozenset({ATTENDED, COPIED, NEEDS_POWER, STORES}),
    hardware=Hardware(box_of, box_failed, needed=True),
)
