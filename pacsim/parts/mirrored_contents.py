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
MIRRORED_STATES = (
    "ok", "doomed", "lost", "ordered", "wiped", "setting-up", "preparing", "restoring"
)  # fmt: skip
"""Of the contents of a member: it is set up beside a copy, or a backup is prepared for it."""


def add_mirrored(
    mirror: Mirror,
    part: Part,
    slots: list[ElementRef],
    contents: ElementRef,
    gone: Condition,
) -> Condition:
    """Add how contents are lost and come back; return the condition that there is room for more.

    As for an array alone, but nothing is lost while the other copy has it, and a member comes back
    blank and is filled from the other copy if that has anything, else from the backup, which is
    prepared once there is nothing else. Where both have nothing left, who is ready first begins; of
    an asynchronous pair the first, as nothing is in use before that.
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
    early = "wiped setting-up preparing -> lost"
    contents.now(early, CONTENTS, "disks-early", when=gone)
    if "wipe" in part:
        for arrow, name in (("ok ->", "wipe"), ("restoring ->", "wipe-again")):
            wiped = _ends(mirror, part, "wiped")
            law = part.law("wipe")
            causes.append(contents.after(arrow, law, name, cls="fault", outcomes=wiped))
    new = [slot.move(dict.fromkeys(slot.states, "up"), renew=True) for slot in slots]
    known = context.noticed(masked=False)
    contents.after("lost -> ordered", known, "noticed")
    _add_back(mirror, vault, part, contents, new)
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
    other = mirror.other(name)
    blank: list[EffectRequest] = [*mirror.becomes(name, "blank")]
    lacks_all = mirror.behind[name].copy(vault.stored)
    seen = vault.memory.move({"none": "some"})
    copy, near = mirror.copy(), mirror.gate("source", other)
    # What the other copy lacked is lost, so it lacks it no more, and what it has is all there is.
    left: list[EffectRequest] = [mirror.behind[other].set(0.0), *mirror.only_has(other)]
    left.append(mirror.behind[name].copy(mirror.held[other]))
    # Half a filling is worth nothing.
    lose: list[EffectRequest] = [lacks_all, mirror.behind[other].copy(vault.stored)]
    if copy is not None:
        lose.append(copy.unsaved.set(0.0))
    return {
        mirror.only(name) & near: [outcome(1.0, target, *blank, seen, *left)],
        mirror.only(name): [outcome(1.0, target, *blank, seen, *lose)],
        True: [outcome(1.0, target, *blank, lacks_all)],
    }


def _add_back(
    mirror: Mirror, vault: Vault, part: Part, contents: ElementRef, new: list[MoveRequest]
) -> None:
    """Add how a member comes back: blank beside a copy, else from the backup, else empty."""
    name, context, copy = part.name, mirror.context, mirror.copy()
    assert mirror.behind is not None
    other = mirror.other(name)
    # The first one of an asynchronous pair is in use as soon as it is ready; the other waits.
    follows = mirror.lags and name != mirror.first
    begin: list[EffectRequest] = [*mirror.becomes(name, "current"), *mirror.caught_up(name)]
    blank = [outcome(1.0, "ok", *new, renew=True)]
    # The other copy, blank as well, lacks nothing of nothing.
    empty = [
        outcome(
            1.0,
            "ok",
            vault.stored.set(0.0),
            vault.full.move({"full": "free"}),
            *mirror.becomes(name, "current"),
            *(one[x].set(0.0) for one in (mirror.behind, mirror.held) for x in mirror.members),
            *new,
            renew=True,
        )
    ]
    near = mirror.gate("source", other) | mirror.is_(other, "current")
    saved = copy is not None and not follows

    def ways(*effects: EffectRequest) -> Cases:
        beside = [outcome(1.0, "setting-up", *effects)]
        from_backup = [outcome(1.0, "preparing", *effects)]
        return {near: beside, True: from_backup} if saved else {True: beside}

    contents.after("ordered ->", part.law("replace"), "replaced", outcomes=ways(*new))
    contents.after("wiped ->", context.noticed(masked=False), "seen", outcomes=ways())
    ends: Cases = {True: blank} if follows or saved else {near: blank, True: empty}
    ready: Law = part.law("set_up") if "set_up" in part else Deterministic(0.0)
    contents.after("setting-up ->", ready, "set-up", cls="repair", outcomes=ends)
    if follows:
        return
    nothing = context.m.all(mirror.is_(x, "blank", "filling") for x in mirror.members)
    contents.now("ok -> wiped", COPY, "bereft", when=nothing)
    if copy is not None:
        contents.now("setting-up -> preparing", COPY, "bereft-early", when=~near)
        left = add_restored(context, part, contents, copy, new)
        back = [outcome(1.0, "restoring", left.copy(vault.stored), *begin)]
        cases: Cases = {near: blank, copy.exists: back, True: empty}
        prepare = copy.part.law("prepare")
        contents.after("preparing ->", prepare, "prepared", cls="repair", outcomes=cases)


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
