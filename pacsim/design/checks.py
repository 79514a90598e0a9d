"""Checks over a whole resolved design: what one slot alone cannot tell.

What is said of a slot (`Slot`) and of a type (`RecordType`) is checked here for all of them; what
only one type knows, its own ``check`` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.idle_slots import warn_idle
from pacsim.design.record_facts import facts_of
from pacsim.design.references import check_references, written_types
from pacsim.design.wiring import (
    Network,
    check_paths,
    check_peaks,
    check_power,
    check_runs_on,
    warn_bases,
    warn_legs,
    warn_unpowered,
    warn_untested,
    warn_votes,
)
from pacsim.design.workload_checks import check_workload
from pacsim.files.problems import with_article
from pacsim.parts.build_context import common_share
from pacsim.parts.review import Review
from pacsim.parts.traits import ATTENDED, TAKES_SHARE
from pacsim.parts.values import HANDS_ON, Delay
from pacsim.results.rows import NO_COPY

if TYPE_CHECKING:
    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.noted import Owner
    from pacsim.design.places import Places
    from pacsim.design.resolved import Resolved
    from pacsim.parts.slots import Slot


def check(diagnostics: Diagnostics, resolved: Resolved, where: Places) -> tuple[str, ...]:
    """Note what is wrong between parts, and return what is legal and still looks wrong."""

    def note(path: str, rule: str, remedy: str) -> None:
        diagnostics.problem(where.at(path), path, rule, remedy)

    review = Review(
        resolved.parts,
        resolved.groups,
        note,
        resolved.contract,
        resolved.archive,
        resolved.roles,
        lambda path: any(
            one.path == path or one.path.startswith((f"{path}.", f"{path}["))
            for one in diagnostics.problems
        ),
    )
    found, network = facts_of(diagnostics, resolved), Network(resolved.parts, resolved.groups)
    diagnostics.kinds |= written_types(where)
    # What a name is for follows from its own record, and from the types of what is there.
    moved = diagnostics.kinds != diagnostics.before.kinds
    looked_at = (facts for facts, known in found if moved or not known)
    check_references(diagnostics, (one for facts in looked_at for one in facts.references), where)
    by_path = diagnostics.facts
    parts = {name: by_path[f"parts.{name}"] for name in resolved.parts}
    check_power(diagnostics, {name: one.feeds for name, one in parts.items()}, where)
    check_runs_on(diagnostics, {name: one.hosts for name, one in parts.items()}, where)
    warned: list[str] = []
    each = [
        (owner, facts.hours[k], known)
        for facts, known in found
        for k, owner in enumerate(facts.owners)
    ]
    for owner, hours, known in each:
        if not known:
            _numbers(review, owner)
            _together(diagnostics, review, owner)
            _calendars(review, owner)
        warned += hours
        if owner.kind.check is not None:
            owner.kind.check(review, owner.part, owner.path)
        if owner.kind.warn is not None:
            warned += owner.kind.warn(review, owner.part, owner.path)
    _members(review)
    _common(review)
    _support(review)
    warnings = check_paths(diagnostics, resolved, where, network)
    check_peaks(diagnostics, resolved, where, network)
    if not resolved.roles:
        warnings.append("roles: none, so nothing is measured")
    warnings += warn_legs(resolved, network) + warn_bases(resolved, network)
    warnings += warn_votes(resolved, network) + warn_untested(resolved)
    warnings += check_workload(review, resolved)
    warned += warn_idle(resolved, diagnostics.inputs)
    every = dict.fromkeys(warnings + warn_unpowered(resolved) + warned)
    return tuple(sorted(every, key=lambda said: NO_COPY not in said))


def _numbers(review: Review, owner: Owner) -> None:
    """Note numbers that cannot be zero, or so large."""
    for slot in owner.kind.slots:
        if not slot.positive and slot.below is None:
            continue
        value = owner.part.values.get(slot.name)
        path = f"{owner.path}.{slot.name}"
        if slot.positive and value is not None and not value > 0:
            review.problem(path, f"{slot.name} must be greater than 0")
        if slot.below is not None and value is not None and not value < slot.below:
            review.problem(path, f"{slot.name} must be below {slot.below:g}")


def _together(diagnostics: Diagnostics, review: Review, owner: Owner) -> None:
    """Note slots that mean nothing without others, unless those have a problem of their own."""
    for slot in owner.kind.slots:
        if not slot.requires or not owner.part.values.get(slot.name):
            continue
        for other in slot.requires:
            known = {p.path for p in diagnostics.problems}
            if owner.part.values.get(other) is None and f"{owner.path}.{other}" not in known:
                rule = f"{slot.name} needs {other}"
                review.problem(f"{owner.path}.{slot.name}", rule, f"give {other}")


def _calendars(review: Review, owner: Owner) -> None:
    for slot in owner.kind.slots:
        value = owner.part.values.get(slot.name)
        if isinstance(value, Delay) and value.calendar is not None:
            _counted(review, owner, slot, value)


def _counted(review: Review, owner: Owner, slot: Slot, value: Delay) -> None:
    """Note hours of a calendar where nothing counts them."""
    path = f"{owner.path}.{slot.name}"
    assert value.calendar is not None
    try:
        if value.next_day:
            value.calendar.check_business_days()
    except ValueError as error:
        review.problem(path, str(error))
    if value.next_day and not slot.next_day:
        rule = "next_business_day is for the response of a support contract"
        review.problem(path, rule, "write {counted_in: calendar, ...} or a plain time")
    elif not slot.counted:
        rule = f"{slot.name} of {with_article(owner.kind.name)} is not counted in working hours yet"
        review.problem(path, rule, "write a plain time")


def _members(review: Review) -> None:
    """Note groups of one, and members of two groups."""
    home: dict[str, str] = {}
    for name, group in review.groups.items():
        members = group.names("members")
        if group.values.get("members") is not None and len(members) < 2:
            review.problem(f"groups.{name}.members", "a group has two members or more")
        for k, member in enumerate(members):
            if home.setdefault(member, name) != name:
                rule = f'"{member}" is in group "{home[member]}" already'
                path = f"groups.{name}.members[{k}]"
                kind = review.parts[member].type if member in review.parts else "part"
                review.problem(path, rule, f"a {kind} is in one group")


def _common(review: Review) -> None:
    """Note parts of whose failures common causes together take all."""
    groups = {m: g for g in review.groups.values() for m in g.names("members")}
    taking = [part for part in review.parts.values() if part.has(TAKES_SHARE)]
    taken = {*groups, *(name for part in taking for name in part.names("members"))}
    for name in review.parts:
        if name not in taken:
            continue
        for kind in ("hardware", "software"):
            share = common_share(review.parts, groups.get(name), name, kind)
            if share >= 1:
                rule = f"common causes take {100 * share:.4g} % of its {kind} failures"
                review.problem(f"parts.{name}", rule, "give smaller shares; together below 1")


def _support(review: Review) -> None:
    """Note contracts of parts no repair of which asks for one."""
    for name, part in review.parts.items():
        delays = [value for value in part.values.values() if isinstance(value, Delay)]
        if part.values.get("support") is None:
            continue
        asked = any(value.covers == HANDS_ON or value.read_under for value in delays)
        if not asked or not part.has(ATTENDED):
            rule = "a contract changes nothing here: its repairs include everything"
            remedy = "leave it out, or change the repair"
            review.problem(f"parts.{name}.support", rule, remedy)
