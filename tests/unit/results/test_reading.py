"""A result's file that is not whole is refused at once, with where and what, never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.errors import PacsimError
from pacsim.pages.page import page
from pacsim.results import Result
from tests.unit.results.made import made
from tests.unit.results.test_results import figure, result

if TYPE_CHECKING:
    from pathlib import Path

HUGE = 10**400
INPUT = dict.fromkeys(("design", "path", "value", "low", "high", "status", "source", "id"), "x")


def whole() -> dict[str, Any]:
    """Return the content of a result that can be read, with all that a page needs."""
    measures = (
        "down_unplanned", "down_mixed", "down_planned", "down", "spreadsheet_down",
        "unavailability", "outages",
    )  # fmt: skip
    content: dict[str, Any] = json.loads(
        result(*(figure("one", m, 0.5) for m in measures)).to_json()
    )
    return content | {"inputs": [INPUT]}


def saved(folder: Path, content: object) -> Path:
    file = folder / "r.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def put(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return the content with another value at a path."""
    *steps, last = path.split("/")
    at: Any = content
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("rows/0/estimate", HUGE),
        ("rows/0/estimate", True),
        ("rows/0/estimate", "1"),
        ("rows/0/estimate", [1]),
        ("rows/0/n", 1.5),
        ("rows/0/n", -1),
        ("rows/0/n", HUGE),
        ("rows/0/n", "9"),
        ("rows/0/measure", None),
        ("rows/0/note", 3),
        ("rows/0/of", {}),
        ("rows/0/no_copy_of", "disks"),
        ("rows/0/no_copy_of", [1]),
        ("rows/0/point", [1]),
        ("rows/0/point", {"check": None}),
        ("rows/0", []),
        ("rows/0", {}),
        ("rows", {}),
        ("rows", None),
        ("provenance", []),
        ("provenance", None),
        ("provenance/term_years", "x"),
        ("provenance/term_years", None),
        ("provenance/term_years", 0),
        ("provenance/term_years", HUGE),
        ("provenance/replications", "100"),
        ("provenance/replications", None),
        ("provenance/replications", HUGE),
        ("provenance/precision", "2 %"),
        ("provenance/seconds", []),
        ("provenance/min_outage", "60 s"),
        ("provenance/partial", 1),
        ("provenance/role", ["store"]),
        ("provenance/versions", {"pacsim": 1}),
        ("provenance/later", HUGE),
        ("designs", []),
        ("designs", [1, 2]),
        ("designs", "one"),
        ("designs", None),
        ("designs", ["\ud800"]),
        ("inputs", ["a"]),
        ("inputs", [{}]),
        ("inputs", [INPUT | {"low": 1}]),
        ("inputs", None),
        ("warnings", [1]),
        ("warnings", "none"),
    ],
)
def test_where_and_what_is_said(tmp_path: Path, path: str, value: object) -> None:
    file = saved(tmp_path, put(whole(), path, value))
    with pytest.raises(PacsimError) as caught:
        Result.load(file)
    said = str(caught.value)
    assert said.startswith(f"{file}: is not a whole result: {path.partition('/')[0]}")
    assert "\n" not in said
    assert len(said) < 300


@pytest.mark.parametrize("value", [True, 1.0, 2.0, "1", 0, 3, None, [1], {}])
def test_the_schema_is_the_whole_number(tmp_path: Path, value: object) -> None:
    with pytest.raises(PacsimError, match=r"r\.json: schema .* is not 2"):
        Result.load(saved(tmp_path, put(whole(), "schema", value)))


def test_a_result_of_an_older_version_is_read_without_its_outages(tmp_path: Path) -> None:
    """What it says of them is no figure; the rest is as it was."""
    old = whole() | {"schema": 1, "outages": {"one": {"rows": 3, "packing": "zlib"}}}
    read = Result.load(saved(tmp_path, old))
    new = Result.load(saved(tmp_path, whole()))
    assert read.rows == new.rows
    assert read.warnings == (
        *new.warnings,
        "The outages in this file of an older version are not read; run it again with --outages.",
    )
    assert json.loads(read.to_json())["schema"] == 2


def test_an_older_result_says_who_has_no_copy_in_its_note_only(tmp_path: Path) -> None:
    """The table that is shown of it stays what it was."""
    # Sees: a design without a backup whose older result says nothing of it.
    bare = made()
    content = json.loads(bare.to_json())
    said = [one for one in content["rows"] if one.pop("no_copy_of", None)]
    assert [one["note"][:16] for one in said] == ["NO COPY of disks"] * 2
    read = Result.load(saved(tmp_path, content))
    assert read.rows == bare.rows
    assert str(read) == str(bare)
    said[0]["note"] = "NO COPY of disks, tape: what is lost there is gone; none in 9 terms"
    both = Result.load(saved(tmp_path, content)).find("p_any_loss", role="disks")[0]
    assert both.no_copy_of == ("disks", "tape")


@pytest.mark.parametrize("depth", [100, 100_000])
def test_brackets_without_end(tmp_path: Path, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    text = json.dumps(whole()).replace('"role": "store"', f'"later": {nested}, "role": "store"')
    with pytest.raises(PacsimError, match="is not a whole result"):
        Result.load(saved(tmp_path, text))


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1" * 5000])
def test_numbers_that_are_none(tmp_path: Path, number: str) -> None:
    for key in ("seconds", "later"):
        content = put(whole(), f"provenance/{key}", "here")
        text = json.dumps(content).replace('"here"', number)
        with pytest.raises(PacsimError, match="is not a whole result"):
            Result.load(saved(tmp_path, text))


def test_keys_of_later_versions_are_ignored(tmp_path: Path) -> None:
    content = whole() | {"later": {"a": [1]}}
    for path in ("rows/0", "inputs/0", "provenance"):
        put(content, f"{path}/later", {"b": 2.5})
    content["rows"][0]["estimate"] = 1
    read = Result.load(saved(tmp_path, content))
    assert read.rows[0].estimate == 1.0
    assert read.provenance["later"] == {"b": 2.5}
    assert "down, unplanned" in str(read)
    assert "later" in page(read)
    assert Result.load(saved(tmp_path, read.to_json())) == read
