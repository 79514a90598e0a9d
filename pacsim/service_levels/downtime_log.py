"""Reads a hospital's own log of its down times: CSV, every bad row at once."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import PacsimError
from pacsim.files.problems import DesignError, Problem, near
from pacsim.service_levels.histories import EVERY_ROLE, KINDS, STATES, Histories
from pacsim.units import shown

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = ("start", "end", "kind")
COLUMNS = (*NEEDED, "role", "cause")
CODES = {kind: number for number, kind in enumerate(KINDS)} | {
    "degraded": STATES,
    "degraded planned": STATES + KINDS.index("planned"),
}
"""Kinds as a log writes them; degraded alone is by a fault."""
AS_WRITTEN = "write it as 2026-03-29 14:05, or 2026-03-29T14:05:00+01:00"
MOST = 1_000_000
"""Most rows of a log."""


@dataclass(slots=True)
class _LogRow:
    """One row as it was read; ``end`` is None while it lasts."""

    line: int
    start: dt.datetime
    end: dt.datetime | None
    code: int
    role: str
    cells: dict[str, str] = field(default_factory=dict)


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
    inside = (end > 0.0) & (start < length) & (end > start)
    notes = []
    outside = int(np.count_nonzero((end <= 0.0) | (start >= length)))
    if outside:
        many = f"{outside} row{'s are' if outside > 1 else ' is'}"
        notes.append(f"{path.name}: {many} outside of what is scored and left out.")
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
        tuple(notes),
        recorded=True,
    )


def moment_of(text: str, name: str) -> dt.datetime:
    """Return a civil date, with a time or without, and with an offset or without.

    Examples
    --------
    >>> moment_of("2026-04-01", "from").isoformat()
    '2026-04-01T00:00:00'
    >>> moment_of("1.4.2026", "from")
    Traceback (most recent call last):
    ValueError: from '1.4.2026' is no date; write 2026-04-01 or 2026-04-01 06:00
    """
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        msg = f"{name} {shown(text)} is no date; write 2026-04-01 or 2026-04-01 06:00"
        raise ValueError(msg) from None


def _seconds(when: dt.datetime, begin: dt.datetime) -> float:
    return (when.replace(tzinfo=None) - begin).total_seconds()


def _rows(path: Path, problems: list[Problem]) -> tuple[list[_LogRow], bool]:
    """Return every row that is fine, and whether the log tells roles."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise PacsimError(msg) from None
    except ValueError:
        msg = f"{path}: is not UTF-8 text; save it as CSV in UTF-8"
        raise PacsimError(msg) from None
    first = text.lstrip().partition("\n")[0]
    semicolons = ";" in first and "," not in first
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if semicolons else ",", skipinitialspace=True
    )
    heading: list[str] = []
    rows: list[_LogRow] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
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
        wrong("", f"has {len(cells)} cells, the heading {len(heading)}", "quote cells with commas")
        return None
    of = {column: cell.strip() for column, cell in zip(heading, cells, strict=False)}
    moments: dict[str, dt.datetime | None] = {}
    for column in ("start", "end"):
        text = of.get(column, "")
        if not text and column == "end":
            moments[column] = None
            continue
        try:
            moments[column] = dt.datetime.fromisoformat(text)
        except ValueError:
            wrong(column, f"{shown(text)} is no time" if text else "is empty", AS_WRITTEN)
    kind = " ".join(of.get("kind", "").lower().replace("_", " ").split())
    if kind not in CODES:
        wrong("kind", f"unknown kind {shown(of.get('kind', ''))}", near(kind, CODES))
    if "role" in heading and not of.get("role"):
        wrong("role", "is empty", "name the role, or leave out the column for all roles")
    start, end = moments.get("start"), moments.get("end")
    if start is not None and end is not None:
        if (start.tzinfo is None) != (end.tzinfo is None):
            wrong("end", "start and end: one has an offset, the other none", "write both alike")
        elif end < start:
            wrong("end", f"{of['end']} is before the start, {of['start']}", "change them round")
    if len(problems) > known or start is None:
        return None
    return _LogRow(line, start, end, CODES[kind], of.get("role", ""), of)


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
    begin = starts.replace(tzinfo=None, microsecond=0)
    length = _seconds(ends, begin)
    if length <= 0.0:
        problems.append(Problem(name, 0, "", "--to is not after --from", "change them round"))
        return None
    for one in rows:
        if one.end is None and _seconds(one.start, begin) >= length:
            rule = "begins after --to and is not over"
            problems.append(Problem(name, one.line, "start", rule, "score up to a later time"))
    return begin, length
