"""Histories with outages of all kinds, written by hand, and when they are not as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.client_conditions import (
    ERRORING,
    GROUP,
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
    SILENT,
    UP,
    ConditionChange,
    Timeline,
)
from pacsim.traffic.second_pass import Divergence, Passed

if TYPE_CHECKING:
    from pacsim.traffic.client_conditions import Conditions

OUTAGES = ("process", "host", "hung", "database", "path", "planned", "blip", "twice")
"""What may happen to a pair; of the last, a second one comes before the first is forgotten."""


def is_usual(c: Conditions, value: dict[str, int]) -> bool:
    """Return whether nobody meets anything unusual, by the page of the traffic."""
    if not all(value[f"target.{x}"] for x in c.targets):
        return False
    if c.kind == "server":
        asked = list(c.members)
    elif c.kind == "group":
        if value["owner"] <= NOBODY:
            return False
        asked = [c.members[value["owner"]]]
    else:
        asked = list(c.members)
        if not all(value[f"listed.{x}"] for x in asked):
            return False
    if any(value[f"member.{x}"] != UP for x in asked):
        return False
    if not c.holders:
        return all(value[f"path.{s}.{x}"] for s in c.sites for x in asked)
    if value["holder"] <= NOBODY:
        return False
    holder = c.holders[value["holder"]]
    legs = [f"front.{s}.{holder}" for s in c.sites] + [f"back.{holder}.{x}" for x in asked]
    return value[f"holder.{holder}"] == UP and all(value[x] for x in legs)


def unusual(c: Conditions, line: Timeline, horizon: float) -> list[tuple[float, float]]:
    """Return when it is not as usual, from the list of changes."""
    found: list[tuple[float, float]] = []
    value: dict[str, int] = {}
    since: float | None = None
    held: int | None = None
    address = "owner" if c.kind == "group" else "holder"
    rows = list(zip(line.time.tolist(), line.what.tolist(), line.value.tolist(), strict=True))
    for k, (time, what, now) in enumerate(rows):
        value[c.names[what]] = now
        if k + 1 < len(rows) and rows[k + 1][0] == time:
            continue
        if is_usual(c, value):
            if since is not None:
                found.append((since, time))
            elif held is not None and value[address] != held:
                # The address has moved at no time: the sessions of the one before are reset.
                found.append((time, time))
            since, held = None, value.get(address)
        elif since is None:
            since = time
    if since is not None:
        found.append((since, horizon))
    return found


def passed(conditions: Conditions, changes: list[ConditionChange], horizon: float) -> Passed:
    """Return a term with changes, and the divergences that they are."""
    line = Timeline.of(conditions, changes)
    found = [
        Divergence(start, end, end == horizon, "other", "")
        for start, end in unusual(conditions, line, horizon)
    ]
    return Passed(0, line, tuple(found))


class Scripted:
    """Outages of a pair, one after another; the owner is the one that was left.

    Parameters
    ----------
    conditions : Conditions
        Of a group of two.
    seed : int
        Of their places and lengths.
    """

    def __init__(self, conditions: Conditions, seed: int) -> None:
        assert conditions.kind == GROUP
        self._conditions = conditions
        self._random = np.random.default_rng(seed)
        self._owner = 0
        self._changes: list[ConditionChange] = []

    def history(self, count: int, horizon: float) -> Passed:
        """Return a term with outages of all kinds in turn."""
        each = horizon / count
        kinds = [OUTAGES[k % len(OUTAGES)] for k in range(count)]
        for k, kind in enumerate(self._random.permutation(kinds)):
            self._outage(str(kind), each * (k + 0.7 * self._random.random()), 0.2 * each)
        return passed(self._conditions, self._changes, horizon)

    def _outage(self, kind: str, at: float, most: float) -> None:
        long = min(float(np.exp(self._random.uniform(np.log(5.0), np.log(7200.0)))), most)
        member = f"member.{self._conditions.members[self._owner]}"
        sites, states = self._conditions.sites, (REFUSES, SILENT, HUNG, ERRORING)
        if kind in ("process", "hung", "database"):
            state = {"process": REFUSES, "hung": HUNG, "database": ERRORING}[kind]
            self._span(member, state, at, long)
        elif kind == "host":
            # It fails over, and the other one comes back as a standby, which is met by nobody.
            self._span(member, SILENT, at, long)
            self._move(at + 10.5, NOBODY, 47.0)
        elif kind == "planned":
            self._move(at, MOVING, min(long, 120.0))
        elif kind == "path":
            site = sites[int(self._random.integers(len(sites)))]
            self._span(f"path.{site}.{member.removeprefix('member.')}", 0, at, long)
        elif kind == "blip":
            self._span(member, int(self._random.choice(states)), at, 0.3)
        else:
            short = min(long, 300.0)
            self._span(member, REFUSES, at, short)
            again = at + short + float(self._random.uniform(1.0, 2400.0))
            self._span(member, SILENT, again, short)

    def _span(self, what: str, value: int, at: float, long: float) -> None:
        back = 1 if what.startswith("path") else UP
        self._changes.append(ConditionChange(at, what, value))
        self._changes.append(ConditionChange(at + long, what, back))

    def _move(self, at: float, way: int, long: float) -> None:
        self._owner = 1 - self._owner
        self._changes.append(ConditionChange(at, "owner", way))
        self._changes.append(ConditionChange(at + long, "owner", self._owner))
