"""Contents of an array: lost, replaced, restored from a copy, and what that cost in studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic, Law
from pacsim.parts.build_context import CONTENTS, BuildContext
from pacsim.parts.loss_classes import ARCHIVE, WINDOW
from pacsim.parts.watch_handles import LossWatch, NeverLost, UnreachableWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
    from pacsim.parts.values import Part

INFINITE = float("inf")
NO_BACKUP = "no backup of it in the design"


def add_contents(
    context: BuildContext,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    gone: Condition,
) -> None:
    """Add how contents are lost and come back.

    Disks: as soon as too many are gone, or when a read error costs the array; the array is
    replaced first, with new disks. Wipe: by people or firmware, nothing to replace. Then somebody
    decides and prepares, and what was stored comes back at the restore rate. Without a copy the
    array comes back empty. Contents lost again meanwhile only begin this again. Every disk is new
    at its end.
    """
    m, name, archive = context.m, part.name, context.archive
    growth = archive.number("studies") * archive.number("study_size")
    stored = m.quantity(
        f"{name}/stored",
        low=0.0,
        high=INFINITE,
        start=archive.number("stored_at_start"),
        rate=growth,
    )
    copy = context.copies.get(name)
    lose = [copy.unsaved.set(0.0)] if copy is not None else []
    causes: list[TransitionRef] = [
        contents.now("ok -> lost", CONTENTS, "disks", when=gone, effects=lose),
        contents.now("doomed -> lost", CONTENTS, "read-error", effects=lose),
    ]
    contents.now("preparing restoring -> lost", CONTENTS, "disks-again", when=gone)
    if "wipe" in part:
        law = part.law("wipe")
        wipe = contents.after("ok -> wiped", law, "wipe", cls="fault", effects=lose)
        causes.append(wipe)
        contents.after("restoring -> wiped", law, "wipe-again", cls="fault")
    new = [slot.move(dict.fromkeys(slot.states, "up"), renew=True) for slot in slots]
    contents.after("lost -> preparing", part.law("replace"), "replaced", effects=new)
    contents.now("wiped -> preparing", CONTENTS, "seen")
    empty = outcome(1.0, "ok", stored.set(0.0), *new, renew=True)
    if copy is None:
        ready: Law = part.law("set_up") if "set_up" in part else Deterministic(0.0)
        contents.after("preparing ->", ready, "emptied", cls="repair", outcomes=[empty])
    else:
        left = m.quantity(
            f"{name}/to-restore",
            low=0.0,
            high=INFINITE,
            start=0.0,
            rate={contents == "restoring": -copy.part.number("restore_rate"), True: 0.0},
        )
        full = outcome(1.0, "restoring", left.copy(stored))
        contents.after(
            "preparing ->",
            copy.part.law("prepare"),
            "prepared",
            cls="repair",
            outcomes={copy.exists: [full], True: [empty]},
        )
        contents.after(
            "restoring -> ok", left.falls_to(0.0), "restored", cls="repair", effects=new, renew=True
        )
    restorable = copy.exists if copy is not None else ~m.always()
    restoring = f"unreachable:{name}"
    m.episodes(restoring, (contents != "ok") & restorable)
    context.watch(UnreachableWatch(name, restoring, never="" if copy is not None else NO_BACKUP))
    _observe(context, part, contents, stored, causes)


def _observe(
    context: BuildContext,
    part: Part,
    contents: ElementRef,
    stored: QuantityRef,
    causes: list[TransitionRef],
) -> None:
    """Watch what was lost with the contents: window if a copy exists, archive if none does."""
    m, name, archive = context.m, part.name, context.archive
    copy = context.copies.get(name)
    if copy is None:
        context.watch(NeverLost(name, WINDOW, NO_BACKUP))
    for cause in causes:
        how = cause.name.rpartition(".")[2]
        if copy is not None:
            losses = f"loss:{name}:window:{how}"
            m.sample(losses, cause, copy.unsaved, when=copy.exists)
            context.watch(LossWatch(name, losses, WINDOW))
        losses = f"loss:{name}:archive:{how}"
        context.watch(LossWatch(name, losses, ARCHIVE))
        m.sample(
            losses,
            cause,
            stored,
            when=~copy.exists if copy is not None else None,
            scale=1.0 / archive.number("study_size"),
        )
