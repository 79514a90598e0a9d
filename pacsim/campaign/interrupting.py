"""Ctrl-C while figures are being added waits until they are: a result is never half added."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


class Undisturbed:
    """A block that an interrupt does not cut; it is raised at its end instead.

    Only the main thread receives interrupts, so elsewhere it does nothing.
    """

    def __enter__(self) -> None:
        self.asked = False
        self.before: Any = None
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
        if self.asked:
            raise KeyboardInterrupt
