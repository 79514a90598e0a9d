"""One window as tables: bars, curves, minutes, marks and rows that were worked out by hand."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.traffic.arrivals import Opening
from pacsim.traffic.association_rows import association_rows
from pacsim.traffic.client_conditions import GROUP, POOL, ConditionChange, Conditions, Timeline
from pacsim.traffic.client_tables import (
    AGE,
    FREE,
    QUERY,
    RETRIEVE,
    STORE,
    WORKLIST,
    Asker,
    Dial,
    Forwarder,
    Operation,
    Reader,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.episode_curves import window_run
from pacsim.traffic.episode_lanes import Lane, condition_lanes
from pacsim.traffic.episode_marks import lateness, moments
from pacsim.traffic.logs import ATTEMPTS, JOBS, OK, REJECTED, STORED_SAFE
from pacsim.traffic.second_pass import Divergence
from tests.oracle.traffic.one_window import BEGAN, window
from tests.oracle.traffic.scenes import (
    BALANCED,
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
    SERVER_ONE,
    SILENT,
    TEN,
    TIMERS,
    UP,
    exam,
    modality,
    span,
    store,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.traffic.episode import Episode

HOUR = 3600.0
FAILOVER = [
    (0.0, "member.a", SILENT),
    (12.0, "owner", NOBODY),
    (30.0, "owner", 1),
]


def failover() -> Episode:
    """A host dies in the middle of an exam; the next one is finished after 20 s.

    Number 14 of the tests second by second: the first exam is reset at 51 s, goes on at 111 s and
    is stored at 122 s; the second one, of 10 items of 0.1 s, follows with a set-up of 1 s.
    """
    exams = [exam(-11.0), exam(20.0, items=10, size=1e8)]
    return window([modality()], exams, FAILOVER, [(0.0, 30.0, "host")], end=240.0)


def bars(lanes: tuple[Lane, ...], name: str) -> list[tuple[float, float, str, bool]]:
    """Return the spans of a bar, after ten."""
    lane = next(x for x in lanes if x.name == name)
    return [(x.start - TEN, x.end - TEN, x.state, x.usual) for x in lane.spans]


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def points(curve: tuple[np.ndarray, np.ndarray]) -> list[tuple[float, float]]:
    """Return the times, after ten, from which a number holds."""
    times, values = curve
    return [
        (round(t - TEN, 6), round(v, 9))
        for t, v in zip(times.tolist(), values.tolist(), strict=True)
    ]


def test_bars_are_the_conditions() -> None:
    found = failover().conditions
    assert [one.name for one in found] == ["a", "b", "address", "all paths (2)"]
    assert bars(found, "a") == [(-60.0, 0.0, "up", True), (0.0, 240.0, "silent", False)]
    assert bars(found, "address") == [
        (-60.0, 12.0, "a", True),
        (12.0, 30.0, "nobody", False),
        (30.0, 240.0, "b", True),
    ]
    assert bars(found, "all paths (2)") == [(-60.0, 240.0, "there", True)]


def test_clients_meet_silence_until_the_address_has_gone_over() -> None:
    (lane,) = failover().clients
    assert lane.name == "modality, s"
    assert bars((lane,), lane.name) == [
        (-60.0, 0.0, "served", True),
        (0.0, 30.0, "silent", False),
        (30.0, 240.0, "served", True),
    ]
    assert [t - TEN for t in lane.failures] == pytest.approx([51.0])


def test_the_queue_and_the_twins() -> None:
    (found,) = failover().modalities
    assert found.modality == "CT"
    queue = [(-60.0, 0.0), (-11.0, 1.0), (20.0, 2.0), (122.0, 1.0), (124.0, 0.0)]
    assert points(found.queue) == queue
    twin = [(-60.0, 0.0), (-11.0, 1.0), (10.0, 0.0), (20.0, 1.0), (22.0, 0.0)]
    assert points(found.twin_queue) == twin
    # 200 bytes, and 10 items of 100 MB.
    unsent = [(-60.0, 0.0), (-11.0, 2e-7), (20.0, 1.0000002), (122.0, 1.0), (124.0, 0.0)]
    assert points(found.unsent) == unsent


def test_operations_minute_by_minute() -> None:
    rows = failover().minutes
    assert (rows["start"] - TEN).tolist() == [-60.0, 0.0, 60.0, 120.0, 180.0]
    assert rows["failed"].tolist() == [0, 1, 0, 0, 0]
    # Stored 133 s and 104 s after they were finished, within 60 s asked for.
    assert rows["slow"].tolist() == [0, 0, 0, 2, 0]
    assert rows["served"].tolist() == [0, 0, 0, 0, 0]
    # At 60 s both wait for the next try; at 120 s one of them is being sent.
    assert rows["waiting"].tolist() == [0, 2, 1, 0, 0]


def test_marks() -> None:
    found = [(one.name, round(one.time - TEN, 6)) for one in failover().marks]
    assert found == [
        ("fault", 0.0),
        ("detected", 12.0),
        ("switched", 30.0),
        ("serving", 30.0),
        ("backlog gone", 124.0),
    ]
    exams = failover().exams
    assert (exams.late, exams.lost, exams.blocked) == (2, 0, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_the_backlog_is_gone_with_its_last_exam_in_any_order_of_rows(turned: bool) -> None:
    """Stored at 122 and 124 s; at 10 and 22 in the twin."""
    tables = TrafficTables(SERVER_ONE, (modality(),))
    jobs = np.zeros(2, dtype=JOBS)
    jobs["number"], jobs["outcome"], jobs["stored"] = (7, 8), STORED_SAFE, (122.0, 124.0)
    twin = jobs.copy()
    twin["stored"] = 10.0, 22.0
    rows = jobs[::-1] if turned else jobs
    runs = (window_run(tables, np.zeros(0, dtype=ATTEMPTS), x) for x in (rows, twin))
    assert lateness(tables, *runs) == (2, 0, 0, 124.0)


def test_late_is_over_a_minute() -> None:
    # Refused at 10 s, sent from 55 s on and stored at 76 s, 45 s later than in the twin.
    away = span("member.a", REFUSES, end=20.0)
    found = window(
        [modality(timers=replace(TIMERS, retry_every=45.0))],
        [exam(10.0)],
        away,
        [(0.0, 20.0, "process")],
        SERVER_ONE,
        end=240.0,
    )
    assert (found.exams.late, found.exams.gone) == (0, TEN + 76.0)
    assert found.marks[-1] == ("backlog gone", TEN + 76.0)


def test_the_window_itself() -> None:
    found = failover()
    assert (found.design, found.seed, found.term) == ("by hand", 1, 3)
    assert (found.kind, found.root, found.overlapped) == ("host", "root", 0)
    assert [x - TEN for x in (found.start, found.fault, found.end)] == [-60.0, 0.0, 240.0]
    assert str(found.when(found.fault)) == "2027-01-01 10:00:00"


def test_rows_of_the_csv_are_the_logs(tmp_path: Path) -> None:
    found = failover()
    found.to_csv(tmp_path / "window.csv")
    rows = read(tmp_path / "window.csv")
    told = [
        (one["station"], one["client"], one["operation"], one["member"], one["how"], one["try"])
        for one in rows
    ]
    assert told == [
        ("CT-1", "modality", "store", "a", "reset", "0"),
        ("CT-1", "modality", "store", "b", "ok", "1"),
        ("CT-1", "modality", "store", "b", "ok", "0"),
    ]
    times = [[float(one[x]) - TEN for x in ("start", "end", "twin_end")] for one in rows]
    assert times == [
        pytest.approx([-11.0, 51.0, 10.0]),
        pytest.approx([111.0, 122.0, 10.0]),
        pytest.approx([122.0, 124.0, 22.0]),
    ]
    assert [int(one["items"]) for one in rows] == [100, 100, 10]
    assert [float(one["bytes"]) for one in rows] == [100.0, 100.0, 1e9]
    assert rows[1]["date"] == "2027-01-01 10:01:51.000"
    frame = found.to_frame()
    assert len(frame) == 3
    assert list(frame.columns) == list(rows[0])[1:]


def test_what_the_twin_never_served_has_no_end_there() -> None:
    tables = TrafficTables(SERVER_ONE, (modality(),))
    own, twin = (np.zeros(1, dtype=ATTEMPTS) for _ in range(2))
    own["end"], own["how"], twin["end"], twin["how"] = 5.0, OK, 4.0, REJECTED
    assert math.isnan(association_rows(tables, own, twin)["twin_end"][0])
    twin["how"] = OK
    assert association_rows(tables, own, twin)["twin_end"][0] == 4.0


def test_what_is_open_has_no_end(tmp_path: Path) -> None:
    found = window([modality()], [exam(-11.0)], FAILOVER, [(0.0, 30.0, "host")], end=120.0)
    found.to_csv(tmp_path / "window.csv")
    rows = read(tmp_path / "window.csv")
    assert [(one["how"], one["end"] == "") for one in rows] == [("reset", False), ("open", True)]
    assert found.modalities[0].queue.at(TEN + 119.0) == 1.0
    # It is late, and not yet gone.
    assert found.exams.late == 1
    assert "backlog gone" not in [one.name for one in found.marks]


# When jobs are over that are not stored


def test_an_overwritten_exam_leaves_the_queue_when_the_next_one_is_finished() -> None:
    """Number 22: three exams of 4 GB on a disk of 10 GB, of which the oldest goes first."""
    client = modality("DBT-1", buffer=10e9, deletes=AGE)
    exams = [exam(at * HOUR, items=4000, size=1e6) for at in (0.0, 1.0, 2.0)]
    away = span("member.a", SILENT, end=3 * HOUR)
    found = window(
        [client], exams, away, [(0.0, 3 * HOUR, "host")], SERVER_ONE, end=5 * HOUR, lead=0.0
    )
    (one,) = found.modalities
    assert [one.queue.at(TEN + at * HOUR) for at in (0.5, 1.5, 2.5)] == [1.0, 2.0, 2.0]
    assert one.unsent.at(TEN + 2.5 * HOUR) == pytest.approx(8.0)
    assert one.unsent.values[-1] == 0.0
    assert (found.exams.late, found.exams.lost) == (2, 1)


def test_a_forgotten_exam_leaves_the_queue_when_it_is_parked() -> None:
    # Refused at 0, 60 and 120 s: then nobody sends it again.
    client = modality(timers=replace(TIMERS, retry_count=2), forgotten=1.0)
    away = span("member.a", REFUSES, end=600.0)
    found = window([client], [exam(0.0)], away, [(0.0, 600.0, "process")], SERVER_ONE, end=900.0)
    (one,) = found.modalities
    assert points(one.queue) == [(-60.0, 0.0), (0.0, 1.0), (120.0, 0.0)]
    assert (found.exams.late, found.exams.lost) == (0, 1)
    assert found.marks[-1].name == "serving"
    assert [x.time - TEN for x in found.marks if x.name == "backlog gone"] == [120.0]


def test_a_blocked_exam_never_waits() -> None:
    # 200 bytes fit, 400 do not; in the twin the first one is stored at 21 s.
    away = span("member.a", REFUSES, end=600.0)
    exams = [exam(0.0), exam(30.0)]
    found = window(
        [modality(buffer=300.0)],
        exams,
        away,
        [(0.0, 600.0, "process")],
        SERVER_ONE,
        end=900.0,
    )
    (one,) = found.modalities
    assert one.queue.values.max() == 1.0
    assert found.minutes["waiting"].max() == 1
    assert (found.exams.late, found.exams.lost, found.exams.blocked) == (1, 0, 1)


def test_an_exam_waits_until_its_router_has_stored_it() -> None:
    # At 1 s + 20 s the router has it; the archive refuses until 90 s and is asked again at 81, 141.
    hop = Operation(STORE, (Work(0.1),), association=1.0, target=FREE)
    client = modality(store=hop, router=1)
    router = Station("edge", Forwarder(store(1)), timers=TIMERS)
    away = span("member.a", REFUSES, end=90.0)
    found = window(
        [client, router], [exam(0.0)], away, [(0.0, 90.0, "process")], SERVER_ONE, end=300.0
    )
    (one,) = found.modalities
    assert points(one.queue) == [(-60.0, 0.0), (0.0, 1.0), (162.0, 0.0)]
    assert points(one.twin_queue) == [(-60.0, 0.0), (0.0, 1.0), (42.0, 0.0)]
    # What modalities ask never fails, so there is nothing to show of them.
    assert [(x.name, [round(t - TEN, 6) for t in x.failures]) for x in found.clients] == [
        ("router, s", [21.0, 81.0])
    ]
    assert found.minutes["waiting"].tolist() == [0, 1, 1, 0, 0, 0]


def test_a_typed_question_is_over_when_its_patience_is() -> None:
    ask = Operation(WORKLIST, (Work(0.1),), association=0.0)
    asker = Station(
        "worklist-CT-1",
        Asker(ask, every=600.0, patience=100.0),
        timers=replace(TIMERS, retry_every=40.0),
    )
    away = span("member.a", REFUSES, end=700.0)
    found = window([asker], [], away, [(0.0, 700.0, "process")], SERVER_ONE, end=1200.0)
    first = min(x for x in found.associations["start"] if x >= TEN) - TEN
    asked = found.associations[found.associations["how"] == "refused"]["start"] - TEN
    # Tries at 0, 40 and 80 s after its time; its patience of 100 s is over before the next.
    tries = [x for x in asked if x < first + 600.0]
    assert tries == pytest.approx([first, first + 40.0, first + 80.0])
    rows = found.minutes
    over = (rows["start"] + 60.0 - TEN) > first + 100.0
    before = (rows["start"] + 60.0 - TEN) >= first
    waits = before & ~over & (rows["start"] < TEN + 600.0)
    assert waits.any()
    assert (rows["waiting"][waits] == 1).all()
    between = over & (rows["start"] + 60.0 - TEN < first + 600.0)
    assert (rows["waiting"][between] == 0).all()


def test_openings_that_are_slow_or_wait() -> None:
    """A query of 1 s, then a study of 20 items of 0.1 s; first image within 3 s.

    Asked at 0 while the archive refuses until 25 s: tries at 0, 10, 20, 30 s. The query is over at
    31 s, 31 s after its first try; the first image comes at 31.1 s.
    """
    does = Reader(
        (),
        Operation(QUERY, (Work(1.0),), setups=0),
        Operation(RETRIEVE, (Work(0.1),), setups=0),
        patience=300.0,
    )
    reader = Station("reader-1", does, timers=Timers(retry_every=10.0))
    studies = ((20, 1.0), (20, 1.0))
    opening = Opening(TEN, 0, 10, 0, 1, studies)
    later = Opening(TEN + 120.0, 0, 10, 1, 1, studies)
    # It waits 4.5 s for the one before, as in the twin: it is no later than another.
    behind = Opening(TEN + 120.5, 0, 10, 2, 1, studies)
    away = span("member.a", REFUSES, end=25.0)
    found = window(
        [reader], [opening, later, behind], away, [(0.0, 25.0, "process")], SERVER_ONE, end=180.0
    )
    rows = found.minutes
    assert (rows["start"] - TEN).tolist() == [-60.0, 0.0, 60.0, 120.0]
    assert rows["failed"].tolist() == [0, 3, 0, 0]
    # The query and the current study; the prior has no target.
    assert rows["slow"].tolist() == [0, 2, 0, 0]
    assert rows["served"].tolist() == [0, 1, 0, 6]
    assert [one.name for one in found.marks] == ["fault", "serving"]
    assert found.modalities == ()


# What pools, moves and paths look like


def test_a_pool_serves_some_until_a_member_is_taken_off_the_list() -> None:
    changes = [(0.0, "member.a", HUNG), (5.0, "listed.a", 0), (100.0, "member.a", UP)]
    changes += [(104.0, "listed.a", 1)]
    found = window(
        [modality()],
        [],
        changes,
        [(0.0, 104.0, "hung")],
        BALANCED,
        end=180.0,
        dial=Dial(),
    )
    assert bars(found.clients, "modality, s") == [
        (-60.0, 0.0, "served", True),
        (0.0, 5.0, "some served", False),
        (5.0, 180.0, "served", True),
    ]
    assert bars(found.conditions, "list: a") == [
        (-60.0, 5.0, "in", True),
        (5.0, 104.0, "out", False),
        (104.0, 180.0, "in", True),
    ]
    marks = [(one.name, one.time - TEN) for one in found.marks]
    assert marks == [("fault", 0.0), ("detected", 5.0), ("serving", 104.0)]


def test_what_a_pool_is_to_clients() -> None:
    changes = [
        (0.0, "member.a", REFUSES), (0.0, "member.b", REFUSES),
        (10.0, "listed.a", 0), (20.0, "listed.b", 0),
        (30.0, "member.a", UP), (30.0, "listed.a", 1),
        (40.0, "holder", -1), (50.0, "holder", 1), (60.0, "front.s.h2", 0), (70.0, "front.s.h2", 1),
        (80.0, "back.h2.a", 0),
    ]  # fmt: skip
    found = window(
        [modality()], [], changes, [(0.0, 90.0, "process")], BALANCED, end=120.0, dial=Dial()
    )
    assert [(x[0], x[2]) for x in bars(found.clients, "modality, s")] == [
        (-60.0, "served"),
        (0.0, "refuses"),
        (20.0, "nobody listed"),
        (30.0, "served"),
        (40.0, "silent"),
        (50.0, "served"),
        (60.0, "silent"),
        (70.0, "served"),
        (80.0, "silent"),
    ]
    names = [one.name for one in found.conditions]
    ways = ["s to h2", "h2 to a", "other paths (4)"]
    assert names == ["a", "b", "list: a", "list: b", "address", "h1", "h2", *ways]


def test_a_planned_move_is_none_that_was_detected() -> None:
    changes = [
        (0.0, "owner", MOVING),
        (40.0, "owner", 1),
        (300.0, "owner", NOBODY),
        (310.0, "owner", 0),
    ]
    found = window(
        [modality()], [], changes, [(0.0, 40.0, "planned"), (290.0, 310.0, "host")], end=400.0
    )
    assert [(one.name, one.time - TEN) for one in found.marks] == [
        ("planned", 0.0), ("switched", 40.0), ("serving", 40.0),
        ("fault 2", 290.0), ("detected 2", 300.0), ("switched 2", 310.0), ("serving 2", 310.0),
    ]  # fmt: skip
    assert [x[2] for x in bars(found.clients, "modality, s")] == [
        "served", "planned move", "served", "silent", "served",
    ]  # fmt: skip


def test_a_divergence_that_the_term_cut_off_is_never_serving() -> None:
    pair = Conditions(GROUP, ("a", "b"), ("s",))
    line = Timeline.of(pair, [ConditionChange(5.0, "member.a", SILENT)])
    found = moments(pair, line, [Divergence(5.0, 9.0, True, "host", "a")])
    assert [tuple(one) for one in found] == [("fault", 5.0)]


def test_ways_that_are_always_there_share_a_bar() -> None:
    pool = Conditions(POOL, ("a", "b"), ("s", "t"))
    changes = [ConditionChange(5.0, "path.t.b", 0), ConditionChange(6.0, "member.a", SILENT)]
    line = Timeline.of(pool, changes)
    names = [one.name for one in condition_lanes(pool, line, 0.0, 9.0)]
    assert names == ["a", "b", "t to b", "list: a", "list: b", "other paths (3)"]
    # A change after the window is none in it.
    whole = [one.spans for one in condition_lanes(pool, line, 0.0, 4.0)]
    assert {(spans[0].start, spans[0].end, len(spans)) for spans in whole} == {(0.0, 4.0, 1)}
    # Before the change, and for one way.
    assert condition_lanes(pool, line, 0.0, 4.0)[-1].name == "all paths (4)"
    one = condition_lanes(SERVER_ONE, Timeline.of(SERVER_ONE), 0.0, 4.0)
    assert [x.name for x in one] == ["a", "path"]
    assert math.isclose(one[1].spans[0].end, 4.0)


def test_the_origin_is_said() -> None:
    assert failover().began == BEGAN
