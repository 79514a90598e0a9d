"""Files that stand in place of a record: calendars and support contracts."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.delays.calendars import Calendar
from pacsim.design.diagnostics import words
from pacsim.files.problems import Problem, near
from pacsim.files.tree import Node, read

if TYPE_CHECKING:
    from pacsim.design.diagnostics import Diagnostics

KEYS = ("name", "hours", "closed")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_file(path: Path, problems: list[Problem]) -> Node | None:
    """Return the tree of a file, or None with the reason among the problems."""
    name = str(path)
    try:
        if path.exists() and not path.is_file():
            problems.append(Problem(name, 0, "", "is no file", "check the path"))
            return None
        return read(path, problems)
    except RecursionError:
        problems.append(Problem(name, 0, "", "is nested too deeply", "check the brackets"))
    except ValueError as error:
        problems.append(Problem(name, 0, "", f"cannot be read: {error}", "check the path"))
    return None


def beside(node: Node, text: str) -> Path:
    """Return the path that a text in a file means, relative to that file."""
    return Path(os.path.normpath(Path(node.file).parent / text))


def inlined(diagnostics: Diagnostics, node: Node, path: str) -> Node | None:
    """Return a map, read from its file if the node is the path of one."""
    if not isinstance(node.value, str):
        return node
    file = beside(node, node.value)
    if not file.is_file():
        diagnostics.problem(node, path, f'no file "{node.value}"', f"looked for {file}")
        return None
    found = read_file(file, diagnostics.problems)
    if found is not None and isinstance(found.value, dict) and "name" not in found.value:
        named = {"name": Node(file.stem, found.file, found.line), **found.value}
        return Node(named, found.file, found.line)
    return found


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


def read_calendar(diagnostics: Diagnostics, node: Node, path: str) -> tuple[Calendar | None, Any]:
    """Return a calendar and how it is written in full: name, hours, closed dates."""
    found = inlined(diagnostics, node, path)
    if found is None:
        return None, None
    if not isinstance(found.value, dict):
        remedy = 'write a file, or {hours: ["mon-fri 08:00-17:00"]}'
        diagnostics.problem(found, path, "is no calendar", remedy)
        return None, None
    good = True
    for key, child in found.value.items():
        if key not in KEYS:
            diagnostics.problem(child, f"{path}.{key}", f'unknown key "{key}"', near(key, KEYS))
            good = False
    name = found.value["name"].plain() if "name" in found.value else path
    if isinstance(name, dict | list) or name is None:
        diagnostics.problem(found.value["name"], f"{path}.name", "is no text", "put it in quotes")
        good = False
    dates, closed = _closed(diagnostics, found, path)
    hours = found.value["hours"].plain() if "hours" in found.value else None
    if isinstance(hours, str):
        hours = [hours]
    if not isinstance(hours, list) or not hours or not all(isinstance(h, str) for h in hours):
        remedy = 'write hours: ["mon-fri 08:00-17:00"], or hours: 24x7'
        diagnostics.problem(found.value.get("hours", found), f"{path}.hours", "no hours", remedy)
        return None, None
    if dates is None:
        dates, good = (), False
    try:
        if hours == ["24x7"]:
            calendar = Calendar(str(name), Calendar.always().weekly, dates)
        else:
            calendar = Calendar.weekly_hours(str(name), *hours, closed_dates=dates)
    except ValueError as error:
        diagnostics.problem(found.value["hours"], f"{path}.hours", str(error))
        return None, None
    plain = {"name": str(name), "hours": hours}
    if closed:
        plain["closed"] = closed
    return (calendar, plain) if good else (None, None)


def _closed(
    diagnostics: Diagnostics, found: Node, path: str
) -> tuple[tuple[dt.date, ...] | None, list[Any]]:
    """Return the closed dates and how they are written; no dates with a problem."""
    node = found.value.get("closed")
    if node is None or node.value is None:
        return (), []
    if not isinstance(node.value, list):
        diagnostics.problem(
            node, f"{path}.closed", "closed is a list of dates", "write [2026-12-25]"
        )
        return None, []
    dates = []
    for k, item in enumerate(node.value):
        try:
            dates.append(read_date(item.plain()))
        except ValueError as error:
            diagnostics.problem(item, f"{path}.closed[{k}]", str(error))
    return (tuple(dates) if len(dates) == len(node.value) else None), node.plain()
