"""Windows of a term: all of them, or only those with a long outage (T3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.traffic_tally import SeenWindows
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import LEAD
from pacsim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.traffic.second_pass import Divergence, Passed
    from pacsim.traffic.windows import TrafficWindow, TrafficWindows

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
    batch = windows.batch(passed)
    return SeenWindows(batch, _contain(batch.windows, begun))


def severe_windows(
    windows: TrafficWindows, passed: Passed, begun: np.ndarray, stations: int
) -> SeenWindows:
    """Return the severe windows of a term, and few others.

    Windows begin at the first divergence after a quiet time: what was before is not simulated.

    Parameters
    ----------
    windows, passed, begun
        As of `all_windows`.
    stations : int
        How many the workload has.
    """
    found = list(_near(windows, passed, begun))
    rows = np.array([one.row for one in found], dtype=WINDOWS)
    severe = _contain(rows, begun)
    kept = [one for one, some in zip(found, severe.tolist(), strict=True) if some]
    batch = WindowBatch(
        rows[severe],
        WindowLogs.of([one.faulted for one in kept], stations),
        WindowLogs.of([one.twin for one in kept], stations),
    )
    return SeenWindows(batch, np.ones(len(kept), dtype=bool))


def _near(windows: TrafficWindows, passed: Passed, begun: np.ndarray) -> Iterator[TrafficWindow]:
    """Yield windows from a quiet time before each long outage until it is over."""
    divergences = passed.divergences
    firsts = starts_after_quiet(divergences)
    following = 0
    for moment in begun.tolist():
        known = [k for k in firsts if divergences[k].start - LEAD <= moment]
        if not known:
            continue
        following = max(following, known[-1])
        while following < len(divergences):
            if divergences[following].start - LEAD > moment:
                break
            window = windows.window(passed, following)
            following += window.divergences
            yield window


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
