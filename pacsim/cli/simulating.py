"""``pacsim run``, ``pacsim compare`` and ``pacsim report``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.main import FINE, INTERRUPTED, UNREACHED, USAGE, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.results import Result

Designs = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Design files; the first is what others are held to."),
]
One = Annotated[Path, typer.Argument(metavar="FILE", help="A design file.")]
Precision = Annotated[
    str | None, typer.Option(help="Half-width of the 95 % interval, such as '2 %'.")
]
Role = Annotated[
    str | None,
    typer.Option(help="Role that the precision and the table are about; store if there is one."),
]
Replications = Annotated[int | None, typer.Option(help="Contract terms each; or the ceiling.")]
Seconds = Annotated[float | None, typer.Option(help="Stop after this time with what there is.")]
Seed = Annotated[int, typer.Option(help="Of all random numbers.")]
Threads = Annotated[int | None, typer.Option(help="By default all processors.")]
Json = Annotated[Path | None, typer.Option("--json", help="Save the whole result here.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Save the figures here.")]
Assumptions = Annotated[bool, typer.Option("--assumptions", help="List every input.")]
Page = Annotated[Path, typer.Option("--out", help="The HTML page to write.")]
Sources = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="A saved result (.json), or design files to run first."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("compare")(compare)
    app.command("report")(report)


def run(
    design: One,
    precision: Precision = None,
    role: Role = None,
    replications: Replications = None,
    seconds: Seconds = None,
    seed: Seed = 1,
    threads: Threads = None,
    json: Json = None,
    csv: Csv = None,
    assumptions: Assumptions = False,
) -> None:
    """How often one design is down, what is lost, how long a failover takes, and why."""
    _look(json, csv)
    result = _simulated([design], precision, role, replications, seconds, seed, threads)
    _given(result, precision, json, csv, assumptions)


def compare(
    designs: Designs,
    precision: Precision = None,
    role: Role = None,
    replications: Replications = None,
    seconds: Seconds = None,
    seed: Seed = 1,
    threads: Threads = None,
    json: Json = None,
    csv: Csv = None,
    assumptions: Assumptions = False,
) -> None:
    """Designs side by side, met by the same faults."""
    _look(json, csv)
    result = _simulated(designs, precision, role, replications, seconds, seed, threads)
    _given(result, precision, json, csv, assumptions)


def report(
    sources: Sources,
    out: Page,
    precision: Precision = None,
    role: Role = None,
    replications: Replications = None,
    seconds: Seconds = None,
    seed: Seed = 1,
    threads: Threads = None,
) -> None:
    """One self-contained HTML page: table, picture, causes, assumptions with sources."""
    from pacsim.report import report as write
    from pacsim.results import Result

    saved = [path for path in sources if path.suffix == ".json"]
    if saved and len(sources) > 1:
        typer.echo("report takes one saved result, or design files, not both", err=True)
        raise typer.Exit(USAGE)
    _look(out)
    if saved:
        _plan(precision, role, replications, seconds, seed, threads)
        result = Result.load(saved[0])
    else:
        result = _simulated(sources, precision, role, replications, seconds, seed, threads)
    if not _saved(lambda: write(result, out)):
        typer.echo(str(result))
        raise typer.Exit(WRONG)
    typer.echo(f"{out}: written")
    # A saved result that was partial is no interruption of this command.
    raise typer.Exit(FINE if saved else _code(result, precision))


def _simulated(
    designs: list[Path],
    precision: str | None,
    role: str | None,
    replications: int | None,
    seconds: float | None,
    seed: int,
    threads: int | None,
) -> Result:
    from pacsim.api import compare as simulated

    _plan(precision, role, replications, seconds, seed, threads)
    try:
        return simulated(
            designs,
            precision=precision,
            role=role,
            replications=replications,
            seconds=seconds,
            seed=seed,
            threads=threads,
        )
    except KeyboardInterrupt:
        typer.echo("interrupted before anything was done", err=True)
        sys.stdout.flush()
        # A kernel may still be compiling on a thread, for which nobody waits any more.
        os._exit(INTERRUPTED)


def _plan(
    precision: str | None,
    role: str | None,
    replications: int | None,
    seconds: float | None,
    seed: int,
    threads: int | None,
) -> None:
    """Leave with the code for usage if a number asked for makes no sense."""
    from pacsim.api import planned
    from pacsim.errors import PacsimError

    try:
        planned(precision, role, replications, seconds, seed, threads)
    except PacsimError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None


def _given(
    result: Result, precision: str | None, json: Path | None, csv: Path | None, assumptions: bool
) -> None:
    """Print and save what was found, and leave with the code that says how it went."""
    done = json is None or _saved(lambda: result.save(json))
    done &= csv is None or _saved(lambda: result.to_csv(csv))
    typer.echo(str(result))
    if assumptions:
        typer.echo("")
        typer.echo(_assumptions(result))
    raise typer.Exit(_code(result, precision) if done else WRONG)


def _look(*paths: Path | None) -> None:
    """Leave with the code for usage if a file cannot be written, before anything is simulated."""
    from pacsim.files.writing import unwritable

    wrong = [reason for path in paths if path is not None and (reason := unwritable(path))]
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(USAGE)


def _saved(save: Callable[[], None]) -> bool:
    """Return whether a file was saved, and say why if not: what was found is shown all the same."""
    from pacsim.errors import PacsimError

    try:
        save()
    except PacsimError as error:
        typer.echo(str(error), err=True)
        return False
    return True


def _code(result: Result, precision: str | None) -> int:
    if result.provenance.get("partial"):
        return INTERRUPTED
    asked = precision is not None and not result.provenance.get("reached", True)
    return UNREACHED if asked else FINE


def _assumptions(result: Result) -> str:
    """Return every input once: status, path, value, range, source."""
    lines: dict[str, None] = {}
    for one in sorted(result.inputs, key=lambda i: (i["status"] != "assumed", i["path"])):
        span = f" ({one['low']} to {one['high']})" if one["low"] or one["high"] else ""
        source = one["source"] or "no source given"
        lines[f"{one['status']:9}  {one['path']}: {one['value']}{span}; {source}"] = None
    return "\n".join(lines)
