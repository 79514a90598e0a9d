"""``pacsim run``, ``pacsim compare`` and ``pacsim report``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pacsim.campaign.plan import TRAFFIC_YEARS, Plan, planned
from pacsim.cli.main import FINE, INTERRUPTED, UNREACHED, USAGE, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pacsim.results import Result

Designs = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Design files; the first is what others are held to."),
]
One = Annotated[Path, typer.Argument(metavar="FILE", help="A design file.")]
Precision = Annotated[
    str | None,
    typer.Option(help="Half-width of the 95 % interval, such as '2 %'; by default 5 %."),
]
Role = Annotated[
    str | None,
    typer.Option(help="Role that the precision and the table are about; store if there is one."),
]
Replications = Annotated[int | None, typer.Option(help="Contract terms each; or the ceiling.")]
Seconds = Annotated[float | None, typer.Option(help="Stop after this time with the terms done.")]
Seed = Annotated[int, typer.Option(help="Of all random numbers.")]
TrafficYears = Annotated[
    str,
    typer.Option(
        metavar="YEARS",
        help="Years of which the traffic of a workload is simulated, in whole terms; or none.",
    ),
]
Threads = Annotated[int | None, typer.Option(help="By default all processors.")]
Json = Annotated[Path | None, typer.Option("--json", help="Save the whole result here.")]
Outages = Annotated[
    Path | None,
    typer.Option(
        "--outages",
        help="Save every outage and every degraded time of the first terms here (.npz).",
    ),
]
Csv = Annotated[Path | None, typer.Option("--csv", help="Save the figures here.")]
Assumptions = Annotated[bool, typer.Option("--assumptions", help="List every input.")]
Inputs = Annotated[
    bool,
    typer.Option(
        "--input-uncertainty",
        help="Draw all inputs from their ranges 200 times: what the figure may be, and whether the "
        "order of designs stays.",
    ),
]
Page = Annotated[Path, typer.Option("--out", help="The HTML page to write.")]
Sources = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="A saved result (.json), or design files to run first."),
]


NARROWEST = 40
"""Columns below which a terminal is taken for one of so many."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("compare")(compare)
    app.command("report")(report)


def _planned(
    precision: Precision = None,
    role: Role = None,
    replications: Replications = None,
    seconds: Seconds = None,
    seed: Seed = 1,
    threads: Threads = None,
    traffic_years: TrafficYears = f"{TRAFFIC_YEARS:.0f}",
    *,
    outages: bool = False,
) -> Plan:
    """Return the plan, or leave with the code for usage if what is asked makes no sense."""
    from pacsim.errors import PacsimError

    try:
        return planned(
            precision=precision,
            role=role,
            replications=replications,
            seconds=seconds,
            seed=seed,
            threads=threads,
            outages=outages,
            traffic_years=traffic_years,
        )
    except PacsimError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None


OPTIONS = {
    name: option
    for name, option in signature(_planned, eval_str=True).parameters.items()
    if name != "outages"
}
"""What may be asked of any run, by name, as the command line shows it."""


def _with_plan(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of a run as well; it is given the plan they make.

    ``held`` is whether a precision was asked for, so that not to reach it is to be told.
    """

    @wraps(command)
    def given_plan(**given: Any) -> None:  # noqa: ANN401
        asked = {name: given.pop(name) for name in OPTIONS}
        plan = _planned(**asked, outages=given.get("outages") is not None)
        command(**given, plan=plan, held=asked["precision"] is not None)

    made = {"plan", "held"}
    own = [p for p in signature(command, eval_str=True).parameters.values() if p.name not in made]
    first = [p for p in own if p.default is Parameter.empty]
    last = [p for p in own if p.default is not Parameter.empty]
    shown = [*first, *OPTIONS.values(), *last]
    given_plan.__signature__ = Signature(shown)  # type: ignore[attr-defined]
    given_plan.__annotations__ = {p.name: p.annotation for p in shown}
    return given_plan


@_with_plan
def run(
    design: One,
    plan: Plan,
    held: bool,
    json: Json = None,
    csv: Csv = None,
    outages: Outages = None,
    assumptions: Assumptions = False,
    input_uncertainty: Inputs = False,
) -> None:
    """How often one design is down, what is lost, how long a failover takes, and why."""
    files = (json, csv, outages)
    _measure([design], plan, held, files, assumptions=assumptions, inputs=input_uncertainty)


@_with_plan
def compare(
    designs: Designs,
    plan: Plan,
    held: bool,
    json: Json = None,
    csv: Csv = None,
    outages: Outages = None,
    assumptions: Assumptions = False,
    input_uncertainty: Inputs = False,
) -> None:
    """Designs side by side, met by the same faults."""
    files = (json, csv, outages)
    _measure(designs, plan, held, files, assumptions=assumptions, inputs=input_uncertainty)


@_with_plan
def report(sources: Sources, out: Page, plan: Plan, held: bool) -> None:
    """One self-contained HTML page: table, picture, causes, assumptions with sources."""
    from pacsim.pages import report as write
    from pacsim.results import Result

    saved = [path for path in sources if path.suffix == ".json"]
    if saved and len(sources) > 1:
        typer.echo("report takes one saved result, or design files, not both", err=True)
        raise typer.Exit(USAGE)
    if saved and plan != planned():
        typer.echo("a saved result is not run again; leave out the options of a run", err=True)
        raise typer.Exit(USAGE)
    check_writable(out, read=sources)
    result = Result.load(saved[0]) if saved else _simulated(sources, plan)
    if not _saved(lambda: write(result, out)):
        typer.echo(str(result))
        raise typer.Exit(WRONG)
    typer.echo(f"{out}: written")
    # A saved result that was partial is no interruption of this command.
    raise typer.Exit(FINE if saved else _code(result, asked=held))


def _measure(
    designs: list[Path],
    plan: Plan,
    held: bool,
    files: tuple[Path | None, Path | None, Path | None],
    *,
    assumptions: bool,
    inputs: bool,
) -> None:
    """Simulate, save what is asked for, show the table, and leave with the code of how it went."""
    check_writable(*files, read=designs)
    result = _simulated(designs, plan)
    code = _code(result, asked=held)
    if inputs and code != INTERRUPTED:
        made = _with_inputs(result, designs, plan)
        result, code = (result, INTERRUPTED) if made is None else (made, code)
    done = save_result(result, *files)
    _show(result, assumptions=assumptions)
    raise typer.Exit(code if done else WRONG)


def _with_inputs(result: Result, designs: list[Path], plan: Plan) -> Result | None:
    """Return a result with what its headline may be with other inputs; None if interrupted."""
    from pacsim.errors import ArgumentError
    from pacsim.studies.uncertain_inputs import input_uncertainty

    measure = f"{result.provenance['role']}.down_unplanned"
    shown = sys.stderr.isatty()
    try:
        found = input_uncertainty(
            designs, measure, seed=plan.seed, threads=plan.threads, progress=shown
        )
    except ArgumentError as error:
        typer.echo(f"--input-uncertainty: {error}", err=True)
        return result
    except KeyboardInterrupt:
        typer.echo("--input-uncertainty: interrupted, and left out", err=True)
        return None
    return replace(result, rows=(*result.rows, *found.rows()))


def _simulated(designs: list[Path], plan: Plan) -> Result:
    from pacsim import api

    try:
        return api.compare_by(plan, designs)
    except KeyboardInterrupt:
        typer.echo("interrupted before anything was done", err=True)
        sys.stdout.flush()
        # A kernel may still be compiling on a thread, for which nobody waits any more.
        os._exit(INTERRUPTED)


def check_writable(*paths: Path | None, read: Iterable[Path] = ()) -> None:
    """Leave with the code for usage if a file cannot be written, before anything is simulated.

    Nothing is written over what is ``read``.
    """
    from pacsim.files.writing import unwritable

    given = [path for path in paths if path is not None]
    wrong = [reason for path in given if (reason := unwritable(path))]
    # Devices and pipes take one thing after another; a file would hold the last one only.
    whole = [path.resolve() for path in given if path.is_file() or not path.exists()]
    twice = {path for path in whole if whole.count(path) > 1}
    wrong += [f"{path}: is given for two things; give each a file of its own" for path in twice]
    sources = {path.resolve() for path in read if path.is_file()}
    wrong += [
        f"{path}: is read; give what is written another file"
        for path in given
        if path.resolve() in sources
    ]
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(USAGE)


def save_result(result: Result, json: Path | None, csv: Path | None, outages: Path | None) -> bool:
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
    """Print the table, as wide as the terminal is, and what it rests on if asked."""
    from pacsim.results.result import tables
    from pacsim.results.terminal import WIDTH, as_texts

    columns = get_terminal_size((WIDTH, 24)).columns
    typer.echo(as_texts(tables(result), max(NARROWEST, min(WIDTH, columns))))
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
