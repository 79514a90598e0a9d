"""Ctrl-C while figures are being added waits until they are: a result is never half added."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


class Undisturbed:
    """A block that an interrupt does not cut; it comes at the end of the block instead.

    Only the main thread receives interrupts, so elsewhere it does nothing; nor does it where they
    are ignored, as in what ``nohup pacsim ... &`` has started, nor where they are handled outside
    Python.
    """

    def __enter__(self) -> None:
        self.asked = False
        self.before: Any = None
        if threading.current_thread() is not threading.main_thread():
            return
        handler = signal.getsignal(signal.SIGINT)
        if handler not in {None, signal.SIG_IGN}:
            self.before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
        if self.asked:
            # Again, for whoever handles it: by default a KeyboardInterrupt is raised.
            signal.raise_signal(signal.SIGINT)
