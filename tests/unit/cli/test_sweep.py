"""``sweep``: what it runs, prints, saves and leaves with; what it refuses before anything runs."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import pacsim.studies.driver
from pacsim.cli.main import application, run
from pacsim.studies.driver import FailedPoint, StudyOutcome
from pacsim.studies.study_result import StudyResult, read
from tests.unit.studies.made import small

if TYPE_CHECKING:
    from pacsim.studies.study import Study

STUDY = """
pacsim: 1
name: Small
question: Which repair?
designs: small.yaml
vary:
  repair: {path: parts.server.ttr, values: [4 h, 8 h]}
  net: {path: parts.net.ttr, values: [6 h, 1 day]}
measures: [store.down]
replications: 128
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(small().dump(), encoding="utf-8")
    made = tmp_path / "mine.yaml"
    made.write_text(STUDY, encoding="utf-8")
    return made


def say(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(application(), ["sweep", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_a_study_is_run_and_shown(file: Path) -> None:
    said = say(file, "--workers", "0")
    assert said.startswith("note: repair: 8 h is what")
    assert "Small Which repair?" in said
    assert "store: down" in said
    assert f"Kept in {file.with_suffix('')}" in said
    assert len(read(file.with_suffix("")).to_frame()) == 4


def test_again_it_runs_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(file, "--workers", "0")
    monkeypatch.setattr("pacsim.studies.stages.run_stage", None)
    monkeypatch.setattr("pacsim.studies.executors.run_stage", None)
    say(file, "--workers", "0")


def test_figures_are_saved_with_where_they_come_from(file: Path) -> None:
    table = file.parent / "table.csv"
    say(file, "--workers", "0", "--csv", table, "--out", file.parent / "elsewhere")
    assert len(table.read_text(encoding="utf-8").splitlines()) == 5
    assert (
        json.loads((file.parent / "table.csv.provenance.json").read_text(encoding="utf-8"))["seed"]
        == 1
    )
    assert (file.parent / "elsewhere").is_dir()
    assert not file.with_suffix("").exists()


def test_only_some_points(file: Path) -> None:
    said = say(file, "--workers", "0", "--points", "1,3-4")
    assert "1 point is not done yet: run the same again to go on." in said
    assert [one.seen.terms for one in read(file.with_suffix("")).points] == [128, 0, 128, 128]


@pytest.mark.parametrize("text", ["0", "5", "3-2", "a", "1,,2", "-1", "1-"])
def test_points_that_there_are_not(file: Path, text: str) -> None:
    assert "points are 1 to 4, as in 3,7-9" in say(file, "--points", text, code=2)


def test_status_runs_nothing(file: Path) -> None:
    assert "there is no store of a study; run pacsim sweep first" in say_error(file, "--status")
    say(file, "--workers", "0", "--points", "2")
    said = say(file, "--status")
    assert said.startswith("Small: 1 of 4 points done; 128 terms,")
    assert read(file.with_suffix("")).points[0].seen.terms == 0


def say_error(*arguments: str | Path) -> str:
    """Return the error that a command raises, as `pacsim.cli.main.run` prints it."""
    done = CliRunner().invoke(application(), ["sweep", *map(str, arguments)])
    assert done.exit_code == 1
    return str(done.exception)


def test_status_is_of_what_is_asked_now(file: Path) -> None:
    """Also before it has been run. Sees: the rule, or the points, of the last run."""
    say(file, "--workers", "0")
    file.write_text(
        STUDY.replace("replications: 128", "replications: 192").replace("[4 h, 8 h]", "[4 h, 9 h]"),
        encoding="utf-8",
    )
    said = say(file, "--status", "--csv", file.parent / "table.csv")
    assert said.startswith("Small: 0 of 4 points done, 2 begun; 256 terms,")
    assert "asked for: 192 terms a point to run: 4 points: 1-4 kept in" in said
    rows = (file.parent / "table.csv").read_text(encoding="utf-8").splitlines()
    assert [row.rpartition(",")[2] for row in rows[1:]] == ["not done yet"] * 2 + [
        "not run yet"
    ] * 2
    assert "terms: 512 more, 192 a point" in say(file, "--dry-run")
    say(file, "--workers", "0", "--points", "1,3")
    assert "to run: 2 points: 2, 4" in say(file, "--status")
    assert "Small: 2 of 2 points done;" in say(file, "--status", "--points", "1,3")
    assert "done already: 2 terms: 256 more, 192 a point" in say(file, "--dry-run")
    say(file, "--workers", "0")
    assert "to run: nothing" in say(file, "--status")
    assert len(read(file.with_suffix("")).points) == 4


def test_status_of_another_study_is_refused(file: Path) -> None:
    say(file, "--workers", "0")
    file.write_text(STUDY.replace("name: Small", "name: Other"), encoding="utf-8")
    for asked in ("--status", "--dry-run"):
        assert "run with --fresh to throw it away" in say_error(file, asked)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("precision: 2 %", "store.down to 2 %, at most 100 000 terms a point"),
        (
            "precision: 2 %\nat_most: {replications: 300, seconds_each: 1 min}",
            "store.down to 2 %, at most 300 terms a point, 1 min of simulating each",
        ),
        (
            "best_of: {by: store.down, indifferent: 1}\nat_most: {replications: 64}",
            "the lowest store.down, 95 % sure, at most 64 terms a point",
        ),
    ],
)
def test_status_says_what_is_asked(file: Path, rule: str, said: str) -> None:
    file.write_text(STUDY.replace("replications: 128", rule), encoding="utf-8")
    say(file, "--workers", "0", code=0 if rule == "precision: 2 %" else 3)
    assert f"asked for: {said}" in say(file, "--status")


def test_a_choice_that_is_made_is_not_run_again(file: Path) -> None:
    rule = "best_of: {by: store.down, indifferent: 1 h/year}"
    file.write_text(STUDY.replace("replications: 128", rule), encoding="utf-8")
    assert "terms: as many as the choice of the best takes" in say(file, "--dry-run")
    say(file, "--workers", "0")
    assert "4 of 4 points done" in say(file, "--status")
    assert "done already: 4" in say(file, "--dry-run")
    assert "best_of chooses among all points" in say(file, "--points", "1", code=2)


def test_the_code_is_of_the_points_and_the_precision_asked_for(file: Path) -> None:
    """A point that was precise enough before is not now. Sees: what the store was asked for."""
    low = "precision: 50 %\nat_most: {replications: 64}"
    file.write_text(STUDY.replace("replications: 128", low), encoding="utf-8")
    say(file, "--workers", "0")
    file.write_text(STUDY.replace("replications: 128", low.replace("50", "0.1")), encoding="utf-8")
    said = say(file, "--workers", "0", "--points", "2", code=3)
    assert "4 points are less precise than asked for" in said
    short = "replications: 100 000\nat_most: {seconds_each: 0.001 s}"
    file.write_text(STUDY.replace("replications: 128", short), encoding="utf-8")
    said = say(file, "--workers", "0", "--points", "2", code=3)
    assert re.search(r"points? (is|are) short of the terms asked for: ended by the clock", said)


def test_the_code_is_of_no_other_points(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(file, "--workers", "0")
    monkeypatch.setattr(StudyResult, "reached", lambda _, point: point.number != 1)
    assert say(file, "--workers", "0", "--points", "2-4")
    say(file, "--workers", "0", code=3)


def test_a_dry_run_says_what_it_takes(file: Path) -> None:
    said = say(file, "--dry-run", "--workers", "2")
    assert "Small: 4 points (2 repair x 2 net) terms: 512, 128 a point time: about" in said
    assert "on 2 workers" in said
    assert not file.with_suffix("").exists()
    say(file, "--workers", "0", "--points", "2")
    assert "done already: 1 terms: 384, 128 a point time" in say(file, "--dry-run")


def test_a_dry_run_of_a_precision(file: Path) -> None:
    """Close to what it comes to: the terms that are needed follow from a few."""
    file.write_text(STUDY.replace("replications: 128", "precision: 0.5 %"), encoding="utf-8")
    said = say(file, "--dry-run")
    told = float(said.partition("terms: about ")[2].partition(",")[0].replace(" ", ""))
    say(file, "--workers", "0")
    came = sum(one.seen.terms for one in read(file.with_suffix("")).points)
    assert came > 4 * 4096
    assert told / 2 < came < told * 2
    assert "judged by 256 terms of 3 of them" in said


def test_a_precision_out_of_reach_is_told_beforehand_and_by_the_code(file: Path) -> None:
    short = "precision: 0.1 %\nat_most: {replications: 64}"
    file.write_text(STUDY.replace("replications: 128", short), encoding="utf-8")
    assert "some points end with as many as at_most allows" in say(file, "--dry-run")
    said = say(file, "--workers", "0", code=3)
    assert "4 points are less precise than asked for" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--scheduler", "tcp://a:1", "--workers", "2"],
            "workers are of this machine; leave them out, or scheduler",
        ),
        (["--workers", "-1"], "workers -1 must be 0 to 4096; 0 is for none but this process"),
        (["--out", "README.md"], "README.md is a file, and no folder; name another"),
        (["--out", "README.md/deeper", "--dry-run"], "README.md is a file, and no folder"),
        (["--dry-run", "--status"], "--dry-run and --status: give one of them"),
        (["--fresh", "--status"], "--fresh is for a run"),
        (["--csv", "no-such-folder/a.csv"], "there is no folder no-such-folder"),
    ],
)
def test_what_makes_no_sense(file: Path, arguments: list[str], said: str) -> None:
    assert said in say(file, *arguments, code=2)
    assert not file.with_suffix("").exists()


def test_a_wrong_study_runs_nothing(file: Path) -> None:
    file.write_text(STUDY.replace("parts.net", "parts.nte"), encoding="utf-8")
    assert 'did you mean "parts.net"?' in say_error(file)
    assert not file.with_suffix("").exists()


def outcome(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    """Let a run come to something else in the end."""
    plain = pacsim.studies.driver.run_study

    def run_study(study: Study, folder: Path, **asked: Any) -> StudyOutcome:
        done = plain(study, folder, **asked)
        for name, value in more.items():
            setattr(done, name, value(study) if callable(value) else value)
        return done

    monkeypatch.setattr(pacsim.studies.driver, "run_study", run_study)


def test_an_interrupted_run_says_so_by_its_code(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome(monkeypatch, interrupted=True)
    say(file, "--workers", "0", code=130)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("pacsim.studies.study.Study.load", "interrupted; nothing was run"),
        ("pacsim.studies.driver.run_study", "interrupted; what was finished is kept: run the same"),
    ],
)
def test_an_interrupt_outside_the_stages_is_told(
    file: Path, where: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    assert said in say(file, "--workers", "0", code=130)


@pytest.mark.parametrize(("code", "over"), [(130, True), (1, False)])
def test_who_interrupts_twice_is_let_go_at_once(
    code: int, over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sees: a traceback of what was being left."""

    def leaving() -> None:
        sys.exit(code)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("pacsim.cli.main.application", lambda: leaving)
    try:
        with pytest.raises(SystemExit):
            run()
        assert (signal.getsignal(signal.SIGINT) == signal.SIG_DFL) is over
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_point_that_fails_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome(
        monkeypatch,
        failed=lambda study: [FailedPoint(study.points[2], "it broke", Path("that.yaml"))],
    )
    said = say(file, "--workers", "0", code=1)
    assert "point 3 (repair 8 h, net 6 h) failed: it broke that.yaml reproduces it" in said


def test_another_study_in_the_same_place_is_refused(file: Path) -> None:
    say(file, "--workers", "0")
    file.write_text(STUDY.replace("name: Small", "name: Other"), encoding="utf-8")
    assert "run with --fresh to throw it away" in say_error(file, "--workers", "0")
    say(file, "--workers", "0", "--fresh")


@pytest.mark.parametrize("more", [(), ("--status",), ("--dry-run",)])
def test_figures_are_not_written_over_what_they_are_made_of(
    file: Path, more: tuple[str, ...]
) -> None:
    before = file.read_text()
    assert "is made of it" in say(file, "--csv", file, *more, code=2)
    assert file.read_text() == before
