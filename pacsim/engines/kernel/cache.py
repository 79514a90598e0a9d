"""Keeps compiled kernels on disk, in a folder into which only their user can write, or not at all.

What lies there runs as the user who loads it. So the folder and all above it are looked at first,
and the checksum of every file before any is loaded; what is damaged is thrown away and made anew.
A kernel is made beside its place and moved there whole, so that programs that run at once never
see half of one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)
SOURCE = "kernel.py"
SUMS = "sums.json"
"""SHA-256 of every other file, by its path below the kernel's folder."""
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Return the folder under which compiled kernels are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "pacsim"


def kept(name: str, text: str, build: Callable[[Path | None], Any]) -> Any:
    """Return what is built from a source, from what was kept of it if that is there and whole.

    Parameters
    ----------
    name : str
        Of the kernel's folder; another source has another one.
    text : str
        The source.
    build : callable
        Called with the path of the source, beside which numba keeps what it compiles, or with
        None, to compile in memory. Its value is returned.

    Notes
    -----
    Without a private folder, or if it cannot be written, it compiles in memory and says so.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    reasons = []
    for root in (cache_folder(), Path(tempfile.gettempdir()) / f"pacsim-{user}"):
        try:
            return _kept_in(_private(root), name, text, build)
        except OSError as error:
            reasons.append(f"{error.filename or root}: {error.strerror or error}")
    LOG.warning(
        "the compiled simulator is not kept, so that every run compiles it anew (%s); set "
        "XDG_CACHE_HOME to a folder into which only you can write",
        "; ".join(reasons),
    )
    return build(None)


def _kept_in(root: Path, name: str, text: str, build: Callable[[Path | None], Any]) -> Any:
    """Return what is built from a source kept in a private folder; it is put there first."""
    folder = root / name
    if os.path.lexists(folder):
        wrong = _damage(folder, text)
        if not wrong:
            return build(folder / SOURCE)
        LOG.warning("%s: %s; the compiled simulator is damaged and made anew", folder, wrong)
        _discard(folder)
    with tempfile.TemporaryDirectory(
        prefix=f".{name}.", dir=root, ignore_cleanup_errors=True
    ) as making:
        made = Path(making) / name
        made.mkdir(mode=0o700)
        (made / SOURCE).write_text(text, encoding="utf-8")
        build(made / SOURCE)
        (made / SUMS).write_text(json.dumps(_sums(made)), encoding="utf-8")
        try:
            made.rename(folder)
        except OSError:
            # Another program was quicker, which is as good if it has made the same.
            if not folder.is_dir() or _damage(folder, text):
                raise
    return build(folder / SOURCE)


def _private(root: Path) -> Path:
    """Return a folder, made if it is not there, that nobody else can write or replace.

    Raises
    ------
    OSError
        If somebody else could, or it cannot be made.
    """
    # Links above it are the user's own affair; from here on they are followed no more.
    root = Path(os.path.realpath(root.parent)) / root.name
    for folder in (*reversed(root.parents), root):
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
    for folder in (root, *root.parents):
        reason = _distrust(folder, above=folder is not root)
        if reason:
            raise PermissionError(0, reason, str(folder))
    return root


def _distrust(folder: Path, *, above: bool = False) -> str:
    """Return why others could write into a folder, or replace one that is in it; "" if not."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return "is no folder"
    if not hasattr(os, "geteuid"):
        return ""  # Windows gives every user a folder of their own.
    owners = {os.geteuid(), 0} if above else {os.geteuid()}
    if status.st_uid not in owners:
        return "belongs to another user"
    # In a sticky folder, such as the one for temporary files, only owners replace what is theirs.
    sticky = above and status.st_mode & stat.S_ISVTX
    return "others may write into it" if status.st_mode & WRITABLE_BY_OTHERS and not sticky else ""


def _sums(folder: Path) -> dict[str, str]:
    """Return the checksum of every file below a folder; of what is no file a word that is none."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file() and not path.is_symlink()
        else "no file"
        for path in sorted(folder.rglob("*"))
        if path.name != SUMS and (path.is_symlink() or not path.is_dir())
    }


def _damage(folder: Path, text: str) -> str:
    """Return what is wrong with a kept kernel; "" if nothing is."""
    reason = _distrust(folder)
    if reason:
        return reason
    try:
        noted = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        sums = _sums(folder)
    except (OSError, ValueError):
        return f"{SUMS} cannot be read"
    noted = noted if isinstance(noted, dict) else {}
    changed = sorted(path for path in {*noted, *sums} if noted.get(path) != sums.get(path))
    if changed:
        return f"{', '.join(changed)} changed"
    source = hashlib.sha256(text.encode()).hexdigest()
    return "" if sums.get(SOURCE) == source else f"{SOURCE} is another one"


def _discard(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink()
