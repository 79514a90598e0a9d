"""Intervals of figures that rest on few events: they cover, and never claim more than was seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats

from pacsim import stats
from pacsim.stats import confidence_intervals
from tests.close import close

if TYPE_CHECKING:
    from collections.abc import Callable

TERMS, RUNS = 500, 1500
LEAST = 0.93
"""Binomial(1 500, 0.95) / 1 500 lies below with probability 5e-4; seeds are fixed. The long study is
`experiments/validation/few_events.py`."""
SIZES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "exponential": lambda rng, n: rng.exponential(1.0, n),
    "lognormal": lambda rng, n: rng.lognormal(-0.355, 0.843, n),
}


def coverage(
    interval: Callable[[np.ndarray, np.ndarray, int], stats.Estimate],
    size: str,
    expected: float,
    true: float,
) -> float:
    """Return how often an interval made of hours, counts and eventful terms holds the truth."""
    rng = np.random.default_rng(8)
    held = runs = 0
    while runs < RUNS:
        of = rng.integers(TERMS, size=rng.poisson(expected))
        count = np.bincount(of, minlength=TERMS).astype(float)
        seen = int(np.count_nonzero(count))
        if seen < 2:
            continue
        hours = np.bincount(of, SIZES[size](rng, len(of)), TERMS)
        found = interval(hours, count, seen)
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= true <= found.upper
        runs += 1
    return held / RUNS


def of_mean(hours: np.ndarray, _: np.ndarray, seen: int) -> stats.Estimate:
    return stats.mean_interval(float(hours.mean()), float(hours.var(ddof=1)), TERMS, eventful=seen)


def of_ratio(hours: np.ndarray, count: np.ndarray, seen: int) -> stats.Estimate:
    cov = np.cov(hours, count)
    return stats.ratio_interval(hours.mean(), count.mean(), cov, TERMS, eventful=seen)


def of_share(hours: np.ndarray, count: np.ndarray, seen: int) -> stats.Estimate:
    """Terms with an even number of microhours have the cause: half of them, whatever their size."""
    mine = hours * (np.floor(hours * 1e6) % 2)
    return stats.share_interval(
        mine.mean(), hours.mean(), np.cov(mine, hours), TERMS, eventful=seen
    )


@pytest.mark.parametrize("expected", [2, 5, 20])
@pytest.mark.parametrize("size", SIZES)
def test_means_of_few_events_cover(size: str, expected: int) -> None:
    assert coverage(of_mean, size, expected, expected / TERMS) >= LEAST


@pytest.mark.parametrize(("size", "expected"), [("exponential", 3), ("lognormal", 5)])
def test_ratios_of_few_events_cover(size: str, expected: int) -> None:
    assert coverage(of_ratio, size, expected, 1.0) >= LEAST


@pytest.mark.parametrize("expected", [3, 20])
def test_shares_of_few_events_cover(expected: int) -> None:
    assert coverage(of_share, "exponential", expected, 0.5) >= LEAST


def test_students_interval_of_few_events_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: the interval for many in the place of that for few; and a share's as a ratio."""
    monkeypatch.setattr(confidence_intervals, "MANY", 2)
    for size in SIZES:
        assert coverage(of_mean, size, 5, 5 / TERMS) < 0.9
        assert coverage(of_ratio, size, 5, 1.0) < 0.85
        assert coverage(of_ratio, size, 3, 1.0) < 0.85
    monkeypatch.setattr(stats, "share_interval", stats.ratio_interval)
    assert coverage(of_share, "exponential", 3, 0.5) < 0.9


@pytest.mark.parametrize(("seen", "n"), [(2, 100), (7, 100), (150, 1000), (9, 9), (2, 2)])
def test_a_mean_of_few_written_out(seen: int, n: int) -> None:
    """Student's interval of the logarithm, with scipy's quantile; ends go as far by factor."""
    values = np.zeros(n)
    values[:seen] = np.arange(1.0, seen + 1)
    mean = values.mean()
    freedom = min(seen, n - 1)
    t = scipy.stats.t.ppf(0.975, freedom)
    factor = math.exp(t * values.std(ddof=1) / math.sqrt(n) / mean)
    found = stats.mean_interval(float(mean), float(values.var(ddof=1)), n, eventful=seen)
    assert found.lower == close(mean / factor, 1e-9)
    assert found.upper == close(mean * factor, 1e-9)
    assert found.method == f"Student t of the logarithm, {seen} eventful terms"


def test_many_events_are_students() -> None:
    """From 200 eventful terms on, and whenever nothing is said of them."""
    one = stats.mean_interval(2.0, 5.0, 1000)
    assert stats.mean_interval(2.0, 5.0, 1000, eventful=200) == one
    assert stats.mean_interval(2.0, 5.0, 1000, eventful=199) != one
    cov = np.array([[4.0, 1.0], [1.0, 3.0]])
    assert stats.ratio_interval(2.0, 1.0, cov, 1000, eventful=200) == stats.ratio_interval(
        2.0, 1.0, cov, 1000
    )


def test_one_event_is_a_bound() -> None:
    """An exponential value is below 0.0253 of its mean in one of forty; the lower end is 0."""
    found = stats.mean_interval(0.03, 0.09, 100, eventful=1)
    assert (found.value, found.lower, found.method) == (0.03, 0.0, stats.ONE_SEEN)
    assert found.upper == close(0.03 / scipy.stats.expon.ppf(0.025), 1e-9)
    none = stats.mean_interval(0.0, 0.0, 100, eventful=0)
    assert (none.value, none.lower, none.upper, none.method) == (0.0, 0.0, None, stats.NONE_SEEN)


def test_alike_events_do_not_make_certain() -> None:
    """Two outages of 4 h each in a hundred terms: 4 h within exp(4.303 / 2), by hand."""
    hours, count = np.zeros(100), np.zeros(100)
    hours[:2], count[:2] = 4.0, 1.0
    found = stats.ratio_interval(hours.mean(), count.mean(), np.cov(hours, count), 100, eventful=2)
    factor = math.exp(scipy.stats.t.ppf(0.975, 2) / 2)
    assert found.lower == close(4.0 / factor, 1e-9)
    assert found.upper == close(4.0 * factor, 1e-9)
    nothing = stats.ratio_interval(0.0, 0.02, np.cov(0 * hours, count), 100, eventful=2)
    assert (nothing.value, nothing.lower, nothing.upper) == (0.0, 0.0, None)


@pytest.mark.parametrize("lengths", [(1.0,), (1.0, 1.0, 1.0), (10.0, 1.0, 0.1)])
def test_a_share_of_all_is_not_certain(lengths: tuple[float, ...]) -> None:
    """k of k by Clopper and Pearson is 0.025^(1/k) from below, k as few as lengths differ (Kish)."""
    hours = np.zeros(100)
    hours[: len(lengths)] = lengths
    cov = np.cov(hours, hours)
    found = stats.share_interval(hours.mean(), hours.mean(), cov, 100, eventful=len(lengths))
    kish = sum(lengths) ** 2 / sum(x * x for x in lengths)
    assert (found.value, found.upper) == (1.0, 1.0)
    assert found.lower == close(0.025 ** (1 / kish), 1e-6)
    assert str(len(lengths)) in found.method
    none = stats.share_interval(0.0, hours.mean(), np.diag([0.0, cov[1, 1]]), 100, eventful=3)
    assert (none.value, none.lower) == (0.0, 0.0)
    assert none.upper == close(1 - 0.025 ** (1 / kish), 1e-6)


def test_a_share_alike_in_few_terms_is_no_more_certain_than_they_are_many() -> None:
    """Half of the time in each of three terms: Clopper and Pearson of 1.5 of 3, by scipy's beta."""
    hours, mine = np.zeros(100), np.zeros(100)
    hours[:3], mine[:3] = 1.0, (0.5, 0.499, 0.501)
    found = stats.share_interval(
        float(mine.mean()), float(hours.mean()), np.cov(mine, hours), 100, eventful=3
    )
    assert found.lower == close(scipy.stats.beta.ppf(0.025, 1.5, 2.5), 1e-6)
    assert found.upper == close(scipy.stats.beta.ppf(0.975, 2.5, 1.5), 1e-6)


def test_a_share_of_many_is_the_binomial() -> None:
    """One outage each in 4 000 terms, a quarter with the cause: scipy's interval of 1 000 of 4 000."""
    hours = np.ones(4000)
    mine = np.repeat([1.0, 0.0], [1000, 3000])
    found = stats.share_interval(0.25, 1.0, np.cov(mine, hours), 4000, eventful=4000)
    expected = scipy.stats.binomtest(1000, 4000).proportion_ci(0.95, "exact")
    # The quantile of Student's for 3 999 in place of the normal one.
    assert found.lower == close(expected.low, 1e-4)
    assert found.upper == close(expected.high, 1e-4)


def test_years_of_a_term_count_apart_only_as_far_as_they_are() -> None:
    """Three bad years in 300 terms of seven: Clopper and Pearson of 2 100 less the factor of few."""
    met = np.ones(300)
    met[:3] = 6 / 7
    cov = np.diag([met.var(ddof=1), 0.0])
    found = stats.share_interval(float(met.mean()), 1.0, cov, 300, eventful=3, each=7)
    ratio = (scipy.stats.norm.ppf(0.975) / scipy.stats.t.ppf(0.975, 3)) ** 2
    p = 3 / 2100
    size = p * (1 - p) / (met.var(ddof=1) / 300) * ratio
    assert 300 < size < 2100
    expected = scipy.stats.beta.ppf([0.025, 0.975], [size * p, size * p + 1], [size * (1 - p) + 1, size * (1 - p)])  # fmt: skip
    assert found.upper == close(1 - expected[0], 1e-9)
    assert found.lower == close(1 - expected[1], 1e-9)


@pytest.mark.parametrize("n", [50, 400])
def test_one_bad_year_is_no_certainty_and_no_more_than_it_is(n: int) -> None:
    """Of n terms of seven: between one in forty of a year in n terms, and 5.6 terms, whole ones.

    As it is with good and bad ones exchanged. Clopper and Pearson of one of n by scipy.
    """
    bad = np.zeros(n)
    bad[0] = 1 / 7
    expected = scipy.stats.binomtest(1, n).proportion_ci(0.95, "exact")
    v = float(bad.var(ddof=1))
    rare = stats.clustered_interval(float(bad.mean()), v, n, some=1, lacking=n, each=7)
    often = stats.clustered_interval(1 - float(bad.mean()), v, n, some=n, lacking=1, each=7)
    assert rare.lower == close(expected.low / 7, 1e-6)
    assert rare.upper == close(expected.high, 1e-6)
    assert often.lower == close(1 - expected.high, 1e-6)
    assert often.upper == close(1 - expected.low / 7, 1e-12)
    every = stats.clustered_interval(1.0, 0.0, n, some=n, lacking=0, each=7)
    assert (every.lower, every.upper) == (close(0.025 ** (1 / n), 1e-9), 1.0)
    none = stats.clustered_interval(0.0, 0.0, n, some=0, lacking=n, each=7)
    assert (none.lower, none.upper) == (0.0, close(1 - 0.025 ** (1 / n), 1e-9))


def test_one_replication_has_no_interval() -> None:
    cov = np.zeros((2, 2))
    found = stats.share_interval(0.5, 1.0, cov, 1, eventful=1)
    assert (found.value, found.lower, found.upper) == (0.5, None, None)
    assert stats.share_interval(0.0, 0.0, cov, 5, eventful=0).value is None
    assert stats.mean_interval(3.0, 0.0, 1, eventful=1).upper is None


def test_eventful_rows_are_counted_by_column() -> None:
    """In any portions, and joined."""
    rows = np.random.default_rng(2).poisson([0.1, 1.0, 0.0], (700, 3)).astype(float)
    expected = (rows != 0).sum(axis=0).tolist()
    one, two = stats.Moments(3), stats.Moments(3)
    for part in np.split(rows[:400], [1, 64, 130]):
        one.add(part)
    two.add(rows[400:], 400)
    one.merge(two)
    assert one.eventful.tolist() == expected
    assert two.eventful.tolist() == (rows[400:] != 0).sum(axis=0).tolist()
