"""``pacsim sensitivity``: which numbers of a design matter, each at both ends of its range."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.main import INTERRUPTED, USAGE, WRONG
from pacsim.cli.simulating import One, Seed, Threads, check_writable

if TYPE_CHECKING:
    from pacsim.studies.tornado import Tornado

Measured = Annotated[
    str | None,
    typer.Option(
        "--measure",
        metavar="OWNER.MEASURE",
        help="A mean over terms, such as store.down_unplanned; by default hours down of store.",
    ),
]
Picture = Annotated[
    Path | None, typer.Option("--to", help="The picture to write: .png, .svg or .pdf.")
]
Ends = Annotated[
    Path | None, typer.Option("--csv", help="Write every end of every number here, one a row.")
]
Precision = Annotated[
    str,
    typer.Option(help="Half-width of the intervals of the 20 widest by the figure of the design."),
]
HELP = (
    "Which numbers matter: each one that has a range, at its low and at its high end.\n\n"
    "All are met by the same faults as the design as it is. Slots of one catalogue entry are one "
    "number and are moved together. All numbers are looked at in 512 terms, then the 20 widest are "
    "made precise."
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("sensitivity", help=HELP)
    def sensitivity(
        design: One,
        measure: Measured = None,
        to: Picture = None,
        csv: Ends = None,
        precision: Precision = "5 %",
        seed: Seed = 1,
        threads: Threads = None,
    ) -> None:
        """Which numbers matter: each one that has a range, at its low and at its high end."""
        from pacsim.errors import ArgumentError, ArgumentTypeError, PacsimError
        from pacsim.plots.figures import FORMS
        from pacsim.studies.uncertain_inputs import sensitivity as found_of

        form = "" if to is None else to.suffix.removeprefix(".").lower()
        if to is not None and form not in FORMS:
            forms = ", ".join(f".{one}" for one in FORMS)
            typer.echo(f"{to}: no picture of this kind; name it with one of {forms}", err=True)
            raise typer.Exit(USAGE)
        check_writable(to, csv, read=[design])
        try:
            found = found_of(
                design, measure, precision=precision, seed=seed, threads=threads,
                progress=sys.stderr.isatty(),
            )  # fmt: skip
        except (ArgumentError, ArgumentTypeError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(USAGE) from None
        except KeyboardInterrupt:
            typer.echo("interrupted; a bar is no bar without both its ends", err=True)
            sys.stdout.flush()
            # A kernel may still be compiling on a thread, for which nobody waits any more.
            os._exit(INTERRUPTED)
        typer.echo(str(found))
        try:
            _save(found, to, form, csv)
        except PacsimError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(WRONG) from None


def _save(found: Tornado, to: Path | None, form: str, csv: Path | None) -> None:
    """Write the picture and the table that were asked for."""
    from pacsim.files.writing import write_whole
    from pacsim.plots.figures import drawn

    if to is not None:
        write_whole(to, drawn(found.plot(), form))
        typer.echo(f"{to}: written")
    if csv is not None:
        found.to_csv(csv)
        typer.echo(f"{csv}: written")
