"""``pacsim score``: service levels on kept outages, or on a hospital's own log."""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from pacsim.cli.main import FINE, USAGE, WRONG
from pacsim.cli.simulating import NARROWEST, Csv, check_writable

Source = Annotated[
    Path,
    typer.Argument(
        metavar="OUTAGES|LOG",
        help="What run or compare wrote with --outages (.npz), or a hospital's own log (.csv).",
    ),
]
Levels = Annotated[
    list[Path], typer.Argument(metavar="SLA...", help="Service levels, as in models/sla.")
]
Begin = Annotated[
    str | None, typer.Option("--from", help="Of a log: since when it was kept, such as 2026-04-01.")
]
End = Annotated[
    str | None, typer.Option("--to", help="Of a log: until when; a day is its beginning.")
]
Windows = Annotated[
    Path | None, typer.Option("--windows", help="Save every window here, one a row (.csv).")
]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("score")
    def score(
        source: Source,
        levels: Levels,
        begin: Begin = None,
        end: End = None,
        csv: Csv = None,
        windows: Windows = None,
    ) -> None:
        """Whether contracts are met: service levels scored on outages, nothing simulated again."""
        from pacsim.errors import ArgumentError, PacsimError
        from pacsim.results.terminal import WIDTH, as_text
        from pacsim.service_levels import score as scored

        check_writable(csv, windows, read=[source, *levels])
        try:
            found = scored(source, levels, starts=begin, ends=end)
        except ArgumentError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(USAGE) from None
        done = True
        try:
            if csv is not None:
                found.to_csv(csv)
            if windows is not None:
                found.windows_to_csv(windows)
        except PacsimError as error:
            typer.echo(str(error), err=True)
            done = False
        columns = get_terminal_size((WIDTH, 24)).columns
        typer.echo(as_text(found.table(), max(NARROWEST, min(WIDTH, columns))))
        raise typer.Exit(FINE if done else WRONG)
