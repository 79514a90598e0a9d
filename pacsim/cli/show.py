"""``pacsim show``: the resolved design, and what of its bundles is not modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pacsim.design import Resolved


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("show")
    def show(
        file: Annotated[str, typer.Argument(metavar="FILE", help="A design file.")],
    ) -> None:
        """Print the resolved design: every value with its origin, and what is not modelled."""
        from pacsim.design import load

        design = load(file)
        typer.echo(design.dump() + "\n".join(remarks(design.resolved)))


def remarks(resolved: Resolved) -> list[str]:
    """Return YAML comments on unused bundle entries, numbers that change nothing, and warnings."""
    from pacsim.design.idle_slots import idle_slots

    lines = []
    if resolved.unused:
        lines.append("# Entries of bundles that are not modelled, and why:")
        wide = max(len(f"{path}.{slot}") for path, _, slot, _, _ in resolved.unused)
        lines += [
            f"#   {f'{path}.{slot}':<{wide}}  {entry} of {bundle}: {why}"
            for path, bundle, slot, entry, why in resolved.unused
        ]
    idle = idle_slots(resolved)
    if idle:
        lines.append("# Numbers that change nothing in this design, and why:")
        wide = max(map(len, idle))
        lines += [f"#   {path:<{wide}}  {why}" for path, why in idle.items()]
    if resolved.warnings:
        lines.append("# Warnings:")
        lines += [f"#   {warning}" for warning in resolved.warnings]
    return lines
