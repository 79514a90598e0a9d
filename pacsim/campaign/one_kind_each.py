"""Episodes cut where their kind turns, so that each piece is planned, unplanned or mixed."""

from __future__ import annotations

import numpy as np

KINDS = ("unplanned", "planned", "mixed")
"""Columns of an episode in the order of the numbers in `pacsim.core.model.TURN`."""


def one_kind_each(episodes: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return episodes cut where their kind turns, and which of the pieces follow on another.

    Parameters
    ----------
    episodes : structured ndarray of `pacsim.core.model.EPISODE`
        Of observations that tell kinds.
    turns : structured ndarray of `pacsim.core.model.TURN`
        Of the same replications; those of other observations are passed over.

    Returns
    -------
    tuple of ndarray
        Pieces in the order of their episodes, each censored only at the end of its episode; and
        a truth for each, whether it follows on the one before.

    Examples
    --------
    >>> from pacsim.core.model import EPISODE, TURN
    >>> down = np.zeros(1, dtype=EPISODE)
    >>> down["end"], down["unplanned"], down["planned"] = 10.0, 7.0, 3.0
    >>> pieces, follows = one_kind_each(down, np.array([(0, 0, 3.0, 1, 0)], dtype=TURN))
    >>> pieces["start"].tolist(), pieces["end"].tolist(), follows.tolist()
    ([0.0, 3.0], [3.0, 10.0], [False, True])
    >>> pieces["planned"].tolist(), pieces["unplanned"].tolist()
    ([3.0, 0.0], [0.0, 7.0])
    """
    owners, turns = _owned(episodes, turns)
    if not len(turns):
        return episodes, np.zeros(len(episodes), dtype=bool)
    size = 1 + np.bincount(owners, minlength=len(episodes))
    pieces = np.repeat(episodes, size)
    follows = np.ones(len(pieces), dtype=bool)
    follows[np.cumsum(size) - size] = False
    after = np.flatnonzero(follows)
    pieces["start"][after] = turns["time"]
    pieces["end"][after - 1] = turns["time"]
    pieces["censored"][after - 1] = False
    kind = np.zeros(len(pieces), dtype=np.int64)
    kind[after - 1] = turns["before"]
    kind[after] = turns["after"]
    cut = np.repeat(size > 1, size)
    length = pieces["end"] - pieces["start"]
    for number, name in enumerate(KINDS):
        pieces[name][cut] = np.where(kind == number, length, 0.0)[cut]
    return pieces, follows


def _owned(episodes: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which episode each turn is in, and the turns in order of episodes and time."""
    if not len(episodes) or not len(turns):
        return np.zeros(0, dtype=np.int64), turns[:0]
    columns = (("start", "time"), ("observation",) * 2, ("replication",) * 2)
    both = [np.concatenate([episodes[a], turns[b]]) for a, b in columns]
    order = np.lexsort(both)
    # A turn is in the last episode of its observation that began before it.
    of_episode = order < len(episodes)
    latest = np.cumsum(of_episode) - 1
    held = ~of_episode & (latest >= 0)
    owners = order[of_episode][latest[held]]
    found = turns[order[held] - len(episodes)]
    inside = found["time"] <= episodes["end"][owners]
    for name in ("observation", "replication"):
        inside &= episodes[name][owners] == found[name]
    owners, found = owners[inside], found[inside]
    arranged = np.lexsort((found["time"], owners))
    return owners[arranged], found[arranged]
