"""Files are written whole, links stay, and what is no file is written through."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pacsim.errors import PacsimError
from pacsim.files.writing import unwritable, write_whole

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and modes")
WAIT = 60.0


def test_text_and_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_whole(file, "ä\n")
    assert file.read_bytes() == b"\xc3\xa4\n"
    write_whole(file, b"\x00\xff")
    assert file.read_bytes() == b"\x00\xff"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_what_replaces_a_file_is_as_private(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("old")
    file.chmod(0o640)
    write_whole(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_whoever_reads_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """Also through a link: another file takes the place, the old one is not written into."""
    file, link = tmp_path / "a", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    for path in (file, link):
        with file.open() as reader:
            write_whole(path, f"by {path.name}")
            assert reader.read() in {"old", "by a"}
        assert file.read_text() == f"by {path.name}"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("how", ["absolute", "relative", "twice"])
def test_a_link_stays(tmp_path: Path, how: str, there: bool) -> None:
    (tmp_path / "other").mkdir()
    target, link = tmp_path / "other" / "target", tmp_path / "link"
    if there:
        target.write_text("old")
    if how == "twice":
        (tmp_path / "second").symlink_to(target)
    ways: dict[str, Path | str] = {
        "absolute": target, "relative": "other/target", "twice": "second",
    }  # fmt: skip
    link.symlink_to(ways[how])
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == link.read_text() == "new"
    assert not target.is_symlink()
    assert [one.name for one in (tmp_path / "other").iterdir()] == ["target"]


@pytest.mark.parametrize("by_link", [True, False])
def test_a_pipe_is_written_through(tmp_path: Path, by_link: bool) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    text = "x" * 200_000
    write_whole(link if by_link else pipe, text)
    reader.join(WAIT)
    assert read == [text]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert link.is_symlink()


def test_a_terminal_is_written_through() -> None:
    """A device, without touching one of the machine's."""
    ours, theirs = os.openpty()
    write_whole(Path(os.ttyname(theirs)), "said")
    assert os.read(ours, 100) == b"said"
    assert stat.S_ISCHR(Path(os.ttyname(theirs)).stat().st_mode)
    os.close(ours)
    os.close(theirs)


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    """One like /dev/null, in a folder where an ordinary file could take its place."""
    null = tmp_path / "null"
    try:
        os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        null.write_text("")
    except OSError:
        pytest.skip("needs the right to make devices")
    write_whole(null, "gone")
    assert stat.S_ISCHR(null.lstat().st_mode)
    assert null.read_text() == ""


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no /dev/stdout")
@pytest.mark.parametrize("to_file", [True, False])
def test_standard_output_has_a_name(tmp_path: Path, to_file: bool) -> None:
    """What a program says beside it is not lost, wherever it goes."""
    program = (
        "from pathlib import Path; from pacsim.files.writing import write_whole\n"
        "print('before', flush=True); write_whole(Path('/dev/stdout'), 'x\\n')"
    )
    file = tmp_path / "out"
    with file.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            stdout=out if to_file else subprocess.PIPE,
            text=True,
        )
    assert (file.read_text() if to_file else done.stdout) == "before\nx\n"


def refused(path: Path) -> str:
    """Return what is said of a path, beforehand and when it is written."""
    said = unwritable(path)
    with pytest.raises(PacsimError) as error:
        write_whole(path, "new")
    assert str(error.value) == said
    assert said.startswith(f"{path}: cannot be written: ")
    return said


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "astray").symlink_to(tmp_path / "none" / "a")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert "it is a socket" in refused(tmp_path / "socket")
    assert "it is a folder; name a file in it" in refused(tmp_path)
    assert f"no folder {tmp_path / 'none'}; make it" in refused(tmp_path / "none" / "a")
    assert f"no folder {tmp_path / 'none'}; make it" in refused(tmp_path / "astray")
    assert "Not a directory" in refused(tmp_path / "file" / "a")
    assert "symbolic links" in refused(tmp_path / "loop")
    assert (tmp_path / "file").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 4
    assert unwritable(tmp_path / "file") == unwritable(tmp_path / "new") == ""


def test_what_one_may_not_write_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the system says of permissions, which an administrator never lacks."""
    file = tmp_path / "file"
    file.write_text("old")
    barred: set[Path] = set()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) not in barred)
    barred |= {tmp_path}
    assert f"no permission to write in {tmp_path}" in refused(tmp_path / "new")
    assert f"no permission to write in {tmp_path}" in refused(file)
    barred -= {tmp_path}
    barred |= {file}
    assert "no permission to write it" in refused(file)
    assert file.read_text() == "old"
