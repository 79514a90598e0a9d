"""Contents of an array: lost, replaced, restored from a copy, and what that cost in studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic, Law
from pacsim.parts.build_context import CONTENTS, BuildContext, Copy
from pacsim.parts.loss_classes import ARCHIVE, WINDOW
from pacsim.parts.raid import net_capacity
from pacsim.parts.watch_handles import LossWatch, NeverLost, UnreachableWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.values import Part

INFINITE = float("inf")
STATES = ("ok", "doomed", "lost", "ordered", "wiped", "preparing", "restoring")
"""Of the contents of an array that stands alone."""
NO_BACKUP = "no backup of it in the design"


def add_contents(
    context: BuildContext,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    gone: Condition,
) -> Condition:
    """Add how contents are lost and come back; return the condition that there is room for more.

    Disks: as soon as too many are gone, or when a read error costs the array; somebody notices, and
    the array is replaced first, with new disks. Wipe: by people or firmware, nothing to replace.
    Then somebody decides and prepares, and what was stored comes back at the restore rate, while
    the array can work. Without a copy the array comes back empty. Contents lost again meanwhile
    begin this again, and cost what was written since. Every disk is new at its end.
    """
    m, name = context.m, part.name
    stored, full = _stored(context, part)
    copy = context.copies.get(name)
    lose = [copy.unsaved.set(0.0)] if copy is not None else []
    causes: list[TransitionRef] = [
        contents.now("ok -> lost", CONTENTS, "disks", when=gone, effects=lose),
        contents.now("doomed -> lost", CONTENTS, "read-error", effects=lose),
    ]
    contents.now("wiped preparing -> lost", CONTENTS, "disks-early", when=gone)
    again = [contents.now("restoring -> lost", CONTENTS, "disks-again", when=gone, effects=lose)]
    if "wipe" in part:
        law = part.law("wipe")
        causes.append(contents.after("ok -> wiped", law, "wipe", cls="fault", effects=lose))
        again.append(
            contents.after("restoring -> wiped", law, "wipe-again", cls="fault", effects=lose)
        )
    new = [slot.move(dict.fromkeys(slot.states, "up"), renew=True) for slot in slots]
    known = context.noticed(masked=False)
    contents.after("lost -> ordered", known, "noticed")
    contents.after("ordered -> preparing", part.law("replace"), "replaced", effects=new)
    contents.after("wiped -> preparing", known, "seen")
    empty = outcome(1.0, "ok", stored.set(0.0), full.move({"full": "free"}), *new, renew=True)
    if copy is None:
        ready: Law = part.law("set_up") if "set_up" in part else Deterministic(0.0)
        contents.after("preparing ->", ready, "emptied", cls="repair", outcomes=[empty])
    else:
        _restore(context, part, contents, copy, stored, empty, new)
    restorable = copy.exists if copy is not None else ~m.always()
    restoring = f"unreachable:{name}"
    m.episodes(restoring, (contents != "ok") & restorable)
    context.watch(UnreachableWatch(name, restoring, never="" if copy is not None else NO_BACKUP))
    _observe(context, part, stored, causes, again)
    return full == "free"


def _stored(context: BuildContext, part: Part) -> tuple[QuantityRef, ElementRef]:
    """Add what is stored, which grows until the array is full."""
    archive, room = context.archive, net_capacity(part)
    stored = context.m.quantity(
        f"{part.name}/stored",
        low=0.0,
        high=room,
        start=min(archive.number("stored_at_start"), room),
        rate=archive.number("studies") * archive.number("study_size"),
    )
    full = context.element(part.name, "full", "free full", fault="full")
    full.after("free -> full", stored.rises_to(room), "fills", cls="fault")
    return stored, full


def _restore(
    context: BuildContext,
    part: Part,
    contents: ElementRef,
    copy: Copy,
    stored: QuantityRef,
    empty: OutcomeRequest,
    new: list[MoveRequest],
) -> None:
    """Add how contents come back from a copy; if there is none at the end they are empty."""
    left = add_restored(context, part, contents, copy, new)
    contents.after(
        "preparing ->",
        copy.part.law("prepare"),
        "prepared",
        cls="repair",
        outcomes={copy.exists: [outcome(1.0, "restoring", left.copy(stored))], True: [empty]},
    )


def add_restored(
    context: BuildContext,
    part: Part,
    contents: ElementRef,
    copy: Copy,
    new: list[MoveRequest],
) -> QuantityRef:
    """Add the restore itself, without power it stands still; return what is left of it to do."""
    rate = -copy.part.number("restore_rate")
    works, restoring = context.works(part.name), contents == "restoring"
    left = context.m.quantity(
        f"{part.name}/to-restore",
        low=0.0,
        high=INFINITE,
        start=0.0,
        rate={restoring if works is None else restoring & works: rate, True: 0.0},
    )
    contents.after(
        "restoring -> ok", left.falls_to(0.0), "restored", cls="repair", effects=new, renew=True
    )
    return left


def _observe(
    context: BuildContext,
    part: Part,
    stored: QuantityRef,
    causes: list[TransitionRef],
    again: list[TransitionRef],
) -> None:
    """Watch what was lost with the contents: window if a copy exists, archive if none does.

    Contents that are lost again while they come back have a copy; lost is what was written since.
    """
    m, name, archive = context.m, part.name, context.archive
    copy = context.copies.get(name)
    if copy is None:
        context.watch(NeverLost(name, WINDOW, NO_BACKUP))
    else:
        for cause in (*causes, *again):
            losses = f"loss:{name}:window:{_how(cause)}"
            m.sample(losses, cause, copy.unsaved, when=copy.exists)
            context.watch(LossWatch(name, losses, WINDOW))
    for cause in causes:
        losses = f"loss:{name}:archive:{_how(cause)}"
        context.watch(LossWatch(name, losses, ARCHIVE))
        m.sample(
            losses,
            cause,
            stored,
            when=~copy.exists if copy is not None else None,
            scale=1.0 / archive.number("study_size"),
        )


def _how(cause: TransitionRef) -> str:
    return cause.name.rpartition(".")[2]
