"""Windows of a term: all of them, or only those with a long outage (T3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.figured_windows import SeenWindows
from pacsim.traffic.windows import LEAD
from pacsim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.traffic.second_pass import Divergence, Passed
    from pacsim.traffic.windows import Span, TrafficWindows

QUIET = 3 * DAY
"""Seconds without a divergence after which windows from before are taken to be closed."""


def all_windows(windows: TrafficWindows, passed: Passed, begun: np.ndarray) -> SeenWindows:
    """Return the windows of a term, and which are severe.

    Parameters
    ----------
    windows : TrafficWindows
        Of the design.
    passed : Passed
        The term.
    begun : ndarray of float64
        When long outages began in it, seconds, rising.
    """
    batch = windows.differing(passed)
    return SeenWindows(batch, _contain(batch.windows, begun))


def severe_windows(windows: TrafficWindows, passed: Passed, begun: np.ndarray) -> SeenWindows:
    """Return the severe windows of a term.

    Windows begin at the first divergence after a quiet time: what was before is not simulated.

    Parameters
    ----------
    windows, passed, begun
        As of `all_windows`.
    """
    batch = windows.differing(passed, list(_near(passed, begun)))
    batch = batch.picked(_contain(batch.windows, begun))
    return SeenWindows(batch, np.ones(len(batch.windows), dtype=bool))


def _near(passed: Passed, begun: np.ndarray) -> Iterator[Span]:
    """Yield of which windows are wanted: from a quiet time before each long outage until it is."""
    divergences = passed.divergences
    firsts = starts_after_quiet(divergences)
    for moment in begun.tolist():
        known = [k for k in firsts if divergences[k].start - LEAD <= moment]
        if known:
            yield known[-1], moment


def starts_after_quiet(divergences: Sequence[Divergence]) -> list[int]:
    """Return the numbers of divergences before which all was as usual for long; the first is one.

    Examples
    --------
    >>> from pacsim.traffic.second_pass import Divergence
    >>> times = [(0.0, 9.0), (5 * DAY, 6 * DAY), (7 * DAY, 7 * DAY + 1.0), (20 * DAY, 21 * DAY)]
    >>> starts_after_quiet([Divergence(a, b, False, "host", "") for a, b in times])
    [0, 1, 3]
    """
    found, last = [], -np.inf
    for k, one in enumerate(divergences):
        if one.start - last >= QUIET:
            found.append(k)
        last = max(last, one.end)
    return found


def _contain(rows: np.ndarray, begun: np.ndarray) -> np.ndarray:
    """Return which windows contain the begin of a long outage."""
    after = np.searchsorted(begun, rows["start"], side="left")
    before = np.searchsorted(begun, rows["closed"], side="left")
    severe: np.ndarray = before > after
    return severe
