"""Files that stand in place of a record: calendars and support contracts."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.delays.calendars import Calendar
from pacsim.design.diagnostics import words
from pacsim.design.known import content_of
from pacsim.files.problems import Problem, near
from pacsim.files.tree import Node, read

if TYPE_CHECKING:
    from pacsim.design.cursor import Cursor
    from pacsim.design.diagnostics import Diagnostics

KEYS = ("name", "hours", "closed")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_file(path: Path, problems: list[Problem]) -> Node | None:
    """Return the tree of a file, or None with the reason among the problems."""
    name = str(path)
    try:
        if path.is_dir():
            rule = "is a folder, and a file is wanted"
            remedy = f"name a file in it; compare takes all of them as {path / '*.yaml'}"
            problems.append(Problem(name, 0, "", rule, remedy))
            return None
        if path.exists() and not path.is_file():
            problems.append(Problem(name, 0, "", "is no file", "check the path"))
            return None
        return read(path, problems)
    except RecursionError:
        problems.append(Problem(name, 0, "", "is nested too deeply", "check the brackets"))
    except ValueError as error:
        problems.append(Problem(name, 0, "", f"cannot be read: {error}", "check the path"))
    return None


def read_again(path: Path, diagnostics: Diagnostics) -> Node | None:
    """Return the tree of a file as `read_file` does; one that is known is not parsed again."""
    content = content_of(path)
    known = diagnostics.before.files.get(path) or diagnostics.files.get(path)
    if known is None or known[0] != content:
        problems = len(diagnostics.problems)
        tree = read_file(path, diagnostics.problems)
        # It may have been written meanwhile.
        good = len(diagnostics.problems) == problems and content_of(path) == content
        if tree is None or content is None or not good:
            diagnostics.opened.append((path, None))
            return tree
        known = content, tree
    diagnostics.files[path] = known
    diagnostics.opened.append((path, content))
    return known[1]


def beside(node: Node, text: str) -> Path:
    """Return the path that a text in a file means, relative to that file."""
    return Path(os.path.normpath(Path(node.file).parent / text))


def is_there(path: Path) -> bool:
    """Return whether a path is that of a file; what no system takes for a path is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def inlined(cursor: Cursor) -> Cursor | None:
    """Return a map, read from its file if the value is the path of one."""
    if not isinstance(cursor.value, str):
        return cursor
    file = beside(cursor.node, cursor.value)
    if not is_there(file):
        cursor.problem(f'no file "{cursor.value}"', f"looked for {file}")
        cursor.diagnostics.opened.append((file, None))
        return None
    tree = read_again(file, cursor.diagnostics)
    if tree is None:
        return None
    if isinstance(tree.value, dict) and "name" not in tree.value:
        named = {"name": Node(file.stem, tree.file, tree.line), **tree.value}
        tree = Node(named, tree.file, tree.line)
    return cursor.with_node(tree)


def read_date(text: object) -> dt.date:
    """Return a civil date.

    Raises
    ------
    ValueError
        If it is not of the form 2026-01-05.

    Examples
    --------
    >>> read_date("2026-01-05").weekday()
    0
    """
    if isinstance(text, str) and DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            msg = f"{text!r} is no date: {error}"
            raise ValueError(msg) from None
    written = repr(text) if isinstance(text, str) else words(text)
    msg = f"{written} is no date such as 2026-01-05"
    raise ValueError(msg)


def read_calendar(cursor: Cursor) -> tuple[Calendar | None, Any]:
    """Return a calendar and how it is written in full: name, hours, closed dates."""
    written = inlined(cursor)
    if written is None:
        return None, None
    if not isinstance(written.value, dict):
        written.problem("is no calendar", 'write a file, or {hours: ["mon-fri 08:00-17:00"]}')
        return None, None
    good = True
    for key, child in written.items():
        if key not in KEYS:
            child.problem(f'unknown key "{key}"', near(key, KEYS))
            good = False
    name = written["name"].plain() if "name" in written.keys else cursor.path
    if isinstance(name, dict | list) or name is None:
        written["name"].problem("is no text", "put it in quotes")
        good = False
    dates, closed = _closed(written)
    hours = written["hours"].plain() if "hours" in written.keys else None
    if isinstance(hours, str):
        hours = [hours]
    if not isinstance(hours, list) or not hours or not all(isinstance(h, str) for h in hours):
        remedy = 'write hours: ["mon-fri 08:00-17:00"], or hours: 24x7'
        written.at("hours").problem("no hours", remedy)
        return None, None
    if dates is None:
        dates, good = (), False
    try:
        if hours == ["24x7"]:
            calendar = Calendar(str(name), Calendar.always().weekly, dates)
        else:
            calendar = Calendar.weekly_hours(str(name), *hours, closed_dates=dates)
    except ValueError as error:
        written["hours"].problem(str(error))
        return None, None
    plain = {"name": str(name), "hours": hours}
    if closed:
        plain["closed"] = closed
    return (calendar, plain) if good else (None, None)


def _closed(calendar: Cursor) -> tuple[tuple[dt.date, ...] | None, list[Any]]:
    """Return the closed dates and how they are written; no dates with a problem."""
    if "closed" not in calendar.keys or calendar["closed"].value is None:
        return (), []
    closed = calendar["closed"]
    if not isinstance(closed.value, list):
        closed.problem("closed is a list of dates", "write [2026-12-25]")
        return None, []
    read = [item.read(read_date) for item in closed.elements()]
    dates = tuple(date for date in read if date is not None)
    return (dates if len(dates) == len(read) else None), closed.plain()
