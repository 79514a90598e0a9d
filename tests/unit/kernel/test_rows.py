"""Room for rows: enough from the second batch on, bounded, and without a trace in the results."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from pacsim.core import Batch, Model, ModelBuilder, every
from pacsim.delays import Deterministic
from pacsim.engines.kernel import Runner
from pacsim.engines.kernel.compile import kernel
from pacsim.engines.kernel.row_buffers import FIRST_ROWS, MOST_ROWS, RowsNeeded, expected

DAY, COUNT = 86400.0, 64
DAYS = 90
TABLES = ("values", "events", "episodes", "contributors", "samples", "turns")


def nightly() -> Model:
    """Return a model with one episode, one contributor and one sample a day, from hour 2 to 3."""
    m = ModelBuilder()
    unit = m.element("unit", "up down", fault="down")
    fall = unit.after("up -> down", every(DAY, DAY / 12), "fall", cls="fault")
    unit.after("down -> up", Deterministic(DAY / 24), "rise", cls="repair")
    m.role("service", unit == "up")
    m.sample("falls", fall)
    return m.build()


class Counted:
    """Counts how often the compiled loop is entered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0

        def counting(arguments: tuple[Any, ...], *, plain: bool) -> Any:
            run = kernel(arguments, plain=plain)

            def entered(*given: Any) -> Any:
                self.calls += 1
                return run(*given)

            return entered

        monkeypatch.setattr("pacsim.engines.kernel.engine.kernel", counting)


def same(one: Batch, other: Batch) -> bool:
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in TABLES)


def test_a_second_batch_has_room_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    runner = Runner(nightly(), DAYS * DAY)
    first = runner.batch(1, 0, COUNT)
    # The first batch knows nothing: each of its three kinds of rows runs out once, then it fits.
    assert counted.calls == 1 + 3
    assert len(first.episodes) == len(first.samples) == len(first.contributors) == DAYS * COUNT
    counted.calls = 0
    second = runner.batch(1, COUNT, 2 * COUNT)
    assert counted.calls == 1
    assert len(second.episodes) == 2 * DAYS * COUNT


def test_what_was_learnt_does_not_change_results() -> None:
    fresh = [Runner(nightly(), DAYS * DAY).batch(1, k * COUNT, COUNT) for k in range(3)]
    runner = Runner(nightly(), DAYS * DAY)
    assert all(same(runner.batch(1, k * COUNT, COUNT), fresh[k]) for k in (2, 0, 1))


def test_threads_share_what_is_known() -> None:
    alone = [Runner(nightly(), DAYS * DAY).batch(1, k * COUNT, COUNT) for k in range(8)]
    runner = Runner(nightly(), DAYS * DAY)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: runner.batch(1, k * COUNT, COUNT), range(8)))
    assert all(map(same, found, alone))
    # Nothing that was counted is lost, whichever thread was first.
    assert runner.rows_needed.room(0, 1000) == FIRST_ROWS + 1250 * DAYS


def test_a_trace_longer_than_its_room_is_whole() -> None:
    batch = Runner(nightly(), 40 * DAYS * DAY).batch(1, 0, 1, trace=True)
    assert batch.trace is not None
    assert len(batch.trace) == 2 * 40 * DAYS > FIRST_ROWS
    np.testing.assert_array_equal(batch.trace["time"][0::2], (np.arange(40 * DAYS) + 1 / 12) * DAY)


def test_an_outlier_does_not_reserve_memory_for_all() -> None:
    needed = RowsNeeded(2)
    needed.learn([10**8, 0], 1)
    assert needed.room(0, 10_000) == FIRST_ROWS + MOST_ROWS
    assert needed.room(1, 10_000) == FIRST_ROWS


def test_what_is_expected() -> None:
    assert expected(0, 0, 64) == 0
    assert expected(64, 64, 64) == 80
    assert expected(3, 2, 1) == 2


def test_room_for_turns_grows() -> None:
    """Work from hour 2 to 4, a fault from hour 3 to 5, every day: planned, and unplanned from 3 on."""
    m = ModelBuilder()
    work = m.element("work", "off on", planned="on")
    work.after("off -> on", every(DAY, DAY / 12), "begin", cls="planned")
    work.after("on -> off", Deterministic(DAY / 12), "end", cls="repair")
    unit = m.element("unit", "up down", fault="down")
    unit.after("up -> down", every(DAY, DAY / 8), "fall", cls="fault")
    unit.after("down -> up", Deterministic(DAY / 12), "rise", cls="repair")
    m.role("service", (work == "off") & (unit == "up"))
    turns = Runner(m.build(), DAYS * DAY).batch(1, 0, COUNT).turns
    assert len(turns) == DAYS * COUNT > FIRST_ROWS
    assert turns["replication"].tolist() == np.repeat(np.arange(COUNT), DAYS).tolist()
    assert np.allclose(turns["time"] % DAY, DAY / 8)
    assert set(zip(turns["before"].tolist(), turns["after"].tolist(), strict=True)) == {(1, 0)}
