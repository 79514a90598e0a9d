"""Outages in a file of their own: every bit, no code, nothing that is not whole."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.campaign.batch_view import BatchView
from pacsim.campaign.outage_log import OutageLog
from pacsim.core.model import EPISODE, Batch
from pacsim.design import design_of
from pacsim.design.build import build
from pacsim.errors import PacsimError
from pacsim.results import outage_file
from pacsim.results.outage_file import TYPES, KeptOutages, load_outages, save_outages
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pathlib import Path

DESIGN = design_of({"pacsim": 1, "contract": {"term": "1 year"}, "parts": {"a": {"type": "component", "ttf": "500 h", "ttr": "10 h"}}, "roles": {"store": {"needs": ["a"]}}})  # fmt: skip


def kept() -> KeptOutages:
    """Return three outages of two roles."""
    numbers = {
        "replication": [0, 0, 1], "role": [0, 1, 0], "start": [0.1, 2.5, 1 / 3],
        "end": [7.0, 1e9 / 7, 2 / 3], "censored": [0, 1, 0], "cause": [1, 0, 1],
        "unplanned": [6.9, 0.0, 1 / 3], "planned": [0.0, 3.0, 0.0], "mixed": [0.0, 0.0, 5e-324],
        "degraded": [0, 1, 0], "follows": [0, 0, 0],
    }  # fmt: skip
    columns = {name: np.array(numbers[name], dtype=kind) for name, kind in TYPES.items()}
    return KeptOutages(("store", "read"), ("a.fail", "initial"), columns, 2, 2, YEAR, "2026-01-05")


def test_every_bit_is_kept(tmp_path: Path) -> None:
    none = KeptOutages(("store",), (), {k: np.zeros(0, dtype=kind) for k, kind in TYPES.items()})
    assert save_outages({"one/two": kept(), "none": none}, tmp_path / "o.npz") == ""
    read = load_outages(tmp_path / "o.npz")
    assert read == {"one/two": kept(), "none": none}
    assert read["one/two"].to_frame()["cause"].tolist() == ["initial", "a.fail", "initial"]
    changed = dict(kept().columns)
    changed["mixed"] = np.zeros(3)
    assert replace(kept(), columns=changed) != kept()
    assert replace(kept(), starts="2026-01-06") != kept() != replace(kept(), length=1.0)


def test_a_file_from_before_degraded_times_were_kept(tmp_path: Path) -> None:
    """All of its times are down."""
    file = tmp_path / "o.npz"
    spoiled(file, **{"format": np.array(1), "0/degraded": None})
    read = load_outages(file)["one"]
    assert read.columns["degraded"].tolist() == [0, 0, 0]
    assert read.columns["end"].tolist() == kept().columns["end"].tolist()


def test_a_file_from_before_rows_were_of_one_kind(tmp_path: Path) -> None:
    """It does not say when a term starts or how long it is."""
    file = tmp_path / "o.npz"
    spoiled(file, **{"format": np.array(2), "0/follows": None, "0/length": None, "0/starts": None})
    read = load_outages(file)["one"]
    assert (read.columns["follows"].tolist(), read.length, read.starts) == ([0, 0, 0], 0.0, "")
    assert read.columns["degraded"].tolist() == [0, 1, 0]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    some = replace(kept(), terms_run=900)
    said = save_outages({"one": some, "two": kept()}, tmp_path / "o.npz")
    assert said.splitlines() == [
        "one: outages of the first 2 of 900 terms; more would make the file too large"
    ]
    assert load_outages(tmp_path / "o.npz")["one"].terms_run == 900


def spoiled(path: Path, **changed: Any) -> None:
    save_outages({"one": kept()}, path)
    with np.load(path) as arrays:
        content = {name: changed.get(name, arrays[name]) for name in arrays.files}
    content = {name: one for name, one in content.items() if one is not None}
    np.savez(path, **content)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("format", np.array(4), "format 4 is none of 1, 2, 3"),
        ("format", np.array("1"), "format holds"),
        ("designs", np.array([1]), "designs holds"),
        ("0/role", np.array([0, 2, 0], dtype="<i2"), "a role of the outages has no name"),
        ("0/cause", np.array([0, -1, 0], dtype="<i4"), "a cause of the outages has no name"),
        ("0/start", np.zeros(2), "differ in length"),
        ("0/start", np.zeros(3, dtype="<f4"), "holds float32 in place of"),
        ("0/end", np.zeros((3, 1)), "of shape"),
        ("0/terms", np.array([1]), "in place of 2"),
        ("0/mixed", None, "no 0/mixed"),
        ("0/follows", None, "no 0/follows"),
        ("0/starts", None, "no 0/starts"),
        ("0/length", np.array("1"), "0/length holds"),
        ("0/length", np.array([1.0]), "of shape"),
        ("0/roles", np.array([["store"], [{}]], dtype=object), "allow_pickle"),
    ],
)
def test_what_is_no_file_of_outages(tmp_path: Path, name: str, value: Any, says: str) -> None:
    file = tmp_path / "o.npz"
    spoiled(file, **{name: value})
    with pytest.raises(PacsimError, match=says) as caught:
        load_outages(file)
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 and nothing"])
def test_files_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "o.npz").write_bytes(content)
    with pytest.raises(PacsimError, match="is no file of outages"):
        load_outages(tmp_path / "o.npz")
    with pytest.raises(PacsimError, match="cannot be read"):
        load_outages(tmp_path / "missing.npz")
    with pytest.raises(PacsimError, match="cannot be written"):
        save_outages({}, tmp_path / "missing" / "o.npz")


def test_a_file_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_file, "MOST_BYTES", 1 << 20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("format.npy", b"\0" * (1 << 21))
    (tmp_path / "o.npz").write_bytes(packed.getvalue())
    with pytest.raises(PacsimError, match="it would unpack to 2097152 bytes"):
        load_outages(tmp_path / "o.npz")


def logged(first: int, outages_each: list[int]) -> Batch:
    """Return terms with so many outages each."""
    at = np.repeat(np.arange(first, first + len(outages_each)), outages_each)
    episodes = np.zeros(len(at), dtype=EPISODE)
    episodes["replication"], episodes["cause"] = at, -1
    count = len(outages_each)
    return Batch(first, np.zeros((count, 0)), np.zeros(count), episodes, np.zeros(0), np.zeros(0))


@pytest.mark.parametrize("most", [0, 3, 4, 5, 9, 10, 11, 50])
def test_as_many_terms_as_there_is_room_for(most: int) -> None:
    """Whole terms from the first on, whatever the pieces and the order in which they come."""
    each = [2, 0, 2, 3, 0, 0, 3, 1, 0]
    sums = np.cumsum(each)
    terms = int(np.searchsorted(sums, most, side="right"))
    reader = BatchView.of(build(DESIGN.resolved), DESIGN.resolved, "one")
    for cuts in ((0, 9), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (0, 4, 7, 9)):
        for order in (1, -1):
            log = OutageLog(reader, most)
            for first, end in list(pairwise(cuts))[::order]:
                part = OutageLog(reader, most)
                part.add(logged(first, each[first:end]))
                log.merge(part)
            found = log.kept()
            assert (found.terms, found.terms_run) == (terms, 9), (cuts, order)
            assert (
                found.columns["replication"].tolist()
                == np.repeat(np.arange(terms), each[:terms]).tolist()
            )
            assert found.causes[-1] == "initial"
            assert (found.columns["cause"] == len(found.causes) - 1).all()
