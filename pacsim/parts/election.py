"""How a primary and its standbys fail over: an election by majority, people, moves and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.delays import Deterministic
from pacsim.parts.build_context import GROUP, TIDY
from pacsim.parts.failover import HOW
from pacsim.parts.failover_tests import Found, add_testing, proves
from pacsim.parts.manual_failover import add_call
from pacsim.parts.quorum import majority
from pacsim.parts.traits import RUNS_ON
from pacsim.parts.watch_handles import FailoverWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.values import Part

KINDS = ("planned", "power", "host", "majority", "path", "process", "database")
"""What fell at the start of a gap, first of; the words are those of other groups where they fit."""
PHASES = ("switchover", "decision")
"""From the fault to a new primary, detection included, which is not told apart; and people."""
APART = ("moving", "testing", "upset", "restoring")
"""Phases in which no member is the primary: nothing runs on the group."""


@dataclass(frozen=True, slots=True)
class Election:
    """A primary and its standbys under construction, with what their transitions share.

    ``looked`` is there if there are tests, ``proof`` if success falls with the time since the last.
    """

    context: BuildContext
    group: Part
    phase: ElementRef
    active: ElementRef
    replicas: Mapping[str, ElementRef]
    looked: ElementRef | None = None
    proof: ElementRef | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members, the first one primary at the start."""
        return self.group.names("members")

    def gate(self, what: str, member: str = "") -> Condition:
        """Return a named gate of the group, of one member if it is named."""
        name = f"{self.group.name}.{what}"
        return self.context.m.forward(f"{name}.{member}" if member else name)

    def of(self, member: str, what: str) -> Condition:
        """Return a named gate of a member itself."""
        return self.context.m.forward(f"{member}.{what}")

    def of_active(self, what: str) -> Condition:
        """Return a named gate of whichever member is the primary."""
        return self.context.m.any((self.active == x) & self.of(x, what) for x in self.members)

    def worked_on(self, member: str) -> Condition:
        """Return the condition that a member is worked on, or starts again after it."""
        return self.of(member, "working") | self.of(member, "resuming")

    def led(self, member: str) -> Condition:
        """Return the condition that a member has the majority of the quorum."""
        quorum = self.group.values.get("quorum")
        return majority(self.context, None if quorum is None else str(quorum), member)

    def during(self, *phases: str) -> Condition:
        """Return the condition that one of some phases is on, of which some may not be built."""
        return self.phase.among(*(x for x in phases if x in self.phase.states))

    def databases(self) -> list[Part]:
        """Return the databases that run on the group."""
        parts = self.context.parts.values()
        return [x for x in parts if x.has(RUNS_ON) and x["runs_on"] == self.group.name]

    def ended(self, how: str) -> MoveRequest:
        """Return the effect that notes how service has come back."""
        return self.context.ended[self.group.name].move(dict.fromkeys(HOW, how))

    def takes(self, member: str, how: str) -> list[MoveRequest]:
        """Return the effects by which a member becomes the primary.

        An engine that has crashed is given up: the one of the new primary starts in its place.
        """
        engines = self.context.engines
        stop = [engines[x.name] for x in self.databases() if x.name in engines]
        return [
            self.active.move(dict.fromkeys(self.members, member)),
            self.ended(how),
            *(engine.move({"crashed": "stopped"}) for engine in stop),
        ]


def add_gates(e: Election) -> None:
    """Add who is able, a candidate and in the group; what hosts, serves, and is fit to."""
    m, name = e.context.m, e.group.name
    for x in e.members:
        m.gate(f"{name}.active.{x}", e.active == x)
        m.gate(f"{name}.able.{x}", e.context.ok(x) & e.led(x))
        streams = e.replicas[x] == "streaming"
        m.gate(f"{name}.candidate.{x}", (e.active != x) & e.gate("able", x) & streams)
        m.gate(f"{name}.in.{x}", (e.active == x) | streams)
    m.gate(f"{name}.able", m.any((e.active == x) & e.gate("able", x) for x in e.members))
    m.gate(f"{name}.led", m.any(e.gate("able", x) for x in e.members))
    m.gate(f"{name}.relief", m.any(e.gate("candidate", x) for x in e.members))
    answers = m.all(m.forward(f"{x.name}.answers") for x in e.databases())
    m.gate(f"{name}.fit", e.gate("able") & answers)
    # An engine that recovers where it is calls for a candidate, but for nobody if there is none.
    m.gate(f"{name}.settled", e.gate("able") & (answers | ~e.gate("relief")))
    m.gate(f"{name}.looked", _looked(e))
    for x in e.members:
        # An engine without anybody to take over shows what has become of who should.
        unfelt = (e.active != x) & e.gate("ok") & e.gate("fit") & ~e.gate("looked")
        m.gate(f"{name}.unneeded.{x}", unfelt)
    # While an election is on, an engine that has crashed goes on recovering where it is.
    m.gate(f"{name}.hosting", ~e.during(*APART) & e.gate("able"))
    m.gate(f"{name}.ok", (e.phase == "on") & e.gate("able"))
    ended = e.context.ended[name]
    m.gate(f"{name}.switched", ended.among("automatic", "people"))
    databases = m.all(e.context.ok(x.name) for x in e.databases())
    m.gate(f"{name}.gap", ~(e.gate("ok") & databases))
    early = e.phase.among("on", "electing") & e.gate("gap")
    ended.now("automatic people repair -> in_place", TIDY, "reset", when=early)


def _looked(e: Election) -> Condition:
    """Return the condition that people look at every member: work on one is due or on, or a test.

    They see a standby that is down, and a copy that has stopped, before they need it.
    """
    patches = [e.context.patches[x] for x in e.members if x in e.context.patches]
    due = [p != "idle" for p in patches if len(p.states) > 1]
    tested = [] if e.looked is None else [e.looked == "yes", e.during("testing", "restoring")]
    return e.context.m.any([*due, *tested])


def add_election(e: Election) -> None:
    """Add the election: a primary that is not fit is replaced by a candidate, or people come.

    It goes on only while some member that is up has a majority, and ends when the primary is fit
    again. Planned work on the primary is no fault of it. An engine that has crashed recovers where
    it is, which everybody knows: without a candidate there is no election, and nobody is called.
    """
    phase, m = e.phase, e.context.m
    working = m.any((e.active == x) & e.worked_on(x) for x in e.members)
    phase.now("on -> electing", GROUP, "miss", when=~e.gate("settled") & ~working)
    phase.now("electing -> on", GROUP, "healed", when=e.gate("settled"))
    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    for x in e.members:
        if e.proof is not None:
            known = e.gate("candidate", x) & (e.proof == "valid")
            cases[known] = _elected(e, x, e.group.number("success_tested"))
        cases[e.gate("candidate", x)] = _elected(e, x, e.group.number("success"))
    cases[True] = [outcome(1.0, "failed")]
    law = e.group.law("failover")
    phase.after("electing ->", law, "elected", memory="resume", when=e.gate("led"), outcomes=cases)


def _elected(e: Election, member: str, success: float) -> list[OutcomeRequest]:
    """Return how an election of a member ends, of which ``success`` is the probability."""
    takes = [*e.takes(member, "automatic"), *proves(e.proof)]
    promoted = [outcome(success, "on", *takes)] if success > 0 else []
    return [*promoted, *([outcome(1.0 - success, "failed")] if success < 1 else [])]


def add_recall(e: Election, faults: str) -> None:
    """Add people after an election without a new primary; its return makes them needless.

    They promote only with a majority, and never a copy that has fallen behind: if there is no
    candidate they leave the primary what it is, and the next election begins. Without a majority
    they go and come again.
    """
    phase = e.phase
    phase.now(
        f"{faults} -> on", GROUP, "returned", when=e.gate("settled"), effects=[e.ended("repair")]
    )
    law, p = add_call(e.context, phase, e.gate("led"))
    again = [outcome(1.0 - p, "working")] if p < 1 else []
    cases: dict[Condition | bool, list[OutcomeRequest]] = {
        e.gate("candidate", x): [outcome(p, "on", *e.takes(x, "people")), *again] for x in e.members
    }
    cases[True] = [outcome(1.0, "on")]
    phase.after("working ->", law, "worked", cls="repair", when=e.gate("led"), outcomes=cases)


def add_moves(e: Election) -> None:
    """Add planned moves: the primary moves as work on it begins, and that always succeeds.

    Without a candidate it waits until the work is over, or for a candidate.
    """
    phase, context, name = e.phase, e.context, e.group.name
    # Timed, so that its root is the work and not the return of a standby that it waited for.
    leave = e.of_active("working") & e.gate("relief")
    move = phase.after("on -> moving", Deterministic(0.0), "move", when=leave, cls="planned")
    cases: dict[Condition | bool, list[OutcomeRequest]] = {
        e.gate("candidate", x): [outcome(1.0, "on", *e.takes(x, "automatic"), *proves(e.proof))]
        for x in e.members
    }
    cases[True] = [outcome(1.0, "on", e.ended("in_place"))]
    law = e.group.law("failover")
    moved = phase.after("moving ->", law, "moved", cls="planned", outcomes=cases)
    for transition in (move, moved):
        context.call(transition, f"{name}/moves")


def add_tests(e: Election) -> None:
    """Add tests of the failover: a planned outage, and a proof if somebody could take over."""
    ready = e.gate("fit") & e.gate("relief")
    # A standby that has gone down meanwhile proves nothing.
    found: dict[Condition | bool, Found] = {
        e.gate("relief"): [(1.0, proves(e.proof))],
        True: [(1.0, [])],
    }
    add_testing(e.context, e.group, e.phase, ready, found)


def watch_gaps(e: Election) -> None:
    """Watch every gap of service: kind and standby at its start, how it ended, its phases."""
    m, name, context = e.context.m, e.group.name, e.context
    moving = e.during("moving", "testing")
    fell = [
        moving | e.of_active("working"),
        ~e.of_active("powered"),
        ~e.of_active("alive"),
        ~m.any((e.active == x) & e.led(x) for x in e.members),
        ~e.of_active("reaches"),
        ~e.of_active("ok"),
    ]
    # By what is known: a broken standby that nobody has noticed, and a copy that nobody has seen
    # stop, are hoped for.
    hoped = m.any(
        (e.active != x)
        & (e.of(x, "ok") | e.of(x, "unnoticed"))
        & e.replicas[x].among("streaming", "stopped")
        for x in e.members
    )
    alone = ~moving & (~hoped | e.gate("fit"))
    gap = f"{name}.gap"
    gaps = FailoverWatch(name, f"failover:{name}", kinds=KINDS, endings=HOW, phases=PHASES, gap=gap)
    context.watch(gaps)
    m.episodes(
        gaps.observed,
        e.gate("gap"),
        at_start=gaps.at_start(m.first_of(fell), m.count([alone])),
        at_end=context.ended[name].number(),
        phase=m.first_of([e.during("on", "electing", "moving", "testing")]),
    )
