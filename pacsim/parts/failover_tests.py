"""Regular tests of a failover: who looks, the planned outage, and what a proof is worth.

What a test tries and finds is the group's own; `standby` and `election` say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pacsim.core import every, outcome
from pacsim.delays import Deterministic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef
    from pacsim.core.writing.transition_requests import MoveRequest, OutcomeRequest
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

LOOKED = 95
"""Priority of having looked, after all that this shows."""

Found = Sequence[tuple[float, Iterable["MoveRequest"]]]
"""How a test may end: chances that sum to 1, and what each makes of the standby."""


def tests_of(context: BuildContext) -> Part | None:
    """Return the tests of the failover, if one of them falls into the term."""
    tests = context.practices.values.get("failover_tests")
    return tests if tests is not None and tests.number("every") < context.term else None


def upsets(context: BuildContext) -> float:
    """Return the probability that service is not back at the end of a test; 0 without tests."""
    tests = tests_of(context)
    return float(tests.values.get("causes_outage") or 0.0) if tests is not None else 0.0


def add_looks(context: BuildContext, group: Part, none: Condition) -> ElementRef | None:
    """Add ``/looked``: a test that finds nobody to switch to shows who is down all the same.

    Parameters
    ----------
    context, group
        What is tested.
    none : Condition
        Nobody looks as if it could take over.

    Returns
    -------
    ElementRef or None
        ``yes`` for the instant in which somebody looks; None without tests.
    """
    tests = tests_of(context)
    if tests is None:
        return None
    looked = context.element(group.name, "looked", "no yes")
    tick = every(tests.number("every"))
    looked.after("no -> yes", tick, "look", when=none, cls="planned")
    looked.now("yes -> no", LOOKED, "looked")
    return looked


def add_proof(context: BuildContext, group: Part) -> ElementRef | None:
    """Add ``/tested`` where success falls with the time since a proof.

    It is ``valid`` from a proof on for a time of law ``proven_for``. An exponential one of rate r
    gives, s after the proof, success + (success_tested - success) exp(-r s).
    """
    if "proven_for" not in group or group["success_tested"] == group["success"]:
        return None
    proof = context.element(group.name, "tested", "stale valid")
    proof.after("valid -> stale", group.law("proven_for"), "lapsed")
    context.m.gate(f"{group.name}.tested", proof == "valid")
    return proof


def proves(proof: ElementRef | None) -> list[MoveRequest]:
    """Return the effect of a switch that has worked, a planned move or a test: a fresh proof."""
    return [] if proof is None else [proof.move({"valid": "valid", "stale": "valid"}, renew=True)]


def add_testing(
    context: BuildContext,
    group: Part,
    phase: ElementRef,
    when: Condition,
    found: Mapping[Condition | bool, Found],
) -> None:
    """Add tests of a group, the first after an interval: phase ``on -> testing -> on``.

    With ``causes_outage`` service is not back when one ends, but after ``outage_repair``.

    Parameters
    ----------
    context, group, phase
        What is tested.
    when : Condition
        A test may begin.
    found : mapping
        How it ends if service is back, by what is true of the standby then.
    """
    tests = tests_of(context)
    if tests is None:
        return
    ended = context.ended[group.name]
    back = ended.move(dict.fromkeys(ended.states, "automatic"))
    upset = upsets(context)

    def ends(known: Found) -> list[OutcomeRequest]:
        """Return the ends of a test, each with its chance unless service is not back."""
        over = [outcome((1.0 - upset) * p, "on", back, *more) for p, more in known]
        return [*over, outcome(upset, "upset")] if upset > 0 else over

    tick = every(tests.number("every"))
    begin = phase.after("on -> testing", tick, "test", when=when, cls="planned")
    end = phase.after(
        "testing ->",
        tests.law("outage"),
        "tested",
        cls="planned",
        outcomes={holds: ends(known) for holds, known in found.items()},
    )
    for transition in (begin, end):
        context.call(transition, f"{group.name}/tests")
    if upset > 0:
        # A fault of its own, at once: what a test breaks is not planned.
        broke = phase.after("upset -> restoring", Deterministic(0.0), "upset", cls="fault")
        context.call(broke, f"{group.name}/tests")
        mend, by = tests.law("outage_repair"), ended.move(dict.fromkeys(ended.states, "people"))
        phase.after("restoring -> on", mend, "restored", cls="repair", effects=[by])


def check_proof(review: Review, group: Part, path: str) -> None:
    """Note a proof that makes success worse."""
    before, after = (group.values.get(x) for x in ("success", "success_tested"))
    if before is not None and after is not None and after < before:
        rule = f"a proven switch works with {after:g}, one that nobody has tried with {before:g}"
        review.problem(f"{path}.success_tested", rule, f"write {before:g} or more")
