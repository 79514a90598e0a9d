"""When a point is done: the same for what runs it, for the result, before and after an extension."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.studies.driver import StudyDriver, run_study
from pacsim.studies.point_ends import PointEnds
from pacsim.studies.stages import KEPT_OF_ROW, StageTask, is_precise, run_stage, task_text
from pacsim.studies.store import Seen, Store
from pacsim.studies.study_result import StudyResult
from pacsim.studies.study_values import MeasureName, Stopping
from tests.unit.studies.made import DOWN, checks, small, study

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.studies.study import Study


def asked(**rule: Any) -> Study:
    return study(checks("2 h", "8 h", "16 h"), stopping=Stopping(**rule))


RULES = (
    asked(replications=192),
    asked(replications=1000),
    asked(of=DOWN, relative=0.2),
    asked(of=DOWN, relative=0.008, most=3000),
    asked(of=DOWN, relative=0.001, most=1500),
    asked(of=DOWN, relative=0.008, seconds_each=1e-9),
    asked(of=MeasureName("store", "outages"), relative=0.2),
)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 2])
def test_whatever_was_run_the_result_knows_what_a_run_would_do(tmp_path: Path, first: int) -> None:
    """Sees: points judged by what the store was asked for before, by the result or by anybody."""
    run_study(RULES[first], tmp_path / "store", workers=0, only=[1, 3])
    for number, one in enumerate(RULES):
        folder = tmp_path / f"copy{number}"
        folder.mkdir()
        with Store(tmp_path / "store") as store, Store(folder, write=True) as copy:
            store._base.backup(copy._base)
        result = StudyResult(folder, one)
        done = {x.number for x in result.points if result.done(x)}
        precise = {x.number for x in result.points if result.reached(x)} & done
        clock = {x.number for x in result.points if result.by_clock(x)}
        with StudyDriver(one, folder, workers=0) as driver:
            would = {x.number for x in one.points if driver._next(x.key) is not None}
            assert done == {1, 2, 3} - would
            driver.run()
        after = StudyResult(folder)
        assert all(after.done(x) for x in after.points)
        # Nothing of what was done has changed.
        assert precise <= {x.number for x in after.points if after.reached(x)}
        assert clock <= {x.number for x in after.points if after.by_clock(x)}


def test_points_that_a_new_precision_leaves_open_say_so(tmp_path: Path) -> None:
    """Also those that were not asked for beside it. Sees: a rule that stands beside the points."""
    run_study(RULES[2], tmp_path, workers=0)
    run_study(RULES[3], tmp_path, workers=0, only=[2])
    found = StudyResult(tmp_path)
    assert [found.done(x) for x in found.points] == [False, True, False]
    notes = [found.note(x, None) for x in found.points]
    assert [("not done yet" in one) for one in notes] == [True, False, True]
    assert "2 points are not done yet" in str(found)
    # What was asked first is there still.
    first = StudyResult(tmp_path, RULES[2])
    assert all(first.done(first.points[k]) and first.reached(first.points[k]) for k in (0, 2))


def test_an_interrupted_extension_is_not_done(tmp_path: Path) -> None:
    run_study(RULES[2], tmp_path, workers=0)
    with StudyDriver(RULES[3], tmp_path, workers=0) as driver:
        driver.took = stopped  # type: ignore[method-assign, assignment]
        assert driver.run().interrupted
    found = StudyResult(tmp_path)
    assert not any(found.done(x) for x in found.points)


def stopped(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("relative", [None, 0.008])
def test_the_time_over_just_as_a_stage_ends_is_the_clock_all_the_same(
    tmp_path: Path, relative: float | None
) -> None:
    """Sees: a point that is waited for while no run goes on with it."""
    one = asked(replications=2048) if relative is None else asked(of=DOWN, relative=relative)
    limited = replace(one, stopping=replace(one.stopping, seconds_each=10.0))
    with StudyDriver(limited, tmp_path, workers=0) as driver:
        took = driver.took
        # The first stage of each, which is whole, took all the time there was.
        driver.took = lambda done, point: took(  # type: ignore[method-assign]
            replace(done, seconds=10.0), point
        )
        assert driver.run().done == 3
    with Store(tmp_path) as store:
        assert {x.terms for x in store.seen(1).values()} == {1024}
    found = StudyResult(tmp_path)
    assert all(found.done(x) and found.by_clock(x) for x in found.points)
    assert {found.note(x, None).split("; ")[-1] for x in found.points} == {"ended by the clock"}
    assert "3 points are" in str(found)
    assert "by the clock" in str(found)
    # With more time they go on, and then no clock has ended them.
    assert run_study(one, tmp_path, workers=0).stages > 0
    more = StudyResult(tmp_path)
    assert not any(more.by_clock(x) for x in more.points)


def test_making_a_model_ready_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a clock that is turned by hand. Sees: the time of loading and compiling."""
    from pacsim.engines.kernel import Runner

    now = [0.0]
    prepare = Runner.prepare

    def slow(runner: Runner) -> None:
        now[0] += 100.0
        prepare(runner)

    monkeypatch.setattr(Runner, "prepare", slow)
    monkeypatch.setattr("pacsim.studies.stages.time.perf_counter", lambda: now[0])
    done = run_stage(StageTask("", task_text(small().plain), 1, 0, 1024, seconds=50.0))
    assert (done.end, done.seconds) == (1024, 0.0)


def test_figures_that_are_kept_say_how_precise_they_are() -> None:
    """As run_stage judges them, and by eventful terms too. Sees: another figure, or none of them."""
    task = StageTask("", task_text(small().plain), 1, 0, 1216, of="store.down", relative=0.05)
    done = run_stage(task)
    assert done.reached
    assert is_precise(done.figures, DOWN, 0.05)
    kept = json.loads(zlib.decompress(done.figures))
    rows = [dict(zip(KEPT_OF_ROW, one, strict=True)) for one in kept["rows"]]
    ((at, row),) = [(k, x) for k, x in enumerate(rows) if x["measure"] == "down"]
    half = (row["upper"] - row["lower"]) / 2 / row["estimate"]
    assert is_precise(done.figures, DOWN, half * 1.001)
    assert not is_precise(done.figures, DOWN, half * 0.999)
    eventful, _ = kept["spread"][at]
    assert 0.9 * 1216 < eventful <= 1216
    kept["spread"][at] = [3, 0.0]
    few = zlib.compress(json.dumps(kept).encode())
    assert not is_precise(few, DOWN, 0.05)
    assert not is_precise(done.figures, MeasureName("store", "nothing"), 0.9)


def test_more_precise_before_is_enough_and_less_is_not() -> None:
    ends = PointEnds(Stopping(of=DOWN, relative=0.05), lambda _: b"")
    at = 1000
    assert ends.next("", Seen(at, rule="store.down 0.01", reached=True)) is None
    assert ends.next("", Seen(at, rule="store.down 0.05", reached=True)) is None
    for rule, reached in (("store.down 0.1", True), ("store.up 0.01", True), ("x 0.01", False)):
        assert ends.next("", Seen(at, rule=rule, reached=reached)) == (1024, False)
