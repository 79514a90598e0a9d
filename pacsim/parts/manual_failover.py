"""People who end what rules could not: called, reached, and at work by a procedure or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.build_context import GROUP, PEOPLE

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.delays import Law
    from pacsim.parts.build_context import BuildContext


def waiting_states(context: BuildContext) -> str:
    """Return the states between a failed takeover and work on it; the crew makes two of them."""
    return "failed working" if context.crew is None else "failed waiting attending working"


def add_call(
    context: BuildContext, phase: ElementRef, when: Condition | None = None
) -> tuple[Law, float]:
    """Add the way ``failed -> ... -> working``; return law and success of one try by hand.

    Somebody notices; a free person of the crew, first come first served, is reached and is busy
    until the work is done, or without ``when``, since nobody waits for that on the spot. Without a
    written procedure it takes longer and succeeds less often.
    """
    practices = context.practices
    times = practices.part("times")
    written = practices["procedures"] == "written"
    p = times.number("manual_success" if written else "manual_success_no_procedure")
    law = times.law("manual_failover")
    if not written:
        law = law.scaled(times.number("no_procedure"))
    called = "waiting" if "waiting" in phase.states else "working"
    phase.after(f"failed -> {called}", context.noticed(masked=False), "noticed")
    responding = context.respond()
    if responding is not None:
        free = context.person_free()
        if when is not None:
            phase.now("attending working -> waiting", GROUP, "sent-away", when=~when)
            free &= when
        phase.now("waiting -> attending", PEOPLE, "attended", fifo=True, when=free)
        respond, hours = responding
        phase.after("attending -> working", respond, "reached", profile=hours)
        context.busy.append(phase.among("attending", "working"))
    return law, p
