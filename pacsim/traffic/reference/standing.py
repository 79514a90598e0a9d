"""Whether a session's peer answers it, and what a change of conditions does to it (T13)."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

from pacsim.traffic import arithmetic as rules
from pacsim.traffic.client_conditions import ERRORING, HUNG, REFUSES, SILENT, UP
from pacsim.traffic.reference.meetings import FOREIGN, MOVED

if TYPE_CHECKING:
    from pacsim.traffic.reference.meetings import Meetings, Way
    from pacsim.traffic.reference.run_state import RunState


class Said(Enum):
    """What a look at the conditions says to a session."""

    NOTHING = 0
    STOP = 1
    GO_ON = 2
    RESET = 3
    CUT_OFF = 4
    """A reset of a peer that answered: its process has gone."""
    STATUS = 5


class Standing:
    """How a session stands with its peer.

    Parameters
    ----------
    meetings : Meetings
        Conditions.
    way : Way
        Who talks to whom.
    now : float
        When the request went out: retransmissions count from the last response, or from here.
    """

    def __init__(self, meetings: Meetings, way: Way, now: float) -> None:
        self._meetings = meetings
        self.way = way
        self.last = now
        self.met = meetings.met(way)
        self.answers = self.met not in (SILENT, HUNG)
        self.silent = self.met == SILENT
        self.gone = False
        self.again = math.inf

    def look(self, now: float) -> Said:
        """Compare what it meets with what it met, once the changes of a moment are written."""
        before, self.met = self.met, self._meetings.met(self.way)
        if self.met == MOVED:
            return Said.RESET
        if self.answers:
            return self._disturbed(before)
        if self.silent:
            self._await(now)
            return Said.NOTHING
        return self._hung(now)

    def _disturbed(self, before: int) -> Said:
        """Look at a peer that answered."""
        if self.met == SILENT or (self.met == HUNG and not self.gone):
            self.answers = False
            self.silent = self.met == SILENT
            return Said.STOP
        if self.met == REFUSES:
            return Said.CUT_OFF
        if self.gone or self.met == FOREIGN:
            return Said.RESET
        return Said.STATUS if self.met == ERRORING != before else Said.NOTHING

    def _hung(self, now: float) -> Said:
        """Look at a peer that hung: a restart closes its sockets, silence hides all."""
        if self.met in (UP, ERRORING, REFUSES):
            return Said.RESET
        if self.met != HUNG or self.gone:
            self.silent = True
            self._await(now)
        return Said.NOTHING

    def _await(self, now: float) -> None:
        """Learn of the end of silence at the next retransmission at or after now."""
        silent = self.met == SILENT
        self.again = math.inf if silent else rules.next_retransmission(self.last, now)

    def retransmit(self) -> Said:
        """Meet what there is when a segment goes out again."""
        self.again = math.inf
        if self.gone or self.met in (FOREIGN, REFUSES):
            return Said.RESET
        self.silent = False
        if self.met == HUNG:
            return Said.NOTHING
        self.answers = True
        return Said.GO_ON

    def note(self, state: RunState) -> None:
        """Note how it stands."""
        state.note(self.met, self.answers, self.silent, self.gone)
        state.near(self.last, self.again)

    def renew(self, now: float) -> None:
        """Count retransmissions from now."""
        self.last = now
        if self.again < math.inf:
            self._await(now)
