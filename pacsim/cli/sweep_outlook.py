"""What a study has and what a run of it would take: ``pacsim sweep --status`` and ``--dry-run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from pacsim.studies.points import Point
    from pacsim.studies.study import Study
    from pacsim.studies.study_points import SeenPoint
    from pacsim.studies.study_result import StudyResult

MOST_LISTED = 12
"""Stretches of numbers of points that are written out."""


def tell_status(study: Study, folder: Path, only: Collection[int] | None) -> StudyResult:
    """Say what is asked for, what of it is done, and what a run would go on with.

    Parameters
    ----------
    study : Study
        That is asked for now.
    folder : Path
        Of its store.
    only : collection of int, optional
        Numbers of the points that are asked for.

    Returns
    -------
    StudyResult
        What is there, seen by what is asked for.
    """
    from pacsim.formatting import duration, thousands
    from pacsim.studies.study_result import StudyResult

    result = StudyResult(folder, study)
    points = [one for one in result.points if only is None or one.number in only]
    left = [one for one in points if not result.done(one)]
    failed = [one for one in left if one.failure]
    begun = sum(one.seen.terms > 0 and not one.failure for one in left)
    seen = {one.key: one.seen for one in points}.values()
    terms, seconds = sum(one.terms for one in seen), sum(one.seconds for one in seen)
    said = f"{thousands(len(points) - len(left))} of {_points(len(points))} done"
    said += f", {thousands(begun)} begun" if begun else ""
    said += f", {thousands(len(failed))} failed" if failed else ""
    typer.echo(f"{result.name}: {said}; {thousands(terms)} terms, {duration(seconds)} of work")
    typer.echo(f"asked for: {asked_of(study)}")
    typer.echo(f"to run: {_named(left)}")
    for one in failed:
        typer.echo(f"  point {one.number} ({one}) failed: {one.failure.splitlines()[0]}")
    if failed:
        typer.echo("  a run tries these again")
    typer.echo(f"kept in {folder}")
    return result


def foretell(study: Study, folder: Path, only: Collection[int] | None, workers: int | None) -> None:
    """Say how many points and terms a run has, and how long it takes.

    Parameters
    ----------
    study : Study
        That would be run.
    folder : Path
        Of its store, which need not be there.
    only : collection of int, optional
        Numbers of the points that would be run.
    workers : int, optional
        That would run them.
    """
    from pacsim.formatting import thousands
    from pacsim.studies.store import EmptyStoreError
    from pacsim.studies.study_result import StudyResult

    wanted = [one for one in study.points if only is None or one.number in only]
    rest, there = wanted, {}
    try:
        kept = StudyResult(folder, study)
    except EmptyStoreError:
        pass
    else:
        left = {one.number for one in kept.points if not kept.done(one)}
        rest = [one for one in wanted if one.number in left]
        there = {one.key: one.seen.terms for one in kept.points}
    typer.echo(f"{study.name}: {points_of(study, len(wanted))}")
    if len(rest) < len(wanted):
        typer.echo(f"done already: {thousands(len(wanted) - len(rest))}")
    if rest:
        _forecast_rest(study, rest, there, workers)
    typer.echo(f"store: {folder}")


def _forecast_rest(
    study: Study, rest: list[Point], there: dict[str, int], workers: int | None
) -> None:
    """Say how many terms some points take, and how long that is."""
    from pacsim.engines.kernel.run import processors
    from pacsim.formatting import duration, thousands
    from pacsim.studies.forecast import TERMS, TRIED, forecast

    if study.best_of is not None:
        most = thousands(study.stopping.replications or study.stopping.most)
        typer.echo(f"terms: as many as the choice of the best takes, at most {most} a point")
        return
    of = forecast(study, rest, there)
    exact = study.stopping.relative is None
    how = "" if exact else f", judged by {TERMS} terms of {min(TRIED, len(rest))} of them"
    about = "" if exact else "about "
    begun = sum(there.get(key, 0) for key in {one.key for one in rest})
    more = " more" if begun else ""
    typer.echo(f"terms: {about}{thousands(of.terms)}{more}, {thousands(of.each)} a point{how}")
    if of.bounded:
        typer.echo("  some points end with as many as at_most allows, less precise than asked")
    at_once = min(processors() if workers is None else max(workers, 1), len(rest))
    spoken = f"{at_once} worker{'' if at_once == 1 else 's'}"
    typer.echo(f"time: about {duration(of.seconds / at_once)} on {spoken}, when they are free")


def points_of(study: Study, wanted: int | None = None) -> str:
    """Return how many points there are, and of what they are the cross.

    Parameters
    ----------
    study : Study
        That has them.
    wanted : int, optional
        How many of them are asked for; all unless given.
    """
    several = [f"{len(one.labels)} {one.name}" for one in study.dimensions if one.labels]
    designs = [f"{len(study.designs)} designs"] if len(study.designs) > 1 else []
    cross = f" ({' x '.join([*designs, *several])})" if several and study.sample is None else ""
    return _points(len(study.points) if wanted is None else wanted) + cross


def asked_of(study: Study) -> str:
    """Return in words when a point is done.

    Parameters
    ----------
    study : Study
        That asks for it.
    """
    from pacsim.formatting import duration, share, thousands

    rule, best_of = study.stopping, study.best_of
    if best_of is not None:
        side = "lowest" if best_of.lowest else "highest"
        sure = share(best_of.certainty)
        said = f"the {side} {best_of.by}, {sure} sure, at most "
        said += f"{thousands(rule.replications or rule.most)} terms a point"
    elif rule.relative is None:
        said = f"{thousands(rule.replications or rule.most)} terms a point"
    else:
        said = f"{rule.of} to {share(rule.relative)}, at most {thousands(rule.most)} terms a point"
    if rule.seconds_each is not None:
        said += f", {duration(rule.seconds_each)} of simulating each"
    return said


def _named(points: Iterable[SeenPoint]) -> str:
    """Return the numbers of points, those that follow one another as a stretch."""
    stretches: list[list[int]] = []
    numbers = [one.number for one in points]
    for number in numbers:
        if stretches and stretches[-1][1] == number - 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    if not numbers:
        return "nothing"
    written = [str(a) if a == b else f"{a}-{b}" for a, b in stretches[:MOST_LISTED]]
    more = ["..."] if len(stretches) > MOST_LISTED else []
    return f"{_points(len(numbers))}: {', '.join([*written, *more])}"


def _points(count: int) -> str:
    from pacsim.formatting import thousands

    return f"{thousands(count)} point{'' if count == 1 else 's'}"
