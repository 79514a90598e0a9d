"""Down times cut where their kind turns, by hand and on the shipped pair."""

from itertools import permutations

import numpy as np
import pytest

from pacsim import run
from pacsim.campaign.one_kind_each import KINDS, one_kind_each
from pacsim.core.model import EPISODE, TURN
from pacsim.units import HOUR
from tests.close import close

ROWS = [
    # replication, observation, start, end, censored
    (4, 2, 10.0, 20.0, False),
    (4, 1, 5.0, 30.0, False),
    (4, 2, 25.0, 30.0, True),
    (5, 2, 1.0, 9.0, False),
]
TURNS = [(4, 1, 12.0, 0, 1), (4, 2, 13.0, 1, 2), (4, 2, 17.0, 2, 0), (5, 7, 3.0, 0, 1)]


def made() -> np.ndarray:
    episodes = np.zeros(len(ROWS), dtype=EPISODE)
    for name, column in zip(
        ("replication", "observation", "start", "end", "censored"),
        zip(*ROWS, strict=True), strict=True,
    ):  # fmt: skip
        episodes[name] = column
    episodes["unplanned"] = episodes["end"] - episodes["start"]
    return episodes


@pytest.mark.parametrize("order", list(permutations(range(len(TURNS)))))
def test_pieces_by_hand(order: tuple[int, ...]) -> None:
    """Sees: a turn given to the episode of another observation, pieces in the order of turns."""
    turns = np.array([TURNS[k] for k in order], dtype=TURN)
    pieces, follows = one_kind_each(made(), turns)
    spans = list(zip(pieces["start"].tolist(), pieces["end"].tolist(), strict=True))
    assert spans == [(10, 13), (13, 17), (17, 20), (5, 12), (12, 30), (25, 30), (1, 9)]
    assert follows.tolist() == [False, True, True, False, True, False, False]
    assert pieces["censored"].tolist() == [False] * 5 + [True, False]
    kinds = [[pieces[name][k] for name in KINDS] for k in range(len(pieces))]
    assert kinds == [
        [0, 3, 0], [0, 0, 4], [3, 0, 0], [7, 0, 0], [0, 18, 0], [5, 0, 0], [8, 0, 0],
    ]  # fmt: skip


def test_nothing_to_cut() -> None:
    none = np.zeros(0, dtype=TURN)
    pieces, follows = one_kind_each(made(), none)
    assert np.array_equal(pieces, made())
    assert not follows.any()
    assert len(one_kind_each(made()[:0], np.array(TURNS, dtype=TURN))[0]) == 0
    assert not one_kind_each(made(), np.array([(3, 2, 11.0, 0, 1)], dtype=TURN))[1].any()


def test_rows_of_a_design_are_of_one_kind_and_sum_to_its_figures() -> None:
    """The sums by kind are those that the engine made while it ran, term by term."""
    found = run(
        "models/designs/single-server.yaml",
        replications=64, outages=True, progress=False, traffic_years=0,
    )  # fmt: skip
    (kept,) = found.outages.values()
    columns = kept.columns
    assert columns["follows"].sum() > 100
    length = columns["end"] - columns["start"]
    assert all(sum(columns[name] > 0 for name in KINDS) == (length > 0))
    for name in KINDS:
        mine = (columns["role"] == 0) & (columns["degraded"] == 0)
        hours = columns[name][mine].sum() / HOUR / (64 * 7)
        assert hours == close(found.get(f"down_{name}", role="store").estimate or 0.0, 1e-9)
    after = np.flatnonzero(columns["follows"])
    assert np.array_equal(columns["start"][after], columns["end"][after - 1])
    assert (kept.starts, kept.length) == ("2026-01-05", 7 * 8760 * HOUR)
