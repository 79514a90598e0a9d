"""No circles of imports, no two modules or classes of one name, no long functions or files.

Circles are those between the files of a folder, and between folders side by side.

An import counts wherever it stands: at the top, under ``TYPE_CHECKING``, inside a function, or as
``import_module`` of a name that is written out. The layers of the rooms are import-linter's.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pacsim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(pacsim.__file__).parent


def modules(root: Path) -> dict[str, Path]:
    """Every module below a package's folder by its full name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def named(tree: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """Names that a file imports, modules rather than what is taken from them where it can be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in known else node.module for name in whole)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
            "import_module",
            "__import__",
        }:
            values = (a.value for a in node.args[:1] if isinstance(a, ast.Constant))
            yield from (value for value in values if isinstance(value, str))


def imports(root: Path) -> set[tuple[str, str]]:
    """Pairs (importer, imported) within a package."""
    known = modules(root)
    pairs = {
        (name, other)
        for name, path in known.items()
        for other in named(ast.parse(path.read_text("utf-8")), known)
    }
    return {(a, b) for a, b in pairs if b in known and a != b}


def sides(a: str, b: str) -> tuple[str, str]:
    """The neighbours in one folder to which two modules belong; a folder is its `__init__` too."""
    left, right = a.split("."), b.split(".")
    # One may be the package in which the other is.
    left, right = ([*path, "__init__"] for path in (left, right))
    same = next(i for i, (x, y) in enumerate(zip(left, right, strict=False)) if x != y)
    return ".".join(left[: same + 1]), ".".join(right[: same + 1])


def circles(pairs: set[tuple[str, str]]) -> list[list[str]]:
    """Every group of neighbours that lead back to themselves."""
    below: dict[str, set[str]] = {}
    for a, b in pairs:
        one, other = sides(a, b)
        below.setdefault(one, set()).add(other)

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            new = below.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    reach = {name: reached(name) for name in below}
    groups = {
        frozenset(b for b in reach[a] if a in reach.get(b, set())) for a in below if a in reach[a]
    }
    return sorted(sorted(group) for group in groups)


def test_no_circles() -> None:
    assert circles(imports(ROOT)) == []


PLAIN = "from house.b import B\n"
CLOSING = {
    "at the top": "from house.a import A\n",
    "whole": "import house.a\n",
    "by the package": "from house import a\n",
    "for types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import A\n",
    "in a function": "def f():\n    from house.a import A\n",
    "by name": "from importlib import import_module\nimport_module('house.a')\n",
    "by the front door": "from house import A\n",
}


@pytest.mark.parametrize("how", CLOSING)
def test_a_circle_of_two_files_is_seen(how: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("from house.a import A\n", "utf-8")
    (house / "a.py").write_text(PLAIN, "utf-8")
    (house / "b.py").write_text("", "utf-8")
    assert circles(imports(house)) == []
    (house / "b.py").write_text(CLOSING[how], "utf-8")
    expected = ["house.a", "house.b"]
    if how == "by the front door":
        expected = ["house.__init__", *expected]
    assert circles(imports(house)) == [expected]


def test_a_circle_of_folders_without_one_of_files_is_seen(tmp_path: Path) -> None:
    house = tmp_path / "house"
    for room in ("left", "right"):
        (house / room).mkdir(parents=True)
    (house / "left" / "one.py").write_text("import house.right.one\n", "utf-8")
    (house / "right" / "one.py").write_text("", "utf-8")
    (house / "left" / "two.py").write_text("", "utf-8")
    (house / "right" / "two.py").write_text("import house.left.two\n", "utf-8")
    assert circles(imports(house)) == [["house.left", "house.right"]]
    (house / "right" / "two.py").write_text("", "utf-8")
    assert circles(imports(house)) == []


LONGEST = 60
"""Lines of a function without its docstring."""
JUSTIFIED = {
    # The loop of events and what is inlined into it: a call there costs a tenth of a term.
    ("pacsim.engines.kernel.source.clocks", "settle_clocks"),
    ("pacsim.engines.kernel.source.gates", "propagate"),
    ("pacsim.engines.kernel.source.loop", "run"),
    ("pacsim.engines.kernel.source.sleep", "wake"),
    ("pacsim.engines.kernel.source.start", "begin"),
    # Coefficients of a published approximation, in its order.
    ("pacsim.delays.scalar", "normal_isf"),
}


def functions(root: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield module and definition of every function below a folder."""
    for name, path in modules(root).items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield name, node


def lines(node: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    assert node.end_lineno is not None
    assert first.end_lineno is not None
    spent = first.end_lineno - first.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - spent


def test_functions_are_short_or_justified() -> None:
    long = {(name, f.name) for name, f in functions(ROOT) if lines(f) > LONGEST}
    assert long == JUSTIFIED
    assert len(JUSTIFIED) <= 8


def test_files_are_short() -> None:
    most = {name: path.read_text("utf-8").count("\n") for name, path in modules(ROOT).items()}
    assert {name: n for name, n in most.items() if n > 500} == {}


def test_no_two_modules_of_one_name() -> None:
    found = Counter(path.stem for path in modules(ROOT).values() if path.stem != "__init__")
    assert [name for name, n in found.items() if n > 1] == []


def test_no_two_classes_of_one_name() -> None:
    found = Counter(
        node.name
        for path in modules(ROOT).values()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, n in found.items() if n > 1] == []
