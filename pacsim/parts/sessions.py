"""Sessions that break: of a member that goes bad while it is listed, and as an address moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.balancers import held, holders, holds
from pacsim.parts.watch_handles import SessionsWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.core.writing.handles import TransitionRef
    from pacsim.parts.pool import Pool

SESSIONS = 91
"""Priority of what only counts, after all that happens in an instant."""
SHARED = "shared"
"""Where a session is kept by all members, none breaks."""


def just(level: Count, k: int) -> Condition:
    """Return the condition that a whole number is ``k``."""
    return (level >= k) & ~(level >= k + 1)


def add_sessions(pool: Pool) -> None:
    """Add ``/session-<member>`` and ``/way-<address>``, which count sessions that break.

    A member has as many as any that is listed. They break as it goes bad, or is missed, while it is
    listed; what drains keeps its own to their end. All break when the holder of the address is
    gone, or hands it over.
    """
    context, m, name = pool.context, pool.context.m, pool.group.name
    if pool.group["sessions"] == SHARED:
        why = f"sessions of {name} are kept by all its members"
        context.watch(SessionsWatch(name, never=why))
        return
    listed = m.count(pool.gate("listed", x) for x in pool.members)
    breaks: list[tuple[str, float]] = []
    for x in pool.members:
        session = context.element(name, f"session-{x}", "kept broken")
        bad = pool.gate("listed", x) & (~pool.gate("good", x) | (pool.seats[x] == "missing"))
        broke = session.now("kept -> broken", SESSIONS, "break", when=bad)
        # One that is listed again and still bad has none.
        session.now("broken -> kept", SESSIONS, "anew", when=pool.gate("serving", x) & ~bad)
        for k in range(1, len(pool.members) + 1):
            observed = f"sessions:{name}:{x}:{k}"
            m.firings(observed, broke, when=just(listed, k))
            breaks.append((observed, 1.0 / k))
    behind = pool.group.names("behind")
    for address in behind:
        for broke in _moves(pool, address):
            observed = f"sessions:{name}:{broke.name}"
            m.firings(observed, broke)
            breaks.append((observed, 1.0 / len(behind)))
    context.watch(SessionsWatch(name, tuple(breaks)))


def _moves(pool: Pool, address: str) -> list[TransitionRef]:
    """Add who holds an address, as its sessions see it; return what breaks them."""
    context, name = pool.context, pool.group.name
    names = holders(context, address)
    way = context.element(name, f"way-{address}", [*names, "nobody"])
    lost = way.now(f"{' '.join(names)} -> nobody", SESSIONS, "lost", when=~held(context, address))
    found = [lost]
    for x in names:
        there = holds(context, address, x)
        way.now(f"nobody -> {x}", SESSIONS, f"held-{x}", when=there)
        others = [y for y in names if y != x]
        if others:
            moved = way.now(f"{' '.join(others)} -> {x}", SESSIONS, f"moved-{x}", when=there)
            found.append(moved)
    return found
