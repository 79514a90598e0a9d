"""What may lie where a store is looked for, and what is said of it; failures that are kept."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import pacsim
from pacsim.cli.main import application
from pacsim.errors import PacsimError
from pacsim.studies.driver import StudyDriver, run_study
from pacsim.studies.store import Store, StoreError
from pacsim.studies.study_result import StudyResult
from pacsim.studies.study_values import Dimension, Stopping
from tests.unit.studies.made import checks, study

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.studies.study import Study

NAME = "study.sqlite"


def begun(folder: Path) -> None:
    """As a driver leaves it that is killed before its first transaction."""
    Store(folder, write=True).close()


def empty(folder: Path) -> None:
    (folder / NAME).write_bytes(b"")


def cut(folder: Path, share: float) -> None:
    run_study(study(checks("2 h", "8 h")), folder, workers=0)
    whole = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(whole[: int(share * len(whole))])


def text(folder: Path) -> None:
    (folder / NAME).write_text("something else entirely, and long enough " * 40)


def other(folder: Path) -> None:
    with sqlite3.connect(folder / NAME) as base:
        base.execute("CREATE TABLE points (x INTEGER)")
    base.close()


def in_its_place(folder: Path) -> None:
    (folder / NAME).mkdir()


def of_another_form(folder: Path) -> None:
    run_study(study(checks("2 h")), folder, workers=0)
    with sqlite3.connect(folder / NAME) as base:
        base.execute("UPDATE told SET value = '1' WHERE name = 'format'")
    base.close()


NOT_READ = [
    (begun, "nothing is kept there yet, its run was stopped as it began; run pacsim sweep again"),
    (empty, "nothing is kept there yet"),
    (lambda folder: cut(folder, 0.001), "it is damaged or no store; run with --fresh"),
    (lambda folder: cut(folder, 0.5), "it is damaged or no store; run with --fresh"),
    (text, "it is damaged or no store; run with --fresh"),
    (other, "is no store of a study; move it away, or name another --out"),
    (in_its_place, "is a folder, and no store; move it away, or name another --out"),
    (of_another_form, "has form 1, this version reads form 2; run the study again with --fresh"),
]


@pytest.mark.parametrize(("made", "said"), NOT_READ)
def test_what_cannot_be_read(tmp_path: Path, made: Any, said: str) -> None:
    """In words with what helps. Sees: a KeyError, or a remedy for something else."""
    made(tmp_path)
    with pytest.raises(StoreError, match=said) as refused:
        pacsim.read(tmp_path)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize("made", [begun, empty])
def test_where_nothing_is_kept_yet_a_run_begins(tmp_path: Path, made: Any) -> None:
    made(tmp_path)
    assert run_study(study(checks("2 h")), tmp_path, workers=0).done == 1


@pytest.mark.parametrize(
    ("made", "fresh"), [(made, fresh) for made, _ in NOT_READ[2:] for fresh in (False, True)]
)
def test_what_cannot_be_gone_on_with(tmp_path: Path, made: Any, fresh: bool) -> None:
    """It is left as it was, but thrown away if that is asked for; a folder never is."""
    made(tmp_path)
    before = None if made is in_its_place else (tmp_path / NAME).read_bytes()
    one = study(checks("2 h"))
    if fresh and before is not None:
        assert run_study(one, tmp_path, workers=0, fresh=True).done == 1
        return
    with pytest.raises(PacsimError, match=r"--fresh|--out"):
        run_study(one, tmp_path, workers=0, fresh=fresh)
    assert before is None or (tmp_path / NAME).read_bytes() == before


@pytest.mark.parametrize(("made", "said"), NOT_READ)
@pytest.mark.parametrize("asked", ["--status", "--dry-run"])
def test_the_command_line_says_the_same(tmp_path: Path, made: Any, said: str, asked: str) -> None:
    (tmp_path / "out").mkdir()
    made(tmp_path / "out")
    one = study(checks("2 h"))
    (tmp_path / "small.yaml").write_text(one.designs[0].dump())
    file = tmp_path / "a.yaml"
    file.write_text(
        "pacsim: 1\nname: a study\ndesigns: small.yaml\nreplications: 192\n"
        "measures: [store.down]\nvary: {repair: {path: parts.server.ttr, values: [2 h]}}\n"
    )
    done = CliRunner().invoke(
        application(), ["sweep", str(file), asked, "--out", str(tmp_path / "out")]
    )
    if asked == "--dry-run" and made in (begun, empty):
        assert done.exit_code == 0
        assert "terms: 192, 192 a point" in done.output
        return
    assert done.exit_code == 1
    assert isinstance(done.exception, StoreError)
    assert said.partition(";")[0].partition(", this")[0] in str(done.exception)


def test_a_store_where_nothing_may_be_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a share, by somebody else. Sees: files that SQLite puts beside what it reads."""
    run_study(study(checks("2 h")), tmp_path, workers=0)
    for ending in ("-wal", "-shm"):
        (tmp_path / f"{NAME}{ending}").unlink(missing_ok=True)
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("pacsim.studies.store.os.access", lambda *_: False)
    assert [one.seen.terms for one in pacsim.read(tmp_path).points] == [192]
    assert sorted(tmp_path.iterdir()) == before


ZERO = {"parts.server.ttf": {"exactly": "0 s"}, "parts.server.ttr": {"exactly": "0 s"}}


def faulty(*names: str, terms: int = 192) -> Study:
    """Return a study of points that are well or cannot be run, by what they are called."""
    changes = tuple(
        ZERO | {"contract.min_outage": f"{k} s"}
        if name.startswith("bad")
        else {"parts.server.ttr": f"{k} h"}
        for k, name in enumerate(names, 1)
    )
    return study(Dimension("fault", names, changes), stopping=Stopping(replications=terms))


def failed(folder: Path) -> list[int]:
    return [one.number for one in StudyResult(folder).points if one.failure]


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in (folder / "failed").glob("*"))


def test_a_failure_stays_until_its_own_point_is_tried_again(tmp_path: Path) -> None:
    """Sees: failures of all points thrown away as any run begins."""
    one = faulty("bad 1", "good", "bad 3")
    run_study(one, tmp_path, workers=0)
    assert (failed(tmp_path), files(tmp_path)) == ([1, 3], ["point-1.yaml", "point-3.yaml"])
    assert run_study(one, tmp_path, workers=0, only=[2]).failed == []
    assert failed(tmp_path) == [1, 3]
    assert [x.point.number for x in run_study(one, tmp_path, workers=0, only=[3]).failed] == [3]
    assert failed(tmp_path) == [1, 3]
    assert "Point 1 (fault bad 1) failed" in str(StudyResult(tmp_path))


def test_a_run_that_is_stopped_before_its_points_leaves_their_failures(tmp_path: Path) -> None:
    one = faulty("bad 1", "bad 2")
    run_study(one, tmp_path, workers=0)
    with StudyDriver(one, tmp_path, workers=0) as driver:
        driver.begun = interrupted  # type: ignore[method-assign, assignment]
        assert driver.run().interrupted
    assert (failed(tmp_path), files(tmp_path)) == ([1, 2], ["point-1.yaml", "point-2.yaml"])


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_point_that_goes_well_again_has_not_failed(tmp_path: Path) -> None:
    one = faulty("good", "other")
    with StudyDriver(one, tmp_path, workers=0) as driver:
        for point in one.points:
            driver.give_up(point, "its worker died")
    assert (failed(tmp_path), files(tmp_path)) == ([1, 2], ["point-1.yaml", "point-2.yaml"])
    run_study(one, tmp_path, workers=0, only=[2])
    assert (failed(tmp_path), files(tmp_path)) == ([1], ["point-1.yaml"])
    run_study(one, tmp_path, workers=0)
    assert (failed(tmp_path), files(tmp_path)) == ([], [])


def test_a_point_that_is_interrupted_after_a_good_stage_has_not_failed(tmp_path: Path) -> None:
    """It was tried again. Sees: a failure that is told although the point goes on."""
    one = faulty("good", terms=2048)
    with StudyDriver(one, tmp_path, workers=0) as driver:
        driver.give_up(one.points[0], "its worker died")
    with StudyDriver(one, tmp_path, workers=0) as driver:
        driver.tell = interrupted  # type: ignore[method-assign, assignment]
        assert driver.run().stages == 1
    assert (failed(tmp_path), files(tmp_path)) == ([], [])


def test_a_failure_of_which_nothing_more_is_asked_is_over(tmp_path: Path) -> None:
    """It failed in terms that are not wanted any more."""
    long, short = faulty("good", terms=500), faulty("good", terms=192)
    run_study(short, tmp_path, workers=0)
    with StudyDriver(long, tmp_path, workers=0) as driver:
        driver.give_up(long.points[0], "its worker died")
    assert failed(tmp_path) == [1]
    assert run_study(short, tmp_path, workers=0).stages == 0
    assert (failed(tmp_path), files(tmp_path)) == ([], [])


def test_files_of_failures_have_the_numbers_that_points_have_now(tmp_path: Path) -> None:
    """Sees: a file of a point that is called otherwise now, or is not there any more."""
    first, second = faulty("bad 1"), faulty("good", "bad 2")
    run_study(first, tmp_path, workers=0)
    (tmp_path / "failed" / "mine.txt").write_text("kept")
    run_study(second, tmp_path, workers=0)
    assert files(tmp_path) == ["mine.txt", "point-2.yaml"]
    run_study(second, tmp_path, workers=0, fresh=True, only=[1])
    assert files(tmp_path) == ["mine.txt"]


def test_a_file_where_failures_would_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "failed").write_text("")
    with pytest.raises(PacsimError, match=r"failed: cannot be written: .*; move it away"):
        run_study(faulty("bad 1"), tmp_path, workers=0)
    assert failed(tmp_path) == [1]
