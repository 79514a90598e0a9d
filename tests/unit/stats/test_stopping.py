"""Stopping: the interval at the end still covers; a hasty rule's does not."""

import itertools

import numpy as np
import pytest
from scipy import stats

from pacsim.stats import BLOCK, Sequential, Skewness, mean_interval

pytestmark = pytest.mark.slow

RUNS, CEILING = 600, 4000
LEAST = 0.92
"""Of 600 runs at 95 %, fewer than 92 % are covered with probability 1e-3; seeds are fixed."""


def covered(rule: Sequential, looks: list[int]) -> float:
    """Return how often the interval at the stop holds the mean; values as skewed as downtimes."""
    held = 0
    for seed in range(RUNS):
        values = np.random.default_rng(seed).gamma(0.5, 2.0, CEILING)
        for n in looks:
            part = values[:n]
            found = mean_interval(float(part.mean()), float(part.var(ddof=1)), n)
            if rule.done(found, int(np.count_nonzero(part))) or n == looks[-1]:
                assert found.lower is not None
                assert found.upper is not None
                held += found.lower <= 1.0 <= found.upper
                break
    return held / RUNS


def test_the_interval_at_the_stop_covers() -> None:
    rule = Sequential(0.1)
    assert covered(rule, list(rule.looks(CEILING))) >= LEAST


def test_a_hasty_rule_is_seen() -> None:
    """Planted fault: looking after every replication from the fifth on, with no least number."""
    assert covered(Sequential(0.3, eventful=0), list(range(5, 400))) < LEAST


@pytest.mark.parametrize(("first", "growth"), [(64, 1.25), (256, 1.25), (256, 1.3), (100, 2.0)])
def test_the_next_look_is_the_schedule(first: int, growth: float) -> None:
    """From wherever it is asked; every look after the first ends a block."""
    rule = Sequential(0.05, first=first, growth=growth)
    looks = list(rule.looks(10**6))[:-1]
    assert looks[0] == rule.next_look(0) == first
    for one, after in itertools.pairwise(looks):
        assert rule.next_look(one) == rule.next_look(after - 1) == after
        assert after % BLOCK == 0


def test_a_ceiling_below_the_first_look_is_the_only_one() -> None:
    assert list(Sequential(0.05).looks(10)) == [10]


def test_skewed_values_are_not_believed_early() -> None:
    """One term in twenty has a loss of lognormal size: a wide interval alone would stop too soon."""

    def share(*, skew: bool) -> float:
        held = 0
        rule = Sequential(0.3)
        looks = list(rule.looks(20_000))
        for seed in range(300):
            rng = np.random.default_rng(seed)
            values = rng.lognormal(-1.125, 1.5, 20_000) * (rng.random(20_000) < 0.05)
            seen = Skewness()
            for before, n in itertools.pairwise([0, *looks]):
                part = values[:n]
                found = mean_interval(float(part.mean()), float(part.var(ddof=1)), n)
                if skew:
                    seen.add(values[before:n])
                skewness = seen.value if skew else 0.0
                if rule.done(found, int(np.count_nonzero(part)), skewness) or n == looks[-1]:
                    assert found.lower is not None
                    assert found.upper is not None
                    held += found.lower <= 0.05 <= found.upper
                    break
        return held / 300

    # A fixed number of terms covers no more either: the sum itself is skewed.
    assert share(skew=True) > 0.87
    # Sees: a rule without the skewness.
    assert share(skew=False) < share(skew=True) - 0.01


def test_skewness_is_scipys() -> None:
    values = np.random.default_rng(3).gamma(0.5, 2.0, 1000)
    seen = Skewness()
    for part in np.split(values, 10):
        seen.add(part)
    assert seen.value == pytest.approx(float(stats.skew(values)), rel=1e-9)
    seen = Skewness()
    seen.add(np.full(10, 3.0))
    assert seen.value == 0.0
