"""``pacsim sweep``: a study run, or what is left of it; what it would take, how far it is."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.main import FINE, INTERRUPTED, UNREACHED, USAGE, WRONG
from pacsim.cli.simulating import NARROWEST, check_writable

if TYPE_CHECKING:
    from pacsim.studies.driver import StudyOutcome
    from pacsim.studies.points import Point
    from pacsim.studies.study import Study
    from pacsim.studies.study_result import StudyResult

File = Annotated[Path, typer.Argument(metavar="FILE", help="A study file.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of the store; by default FILE without its ending."),
]
Workers = Annotated[
    int | None, typer.Option(help="Processes; by default one a processor, 0 for none but this one.")
]
Scheduler = Annotated[
    str, typer.Option(help="Address of a Dask scheduler, whose workers are used instead.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say how many points and terms, and how long it takes.")
]
Points = Annotated[str, typer.Option(help="Only these points, such as 3,7-9.")]
Status = Annotated[bool, typer.Option("--status", help="Say how far it is, and run nothing.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Save the figures here.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what is in the store first.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sweep")(sweep)


def sweep(
    file: File,
    out: Out = None,
    workers: Workers = None,
    scheduler: Scheduler = "",
    points: Points = "",
    csv: Csv = None,
    dry_run: DryRun = False,
    status: Status = False,
    fresh: Fresh = False,
) -> None:
    """Run a study: designs with other values in them; it goes on where it was stopped."""
    from pacsim.studies.store import FILE as STORE
    from pacsim.studies.sweeping import folder_of

    folder = out or folder_of(file)
    wrong = []
    if scheduler and workers is not None:
        wrong.append("--workers are of this machine; leave them out, or --scheduler")
    if workers is not None and workers < 0:
        wrong.append(f"--workers {workers} must be 0 or more")
    if dry_run and status:
        wrong.append("--dry-run and --status: give one of them")
    if fresh and (dry_run or status):
        wrong.append("--fresh is for a run; leave it out")
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(USAGE)
    if csv is not None:
        check_writable(csv, csv.with_name(f"{csv.name}.provenance.json"))
        _check_is_no_input(csv, file, folder / STORE)
    if status:
        _save(_status(folder), csv)
        raise typer.Exit(FINE)
    study = _study(file)
    if csv is not None:
        _check_is_no_input(csv, *(Path(one.file) for one in study.designs))
    only = _only(points, len(study.points))
    for note in study.notes:
        typer.echo(f"note: {note}", err=True)
    if dry_run:
        _foretell(study, folder, only, workers)
        raise typer.Exit(FINE)
    outcome = _run(study, folder, workers, scheduler, only, fresh=fresh)
    from pacsim.studies.study_result import StudyResult

    result = StudyResult(folder)
    saved = _save(result, csv)
    _show(result)
    for one in outcome.failed:
        typer.echo(f"{one.point} failed: {one.why}\n  {one.file} reproduces it", err=True)
    raise typer.Exit(_code(study, result, outcome) if saved else WRONG)


def _check_is_no_input(csv: Path, *files: Path) -> None:
    """Leave with the code for usage if figures would be written over what a study is made of."""
    if csv.resolve() in {one.resolve() for one in files}:
        typer.echo(f"{csv}: the study is made of it; give --csv another file", err=True)
        raise typer.Exit(USAGE)


def _study(file: Path) -> Study:
    """Return the study of a file, with a bar while its points are looked at."""
    from pacsim.progress_bar import ProgressBar
    from pacsim.studies.study import Study

    with ProgressBar() as show:
        return Study.load(file, progress=lambda count: show(0.0, f"looking at point {count}"))


def _only(text: str, most: int) -> list[int] | None:
    """Return the points that are asked for; None for all."""
    if not text:
        return None
    found: list[int] = []
    for one in text.split(","):
        first, dash, last = one.strip().partition("-")
        good = first.isdecimal() and (last.isdecimal() if dash else True)
        ends = (int(first), int(last or first)) if good else (0, 0)
        if not 1 <= ends[0] <= ends[1] <= most:
            typer.echo(f"--points {one.strip()!r}: points are 1 to {most}, as in 3,7-9", err=True)
            raise typer.Exit(USAGE)
        found += range(ends[0], ends[1] + 1)
    return found


def _run(
    study: Study,
    folder: Path,
    workers: int | None,
    scheduler: str,
    only: list[int] | None,
    *,
    fresh: bool,
) -> StudyOutcome:
    from pacsim.progress_bar import ProgressBar
    from pacsim.studies.driver import run_study

    with ProgressBar() as show:
        return run_study(
            study, folder, workers=workers, scheduler=scheduler, fresh=fresh, only=only,
            progress=show,
        )  # fmt: skip


def _save(result: StudyResult, csv: Path | None) -> bool:
    """Return whether the figures were saved, if they are to be; say why if not."""
    from pacsim.errors import PacsimError

    if csv is None:
        return True
    try:
        result.to_csv(csv)
    except PacsimError as error:
        typer.echo(str(error), err=True)
        return False
    return True


def _show(result: StudyResult) -> None:
    """Print the table, as wide as the terminal is."""
    from pacsim.studies.study_table import WIDTH, as_text

    columns = get_terminal_size((WIDTH, 24)).columns
    typer.echo(as_text(result.table(), max(NARROWEST, min(WIDTH, columns))))
    sys.stdout.flush()


def _code(study: Study, result: StudyResult, outcome: StudyOutcome) -> int:
    """Return the code that says how it went."""
    if outcome.interrupted:
        return INTERRUPTED
    if outcome.failed:
        return WRONG
    if study.best_of is not None:
        return FINE if result.chosen is not None and result.chosen.ranked.sure else UNREACHED
    short = study.stopping.relative is not None and any(
        result.done(one) and not one.seen.reached for one in result.points
    )
    return UNREACHED if short else FINE


def _status(folder: Path) -> StudyResult:
    """Say how far a study is."""
    from pacsim.formatting import duration, thousands
    from pacsim.studies.study_result import StudyResult

    result = StudyResult(folder)
    failed = [one for one in result.points if one.failure]
    done = sum(result.done(one) for one in result.points if not one.failure)
    begun = sum(
        one.seen.terms > 0 and not result.done(one) for one in result.points if not one.failure
    )
    terms = sum(one.seen.terms for one in result.points)
    seconds = sum(one.seen.seconds for one in result.points)
    said = f"{done} of {len(result.points)} points done"
    said += f", {begun} begun" if begun else ""
    said += f", {len(failed)} failed" if failed else ""
    typer.echo(f"{result.name}: {said}; {thousands(terms)} terms, {duration(seconds)} of work")
    for one in failed:
        typer.echo(f"  point {one.number} ({one}) failed: {one.failure.splitlines()[0]}")
    typer.echo(f"kept in {folder}")
    return result


def _foretell(study: Study, folder: Path, only: list[int] | None, workers: int | None) -> None:
    """Say how many points and terms there are, and how long they take."""
    from pacsim.formatting import thousands
    from pacsim.studies.store import FILE
    from pacsim.studies.study_result import StudyResult

    wanted = [one for one in study.points if only is None or one.number in only]
    done: set[str] = set()
    if study.best_of is None and (folder / FILE).is_file():
        kept = StudyResult(folder)
        done = {one.key for one in kept.points if kept.done(one) and not one.failure}
    rest = [one for one in wanted if one.key not in done]
    several = [f"{len(one.labels)} {one.name}" for one in study.dimensions if one.labels]
    designs = [f"{len(study.designs)} designs"] if len(study.designs) > 1 else []
    cross = f" ({' x '.join([*designs, *several])})" if several and study.sample is None else ""
    count = len(wanted)
    typer.echo(f"{study.name}: {thousands(count)} point{'' if count == 1 else 's'}{cross}")
    if len(rest) < count:
        typer.echo(f"done already: {thousands(count - len(rest))}")
    if rest:
        _forecast_rest(study, rest, workers)
    typer.echo(f"store: {folder}")


def _forecast_rest(study: Study, rest: list[Point], workers: int | None) -> None:
    """Say how many terms some points take, and how long that is."""
    from pacsim.engines.kernel.run import processors
    from pacsim.formatting import duration, thousands
    from pacsim.studies.forecast import TERMS, TRIED, forecast

    of = forecast(study, rest)
    if study.best_of is not None:
        most = thousands(study.stopping.replications or study.stopping.most)
        typer.echo(f"terms: as many as the choice of the best takes, at most {most} a point")
        return
    exact = study.stopping.relative is None
    how = "" if exact else f", judged by {TERMS} terms of {min(TRIED, len(rest))} of them"
    about = "" if exact else "about "
    each = thousands(of.terms / len(rest))
    typer.echo(f"terms: {about}{thousands(of.terms)}, {each} a point{how}")
    if of.bounded:
        typer.echo("  some points end with as many as at_most allows, less precise than asked")
    at_once = min(processors() if workers is None else max(workers, 1), len(rest))
    spoken = f"{at_once} worker{'' if at_once == 1 else 's'}"
    typer.echo(f"time: about {duration(of.seconds / at_once)} on {spoken}, when they are free")
