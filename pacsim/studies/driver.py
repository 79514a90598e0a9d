"""The driver of a study: points in stages on workers, what is finished in the store."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pacsim.campaign.interrupting import Undisturbed
from pacsim.files.writing import write_whole
from pacsim.studies.asked_run import check_only, check_places
from pacsim.studies.best_point import race
from pacsim.studies.executors import Benches
from pacsim.studies.point_ends import PointEnds
from pacsim.studies.provenance import check_same, told_of
from pacsim.studies.stage_queue import StageQueue
from pacsim.studies.stages import StageTask, task_text, versions
from pacsim.studies.store import Seen, Store, StoreError
from pacsim.studies.study_values import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from pacsim.studies.points import Point
    from pacsim.studies.stages import StageDone
    from pacsim.studies.study import Study


FAILED = "failed"
"""Folder of the design files of points that could not be run."""


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
class StudyOutcome:
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
    ArgumentError, ArgumentTypeError
        If an argument makes no sense.
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
        check_places(workers, scheduler, folder)
        check_only(only, study)
        self.study, self.folder, self._progress = study, folder, progress
        self.points = [one for one in study.points if only is None or one.number in only]
        # Points of one design are one; it is run under the first one's number.
        self.by_key: dict[str, Point] = {}
        for one in self.points:
            self.by_key.setdefault(one.key, one)
        self._workers, self._scheduler = workers, scheduler
        self._benches: Benches | None = None
        self.outcome = StudyOutcome(folder, len(self.points))
        self.store = Store(folder, write=True, fresh=fresh)
        self._ends = self._ending(study.stopping)
        try:
            told = self.store.told()
            check_same(told, study, folder)
            self.store.begin(told_of(study, told), study.points)
            self.seen = self.store.seen(study.seed)
            self._write_failures()
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

    def run(self) -> StudyOutcome:
        """Run every point until its rule says that it is done; Ctrl-C ends it between stages.

        Returns
        -------
        StudyOutcome
            What was run now.

        Raises
        ------
        PacsimError
            If the store cannot be written or the scheduler is lost; the store is whole.
        """
        chosen, over = None, set[str]()
        try:
            if self.study.best_of is None:
                self._follow(self.by_key.values())
            else:
                chosen = race(self)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
        failed = {one.point.key for one in self.outcome.failed}
        if self.study.best_of is None:
            over = {key for key in self.by_key if key not in failed and self._next(key) is None}
        elif chosen is not None:
            left = set() if chosen.ranked.sure else chosen.left
            over = {key for key, x in self.by_key.items() if x.number not in left} - failed
        self.outcome.done = sum(one.key in over for one in self.points)
        self._forgive(over)
        return self.outcome

    @property
    def failed(self) -> set[int]:
        """Numbers of the points that could not be run."""
        return {one.point.number for one in self.outcome.failed}

    def advance(self, points: Iterable[Point], terms: int) -> None:
        """Run some points up to a number of replications, whatever their precision.

        Parameters
        ----------
        points : iterable of Point
            Of the study.
        terms : int
            What each of them has afterwards at least, unless it fails.
        """
        before, self._ends = self._ends, self._ending(Stopping(replications=terms))
        try:
            self._follow({one.key: one for one in points}.values())
        finally:
            self._ends = before

    def _ending(self, rule: Stopping) -> PointEnds:
        return PointEnds(rule, lambda key: self.store.figures(key, self.study.seed))

    def _next(self, key: str) -> tuple[int, bool] | None:
        """Return the end of a point's next stage by the rule; None if it has no more."""
        return self._ends.next(key, self.seen.get(key, Seen()))

    def _follow(self, points: Iterable[Point]) -> None:
        """Run stages of points until nothing follows for any of them."""
        failed = {one.point.key for one in self.outcome.failed}
        left = [x for x in points if x.key not in failed and self._next(x.key) is not None]
        if not left:
            self.tell(0)
            return
        if self._benches is None:
            self._benches = self._made(len(left))
        StageQueue(self, self._benches, left).run()

    def begun(self, point: Point) -> tuple[str, bytes]:
        """Return the resolved design of a point as text, and what was seen of it before."""
        before = b""
        if point.key in self.seen:
            before = self.store.tally(point.key, self.study.seed)
        return task_text(point.plain), before

    def task(self, point: Point, begun: tuple[str, bytes], threads: int) -> StageTask | None:
        """Return the next stage of a point by the rule; None if nothing follows."""
        stage, rule = self._next(point.key), self._ends.rule
        if stage is None:
            return None
        there = self.seen.get(point.key, Seen())
        end, looked = stage
        return StageTask(
            key=point.key,
            plain=begun[0],
            seed=self.study.seed,
            first=there.terms,
            end=end,
            before=begun[1],
            of=str(rule.of) if looked else "",
            relative=rule.relative or 0.0,
            threads=threads,
            seconds=None if rule.seconds_each is None else rule.seconds_each - there.seconds,
        )

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
        rule = self._ends.text
        # An interruption finds the store and what is known of it equal.
        with Undisturbed():
            self.store.put(done, rule)
            seconds = before.seconds + done.seconds
            self.seen[point.key] = Seen(done.end, seconds, rule, done.reached)
            self.outcome.stages += 1
            self.outcome.terms += done.end - done.first

    def give_up(self, point: Point, why: str) -> None:
        """Note a point that cannot be run, with a design file that shows it."""
        text = point.design.dump()
        self.store.fail(point.key, self.study.seed, why, text)
        self._write_failures()
        self.outcome.failed.append(FailedPoint(point, why, self._file_of(point.key)))

    def _file_of(self, key: str) -> Path:
        """Return where a design is written that has failed."""
        number = next(one.number for one in self.study.points if one.key == key)
        return self.folder / FAILED / f"point-{number}.yaml"

    def _forgive(self, keys: Collection[str]) -> None:
        """Forget that points failed which are done now."""
        over = self.store.failures(self.study.seed).keys() & set(keys)
        if over:
            self.store.forgive(over, self.study.seed)
        self._write_failures()

    def _write_failures(self) -> None:
        """Let there be a design file of each point that has failed, under its present number."""
        failures = self.store.failures(self.study.seed)
        known = {one.key for one in self.study.points}
        wanted = {self._file_of(key): text for key, (_, text) in failures.items() if key in known}
        where = self.folder / FAILED
        try:
            for file in where.glob("point-*.yaml"):
                if file not in wanted:
                    file.unlink()
            if wanted:
                where.mkdir(exist_ok=True)
        except OSError as error:
            msg = f"{where}: cannot be written: {error.strerror}; move it away, or make room"
            raise StoreError(msg) from error
        for file, text in wanted.items():
            write_whole(file, text)

    def tell(self, left: int) -> None:
        """Say how far it is, with so many designs left."""
        if self._progress is None:
            return
        total = len(self.by_key)
        said = f"{total - left} of {total} designs, {self.outcome.terms} terms"
        if self.outcome.failed:
            said += f", {len(self.outcome.failed)} failed"
        self._progress((total - left) / total, said)


def run_study(
    study: Study,
    folder: Path | str,
    *,
    workers: int | None = None,
    scheduler: str = "",
    fresh: bool = False,
    only: Collection[int] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> StudyOutcome:
    """Run a study, or what is left of it; the parameters are those of `StudyDriver`.

    Returns
    -------
    StudyOutcome
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
