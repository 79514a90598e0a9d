"""The table of scored service levels, made from their rows, and the sentences under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim import formatting
from pacsim.results.measures import label
from pacsim.results.table import Line, Table
from pacsim.service_levels.sla_rows import COORDINATE
from pacsim.service_levels.sla_words import (
    level_words,
    margin_words,
    missed_words,
    unseen_roles,
    windows_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.results.rows import Row
    from pacsim.service_levels.scored import Scored

NEARLY_ALL = 0.99
"""Shares from which on their nines are shown."""
LONGEST = "longest outage, one term in twenty"


def score_table(scored: Sequence[Scored], rows: Sequence[Row]) -> Table:
    """Return the table: a column a design, a block a service level, notes below.

    Parameters
    ----------
    scored : sequence of Scored
        Every service level on every design.
    rows : sequence of Row
        Their figures.
    """
    designs = tuple(dict.fromkeys(one.histories.name for one in scored))
    levels = list(dict.fromkeys(one.level.name for one in scored))
    one = scored[0].histories
    many = f"{len(levels)} service level{'s' if len(levels) > 1 else ''}"
    if one.recorded:
        title = f"{many}, scored on a log"
    else:
        years = one.length / (8760.0 * 3600.0)
        title = f"{many}, {years:g}-year contract, scored on {one.terms} terms each"
    lines: list[Line] = []
    for level in levels:
        mine = {
            (row.design, row.measure, row.of): row
            for row in rows
            if dict(row.point)[COORDINATE] == level
        }
        lines.append(Line(level, ("",) * len(designs)))
        lines += _block(
            mine, designs, {x.histories.name: x for x in scored if x.level.name == level}
        )
    return Table(title, designs, tuple(lines), tuple(_notes(scored)))


def _block(
    mine: dict[tuple[str, str, str], Row], designs: Sequence[str], found: dict[str, Scored]
) -> list[Line]:
    """Return the lines of one service level."""
    lines = []
    for measure, of in dict.fromkeys((measure, of) for _, measure, of in mine):
        rows = [mine[design, measure, of] for design in designs]
        said = LONGEST if measure == "longest_outage_p95" else label(measure)
        if any(one.histories.recorded for one in found.values()):
            if measure in {"sla_met_throughout", "p_outage_over"}:
                continue
            said = "longest outage" if measure == "longest_outage_p95" else said
        cells = tuple(_cell(row, found[row.design]) for row in rows)
        under = tuple(_between(row) for row in rows)
        named = f"  {said} {of}".rstrip()
        lines.append(Line(named, cells, under if any(under) else ()))
        if measure == "sla_met":
            lines += _margins([found[design] for design in designs])
    return lines


def _margins(found: Sequence[Scored]) -> list[Line]:
    """Return how far off the target windows are, and how often a limit is broken."""
    if found[0].histories.recorded:
        return []
    lines = [Line("  of what is allowed", tuple(map(margin_words, found)))]
    if found[0].level.limits.said:
        broken = [float(one.broken[:, one.judged].mean()) for one in found]
        cells = tuple(formatting.percent(share) if share else "none seen" for share in broken)
        lines.append(Line("  a limit is broken in", cells))
    return lines


def _cell(row: Row, found: Scored) -> str:
    if row.measure == "sla_met" and found.histories.recorded:
        return f"{int(found.met[0, found.judged].sum())} of {int(found.judged.sum())}"
    if row.estimate == 0.0 and row.measure not in {
        "sla_met",
        "sla_met_throughout",
        "p_outage_over",
    }:
        return "none" if found.histories.recorded else "none seen"
    return _show(row)(row.estimate or 0.0)


def _show(row: Row) -> Callable[[float], str]:
    """Return how a figure and the ends of its interval are written."""
    if row.measure == "sla_met":
        return lambda p: (formatting.percent if p >= NEARLY_ALL else formatting.share)(p)
    if row.measure in {"sla_met_throughout", "p_outage_over"}:
        return lambda p: formatting.odds(p, row.upper)
    if row.measure == "sla_miss_hours":
        return formatting.hours_a_year
    if row.measure == "longest_outage_p95":
        return lambda hours: formatting.duration(hours * 3600.0)
    if row.unit == "1":
        return lambda share: f"{formatting.share(share)} of the fees"
    money = row.unit.partition("/")[0]
    return lambda amount: f"{formatting.plain(amount)} {money}/yr"


def _between(row: Row) -> str:
    """Return the interval in the form of its figure."""
    if row.lower is None or row.upper is None or row.estimate is None:
        return ""
    if row.measure in {"sla_met_throughout", "p_outage_over"}:
        said = formatting.odds_between(row.lower, row.upper, row.estimate)
        return "" if row.estimate == 0.0 else said
    if row.measure == "sla_credits" and row.unit == "1" and row.estimate > 0.0:
        return f"{formatting.share(row.lower)} - {formatting.share(row.upper)}"
    if row.measure == "sla_credits" and row.estimate > 0.0:
        return f"{formatting.plain(row.lower)} - {formatting.plain(row.upper)}"
    if row.measure == "sla_miss_hours":
        if row.estimate == 0.0:
            return f"under {formatting.hours_a_year(row.upper)}"
        return formatting.hours_between(row.lower, row.upper, row.estimate)
    show = _show(row)
    if row.estimate == 0.0 and row.lower == 0.0:
        return f"under {show(row.upper)}"
    return f"{show(row.lower)} - {show(row.upper)}"


def _notes(scored: Sequence[Scored]) -> list[str]:
    """Return what a log misses, what each service level is, and what is not whole."""
    notes: dict[str, None] = {}
    for one in scored:
        where = f"{one.histories.name}, {one.level.name}"
        if one.histories.recorded:
            notes |= dict.fromkeys(f"{where}: {said}." for said in missed_words(one))
    for one in scored:
        notes |= dict.fromkeys((*unseen_roles(one), *one.histories.notes))
    for one in scored:
        notes[level_words(one)] = None
    for one in scored:
        notes[windows_words(one)] = None
    return list(notes)
