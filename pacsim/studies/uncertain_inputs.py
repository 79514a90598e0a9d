"""What a notebook needs of studies: which numbers matter, and what they leave open."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from pacsim.campaign.plan import planned
from pacsim.errors import ArgumentError
from pacsim.progress_bar import ProgressBar
from pacsim.studies.sweeping import loaded_designs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from pacsim.design import Design
    from pacsim.studies.input_uncertainty import InputUncertainty
    from pacsim.studies.sobol import SobolIndices
    from pacsim.studies.tornado import Tornado


def sensitivity(
    design: Design | str | os.PathLike[str],
    measure: str | None = None,
    *,
    precision: str | float = "5 %",
    seed: int = 1,
    threads: int | None = None,
    progress: bool = True,
) -> Tornado:
    """Return how far a figure moves with each number that is not known exactly, one at a time.

    Parameters
    ----------
    design : Design or path
        What is looked at. A number has a range if the design or its catalogue entry gives it low
        and high; slots of one catalogue entry are one number.
    measure : str, optional
        A mean over terms, such as ``"store.down_unplanned"``; by default hours down a year of
        ``store``, or of the first role.
    precision : str or float
        Half-width of the 95 % intervals of the 20 widest bars by the figure of the design, in
        (0, 1); the others are of 512 terms.
    seed : int
        Of all random streams, >= 0.
    threads : int, optional
        At least 1; by default all processors. Figures do not depend on it.
    progress : bool
        Whether to show a bar with the time left.

    Returns
    -------
    Tornado
        The widest bar first; `Tornado.plot` draws it, `Tornado.to_frame` has all ends.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    ArgumentError, ArgumentTypeError
        If an argument makes no sense, or no number has a range.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"},
    ...     "ttr": {"exactly": "4 h", "low": "2 h", "high": "7 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = sensitivity(one, progress=False)
    >>> bar = found.bars[0]
    >>> bar.number.name, round(7 * bar.low.moved, 6), round(7 * bar.high.moved, 6)
    ('ttr of a', -2.0, 3.0)
    """
    from pacsim.studies.sensitivity import tornado

    with _bar(shown=progress) as show:
        return tornado(
            _one_design(design), measure, precision=precision, seed=seed, threads=threads,
            progress=show,
        )  # fmt: skip


def input_uncertainty(
    designs: Design | str | os.PathLike[str] | Sequence[Design | str | os.PathLike[str]],
    measure: str | None = None,
    *,
    seed: int = 1,
    threads: int | None = None,
    progress: bool = True,
) -> InputUncertainty:
    """Return what a figure of a design, or of several, is with inputs as uncertain as they are.

    All inputs are drawn from their ranges 200 times, and each draw is run in 256 terms of its own:
    what sampling leaves open, which more terms make smaller, is told from what the inputs do.

    Parameters
    ----------
    designs : Design or path, or a sequence of them
        The first one is what the others are compared with; numbers that they share are drawn alike.
    measure : str, optional
        A mean over terms, as of `sensitivity`.
    seed : int
        Of the draws and of all random streams, >= 0.
    threads : int, optional
        At least 1; by default all processors. Figures do not depend on it.
    progress : bool
        Whether to show a bar with the time left.

    Returns
    -------
    InputUncertainty
        Prints as lines; `InputUncertainty.range` is the range, or None, `.split` the
        variance of both kinds, `InputUncertainty.kept` how often the order of designs is kept.

    Raises
    ------
    DesignError
        If a file is wrong, with every problem.
    ArgumentError, ArgumentTypeError
        If an argument makes no sense, or no number has a range.

    Examples
    --------
    A time to repair of 2 h to 8 h, in one contract of seven years in which it is needed once:

    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"},
    ...     "ttr": {"exactly": "4 h", "low": "2 h", "high": "8 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> low, high = input_uncertainty(one, progress=False).range()
    >>> round(7 * low, 1), round(7 * high, 1)
    (2.1, 7.7)
    """
    from pacsim.studies.input_uncertainty import input_uncertainty as drawn

    plan = planned(seed=seed, threads=threads)
    loaded = loaded_designs(designs)
    with _bar(shown=progress) as show:
        return drawn(loaded, measure, seed=plan.seed, threads=plan.threads, progress=show)


def sobol(
    design: Design | str | os.PathLike[str],
    inputs: Sequence[str],
    measure: str | None = None,
    *,
    points: int = 64,
    seed: int = 1,
    threads: int | None = None,
    progress: bool = True,
) -> SobolIndices:
    """Return how much of a figure's variance each of a few inputs makes, alone and with others.

    It needs the extra ``sensitivity``: ``pip install 'pacsim[sensitivity]'``.

    Parameters
    ----------
    design : Design or path
        What is looked at.
    inputs : sequence of str
        Paths of 2 to 15 inputs that have a range, such as ``"parts.server-a.repair"``; slots of the
        same catalogue entry go along.
    measure : str, optional
        A mean over terms, as of `sensitivity`.
    points : int
        A power of 2, 16 or more; the design is run ``points * (inputs + 2)`` times.
    seed : int
        Of the points and of all random streams, >= 0.
    threads : int, optional
        At least 1; by default all processors. Figures do not depend on it.
    progress : bool
        Whether to show a bar with the time left.

    Returns
    -------
    SobolIndices
        Prints as a table; `SobolIndices.to_frame` has it in columns.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    ArgumentError, ArgumentTypeError
        If an argument makes no sense.
    PacsimError
        If SALib is not installed.

    Examples
    --------
    Of two parts one is needed:

    >>> from pacsim.design import design_of
    >>> repair = {"exactly": "4 h", "low": "2 h", "high": "8 h"}
    >>> one = design_of({"pacsim": 1, "parts": {
    ...     "a": {"type": "component", "ttf": {"exactly": "6 years"}, "ttr": repair},
    ...     "b": {"type": "component", "ttf": {"exactly": "3 years"}, "ttr": repair}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = sobol(one, ["parts.a.ttr", "parts.b.ttr"], progress=False)
    >>> [(of.name, round(of.total.value, 1)) for of in found.indices]
    [('ttr of a', 1.0), ('ttr of b', 0.0)]
    """
    from pacsim.studies.sobol import sobol_of_design

    with _bar(shown=progress) as show:
        return sobol_of_design(
            _one_design(design), inputs, measure, points=points, seed=seed, threads=threads,
            progress=show,
        )  # fmt: skip


def _one_design(designs: object) -> Design:
    """Return the one design that is looked at."""
    found = loaded_designs(designs)
    if len(found) > 1:
        msg = (
            f"{len(found)} designs are given, and one at a time is looked at; input_uncertainty "
            "takes several"
        )
        raise ArgumentError(msg)
    return found[0]


def _bar(*, shown: bool) -> AbstractContextManager[Callable[[float, str], None] | None]:
    return ProgressBar() if shown else nullcontext()
