"""The cursor: a value that is being read, its path, and where its problems are noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from pacsim.design.diagnostics import Diagnostics
    from pacsim.files.tree import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value that is being read: what is wrong with it is noted at its line, under its path.

    Parameters
    ----------
    diagnostics : Diagnostics
        Receives problems.
    node : Node
        The value, with its file and line.
    path : str
        Dotted path in the design; empty at the top.

    Examples
    --------
    >>> from pacsim.design.diagnostics import Diagnostics, planted
    >>> from pacsim.files.tree import Node
    >>> top = Cursor(Diagnostics(), planted({"a": {"b": ["x", 3]}}, Node(None, "my.yaml", 7)))
    >>> top["a"]["b"][1].problem("is no text", "put it in quotes")
    >>> top.diagnostics.problems[0].line, top.diagnostics.problems[0].path
    (7, 'a.b[1]')
    """

    diagnostics: Diagnostics
    node: Node
    path: str = ""

    @property
    def value(self) -> Any:  # noqa: ANN401
        """A dict of nodes, a list of nodes or a scalar."""
        return self.node.value

    @property
    def keys(self) -> Set[str]:
        """Keys of a map in their order, none if it is not one."""
        return self.value.keys() if isinstance(self.value, dict) else frozenset()

    def plain(self) -> Any:  # noqa: ANN401
        """Return the value without places."""
        return self.node.plain()

    def problem(self, rule: str, remedy: str = "") -> None:
        """Note that something is wrong with this value."""
        self.diagnostics.problem(self.node, self.path, rule, remedy)

    def read(self, reads: Callable[[Any], T]) -> T | None:
        """Return what a function makes of the plain value; None with its ValueError noted."""
        try:
            return reads(self.plain())
        except ValueError as error:
            self.problem(str(error))
            return None

    def with_node(self, node: Node) -> Cursor:
        """Return a cursor on another node under the same path."""
        return Cursor(self.diagnostics, node, self.path)

    def child(self, key: str | int, node: Node) -> Cursor:
        """Return a cursor on a node under the path of a key of this map, or place in this list."""
        if isinstance(key, int):
            return Cursor(self.diagnostics, node, f"{self.path}[{key}]")
        return Cursor(self.diagnostics, node, f"{self.path}.{key}" if self.path else key)

    def __getitem__(self, key: str | int) -> Cursor:
        """Return the cursor on what is written under a key of a map, or at a place in a list."""
        return self.child(key, self.value[key])

    def at(self, key: str) -> Cursor:
        """Return the cursor on a key's value; on this whole one, under the key's path, if none."""
        return self[key] if key in self.keys else self.child(key, self.node)

    def items(self) -> list[tuple[str, Cursor]]:
        """Return key and cursor of all that is in a map, nothing if it is not one."""
        return [(key, self[key]) for key in self.keys]

    def elements(self) -> list[Cursor]:
        """Return the cursors on all that is in a list."""
        return [self[k] for k in range(len(self.value))]
