"""``pacsim episode``: one window of a design's traffic as a picture and as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pacsim.campaign.plan import TRAFFIC_YEARS
from pacsim.cli.main import USAGE, WRONG
from pacsim.cli.simulating import One, Seed, TrafficYears, check_writable

Worst = Annotated[
    int | None, typer.Option(help="The N-th worst window: by exams late and lost; 1 unless given.")
]
Number = Annotated[
    int | None, typer.Option("--term", help="Number of the contract term, from 0; with --at.")
]
At = Annotated[
    str | None,
    typer.Option(
        help="A time in the window: '2029-12-30 06:00', '3 years 12 d 10:00', or seconds."
    ),
]
Out = Annotated[Path, typer.Option("--out", help="The picture to write: .png, .svg or .pdf.")]
Rows = Annotated[
    Path | None, typer.Option("--csv", help="Write the window's associations here, one a row.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("episode")
    def episode(
        design: One,
        out: Out,
        worst: Worst = None,
        term: Number = None,
        at: At = None,
        csv: Rows = None,
        seed: Seed = 1,
        traffic_years: TrafficYears = f"{TRAFFIC_YEARS:.0f}",
    ) -> None:
        """One failover as its clients had it: what they met, what waited, when it was over."""
        from pacsim.api import episode as drawn_from
        from pacsim.errors import ArgumentError, ArgumentTypeError, PacsimError
        from pacsim.files.writing import write_whole
        from pacsim.plots.figures import FORMS, drawn
        from pacsim.plots.window_picture import title

        form = out.suffix.removeprefix(".").lower()
        if form not in FORMS:
            forms = ", ".join(f".{one}" for one in FORMS)
            typer.echo(f"{out}: no picture of this kind; name it with one of {forms}", err=True)
            raise typer.Exit(USAGE)
        check_writable(out, csv, read=[design])
        try:
            found = drawn_from(
                design, worst=worst, term=term, at=at, seed=seed, traffic_years=traffic_years
            )
        except (ArgumentError, ArgumentTypeError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(USAGE) from None
        typer.echo(title(found))
        try:
            write_whole(out, drawn(found.plot()[0], form))
            if csv is not None:
                found.to_csv(csv)
        except PacsimError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(WRONG) from None
