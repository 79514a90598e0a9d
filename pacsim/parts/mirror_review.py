"""What is wrong about a mirror of arrays, and what is legal and still looks wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.parts.quorum import check_voters
from pacsim.parts.raid import net_capacity
from pacsim.parts.traits import COPIES, RUNS_ON

if TYPE_CHECKING:
    from pacsim.parts.review import Review
    from pacsim.parts.values import Part


def check(review: Review, group: Part, path: str) -> None:
    """Note numbers and slots that do not go with two copies, or with the mode."""
    members = group.names("members")
    if len(members) > 2:
        rule = f"a mirror has two members, and there are {len(members)}"
        review.problem(f"{path}.members", rule, "keep two, and let a backup be the third copy")
    late = group.values.get("mode") == "asynchronous"
    if late and group.values.get("lag") is None:
        rule = "an asynchronous mirror is late, and lag is missing"
        review.problem(f"{path}.lag", rule, "write from: async_replica, or give lag")
    for slot in () if late else ("lag", "stops"):
        if group.values.get(slot) is not None:
            rule = f"{slot} means nothing to a synchronous mirror: it writes to both at once"
            review.problem(f"{path}.{slot}", rule, "leave it out, or write mode: asynchronous")
    # Without a lag, which is told, nobody may have written that split.
    unheeded = ("quorum", "force", *(("split",) if group.values.get("lag") is not None else ()))
    for slot in unheeded if late else ():
        if group.values.get(slot):
            rule = f"{slot} means nothing to an asynchronous mirror: only the first member serves"
            review.problem(f"{path}.{slot}", rule, "leave it out, or write mode: synchronous")
    if group.values.get("quorum") is not None and group.values.get("split"):
        rule = "split means nothing beside quorum: who has no majority stops, so never both serve"
        review.problem(f"{path}.split", rule, "leave out split, or quorum")
    check_voters(review, group, path)
    copiers = [
        (one, k)
        for one in review.having(COPIES)
        for k, source in enumerate(one.names("of"))
        if source in {group.name, *members}
    ]
    for one, k in copiers[1:]:
        first = copiers[0][0].name
        rule = f'a second backup of what "{group.name}" holds beside "{first}" is not supported yet'
        remedy = f"let one backup name {group.name}, or one of its members"
        review.problem(f"parts.{one.name}.of[{k}]", rule, remedy)


def warn(review: Review, group: Part, path: str) -> list[str]:
    """Return warnings on members of unequal size, and on a mirror that nothing backs up."""
    warned, members = [], review.members(group)
    sizes = [
        net_capacity(x) if x.values.get("disk") and x.values.get("layout") and x.values.get("disks")
        else 0.0
        for x in members
    ]  # fmt: skip
    if len(sizes) == 2 and min(sizes) > 0 and max(sizes) > min(sizes) * (1 + 1e-9):
        small = members[sizes.index(min(sizes))].name
        text = " and ".join(f"{size / 1e12:.3g} TB" for size in sizes)
        warned.append(f"{path}.members: {text}: once {small} is full nothing is written to either")
    if group.values.get("resync") is not None and group.values.get("resync_rate") is not None:
        warned.append(
            f"{path}.resync_rate: means nothing beside resync, which is taken; leave out resync, "
            "or write resync_rate: null"
        )
    names = {group.name, *group.names("members")}
    if not any(names & set(one.names("of")) for one in review.having(COPIES)):
        warned.append(
            f"{path}: no backup of it, and a mirror is none: what is deleted or corrupted in one "
            "copy is in both"
        )
    return [*warned, *_named_past(review, group)]


def _named_past(review: Review, group: Part) -> list[str]:
    """Return a warning for each role and database that names one copy in place of the mirror."""
    members = group.names("members")
    named = [
        (f"roles.{role.name}.needs", one)
        for role in review.roles.values()
        if role.values.get("needs") is not None
        for one in role["needs"].names()
        if one in members
    ]
    on = ((f"parts.{x.name}.stored_on", x.values.get("stored_on")) for x in review.having(RUNS_ON))
    named += [(path, one) for path, one in on if one in members]
    copy = f"is one copy of {group.name}, be it stale or blank; name {group.name}"
    return [f"{path}: {one} {copy}" for path, one in named]
