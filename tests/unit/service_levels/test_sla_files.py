"""SLA files: what they say, and everything that is wrong with one, at once and with its line."""

from __future__ import annotations

import ast
import inspect
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pacsim import DesignError, ServiceLevel, score
from pacsim.design.diagnostics import Diagnostics
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.tree import read_trusted
from pacsim.service_levels import sla_reader
from pacsim.service_levels.civil_windows import Period
from pacsim.service_levels.contract_terms import (
    CountedKinds,
    MeasuredRoles,
    OutageLimits,
    ServiceCredits,
)
from tests.unit.service_levels.test_on_designs import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED = sorted(Path("models/sla").glob("*.yaml"))
TEXT = """pacsim: 1
name: three nines
measures: store
counts: {unplanned: yes, planned: {free: 4 h/month}, mixed: yes, degraded: no}
shortest: 5 min
merge: 1 min
hours: 24x7
window: month
target: 99.9 %
credits: {below: {99.9 %: 10 %, 99.0 %: 25 %, 95.0 %: 100 %}, of: 5 000 EUR/month, cap: 80 %}
limits: {longest: 4 h, number: 3 /quarter}
source: a contract
"""
LEAST = {"pacsim": 1, "measures": "store", "window": "month", "target": "99 %"}


def test_every_key_is_read(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(TEXT)
    expected = ServiceLevel(
        "three nines",
        MeasuredRoles(("store",)),
        0.999,
        Period("month"),
        counts=CountedKinds(free=4 * 3600.0, free_in=Period("month")),
        shortest=300.0,
        merge=60.0,
        credits=ServiceCredits(
            ((0.999, 0.1), (0.99, 0.25), (0.95, 1.0)), 5000.0, "EUR", Period("month"), 0.8
        ),
        limits=OutageLimits(4 * 3600.0, 3, Period("quarter")),
        source="a contract",
    )
    found = ServiceLevel.load(file)
    assert found == expected
    assert (found.file, found.line) == (str(file), 3)
    assert ServiceLevel.of(read_trusted(TEXT.replace("yes", "true").replace(": no", ": false"))) == expected  # fmt: skip


def test_what_is_left_out_is_as_little_as_can_be() -> None:
    """Everything counts, at all hours, nothing is closed, left out, limited or paid."""
    found = ServiceLevel.of(LEAST, "folder/mine.yaml")
    assert found == ServiceLevel("mine", MeasuredRoles(("store",)), 0.99, Period("month"))
    assert (found.counts, found.hours, found.credits) == (CountedKinds(), None, None)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_levels_are_fine_and_say_where_they_are_from(file: Path) -> None:
    found = ServiceLevel.load(file)
    assert found.source
    scores = score({"one": kept([(0, 3.0, 10.0)], 20)}, found) if found.measured.roles == ("store",) else None  # fmt: skip
    assert scores is None or found.source in " ".join(str(scores).split())


def test_a_calendar_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "day.yaml").write_text('hours: ["mon-sat 07:00-19:00"]\nclosed: [2026-12-25]')
    found = ServiceLevel.of(LEAST | {"hours": "day.yaml"}, str(tmp_path / "my.yaml"))
    assert found.hours is not None
    assert (found.hours.name, len(found.hours.weekly)) == ("day", 6)
    named = ServiceLevel.of(LEAST | {"hours": {"hours": ["fri 09:00-12:00"]}}).hours
    assert named is not None
    assert named.name == "fri 09:00-12:00"


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"target": "100.1 %"}, {"target": "'100.1 %' is over 100 %; write 100 % or less"}),
    ({"target": 99.9}, {"target": "'99.9' is over 100 %; write '99.9 %'"}),
    ({"target": "0 %"}, {"target": "is not over 0 %"}),
    ({"target": "99.9 h"}, {"target": "has the unit 'h'"}),
    ({"target": "99,9 %"}, {"target": "'99,9 %' has a comma; write '99.9 %', with a point"}),
    ({"shortest": "1,5 min"}, {"shortest": "'1,5 min' has a comma; write '1.5 min', with a point"}),
    ({"measures": " "}, {"measures": "is no role and no choice of roles"}),
    ({"measures": {"any": ["a", ""]}}, {"measures.any[1]": "is no role"}),
    ({"limits": {}}, {"limits": "has no limit; write longest: 4 h"}),
    ({"counts": {"planned": {"free": "744 h/month"}}}, {"counts.planned.free": "'744 h/month' is all of a month and more; write no if none of it counts"}),
    ({"credits": {"below": {"99 %": "10 %", "95 %": "50 %"}, "cap": "5 %"}}, {"credits.cap": "is less than the first credit, 10 %; write a larger cap"}),
    ({"target": ["99 %"]}, {"target": "is no number with a unit"}),
    ({"target": None, "window": None}, {"target": "is missing", "window": "is missing"}),
    ({"measures": None}, {"measures": "is missing; write measures: store"}),
    ({"measures": ["store"]}, {"measures": "is no role and no choice of roles"}),
    ({"measures": {"some": ["store"]}}, {"measures.some": 'unknown key "some"'}),
    ({"measures": {"any": "store"}}, {"measures.any": "is no list of roles"}),
    ({"measures": {"any": ["a", 3]}}, {"measures.any[1]": "is no role"}),
    ({"measures": {"all": ["a", "b", "a"]}}, {"measures.all[0]": "is there twice", "measures.all[2]": "is there twice"}),
    ({"window": "monthly"}, {"window": "'monthly' is no window; did you mean \"month\"?"}),
    ({"window": 12}, {"window": "12 is no window; known: month, quarter, year, term"}),
    ({"window": "fiscal_year"}, {"window": "begins in a month"}),
    ({"window": {"fiscal_year": 4}}, {"window.fiscal_year": "4 is no month"}),
    ({"window": {"fiscal": "april"}}, {"window": "is no window"}),
    ({"pacsim": 2}, {"pacsim": "no format version"}),
    ({"name": ["x"]}, {"name": "is no text"}),
    ({"taget": "99 %"}, {"taget": 'unknown key "taget"; did you mean "target"?'}),
    ({"counts": "all"}, {"counts": "is no map"}),
    ({"counts": {"unplaned": True}}, {"counts.unplaned": 'did you mean "unplanned"?'}),
    ({"counts": {"mixed": "maybe"}}, {"counts.mixed": "'maybe' is neither yes nor no"}),
    ({"counts": {"planned": {"fre": "4 h/month"}}}, {"counts.planned.fre": "unknown key", "counts.planned": "has no allowance"}),
    ({"counts": {"planned": {"free": "4 h"}}}, {"counts.planned.free": "it has no period"}),
    ({"counts": {"planned": {"free": "4 h/moon"}}}, {"counts.planned.free": "'moon' is no period"}),
    ({"counts": {"planned": {"free": "-4 h/month"}}}, {"counts.planned.free": "is below 0"}),
    ({"counts": {"planned": False, "unplanned": False, "mixed": "no"}}, {"counts": "no kind of down time counts"}),
    ({"shortest": 5, "merge": "x"}, {"shortest": "has no unit", "merge": "does not begin with a number"}),
    ({"hours": "office"}, {"hours": 'no calendar "office"; write 24x7, a file (looked for office)'}),
    ({"hours": {"hours": ["mon-fri 25:00-26:00"]}}, {"hours.hours": "cannot read"}),
    ({"hours": {"opens": "08:00"}}, {"hours.opens": "unknown key", "hours.hours": "no hours"}),
    ({"credits": "10 %"}, {"credits": "is no map"}),
    ({"credits": {"of": "5 EUR/month"}}, {"credits.below": "has no availabilities"}),
    ({"credits": {"below": {"99 %": "5 %", "99.5 %": "9 %"}}}, {"credits.below.99.5 %": "credits must fall with availability"}),
    ({"credits": {"below": {"99 %": "5 %", "98 %": "5 %"}}}, {"credits.below.98 %": "pays 5 %, no more than for a better availability"}),
    ({"credits": {"below": {"99.9 %": "5 %"}}}, {"credits.below.99.9 %": "pays although the target is met"}),
    ({"credits": {"below": {"x": "5 %", "98 %": "0 %"}}}, {"credits.below.x": "does not begin", "credits.below.98 %": "is not over 0 %"}),
    ({"credits": {"below": {"99 %": "5 %"}, "of": "5 /month", "cap": "110 %"}}, {"credits.of": "is no money", "credits.cap": "is over 100 %"}),
    ({"limits": {"longest": "4", "number": "3.5 /quarter", "most": 3}}, {"limits.longest": "has no unit", "limits.number": "is no whole number", "limits.most": "unknown key"}),
    ({"limits": 4}, {"limits": "is no map"}),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), WRONG)
def test_what_is_wrong(changed: dict[str, Any], expected: dict[str, str]) -> None:
    with pytest.raises(DesignError) as caught:
        ServiceLevel.of(LEAST | changed)
    found = {one.path: f"{one.rule}; {one.remedy}" for one in caught.value.problems}
    assert set(found) == set(expected)
    assert len(found) == len(caught.value.problems)
    for path, said in expected.items():
        assert said in found[path], found[path]


def sites() -> set[int]:
    """Return the lines of the reader from which something is said."""
    tree = ast.parse(inspect.getsource(sla_reader))
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "problem"
    }


def test_every_rule_has_a_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A refusal that is added to the reader without a case fails here."""
    reached: set[int] = set()
    noted = Diagnostics.problem

    def noting(*given: Any) -> None:
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == sla_reader.__file__:
                reached.add(frame.f_lineno)
            frame = frame.f_back
        noted(*given)

    monkeypatch.setattr(Diagnostics, "problem", noting)
    for changed, _ in WRONG:
        with pytest.raises(DesignError):
            ServiceLevel.of(LEAST | changed)
    file = tmp_path / "my.yaml"
    file.write_text("[1]")
    with pytest.raises(DesignError):
        ServiceLevel.load(file)
    with pytest.raises(DesignError, match="is nested too deeply; check the brackets"):
        ServiceLevel.of(LEAST | {"window": deep()})
    assert sites() - reached == set()


def deep() -> list[Any]:
    """Return a list in a list in a list, more than can be read."""
    made: list[Any] = []
    for _ in range(5000):
        made = [made]
    return made


def test_everything_at_once_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    text = TEXT.replace("99.9 %\n", "199.9 %\n").replace("5 min", "5").replace("24x7", "office")
    file.write_text(text)
    with pytest.raises(DesignError) as caught:
        ServiceLevel.load(file)
    assert [(one.file, one.line, one.path) for one in caught.value.problems] == [
        (str(file), 5, "shortest"), (str(file), 7, "hours"), (str(file), 9, "target"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; see models/sla for examples"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a: [", "is not YAML"),
        (b"- 1", "is no service level; see models/sla"),
        (b"a: &x 1", "an anchor or alias is not allowed"),
        (b"a: 1\n---\nb: 2", "a second document"),
        (b"target: 99 %\ntarget: 98 %", "is there twice"),
    ],
)
def test_what_is_no_service_level(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "my.yaml"
    file.write_bytes(content)
    with pytest.raises(DesignError) as caught:
        ServiceLevel.load(file)
    assert says in str(caught.value)


def test_files_that_are_not_there_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(DesignError) as caught:
        score({"one": kept([], 5)}, [tmp_path / "a.yaml", tmp_path, LEAST | {"target": "x"}])
    text = str(caught.value)
    assert "a.yaml: 1 problem\n  cannot be read: No such file or directory" in text
    assert "is a folder, and a file is wanted" in text
    assert "target" in text


def test_what_is_no_list_of_service_levels() -> None:
    one = {"one": kept([], 5)}
    with pytest.raises(ArgumentError, match="no service level given"):
        score(one, [])
    with pytest.raises(ArgumentTypeError, match="3 is no service level"):
        score(one, [LEAST, 3])
    with pytest.raises(ArgumentError, match="two service levels are called 'sla'"):
        score(one, [LEAST, LEAST])


def mutated(draw: random.Random, text: str) -> str:
    """Return a text with some of it left out, put twice, put elsewhere or changed."""
    for _ in range(draw.randint(1, 3)):
        a, b = sorted(draw.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + draw.choice([1, 2, 8, 40]))
        odd = ["", text[a:b] * 2, "x", "-1", "{", "]", ": ", "\n", "\t", "99 %", "null", "é", "\0",
               "1e999", "/month", "{free: 4 h/month}", "  ", "'", "9" * 400]  # fmt: skip
        text = text[:a] + draw.choice(odd) + text[b:]
    return text


def texts() -> Iterator[str]:
    yield TEXT
    yield from (file.read_text(encoding="utf-8") for file in SHIPPED)


def test_mutated_files_give_no_traceback(tmp_path: Path) -> None:
    """Each is read, and scores, or is refused with file and rule. Sees: any other error."""
    outages = {"one": kept([(0, 30.5, 40.0), (3, 200.0, 2.0)], 8)}
    file = tmp_path / "my.yaml"
    read = 0
    for number in range(600):
        draw = random.Random(number)
        file.write_text(mutated(draw, draw.choice(list(texts()))), encoding="utf-8")
        try:
            found = ServiceLevel.load(file)
        except DesignError as error:
            assert all(one.rule and one.file == str(file) for one in error.problems)
            continue
        if found.measured.roles == ("store",):
            str(score(outages, found))
        read += 1
    assert 60 < read < 540
