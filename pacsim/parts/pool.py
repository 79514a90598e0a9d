"""A pool of servers behind a check: who is on the list, what is lost, drains, gaps of service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core import next_open
from pacsim.delays import Shifted, Uniform
from pacsim.parts.balancers import cut_off, held
from pacsim.parts.build_context import GROUP, TIDY, hooks
from pacsim.parts.failover_group import needed_databases
from pacsim.parts.network import path
from pacsim.parts.planned_work import opening, windows
from pacsim.parts.watch_handles import FailoverWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core.writing.conditions import Condition, Count
    from pacsim.core.writing.handles import ElementRef
    from pacsim.delays import Law
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

CANCELLED = 41
"""Priority of a member that goes back, as too few others are left for its work."""
GAP_KINDS = ("planned", "power", "host", "path", "process", "hung", "other")
"""What was wrong with a member at the start of a gap, first of; the order of ``at_start``."""
GAP_ENDINGS = ("in_place", "automatic", "repair")
"""The bad member came back, was left out, or nobody was left and one came back."""
GAP_PHASES = ("detection", "decision")
"""The check has not left out what is bad; it has, and nobody who could serve is listed."""
DEPTHS = {"host": 0, "tcp": 1, "http": 2, "c_echo": 2, "c_store": 3}


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool under construction: its seats, and the conditions its automata share."""

    context: BuildContext
    group: Part
    seats: dict[str, ElementRef]

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, in the order of the list."""
        return self.group.names("members")

    @property
    def drains(self) -> bool:
        """Whether a member is emptied before it is worked on."""
        return "drain" in self.group

    def gate(self, what: str, member: str = "") -> Condition:
        """Return a named gate of the pool, of one member if it is named."""
        name = f"{self.group.name}.{what}"
        return self.context.m.forward(f"{name}.{member}" if member else name)

    def of(self, member: str, what: str) -> Condition:
        """Return a named gate of a member itself."""
        return self.context.m.forward(f"{member}.{what}")

    def linked(self, member: str) -> Condition:
        """Return the condition that requests get to a member from where they come.

        Behind balancers that is from whoever holds the address, and nothing is known while nobody
        does; else from some client site.
        """
        m, name = self.context.m, self.group.name
        behind = self.group.names("behind")
        if behind:
            return ~cut_off(self.context, behind, member)
        roles = [r for r in self.context.roles.values() if name in r["needs"].names()]
        places = dict.fromkeys(place for role in roles for place in role.names("used_from"))
        if not places:
            return m.always()
        return m.any(path(self.context, place, member) for place in places)

    def seen_bad(self, member: str) -> Condition:
        """Return the condition that the check, at its depth, finds a member bad.

        A process that is being restarted in place is missed like any that is dead: the balancer
        waits for nobody's watchdog.
        """
        m, depth = self.context.m, DEPTHS[str(self.group.part("check")["sees"])]
        good = [self.of(member, "alive"), self.linked(member)]
        if depth:
            good.append(self.of(member, "runs" if depth == 1 else "serves"))
        if depth >= DEPTHS["c_store"]:
            parts, roles = self.context.parts.values(), self.context.roles.values()
            known = needed_databases(self.group.name, parts, roles)
            good += [self.of(member, "reaches"), *map(self.context.ok, known)]
        return ~m.all(good)

    def silent(self, member: str) -> Condition:
        """Return the condition that a member gives no answer at all, so a check times out."""
        return ~self.of(member, "alive") | ~self.linked(member) | self.of(member, "hung")

    def good(self, member: str) -> Condition:
        """Return the condition that a member answers what gets to it, and gets it."""
        return self.context.ok(member) & self.linked(member)

    def dialled(self, member: str) -> Condition:
        """Return the condition that requests are sent to a member: it is listed, and its turn.

        With `first` all go to the first one that is listed, and with `redispatch` takes them.
        """
        dial = self.group.values.get("dial")
        first = dial is not None and dial["mode"] == "first"
        sent = self.seats[member].among("in", "missing")
        for x in self.members[: self.members.index(member)] if first else ():
            before = self.seats[x].among("in", "missing")
            sent &= ~(before & self.takes(x) if self.group["redispatch"] else before)
        return sent

    def takes(self, member: str) -> Condition:
        """Return the condition that a member takes what is sent to it, to answer it or not."""
        return self.of(member, "runs") & self.linked(member)

    def enough(self, member: str) -> Condition:
        """Return the condition that the others suffice while a member is worked on."""
        others = [x for x in self.members if x != member]
        needed = min(int(self.group["need"]), len(others))
        there = [(self.seats[x] == "in") & self.gate("good", x) for x in others]
        return self.context.m.at_least(needed, there)


def add_pool(context: BuildContext, group: Part) -> Pool:
    """Add ``/pool-<member>`` and ``/ended-by``, the gates of a pool; watch its gaps; return it."""
    members, drains = group.names("members"), "drain" in group
    empty = "draining drained" if drains else ""
    pool = Pool(
        context,
        group,
        {
            x: context.element(group.name, f"pool-{x}", f"in missing out {empty}", planned=empty)
            for x in members
        },
    )
    _add_gates(pool)
    for member in members if drains else ():
        context.m.gate(f"{group.name}.drained.{member}", pool.seats[member] == "drained")
    ended = context.element(group.name, "ended-by", list(GAP_ENDINGS))
    for member in members:
        _add_seat(pool, member, ended)
        if drains:
            _add_drain(pool, member)
    _watch(pool, ended)
    return pool


def _add_gates(pool: Pool) -> None:
    """Add who is good, seen bad, listed, lost and serving, and what follows for the pool."""
    m, group = pool.context.m, pool.group
    name = group.name
    again = bool(group["redispatch"])
    for x in pool.members:
        m.gate(f"{name}.good.{x}", pool.good(x))
        m.gate(f"{name}.bad.{x}", pool.seen_bad(x))
        m.gate(f"{name}.in.{x}", pool.seats[x] == "in")
        m.gate(f"{name}.listed.{x}", pool.dialled(x))
        lost = pool.gate("listed", x) & ~pool.gate("good", x)
        if again:
            # What has been taken cannot be sent to another member, answered or not.
            lost &= pool.takes(x)
        m.gate(f"{name}.lost.{x}", lost)
        m.gate(f"{name}.serving.{x}", pool.gate("listed", x) & pool.gate("good", x))
        m.gate(f"{name}.spared.{x}", pool.enough(x))
    serving = m.count(pool.gate("serving", x) for x in pool.members)
    ok = serving >= int(group["least"])
    behind = group.names("behind")
    if behind:
        ok &= m.any(held(pool.context, address) for address in behind)
    m.gate(f"{name}.ok", ok)
    m.gate(f"{name}.losing", m.any(pool.gate("lost", x) for x in pool.members))
    m.gate(f"{name}.full", pool.gate("ok") & ~pool.gate("losing") & (serving >= int(group["need"])))


def _add_seat(pool: Pool, member: str, ended: ElementRef) -> None:
    """Add how a member leaves the list, and comes back: fall and rise."""
    seat, check, bad = pool.seats[member], pool.group.part("check"), pool.gate("bad", member)
    every, timeout = check.number("every"), check.number("timeout")
    fall, rise = int(check["fall"]), int(check["rise"])

    def law(checks: int, wait: float) -> Law:
        # The first check comes within an interval, and its phase is drawn afresh.
        return Shifted(Uniform(0.0, every), (checks - 1) * every + checks * wait)

    seat.now("in -> missing", GROUP, "miss", when=bad)
    seat.now("missing -> in", GROUP, "healed", when=~bad)
    plain = law(fall, 0.0)
    left = dict.fromkeys(GAP_ENDINGS, "automatic")
    seat.after(
        "missing -> out",
        {pool.silent(member): law(fall, timeout), True: plain} if timeout > 0 else plain,
        "left-out",
        effects=[ended.move(left)],
    )
    back = ended.move(dict.fromkeys(GAP_ENDINGS, "repair"))
    seat.after("out -> in", law(rise, 0.0), "back", when=~bad, effects=[back])


def _add_drain(pool: Pool, member: str) -> None:
    """Add how a member is emptied before its work, one at a time while enough others serve."""
    context, m, seat = pool.context, pool.context.m, pool.seats[member]
    mine = [w for w in windows(context) if member in w.servers and w.record["rolling"]]
    due = m.any(pool.of(member, f"{w.name}-due") for w in mine)
    emptied = [pool.seats[x].among("draining", "drained") for x in pool.members if x != member]
    for window in mine:
        servers = window.servers
        before = [x for x in servers[: servers.index(member)] if x in pool.members]
        turn = pool.of(member, f"{window.name}-turn") & pool.gate("spared", member)
        # One that is broken holds up nobody: its turn comes when it is back.
        first = [pool.of(x, f"{window.name}-due") & pool.gate("in", x) for x in before]
        turn &= ~m.any([*emptied, *first])
        # Rank 1: windows that open at the same moment have all opened before this looks.
        begin = seat.after(
            "in -> draining",
            next_open(opening(context, window, member)),
            f"{window.name}-drain",
            cls="planned",
            when=turn,
            rank=1,
        )
        context.call(begin, f"{window.name}/work")
    bad, few = pool.gate("bad", member), ~pool.gate("spared", member)
    # No root of its own: it keeps that of the window for which the drain began.
    seat.after("draining -> drained", pool.group.law("drain"), "drained")
    # The list sends it nothing, so there is nothing to find.
    seat.now("draining -> out", GROUP, "miss-draining", when=bad)
    seat.now("draining -> in", CANCELLED, "called-off", when=few | ~due)
    seat.now("drained -> in", CANCELLED, "called-back", when=few & due)
    over = ~due & ~pool.of(member, "working")
    seat.now("drained -> out", GROUP, "over", when=over)


def _watch(pool: Pool, ended: ElementRef) -> None:
    """Watch every gap of "all requests succeed": what fell, how it ended, its phases."""
    m, name = pool.context.m, pool.group.name
    losing = pool.gate("losing")
    gap = m.gate(f"{name}.gap", ~pool.gate("ok") | losing)
    ended.now("automatic repair -> in_place", TIDY, "reset", when=gap)

    # Who loses requests; while nobody does, whoever serves none.
    blamed = {x: pool.gate("lost", x) | (~losing & ~pool.gate("serving", x)) for x in pool.members}
    away = {x: pool.of(x, "working") for x in pool.members}
    if pool.drains:
        for x, seat in pool.seats.items():
            away[x] |= seat.among("draining", "drained")

    def fell(wrong: Callable[[str], Condition]) -> Condition:
        """Return that something is wrong with one of them that nobody works on."""
        return m.any(blamed[x] & ~away[x] & wrong(x) for x in pool.members)

    # A cut of the power also stops the host, so power comes first.
    kind = m.first_of(
        [
            m.all(~blamed[x] | away[x] for x in pool.members),
            fell(lambda x: ~pool.of(x, "powered")),
            fell(lambda x: ~pool.of(x, "alive")),
            fell(lambda x: ~pool.linked(x) | ~pool.of(x, "reaches")),
            fell(lambda x: ~pool.of(x, "runs")),
            fell(lambda x: pool.of(x, "hung")),
        ]
    )
    alone = m.count([~pool.gate("ok")])
    failing = hooks(pool.group).failing
    assert failing is not None, name
    cases = failing(pool.context, pool.group)
    missed = m.any(seat == "missing" for seat in pool.seats.values())
    stage: Count = m.count([~(missed | losing)])
    watch = FailoverWatch(
        name,
        f"failover:{name}",
        kinds=GAP_KINDS,
        endings=GAP_ENDINGS,
        phases=GAP_PHASES,
        gap=f"{name}.gap",
        shares=(*cases.values(), 0.0),
    )
    pool.context.watch(watch)
    m.episodes(
        watch.observed,
        gap,
        at_start=watch.at_start(kind, alone, m.first_of(list(cases))),
        at_end=ended.number(),
        phase=stage,
    )
