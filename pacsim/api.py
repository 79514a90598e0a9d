"""What a notebook needs: load designs, compare them, look at results, write the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pacsim.campaign.running import Plan, simulate
from pacsim.design import Design, load
from pacsim.errors import PacsimError
from pacsim.units import parse

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from pacsim.results import Result

SECONDS = 60.0
"""A comparison without further wishes stops after this time if it is not precise before."""
PRECISION = "5 %"


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
    if not designs:
        msg = "no design given; name one or more design files"
        raise PacsimError(msg)
    loaded = [one if isinstance(one, Design) else load(Path(one)) for one in designs]
    plan = planned(precision, role, replications, seconds, seed, threads)
    if not progress:
        return simulate(loaded, plan)
    with bar() as show:
        return simulate(loaded, plan, show)


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
        If the number is below 0.

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

    if replication < 0:
        msg = f"replication {replication!r} must be 0 or more"
        raise PacsimError(msg)
    loaded = design if isinstance(design, Design) else load(Path(design))
    model = build(loaded.resolved)
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
    if precision is not None:
        try:
            wanted = parse(str(precision), "fraction")
        except ValueError as error:
            msg = f"precision: {error}"
            raise PacsimError(msg) from None
        if not 0.0 < wanted < 1.0:
            msg = f"precision {precision!r} must lie between 0 and 1, such as '5 %'"
            raise PacsimError(msg)
    if not 0 <= seed < 1 << 64:
        msg = f"seed {seed!r} must be 0 to 2**64 - 1"
        raise PacsimError(msg)
    for name, number in (
        ("replications", replications),
        ("threads", threads),
        ("seconds", seconds),
    ):
        if number is not None and number <= 0:
            msg = f"{name} {number!r} must be positive"
            raise PacsimError(msg)
    return Plan(wanted, role, replications, seconds, seed, threads)


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
