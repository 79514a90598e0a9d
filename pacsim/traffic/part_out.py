"""Scenarios of one part out: what clients meet, alike ones together, and what it means (T32)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pacsim.formatting import cause
from pacsim.traffic.answering import met_by_clients, unserved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.one_out import FaultMet

ALL_UP = "all up"
"""The scenario without a fault."""
CARRIES, SLOW, OVERLOADED, NOT_SERVED = "carries", "slow", "does not carry", "not served"
VERDICTS = (CARRIES, SLOW, OVERLOADED, NOT_SERVED)
"""From the best to the worst."""


class Scenario(NamedTuple):
    """What clients meet while a part is out.

    Parameters
    ----------
    name : str
        `ALL_UP`, or after the part of which most faults lead to it: ``server-a out``.
    values : tuple of int
        Of the conditions that clients meet; what nobody meets reads as usual.
    """

    name: str
    values: tuple[int, ...]


class PartOut(NamedTuple):
    """What may fail by itself: what clients meet then, by how it fails.

    Parameters
    ----------
    name : str
        As people call it: ``server-a hardware``.
    part : str
        Whose it is.
    scenarios : tuple of (str, int)
        For each outcome of each of its faults the state in which it is then, and the number of the
        scenario; -1 where somebody is not served.
    """

    name: str
    part: str
    scenarios: tuple[tuple[str, int], ...]


class Outs(NamedTuple):
    """All parts of a design, one out at a time.

    Parameters
    ----------
    scenarios : tuple of Scenario
        Those in which all are served, each once; the first one is `ALL_UP`.
    parts : tuple of PartOut
        In the order of the design.
    """

    scenarios: tuple[Scenario, ...]
    parts: tuple[PartOut, ...]


def outs(tables: TrafficTables, faults: Iterable[FaultMet]) -> Outs:
    """Return the scenarios of faults, and which fault leads to which.

    Nobody is served where an operation of some station is answered by nobody, or where a role that
    needs the archive is down for a reason that no client meets, such as a network as a whole.

    Parameters
    ----------
    tables : TrafficTables
        Of the workload.
    faults : iterable of FaultMet
        With what clients meet a day later.
    """
    conditions = tables.conditions
    places = {met_by_clients(conditions, conditions.usual): 0}
    led: list[list[FaultMet]] = [[]]
    parts: dict[str, tuple[str, list[tuple[str, int]]]] = {}
    for one in faults:
        place = -1
        if not one.met.down and not unserved(tables, one.met.values):
            values = met_by_clients(conditions, one.met.values)
            place = places.setdefault(values, len(places))
            led += [[] for _ in range(len(places) - len(led))]
            led[place].append(one)
        parts.setdefault(one.element, (one.part, []))[1].append((one.state, place))
    names = [ALL_UP]
    for some in led[1:]:
        names.append(_named(some, names))
    return Outs(
        tuple(Scenario(*pair) for pair in zip(names, places, strict=True)),
        tuple(PartOut(cause(x), part, tuple(many)) for x, (part, many) in parts.items()),
    )


def _named(faults: list[FaultMet], taken: list[str]) -> str:
    """Return a name that is not taken, after the part of most faults; the first of equal ones."""
    parts = [one.part for one in faults]
    said = f"{max(parts, key=parts.count)} out"
    if said not in taken:
        return said
    return next(x for one in faults if (x := f"{cause(one.element)} out") not in taken)


def verdict(*, highest: float, within: bool) -> str:
    """Return what a scenario in which all are served means.

    Parameters
    ----------
    highest : float
        Highest load in the peak hour.
    within : bool
        Whether p95 of each operation is within its target.

    Examples
    --------
    >>> verdict(highest=0.99, within=True), verdict(highest=1.0, within=True)
    ('carries', 'does not carry')
    >>> verdict(highest=0.5, within=False)
    'slow'
    """
    if highest >= 1.0:
        return OVERLOADED
    return CARRIES if within else SLOW


def worst(part: PartOut, verdicts: tuple[str, ...]) -> tuple[str, str]:
    """Return the worst verdict of a part over all that it may fail with, and the state of it.

    Parameters
    ----------
    part : PartOut
        What may fail.
    verdicts : tuple of str
        Of the scenarios.

    Examples
    --------
    >>> switch = PartOut("core-1", "core-1", (("soft", 0), ("down", -1)))
    >>> worst(switch, ("carries",))
    ('not served', 'down')
    """
    found = [
        (verdicts[place] if place >= 0 else NOT_SERVED, state) for state, place in part.scenarios
    ]
    return max(found, key=lambda pair: VERDICTS.index(pair[0]))
