"""What is declared of the kernel's data is what is packed, written and handed over."""

from typing import Annotated, Any

import numpy as np
import pytest

from pacsim.core import ModelBuilder
from pacsim.core import model as core
from pacsim.delays import Exponential
from pacsim.delays.compound import LAW
from pacsim.engines.kernel import compile as joining
from pacsim.engines.kernel import manifest, names, records
from pacsim.engines.kernel.declaring import (
    LOCAL,
    VALUE,
    Group,
    Record,
    Slots,
    columns_of,
    row_type,
)
from pacsim.engines.kernel.engine import Runner
from pacsim.engines.kernel.flatten import Flattening


def declared(name: str) -> Any:
    key, part = manifest.arguments()[name]
    group = manifest.GROUPS[key]
    return group if part is None else group.fields[part]


@pytest.fixture
def arguments(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the kernel is called with for a model that has something of everything."""
    seen: list[dict[str, Any]] = []
    given = manifest.in_order

    def kept(held: Any) -> tuple[Any, ...]:
        found = given(held)
        seen.append(dict(zip(manifest.arguments(), found, strict=True)))
        return found

    monkeypatch.setattr(manifest, "in_order", kept)
    Runner(rich(), 1000.0, 100.0).batch(1, 0, 1, trace=True)
    return seen[-1]


def rich() -> Any:
    m = ModelBuilder()
    parts = [m.element(f"e{k}", "up down", fault="down") for k in range(3)]
    for part in parts:
        part.after("up -> down", Exponential(50.0), "fail", cls="fault")
        part.after("down -> up", Exponential(5.0), "repair", cls="repair")
    m.role("role", m.all(part == "up" for part in parts))
    return m.build()


def test_arguments_have_their_declared_types(arguments: dict[str, Any]) -> None:
    for name, given in arguments.items():
        field = declared(name)
        if isinstance(field, type):
            assert issubclass(field, Slots)
            assert given.dtype == field.dtype(), name
            assert len(given) == len(field.fields), name
        elif field.kind == VALUE:
            assert np.asarray(given).dtype == field.dtype, name
        else:
            assert given.dtype == field.dtype, name


def test_arguments_have_the_sizes_of_the_model(arguments: dict[str, Any]) -> None:
    # By hand: three elements of two transitions each, one observation with ten windows.
    expected = {
        "model_transitions": 6, "model_delays": 6, "model_outcomes": 6, "model_effects": 0,
        "model_jumps": 0, "model_elements": 3, "model_graphs": 0, "model_quantities": 0,
        "model_observations": 1, "calendars_spans": 0, "calendars_opens": 0, "state_clocks": 6,
        "state_elements": 3, "state_quantities": 0, "state_observers": 1, "state_shares": 3,
        "state_heap": 6, "state_enabled": 0, "state_touched": 6, "state_stale": 0,
        "state_marked": 0, "model_state_changes": 6, "model_watchers": 1,
        "state_dirty": 1, "state_reached": 1, "state_changed": 3, "state_refilled": 6,
        "state_moves": 3, "state_phases": 8, "state_recent": 64, "counters": 31, "gauges": 3,
        "model_masks": 2, "state_away": 1, "state_raised": 1, "state_faulty": 3, "model_dormant": 0, "state_dormant": 0, "results_replayed": 1,
        "results_events": 1, "rows_episodes": 256, "rows_contributors": 259,
        "rows_samples": 256, "rows_firings": 3 * 256, "rows_changes": 256, "rows_turns": 256, "task_boundaries": 9,
    }  # fmt: skip
    assert {name: len(arguments[name]) for name in expected} == expected
    levels, gates = len(arguments["model_levels"]), len(arguments["model_gates"])
    # None of the gates is a path, so only levels have a place.
    assert len(arguments["model_plan"]) == levels
    assert 64 * len(arguments["state_work"]) > levels
    assert len(arguments["state_levels"]) == levels
    assert len(arguments["state_gates"]) == len(arguments["state_turned"]) == gates


def test_the_order_of_the_arguments_is_that_of_the_entry() -> None:
    whole = joining.joined_source()
    line = next(line for line in whole.splitlines() if line.startswith("def run("))
    assert line == f"def run({', '.join(manifest.arguments())}):"


def test_missing_and_undeclared_arguments_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="arguments of the kernel") as caught:
        manifest.in_order({"model": {"transition": 1}, "gauges": 2})
    told = str(caught.value)
    assert "model_transition is not declared" in told
    assert "model_transitions is missing" in told
    assert "counters is missing" in told
    assert "gauges is missing" not in told


def test_everything_is_written_by_those_who_are_declared_to_write_it() -> None:
    functions = joining.sources_of(joining.read_sources())
    Flattening(manifest.GROUPS, functions, joining.ENTRY)
    found: dict[tuple[str, str], set[str]] = {}
    for source in functions.values():
        for what in source.writes:
            found.setdefault(what, set()).add(source.module)
    outside = {"packing", "engine"}
    for group in manifest.GROUPS.values():
        for field in group.fields.values():
            modules = set(field.by) - outside
            if field.group == "calendars" and field.name not in {"spans", "civil"}:
                # Filled by functions of `delays`, which get slices of them.
                assert modules <= {"start"}
                continue
            assert found.get((field.group, field.name), set()) == modules, field.flat


def test_every_field_is_used() -> None:
    functions = joining.sources_of(joining.read_sources())
    whole = Flattening(manifest.GROUPS, functions, joining.ENTRY)
    used = whole.needs(joining.ENTRY)
    text = joining.joined_source().split("@numba", 1)[1]
    for group in manifest.GROUPS.values():
        for field in group.fields.values():
            if issubclass(group, Slots):
                assert f"[U({field.flat})]" in text, field.flat
            else:
                assert (field.group, field.name) in used, field.flat
            assert field.kind == LOCAL or field.by


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (records.EpisodeRow, core.EPISODE),
        (records.SampleRow, core.SAMPLE),
        (records.FiringRow, core.FIRING),
        (records.ChangeRow, core.CHANGE),
        (records.TurnRow, core.TURN),
        (records.ContributorRow, core.CONTRIBUTOR),
        (records.LawRow, LAW),
    ],
)
def test_rows_have_the_columns_of_what_is_made_of_them(
    row: type[Record], kind: np.dtype[Any]
) -> None:
    assert set(columns_of(row)) == set(kind.names or ())
    assert all(row_type(row)[name].shape == kind[name].shape for name in columns_of(row))


def test_a_full_buffer_is_told_by_its_place_among_the_rows() -> None:
    numbers = {
        "episodes": names.FULL_EPISODES,
        "contributors": names.FULL_CONTRIBUTORS,
        "samples": names.FULL_SAMPLES,
        "firings": names.FULL_FIRINGS,
        "changes": names.FULL_CHANGES,
        "turns": names.FULL_TURNS,
    }
    assert list(manifest.RowsGroup.fields) == sorted(numbers, key=numbers.__getitem__)


def test_the_fingerprint_covers_types_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    before = joining.fingerprint(joining.joined_source())
    assert joining.fingerprint(joining.joined_source()) == before
    gauges = type("GaugesGroup", (Slots,), _with(manifest.GaugesGroup, "last", np.float32))
    monkeypatch.setitem(manifest.GROUPS, "gauges", gauges)
    assert joining.fingerprint(joining.joined_source()) != before


def _with(group: type[Group], name: str, kind: type) -> dict[str, Any]:
    """Return the body of a class like a group, all of whose numbers have another type."""
    fields = group.fields
    assert name in fields
    return {"__annotations__": dict.fromkeys(fields, Annotated[float, kind]), **fields}
