"""Reads a hospital's own log of its down times: CSV, every bad row at once."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import PacsimError
from pacsim.files.problems import DesignError, Problem, near
from pacsim.service_levels.civil_moments import AS_WRITTEN, CHECK, no_span, read_moment
from pacsim.service_levels.histories import EVERY_ROLE, KINDS, STATES, Histories
from pacsim.units import shown

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.service_levels.civil_moments import CivilMoment

NEEDED = ("start", "end", "kind")
COLUMNS = (*NEEDED, "role", "cause")
CODES = {kind: number for number, kind in enumerate(KINDS)} | {
    "degraded": STATES,
    "degraded planned": STATES + KINDS.index("planned"),
}
"""Kinds as a log writes them; degraded alone is by a fault."""
MOST = 1_000_000
"""Most rows of a log."""
MARKS = {b"\xff\xfe", b"\xfe\xff"}
"""How a file begins that a spreadsheet has saved as "Unicode text": UTF-16, cells between tabs."""


@dataclass(slots=True)
class _LogRow:
    """One row as it was read; ``end`` is None while it lasts.

    ``ends_with_a_day`` says that the end is a day without a time, and so the beginning of it.
    """

    line: int
    start: dt.datetime
    end: dt.datetime | None
    code: int
    role: str
    ends_with_a_day: bool


def log_histories(path: Path, starts: dt.datetime | None, ends: dt.datetime | None) -> Histories:
    """Return what a log says of the time from one moment to another.

    Rows that overlap are merged, an unplanned time before a planned one and a down one before a
    degraded one. What is outside of the time that is scored is left out, and said.

    Parameters
    ----------
    path : Path
        The log, with a heading: start, end, kind, and if wanted role and cause.
    starts, ends : datetime, optional
        From when to when it was kept; both are needed, in the log's own time.

    Raises
    ------
    PacsimError
        If it cannot be read, without the time in which it was kept, or with every row that is
        wrong.
    """
    problems: list[Problem] = []
    rows, with_roles = _rows(path, problems)
    span = _span(path, rows, starts, ends, problems)
    if problems or span is None:
        raise DesignError(problems)
    begin, length = span
    start = np.array([_seconds(one.start, begin) for one in rows], dtype=np.float64)
    end = np.array([length if x.end is None else _seconds(x.end, begin) for x in rows])
    # Every row lasts for a while: one that does not was refused.
    inside = (end > 0.0) & (start < length)
    roles = tuple(dict.fromkeys(one.role for one in rows)) if with_roles else ()
    number = {name: k for k, name in enumerate(roles)}
    role = np.array([number.get(one.role, EVERY_ROLE) for one in rows], dtype=np.int64)
    code = np.array([one.code for one in rows], dtype=np.int64)
    return Histories(
        path.name,
        roles,
        begin,
        length,
        1,
        np.zeros(int(inside.sum()), dtype=np.int64),
        role[inside],
        code[inside],
        start[inside].clip(0.0, length),
        end[inside].clip(0.0, length),
        tuple(_notes(path.name, rows, inside)),
        recorded=True,
    )


def _notes(name: str, rows: list[_LogRow], inside: np.ndarray) -> list[str]:
    """Return what is left out, and how an end without a time is understood."""
    notes = []
    outside = len(rows) - int(np.count_nonzero(inside))
    if outside:
        many = f"{outside} row{'s are' if outside > 1 else ' is'}"
        notes.append(f"{name}: {many} outside of what is scored and left out.")
    days = [one for one in rows if one.ends_with_a_day]
    if days:
        many = f"{len(days)} row{'s end' if len(days) > 1 else ' ends'}"
        notes.append(
            f"{name}: {many} on a day without a time, first on line {days[0].line}: at 00:00, so "
            "that day is not down."
        )
    return notes


def _seconds(when: dt.datetime, begin: dt.datetime) -> float:
    return (when.replace(tzinfo=None) - begin).total_seconds()


def _rows(path: Path, problems: list[Problem]) -> tuple[list[_LogRow], bool]:
    """Return every row that is fine, and whether the log tells roles."""
    name = str(path)
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in MARKS else "utf-8-sig")
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise PacsimError(msg) from None
    except ValueError:
        msg = f"{path}: is not UTF-8 text; save it as CSV in UTF-8"
        raise PacsimError(msg) from None
    if "\0" in text:
        msg = f"{path}: is not UTF-8 text, or damaged; save it as CSV in UTF-8"
        raise PacsimError(msg)
    first = text.lstrip().partition("\n")[0]
    delimiter = next((one for one in ",;\t" if one in first), ",")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t"
    )
    heading: list[str] = []
    rows: list[_LogRow] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not heading and cells[0].strip().lower().startswith("sep="):
                # A first line that tells a spreadsheet what stands between cells.
                continue
            if not heading:
                heading = [cell.strip().lower() for cell in cells]
                if not _headed(heading, name, reader.line_num, problems):
                    break
                continue
            if len(rows) >= MOST:
                problems.append(Problem(name, reader.line_num, "", f"over {MOST} rows"))
                break
            made = _row(cells, heading, name, reader.line_num, problems)
            if made is not None:
                rows.append(made)
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, "", f"is no CSV: {error}"))
    if not heading:
        remedy = f"begin with the line {','.join(COLUMNS)}"
        problems.append(Problem(name, 1, "", "is empty", remedy))
    _twice(rows, name, problems)
    _offsets(rows, name, problems)
    return rows, "role" in heading


def _headed(heading: list[str], name: str, line: int, problems: list[Problem]) -> bool:
    known = len(problems)
    for column in NEEDED:
        if column not in heading:
            remedy = f"begin with a line such as {','.join(COLUMNS)}"
            problems.append(Problem(name, line, column, "is missing in the heading", remedy))
    for column in dict.fromkeys(heading):
        if column not in COLUMNS:
            said = f"unknown column {shown(column)}"
            problems.append(Problem(name, line, column[:30], said, near(column, COLUMNS)))
        elif heading.count(column) > 1:
            problems.append(Problem(name, line, column, "is there twice", "remove one"))
    return len(problems) == known


def _row(
    cells: list[str], heading: list[str], name: str, line: int, problems: list[Problem]
) -> _LogRow | None:
    """Return a row; None with everything that is wrong with it among the problems."""
    known = len(problems)

    def wrong(column: str, rule: str, remedy: str) -> None:
        problems.append(Problem(name, line, column, rule, remedy))

    if len(cells) > len(heading) or len(cells) < len(NEEDED):
        many = f"has {len(cells)} cell{'s' if len(cells) > 1 else ''}, the heading {len(heading)}"
        more = len(cells) > len(heading)
        wrong("", many, "quote cells with commas" if more else "separate cells as the heading does")
        return None
    of = {column: cell.strip() for column, cell in zip(heading, cells, strict=False)}
    moments: dict[str, CivilMoment] = {}
    for column in ("start", "end"):
        text = of.get(column, "")
        if not text:
            if column == "start":
                wrong(column, "is empty", AS_WRITTEN)
            continue
        try:
            moments[column] = read_moment(text)
        except ValueError as error:
            rule, remedy = error.args
            if remedy == CHECK and column == "end":
                remedy = f"{CHECK}, or leave it empty while it lasts"
            wrong(column, rule, remedy)
    kind = " ".join(of.get("kind", "").lower().replace("_", " ").split())
    if kind not in CODES:
        wrong("kind", f"unknown kind {shown(of.get('kind', ''))}", near(kind, CODES))
    if "role" in heading and not of.get("role"):
        wrong("role", "is empty", "name the role, or leave out the column for all roles")
    start, end = moments.get("start"), moments.get("end")
    if start is not None and end is not None:
        if (start.when.tzinfo is None) != (end.when.tzinfo is None):
            wrong("end", "start and end: one has an offset, the other none", "write both alike")
        elif end.when < start.when:
            wrong("end", f"{of['end']} is before the start, {of['start']}", "change them round")
        elif end.when == start.when:
            wrong("end", f"{of['end']} is the start as well: it lasts for no time", _longer(end))
    if len(problems) > known or start is None:
        return None
    by_day = end is not None and end.whole_day
    over = None if end is None else end.when
    return _LogRow(line, start.when, over, CODES[kind], of.get("role", ""), by_day)


def _longer(end: CivilMoment) -> str:
    """Return what to write in place of an end that is the start."""
    if not end.whole_day:
        return "write a later end, with seconds if need be, or remove the row"
    after = (end.when + dt.timedelta(days=1)).date()
    return f"write times, or {after} as the end if it was the whole day: a day begins at 00:00"


def _twice(rows: list[_LogRow], name: str, problems: list[Problem]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for one in rows:
        # Of two times with offsets that are the same moment one is too many as well.
        key = (one.start.isoformat(), one.end and one.end.isoformat(), one.code, one.role)
        if key in seen:
            rule = f"is there twice, first on line {seen[key]}"
            problems.append(Problem(name, one.line, "", rule, "remove one"))
        seen.setdefault(key, one.line)


def _offsets(rows: list[_LogRow], name: str, problems: list[Problem]) -> None:
    """Note every row whose offset is not that of the first one."""
    first: tuple[dt.timedelta | None, int] | None = None
    for one in rows:
        for column, when in (("start", one.start), ("end", one.end)):
            if when is None:
                continue
            if first is None:
                first = when.utcoffset(), one.line
            if when.utcoffset() != first[0]:
                rule = f"has {_offset(when.utcoffset())}, line {first[1]} {_offset(first[0])}"
                remedy = "write all times in one offset; summer time is not observed"
                problems.append(Problem(name, one.line, column, rule, remedy))


def _offset(offset: dt.timedelta | None) -> str:
    if offset is None:
        return "no offset"
    return f"the offset {dt.datetime(2000, 1, 1, tzinfo=dt.timezone(offset)).isoformat()[19:]}"


def _span(
    path: Path,
    rows: list[_LogRow],
    starts: dt.datetime | None,
    ends: dt.datetime | None,
    problems: list[Problem],
) -> tuple[dt.datetime, float] | None:
    """Return when what is scored begins, in the log's own time, and how long it is."""
    name = str(path)
    if starts is None or ends is None:
        missing = " and ".join(
            option for option, given in (("--from", starts), ("--to", ends)) if given is None
        )
        year = rows[0].start.year if rows else 2026
        problems.append(
            Problem(
                name, 0, "", f"does not say in which time it was kept: it needs {missing}",
                f"write for example --from {year}-01-01 --to {year + 1}-01-01",
            )
        )  # fmt: skip
        return None
    own = rows[0].start.utcoffset() if rows else None
    for option, given in (("--from", starts), ("--to", ends)):
        if given.tzinfo is not None and given.utcoffset() != own:
            rule = f"{option} has {_offset(given.utcoffset())}, the log {_offset(own)}"
            problems.append(Problem(name, 0, "", rule, "write it without one"))
    wrong = no_span(starts, ends)
    if wrong is not None:
        problems.append(Problem(name, 0, "", *wrong))
        return None
    begin = starts.replace(tzinfo=None)
    length = _seconds(ends, begin)
    for one in rows:
        if one.end is None and _seconds(one.start, begin) >= length:
            rule = "begins after --to and is not over"
            problems.append(Problem(name, one.line, "start", rule, "score up to a later time"))
    return begin, length
