"""What the traffic meets: conditions of members, paths, addresses and lists; their changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UP, SILENT, HUNG, REFUSES, ERRORING = range(5)
"""Conditions of a member: first of silent, hung, refuses, erroring; else up (T1)."""
NOBODY, MOVING = -1, -2
"""Owners and holders that are none: after a fault, and because of a planned move."""
SERVER, GROUP, POOL = "server", "group", "pool"


@dataclass(frozen=True)
class Conditions:
    """The conditions that an archive's clients meet, numbered in the order in which they count.

    At one moment changes take effect in this order (T10): members, paths, owner, list, holder,
    holders, ways from sites to holders, ways from holders to members, targets.

    Parameters
    ----------
    kind : str
        `SERVER`, `GROUP` with an active member, or `POOL`.
    members : tuple of str
        Servers that may answer.
    sites : tuple of str
        Places of clients.
    holders : tuple of str
        Of a pool behind balancers: who may hold its address; then there are ways to and from them
        in place of paths.
    targets : tuple of str
        Other parts that clients ask, such as a worklist.

    Examples
    --------
    >>> pair = Conditions(GROUP, ("a", "b"), ("radiology",))
    >>> pair.names
    ('member.a', 'member.b', 'path.radiology.a', 'path.radiology.b', 'owner')
    >>> pair.usual[pair.index_of("owner")]
    0
    """

    kind: str
    members: tuple[str, ...]
    sites: tuple[str, ...]
    holders: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return what each condition is called."""
        found = [f"member.{m}" for m in self.members]
        if not self.holders:
            found += [f"path.{s}.{m}" for s in self.sites for m in self.members]
        if self.kind == GROUP:
            found.append("owner")
        if self.kind == POOL:
            found += [f"listed.{m}" for m in self.members]
        if self.holders:
            found.append("holder")
            found += [f"holder.{h}" for h in self.holders]
            found += [f"front.{s}.{h}" for s in self.sites for h in self.holders]
            found += [f"back.{h}.{m}" for h in self.holders for m in self.members]
        return (*found, *(f"target.{x}" for x in self.targets))

    @cached_property
    def usual(self) -> tuple[int, ...]:
        """Return the value of each when nothing is wrong: the first one owns and holds."""
        ones = ("path.", "listed.", "front.", "back.", "target.")
        return tuple(int(name.startswith(ones)) for name in self.names)

    def index_of(self, name: str) -> int:
        """Return the number of a condition.

        Raises
        ------
        ValueError
            If there is none of the name.
        """
        return self.names.index(name)


class ConditionChange(NamedTuple):
    """A condition that takes a value at a time, in seconds from the start of the term."""

    time: float
    what: str
    value: int


@dataclass(frozen=True, eq=False)
class Timeline:
    """What the conditions were, from the start of a term on.

    Parameters
    ----------
    time : ndarray of float64, shape (n,)
        Seconds, not falling; the first rows are those at the start, one for each condition.
    what : ndarray of int32, shape (n,)
        Numbers of conditions; rising among changes of one time.
    value : ndarray of int32, shape (n,)
        Which holds from then on.
    stays : bool
        Whether an attempt stays with its member when the address moves, as in a twin; else it
        belongs to whoever owns the address (T13).
    """

    time: np.ndarray
    what: np.ndarray
    value: np.ndarray
    stays: bool = False

    @classmethod
    def of(
        cls,
        conditions: Conditions,
        changes: Iterable[ConditionChange] = (),
        starts: Mapping[str, int] | None = None,
    ) -> Timeline:
        """Return the timeline in which all is as usual but for what is said.

        Parameters
        ----------
        conditions : Conditions
            Which there are.
        changes : iterable of ConditionChange
            In any order.
        starts : mapping, optional
            Values at the start that are not the usual ones, by name.

        Examples
        --------
        >>> one = Conditions(SERVER, ("a",), ("s",))
        >>> away = ConditionChange(5.0, "member.a", SILENT)
        >>> line = Timeline.of(one, [away, ConditionChange(9.0, "member.a", UP)])
        >>> line.time.tolist(), line.value.tolist()
        ([0.0, 0.0, 5.0, 9.0], [0, 1, 1, 0])
        """
        first = list(conditions.usual)
        for name, value in (starts or {}).items():
            first[conditions.index_of(name)] = value
        rows = [(0.0, k, value) for k, value in enumerate(first)]
        rows += sorted(
            ((x.time, conditions.index_of(x.what), x.value) for x in changes),
            key=lambda row: row[:2],
        )
        return cls(
            np.array([row[0] for row in rows], dtype=np.float64),
            np.array([row[1] for row in rows], dtype=np.int32),
            np.array([row[2] for row in rows], dtype=np.int32),
        )

    def quiet(self, conditions: Conditions, at: float) -> Timeline:
        """Return the twin's: nothing is wrong, and the address is always where it last stood.

        Who owns and who holds the address at a time does so. When another member of a group owns
        it later, so it does here, from that moment on and at no cost: attempts stay with the
        member that they have, and those that begin go to the new one.

        Parameters
        ----------
        conditions : Conditions
            Of this timeline.
        at : float
            Seconds.

        Examples
        --------
        >>> pair = Conditions(GROUP, ("a", "b"), ("s",))
        >>> away = [ConditionChange(5.0, "owner", NOBODY), ConditionChange(9.0, "owner", 1)]
        >>> twin = Timeline.of(pair, away).quiet(pair, 0.0)
        >>> twin.time[-2:].tolist(), twin.value[-2:].tolist(), twin.stays
        ([0.0, 9.0], [0, 1], True)
        """
        starts: dict[str, int] = {}
        moves: list[ConditionChange] = []
        for name in ("owner", "holder"):
            if name not in conditions.names:
                continue
            mine = self.what == conditions.index_of(name)
            starts[name] = max(int(self.value[mine & (self.time <= at)][-1]), 0)
            if name == "owner":
                later = mine & (self.time > at) & (self.value >= 0)
                rows = zip(self.time[later].tolist(), self.value[later].tolist(), strict=True)
                moves = [ConditionChange(time, name, value) for time, value in rows]
        return replace(Timeline.of(conditions, moves, starts), stays=True)
