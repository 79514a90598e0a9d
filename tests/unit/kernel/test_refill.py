"""Tables that are refilled have the bits of those that are packed anew, whichever number differs."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.design import Design, load
from pacsim.design.build import build
from pacsim.engines.kernel import Runner
from pacsim.engines.kernel.tables import Packer
from pacsim.files.problems import DesignError
from pacsim.studies.input_ranges import input_ranges, slots_of
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = Path(__file__).parents[3] / "models" / "designs"
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FILES = ("single-server.yaml", *(("active-passive.yaml", "active-active.yaml") if DEEP else ()))
EACH = 1000 if DEEP else 2
"""Inputs of each kind that are tried; all of them in the deep profile, which takes minutes."""
WORK = frozenset({"opens", "closes", "starts", "ends", "speeds", "sums"})
"""Of calendars: filled as a replication begins."""


def differing(one: Runner, other: Runner) -> Iterator[str]:
    """Yield the tables that differ in any bit, padding apart."""
    assert one.tables.dimensions == other.tables.dimensions
    groups = (
        (one.tables.model, other.tables.model),
        (one.tables.calendars, other.tables.calendars),
    )
    for k, (mine, theirs) in enumerate(groups):
        assert list(mine) == list(theirs)
        for name, table in mine.items():
            if k == 1 and name in WORK:
                continue
            also = theirs[name]
            columns = [table[c] for c in table.dtype.names or ()] or [table]
            others = [also[c] for c in also.dtype.names or ()] or [also]
            if table.shape != also.shape or any(
                a.tobytes() != b.tobytes() for a, b in zip(columns, others, strict=True)
            ):
                yield name


def runner(design: Design, like: Runner | None = None) -> Runner:
    return Runner(
        build(design.resolved).model, design.resolved.contract.number("term"), YEAR, like=like
    )


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_every_input_at_both_ends_of_its_range(file: str) -> None:
    """Sees: a column that is not refilled; laws that are numbered in another order."""
    base = load(MODELS / file)
    known = runner(base)
    tried = cheap = 0
    whole = 0
    slots, kinds = slots_of(base), Counter[str]()
    for path, found in sorted(input_ranges(base).items()):
        kind = slots[path].kind
        kinds[kind] += 1
        if kinds[kind] > EACH:
            continue
        for at in (found.low, found.high):
            try:
                design = base.vary({path: found.written(at)})
            except DesignError:
                continue
            made, packed = runner(design, known), runner(design)
            assert list(differing(made, packed)) == [], path
            tried, cheap = tried + 1, cheap + made.refilled
            whole += kind == "count"
    assert tried > 3
    assert cheap >= 0.9 * (tried - whole), "a count adds and removes elements, other inputs hardly"


def test_another_structure_is_packed_anew() -> None:
    base = load(MODELS / "active-passive.yaml")
    known = runner(base)
    for changes in (
        {"parts.ups-b": None, "parts.server-b.power": ["pdu-b"]},
        {"practices.failover_tests": {"every": "3 months"}},
        {"groups.pacs.success": "100 %"},
    ):
        try:
            design = base.vary(changes)
        except DesignError:
            continue
        made = runner(design, known)
        assert list(differing(made, runner(design))) == []


def test_batches_of_both_are_the_same() -> None:
    base = load(MODELS / "single-server.yaml")
    path, found = next(iter(sorted(input_ranges(base).items())))
    design = base.vary({path: found.written(found.high)})
    one, other = runner(design, runner(base)), runner(design)
    assert one.refilled
    a, b = one.batch(3, 0, 64), other.batch(3, 0, 64)
    for name in ("values", "events", "episodes"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


def test_it_is_refilled_and_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    base = load(MODELS / "single-server.yaml")
    known = runner(base)

    def never(*_: object) -> None:
        pytest.fail("packed anew")

    monkeypatch.setattr(Packer, "tables", never)
    assert runner(base, known).refilled
    assert np.array_equal(known.tables.model["reals"], runner(base, known).tables.model["reals"])
