"""A study run by one process: the figures of a run, resumed and extended, and what is refused."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.errors import PacsimError
from pacsim.studies.driver import StudyDriver, StudyOutcome, run_study
from pacsim.studies.stages import rows_of
from pacsim.studies.store import Store
from pacsim.studies.study_values import Dimension, MeasureName, Stopping
from tests.unit.studies.made import DOWN, checks, small, study

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from pacsim.results.rows import Row
    from pacsim.studies.study import Study

FIVE = Stopping(of=DOWN, relative=0.05)


def ran(one: Study, folder: Path, **more: Any) -> StudyOutcome:
    return run_study(one, folder, workers=0, **more)


def table(one: Study, folder: Path) -> dict[int, tuple[Row, ...]]:
    with Store(folder) as store:
        return {
            p.number: rows_of(found, str(p.number)) if found else ()
            for p in one.points
            for found in (store.figures(p.key, one.seed),)
        }


def rows_alone(one: Study, number: int, **asked: Any) -> tuple[Row, ...]:
    """Return the rows of a point as a run of its design gives them."""
    design = one.points[number - 1].design.vary({"name": str(number)})
    return pacsim.run(design, seed=one.seed, progress=False, **asked).rows


@pytest.mark.parametrize("terms", [192, 1024, 1000, 2100])
def test_the_rows_are_those_of_a_run_to_the_bit(tmp_path: Path, terms: int) -> None:
    """In one stage or several, whole blocks or not. Sees: a stage merged in another order."""
    one = study(checks("2 h", "8 h"), stopping=Stopping(replications=terms), seed=5)
    ran(one, tmp_path)
    found = table(one, tmp_path)
    for number in (1, 2):
        assert found[number] == rows_alone(one, number, replications=terms)


def test_a_precision_ends_where_a_run_ends(tmp_path: Path) -> None:
    one = study(checks("2 h", "16 h"), stopping=Stopping(of=DOWN, relative=0.01))
    ran(one, tmp_path)
    found = table(one, tmp_path)
    for number in (1, 2):
        alone = rows_alone(one, number, precision=0.01, role="store")
        assert found[number] == alone
    # Sees: looks of its own, or none.
    assert min(rows[0].n for rows in found.values()) > 1216


def test_no_precision_ends_a_point_before_it_can_be_told_from_others(tmp_path: Path) -> None:
    one = study(checks("2 h"), stopping=Stopping(of=DOWN, relative=0.9))
    assert ran(one, tmp_path).terms == 1216


def test_a_precision_of_any_figure_is_reached_or_ends_at_the_most(tmp_path: Path) -> None:
    of = MeasureName.read("store.down_by_root:net/unit")
    one = study(checks("2 h"), stopping=Stopping(of=of, relative=0.04, most=3000))
    ran(one, tmp_path / "a")
    row = next(
        x for x in table(one, tmp_path / "a")[1] if x.measure == of.measure and x.of == of.of
    )
    assert row.estimate is not None
    assert row.upper is not None
    assert row.lower is not None
    assert (row.upper - row.lower) / 2 <= 0.04 * row.estimate
    never = MeasureName.read("store.down_planned")
    two = study(checks("2 h"), stopping=Stopping(of=never, relative=0.04, most=300))
    outcome = ran(two, tmp_path / "b")
    assert (outcome.done, outcome.terms) == (1, 300)


def test_what_is_there_is_not_run_again(tmp_path: Path) -> None:
    one = study(checks("2 h", "8 h"))
    assert (ran(one, tmp_path).stages, ran(one, tmp_path).stages) == (2, 0)


def test_a_value_more_runs_only_the_new_points(tmp_path: Path) -> None:
    """Sees: points known by their number, not by their design."""
    ran(study(checks("2 h", "8 h")), tmp_path)
    wider = study(checks("1 h", "2 h", "4 h", "8 h"))
    outcome = ran(wider, tmp_path)
    assert (outcome.points, outcome.done, outcome.stages, outcome.terms) == (4, 4, 2, 2 * 192)
    ran(wider, tmp_path / "alone")
    assert table(wider, tmp_path) == table(wider, tmp_path / "alone")


def test_twice_the_precision_goes_on_from_there(tmp_path: Path) -> None:
    def asked(relative: float) -> Study:
        return study(checks("2 h", "8 h"), stopping=Stopping(of=DOWN, relative=relative))

    first = ran(asked(0.02), tmp_path)
    assert first.terms == sum(rows[0].n for rows in table(asked(0.02), tmp_path).values())
    more = ran(asked(0.01), tmp_path)
    alone = ran(asked(0.01), tmp_path / "alone")
    assert table(asked(0.01), tmp_path) == table(asked(0.01), tmp_path / "alone")
    assert first.terms + more.terms == alone.terms
    assert more.terms > 0
    assert ran(asked(0.02), tmp_path).stages == 0
    assert ran(asked(0.01), tmp_path).stages == 0


def test_more_replications_go_on_within_a_block(tmp_path: Path) -> None:
    short, long = (study(checks("2 h"), stopping=Stopping(replications=n)) for n in (100, 250))
    ran(short, tmp_path)
    assert ran(long, tmp_path).terms == 150
    ran(long, tmp_path / "alone")
    assert table(long, tmp_path) == table(long, tmp_path / "alone")
    assert blocks(long, tmp_path, 1).tolist() == blocks(long, tmp_path / "alone", 1).tolist()


def blocks(one: Study, folder: Path, number: int) -> np.ndarray:
    with Store(folder) as store:
        found = store.blocks(one.points[number - 1].key, one.seed, DOWN)
    assert found is not None
    return found.top


def test_block_means_are_those_of_the_terms(tmp_path: Path) -> None:
    """Against the mean over a run that ends with the block. Sees: a block left out or twice."""
    one = study(checks("8 h"), stopping=Stopping(replications=1280))
    ran(one, tmp_path)
    found = blocks(one, tmp_path, 1)
    assert len(found) == 20
    for end in (1, 3, 20):
        down = next(x for x in rows_alone(one, 1, replications=64 * end) if x.measure == "down")
        assert found[:end].mean() == pytest.approx(down.estimate, rel=1e-12)


def test_ratios_have_both_their_sums(tmp_path: Path) -> None:
    one = study(checks("8 h"), stopping=Stopping(replications=640))
    ran(one, tmp_path)
    name = MeasureName.read("store.outage_duration_mean")
    with Store(tmp_path) as store:
        found = store.blocks(one.points[0].key, one.seed, name)
    assert found is not None
    row = next(x for x in table(one, tmp_path)[1] if x.measure == name.measure)
    assert found.below is not None
    assert found.top.sum() / found.below.sum() == pytest.approx(row.estimate, rel=1e-12)


def test_points_of_one_design_are_run_once(tmp_path: Path) -> None:
    same = {"parts.server.ttr": "2 h"}
    one = study(Dimension("repair", ("short", "two hours"), (same, same)))
    outcome = ran(one, tmp_path)
    assert (outcome.points, outcome.done, outcome.stages) == (2, 2, 1)


def test_some_points_only(tmp_path: Path) -> None:
    one = study(checks("2 h", "4 h", "8 h"))
    outcome = ran(one, tmp_path, only={2})
    assert (outcome.points, outcome.done, outcome.stages) == (1, 1, 1)
    assert [bool(rows) for rows in table(one, tmp_path).values()] == [False, True, False]


def test_advancing_by_hand_and_then_to_the_end(tmp_path: Path) -> None:
    one = study(checks("2 h", "4 h"), stopping=Stopping(replications=640))
    with StudyDriver(one, tmp_path, workers=0) as driver:
        driver.advance(one.points[:1], 256)
        assert {k: x.terms for k, x in driver.seen.items()} == {one.points[0].key: 256}
        assert driver.run().terms == 2 * 640
    ran(one, tmp_path / "alone")
    assert table(one, tmp_path) == table(one, tmp_path / "alone")


def test_a_time_limit_ends_a_point_at_a_block_and_says_so(tmp_path: Path) -> None:
    one = study(checks("2 h"), stopping=Stopping(replications=100_000, seconds_each=0.001))
    assert ran(one, tmp_path).done == 1
    with Store(tmp_path) as store:
        (there,) = store.seen(one.seed).values()
    assert there.seconds >= 0.001
    assert 0 < there.terms < 100_000
    assert there.terms % 64 == 0
    assert ran(one, tmp_path).stages == 0


def test_fresh_begins_anew(tmp_path: Path) -> None:
    one = study(checks("2 h"))
    ran(one, tmp_path)
    assert ran(one, tmp_path, fresh=True).stages == 1


def test_two_drivers_on_one_store(tmp_path: Path) -> None:
    """Also with --fresh, which must not throw away what another one writes."""
    one = study(checks("2 h"))
    with StudyDriver(one, tmp_path, workers=0):
        for fresh in (False, True):
            with pytest.raises(PacsimError, match=r"process \d+ is at work on this store; wait"):
                ran(one, tmp_path, fresh=fresh)
    assert ran(one, tmp_path).done == 1


def test_a_store_of_something_else_is_refused_with_all_that_differs(tmp_path: Path) -> None:
    one = study(checks("2 h"))
    ran(one, tmp_path)
    base = sqlite3.connect(tmp_path / "study.sqlite")
    base.execute("UPDATE told SET value = '\"pacsim 0.0.1, streams 0\"' WHERE name = 'versions'")
    base.commit()
    base.close()
    changed = small(parts=dict(small().tree.plain()["parts"]) | {"net": {
        "type": "component", "ttf": "5 years", "ttr": "1 day"}})  # fmt: skip
    other = replace(study(checks("2 h"), designs=[changed], seed=2), name="another")
    with pytest.raises(PacsimError) as refused:
        ran(other, tmp_path)
    said = str(refused.value)
    for word in ("pacsim 0.0.1, streams 0", 'of the study "a study", this one is "another"',
                 "its seed is 1, this study's 2", "design small was", "--fresh"):  # fmt: skip
        assert word in said
    assert ran(other, tmp_path, fresh=True).done == 1


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "study.sqlite").write_text("something else entirely, and long enough " * 40)
    with pytest.raises(PacsimError, match="damaged or no store; run with --fresh"):
        ran(study(checks("2 h")), tmp_path)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PacsimError, match="is a file, and no folder; name another"):
        ran(study(checks("2 h")), tmp_path / "file" / "deeper")
    with pytest.raises(PacsimError, match="no store of a study"):
        Store(tmp_path / "nowhere")


def test_a_point_that_cannot_be_run_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    """Faults without end in one instant: a design that is right and still cannot be run."""
    endless = Dimension(
        "fault",
        ("seldom", "always"),
        ({}, {"parts.server.ttf": {"exactly": "0 s"}, "parts.server.ttr": {"exactly": "0 s"}}),
    )
    one = study(endless)
    outcome = ran(one, tmp_path)
    assert (outcome.points, outcome.done) == (2, 1)
    (failed,) = outcome.failed
    assert failed.point.number == 2
    assert "server" in failed.why
    again = pacsim.load(failed.file)
    with pytest.raises(PacsimError):
        pacsim.run(again, replications=64, progress=False)
    assert ran(one, tmp_path).failed


def test_a_precision_that_is_there_already_is_seen(tmp_path: Path) -> None:
    """Sees: terms more than the same study would have had undisturbed."""

    def asked(relative: float) -> Study:
        return study(checks("2 h", "8 h"), stopping=Stopping(of=DOWN, relative=relative))

    ran(asked(0.9), tmp_path)
    assert ran(asked(0.05), tmp_path).terms == 0
    ran(asked(0.05), tmp_path / "alone")
    assert table(asked(0.05), tmp_path) == table(asked(0.05), tmp_path / "alone")
