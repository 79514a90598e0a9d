"""``pacsim check``: say whether files are fine, or everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.file_kinds import FileKind, check_named, kind_of

if TYPE_CHECKING:
    from pacsim.design import Design


ELSEWHERE = {
    FileKind.RESULT: "pacsim report {file} shows it",
    FileKind.LOG: "pacsim score {file} SLA reads it, and says what is wrong with it",
}
"""What is no input that can be checked, and what to do with it."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("check")
    def check(
        files: Annotated[
            list[str],
            typer.Argument(
                metavar="FILE...", help="Designs, studies, service levels, and what designs name."
            ),
        ],
    ) -> None:
        """Check files, each as what it is; every problem is shown at once."""
        from pacsim.errors import PacsimError

        wrong = False
        for file in files:
            try:
                lines = _said_of(file)
            except PacsimError as error:
                typer.echo(str(error), err=True)
                wrong = True
                continue
            typer.echo("\n  ".join([f"{file}: fine: {lines[0]}", *lines[1:]]))
        raise typer.Exit(1 if wrong else 0)


def _said_of(file: str) -> list[str]:
    """Return what is said of a file that is fine."""
    from pacsim.errors import PacsimError
    from pacsim.service_levels import ServiceLevel

    kind = kind_of(file)
    if kind in ELSEWHERE:
        msg = f"{file}: is {kind.value}; {ELSEWHERE[kind].format(file=file)}"
        raise PacsimError(msg)
    if kind is FileKind.DESIGN:
        return _design(file)
    if kind is FileKind.STUDY:
        return _study(file)
    if kind is FileKind.LEVEL:
        return [ServiceLevel.load(file).said]
    return [check_named(file, kind)]


def _design(file: str) -> list[str]:
    from pacsim.design import load

    design = load(file)
    warnings = _warnings(design)
    r = design.resolved
    assumed = sum(one.status == "assumed" for one in r.inputs)
    counts = [
        f"{len(named)} {word}{'' if len(named) == 1 else 's'}"
        for named, word in ((r.parts, "part"), (r.groups, "group"), (r.roles, "role"))
    ]
    lines = [f"{', '.join(counts)}, {len(r.inputs)} inputs, {assumed} assumed"]
    if r.workload is not None:
        lines.append(r.workload.line())
    return lines + [f"warning: {one}" for one in warnings]


def _study(file: str) -> list[str]:
    """Return what is said of a study of which every point is right."""
    from pacsim.cli.sweep import loaded_study
    from pacsim.cli.sweep_outlook import asked_of, points_of

    study = loaded_study(Path(file))
    lines = [f"a study of {points_of(study)}", f"asked for: {asked_of(study)}"]
    return lines + [f"note: {one}" for one in study.notes]


def _warnings(design: Design) -> tuple[str, ...]:
    """Return what a design leaves open; refuse a workload that it cannot carry."""
    said = design.resolved.warnings
    if design.resolved.workload is None:
        return said
    from pacsim.traffic.capacity_table import check_carried

    return (*said, *check_carried(design))
