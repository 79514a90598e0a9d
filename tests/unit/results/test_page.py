"""The page, table by table: causes, failovers, differences, inputs, how it was made."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from pacsim.pages.page import page, report
from pacsim.results import Result
from tests.unit.results.made import INPUT, A, B, made, of

if TYPE_CHECKING:
    from pathlib import Path


class Sections(HTMLParser):
    """Reads the rows of tables under each heading, and the classes of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.classes: dict[str, str] = {}
        self.title, self.heading, self.at = "", "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"h1", "h2", "h3"}:
            self.heading = ""
        elif tag == "tr":
            self.rows.setdefault(self.heading, []).append([])
        elif tag in {"td", "th"}:
            self.rows[self.heading][-1].append("")
            self.mark = dict(attrs).get("class") or ""
        # Small print stands within a cell.
        self.at = self.at if tag in {"small", "br"} else tag

    def handle_endtag(self, tag: str) -> None:
        self.at = self.at if tag == "small" else ""

    def handle_data(self, data: str) -> None:
        if self.at in {"h1", "h2", "h3"}:
            self.heading += data
        elif self.at == "title":
            self.title += data
        elif self.at in {"td", "th"}:
            row = self.rows[self.heading][-1]
            row[-1] += data
            if self.mark:
                self.classes[row[0]] = self.mark


@pytest.fixture(scope="module")
def sections() -> Sections:
    return Sections(page(made()))


def test_it_is_called_by_its_designs(sections: Sections) -> None:
    assert sections.title == "Alone and Pair"


def test_causes_by_design_with_their_shares(sections: Sections) -> None:
    """Of 20 h; present in is the contributor's share, - where there is none."""
    assert sections.rows["Alone"][1:] == [
        ["server planned work", "12.0 h/yr", "60 %", "58 %"],
        ["server application", "6.0 h/yr", "30 %", "37 %"],
        ["mains outage", "2.0 h/yr", "10 %", "22 %"],
    ]
    assert sections.rows["Pair"][1:] == [["pacs failover", "1.3 h/yr", "100 %", "-"]]


def test_failovers_by_kind(sections: Sections) -> None:
    assert sections.rows["Failover, by what fell first"][1:] == [
        ["Pair", "group", "host", "1.5 /yr", "42 s", "25 min", "66 %", "100 %"],
        ["Pair", "group", "hung", "0.5 /yr", "2 h", "10 h", "25 %", "100 %"],
    ]


def test_differences_with_their_ends(sections: Sections) -> None:
    # Sees: names of columns in place of the words of the table.
    heading = "Differences, same faults in both, 95 %, each measure by itself"
    assert sections.rows[heading][1:] == [
        ["Pair less Alone", "store", "down, unplanned", "-5.0", "-6.5 to -4.0", "h/year", ""],
        ["Pair less Alone", "store", "outages", "0.8", "-0.3 to 1.8", "1/year",
         "cannot be told apart"],
        ["Pair less Alone", "read", "down, unplanned", "11.0", "10.0 to 12.0", "h/year", ""],
        ["Pair less Alone", "store", "down, planned", "-", "-", "h/year",
         "none seen in either in 400 terms"],
    ]  # fmt: skip


def test_other_roles_have_their_own_table(sections: Sections) -> None:
    rows = sections.rows['Role "read"']
    assert ["down, unplanned", "98.0 h/yr97.0 - 99.0", "-"] in rows
    assert 'Role "store"' not in sections.rows


def test_every_input_once_assumed_ones_first(sections: Sections) -> None:
    heading = "Every input and where it comes from"
    assert sections.rows[heading][1:] == [
        ["parts.a.ttr", "4 h", "", "assumed", "guess", "Alone, Pair"],
        ["parts.z.ttf", "7 year", "3 year to 9 year", "assumed", " (z.mttf)", "Alone"],
        ["parts.b.ttf", "5 year", "", "vendor", "letter <1>", "Alone"],
    ]
    assert sections.classes == {"parts.a.ttr": "assumed", "parts.z.ttf": "assumed"}


def test_how_it_was_made_is_whole(sections: Sections) -> None:
    rows = sections.rows["How it was made"]
    for expected in (["versions, pacsim", "9.8.7"], ["seed", "17"], ["term_years", "5.0"]):
        assert expected in rows


def test_only_the_largest_causes_are_listed() -> None:
    rows = [of(A, "unavailability", 0.1, unit="1")]
    rows += [of(A, "down_by_root", float(k), by=("root", f"part-{k}")) for k in range(1, 13)]
    rows += [
        of(A, m, 1.0)
        for m in ("down", "down_unplanned", "down_planned", "down_mixed", "spreadsheet_down")
    ]
    found = Sections(page(Result(tuple(rows), {"role": "store"}, (A,)))).rows[A]
    listed = [row for row in found if len(row) == 4 and row[0].startswith("part-")]
    assert [row[0] for row in listed] == [f"part-{k}" for k in range(12, 4, -1)]
    # The shares are of all of them: 1 + ... + 12 = 78.
    assert listed[0][2] == "15 %"


@pytest.mark.parametrize("key", ["path", "value", "status", "source", "id", "low", "design"])
def test_everything_from_a_file_is_escaped(key: str) -> None:
    bad = "<img src=x>"
    result = made()
    inputs = ({**INPUT, "path": "parts.a", "low": "1", "high": "2", "id": "i", key: bad},)
    text = page(Result(result.rows, result.provenance, result.designs, inputs))
    assert "&lt;img src=x&gt;" in text
    assert "<img" not in text


def test_every_comparison_is_shown() -> None:
    """Each difference has its line, and no other."""
    result = made()
    compared = [row for row in result.rows if row.against]
    assert len(compared) == 4
    assert page(result).count(f"{B} less {A}") == len(compared)


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="3 is no result"):
        report(3, tmp_path / "page.html")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_missing_copy_is_said_on_every_output(tmp_path: Path) -> None:
    """In the table, on the page, in the notes of JSON and CSV: first of what is said of losses."""
    # Sees: an output that shows the same odds of a loss with a backup and without.
    result = made()
    result.to_csv(tmp_path / "r.csv")
    (row,) = [
        one
        for one in csv.DictReader((tmp_path / "r.csv").read_text().splitlines())
        if (one["design"], one["role"], one["measure"]) == ("Alone", "overall", "p_any_loss")
    ]
    assert row["note"].startswith("NO COPY of disks")
    assert '"note": "NO COPY of disks' in result.to_json()
    lines = str(result).splitlines()
    first = next(k for k, text in enumerate(lines) if "NO COPY" in text)
    assert lines[first].startswith("copy outside the array")
    assert "lost" not in "".join(lines[:first])
    html = page(result)
    assert html.index("NO COPY") < html.index("any study lost")
    assert "Alone: NO COPY outside disks" in html
