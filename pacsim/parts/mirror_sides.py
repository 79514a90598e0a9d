"""Two sides of a mirror: a split while they are cut, and people who make a stale copy serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import COPY
from pacsim.parts.heartbeat import LOST
from pacsim.parts.loss_classes import SPLIT, WINDOW
from pacsim.parts.manual_failover import add_call, waiting_states
from pacsim.parts.watch_handles import LossWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, TransitionRef
    from pacsim.core.writing.transition_requests import EffectRequest
    from pacsim.parts.mirrored import Mirror


def add_split(mirror: Mirror) -> ElementRef:
    """Add a cut without a quorum, one draw each: the first serves, or both.

    In a split half of what is written goes to each side, so each lacks the half of the other. It
    ends when they are made one again while joined, or when one of them falls: of the half of the
    side that gives way ``split_lost`` is lost, the others come late to the one that stays.
    """
    context, group, m = mirror.context, mirror.group, mirror.context.m
    first, second = mirror.members
    split = context.element(group.name, "split", "whole split apart", fault="split")
    m.gate(f"{group.name}.split", split == "split")
    p = group.number("split")
    ends = [outcome(p, "split")] + ([outcome(1.0 - p, "apart")] if p < 1 else [])
    both = mirror.able(first) & mirror.able(second)
    split.now("whole ->", LOST, "cut", when=both & ~mirror.joined(), outcomes=ends)
    split.now("apart -> whole", LOST, "joined", when=mirror.joined())
    lose: list[EffectRequest] = []
    if mirror.vault is not None and group.number("split_lost") > 0:
        lose.append(mirror.vault.memory.move({"none": "some"}))
    here, there = (mirror.is_(x, "current") for x in mirror.members)
    reconciled = split.after(
        "split -> whole",
        group.law("split_repair"),
        "reconciled",
        cls="repair",
        when=mirror.joined(),
        memory="resume",
        effects=[
            mirror.copies[second].move({"current": "stale"}), *lose, *mirror.caught_up(first),
        ],
    )  # fmt: skip
    fell = split.now(
        "split ->",
        COPY,
        "one-fell",
        when=~(here & there),
        outcomes={
            here: [outcome(1.0, "apart", *lose, *mirror.caught_up(first))],
            there: [outcome(1.0, "apart", *lose, *mirror.caught_up(second))],
            True: [outcome(1.0, "apart")],
        },
    )
    if mirror.vault is not None:
        # What was on contents that are lost has been counted with them.
        first_stays = here & ~mirror.is_(second, "blank")
        second_stays = ~here & there & ~mirror.is_(first, "blank")
        stays = {first: ([reconciled, fell], first_stays), second: ([fell], second_stays)}
        _watch_split(mirror, stays)
    return split


def _watch_split(mirror: Mirror, ends: Mapping[str, tuple[list[TransitionRef], Condition]]) -> None:
    """Watch what a split has lost: a share of what the side that stays lacks at its end."""
    context, group = mirror.context, mirror.group
    assert mirror.behind is not None
    scale = group.number("split_lost") / context.archive.number("study_size")
    for stays, (ended, when) in ends.items():
        seen = f"loss:{group.name}:split:{stays}"
        context.m.sample(seen, ended, mirror.behind[stays], when=when, scale=scale)
        context.watch(LossWatch(group.name, seen, SPLIT))


def add_taken(mirror: Mirror) -> None:
    """Add people who make a stale copy serve: what the other has since is given up, and lost.

    Without ``force`` only when the contents of the current copy are lost: that loss has been
    counted then, with what this copy lacks.
    """
    context, group, m = mirror.context, mirror.group, mirror.context.m
    faults = waiting_states(context)
    phase = context.element(group.name, "phase", f"on {faults} taking", fault=f"{faults} taking")
    none = ~mirror.gate("ok")
    last = ~m.any(mirror.is_(x, "current") for x in mirror.members)
    takes = {
        x: m.gate(
            f"{group.name}.takes.{x}",
            m.all(
                [
                    none,
                    mirror.is_(x, "stale"),
                    mirror.intact(x),
                    mirror.up(x),
                    mirror.majority(x),
                    *([] if group["force"] else [last]),
                ]
            ),
        )
        for x in mirror.members
    }
    wanted = m.any(takes.values())
    phase.now("on -> failed", COPY, "stranded", when=wanted)
    phase.now(f"{faults} -> on", COPY, "needless", when=~wanted)
    law, p = add_call(context, phase)
    again = [outcome(1.0 - p, "working")] if p < 1 else []
    done = [outcome(p, "taking"), *again]
    phase.after("working ->", law, "worked", cls="repair", outcomes=done)
    for x, take in takes.items():
        _add_take(mirror, phase, x, take)


def _add_take(mirror: Mirror, phase: ElementRef, member: str, take: Condition) -> None:
    """Add that people take a member: it is current from then on, and the other one is left out."""
    other = mirror.other(member)
    there = mirror.is_(other, "current")
    ours = mirror.copies[member].move({"stale": "current"})
    if mirror.behind is None:
        phase.now("taking -> on", COPY, f"take-{member}", when=take, effects=[ours])
        return
    mine = mirror.behind[member].set(0.0)
    lose = [] if mirror.vault is None else [mirror.vault.memory.move({"none": "some"})]
    # What the other one has alone is given up and counted now: it lacks what comes from now on.
    theirs: list[EffectRequest] = [mirror.behind[other].set(0.0), *mirror.only_has(member)]
    if mirror.vault is not None:
        theirs.append(mirror.held[other].copy(mirror.held[member]))
    forced = outcome(1.0, "on", ours, mine, *theirs, *lose)
    taken = phase.now(
        "taking ->",
        COPY,
        f"take-{member}",
        when=take,
        outcomes={there: [forced], True: [outcome(1.0, "on", ours, mine)]},
    )
    if mirror.vault is not None:
        context, owner = mirror.context, mirror.group.name
        seen = f"loss:{owner}:forced:{member}"
        by_size = 1.0 / context.archive.number("study_size")
        context.m.sample(seen, taken, mirror.behind[member], when=there, scale=by_size)
        context.watch(LossWatch(owner, seen, WINDOW))
