"""Every refusal of a study file has a file that provokes it; all that is wrong is said at once.

Each file of ``wrong`` says at its top what is expected: path, beginning of the rule and of the
remedy. A rule that is added without a file fails here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import pacsim.studies
from pacsim.files.problems import DesignError, Problem
from pacsim.studies.study import Study
from tests.conformance.said import noted, reached, refusals
from tests.conformance.test_wrong_networks import expected

HERE = Path(__file__).parent
FILES = sorted((HERE / "wrong").glob("*.yaml"))
SOURCE = [
    Path(pacsim.studies.__file__).parent / f"{name}.py"
    for name in ("study_reader", "stopping_reader", "dimension_reader", "point_checks")
]
ELSEWHERE = {
    "study_reader.read_study refusal 1": "a file that is a list; see below",
}


@cache
def refused(file: Path) -> tuple[tuple[Problem, ...], set[tuple[str, int] | str]]:
    """Return what is wrong with a study, and the lines of the source that said so."""
    problems: tuple[Problem, ...] = ()

    def reads() -> None:
        nonlocal problems
        with pytest.raises(DesignError) as caught:
            Study.load(file)
        problems = caught.value.problems

    sites = noted(reads)
    return problems, sites


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_wrong_is_said_at_once(file: Path) -> None:
    # Sees: a check that is left out; a problem that follows from another one.
    wanted = expected(file)
    found = list(refused(file)[0])
    for path, rule, remedy, _ in wanted:
        fitting = [
            p
            for p in found
            if p.path == path and p.rule.startswith(rule) and p.remedy.startswith(remedy)
        ]
        assert len(fitting) == 1, (path, rule, remedy, [p for p in found if p.path == path])
        assert fitting[0].line > (len(wanted) if fitting[0].file == str(file) else 0)
        found.remove(fitting[0])
    assert found == []


def test_every_rule_has_a_file() -> None:
    found = {one for file in FILES for one in refused(file)[1]}
    sites = [site for source in SOURCE for site in refusals(source)]
    missing = [str(site) for site in sites if not reached(site, found)]
    assert sorted(missing) == sorted(ELSEWHERE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "is no study: its top level is no map"),
        ("", "is empty"),
        ("a: [", "is not YAML"),
        ("vary: {a: {path: x}, a: {path: y}}", "'a' is there twice"),
    ],
)
def test_what_is_no_study_at_all(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DesignError, match=said):
        Study.load(file)


def test_the_place_is_the_value_that_is_to_blame() -> None:
    file = HERE / "wrong/points.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [lines[p.line - 1].strip() for p in refused(file)[0] if p.path == "vary.split"]
    assert sorted(found) == ["- 0.2 %", "- 1 %"]


ODD: list[Any] = [
    None,
    True,
    -1,
    3,
    2.5,
    "x",
    "4 h",
    "5 %",
    [],
    {},
    [[]],
    {"a": "b"},
    [{"a": 1}],
    "range",
    {"path": []},
]
PLACES = ["designs", "vary", "except", "measures", "precision", "replications", "at_most", "seed", "sample", "best_of",
          "name", "question", "pacsim", "vary.a", "vary.a.path", "vary.a.paths", "vary.a.values", "vary.a.values[0]",
          "vary.a.low", "vary.a.high", "vary.a.scale", "sample.method", "sample.points", "sample.seed", "except[0]",
          "except[0].a", "measures[0]", "precision.of", "precision.relative", "at_most.replications",
          "at_most.seconds_each", "best_of.by", "best_of.best", "best_of.certainty", "best_of.indifferent"]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_anywhere_are_refused_or_fine(place: str) -> None:
    """No traceback but what is meant, with a place for each problem."""
    from pacsim.design import design_of

    one = design_of(
        {
            "pacsim": 1,
            "parts": {"a": {"type": "component", "ttf": "1 year", "ttr": "4 h"}},
            "roles": {"store": {"needs": ["a"]}},
        }
    )
    for odd in ODD:
        plain: dict[str, Any] = {
            "vary": {"a": {"path": "parts.a.ttr", "values": ["1 h", "2 h"]}},
            "measures": ["store.down"],
        }
        if place.startswith(("sample", "vary.a.low", "vary.a.high", "vary.a.scale")):
            plain["sample"] = {"method": "random", "points": 4, "seed": 2}
            plain["vary"] = {
                "a": {"path": "parts.a.ttr", "low": "1 h", "high": "2 h", "scale": "log"}
            }
        plain |= {"except": [{"a": "1 h"}]} if place.startswith("except") else {}
        plain |= {"precision": {"of": "store.down"}} if place.startswith("precision") else {}
        plain |= {"at_most": {}} if place.startswith("at_most") else {}
        best = {"by": "store.down", "indifferent": "0.1"}
        plain |= {"best_of": best} if place.startswith("best_of") else {}
        inner: Any = plain
        *steps, last = place.replace("[0]", ".0").split(".")
        for step in steps:
            inner = inner[int(step) if step == "0" else step]
        inner[int(last) if last == "0" else last] = odd
        try:
            Study.of(plain, designs=[one])
        except DesignError as error:
            assert error.problems
            assert all(problem.rule for problem in error.problems)
