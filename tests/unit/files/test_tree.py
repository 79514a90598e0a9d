"""Safe YAML with positions: what it refuses, and where."""

import pytest

from pacsim.files.problems import DesignError, Problem, near
from pacsim.files.tree import dump, parse


def problems_of(text: str) -> list[Problem]:
    """Return what is wrong with a text."""
    found: list[Problem] = []
    parse(text, "my.yaml", found)
    return found


def test_every_value_knows_its_line() -> None:
    """Lines are those of the keys."""
    node = parse("a: 1\nb:\n  c: [x, 2.5]\n", "my.yaml", [])
    assert node is not None
    assert node.value["b"].value["c"].line == 3
    assert node.plain() == {"a": 1, "b": {"c": ["x", 2.5]}}


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: 1\na: 2\n", "twice", 2),
        ("a: &x 1\nb: *x\n", "anchor", 1),
        ("a: !!python/object:os.system {}\n", "tag", 1),
        ("a: [1\n", "YAML", 2),
        ("<<: {a: 1}\n", "merge", 1),
        ("", "empty", 1),
        ("? [a]\n: 1\n", "key", 1),
    ],
)
def test_what_is_refused(text: str, rule: str, line: int) -> None:
    """Each with its line."""
    found = problems_of(text)
    assert rule in found[0].rule
    assert found[0].line == line


def test_words_that_look_like_numbers_stay_words() -> None:
    """YAML 1.1 would read times of day in base 60 and some words as truth values."""
    node = parse("a: 22:00\nb: on\nc: 1_000\nd: 0x10\n", "my.yaml", [])
    assert node is not None
    assert node.plain() == {"a": "22:00", "b": "on", "c": "1_000", "d": "0x10"}
    assert parse(dump(node.plain()), "again", []).plain() == node.plain()  # type: ignore[union-attr]


def test_all_problems_are_shown_in_the_order_of_lines() -> None:
    """One heading per file."""
    error = DesignError([Problem("b.yaml", 9, "y", "second"), Problem("b.yaml", 2, "x", "first")])
    assert str(error).splitlines()[0] == "b.yaml: 2 problems"
    assert "first" in str(error).splitlines()[1]
    assert near("server-2", ["server-b", "array"]) == 'did you mean "server-b"?'
