"""Where stages run: in this process, in processes of their own, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from pacsim.engines.kernel.run import processors
from pacsim.studies.stages import run_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.context import BaseContext

    from pacsim.studies.stages import StageDone, StageTask

AHEAD = 2
"""Stages that a worker has at most: one that it runs and one that waits for it."""


class HereExecutor(Executor):
    """Runs what is submitted at once, in the thread that submits it."""

    def submit(self, work: Callable[..., Any], /, *asked: Any, **named: Any) -> Future[Any]:  # noqa: ANN401
        """Return what it came to, or what it raised; interrupts go to whoever called."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*asked, **named))
        except Exception as error:
            future.set_exception(error)
        return future


class Bench(ABC):
    """A place where stages run one after the other, or several at once.

    Parameters
    ----------
    room : int
        Stages that it takes at most, those that wait there among them.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.busy: list[Future[StageDone]] = []

    def submit(self, task: StageTask) -> Future[StageDone]:
        """Begin a stage, or let it wait there."""
        future = self.executor().submit(run_stage, task)
        self.busy.append(future)
        return future

    @abstractmethod
    def executor(self) -> Executor:
        """Return what stages are submitted to."""

    @abstractmethod
    def renew(self) -> None:
        """Make it work again after its worker has died."""

    @abstractmethod
    def close(self) -> None:
        """Stop it and whatever runs there."""

    def trouble(self) -> str:
        """Return why nothing more can come of it, empty if something can."""
        return ""


class HereBench(Bench):
    """The process of the driver itself."""

    def __init__(self) -> None:
        super().__init__(1)
        self._executor = HereExecutor()

    def executor(self) -> Executor:
        """Return what stages are submitted to."""
        return self._executor

    def renew(self) -> None:
        """Do nothing: if this process dies, so does the driver."""

    def close(self) -> None:
        """Do nothing: what runs here is over when the driver is heard."""


class ProcessBench(Bench):
    """One process of its own, and another one if it dies.

    It is forked from a server that has loaded pacsim and has no threads, so that a new one takes
    hundredths of a second; where there is no such server it is spawned. Never is it a fork of this
    process, which may have threads that a copy of it would lack.
    """

    def __init__(self) -> None:
        super().__init__(AHEAD)
        self._pool: ProcessPoolExecutor | None = None

    def executor(self) -> Executor:
        """Return the pool of the one process, which is begun when it is needed."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, process_context(), _begun)
        return self._pool

    def submit(self, task: StageTask) -> Future[StageDone]:
        """Begin a stage, or let it wait there."""
        with _nameless_main():
            return super().submit(task)

    def processes(self) -> list[int]:
        """Return the number of its process, none before it is begun."""
        return list(getattr(self._pool, "_processes", None) or ())

    def renew(self) -> None:
        """Leave a process that has died; the next stage begins another."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None

    def close(self) -> None:
        """End the process at once: what it is at work on is not wanted any more."""
        if self._pool is None:
            return
        running = self.processes()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for number in running:
            with suppress(OSError):
                os.kill(number, signal.SIGTERM)
        self._pool.shutdown(wait=True)


def process_context() -> BaseContext:
    """Return how processes are begun."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pacsim.studies.deaf_worker", "pacsim.studies.worker_preload"])
    # Ctrl-C reaches the server too, before it has come so far as to be deaf to it. The tracker
    # goes first: beginning it lets signals through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Let processes that are begun meanwhile not run the user's script once more.

    They would, to find what it defines; stages are of pacsim alone, and a script of a few lines
    that begins a sweep would begin it again in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begun() -> None:
    """Make a worker: deaf to interrupts, which the driver hears, and gone when the driver is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


class Benches:
    """All places of a run.

    Parameters
    ----------
    benches : list of Bench
        At least one.
    workers : int
        How many stages run at once.
    """

    def __init__(self, benches: list[Bench], workers: int) -> None:
        self.benches, self.workers = benches, workers

    @classmethod
    def local(cls, workers: int | None, points: int) -> Self:
        """Return processes of this machine, or this process for a single point.

        Parameters
        ----------
        workers : int or None
            Processes; by default as many as this one may use processors, 0 for none but this.
        points : int
            How many there are to run.
        """
        count = processors() if workers is None else workers
        # A single point has threads: beginning a process takes longer than many a point.
        if count == 0 or (workers is None and points <= 1):
            return cls([HereBench()], processors() if workers is None else 1)
        return cls([ProcessBench() for _ in range(min(count, max(points, 1)))], count)

    def free(self, *, rather: Bench | None = None, never: Bench | None = None) -> Bench | None:
        """Return a place with room, the one with least to do unless another is wanted."""
        room = [one for one in self.benches if len(one.busy) < one.room]
        if never in room and len(self.benches) > 1:
            room.remove(never)
        if rather in room:
            return rather
        return min(room, key=lambda one: len(one.busy)) if room else None

    def of(self, future: Future[StageDone]) -> Bench:
        """Return where a stage runs."""
        return next(one for one in self.benches if future in one.busy)

    def close(self) -> None:
        """Stop all of them."""
        for one in self.benches:
            one.close()
