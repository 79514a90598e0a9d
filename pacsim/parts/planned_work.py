"""Planned work on servers, a round at a time, and changes that fail.

A *window* is regular work or the upgrades; all its servers are one *round*. A change is drawn once
a round, at the end of its first work. One that fails takes the server that was changed, or all of
them with what runs on them, and is seen at once or only in use. It is a fault and has a root of
its own, whatever work it came with.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pacsim.core import next_open, next_opening, outcome
from pacsim.delays import Deterministic, Mixture
from pacsim.parts.build_context import BuildContext, Change, hooks
from pacsim.parts.schedule import monthly
from pacsim.parts.traits import RUNS_ON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.delays import Law
    from pacsim.delays.calendars import MonthlySchedule
    from pacsim.parts.values import Part

UPGRADES = "upgrades"
FAILED_CHANGES = "failed changes"
"""What a change that failed is called as a cause, whatever window it came with."""
HIDDEN = ("own-latent", "shared-latent")
BROKEN = ("own-broken", "shared-broken")
STATES = ("none", "own-found", "shared-found", *HIDDEN, *BROKEN)
LATEST = 0.999
"""Share of works that are over when the next server's turn may come at the latest."""
CALLED_OFF = 45
"""Priority of giving up what is left of a round, after what a group does about it."""
DRAINED = 45
"""Priority of work on a member that has been drained."""


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work: its name, its record, and the servers it is on."""

    name: str
    record: Part
    servers: tuple[str, ...]

    @property
    def rolling(self) -> bool:
        """Whether its servers are worked on one after the other."""
        return bool(self.record["rolling"]) and len(self.servers) > 1


def windows(context: BuildContext) -> list[Window]:
    """Return all planned work of a design, the upgrades last; a group stands for its members."""
    records = dict(context.practices.values.get("maintenance") or {})
    if UPGRADES in context.practices:
        records[UPGRADES] = context.practices.part(UPGRADES)
    return [Window(name, record, _servers(context, record)) for name, record in records.items()]


def _servers(context: BuildContext, record: Part) -> tuple[str, ...]:
    names: list[str] = []
    for name in record.names("of"):
        group = context.groups.get(name)
        names += [name] if group is None else group.names("members")
    return tuple(dict.fromkeys(names))


def opening(context: BuildContext, window: Window, server: str) -> MonthlySchedule:
    """Return when a window is open for a server; its turn comes after work on those before."""
    before = 0.0
    if in_turn(context, window, server):
        before = (len(window.servers) - 1) * _length(window.record).quantile(LATEST)
        home = context.group_of(server)
        if home is not None and hooks(home).drains(home):
            before += (len(window.servers) - 1) * home.law("drain").quantile(LATEST)
    return monthly(f"{window.name} of {server}", window.record, before)


def in_turn(context: BuildContext, window: Window, server: str) -> bool:
    """Return whether a server waits for its turn: for others, or to be drained."""
    home = context.group_of(server)
    drained = home is not None and hooks(home).drains(home)
    return window.rolling or (drained and bool(window.record["rolling"]))


def worked_on(context: BuildContext, server: str) -> bool:
    """Return whether there is planned work on a server in the design."""
    return any(server in window.servers for window in windows(context))


def moves_away(context: BuildContext, group: Part) -> bool:
    """Return whether a group ever leaves a member because that is worked on."""
    return any(worked_on(context, x) for x in group.names("members"))


def add_changes(context: BuildContext) -> None:
    """Add ``WINDOW/change`` for each window with servers whose changes may fail.

    With several servers ``WINDOW/changed`` says which one was, and ``WINDOW/round`` whether the
    round has had its change. Parts ask `broken` and `all_broken`.
    """
    for window in windows(context):
        changed = [x for x in window.servers if _change_fails(context, x) > 0]
        if not changed:
            continue
        change = context.element(window.name, "change", STATES, fault=BROKEN, called=FAILED_CHANGES)
        which = round_ = None
        if len(window.servers) > 1:
            which = context.element(window.name, "changed", list(window.servers), lasting=True)
            round_ = context.element(window.name, "round", "open drawn", lasting=True)
        of = Change(window.servers, change, which, round_)
        context.changes[window.name] = of
        _add_course(context, window, of, changed)


def is_on(context: BuildContext, of: Change, server: str) -> Condition:
    """Return the condition that a server is the one that was changed last."""
    return context.m.always() if of.which is None else of.which == server


def all_broken(context: BuildContext, server: str) -> Condition:
    """Return the condition that a failed change has left every server of its window bad."""
    mine = [of for of in context.changes.values() if server in of.servers]
    return context.m.any(of.element == "shared-broken" for of in mine)


def broken(context: BuildContext, server: str) -> Condition:
    """Return the condition that a failed change keeps the application of a server from running."""
    mine = [of for of in context.changes.values() if server in of.servers]
    own = [(of.element == "own-broken") & is_on(context, of, server) for of in mine]
    return context.m.any([all_broken(context, server), *own])


def _change_fails(context: BuildContext, server: str) -> float:
    software = context.parts[server].values.get("software")
    return float(software.values.get("change_fails") or 0.0) if software is not None else 0.0


def _add_course(context: BuildContext, window: Window, of: Change, changed: list[str]) -> None:
    """Add what becomes of a change that failed: seen at once or in use, then put right."""
    m, change = context.m, of.element
    used: dict[Condition | bool, float] = {}
    for server in window.servers:
        active = context.active(server)
        here = is_on(context, of, server)
        used[here if active is None else here & active] = 1.0
    used[True] = 0.0
    roles = _roles(context, window.servers)
    served = m.any(m.forward(f"role.{name}") for name in roles) if roles else m.always()
    fixes = {x: context.parts[x].part("software").law("change_fix") for x in changed}
    first = fixes[changed[0]]
    fix: Law | dict[Condition | bool, Law] = first
    if any(law != first for law in fixes.values()):
        fix = {**{is_on(context, of, x): law for x, law in fixes.items()}, True: first}
    found = window.record.law("found")
    in_use: dict[Condition | bool, float] = {served: 1.0, True: 0.0}
    speeds: dict[str, dict[Condition | bool, float]] = {"own": used, "shared": in_use}
    seen, shares = window.record.number("seen_at_once"), window.record.number("shared")
    for whose, speed in speeds.items():
        if shares == (1.0 if whose == "own" else 0.0):
            continue
        end = f"{whose}-broken"
        if seen > 0:
            at_once = Deterministic(0.0)
            change.after(f"{whose}-found -> {end}", at_once, f"{whose}-seen", cls="fault")
        if seen < 1:
            # Not there if it cannot be: what its speed reads would be a cause of what it takes.
            change.after(
                f"{whose}-latent -> {end}",
                found,
                f"{whose}-shows",
                cls="fault",
                memory="resume",
                speed=speed,
            )
        change.after(f"{end} -> none", fix, f"{whose}-fixed", cls="repair", renew=True)


def _roles(context: BuildContext, servers: tuple[str, ...]) -> list[str]:
    """Return the roles that need one of some servers, or a group or a database that runs there."""
    known = set(servers) | {
        name for name, group in context.groups.items() if set(group.names("members")) & set(servers)
    }
    known |= {p.name for p in context.parts.values() if p.has(RUNS_ON) and p["runs_on"] in known}
    return [name for name, role in context.roles.items() if set(role["needs"].names()) & known]


def add_work(context: BuildContext, part: Part) -> None:
    """Add ``/patch``, the planned work on one server (tests 20, 21), and gate ``.working``."""
    m, name = context.m, part.name
    mine = [window for window in windows(context) if name in window.servers]
    planned = [f"{window.name}-work" for window in mine]
    states = ["idle"]
    for window in mine:
        states += [f"{window.name}-due", f"{window.name}-work"]
    patch = context.element(name, "patch", states, planned=planned)
    context.patches[name] = patch
    m.gate(f"{name}.working", patch.among(*planned) if planned else ~m.always())
    if mine and "software" in part and context.group_of(name) is not None:
        context.resuming[name] = context.element(name, "resuming", "no yes")
    for window in mine:
        _add_window(context, part, window, patch)


def at_once(context: BuildContext, group: Part, server: str) -> Condition:
    """Return the condition that a server is worked on in a window of all members at once."""
    everybody = set(group.names("members"))
    together = [
        f"{window.name}-work"
        for window in windows(context)
        if not window.rolling and everybody <= set(window.servers)
    ]
    patch = context.patches.get(server)
    if patch is None or not together:
        return ~context.m.always()
    return patch.among(*together)


def called_off(context: BuildContext, server: str) -> list[MoveRequest]:
    """Return the effects by which work on a server is given up: it is started again."""
    patch, resuming = context.patches[server], context.resuming.get(server)
    works = {x: "idle" for x in patch.states if x.endswith("-work")}
    given_up = [patch.move(works)] if works else []
    return given_up if resuming is None else [*given_up, resuming.move({"no": "yes"})]


def _add_window(context: BuildContext, part: Part, window: Window, patch: ElementRef) -> None:
    """Add one window: at its time, or if rolling when the others serve and none is worked on.

    What cannot begin while its window is open waits for the next one, unless other work is due
    before that. A server whose own host is down is not worked on before that is up. In a group the
    standby comes first, so that the service moves once a round. The rest of a round is called off
    while a change is known to have failed.
    """
    key, due, work = window.name, f"{window.name}-due", f"{window.name}-work"
    schedule = opening(context, window, part.name)
    waiting = [s for s in patch.states if s.endswith("-due") and s != due]
    free = " ".join(["idle", *waiting])
    of = context.changes.get(key)
    opens = [of.round.move({"drawn": "open"})] if of is not None and of.round is not None else []
    if in_turn(context, window, part.name):
        _add_turns(context, part, window, patch, schedule)
        begin = patch.after(
            f"{free} -> {due}", next_opening(schedule), f"{key}-due", cls="planned", effects=opens
        )
        if of is not None:
            known = ~of.element.among("none", *HIDDEN)
            patch.now(f"{due} -> idle", CALLED_OFF, f"{key}-called-off", when=known)
    else:
        begin = patch.after(
            f"{free} -> {work}",
            next_opening(schedule),
            f"{key}-begin",
            cls="planned",
            effects=opens,
        )
    end = patch.after(
        f"{work} ->",
        _length(window.record),
        f"{key}-end",
        cls="planned",
        outcomes=_ends(context, part, window),
    )
    for transition in (begin, end):
        context.call(transition, f"{key}/work")


def _add_turns(
    context: BuildContext,
    part: Part,
    window: Window,
    patch: ElementRef,
    schedule: MonthlySchedule,
) -> None:
    """Add when the turn of one server of a rolling window has come.

    Of a group that can spare a member, its condition counts and not each of the others. A member
    that is drained first is worked on once it is, and as long as its turn lasts.
    """
    m, name, key = context.m, part.name, window.name
    turn = f"{key}-due -> {key}-work"
    others = [other for other in window.servers if other != name]
    home = context.group_of(name)
    spared = hooks(home).spared if home is not None else None
    mates = home.names("members") if home is not None and spared is not None else ()
    fine = []
    for other in others:
        rests = ~m.forward(f"{other}.working")
        fine.append(rests if other in mates else context.takes_part(other) & rests)
    if home is not None and spared is not None:
        fine.append(spared(m, home, name))
    clear = m.all([m.forward(f"{name}.alive"), *fine])
    m.gate(f"{name}.{key}-due", patch == f"{key}-due")
    if home is not None and hooks(home).drains(home):
        m.gate(f"{name}.{key}-turn", (patch == f"{key}-due") & clear)
        drained = m.forward(f"{home.name}.drained.{name}") & clear
        begin = patch.now(turn, DRAINED, f"{key}-begin", cls="planned", when=drained)
        context.call(begin, f"{key}/work")
        return
    active, hours = context.active(name), next_open(schedule)
    if active is None:
        begins = [patch.after(turn, hours, f"{key}-begin", cls="planned", when=clear)]
    else:
        waits = m.any(m.forward(f"{other}.{key}-due") for other in others)
        # Rank 1: windows that open at the same moment have all opened before this looks.
        last = clear & active & ~waits
        begins = [
            patch.after(turn, hours, f"{key}-begin", cls="planned", when=clear & ~active),
            patch.after(turn, hours, f"{key}-last", cls="planned", when=last, rank=1),
        ]
    for begin in begins:
        context.call(begin, f"{key}/work")


def _length(record: Part) -> Law:
    """Return how long work lasts; what overruns takes twice as long."""
    law, late = record.law("lasts"), float(record.values.get("overruns") or 0.0)
    if 0.0 < late < 1.0:
        return Mixture((1.0 - late, late), (law, law.scaled(2.0)))
    return law.scaled(2.0) if late else law


def _ends(
    context: BuildContext, part: Part, window: Window
) -> list[OutcomeRequest] | Mapping[Condition | bool, list[OutcomeRequest]]:
    """Return how work ends: with p (1 - s) q a change of this server failed and is seen, and so on.

    Only the first work of a round on a server whose change may fail draws, and what has failed
    already stays as it is.
    """
    of = context.changes.get(window.name)
    resuming = context.resuming.get(part.name)
    resumes = [] if resuming is None else [resuming.move({"no": "yes"})]
    if of is None:
        return [outcome(1.0, "idle", *resumes)]
    p = _change_fails(context, part.name)
    if p == 0:
        # Nothing that may fail was changed, so the round still has its change to come.
        return [outcome(1.0, "idle", *resumes)]
    s, q = window.record.number("shared"), window.record.number("seen_at_once")
    drawn = resumes
    if of.round is not None and of.which is not None:
        drawn = [*resumes, of.round.move({"open": "drawn"})]
    chances = {
        "own-found": p * (1.0 - s) * q,
        "shared-found": p * s * q,
        "own-latent": p * (1.0 - s) * (1.0 - q),
        "shared-latent": p * s * (1.0 - q),
    }
    here = [of.which.move(dict.fromkeys(window.servers, part.name))] if of.which is not None else []
    ends = [
        outcome(chance, "idle", of.element.move({"none": state}), *here, *drawn)
        for state, chance in chances.items()
        if chance > 0
    ]
    # Not by `sum`, which rounds otherwise in later Pythons, and there only for plain floats. What
    # rounding adds to a whole leaves nothing.
    rest = max(1.0 - reduce(operator.add, chances.values()), 0.0)
    ends.append(outcome(rest, "idle", *drawn))
    if of.round is None:
        return ends
    fresh = (of.element == "none") & (of.round == "open")
    return {
        fresh: ends,
        True: [outcome(1.0, "idle", *resumes), *(outcome(0.0, "idle") for _ in ends[1:])],
    }
