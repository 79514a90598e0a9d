"""Checks over a whole resolved design: what one slot alone cannot tell.

What is said of a slot (`Slot`) and of a type (`RecordType`) is checked here for all of them; what
only one type knows, its own ``check`` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.catalogue_entries import catalogue
from pacsim.design.idle_slots import warn_idle
from pacsim.design.references import check_references, owners
from pacsim.design.wiring import (
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
from pacsim.parts.traits import ATTENDED
from pacsim.parts.values import HANDS_ON, Delay
from pacsim.results.rows import NO_COPY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.places import Places
    from pacsim.design.references import Owner
    from pacsim.design.resolved import Resolved
    from pacsim.parts.slots import Slot

NEXT_DAY = (
    '{next_business_day: {name: office, hours: ["mon-fri 08:00-17:00"]}, '
    "then: {low: 0 h, high: 6 h}}"
)
"""The response of models/support/next-business-day.yaml, as it may be written anywhere."""


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
    check_references(diagnostics, resolved, where)
    check_power(diagnostics, resolved, where)
    check_runs_on(diagnostics, resolved, where)
    warned: list[str] = []
    sources = {one.path: one.id for one in diagnostics.inputs}
    for owner in owners(resolved):
        _numbers(review, owner)
        _together(diagnostics, review, owner)
        _calendars(review, owner)
        warned += _business_hours(owner, sources)
        if owner.kind.check is not None:
            owner.kind.check(review, owner.part, owner.path)
        if owner.kind.warn is not None:
            warned += owner.kind.warn(review, owner.part, owner.path)
    _members(review)
    _common(review)
    _support(review)
    warnings = check_paths(diagnostics, resolved, where)
    check_peaks(diagnostics, resolved, where)
    if not resolved.roles:
        warnings.append("roles: none, so nothing is measured")
    warnings += warn_legs(resolved) + warn_bases(resolved)
    warnings += warn_votes(resolved) + warn_untested(resolved)
    warnings += check_workload(review, resolved)
    warned += warn_idle(resolved, diagnostics.inputs)
    every = dict.fromkeys(warnings + warn_unpowered(resolved) + warned)
    return tuple(sorted(every, key=lambda said: NO_COPY not in said))


def _numbers(review: Review, owner: Owner) -> None:
    """Note numbers that cannot be zero, or so large."""
    for slot in owner.kind.slots:
        value = owner.part.values.get(slot.name)
        path = f"{owner.path}.{slot.name}"
        if slot.positive and value is not None and not value > 0:
            review.problem(path, f"{slot.name} must be greater than 0")
        if slot.below is not None and value is not None and not value < slot.below:
            review.problem(path, f"{slot.name} must be below {slot.below:g}")


def _together(diagnostics: Diagnostics, review: Review, owner: Owner) -> None:
    """Note slots that mean nothing without others, unless those have a problem of their own."""
    for slot in owner.kind.slots:
        if not owner.part.values.get(slot.name):
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


def _business_hours(owner: Owner, sources: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each time of the catalogue in business hours that has no calendar."""
    for slot in owner.kind.slots:
        value = owner.part.values.get(slot.name)
        for key in filter(None, (slot.name, slot.also)):
            path = f"{owner.path}.{key}"
            entry = catalogue().entries.get(sources.get(path, ""))
            if isinstance(value, Delay) and value.calendar is None and entry and entry.hours:
                remedy = NEXT_DAY if slot.next_day else "the time that passes by the clock"
                yield (
                    f"{path}: {entry.id} is in {entry.hours} hours, and without a calendar every "
                    f"hour counts; write {remedy}"
                )


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
    for name in review.parts:
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
