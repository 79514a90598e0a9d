"""``pacsim capacity``: the peak of a workload, all up and with one part out, and the archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pacsim.cli.main import USAGE, WRONG
from pacsim.cli.simulating import Csv, Json, One, check_writable, save_result

if TYPE_CHECKING:
    from pacsim.traffic.capacity_table import Capacity

Samples = Annotated[int, typer.Option(help="Peak hours drawn for each year and scenario.")]
HELP = (
    "Whether a design carries the peak of its workload, and when its archive is full.\n\n"
    "The peak of each contract year is simulated, with all up and with one part out. Times are "
    "printed of the year with most arrivals; parts with which out clients meet the same share a "
    "column. There are two tables of columns at most, without those that carry the peak if there "
    "are more; --json and --csv have all, of all years. What a part out and room mean is in "
    "docs/capacity.md."
)
FEWEST = 2
"""Hours from which an interval can be made."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("capacity", help=HELP)
    def capacity(design: One, json: Json = None, csv: Csv = None, samples: Samples = 200) -> None:
        """Whether a design carries the peak of its workload, and when its archive is full."""
        from pacsim.cli.capacity_lines import lines
        from pacsim.design import load
        from pacsim.traffic.capacity_table import capacity

        if samples < FEWEST:
            typer.echo(f"--samples {samples}: an interval needs {FEWEST} hours at least", err=True)
            raise typer.Exit(USAGE)
        check_writable(json, csv, read=[design])
        found = _simulated(capacity(load(design)), samples)
        done = save_result(found.result(), json, csv, None)
        typer.echo("\n".join(lines(found)))
        if not done:
            raise typer.Exit(WRONG)


def _simulated(found: Capacity, samples: int) -> Capacity:
    """Return it with peak hours, with a bar where somebody looks on."""
    from pacsim.progress_bar import ProgressBar
    from pacsim.traffic.capacity_table import with_peaks

    if not sys.stderr.isatty():
        return with_peaks(found, samples)
    with ProgressBar() as show:
        return with_peaks(found, samples, show)
