"""What a notebook needs: load designs, compare them, look at results, write the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pacsim.campaign.plan import MOST_REPLICATIONS, MOST_SEED, Plan, planned, whole
from pacsim.campaign.running import simulate
from pacsim.design import Design, load
from pacsim.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacsim.results import Result


def compare(
    designs: Sequence[Design | str | os.PathLike[str]],
    *,
    precision: str | float | None = None,
    role: str | None = None,
    replications: int | None = None,
    seconds: float | None = None,
    seed: int = 1,
    threads: int | None = None,
    outages: bool = False,
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
    outages : bool
        Whether `Result.outages` gets every outage of the first terms, in columns.
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
    ArgumentError, ArgumentTypeError
        If an argument makes no sense: a ValueError or TypeError as well, and a PacsimError.
    PacsimError
        If designs cannot be compared.

    Examples
    --------
    >>> compare([])
    Traceback (most recent call last):
    pacsim.errors.ArgumentError: no design given; name one or more design files
    """
    plan = planned(
        precision=precision,
        role=role,
        replications=replications,
        seconds=seconds,
        seed=seed,
        threads=threads,
        outages=outages,
    )
    return compare_by(plan, designs, progress=progress)


def compare_by(
    plan: Plan, designs: Sequence[Design | str | os.PathLike[str]], *, progress: bool = True
) -> Result:
    """Return the figures of designs side by side by a plan; otherwise as `compare`."""
    if isinstance(designs, Design | str | os.PathLike):
        msg = f"designs is one design, {designs!r}; give a list such as [one, other], or use run"
        raise ArgumentTypeError(msg)
    given = list(designs)
    if not given:
        msg = "no design given; name one or more design files"
        raise ArgumentError(msg)
    loaded = [_loaded(one) for one in given]
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
        raise ArgumentTypeError(msg)
    return load(Path(design))


def run(design: Design | str | os.PathLike[str], **options: object) -> Result:
    """Return the figures of one design; the options are those of `compare`."""
    return compare([design], **options)  # type: ignore[arg-type]


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
    ArgumentError, ArgumentTypeError
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

    replication = whole("replication", replication, 0, MOST_REPLICATIONS)
    seed = whole("seed", seed, 0, MOST_SEED)
    loaded = _loaded(design)
    model = build(loaded.resolved).model
    term = loaded.resolved.contract.number("term")
    batch = traced(model, seed=seed, first=replication, horizon=term, trace=True)
    return told(model, batch)


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
