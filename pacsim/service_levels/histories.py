"""What happened: times of one kind each, of the roles of a design or of one hospital."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.errors import PacsimError
from pacsim.service_levels.civil_moments import no_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.results.outage_file import KeptOutages

KINDS = ("unplanned", "planned", "mixed")
"""Kinds of time by number; where several say something of one moment the first of them holds."""
EVERY_ROLE = -1
"""Stands in place of a role where a log does not say of which it is."""
STATES = len(KINDS)
"""Added to the number of a kind for degraded time."""


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """The times of several terms, or of one that a hospital has lived through.

    Parameters
    ----------
    name : str
        The design's, or the file's.
    roles : tuple of str
        Names to which ``role`` points.
    starts : datetime
        Civil time of the start of each term.
    length : float
        Of each term in seconds.
    terms : int
        How many there are.
    term, role, code : ndarray of int64
        Of each time: its term; its role, or `EVERY_ROLE`; the number of its kind in `KINDS`, and
        `STATES` more if the role was up and not in full.
    start, end : ndarray of float64
        Seconds from the start of the term.
    notes : tuple of str
        What is not as whole as it might be, in words.
    recorded : bool
        Whether it is what one hospital has lived through, from which nothing is estimated.
    """

    name: str
    roles: tuple[str, ...]
    starts: dt.datetime
    length: float
    terms: int
    term: np.ndarray
    role: np.ndarray
    code: np.ndarray
    start: np.ndarray
    end: np.ndarray
    notes: tuple[str, ...] = ()
    recorded: bool = False


def histories_of(
    outages: Mapping[str, KeptOutages],
    starts: dt.datetime | None = None,
    ends: dt.datetime | None = None,
) -> list[Histories]:
    """Return the histories of designs from their kept outages.

    Parameters
    ----------
    outages : mapping of KeptOutages
        By design, as `pacsim.Result.outages`.
    starts, ends : datetime, optional
        Of each term, where the outages are from an older file that does not say.

    Raises
    ------
    PacsimError
        With every design of which start or length of the terms is not known, or said twice.
    """
    wrong, found = [], []
    for name, kept in outages.items():
        try:
            found.append(_of_design(name, kept, *_term(kept, starts, ends)))
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise PacsimError("\n".join(wrong))
    return found


def _term(
    kept: KeptOutages, starts: dt.datetime | None, ends: dt.datetime | None
) -> tuple[dt.datetime, float]:
    """Return when each term starts and how long it is, or raise what is wrong with it."""
    said = bool(kept.starts and kept.length)
    if not said:
        if starts is None or ends is None:
            msg = (
                "its outages are of an older version and do not say when a term starts and ends; "
                "give both (--from and --to), or run it again"
            )
            raise ValueError(msg)
        if starts.tzinfo is not None or ends.tzinfo is not None:
            msg = "--from or --to has an offset, and terms have none; leave it out"
            raise ValueError(msg)
        begin, end = starts, ends
    elif starts is not None or ends is not None:
        msg = f"its terms start on {kept.starts}; leave out --from and --to"
        raise ValueError(msg)
    else:
        try:
            begin = dt.datetime.fromisoformat(kept.starts)
            end = begin + dt.timedelta(seconds=kept.length)
        except (ValueError, OverflowError):
            begin = end = dt.datetime.min
    wrong = no_span(begin, end)
    if wrong is not None and said:
        msg = f"its terms of {kept.length:g} s start on {kept.starts}; the file is damaged"
        raise ValueError(msg)
    if wrong is not None:
        raise ValueError("; ".join(wrong))
    if not kept.terms:
        msg = "outages of no whole term are kept"
        raise ValueError(msg)
    length = kept.length if said else (end - begin).total_seconds()
    late = kept.columns["end"].max(initial=0.0)
    if late > length + 1.0:
        msg = f"an outage ends {late / 86400:.0f} days on, after the term"
        raise ValueError(msg)
    return begin, length


def _of_design(name: str, kept: KeptOutages, starts: dt.datetime, length: float) -> Histories:
    columns = kept.columns
    seconds = np.stack([columns[kind] for kind in KINDS])
    code = np.argmax(seconds, axis=0)
    several = int(np.count_nonzero(np.count_nonzero(seconds > 0.0, axis=0) > 1))
    code += np.where(columns["degraded"] > 0, STATES, 0)
    notes = []
    if kept.terms < kept.terms_run:
        notes.append(
            f"Of {name} the outages of the first {kept.terms} of {kept.terms_run} terms are kept; "
            "what is scored rests on these alone."
        )
    if several:
        notes.append(
            f"{several} times of {name} are of several kinds and from a file that does not say "
            "when they turned: each counts as what most of it was. Run it again for whole ones."
        )
    return Histories(
        name,
        kept.roles,
        starts,
        length,
        kept.terms,
        columns["replication"].astype(np.int64),
        columns["role"].astype(np.int64),
        code.astype(np.int64),
        columns["start"],
        columns["end"],
        tuple(notes),
    )
