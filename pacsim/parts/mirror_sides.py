"""Two sides of a mirror: a split while they are cut, and people who make a stale copy serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import COPIES
from pacsim.parts.heartbeat import LOST
from pacsim.parts.loss_classes import SPLIT, WINDOW
from pacsim.parts.manual_failover import add_call, waiting_states
from pacsim.parts.mirrored import INFINITE, Mirror
from pacsim.parts.watch_handles import LossWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef, QuantityRef, TransitionRef
    from pacsim.core.writing.transition_requests import JumpRequest, MoveRequest


def add_split(mirror: Mirror) -> ElementRef:
    """Add a cut without a quorum, one draw each: the first serves, or both.

    After a split they are made one again while joined, or one of them falls. Either way half of
    what was written went to the side that gives way, and ``split_lost`` of that is lost.
    """
    context, group = mirror.context, mirror.group
    first, second = mirror.members
    split = context.element(group.name, "split", "whole split apart", fault="split")
    p = group.number("split")
    ends = [outcome(p, "split")] + ([outcome(1.0 - p, "apart")] if p < 1 else [])
    both = mirror.able(first) & mirror.able(second)
    split.now("whole ->", LOST, "cut", when=both & ~mirror.joined(), outcomes=ends)
    split.now("apart -> whole", LOST, "joined", when=mirror.joined())
    give_way = [mirror.copies[second].move({"current": "stale"})]
    lost: QuantityRef | None = None
    effects: list[MoveRequest | JumpRequest] = []
    if mirror.vault is not None:
        assert mirror.behind is not None
        written = context.m.quantity(
            f"{group.name}/written-split",
            low=0.0,
            high=INFINITE,
            start=0.0,
            rate={
                (split == "split") & mirror.gate("room"): context.archive.number("studies")
                * context.archive.number("study_size"),
                True: 0.0,
            },
        )
        lost = written
        effects.append(written.set(0.0))
        if group.number("split_lost") > 0:
            effects.append(mirror.vault.memory.move({"none": "some"}))
    ended: list[TransitionRef] = [
        split.after(
            "split -> whole",
            group.law("split_repair"),
            "reconciled",
            cls="repair",
            when=mirror.joined(),
            memory="resume",
            effects=[
                *effects,
                *give_way,
                *([mirror.behind[second].copy(lost)] if mirror.behind and lost else []),
            ],
        ),
        split.now(
            "split -> apart",
            COPIES,
            "one-fell",
            when=~(mirror.is_(first, "current") & mirror.is_(second, "current")),
            effects=effects,
        ),
    ]
    if lost is not None:
        seen = f"loss:{group.name}:split"
        scale = 0.5 * group.number("split_lost") / context.archive.number("study_size")
        context.m.sample(seen, ended, lost, scale=scale)
        context.watch(LossWatch(group.name, seen, SPLIT))
    return split


def add_taken(mirror: Mirror) -> None:
    """Add people who make a stale copy serve: what the other has since is lost.

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
    phase.now("on -> failed", COPIES, "stranded", when=wanted)
    phase.now(f"{faults} -> on", COPIES, "needless", when=~wanted)
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
        phase.now("taking -> on", COPIES, f"take-{member}", when=take, effects=[ours])
        return
    mine = mirror.behind[member].set(0.0)
    lose = [] if mirror.vault is None else [mirror.vault.memory.move({"none": "some"})]
    forced = outcome(1.0, "on", ours, mine, mirror.behind[other].copy(mirror.behind[member]), *lose)
    taken = phase.now(
        "taking ->",
        COPIES,
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
