"""Files of the design room import each other one way, for types and inside functions too."""

from __future__ import annotations

import ast
from pathlib import Path

import pacsim

ROOT = Path(pacsim.__file__).parent


def imported(code: str, room: str) -> set[str]:
    """Return the files of a room that code imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == f"pacsim.{room}":
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"pacsim.{room}."):
            found.add(str(node.module).split(".")[2])
        elif isinstance(node, ast.Import):
            names = [one.name.split(".") for one in node.names]
            found |= {x[2] for x in names if x[:2] == ["pacsim", room] and len(x) > 2}
    return found


def circles(files: dict[str, str], room: str) -> set[frozenset[str]]:
    """Return the sets of files that import each other."""
    edges = {name: imported(code, room) & set(files) for name, code in files.items()}
    reached: dict[str, set[str]] = {}
    for name, direct in edges.items():
        seen: set[str] = set()
        todo = list(direct)
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += edges[one]
        reached[name] = seen
    return {frozenset(b for b in reached[a] if a in reached[b]) for a in reached if a in reached[a]}


def test_no_circles_in_design() -> None:
    files = {
        file.stem: file.read_text(encoding="utf-8")
        for file in (ROOT / "design").glob("*.py")
        if file.stem != "__init__"
    }
    assert len(files) > 10
    assert circles(files, "design") == set()


def test_a_circle_is_seen_also_if_it_is_for_types_or_late() -> None:
    typed = "if TYPE_CHECKING:\n    from pacsim.design.b import X"
    late = "def f():\n    import pacsim.design.c"
    files = {"a": typed, "b": late, "c": "from pacsim.design import a", "d": typed}
    assert circles(files, "design") == {frozenset("abc")}
