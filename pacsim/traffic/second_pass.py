"""The second pass: the conditions of single terms as lists of changes, and when they were unusual.

The same seed and number give the history of the main run, so only the terms that are wanted are
passed again (T2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.core.run_arguments import in_runs
from pacsim.parts.failover import KINDS
from pacsim.traffic.client_conditions import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pacsim.core import Batch
    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.handover import HandOver

ADDRESSES = ("owner", "holder")
"""Conditions that say whose an address is: that of a group, and that of balancers."""
MOST_AT_ONCE = 64
"""Terms of one call of an engine; what is kept of them is bounded by that."""


class Divergence(NamedTuple):
    """A time that is not as usual for somebody.

    Parameters
    ----------
    start, end : float
        Seconds from the start of the term; equal if the address of balancers moved at no time.
    censored : bool
        Whether it was not over at the end of the term.
    kind : str
        What was wrong as it began, one of `pacsim.parts.failover.KINDS`.
    root : str
        What it began with.
    """

    start: float
    end: float
    censored: bool
    kind: str
    root: str


class Passed(NamedTuple):
    """A term that was passed again.

    Parameters
    ----------
    number : int
        Of the replication.
    timeline : Timeline
        Of all conditions.
    divergences : tuple of Divergence
        In order.
    """

    number: int
    timeline: Timeline
    divergences: tuple[Divergence, ...]


def timelines(
    handed: HandOver,
    horizon: float,
    numbers: Iterable[int],
    *,
    seed: int = 1,
    simulate: Callable[..., Batch] | None = None,
) -> Iterator[Passed]:
    """Yield what the clients of an archive met in terms, in the order of their numbers.

    Parameters
    ----------
    handed : HandOver
        Of a design.
    horizon : float
        Length of a term in seconds, > 0.
    numbers : iterable of int
        Replications, in any order.
    seed : int
        Of all random streams.
    simulate : callable, optional
        Of an engine, as of `pacsim.engines.reference`; the compiled one unless given.
    """
    from pacsim.engines.kernel import Runner

    model = handed.passed
    runner = Runner(model, horizon) if simulate is None else None
    for first, count in in_runs(numbers, MOST_AT_ONCE):
        if runner is not None:
            batch = runner.batch(seed, first, count)
        else:
            assert simulate is not None
            batch = simulate(model, horizon=horizon, seed=seed, first=first, count=count)
        yield from _read(handed, batch, range(first, first + count))


def _read(handed: HandOver, batch: Batch, numbers: range) -> Iterator[Passed]:
    """Yield the terms of a batch; its tables are in order of replications."""
    changes, episodes = batch.changes, batch.episodes
    bounds = [*numbers, numbers.stop]
    rows = np.searchsorted(changes["replication"], bounds)
    gaps = np.searchsorted(episodes["replication"], bounds)
    for k, number in enumerate(numbers):
        mine = changes[rows[k] : rows[k + 1]]
        time, what, value = (mine[name].copy() for name in ("time", "what", "value"))
        line = Timeline(time, what, value)
        found = list(_divergences(handed, episodes[gaps[k] : gaps[k + 1]]))
        found += _moves_between(handed.conditions, line, found)
        yield Passed(number, line, tuple(sorted(found)))


def _moves_between(
    conditions: Conditions, line: Timeline, found: list[Divergence]
) -> Iterator[Divergence]:
    """Yield the moves of an address that take no time, while all is as usual.

    A balancer that is up again and takes the address back, or a member of a group that takes over
    at once, resets the sessions of the other.
    """
    for name in ADDRESSES:
        if name not in conditions.names:
            continue
        mine = line.what == conditions.names.index(name)
        times, holders = line.time[mine].tolist(), line.value[mine].tolist()
        for at, before, now in zip(times[1:], holders[:-1], holders[1:], strict=True):
            if min(before, now) >= 0 and not any(x.start <= at <= x.end for x in found):
                yield Divergence(at, at, False, "other", "")


def _divergences(handed: HandOver, rows: np.ndarray) -> Iterator[Divergence]:
    """Yield the divergences of one term."""
    columns = (rows[name].tolist() for name in ("start", "end", "censored", "at_start", "cause"))
    for start, end, censored, kind, cause in zip(*columns, strict=True):
        root = handed.roots[cause] if cause >= 0 else ""
        yield Divergence(start, end, censored, KINDS[kind], root)
