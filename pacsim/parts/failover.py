"""How a failover group fails over: detection, fencing, switchover, people; and its latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic, Shifted, Uniform
from pacsim.parts.build_context import GROUP, TIDY
from pacsim.parts.failover_group import BAD
from pacsim.parts.failover_tests import proves
from pacsim.parts.manual_failover import add_call
from pacsim.parts.planned_work import all_broken
from pacsim.parts.standby import tried_in_vain
from pacsim.parts.watch_handles import FailoverWatch

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.delays import Law
    from pacsim.parts.failover_group import Cluster

KINDS = ("planned", "power", "host", "path", "process", "hung", "database", "other")
"""What fell at the start of a failover, first of; the order of the ``at_start`` level."""
HOW = ("in_place", "automatic", "people", "repair")
"""How service came back; the order of the ``at_end`` level."""
PHASES = ("detection", "decision", "switchover")
DEPTH = {"host": 0, "tcp": 1, "http": 2, "c_echo": 2, "c_store": 3}


def seen_bad(c: Cluster) -> Condition:
    """Return the condition that the check, at its depth, finds the active member bad.

    It is suspended during planned work on it, and as to its application until that is up again.
    """
    m = c.context.m
    depth = DEPTH[str(c.group.part("check")["sees"])]
    working = c.of_active("working")
    linked = m.any((c.active == x) & c.linked(x) for x in c.members)
    good = [c.of_active("alive"), linked]
    if depth:
        asked = [c.of_active("process" if depth == 1 else "answers")]
        if depth >= 3:
            good.append(c.of_active("reaches"))
            # A database that runs on the group stops with it: only its crash is its own.
            for x in c.databases():
                here = c.context.parts[x]["runs_on"] == c.group.name
                asked.append(m.forward(f"{x}.answers") if here else c.context.ok(x))
        # Through an application that starts after work nothing is known of its database either.
        good.append(m.all(asked) | c.of_active("resuming"))
    # A change that has left every member bad is known, and another member would be no better.
    alike = m.all([all_broken(c.context, x) for x in c.members])
    return ~m.all(good) & ~working & ~alike


def silent(c: Cluster) -> Condition:
    """Return the condition that the active member gives no answer at all, so a check times out."""
    linked = c.context.m.any((c.active == x) & c.linked(x) for x in c.members)
    return ~c.of_active("alive") | ~linked | c.of_active("hung")


def add_detection(c: Cluster) -> None:
    """Add the check: fall x timeout + (fall - 1 + U(0, 1)) x every, then fencing.

    What no other member looks as if it would do better is no reason to leave the active one, nor
    to call anybody: a path that all lose, a database, a cut of the power of all.
    """
    phase, check = c.phase, c.group.part("check")
    every, fall = check.number("every"), int(check["fall"])
    bad = seen_bad(c) & c.context.m.any(c.better(x) for x in c.members)
    phase.now("on -> detecting", GROUP, "miss", when=bad)
    phase.now("detecting -> on", GROUP, "healed", when=~bad)

    def law(timeout: float) -> Law:
        return Shifted(Uniform(0.0, every), (fall - 1) * every + fall * timeout)

    timeout = check.number("timeout")
    delay = {silent(c): law(timeout), True: law(0.0)} if timeout > 0 else law(0.0)
    # Another member would serve better, but rules may take none: people decide.
    cases = _fencing(c)
    cases[True] = [outcome(1.0, "failed")]
    phase.after("detecting ->", delay, "detected", outcomes=cases)


def _fencing(c: Cluster) -> dict[Condition | bool, list[OutcomeRequest]]:
    """Add fencing; return how detection ends while another member could take over."""
    phase, fencing = c.phase, c.group.values.get("fencing")
    if fencing is None:
        return {
            (c.active == x) & c.relief(): left_behind(c, x, 1.0, "switching") for x in c.members
        }
    works, takes = fencing.number("success"), fencing.number("takes")
    stopped: list[OutcomeRequest] = []
    if works < 1.0:
        # The old member may still write: nobody else serves before people have been there.
        barred = c.context.element(c.group.name, "barred", "no yes")
        c.barred = barred
        barred.now("yes -> no", TIDY, "cleared", when=phase == "on")
        stopped.append(outcome(1.0 - works, "failed", barred.move({"no": "yes"})))
    ends = {x: [*fenced(c, x, works, "switching"), *stopped] for x in c.members}
    if takes == 0:
        return {(c.active == x) & c.relief(): ends[x] for x in c.members}
    *others, last = c.members
    cases: dict[Condition | bool, list[OutcomeRequest]] = {c.active == x: ends[x] for x in others}
    cases[True] = ends[last]
    phase.after("fencing ->", Deterministic(takes), "fenced", outcomes=cases)
    if "shooting" in phase.states:
        phase.after("shooting -> switching", Deterministic(takes), "shot")
    return {c.relief(): [outcome(1.0, "fencing")]}


def fenced(
    c: Cluster, member: str, p: float, target: str, *more: MoveRequest
) -> list[OutcomeRequest]:
    """Return how a fencing that works ends, with probability ``p`` in all: back or held.

    A member that has been fenced boots anew, whatever had hung or crashed on it.
    """
    host = c.context.hosts[member]
    return left_behind(c, member, p, target, host.element.move(host.reset, renew=True), *more)


def left_behind(
    c: Cluster, member: str, p: float, target: str, *more: MoveRequest
) -> list[OutcomeRequest]:
    """Return how a takeover away from a member begins, with probability ``p`` in all: back or held.

    With the share ``rejoins`` it comes back into the group by itself. Without fencing the group
    software stops it, and lets it in again or not, on the same terms.
    """
    if not c.held:
        return [outcome(p, target, *more)]
    r = c.group.number("rejoins")
    hold = c.held[member].move(dict.fromkeys(c.held[member].states, "held"))
    return [outcome(p * r, target, *more), outcome(p * (1.0 - r), target, hold, *more)]


def add_held(c: Cluster) -> None:
    """Add members that stay out of the group after a takeover, although they are up again.

    No rule takes them. People who end an outage take them back; while another member serves,
    somebody finds out late and puts it right.
    """
    if c.group.values.get("rejoins") in (None, 1.0):
        return
    law = c.context.practices.part("times").law("manual_failover")
    calm = (c.phase == "on") & c.context.m.forward(f"{c.group.name}.serving")
    held = {}
    for x in c.members:
        states = "in held releasing"
        one = c.context.element(c.group.name, f"held-{x}", states, fault="held releasing")
        one.after("held -> releasing", c.context.hidden, "noticed", when=calm, memory="resume")
        one.after("releasing -> in", law, "taken-back", cls="repair", when=calm, memory="resume")
        held[x] = one
    c.held = held


def add_switchover(c: Cluster) -> None:
    """Add the switch: to the member that looks fit, by whether it is, and whether it is proven.

    It takes its full time in any case; a target that fails is not trusted.
    """
    group, ended = c.group, _ended(c)
    untested = group.number("success")
    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    proof = c.proof
    for x in c.members:
        here = c.to(x)
        cases |= tried_in_vain(c, x, here, "failed")
        known = (
            [] if proof is None else [(here & (proof == "valid"), group.number("success_tested"))]
        )
        for when, success in [*known, (here, untested)]:
            for y in _unstoppable(c, x):
                still = (c.active == y) & c.gate(y, "hung")
                cases[when & still] = _ends(c, x, success, beside=y)
            cases[when] = _ends(c, x, success)
    cases[True] = [outcome(1.0, "failed")]
    c.phase.after("switching ->", group.law("switchover"), "switched", outcomes=cases)
    # Whichever member is good again first serves at once, the old one before the others (and in a
    # cold group not while the old one starts); after a fencing that failed only the old one.
    resting = "failed working" + (" waiting attending" if c.context.crew else "")
    for x in c.members:
        good = c.fit(x) & c.turn(x)
        if c.barred is not None:
            good &= (c.active == x) | (c.barred == "no")
        c.phase.now(
            f"{resting} -> {c.arrived}",
            GROUP,
            f"serve-{x}",
            when=good,
            effects=[c.active.move(c.activate(x)), ended.move(dict.fromkeys(HOW, "repair"))],
        )


def _unstoppable(c: Cluster, target: str) -> list[str]:
    """Return the members that go on serving beside the target if they hang as it takes over.

    Without fencing nothing can stop what does not answer. The application of a cold target starts
    first, in a phase of its own: there the two are left apart.
    """
    if "fencing" in c.group or c.arrived != "on" or not c.splits:
        return []
    return [x for x in c.members if x != target and "software" in c.context.parts[x]]


def _ends(c: Cluster, target: str, success: float, beside: str = "") -> list[OutcomeRequest]:
    """Return how a switch ends; ``beside`` is a member that hangs and cannot be stopped."""
    ended = c.context.ended[c.group.name]
    arrive = c.active.move(c.activate(target))
    by = [ended.move(dict.fromkeys(HOW, "automatic")), *proves(c.proof)]
    refuse = c.trust[target].move({"ok": "refused"})
    both = c.group.number("split") if beside else 0.0
    good = [outcome(success * (1.0 - both), c.arrived, arrive, *by)]
    if both > 0:
        # What goes on serving is not out of the group.
        stay = [c.held[beside].move({"held": "in", "releasing": "in"})] if c.held else []
        good.append(outcome(success * both, "split", arrive, *by, *stay))
    return [*good, outcome(1.0 - success, "failed", refuse)] if success < 1 else good


def add_start(c: Cluster) -> None:
    """Add the start of a cold standby that takes over; what stops it meanwhile ends the switch."""
    if c.arrived == "on":
        return
    over = c.of_active("working") | c.of_active("serves")
    c.phase.now("starting -> on", GROUP, "started", when=over)
    c.phase.now("starting -> failed", GROUP, "not-started", when=~(over | c.coming()))


def _ended(c: Cluster) -> ElementRef:
    """Add the memory of how service last came back; a fresh outage starts as in place."""
    ended = c.context.element(c.group.name, "ended-by", list(HOW))
    c.context.ended[c.group.name] = ended
    serving = c.context.m.forward(f"{c.group.name}.serving")
    early = c.phase.among("on", "detecting") & ~(serving & c.databases_ok())
    ended.now("automatic people repair -> in_place", TIDY, "reset", when=early)
    c.context.m.gate(f"{c.group.name}.switched", ended.among("automatic", "people"))
    return ended


def add_people(c: Cluster) -> None:
    """Add people after a failed switch: noticed, attended, worked on by procedure or without.

    A try that fails is repeated. They keep the active member if it is good, and leave it alone
    while it starts. When they are done but no member is taken, the first one that becomes good
    serves. Once they have been there a fencing that failed bars nobody.
    """
    context, phase = c.context, c.phase
    law, p = add_call(context, phase)
    ended = context.ended[c.group.name]
    by = by_people(c)
    clear = [c.trust[x].move({"refused": "ok", "mending": "ok"}) for x in c.members]
    clear += [one.move({"held": "in", "releasing": "in"}) for one in c.held.values()]
    if c.barred is not None:
        clear.append(c.barred.move({"yes": "no"}))
    if c.heart is not None:
        clear.append(c.heart.move({"barred": "lost"}))
    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    again = [outcome(1.0 - p, "working")] if p < 1 else []
    for x in c.members:
        arrive = c.active.move(c.activate(x))
        taken = [arrive, by, *_spared(c, x), *clear]
        cases[c.chosen(x)] = [outcome(p, c.arrived, *taken), *again]
    cases[True] = [outcome(p, "stranded", *clear), *again]
    phase.after("working ->", law, "worked", cls="repair", outcomes=cases)
    for x in c.members:
        back = [c.active.move(c.activate(x)), ended.move(dict.fromkeys(HOW, "repair"))]
        back += _spared(c, x)
        phase.now(f"stranded -> {c.arrived}", GROUP, f"take-{x}", when=c.chosen(x), effects=back)


def by_people(c: Cluster) -> MoveRequest:
    """Return the effect that notes that people brought service back."""
    return c.context.ended[c.group.name].move(dict.fromkeys(HOW, "people"))


def _spared(c: Cluster, member: str) -> list[MoveRequest]:
    """Return the effect by which a member that people take has no more been shot."""
    return [c.shot.move({member: "nobody"})] if c.shot is not None else []


def add_trust(c: Cluster, member: str) -> None:
    """Add how a member to which a switch failed is trusted again.

    At once when it goes down, since what comes back is new, but not where faults are latent, which
    no restart ends; when people end the outage; else, once service is back, somebody notices and
    puts it right. One that was broken is as soon as it is good.
    """
    trust, calm = c.trust[member], c.phase == "on"
    trust.now(f"{BAD} -> ok", TIDY, "good-again", when=c.good(member))
    if member not in c.standby:
        trust.now("refused mending -> ok", TIDY, "forgotten", when=~c.good(member))
    noticed = c.context.noticed(masked=False)
    trust.after("refused -> mending", noticed, "noticed", when=calm, memory="resume")
    law = c.context.practices.part("times").law("manual_failover")
    trust.after("mending -> ok", law, "mended", cls="repair", when=calm, memory="resume")


def watch(c: Cluster) -> None:
    """Watch every gap of service: kind and standby at its start, how it ended, its phases."""
    m, name, phase = c.context.m, c.group.name, c.phase
    serving = m.forward(f"{name}.serving")
    databases = c.databases_ok()
    linked = m.any((c.active == x) & c.linked(x) for x in c.members)
    # A cut of the power also stops the host, so power comes first.
    fell = [
        phase.among("moving", "returning", "testing") | c.of_active("working"),
        ~c.of_active("powered"),
        ~c.of_active("alive"),
        ~linked | ~c.of_active("reaches"),
        ~c.of_active("runs"),
        c.of_active("hung"),
        ~databases,
    ]
    kind = m.first_of(fell)
    # No other member would serve better, by what is known of them; planned moves are no matter.
    hoped = m.any(m.forward(f"{name}.hoped.{x}") & c.may(x) for x in c.members)
    alone = m.count([~hoped & ~phase.among("moving", "returning", "testing")])
    late = {c.arrived} - {"on"}
    stage = m.first_of(
        [
            phase.among("on", "detecting", "split"),
            ~phase.among("switching", "moving", "returning", "testing", *late),
        ]
    )
    gap = f"{name}.gap"
    gaps = FailoverWatch(name, f"failover:{name}", kinds=KINDS, endings=HOW, phases=PHASES, gap=gap)
    c.context.watch(gaps)
    m.episodes(
        gaps.observed,
        m.gate(gap, ~(serving & databases)),
        at_start=gaps.at_start(kind, alone),
        at_end=c.context.ended[name].number(),
        phase=stage,
    )
