"""Measures are registered once: rows, the page of the documentation and the schema agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from pacsim.api import compare
from pacsim.campaign.any_loss import AnyLossTally
from pacsim.campaign.role_tally import RoleTally
from pacsim.results.measures import BY, CAPACITY, DRAWN, MEASURES, table, unit_of
from pacsim.results.saved import schema
from pacsim.results.traffic_measures import TRAFFIC
from tests.unit.results.made import made

if TYPE_CHECKING:
    from pacsim.results import Result

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def found() -> Result:
    files = sorted((ROOT / "models" / "designs").glob("*.yaml"))
    return compare(files, replications=128, seed=9, progress=False)


def test_the_page_is_that_of_the_registry() -> None:
    page = ROOT / "docs" / "measures.md"
    assert page.read_text(encoding="utf-8") == table(), (
        "python -m pacsim.results.measures > docs/measures.md"
    )
    for one in MEASURES.values():
        assert table().count(f"| `{one.name}`") == 1


def test_rows_are_of_registered_measures(found: Result) -> None:
    """Each with the unit, the split and the comparison that the registry says; none is missing."""
    seen = {row.measure for row in found.rows}
    assert seen == {
        one.name for one in MEASURES.values() if one.group not in {*CAPACITY, *TRAFFIC, DRAWN}
    }
    for row in found.rows:
        measure = MEASURES[row.measure]
        assert row.unit == measure.unit, row
        assert row.by in {"", *measure.by}, row
        assert not row.against or measure.paired, row
    paired = {row.measure for row in found.rows if row.against}
    assert paired == {
        one.name for one in MEASURES.values() if one.paired and one.group not in TRAFFIC
    }
    assert paired == {*RoleTally.paired, *AnyLossTally.paired}
    assert {by for one in MEASURES.values() for by in one.by} == set(BY)


def test_who_does_not_register_a_measure_says_its_unit() -> None:
    """And only then: a registered one has the unit of the registry."""
    assert unit_of("queue_length", "1") == "1"
    assert unit_of("down", "1") == "h/year"


def test_a_result_is_small_and_of_the_schema(found: Result) -> None:
    """It was 18 MB for two designs, with outages that few ask for."""
    text = found.to_json()
    assert len(text.encode()) < 1_000_000
    jsonschema.Draft202012Validator.check_schema(schema())
    for content in (json.loads(text), json.loads(made().to_json())):
        content["provenance"] = json.loads(text)["provenance"]
        jsonschema.validate(content, schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", 1), ("rows/0/estimate", "1"), ("rows/0/n", -1), ("rows/0/unit", None),
        ("provenance/seed", "1"), ("designs", []), ("inputs/0", {}), ("warnings", [1]),
    ],
)  # fmt: skip
def test_the_schema_refuses(found: Result, path: str, value: object) -> None:
    content = json.loads(found.to_json())
    *steps, last = path.split("/")
    at = content
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, schema())


def test_known_measures_are_named_in_the_schema() -> None:
    named = schema()["$defs"]["_Row"]["properties"]["measure"]["anyOf"]
    assert {one["const"] for one in named if "const" in one} == set(MEASURES)
