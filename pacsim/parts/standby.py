"""What a standby that nobody has tried is worth: latent faults, proofs, tests of the failover.

With ``latent`` a member that does not serve becomes unfit to take over, and only a try or a test
shows it. Without, a switch succeeds the less often the longer ago the last proof is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import every, outcome
from pacsim.delays import Deterministic
from pacsim.parts.build_context import TIDY
from pacsim.parts.failover_group import BAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.failover_group import Cluster
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

LOOKED = 95
"""Priority of having looked, after all that this shows."""
ALONE = ("success_tested", "proven_for")
"""Slots of a group whose success falls with time, which a latent fault replaces."""


def add_standby(c: Cluster) -> None:
    """Add ``/standby-MEMBER``, or ``/tested`` where success falls with the time since a proof.

    And ``/looked`` where the failover is tested.

    ``/tested`` is ``valid`` from a proof on for a time of law ``proven_for``. An exponential one of
    rate r gives, s after the proof, success + (success_tested - success) exp(-r s).
    """
    group, tests = c.group, _tests(c.context)
    if tests is not None:
        _add_looks(c, tests)
    if "latent" in group:
        c.standby = {x: _latent(c, x) for x in c.members}
    elif "proven_for" in group and group["success_tested"] != group["success"]:
        c.proof = c.context.element(group.name, "tested", "stale valid")
        c.proof.after("valid -> stale", group.law("proven_for"), "lapsed")
        c.context.m.gate(f"{group.name}.tested", c.proof == "valid")


def _add_looks(c: Cluster, tests: Part) -> None:
    """Add ``/looked``: a test that finds nobody to switch to shows who is down all the same."""
    c.looked = c.context.element(c.group.name, "looked", "no yes")
    tick = every(tests.number("every"))
    none = (c.phase == "on") & ~c.relieved()
    c.looked.after("no -> yes", tick, "look", when=none, cls="planned")
    c.looked.now("yes -> no", LOOKED, "looked")


def _latent(c: Cluster, member: str) -> ElementRef:
    """Add what makes a member unfit while another serves; monitored it may be found."""
    name, idle = f"standby-{member}", c.active != member
    if c.splits:
        # What serves on the other side has taken over.
        idle &= c.phase != "split"
    one = c.context.element(c.group.name, name, "fine latent", fault="latent")
    one.after(
        "fine -> latent", c.group.law("latent"), "spoil", cls="fault", memory="keep", when=idle
    )
    one.now("latent -> fine", TIDY, "serves", when=c.active == member, renew=True)
    if c.context.finds("standby"):
        refuse = c.trust[member].move({"ok": "refused"})
        found = c.context.hidden
        one.after("latent -> fine", found, "found", renew=True, effects=[refuse])
    return one


def proven(c: Cluster) -> list[MoveRequest]:
    """Return the effect of a switch that has worked, a planned move or a test: a fresh proof."""
    if c.proof is None:
        return []
    return [c.proof.move({"valid": "valid", "stale": "valid"}, renew=True)]


def tried_in_vain(
    c: Cluster, member: str, when: Condition, target: str
) -> dict[Condition | bool, list[OutcomeRequest]]:
    """Return how a switch to a member that only looks fit ends: refused, what is wrong is known."""
    cases: dict[Condition | bool, list[OutcomeRequest]] = {
        when & ~c.able(member): [outcome(1.0, target, c.trust[member].move({"ok": BAD}))]
    }
    if member in c.standby:
        found = [outcome(1.0, target, *_shown(c, member))]
        cases[when & c.latent(member)] = found
    return cases


def _shown(c: Cluster, member: str) -> list[MoveRequest]:
    """Return the effects by which a latent fault is known: the member is refused and mended."""
    fine = c.standby[member].move({"latent": "fine"}, renew=True)
    return [c.trust[member].move({"ok": "refused"}), fine]


def _tests(context: BuildContext) -> Part | None:
    """Return the tests of the failover, if one of them falls into the term."""
    tests = context.practices.values.get("failover_tests")
    return tests if tests is not None and tests.number("every") < context.term else None


def upsets(context: BuildContext) -> float:
    """Return the probability that service is not back at the end of a test; 0 without tests."""
    tests = _tests(context)
    return float(tests.values.get("causes_outage") or 0.0) if tests is not None else 0.0


def add_tests(c: Cluster) -> None:
    """Add tests of the failover; the first comes after an interval.

    A test tries the member to which a switch would go. It finds a broken one, and of latent faults
    ``finds``; with ``causes_outage`` service is not back when it ends, but after
    ``outage_repair``.
    """
    tests = _tests(c.context)
    if tests is None:
        return
    name, phase, ended = c.group.name, c.phase, c.context.ended[c.group.name]
    back = ended.move(dict.fromkeys(ended.states, "automatic"))
    upset = upsets(c.context)
    finds = float(tests.values.get("finds") or 0.0)

    def ends(*pairs: tuple[float, Iterable[MoveRequest]]) -> list[OutcomeRequest]:
        """Return the ends of a test, each with its chance unless service is not back."""
        known = [outcome((1.0 - upset) * p, "on", back, *more) for p, more in pairs]
        return [*known, outcome(upset, "upset")] if upset > 0 else known

    cases: dict[Condition | bool, list[OutcomeRequest]] = {}
    for x in c.members:
        here = c.to(x)
        cases[here & ~c.able(x)] = ends((1.0, [c.trust[x].move({"ok": BAD})]))
        if x in c.standby:
            cases[here & c.latent(x)] = ends((finds, _shown(c, x)), (1.0 - finds, []))
    cases[c.relieved()] = ends((1.0, proven(c)))
    # The standby has gone down meanwhile, which proves nothing.
    cases[True] = ends((1.0, []))
    tick = every(tests.number("every"))
    begin = phase.after("on -> testing", tick, "test", when=c.relieved(), cls="planned")
    end = phase.after("testing ->", tests.law("outage"), "tested", cls="planned", outcomes=cases)
    for transition in (begin, end):
        c.context.call(transition, f"{name}/tests")
    if upset > 0:
        # A fault of its own, at once: what a test breaks is not planned.
        broke = phase.after("upset -> restoring", Deterministic(0.0), "upset", cls="fault")
        c.context.call(broke, f"{name}/tests")
        mend, by = tests.law("outage_repair"), ended.move(dict.fromkeys(ended.states, "people"))
        phase.after("restoring -> on", mend, "restored", cls="repair", effects=[by])


def check(review: Review, group: Part, path: str) -> None:
    """Note a success that falls with time beside latent faults, or that a proof makes worse."""
    if "latent" not in group:
        before, after = (group.values.get(x) for x in ("success", "success_tested"))
        if before is not None and after is not None and after < before:
            rule = (
                f"a proven switch works with {after:g}, one that nobody has tried with {before:g}"
            )
            review.problem(f"{path}.success_tested", rule, f"write {before:g} or more")
        return
    for slot in ALONE:
        if slot in group:
            rule = (
                "latent says how a standby that nobody tries becomes unfit, so this says it twice"
            )
            review.problem(f"{path}.{slot}", rule, f"leave out {slot}, or latent")
