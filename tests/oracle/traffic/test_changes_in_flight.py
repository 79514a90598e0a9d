"""One scenario for each cell of what is in flight and what changes (T13).

The client of `test_second_by_second`. S is asked at 0 for 10 items: its set-up is over at 1, the
items at 2. R is asked at 0 for one item and has a release of 1 s, which runs from 1.1 to 2.1.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacsim.traffic.client_conditions import GROUP, Conditions
from pacsim.traffic.client_tables import FIRST, NONE, WAITS, Dial, Limit
from tests.oracle.traffic.scenes import (
    BALANCED,
    ERRORING,
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
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
    store,
)
from tests.oracle.traffic.test_clients import opening, reader

A = "member.a"
PATH = "path.s.a"
Changes = list[tuple[float, str, int]]

ITEMS: dict[str, tuple[Changes, list[float], float]] = {
    "silent host": (span(A, SILENT, end=20.0), [25.4], 96.4),
    "hung, up": (span(A, HUNG, end=30.0), [30.0], 101.0),
    "hung, cut, hung, up": (
        [(0.0, A, HUNG), *span(PATH, 0, begin=5.0, end=10.0), (40.0, A, UP)],
        [40.0],
        111.0,
    ),
    "hung, restarted while cut": (
        [(0.0, A, HUNG), *span(PATH, 0, begin=5.0, end=20.0), (10.0, A, UP)],
        [25.4],
        96.4,
    ),
    "cut, hung, met at a retransmission, up": (
        [*span(PATH, 0, end=20.0), (10.0, A, HUNG), (50.0, A, UP)],
        [50.0],
        121.0,
    ),
    "hung, the member silent, hung, up": (
        # The member itself was away: a new one knows no old session.
        [(0.0, A, HUNG), (5.0, A, SILENT), (10.0, A, HUNG), (12.0, A, UP)],
        [12.6],
        83.6,
    ),
    "cut, erroring": (
        [*span(PATH, 0, end=20.0), (10.0, A, ERRORING), (60.0, A, UP)],
        [25.4],
        96.4,
    ),
    "nobody, then another one that is silent": (
        [
            *((0.0, A, SILENT), (12.0, "owner", NOBODY), (30.0, "owner", 1)),
            *span("member.b", SILENT, end=60.0),
        ],
        [60.0],
        131.0,
    ),
    "nobody, then the same": ([(0.0, "owner", NOBODY), (20.0, "owner", 0)], [], 35.4),
    "another one at once": ([(0.0, "owner", 1)], [0.0], 71.0),
    "nobody and another one at one moment": (
        [(0.0, "owner", NOBODY), (0.0, "owner", 1)],
        [0.0],
        71.0,
    ),
    "another one while the path to the old one is cut": (
        # The last response came at -0.1, when 99 items were done.
        [*span(PATH, 0, begin=-0.05, end=20.0), (0.0, "owner", 1)],
        [0.1],
        71.2,
    ),
    "silent, then a planned move": (
        [(0.0, A, SILENT), (5.0, "owner", MOVING), (10.0, "owner", 1)],
        [5.0],
        76.0,
    ),
    "hung, then a planned move": (
        [(0.0, A, HUNG), (5.0, "owner", MOVING), (10.0, "owner", 1)],
        [5.0],
        76.0,
    ),
    "silent again before the retransmission": (
        [*span(PATH, 0, end=13.0), *span(PATH, 0, begin=20.0, end=30.0)],
        [],
        61.0,
    ),
    "gone and back at one moment": ([(0.0, A, SILENT), (0.0, A, UP)], [0.0], 71.0),
    "cut and healed at one moment": ([(0.0, PATH, 0), (0.0, PATH, 1)], [], 10.0),
    "erroring to refusing": (
        [(0.0, A, ERRORING), (61.05, A, REFUSES), (90.0, A, UP)],
        [0.0, 61.05],
        132.05,
    ),
}


@pytest.mark.parametrize("name", ITEMS)
def test_items(name: str) -> None:
    changes, fails, end = ITEMS[name]
    seen = single(changes)
    failed(seen, *fails)
    over(seen, end, len(fails) + 1)


def test_erroring_and_mended_before_the_retransmission() -> None:
    over(single([*span(PATH, 0, end=20.0), (10.0, A, ERRORING), (22.0, A, UP)]), 35.4, 1)


SET_UP: dict[str, tuple[Changes, list[float], float]] = {
    "refuses": (span(A, REFUSES, begin=0.5, end=30.0), [0.5], 62.5),
    "cut": (span(PATH, 0, begin=0.5, end=2.0), [], 4.5),
    "silent host": (span(A, SILENT, begin=0.5, end=2.0), [3.0], 65.0),
    "hung": (span(A, HUNG, begin=0.5, end=40.0), [30.0], 92.0),
    "hung, restarted": (span(A, HUNG, begin=0.5, end=20.0), [20.0], 82.0),
    "erroring": (span(A, ERRORING, begin=0.5, end=50.0), [1.1], 63.1),
    "erroring, mended": (span(A, ERRORING, begin=0.5, end=1.05), [], 2.0),
    "erroring while cut": (
        [*span(PATH, 0, begin=0.5, end=2.0), (1.0, A, ERRORING), (50.0, A, UP)],
        [3.6],
        65.6,
    ),
    "planned move": ([(0.5, "owner", MOVING), (40.0, "owner", 1)], [0.5], 62.5),
    "another one at once": ([(0.5, "owner", 1)], [0.5], 62.5),
    "hung from before": (span(A, HUNG, begin=-5.0, end=10.0), [10.0], 72.0),
}


@pytest.mark.parametrize("name", SET_UP)
def test_set_up(name: str) -> None:
    changes, fails, end = SET_UP[name]
    seen = single(changes, at=0.0, items=10)
    failed(seen, *fails)
    over(seen, end, len(fails) + 1)


CONNECT: dict[str, tuple[Changes, list[float], float]] = {
    "silent, then refusing": (
        [(-1.0, A, SILENT), (2.0, A, REFUSES), (10.0, A, UP)],
        [3.0],
        65.0,
    ),
    "silent, then hung": ([(-1.0, A, SILENT), (2.0, A, HUNG), (60.0, A, UP)], [33.0], 95.0),
    "silent, then up": ([(-1.0, A, SILENT), (2.0, A, UP)], [], 5.0),
    "nobody, then another one": ([(-1.0, "owner", NOBODY), (2.0, "owner", 1)], [], 5.0),
    "in the midst of a planned move": ([(-1.0, "owner", MOVING), (6.0, "owner", 1)], [], 9.0),
    "refusing between two requests": (
        [(-1.0, A, SILENT), (1.5, A, REFUSES), (2.5, A, UP)],
        [],
        5.0,
    ),
}


@pytest.mark.parametrize("name", CONNECT)
def test_connect(name: str) -> None:
    changes, fails, end = CONNECT[name]
    seen = single(changes, at=0.0, items=10)
    failed(seen, *fails)
    over(seen, end, len(fails) + 1)


def test_connect_without_a_timer_is_given_up() -> None:
    seen = single([(-1.0, A, SILENT), (130.0, A, UP)], at=0.0, items=10, connect=NONE)
    failed(seen, 127.0)
    over(seen, 189.0, 2)


RELEASE: dict[str, tuple[Changes, float]] = {
    "nothing": ([], 2.1),
    "refuses": (span(A, REFUSES, begin=1.5, end=1.6), 1.5),
    "cut": (span(PATH, 0, begin=1.5, end=2.0), 3.1),
    "silent host": (span(A, SILENT, begin=1.5, end=2.0), 2.5),
    "hung": (span(A, HUNG, begin=1.5, end=10.0), 10.0),
    "hung for long": (span(A, HUNG, begin=1.5, end=100.0), 31.1),
    "cut for long": (span(PATH, 0, begin=1.5, end=40.0), 31.1),
    "erroring": (span(A, ERRORING, begin=1.5, end=60.0), 2.1),
    "planned move": ([(1.5, "owner", MOVING), (40.0, "owner", 1)], 1.5),
    "another one": ([(1.5, "owner", 1)], 1.5),
}


def released(seen: Seen) -> float:
    """Return when the next exam of the station, which waits behind the first, begins."""
    over_first, _ = seen.ends()[0]
    assert over_first == pytest.approx(1.1)
    return seen.attempts()[1][0]


def behind(changes: Changes, missed_reset: float = 0.0, release: float = 30.0) -> Seen:
    """Run R, and another exam behind it."""
    station = modality(store=store(release_takes=1.0), timers=replace(TIMERS, release=release))
    return run([station], [exam(0.0, 1), exam(0.5, 1)], changes, missed_reset=missed_reset)


@pytest.mark.parametrize("name", RELEASE)
def test_release(name: str) -> None:
    # Sees: a release whose failure takes its result back.
    changes, free = RELEASE[name]
    seen = behind(changes)
    assert seen.attempts()[0][2] == "ok"
    assert released(seen) == pytest.approx(free)


def test_a_release_that_misses_the_reset() -> None:
    assert released(behind(RELEASE["refuses"][0], missed_reset=1.0)) == pytest.approx(31.1)
    # A restart and a planned move are heard.
    assert released(behind(RELEASE["hung"][0], missed_reset=1.0)) == pytest.approx(10.0)
    assert released(behind(RELEASE["planned move"][0], missed_reset=1.0)) == pytest.approx(1.5)


def test_a_release_without_a_timer() -> None:
    assert released(behind(RELEASE["hung for long"][0], release=NONE)) == pytest.approx(100.0)
    gone = span(PATH, 0, begin=1.5, end=2000.0)
    assert released(behind(gone, release=NONE)) == pytest.approx(1.1 + 924.6)


def dialled(changes: Changes, **dial: object) -> Seen:
    """Run S through a balancer."""
    given = {"mode": FIRST, **dial}
    return single(
        changes,
        at=0.0,
        items=10,
        conditions=BALANCED,
        dial=Dial(**given),  # type: ignore[arg-type]
    )


OUT_B: Changes = [(-2.0, "listed.b", 0)]


def test_dial_meets_what_heals() -> None:
    over(dialled([*OUT_B, *span("back.h1.a", 0, begin=-1.0, end=2.0)]), 5.0, 1)


def test_dial_meets_a_refusal() -> None:
    seen = dialled([*OUT_B, (-1.0, A, SILENT), (2.0, A, REFUSES), (5.0, A, UP)], retries=0)
    failed(seen, 3.0)
    assert seen.attempts()[0][2] == "dials"


def test_dial_goes_on_when_its_member_is_delisted() -> None:
    seen = dialled([(-1.0, A, SILENT), (2.0, "listed.a", 0)], redispatch=True)
    over(seen, 7.0, 1)


def test_dials_end_when_another_holds_the_address() -> None:
    seen = dialled([*OUT_B, (-1.0, A, REFUSES), (0.5, "holder", 1), (10.0, A, UP)], retries=3)
    failed(seen, 0.6)
    assert seen.attempts()[0][2] == "reset"


def test_dials_end_when_nobody_holds_the_address() -> None:
    # The retransmission at 3.0 meets the new holder; the associate timer goes on meanwhile.
    changes = [*OUT_B, (-1.0, A, REFUSES), (0.5, "holder", NOBODY), (2.0, "holder", 1)]
    failed(dialled([*changes, (10.0, A, UP)]), 3.0)
    forever = dialled([*OUT_B, (-1.0, A, SILENT), (0.5, "holder", NOBODY), (40.0, "holder", 1)])
    assert forever.attempts()[0][1:3] == (30.0, "associate")


def test_dials_and_the_associate_timer() -> None:
    seen = dialled([*OUT_B, (-1.0, A, SILENT), (45.0, A, UP)], connect=20.0, retries=3)
    failed(seen, 30.0)
    assert seen.attempts()[0][2] == "associate"


def test_dials_whose_client_is_cut_off() -> None:
    # They fail at 3; the client hears of it at 6.2, or sets up when it is reached again.
    cut = span("front.s.h1", 0, begin=0.5, end=5.0)
    failed(dialled([*OUT_B, (-1.0, A, REFUSES), (10.0, A, UP), *cut], retries=3), 6.2)
    over(dialled([*OUT_B, *span(A, REFUSES, begin=-1.0, end=0.7), *cut], retries=3), 9.2, 1)


def test_a_session_whose_holder_dies() -> None:
    changes = [(0.0, "holder.h1", SILENT), (3.0, "holder", 1)]
    seen = single(changes, conditions=BALANCED, dial=Dial(mode=FIRST))
    failed(seen, 3.0)
    assert seen.attempts()[0][3] == 100


def test_a_session_of_a_member_that_is_delisted_lives() -> None:
    over(single([(0.0, "listed.a", 0)], conditions=BALANCED, dial=Dial(mode=FIRST)), 10.0, 1)


def two(changes: Changes, conditions: Conditions, site: int = 0) -> Seen:
    """Run 100 items from 0, and 10 at 5 of another station, with one place for both."""
    return run(
        [modality("CT-1"), modality("CT-2", site=site)],
        [exam(0.0, 100), exam(5.0, 10, station=1)],
        changes,
        conditions,
        limits=(Limit(1, WAITS), None),
    )


def test_who_waits_for_a_place_is_reset() -> None:
    seen = two(span(A, REFUSES, begin=8.0, end=9.0), Conditions(GROUP, ("a", "b"), ("s",)))
    failed(seen, 8.0)
    failed(seen, 8.0, station=1)
    assert seen.attempts()[0][3] == 70
    over(seen, 72.0, 2)
    over(seen, 74.0, 2, station=1)


def test_who_waits_for_a_place_and_is_cut_off_is_passed_over() -> None:
    far = Conditions(GROUP, ("a", "b"), ("s", "far"))
    seen = two(span("path.far.a", 0, begin=8.0, end=12.0), far, site=1)
    over(seen, 11.0, 1)
    over(seen, 19.6, 1, station=1)


def test_who_is_passed_over_does_not_hold_up_those_behind() -> None:
    far = Conditions(GROUP, ("a", "b"), ("s", "far"))
    seen = run(
        [modality("CT-1"), modality("CT-2", site=1), modality("CT-3")],
        [exam(0.0, 100), exam(5.0, 10, station=1), exam(6.0, 10, station=2)],
        span("path.far.a", 0, begin=8.0, end=12.0),
        far,
        limits=(Limit(1, WAITS), None),
    )
    over(seen, 13.0, 1, station=2)
    over(seen, 19.6, 1, station=1)


def test_who_waits_does_not_get_the_place_of_one_that_goes_with_it() -> None:
    """A retrieval without a set-up waits at 8, when the host dies: its associate timer ends it."""
    # Sees: places that are offered before those that wait have looked.
    seen = run(
        [modality("CT-1"), reader()],
        [exam(0.0, 100), opening(5.0, 0, (10, 1.0))._replace(station=1)],
        span(A, SILENT, begin=8.0, end=100.0),
        limits=(Limit(1, WAITS), None),
    )
    assert seen.attempts(1)[0] == (5.0, 10.0, "associate", 0)


def test_a_wait_for_a_retry_is_not_disturbed() -> None:
    quiet = single(span(A, REFUSES, end=30.0))
    noisy = single(
        [
            *span(A, REFUSES, end=30.0),
            *span(PATH, 0, begin=31.0, end=40.0),
            *span(A, HUNG, begin=41.0, end=50.0),
        ]
    )
    assert quiet.attempts() == noisy.attempts()
    over(noisy, 71.0, 2)


def test_a_target_that_is_away() -> None:
    conditions = Conditions(GROUP, ("a", "b"), ("s",), targets=("edge",))
    station = modality(store=store(members=1, target=0))
    seen = run([station], [exam(-11.0)], span("target.edge", 0, end=20.0), conditions)
    failed(seen, 25.4)
    over(seen, 96.4, 2)
