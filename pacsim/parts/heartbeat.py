"""A heartbeat that is lost while two members are alive: one shoots the other, or both serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import TIDY
from pacsim.parts.failover import by_people, fenced
from pacsim.parts.loss_classes import SPLIT
from pacsim.parts.watch_handles import LossWatch, NeverLost

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.transition_requests import JumpRequest, MoveRequest, OutcomeRequest
    from pacsim.parts.failover_group import Cluster
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

LOST = 15
"""Priority of what follows a lost heartbeat, before power."""
CERTAIN = 1.0 + 1e-12
INFINITE = float("inf")


def fencing_works(group: Part) -> float:
    """Return the probability that a member can shoot the other; 0 without fencing."""
    return group.part("fencing").number("success") if "fencing" in group else 0.0


def phases(group: Part) -> str:
    """Return the states that the phase has besides with a heartbeat, the flagged one last."""
    if not group.names("heartbeat"):
        return ""
    shoots = "fencing" in group and group.part("fencing").number("takes") > 0
    return "shooting reconciling" if shoots else "reconciling"


def add_memory(c: Cluster) -> None:
    """Add ``/heartbeat`` and ``/shot``: what a lost heartbeat leaves behind until it is back."""
    name = c.group.name
    if not c.group.names("heartbeat"):
        return
    c.heart = c.context.element(name, "heartbeat", "whole lost barred", fault="barred")
    if "fencing" in c.group:
        c.shot = c.context.element(name, "shot", ["nobody", *c.members], fault=c.members)


def add_heartbeat(c: Cluster) -> None:
    """Add the loss of every heartbeat link while two members are alive, one draw a loss.

    With fencing each shoots first half of the time, or the active one always (``race``): the role
    is down for a takeover, or without a standby until the heartbeat is back. Else both serve
    (``split``), or each waits for the other: no takeover until the heartbeat is back or people
    came. A loss during a takeover, a test or an outage decides nothing. That both are shot is not
    modelled.
    """
    heart, m = c.heart, c.context.m
    if heart is None:
        return
    beat = m.any(c.context.ok(link) for link in c.group.names("heartbeat"))
    there = {x: c.gate(x, "alive") & c.joined(x) for x in c.members}
    carrying = c.phase.among("on", "detecting")
    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    for x in c.members:
        others = [y for y in c.members if y != x]
        for k, y in enumerate(others):
            earlier = m.any(there[z] for z in others[:k])
            pair = carrying & (c.active == x) & there[x] & there[y]
            cases[pair & ~earlier if k else pair] = _ends(c, x, y)
    cases[True] = [outcome(1.0, "lost")]
    two = m.at_least(2, list(there.values()))
    heart.now("whole ->", LOST, "lost", when=~beat & two, outcomes=cases)
    heart.now("lost barred -> whole", LOST, "back", when=beat)
    if c.shot is not None:
        whole = heart == "whole"
        c.shot.now(f"{' '.join(c.members)} -> nobody", TIDY, "back", when=whole)
    _add_split(c)


def _ends(c: Cluster, active: str, other: str) -> list[OutcomeRequest]:
    """Return how a loss ends, the shot member first; what has probability 0 is left out."""
    works, split = fencing_works(c.group), c.group.number("split")
    ends: list[OutcomeRequest] = []
    if works > 0:
        assert c.shot is not None
        first = works / 2 if c.group["race"] == "even" else 0.0
        go = "shooting" if "shooting" in c.phase.states else "switching"
        down = c.phase.move({"on": go, "detecting": go})
        hit = {x: c.shot.move(dict.fromkeys(c.shot.states, x)) for x in (active, other)}
        if first > 0:
            ends += fenced(c, active, first, "lost", down, hit[active])
        ends += fenced(c, other, works - first, "lost", hit[other])
    if split > 0:
        both = c.phase.move({"on": "split", "detecting": "split"})
        ends.append(outcome(split, "lost", both))
    neither = 1.0 - works - split
    if neither > 0:
        ends.append(outcome(neither, "barred"))
    return ends


def _add_split(c: Cluster) -> None:
    """Add a split: up until somebody notices, then down while both sides are made one again.

    Of the studies that came in while two sides were able half went to the side that gives way:
    ``split_lost`` of them are lost, the others come late.
    """
    group, phase, context = c.group, c.phase, c.context
    stores = {s: None for x in c.members for s in context.parts[x].names("storage")}
    arrays = [name for name in stores if name in context.losses]
    rate = context.archive.number("studies")
    if arrays and group.number("split_lost") > 0 and c.splits and rate > 0:
        _add_lost(c, arrays, rate)
    else:
        phase.after("split -> reconciling", group.law("reconcile"), "split-noticed")
        for name in arrays:
            context.watch(
                NeverLost(name, SPLIT, f"{group.name} never splits, or loses nothing by it")
            )
    down = group.law("reconcile_down")
    phase.after("reconciling -> on", down, "reconciled", cls="repair", effects=[by_people(c)])


def _add_lost(c: Cluster, arrays: list[str], rate: float) -> None:
    """Add what is lost when a split is noticed; nothing if two sides never wrote at once."""
    m, group, phase, context = c.context.m, c.group, c.phase, c.context
    two = (phase == "split") & m.at_least(2, [c.side(x) for x in c.members])
    written = m.quantity(
        f"{group.name}/written-split",
        low=0.0,
        high=INFINITE,
        start=0.0,
        rate={two: rate, True: 0.0},
    )
    wrote = context.element(group.name, "both-wrote", "no yes")
    wrote.now("no -> yes", TIDY, "apart", when=two)
    lose = [context.losses[x].move({"none": "some"}) for x in arrays]
    clear: list[MoveRequest | JumpRequest] = [written.set(0.0), wrote.move({"yes": "no"})]
    noticed = phase.after(
        "split ->",
        group.law("reconcile"),
        "split-noticed",
        outcomes={
            wrote == "yes": [outcome(1.0, "reconciling", *lose, *clear)],
            True: [outcome(1.0, "reconciling", *clear)],
        },
    )
    seen = f"loss:{group.name}:split"
    m.sample(seen, noticed, written, scale=0.5 * group.number("split_lost"), when=wrote == "yes")
    for name in arrays:
        context.watch(LossWatch(name, seen, SPLIT))


def check(review: Review, group: Part, path: str) -> None:
    """Note a split that is more likely than fencing leaves room for."""
    fencing, split = group.values.get("fencing"), group.values.get("split")
    if not group.names("heartbeat") or split is None or fencing is None:
        return
    works = fencing.values.get("success")
    if works is not None and works + split > CERTAIN:
        rule = f"a split with {split:g} where fencing works with {works:g}: together above 1"
        review.problem(f"{path}.split", rule, f"write split: {max(1.0 - works, 0.0):.4g} or less")
