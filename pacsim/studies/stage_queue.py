"""Stages of points on their way: which one runs where, what follows, what is tried once more."""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pacsim.errors import PacsimError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.studies.executors import Bench, Benches
    from pacsim.studies.points import Point
    from pacsim.studies.stages import StageDone, StageTask

TRIES = 2
"""Times that a stage is begun before its point is given up, whether it raises or kills."""
LOOK = 0.2
"""Seconds between looks at whether workers can still be reached."""


class StageWork(Protocol):
    """What a queue asks of whoever has the points and the store."""

    def begun(self, point: Point) -> tuple[str, bytes]:
        """Return the resolved design of a point as text, and what was seen of it."""

    def task(self, point: Point, begun: tuple[str, bytes], threads: int) -> StageTask | None:
        """Return the next stage of a point; None if nothing follows."""

    def took(self, done: StageDone, point: Point) -> None:
        """Keep what a worker gave back."""

    def give_up(self, point: Point, why: str) -> None:
        """Note a point that cannot be run."""

    def tell(self, left: int) -> None:
        """Say how far it is, with so many designs left."""


@dataclass(slots=True)
class _Running:
    """A design whose stages are being run one after the other."""

    point: Point
    plain: str
    before: bytes
    bench: Bench | None = None
    """Where its last stage ran, and its model still is."""
    avoid: Bench | None = None
    tries: int = 0


class StageQueue:
    """Runs the stages of points, each point's one after the other, several points at once.

    Parameters
    ----------
    work : StageWork
        Who has the points and the store.
    benches : Benches
        Where stages run.
    points : iterable of Point
        Of different designs, in the order in which they are begun.
    """

    def __init__(self, work: StageWork, benches: Benches, points: Iterable[Point]) -> None:
        self.work, self.benches, self.waiting = work, benches, deque(points)
        self.ready: deque[_Running] = deque()
        """Begun, and not on any bench; they go before others, so that few are begun at once."""
        self.running: dict[Future[StageDone], _Running] = {}

    def run(self) -> None:
        """Run until nothing follows."""
        try:
            while True:
                self._fill()
                if not self.running:
                    return
                self._take()
        finally:
            for future in self.running:
                future.cancel()
            for bench in self.benches.benches:
                bench.busy.clear()

    @property
    def left(self) -> int:
        """Points that are not done."""
        return len(self.waiting) + len(self.ready) + len(self.running)

    def _fill(self) -> None:
        """Give work to every bench that has room."""
        while self.ready or self.waiting:
            one = self.ready[0] if self.ready else None
            bench = self.benches.free(
                rather=one.bench if one else None, never=one.avoid if one else None
            )
            if bench is None:
                return
            if one is None:
                point = self.waiting.popleft()
                one = _Running(point, *self.work.begun(point))
            else:
                self.ready.popleft()
            self._submit(one, bench)

    def _submit(self, one: _Running, bench: Bench) -> None:
        # What is left over when few points are left is for their threads.
        threads = max(1, self.benches.workers // (self.left + 1))
        task = self.work.task(one.point, (one.plain, one.before), threads)
        assert task is not None
        one.bench = bench
        one.tries += 1
        self.running[bench.submit(task)] = one

    def _take(self) -> None:
        """Wait for a stage, and take what has come."""
        done, _ = wait(self.running, timeout=LOOK, return_when=FIRST_COMPLETED)
        for bench in self.benches.benches if not done else ():
            self._refuse(bench)
        for future in sorted(done, key=lambda one: self.running[one].point.number):
            if future in self.running:
                self._took(future)

    def _refuse(self, bench: Bench) -> None:
        """Stop where workers cannot be reached any more."""
        why = bench.trouble()
        if why:
            msg = f"{why}; what was finished is kept: run the same again"
            raise PacsimError(msg)

    def _took(self, future: Future[StageDone]) -> None:
        bench = self.benches.of(future)
        try:
            done = future.result()
        except (BrokenProcessPool, CancelledError):
            self._refuse(bench)
            self._died(bench)
            return
        except Exception as error:
            # Whatever a part raises is that point's own.
            bench.busy.remove(future)
            one = self.running.pop(future)
            self._again(one, _said(error))
            return
        bench.busy.remove(future)
        one = self.running.pop(future)
        self.work.took(done, one.point)
        one.before, one.tries, one.avoid = done.tally, 0, None
        if self.work.task(one.point, (one.plain, one.before), 1) is not None:
            self.ready.append(one)
        self.work.tell(self.left)

    def _died(self, bench: Bench) -> None:
        """Begin again what was on a bench whose worker has died; the first one is to blame."""
        lost = [future for future in bench.busy if future in self.running]
        finished = [x for x in lost if x.done() and not x.cancelled() and x.exception() is None]
        for future in finished:
            self._took(future)
        bench.busy.clear()
        bench.renew()
        ones = [self.running.pop(future) for future in lost if future not in finished]
        for one in reversed(ones[1:]):
            one.tries -= 1
            one.bench = None
            self.ready.appendleft(one)
        for one in ones[:1]:
            why = f"its worker died {TRIES} times while it was run: killed, or out of memory"
            self._again(one, why)

    def _again(self, one: _Running, why: str) -> None:
        """Try a stage once more, elsewhere, or give its point up."""
        if one.tries < TRIES:
            one.avoid, one.bench = one.bench, None
            self.ready.append(one)
            return
        self.work.give_up(one.point, why)
        self.work.tell(self.left)


def _said(error: Exception) -> str:
    if isinstance(error, PacsimError):
        return str(error)
    return f"{type(error).__name__}: {error}"
