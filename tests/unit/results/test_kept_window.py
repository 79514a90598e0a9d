"""The worst window of a result: saved, read back strictly, and drawn as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pytest

from pacsim.errors import PacsimError
from pacsim.pages.page import page
from pacsim.plots import episode
from pacsim.plots.window_picture import LOOKS, title
from pacsim.results import Result
from pacsim.results.kept_window import UNUSUAL
from pacsim.results.saved import schema
from tests.oracle.traffic.test_episode import failover
from tests.unit.results.made import A, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def kept() -> Result:
    """Return a result with a window."""
    return replace(made(), windows={A: failover().kept()})


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    result = kept()
    result.save(tmp_path / "result.json")
    assert Result.load(tmp_path / "result.json") == result
    known = schema()
    part = {**known["properties"]["windows"], "$defs": known["$defs"]}
    jsonschema.validate(json.loads(result.to_json())["windows"], part)
    assert "windows" not in known["required"]


def test_without_a_window_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert "windows" not in json.loads(made().to_json())
    made().save(tmp_path / "result.json")
    assert Result.load(tmp_path / "result.json").windows == {}


def test_it_draws_the_same_picture() -> None:
    found = failover()
    one, other = episode(found), episode(found.kept())
    assert title(found) == title(found.kept())
    for a, b in zip(one, other, strict=True):
        assert [t.get_text() for t in a.texts] == [t.get_text() for t in b.texts]
        assert [t.get_text() for t in a.get_yticklabels()] == [
            t.get_text() for t in b.get_yticklabels()
        ]
        assert len(a.lines) == len(b.lines)
        for x, y in zip(a.lines, b.lines, strict=True):
            assert np.array_equal(np.asarray(x.get_xydata()), np.asarray(y.get_xydata()))
        assert [str(p) for p in a.patches] == [str(p) for p in b.patches]


def test_every_state_has_a_look() -> None:
    assert set(UNUSUAL) == set(LOOKS)


def cut(content: dict[str, Any]) -> None:
    content["modalities"][0]["exams"].pop()


def shuffled(content: dict[str, Any]) -> None:
    content["end"] = content["start"]


def dateless(content: dict[str, Any]) -> None:
    content["began"] = "some day"


def strange(content: dict[str, Any]) -> None:
    content["conditions"][0]["spans"][0] |= {"state": "on fire", "usual": False}


def barless(content: dict[str, Any]) -> None:
    content["conditions"] = []


def uneven(content: dict[str, Any]) -> None:
    content["operations"]["slow"].append(1)


def falling(content: dict[str, Any]) -> None:
    content["modalities"][0]["times"].reverse()


def late(content: dict[str, Any]) -> None:
    content["modalities"][0]["times"][0] += 1.0


def endless(content: dict[str, Any]) -> None:
    content["end"] = 1e300


@pytest.mark.parametrize(
    "harm", [cut, shuffled, dateless, strange, barless, uneven, falling, late, endless]
)
def test_a_mangled_one_is_refused(harm: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    content = json.loads(kept().to_json())
    harm(content["windows"][A])
    file = tmp_path / "result.json"
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(PacsimError, match=r"is not a whole result: windows"):
        Result.load(file)


def test_the_page_shows_it_with_its_names_escaped() -> None:
    name = "Tom & <b>Jerry</b>"
    found = replace(made(), windows={name: failover().kept()})
    text = page(found)
    assert "The worst window of the traffic of Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;" in text
    assert "<b>Jerry" not in text
    assert text.count("<svg") == 2
    assert "The worst window" not in page(made())
