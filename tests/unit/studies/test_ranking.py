"""The choice of the best design: its formulas, its promise, and what it does not decide."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from pacsim.errors import ArgumentError
from pacsim.studies.ranking import LEAST, Ranking, eta
from tests.ranked_means import normal, ranked, rare
from tests.statistical import likely

if TYPE_CHECKING:
    from collections.abc import Callable

RANKINGS = 40
PROMISED = 0.9


@pytest.mark.parametrize("designs", [2, 10])
@pytest.mark.parametrize("blocks", [2, 16, 65])
def test_eta_is_the_root_of_the_equation_of_the_paper(designs: int, blocks: int) -> None:
    """Kim and Nelson (2001), equation of eta: a sum over l up to c of

    (-1)^(l+1) (1 - I(l = c) / 2) (1 + 2 eta (2 c - l) l / c)^(-(n0 - 1) / 2) = alpha / (k - 1).
    """
    # Sees: eta of alpha / k, of n0 in place of n0 - 1, without its half.
    alpha, c = 0.05, 1
    root = eta(alpha / (designs - 1), blocks - 1)
    found = math.fsum(
        (-1) ** (one + 1)
        * (1.0 - 0.5 * (one == c))
        * (1.0 + 2.0 * root * (2 * c - one) * one / c) ** (-(blocks - 1) / 2)
        for one in range(1, c + 1)
    )
    assert found == pytest.approx(alpha / (designs - 1), rel=1e-12)


def as_printed(means: np.ndarray, alpha: float, delta: float, n0: int) -> tuple[int, list[int]]:
    """Return the choice of procedure KN and the blocks of each design, as the paper prints it.

    Setup, initialization, screening and stopping rule of Kim and Nelson (2001) with c = 1, for
    the largest mean, written out in loops.
    """
    k = means.shape[1]
    h2 = 2.0 * 0.5 * ((2.0 * alpha / (k - 1)) ** (-2.0 / (n0 - 1)) - 1.0) * (n0 - 1)
    s2 = {
        (i, j): float(np.var(means[:n0, i] - means[:n0, j], ddof=1))
        for i in range(k)
        for j in range(k)
        if i != j
    }
    used = [0] * k
    alive = list(range(k))
    for r in range(n0, len(means) + 1):
        for i in alive:
            used[i] = r
        at = [float(np.mean(means[:r, i])) for i in range(k)]
        alive = [
            i
            for i in alive
            if all(
                at[i] >= at[j] - max(0.0, delta / (2.0 * r) * (h2 * s2[i, j] / delta**2 - r))
                for j in alive
                if j != i
            )
        ]
        if len(alive) == 1:
            return alive[0], used
    raise AssertionError


@pytest.mark.parametrize("seed", range(5))
def test_the_procedure_is_that_of_the_paper(seed: int) -> None:
    # Sees: h in place of h^2, a slack without its half, variances of designs and not of pairs.
    means = normal(6, 0.2, np.random.default_rng(seed), 4000)
    best, used = as_printed(-means, 0.05, 0.2, LEAST)
    ranking = Ranking(6, certainty=0.95, indifferent=0.2)
    at = 0
    while not ranking.over:
        size = 1 + at % 7
        ranking.add(means[at : at + size, ranking.alive])
        at += size
    found = ranking.found()
    assert (found.best, list(found.blocks)) == (best, used)


def test_the_highest_is_the_lowest_of_the_negative() -> None:
    means = normal(4, 0.3, np.random.default_rng(3), 3000)
    low = Ranking(4, certainty=0.9, indifferent=0.3)
    high = Ranking(4, certainty=0.9, indifferent=0.3, lowest=False)
    for ranking, sign in ((low, 1.0), (high, -1.0)):
        ranking.add(sign * means)
    assert low.found() == high.found()


@pytest.mark.parametrize(
    ("draw", "indifferent"), [(normal, 0.12), (rare, 0.0006)], ids=["normal", "rare"]
)
def test_the_best_is_chosen_as_often_as_promised(
    draw: Callable[[int, float, np.random.Generator, int], np.ndarray], indifferent: float
) -> None:
    """Nine designs are just as much worse as matters, which is the hardest case."""
    # Sees: h halved.
    draws = partial(draw, 10, indifferent)
    made = [
        ranked(draws, 10, seed=seed, certainty=PROMISED, indifferent=indifferent)
        for seed in range(RANKINGS)
    ]
    right = sum(one for one, _ in made)
    likely(float(stats.binom.cdf(right, RANKINGS, PROMISED)))
    assert all(found.sure for _, found in made)
    # Sees: nobody driven out before the end.
    assert np.mean([found.saved for _, found in made]) > 0.5


def test_two_alike_do_not_drive_out_one_another() -> None:
    """They are alike for 40 blocks; then the worse one has one good block."""
    # Sees: a variance of 0 after 32 blocks, with which the next difference decides.
    rng = np.random.default_rng(5)
    means = rng.normal(10.0, 1.0, size=(400, 1)) + np.zeros((400, 2))
    means[40, 1] -= 1e-3
    ranking = Ranking(2, certainty=0.95, indifferent=0.1, first_stage=300)
    ranking.add(means[:41])
    assert ranking.alive == [0, 1]
    ranking.add(means[41:])
    found = ranking.found()
    assert (found.best, found.alike, found.sure) == (1, (0,), True)
    assert found.blocks == (300, 300)
    assert "but for 1 that differed from it in fewer than 32 of 300 blocks" in found.guarantee


def test_last_digits_are_no_difference() -> None:
    rng = np.random.default_rng(5)
    first = rng.normal(10.0, 1.0, size=100)
    ranking = Ranking(2, certainty=0.95, indifferent=0.1, first_stage=50)
    ranking.add(np.column_stack([first, first * (1.0 + 1e-12)]))
    assert ranking.found().alike == (1,)


def test_a_third_one_is_driven_out_beside_two_alike() -> None:
    rng = np.random.default_rng(6)
    first = rng.normal(10.0, 1.0, size=(400, 1))
    means = np.hstack([first, first, first + rng.normal(2.0, 1.0, size=(400, 1))])
    ranking = Ranking(3, certainty=0.95, indifferent=0.1, first_stage=200)
    ranking.add(means)
    found = ranking.found()
    assert (found.best, found.alike) == (0, (1,))
    assert found.blocks[2] < 64


def test_ended_before_it_promises_nothing() -> None:
    ranking = Ranking(3, certainty=0.95, indifferent=0.01)
    ranking.add(normal(3, 0.01, np.random.default_rng(1), 20))
    found = ranking.found()
    assert not found.sure
    assert found.guarantee == "no guarantee: ended at 20 blocks with 3 left"


def test_the_promise_in_words() -> None:
    _, found = ranked(partial(normal, 3, 2.0), 3, seed=1, certainty=0.95, indifferent=2.0)
    words = "with a probability of at least 95 % it is the best of 3, or within 2 of it"
    assert found.guarantee == words


def test_what_makes_no_sense_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError) as caught:
        Ranking(1, certainty=1.0, indifferent=0.0)
    assert str(caught.value).splitlines() == [
        "designs 1: 2 to 1000 can be ranked; leave some out, or sample",
        "certainty 1.0 must be 50 % or more and below 100 %, such as 95 %",
        "indifferent 0.0 must be above 0, the difference that does not matter",
    ]


def test_columns_are_those_alive() -> None:
    ranking = Ranking(3, certainty=0.95, indifferent=1.0)
    with pytest.raises(ArgumentError, match="are not of 3 designs alive"):
        ranking.add(np.zeros((4, 2)))


def test_blocks_after_the_first_stage_are_not_counted_as_looked_at() -> None:
    """Two alike in 40 blocks and never again looked at, though a third one takes 200 to go."""
    rng = np.random.default_rng(4)
    ranking = Ranking(3, certainty=0.9, indifferent=0.1, first_stage=40)
    while not ranking.over:
        means = np.zeros((1, 3))
        means[:, 2] = 0.35 + rng.normal(size=1)
        ranking.add(means[:, ranking.alive])
    found = ranking.found()
    assert (found.alike, max(found.blocks) > 40) == ((1,), True)
    assert "for 1 that differed from it in fewer than 32 of 40 blocks" in found.guarantee
