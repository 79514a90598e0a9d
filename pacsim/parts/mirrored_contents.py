"""Contents of an array of a mirror: lost, replaced, and back from the other copy or a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic, Law
from pacsim.parts.build_context import CONTENTS, COPY
from pacsim.parts.loss_classes import ARCHIVE, WINDOW
from pacsim.parts.restore import add_restored
from pacsim.parts.watch_handles import LossWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, TransitionRef
    from pacsim.core.writing.transition_requests import EffectRequest, MoveRequest, OutcomeRequest
    from pacsim.parts.mirrored import Mirror, Vault
    from pacsim.parts.values import Part

Cases = dict["Condition | bool", "list[OutcomeRequest]"]


def add_mirrored(
    mirror: Mirror,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    gone: Condition,
) -> Condition:
    """Add how contents are lost and come back; return the condition that there is room for more.

    As for an array alone, but nothing is lost while the other copy has it, and a member comes back
    blank and is filled from the other copy if that has anything, else from the backup. Where both
    have nothing left, both are prepared, and the first one begins.
    """
    vault, context = mirror.vault, mirror.context
    assert vault is not None
    causes: list[TransitionRef] = [
        contents.now("ok ->", CONTENTS, "disks", when=gone, outcomes=_ends(mirror, part, "lost")),
        contents.now("doomed ->", CONTENTS, "read-error", outcomes=_ends(mirror, part, "lost")),
        contents.now(
            "restoring ->",
            CONTENTS,
            "disks-again",
            when=gone,
            outcomes=_ends(mirror, part, "lost"),
        ),
    ]
    contents.now("wiped preparing -> lost", CONTENTS, "disks-early", when=gone)
    if "wipe" in part:
        for arrow, name in (("ok ->", "wipe"), ("restoring ->", "wipe-again")):
            wiped = _ends(mirror, part, "wiped")
            law = part.law("wipe")
            causes.append(contents.after(arrow, law, name, cls="fault", outcomes=wiped))
    nothing = context.m.all(mirror.is_(x, "blank", "filling") for x in mirror.members)
    contents.now("ok -> wiped", COPY, "bereft", when=nothing)
    new = [slot.move(dict.fromkeys(slot.states, "up"), renew=True) for slot in slots]
    known = context.noticed(masked=False)
    contents.after("lost -> ordered", known, "noticed")
    contents.after("ordered -> preparing", part.law("replace"), "replaced", effects=new)
    contents.after("wiped -> preparing", known, "seen")
    _add_prepared(mirror, vault, part, contents, new)
    for cause in causes:
        _observe(mirror, vault, part, cause)
    return vault.full == "free"


def _ends(mirror: Mirror, part: Part, target: str) -> Cases:
    """Return how contents are lost: with the other copy as good, by what it lacks, or all of it.

    The effects that they share: nothing is left of the copy, and it lacks all that is stored. What
    no backup holds is counted once: afterwards there is none of it left to be lost.
    """
    vault, name = mirror.vault, part.name
    assert vault is not None
    assert mirror.behind is not None
    blank: list[EffectRequest] = [
        *mirror.becomes(name, "blank"),
        mirror.behind[name].copy(vault.stored),
    ]
    seen = vault.memory.move({"none": "some"})
    copy, near = mirror.copy(), mirror.gate("source", mirror.other(name))
    lose: list[EffectRequest] = [copy.unsaved.set(0.0)] if copy is not None else []
    # What the other copy lacked is lost, so it lacks it no more.
    gone = mirror.behind[mirror.other(name)].set(0.0)
    return {
        mirror.only(name) & near: [outcome(1.0, target, *blank, seen, gone)],
        mirror.only(name): [outcome(1.0, target, *blank, seen, *lose)],
        True: [outcome(1.0, target, *blank)],
    }


def _add_prepared(
    mirror: Mirror, vault: Vault, part: Part, contents: ElementRef, new: list[MoveRequest]
) -> None:
    """Add the end of preparation: blank beside a copy, else from the backup, else empty."""
    name, copy = part.name, mirror.copy()
    near = mirror.gate("source", mirror.other(name))
    begin: list[EffectRequest] = [*mirror.becomes(name, "current"), *mirror.caught_up(name)]
    blank = outcome(1.0, "ok", *new, renew=True)
    empty = outcome(
        1.0,
        "ok",
        vault.stored.set(0.0),
        vault.full.move({"full": "free"}),
        *mirror.becomes(name, "current"),
        # The other copy, blank as well, lacks nothing of nothing.
        *mirror.caught_up(*mirror.members),
        *new,
        renew=True,
    )
    other = mirror.is_(mirror.other(name), "current")
    cases: Cases = {near | other: [blank]}
    ready: Law = part.law("set_up") if "set_up" in part else Deterministic(0.0)
    delays: dict[Condition | bool, Law] = {True: ready}
    if copy is not None:
        left = add_restored(mirror.context, part, contents, copy, new)
        cases[copy.exists] = [outcome(1.0, "restoring", left.copy(vault.stored), *begin)]
        delays = {near | other: ready, True: copy.part.law("prepare")}
    contents.after(
        "preparing ->", delays, "prepared", cls="repair", outcomes={**cases, True: [empty]}
    )


def _observe(mirror: Mirror, vault: Vault, part: Part, cause: TransitionRef) -> None:
    """Watch what is lost with the contents of one member, as a loss of the mirror."""
    context, name, owner = mirror.context, part.name, mirror.group.name
    assert mirror.behind is not None
    m, archive, how = context.m, context.archive, cause.name.rpartition(".")[2]
    copy, other = mirror.copy(), mirror.other(name)
    near, lost = mirror.gate("source", other), mirror.only(name)
    by_size = 1.0 / archive.number("study_size")
    late = mirror.lag * archive.number("studies")
    of = f"{name}:{how}"
    seen = f"loss:{owner}:mirror:{of}"
    m.sample(seen, cause, mirror.behind[other], when=lost & near, scale=by_size, offset=late)
    context.watch(LossWatch(owner, seen, WINDOW))
    gone = lost & ~near
    if copy is not None:
        seen = f"loss:{owner}:window:{of}"
        m.sample(seen, cause, copy.unsaved, when=gone & copy.exists)
        context.watch(LossWatch(owner, seen, WINDOW))
        gone &= ~copy.exists
    seen = f"loss:{owner}:archive:{of}"
    m.sample(seen, cause, vault.stored, when=gone, scale=by_size)
    context.watch(LossWatch(owner, seen, ARCHIVE))
