"""What a standby that nobody has tried is worth: latent faults, proofs, tests of the failover.

With ``latent`` a member that does not serve becomes unfit to take over, and only a try or a test
shows it. Without, a switch succeeds the less often the longer ago the last proof is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core import outcome
from pacsim.parts.build_context import TIDY
from pacsim.parts.failover_group import BAD
from pacsim.parts.failover_tests import (
    Found,
    add_looks,
    add_proof,
    add_testing,
    check_proof,
    proves,
    tests_of,
)

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.failover_group import Cluster
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

ALONE = ("success_tested", "proven_for")
"""Slots of a group whose success falls with time, which a latent fault replaces."""


def add_standby(c: Cluster) -> None:
    """Add ``/standby-MEMBER``, or ``/tested`` where success falls with the time since a proof.

    And ``/looked`` where the failover is tested.
    """
    c.looked = add_looks(c.context, c.group, (c.phase == "on") & ~c.relieved())
    if "latent" in c.group:
        c.standby = {x: _latent(c, x) for x in c.members}
    else:
        c.proof = add_proof(c.context, c.group)


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


def tried_in_vain(
    c: Cluster, member: str, when: Condition, target: str
) -> dict[Condition | bool, list[OutcomeRequest]]:
    """Return how a switch to a member that only looks fit ends: refused, what is wrong is known."""
    broken = [c.trust[member].move({"ok": BAD})]
    if member not in c.standby:
        return {when & ~c.able(member): [outcome(1.0, target, *broken)]}
    # Who comes to a switch in vain finds all that was wrong, be it one thing or two.
    fine = c.standby[member].move({"latent": "fine"}, renew=True)
    return {
        when & ~c.able(member) & c.latent(member): [outcome(1.0, target, *broken, fine)],
        when & ~c.able(member): [outcome(1.0, target, *broken)],
        when & c.latent(member): [outcome(1.0, target, *_shown(c, member))],
    }


def _shown(c: Cluster, member: str) -> list[MoveRequest]:
    """Return the effects by which a latent fault is known: the member is refused and mended."""
    fine = c.standby[member].move({"latent": "fine"}, renew=True)
    return [c.trust[member].move({"ok": "refused"}), fine]


def add_tests(c: Cluster) -> None:
    """Add tests of the failover.

    A test tries the member to which a switch would go. It finds a broken one, and of latent faults
    ``finds``.
    """
    tests = tests_of(c.context)
    if tests is None:
        return
    finds = float(tests.values.get("finds") or 0.0)
    found: dict[Condition | bool, Found] = {}
    for x in c.members:
        here = c.to(x)
        found[here & ~c.able(x)] = [(1.0, [c.trust[x].move({"ok": BAD})])]
        if x in c.standby:
            found[here & c.latent(x)] = [(finds, _shown(c, x)), (1.0 - finds, [])]
    found[c.relieved()] = [(1.0, proves(c.proof))]
    # The standby has gone down meanwhile, which proves nothing.
    found[True] = [(1.0, [])]
    add_testing(c.context, c.group, c.phase, c.relieved(), found)


def check(review: Review, group: Part, path: str) -> None:
    """Note a success that falls with time beside latent faults, or that a proof makes worse."""
    if "latent" not in group:
        check_proof(review, group, path)
        return
    for slot in ALONE:
        if slot in group:
            rule = (
                "latent says how a standby that nobody tries becomes unfit, so this says it twice"
            )
            review.problem(f"{path}.{slot}", rule, f"leave out {slot}, or latent")
