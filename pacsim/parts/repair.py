"""The repair of one thing: everything in one delay, or noticed, attended, supplied and mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import next_business_day, outcome
from pacsim.parts.build_context import PEOPLE, BuildContext, Victim
from pacsim.parts.values import ALL_IN, CONTRACTED, Delay, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.core.model import Class
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import Delays, EffectRequest, Numbers
    from pacsim.delays.law import Law


UNSEEN = "unseen"
"""Failed, of a member of a group that serves without it: nobody feels that."""


def stages(context: BuildContext, part: Part, repair: Delay) -> list[str]:
    """Return the states between the failure and up, in order."""
    if repair.covers == ALL_IN:
        return ["down"]
    states = []
    if repair.covers != CONTRACTED:
        states.append("failed")
        if context.crew is not None:
            states += ["waiting", "attending"]
    contract = context.support_of(part)
    if contract is not None and contract.delay("response").next_day:
        states.append("evening")
    states.append("vendor")
    if contract is not None and "part_delay" in contract:
        states.append("part")
    return [*states, "work"]


def add_repair(
    context: BuildContext,
    element: ElementRef,
    part: Part,
    repair: Delay,
    *,
    masked: bool | Condition,
    prefix: str = "",
    to: str = "up",
    noticed: Delays | None = None,
    when: Condition | None = None,
    effects: Sequence[EffectRequest] = (),
    renew: bool = True,
    cls: Class = "repair",
) -> None:
    """Add the way back from the first of `stages`, whose states the element has, to up.

    With ``ttr`` one delay covers everything. Otherwise: somebody notices, late if it is a member
    of a group that serves without it; a free person of the
    crew, first come first served, responds and is busy until then; the vendor responds under the
    contract; with a probability the part is missing; then the hands-on work. Without a contract
    the part is ordered and fitted by nobody in particular. Of a time that was read under another
    contract the response and the missing part are those of the contract in force.

    Parameters
    ----------
    context, element, part, repair
        What is repaired: an element of a part, by one of its delays.
    masked : bool or Condition
        Whether redundancy hides the fault, as of `BuildContext.noticed`.
    prefix : str
        Before the names of stages and transitions, for elements with several ways to be down.
    to : str
        State at the end.
    noticed : law or cases, optional
        How long it stays unknown; as of `BuildContext.noticed` if not given.
    when : Condition, optional
        Without which nothing goes on.
    effects, renew, cls
        At the end.
    """
    names = stages(context, part, repair)
    path = [prefix + name for name in names]
    if repair.covers != ALL_IN:
        follow = dict(zip(names, [*path[1:], to], strict=True))
        at = dict(zip(names, path, strict=True))
        if "failed" in at:
            known = context.noticed(masked=masked) if noticed is None else noticed
            element.after(
                f"{at['failed']} -> {follow['failed']}", known, f"{prefix}noticed", when=when
            )
            if UNSEEN in element.states:
                context.add_found(element, UNSEEN, at["failed"], follow["failed"], part.name)
        if "waiting" in at:
            _attended(context, element, at, follow, prefix)
        _supplied(context, element, part, at, prefix, when=when, ordered=repair.ordered)
    element.after(
        f"{path[-1]} -> {to}",
        repair.law,
        f"{prefix}repaired",
        cls=cls,
        renew=renew,
        profile=repair.calendar,
        when=when,
        effects=effects,
    )


def _attended(
    context: BuildContext,
    element: ElementRef,
    at: Mapping[str, str],
    follow: Mapping[str, str],
    prefix: str,
) -> None:
    """Add the wait for a free person and their response; ``at`` is states by stage."""
    responding = context.respond()
    assert responding is not None
    law, hours = responding
    element.now(
        f"{at['waiting']} -> {follow['waiting']}",
        PEOPLE,
        f"{prefix}attended",
        fifo=True,
        when=context.person_free(),
    )
    element.after(
        f"{at['attending']} -> {follow['attending']}", law, f"{prefix}reached", profile=hours
    )
    context.busy.append(element.among(at["attending"]))


def _supplied(
    context: BuildContext,
    element: ElementRef,
    part: Part,
    at: Mapping[str, str],
    prefix: str,
    *,
    when: Condition | None,
    ordered: Law | None,
) -> None:
    """Add the wait for the vendor, and for a part that is missing; ``at`` is states by stage."""
    contract = context.support_of(part)
    if contract is None:
        law = context.time("no_contract") if ordered is None else ordered
        element.after(f"{at['vendor']} -> {at['work']}", law, f"{prefix}supplied", when=when)
        return
    response = contract.delay("response")
    if response.next_day:
        assert response.calendar is not None
        opening = next_business_day(response.calendar)
        element.after(f"{at['evening']} -> {at['vendor']}", opening, f"{prefix}called", when=when)
        response = Delay(response.law)
    if "part" not in at:
        element.after(
            f"{at['vendor']} -> {at['work']}",
            response.law,
            f"{prefix}arrived",
            profile=response.calendar,
            when=when,
        )
        return
    missing = float(contract.values.get("part_missing") or 0.0)
    element.after(
        f"{at['vendor']} ->",
        response.law,
        f"{prefix}arrived",
        outcomes=[outcome(1.0 - missing, at["work"]), outcome(missing, at["part"])],
        profile=response.calendar,
        when=when,
    )
    delay = contract.delay("part_delay")
    element.after(
        f"{at['part']} -> {at['work']}",
        delay.law,
        f"{prefix}supplied",
        profile=delay.calendar,
        when=when,
    )


def repaired(
    context: BuildContext,
    part: Part,
    kind: str,
    fails: str,
    repair: str,
    *,
    number: str | int = "",
    masked: bool | Condition = False,
    common: str = "hardware",
    speed: Numbers = 1.0,
    when: Condition | None = None,
) -> ElementRef:
    """Add an element that is up, fails by one slot and is repaired by another; return it."""
    mended = part.delay(repair)
    down = stages(context, part, mended)
    # Nobody feels the fault of a member that does not serve: it waits in a state of its own.
    late = [UNSEEN] if down[0] == "failed" and context.unseen(part.name) is not None else []
    element = context.element(
        part.name, kind, ["up", *down, *late], number=number, fault=[*down, *late]
    )
    law = context.own_law(part.name, common, part.law(fails)) if common else part.law(fails)
    first = [outcome(1.0, down[0])]
    element.after(
        "up ->",
        law,
        "fail",
        cls="fault",
        memory="resume",
        speed=speed,
        when=when,
        outcomes=context.unfelt(part.name, first, [outcome(1.0, UNSEEN)]) if late else first,
    )
    add_repair(context, element, part, mended, masked=masked)
    if common:
        context.victims[part.name, common] = Victim(element, ((1.0, {"up": down[0]}),))
    return element
