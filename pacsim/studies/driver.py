"""The driver of a study: points in stages on workers, what is finished in the store."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pacsim.campaign.interrupting import Undisturbed
from pacsim.errors import PacsimError
from pacsim.files.writing import write_whole
from pacsim.studies.executors import Bench, Benches
from pacsim.studies.points import points as points_of
from pacsim.studies.provenance import check_same, told_of
from pacsim.studies.stages import StageTask, is_over, next_stage, task_text, versions
from pacsim.studies.store import Seen, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from pacsim.studies.points import Point
    from pacsim.studies.stages import StageDone
    from pacsim.studies.study import Study

TRIES = 2
"""Times that a stage is begun before its point is given up, whether it raises or kills."""
LOOK = 0.2
"""Seconds between looks at whether workers can still be reached."""
Progress = "Callable[[float, str], None]"


@dataclass(frozen=True, slots=True)
class FailedPoint:
    """A point that could not be run.

    Parameters
    ----------
    point : Point
        The first one of its design.
    why : str
        What went wrong.
    file : Path
        A design file that reproduces it.
    """

    point: Point
    why: str
    file: Path


@dataclass(slots=True)
class Outcome:
    """What a run of a study did.

    Parameters
    ----------
    folder : Path
        Where the store is.
    points : int
        That were asked for.
    done : int
        Of them are done.
    stages, terms : int
        That were run now; what was there already is not among them.
    failed : list of FailedPoint
        That could not be run.
    interrupted : bool
        Whether it was stopped by Ctrl-C.
    """

    folder: Path
    points: int
    done: int = 0
    stages: int = 0
    terms: int = 0
    failed: list[FailedPoint] = field(default_factory=list)
    interrupted: bool = False


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


class StudyDriver:
    """Runs the points of a study, and goes on where it was stopped, however that was.

    Parameters
    ----------
    study : Study
        Whose points are run.
    folder : Path
        In which the store is or comes to be.
    workers : int, optional
        Processes; by default as many as there are processors, 0 for none but this one.
    scheduler : str
        Address of a Dask scheduler whose workers run the stages instead.
    fresh : bool
        Whether what is in the store is thrown away first.
    only : collection of int, optional
        Numbers of the points that are run; all unless given.
    progress : callable, optional
        Called with the share done and a line of words.

    Raises
    ------
    PacsimError
        If a point is wrong, the store is another study's or in use, or the scheduler is not there.
    """

    def __init__(
        self,
        study: Study,
        folder: Path,
        *,
        workers: int | None = None,
        scheduler: str = "",
        fresh: bool = False,
        only: Collection[int] | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> None:
        self.study, self.folder, self._progress = study, folder, progress
        everything = points_of(study)
        self.points = [one for one in everything if only is None or one.number in only]
        # Points of one design are one; it is run under the first one's number.
        self.by_key: dict[str, Point] = {}
        for one in self.points:
            self.by_key.setdefault(one.key, one)
        self._workers, self._scheduler = workers, scheduler
        self._benches: Benches | None = None
        self.outcome = Outcome(folder, len(self.points))
        self.store = Store(folder, write=True, fresh=fresh)
        try:
            told = self.store.told()
            check_same(told, study, folder)
            self.store.begin(told_of(study, told), everything)
            self.seen = self.store.seen(study.seed)
        except BaseException:
            self.store.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers and let go of the store."""
        if self._benches is not None:
            self._benches.close()
        self.store.close()

    def run(self) -> Outcome:
        """Run every point until its rule says that it is done; Ctrl-C ends it between stages.

        Returns
        -------
        Outcome
            What was run now.

        Raises
        ------
        PacsimError
            If the store cannot be written or the scheduler is lost; the store is whole.
        """
        try:
            self._follow(self.by_key.values(), self._next)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
        failed = {one.point.key for one in self.outcome.failed}
        over = {key for key in self.by_key if key not in failed and self._next(key) is None}
        self.outcome.done = sum(one.key in over for one in self.points)
        return self.outcome

    def advance(self, points: Iterable[Point], terms: int) -> None:
        """Run some points up to a number of replications, whatever their precision.

        Parameters
        ----------
        points : iterable of Point
            Of the study.
        terms : int
            What each of them has afterwards at least, unless it fails.
        """

        def until(key: str) -> tuple[int, bool] | None:
            done = self.seen.get(key, Seen()).terms
            stage = next_stage(self.study.stopping.to(terms), done)
            return None if done >= terms else stage

        self._follow(list({one.key: one for one in points}.values()), until)

    def _next(self, key: str) -> tuple[int, bool] | None:
        """Return the end of a point's next stage by the rule; None if it has no more."""
        rule, there = self.study.stopping, self.seen.get(key, Seen())
        if is_over(rule, there.terms):
            return None
        if rule.seconds_each is not None and there.seconds >= rule.seconds_each:
            return None
        if there.reached and self._same_or_looser(there.rule):
            return None
        return next_stage(rule, there.terms)

    def _same_or_looser(self, before: str) -> bool:
        """Return whether a precision that was reached is as good as the one asked for now."""
        of, _, relative = before.rpartition(" ")
        rule = self.study.stopping
        return rule.relative is not None and of == str(rule.of) and float(relative) <= rule.relative

    def _follow(
        self, points: Iterable[Point], following: Callable[[str], tuple[int, bool] | None]
    ) -> None:
        """Run stages of points until nothing follows for any of them."""
        failed = {one.point.key for one in self.outcome.failed}
        waiting = deque(
            one for one in points if one.key not in failed and following(one.key) is not None
        )
        if not waiting:
            self._tell(0)
            return
        if self._benches is None:
            self._benches = self._made(len(waiting))
        _Course(self, self._benches, waiting, following).run()

    def _made(self, points: int) -> Benches:
        if self._scheduler:
            from pacsim.studies.dask_bench import dask_benches

            return dask_benches(self._scheduler)
        return Benches.local(self._workers, points)

    def took(self, done: StageDone, point: Point) -> None:
        """Keep what a worker gave back."""
        if done.made_by != versions():
            msg = (
                f"a worker has {done.made_by}, this process {versions()}: their figures may differ "
                "in last digits; install the same on both"
            )
            raise StoreError(msg)
        before = self.seen.get(point.key, Seen())
        rule = f"{self.study.stopping.of} {self.study.stopping.relative}"
        # An interruption finds the store and what is known of it equal.
        with Undisturbed():
            self.store.put(done, rule)
            self.seen[point.key] = Seen(
                done.end, before.seconds + done.seconds, done.clock, rule, done.reached
            )
            self.outcome.stages += 1
            self.outcome.terms += done.end - done.first

    def give_up(self, point: Point, why: str) -> None:
        """Note a point that cannot be run, with a design file that shows it."""
        text = point.design.dump()
        where = self.folder / "failed"
        where.mkdir(exist_ok=True)
        file = where / f"point-{point.number}.yaml"
        write_whole(file, text)
        self.store.fail(point.key, self.study.seed, why, text)
        self.outcome.failed.append(FailedPoint(point, why, file))

    def _tell(self, left: int) -> None:
        if self._progress is None:
            return
        total = len(self.by_key)
        said = f"{total - left} of {total} designs, {self.outcome.terms} terms"
        if self.outcome.failed:
            said += f", {len(self.outcome.failed)} failed"
        self._progress((total - left) / total, said)

    tell = _tell


class _Course:
    """Points on their way: which stage runs where, and what follows."""

    def __init__(
        self,
        driver: StudyDriver,
        benches: Benches,
        waiting: deque[Point],
        following: Callable[[str], tuple[int, bool] | None],
    ) -> None:
        self.driver, self.benches, self.waiting, self.following = (
            driver, benches, waiting, following,
        )  # fmt: skip
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
                one = self._begun(self.waiting.popleft())
            else:
                self.ready.popleft()
            self._submit(one, bench)

    def _begun(self, point: Point) -> _Running:
        driver = self.driver
        before = b""
        if driver.seen.get(point.key, Seen()).terms:
            before = driver.store.tally(point.key, driver.study.seed)
        return _Running(point, task_text(point.design.plain), before)

    def _submit(self, one: _Running, bench: Bench) -> None:
        study, key = self.driver.study, one.point.key
        stage = self.following(key)
        assert stage is not None
        there = self.driver.seen.get(key, Seen())
        rule = study.stopping
        looked = stage[1] and rule.relative is not None
        task = StageTask(
            key=key,
            plain=one.plain,
            seed=study.seed,
            first=there.terms,
            end=stage[0],
            before=one.before,
            of=str(rule.of) if looked else "",
            relative=rule.relative or 0.0,
            threads=max(1, self.benches.workers // (self.left + 1)),
            seconds=None if rule.seconds_each is None else rule.seconds_each - there.seconds,
        )
        one.bench = bench
        one.tries += 1
        self.running[bench.submit(task)] = one

    def _take(self) -> None:
        """Wait for a stage, and take what has come."""
        done, _ = wait(self.running, timeout=LOOK, return_when=FIRST_COMPLETED)
        for bench in self.benches.benches:
            why = "" if done else bench.trouble()
            if why:
                msg = (
                    f"{why}; what was finished is kept in {self.driver.folder}: run the same again"
                )
                raise PacsimError(msg)
        for future in sorted(done, key=lambda one: self.running[one].point.number):
            if future in self.running:
                self._took(future)

    def _took(self, future: Future[StageDone]) -> None:
        bench = self.benches.of(future)
        try:
            done = future.result()
        except (BrokenProcessPool, CancelledError):
            self._died(bench)
            return
        except Exception as error:  # noqa: BLE001 - whatever a part raises is that point's own
            bench.busy.remove(future)
            one = self.running.pop(future)
            self._again(one, _said(error))
            return
        bench.busy.remove(future)
        one = self.running.pop(future)
        self.driver.took(done, one.point)
        one.before, one.tries, one.avoid = done.tally, 0, None
        if self.following(one.point.key) is not None:
            self.ready.append(one)
        self.driver.tell(self.left)

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
        self.driver.give_up(one.point, why)
        self.driver.tell(self.left)


def _said(error: Exception) -> str:
    if isinstance(error, PacsimError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def run_study(
    study: Study,
    folder: Path | str,
    *,
    workers: int | None = None,
    scheduler: str = "",
    fresh: bool = False,
    only: Collection[int] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Outcome:
    """Run a study, or what is left of it; the parameters are those of `StudyDriver`.

    Returns
    -------
    Outcome
        What was run now, and what failed.
    """
    from pathlib import Path

    with StudyDriver(
        study,
        Path(os.fspath(folder)),
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        only=only,
        progress=progress,
    ) as driver:
        return driver.run()
