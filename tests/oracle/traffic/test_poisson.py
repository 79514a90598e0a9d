"""The Poisson quantile against scipy, against many digits, and compiled (T4)."""

from typing import Any

import numba
import numpy as np
import pytest
from mpmath import gammainc, mp
from scipy.stats import poisson

from pacsim.traffic import poisson as module
from pacsim.traffic.poisson import MOST, poisson_quantile

MEANS = (1e-300, 1e-17, 1.5e-9, 1e-3, 0.1, 0.7, 1.0, 2.5, 10.0, 99.5, 250.0, 499.99, MOST)
UNIFORMS = (
    *np.linspace(0.0005, 0.9995, 1000),
    *(10.0**-k for k in range(1, 16)),
    *(1.0 - 10.0**-k for k in range(1, 12)),
)


@pytest.mark.parametrize("mean", MEANS)
def test_as_scipy_has_it(mean: float) -> None:
    # Sees: a sum that begins at one, a weight with k + 1, the upper half cut short.
    found = [poisson_quantile(u, mean) for u in UNIFORMS]
    assert found == poisson.ppf(UNIFORMS, mean).astype(int).tolist()


@pytest.mark.parametrize("mean", MEANS[4:])
def test_it_steps_where_the_distribution_does(mean: float) -> None:
    # Sees: < in place of <=, on either side of `FAR`.
    for k in range(int(poisson.isf(1e-9, mean))):
        below, above = poisson.cdf(k, mean), poisson.sf(k, mean)
        if below > 1e-300:
            assert poisson_quantile(below * (1 - 1e-12), mean) <= k
        if above > 1e-6:
            assert poisson_quantile(below * (1 + 1e-12), mean) == k + 1


@pytest.mark.parametrize("mean", [1e-15, 1e-3, 0.7, 2.5, 100.0, 250.0, 500.0])
@pytest.mark.parametrize("bits", [30, 40, 50, 53])
def test_the_last_uniforms_have_their_digits(mean: float, bits: int) -> None:
    # Sees: the distribution function summed beyond `FAR`, an end that comes too early.
    mp.dps = 40
    k = poisson_quantile(1.0 - 2.0**-bits, mean)

    def survives(k: int) -> Any:
        return gammainc(k + 1, 0, mean, regularized=True) if k >= 0 else mp.mpf(1)

    assert survives(k) <= mp.mpf(2) ** -bits < survives(k - 1)


def test_nothing_is_expected() -> None:
    assert {poisson_quantile(u, 0.0) for u in (2.0**-53, 0.5, 1.0 - 2.0**-53)} == {0}


def test_compiled_it_gives_the_same() -> None:
    compiled = numba.njit(error_model="numpy")(module.poisson_quantile)
    few = UNIFORMS[::7]
    for mean in (0.0, *MEANS):
        assert [compiled(u, mean) for u in few] == [poisson_quantile(u, mean) for u in few]
