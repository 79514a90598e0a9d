"""Draws by their keys (T5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays.scalar import draw
from pacsim.engines.kernel.source.draws import uniform
from pacsim.traffic.kernel.numbers_of_traffic import LANES, STREAM_COUNT

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import StateGroup, WorkloadGroup


def drawn(
    workload: WorkloadGroup, state: StateGroup, station: int, stream: int, lane: int, n: int
) -> float:
    """Return one uniform of a stream of a station."""
    place = (station * STREAM_COUNT + stream) * LANES + lane
    return uniform(state.keys[0], state.keys[1], workload.streams[place], np.uint64(n))


def delay(
    workload: WorkloadGroup,
    state: StateGroup,
    law: int,
    station: int,
    stream: int,
    lane: int,
    n: int,
) -> float:
    """Return one draw of a law."""
    u = drawn(workload, state, station, stream, lane, n)
    return draw(workload.laws, workload.law_values, law, u)
