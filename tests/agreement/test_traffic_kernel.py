"""The compiled simulator of the traffic is the reference to the bit; see also the oracle's conftest.

Worlds are drawn by `traffic_worlds`; what the reference meets in them is counted by
`traffic_cells`, outside of the kernel.
"""

from __future__ import annotations

import math
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.running import ReferenceTraffic
from tests.agreement.traffic_cells import WANTED, CellsMet
from tests.agreement.traffic_worlds import ARCHIVES, KEY, UNTIL, DrawnWorld, worlds
from tests.oracle.traffic.beside import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from pacsim.traffic.logs import TrafficLog

ROUND = {"server": 4, "group": 36, "pool behind balancers": 10, "pool": 14}
"""Worlds of each archive in a round."""
PHASES = (Phase.generate, Phase.shrink)
"""Not to be explained: for that each line would be traced, which takes five times as long."""
ROUNDS, LEAST = 10, 20
"""Rounds at most, until each cell is met so often."""


def begun(simulator: Any, world: DrawnWorld) -> tuple[Any, Any]:
    """Return a run of a world and its twin, which begin."""
    quiet = world.line.quiet(world.tables.conditions, 0.0)
    made = simulator(world.tables)
    run, twin = (made.begin(line, 0.0, KEY) for line in (world.line, quiet))
    for one in (run, twin):
        one.feed(ArrivalTable.of(world.came))
    return run, twin


def minutes(simulator: Any, world: DrawnWorld) -> tuple[TrafficLog, list[bool]]:
    """Return a log, and at which minutes the run looks like its twin, in one world of three."""
    run, twin = begun(simulator, world)
    alike = []
    for minute in range(1, round(UNTIL / 60.0) + 1):
        run.advance(60.0 * minute)
        if len(world.came) % 3 == 0:
            twin.advance(60.0 * minute)
            alike.append(run.same_as(twin))
    return run.log(), alike


def agree(world: DrawnWorld, met: CellsMet | None = None) -> None:
    """Hold the kernel to the reference, to the bit; count what that meets."""
    met = CellsMet() if met is None else met
    with met.watching():
        right, alike = minutes(ReferenceTraffic, world)
    found, also = minutes(CompiledTraffic, world)
    right.check()
    equal(right, found)
    assert alike == also
    met.ended(world.tables, right)


def whatever_is_loaded() -> AbstractContextManager[Any]:
    """Let a seed stand for the same worlds whatever is loaded.

    Else hypothesis also draws numbers that stand in the modules of the project.
    """
    drawing: Any = providers
    if hasattr(drawing, "_get_local_constants"):
        return patch.object(drawing, "_get_local_constants", drawing.Constants)
    return nullcontext()


def rounds(look: Callable[[DrawnWorld], None]) -> Iterator[None]:
    """Draw worlds round by round, by a seed each, or new ones where hypothesis looks for those."""
    new = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
    for k in range(ROUNDS):
        for archive, number in ROUND.items():
            drawn = given(worlds(archive))(look)
            drawn = settings(max_examples=number, deadline=None, database=None, phases=PHASES)(
                drawn
            )
            with nullcontext() if new else whatever_is_loaded():
                (drawn if new else seed(k)(drawn))()
        yield


@pytest.mark.slow
def test_drawn_worlds_to_the_bit_and_all_cells_met() -> None:
    """Cells of T13, limits, buffers, parked jobs and balancers, each at least 20 times."""
    met = CellsMet()
    for _ in rounds(lambda world: agree(world, met)):
        rare = {cell: met[cell] for cell in WANTED if met[cell] < LEAST}
        if not rare:
            return
    assert rare == {}


@settings(max_examples=8, phases=PHASES)
@given(worlds("group"))
def test_runs_meet_where_the_reference_says(world: DrawnWorld) -> None:
    last = 12_000.0
    run, twin = begun(ReferenceTraffic, world)
    at = UNTIL
    while at <= last:
        run.advance(at)
        twin.advance(at)
        if run.same_as(twin):
            break
        at += 60.0
    pair = begun(CompiledTraffic, world)
    for one in pair:
        one.advance(1800.0)
    assert CompiledTraffic.meet(*pair, UNTIL, last) == (at if at <= last else math.inf)


@settings(max_examples=12, phases=PHASES)
@given(st.sampled_from(sorted(ARCHIVES)).flatmap(worlds), st.sampled_from((0.5, 17.0, 900.0)))
def test_a_run_in_pieces_is_the_whole(world: DrawnWorld, piece: float) -> None:
    logs = []
    for step in (piece, UNTIL):
        run, _ = begun(CompiledTraffic, world)
        while run.now < UNTIL:
            run.advance(min(run.now + step, UNTIL))
        logs.append(run.log())
    equal(*logs)
