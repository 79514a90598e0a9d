"""What resolving collects on its way: problems, inputs, unused bundle entries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from numbers import Integral, Number
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pacsim.design.known import PLAIN, UNKNOWN, Known
from pacsim.files.problems import Problem
from pacsim.files.tree import Node

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.design.known import Reading, RecordFacts
    from pacsim.design.noted import Input, Override


@dataclass(slots=True)
class Diagnostics:
    """Collects problems and inputs; resolving never stops at the first problem.

    ``traffic`` says that the design has a workload, so that what only matters to one has values.
    ``before`` is what is known of another design; ``readings``, ``facts``, ``kinds`` and ``files``
    become what is known of this one. ``opened`` are the files that were read in place of records,
    each time, with what was in them; None for one that is not there, or is not good.
    """

    problems: list[Problem] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    unused: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    traffic: bool = False
    before: Known = UNKNOWN
    readings: dict[str, Reading] = field(default_factory=dict)
    facts: dict[str, RecordFacts] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    files: dict[Path, tuple[bytes, Node]] = field(default_factory=dict)
    opened: list[tuple[Path, bytes | None]] = field(default_factory=list)

    def aside(self) -> Diagnostics:
        """Return one that notes for itself, but for the files that are read."""
        return Diagnostics(before=self.before, files=self.files, opened=self.opened)

    def problem(self, node: Node, path: str, rule: str, remedy: str = "") -> None:
        """Note that something is wrong at a node."""
        self.problems.append(Problem(node.file, node.line, path, rule, remedy))


def planted(value: Any, like: Node) -> Node:  # noqa: ANN401
    """Return a plain value as a tree that says it stands where another node stands.

    Examples
    --------
    >>> planted({"a": [1]}, Node(None, "my.yaml", 3)).value["a"].line
    3
    """
    made: Any = value
    if type(value) in PLAIN:
        pass
    elif isinstance(value, Number) and not isinstance(value, int | float):
        # Numbers of numpy, say, from a loop in a notebook.
        made = int(value) if isinstance(value, Integral) else float(value)  # type: ignore[arg-type]
    elif isinstance(value, dt.date):
        made = value.isoformat()
    elif isinstance(value, PurePath):
        made = str(value)
    elif isinstance(value, dict):
        made = {str(key): planted(child, like) for key, child in value.items()}
    elif isinstance(value, list | tuple):
        made = [planted(child, like) for child in value]
    return Node(made, like.file, like.line)


def words(plain: Any) -> str:  # noqa: ANN401
    """Return a value as a person reads it.

    Examples
    --------
    >>> words({"median": "4 h", "p95": "16 h"}), words({"rate": "2 /year"}), words(3)
    ('median 4 h, p95 16 h', '2 /year', '3')
    """
    if isinstance(plain, dict):
        if tuple(plain) in {("rate",), ("value",)}:
            return words(next(iter(plain.values())))
        return ", ".join(f"{key} {words(child)}" for key, child in plain.items())
    if isinstance(plain, list):
        return f"[{', '.join(words(child) for child in plain)}]"
    if plain is None or isinstance(plain, bool):
        return "null" if plain is None else str(plain).lower()
    return str(plain)
