"""Markov chains written down in a test: rates from state to state, solved with numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import expm

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping


class Chain:
    """A chain from its rates; parallel transitions are written as separate pairs and added.

    Parameters
    ----------
    rates : iterable of (from, to, rate)
        States are any hashable things; a transition to the same state is ignored.
    """

    def __init__(self, rates: Iterable[tuple[object, object, float]]) -> None:
        rows = list(rates)
        self.states = list(dict.fromkeys(x for a, b, _ in rows for x in (a, b)))
        place = {state: k for k, state in enumerate(self.states)}
        self.matrix = np.zeros((len(place), len(place)))
        for a, b, rate in rows:
            if a != b:
                self.matrix[place[a], place[b]] += rate
                self.matrix[place[a], place[a]] -= rate

    def steady(self) -> Mapping[object, float]:
        """Return the long-run probability of each state."""
        n = len(self.states)
        system = np.vstack([self.matrix.T, np.ones(n)])
        right = np.zeros(n + 1)
        right[-1] = 1.0
        found = np.linalg.lstsq(system, right, rcond=None)[0]
        return dict(zip(self.states, map(float, found), strict=True))

    def share(self, *states: object) -> float:
        """Return the long-run probability of some states together."""
        found = self.steady()
        return sum(found[state] for state in states)

    def at(self, start: object, time: float) -> Mapping[object, float]:
        """Return the probability of each state at a time."""
        row = expm(self.matrix * time)[self.states.index(start)]
        return dict(zip(self.states, map(float, row), strict=True))

    def mean_time(self, start: object, *end: object) -> float:
        """Return the mean time from a state until any of some states is entered."""
        keep = [k for k, state in enumerate(self.states) if state not in end]
        inner = self.matrix[np.ix_(keep, keep)]
        times = np.linalg.solve(inner, -np.ones(len(keep)))
        return float(times[keep.index(self.states.index(start))])


def explored(
    start: Hashable, moves: Callable[[Any], Iterable[tuple[Hashable, float]]]
) -> list[tuple[object, object, float]]:
    """Return the rates of all states reached from a start, from the moves out of each."""
    found: list[tuple[object, object, float]] = []
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for there, rate in moves(here):
            if rate > 0 and there != here:
                found.append((here, there, rate))
                if there not in seen:
                    seen.add(there)
                    todo.append(there)
    return found
