"""Probes: one operation again and again, beside everything else (T28)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pacsim.traffic.client_tables import Probe
from pacsim.traffic.keyed_draws import PLACES, SLOT
from pacsim.traffic.logs import OK, STREAMS
from pacsim.traffic.reference.attempt import Attempt, Request
from pacsim.traffic.reference.stage import Steps, WaitingLine

if TYPE_CHECKING:
    from pacsim.traffic.reference.run_state import RunState
    from pacsim.traffic.reference.world import World

PROBING = "probe"


class Prober(WaitingLine):
    """Tries again after a pause, or after a failure when its client would.

    Parameters
    ----------
    world : World
        The archive.
    index : int
        Its place among all lines.
    station : int
        Number of its station.
    """

    def __init__(self, world: World, index: int, station: int) -> None:
        super().__init__(world.stage, index)
        self._world = world
        self._station = station
        self._record = world.tables.stations[station]
        assert isinstance(self._record.does, Probe)
        self._does = self._record.does
        self._attempt: Attempt | None = None
        self._failed = False

    def note(self, state: RunState) -> None:
        """Note whether all is well with it.

        When it asks is of no account to anybody else, and a probe that has failed once would never
        be in step with its twin again. What counts is that it has been served since.
        """
        attempt = self._attempt
        stuck = attempt is not None and attempt.stuck
        state.note(self._failed, stuck)

    def live(self) -> Steps[None]:
        """Ask from a keyed phase on."""
        timers = self._record.timers
        stream = f"{self._record.name}/{PROBING}"
        yield from self.pause(
            self.now + timers.pause * self._world.draws.uniform(stream, PLACES, 0)
        )
        number = 0
        while True:
            operations = self._does.operations
            operation = operations[number % len(operations)]
            request = Request(
                *(operation, operation.target, 1, 0.0, stream, math.floor(SLOT * self.now)),
                *(self._station, STREAMS.index(PROBING), math.floor(self.now / timers.pause)),
                *(0, 0, number),
                unlimited=True,
            )
            number += 1
            attempt = self._attempt = Attempt(self._world, self, self._station, 0, request)
            how = yield from attempt.serve()
            self._failed = how != OK
            if attempt.parts_well:
                yield from attempt.release()
            self._attempt = None
            yield from self.pause(self.now + (timers.pause if how == OK else timers.retry_every))
