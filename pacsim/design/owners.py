"""Owners: every record of a design with its path and its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.noted import Owner
from pacsim.parts import design_file, practices, workload
from pacsim.parts.registry import all_types
from pacsim.parts.values import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.design.resolved import Resolved
    from pacsim.parts.slots import RecordType


def owners(resolved: Resolved) -> Iterator[Owner]:
    """Yield every record of a design, nested ones after what they nest in."""
    for one in outermost(resolved):
        yield from nested(one.path, one.kind, one.part)


def outermost(resolved: Resolved) -> Iterator[Owner]:
    """Yield every record of a design that nests in no other."""
    types = all_types()
    yield Owner("contract", design_file.CONTRACT, resolved.contract)
    yield Owner("archive", design_file.ARCHIVE, resolved.archive)
    for section in ("parts", "groups"):
        for name, part in getattr(resolved, section).items():
            yield Owner(f"{section}.{name}", types[part.type], part)
    for name, role in resolved.roles.items():
        yield Owner(f"roles.{name}", design_file.ROLE, role)
    yield Owner("practices", practices.TYPE, resolved.practices)
    if resolved.workload is not None:
        yield Owner("workload", workload.TYPE, resolved.workload.record)


def nested(path: str, kind: RecordType, part: Part) -> Iterator[Owner]:
    """Yield a record and those that nest in it."""
    yield Owner(path, kind, part)
    for slot in kind.slots:
        if slot.record is None:
            continue
        inner = part.values.get(slot.name)
        if isinstance(inner, Part):
            yield from nested(f"{path}.{slot.name}", slot.record, inner)
        elif inner:
            for name, one in inner.items():
                yield from nested(f"{path}.{slot.name}.{name}", slot.record, one)
    own = part.values.get("support")
    if isinstance(own, Part) and kind.slot("support") is None:
        yield from nested(f"{path}.support", practices.SUPPORT, own)
