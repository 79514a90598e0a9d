"""A cursor knows where it is: the path of what it is on, and the line its problems are noted at."""

from __future__ import annotations

from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics
from pacsim.files.tree import Node, parse

TEXT = """\
parts:
  a:
    power: [x, y]
    type: ups
contract: 3
"""


def top() -> Cursor:
    tree = parse(TEXT, "my.yaml", [])
    assert tree is not None
    return Cursor(Diagnostics(), tree)


def noted(cursor: Cursor) -> list[tuple[str, int, str, str, str]]:
    return [(p.file, p.line, p.path, p.rule, p.remedy) for p in cursor.diagnostics.problems]


def test_problems_are_noted_where_the_value_is_written() -> None:
    cursor = top()
    cursor["parts"]["a"]["power"][1].problem("is odd", "change it")
    cursor["contract"].problem("is no map")
    assert noted(cursor) == [
        ("my.yaml", 3, "parts.a.power[1]", "is odd", "change it"),
        ("my.yaml", 5, "contract", "is no map", ""),
    ]


def test_what_is_not_written_is_noted_at_what_it_is_missing_from() -> None:
    cursor = top()
    part = cursor["parts"]["a"]
    part.at("repair").problem("is missing")
    part.at("type").problem("is odd")
    assert noted(cursor) == [
        ("my.yaml", 2, "parts.a.repair", "is missing", ""),
        ("my.yaml", 4, "parts.a.type", "is odd", ""),
    ]


def test_another_node_keeps_the_path() -> None:
    cursor = top()
    elsewhere = Node({"hours": Node("24x7", "other.yaml", 9)}, "other.yaml", 8)
    cursor["parts"].with_node(elsewhere)["hours"].problem("is odd")
    cursor["parts"].child("b", elsewhere).problem("is odd")
    assert noted(cursor) == [
        ("other.yaml", 9, "parts.hours", "is odd", ""),
        ("other.yaml", 8, "parts.b", "is odd", ""),
    ]


def test_what_is_inside() -> None:
    part = top()["parts"]["a"]
    assert [(key, child.path) for key, child in part.items()] == [
        ("power", "parts.a.power"),
        ("type", "parts.a.type"),
    ]
    assert [item.value for item in part["power"].elements()] == ["x", "y"]
    assert part.keys == {"type", "power"}
    for other in (part["power"], part["type"]):
        assert other.items() == []
        assert not other.keys


def test_reading_notes_what_a_function_refuses() -> None:
    cursor = top()
    assert cursor["contract"].read(lambda plain: 2 * plain) == 6
    assert cursor["parts"]["a"]["type"].read(int) is None
    assert noted(cursor) == [
        ("my.yaml", 4, "parts.a.type", "invalid literal for int() with base 10: 'ups'", "")
    ]
