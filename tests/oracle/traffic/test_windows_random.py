"""Windows give what a whole term gives, in random histories with all kinds of clients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from pacsim.core.streams import replication_key
from pacsim.delays import Deterministic
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.client_conditions import POOL, ConditionChange
from pacsim.traffic.client_tables import (
    FIRST,
    REJECTS,
    ROUND_ROBIN,
    SOURCE,
    WAITS,
    Asker,
    Dial,
    Limit,
    Modality,
    Probe,
    SharedPool,
    TrafficTables,
)
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import HOUR
from tests.oracle.traffic.differences import Differences
from tests.oracle.traffic.outages import passed
from tests.oracle.traffic.scenes import TEN
from tests.oracle.traffic.test_properties import DIALLED, PAIR, arrivals, histories, stations
from tests.oracle.traffic.test_window_bounds import Given

if TYPE_CHECKING:
    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.client_conditions import Conditions
    from pacsim.traffic.second_pass import Passed

TERM = TEN + 12 * HOUR
DAYS = (0, 4, 8)
"""Hours after ten at which something happens."""


def clients(conditions: Conditions, mode: str, over: str) -> TrafficTables:
    """Return all stations of the properties but the probe, less eager, with commitments."""
    found = []
    for one in stations():
        does = one.does
        if isinstance(does, Probe):
            continue
        if isinstance(does, Asker):
            does = replace(does, every=700.0)
        if isinstance(does, Modality):
            does = replace(does, commit=Deterministic(300.0))
        found.append(replace(one, does=does))
    dial = Dial(mode=mode, retries=2, redispatch=True, observe=2, every=40.0)
    return TrafficTables(
        conditions,
        tuple(found),
        (SharedPool("workers", 1.0), SharedPool("line", 0.5)),
        (Limit(2, over), Limit(2, over)),
        dial if conditions.kind == POOL else None,
        0.3,
    )


@st.composite
def terms(draw: st.DrawFn, conditions: Conditions) -> tuple[Passed, list[Exam | Opening]]:
    """Return three histories some hours apart, and what arrives around them."""
    changes: list[ConditionChange] = []
    came: list[Exam | Opening] = []
    for hours in DAYS:
        begin = TEN + hours * HOUR
        changes += [
            ConditionChange(begin + at, what, value)
            for at, what, value in draw(histories(conditions))
        ]
        for one in draw(arrivals()):
            early = draw(st.sampled_from((0.0, 0.0, 120.0)))
            time = begin + one.time - TEN - early
            # What stands behind the probe has moved up by one.
            station = one.station - (one.station == 7)
            moved = one._replace(time=time, station=station)
            came.append(moved._replace(slot=int(time // HOUR), number=len(came)))
    came.sort(key=lambda x: (x.time, x.station))
    return passed(conditions, changes, TERM), came


@settings(max_examples=40)
@given(st.data())
def test_windowed_equals_full(data: st.DataObject) -> None:
    """Counts to the bit, sums to 1e-9; each window alone, and its logs looked through."""
    conditions = data.draw(st.sampled_from((PAIR, DIALLED)))
    term, came = data.draw(terms(conditions))
    mode = data.draw(st.sampled_from((FIRST, ROUND_ROBIN, SOURCE)))
    tables = clients(conditions, mode, data.draw(st.sampled_from((WAITS, REJECTS))))
    simulator = ReferenceTraffic(tables)
    batch = TrafficWindows(simulator, TERM, streams=Given(came)).batch(term)
    assert not batch.windows["censored"].any()
    found, right, logs = Differences(), Differences(), []
    for k in range(len(batch.windows)):
        found.add(batch.faulted.log(k), batch.twin.log(k))
    for line in (term.timeline, term.timeline.quiet(conditions, 0.0)):
        run = simulator.begin(line, 0.0, replication_key(1, 0))
        run.feed(ArrivalTable.of(came))
        run.advance(TERM)
        logs.append(run.log())
    right.add(*logs)
    assert found.known() == right.known()
    assert found.far(right) <= 1e-9
