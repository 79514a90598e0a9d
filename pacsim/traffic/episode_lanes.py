"""One window as bars: what the conditions were, and what each kind of client met."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.traffic.client_conditions import (
    ERRORING,
    HUNG,
    MOVING,
    POOL,
    REFUSES,
    SILENT,
    UP,
)
from pacsim.traffic.client_tables import ARCHIVE, FREE, Asker, Forwarder, Modality, Probe, Reader
from pacsim.traffic.logs import OK, OPEN
from pacsim.traffic.reference.meetings import NONE_HELD, Meetings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.traffic.client_conditions import Conditions, Timeline
    from pacsim.traffic.client_tables import Station, TrafficTables

SERVED, PARTLY, MOVES = "served", "some served", "planned move"
NOBODY_LISTED, NOT_SERVED = "nobody listed", "not served"
MEMBER = {UP: "up", SILENT: "silent", HUNG: "hung", REFUSES: "refuses", ERRORING: "erroring"}
"""What a member's conditions are called."""
MET = {**MEMBER, UP: SERVED}
"""What a client is said to meet at a member."""
HELD = "nobody"
FLAGS = {
    "path": ("cut", "there"),
    "front": ("cut", "there"),
    "back": ("cut", "there"),
    "listed": ("out", "in"),
    "target": ("down", "up"),
}
"""What is said of a condition that is 0 or 1."""
WAYS = ("path", "front", "back")


class LaneSpan(NamedTuple):
    """A time over which something was the same.

    Parameters
    ----------
    start, end : float
        Seconds from the start of the term, start < end.
    state : str
        In a word or two.
    usual : bool
        Whether nothing is wrong.
    """

    start: float
    end: float
    state: str
    usual: bool


class Lane(NamedTuple):
    """A bar of a picture.

    Parameters
    ----------
    name : str
        What it is of.
    spans : tuple of LaneSpan
        One after another, from the start of the window to its end.
    failures : tuple of float
        When associations of these clients failed, seconds; empty for a condition.
    """

    name: str
    spans: tuple[LaneSpan, ...]
    failures: tuple[float, ...] = ()


def condition_lanes(
    conditions: Conditions, timeline: Timeline, start: float, end: float
) -> tuple[Lane, ...]:
    """Return a bar for each condition; ways that are there all the time share the last one.

    Parameters
    ----------
    conditions : Conditions
        Which there are.
    timeline : Timeline
        What they were.
    start, end : float
        Of the window, seconds.

    Examples
    --------
    >>> from pacsim.traffic.client_conditions import SERVER, ConditionChange, Conditions, Timeline
    >>> one = Conditions(SERVER, ("a",), ("s", "t"))
    >>> away = Timeline.of(one, [ConditionChange(5.0, "member.a", SILENT)])
    >>> for lane in condition_lanes(one, away, 0.0, 9.0):
    ...     print(lane.name, [(span.end, span.state) for span in lane.spans])
    a [(5.0, 'up'), (9.0, 'silent')]
    all paths (2) [(9.0, 'there')]
    """
    lanes: list[Lane] = []
    whole, ways = 0, 0
    for k, name in enumerate(conditions.names):
        spans = _condition(conditions, k, timeline, start, end)
        what, _, _ = name.partition(".")
        if what in WAYS:
            ways += 1
            if len(spans) == 1 and spans[0].usual:
                whole += 1
                continue
        lanes.append(Lane(_called(name), spans))
    if whole:
        name = f"{'all' if whole == ways else 'other'} paths ({whole})" if ways > 1 else "path"
        lanes.append(Lane(name, (LaneSpan(start, end, FLAGS["path"][1], usual=True),)))
    return tuple(lanes)


def _called(name: str) -> str:
    """Return what a condition is called where people read.

    Examples
    --------
    >>> [_called(x) for x in ("member.a", "path.ward.a", "owner", "listed.a", "holder", "back.h.a")]
    ['a', 'ward to a', 'address', 'list: a', 'address', 'h to a']
    """
    what, _, rest = name.partition(".")
    if what in {"owner", "holder"} and not rest:
        return "address"
    if what in WAYS:
        return " to ".join(rest.split(".", 1))
    return f"list: {rest}" if what == "listed" else rest


def _condition(
    conditions: Conditions, k: int, timeline: Timeline, start: float, end: float
) -> tuple[LaneSpan, ...]:
    """Return what a condition was over a window."""
    what, _, rest = conditions.names[k].partition(".")
    names = conditions.members if what == "owner" else conditions.holders

    def said(value: int) -> tuple[str, bool]:
        if what == "member" or (what == "holder" and rest):
            return MEMBER[value], value == UP
        if what in FLAGS:
            return FLAGS[what][value], bool(value)
        if value >= 0:
            return names[value], True
        return (MOVES if value == MOVING else HELD), False

    mine = timeline.what == k
    times, values = timeline.time[mine], timeline.value[mine]
    return spans_of(times.tolist(), [said(int(v)) for v in values], start, end)


def spans_of(
    times: list[float], said: list[tuple[str, bool]], start: float, end: float
) -> tuple[LaneSpan, ...]:
    """Return spans over a window from what is said from each of some times on, the first before.

    Parameters
    ----------
    times : list of float
        Not falling; of several at one time the last one holds.
    said : list of (str, bool)
        State, and whether it is usual.
    start, end : float
        Of the window.

    Examples
    --------
    >>> for span in spans_of([0.0, 3.0, 3.0, 7.0], [("a", True), ("b", False), ("c", False),
    ...     ("c", False)], 2.0, 9.0):
    ...     print(*span)
    2.0 3.0 a True
    3.0 9.0 c False
    """
    found: list[LaneSpan] = []
    for (begin, over), (state, usual) in zip(pairwise([*times, end]), said, strict=True):
        a, b = max(begin, start), min(over, end)
        if b <= a:
            continue
        if found and found[-1].state == state:
            found[-1] = found[-1]._replace(end=b)
        else:
            found.append(LaneSpan(a, b, state, usual))
    return tuple(found)


def archive_met(meetings: Meetings, site: int) -> str:
    """Return what a client would meet that asked the archive now.

    Parameters
    ----------
    meetings : Meetings
        The conditions.
    site : int
        Where the client is.
    """
    if meetings.conditions.kind != POOL:
        return MOVES if meetings.owner() == MOVING else MET[meetings.reached(site)[0]]
    holder = meetings.holder()
    if holder == NONE_HELD or not meetings.front(site, holder):
        return MET[SILENT]
    met = {
        MET[meetings.state(m) if meetings.back(site, holder, m) else SILENT]
        for m in meetings.members
        if meetings.listed(m)
    }
    if not met:
        return NOBODY_LISTED
    if len(met) == 1:
        return met.pop()
    return PARTLY if SERVED in met else NOT_SERVED


def client_kind(station: Station) -> str:
    """Return what kind of client a station is, in a word."""
    kinds = ((Modality, "modality"), (Reader, "reader"), (Forwarder, "router"))
    if isinstance(station.does, Probe):
        return "probe"
    return next((word for kind, word in kinds if isinstance(station.does, kind)), "worklist")


def target_of(station: Station) -> int:
    """Return whom a station asks: a target's number, `ARCHIVE` or `FREE`."""
    does = station.does
    if isinstance(does, Modality):
        return does.store.target if does.router < 0 or does.store.target >= 0 else FREE
    if isinstance(does, Reader):
        return does.query.target
    if isinstance(does, Asker):
        return does.ask.target
    return does.store.target if isinstance(does, Forwarder) else does.operations[0].target


def client_lanes(
    tables: TrafficTables, timeline: Timeline, attempts: np.ndarray, start: float, end: float
) -> tuple[Lane, ...]:
    """Return a bar for each kind of client, place and target that may fail: what it would meet.

    Parameters
    ----------
    tables : TrafficTables
        Stations.
    timeline : Timeline
        What the conditions were.
    attempts : ndarray of `pacsim.traffic.logs.ATTEMPTS`
        Of the window; the failed ones are noted with their clients.
    start, end : float
        Of the window, seconds.
    """
    clients: dict[tuple[str, int, int], list[int]] = {}
    for k, station in enumerate(tables.stations):
        kind, target = client_kind(station), target_of(station)
        if kind != "probe" and target != FREE:
            clients.setdefault((kind, station.site, target), []).append(k)
    failed = (attempts["how"] != OK) & (attempts["how"] != OPEN)
    times, met = _met(tables.conditions, timeline, list(clients))
    lanes = []
    for (kind, site, target), stations in clients.items():
        said = [(word, word == SERVED) for word in met[kind, site, target]]
        whose = failed & np.isin(attempts["station"], stations)
        place = tables.conditions.sites[site]
        name = f"{kind}, {place}" + (
            "" if target == ARCHIVE else f" at {tables.conditions.targets[target]}"
        )
        failures = tuple(sorted(attempts["end"][whose].tolist()))
        lanes.append(Lane(name, spans_of(times, said, start, end), failures))
    return tuple(lanes)


def _met(
    conditions: Conditions, timeline: Timeline, clients: list[tuple[str, int, int]]
) -> tuple[list[float], dict[tuple[str, int, int], list[str]]]:
    """Return the times of changes, and what each client would meet from them on."""
    meetings, times = Meetings(conditions), []
    found: dict[tuple[str, int, int], list[str]] = {one: [] for one in clients}

    def ask(site: int, target: int) -> str:
        if target == ARCHIVE:
            return archive_met(meetings, site)
        return MET[meetings.target(target)]

    for time, changes in _moments(timeline):
        for what, value in changes:
            meetings.values[what] = value
        times.append(time)
        for one in clients:
            found[one].append(ask(*one[1:]))
    return times, found


def _moments(timeline: Timeline) -> Iterator[tuple[float, list[tuple[int, int]]]]:
    """Yield the times of a timeline with what changes at them."""
    times, first = np.unique(timeline.time, return_index=True)
    for time, a, b in zip(times, first, [*first[1:], len(timeline.time)], strict=True):
        rows = zip(timeline.what[a:b].tolist(), timeline.value[a:b].tolist(), strict=True)
        yield float(time), list(rows)
