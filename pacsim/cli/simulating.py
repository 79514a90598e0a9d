"""``pacsim run``, ``pacsim compare`` and ``pacsim report``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pacsim.cli.main import FINE, INTERRUPTED, UNREACHED, USAGE, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.campaign.plan import Plan
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
Outages = Annotated[
    Path | None,
    typer.Option("--outages", help="Save every outage of the first terms here (.npz)."),
]
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
    outages: Outages = None,
    assumptions: Assumptions = False,
) -> None:
    """How often one design is down, what is lost, how long a failover takes, and why."""
    plan = _plan(
        precision=precision,
        role=role,
        replications=replications,
        seconds=seconds,
        seed=seed,
        threads=threads,
        outages=outages is not None,
    )
    _look(json, csv, outages)
    result = _simulated([design], plan)
    done = _save(result, json, csv, outages)
    _show(result, assumptions=assumptions)
    raise typer.Exit(_code(result, asked=precision is not None) if done else WRONG)


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
    outages: Outages = None,
    assumptions: Assumptions = False,
) -> None:
    """Designs side by side, met by the same faults."""
    plan = _plan(
        precision=precision,
        role=role,
        replications=replications,
        seconds=seconds,
        seed=seed,
        threads=threads,
        outages=outages is not None,
    )
    _look(json, csv, outages)
    result = _simulated(designs, plan)
    done = _save(result, json, csv, outages)
    _show(result, assumptions=assumptions)
    raise typer.Exit(_code(result, asked=precision is not None) if done else WRONG)


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
    from pacsim.pages import report as write
    from pacsim.results import Result

    saved = [path for path in sources if path.suffix == ".json"]
    if saved and len(sources) > 1:
        typer.echo("report takes one saved result, or design files, not both", err=True)
        raise typer.Exit(USAGE)
    plan = _plan(
        precision=precision,
        role=role,
        replications=replications,
        seconds=seconds,
        seed=seed,
        threads=threads,
    )
    _look(out)
    result = Result.load(saved[0]) if saved else _simulated(sources, plan)
    if not _saved(lambda: write(result, out)):
        typer.echo(str(result))
        raise typer.Exit(WRONG)
    typer.echo(f"{out}: written")
    # A saved result that was partial is no interruption of this command.
    raise typer.Exit(FINE if saved else _code(result, asked=precision is not None))


def _plan(**options: Any) -> Plan:  # noqa: ANN401
    """Return the plan, or leave with the code for usage if what is asked makes no sense."""
    from pacsim.campaign.plan import planned
    from pacsim.errors import PacsimError

    try:
        return planned(**options)
    except PacsimError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None


def _simulated(designs: list[Path], plan: Plan) -> Result:
    from pacsim import api

    try:
        return api.compare_by(plan, designs)
    except KeyboardInterrupt:
        typer.echo("interrupted before anything was done", err=True)
        sys.stdout.flush()
        # A kernel may still be compiling on a thread, for which nobody waits any more.
        os._exit(INTERRUPTED)


def _look(*paths: Path | None) -> None:
    """Leave with the code for usage if a file cannot be written, before anything is simulated."""
    from pacsim.files.writing import unwritable

    wrong = [reason for path in paths if path is not None and (reason := unwritable(path))]
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(USAGE)


def _save(result: Result, json: Path | None, csv: Path | None, outages: Path | None) -> bool:
    """Save what was found where it was asked for; return whether all of it could be."""
    from pacsim.results.outage_file import save_outages

    def columns(path: Path) -> None:
        left_out = save_outages(result.outages, path)
        if left_out:
            typer.echo(left_out, err=True)

    done = json is None or _saved(lambda: result.save(json))
    done &= csv is None or _saved(lambda: result.to_csv(csv))
    done &= outages is None or _saved(lambda: columns(outages))
    return done


def _saved(save: Callable[[], None]) -> bool:
    """Return whether a file was saved, and say why if not: what was found is shown all the same."""
    from pacsim.errors import PacsimError

    try:
        save()
    except PacsimError as error:
        typer.echo(str(error), err=True)
        return False
    return True


def _show(result: Result, *, assumptions: bool) -> None:
    """Print the table, and what it rests on if asked."""
    typer.echo(str(result))
    if assumptions:
        typer.echo("")
        typer.echo(_assumptions(result))


def _code(result: Result, *, asked: bool) -> int:
    """Return the code that says how it went; ``asked`` is whether a precision was."""
    if result.provenance.get("partial"):
        return INTERRUPTED
    return UNREACHED if asked and not result.provenance.get("reached", True) else FINE


def _assumptions(result: Result) -> str:
    """Return every input once: status, path, value, range, source."""
    lines: dict[str, None] = {}
    for one in sorted(result.inputs, key=lambda i: (i["status"] != "assumed", i["path"])):
        span = f" ({one['low']} to {one['high']})" if one["low"] or one["high"] else ""
        source = one["source"] or "no source given"
        lines[f"{one['status']:9}  {one['path']}: {one['value']}{span}; {source}"] = None
    return "\n".join(lines)
