"""Writes a file whole or not at all; what is no ordinary file is written through, not replaced."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from pacsim.errors import PacsimError

SYSTEMS = ("/dev/", "/proc/")
"""Where names stand for what a program has open; no file is put in their place."""


def unwritable(path: Path) -> str:
    """Return why a file cannot be written, as a message with its name; "" if nothing is known.

    Examples
    --------
    >>> unwritable(Path("no-such-folder/page.html"))
    'no-such-folder/page.html: cannot be written: there is no folder no-such-folder; make it first'
    """
    reason = _reason(path)
    return f"{path}: cannot be written: {reason}" if reason else ""


def _reason(path: Path) -> str:
    try:
        # A link stands for what it points to.
        status = path.stat()
    except FileNotFoundError:
        status = None
    except OSError as error:
        return f"{error.strerror}"
    folder = _target(path).parent
    if status is not None and stat.S_ISDIR(status.st_mode):
        return "it is a folder; name a file in it"
    if status is not None and stat.S_ISSOCK(status.st_mode):
        return "it is a socket; name a file"
    if status is not None and not os.access(path, os.W_OK):
        return "you have no permission to write it"
    if status is not None and _through(path, status):
        return ""
    if not folder.exists():
        return f"there is no folder {folder if path.is_symlink() else path.parent}; make it first"
    if not folder.is_dir():
        return f"{folder} is no folder; name another"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"you have no permission to write in {folder}"
    return ""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file by way of a neighbour that replaces it, so that half a file is never seen.

    A link stays and its target is replaced. Pipes, devices and what a program has open, such as
    ``/dev/stdout``, are written through.

    Parameters
    ----------
    path : Path
        Where to.
    content : str or bytes
        Text is written as UTF-8.

    Raises
    ------
    PacsimError
        If it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    wrong = unwritable(path)
    if wrong:
        raise PacsimError(wrong)
    try:
        status = path.stat() if path.exists() else None
        if status is not None and _through(path, status):
            _write_through(path, data)
        else:
            _replace(_target(path), data, status)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}"
        raise PacsimError(msg) from None


def _target(path: Path) -> Path:
    """Return the file that is written: the path itself, or what a link at its end points to."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _through(path: Path, status: os.stat_result) -> bool:
    """Return whether what is there must stay and be written into."""
    named = os.path.abspath(path).startswith(SYSTEMS)  # noqa: PTH100
    return named or not stat.S_ISREG(status.st_mode)


def _write_through(path: Path, data: bytes) -> None:
    # At the end: standard output may be a file into which the table goes as well.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as file:
        file.write(data)


def _replace(path: Path, data: bytes, status: os.stat_result | None) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # A temporary file is private. What replaces a file is as readable as that was, what is new
        # as any new file.
        mode = 0o666 & ~_umask() if status is None else stat.S_IMODE(status.st_mode)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
