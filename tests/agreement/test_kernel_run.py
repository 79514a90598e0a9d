"""Runs on threads give the same bits for any number of threads and any size of batches."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from pacsim.core import Batch, ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines import kernel
from pacsim.errors import SimulationError, UnsupportedError
from tests.agreement.generator import HORIZON, WINDOW, generated
from tests.agreement.test_twins import same

pytestmark = pytest.mark.slow

COUNT = 64 * 9 + 5
HANGING = 600.0
"""Seconds after which what was to end at once has not ended at all; no measure of speed."""


def joined(parts: list[Batch]) -> dict[str, np.ndarray]:
    whole = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("values", "events", "episodes", "samples", "turns")
    }
    before = np.cumsum([0, *(len(part.episodes) for part in parts)])
    contributors = [part.contributors.copy() for part in parts]
    for rows, shift in zip(contributors, before, strict=False):
        rows["episode"] += shift
    return whole | {"contributors": np.concatenate(contributors)}


def ran(number: int, threads: int, seconds: float, first: int = 0) -> list[Batch]:
    return list(
        kernel.run(
            generated(number),
            seed=7,
            replications=COUNT,
            horizon=HORIZON,
            window=WINDOW,
            threads=threads,
            first=first,
            target_seconds=seconds,
        )
    )


def numbers_that_run() -> list[int]:
    found = []
    for number in range(40):
        try:
            model = generated(number)
            batch = kernel.simulate(model, horizon=HORIZON, window=WINDOW, count=COUNT, seed=7)
        except SimulationError:
            continue
        if len(batch.episodes) > COUNT and len(batch.samples) > COUNT:
            found.append(number)
        if len(found) == 3:
            break
    return found


def test_threads_and_batch_sizes_do_not_matter() -> None:
    numbers = numbers_that_run()
    assert len(numbers) == 3
    for number in numbers:
        whole = kernel.simulate(
            generated(number), horizon=HORIZON, window=WINDOW, count=COUNT, seed=7
        )
        groupings = set()
        for threads, seconds in ((1, 1e9), (2, 0.3), (2, 1e-9), (3, 0.01)):
            parts = ran(number, threads, seconds)
            sizes = [len(part.values) for part in parts]
            assert all(size % 64 == 0 for size in sizes[:-1])
            assert [part.first for part in parts] == [0, *np.cumsum(sizes)[:-1]]
            groupings.add(tuple(sizes))
            found = joined(parts)
            for name in ("values", "events", "episodes", "samples", "turns", "contributors"):
                assert same(found[name], getattr(whole, name)), name
        assert len(groupings) > 1


def test_a_later_beginning_continues_the_same_replications() -> None:
    number = numbers_that_run()[0]
    whole = joined(ran(number, 1, 0.3))
    later = joined(ran(number, 2, 0.3, first=70))
    assert same(later["values"][: COUNT - 70], whole["values"][70:])


def alternating(mean: float) -> ModelBuilder:
    """Return one element that fails and is repaired."""
    m = ModelBuilder()
    e = m.element("e", "up down", fault="down")
    e.after("up -> down", Exponential(mean), "fail", cls="fault")
    e.after("down -> up", Exponential(mean), "repair", cls="repair")
    m.gate_time("down", e == "down")
    return m


def test_closing_stops_what_runs() -> None:
    before = threading.active_count()
    endless = kernel.run(
        alternating(1.0).build(), seed=1, replications=10**9, horizon=3e4, threads=2
    )
    next(endless)
    # Nobody waits for all of it: that would take days.
    closing = threading.Thread(target=endless.close, daemon=True)
    closing.start()
    closing.join(HANGING)
    assert not closing.is_alive()
    assert threading.active_count() == before


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise on Windows")
@pytest.mark.usefixtures("heard")
def test_an_interrupt_is_answered() -> None:
    program = (
        "from tests.agreement.test_kernel_run import alternating\n"
        "from pacsim.engines import kernel\n"
        "model = alternating(1.0).build()\n"
        "try:\n"
        "    for k, batch in enumerate(\n"
        "        kernel.run(model, seed=1, replications=10**9, horizon=1e4, threads=2)\n"
        "    ):\n"
        "        print(k, flush=True)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "0\n"
            process.send_signal(signal.SIGINT)
            # All of it would take a week.
            said, _ = process.communicate(timeout=HANGING)
        finally:
            process.kill()
    assert said.endswith("interrupted\n")
    assert process.returncode == 0


def test_what_came_before_an_error_is_yielded() -> None:
    m = ModelBuilder()
    e = m.element("e", "up down loop", fault="down")
    e.after("up -> down", Exponential(100.0), "fail", cls="fault")
    e.now("down -> loop", 10, "turn")
    e.now("loop -> down", 10, "turn back")
    model = m.build()
    batches = kernel.run(
        model, seed=3, replications=100_000, horizon=0.05, threads=2, target_seconds=1e-9
    )
    seen: list[int] = []
    # One in 2000 replications fails before the end, and then its cascade does not end.
    with pytest.raises(SimulationError, match="replication") as caught:
        seen.extend(batch.first for batch in batches)
    number = int(str(caught.value).split("replication ")[1].split(";")[0])
    assert seen == list(range(0, number // 64 * 64, 64))


def test_no_replications_give_no_batches() -> None:
    model = alternating(1.0).build()
    assert list(kernel.run(model, seed=1, replications=0, horizon=10.0)) == []
    assert len(list(kernel.run(model, seed=1, replications=1, horizon=10.0, threads=0))) == 1


def test_what_cannot_be_sampled_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel.engine, "supports", lambda model: ("no",))
    with pytest.raises(UnsupportedError):
        kernel.run(alternating(1.0).build(), seed=1, replications=1, horizon=1.0)
