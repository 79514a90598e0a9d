"""Short gaps are merged first, then short outages are counted apart; by hand."""

import numpy as np

from pacsim.campaign.outages import merge
from pacsim.core.model import EPISODE


def episodes(*rows: tuple[int, float, float]) -> np.ndarray:
    """Return episodes of (replication, start, end); each one's cause is its number."""
    table = np.zeros(len(rows), dtype=EPISODE)
    for k, (replication, start, end) in enumerate(rows):
        table[k]["replication"], table[k]["start"], table[k]["end"] = replication, start, end
        table[k]["cause"] = k
    return table


def test_gaps_before_outages() -> None:
    """50 s + gap of 20 s + 50 s is one outage of 120 s; counted one by one both would be short."""
    found = merge(episodes((0, 0.0, 50.0), (0, 70.0, 120.0), (0, 180.0, 200.0)), 60.0)
    assert found.duration.tolist() == [120.0, 20.0]
    assert found.short.tolist() == [False, True]
    assert found.cause.tolist() == [0, 2]


def test_a_gap_of_exactly_the_shortest_outage_is_a_gap() -> None:
    """Shorter than, not as long as."""
    found = merge(episodes((0, 0.0, 100.0), (0, 160.0, 220.0)), 60.0)
    assert found.duration.tolist() == [100.0, 60.0]
    assert not found.short.any()


def test_terms_are_not_merged_with_one_another() -> None:
    """The end of one term and the start of the next are not neighbours."""
    found = merge(episodes((0, 900.0, 1000.0), (1, 0.0, 100.0)), 60.0)
    assert found.replication.tolist() == [0, 1]


def test_nothing_gives_nothing() -> None:
    """No episodes, no outages."""
    assert len(merge(episodes(), 60.0).duration) == 0


def test_a_merged_outage_ends_as_its_last_part() -> None:
    """Begun, back for half a minute, and not over at the end of the term: it is not over."""
    rows = episodes((0, 0.0, 100.0), (0, 130.0, 300.0), (1, 0.0, 100.0))
    rows["censored"][1] = True
    assert merge(rows, 60.0).censored.tolist() == [True, False]


def test_an_outage_is_planned_from_more_than_half_of_its_down_time_on() -> None:
    """By hand: 100 s down; 50 s of planned work, give or take a microsecond, are no more than half."""
    half, over, under = 50.0, 50.000002, np.nextafter(50.0, 100.0)
    rows = episodes(*((k, 0.0, 100.0) for k in range(5)))
    rows["planned"] = [0.0, under, half, over, 100.0]
    assert merge(rows, 60.0).planned.tolist() == [False, False, False, True, True]


def test_the_planned_share_of_a_merged_outage_is_of_its_down_time() -> None:
    """80 s and 40 s with a gap of 30 s: half of 120 s down is 60 s; the gap is not counted."""
    half, over = 60.0, 60.000002
    rows = episodes(*((k // 2, *((0.0, 80.0), (110.0, 150.0))[k % 2]) for k in range(4)))
    rows["planned"] = [20.0, 40.0, over - 40.0, 40.0]
    assert (over - 40.0) + 40.0 > half
    found = merge(rows, 60.0)
    assert found.duration.tolist() == [150.0, 150.0]
    assert found.planned.tolist() == [False, True]


def test_an_outage_as_long_as_the_threshold_counts_whenever_it_begins() -> None:
    """10.1 + 20.2 + 29.7 s are 60 s, from any of 2 000 times on; the same for a gap as long."""
    # Sees: lengths compared by their bits: 43 % of these outages would be short.
    starts = np.random.default_rng(1).uniform(0.0, 7 * 8760 * 3600.0, 2000)
    ends = ((starts + 10.1) + 20.2) + 29.7
    found = merge(
        episodes(*((k, a, b) for k, (a, b) in enumerate(zip(starts, ends, strict=True)))), 60.0
    )
    assert (found.duration < 60.0).mean() > 0.3
    assert not found.short.any()
    gaps = [
        ((k, a - 100.0, a), (k, b, b + 100.0))
        for k, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]
    assert len(merge(episodes(*(row for pair in gaps for row in pair)), 60.0).duration) == 4000


def test_a_microsecond_is_all_that_is_given() -> None:
    """2 us short of 60 s is short, and a gap 2 us short of it is merged."""
    # Sees: an allowance that is too wide.
    least = 60.0 - 2e-6
    assert merge(episodes((0, 0.0, least)), 60.0).short.tolist() == [True]
    assert len(merge(episodes((0, 0.0, 90.0), (0, 90.0 + least, 300.0)), 60.0).duration) == 1
