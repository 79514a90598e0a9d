"""Arrays and backups small enough to add up by hand: what is lost, and what says that it can be."""

from __future__ import annotations

from typing import Any

import pytest

import pacsim
from pacsim.core import layout
from pacsim.design.build import build
from pacsim.design.design import Design, design_of
from pacsim.engines import kernel, reference
from pacsim.parts.watch_handles import LossWatch
from pacsim.units import HOUR

ARRAY: dict[str, Any] = {
    "type": "disk_array", "layout": "raid1", "disks": 2,
    "disk": {"size": "1 TB", "ttf": {"rate": "0 /year"}, "rebuild_rate": "100 MB/s"},
    "disk_replace": {"exactly": "1 h"}, "replace": {"exactly": "40 h"},
    "set_up": {"exactly": "8 h"},
}  # fmt: skip
BACKUP: dict[str, Any] = {
    "type": "backup", "of": ["array"], "duration": {"exactly": "2 h"}, "success": 1, "usable": 1,
    "restore_rate": "1000 MB/s", "prepare": {"exactly": "5 h"},
}  # fmt: skip


def small(
    wipes: dict[str, float], backup: dict[str, Any] | None, *, stored: str = "0 TB", **more: Any
) -> Design:
    """Return arrays that are wiped at some hour, one study of 1 GB an hour, and their backup."""
    parts: dict[str, Any] = {
        name: {**ARRAY, **more, "wipe": {"exactly": f"{at} h"}} for name, at in wipes.items()
    }
    if backup is not None:
        parts["nightly"] = {**BACKUP, **backup}
    return design_of(
        {
            "pacsim": 1, "contract": {"starts": "2026-01-05", "term": "1 year"},
            "archive": {"studies": "1 /h", "study_size": "1 GB", "stored_at_start": stored},
            "parts": parts, "roles": {"store": {"needs": list(wipes)}},
        }
    )  # fmt: skip


def lost(design: Design, array: str, what: str, hours: float) -> float:
    """Return the studies that an array loses in some hours by a class: the same in both engines."""
    built = build(design.resolved)
    found = []
    for engine in (reference, kernel):
        values = engine.simulate(built.model, horizon=hours * HOUR).values
        place = layout(built.model)
        studies = 0.0
        for one in built.handles:
            if isinstance(one, LossWatch) and (one.owner, one.loss_class.name) == (array, what):
                columns = place[one.observed].sum if one.studies_each is None else None
                count = place[one.observed].count
                studies += float(
                    values[0, columns].sum()
                    if columns is not None
                    else values[0, count].sum() * (one.studies_each or 0.0)
                )
        found.append(studies)
    assert found[0] == found[1]
    return found[0]


def test_what_never_found_room_is_not_lost() -> None:
    """Full from the first hour on: the copy of the first night holds all that is there."""
    # Sees: studies since the last run that the array never took.
    assert lost(small({"array": 200.0}, {}, stored="1 TB"), "array", "window", 230.0) == 0.0
    assert lost(small({"array": 200.0}, {}), "array", "window", 230.0) == pytest.approx(10.0)
    # Full after 990 h, in the run from 958 to 960 h is what is stored until then.
    almost = small({"array": 1000.0}, {}, stored="0.01 TB")
    assert lost(almost, "array", "window", 1030.0) == pytest.approx(990.0 - 982.0)


@pytest.mark.parametrize(("second", "expected"), [(101.0, 7.0), (115.0, 21.0)])
def test_one_backup_of_two_arrays(second: float, expected: float) -> None:
    """The last good run began at 94 h: what came since is lost with each array by itself."""
    # Sees: one count of what no copy holds, which the loss of one array sets to nothing for both.
    both = small({"array": 100.0, "second": second}, {"of": ["array", "second"]})
    assert lost(both, "array", "window", 140.0) == pytest.approx(6.0)
    assert lost(both, "second", "window", 140.0) == pytest.approx(expected)
    assert "losses are added up" in " ".join(both.resolved.warnings)


def test_read_errors_count_where_something_is_stored() -> None:
    """Disks fail between 120 and 300 h, each rebuild meets an error; wiped at 100 h, empty since."""
    # Sees: a stripe lost of an array without contents.
    disks = {"size": "1 TB", "ttf": {"low": "120 h", "high": "300 h"}, "rebuild_rate": "100 MB/s",
             "uber": "1e-10 1/bit"}  # fmt: skip
    empty = small({"array": 100.0}, None, disk=disks, set_up={"exactly": "900 h"})
    assert lost(empty, "array", "sector", 500.0) == 0.0
    never = {"wipe": {"exactly": "9000 h"}}
    whole = small({"array": 100.0}, None, disk=disks).vary(
        {f"parts.array.{key}": value for key, value in never.items()}
    )
    assert lost(whole, "array", "sector", 500.0) >= 1.0


def test_a_read_error_while_contents_come_back_costs_them_again() -> None:
    """Wiped at 100 h, back by 272 h; a rebuild meanwhile loses the studies written since."""
    # Sees: an error that costs the array and nothing happens.
    disks = {"size": "1 TB", "ttf": {"low": "120 h", "high": "200 h"}, "rebuild_rate": "100 MB/s",
             "uber": "1e-10 1/bit"}  # fmt: skip
    slow = small({"array": 100.0}, {"restore_rate": "0.5 MB/s"}, stored="0.3 TB", disk=disks,
                 read_error_loses="array")  # fmt: skip
    assert lost(slow, "array", "window", 106.0) == pytest.approx(6.0)
    model = build(slow.resolved).model
    place = layout(model)["loss:array:window:read-error"]
    values = reference.simulate(model, horizon=230.0 * HOUR).values
    assert values[0, place.count].sum() >= 1.0
    assert values[0, place.sum].sum() > 10.0


def test_a_backup_that_never_works_is_no_copy() -> None:
    """Every output says so first, and a design that stores nothing is no better for it."""
    never = small({"array": 100.0}, {"success": 0}).vary({"name": "Never"})
    assert "NO COPY" in never.resolved.warnings[0]
    good = small({"array": 100.0}, {}).vary({"name": "Good"})
    none = design_of(
        {
            "pacsim": 1, "name": "None", "contract": {"term": "1 year"},
            "parts": {"box": {"type": "component", "ttf": "1 year", "ttr": "1 h"}},
            "roles": {"store": {"needs": ["box"]}},
        }
    )  # fmt: skip
    result = pacsim.compare([good, never, none], replications=64, progress=False)
    assert result.rows[0].note.startswith("NO COPY of array")
    assert result.rows[0].no_copy_of == ("array",)
    first = str(result).splitlines()
    line = next(k for k, text in enumerate(first) if "copy outside the array" in text)
    assert first[line].split("  ")[0] == "copy outside the array"
    assert all(word in first[line] for word in ("yes", "NO COPY", "nothing is stored"))
    assert not any("down" in text for text in first[:line] if text.strip())
    assert "But None stores nothing." in str(result).replace("\n  ", " ")
    pairs = {row.design for row in result.find("p_any_loss", role="overall") if row.against}
    assert pairs == {"Never"}


def test_one_array_of_two_without_a_copy_is_named() -> None:
    """The other one keeps its age and its time to restore."""
    half = small({"array": 100.0, "second": 300.0}, {})
    text = str(pacsim.run(half, replications=64, progress=False))
    assert "NO COPY of second" in text
    assert "NO COPY outside second" in text
    none = str(
        pacsim.run(small({"array": 100.0, "second": 300.0}, None), replications=64, progress=False)
    )
    first = [line.split() for line in none.splitlines() if line.startswith("copy outside")]
    assert first == [["copy", "outside", "the", "array", "NO", "COPY"]]
    assert "NO COPY outside array, second" in none
