"""Windows go to figures in groups, by any number of threads, and are the same in any group."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.campaign.figured_windows import AT_ONCE, FiguredWindows, SeenWindows, in_groups
from pacsim.campaign.working_ahead import working_ahead
from pacsim.stats import BLOCK
from pacsim.traffic.client_tables import TrafficTables
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.logs import ATTEMPTS
from tests.oracle.traffic.scenes import PAIR, REFUSES, exam, modality, span
from tests.oracle.traffic.windowed import TARGETS, batch, windowed

if TYPE_CHECKING:
    from collections.abc import Iterator

A = "member.a"
STATIONS = [modality(), modality("MR-1")]


def of_size(attempts: int) -> SeenWindows:
    """Return no windows, with so many attempts."""
    empty = batch([])
    object.__setattr__(empty.faulted, "attempts", np.zeros(attempts, dtype=ATTEMPTS))
    return SeenWindows(empty, np.zeros(0, dtype=bool))


def grouped(sizes: dict[int, int]) -> list[tuple[int, int]]:
    several = ((number, of_size(size)) for number, size in sizes.items())
    return [(first, len(group)) for first, group in in_groups(several, BLOCK)]


def test_a_group_ends_when_it_is_large_or_with_its_block() -> None:
    # Sees: a group that goes on into the next block, one without its first term, the last one lost.
    assert grouped({}) == []
    assert grouped(dict.fromkeys((3, 4, 9), 10)) == [(3, 3)]
    assert grouped({0: AT_ONCE, 1: 1, 2: 1}) == [(0, 2), (2, 1)]
    assert grouped({0: AT_ONCE + 1, 5: 0}) == [(0, 1), (5, 1)]
    several = {BLOCK - 1: 1, BLOCK: 1, BLOCK + 1: 1, 3 * BLOCK: 1}
    assert grouped(several) == [(BLOCK - 1, 1), (BLOCK, 2), (3 * BLOCK, 1)]


def test_figures_are_the_same_in_any_group() -> None:
    stations = FiguredStations(TrafficTables(PAIR, tuple(STATIONS)), TARGETS)
    ends = (90.0, 900.0, 30.0, 400.0)
    exams = [exam(-11.0, size=1e6), exam(3.0, station=1)]
    windows = [windowed(STATIONS, exams, span(A, REFUSES, end=end)) for end in ends]
    seen = [
        SeenWindows(batch([one._replace(term=k)]), np.array([k == 1]))
        for k, one in enumerate(windows)
    ]
    apart = [FiguredWindows.of([one], stations) for one in seen]
    together = FiguredWindows.of(seen, stations)
    for name in ("counts", "backlog", "harm"):
        joined = np.concatenate([getattr(one.figures, name) for one in apart])
        assert joined.tobytes() == getattr(together.figures, name).tobytes()
    assert together.figures.counts.any()
    assert together.severe.tolist() == [False, True, False, False]
    for figure, values in together.figures.values.items():
        mine = [one.figures.values[figure].value for one in apart]
        assert sorted(np.concatenate(mine).tolist()) == sorted(values.value.tolist())


def test_results_are_in_order_and_few_are_ahead() -> None:
    """The first thing waits for the third one: both are in work, and the fourth is not yet taken."""
    taken: list[int] = []
    third = threading.Event()

    def given() -> Iterator[int]:
        for k in range(6):
            taken.append(k)
            yield k

    def work(k: int) -> int:
        if k == 2:
            third.set()
        assert third.wait(10.0)
        return 10 * k

    with ThreadPoolExecutor(3) as pool:
        found = working_ahead(pool, work, given(), 3)
        assert next(found) == 0
        # Sees: a thing taken only when the one before has been dealt with, or too many of them.
        assert taken == [0, 1, 2, 3]
        assert list(found) == [10, 20, 30, 40, 50]


def test_what_fails_is_told_in_its_turn() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = working_ahead(pool, lambda k: 1 // k, [1, 0, 1], 2)
        assert next(found) == 1
        with pytest.raises(ZeroDivisionError):
            next(found)
