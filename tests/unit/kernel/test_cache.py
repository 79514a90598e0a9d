"""Compiled code is loaded from where only its user can write, whole, or made anew in a word."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numba.core import config

from pacsim.engines.kernel import cache
from pacsim.engines.kernel import compile as joining

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS: Any = config
DOUBLED = """
import numba
@numba.njit(error_model='numpy', nogil=True, _nrt=False, cache=True)
def run(a, b):
    for k in range(a.shape[0]):
        b[k] = 2.0 * a[k]
"""
FILES = ("kernel.py", "index", "data", "sums.json")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for caches; the one for temporary files is beside it."""
    (tmp_path / "caches").mkdir(mode=0o700)
    (tmp_path / "temporary").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "caches"


def works() -> Any:
    """Compile, or load what is kept; it must do what the source says."""
    arrays = np.ones(8), np.zeros(8)
    run = joining.compiled(DOUBLED, arrays)
    run(*arrays)
    assert arrays[1].tolist() == [2.0] * 8
    return run


def from_disk(run: Any) -> bool:
    """Return whether it was loaded and not compiled."""
    return bool(sum(run.stats.cache_hits.values())) and not sum(run.stats.cache_misses.values())


def kept_file(home: Path, which: str) -> Path:
    pattern = {"index": "*.nbi", "data": "*.nbc"}.get(which, which)
    (found,) = (home / "pacsim").rglob(pattern)
    return found


class Evil:
    """What a planted file does when it is loaded: it makes a folder."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def test_it_is_kept_and_loaded(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    works()
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert from_disk(works())
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    assert not caplog.records
    # Nothing is left of the place where it was made.
    assert len(list((home / "pacsim").iterdir())) == 1


@POSIX
def test_a_planted_file_of_another_user_is_not_loaded(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    works()
    marker = tmp_path / "was-run"
    kept_file(home, "index").write_bytes(pickle.dumps(Evil(marker)))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4711)
    works()
    assert not marker.exists()
    (said,) = caplog.messages
    assert "belongs to another user" in said
    assert "XDG_CACHE_HOME" in said
    # The plant works where it is trusted, so that this test can fail.
    with kept_file(home, "index").open("rb") as file:
        pickle.load(file)
    assert marker.exists()


@pytest.mark.parametrize("how", ["truncated", "empty", "changed", "gone", "planted"])
@pytest.mark.parametrize("which", FILES)
def test_what_is_damaged_is_made_anew_in_a_word(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, which: str, how: str
) -> None:
    works()
    file, marker = kept_file(home, which), tmp_path / "was-run"
    content = file.read_bytes()
    half = len(content) // 2
    if how == "gone":
        file.unlink()
    else:
        flipped = bytes([content[half] ^ 1])
        file.write_bytes(
            {
                "truncated": content[:half],
                "empty": b"",
                "changed": content[:half] + flipped + content[half + 1 :],
                "planted": pickle.dumps(Evil(marker)),
            }[how]
        )
    run = works()
    assert not marker.exists()
    (said,) = caplog.messages
    assert "is damaged and made anew" in said
    assert str(home) in said
    assert from_disk(run)
    assert from_disk(works())
    assert len(caplog.messages) == 1


def test_a_file_more_is_damage(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    works()
    (kept_file(home, "index").parent / "more.nbc").write_bytes(b"")
    works()
    assert "more.nbc changed" in caplog.text


@POSIX
@pytest.mark.parametrize("what", ["file", "folder", "link to nothing"])
def test_what_is_in_the_place_of_the_kernel_goes(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """What a link points to stays."""
    works()
    (folder,) = (home / "pacsim").iterdir()
    away = tmp_path / "away"
    folder.rename(away)
    if what == "file":
        folder.write_text("")
    else:
        folder.symlink_to(away if what == "folder" else tmp_path / "nowhere")
    assert from_disk(works())
    assert "is no folder" in caplog.text
    assert folder.is_dir()
    assert not folder.is_symlink()
    assert (away / "kernel.py").exists()


@POSIX
@pytest.mark.parametrize(
    ("place", "mode"),
    [("caches/pacsim", 0o777), ("caches/pacsim", 0o720), ("caches", 0o707), ("caches", 0o770)],
)
def test_where_others_may_write_nothing_is_kept(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str, mode: int
) -> None:
    """The folder for temporary files is the second choice, in a folder of one's own."""
    (home / "pacsim").mkdir()
    (tmp_path / place).chmod(mode)
    works()
    assert from_disk(works())
    assert not list((home / "pacsim").iterdir())
    assert not caplog.records
    (second,) = (tmp_path / "temporary").iterdir()
    assert second.stat().st_mode & 0o777 == 0o700
    second.chmod(0o777)
    assert not from_disk(works())
    assert caplog.text.count("others may write into it") == 2


@POSIX
def test_a_sticky_folder_above_is_fine(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    home.chmod(0o1777)
    works()
    assert from_disk(works())
    assert list((home / "pacsim").iterdir())
    assert not caplog.records


@POSIX
def test_a_link_in_the_place_of_the_folder_is_not_followed(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    (home / "pacsim").symlink_to(other)
    works()
    assert not list(other.iterdir())


@POSIX
def test_the_folder_for_caches_may_be_a_link(home: Path, tmp_path: Path) -> None:
    """Home folders on other disks are often reached so."""
    home.rename(tmp_path / "disk")
    home.symlink_to(tmp_path / "disk")
    works()
    assert from_disk(works())
    assert list((tmp_path / "disk" / "pacsim").iterdir())


def test_without_any_folder_it_compiles_in_memory(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for place in ("caches", "temporary"):
        (tmp_path / place).rmdir()
        (tmp_path / place).write_text("in the way")
    assert not from_disk(works())
    (said,) = caplog.messages
    assert "every run compiles it anew" in said
    assert str(home) in said
    assert caplog.records[0].levelno == logging.WARNING


def test_numbas_own_settings_lead_nowhere_else(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SETTINGS, "CACHE_DIR", str(tmp_path / "elsewhere"))
    works()
    assert from_disk(works())
    assert not (tmp_path / "elsewhere").exists()
    assert str(tmp_path / "elsewhere") == SETTINGS.CACHE_DIR
    assert kept_file(home, "data").exists()


@pytest.mark.parametrize("whole", [True, False])
def test_another_program_was_quicker(
    home: Path, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    """Its kernel is taken if it is the same, and left alone if not."""
    folder = home / "pacsim" / "compiled-it"
    built: list[Path | None] = []

    def build(path: Path | None) -> Path | None:
        built.append(path)
        if len(built) == 1 and path is not None:
            folder.mkdir(mode=0o700)
            (folder / cache.SOURCE).write_text("source" if whole else "another")
            (folder / cache.SUMS).write_text(str(cache._sums(folder)).replace("'", '"'))
        return path

    assert cache.kept("compiled-it", "source", build) is not None
    second = home.parent / "temporary"
    assert built[-1] == folder / cache.SOURCE if whole else second in (built[-1] or home).parents
    assert (folder / cache.SOURCE).read_text() == ("source" if whole else "another")
    assert not caplog.records
