"""A dump is a design that resolves to the same, and dumps to the same text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pacsim.design import Design, DesignError, design_of, diff, load
from pacsim.files.tree import dump
from tests.conformance.designs import designs

if TYPE_CHECKING:
    from pacsim.design.resolved import Resolved

pytestmark = pytest.mark.slow

SHIPPED = sorted((Path(__file__).parents[2] / "models" / "designs").glob("**/*.yaml"))
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def without_layers(resolved: Resolved) -> Resolved:
    """Return a resolved design without what is said of a value and the one it replaces."""
    warnings = tuple(w for w in resolved.warnings if "from fault to working" not in w)
    return replace(resolved, warnings=warnings)


def assert_same(design: Design, folder: Path) -> None:
    written = design.dump()
    file = folder / "again.yaml"
    file.write_text(written, encoding="utf-8")
    other = load(file)
    assert other.dump() == written
    assert without_layers(other.resolved) == without_layers(design.resolved)
    assert other.hash == design.hash
    assert diff(design, other) == []


@pytest.mark.parametrize("file", SHIPPED, ids=[f.stem for f in SHIPPED])
def test_shipped_designs(file: Path, tmp_path: Path) -> None:
    assert_same(load(file), tmp_path)


@SLOW
@given(plain=designs())
def test_random_designs(plain: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("designs")
    (folder / "my.yaml").write_text(dump(plain), encoding="utf-8")
    design = load(folder / "my.yaml")
    assert_same(design, folder)
    assert len({i.path for i in design.resolved.inputs}) == len(design.resolved.inputs)


@settings(SLOW, max_examples=20)
@given(plain=designs(), data=st.data())
def test_every_input_can_be_varied_by_its_path(
    plain: dict[str, Any], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Three inputs of a design, one after another; what is varied goes round whole at the end."""
    design = design_of(plain)
    paths = [one.path for one in design.resolved.inputs]
    chosen = data.draw(st.lists(st.sampled_from(paths), min_size=3, max_size=3, unique=True))
    as_it_is: dict[str, Any] = {}
    for path in chosen:
        written: Any = design.plain
        for key in path.split("."):
            written = written[key]
        as_it_is[path] = written
    assert design.vary(as_it_is).plain == design.plain
    changed = design
    for path in chosen:
        try:
            other = changed.vary({path: {"value": "7 h", "source": "elsewhere"}})
        except DesignError as error:
            assert all(problem.path for problem in error.problems)
            continue
        assert any(where.startswith(path) for where, _, _ in diff(changed, other))
        changed = other
    assume(changed is not design)
    assert_same(changed, tmp_path_factory.mktemp("varied"))
