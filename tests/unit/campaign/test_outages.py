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
