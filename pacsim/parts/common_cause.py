"""A common cause: a share of the members' failures takes all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.lives import life_of
from pacsim.parts.slots import LATE, RecordType, Slot
from pacsim.parts.traits import BACKGROUND, SHARES_FAULTS, TAKES_SHARE

if TYPE_CHECKING:
    from pacsim.parts.build_context import BuildContext
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def build(context: BuildContext, part: Part) -> None:
    """Add ``<name>/shock``; parts that a shock can take have registered how."""
    members = part.names("members")
    victims = [context.victims[name, "hardware"] for name in members]
    law = life_of(context.parts[members[0]])
    assert law is not None, part.name
    context.shock(part.name, "shock", law, part.number("share"), victims)


def check(review: Review, part: Part, path: str) -> None:
    """Note fewer members than two, and members whose failures a share is not one rate of."""
    path = f"{path}.members"
    if part.values.get("members") is not None and len(part.names("members")) < 2:
        review.problem(path, "a common cause has two members or more")
    members = review.members(part)
    kinds = {one.type for one in members}
    if len(kinds) > 1:
        rule = f"members are of several types: {', '.join(sorted(kinds))}"
        review.problem(path, rule, "name parts of one type")
        return
    laws = [law for law in map(life_of, members) if law is not None]
    if any(law != laws[0] for law in laws[1:]):
        rule = "members fail at different rates, so a share of them is not one rate"
        review.problem(path, rule, "give them the same fails, for example with like:")


TYPE = RecordType(
    name="common_cause",
    doc="One shock at share x rate with effects on all; the members' own rates keep 1 - share.",
    slots=(
        Slot(
            "members",
            "names",
            "two parts or more of one type",
            default="required",
            refers=(SHARES_FAULTS,),
        ),
        Slot(
            "share",
            "share",
            "share of a member's failures that are common",
            default="required",
            below=1.0,
        ),
    ),
    bundle=False,
    build=build,
    traits=frozenset({BACKGROUND, TAKES_SHARE}),
    turn=LATE,
    check=check,
)
