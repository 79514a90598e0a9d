"""Which member a balancer dials (T15), and which it does not for a while (T16)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.client_conditions import ERRORING, UP
from pacsim.traffic.client_tables import FIRST, SOURCE, Dial

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.traffic.reference.meetings import Meetings
    from pacsim.traffic.reference.run_state import RunState


class Mark:
    """What is known of a member by its dials."""

    def __init__(self) -> None:
        self.refused = 0
        self.put_by = False
        self.out = False
        self.since = math.inf


class Balancer:
    """Members in turn, the first, or that of a client; passive checks.

    Parameters
    ----------
    dial : Dial
        How it is configured.
    meetings : Meetings
        Conditions.
    """

    def __init__(self, dial: Dial, meetings: Meetings) -> None:
        self.dial = dial
        self._meetings = meetings
        self._marks = [Mark() for _ in meetings.members]

    def chosen(self, now: float, turn: int, hashed: Callable[[], float]) -> int:
        """Return the member that an operation goes to, -1 if none is listed."""
        n = len(self._marks)
        if self.dial.mode == FIRST:
            first = 0
        elif self.dial.mode == SOURCE:
            first = int(hashed() * n)
        else:
            first = turn % n
        return self._ring(now, first, n)

    def other(self, now: float, member: int) -> int:
        """Return another listed member to go to at once, -1 if there is none (T14)."""
        n = len(self._marks)
        if self.dial.mode == FIRST:
            first = self._ring(now, 0, n)
            return first if first != member else -1
        return self._ring(now, member + 1, n - 1)

    def _ring(self, now: float, start: int, count: int) -> int:
        n = len(self._marks)
        for k in range(start, start + count):
            if self._dialled(now, k % n):
                return k % n
        return -1

    def _dialled(self, now: float, member: int) -> bool:
        mark = self._marks[member]
        if mark.put_by and now >= mark.since + self.dial.rise * self.dial.every:
            self._marks[member] = mark = Mark()
        return self._meetings.listed(member) and not mark.put_by

    def refused(self, member: int) -> None:
        """Count a dial that was refused."""
        mark = self._marks[member]
        mark.refused += 1
        if self.dial.observe and mark.refused >= self.dial.observe:
            mark.put_by = True

    def connected(self, member: int) -> None:
        """Forget what was refused in a row."""
        self._marks[member].refused = 0

    def changed(self, now: float) -> None:
        """Note conditions that have just been written: which members answer, and since when."""
        for m, mark in enumerate(self._marks):
            if not mark.put_by:
                continue
            listed = self._meetings.listed(m)
            if listed and mark.out:
                self._marks[m] = Mark()
                continue
            mark.out = not listed
            if not self._answers(m):
                mark.since = math.inf
            elif mark.since == math.inf:
                mark.since = now

    def note(self, state: RunState, now: float) -> None:
        """Note who is put by, and since when it answers.

        Refusals in a row that put nobody by are no part of it: they mean nothing until a member
        refuses again, and a backup may never be dialled until then.
        """
        for mark in self._marks:
            by = mark.put_by and now < mark.since + self.dial.rise * self.dial.every
            state.note(by, by and mark.out)
            state.near(mark.since if by else math.inf)

    def _answers(self, member: int) -> bool:
        meetings = self._meetings
        if meetings.state(member) not in (UP, ERRORING):
            return False
        holder = meetings.holder()
        return not meetings.balanced or (holder >= 0 and meetings.back(0, holder, member))
