"""A quorum: voters of which each counts those that it reaches; who sees a majority may serve.

It has gates and no automaton. Other groups name it in their slot ``quorum`` and ask `majority`.
Both sides of a cut may have one, as each of them may reach the witness: a count is not enough to
say who leads, so a group that asks keeps whoever serves already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.network import path
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import BACKGROUND, COUNTS_VOTES, FILLS_AGAIN, SERVES, VOTES

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part

QUORUM = Slot(
    "quorum",
    "name",
    "quorum in which a member that serves needs the majority; always there if not given",
    refers=(COUNTS_VOTES,),
)
"""Slot of a group whose members serve only with a majority; `check_voters` holds them to it."""


def build(context: BuildContext, group: Part) -> None:
    """Add gate ``.majority.VOTER`` of each voter: it is alive, and has more than half of the votes.

    It votes for itself, and so does each other voter that is alive and that it reaches.
    """
    m, voters = context.m, group.names("voters")
    for voter in voters:
        votes = [alive(context, x) & path(context, voter, x) for x in voters if x != voter]
        # More than half of all, of which one is its own.
        enough = m.at_least(len(voters) // 2, votes)
        m.gate(f"{group.name}.majority.{voter}", alive(context, voter) & enough)


def alive(context: BuildContext, voter: str) -> Condition:
    """Return the condition that a voter can vote.

    A server does while its operating system runs, whatever becomes of its application; an array
    while it can work, even if its contents are lost or come back; anything else while it is ok.
    """
    part = context.parts[voter]
    if part.has(SERVES):
        return context.m.forward(f"{voter}.alive")
    return context.m.forward(f"{voter}.reach") if part.has(FILLS_AGAIN) else context.ok(voter)


def majority(context: BuildContext, quorum: str | None, member: str) -> Condition:
    """Return the condition that a member has the majority of a quorum.

    Parameters
    ----------
    context : BuildContext
        Of the model.
    quorum : str, optional
        Name of the group of type ``quorum``; without one a majority is always there.
    member : str
        One of its voters.
    """
    if quorum is None:
        return context.m.always()
    return context.m.forward(f"{quorum}.majority.{member}")


def check_voters(review: Review, group: Part, where: str) -> None:
    """Note members that are no voter of the quorum that their group names in slot ``quorum``."""
    name = group.values.get("quorum")
    quorum = review.groups.get(str(name))
    if quorum is None or not quorum.has(COUNTS_VOTES):
        return
    voters = quorum.names("voters")
    for k, member in enumerate(group.names("members")):
        known = review.parts.get(member)
        if voters and known is not None and known.has(VOTES) and member not in voters:
            rule = f'"{member}" is no voter of "{name}", so it never has a majority'
            remedy = f"add it to groups.{name}.voters"
            review.problem(f"{where}.members[{k}]", rule, remedy)


def check(review: Review, group: Part, path: str) -> None:
    """Note a quorum of one, and cables to a quorum, which is no thing to plug into."""
    voters = group.names("voters")
    if len(voters) == 1:
        rule = "a single voter has the majority whenever it is alive, and settles nothing"
        review.problem(f"{path}.voters", rule, "name three voters: two members and a witness")
    for part in review.parts.values():
        for slot in ("network", "between"):
            for k, name in enumerate(part.names(slot)):
                if name == group.name:
                    rule = f'"{name}" counts votes, it is nothing that a cable leads to'
                    remedy = f"name one of {', '.join(voters)}" if voters else "remove it"
                    review.problem(f"parts.{part.name}.{slot}[{k}]", rule, remedy)


def warn(review: Review, group: Part, path: str) -> list[str]:
    """Return a warning for an even number of voters, and for a quorum that nobody asks."""
    count, said = len(group.names("voters")), []
    if count == 2:
        said.append(
            f"{path}.voters: of 2 voters each needs the other, so one that fails stops both; "
            "add a witness"
        )
    elif count and count % 2 == 0:
        said.append(
            f"{path}.voters: {count} voters survive no more failures than {count - 1}, and halves "
            "that do not see each other both stop; name an odd number"
        )
    if not any(other.values.get("quorum") == group.name for other in review.groups.values()):
        said.append(f"{path}: no group names it as its quorum, so it changes nothing")
    return said


TYPE = RecordType(
    name="quorum",
    doc="Voters; a member of a group that names it serves only while it sees more than half.",
    slots=(
        Slot(
            "voters",
            "names",
            "who votes: members of the groups that name it, and a witness",
            default="required",
            refers=(VOTES,),
        ),
    ),
    bundle=False,
    build=build,
    traits=frozenset({BACKGROUND, COUNTS_VOTES}),
    check=check,
    warn=warn,
)
