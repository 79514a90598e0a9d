"""Wrong files: each mistake once, in words, where it is; none hides another or follows from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.design import DesignError, load
from pacsim.errors import PacsimError

if TYPE_CHECKING:
    from pathlib import Path

FILE = """pacsim: 1
parts:
  a: {type: component, ttf: 1 year, ttr: 4 h}
roles:
  store: {needs: [a]}
"""
CREW = "  t: {type: crew, size: 1, respond: 9 min}\nroles:"
KIND, TTR, NEEDS = "type: component", "4 h", "[a]"
"""What is replaced in the file."""


def problems(text: str, folder: Path) -> list[tuple[int, str, str]]:
    """Return line, path and words of all that is wrong with a file."""
    file = folder / "my.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        load(file)
    return [(p.line, p.path, f"{p.rule}; {p.remedy}") for p in caught.value.problems]


A, R = "parts.a.ttr", "roles.store.needs"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TTR, "{value: 4 h, status: guess, low: 9 h, high: 1 h}", {A: "swap them", f"{A}.status": "no status"}),
        (TTR, "{value: 4 kg, status: guess, low: 9 kg, covers: x}", {A: "'kg'", f"{A}.low": "'kg'", f"{A}.status": "no status", f"{A}.covers": "not for this slot"}),
        (TTR, "{median: 4 kg, p95: true}", {f"{A}.median": "'kg'", f"{A}.p95": "true is no number"}),
        (TTR, "{median: 4 kg}", {A: "median needs p95", f"{A}.median": "'kg'"}),
        (TTR, "{medain: 4 h, p95: 9 kg}", {f"{A}.medain": 'did you mean "median"', f"{A}.p95": "'kg'"}),
        (TTR, "{mix: {0.5: 1 h, 0.5: 9 h}}", {f"{A}.mix.0.5": "write mix: [[0.5, 1 h], [0.5, 9 h]]"}),
        (TTR, "{mix: {half: 1 h, 0.6: 9}}", {f"{A}.mix.half": "weight: 'half'", f"{A}.mix.0.6": "no unit"}),
        (TTR, "{scale: 1 h, shape: 0.002}", {A: "its mean is too large"}),
        (TTR, "{median: 1 s, p95: 1e300 s}", {A: "its mean is too large"}),
        (TTR, "1e308 s", {A: "too long a time"}),
        (TTR, "~", {A: "give a value"}),
        (TTR, "2026-01-05", {A: "is no number with a unit"}),
        (TTR, "４ h", {A: "does not begin with a number"}),
        (TTR, "9" * 5000, {A: "has no unit"}),
        (TTR, "{catalogue: srv.repiar, low: 1 h}", {f"{A}.catalogue": "srv.repair", f"{A}.low": "cannot go with catalogue"}),
        (TTR, "{counted_in: {hours: [x], closed: [2026-02-30, y]}, value: 4 kg}", {f"{A}.counted_in.hours": "cannot read 'x'", f"{A}.counted_in.closed[0]": "out of range", f"{A}.counted_in.closed[1]": "'y' is no date", A: "'kg'"}),
        (TTR, "{value: 4 h, source: [x], low: 5}", {f"{A}.source": "is no text", f"{A}.low": "no unit"}),
        ("size: 1", "size: {catalogue: srv.repair}", {"parts.t.size": "no number without a unit"}),
        ("roles:", "contract: {starts: {value: x}}\nroles:", {"contract.starts": "x is no date"}),
        (NEEDS, "[1]", {f"{R}[0]": 'put it in quotes: "1"'}),
        (NEEDS, "[true, ~, {}, []]", {f"{R}[0]": '"true" is no name', f"{R}[1]": '"null" is no name', f"{R}[2]": "is no tree of needs", f"{R}[3]": "needs nothing"}),
        (NEEDS, "{at_least: many, of: [a, 7]}", {f"{R}.at_least": "'many' is no number", f"{R}.of[1]": '"7" is no name'}),
        (NEEDS, "{any: a}", {f"{R}.any": "is no tree of needs"}),
        (NEEDS, "[a, a]", {f"{R}[1]": "is there twice"}),
        (NEEDS, "[а]", {f"{R}[0]": "U+0430"}),
        (KIND, "like: zz", {"parts.a.like": 'no part "zz"'}),
        (KIND, "like: [b]", {"parts.a.like": "is no name of a part"}),
        (KIND, "like: a", {"parts.a.like": "in a circle"}),
        (KIND, "type: component, like: zz", {"parts.a.like": 'no part "zz"'}),
        (KIND, "typе: component", {"parts.a.typе": 'U+0435) is no Latin letter; did you mean "type"'}),
        (KIND, "type: [component]", {"parts.a.type": 'no type of part "[component]"'}),
        (KIND, "type: component, from: [x]", {"parts.a.from": 'no catalogue bundle "[x]"'}),
        ("ttr:", "ttrr:", {"parts.a.ttrr": 'did you mean "ttr"'}),
        ("ttr: 4 h", "ttr: 4 h, network: [1, zz, 2]", {"parts.a.network[0]": '"1" is no name', "parts.a.network[2]": '"2" is no name'}),
        ("ttr: 4 h", "ttr: 4 h, network: [a]", {"parts.a.network[0]": "cabled to itself"}),
        ("ttr: 4 h", "ttr: 4 h, power: {need: x, of: [1]}", {"parts.a.power.need": "'x'", "parts.a.power.of[0]": '"1" is no name'}),
        ("parts:", "groups:\n  g: {like: a}\nparts:", {"groups.g.type": "no type", "groups.g.like": "like is for parts"}),
        ("roles:", "  t: {type: crew, size: 1e9, respond: 9 min}\nroles:", {"parts.t.size": "at most 10000"}),
        ("roles:", "contract: {starts: 9999-12-31, term: 1 year, min_outage: 2 years}\nroles:", {"contract.starts": "1900 to 2200", "contract.min_outage": "not below the term"}),
        ("roles:", "name: true\nroles:", {"name": "quotes"}),
    ],
)  # fmt: skip
def test_every_mistake_once(old: str, new: str, expected: dict[str, str], tmp_path: Path) -> None:
    file = FILE if old in FILE else FILE.replace("roles:", CREW)
    assert old in file
    found = problems(file.replace(old, new), tmp_path)
    assert sorted(path for _, path, _ in found) == sorted(expected)
    for _, path, said in found:
        assert expected[path] in said
        assert len(said) < 600


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (FILE + "---\n" + FILE, 6, "a second document begins here"),
        (FILE.replace("  a: {", "\ta: {"), 3, "use spaces, no tabs"),
        (FILE.replace("4 h", "4\0h"), 3, "U+0000"),
    ],
)
def test_what_is_no_yaml_is_said_in_words(text: str, line: int, says: str, tmp_path: Path) -> None:
    [(found, _, said)] = problems(text, tmp_path)
    assert found == line
    assert says in said


def test_every_anchor_and_tag_is_noted(tmp_path: Path) -> None:
    text = FILE.replace("{type", "&x {type").replace("4 h", "!!str 4 h").replace("[a]", "*x")
    assert [line for line, _, _ in problems(text, tmp_path)] == [3, 3, 5]


def test_a_part_like_what_is_no_part_has_no_mistake_of_its_own(tmp_path: Path) -> None:
    text = FILE.replace(KIND, "like: b").replace("roles:", "  b: 3\nroles:")
    assert [path for _, path, _ in problems(text, tmp_path)] == ["parts.b"]


def test_numbers_of_other_libraries_and_dates_are_taken(tmp_path: Path) -> None:
    """A notebook varies a design in loops over numpy's numbers."""
    import datetime as dt

    import numpy as np

    file = tmp_path / "my.yaml"
    file.write_text(FILE.replace("roles:", CREW), encoding="utf-8")
    changed = load(file).vary(
        {"parts.t.size": np.int64(3), "contract.starts": dt.date(2027, 3, 1), "parts.a.ttf": {"afr": np.float64(0.1)}}
    )  # fmt: skip
    assert changed.resolved.parts["t"]["size"] == 3
    assert changed.resolved.contract["starts"] == "2027-03-01"
    with pytest.raises(PacsimError, match="no map"):
        changed.vary(5)  # type: ignore[arg-type]
    with pytest.raises(PacsimError, match="5 is no path"):
        load(5)  # type: ignore[arg-type]
