"""The suite makes no more statistical comparisons than its false-alarm rate is shared among."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.statistical import TESTS

ROOT = Path(__file__).parents[1]
JUDGES = {"agrees", "judge", "by_time", "happened", "likely"}
"""What compares a mean with its own standard error; helpers outside test files must be listed."""
UNCLEAR = 10
"""How often something is counted whose length the source does not tell."""


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def length(node: ast.AST, names: dict[str, ast.AST]) -> int:
    """Return how many items a literal, a range or a module's constant of them has."""
    if isinstance(node, ast.Name) and node.id in names:
        return length(names[node.id], names)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return len(node.elts)
    if isinstance(node, ast.Dict):
        return len(node.keys)
    if called(node) in {"items", "enumerate", "sorted", "zip"} and isinstance(node, ast.Call):
        inner = node.func.value if isinstance(node.func, ast.Attribute) else node.args[0]
        return length(inner, names)
    if called(node) == "range" and isinstance(node, ast.Call):
        ends = [names.get(a.id, a) if isinstance(a, ast.Name) else a for a in node.args]
        if all(isinstance(end, ast.Constant) for end in ends):
            return len(range(*(ast.literal_eval(end) for end in ends)))
    return UNCLEAR


def expected_to_fail(node: ast.AST) -> bool:
    """Return whether an AssertionError inside is caught: then a comparison is no false alarm."""
    if isinstance(node, ast.With):
        return any(called(item.context_expr) == "raises" for item in node.items)
    if isinstance(node, ast.Try):
        caught = [ast.unparse(h.type) for h in node.handlers if h.type is not None]
        return any("AssertionError" in text for text in caught)
    return False


class Counter:
    """Counts the comparisons of one module."""

    def __init__(self, source: str) -> None:
        tree = ast.parse(source)
        self.functions = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
        self.names: dict[str, ast.AST] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.names[node.targets[0].id] = node.value
        self.open: set[str] = set()

    def total(self) -> int:
        """Return the comparisons of all tests, each as often as it is parametrised."""
        return sum(
            self.repeats(f) * self.inside(f)
            for name, f in self.functions.items()
            if name.startswith("test_")
        )

    def repeats(self, function: ast.FunctionDef) -> int:
        times = 1
        for mark in function.decorator_list:
            if isinstance(mark, ast.Call) and called(mark) == "parametrize":
                times *= length(mark.args[1], self.names)
        return times

    def inside(self, node: ast.AST) -> int:
        """Return the comparisons in a piece of source, loops multiplied, helpers followed."""
        if expected_to_fail(node):
            return 0
        found = sum(self.inside(child) for child in ast.iter_child_nodes(node))
        if isinstance(node, ast.For):
            found *= length(node.iter, self.names)
        name = called(node)
        if name in JUDGES:
            found += 1
        elif name in self.functions and not name.startswith("test_") and name not in self.open:
            self.open.add(name)
            found += self.inside(self.functions[name])
            self.open.discard(name)
        return found


def sources(pattern: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(ROOT.rglob(pattern)):
        yield path, path.read_text(encoding="utf-8")


def test_the_budget_of_comparisons_is_kept() -> None:
    found = {
        str(path.relative_to(ROOT)): Counter(text).total() for path, text in sources("test_*.py")
    }
    used = {name: number for name, number in found.items() if number}
    assert len(used) >= 4, "the counting no longer finds what it counts"
    assert sum(used.values()) <= TESTS, f"raise TESTS in tests/statistical.py: {used}"


def test_helpers_that_judge_are_known() -> None:
    """A new helper in a shared file would hide its comparisons from the count."""
    for path, text in sources("*.py"):
        if path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name not in JUDGES:
                inside = {called(part) for part in ast.walk(node)}
                assert not inside & JUDGES, f"{path.name}: add {node.name} to JUDGES"


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("def test_a():\n    agrees(1, 1, 1)\n    run.by_time(1, 'x')", 2),
        ("@pytest.mark.parametrize('k', [1, 2, 3])\ndef test_a(k):\n    judge(k, 1)", 3),
        ("N = 4\n@mark.parametrize('k', range(N))\ndef test_a(k):\n    judge(k, 1)", 4),
        ("ROWS = (1, 2)\ndef test_a():\n    for k in ROWS:\n        judge(k, 1)", 2),
        ("def test_a():\n    for k in made():\n        judge(k, 1)", UNCLEAR),
        ("def helper():\n    judge(1, 1)\ndef test_a():\n    helper()\n    helper()", 2),
        ("def test_a():\n    with pytest.raises(AssertionError):\n        judge(1, 1)", 0),
        (
            "def test_a():\n    try:\n        judge(1, 1)\n    except AssertionError:\n        pass",
            0,
        ),
        ("def helper():\n    judge(1, 1)", 0),
    ],
)
def test_counting(source: str, number: int) -> None:
    assert Counter(source).total() == number
