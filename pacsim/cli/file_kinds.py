"""What a file of a user is: a design, a study, a service level, or what a design names."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.design.cursor import Cursor

HOST = ""
"""File of the design that is made to hold what is checked: problems of it are nobody's."""


class FileKind(Enum):
    """Kinds of files, by what they are called in messages."""

    DESIGN = "a design"
    STUDY = "a study"
    LEVEL = "a service level"
    WORKLOAD = "a workload"
    SUPPORT = "a support contract"
    CALENDAR = "a calendar"
    RESULT = "a saved result"
    LOG = "a log of outages"


def kind_of(file: str) -> FileKind:
    """Return what a file is meant as, by its keys; a design if nothing else.

    Parameters
    ----------
    file : str
        Its path.

    Examples
    --------
    >>> kind_of("models/support/office.yaml").value, kind_of("nowhere.yaml").value
    ('a calendar', 'a design')
    """
    from pacsim.design.calendar_files import KEYS as CALENDAR_KEYS
    from pacsim.design.calendar_files import read_file
    from pacsim.design.resolve import TOP as DESIGN_KEYS
    from pacsim.parts.practices import SUPPORT
    from pacsim.service_levels.sla_reader import is_sla
    from pacsim.studies.study_reader import TOP

    path = Path(file)
    if path.suffix.lower() == ".csv" and path.is_file():
        return FileKind.LOG
    tree = read_file(path, [])
    keys = set(tree.value) if tree is not None and isinstance(tree.value, dict) else set()
    contract = {"name", "from", "source", *(slot.name for slot in SUPPORT.slots)}
    if is_sla(file):
        return FileKind.LEVEL
    if {"rows", "provenance"} <= keys:
        return FileKind.RESULT
    if keys & {"designs", "vary"}:
        return FileKind.STUDY
    if keys & (set(DESIGN_KEYS) - {"pacsim", "name", "catalogue"}):
        return FileKind.DESIGN
    if keys & {"modalities", "exams", "week"}:
        return FileKind.WORKLOAD
    if keys & (set(TOP) - {"pacsim", "name", "measures", "seed"}):
        return FileKind.STUDY
    if "response" in keys or {"from"} <= keys <= contract:
        return FileKind.SUPPORT
    if "hours" in keys and keys <= {*CALENDAR_KEYS, "pacsim", "catalogue"}:
        return FileKind.CALENDAR
    return FileKind.DESIGN


def check_named(file: str, kind: FileKind) -> str:
    """Check what designs name: a workload, a support contract or a calendar.

    Parameters
    ----------
    file : str
        Its path.
    kind : FileKind
        What it is.

    Returns
    -------
    str
        What it is, and where more of it is checked.

    Raises
    ------
    DesignError
        With everything that is wrong in it.
    """
    from pacsim.design import design_of

    if kind is FileKind.CALENDAR:
        _problems_of(_calendar(file))
        return str(kind.value)
    if kind is FileKind.SUPPORT:
        holder = {"pacsim": 1, "practices": {"support": file}}
        _problems_of(lambda: design_of(holder, HOST))
        return str(kind.value)
    holder = {"pacsim": 1, "workload": {"from": file}}
    _problems_of(lambda: design_of(holder, HOST))
    return f"{kind.value}; whether a design can carry it is checked with that design"


def _problems_of(work: Callable[[], object]) -> None:
    """Raise what is wrong in files; what a made-up design lacks is not."""
    from pacsim.files.problems import DesignError

    try:
        work()
    except DesignError as error:
        wrong = [one for one in error.problems if one.file != HOST]
        if wrong:
            raise DesignError(wrong) from None


def _calendar(file: str) -> Callable[[], None]:
    """Return what reads a calendar."""
    from pacsim.design.calendar_files import read_calendar
    from pacsim.design.cursor import Cursor
    from pacsim.design.diagnostics import Diagnostics
    from pacsim.files.problems import DesignError
    from pacsim.files.tree import Node

    def work() -> None:
        diagnostics = Diagnostics()
        cursor: Cursor = Cursor(diagnostics, Node(file, HOST, 0))
        read_calendar(cursor)
        if diagnostics.problems:
            raise DesignError(diagnostics.problems)

    return work
