"""Records: parts, groups and what nests in them, slot by slot, with bundles and defaults."""

from __future__ import annotations

import re
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import inlined
from pacsim.design.catalogue_entries import catalogue
from pacsim.design.cursor import Cursor
from pacsim.design.delay_forms import MEANS, a_mean
from pacsim.design.diagnostics import planted, words
from pacsim.design.known import Reading, holds, packed, unpacked
from pacsim.design.noted import Override
from pacsim.design.origins import LAWS
from pacsim.design.slot_values import NUMERIC, READERS, read_numeric
from pacsim.files.problems import near, with_article
from pacsim.files.tree import Node
from pacsim.parts import practices
from pacsim.parts.slots import REQUIRED
from pacsim.parts.values import ALL_IN, Delay, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.parts.slots import RecordType, Slot

NAME = re.compile(r"[A-Za-z0-9-]+")
SUPPORT = next(slot for slot in practices.TYPE.slots if slot.name == "support")


def check_name(cursor: Cursor, name: str) -> None:
    """Note a name that is not of letters, digits and hyphens."""
    if not NAME.fullmatch(name):
        remedy = f'write "{re.sub("[^A-Za-z0-9-]+", "-", name).strip("-") or "a-name"}"'
        cursor.problem(f'"{name}" has other than letters, digits, hyphens', remedy)


def read_record(
    cursor: Cursor,
    kind: RecordType,
    *,
    name: str,
    source: str = "",
    typed: bool = False,
    supported: bool = False,
) -> tuple[Part, dict[str, Any]]:
    """Return a record with every slot resolved, and how it is written in full.

    Parameters
    ----------
    cursor : Cursor
        On the record; problems, inputs and unused bundle entries are noted there.
    kind : RecordType
        Its slots.
    name : str
        Of the part.
    source : str
        Origin of its own values, in words, unless it says so itself.
    typed, supported : bool
        Whether it is written with ``type``; whether it may have a ``support`` of its own.
    """
    if not isinstance(cursor.value, dict):
        rule = "is no map" if cursor.value is not None else "is empty"
        cursor.problem(rule, f"known: {', '.join(kind.keys)}")
        return Part(name, kind.name, MappingProxyType(dict.fromkeys(_slots(kind))), kind), {}
    cursor = _moved(cursor, kind)
    head = _head(kind, typed=typed, supported=supported)
    own, meant = _own(cursor, kind, head)
    bundle = _bundle(cursor, kind) if kind.bundle else {}
    plain = {key: str(cursor[key].value) for key in head if key in cursor.keys}
    source = plain.get("source", source)
    if kind is SUPPORT.record:
        name = plain.get("name", name)
    values: dict[str, Any] = {}
    for slot in kind.slots:
        misspelt = bool(meant & {slot.name, slot.also})
        key, child, default = _given(
            cursor, slot, own, bundle, misspelt=misspelt, bundled=kind.bundle
        )
        if child is None:
            values[slot.name] = None
            if key in own:
                plain[key] = None  # type: ignore[assignment]
            continue
        below = _below(child, slot, bundle) if slot.covers and key in own else None
        inherited = below.covers if below is not None else ""
        value, written = read_slot(
            child, slot, key=key, source=source, default=default, inherited=inherited
        )
        values[slot.name] = value
        if below is not None and value is not None and value.covers != below.covers:
            cursor.diagnostics.overrides.append(Override(child.path, name, slot.name, below))
        if value is not None:
            plain[key] = written
    if supported:
        values["support"] = None
        plain.pop("support", None)
        if "support" in cursor.keys:
            values["support"], plain["support"] = read_slot(
                cursor["support"], SUPPORT, source=source
            )
    return Part(name, kind.name, MappingProxyType(values), kind), plain


def read_once(
    cursor: Cursor,
    kind: RecordType,
    *,
    name: str,
    source: str = "",
    typed: bool = False,
    supported: bool = False,
) -> tuple[Part, dict[str, Any]]:
    """Return a record as `read_record` does; one that is known is not read again.

    Parameters
    ----------
    cursor, kind, name, source, typed, supported
        As for `read_record`.
    """
    noted = cursor.diagnostics
    asked = name, source, typed, supported, noted.traffic
    known = noted.before.readings.get(cursor.path)
    if known is not None and known.asked == asked and holds(known, cursor.node, kind):
        _take_over(noted, cursor.path, known)
        return known.part, unpacked(known.plain)
    begun = _lengths(noted)
    inner = len(noted.readings)
    part, plain = read_record(
        cursor, kind, name=name, source=source, typed=typed, supported=supported
    )
    problems, inputs, unused, overrides, opened = begun
    files = tuple((path, text) for path, text in noted.opened[opened:] if text is not None)
    kept = packed(plain)
    good = len(noted.problems) == problems and len(noted.opened) == opened + len(files)
    if good and kept is not None:
        noted.readings[cursor.path] = Reading(
            cursor.node,
            asked,
            part,
            kept,
            tuple(noted.inputs[inputs:]),
            tuple(noted.unused[unused:]),
            tuple(noted.overrides[overrides:]),
            files,
            tuple(islice(noted.readings, inner, None)),
        )
    return part, plain


def _lengths(noted: Diagnostics) -> tuple[int, ...]:
    """Return how much of everything was noted so far."""
    lists: tuple[Sized, ...] = (
        noted.problems, noted.inputs, noted.unused, noted.overrides, noted.opened
    )  # fmt: skip
    return tuple(len(one) for one in lists)


def _take_over(noted: Diagnostics, path: str, known: Reading) -> None:
    """Note what a record that is known noted when it was read."""
    noted.inputs += known.inputs
    noted.unused += known.unused
    noted.overrides += known.overrides
    noted.opened += known.files
    for file, _ in known.files:
        noted.files[file] = noted.before.files[file]
    for inner in known.inner:
        noted.readings[inner] = noted.before.readings[inner]
    noted.readings[path] = known


def _moved(cursor: Cursor, kind: RecordType) -> Cursor:
    """Return a record with what older files wrote inside another of its slots in its place."""
    top = dict(cursor.value)
    for old, slot in kind.moved.items():
        record, key = old.split(".")
        if record not in top or not isinstance(top[record].value, dict):
            continue
        inner = dict(top[record].value)
        if key not in inner:
            continue
        node = inner.pop(key)
        if slot in top:
            rule = f'"{key}" is the {slot} of the {kind.name}, which is written there as well'
            cursor[record].child(key, node).problem(rule, f"delete it here; keep {slot}")
        elif node.value is not None:
            top[slot] = node
        top[record] = Node(inner, top[record].file, top[record].line)
    return cursor.with_node(Node(top, cursor.node.file, cursor.node.line)) if kind.moved else cursor


def _head(kind: RecordType, *, typed: bool, supported: bool) -> list[str]:
    """Return the keys besides slots that a record may have."""
    there = {
        "type": typed,
        "from": kind.bundle,
        "source": True,
        "support": supported,
        "name": kind is SUPPORT.record,
    }
    return [key for key, may in there.items() if may]


def _slots(kind: RecordType) -> list[str]:
    return [slot.name for slot in kind.slots]


def _own(cursor: Cursor, kind: RecordType, head: list[str]) -> tuple[dict[str, Cursor], set[str]]:
    """Return what is written, by key, and the keys that unknown ones may mean.

    Unknown and doubled keys are noted.
    """
    own: dict[str, Cursor] = {}
    meant: set[str] = set()
    by_slot: dict[str, str] = {}
    for key, child in cursor.items():
        if key in head:
            if key in {"source", "name"} and isinstance(child.value, dict | list):
                child.problem("is no text", "put it in quotes")
            continue
        slot = kind.slot(key)
        if slot is None:
            known = [*kind.keys, *head]
            rule = f'unknown key "{key}"' + (f" of {with_article(kind.name)}" if kind.name else "")
            remedy = kind.gone.get(key) or near(key, known)
            if key in MEANS and kind.slot("ttr") is not None:
                # A bare time under ttr would be a median.
                remedy = f"write ttr: {a_mean(words(child.plain()))}"
            child.problem(rule, remedy)
            meant |= {one for one in known if f'did you mean "{one}"' in remedy}
        elif slot.name in by_slot and None in (child.value, own[by_slot[slot.name]].value):
            # One is taken away for the other.
            if child.value is not None:
                del own[by_slot[slot.name]]
                own[key], by_slot[slot.name] = child, key
        elif slot.name in by_slot:
            rule = f'"{key}" and "{by_slot[slot.name]}" are the same'
            child.problem(rule, "a part has one of the two")
        else:
            by_slot[slot.name] = key
            own[key] = child
    return own, meant


def _bundle(cursor: Cursor, kind: RecordType) -> Mapping[str, str]:
    """Return slot to entry of the bundle named, and note what of it is not modelled."""
    if "from" not in cursor.keys:
        return {}
    name = cursor["from"].value
    bundles = catalogue().bundles
    if not isinstance(name, str) or name not in bundles:
        named = words(cursor["from"].plain())
        cursor["from"].problem(f'no catalogue bundle "{named}"', near(named, bundles))
        return {}
    entries = bundles[name]
    if not any(kind.slot(key) for key in entries):
        fitting = [b for b, ids in bundles.items() if sum(bool(kind.slot(k)) for k in ids) > 1]
        rule = f'bundle "{name}" has nothing for {with_article(kind.name)}'
        cursor["from"].problem(rule, f"try {', '.join(fitting)}")
        return {}
    for key, entry in entries.items():
        if kind.slot(key) is None:
            why = kind.unused.get(key, f"a {kind.name} has no slot for it")
            cursor.diagnostics.unused.append((cursor.path, name, key, entry, why))
    return entries


def _given(
    cursor: Cursor,
    slot: Slot,
    own: dict[str, Cursor],
    bundle: Mapping[str, str],
    *,
    misspelt: bool,
    bundled: bool,
) -> tuple[str, Cursor | None, bool]:
    """Return the key, its value and whether it is the default; no value if nothing is there."""
    key = slot.also if slot.also in own else slot.name
    entry = bundle.get(slot.name) or (bundle.get(slot.also) if slot.also else None)
    if key in own and own[key].value is not None:
        return key, own[key], False
    if key in own and entry is None:
        rule = "nothing to remove: neither a base nor a bundle gives it"
        remedy = "give a value" if slot.default == REQUIRED else "delete the line"
        own[key].problem(rule, remedy)
        return key, None, False
    if key not in own and entry is not None:
        key = _bundle_key(slot, entry)
        return key, cursor.child(key, planted({"catalogue": entry}, cursor.node)), False
    default = slot.default
    if cursor.diagnostics.traffic and slot.traffic is not None:
        default = slot.traffic
    if slot.without is not None:
        others, lone = slot.without
        if not any(_is_given(other, own, bundle) for other in others.split()):
            default = lone
    if default is None or (slot.only_with and not set(slot.only_with) & set(own)):
        return key, None, False
    if default == REQUIRED:
        if "from" in cursor.keys and kind_bundle(cursor) is None:
            return key, None, False  # the bundle is misspelt: that problem is enough
        if misspelt:
            return key, None, False  # and so it is for a key
        having = [b for b, ids in catalogue().bundles.items() if slot.name in ids and bundled]
        remedy = "give it" if not having else f"give it, or from: {_or(having)}"
        remedy = slot.remedy or remedy
        missing = cursor.child(slot.name, cursor.node)
        missing.problem(f"{slot.name} is missing: {slot.doc}", remedy)
        return key, None, False
    return slot.name, cursor.child(slot.name, planted(default, cursor.node)), True


def _is_given(key: str, own: Mapping[str, Cursor], bundle: Mapping[str, str]) -> bool:
    """Return whether a slot has a value: one that is written, or the bundle's if none is."""
    return own[key].value is not None if key in own else key in bundle


def _bundle_key(slot: Slot, entry: str) -> str:
    """Return the key under which a bundle's entry stands: what covers everything is a ``ttr``."""
    all_in = slot.covers and catalogue().entries[entry].covers == ALL_IN
    return slot.also if all_in and slot.also else slot.name


def _below(child: Cursor, slot: Slot, bundle: Mapping[str, str]) -> Delay | None:
    """Return the repair that a written one replaces, in a base or a bundle; None if none."""
    entry = bundle.get(slot.name) or (bundle.get(slot.also) if slot.also else None)
    inherited = ""
    if child.node.over is not None:
        key, node = child.node.over
        # What stands below may itself cover what it replaced.
        deeper = _below(Cursor(child.diagnostics.aside(), node, child.path), slot, bundle)
        inherited = deeper.covers if deeper is not None else ""
    elif entry is not None:
        key, node = _bundle_key(slot, entry), planted({"catalogue": entry}, child.node)
    else:
        return None
    aside = Cursor(child.diagnostics.aside(), node, child.path)
    value, _ = read_numeric(aside, slot, key=key, source="", inherited=inherited)
    assert value is None or isinstance(value, Delay)
    return value


def kind_bundle(cursor: Cursor) -> str | None:
    """Return the bundle that a record names, None if there is no such bundle."""
    name = cursor["from"].value
    return name if isinstance(name, str) and name in catalogue().bundles else None


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"a bundle that has it ({', '.join(names[:6])})"


def read_slot(
    cursor: Cursor,
    slot: Slot,
    *,
    key: str = "",
    source: str = "",
    default: bool = False,
    inherited: str = "",
) -> tuple[Any, Any]:
    """Return the value of a slot and how it is written in full; (None, None) with a problem."""
    if slot.kind in NUMERIC:
        return read_numeric(
            cursor, slot, key=key, source=source, default=default, inherited=inherited
        )
    if slot.kind == "record":
        assert slot.record is not None
        written = inlined(cursor) if slot.file else cursor
        if written is None:
            return None, None
        return read_once(written, slot.record, name=slot.name, source=source)
    if slot.kind == "records":
        return _records(cursor, slot, source)
    return READERS[slot.kind](cursor, slot)


def _records(cursor: Cursor, slot: Slot, source: str) -> tuple[Any, Any]:
    assert slot.record is not None
    if not isinstance(cursor.value, dict):
        cursor.problem("is no map of names", "write {a-name: {...}}")
        return None, None
    records: dict[str, Part] = {}
    plain: dict[str, Any] = {}
    for name, child in cursor.items():
        check_name(child, name)
        records[name], plain[name] = read_once(child, slot.record, name=name, source=source)
    return MappingProxyType(records), plain


__all__ = ["LAWS", "check_name", "read_once", "read_record", "read_slot"]
