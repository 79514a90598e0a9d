"""Where windows begin and are closed, what belongs to them, and what is asked of them (T21 to T26)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Deterministic
from pacsim.errors import SimulationError
from pacsim.parts.failover import KINDS
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.client_conditions import ConditionChange, Timeline
from pacsim.traffic.client_tables import Asker, Station, TrafficTables
from pacsim.traffic.logs import HOWS, OUTCOMES
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.traffic.second_pass import Divergence, Passed
from pacsim.traffic.windows import TrafficWindows, meet
from pacsim.units import DAY
from tests.oracle.traffic.outages import passed
from tests.oracle.traffic.scenes import PAIR, REFUSES, TEN, TIMERS, exam, modality, span
from tests.oracle.traffic.test_clients import FIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.traffic.arrivals import Exam, Opening
    from pacsim.traffic.window_tables import WindowBatch

A = "member.a"
END = TEN + DAY
Changes = list[tuple[float, str, int]]


class Given:
    """Arrivals by hand, slot by slot, and which slots were asked for."""

    def __init__(self, came: Sequence[Exam | Opening]) -> None:
        self._came = sorted(came, key=lambda x: x.time)
        self.asked: list[int] = []

    def table(self, key: tuple[int, int], first: int, count: int) -> ArrivalTable:
        assert len(key) == 2
        self.asked += range(first, first + count)
        return ArrivalTable.of([x for x in self._came if first <= x.slot < first + count])


def term(changes: Changes, horizon: float = END) -> Passed:
    """Return a term; times of changes are after ten."""
    return passed(PAIR, [ConditionChange(TEN + at, *rest) for at, *rest in changes], horizon)  # type: ignore[arg-type]


def windows(
    changes: Changes,
    came: Sequence[Exam] = (),
    *stations: Station,
    horizon: float = END,
    simulator: type[ReferenceTraffic] = ReferenceTraffic,
    **options: Any,
) -> WindowBatch:
    """Return the windows of a term of one modality, or of other stations."""
    made = simulator(TrafficTables(PAIR, stations or (modality(),)))
    given = {"streams": Given(came), **options}
    return TrafficWindows(made, horizon, **given).batch(term(changes, horizon))


def bounds(batch: WindowBatch) -> list[tuple[float, ...]]:
    """Return begin, first divergence, end of the last one and close of each window, after ten."""
    names = ("start", "divergence", "ended", "closed")
    return [tuple(float(row[name]) - TEN for name in names) for row in batch.windows]


def test_it_begins_half_an_hour_before_and_is_closed_when_both_are_the_same() -> None:
    """Row 1: an exam is stored at 131 instead of 10."""
    batch = windows(span(A, REFUSES, end=90.0), [exam(-11.0)])
    assert bounds(batch) == [(-1800.0, 0.0, 90.0, 180.0)]
    assert batch.windows["overlapped"].tolist() == [0]
    assert not batch.windows["censored"].any()
    ends = [log.jobs["stored"] - TEN for log in (batch.faulted, batch.twin)]
    assert np.concatenate(ends) == pytest.approx([131.0, 10.0])
    assert len(batch.faulted.attempts) == 3
    assert len(batch.twin.attempts) == 1


def test_it_is_looked_at_after_a_divergence_has_ended() -> None:
    """At a whole minute nothing of that minute has happened yet."""
    assert bounds(windows(span(A, REFUSES, end=59.5))) == [(-1800.0, 0.0, 59.5, 60.0)]
    assert bounds(windows(span(A, REFUSES, end=60.0))) == [(-1800.0, 0.0, 60.0, 120.0)]


def test_a_job_that_is_parked_keeps_it_open() -> None:
    """Parked at 5, sent again by hand half an hour later."""
    line = modality(timers=replace(TIMERS, retry_count=0))
    batch = windows(span(A, REFUSES, end=90.0), [exam(5.0)], line)
    assert bounds(batch) == [(-1800.0, 0.0, 90.0, 1860.0)]


def test_a_job_that_nobody_sends_again_does_not() -> None:
    """It is lost as it is parked, and there is nothing that will ever be as in the twin again."""
    line = modality(timers=replace(TIMERS, retry_count=0), by_hand=None)
    batch = windows(span(A, REFUSES, end=90.0), [exam(5.0)], line)
    assert bounds(batch) == [(-1800.0, 0.0, 90.0, 120.0)]
    assert not batch.windows["censored"].any()


def test_divergences_that_start_before_it_is_closed_less_their_lead_belong_to_it() -> None:
    blips: Changes = []
    for at in (0.0, 1000.0, 2819.875, 4680.0, 9000.0):
        blips += span(A, REFUSES, begin=at, end=at + 1.0)
    batch = windows(blips)
    assert bounds(batch) == [
        (-1800.0, 0.0, 2820.875, 2880.0),
        (2880.0, 4680.0, 4681.0, 4740.0),
        (7200.0, 9000.0, 9001.0, 9060.0),
    ]
    assert batch.windows["overlapped"].tolist() == [2, 0, 0]


def test_what_is_under_way_as_it_starts_is_in_it() -> None:
    """An exam of 15 min is cut off; without a lead it is not there."""
    long, out = [exam(-500.0, 9000)], span(A, REFUSES, end=10.0)
    hows = windows(out, long).faulted.attempts["how"].tolist()
    assert [HOWS[how] for how in hows] == ["reset", "ok"]
    assert not len(windows(out, long, lead=0.0).faulted.attempts)


def test_a_twin_asks_what_the_faulted_run_asks() -> None:
    """Questions from a keyed phase: the same ones, but for those in the outage."""
    asker = Station("asker", Asker(FIND, every=97.0, patience=40.0), timers=TIMERS)
    batch = windows(span(A, REFUSES, end=100.0), [], asker)
    assert batch.windows["closed"][0] < TEN + 300.0
    assert (batch.faulted.jobs["finished"] == batch.twin.jobs["finished"]).all()
    assert OUTCOMES.index("typed") in batch.faulted.jobs["outcome"]


def test_the_end_of_the_term_closes_it() -> None:
    """A job that comes back later; an outage that does not end; one that ends with the term."""
    line = modality(timers=replace(TIMERS, retry_count=0))
    out = span(A, REFUSES, end=90.0)
    late = windows(out, [exam(5.0)], line, horizon=TEN + 1000.5)
    assert bounds(late) == [(-1800.0, 0.0, 90.0, 1000.5)]
    assert late.windows["censored"].tolist() == [True]
    assert late.faulted.counts["parked"].tolist() == [[1]]
    endless = windows([(0.0, A, REFUSES)], [exam(5.0)], horizon=TEN + 500.0)
    assert bounds(endless) == [(-1800.0, 0.0, 500.0, 500.0)]
    assert endless.windows["censored"].tolist() == [True]
    short = windows(out, horizon=TEN + 119.0)
    assert bounds(short) == [(-1800.0, 0.0, 90.0, 119.0)]
    assert short.windows["censored"].tolist() == [True]


def test_it_does_not_begin_before_the_term() -> None:
    batch = windows(span(A, REFUSES, begin=60.0 - TEN, end=65.0 - TEN))
    assert batch.windows[["start", "divergence", "closed"]].tolist() == [(0.0, 60.0, 120.0)]


def test_a_term_without_divergences_has_none() -> None:
    batch = windows([(0.0, "member.b", REFUSES)])
    assert not len(batch.windows)
    assert batch.faulted.counts.shape == (0, 1)
    assert batch.twin.attempts_from.tolist() == [0]


def test_kind_and_root_are_those_of_the_first_divergence() -> None:
    times = ((10.0, "hung", "b.hang"), (700.0, "path", "core.fail"), (9000.0, "planned", ""))
    found = tuple(
        Divergence(TEN + at, TEN + at + 1.0, censored=False, kind=kind, root=root)
        for at, kind, root in times
    )
    line = Timeline.of(PAIR, ())
    made = TrafficWindows(
        ReferenceTraffic(TrafficTables(PAIR, (modality(),))),
        END,
        roots=("core.fail", "b.hang"),
        streams=Given(()),
    )
    (batch,) = made.batches([Passed(7, line, found)])
    assert batch.windows["term"].tolist() == [7, 7]
    assert [KINDS[kind] for kind in batch.windows["kind"]] == ["hung", "planned"]
    assert batch.windows["root"].tolist() == [1, -1]
    assert batch.windows["overlapped"].tolist() == [1, 0]


def test_slots_are_fed_once_and_in_order_from_the_begin() -> None:
    """An outage of three days; the window begins at half past nine."""
    given = Given([exam(3600.0 * k) for k in range(100)])
    batch = windows(
        span(A, REFUSES, end=3 * DAY), [], modality(), horizon=TEN + 9 * DAY, streams=given
    )
    assert given.asked == list(range(9, given.asked[-1] + 1))
    assert batch.windows["closed"][0] > TEN + 3 * DAY
    assert batch.faulted.counts["finished"][0] == batch.twin.counts["finished"][0] >= 73
    # At a full hour the slot before is asked too: its last place may round to the hour.
    given = Given(())
    windows(span(A, REFUSES, begin=1800.0, end=1801.0), [], streams=given)
    assert given.asked[0] == 9


class Offers(ReferenceTraffic):
    """A simulator with a function of its own for the minutes."""

    calls: list[tuple[float, float]]

    def meet(self, run: Any, twin: Any, first: float, last: float) -> float:
        self.calls.append((first, last))
        return meet(run, twin, first, last)


def test_a_simulator_may_look_by_itself() -> None:
    """It is asked for minutes one after another, by the hour, for which arrivals were fed."""
    Offers.calls = []
    line = modality(timers=replace(TIMERS, retry_count=0), by_hand=Deterministic(1e9))
    out = span(A, REFUSES, end=90.0)
    batch = windows(out, [exam(5.0)], line, simulator=Offers, horizon=TEN + 9000.0)
    assert batch.windows["censored"].tolist() == [True]
    calls = [(first - TEN, last - TEN) for first, last in Offers.calls]
    assert calls == [(120.0, 3600.0), (3660.0, 7200.0), (7260.0, 9000.0)]
    plain = windows(out, [exam(5.0)], line, horizon=TEN + 9000.0)
    assert plain.windows.tobytes() == batch.windows.tobytes()


class Leaky(ReferenceTraffic):
    """A simulator whose twins lose an exam on the way."""

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> Any:
        run = super().begin(timeline, start, key)
        if timeline.stays:
            right = run.log

            def wrong() -> Any:
                found = right()
                found.counts["stored"] -= 1
                return found

            run.log = wrong  # type: ignore[method-assign]
        return run


def test_every_run_is_looked_through() -> None:
    with pytest.raises(SimulationError, match=r"term 0, twin of the window until .*: station 0"):
        windows(span(A, REFUSES, end=1.0), [exam(-100.0)], simulator=Leaky)
