"""Draws by their keys (T5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.delays.scalar import draw
from pacsim.engines.kernel.source.draws import uniform
from pacsim.traffic.kernel.numbers_of_traffic import LANES, STREAM_COUNT

if TYPE_CHECKING:
    from pacsim.traffic.kernel.manifest_of_traffic import RunStateGroup, WorkloadGroup


def drawn(
    workload: WorkloadGroup,
    state: RunStateGroup,
    at: int,
    source: int,
    stream: int,
    lane: int,
    n: int,
) -> float:
    """Return one uniform of a stream of a source, at its own station or at a router."""
    place = workload.stations[at].streams + (source * STREAM_COUNT + stream) * LANES + lane
    return uniform(state.keys[0], state.keys[1], workload.streams[place], np.uint64(n))


def delay(
    workload: WorkloadGroup,
    state: RunStateGroup,
    law: int,
    at: int,
    source: int,
    stream: int,
    lane: int,
    n: int,
) -> float:
    """Return one draw of a law."""
    u = drawn(workload, state, at, source, stream, lane, n)
    return draw(workload.laws, workload.law_values, law, u)
