"""``schema``, ``catalogue``, ``show`` and ``check``: what they print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from pacsim.cli.main import application
from pacsim.cli.schema import types
from pacsim.design import load
from pacsim.files.tree import read

if TYPE_CHECKING:
    from pacsim.files.problems import Problem

DESIGNS = sorted((Path(__file__).parents[3] / "models" / "designs").glob("*.yaml"))


def say(*arguments: str, code: int = 0) -> str:
    """Return what a command prints; hold it to its exit code."""
    done = CliRunner().invoke(application(), list(arguments))
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    """Return the schema of a design, itself looked at once: that takes longest by far."""
    said = json.loads(say("schema", "--json"))
    jsonschema.Draft202012Validator.check_schema(said)
    return jsonschema.Draft202012Validator(said)


def test_every_type_has_a_table_and_a_schema() -> None:
    listed = say("schema")
    for name, kind in types().items():
        assert name in listed
        text = say("schema", name)
        assert all(slot.name in text for slot in kind.slots), name
        assert max(map(len, text.splitlines())) <= 100, name
        words = " ".join(text.split())
        for slot in kind.slots:
            assert f" {slot.name}" in text
            assert " ".join(slot.doc.split()) in words
        schema = json.loads(say("schema", name, "--json"))
        jsonschema.Draft202012Validator.check_schema(schema)
        assert set(schema["properties"]) >= {slot.name for slot in kind.slots}
    assert 'did you mean "server"' in say("schema", "servr", code=1)


@pytest.mark.parametrize("file", DESIGNS, ids=[file.stem for file in DESIGNS])
def test_the_schema_of_a_design_accepts_what_the_loader_accepts(
    file: Path, schema: jsonschema.Draft202012Validator
) -> None:
    written: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    resolved: Any = yaml.safe_load(load(file).dump())
    schema.validate(resolved)
    wrong = {**written, "rolls": {}}
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(wrong)


WRITTEN = [*DESIGNS, *sorted((DESIGNS[0].parent / "base").glob("*.yaml"))]
NULLS: list[dict[str, Any]] = [
    {"parts": {"ups-b": None}},
    {"parts": None},
    {"groups": None},
    {"groups": {"pacs": None}},
    {"roles": {"read": None}},
    {"practices": None},
    {"practices": {"maintenance": None}},
    {"practices": {"maintenance": {"windows": None}}},
    {"practices": {"support": None}},
    {"practices": {"procedures": None}},
    {"parts": {"array": {"support": None, "from": None, "disk_replace": None, "power": None}}},
    {"parts": {"server-a": {"network": None, "like": None}}},
    {"groups": {"pacs": {"fencing": None, "standby": None, "check": {"fall": None}}}},
    {"catalogue": 2026.1},
]


def as_written(file: Path) -> Any:
    """Return what stands in a file, where as in YAML 1.2 `on` is a word and a date a text."""
    problems: list[Problem] = []
    tree = read(file, problems)
    assert tree is not None, problems
    return tree.plain()


@pytest.mark.parametrize("file", WRITTEN, ids=[file.stem for file in WRITTEN])
def test_the_schema_takes_designs_as_they_are_written(
    file: Path, schema: jsonschema.Draft202012Validator
) -> None:
    written = as_written(file)
    schema.validate(written)
    for overlay in NULLS:
        schema.validate({**written, **overlay})
        schema.validate({"extends": file.name, **overlay})


def test_the_schema_takes_no_null_for_the_format(schema: jsonschema.Draft202012Validator) -> None:
    for wrong in ({"pacsim": None}, {"extends": None}, {"parts": {"a": {"type": None}}}):
        with pytest.raises(jsonschema.ValidationError):
            schema.validate(wrong)


def test_what_an_overlay_takes_away_is_loaded(
    tmp_path: Path, schema: jsonschema.Draft202012Validator
) -> None:
    base = DESIGNS[0].parent / "active-passive.yaml"
    file = tmp_path / "without.yaml"
    file.write_text(
        f"pacsim: 1\ncatalogue: 2026.1\nextends: {base}\n"
        "parts: {ups-pair: null}\npractices: {maintenance: null}\n"
    )
    schema.validate(as_written(file))
    assert "ups-pair" not in load(file).resolved.parts


def test_the_catalogue_is_searched() -> None:
    whole = say("catalogue", "hum.failover_success")
    assert "source" in whole
    assert "status" in whole
    assert len(say("catalogue").splitlines()) == 570
    assert "fo.mount" in say("catalogue", "mount")
    assert "fails" in say("catalogue", "server_dual_psu")
    assert "did you mean" in say("catalogue", "srv.repiar", code=1)


def test_show_names_what_is_not_modelled() -> None:
    text = say("show", str(DESIGNS[0]))
    assert "# Entries of bundles that are not modelled, and why:" in text
    assert yaml.safe_load(text)["pacsim"] == 1


def test_check_counts() -> None:
    text = say("check", *map(str, DESIGNS))
    assert text.count(": fine: ") == len(DESIGNS)
    assert "assumed" in text
    assert "cannot be read" in say("check", "none.yaml", code=1)


def test_the_schema_takes_keys_where_older_files_write_them(
    schema: jsonschema.Draft202012Validator,
) -> None:
    """A heartbeat inside fencing is read, so an editor has nothing against it."""
    old = as_written(Path(__file__).parents[2] / "field" / "fence-race.yaml")
    assert "heartbeat" in old["groups"]["pacs"]["fencing"]
    schema.validate(old)


def test_the_schema_of_a_design_accepts_shipped_workloads(
    tmp_path: Path, schema: jsonschema.Draft202012Validator
) -> None:
    """As they are written, laid under a design, and written out in full."""
    models = DESIGNS[0].parents[1]
    for file in sorted((models / "workloads").glob("*.yaml")):
        plain = yaml.safe_load(file.read_text(encoding="utf-8"))
        design = {
            "pacsim": 1,
            "extends": str(models / "designs" / "active-passive.yaml"),
            "workload": {"from": str(file), "archive": "pacs",
                         "at": {"modalities": "radiology", "readers": "reading-rooms"}},
        }  # fmt: skip
        mine = tmp_path / "mine.yaml"
        mine.write_text(yaml.safe_dump(design), encoding="utf-8")
        schema.validate(design)
        schema.validate(yaml.safe_load(load(mine).dump()))
        kept = {k: v for k, v in plain.items() if k not in {"pacsim", "catalogue"}}
        schema.validate({"pacsim": 1, "workload": kept})
        assert f"workload {plain['name']} at pacs" in say("check", str(mine))
