"""The language and the campaign name no type of part or group: what a type is, it says itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pacsim
from pacsim.parts.registry import all_types

ROOT = Path(pacsim.__file__).parent
FILES = [file for room in ("design", "campaign") for file in sorted((ROOT / room).rglob("*.py"))]


def named(code: str) -> set[str]:
    """Return the names of types that are string literals; docstrings are longer than a name."""
    return {
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in all_types()
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_literal_is_the_name_of_a_type(file: Path) -> None:
    assert named(file.read_text(encoding="utf-8")) == set()


def test_a_literal_that_names_one_is_seen() -> None:
    for name in all_types():
        assert named(f"def f(x):\n    return x == '{name}'") == {name}
    assert named("def f(x):\n    '''Of a server.'''\n    return f'{x} is a server'") == set()
