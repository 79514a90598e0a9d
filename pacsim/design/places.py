"""Places: the file and line of every path, for problems found when all is resolved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pacsim.files.tree import Node

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Places:
    """Nodes of a tree by path, looked up once something is wrong."""

    tree: Node

    @cached_property
    def by_path(self) -> Mapping[str, Node]:
        """Every node of the tree."""
        return _by_path(self.tree)

    def section(self, key: str) -> Mapping[str, Node]:
        """Return what is under a key at the top by name; nothing if that is no map."""
        top = self.tree.value if isinstance(self.tree.value, dict) else {}
        node = top.get(key)
        return node.value if node is not None and isinstance(node.value, dict) else {}

    def at(self, path: str) -> Node:
        """Return the node of a path, or of the longest part of it that is written."""
        while path and path not in self.by_path:
            cut = max(path.rfind("."), path.rfind("["))
            path = path[: max(cut, 0)]
        return self.by_path.get(path, Node(None, "", 0))


def places(tree: Node) -> Places:
    r"""Return the places of a tree.

    Examples
    --------
    >>> from pacsim.files.tree import parse
    >>> found = places(parse("a: {b: [x, y]}", "my.yaml", []))
    >>> found.at("a.b[1]").value, found.at("a.b.c").value[0].value
    ('y', 'x')
    """
    return Places(tree)


def _by_path(tree: Node) -> dict[str, Node]:
    by_path: dict[str, Node] = {}
    stack = [("", tree)]
    while stack:
        path, node = stack.pop()
        by_path[path] = node
        if isinstance(node.value, dict):
            stack += [(f"{path}.{k}" if path else k, child) for k, child in node.value.items()]
        elif isinstance(node.value, list):
            stack += [(f"{path}[{k}]", child) for k, child in enumerate(node.value)]
    return by_path
