"""Variations: other values at dotted paths of a tree."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import inlined
from pacsim.design.coverage import laid_over, twin
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import planted
from pacsim.files.tree import Node
from pacsim.parts import practices
from pacsim.parts.registry import all_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.parts.slots import RecordType, Slot


@cache
def file_keys() -> frozenset[str]:
    """Return the keys under which a path to a file may stand, read to vary something inside it.

    Examples
    --------
    >>> sorted(file_keys())
    ['on_duty', 'support']
    """
    slots = [slot for kind in (*all_types().values(), practices.TYPE) for slot in kind.slots]
    keys: set[str] = set()
    while slots:
        slot = slots.pop()
        keys |= {slot.name, slot.also} if slot.file else set()
        slots += slot.record.slots if slot.record is not None else ()
    return frozenset(keys - {""})


def varied(
    diagnostics: Diagnostics,
    tree: Node,
    changes: Mapping[str, Any],
    plain: Mapping[str, Any] = MappingProxyType({}),
) -> Node:
    """Return a tree with other values; None removes a key, missing keys are made.

    ``plain`` are the resolved values of the tree: of a repair that may be stated in two ways only
    the key in force is varied, and one without such keys covers what it covered.

    Examples
    --------
    >>> from pacsim.design.diagnostics import Diagnostics, planted
    >>> tree = planted({"a": {"b": 1}}, Node(None, "my.yaml", 1))
    >>> varied(Diagnostics(), tree, {"a.c": "2 s", "a.b": None}).plain()
    {'a': {'c': '2 s'}}
    """
    for path, value in changes.items():
        cursor = Cursor(diagnostics, tree, str(path))
        keys = cursor.path.split(".")
        if not all(keys):
            cursor.problem("is no path", "write parts.server-a.repair")
            continue
        tree = _repair_set(cursor, keys, value, changes, plain)
    return tree


def _repair_set(
    cursor: Cursor,
    keys: list[str],
    value: Any,  # noqa: ANN401
    changes: Mapping[str, Any],
    plain: Mapping[str, Any],
) -> Node:
    """Return a tree with another value, looked at as a repair if it is one."""
    for depth in range(len(keys) - 1, 1, -1):
        kind, record = _record_at(plain, keys[:depth])
        slot = kind.slot(keys[depth]) if kind is not None else None
        if slot is None:
            continue
        other = twin(kind, keys[depth])
        place = ".".join([*keys[:depth], other])
        gone = place in changes and changes[place] is None
        if value is None and changes.get(place) is not None:
            return cursor.node  # it goes with the other key, which is set
        if slot.covers and other in record and keys[depth] not in record and not gone:
            rule = f"{keys[depth]} is not in force: this {kind.name} has {other}" if kind else ""
            cursor.problem(rule, f"vary {place}; or take that away in the same step, with null")
            return cursor.node
        last = depth == len(keys) - 1
        before = record.get(slot.name) if slot.covers and not slot.also else None
        if last and isinstance(before, dict) and value is not None and "covers" in before:
            here = Node(None, cursor.node.file, cursor.node.line)
            value = laid_over(planted(value, here), planted(before, here), slot, slot.name).plain()
        return _set(cursor, keys, value, slot if last else None, other)
    return _set(cursor, keys, value)


def _record_at(
    plain: Mapping[str, Any], keys: list[str]
) -> tuple[RecordType | None, Mapping[str, Any]]:
    """Return the type and the resolved values of the part, group or nested record at a path."""
    kind: RecordType | None = None
    inner: Any = plain
    for depth, key in enumerate(keys):
        inner = inner.get(key) if isinstance(inner, dict | MappingProxyType) else None
        if depth == 1 and keys[0] in {"parts", "groups"} and isinstance(inner, dict):
            kind = all_types().get(inner.get("type", ""))
        elif kind is not None:
            slot = kind.slot(key)
            kind = slot.record if slot is not None else None
    return (kind, inner) if kind is not None and isinstance(inner, dict) else (None, {})


def _set(
    cursor: Cursor,
    keys: list[str],
    value: Any,  # noqa: ANN401
    slot: Slot | None = None,
    other: str = "",
) -> Node:
    """Return a map with another value inside; problems are noted under the path that is varied.

    Parameters
    ----------
    cursor, keys, value
        On the map, the path inside it, what is written there.
    slot : Slot, optional
        What is varied, if that is known.
    other : str
        Another key for the slot, which goes.
    """
    key, rest, node = keys[0], keys[1:], cursor.node
    inside = dict(node.value)
    child = inside.get(key)
    if not rest:
        gone = inside.pop(other, None) if value is not None else None
        if value is None and child is not None and child.value is not None:
            del inside[key]
        else:
            made = planted(value, Node(None, node.file, child.line if child else node.line))
            if slot is not None and slot.covers:
                below = (key, child) if child is not None else (other, gone) if gone else None
                if child is not None and child.over is not None:
                    below = child.over
                made = replace(made, over=below)
            inside[key] = made
        return Node(inside, node.file, node.line)
    empty = cursor.with_node(Node({}, node.file, node.line))
    inner = cursor.with_node(child) if child is not None else empty
    if isinstance(inner.value, str) and key in file_keys():
        inner = inlined(inner) or empty
    if inner.value is None:
        inner = empty
    if not isinstance(inner.value, dict):
        inner.problem(f'"{key}" has nothing inside', "vary the whole of it")
        return node
    inside[key] = _set(inner, rest, value, slot, other)
    return Node(inside, node.file, node.line)
