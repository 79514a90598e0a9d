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
from pacsim.traffic.episode_curves import ModalityCurves, StepCurve
from pacsim.units import DAY, MINUTE
from tests.oracle.traffic.test_episode import failover
from tests.unit.results.made import A, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pacsim.traffic.episode import Episode


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
            # Times are kept to 0.01 s.
            points = np.asarray(y.get_xydata())
            assert np.asarray(x.get_xydata()) == pytest.approx(points, rel=1e-5, abs=2e-4)
        assert [str(p) for p in a.patches] == [str(p) for p in b.patches]


def long() -> Episode:
    """Return a window of ten days of a hospital of 400 000 exams a year in which all fails."""
    short = failover()
    days, rng = 10, np.random.default_rng(18)
    end = short.start + days * DAY - 3 * MINUTE
    minutes = np.zeros(days * 1440 - 3, dtype=short.minutes.dtype)
    minutes["start"] = short.start + MINUTE * np.arange(len(minutes))
    for name in ("served", "slow", "failed", "waiting"):
        minutes[name] = rng.integers(0, 30, len(minutes))
    modalities = []
    for k in range(10):
        times = np.sort(rng.uniform(short.start, end, 2000 * days // (1 + k)))
        times[0] = short.start
        both = [
            StepCurve(times, np.abs(np.cumsum(rng.choice([-size, size], len(times)))))
            for size in (1.0, 0.1234567)
        ]
        modalities.append(ModalityCurves(f"M{k}", both[0], both[0], both[1], both[1]))
    failures = tuple(np.sort(rng.uniform(short.start, end, 50_000)).tolist())
    return replace(
        short,
        end=end,
        clients=tuple(one._replace(failures=failures) for one in 3 * short.clients),
        modalities=tuple(modalities),
        minutes=minutes,
    )


def test_a_long_one_is_kept_small(tmp_path: Path) -> None:
    """Three of them fit in half of the 2 MB that a result file may have."""
    windows = dict.fromkeys("abc", long().kept())
    result = replace(made(), windows=windows)
    result.save(tmp_path / "result.json")
    bare = len(made().to_json())
    assert (tmp_path / "result.json").stat().st_size - bare < 1e6
    assert Result.load(tmp_path / "result.json") == result


def test_a_long_one_keeps_what_is_seen() -> None:
    found = long()
    kept = found.kept()
    for one, other in zip(found.modalities, kept.modalities, strict=True):
        for name in ("queue", "unsent", "twin_queue", "twin_unsent"):
            whole, few = getattr(one, name), getattr(other, name)
            assert len(few.times) <= 3 * 200 + 1
            assert len(few.times) == len(whole.times) or len(whole.times) > 600
            assert few.values.max() == pytest.approx(whole.values.max(), rel=1e-5)
            assert few.values[-1] == pytest.approx(whole.values[-1], rel=1e-5)
            # At each point it is what it was.
            place = np.searchsorted(whole.times, few.times + 0.006, side="right") - 1
            near = np.abs(whole.values[place] - few.values) < 1e-5 * (1.0 + few.values)
            assert near.mean() > 0.98
    rows = kept.minutes
    assert len(rows) == len(found.minutes)
    assert rows["start"].tolist() == found.minutes["start"].tolist()
    for name in ("served", "slow", "failed"):
        assert rows[name].sum() == pytest.approx(found.minutes[name].sum())
        tenth = found.minutes[name][:10].mean()
        assert rows[name][:10] == pytest.approx(np.full(10, tenth))
        # Three minutes are less than the last row has room for.
        assert rows[name][-7:] == pytest.approx(np.full(7, found.minutes[name][-7:].mean()))
    assert (rows["waiting"][:10] == found.minutes["waiting"][9]).all()
    for lane in kept.clients:
        assert 950 < len(lane.failures) <= 1000
        gaps = np.diff([found.start, *lane.failures, found.end])
        assert gaps.max() < 3 * (found.end - found.start) / 1000


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
    # In print it stands on one page with its heading.
    start = text.index('<section class="window">')
    assert start < text.index("The worst window") < text.index("</section>", start)
    assert ".window { break-inside: avoid; } .window svg { max-height: 20cm; }" in text
