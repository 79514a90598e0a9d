"""Studies whose drivers and workers are killed (SIGKILL) in every state that a stage can be in."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import contextmanager
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any

from pacsim.studies.driver import StudyDriver
from pacsim.studies.executors import ProcessBench, process_context
from pacsim.studies.stage_queue import StageQueue
from pacsim.studies.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pacsim.studies.study import Study

DRIVER = ("queued", "running", "returned but unwritten", "in a transaction", "just written")
"""States of a stage in which the driver is killed."""
WORKER = "a worker"
NOTES = "kills.txt"
PATIENCE = 100.0


def killed(
    make: Callable[[], Study], folder: Path, kills: int, *, seed: int, longest: float = 0.05
) -> Counter[str]:
    """Run a study with so many kills, and then to its end; return how many fell in which state.

    Parameters
    ----------
    make : callable
        Makes the study, in each driver anew.
    folder : Path
        Of its store.
    kills : int
        Of drivers and of workers, in turn.
    seed : int
        Of the states and moments.
    longest : float
        Seconds that a stage may take, within which moments are drawn.
    """
    rng = random.Random(seed)
    notes = folder.parent / f"{folder.name}-{NOTES}"
    notes.write_text("")
    states = [*DRIVER, WORKER]
    for k in range(4 * kills):
        if len(notes.read_text().splitlines()) >= kills:
            break
        # The first and the second time in turn: after either statement of a transaction, too.
        nth = 1 + k // len(states) % 2
        _one(make, folder, notes, states[k % len(states)], nth, longest, rng)
    code = _one(make, folder, notes, "", 0, longest, rng)
    assert code == 0, "the last run, in which nothing was killed, has to end well"
    return Counter(notes.read_text().splitlines())


def _one(
    make: Callable[[], Study],
    folder: Path,
    notes: Path,
    state: str,
    nth: int,
    longest: float,
    rng: random.Random,
) -> int | None:
    context = process_context()
    asked = (make, folder, notes, state, nth, rng.uniform(0.0, longest), rng.random())
    process = context.Process(target=driven, args=asked)  # type: ignore[attr-defined]
    process.start()
    process.join(PATIENCE)
    assert process.exitcode is not None, f"a driver hangs after a kill: {state}"
    return int(process.exitcode)


def driven(
    make: Callable[[], Study],
    folder: Path,
    notes: Path,
    state: str,
    nth: int,
    delay: float,
    draw: float,
) -> None:
    """Run a study in this process with two workers, and kill as it is told."""

    said = state
    # The server that has begun this process serves it too: another would take seconds to load.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]
    forkserver.ensure_running = lambda: None

    def kill(number: int = 0) -> None:
        nonlocal said
        with notes.open("a") as file:
            file.write(f"{said}\n")
        os.kill(number or os.getpid(), signal.SIGKILL)
        # Its driver goes on a little, and is killed as well.
        said = DRIVER[2]
        calls.clear()

    calls = Counter[str]()

    def now(what: str) -> bool:
        calls[what] += 1
        return said == what and calls[what] == nth

    _hook_queue(now, kill, delay, draw)
    _hook_store(now, kill)
    with StudyDriver(make(), folder, workers=2) as driver:
        outcome = driver.run()
    raise SystemExit(0 if outcome.done == outcome.points else 1)


def _hook_queue(
    now: Callable[[str], bool], kill: Callable[..., None], delay: float, draw: float
) -> None:
    submit, take = ProcessBench.submit, StageQueue._take

    def submitted(bench: ProcessBench, task: Any) -> Any:
        future = submit(bench, task)
        if now("queued"):
            kill()
        return future

    def taken(queue: StageQueue) -> None:
        if now("running"):
            time.sleep(delay)
            kill()
        numbers = [n for x in queue.benches.benches for n in getattr(x, "processes", list)()]
        if numbers and now(WORKER):
            time.sleep(delay)
            kill(numbers[int(draw * len(numbers))])
        take(queue)

    ProcessBench.submit = submitted  # type: ignore[method-assign, assignment]
    StageQueue._take = taken  # type: ignore[method-assign, assignment]


def _hook_store(now: Callable[[str], bool], kill: Callable[..., None]) -> None:
    took, put, transaction = StudyDriver.took, Store.put, Store._transaction
    inside: list[Any] = []

    class Killing:
        """A connection of which the process is killed after a statement."""

        def __init__(self, base: Any) -> None:
            self.base = base

        def execute(self, *asked: Any) -> Any:
            found = self.base.execute(*asked)
            if inside and now("in a transaction"):
                kill()
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(self.base, name)

    def take_in(driver: StudyDriver, done: Any, point: Any) -> None:
        if now("returned but unwritten"):
            kill()
        took(driver, done, point)

    def puts(store: Store, done: Any, rule: str) -> None:
        inside.append(done)
        put(store, done, rule)
        inside.clear()
        if now("just written"):
            kill()

    @contextmanager
    def transactions(store: Store) -> Iterator[Any]:
        with transaction(store) as base:
            yield Killing(base)

    StudyDriver.took = take_in  # type: ignore[method-assign, assignment]
    Store.put = puts  # type: ignore[method-assign, assignment]
    Store._transaction = transactions  # type: ignore[method-assign, assignment]
