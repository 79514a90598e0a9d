"""Windows of terms on their way to a tally: as they were simulated, and as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from pacsim.traffic.window_figures import WindowFigures, window_figures
from pacsim.traffic.window_tables import WindowBatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pacsim.traffic.figured_stations import FiguredStations

AT_ONCE = 40_000
"""Attempts of which figures are made at once: many enough, and what is made of them stays near."""
TERMS_AT_ONCE = 16
"""Terms, however few attempts: what is interrupted keeps those before."""


class SeenWindows(NamedTuple):
    """Windows of a block of terms, and which are severe.

    Parameters
    ----------
    batch : WindowBatch
        Of one term or several.
    severe : ndarray of bool, shape (windows,)
        Whether a role went down for long in each.
    felt : dict of ndarray of float64, shape (windows,), optional
        Seconds for which each kind of client feels them, if probes are not in them.
    """

    batch: WindowBatch
    severe: np.ndarray
    felt: dict[str, np.ndarray] | None = None

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the windows of several, at least one, one after the other."""
        felt = [one.felt for one in parts if one.felt is not None]
        return cls(
            WindowBatch.joined([one.batch for one in parts]),
            np.concatenate([one.severe for one in parts]),
            {k: np.concatenate([x[k] for x in felt]) for k in felt[0]} if felt else None,
        )


class FiguredWindows(NamedTuple):
    """Figures of windows, without what happened in them.

    Parameters
    ----------
    windows : ndarray of `pacsim.traffic.window_tables.WINDOWS`
        Of one term or several.
    severe : ndarray of bool, shape (windows,)
        Whether a role went down for long in each.
    figures : WindowFigures
        Theirs.
    """

    windows: np.ndarray
    severe: np.ndarray
    figures: WindowFigures

    @classmethod
    def of(cls, parts: Sequence[SeenWindows], stations: FiguredStations) -> Self:
        """Return the figures of windows: in each the same, whichever others they are made with.

        Parameters
        ----------
        parts : sequence of SeenWindows
            At least one.
        stations : FiguredStations
            Of the workload.
        """
        batch, severe, felt = SeenWindows.joined(parts)
        return cls(batch.windows, severe, window_figures(batch, stations, felt))


def in_groups(
    seen: Iterable[tuple[int, SeenWindows]], block: int
) -> Iterator[tuple[int, list[SeenWindows]]]:
    """Yield windows of terms by so many of a block that figures of them are made at once.

    Parameters
    ----------
    seen : iterable of (int, SeenWindows)
        The windows of terms, with their numbers, which rise.
    block : int
        Terms of a block.

    Yields
    ------
    tuple of int and list of SeenWindows
        The first number, and the windows of it and of those after it.
    """
    group: list[SeenWindows] = []
    first = attempts = 0
    for number, one in seen:
        if group and number // block != first // block:
            yield first, group
            group, attempts = [], 0
        first = first if group else number
        group.append(one)
        attempts += len(one.batch.faulted.attempts)
        if attempts > AT_ONCE or len(group) == TERMS_AT_ONCE:
            yield first, group
            group, attempts = [], 0
    if group:
        yield first, group
