"""What a notebook needs: load designs, compare them, look at results, write the page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pacsim.campaign.compare import simulate
from pacsim.campaign.plan import (
    LAST_TERM,
    MOST_SEED,
    TRAFFIC_YEARS,
    Plan,
    checked,
    planned,
    refuse,
    whole,
)
from pacsim.campaign.term_times import moment
from pacsim.design import Design, load
from pacsim.design.build import build
from pacsim.errors import ArgumentError, ArgumentTypeError
from pacsim.files.problems import near
from pacsim.progress_bar import ProgressBar
from pacsim.units import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.campaign.terms import Term
    from pacsim.results import Result
    from pacsim.traffic.episode import Episode

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
    outages: bool = False,
    traffic_years: str | float | None = TRAFFIC_YEARS,
    progress: bool = True,
) -> Result:
    """Return the figures of designs side by side, met by the same faults.

    Parameters
    ----------
    designs : sequence of Design or path
        At least one, of different names; the first one is what the others are compared with.
    precision : str or float, optional
        Relative half-width of the 95 % interval of the unavailability of ``role``, in (0, 1):
        ``"2 %"`` or 0.02. Without it and without ``replications`` 5 %; with nothing asked it ends
        at 1 024, 2 048 ... terms when every design is as precise, or by the number of events (ADR
        23), and after 10 min at the latest.
    role : str, optional
        Role that the precision is asked of; ``store`` if there is one, else the first.
    replications : int, optional
        Contract terms each, >= 1; with a precision the most there will be.
    seconds : float, optional
        Wall-clock time in s, > 0, after which to stop with the terms that are done.
    seed : int
        Of all random streams, >= 0; the same seed gives the same bits, whatever ``threads``.
    threads : int, optional
        At least 1; by default all processors.
    outages : bool
        Whether `Result.outages` gets every outage and degraded time of the first terms, in columns.
    traffic_years : float or str
        Years of which the traffic of designs with a workload is simulated, in whole terms, or as
        many as there are; 0, None or ``"none"`` leaves it out.
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
    A part that fails once in a contract of seven years, for 4 h or for 2 h:

    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "name": "one", "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> better = one.vary({"name": "better", "parts.a.ttr": {"exactly": "2 h"}})
    >>> found = compare([one, better], replications=64, progress=False)
    >>> [round(7 * found.get("down", design=name).estimate, 9) for name in found.designs]
    [4.0, 2.0]
    >>> round(7 * found.difference()[0].estimate, 9)
    -2.0
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
        traffic_years=traffic_years,
    )
    return compare_by(plan, designs, progress=progress)


def compare_by(
    plan: Plan,
    designs: Sequence[Design | str | os.PathLike[str]],
    *,
    progress: bool = True,
    windows: bool = True,
) -> Result:
    """Return the figures of designs side by side by a plan; otherwise as `compare`.

    The worst windows of the traffic are left out without ``windows``.
    """
    if isinstance(designs, Design | str | os.PathLike):
        msg = f"designs is one design, {designs!r}; give a list such as [one, other], or use run"
        raise ArgumentTypeError(msg)
    given = list(designs)
    if not given:
        msg = "no design given; name one or more design files"
        raise ArgumentError(msg)
    loaded = [_loaded(one) for one in given]
    if not progress:
        return simulate(loaded, plan, windows=windows)
    with ProgressBar() as show:
        return simulate(loaded, plan, show, windows=windows)


def _loaded(design: Design | str | os.PathLike[str]) -> Design:
    """Return a design, read from its file if it is not one yet."""
    if isinstance(design, Design):
        return design
    if not isinstance(design, str | os.PathLike):
        msg = f"{design!r} is no design; give a file, or what pacsim.load returns"
        raise ArgumentTypeError(msg)
    return load(Path(design))


def run(design: Design | str | os.PathLike[str], **options: object) -> Result:
    """Return the figures of one design.

    Parameters
    ----------
    design : Design or path
        What is run.
    **options
        Those of `compare`: precision, role, replications, seconds, seed, threads, outages,
        traffic_years, progress.

    Returns
    -------
    Result
        As of `compare`.

    Raises
    ------
    DesignError, ArgumentError, ArgumentTypeError
        As `compare` does.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "name": "one", "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> round(7 * run(one, replications=64, progress=False).get("down").estimate, 9)
    4.0
    """
    return compare([design], **options)  # type: ignore[arg-type]


def history(
    design: Design | str | os.PathLike[str],
    replications: Iterable[int] = (0,),
    *,
    watch: Iterable[str] | None = None,
    seed: int = 1,
) -> Iterator[Term]:
    """Yield contract terms with every change in them, one after the other.

    They are the terms that a run with this seed counts under these numbers, to the bit.

    Parameters
    ----------
    design : Design or path
        What is run.
    replications : iterable of int
        Numbers of the terms, from 0, in any order; read as terms are asked for.
    watch : iterable of str, optional
        Names of elements (``server-a/host``) and gates (``server-a.ok``, ``role.store``) whose
        changes are listed; unless given, all elements and all roles.
    seed : int
        Of all random streams, >= 0.

    Yields
    ------
    Term
        Changes, episodes and contributors.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    ArgumentError, ArgumentTypeError
        If a number or the seed is no whole number or out of its range, or nothing has a name.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> for term in history(one, [0, 3]):
    ...     down = [s for s in term.stretches("role.store") if not s.value]
    ...     print(term.number, [(s.start / 86400, s.end - s.start) for s in down])
    0 [(2190.0, 14400.0)]
    3 [(2190.0, 14400.0)]
    """
    from pacsim.campaign.terms import terms

    if not isinstance(replications, Iterable):
        msg = f"replications {replications!r} is no list of numbers; write [{replications!r}]"
        raise ArgumentTypeError(msg)
    numbers = (whole("replication", one, 0, LAST_TERM) for one in replications)
    seed = whole("seed", seed, 0, MOST_SEED)
    loaded = _loaded(design)
    model = build(loaded.resolved).model
    elements = {e.name for e in model.elements}
    gates = {g.name for g in model.gates}
    if watch is None:
        names = [e.name for e in model.elements] + [f"role.{r}" for r in loaded.resolved.roles]
    else:
        names = [watch] if isinstance(watch, str) else list(watch)
    unknown = [name for name in names if name not in elements | gates]
    if unknown:
        known = sorted(elements | gates)
        said = [f'no element or gate "{name}"; {near(name, known)}' for name in unknown]
        raise ArgumentError("\n".join(said))
    term = loaded.resolved.contract.number("term")
    return terms(
        model,
        term,
        numbers,
        seed=seed,
        elements=[name for name in names if name in elements],
        gates=[name for name in names if name not in elements],
    )


def replay(
    design: Design | str | os.PathLike[str],
    replication: int = 0,
    *,
    seed: int = 1,
    start: str | float = 0.0,
    end: str | float | None = None,
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
        Of all random streams, >= 0.
    start, end : str or float, optional
        Only what happens from ``start`` to ``end``: a date (``"2029-12-30"``, or with a time
        ``"2029-12-30 06:00"``), a time since the start of the term (``"3 years"``), or seconds.

    Returns
    -------
    list of str
        A line an event, and one for each beginning and end of an episode.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    ArgumentError
        If the number or the seed is no whole number, or out of its range, or a time is none; all
        that is wrong at once.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> for line in replay(one, start="5 years", end="2029-12-30 02:00"):
    ...     print(line)
    Sun 2029-12-30 00:00:00  2190.00 d  a/unit: up -> down (a/unit.fail, fault)
    Sun 2029-12-30 00:00:00  2190.00 d  * role:store begins, root a/unit.fail
    """
    from pacsim.core import recording
    from pacsim.core.replay import replay as told
    from pacsim.engines.kernel import simulate as traced

    wrong: list[ArgumentError | ArgumentTypeError] = []
    replication = checked(wrong, whole, "replication", replication, 0, LAST_TERM) or 0
    seed = checked(wrong, whole, "seed", seed, 0, MOST_SEED) or 0
    loaded = _loaded(design)
    model = build(loaded.resolved).model
    term = loaded.resolved.contract.number("term")
    begin = checked(wrong, moment, "start (--from)", start, model.origin.when)
    stop = checked(wrong, moment, "end (--to)", term if end is None else end, model.origin.when)
    if begin is not None and stop is not None:
        checked(wrong, _span, begin, stop, term)
    refuse(wrong)
    made = recording(model, elements=[e.name for e in model.elements])
    batch = traced(made, seed=seed, first=replication, horizon=term, trace=True)
    return told(made, batch, batch.changes, start=begin or 0.0, end=stop)


def episode(
    design: Design | str | os.PathLike[str],
    *,
    worst: int | None = None,
    term: int | None = None,
    at: str | float | None = None,
    seed: int = 1,
    traffic_years: str | float | None = TRAFFIC_YEARS,
    progress: bool = True,
) -> Episode:
    """Return one window of a design's traffic: what its clients had of one failover.

    Parameters
    ----------
    design : Design or path
        With a workload.
    worst : int, optional
        The how manieth worst window of a run of the design, by exams late and lost, 1 to 20; 1
        unless ``term`` and ``at`` are given.
    term : int, optional
        Number of the contract term, from 0; with ``at``.
    at : str or float, optional
        A time in the window: a date (``"2029-12-30 06:00"``), a time since the start of the term
        (``"3 years 12 d 10:00"``), or seconds; with ``term``.
    seed : int
        Of all random streams, >= 0.
    traffic_years : float or str
        Of the run in which the worst one is looked for, as of `compare`.
    progress : bool
        Whether that run shows a bar with the time left.

    Returns
    -------
    Episode
        Tables of the window; `Episode.plot` draws it, `Episode.to_csv` writes its associations.

    Raises
    ------
    DesignError
        If the file is wrong, with every problem.
    ArgumentError, ArgumentTypeError
        If a number makes no sense, or there is no window at the time; it says which are near.
    PacsimError
        If the design has no workload.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> episode(one, term=0)
    Traceback (most recent call last):
    pacsim.errors.ArgumentError: term is given without at; give both, or worst alone
    """
    from pacsim.campaign.traffic_tally import KEPT
    from pacsim.campaign.traffic_windows import DesignWindows, worst_windows

    wrong: list[ArgumentError | ArgumentTypeError] = []
    seed = checked(wrong, whole, "seed", seed, 0, MOST_SEED) or 0
    if worst is not None and (term is not None or at is not None):
        wrong.append(ArgumentError("worst is given with term or at; leave out one or the other"))
    elif (term is None) != (at is None):
        given, other = ("term", "at") if at is None else ("at", "term")
        msg = f"{given} is given without {other}; give both, or worst alone"
        wrong.append(ArgumentError(msg))
    rank = checked(wrong, whole, "worst", 1 if worst is None else worst, 1, KEPT)
    number = checked(wrong, whole, "term", 0 if term is None else term, 0, LAST_TERM)
    refuse(wrong)
    plan = planned(seed=seed, traffic_years=traffic_years)
    loaded = _loaded(design)
    windows = DesignWindows(loaded, seed)
    if at is not None:
        assert number is not None
        return windows.episode_at(number, moment("at", at, windows.began))
    # What is looked for is where the windows are; the one that is wanted is simulated below.
    told = compare_by(plan, [loaded], progress=progress, windows=False).provenance
    if told["partial"]:
        raise KeyboardInterrupt
    kept = worst_windows(told.get("traffic", {}), loaded.name)
    assert rank is not None
    if rank > len(kept):
        many = f"{len(kept)} window{'' if len(kept) == 1 else 's'}"
        msg = f"worst {rank}: there is no such window, the run has {many}"
        raise ArgumentError(msg)
    return windows.episode_from(kept[rank - 1]["term"], kept[rank - 1]["start"])


def _span(begin: float, end: float, term: float) -> None:
    """Refuse a span of time in which there can be nothing."""
    if begin >= term:
        msg = f"start (--from) is {begin / YEAR:.4g} years on, the term has {term / YEAR:.4g}"
        raise ArgumentError(msg)
    if end < begin:
        msg = "end (--to) is before start (--from); change them round"
        raise ArgumentError(msg)
