"""Exams through faults, to the second: numbers 1 to 22 of the rules' tests.

The client: set-up 1 s, connect and associate 30 s, response 60 s, a retry every 60 s, which sends
what is missing; 200 items of 0.1 s alone. It is asked at 09:59:49, so that items run from 09:59:50
and half of them are done at 10:00:00; without a fault it is over at 10:00:10.
"""

from __future__ import annotations

import pytest

from pacsim.traffic.client_tables import (
    AGE,
    COMMITTED,
    FIRST,
    NONE,
    REJECTS,
    ROUND_ROBIN,
    STUDY,
    WAITS,
    Dial,
    Limit,
)
from tests.oracle.traffic.scenes import (
    BALANCED,
    ERRORING,
    FAR,
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
    SERVER_ONE,
    SILENT,
    TIMERS,
    UP,
    Seen,
    exam,
    failed,
    modality,
    over,
    run,
    single,
    span,
)

A = "member.a"
PATH = "path.s.a"


def test_without_a_fault() -> None:
    over(single(), 10.0, 1)


def test_1_a_process_that_is_gone() -> None:
    seen = single(span(A, REFUSES, end=90.0))
    over(seen, 131.0, 3)
    failed(seen, 0.0, 60.0)
    # Half of it was acknowledged, and is sent once.
    assert [items for *_, items in seen.attempts()] == [100, 0, 100]
    assert seen.log.jobs["sent"].tolist() == [200.0]


def test_2_the_whole_study_again() -> None:
    seen = single(span(A, REFUSES, end=90.0), resend=STUDY)
    over(seen, 141.0, 3)
    assert seen.log.jobs["sent"].tolist() == [300.0]


@pytest.mark.parametrize("begin", [0.0, 0.05])
def test_3_a_host_that_is_silent(begin: float) -> None:
    # Sees: a response timer that starts at the fault; an item that is lost by rounding.
    seen = single(span(A, SILENT, begin=begin, end=90.0))
    failed(seen, 60.0)
    over(seen, 131.0, 2)


def test_4_a_host_that_comes_back_without_its_process() -> None:
    seen = single([(0.05, A, SILENT), (20.0, A, REFUSES), (40.0, A, UP)])
    failed(seen, 25.4)
    over(seen, 96.4, 2)


def test_5_a_process_that_hangs_and_is_started_again() -> None:
    seen = single([(0.0, A, HUNG), (30.0, A, REFUSES), (40.0, A, UP)])
    failed(seen, 30.0)
    over(seen, 101.0, 2)


def test_6_a_process_that_hangs_for_long() -> None:
    seen = single(span(A, HUNG, end=200.0))
    failed(seen, 60.0, 150.0)
    assert [how for _, _, how, _ in seen.attempts()] == ["response", "associate", "ok"]
    over(seen, 221.0, 3)


def test_7_a_path_that_is_cut_and_heals() -> None:
    over(single(span(PATH, 0, end=20.0)), 35.4, 1)


def test_8_a_path_that_is_cut_for_longer_than_the_timer() -> None:
    seen = single(span(PATH, 0, end=70.0))
    failed(seen, 60.0)
    over(seen, 131.0, 2)


def test_9_a_path_that_heals_for_one_without_a_timer() -> None:
    over(single(span(PATH, 0, end=500.0), response=NONE), 574.6, 1)


def test_10_a_silent_peer_is_given_up() -> None:
    seen = single(span(A, SILENT, end=2000.0), response=NONE)
    failed(seen, 924.6, *(1014.6 + 90.0 * k for k in range(12)))
    assert {how for _, _, how, _ in seen.attempts()[1:-1]} == {"connect"}
    over(seen, 2075.6, 14)


def test_11_a_connection_to_a_silent_peer() -> None:
    over(single(span(A, SILENT, end=10.0), at=5.0), 33.0, 1)
    seen = single(span(A, SILENT, end=30.0), at=5.0)
    failed(seen, 35.0)
    over(seen, 116.0, 2)


def test_12_a_member_that_answers_with_errors() -> None:
    seen = single(span(A, ERRORING, end=100.0))
    failed(seen, 0.0, 61.1)
    assert [items for *_, items in seen.attempts()] == [100, 0, 100]
    over(seen, 132.1, 3)


def test_13_a_planned_move() -> None:
    seen = single([(0.0, "owner", MOVING), (134.0, "owner", 1)])
    failed(seen, 0.0, 90.0)
    over(seen, 161.0, 3)


def test_14_an_address_that_moves_when_its_owner_is_silent() -> None:
    seen = single([(0.0, A, SILENT), (12.0, "owner", NOBODY), (30.0, "owner", 1)])
    failed(seen, 51.0)
    over(seen, 122.0, 2)


def test_15_a_job_that_is_parked() -> None:
    seen = single(span(A, REFUSES, begin=-1.0, end=1000.0), at=0.0, retry_count=2)
    failed(seen, 0.0, 60.0, 120.0)
    over(seen, 1941.0, 4)
    assert seen.log.jobs["parked"].tolist() == [1]


def balanced(changes: list[tuple[float, str, int]], **dial: object) -> Seen:
    """Run ten items, asked at 0, through a balancer."""
    return single(
        changes,
        at=0.0,
        items=10,
        conditions=BALANCED,
        dial=Dial(**dial),  # type: ignore[arg-type]
    )


def test_16_a_balancer_dials_again() -> None:
    refusing = span(A, REFUSES, begin=-1.0, end=2.5)
    over(balanced(refusing, mode=FIRST, retries=3), 5.0, 1)
    seen = balanced(refusing, mode=FIRST, retries=2)
    failed(seen, 2.0)
    assert seen.attempts()[0][2:] == ("dials", 0)


GONE = [(-1.0, A, REFUSES)]


def test_17_a_balancer_goes_to_another_member() -> None:
    over(balanced(GONE, mode=ROUND_ROBIN, redispatch=True), 2.0, 1)
    out = [*GONE, (1.5, "listed.a", 0)]
    over(balanced(out, mode=FIRST, redispatch=True), 4.0, 1)


def test_18_without_redispatch_the_same_member_is_dialled() -> None:
    seen = balanced([*GONE, (1.5, "listed.a", 0)], mode=FIRST, retries=3)
    failed(seen, 3.0)
    over(seen, 65.0, 2)


def test_19_a_balancer_dials_a_silent_member() -> None:
    silent = [(-1.0, A, SILENT), (12.0, "listed.a", 0)]
    seen = balanced(silent, retries=0)
    failed(seen, 5.0)
    over(seen, 67.0, 2)
    over(balanced(silent, retries=3, redispatch=True), 7.0, 1)


def test_20_nobody_is_listed() -> None:
    nobody = [(-1.0, f"listed.{m}", 0) for m in "ab"] + [(130.0, "listed.a", 1)]
    seen = balanced(nobody)
    failed(seen, 0.0, 60.0, 120.0)
    assert seen.attempts()[0][2] == "nobody"
    over(seen, 182.0, 4)


@pytest.mark.parametrize(
    ("way", "expected", "fails"), [(REJECTS, (68.0, 2), [6.0]), (WAITS, (13.0, 1), [])]
)
def test_21_one_association_at_a_time(
    way: str, expected: tuple[float, int], fails: list[float]
) -> None:
    seen = run(
        [modality("CT-1"), modality("CT-2")],
        [exam(0.0, 100), exam(5.0, 10, station=1)],
        limits=(Limit(1, way), None),
    )
    over(seen, 11.0, 1)
    over(seen, *expected, station=1)
    failed(seen, *fails, station=1)


@pytest.mark.parametrize(
    ("deletes", "outcomes"),
    [
        (COMMITTED, ["blocked", "stored", "stored"]),
        (AGE, ["lost-overwritten", "stored", "stored"]),
    ],
)
def test_22_a_buffer_that_is_full(deletes: str, outcomes: list[str]) -> None:
    exams = [exam(3600.0 * k, 1, size=4e9) for k in range(3)]
    seen = run(
        [modality(buffer=1e10, deletes=deletes)],
        exams,
        span(A, SILENT, begin=-1.0, end=3 * 3600.0),
    )
    assert seen.outcomes() == outcomes
    rows = seen.log.jobs
    missing = rows["finished"][rows["outcome"] != 0] - exams[0].time
    assert missing.tolist() == [7200.0 if deletes == COMMITTED else 0.0]


def test_the_set_up_of_the_tests_is_what_they_say() -> None:
    assert (TIMERS.connect, TIMERS.associate, TIMERS.response) == (30.0, 30.0, 60.0)
    over(single(conditions=SERVER_ONE), 10.0, 1)
    assert FAR > 2100.0
