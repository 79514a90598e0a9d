"""Saying what holds anyway changes nothing: a slot varied to what is printed for it.

`same` is the property, for any design and path; the repairs of the shipped designs are tried one
by one, in a variation and in a file over the design, the other slots by their resolved values.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.design import Design, design_of, diff, load
from pacsim.design.build import build
from pacsim.files.tree import dump
from pacsim.parts.slots import RecordType

if TYPE_CHECKING:
    from pacsim.core import Model

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DESIGNS = sorted((ROOT / "models" / "designs").glob("*.yaml"))
CONTRACTS = {"4h": "24x7-4h.yaml", "nbd": "next-business-day.yaml", "none": None}


def shown(design: Design, path: str) -> Any:
    """Return what is printed for a path."""
    written: Any = design.plain
    for key in path.split("."):
        written = written[key]
    return written


def as_built(design: Design) -> Model:
    """Return the built model: states, laws, guards, names."""
    return build(design.resolved).model


def resolved(design: Design) -> Any:
    """Return what was resolved, without what was noted on the way."""
    one = design.resolved
    return one.parts, one.groups, one.roles, one.practices, one.contract, one.archive


def same(design: Design, path: str) -> bool:
    """Return whether a design with the value of a path written out is the design."""
    other = design.vary({path: shown(design, path)})
    return resolved(other) == resolved(design) and other.dump() == design.dump()


def repairs(design: Design) -> list[str]:
    """Return the paths of all repairs, as they are printed."""
    paths = []
    for name, part in design.resolved.parts.items():
        assert isinstance(part.kind, RecordType)
        keys = [key for slot in part.kind.slots if slot.covers for key in (slot.name, slot.also)]
        paths += [f"parts.{name}.{key}" for key in keys if key in design.plain["parts"][name]]
    return paths


def under(file: Path, contract: str) -> Design:
    found = CONTRACTS[contract]
    where = None if found is None else str(ROOT / "models" / "support" / found)
    return load(file).vary({"practices.support": where})


@pytest.mark.parametrize("file", DESIGNS, ids=[f.stem for f in DESIGNS])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_repair_written_out_changes_nothing(file: Path, contract: str, tmp_path: Path) -> None:
    # Sees: a value that comes back by the other key, under no contract, or without its twin.
    design = under(file, contract)
    model, paths = as_built(design), repairs(design)
    assert len(paths) > 10
    for path in paths:
        assert same(design, path), path
        other = design.vary({path: shown(design, path)})
        assert as_built(other) == model, path
    # All of them in a file over the design.
    parts: dict[str, Any] = {}
    for path in paths:
        _, name, key = path.split(".")
        parts.setdefault(name, {})[key] = shown(design, path)
    support = design.plain["practices"].get("support")
    own = {"pacsim": 1, "extends": str(file), "parts": parts, "practices": {"support": support}}
    (tmp_path / "my.yaml").write_text(dump(own), encoding="utf-8")
    mine = load(tmp_path / "my.yaml")
    assert as_built(mine) == model
    assert mine.resolved.parts == design.resolved.parts


@pytest.mark.parametrize("file", DESIGNS, ids=[f.stem for f in DESIGNS])
def test_a_slot_written_out_changes_nothing(file: Path) -> None:
    """Slots of any kind: numbers, names, feeds, calendars, records, words."""
    # Sees: a number with its origin read otherwise than the same one by its catalogue entry.
    design = load(file)
    fixed = {"type", "from", "pacsim", "catalogue"}
    found = diff(design, design_of({"pacsim": 1}))
    paths = [path for path, mine, _ in found if mine is not None]
    paths = [path for path in paths if path.rpartition(".")[2] not in fixed]
    assert len(paths) > 130
    # One in three: each is a design resolved anew.
    assert [path for path in paths[::3] if not same(design, path)] == []
