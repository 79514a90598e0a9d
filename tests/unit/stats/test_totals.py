"""Means of rare, very unequal costs: bounds by hand, and how often intervals hold the mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pacsim.stats import Estimate, capped_interval, mean_interval, total_interval
from tests.close import close


def test_what_was_not_seen_is_bounded_by_its_odds() -> None:
    """None of n: P(none) = (1 - p)^n is 2.5 % at p = 1 - 0.025^(1/n), each at most 700."""
    found = capped_interval(0.0, 0.0, 80, eventful=0, most=700.0)
    assert (found.value, found.lower, found.method) == (0.0, 0.0, "none seen")
    assert found.upper == close(700.0 * (1 - 0.025 ** (1 / 80)), 1e-9)
    assert capped_interval(0.0, 0.0, 0, eventful=0, most=1.0).upper is None


def test_one_event_costs_no_more_than_all() -> None:
    """One of 100 terms cost 4: at most 5.45 % of them cost 10, less than 4 / 100 x 39.5."""
    plain = mean_interval(0.04, 0.16, 100, eventful=1)
    found = capped_interval(0.04, 0.16, 100, eventful=1, most=10.0)
    assert plain.upper == close(0.04 / -math.log(0.975), 1e-9)
    assert found.upper is not None
    assert found.upper == pytest.approx(0.5446, abs=1e-4)
    assert capped_interval(0.04, 0.16, 100, eventful=1, most=1000.0).upper == plain.upper


def test_a_sum_keeps_what_each_is_off_by() -> None:
    """Off by 3 and 4 above: 5; by 1 and 0 below: 1; an end that is unknown stays unknown."""
    a, b = Estimate(7.0, 6.0, 10.0, 50, "a"), Estimate(0.0, 0.0, 4.0, 50, "b")
    found = total_interval([a, b])
    assert (found.value, found.lower, found.upper, found.n) == (7.0, 6.0, 12.0, 50)
    open_one = Estimate(1.0, None, None, 50, "c")
    assert total_interval([a, open_one]).upper is None
    assert total_interval([a]) == a


@pytest.mark.parametrize("rare", [2e-4, 1e-3, 5e-3])
def test_intervals_hold_a_mean_that_few_terms_make(rare: float) -> None:
    """A night's studies in 3 % of terms, an archive in a few of 10 000: most of the mean."""
    # Sees: Student's interval of all losses, which holds it in a third of the runs (2e-4).
    rng, n, most, runs = np.random.default_rng(5), 1000, 490_000.0, 600
    mean = 0.03 * 120.0 + rare * most / 2
    held = plain = 0
    for _ in range(runs):
        window = np.where(rng.random(n) < 0.03, rng.exponential(120.0, n), 0.0)
        archive = np.where(rng.random(n) < rare, rng.uniform(0.0, most, n), 0.0)
        parts = [
            capped_interval(
                float(x.mean()), float(x.var(ddof=1)), n, eventful=int((x > 0).sum()), most=most
            )
            for x in (window, archive)
        ]
        found = total_interval(parts)
        held += found.lower <= mean <= found.upper  # type: ignore[operator]
        both = window + archive
        seen = int((both > 0).sum())
        one = mean_interval(float(both.mean()), float(both.var(ddof=1)), n, eventful=seen)
        plain += one.lower <= mean <= one.upper  # type: ignore[operator]
    assert held > 0.94 * runs
    if rare < 1e-3:
        assert plain < 0.6 * runs
