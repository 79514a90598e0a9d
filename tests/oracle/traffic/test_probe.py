"""What a probe feels (number 36)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacsim.traffic.client_conditions import UP, ConditionChange, Timeline
from pacsim.traffic.client_tables import (
    ECHO,
    Limit,
    Operation,
    Probe,
    SharedPool,
    Station,
    TrafficTables,
    Work,
)
from pacsim.traffic.probe import felt
from pacsim.traffic.reference import simulate
from tests.oracle.traffic.scenes import PAIR, REFUSES, SERVER_ONE, TEN, TIMERS, conserved

WORK = Operation(ECHO, (Work(0.1),), association=0.2)


def a_probe(retry: float, pause: float = 1.0) -> Station:
    """Return a probe whose operation takes 0.3 s."""
    return Station("probe", Probe((WORK,)), timers=replace(TIMERS, retry_every=retry, pause=pause))


@pytest.mark.parametrize("key", [(1, 2), (3, 4), (5, 6)])
def test_36_felt_is_a_multiple_of_the_retry_interval(key: tuple[int, int]) -> None:
    tables = TrafficTables(SERVER_ONE, (a_probe(190.0),))
    changes = [
        ConditionChange(TEN, "member.a", REFUSES),
        ConditionChange(TEN + 600.0, "member.a", UP),
    ]
    line = Timeline.of(SERVER_ONE, changes)
    args = ((), TEN + 2000.0, TEN - 100.0, key)
    log = simulate(tables, line, *args)
    conserved(log, [], tables)
    twin = simulate(tables, line.quiet(SERVER_ONE, TEN), *args)
    found = felt(log, twin, 0, TEN)
    # Four retries; the cycle is a pause of 1 s and an operation of 0.3 s.
    assert 760.0 <= found <= 760.0 + 1.3


def test_nothing_is_felt_without_a_fault() -> None:
    tables = TrafficTables(SERVER_ONE, (a_probe(190.0),))
    args = ((), TEN + 100.0, TEN - 100.0)
    log = simulate(tables, Timeline.of(SERVER_ONE), *args)
    assert felt(log, log, 0, TEN) == 0.0


def test_a_probe_takes_no_place() -> None:
    tables = TrafficTables(
        PAIR,
        (a_probe(60.0),),
        (SharedPool("workers", 1.0),),
        (Limit(0), Limit(0)),
        missed_reset=0.5,
    )
    log = simulate(tables, Timeline.of(PAIR), (), TEN + 100.0, TEN)
    assert set(log.attempts["how"].tolist()) == {0}
