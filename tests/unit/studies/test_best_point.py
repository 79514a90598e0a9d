"""The best point of a study: run no longer than it takes, and told again from the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from pacsim.cli.main import application
from pacsim.errors import ArgumentError
from pacsim.stats import BLOCK
from pacsim.studies.best_point import BestChoice
from pacsim.studies.driver import run_study
from pacsim.studies.study_result import StudyResult
from pacsim.studies.study_values import BestOf, Stopping
from tests.unit.studies.made import DOWN, SERVER, dimension, small, study

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.design import Design
    from pacsim.studies.study import Study

HOURS = (8.0, 7.9, 8.1, 8.4, 9.0, 16.0)
"""To repair, four times a year: the second is the best by half an hour a year or more."""


def server(name: str, hours: float) -> Design:
    """Return a design of one server whose faults are its own."""
    parts = {name: SERVER | {"ttr": f"{hours} h"}}
    return small(name=name, parts=parts, roles={"store": {"needs": [name]}})


def asked(*hours: float, most: int = 100_000, **given: Any) -> Study:
    wanted = BestOf(DOWN, **{"lowest": True, "certainty": 0.95, "indifferent": 0.4, **given})
    designs = [server(f"server-{k}", x) for k, x in enumerate(hours or HOURS)]
    made = study(designs=designs, stopping=Stopping(DOWN, 0.05, most=most))
    return replace(made, best_of=wanted)


def test_the_best_is_found_and_the_others_are_not_run_for_long(tmp_path: Path) -> None:
    # Sees: all points run to the end; the lowest taken for the highest.
    outcome = run_study(asked(), tmp_path, workers=0)
    found = StudyResult(tmp_path)
    chosen = found.chosen
    assert chosen is not None
    assert (chosen.number, chosen.alike, chosen.ranked.sure) == (2, (), True)
    terms = [one.seen.terms for one in found.points]
    # Whole stages of sixteen blocks, of those that were still in the choice when they began.
    expected = [-(-n // 16) * 16 * BLOCK for n in chosen.ranked.blocks]
    assert terms == expected
    assert terms[1] == max(terms)
    assert terms[5] == min(terms)
    assert outcome.done == 6
    assert all(found.done(one) for one in found.points)
    said = str(found)
    assert (
        "Best by store.down, the lowest: point 2; with a probability of at least 95 % it is" in said
    )
    assert "or within 0.4 h/year of it" in " ".join(chosen.lines())
    # Sees: a promise without what it rests on.
    assert "It takes means of 64 terms to be about normal" in " ".join(chosen.lines())
    assert "not done yet" not in said
    assert run_study(asked(), tmp_path, workers=0).stages == 0


def test_the_highest(tmp_path: Path) -> None:
    run_study(asked(lowest=False), tmp_path, workers=0)
    chosen = StudyResult(tmp_path).chosen
    assert chosen is not None
    assert chosen.number == 6


def test_it_does_not_depend_on_what_is_in_the_store(tmp_path: Path) -> None:
    """Ended early and gone on with; after a study that ran points further; by two processes."""
    # Sees: blocks that are read twice or not at all when a run goes on.
    closer = asked(8.0, 7.9, 12.0)
    run_study(closer, tmp_path / "whole", workers=0)
    whole = StudyResult(tmp_path / "whole").chosen
    assert whole is not None
    assert whole.ranked.sure
    for most in (1024, 2048, 2900):
        early = replace(closer, stopping=replace(closer.stopping, most=most))
        run_study(early, tmp_path / "early", workers=0)
        there = StudyResult(tmp_path / "early").chosen
        assert there is not None
        assert not there.ranked.sure
        assert "no guarantee" in " ".join(there.lines())
    run_study(closer, tmp_path / "early", workers=0)
    assert StudyResult(tmp_path / "early").chosen == whole
    plain = replace(closer, best_of=None, stopping=Stopping(replications=3000))
    run_study(plain, tmp_path / "plain", workers=0)
    assert StudyResult(tmp_path / "plain").chosen is None
    run_study(closer, tmp_path / "plain", workers=0)
    assert StudyResult(tmp_path / "plain").chosen == whole


def test_two_points_of_one_design(tmp_path: Path) -> None:
    """They are run once, and are one in the choice."""
    lives = dimension("life", "parts.net.ttf", ("3 years", "3 years", "1 year"))
    made = replace(study(lives, stopping=Stopping(DOWN, 0.05)), best_of=asked().best_of)
    assert made.points[0].key == made.points[1].key
    run_study(made, tmp_path / "one", workers=0)
    found = StudyResult(tmp_path / "one")
    assert found.chosen is not None
    assert (found.chosen.number, found.chosen.alike) == (1, ())
    assert len(found.chosen.ranked.blocks) == 2


def test_only_some_points_are_no_choice(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="best_of chooses among all points"):
        run_study(asked(), tmp_path, workers=0, only=[1, 2])
    assert not list(tmp_path.iterdir())


FILE = """\
pacsim: 1
name: The best repair
designs: [small.yaml]
vary: {parts.a.ttr: [2 h, 4 h, 8 h]}
best_of: {by: store.down, best: lowest, certainty: 95 %, indifferent: 1 h/year}
at_most: {replications: MOST}
"""


def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(
        "pacsim: 1\nparts: {a: {type: component, ttf: 90 days, ttr: 8 h}}\n"
        "roles: {store: {needs: [a]}}\n"
    )
    file = tmp_path / "best.yaml"
    file.write_text(FILE.replace("MOST", "500"))
    early = CliRunner().invoke(application(), ["sweep", str(file), "--workers", "0"])
    assert (early.exit_code, "no guarantee: ended at 7 blocks with 3 left" in early.output) == (
        3,
        True,
    )
    file.write_text(FILE.replace("MOST", "100 000"))
    told = CliRunner().invoke(application(), ["sweep", str(file), "--dry-run"])
    assert "terms: as many as the choice of the best takes, at most 100 000 a point" in told.output
    done = CliRunner().invoke(application(), ["sweep", str(file), "--workers", "0"])
    assert done.exit_code == 0, done.output
    assert "Best by store.down, the lowest: point 1; with a probability" in " ".join(
        done.output.split()
    )


def test_a_point_that_cannot_be_run_is_no_choice() -> None:
    """It would be the best; without it the second one is, and it is said."""
    rng = np.random.default_rng(1)
    means = {n: level + rng.normal(size=64) for n, level in ((1, 0.0), (2, 5.0), (4, 9.0))}
    wanted = BestOf(DOWN, lowest=True, certainty=0.95, indifferent=1.0)
    choice = BestChoice(wanted, [1, 2, 4], [1])
    choice.feed({**means, 1: np.zeros(0)})
    found = choice.found()
    assert (found.number, found.ranked.sure, found.ranked.blocks[0]) == (2, True, 0)
    assert "it is the best of 2" in found.lines()[0]
    assert "1 that could not be run may be better." in found.lines()
    whole = BestChoice(wanted, [1, 2, 4])
    whole.feed(means)
    assert whole.found().number == 1
