"""How many terms a study will take and how long, from a few terms of a few of its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.studies.stages import StageTask, is_over, next_stage, rows_of, run_stage, task_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacsim.results.rows import Row
    from pacsim.studies.points import Point
    from pacsim.studies.study import Study
    from pacsim.studies.study_values import Stopping

TRIED, TERMS = 3, 256
"""Points that are tried, and contract terms of each."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the rest of a study is likely to take.

    Parameters
    ----------
    points : int
        That are run.
    each : float
        Terms of one of them, those that are there already among them.
    terms : float
        That are run, of all of them together.
    seconds : float
        On one worker.
    bounded : bool
        Whether a point that was tried ends by what it may have at most.
    """

    points: int
    each: float
    terms: float
    seconds: float
    bounded: bool


def forecast(study: Study, points: Sequence[Point], there: Mapping[str, int]) -> Forecast:
    """Return what some points of a study are likely to take; a few terms are run for it.

    Parameters
    ----------
    study : Study
        Whose rule ends them.
    points : sequence of Point
        Those that are to be run.
    there : mapping of str to int
        Key of a design to the terms that it has already.
    """
    if not points:
        return Forecast(0, 0.0, 0.0, 0.0, bounded=False)
    places = sorted({k * (len(points) - 1) // (TRIED - 1) for k in range(TRIED)})
    rule = study.stopping
    # Compiling is not repeated at each point.
    run_stage(StageTask("", task_text(points[0].plain), study.seed, 0, 64))
    terms, seconds, bounded = 0.0, 0.0, False
    for k in places:
        done = run_stage(StageTask("", task_text(points[k].plain), study.seed, 0, TERMS))
        needed = _terms(rule, rows_of(done.figures, study.name))
        each = done.seconds / TERMS
        if rule.seconds_each is not None and needed * each > rule.seconds_each:
            needed, bounded = int(rule.seconds_each / each), True
        bounded |= rule.relative is not None and needed >= rule.most
        terms += needed
        seconds += each
    needed_each = terms / len(places)
    designs = {one.key for one in points}
    left = sum(max(needed_each - there.get(key, 0), 0.0) for key in designs)
    return Forecast(len(points), needed_each, left, left * seconds / len(places), bounded)


def _terms(rule: Stopping, rows: Sequence[Row]) -> int:
    """Return how many terms a point takes by the rule, judged by a few of them."""
    if rule.relative is None:
        return rule.replications or rule.most
    of = rule.of
    assert of is not None
    row = next(
        (x for x in rows if (x.role, x.measure, x.of) == (of.owner, of.measure, of.of)), None
    )
    if row is None or not row.estimate or row.lower is None or row.upper is None:
        return rule.most
    wide = (row.upper - row.lower) / 2 / row.estimate
    wanted = TERMS * (wide / rule.relative) ** 2
    done = 0
    while not is_over(rule, done):
        done, look = next_stage(rule, done)
        if look and done >= wanted:
            break
    return done
