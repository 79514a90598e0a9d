"""Flows that share pools (numbers 23 to 26), limits of the rate, and what slow items do to timers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.traffic.client_conditions import SERVER, Conditions
from pacsim.traffic.client_tables import STORE, Operation, SharedPool, Work
from tests.oracle.traffic.scenes import SILENT, Seen, exam, modality, run, span

if TYPE_CHECKING:
    from collections.abc import Sequence

Uses = tuple[tuple[int, float], ...]
ONE = Conditions(SERVER, ("a",), ("s",))


def flows(
    pools: tuple[float, ...],
    uses: Sequence[Uses],
    begins: list[float],
    items: int = 10,
    changes: list[tuple[float, str, int]] | None = None,
    until: float = 200.0,
) -> Seen:
    """Run items of 1 s, without set-up, on pools of given capacities."""
    stations = [
        modality(f"CT-{k + 1}", store=Operation(STORE, (Work(1.0, use),)))
        for k, use in enumerate(uses)
    ]
    return run(
        stations,
        [exam(at, items, station=k) for k, at in enumerate(begins)],
        changes or [],
        ONE,
        pools=tuple(SharedPool(str(k), size) for k, size in enumerate(pools)),
        until=until,
    )


def ends(seen: Seen, n: int) -> list[float]:
    """Return when each station's exam is stored."""
    return [seen.ends(k)[0][0] for k in range(n)]


def test_23_one_worker_and_two_flows() -> None:
    work = ((0, 1.0),)
    assert ends(flows((1.0,), [work, work], [0.0, 5.0]), 2) == pytest.approx([15.0, 20.0])


def test_24_two_workers_and_three_flows() -> None:
    work = ((0, 1.0),)
    assert ends(flows((2.0,), [work] * 3, [0.0] * 3), 3) == pytest.approx([15.0] * 3)


@pytest.mark.parametrize(("n", "end"), [(2, 10.0), (3, 15.0)])
def test_25_half_of_an_item_is_work(n: int, end: float) -> None:
    # Sees: a load that counts flows and not what they use.
    assert ends(flows((1.0,), [((0, 0.5),)] * n, [0.0] * n), n) == pytest.approx([end] * n)


@pytest.mark.parametrize(("w", "k"), [(0, 1), (1, 0)])
def test_26_two_pools(w: int, k: int) -> None:
    uses = [tuple(sorted(use)) for use in (((w, 1.0), (k, 0.2)), ((w, 0.0), (k, 0.8)))]
    uses.append(uses[1])
    assert ends(flows((1.0, 1.0), uses, [0.0] * 3), 3) == pytest.approx([18.0] * 3)


def test_a_flow_that_stands_still_leaves_its_share() -> None:
    # The first stands from 2 to 6.2, where it goes on: until then the second has all of it.
    conditions = Conditions(SERVER, ("a",), ("s", "far"))
    work = Operation(STORE, (Work(1.0, ((0, 1.0),)),))
    stations = [modality("CT-1", store=work, site=1), modality("CT-2", store=work)]
    seen = run(
        stations,
        [exam(0.0, 4), exam(0.0, 4, station=1)],
        span("path.far.a", 0, begin=2.0, end=4.0),
        conditions,
        pools=(SharedPool("workers", 1.0),),
    )
    # 1 item each at 2; the second needs 3 more and ends at 5. The last response of the first came
    # at 2, so that it is heard at 2 + 3.0 = 5 and needs 3 more, alone.
    assert ends(seen, 2) == pytest.approx([8.0, 5.0])


def test_whole_items_and_the_last_response_at_a_rate_that_changed() -> None:
    # Alone at 1 item/s until 1.5, then two flows at half of it: item 2 is whole at 2.5. Silence at
    # 3.2 finds 2.35 items: two are acknowledged, and the response timer counts from 2.5.
    seen = flows(
        (1.0,), [((0, 1.0),)] * 2, [0.0, 1.5], changes=span("member.a", SILENT, begin=3.2, end=70.0)
    )
    first, second = seen.attempts(0)[0], seen.attempts(1)[0]
    assert (first[2:], second[2:]) == (("response", 2), ("response", 0))
    assert (first[1], second[1]) == pytest.approx((62.5, 61.5))


def test_slow_items_end_the_response_timer() -> None:
    # 70 flows share one worker: an item takes 70 s, the timer of 60 s ends all.
    n = 70
    seen = flows((1.0,), [((0, 1.0),)] * n, [0.0] * n)
    assert {a[1:] for k in range(n) for a in seen.attempts(k)[:1]} == {(60.0, "response", 0)}
    # 60 flows: an item takes as long as the timer, and comes in time.
    seen = flows((1.0,), [((0, 1.0),)] * 60, [0.0] * 60, items=2)
    assert ends(seen, 60) == pytest.approx([120.0] * 60)


def test_a_station_more_leaves_the_numbers_of_others_to_the_bit() -> None:
    # Settled only when a flow's own rate changes (the other uses another pool).
    odd = ((0, 0.3),)
    alone = flows((1.0, 1.0), [odd, odd], [0.1, 1.7])
    more = flows((1.0, 1.0), [odd, odd, ((1, 0.9),)], [0.1, 1.7, 0.33])
    assert [alone.attempts(k) for k in (0, 1)] == [more.attempts(k) for k in (0, 1)]
