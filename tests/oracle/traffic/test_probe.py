"""What a probe feels (number 36)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from pacsim.traffic.client_conditions import POOL, UP, ConditionChange, Conditions, Timeline
from pacsim.traffic.client_tables import (
    ECHO,
    ENDLESS,
    STORE,
    Dial,
    Limit,
    Operation,
    Probe,
    SharedPool,
    Station,
    TrafficTables,
    Work,
)
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.probe import felt
from pacsim.traffic.reference import ReferenceTraffic
from tests.oracle.traffic.beside import both as simulate
from tests.oracle.traffic.scenes import (
    ERRORING,
    PAIR,
    REFUSES,
    SERVER_ONE,
    SILENT,
    TEN,
    TIMERS,
    Seen,
    conserved,
    exam,
    failed,
    modality,
    over,
    run,
    span,
    store,
)

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


def probed(operation: Operation, changes: list[tuple[float, str, int]], **more: object) -> Seen:
    """Run a probe that begins within a second of -10 and tries again 5 s after a failure."""
    timers = replace(TIMERS, retry_every=5.0, retry_count=ENDLESS, pause=1.0)
    one = Station("probe", Probe((operation,)), timers=timers)
    return run([one], (), changes, until=100.0, start=TEN - 10.0, **more)  # type: ignore[arg-type]


def test_its_own_work_comes_before_a_connection() -> None:
    """Asked at 5, a connection at 7, 8 and 10; refused at 4 after its work of 4 s, then of 4 s again."""
    # Sees: requests that count from when it was asked; a refusal that takes no time.
    late = modality(store=store(attempt_takes=2.0))
    over(run([late], [exam(5.0)], span("member.a", SILENT, end=10.0)), 31.0, 1)
    own = modality(store=store(attempt_takes=4.0))
    seen = run([own], [exam(0.0, items=10)], span("member.a", REFUSES, begin=3.0, end=70.0))
    failed(seen, 4.0, 68.0)
    over(seen, 68.0 + 60.0 + 4.0 + 2.0, 3)
    # What happens while it works by itself is no matter of it.
    over(run([own], [exam(0.0, items=10)], span("member.a", REFUSES, begin=1.0, end=3.0)), 6.0, 1)


def test_its_own_work_is_cut_off_with_an_exam_that_is_overwritten() -> None:
    own = modality(store=store(attempt_takes=4.0), buffer=15.0, deletes="age")
    seen = run([own], [exam(0.0, items=10), exam(1.0, items=10)])
    assert seen.attempts()[0][1:3] == (1.0, "overwritten")
    begin, end, how, _ = seen.attempts()[1]
    assert (begin, how) == (1.0, "ok")
    assert end == pytest.approx(7.0)
    assert seen.outcomes() == ["lost-overwritten", "stored"]


def test_refused_attempts_are_as_far_apart_as_pause_and_own_work() -> None:
    work = Operation(ECHO, (Work(0.1),), association=0.2, attempt_takes=0.5)
    seen = probed(work, span("member.a", REFUSES, end=60.0), conditions=SERVER_ONE)
    found = [end - begin for begin, end in pairwise(seen.fails())]
    assert len(found) >= 9
    assert found == pytest.approx([5.5] * len(found))


def test_a_probe_takes_turns_with_itself() -> None:
    """Every second operation is refused, however long each takes."""
    # Sees: turns by the time of the day.
    pool = Conditions(POOL, ("a", "b"), ("s",))
    work = Operation(ECHO, (Work(0.13),) * 2, association=0.2)
    seen = probed(work, [(0.0, "member.a", REFUSES)], conditions=pool, dial=Dial(retries=0))
    hows = [how for begin, _, how, _ in seen.attempts() if begin > 0.0]
    assert len(hows) >= 20
    assert all((one == "ok") != (other == "ok") for one, other in pairwise(hows))


def test_an_echo_asks_no_storage() -> None:
    """A member that errs answers it, as a check by C-ECHO finds it well."""
    work = Operation(ECHO, (Work(0.1),), association=0.2)
    assert probed(work, span("member.a", ERRORING, end=60.0), conditions=SERVER_ONE).fails() == []


def test_a_probe_that_gets_an_error_releases() -> None:
    """Own work 0.5, set-up 0.2, item 0.1, release 2, pause 5: 7.8 s from failure to failure."""
    # Sees: a client that hangs up on a status.
    takes = {"association": 0.2, "release_takes": 2.0, "attempt_takes": 0.5}
    work = Operation(STORE, (Work(0.1),), **takes)  # type: ignore[arg-type]
    seen = probed(work, [(0.0, "member.a", ERRORING)], conditions=SERVER_ONE)
    found = [end - begin for begin, end in pairwise(seen.fails())]
    assert len(found) >= 9
    assert found == pytest.approx([7.8] * len(found))


@pytest.mark.parametrize("simulator", [ReferenceTraffic, CompiledTraffic])
def test_a_probe_at_its_own_work_is_as_well_as_its_twin(simulator: Any) -> None:
    """After a fault it is out of step; in a minute of own work or of an operation, all is as before."""
    # Sees: own work taken for a connection that does not come about.
    work = Operation(ECHO, (Work(0.1),), association=0.2, attempt_takes=0.7)
    probe = replace(a_probe(7.1), does=Probe((work,)))
    traffic = simulator(TrafficTables(SERVER_ONE, (probe,)))
    changes = [
        ConditionChange(TEN, "member.a", REFUSES),
        ConditionChange(TEN + 20.0, "member.a", UP),
    ]
    line = Timeline.of(SERVER_ONE, changes)
    faulted = traffic.begin(line, TEN - 100.0, (1, 2))
    twin = traffic.begin(line.quiet(SERVER_ONE, TEN), TEN - 100.0, (1, 2))
    alike = []
    for k in range(60):
        for one in (faulted, twin):
            one.advance(TEN + 0.9 * k)
        alike.append(faulted.same_as(twin))
    assert alike[0]
    assert not any(alike[2:22])
    assert all(alike[35:])
