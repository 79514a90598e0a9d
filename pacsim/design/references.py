"""References: every name written for another part or group, what it may be, and whether it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.design.cursor import Cursor
from pacsim.design.noted import Reference
from pacsim.design.overlay import WIDEST
from pacsim.files.problems import near, with_article
from pacsim.parts.registry import all_types, group_types, part_types
from pacsim.parts.slots import declaration
from pacsim.parts.traits import BACKGROUND, GIVES_POWER
from pacsim.parts.values import Feeds, Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.design.noted import Owner
    from pacsim.design.places import Places
    from pacsim.parts.slots import RecordType, Slot
    from pacsim.parts.values import Part

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


def references(owner: Owner) -> Iterator[Reference]:
    """Yield every name that a record has for a part or group, but for those that nest in it."""
    for slot in owner.kind.slots:
        if slot.kind in REFERRING:
            value = owner.part.values.get(slot.name)
            for path, name in named(slot, value, f"{owner.path}.{slot.name}"):
                yield Reference(owner, slot, path, name)


def named_for(part: Part, trait: str) -> list[tuple[str, str]]:
    """Return slot and name of what a part names where a trait is wanted; feeds come first."""
    kind = declaration(part)
    slots = kind.slots if kind is not None else ()
    naming = [slot for slot in slots if trait in wanted_traits(slot)]
    return [
        (slot.name, name)
        for slot in sorted(naming, key=lambda slot: slot.kind != "feeds")
        for _, name in named(slot, part.values.get(slot.name), "")
    ]


def check_references(diagnostics: Diagnostics, written: Iterable[Reference], where: Places) -> None:
    """Note every name that no part or group has, and every one of a type that cannot serve."""
    kinds, known = diagnostics.kinds, all_types()
    serving: dict[tuple[bool, tuple[str, ...]], tuple[str, ...]] = {}
    for one in written:
        asked = one.slot.kind == "needs", wanted_traits(one.slot)
        if asked not in serving:
            serving[asked] = _having(asked[1], known, needed=asked[0])
        types = serving[asked]
        if _is_good(one.owner, one.slot, one.name, kinds, types):
            continue
        needed = one.slot.kind == "needs"
        place = needs_place(where, one.path, one.name) if needed else one.path
        cursor = Cursor(diagnostics, where.at(place), place)
        _check_one(cursor, one.owner, one.slot, one.name, kinds, types)


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
