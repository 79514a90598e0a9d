"""The histogram: ranks by the binomial law, edges, joining, and what it refuses."""

import numpy as np
import pytest
import scipy.stats

from pacsim.stats import LogHistogram, quantile_ranks


def filled(values: np.ndarray, **bins: float) -> LogHistogram:
    made = LogHistogram(**bins)  # type: ignore[arg-type]
    made.add(values)
    return made


@pytest.mark.parametrize("p", [0.05, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 2, 5, 37, 59, 60, 200, 1000, 100_000])
def test_ranks_are_the_tightest_the_binomial_allows(n: int, p: float) -> None:
    """Each end misses with 2.5 % at most, and one rank further in it would miss with more."""
    low, high = quantile_ranks(p, n)
    binomial = scipy.stats.binom(n, p)
    missed_below = binomial.cdf(low - 1) if low else 0.0
    missed_above = binomial.sf(high - 1) if high <= n else 0.0
    assert missed_below <= 0.025
    assert missed_above <= 0.025
    assert low == n or binomial.cdf(low) > 0.025
    assert high == 1 or binomial.sf(high - 2) > 0.025


def test_ends_lie_outside_the_values_of_their_ranks() -> None:
    """Moved to the edges of bins: the interval holds the exact one and little more."""
    values = np.sort(np.random.default_rng(9).lognormal(1.0, 2.0, 5000))
    histogram = filled(values)
    for p in (0.5, 0.95):
        low, high = quantile_ranks(p, len(values))
        found = histogram.estimate(p)
        assert found.lower is not None
        assert found.upper is not None
        width = 10 ** (1 / 200)
        assert values[low - 1] / width <= found.lower <= values[low - 1]
        assert values[high - 1] <= found.upper <= values[high - 1] * width


@pytest.mark.parametrize("p", [0.01, 0.07, 0.29, 0.5, 0.57, 0.95])
def test_no_rank_too_high_by_rounding(p: float) -> None:
    """0.07 times 100 is 7.000000000000001 in binary: still the seventh of a hundred."""
    histogram = filled(np.arange(1.0, 101.0))
    assert histogram.quantile(p) == pytest.approx(round(100 * p), rel=1.01 * histogram.error)


@pytest.mark.parametrize("per_decade", [50, 200, 256])
def test_the_stated_error_is_kept(per_decade: int) -> None:
    values = np.random.default_rng(3).lognormal(0.0, 3.0, 20_001)
    histogram = filled(values, low=1e-6, high=1e8, per_decade=per_decade)
    assert histogram.error == pytest.approx(10 ** (0.5 / per_decade) - 1, rel=1e-12)
    for p in (0.05, 0.5, 0.999):
        exact = float(np.quantile(values, p, method="inverted_cdf"))
        assert abs(histogram.quantile(p) / exact - 1) <= histogram.error * (1 + 1e-9)


def test_coarser_bins_than_stated_are_seen() -> None:
    """Planted fault: half as many bins break the stated error."""
    values = np.random.default_rng(3).lognormal(0.0, 3.0, 20_001)
    coarse = filled(values, per_decade=100)
    exact = np.quantile(values, np.linspace(0.01, 0.99, 99), method="inverted_cdf")
    found = np.array([coarse.quantile(p) for p in np.linspace(0.01, 0.99, 99)])
    assert np.abs(found / exact - 1).max() > LogHistogram.ERROR


def test_joined_and_counted_values() -> None:
    """Two joined, or values given with how often, are one histogram of all of them."""
    values = np.random.default_rng(5).exponential(3.0, 1000)
    joined = filled(values[:400])
    joined.merge(filled(values[400:]))
    assert (joined.counts == filled(values).counts).all()
    often = LogHistogram()
    often.add(np.array([2.0, 3.0, 2.0]), np.array([5, 1, 2]))
    assert (often.counts == filled(np.array([2.0] * 7 + [3.0])).counts).all()
    with pytest.raises(ValueError, match="other bins"):
        joined.merge(LogHistogram(per_decade=100))


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), -1e-300])
def test_what_has_no_place_is_refused(wrong: float) -> None:
    """With a reason, and nothing of the batch is counted."""
    histogram = LogHistogram()
    with pytest.raises(ValueError, match="leave out what is not known"):
        histogram.add(np.array([1.0, wrong]))
    assert histogram.n == 0


def test_no_end_is_ever_infinite() -> None:
    """Beyond the bins an end is nothing; zeros stay zeros with the smallest bin above them."""
    huge = filled(np.full(100, 1e30)).estimate(0.5)
    assert huge.upper is None
    zero = filled(np.zeros(100)).estimate(0.5)
    assert (zero.lower, zero.value, zero.upper) == (0.0, 0.0, 1e-4)
    none = LogHistogram().estimate(0.5)
    assert (none.value, none.lower, none.upper, none.n) == (None, None, None, 0)
    few = filled(np.array([1.0, 2.0])).estimate(0.5)
    assert few.lower is None
    assert few.upper is None


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="without values"):
        LogHistogram().quantile(0.5)


def test_an_edge_is_told_by_no_bit() -> None:
    """1 h is the edge of a bin: what sums of times are off by makes no other quantile."""
    # Sees: bins by the bits of a difference of times; the quantiles would be 1.2 % apart.
    below, above = (filled(np.array([1.0 + x])) for x in (-1e-12, 1e-12))
    assert below.quantile(0.5) == above.quantile(0.5)
