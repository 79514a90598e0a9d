"""``pacsim replay``: one contract term in words, event by event."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003
from typing import Annotated

import typer

from pacsim.cli.main import USAGE


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("replay")
    def replay(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A design file.")],
        term: Annotated[int, typer.Option(help="Number of the contract term, from 0.")] = 0,
        seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 1,
        start: Annotated[
            str | None,
            typer.Option(
                "--from", help="Such as '2029-12-30 06:00', or '3 years' after the start."
            ),
        ] = None,
        end: Annotated[
            str | None, typer.Option("--to", help="The same, for the last line.")
        ] = None,
    ) -> None:
        """Tell one term, event by event: what fired, what it took down, with date and root."""
        from pacsim.api import replay as told
        from pacsim.errors import PacsimError
        from pacsim.files.problems import DesignError

        try:
            lines = told(file, term, seed=seed, start=0.0 if start is None else start, end=end)
        except DesignError:
            raise
        except PacsimError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(USAGE) from None
        typer.echo("\n".join(lines) or "nothing happened in this time")
