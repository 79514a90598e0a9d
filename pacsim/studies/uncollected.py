"""Seldomer looks for garbage while models are made, which are large and stay."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SELDOM = 50_000
"""Objects made, less those let go of, between two looks for garbage."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage inside: hundreds of thousands of objects are made, and all are needed.

    Examples
    --------
    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def settle() -> None:
    """Take all that is there for good, and look for garbage seldom: for processes of one's own.

    A model is some hundred thousand objects, and a worker keeps a few: looking through them each
    time a few hundred are made takes longer than making them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, 20, 20)
