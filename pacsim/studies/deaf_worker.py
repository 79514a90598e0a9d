"""Imported first by the server from which workers are forked: Ctrl-C is for the driver alone.

The keys reach every process of a terminal, also while it still loads what workers need. A worker
that begins when the driver has gone already finds nothing of what it was to share with it: that is
no news.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

GONE = (FileNotFoundError, EOFError, ConnectionError)
"""What a worker meets whose driver has gone."""


def told(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Print what went wrong, unless it is that the driver has gone."""
    if not issubclass(kind, GONE):
        sys.__excepthook__(kind, error, traceback)


# Not where it is imported to be looked at.
if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = told
