"""What a run of a study is asked for, checked before anything is opened or begun."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pacsim.campaign.plan import checked, refuse, whole
from pacsim.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    from pacsim.studies.study import Study

MOST_WORKERS = 4096
MOST_SAID = 5
"""Wrong numbers that are named."""


def check_places(workers: object, scheduler: object, out: object = None) -> None:
    """Refuse workers, a scheduler or a folder that cannot be.

    Parameters
    ----------
    workers : int, optional
        Processes.
    scheduler : str
        Address of a Dask scheduler, empty for none.
    out : path, optional
        Folder of the store.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        With all that is wrong.

    Examples
    --------
    >>> check_places(-1, "")
    Traceback (most recent call last):
    pacsim.errors.ArgumentError: workers -1 must be 0 to 4096; 0 is for none but this process
    """
    wrong: list[ArgumentError | ArgumentTypeError] = []
    checked(wrong, _workers, workers)
    checked(wrong, _scheduler, scheduler)
    if workers is not None and scheduler:
        wrong.append(ArgumentError("workers are of this machine; leave them out, or scheduler"))
    checked(wrong, _folder, out)
    refuse(wrong)


def check_only(only: object, study: Study) -> None:
    """Refuse numbers of points that a study does not have.

    Parameters
    ----------
    only : collection of int, optional
        Numbers of the points that are to be run.
    study : Study
        That has the points.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        With what is wrong.
    """
    if only is None:
        return
    if not isinstance(only, Collection) or isinstance(only, str | bytes):
        msg = f"only {only!r} must be numbers of points, such as [3, 7]"
        raise ArgumentTypeError(msg)
    most = len(study.points)
    wrong: list[ArgumentError | ArgumentTypeError] = []
    for one in only:
        checked(wrong, whole, "only: point", one, 1, most)
    if not only:
        wrong.append(ArgumentError("only names no point; leave it out for all"))
    if study.best_of is not None:
        msg = "best_of chooses among all points; leave out which ones, or best_of"
        wrong.append(ArgumentError(msg))
    refuse(wrong[:MOST_SAID])


def _workers(workers: object) -> None:
    if workers is None:
        return
    try:
        whole("workers", workers, 0, MOST_WORKERS)
    except ArgumentError as error:
        msg = f"{error}; 0 is for none but this process"
        raise ArgumentError(msg) from None


def _scheduler(scheduler: object) -> None:
    if not isinstance(scheduler, str):
        msg = f"scheduler {scheduler!r} must be an address, such as tcp://10.0.0.1:8786"
        raise ArgumentTypeError(msg)


def _folder(out: object) -> None:
    if out is None:
        return
    if not isinstance(out, str | os.PathLike):
        msg = f"out {out!r} must be a folder"
        raise ArgumentTypeError(msg)
    path = Path(os.fsdecode(out))
    for one in (path, *path.parents):
        if one.exists() and not one.is_dir():
            msg = f"out {path}: {one} is a file, and no folder; name another"
            raise ArgumentError(msg)
