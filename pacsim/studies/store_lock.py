"""A lock on the folder of a study that dies with the process that holds it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pacsim.errors import PacsimError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "study.lock"


class StoreLock:
    """Held from when it is made until `release`, or until the process ends, however it ends.

    It is on a file beside the store: closing a second handle of the store itself would drop the
    locks by which SQLite guards it.

    Parameters
    ----------
    folder : Path
        Of the study.

    Raises
    ------
    PacsimError
        If another process has it, with its number.
    """

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(self._handle)
        except OSError as error:
            holder = os.read(self._handle, 32).decode(errors="replace").strip()
            os.close(self._handle)
            who = f"process {holder}" if holder else "another process"
            msg = f"{folder}: {who} is at work on this store; wait for it, or name another --out"
            raise PacsimError(msg) from error
        os.ftruncate(self._handle, 0)
        os.write(self._handle, str(os.getpid()).encode())

    def release(self) -> None:
        """Let go of it."""
        os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        # A byte far behind the number of the process, which others may read.
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
