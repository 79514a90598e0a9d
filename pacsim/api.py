"""What a notebook needs: load designs, compare them, look at results, write the page."""

from __future__ import annotations

import math
import operator
import os
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, TypeVar

from pacsim.campaign.plan import Plan
from pacsim.campaign.running import simulate
from pacsim.design import Design, load
from pacsim.errors import PacsimError
from pacsim.units import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.results import Result

SECONDS = 60.0
"""A comparison without further wishes stops after this time if it is not precise before."""
PRECISION = "5 %"
MOST_THREADS = 4096
T = TypeVar("T")


def compare(
    designs: Sequence[Design | str | os.PathLike[str]],
    *,
    precision: str | float | None = None,
    role: str | None = None,
    replications: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: bool = True,
) -> Result:
    """Return the figures of designs side by side, met by the same faults.

    Parameters
    ----------
    designs : sequence of Design or path
        The first one is what the others are compared with.
    precision : str or float, optional
        Relative half-width of the 95 % interval of the unavailability of ``role``: ``"2 %"`` or
        0.02. Without it and without ``replications`` 5 %, or 60 s if that comes first.
    role : str, optional
        Role that the precision is asked of; ``store`` if there is one, else the first.
    replications : int, optional
        Contract terms each; with a precision the most there will be.
    seconds : float, optional
        Time after which to stop with what there is.
    seed : int
        Of all random streams.
    threads : int, optional
        By default all processors.
    progress : bool
        Whether to show a bar with the time left.

    Returns
    -------
    Result
        Interrupted (Ctrl-C, or stop in a notebook) it holds what was done and says partial.

    Raises
    ------
    DesignError
        If a file is wrong, with every problem.
    PacsimError
        If a wish cannot be met or designs cannot be compared.

    Examples
    --------
    >>> compare([])
    Traceback (most recent call last):
    pacsim.errors.PacsimError: no design given; name one or more design files
    """
    if isinstance(designs, Design | str | os.PathLike):
        msg = f"designs is one design, {designs!r}; give a list such as [one, other], or use run"
        raise PacsimError(msg)
    given = list(designs)
    if not given:
        msg = "no design given; name one or more design files"
        raise PacsimError(msg)
    loaded = [_loaded(one) for one in given]
    plan = planned(precision, role, replications, seconds, seed, threads)
    if not progress:
        return simulate(loaded, plan)
    with bar() as show:
        return simulate(loaded, plan, show)


def _loaded(design: Design | str | os.PathLike[str]) -> Design:
    """Return a design, read from its file if it is not one yet."""
    if isinstance(design, Design):
        return design
    if not isinstance(design, str | os.PathLike):
        msg = f"{design!r} is no design; give a file, or what pacsim.load returns"
        raise PacsimError(msg)
    return load(Path(design))


def run(design: Design | str | os.PathLike[str], **wishes: object) -> Result:
    """Return the figures of one design; the wishes are those of `compare`."""
    return compare([design], **wishes)  # type: ignore[arg-type]


def replay(
    design: Design | str | os.PathLike[str], replication: int = 0, *, seed: int = 1
) -> list[str]:
    """Return one contract term in words: what fired, what it took down, with date and root.

    The same replication that a run with this seed counts, event by event.

    Parameters
    ----------
    design : Design or path
        What is run.
    replication : int
        Number of the term, from 0.
    seed : int
        Of all random streams.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    PacsimError
        If the number or the seed is no whole number, or out of its range.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> for line in replay(one)[:3]:
    ...     print(line)
    Sun 2029-12-30 00:00:00  2190.00 d  a/unit: up -> down (a/unit.fail, fault)
    Sun 2029-12-30 00:00:00  2190.00 d  * role:store begins, root a/unit.fail
    Sun 2029-12-30 04:00:00  2190.17 d  a/unit: down -> up (a/unit.repaired, repair)
    """
    from pacsim.core.replay import replay as told
    from pacsim.design.build import build
    from pacsim.engines.kernel import simulate as traced

    replication = _whole("replication", replication, 0, 1 << 62)
    seed = _whole("seed", seed, 0, (1 << 64) - 1)
    loaded = _loaded(design)
    model = build(loaded.resolved).model
    term = loaded.resolved.contract.number("term")
    batch = traced(model, seed=seed, first=replication, horizon=term, trace=True)
    return told(model, batch)


def planned(
    precision: str | float | None,
    role: str | None,
    replications: int | None,
    seconds: float | None,
    seed: int,
    threads: int | None,
) -> Plan:
    """Return the plan for a few wishes.

    Raises
    ------
    PacsimError
        If one of them makes no sense.

    Examples
    --------
    >>> planned("2 %", "store", None, None, 1, None).precision
    0.02
    """
    wanted: float | None = None
    if precision is None and replications is None:
        precision = PRECISION
        seconds = SECONDS if seconds is None else seconds
    wrong: list[str] = []

    def checked(check: Callable[..., T], *wish: object) -> T | None:
        """Return a wish that makes sense; every one that does not is noted."""
        try:
            return check(*wish)
        except PacsimError as error:
            wrong.append(str(error))
            return None

    if precision is not None:
        wanted = checked(_share, precision)
    if role is not None and not isinstance(role, str):
        wrong.append(f"role {role!r} must be the name of a role")
    seed = checked(_whole, "seed", seed, 0, (1 << 64) - 1) or 0
    if replications is not None:
        replications = checked(_whole, "replications", replications, 1, 1 << 62)
    if threads is not None:
        threads = checked(_whole, "threads", threads, 1, MOST_THREADS)
    if seconds is not None:
        seconds = checked(_duration, seconds)
    if wrong:
        raise PacsimError("\n".join(wrong))
    return Plan(wanted, role, replications, seconds, seed, threads)


def _whole(name: str, number: object, least: int, most: int) -> int:
    """Return a whole number in a range, numpy's included."""
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        msg = f"{name} {number!r} must be a whole number"
        raise PacsimError(msg)
    found = operator.index(number)
    if not least <= found <= most:
        bounds = {1 << 62: f"{least} or more, to 2**62", (1 << 64) - 1: f"{least} to 2**64 - 1"}
        msg = f"{name} {number!r} must be {bounds.get(most, f'{least} to {most}')}"
        raise PacsimError(msg)
    return found


def _share(precision: object) -> float:
    """Return a precision between 0 and 1."""
    try:
        if isinstance(precision, bool) or not isinstance(precision, str | Real):
            msg = f"{precision!r} is no number"
            raise ValueError(msg)  # noqa: TRY004, TRY301
        wanted = parse(precision, "fraction") if isinstance(precision, str) else float(precision)
    except ValueError as error:
        msg = f"precision: {error}; write for example '5 %'"
        raise PacsimError(msg) from None
    if not 0.0 < wanted < 1.0:
        msg = f"precision {precision!r} must lie between 0 and 1, such as '5 %'"
        raise PacsimError(msg)
    return wanted


def _duration(seconds: object) -> float:
    """Return a finite number of seconds above 0."""
    good = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not good or not math.isfinite(seconds) or not seconds > 0:  # type: ignore[arg-type, operator]
        msg = f"seconds {seconds!r} must be positive and finite, such as 60"
        raise PacsimError(msg)
    return float(seconds)  # type: ignore[arg-type]


class bar:  # noqa: N801
    """A progress bar with the time left, for a terminal or a notebook; quiet when piped."""

    def __enter__(self) -> Callable[[float, str], None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.shown.start()
        task = self.shown.add_task("getting ready", total=1.0)

        def show(share: float, text: str) -> None:
            self.shown.update(task, completed=share, description=text)

        return show

    def __exit__(self, *_: object) -> None:
        self.shown.stop()
