"""A run that stops, is fed and looked at is the same run (T21)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.client_conditions import (
    POOL,
    Conditions,
)
from pacsim.traffic.client_tables import (
    WAITS,
    Dial,
    Limit,
    SharedPool,
    TrafficTables,
)
from pacsim.traffic.reference import ReferenceTraffic, simulate
from tests.oracle.traffic.runs_beside import KEY, same_logs, timeline_of
from tests.oracle.traffic.scenes import (
    TEN,
)
from tests.oracle.traffic.test_properties import DIALLED, arrivals, histories, stations
from tests.oracle.traffic.test_properties import PAIR as PAIRED


def tables_of(conditions: Conditions, **more: Any) -> TrafficTables:
    """Return all stations of the properties, in a workload."""
    given_: dict[str, Any] = {
        "pools": (SharedPool("workers", 1.0), SharedPool("line", 0.5)),
        "limits": (Limit(2, WAITS), Limit(2, WAITS)),
        "dial": Dial(retries=2, redispatch=True, observe=2, every=10.0)
        if conditions.kind == POOL
        else None,
        "missed_reset": 0.3,
    }
    return TrafficTables(conditions, tuple(stations()), **{**given_, **more})


@settings(max_examples=25)
@given(st.data())
def test_stopping_feeding_and_looking_leave_the_log(data: st.DataObject) -> None:
    """Slot by slot, at any moments, with its log read and compared between: the same bits."""
    conditions = data.draw(st.sampled_from((PAIRED, DIALLED)))
    timeline = timeline_of(conditions, data.draw(histories(conditions)))
    came = sorted(data.draw(arrivals()), key=lambda x: (x.time, x.station))
    came += [x._replace(time=x.time + 3600.0, slot=x.slot + 1) for x in came]
    moments = sorted(data.draw(st.lists(st.floats(0.0, 4000.0), max_size=12)))
    tables, until = tables_of(conditions), TEN + 4000.0
    wanted = simulate(tables, timeline, came, until, TEN - 10.0)

    simulator = ReferenceTraffic(tables)
    run, twin = (simulator.begin(timeline, TEN - 10.0, KEY) for _ in range(2))
    slots = [[x for x in came if x.slot == slot] for slot in (10, 11)]
    fed = 0
    for moment in (*(TEN + x for x in moments), until):
        while fed < 2 and moment > TEN + 3600.0 * fed:
            for one in (run, twin):
                one.feed(ArrivalTable.of(slots[fed]))
            fed += 1
        for one in (run, twin):
            one.advance(moment)
        assert run.now == moment
        assert run.same_as(twin)
        run.log().check()
    assert same_logs(run.log(), wanted)
    assert same_logs(run.log(), wanted)
