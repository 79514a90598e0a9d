"""``pacsim check``: say whether design files are fine, or everything that is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pacsim.design import Design


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("check")
    def check(
        files: Annotated[
            list[str], typer.Argument(metavar="FILE...", help="Design files, or service levels.")
        ],
    ) -> None:
        """Check design files and service levels; every problem is shown at once."""
        from pacsim.design import load
        from pacsim.errors import PacsimError
        from pacsim.service_levels import ServiceLevel
        from pacsim.service_levels.sla_reader import is_sla

        wrong = False
        for file in files:
            try:
                if is_sla(file):
                    typer.echo(f"{file}: fine: {ServiceLevel.load(file).said}")
                    continue
                design = load(file)
                warnings = _warnings(design)
            except PacsimError as error:
                typer.echo(str(error), err=True)
                wrong = True
                continue
            r = design.resolved
            assumed = sum(one.status == "assumed" for one in r.inputs)
            counts = [
                f"{len(named)} {word}{'' if len(named) == 1 else 's'}"
                for named, word in ((r.parts, "part"), (r.groups, "group"), (r.roles, "role"))
            ]
            typer.echo(
                f"{file}: fine: {', '.join(counts)}, {len(r.inputs)} inputs, {assumed} assumed"
            )
            if r.workload is not None:
                typer.echo(f"  {r.workload.line()}")
            for warning in warnings:
                typer.echo(f"  warning: {warning}")
        raise typer.Exit(1 if wrong else 0)


def _warnings(design: Design) -> tuple[str, ...]:
    """Return what a design leaves open; refuse a workload that it cannot carry."""
    said = design.resolved.warnings
    if design.resolved.workload is None:
        return said
    from pacsim.traffic.capacity_table import check_carried

    return (*said, *check_carried(design))
