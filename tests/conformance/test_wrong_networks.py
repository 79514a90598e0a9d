"""Wrong networks, a file each: path, rule and remedy of every problem stand at its top.

A line at the top is ``path | rule | remedy | what it holds``; the last two may be left out, and
what is said begins with the rule and the remedy that stand there.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pacsim.design import DesignError, load
from pacsim.parts import bond, cloud, firewall, wan
from pacsim.parts.slots import REQUIRED, RecordType

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "wrong_networks"
FILES = sorted(FOLDER.glob("*.yaml"))
MODULES = (bond, cloud, firewall, wan)
OF_PATHS = {"path", "peak"}
"""Rules of a design's wiring that concern these parts."""


def expected(file: Path) -> list[tuple[str, str, str, str]]:
    """Return path, rule, remedy and what is held of each problem that a file should have."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [line.removeprefix("# ").split("|") for line in lines if line.startswith("# ")][1:]
    full = [[cell.strip() for cell in row] + [""] * (4 - len(row)) for row in rows]
    return [(row[0], row[1], row[2], row[3]) for row in full]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_problem_is_said_and_no_other(file: Path) -> None:
    # Sees: a check that is left out; a problem that follows from another one.
    wanted = expected(file)
    assert wanted
    with pytest.raises(DesignError) as caught:
        load(file)
    found = {p.path: p for p in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    assert sorted(found) == sorted(path for path, *_ in wanted)
    for path, rule, remedy, _ in wanted:
        assert found[path].rule.startswith(rule), found[path].rule
        assert found[path].remedy.startswith(remedy), found[path].remedy
        assert found[path].line > len(wanted)


def rules(kind: RecordType, module: object) -> Iterator[str]:
    """Yield what a type refuses: by its slots, and by its own check."""
    for slot in kind.slots:
        name = f"{kind.name}.{slot.name}"
        if REQUIRED in (slot.default, slot.without[1] if slot.without else None):
            yield f"{name} required"
        if slot.positive:
            yield f"{name} positive"
        if slot.below is not None:
            yield f"{name} below"
        if slot.kind == "throughput":
            yield f"{name} throughput"
    if kind.check is not None:
        # Each note that it may make is a rule; a second one needs a name and a file of its own.
        notes = [
            node
            for node in ast.walk(ast.parse(inspect.getsource(kind.check)))
            if isinstance(node, ast.Attribute) and node.attr == "problem"
        ]
        assert len(notes) == 1, module
        yield f"{kind.name} check"


def test_every_rule_of_these_parts_has_a_file() -> None:
    wanted = {rule for module in MODULES for rule in rules(module.TYPE, module)} | OF_PATHS
    held = {what for file in FILES for *_, what in expected(file) if what}
    assert held == wanted


def test_files_that_are_right_but_for_one_line(tmp_path: Path) -> None:
    """The remedy of each file with a check of its own is one that helps."""
    text = (FOLDER / "wan-life-and-availability.yaml").read_text(encoding="utf-8")
    file = tmp_path / "my.yaml"
    file.write_text(text.replace("fails: 2", "availability: null, fails: 2"), encoding="utf-8")
    assert load(file).resolved.parts["isp"].law("fails").mean() == 2 * 8760 * 3600.0
    text = (FOLDER / "peak-too-high.yaml").read_text(encoding="utf-8")
    for old, new in (("peak: 400", "peak: 300"), ("capacity: 300", "capacity: 400")):
        file.write_text(text.replace(old, new), encoding="utf-8")
        assert load(file).resolved.parts["radiology"]["peak"] > 0
    file.write_text(text.replace("links: 2", "links: 1"), encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        load(file)
    said = {p.path: p.rule for p in caught.value.problems}
    assert sorted(said) == ["parts.clinic.peak", "parts.radiology.peak"]
    assert "the widest carries 200 Mbit/s" in said["parts.clinic.peak"]
