"""Variations: other values at dotted paths of a tree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pacsim.design.calendar_files import inlined
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import planted
from pacsim.files.tree import Node
from pacsim.parts import practices
from pacsim.parts.registry import all_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design.diagnostics import Diagnostics


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


def varied(diagnostics: Diagnostics, tree: Node, changes: Mapping[str, Any]) -> Node:
    """Return a tree with other values; None removes a key, missing keys are made.

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
        tree = _set(cursor, keys, value)
    return tree


def _set(cursor: Cursor, keys: list[str], value: Any) -> Node:  # noqa: ANN401
    """Return a map with another value inside; problems are noted under the path that is varied."""
    key, rest, node = keys[0], keys[1:], cursor.node
    inside = dict(node.value)
    child = inside.get(key)
    if not rest:
        if value is None and child is not None and child.value is not None:
            del inside[key]
        else:
            inside[key] = planted(value, Node(None, node.file, child.line if child else node.line))
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
    inside[key] = _set(inner, rest, value)
    return Node(inside, node.file, node.line)
