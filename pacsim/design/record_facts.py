"""Facts of records: what each record says by itself, whatever else is in the design.

They follow from the part alone, so that those of a record that is known are not found again, nor is
what is checked of one record looked at twice: a design that is known had nothing wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.catalogue_entries import catalogue
from pacsim.design.known import RecordFacts
from pacsim.design.owners import nested, outermost
from pacsim.design.references import named_for, references
from pacsim.parts.traits import GIVES_POWER, HOSTS
from pacsim.parts.values import Delay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.noted import Owner
    from pacsim.design.resolved import Resolved

NEXT_DAY = (
    '{next_business_day: {name: office, hours: ["mon-fri 08:00-17:00"]}, '
    "then: {low: 0 h, high: 6 h}}"
)
"""The response of models/support/next-business-day.yaml, as it may be written anywhere."""


def facts_of(diagnostics: Diagnostics, resolved: Resolved) -> list[tuple[RecordFacts, bool]]:
    """Return the facts of every record that nests in no other, and whether they were known."""
    before, found = diagnostics.before, []
    sources = {one.path: one.id for one in diagnostics.inputs}
    for one in outermost(resolved):
        reading = diagnostics.readings.get(one.path)
        known = before.facts.get(one.path) if reading is not None else None
        if known is not None and before.readings[one.path] is reading:
            facts = known
        else:
            facts, known = _facts(one, sources), None
        diagnostics.facts[one.path] = facts
        found.append((facts, known is not None))
    return found


def _facts(record: Owner, sources: Mapping[str, str]) -> RecordFacts:
    """Return the facts of a record; ``sources`` are the catalogue's entries by path."""
    owners = tuple(nested(record.path, record.kind, record.part))
    return RecordFacts(
        owners,
        tuple(one for owner in owners for one in references(owner)),
        tuple(tuple(_business_hours(owner, sources)) for owner in owners),
        tuple(named_for(record.part, GIVES_POWER)),
        tuple(named_for(record.part, HOSTS)),
    )


def _business_hours(owner: Owner, sources: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each time of the catalogue in business hours that has no calendar."""
    entries = catalogue().entries
    for slot in owner.kind.slots:
        value = owner.part.values.get(slot.name)
        if not isinstance(value, Delay) or value.calendar is not None:
            continue
        for key in filter(None, (slot.name, slot.also)):
            path = f"{owner.path}.{key}"
            entry = entries.get(sources.get(path, ""))
            if entry and entry.hours:
                remedy = NEXT_DAY if slot.next_day else "the time that passes by the clock"
                yield (
                    f"{path}: {entry.id} is in {entry.hours} hours, and without a calendar every "
                    f"hour counts; write {remedy}"
                )
