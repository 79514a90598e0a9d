"""The table of a study: points in order with their ranks, and what each dimension does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pacsim import formatting
from pacsim.campaign.pairs import told_of_pair
from pacsim.results.measures import label
from pacsim.stats import BLOCK, LEAST_BLOCKS, at_level
from pacsim.studies.measure_kinds import is_mean, more_is_better, unit_of_name
from pacsim.units import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacsim.results.rows import Row
    from pacsim.studies.comparing_points import RankRange
    from pacsim.studies.study_figures import StudyFigures
    from pacsim.studies.study_values import MeasureName

LONG, ENDS = 24, 10
"""Points from which on only so many of the best and of the worst are shown."""
WIDTH = 98
EFFECTS = "What each value does, all else alike, against the first one"
NOT_PAIRED = "Points are in order of {measure}, which is no mean: what differs is not told."
NO_BREAK = "\u00a0"
TOGETHER = re.compile(r"(?<=\d) (?=[%a-z/]|\d{3}\b)|(?<=\d in) (?=\d)")
"""Spaces of a cell that stay: a number beside its unit, and its digits together."""
ODDS = ("p_any_loss", "p_loss")


@dataclass(frozen=True, slots=True)
class StudyTable:
    """What is shown of a study.

    Parameters
    ----------
    title, question : str
        Over it.
    headings : tuple of str
        Of the columns.
    rows : tuple of (cells)
        One a point; one of a single cell stands for those that are left out.
    said : str
        Over the effects.
    effects : tuple of (dimension, value, what it does)
        Against the first value of each dimension.
    notes : tuple of str
        Under it.
    """

    title: str
    question: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    said: str
    effects: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]


def study_table(result: StudyFigures, names: Sequence[MeasureName]) -> StudyTable:
    """Return the table of a study, its points ordered by the first of some measures.

    Parameters
    ----------
    result : StudyFigures
        What was found.
    names : sequence of MeasureName
        A column each.
    """
    by = names[0]
    order = result.order(by)
    lacking = [k for k, one in enumerate(result.points) if result.lack(one, by)]
    # Who has no such figure stands last, where there is room.
    short = short_of(order) if len(order) + len(lacking) > LONG else [*order, *lacking]
    ranks: Mapping[int, RankRange] = {}
    comparisons = 0
    if is_mean(by) and result.comparable(by):
        numbers = [result.points[k].number for k in short]
        ranks, comparisons = result.ranks(by, shown=numbers)
    figures = {name: result.figures(name) for name in names}
    rows: list[tuple[str, ...]] = []
    for place, k in enumerate(short):
        if len(short) < len(order) and place == ENDS:
            rows.append((f"{formatting.thousands(len(order) - len(short))} more",))
        point = result.points[k]
        cells = [str(ranks.get(point.number, "-"))]
        cells += [point.labels.get(name, "") for name in result.dimensions]
        cells += [_cell(name, figures[name][k], result.lack(point, name)) for name in names]
        rows.append((*cells, formatting.thousands(point.seen.terms)))
    headings = ("rank", *result.dimensions, *(_heading(name) for name in names), "terms")
    effects = _effects(result, by) if is_mean(by) else ()
    notes = _notes(result, by, comparisons, len(order))
    said = f"{EFFECTS} ({at_level(len(effects))}):" if effects else ""
    return StudyTable(result.name, result.question, headings, tuple(rows), said, effects, notes)


def short_of(order: Sequence[int]) -> list[int]:
    """Return all of an order if it is short, else the best and the worst."""
    return [*order[:ENDS], *order[-ENDS:]] if len(order) > LONG else list(order)


def _heading(name: MeasureName) -> str:
    what = label(name.measure)
    return f"{name.owner}: {what}" + (f" {formatting.cause(name.of)}" if name.of else "")


def _cell(name: MeasureName, figure: Row | None, lack: str) -> str:
    """Return a figure and its interval, each on a line of its own, or why there is none."""
    if figure is None or figure.estimate is None:
        return lack or "-"
    show, between = shown_as(name)
    text = show(figure.estimate)
    if figure.estimate == 0.0 and figure.upper is None:
        return "none seen"
    if figure.lower is None or figure.upper is None:
        return text
    if figure.lower == figure.upper:
        return text
    if figure.estimate == 0.0:
        return f"none seen\nunder {show(figure.upper)}"
    return f"{text}\n{between(figure.lower, figure.upper, figure.estimate)}"


def shown_as(
    name: MeasureName,
) -> tuple[Callable[[float], str], Callable[[float, float, float], str]]:
    """Return how a figure of a measure is shown, and how the ends of an interval are.

    Parameters
    ----------
    name : MeasureName
        Of the figure.
    """
    unit = unit_of_name(name)
    if unit == "h/year":
        return formatting.hours_a_year, formatting.hours_between
    if name.measure.startswith(ODDS):
        return formatting.odds, formatting.odds_between
    if unit == "1":
        return formatting.percent, _between(formatting.percent)
    if unit in {"s", "h"}:
        size = 1.0 if unit == "s" else formatting.HOUR
        return (
            lambda x: formatting.duration(x * size),
            _between(lambda x: formatting.duration(x * size)),
        )
    said = f" {_said_unit(unit)}" if unit else ""
    return lambda x: f"{formatting.two(x)}{said}", _between(formatting.two)


def _between(show: Callable[[float], str]) -> Callable[[float, float, float], str]:
    return lambda low, high, _: f"{show(low)} - {show(high)}"


def _effects(result: StudyFigures, by: MeasureName) -> tuple[tuple[str, str, str], ...]:
    """Return what each value does against the first one of its dimension, in words."""
    found = []
    for one in result.effects(by):
        of = one.estimate
        if of.value is None:
            continue
        factor, unit = _unit_of_effect(by, abs(of.value))
        show = formatting.plain if unit == " h/yr" else formatting.two
        text = f"{_signed(show, of.value * factor)}{unit}"
        if of.lower is not None and of.upper is not None:
            ends = (_signed(show, one * factor) for one in (of.lower, of.upper))
            text += f" ({' to '.join(ends)})"
        _, note = told_of_pair(of, none=False, certain=False)
        found.append((one.dimension, one.label, f"{text}; {note}" if note else text))
    return tuple(found)


def _unit_of_effect(by: MeasureName, size: float) -> tuple[float, str]:
    """Return what a difference of a size is multiplied by, and its unit then, behind a space.

    A difference of odds is none of one in so many, one of shares no share.
    """
    unit = unit_of_name(by)
    if unit == "1":
        return 100.0, " points"
    if unit == "h/year":
        factor, said = formatting.year_unit(size)
        return factor, f" {said}/yr"
    if unit in {"s", "h"}:
        seconds = 1.0 if unit == "s" else HOUR
        steps = (("h", HOUR), ("min", MINUTE), ("s", 1.0))
        said, step = next((x for x in steps if size * seconds >= x[1]), steps[-1])
        return seconds / step, f" {said}"
    return 1.0, f" {_said_unit(unit)}" if unit else ""


def _said_unit(unit: str) -> str:
    return unit.replace("1/", "/").replace("year", "yr")


def _signed(show: Callable[[float], str], x: float) -> str:
    return f"{'+' if x > 0 else '-' if x < 0 else ''}{show(abs(x))}"


def _notes(result: StudyFigures, by: MeasureName, comparisons: int, shown: int) -> tuple[str, ...]:
    """Return what has to be said under the table."""
    notes = [] if result.chosen is None else result.chosen.lines()
    best = "highest" if more_is_better(by) else "lowest"
    if comparisons:
        notes.append(
            f"In order of {by}, the {best} first. Ranks that cannot be told apart are ranges: "
            f"paired over common terms, {at_level(comparisons)}. All points meet the same faults."
        )
    elif shown > 1 and is_mean(by):
        least = formatting.thousands(LEAST_BLOCKS * BLOCK)
        notes.append(
            f"In order of {by}, the {best} first; none is ranked: it takes {least} terms of two "
            "points to tell them apart."
        )
    elif shown > 1:
        notes.append(NOT_PAIRED.format(measure=by))
    notes += _lacking(result, by)
    if result.drawn and len(result.points) > 1:
        notes.append(
            f"Values of {', '.join(result.drawn)} are drawn from ranges and have no effect each: "
            "plot() shows what they do."
        )
    if unit_of_name(by) == "1" and len(result.points) > 1:
        notes.append("Points of a difference are hundredths: from 2 % to 3 % is 1 point.")
    clock = sum(result.by_clock(one) for one in result.points)
    if clock and not result.asked:
        notes.append(f"{_points(clock)} short of the terms asked for: ended by the clock.")
    if result.asked:
        rest = [one for one in result.points if result.done(one) and not result.reached(one)]
        if rest:
            notes.append(
                f"{_points(len(rest))} less precise than asked for: as many terms as at_most allows"
                + (f", {clock} by the clock" if clock else "")
                + "."
            )
    waiting = [one for one in result.points if not result.done(one) and not one.failure]
    if waiting:
        notes.append(f"{_points(len(waiting))} not done yet: run the same again to go on.")
    notes += [
        f"Point {one.number} ({one}) failed: {one.failure.splitlines()[0]}"
        for one in result.points
        if one.failure
    ]
    notes.append(f"Kept in {result.folder}.")
    return tuple(notes)


def _lacking(result: StudyFigures, by: MeasureName) -> list[str]:
    """Return in words which points have no such measure and so no rank."""
    without: dict[str, list[str]] = {}
    for one in result.points:
        if lack := result.lack(one, by):
            without.setdefault(lack, []).append(str(one.number))
    return [
        f"{_listed(numbers)} {'has' if len(numbers) == 1 else 'have'} {lack}, so no rank and no "
        f"part in what is said of {by}."
        for lack, numbers in without.items()
    ]


def _listed(numbers: Sequence[str]) -> str:
    """Return points by their numbers, so many that a line holds them."""
    if len(numbers) > LONG:
        return f"{formatting.thousands(len(numbers))} points"
    return f"Point{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"


def _points(count: int) -> str:
    return f"{formatting.thousands(count)} point{' is' if count == 1 else 's are'}"


def as_text(table: StudyTable, width: int = WIDTH) -> str:
    """Return a table as text.

    Parameters
    ----------
    table : StudyTable
        What is shown.
    width : int
        Characters of a line.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console(width=width, color_system=None, legacy_windows=False)
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in table.headings:
        grid.add_column(Text(heading), vertical="top", overflow="fold")
    for cells in table.rows:
        if len(cells) == 1:
            grid.add_row("...", Text(cells[0]))
        else:
            grid.add_row(*(Text(TOGETHER.sub(NO_BREAK, cell)) for cell in cells))
    with console.capture() as caught:
        for line in (table.title, table.question):
            if line:
                console.print(Text(line))
        console.print()
        if table.rows:
            console.print(grid)
        if table.effects:
            console.print(Text(f"\n{table.said}"))
            effects = Grid(box=None, show_header=False, pad_edge=False)
            for row in table.effects:
                effects.add_row(*(Text(cell) for cell in row))
            console.print(effects)
        console.print()
        for note in table.notes:
            console.print(Text(note))
    said = caught.get().replace(NO_BREAK, " ")
    return "\n".join(line.rstrip() for line in said.splitlines())


def as_html(table: StudyTable) -> str:
    """Return a table as HTML, for a notebook."""

    def cells(row: Sequence[str], tag: str) -> str:
        if len(row) == 1 and tag == "td":
            return f'<tr><td colspan="{len(table.headings)}">{escape(row[0])}</td></tr>'
        inner = "".join(f"<{tag}>{escape(x).replace(chr(10), '<br>')}</{tag}>" for x in row)
        return f"<tr>{inner}</tr>"

    parts = [f"<p><b>{escape(table.title)}</b><br>{escape(table.question)}</p>"]
    parts.append("<table><thead>" + cells(table.headings, "th") + "</thead><tbody>")
    parts += [cells(row, "td") for row in table.rows]
    parts.append("</tbody></table>")
    if table.effects:
        parts.append(f"<p>{escape(table.said)}</p><table>")
        parts += [cells(row, "td") for row in table.effects]
        parts.append("</table>")
    parts += [f"<p>{escape(note)}</p>" for note in table.notes]
    return "".join(parts)
