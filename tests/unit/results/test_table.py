"""The table, line for line: every figure where it belongs, and every sentence under it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.results.table import as_html, table
from pacsim.results.terminal import as_text
from pacsim.results.traffic_lines import traffic_table
from pacsim.stats import ONE_SEEN
from tests.unit.results.made import INPUT, A, B, made, of

if TYPE_CHECKING:
    from pacsim.results import Row

SHOWN = """\
Two designs, role "store", 5-year contract, 24x7

                                    Alone                       Pair
copy outside the array              NO COPY                     yes
down, unplanned                     6.3 h/yr                    1.4 h/yr
                                    5.5 - 7.5                   under 49.4 h/yr
down, planned                       12.5 h/yr                   0 (no planned work in the
                                    11.5 - 13.5                 design)
down, needing both                  3.1 h/yr                    none seen
degraded, store                     0 (no part of the design    14 s/yr
                                    serves in part)             7 - 18
available                           99.75 %                     99.985 %
any role down                       30.5 h/yr                   1.9 h/yr
your spreadsheet would say          1.7 h/yr                    0 (the role needs no hardware
                                                                box)
unplanned outages over 5 min        4.5 /yr                     none seen
                                    4.3 - 4.8                   under 0.013 /yr
  half are over after               15 min                      -
  one in twenty lasts longer than   6.5 h                       -
99.9 % met in a year                79 %                        99.96 %
                                    76 % - 82 %                 99.8 % - 99.997 %
failover until it serves            -                           1.6 min (p95 45 min)
any study lost in 5 years           1 in 16                     25 %
                                    1 in 20 - 1 in 10           15 % - 40 %
  more than 100 studies             1 in 20                     under 1 in 125
                                    1 in 25 - 1 in 12
  everything                        1 in 80                     under 1 in 200
                                    1 in 100 - 1 in 50
studies lost in 5 years, expected   5 215                       0.55
                                    3 000 - 8 000               0.25 - 70.0
age of the newest copy              -                           12 h (p95 23 h)
time to restore                     -                           none seen
unplanned: most began with          mains outage 50 %, server   pacs failover 100 %
                                    application 38 %
all of it: present in               server planned work 58 %,   -
                                    server application 37 %

Alone: NO COPY outside disks: what is lost there is lost for good.
Pair instead of Alone saves 5.0 h/yr of unplanned down time (4.0 - 6.5, 95 %; same faults in
  both). But Alone: NO COPY of disks.
The spreadsheet's number leaves out software, failovers that fail, people, planned work.
Loss counts disks, controllers and wipes only; ransomware, deletion, fire are not in it.
Studies lost: the upper end allows for losses that none of the terms had, at most of all that is
  stored.
95 % intervals. 400 terms each, seed 17, 2.5 s.
2 of 3 inputs are assumed.
Alone: server has no power
Pair: nothing is monitored"""


def test_every_figure_is_in_its_place() -> None:
    assert str(made()) == SHOWN


def test_of_another_role() -> None:
    text = as_text(table(made(), "read"))
    assert 'role "read"' in text
    for said in ("98.0 h/yr", "97.0 - 99.0", "91 %", "costs 11.0 h/yr", "30.5 h/yr"):
        assert said in text
    for said in ("6.3 h/yr", "saves"):
        assert said not in text


def test_places_have_lines_where_there_are_several() -> None:
    """Both places of one design, the only one of the other; failing requests where they differ."""

    # Sees: a line of a place that stands in that of the role; lines for a single place.
    def at(design: str, measure: str, place: str, hours: float, note: str = "") -> Row:
        ends = (0.9 * hours, 1.1 * hours) if hours else (0.0, 0.0)
        return of(design, measure, hours, ends, by=("place", place), note=note)

    single = [
        at(A, "down_at", "ward", 21.9), at(A, "degraded_at", "ward", 0.0, "exactly 0: nothing"),
        of(A, "failing", 2.5e-3, (2e-3, 3e-3), unit="1"),
    ]  # fmt: skip
    assert str(replace(made(), rows=(*made().rows, *single))) == SHOWN
    several = [
        at(B, "down_at", "ward", 1.5), at(B, "down_at", "clinic", 7.25),
        at(B, "degraded_at", "ward", 0.0, "exactly 0: nothing"), at(B, "degraded_at", "clinic", 3.0),
        of(B, "failing", 3.21e-4, (3e-4, 3.5e-4), unit="1"),
    ]  # fmt: skip
    shown = table(replace(made(), rows=(*made().rows, *single, *several)))
    found = {line.label: (line.cells, line.under) for line in shown.lines}
    assert found["down at ward"] == (("21.9 h/yr", "1.5 h/yr"), ("19.7 - 24.1", "1.4 - 1.7"))
    assert found["down at clinic"] == (("-", "7.2 h/yr"), ("", "6.5 - 8.0"))
    assert "degraded at ward" not in found
    assert found["degraded at clinic"] == (("-", "3.0 h/yr"), ("", "2.7 - 3.3"))
    assert found["requests that fail"] == (
        ("0.25 %", "0.0321 %"), ("0.2 % - 0.3 %", "0.03 % - 0.035 %"),
    )  # fmt: skip
    assert found["down, unplanned"][0] == ("6.3 h/yr", "1.4 h/yr")


def test_failing_requests_have_a_line_where_more_fail_than_it_is_down() -> None:
    rows = (of(A, "unavailability", 1e-3, unit="1"), of(A, "failing", 2e-3, unit="1"))
    found = {
        line.label: line.cells for line in table(replace(made(), rows=rows, designs=(A,))).lines
    }
    assert found["requests that fail"] == ("0.2 %",)


def test_a_design_that_saves_hours_is_not_praised_without_its_missing_copy() -> None:
    """The design that saves is the one that nobody copies; so is the sentence of a single one."""
    # Sees: hours saved by leaving the backup out, as if that were all.
    rows = [*made().rows, of(B, "p_any_loss", 0.3, role="disks", unit="1", no_copy_of=("disks",))]
    said = [note for note in table(replace(made(), rows=tuple(rows))).notes if "NO COPY" in note]
    assert said[0] == "Alone: NO COPY outside disks: what is lost there is lost for good."
    assert said[1] == said[0].replace("Alone", "Pair")
    assert said[2].endswith("But Pair: NO COPY of disks. But Alone: NO COPY of disks.")


def test_who_has_no_copy_is_no_matter_of_words() -> None:
    """Whatever the notes say, the table names what the rows name."""
    # Sees: names that are read out of the text of a note.
    other = [replace(one, note="said otherwise") if one.no_copy_of else one for one in made().rows]
    assert str(replace(made(), rows=tuple(other))) == SHOWN
    none = [replace(one, no_copy_of=()) for one in made().rows]
    assert "NO COPY" not in str(replace(made(), rows=tuple(none)))


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ({"partial": True, "reached": False}, "Partial: interrupted before it was done."),
        ({"reached": False}, "The precision of 2 % was not reached with what was given."),
        (
            {"term_years": 2.5},
            '"99.9 % met in a year" is of whole contract years: the last 0.5 of the term are in none.',
        ),
        ({"min_outage": 60.0}, "unplanned outages over a minute"),
        ({"role": "read"}, 'role "read"'),
        ({"replications": 12345}, "12 345 terms each"),
    ],
)
def test_how_it_was_made_is_said(provenance: dict[str, object], said: str) -> None:
    assert said in str(made(**provenance))
    assert said not in str(made())
    if "partial" in provenance:
        assert "not reached" not in str(made(**provenance))


def test_a_term_without_a_whole_year_says_so() -> None:
    rows = (of(A, "p_year_within_99_9", None, unit="1", n=0, note="no figure: ..."),)
    short = replace(made(term_years=0.5), rows=rows, designs=(A,))
    found = {line.label: line.cells for line in table(short).lines}
    assert found == {"99.9 % met in a year": ("no whole year",)}
    assert "whole contract years" not in str(short)


def test_one_seen_is_a_bound_and_no_interval() -> None:
    one = of(A, "down_unplanned", 2.0, (0.0, 79.0), method=ONE_SEEN)
    shown = table(replace(made(), rows=(one,), designs=(A,)))
    assert shown.lines[0].under == ("under 79.0 h/yr",)


class Cells(HTMLParser):
    """Reads the texts of a table's rows, those of small print apart, and of list items."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.items: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag == "br":
            self.rows[-1][-1] += "|"
        elif tag == "li":
            self.items.append("")

    def handle_data(self, data: str) -> None:
        if self.items:
            self.items[-1] += data
        elif self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_html_has_the_same_cells() -> None:
    shown = table(made())
    cells = Cells(as_html(shown))
    assert cells.rows[0] == ["", *shown.headings]
    for found, line in zip(cells.rows[1:], shown.lines, strict=True):
        under = line.under or ("", "")
        assert found == [
            line.label,
            *(
                f"{cell}|{low}" if low else cell
                for cell, low in zip(line.cells, under, strict=True)
            ),
        ]
    assert cells.items == list(shown.notes)


@pytest.mark.parametrize("where", ["design", "cause", "array", "note", "warning", "role"])
def test_html_is_escaped_wherever_names_stand(where: str) -> None:
    """Names of designs, parts, arrays and roles, reasons of zeros, and warnings come from files."""
    bad = "<img src=x>"
    design = bad if where == "design" else A
    rows = (
        of(design, "unavailability", 0.1, unit="1"),
        of(design, "down_planned", 0.0, (0.0, 0.0), note=f"exactly 0: {bad}" if where == "note" else ""),
        of(design, "down_unplanned_by_root", 1.0, by=("root", f"{bad}/x" if where == "cause" else "a")),
        *(of(design, "p_any_loss", 0.1, role=name, unit="1") for name in ("one", bad if where == "array" else "two")),
    )  # fmt: skip
    shown = replace(
        made(role=bad if where == "role" else "store"),
        rows=tuple(replace(r, role=bad) if where == "role" else r for r in rows),
        designs=(design,),
        warnings=(bad,) if where == "warning" else (),
    )
    html = as_html(table(shown))
    assert "&lt;img src=x&gt;" in html
    assert "img" not in Cells(html).tags


def test_small_print_is_escaped() -> None:
    """A table can be made by others than `table`, whose intervals are numbers."""
    shown = table(made())
    first = replace(shown.lines[0], under=("<b>", "<i>"))
    html = as_html(replace(shown, lines=(first,)))
    assert "&lt;b&gt;" in html
    assert "<i>" not in html


def test_inputs_of_several_designs_count_once() -> None:
    alike = {**INPUT, "path": "parts.a.ttf", "value": "1 h", "status": "assumed"}
    other = {**alike, "path": "parts.b.ttf", "status": "published"}
    shown = replace(made(), inputs=(alike, {**alike, "design": "Pair"}, other))
    assert "1 of 2 inputs are assumed." in str(shown)


def test_the_traffic_says_of_which_years_it_is() -> None:
    """Long outages are of all terms, the other windows of the first ones; 5 years each."""
    told: dict[str, Any] = {
        "terms": 4,
        "terms_severe": 400,
        "years": 20.0,
        "seconds": 3.0,
        "designs": {
            A: {"workload": "H", "exams": 7e4, "windows": 900, "share_of_time": 0.003},
            B: {"workload": "H", "exams": 7e4, "windows": 100, "share_of_time": 0.001},
        },
    }
    found = traffic_table(made(traffic=told))
    assert found is not None
    assert found.notes == (
        "20 years (2 000 of outages over 8 h), 1 000 windows, 0.2 % of the time simulated; "
        "elsewhere nothing differs. 3.0 s.",
    )
    every = traffic_table(made(traffic=told | {"years": 2000.0}))
    assert every is not None
    assert every.notes[0].startswith("2 000 years, 1 000 windows, ")
    assert every.title == "Traffic: H, 70 000 exams a year, 5-year contract"
    told["designs"][B]["exams"] = 9e4
    other = traffic_table(made(traffic=told))
    assert other is not None
    assert other.title == (
        f"Traffic: {A}: H, 70 000 exams a year; {B}: H, 90 000 exams a year, 5-year contract"
    )
