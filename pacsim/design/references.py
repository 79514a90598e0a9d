"""References: every name written for another part or group, what it may be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.design.cursor import Cursor
from pacsim.design.overlay import WIDEST
from pacsim.files.problems import near, with_article
from pacsim.parts import design_file, practices, workload
from pacsim.parts.registry import all_types, group_types, part_types
from pacsim.parts.traits import BACKGROUND, GIVES_POWER
from pacsim.parts.values import Feeds, Needs, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.places import Places
    from pacsim.design.resolved import Resolved
    from pacsim.parts.slots import RecordType, Slot

REFERRING = frozenset({"name", "names", "feeds", "needs"})
"""Kinds of slots that name parts or groups."""


def allowed(slot: Slot) -> tuple[str, ...]:
    """Return the types of which a part or group named in a slot may be; empty: of any.

    They are those with one of the traits that the slot refers to. A role may need whatever is not
    in the background.
    """
    return _having(wanted_traits(slot), all_types(), needed=slot.kind == "needs")


def _having(
    traits: tuple[str, ...], types: Mapping[str, RecordType], *, needed: bool
) -> tuple[str, ...]:
    if needed:
        return tuple(name for name, kind in types.items() if BACKGROUND not in kind.traits)
    wanted = set(traits)
    return tuple(name for name, kind in types.items() if kind.traits & wanted)


def wanted_traits(slot: Slot) -> tuple[str, ...]:
    """Return the traits of which a part named in a slot must have one; empty: any will do."""
    return (GIVES_POWER,) if slot.kind == "feeds" else slot.refers


@dataclass(frozen=True, slots=True)
class Owner:
    """A record and where it is: of a design, a part, a group, a role, or nested in one."""

    path: str
    kind: RecordType
    part: Part


def owners(resolved: Resolved) -> Iterator[Owner]:
    """Yield every record of a design, nested ones after what they nest in."""
    types = all_types()
    yield from _nested("contract", design_file.CONTRACT, resolved.contract)
    yield from _nested("archive", design_file.ARCHIVE, resolved.archive)
    for section in ("parts", "groups"):
        for name, part in getattr(resolved, section).items():
            yield from _nested(f"{section}.{name}", types[part.type], part)
    for name, role in resolved.roles.items():
        yield from _nested(f"roles.{name}", design_file.ROLE, role)
    yield from _nested("practices", practices.TYPE, resolved.practices)
    if resolved.workload is not None:
        yield from _nested("workload", workload.TYPE, resolved.workload.record)


def _nested(path: str, kind: RecordType, part: Part) -> Iterator[Owner]:
    yield Owner(path, kind, part)
    for slot in kind.slots:
        if slot.record is None:
            continue
        inner = part.values.get(slot.name)
        if isinstance(inner, Part):
            yield from _nested(f"{path}.{slot.name}", slot.record, inner)
        elif inner:
            for name, one in inner.items():
                yield from _nested(f"{path}.{slot.name}.{name}", slot.record, one)
    own = part.values.get("support")
    if isinstance(own, Part) and kind.slot("support") is None:
        yield from _nested(f"{path}.support", practices.SUPPORT, own)


def named(slot: Slot, value: Any, path: str) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return (path, name) of every reference in the value of a slot."""
    if value is None:
        return []
    if slot.kind == "name":
        return [(path, str(value))]
    if slot.kind == "names":
        return [(f"{path}[{k}]", name) for k, name in enumerate(value)]
    if isinstance(value, Feeds):
        return [(f"{path}[{k}]", name) for k, name in enumerate(value.of)]
    if isinstance(value, Needs):
        return [(path, name) for name in value.names()]
    return []


def is_words(slot: Slot) -> bool:
    """Return whether a list holds words of the slot's own, not names of parts."""
    return bool(slot.options)


def check_references(diagnostics: Diagnostics, records: Iterable[Owner], where: Places) -> None:
    """Note every name that no part or group has, and every one of a type that cannot serve."""
    kinds = written_types(where)
    known = all_types()
    serving: dict[tuple[bool, tuple[str, ...]], tuple[str, ...]] = {}
    for owner in records:
        for slot in owner.kind.slots:
            if slot.kind not in REFERRING or owner.part.values.get(slot.name) is None:
                continue
            asked = slot.kind == "needs", wanted_traits(slot)
            if asked not in serving:
                serving[asked] = _having(asked[1], known, needed=asked[0])
            types = serving[asked]
            for path, name in named(
                slot, owner.part.values[slot.name], f"{owner.path}.{slot.name}"
            ):
                if _is_good(owner, slot, name, kinds, types):
                    continue
                place = needs_place(where, path, name) if slot.kind == "needs" else path
                cursor = Cursor(diagnostics, where.at(place), place)
                _check_one(cursor, owner, slot, name, kinds, types)


def _is_good(
    owner: Owner, slot: Slot, name: str, kinds: Mapping[str, str], types: tuple[str, ...]
) -> bool:
    """Return whether a name has nothing wrong; `_check_one` tells what it is otherwise."""
    if is_words(slot):
        return name in slot.options
    if slot.name == "network" and owner.path == f"parts.{name}":
        return False
    return name in kinds and (not types or kinds[name] in types)


def written_types(where: Places) -> dict[str, str]:
    """Return the type of every part and group that is written, resolved or not."""
    types: dict[str, str] = {}
    for section in ("groups", "parts"):
        for name, child in where.section(section).items():
            kind = child.value.get("type") if isinstance(child.value, dict) else None
            types[name] = str(kind.value) if kind is not None else ""
    return types


def _check_one(
    cursor: Cursor,
    owner: Owner,
    slot: Slot,
    name: str,
    kinds: Mapping[str, str],
    types: tuple[str, ...],
) -> None:
    if is_words(slot):
        if name not in slot.options:
            cursor.problem(f'no {slot.name} "{name}"', near(name, slot.options))
        return
    if slot.name == "network" and owner.path == f"parts.{name}":
        cursor.problem(f'"{name}" is cabled to itself', "remove it")
        return
    if name not in kinds:
        known = [n for n, kind in kinds.items() if not types or kind in types] or list(kinds)
        remedy = near(name, known)
        remedy = remedy if len(remedy) < WIDEST else "see the names under parts and groups"
        remedy = remedy or "there is none; add it under parts"
        what = "part" if types and not set(types) & set(group_types()) else "part or group"
        cursor.problem(f'no {what} "{name}"', remedy)
    elif types and kinds[name] not in types and kinds[name] in all_types():
        good = [n for n, kind in kinds.items() if kind in types]
        rule = _of_another_type(slot, name, kinds[name], types)
        cursor.problem(rule, f"one of {', '.join(good)}" if good else "add one")


def _of_another_type(slot: Slot, name: str, kind: str, types: tuple[str, ...]) -> str:
    """Return in words that a part cannot serve where it is named."""
    if wanted_traits(slot) != (GIVES_POWER,):
        return f'"{name}" is {with_article(kind)}, {with_article(" or ".join(types))} is wanted'
    what = with_article(kind if kind in part_types() else "group")
    return f'"{name}" is {what}, it gives no power'


def needs_place(where: Places, path: str, name: str) -> str:
    """Return the path of a name in a tree of needs."""
    for inner, node in where.by_path.items():
        if inner.startswith(path) and node.value == name:
            return inner
    return path
