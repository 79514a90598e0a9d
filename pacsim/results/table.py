"""The table a person sees first, made from rows alone: in a terminal, a notebook, a page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from pacsim import formatting
from pacsim.results.measures import LOST_IN_TERM, UNSEEN
from pacsim.results.measures import label as named_as
from pacsim.results.place_lines import degraded_lines, place_lines
from pacsim.results.rows import NO_COPY, OVERALL
from pacsim.stats import NONE_SEEN, ONE_SEEN
from pacsim.units import ROUNDING, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacsim.results.rows import Row

OMITS = "The spreadsheet's number leaves out software, failovers that fail, people, planned work."
LACKS = "what is lost there is lost for good."
LOSS = "Loss counts disks, controllers and wipes only; ransomware, deletion, fire are not in it."
SURE = "95 %"
"""With which the words about how sure an interval is begin."""


class Tabulated(Protocol):
    """What a table is made from: a `pacsim.Result` has it all."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every figure."""

    @property
    def designs(self) -> tuple[str, ...]:
        """Names, in the order of the columns."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """How it was made."""

    @property
    def inputs(self) -> tuple[Mapping[str, str], ...]:
        """Every number that went in."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the designs leave open."""


@dataclass(frozen=True, slots=True)
class Line:
    """A label, one cell per design, and the intervals under them (empty: none)."""

    label: str
    cells: tuple[str, ...]
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown: a title, designs as headings, lines, and sentences under them."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


def table(result: Tabulated, role: str = "") -> Table:
    """Return the table of a result for one role; the one it was run for by default."""
    role = role or str(result.provenance.get("role", "")) or _first_role(result)
    years = float(result.provenance.get("term_years", 1.0))
    lines = [line for line in _lines(result, role, years) if any(c != "-" for c in line.cells)]
    count = {1: "One design", 2: "Two designs"}.get(len(result.designs))
    title = (
        f'{count or f"{len(result.designs)} designs"}, role "{role}", {years:g}-year contract, 24x7'
    )
    return Table(title, result.designs, tuple(lines), tuple(_notes(result, role)))


def _first_role(result: Tabulated) -> str:
    return next((r.role for r in result.rows if r.measure == "unavailability"), "")


def _lines(result: Tabulated, role: str, years: float) -> list[Line]:
    def line(
        named: str,
        measure: str,
        show: Callable[[float | None], str],
        *,
        interval: bool = False,
        factor: float = 1.0,
        of: str = "",
        place: str = "",
    ) -> Line:
        rows = [_row(result, d, measure, of or role, place) for d in result.designs]
        cells = tuple(_nothing(r) or show(_times(r, factor)) for r in rows)
        under = tuple(_between(r, factor, show) for r in rows) if interval else ()
        return Line(named, cells, under)

    hour, quantile = formatting.HOUR, "outage_duration_unplanned_"
    least = float(result.provenance.get("min_outage", 60.0))
    over = "a minute" if least == 60.0 else formatting.duration(least)
    return [
        *_copies(result),
        line(named_as("down_unplanned"), "down_unplanned", formatting.hours_a_year, interval=True),
        *_over_inputs(result, role),
        line(named_as("down_planned"), "down_planned", formatting.hours_a_year, interval=True),
        _kinds(result, role),
        line(named_as("down_mixed"), "down_mixed", formatting.hours_a_year),
        *degraded_lines(result.rows, line),
        *place_lines(result.rows, role, line),
        _available(result, role),
        _overall(result),
        line(named_as("spreadsheet_down"), "spreadsheet_down", formatting.hours_a_year),
        line(f"unplanned outages over {over}", "outages_unplanned", _a_year, interval=True),
        line("  half are over after", f"{quantile}p50", formatting.duration, factor=hour),
        line(
            "  one in twenty lasts longer than", f"{quantile}p95", formatting.duration, factor=hour
        ),
        line(
            named_as("p_year_within_99_9"), "p_year_within_99_9", formatting.percent, interval=True
        ),
        *_failovers(result),
        *_losses(result, years),
        _reasons(result, role, "down_unplanned_by_root", "unplanned: most began with", 2),
        _reasons(result, role, "contributor_share", "all of it: present in", 2),
    ]


def _row(
    result: Tabulated, design: str, measure: str, role: str = "", place: str = ""
) -> Row | None:
    by = ("place", place) if place else ("", "")
    for one in result.rows:
        if (one.design, one.measure, one.by, one.against) == (design, measure, by[0], "") and (
            (not role or one.role == role) and one.of == by[1]
        ):
            return one
    return None


def _times(one: Row | None, factor: float) -> float | None:
    return None if one is None or one.estimate is None else one.estimate * factor


def _a_year(x: float | None) -> str:
    return "-" if x is None else f"{formatting.plain(x)} /yr"


def _nothing(one: Row | None) -> str:
    """Return what stands in place of a zero: why it is one, or that nothing was seen."""
    if one is not None and one.measure.startswith("p_year_") and not one.n:
        return "no whole year"
    if one is None or one.estimate != 0:
        return ""
    exactly, _, why = one.note.partition("exactly 0: ")
    return f"0 ({why})" if why and not exactly else "none seen" if one.method == NONE_SEEN else ""


def _between(one: Row | None, factor: float, show: Callable[[float | None], str]) -> str:
    if one is None or one.lower is None or one.upper is None or one.lower == one.upper:
        return ""
    if one.method in {NONE_SEEN, ONE_SEEN}:
        return f"under {show(one.upper * factor)}"
    ends = (one.lower * factor, one.upper * factor)
    if show in {formatting.percent, formatting.share}:
        return " - ".join(show(end) for end in ends)
    if show is formatting.hours_a_year and one.estimate is not None:
        return formatting.hours_between(*ends, one.estimate * factor)
    return " - ".join(formatting.plain(end) for end in ends)


def _over_inputs(result: Tabulated, role: str) -> list[Line]:
    """Return what a figure may be with other inputs, and whether the order of designs stays."""
    ranges, orders = [], []
    for design in result.designs:
        one = _row(result, design, "down_unplanned_over_inputs", role)
        if one is None or one.estimate is None:
            ranges.append("-")
        elif one.lower is None or one.upper is None:
            ranges.append("not told from sampling")
        else:
            _, unit = formatting.year_unit(one.estimate)
            ends = formatting.hours_between(one.lower, one.upper, one.estimate)
            ranges.append(f"{ends} {unit}/yr")
        kept = _row(result, design, "order_over_inputs", role)
        if kept is None:
            orders.append("-")
        elif kept.estimate is None:
            orders.append("not told: equal in most draws")
        else:
            orders.append(f"{kept.note} in {formatting.percent(kept.estimate)} of draws")
    return [
        Line(named_as("down_unplanned_over_inputs"), tuple(ranges)),
        Line(named_as("order_over_inputs"), tuple(orders)),
    ]


def _available(result: Tabulated, role: str) -> Line:
    cells = []
    for design in result.designs:
        one = _row(result, design, "unavailability", role)
        share = None if one is None else one.estimate
        cells.append("100 % (no down time seen)" if share == 0 else formatting.nines(share))
    return Line("available", tuple(cells))


def _overall(result: Tabulated) -> Line:
    cells = []
    for design in result.designs:
        # A declared role may have that name; it has outages.
        own = _row(result, design, "outages", OVERALL)
        one = _row(result, design, "down", OVERALL) if own is None else None
        cells.append(_nothing(one) or formatting.hours_a_year(_times(one, 1.0)))
    return Line("any role down", tuple(cells))


def _several(result: Tabulated, label: str, measure: str) -> list[tuple[str, str]]:
    """Return each array or group that has a measure, with its label: named if there are several."""
    names = dict.fromkeys(
        one.role
        for design in result.designs
        for one in result.rows
        if (one.design, one.measure, one.by, one.against) == (design, measure, "", "")
    )
    return [(name, f"{label}, {name}" if len(names) > 1 else label) for name in names]


def _failovers(result: Tabulated) -> list[Line]:
    lines = []
    for group, label in _several(result, "failover until it serves", "failover_latency_p50"):
        cells = []
        for design in result.designs:
            middle = _row(result, design, "failover_latency_p50", group)
            tail = _row(result, design, "failover_latency_p95", group)
            if middle is None or tail is None:
                cells.append("-")
            elif middle.estimate is None:
                cells.append("none seen")
            else:
                late = formatting.duration(tail.estimate)
                cells.append(f"{formatting.duration(middle.estimate)} (p95 {late})")
        lines.append(Line(label, tuple(cells)))
        shares = [_row(result, design, "failing_at_start", group) for design in result.designs]
        if any(shares):
            said = ("-" if x is None else formatting.percent(x.estimate) for x in shares)
            lines.append(Line("  requests that fail at the start", tuple(said)))
    return lines


def _losses(result: Tabulated, years: float) -> list[Line]:
    """Return what is lost and how it comes back."""
    lines, term = [], f"in {years:.3g} year{'' if years == 1 else 's'}"
    stores = _several(result, f"any study lost {term}", "p_any_loss")
    if any(name == OVERALL for name, _ in stores):
        lines += [
            _odds(result, f"any study lost {term}", "p_any_loss", OVERALL),
            _odds(result, f"  {named_as('p_loss_over_100')}", "p_loss_over_100", OVERALL),
            _odds(result, f"  {named_as('p_loss_of_all')}", "p_loss_of_all", OVERALL),
            _expected(result, f"studies lost {term}, expected"),
        ]
    else:
        lines += [_odds(result, label, "p_any_loss", name) for name, label in stores]
    lines += _spans(result, "age of the newest copy", "data_loss_window")
    return lines + _spans(result, "time to restore", "restoration_time")


def _copies(result: Tabulated) -> list[Line]:
    """Return who has no copy of what is stored, before anything else, if any design has none."""
    if not any(_bare(result, design) for design in result.designs):
        return []
    cells = []
    for design in result.designs:
        arrays, bare = _arrays(result, design), _bare(result, design)
        some = f"{NO_COPY} of {', '.join(bare)}" if bare and len(bare) < len(arrays) else NO_COPY
        cells.append(some if bare else "yes" if arrays else "nothing is stored")
    return [Line("copy outside the array", tuple(cells))]


def _arrays(result: Tabulated, design: str) -> list[str]:
    """Return what stores something in a design, or all of it together where no part is named."""
    found = [
        one.role
        for one in result.rows
        if (one.design, one.measure, one.against) == (design, "p_any_loss", "")
    ]
    return [name for name in found if name != OVERALL] or found


def _bare(result: Tabulated, design: str) -> list[str]:
    """Return which of them nothing outside has a copy of."""
    return list(
        dict.fromkeys(
            name
            for one in result.rows
            if (one.design, one.measure, one.against) == (design, "p_any_loss", "")
            for name in one.no_copy_of
        )
    )


def _odds(result: Tabulated, label: str, measure: str, role: str) -> Line:
    rows = [_row(result, design, measure, role) for design in result.designs]
    cells = tuple(
        "-" if r is None else _exactly(r) or formatting.odds(r.estimate, r.upper) for r in rows
    )
    return Line(label, cells, tuple(map(_odds_between, rows)))


def _exactly(one: Row) -> str:
    """Return what stands in place of a figure that is 0 by construction, nothing for others."""
    return _nothing(one) if one.estimate == 0 and one.method != NONE_SEEN else ""


def _expected(result: Tabulated, label: str) -> Line:
    """Return the studies that a term loses on average; of none the most that there may be."""
    rows = [_row(result, design, LOST_IN_TERM, OVERALL) for design in result.designs]

    def show(x: float | None) -> str:
        return "-" if x is None else formatting.plain(x)

    cells = tuple(_nothing(r) or show(None if r is None else r.estimate) for r in rows)
    return Line(label, cells, tuple(_between(r, 1.0, show) for r in rows))


def _spans(result: Tabulated, said: str, measure: str) -> list[Line]:
    """Return a line of median and 95 % point in hours for each array that has them."""
    lines = []
    for array, label in _several(result, said, f"{measure}_p50"):
        cells = []
        for design in result.designs:
            middle = _row(result, design, f"{measure}_p50", array)
            tail = _row(result, design, f"{measure}_p95", array)
            if middle is None or tail is None or array in _bare(result, design):
                cells.append("-")
            elif middle.estimate is None or tail.estimate is None:
                cells.append("none seen")
            else:
                late = formatting.duration(tail.estimate * formatting.HOUR)
                cells.append(
                    f"{formatting.duration(middle.estimate * formatting.HOUR)} (p95 {late})"
                )
        lines.append(Line(label, tuple(cells)))
    return lines


def _odds_between(one: Row | None) -> str:
    """Return the ends of a probability that was seen, the less likely one first."""
    if one is None or not one.estimate or one.lower is None or one.upper is None:
        return ""
    return formatting.odds_between(one.lower, one.upper, one.estimate)


def _kinds(result: Tabulated, role: str) -> Line:
    """Return the planned hours a year by kind of work, the longest first."""
    measure, cells = "down_planned_by_root", []
    for design in result.designs:
        works = [
            r for r in result.rows
            if (r.design, r.measure, r.role) == (design, measure, role) and r.estimate
        ]  # fmt: skip
        least = sum(r.estimate or 0.0 for r in works) / 1000.0
        said = [
            f"{formatting.cause(r.of)} {formatting.hours_a_year(r.estimate)}"
            for r in works
            if (r.estimate or 0.0) > least
        ]
        cells.append(", ".join(said) or "-")
    return Line(named_as(measure), tuple(cells))


def _reasons(result: Tabulated, role: str, measure: str, label: str, most: int) -> Line:
    cells = []
    for design in result.designs:
        reasons = [
            r for r in result.rows
            if (r.design, r.measure, r.role) == (design, measure, role) and r.estimate
        ]  # fmt: skip
        total = sum(r.estimate or 0.0 for r in reasons) if measure != "contributor_share" else 1.0
        best = sorted(reasons, key=lambda r: -(r.estimate or 0.0))[:most]
        text = ", ".join(
            f"{formatting.cause(r.of)} {formatting.percent((r.estimate or 0.0) / total)}"
            for r in best
        )
        cells.append(text or "-")
    return Line(label, tuple(cells))


def _notes(result: Tabulated, role: str) -> list[str]:
    notes = [
        f"{name}: {NO_COPY} outside {', '.join(bare)}: {LACKS}"
        for name in result.designs
        if (bare := _bare(result, name))
    ]
    notes += [_saved(result, one) for one in result.rows if one.against and one.role == role
              and one.measure == "down_unplanned"]  # fmt: skip
    notes += [OMITS, LOSS]
    if any(one.measure == LOST_IN_TERM and UNSEEN in one.note for one in result.rows):
        notes.append(f"Studies lost: {UNSEEN}.")
    p = result.provenance
    terms = formatting.thousands(float(p.get("replications", 0)))
    seconds = float(p.get("seconds", 0.0))
    notes.append(f"95 % intervals. {terms} terms each, seed {p.get('seed')}, {seconds:.1f} s.")
    drawn = (_row(result, x, "down_unplanned_over_inputs", role) for x in result.designs)
    over = next((one for one in drawn if one is not None), None)
    if over is not None:
        # What an interval could not be made of is said in the cell.
        left_out = over.note.partition(";")[0] if "wrong design" in over.note else ""
        notes.append(
            f"Inputs drawn from their ranges, 95 % ranges: {over.method}"
            + (f"; {left_out} and are left out" if left_out else "")
            + "."
        )
    if p.get("partial"):
        notes.append("Partial: interrupted before it was done.")
    elif p.get("stopped") == "clock":
        number = int(p.get("replications", 0))
        notes.append(f"Stopped by the clock; repeat with --replications {number}.")
    elif not p.get("reached", True):
        wanted = float(p.get("precision") or 0.0)
        notes.append(
            f"The precision of {formatting.percent(wanted)} was not reached with what was given."
        )
    years = float(p.get("term_years", 1.0))
    beyond = years - (years * YEAR + ROUNDING) // YEAR
    if years > 1.0 and beyond * YEAR > ROUNDING:
        notes.append(
            f'"{named_as("p_year_within_99_9")}" is of whole contract years: the last '
            f"{beyond:.2g} of the term are in none."
        )
    inputs = {(i["path"], i["id"], i["value"]): i["status"] for i in result.inputs}
    assumed = sum(status == "assumed" for status in inputs.values())
    if inputs:
        notes.append(f"{assumed} of {len(inputs)} inputs are assumed.")
    return notes + list(result.warnings)


def _saved(result: Tabulated, one: Row) -> str:
    """Return what two designs differ by; hours saved are no praise for one without a copy."""
    said = ""
    for name in (one.design, one.against):
        if bare := _bare(result, name):
            said += f" But {name}: {NO_COPY} of {', '.join(bare)}."
        elif not _arrays(result, name) and any(_arrays(result, d) for d in result.designs):
            said += f" But {name} stores nothing."
    return _differ(result, one) + said


def how_sure(one: Row) -> str:
    """Return in words how sure the interval of a difference is, as its method says."""
    begins = one.method.find(SURE)
    return one.method[begins:] if begins >= 0 else SURE


def _differ(result: Tabulated, one: Row) -> str:
    both = f"{one.design} and {one.against}"
    rows = [_row(result, name, one.measure, one.role) for name in (one.design, one.against)]
    if all(r is not None and r.estimate == 0 for r in rows):
        return f"{both} cannot be told apart: no unplanned down time was seen in either."
    if one.estimate == 0.0 and one.lower == one.upper:
        return f"{both} cannot be told apart: unplanned down time is the same in every term."
    if one.estimate is None or one.lower is None or one.upper is None:
        return f"{both}: too few terms to compare."
    low, high = formatting.plain(one.lower), formatting.plain(one.upper)
    if one.lower <= 0 <= one.upper:
        return (
            f"{both} cannot be told apart: unplanned down time differs by {low} to {high} h/yr "
            f"({how_sure(one)})."
        )
    a, b = sorted((abs(one.lower), abs(one.upper)))
    verb = "saves" if one.estimate < 0 else "costs"
    size = formatting.plain(abs(one.estimate))
    return (
        f"{one.design} instead of {one.against} {verb} {size} h/yr of unplanned down time "
        f"({formatting.plain(a)} - {formatting.plain(b)}, {how_sure(one)}; same faults in both)."
    )


def as_html(shown: Table) -> str:
    """Return the table as HTML with all text escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in shown.headings)
    body = []
    for line in shown.lines:
        cells = []
        for k, cell in enumerate(line.cells):
            under = line.under[k] if line.under else ""
            small = f"<br><small>{escape(under)}</small>" if under else ""
            cells.append(f"<td>{escape(cell)}{small}</td>")
        body.append(f"<tr><th>{escape(line.label)}</th>{''.join(cells)}</tr>")
    notes = "".join(f"<li>{escape(note)}</li>" for note in shown.notes)
    return (
        f'<div class="pacsim"><p><b>{escape(shown.title)}</b></p><table><thead><tr><th></th>{head}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table><ul>{notes}</ul></div>"
    )
