"""A sweep from Python: a study run, or what is left of it, and what was found."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.campaign.plan import MOST_SEED, whole
from pacsim.design import Design, load
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.progress_bar import ProgressBar
from pacsim.studies.asked_run import check_only, check_places
from pacsim.studies.driver import run_study
from pacsim.studies.study import Study
from pacsim.studies.study_result import StudyResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    Show = Callable[[float, str], None]

GIVEN = "design.yaml"
"""Where a study that was written in no file would stand: in the working folder."""


def folder_of(file: str | Path) -> Path:
    """Return where the store of a study file is unless another folder is named: beside it.

    Examples
    --------
    >>> folder_of("sweeps/failover.yaml").as_posix(), folder_of("failover").as_posix()
    ('sweeps/failover', 'failover.study')
    """
    path = Path(file)
    return path.with_suffix("") if path.suffix else path.with_name(f"{path.name}.study")


def sweep(
    designs: Study | Design | str | os.PathLike[str] | Sequence[Design | str | os.PathLike[str]],
    vary: Mapping[str, Any] | None = None,
    *,
    measures: Sequence[str] | None = None,
    precision: str | float | Mapping[str, Any] | None = None,
    replications: int | None = None,
    at_most: Mapping[str, Any] | None = None,
    left_out: Sequence[Mapping[str, str]] | None = None,
    sample: Mapping[str, Any] | None = None,
    best_of: Mapping[str, Any] | None = None,
    seed: int = 1,
    name: str = "",
    question: str = "",
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    scheduler: str = "",
    fresh: bool = False,
    only: Collection[int] | None = None,
    progress: bool = True,
) -> StudyResult:
    """Run designs with other values in them, all met by the same faults, and say what differs.

    Parameters
    ----------
    designs : Study, Design, path or sequence of Design and path
        What is varied, or a study that says all of it.
    vary : mapping, optional
        As in a study file: a path and its values, ``{"parts.server-a.repair": ["2 h", "8 h"]}``,
        or a name and ``{"path": ..., "values": ...}``.
    measures : sequence of str, optional
        ``OWNER.MEASURE`` or ``OWNER.MEASURE:OF``; the unplanned hours down unless given.
    precision : str, float or mapping, optional
        Relative half-width of the interval of the first measure, ``"5 %"``, or ``{"of": ...,
        "relative": ...}``; 5 % unless ``replications`` are given.
    replications : int, optional
        Contract terms of each point.
    at_most : mapping, optional
        ``{"replications": 100_000, "seconds_each": "60 s"}``. The seconds are those of simulating
        a point; loading and compiling do not count.
    left_out : sequence of mapping, optional
        Combinations that are not run, as ``except`` in a file.
    sample : mapping, optional
        ``{"method": "latin_hypercube", "points": 100}`` in place of all combinations.
    best_of : mapping, optional
        ``{"by": "store.down_unplanned", "certainty": "95 %", "indifferent": "0.1 h/year"}``: only
        the best point is looked for, and points drop out as soon as they are surely worse.
    seed : int
        Of all random streams, the same at all points.
    name, question : str
        Over tables and pictures.
    out : path, optional
        Folder of the store. What is finished there is not run again. Unless given, the folder
        beside the file of a study, else one that goes with the result.
    workers : int, optional
        Processes; by default one a processor, 0 for none but this one.
    scheduler : str
        Address of a Dask scheduler, whose workers are used instead.
    fresh : bool
        Whether what is in the store is thrown away first.
    only : collection of int, optional
        Numbers of the points that are run, from 1; all unless given.
    progress : bool
        Whether to show a bar with the time left.

    Returns
    -------
    StudyResult
        Interrupted (Ctrl-C, or stop in a notebook) it holds what was done; run again to go on.

    Raises
    ------
    DesignError
        With everything that is wrong with paths, values and points, before anything runs.
    ArgumentError, ArgumentTypeError
        If an argument makes no sense.
    PacsimError
        If the store is another study's, or cannot be written.

    Examples
    --------
    A part that fails once in a contract of seven years, and takes 4 h or 2 h:

    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = sweep(one, {"parts.a.ttr": [{"exactly": "4 h"}, {"exactly": "2 h"}]},
    ...     replications=64, workers=0, progress=False)
    >>> [round(7 * hours, 9) for hours in found.to_frame()["estimate"]]
    [4.0, 2.0]
    """
    check_places(workers, scheduler, out)
    whole("seed", seed, 0, MOST_SEED)
    given = {
        "vary": vary,
        "measures": measures,
        "precision": precision,
        "replications": replications,
        "at_most": at_most,
        "except": left_out,
        "sample": sample,
        "best_of": best_of,
        "seed": None if seed == 1 else seed,
        "name": name or None,
        "question": question or None,
    }
    written = {key: _plain(one) for key, one in given.items() if one is not None}
    with ProgressBar() if progress else nullcontext() as show:
        study = _study(designs, written, show)
    check_only(only, study)
    passing = out is None and not Path(study.file).is_file()
    folder = Path(
        tempfile.mkdtemp(prefix="pacsim-sweep-") if passing else out or folder_of(study.file)
    )

    try:
        with ProgressBar() if progress else nullcontext() as show:
            run_study(
                study, folder, workers=workers, scheduler=scheduler, fresh=fresh, only=only,
                progress=show,
            )  # fmt: skip
        result = StudyResult(folder)
    except BaseException:
        if passing:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if passing:
        weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def _plain(given: object) -> object:
    """Return what was given as a file would say it."""
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, Sequence) and not isinstance(given, str):
        return [_plain(one) for one in given]
    return given


def _study(designs: object, given: dict[str, Any], show: Show | None) -> Study:
    """Return the study of what is varied in designs, or the one that was given."""
    if isinstance(designs, Study):
        if given:
            msg = f"a study says all of it, and {', '.join(given)} is given as well; leave it out"
            raise ArgumentError(msg)
        return designs
    looked = None if show is None else looking(show)
    plain = {"name": "sweep", **given}
    return Study.of(plain, designs=loaded_designs(designs), file=GIVEN, progress=looked)


def looking(show: Show) -> Callable[[int], None]:
    """Return what tells a bar how many points have been looked at.

    Parameters
    ----------
    show : callable
        Called with the share done and a line of words.
    """
    return lambda count: show(0.0, f"looking at point {count}")


def loaded_designs(designs: object) -> list[Design]:
    """Return the designs of one or several, read from their files where they are named."""
    several = (
        designs if isinstance(designs, Sequence) and not isinstance(designs, str) else [designs]
    )
    found = []
    for one in several:
        if not isinstance(one, Design | str | os.PathLike):
            msg = f"{one!r} is no design; give a file, what pacsim.load returns, or a Study"
            raise ArgumentTypeError(msg)
        found.append(one if isinstance(one, Design) else load(Path(one)))
    if not found:
        msg = "no design given; name one or more"
        raise ArgumentError(msg)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = (
            f"several designs are called {', '.join(twice)}; give each a name of its own, such as "
            'by design.vary({"name": "other"})'
        )
        raise ArgumentError(msg)
    return found
