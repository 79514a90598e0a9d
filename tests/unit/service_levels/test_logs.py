"""A hospital's own log: what is read of it, and every row that is wrong, at once."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pacsim import DesignError, PacsimError, score
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files import problems as told
from pacsim.service_levels import downtime_log
from tests.unit.service_levels.by_hand import YEAR, level

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.service_levels import Scores

HEADING = "start,end,kind\n"
WHOLE = """start,end,kind,role,cause
2026-01-31 22:00,2026-02-01 03:00,unplanned,store,array
2026-02-03T08:00:00,2026-02-03T08:03:00,unplanned,store,
2026-03-02 02:00,2026-03-02 08:00,planned,store,"patches, firmware"
2026-03-02 07:30,2026-03-02 09:00,Mixed,store,server would not start
2026-12-31 20:00,,degraded,read,
"""


def scored(folder: Path, content: str | bytes, span: tuple[Any, Any] = YEAR) -> Scores:
    file = folder / "log.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return score(file, level(), starts=span[0], ends=span[1])


def hours(found: Scores) -> float:
    return float(found.scored[0].counted.down.sum()) / 3600


def refused(folder: Path, content: str | bytes, span: tuple[Any, Any] = YEAR) -> list[str]:
    with pytest.raises(DesignError) as caught:
        scored(folder, content, span)
    return [f"{p.line} {p.path}: {p.rule}; {p.remedy}" for p in caught.value.problems]


def test_a_whole_log(tmp_path: Path) -> None:
    found = scored(tmp_path, WHOLE)
    own = found.scored[0].histories
    assert (own.roles, own.terms, own.recorded) == (("store", "read"), 1, True)
    assert own.code.tolist() == [0, 0, 1, 2, 3]
    assert hours(found) == 5.0 + 0.05 + 7.0


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + WHOLE.encode(),
        WHOLE.replace("patches, firmware", "patches").replace(",", "\t").encode("utf-16"),
        WHOLE.replace("patches, firmware", "patches").replace(",", ";").encode(),
        WHOLE.replace("\n", "\r\n").encode(),
        b"sep=,\r\n" + WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace("\n", "\r").encode(),
        WHOLE.replace("08:03:00,", "08:03:00.0,").replace("store,array", '"store","a ""b"""').encode(),
        WHOLE.replace("\n", "\n\n").replace(",", " , ").encode(),
        WHOLE.replace("start,end", "START,End").encode(),
    ],
    ids=["mark", "unicode text", "semicolons", "returns", "told", "old returns", "quoted", "blanks", "capitals"],
)  # fmt: skip
def test_as_spreadsheets_write_it(tmp_path: Path, content: bytes) -> None:
    assert hours(scored(tmp_path, content)) == 12.05


def test_columns_in_any_order(tmp_path: Path) -> None:
    content = "kind,end,start\nplanned,2026-02-01 03:00,2026-02-01 01:00\n"
    assert hours(scored(tmp_path, content)) == 2.0


def test_no_rows_are_a_year_without_an_outage(tmp_path: Path) -> None:
    found = scored(tmp_path, HEADING)
    assert found.get("sla_met").estimate == 1.0
    assert "12 of 12" in str(found)


def test_offsets(tmp_path: Path) -> None:
    """One for all rows; the windows are in it."""
    row = "2026-01-31T23:00:00Z,2026-02-01T01:00:00+00:00,unplanned\n"
    found = scored(tmp_path, HEADING + row, ("2026-01-01", "2027-01-01T00:00:00+00:00"))
    assert found.scored[0].counted.down[0, :2].tolist() == [3600.0, 3600.0]


DAYS = """start,end,kind
2026-03-01,2026-03-03,unplanned
2026-04-01 22:00,2026-04-02,unplanned
2026-05-01,2026-05-01 12:00,unplanned
"""


def test_days_without_times(tmp_path: Path) -> None:
    """A day begins at 00:00, also the last one, which is said. Sees: a last day that is down."""
    found = scored(tmp_path, DAYS)
    assert hours(found) == 48.0 + 2.0 + 12.0
    said = " ".join(str(found).split())
    assert (
        "log.csv: 2 rows end on a day without a time, first on line 2: at 00:00, so that day is "
        "not down."
    ) in said
    assert "without a time" not in str(scored(tmp_path, WHOLE))


def test_no_row_vanishes(tmp_path: Path) -> None:
    """Each row is counted, left out and said, or refused: rows as short as can be written."""
    rows = "2026-03-01 10:00,2026-03-01 10:00:00.000001,unplanned\n"
    found = scored(tmp_path, HEADING + rows, ("1990-01-01", "2089-12-01"))
    assert len(found.scored[0].counted.length) == 1


def test_every_century_scores_at_once(tmp_path: Path) -> None:
    """The first and the last year that may be asked for, in windows that reach beyond them."""
    for span in (("1900-01-01", "1901-01-01"), ("2200-01-31", "2200-12-31")):
        for window in ("month", "quarter", "year", {"fiscal_year": "april"}, "term"):
            (tmp_path / "log.csv").write_text(HEADING)
            found = score(tmp_path / "log.csv", level(window=window), starts=span[0], ends=span[1])
            assert found.get("sla_met").estimate == 1.0


def test_what_is_outside_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [
        "2025-06-01 00:00,2025-06-02 00:00,unplanned",
        "2025-12-31 23:00,2026-01-01 02:00,unplanned",
        "2026-12-31 23:00,2027-01-01 05:00,unplanned",
        "2027-12-31 23:00,2028-01-01 05:00,unplanned",
    ]
    found = scored(tmp_path, HEADING + "\n".join(rows))
    assert hours(found) == 3.0
    assert "log.csv: 2 rows are outside of what is scored and left out." in str(found)


def test_windows_of_different_lengths_are_told_from_least_to_most(tmp_path: Path) -> None:
    """A year cut in two by fiscal years of 90 and 275 days: 1 % is 21.6 h and 66 h, not 44 h."""
    (tmp_path / "log.csv").write_text(HEADING)
    fiscal = level(window={"fiscal_year": "april"})
    text = " ".join(str(score(tmp_path / "log.csv", fiscal, starts=YEAR[0], ends=YEAR[1])).split())
    assert "2 fiscal years, each may be down 22 h to 66 h" in text
    assert "12 months, each may be down 7.4 h." in " ".join(str(scored(tmp_path, HEADING)).split())


def test_a_role_without_rows_is_said(tmp_path: Path) -> None:
    text = " ".join(str(scored(tmp_path, WHOLE.replace("store", "stroe"))).split())
    assert 'log.csv has no row of role "store", which is taken as never down' in text
    assert "its roles: stroe, read" in text


WRONG: list[tuple[str, list[str]]] = [
    ("2026-02-01 03:00,2026-02-01 01:00,unplanned", ["2 end: 2026-02-01 01:00 is before the start"]),
    ("2026-02-01 03:00,2026-02-01 05:00,unplaned", ["2 kind: unknown kind 'unplaned'; did you mean \"unplanned\"?"]),
    ("2026-02-01 03:00,2026-02-01 05:00,", ["2 kind: unknown kind ''; known: degraded"]),
    (",2026-02-01 05:00,mixed", ["2 start: is empty; write it as 2026-03-29 14:05"]),
    ("1.2.2026 03:00,1.2.2026 05:00,mixed", ["2 end: '1.2.2026 05:00' is no time", "2 start: '1.2.2026 03:00' is no time; write it as"]),
    ("2026-02-30,2026-03-01,mixed", ["2 start: '2026-02-30' is no time"]),
    ("2026-02-01,2026-03-01,mixed,more", ["2 : has 4 cells, the heading 3; quote"]),
    ("2026-02-01", ["2 : has 1 cell, the heading 3; separate cells as the heading does"]),
    ("2026-02-01,2026-02-02,mixed\n2026-02-01T00:00,2026-02-02,mixed", ["3 : is there twice, first on line 2"]),
    ("2026-02-01,2026-02-02 00:00+01:00,mixed", ["2 end: start and end: one has an offset"]),
    ("2026-02-01T00:00+01:00,2026-02-02T00:00+01:00,mixed\n2026-04-01T00:00+02:00,2026-04-02T00:00+02:00,mixed\n2026-04-03,2026-04-04,mixed", ["3 end: has the offset +02:00, line 2 the offset +01:00; write all times in one offset", "3 start: has the offset +02:00", "4 end: has no offset", "4 start: has no offset, line 2 the offset +01:00"]),
    ("2026-03-01,2026-03-01,mixed", ["2 end: 2026-03-01 is the start as well: it lasts for no time; write times, or 2026-03-02 as the end if it was the whole day"]),
    ("2026-03-01 10:00,2026-03-01T10:00:00.000,mixed", ["2 end: 2026-03-01T10:00:00.000 is the start as well: it lasts for no time; write a later end, with seconds"]),
    ("2026-03-01T10:00Z,2026-03-01T10:00z,mixed", ["2 end: 2026-03-01T10:00z is the start as well"]),
    ("0226-03-01,2026-03-02,mixed", ["2 start: '0226-03-01' is not in the years 1900 to 2200; check the year"]),
    ("2026-03-01,9999-12-31,mixed", ["2 end: '9999-12-31' is not in the years 1900 to 2200; check the year, or leave it empty while it lasts"]),
    ("2028-02-01,,mixed", ["2 start: begins after --to and is not over"]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), WRONG)
def test_what_is_wrong(tmp_path: Path, rows: str, expected: list[str]) -> None:
    found = refused(tmp_path, HEADING + rows)
    assert len(found) == len(expected)
    for one, said in zip(found, expected, strict=True):
        assert one.startswith(said)


HEADINGS: list[tuple[str, list[str]]] = [
    ("", ["1 : is empty; begin with the line start,end,kind,role,cause"]),
    ("start,kind,start\n", ["1 end: is missing in the heading", "1 start: is there twice"]),
    ("start,end,kind,rol\n", ["1 rol: unknown column 'rol'; did you mean \"role\"?"]),
    ("2026-01-01,2026-01-02,planned\n", ["1 2026-01-01: unknown column", "1 2026-01-02: unknown", "1 end: is missing", "1 kind: is missing", "1 planned: unknown", "1 start: is missing"]),
    ("start,end,kind,role\n2026-01-01,2026-01-02,planned,\n", ["2 role: is empty; name the role"]),
    ('start,end,kind\n"' + "x" * 200_000, ["2 : is no CSV: field larger than field limit"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), HEADINGS, ids=range(len(HEADINGS)))
def test_headings(tmp_path: Path, content: str, expected: list[str]) -> None:
    found = refused(tmp_path, content)
    assert len(found) == len(expected), found
    for one, said in zip(found, expected, strict=True):
        assert one.startswith(said)


SPANS: list[tuple[tuple[Any, Any], str]] = [
    ((None, None), "it needs --from and --to; write for example --from 2026-01-01 --to 2027-01-01"),
    (("2026-01-01", None), "it needs --to;"),
    (("2027-01-01", "2026-01-01"), "--to is not after --from; change them round"),
    (("2026-01-01", "2126-06-01"), "from --from to --to are 100.5 years; write 100 years or less"),
    (("2026-01-01", "2026-01-01 00:00"), "--to is not after --from; change them round"),
    (("2026-01-01 00:00:00.25", "2027-01-01"), "--from 00:00:00.250000 has parts of a second"),
    ((dt.date(2026, 1, 1), dt.date(9999, 12, 31)), "--to 9999-12-31 is not in 1900 to 2200"),
    ((dt.date(1, 1, 1), dt.datetime(2027, 1, 1)), "--from 0001-01-01 is not in 1900 to 2200"),
    (("2026-01-01+03:00", "2027-01-01"), "--from has the offset +03:00, the log no offset"),
]  # fmt: skip


@pytest.mark.parametrize(("span", "says"), SPANS)
def test_when_it_was_kept(tmp_path: Path, span: tuple[Any, Any], says: str) -> None:
    if "+" in str(span[0]):
        span = (dt.datetime.fromisoformat("2026-01-01T00:00+03:00"), span[1])
    (found,) = refused(tmp_path, WHOLE, span)
    assert says in found


def test_everything_at_once(tmp_path: Path) -> None:
    """Sees: a reader that stops at the first row."""
    rows = [row for rows, _ in WRONG for row in rows.split("\n")]
    found = refused(tmp_path, HEADING + "\n".join(rows), (None, "2027-01-01"))
    lines = {int(one.split()[0]) for one in found}
    assert lines >= {0, *range(2, 10), 11, 12, *range(17, 21)}
    assert len(found) > 14


def sites() -> set[int]:
    """Return the lines from which something is said of a log."""
    tree = ast.parse(inspect.getsource(downtime_log))
    inner = {
        node.lineno
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and one.name == "wrong"
        for node in ast.walk(one)
        if hasattr(node, "lineno")
    }
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Problem", "wrong"}
        and node.lineno not in inner
    }


def test_every_rule_has_a_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A refusal that is added to the reader without a case fails here."""
    reached: set[int] = set()

    def noting(*given: Any) -> told.Problem:
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == downtime_log.__file__:
                reached.add(frame.f_lineno)
            frame = frame.f_back
        return told.Problem(*given)

    monkeypatch.setattr(downtime_log, "Problem", noting)
    monkeypatch.setattr(downtime_log, "MOST", 8)
    for content in [*(HEADING + rows for rows, _ in WRONG), *(x for x, _ in HEADINGS)]:
        refused(tmp_path, content)
    for span, _ in SPANS[:-1]:
        refused(tmp_path, WHOLE, span)
    three = dt.datetime.fromisoformat("2026-01-01T00:00+03:00")
    refused(tmp_path, WHOLE, (three, "2027-01-01"))
    rows = [f"2026-02-0{k},2026-03-0{k},mixed" for k in range(1, 10)]
    assert refused(tmp_path, HEADING + "\n".join(rows)) == ["10 : over 8 rows; "]
    assert {line for line in sites() if not any(line <= x <= line + 5 for x in reached)} == set()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PacsimError, match=r"log\.csv: is not UTF-8 text; save it as CSV in UTF-8"):
        scored(tmp_path, b"start,end,kind\n\xff\xfe")
    with pytest.raises(PacsimError, match=r"none\.csv: cannot be read: No such file"):
        score(tmp_path / "none.csv", level(), starts=YEAR[0], ends=YEAR[1])
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(PacsimError, match=r"folder\.csv: cannot be read: Is a directory"):
        score(tmp_path / "folder.csv", level(), starts=YEAR[0], ends=YEAR[1])


def test_dates_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"starts \(--from\) '1.1.2026' is no time; write"):
        scored(tmp_path, WHOLE, ("1.1.2026", "2027-01-01"))
    with pytest.raises(ArgumentTypeError, match=r"ends \(--to\) 2027 is no date"):
        scored(tmp_path, WHOLE, ("2026-01-01", 2027))
    found = scored(tmp_path, WHOLE, (dt.date(2026, 1, 1), dt.date(2027, 1, 1)))
    assert hours(found) == 12.05


def test_mutated_logs_give_no_traceback(tmp_path: Path) -> None:
    """Each is read or refused by row. Sees: any other error."""
    read = 0
    odd = ["", "x", ",", ";", "\n", '"', "\0", "2026", "-", ":", "+01:00", "9" * 30, "é", "\r",
           "0000-00-00", "9999-12-31", "0001-01-01", "T24:00", "planned", "Z"]  # fmt: skip
    for number in range(600):
        draw = random.Random(number)
        text = WHOLE
        for _ in range(draw.randint(1, 3)):
            a = draw.randrange(len(text) + 1)
            text = text[:a] + draw.choice(odd) + text[a + draw.choice([0, 1, 3, 20]) :]
        try:
            str(scored(tmp_path, text))
        except PacsimError:
            continue
        read += 1
    assert 50 < read < 540
