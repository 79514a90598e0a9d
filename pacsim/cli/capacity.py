"""``pacsim capacity``: loads at the peak, storage by contract year; nothing is simulated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.cli.main import WRONG
from pacsim.cli.simulating import Csv, Json, One, check_writable, save_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from pacsim.traffic.capacity_table import Capacity
    from pacsim.traffic.steady import Load
    from pacsim.traffic.storage import Storage

MOST = 5
"""Lines of loads, those alike together."""
HIGH = 0.65
"""Load from which waiting times of flows and of single items differ by 8 % and more."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("capacity")
    def capacity(design: One, json: Json = None, csv: Csv = None) -> None:
        """How busy a design is at the peak of its workload, and when its archive is full."""
        import typer

        from pacsim.design import load
        from pacsim.traffic.capacity_table import capacity

        check_writable(json, csv)
        found = capacity(load(design))
        done = save_result(found.result(), json, csv, None)
        typer.echo("\n".join(lines(found)))
        if not done:
            raise typer.Exit(WRONG)


def lines(found: Capacity) -> list[str]:
    """Return what is said of a design.

    Parameters
    ----------
    found : Capacity
        Its loads and storage.
    """
    from pacsim.formatting import percent, thousands
    from pacsim.traffic.steady import POOLS, STATIONS, hour_name

    workload, top = found.design.resolved.workload, found.busiest_year
    assert workload is not None, "a capacity is that of a workload"
    peak = f"{hour_name(top.hour)} of contract year {top.year + 1}"
    asked = f"{thousands(top.exams)} exams, {thousands(top.openings)} openings"
    said = [
        f"{found.design.name}: {workload.line()}",
        f"Peak hour: {peak}, {asked}",
        "",
        *_loads("busiest", [x for x in top.busiest if x.kind != STATIONS]),
        "",
        *_loads("busiest stations", [x for x in top.busiest if x.kind == STATIONS]),
        "",
        *_years(found.storage),
        _full(found.storage),
    ]
    high = [x for x in top.busiest if x.kind == POOLS and x.peak > HIGH]
    if high:
        said.append(f"Over {percent(HIGH)} at the peak: waiting times there are rough.")
    return [*said, *(f"warning: {one}" for one in found.warnings)]


def _loads(title: str, loads: list[Load]) -> list[str]:
    """Return a table of the highest loads, those that are alike in one line."""
    from pacsim.formatting import share

    alike: dict[tuple[str, str], list[str]] = {}
    for one in loads:
        alike.setdefault((share(one.mean), share(one.peak)), []).append(one.resource)
    rows = [
        (names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} alike", *figures)
        for figures, names in alike.items()
    ]
    return _table((title, "mean week", "peak hour"), rows[:MOST])


def _years(storage: Storage) -> list[str]:
    from pacsim.formatting import percent, thousands

    limited = storage.usable < math.inf
    rows = [
        (
            f"{one.year}",
            thousands(one.exams),
            _size(one.added),
            _size(one.stored),
            *([percent(one.share)] if limited else []),
        )
        for one in storage.years
    ]
    head = ("year", "exams", "added", "stored", *(["of usable"] if limited else []))
    return _table(head, rows)


def _full(storage: Storage) -> str:
    if storage.usable == math.inf:
        return "Full: no array of the archive says what it holds."
    of = f"{_size(storage.usable)} may be filled"
    if storage.full is None:
        return f"Full: not within the term; {of}."
    return f"Full: after {storage.full:.2f} years, in contract year {_in(storage.full)}; {of}."


def _in(years: float) -> int:
    return max(1, math.ceil(years))


def _size(number: float) -> str:
    """Return bytes in a unit that people use."""
    from pacsim.formatting import plain

    size, unit = (1e12, "TB") if number >= 1e12 or number == 0 else (1e9, "GB")
    return f"{plain(number / size)} {unit}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return aligned columns, the first to the left."""
    columns = zip(head, *rows, strict=True)
    wide = [max(len(cell) for cell in column) for column in columns]
    return [
        "   ".join(
            f"{cell:<{w}}" if k == 0 else f"{cell:>{w}}"
            for k, (cell, w) in enumerate(zip(row, wide, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
