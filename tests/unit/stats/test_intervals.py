"""Intervals: differences by pairs, and planted faults that the tests of others must see."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from scipy.special import ndtri

from pacsim import stats
from pacsim.stats import confidence_intervals
from tests.close import close

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES, SIZE = 4000, 5
"""Small samples, for there a normal quantile in place of Student's is seen."""
COVERED = (0.935, 0.965)
"""Binomial(4 000, 0.95) / 4 000 lies outside with probability 1e-5; with a normal quantile 0.878
of the samples of five are covered."""


def coverage() -> float:
    """Return how often the interval of five normal values holds their mean."""
    rows = np.random.default_rng(2).normal(10.0, 3.0, (SAMPLES, SIZE))
    held = 0
    for row in rows:
        found = stats.mean_interval(float(row.mean()), float(row.var(ddof=1)), SIZE)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= 10.0 <= found.upper
    return held / SAMPLES


def test_the_interval_of_a_mean_covers() -> None:
    assert COVERED[0] <= coverage() <= COVERED[1]


def test_a_normal_quantile_in_place_of_students_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault."""
    normal: Callable[[float, int], float] = lambda level, _: float(ndtri(0.5 + level / 2))  # noqa: E731
    monkeypatch.setattr(confidence_intervals, "t_quantile", normal)
    assert coverage() < COVERED[0]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("freedom", [1, 4, 63, 10**6])
def test_student_quantiles(level: float, freedom: int) -> None:
    expected = float(scipy.stats.t.ppf(0.5 + level / 2, freedom))
    assert stats.t_quantile(level, freedom) == close(expected, 1e-9)


def test_a_paired_difference_is_the_interval_of_the_differences() -> None:
    """Against scipy's t interval of second less first, row by row."""
    rng = np.random.default_rng(4)
    shared = rng.exponential(20.0, 300)
    first = shared + rng.normal(0.0, 1.0, 300)
    second = 0.9 * shared + rng.normal(0.0, 1.0, 300)
    cov = np.cov(first, second)
    found = stats.paired_difference(first.mean(), second.mean(), cov, 300)
    apart = second - first
    expected = scipy.stats.t.interval(0.95, 299, apart.mean(), scipy.stats.sem(apart))
    assert found.value == close(apart.mean(), 1e-10)
    assert found.lower == close(expected[0], 1e-9)
    assert found.upper == close(expected[1], 1e-9)
    unpaired = stats.paired_difference(first.mean(), second.mean(), np.diag(np.diag(cov)), 300)
    assert unpaired.half_width > 5 * found.half_width


def test_several_comparisons_widen_each() -> None:
    """Bonferroni: three at 95 % together are each at 98.33 %."""
    cov = np.array([[4.0, 1.0], [1.0, 3.0]])
    found = stats.paired_difference(5.0, 4.0, cov, 50, comparisons=3)
    expected = scipy.stats.t.ppf(1 - 0.05 / 6, 49) * np.sqrt(5.0 / 50)
    assert found.half_width == close(float(expected), 1e-9)


def test_too_few_give_no_interval() -> None:
    """Never NaN or infinity: nothing."""
    one = stats.mean_interval(3.0, 0.0, 1)
    assert (one.value, one.lower, one.upper) == (3.0, None, None)
    assert one.half_width == float("inf")
    assert stats.mean_interval(0.0, 0.0, 0).value is None
    assert stats.ratio_interval(1.0, 0.0, np.eye(2), 50).value is None
    assert stats.proportion_interval(0, 0).value is None


@pytest.mark.parametrize("n", [1, 41, 10_000])
def test_none_of_n_is_an_upper_bound(n: int) -> None:
    """Closed form: 1 - 0.025 ** (1 / n), and the same from above for all of n."""
    bound = -np.expm1(np.log(0.025) / n)
    none, every = stats.proportion_interval(0, n), stats.proportion_interval(n, n)
    assert none.lower == 0.0
    assert none.upper == close(float(bound), 1e-9)
    assert every.lower == close(float(1 - bound), 1e-9)
    assert every.upper == 1.0


def test_a_ratio_of_one_event_has_no_interval() -> None:
    """One outage in a hundred terms is no certainty about how long they last."""
    top, events = np.array([3.0] + [0.0] * 99), np.array([1.0] + [0.0] * 99)
    cov = np.cov(top, events)
    found = confidence_intervals.ratio_interval(
        float(top.mean()), float(events.mean()), cov, 100, eventful=1
    )
    assert found.value == pytest.approx(3.0)
    assert (found.lower, found.upper) == (None, None)
    assert "gives no interval" in found.method
