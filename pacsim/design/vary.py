"""Variations: other values at dotted paths of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.design.calendars import inlined
from pacsim.design.desk import planted
from pacsim.files.tree import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design.desk import Desk

FILES = ("support", "on_duty")
"""Keys under which a path to a file may stand, to be read when something inside it is varied."""


def varied(desk: Desk, tree: Node, changes: Mapping[str, Any]) -> Node:
    """Return a tree with other values; None removes a key, missing keys are made.

    Examples
    --------
    >>> from pacsim.design.desk import Desk, planted
    >>> tree = planted({"a": {"b": 1}}, Node(None, "my.yaml", 1))
    >>> varied(Desk(), tree, {"a.c": "2 s", "a.b": None}).plain()
    {'a': {'c': '2 s'}}
    """
    for path, value in changes.items():
        keys = str(path).split(".")
        if not all(keys):
            desk.problem(tree, str(path), "is no path", "write parts.server-a.repair")
            continue
        tree = _set(desk, tree, keys, value, str(path))
    return tree


def _set(desk: Desk, node: Node, keys: list[str], value: Any, path: str) -> Node:  # noqa: ANN401
    key, rest = keys[0], keys[1:]
    found = dict(node.value)
    child = found.get(key)
    if not rest:
        if value is None and child is not None and child.value is not None:
            del found[key]
        else:
            found[key] = planted(value, Node(None, node.file, child.line if child else node.line))
        return Node(found, node.file, node.line)
    if child is not None and isinstance(child.value, str) and key in FILES:
        child = inlined(desk, child, path)
    if child is None or child.value is None:
        child = Node({}, node.file, node.line)
    if not isinstance(child.value, dict):
        desk.problem(child, path, f'"{key}" has nothing inside', "vary the whole of it")
        return node
    found[key] = _set(desk, child, rest, value, path)
    return Node(found, node.file, node.line)
