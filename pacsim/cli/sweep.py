"""``pacsim sweep``: a study run, or what is left of it; what it would take, how far it is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.main import FINE, INTERRUPTED, UNREACHED, USAGE, WRONG
from pacsim.cli.simulating import NARROWEST, check_writable
from pacsim.cli.sweep_outlook import foretell, tell_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.studies.driver import StudyOutcome
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
Status = Annotated[
    bool, typer.Option("--status", help="Say what is asked, done and left, and run nothing.")
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Save the figures here.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what is in the store first.")]


HELP = (
    "Run a study: designs with other values in them; it goes on where it was stopped.\n\n"
    "What is in the store and still asked for is not run again. Of at_most in FILE, seconds_each "
    "counts the seconds that a point is simulated, not those of loading or compiling."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sweep", help=HELP)(sweep)


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
    from pacsim.errors import ArgumentError
    from pacsim.studies.asked_run import check_only, check_places
    from pacsim.studies.store import FILE as STORE
    from pacsim.studies.sweeping import folder_of

    folder = out or folder_of(file)
    wrong = []
    try:
        check_places(workers, scheduler, folder)
    except ArgumentError as error:
        wrong.append(str(error))
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
    with _heard("nothing was run"):
        study = loaded_study(file)
    if csv is not None:
        _check_is_no_input(csv, *(Path(one.file) for one in study.designs))
    only = _only(points, len(study.points))
    try:
        check_only(only, study)
    except ArgumentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None
    if status:
        raise typer.Exit(FINE if _save(tell_status(study, folder, only), csv) else WRONG)
    for note in study.notes:
        typer.echo(f"note: {note}", err=True)
    if dry_run:
        foretell(study, folder, only, workers)
        raise typer.Exit(FINE)
    with _heard("what was finished is kept: run the same again to go on"):
        outcome = _run(study, folder, workers, scheduler, only, fresh=fresh)
    from pacsim.studies.study_result import StudyResult

    result = StudyResult(folder)
    saved = _save(result, csv)
    _show(result)
    for one in outcome.failed:
        typer.echo(f"{one.point} failed: {one.why}\n  {one.file} reproduces it", err=True)
    raise typer.Exit(_code(study, result, outcome, only) if saved else WRONG)


@contextmanager
def _heard(so: str) -> Iterator[None]:
    """Leave with the code for it at Ctrl-C, and say what it leaves behind."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {so}", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _check_is_no_input(csv: Path, *files: Path) -> None:
    """Leave with the code for usage if figures would be written over what a study is made of."""
    if csv.resolve() in {one.resolve() for one in files}:
        typer.echo(f"{csv}: the study is made of it; give --csv another file", err=True)
        raise typer.Exit(USAGE)


def loaded_study(file: Path) -> Study:
    """Return the study of a file, with a bar while its points are looked at.

    Parameters
    ----------
    file : Path
        A study file.
    """
    from pacsim.progress_bar import ProgressBar
    from pacsim.studies.study import Study
    from pacsim.studies.sweeping import looking

    with ProgressBar() as show:
        return Study.load(file, progress=looking(show))


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


def _code(study: Study, result: StudyResult, outcome: StudyOutcome, only: list[int] | None) -> int:
    """Return the code that says how it went."""
    if outcome.interrupted:
        return INTERRUPTED
    if outcome.failed:
        return WRONG
    if study.best_of is not None:
        return FINE if result.chosen is not None and result.chosen.ranked.sure else UNREACHED
    asked = [one for one in result.points if only is None or one.number in only]
    short = any((result.done(x) and not result.reached(x)) or result.by_clock(x) for x in asked)
    return UNREACHED if short else FINE
