"""Scores service levels on a result, a file of outages, or a hospital's own log."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pacsim.errors import ArgumentError, ArgumentTypeError, PacsimError
from pacsim.files.problems import DesignError, Problem, near
from pacsim.results.outage_file import KeptOutages, load_outages
from pacsim.results.result import Result
from pacsim.service_levels.civil_moments import moment_of
from pacsim.service_levels.downtime_log import log_histories
from pacsim.service_levels.histories import histories_of
from pacsim.service_levels.scored import scored
from pacsim.service_levels.scores import Scores
from pacsim.service_levels.service_level import service_levels as read_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.service_levels.histories import Histories
    from pacsim.service_levels.service_level import ServiceLevel

AGAIN = "run it again with --outages FILE.npz (in Python with outages=True) and score that"
FIRST = (
    "outages (.npz), a saved result (.json) or a log (.csv) come first, service levels after them"
)


def score(
    source: Result | Mapping[str, KeptOutages] | str | os.PathLike[str],
    service_levels: object,
    *,
    starts: str | dt.date | None = None,
    ends: str | dt.date | None = None,
) -> Scores:
    """Return what service levels make of outages that have been kept, without simulating again.

    Parameters
    ----------
    source : Result, mapping of KeptOutages, or path
        A result with outages (``run(..., outages=True)``); what `load_outages` returns; the file
        that ``--outages`` wrote (.npz), or a saved result (.json) with such a file of the same
        name beside it; or a hospital's own log (.csv).
    service_levels : ServiceLevel, path or mapping, or a list of them
        As files in ``models/sla``; their names must differ.
    starts, ends : str or date, optional
        From when to when a log was kept, and of files that do not say; "2026-04-01" or
        "2026-04-01 06:00".

    Returns
    -------
    Scores
        A table, figures with intervals, windows one by one.

    Raises
    ------
    DesignError
        If a service level or a log is wrong, with every problem; or a role is not there.
    ArgumentError, ArgumentTypeError
        If an argument makes no sense.
    PacsimError
        If there are no outages to score.

    Examples
    --------
    >>> from pacsim import run
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "name": "one", "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = run(one, replications=64, outages=True, progress=False)
    >>> month = {"pacsim": 1, "name": "three nines a month", "measures": "store",
    ...     "window": "month", "target": "99.9 %"}
    >>> score(found, month).get("sla_met_throughout").estimate
    0.0
    """
    begin, end = _date("starts (--from)", starts), _date("ends (--to)", ends)
    if isinstance(source, str | os.PathLike):
        _check_kind(Path(source))
    levels = read_levels(service_levels)
    histories = _histories(source, begin, end)
    _check_roles(histories, levels)
    found = tuple(scored(one, level) for one in histories for level in levels)
    closed = [x for x in found if not x.judged.any()]
    if closed:
        said = [f"{x.level.name}: no time of {x.histories.name} is in its hours" for x in closed]
        raise PacsimError("\n".join(said))
    return Scores(found)


def _date(name: str, given: str | dt.date | None) -> dt.datetime | None:
    if given is None or isinstance(given, dt.datetime):
        return given
    if isinstance(given, dt.date):
        return dt.datetime.combine(given, dt.time())
    if not isinstance(given, str):
        msg = f"{name} {given!r} is no date; write 2026-04-01"
        raise ArgumentTypeError(msg)
    try:
        return moment_of(given, name)
    except ValueError as error:
        raise ArgumentError(str(error)) from None


def _histories(
    source: object, starts: dt.datetime | None, ends: dt.datetime | None
) -> list[Histories]:
    if isinstance(source, Result):
        if not source.outages:
            msg = f"the result of {', '.join(source.designs)} has no outages; {AGAIN}"
            raise PacsimError(msg)
        return histories_of(source.outages, starts, ends)
    if isinstance(source, Mapping):
        return histories_of(source, starts, ends)
    if not isinstance(source, str | os.PathLike):
        msg = f"{source!r} is no result, no outages and no path of a file"
        raise ArgumentTypeError(msg)
    path = Path(source)
    kind = path.suffix.lower()
    if kind == ".csv":
        return [log_histories(path, starts, ends)]
    if kind == ".npz":
        return _of_file(load_outages(path), path, starts, ends)
    beside = path.with_suffix(".npz")
    if path.is_file() and not beside.is_file():
        Result.load(path)
        msg = (
            f"{path}: a saved result holds no outages, and there is no {beside}; score the "
            f"file that --outages wrote, or {AGAIN}"
        )
        raise PacsimError(msg)
    result, kept = Result.load(path), load_outages(beside)
    if set(result.designs) != set(kept):
        msg = (
            f"{beside}: holds outages of {', '.join(kept) or 'no design'}, not of "
            f"{', '.join(result.designs)} as {path}; score the file that was written with it"
        )
        raise PacsimError(msg)
    return _of_file(kept, beside, starts, ends)


def _check_kind(path: Path) -> None:
    """Refuse a file of another kind before anything is read."""
    kind = path.suffix.lower()
    if kind in {".csv", ".npz", ".json"}:
        return
    msg = f"{path}: cannot be scored; {FIRST}"
    if kind in {".yaml", ".yml"}:
        msg += "; a design is run before, with --outages FILE.npz"
    elif path.is_dir():
        msg += "; the points of a study are run one by one, with --outages FILE.npz"
    raise PacsimError(msg)


def _of_file(
    kept: Mapping[str, KeptOutages],
    path: Path,
    starts: dt.datetime | None,
    ends: dt.datetime | None,
) -> list[Histories]:
    if not kept:
        msg = f"{path}: holds outages of no design"
        raise PacsimError(msg)
    return histories_of(kept, starts, ends)


def _check_roles(histories: Sequence[Histories], levels: Sequence[ServiceLevel]) -> None:
    """Refuse roles that no design has; a log may hold no row of a role that was never down."""
    wrong = []
    for one in histories:
        for level in levels:
            wrong += [
                Problem(level.file, level.line, "measures", *_no_role(one, role))
                for role in level.measured.roles
                if not one.recorded and role not in one.roles
            ]
    if wrong:
        raise DesignError(wrong)


def _no_role(one: Histories, role: str) -> tuple[str, str]:
    return f'no role "{role}" in {one.name}', near(role, one.roles)
