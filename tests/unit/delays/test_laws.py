"""Every law against scipy over the whole range, both tails in complement and log form."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pacsim.delays import (
    Deterministic,
    Erlang,
    Exponential,
    Law,
    Lognormal,
    Mixture,
    Quantiles,
    Shifted,
    Triangular,
    Uniform,
    Weibull,
    scalar,
)
from pacsim.delays.compound import pack
from pacsim.delays.jitted import twins
from tests.close import close

PAIRS = {
    "exponential": (Exponential(7.0), stats.expon(scale=7.0)),
    "weibull wear-out": (Weibull(100.0, 2.3), stats.weibull_min(2.3, scale=100.0)),
    "weibull infant": (Weibull(5.0, 0.6), stats.weibull_min(0.6, scale=5.0)),
    "lognormal": (Lognormal(60.0, 0.85), stats.lognorm(0.85, scale=60.0)),
    "uniform": (Uniform(2.0, 6.0), stats.uniform(2.0, 4.0)),
    "triangular": (Triangular(1.0, 2.0, 7.0), stats.triang(1 / 6, loc=1.0, scale=6.0)),
    "shifted weibull": (Shifted(Weibull(12.0, 2.0), 6.0), stats.weibull_min(2.0, 6.0, 12.0)),
    "erlang": (Erlang(4, 24.0), stats.gamma(4, scale=6.0)),
}
P = [1e-300, 1e-100, 1e-17, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.75, 0.9, 0.999, 1 - 1e-9]


@pytest.mark.parametrize("name", PAIRS)
def test_agrees_with_scipy(name: str) -> None:
    law, peer = PAIRS[name]
    assert law.mean() == close(peer.mean(), rel=1e-13)
    # scipy takes the triangular tail from one, so only its body is a yardstick.
    tails = [1e-3] if name == "triangular" else [1e-3, 1e-9, 1e-14]
    xs = np.concatenate([peer.ppf([1e-6, 0.01, 0.2, 0.5, 0.9]), peer.isf(tails)])
    for x in xs.tolist():
        assert law.sf(x) == close(peer.sf(x), rel=2e-12)
        assert law.cdf(x) == close(peer.cdf(x), rel=2e-12)
        assert law.logsf(x) == pytest.approx(peer.logsf(x), rel=2e-11, abs=1e-15)
        assert law.pdf(x) == close(peer.pdf(x), rel=1e-11)
        assert law.hazard(x) == close(peer.pdf(x) / peer.sf(x), rel=1e-11)
    for u in (1e-14, 1e-6, 0.05, 0.4, 0.5, 0.8, 0.999):
        assert law.isf(u) == close(peer.isf(u), rel=1e-9)
        assert law.quantile(u) == close(peer.ppf(u), rel=1e-9)


def test_triangular_tail_by_hand() -> None:
    law = Triangular(1.0, 2.0, 7.0)
    assert law.sf(7.0 - 1e-5) == close(1e-10 / (6.0 * 5.0), rel=1e-9)
    assert law.isf(1e-12) == close(7.0 - (1e-12 * 30.0) ** 0.5, rel=1e-15)


@pytest.mark.parametrize("name", ["exponential", "weibull wear-out", "lognormal"])
def test_far_tail_keeps_its_digits(name: str) -> None:
    law, peer = PAIRS[name]
    for u in P[:3]:
        x = law.isf(u)
        assert peer.logsf(x) == close(math.log(u), rel=1e-10)
    far = 40 * law.mean() ** 2
    assert law.logsf(far) == close(peer.logsf(far), rel=1e-9)
    assert math.isfinite(law.logsf(far))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("age", [0.5, 3.0, 4.5])
def test_residual_is_conditional_survival(name: str, age: float) -> None:
    law, peer = PAIRS[name]
    if peer.sf(age) <= 0:
        pytest.fail("choose an age inside the support")
    for u in (1e-6, 0.2, 0.5, 0.9):
        y = law.residual_isf(u, age)
        if y > 0:
            assert peer.sf(age + y) / peer.sf(age) == close(u, rel=1e-8)


def test_weibull_residual_has_no_cancellation() -> None:
    """At age 1e6 scales apart the residual is exponential with the hazard of that age."""
    law = Weibull(1.0, 1.0)
    assert law.residual_isf(1 - 1e-9, 1e6) == close(1e-9, rel=1e-6)


def test_normal_quantile_is_as241() -> None:
    for u in (1e-300, 1e-20, 1e-5, 0.02, 0.3, 0.5, 0.7, 0.999, 1 - 1e-12):
        assert scalar.normal_isf(u) == pytest.approx(stats.norm.isf(u), rel=1e-14, abs=1e-15)


MIX = Mixture((0.7, 0.3), (Lognormal.from_p95(61.0, 440.0), Shifted(Lognormal(3000.0, 0.5), 7.0)))
TABLE = Quantiles(((0.0, 1.0), (0.2, 2.0), (0.9, 5.0), (1.0, 50.0)))


def test_mixture_inverse_is_the_true_inverse() -> None:
    a, b = stats.lognorm(MIX.laws[0].sigma, scale=61.0), stats.lognorm(0.5, 7.0, 3000.0)  # type: ignore[attr-defined]
    for u in (1e-9, 0.01, 0.3, 0.31, 0.6, 0.99):
        x = MIX.isf(u)
        assert 0.7 * a.sf(x) + 0.3 * b.sf(x) == close(u, rel=1e-10)
    nested = Mixture(
        (0.5, 0.5), (Mixture((0.4, 0.6), (Uniform(1, 2), Uniform(3, 4))), Uniform(5, 6))
    )
    assert nested.isf(0.25) == pytest.approx(5.5)
    assert nested.isf(0.9) == pytest.approx(1.5)


def test_mixture_with_atoms() -> None:
    law = Mixture((0.5, 0.5), (Deterministic(3.0), Deterministic(8.0)))
    assert [law.isf(u) for u in (0.9, 0.6, 0.4, 0.1)] == [3.0, 3.0, 8.0, 8.0]


def test_quantile_table() -> None:
    assert TABLE.isf(0.9) == pytest.approx(1.5)
    assert TABLE.sf(5.0) == pytest.approx(0.1)
    assert TABLE.mean() == pytest.approx(0.2 * 1.5 + 0.7 * 3.5 + 0.1 * 27.5)


def test_p95_of_lognormal() -> None:
    assert stats.lognorm(Lognormal.from_p95(60, 240).sigma, scale=60).ppf(0.95) == pytest.approx(
        240
    )
    assert Lognormal.from_p95(60, 240).mean() / 60 == pytest.approx(1.43, abs=0.005)


DRAWN: tuple[Law, ...] = (
    Exponential(7.0),
    Weibull(100.0, 2.3),
    Weibull(5.0, 0.6),
    Lognormal(60.0, 0.85),
    Deterministic(4.0),
    Uniform(2.0, 6.0),
    Triangular(1.0, 2.0, 7.0),
    TABLE,
    MIX,
    Shifted(Uniform(0.0, 2.0), 4.0),
    Mixture((0.5, 0.5), (Deterministic(3.0), Exponential(2.0))),
)
JITTED = twins()
EDGES = [2.0**-53, 1 - 2.0**-53, 2.0**-30, 0.5, 0.075, 0.925]


@pytest.mark.slow
def test_interpreted_and_jitted_draws_are_equal_to_the_bit() -> None:
    jitted, table = JITTED, pack(DRAWN)
    uniforms = [*EDGES, *np.random.default_rng(1).random(2000).tolist()]
    for i, law in enumerate(DRAWN):
        for u in uniforms:
            plain = law.isf(u)
            assert plain == scalar.draw(table.rows, table.values, i, u)
            assert plain == jitted["draw"](table.rows, table.values, i, u)
            rest = law.residual_isf(u, 2.5)
            assert rest == scalar.draw_residual(table.rows, table.values, i, u, 2.5)
            assert rest == jitted["draw_residual"](table.rows, table.values, i, u, 2.5)


EXTREME: tuple[Law, ...] = (
    Weibull(1.0, 0.002),
    Weibull(1e-300, 1e-6),
    Weibull(1.0, 400.0),
    Weibull(1e300, 0.01),
    Lognormal(1.0, 500.0),
    Lognormal(1e300, 30.0),
    Lognormal(5e-324, 1e-3),
    Exponential(math.inf),
    Exponential(5e-324),
    Deterministic(math.inf),
    Triangular(0.0, 1e200, 2e200),
    Uniform(0.0, 1.7e308),
    Shifted(Weibull(1.0, 0.002), 3.0),
    Mixture((0.5, 0.5), (Weibull(1.0, 0.002), Lognormal(1.0, 500.0))),
    Mixture((0.5, 0.5), (Exponential(math.inf), Lognormal(1.0, 500.0))),
    Mixture((0.5, 0.5), (Weibull(1e-10, 400.0), Exponential(1.0))),
)
"""Legal laws whose draws, moments or tails are no floats."""
AGES = [1e-300, 0.3, 2.5, 4.0, 1e10, 1e200]
ARGUMENTS = [-1.0, 0.0, 5e-324, 1e-300, 0.5, 1.0, 40.0, 1e10, 1e200, 1.7e308, math.inf]


@pytest.mark.slow
@pytest.mark.parametrize("i", range(len(EXTREME)))
def test_interpreted_and_jitted_agree_where_floats_end(i: int) -> None:
    law, jitted, table = EXTREME[i], JITTED, pack(EXTREME)
    for u in [*EDGES, 1e-4, 0.01, 0.2, 0.8, 0.999]:
        plain = law.isf(u)
        assert plain >= 0.0
        assert plain == scalar.draw(table.rows, table.values, i, u)
        assert plain == jitted["draw"](table.rows, table.values, i, u)
        for age in AGES:
            rest = law.residual_isf(u, age)
            assert rest >= 0.0
            assert rest == scalar.draw_residual(table.rows, table.values, i, u, age)
            assert rest == jitted["draw_residual"](table.rows, table.values, i, u, age)
    for x in ARGUMENTS:
        alive = scalar.row_sf(table.rows, table.values, i, x)
        assert 0.0 <= alive <= 1.0
        assert alive == jitted["row_sf"](table.rows, table.values, i, x)


@pytest.mark.parametrize("law", [*EXTREME, Erlang(3, 10.0)])
def test_no_method_fails_where_floats_end(law: Law) -> None:
    assert law.mean() >= 0.0
    for p in (1e-12, 0.2, 0.5, 0.99, 1 - 1e-12):
        assert law.quantile(p) >= 0.0
    for x in ARGUMENTS:
        assert 0.0 <= law.sf(x) <= 1.0
        assert 0.0 <= law.cdf(x) <= 1.0
        assert law.logsf(x) <= 0.0
        assert law.cumulative_hazard(x) >= 0.0
        assert law.pdf(x) >= 0.0
        assert law.hazard(x) >= 0.0


def test_what_is_no_float_is_infinity() -> None:
    """Weibull: ln x = ln(-ln u) / shape; lognormal: ln x = sigma z; a float ends at e^709.78."""
    for u in (0.3, 0.2, 0.1):
        exponent = 500.0 * math.log(-math.log(u))
        expected = math.exp(exponent) if exponent < 709.0 else math.inf
        assert Weibull(1.0, 0.002).isf(u) == close(expected, rel=1e-11)
    # z = 1.2816 at 0.1 and 2.3263 at 0.01: e^641 is a float, e^1163 is none.
    assert Lognormal(1.0, 500.0).isf(0.1) == close(math.exp(500.0 * stats.norm.isf(0.1)), rel=1e-11)
    assert Lognormal(1.0, 500.0).isf(0.01) == math.inf
    # The mean of a Weibull law is scale x Gamma(1 + 1/shape), and Gamma(172) is none.
    assert Weibull(1.0, 1 / 169).mean() == close(math.gamma(170.0), rel=1e-12)
    assert Weibull(1.0, 0.002).mean() == math.inf
    assert Lognormal(1.0, 500.0).mean() == math.inf
    # Half of the way to the largest float and beyond: 1e200 x (2 - sqrt(2 u)).
    assert Triangular(0.0, 1e200, 2e200).isf(0.125) == close(1.5e200, rel=1e-12)
    # A unit a thousand scales old whose hazard rises as x^399 fails at once.
    assert Weibull(1.0, 400.0).residual_isf(0.5, 1000.0) == 0.0
    assert Weibull(1.0, 0.002).residual_isf(0.01, 1.0) == math.inf
    assert Exponential(math.inf).sf(math.inf) == 1.0


@given(st.floats(1e-12, 1 - 1e-12), st.floats(1e-12, 1 - 1e-12), st.integers(0, len(DRAWN) - 1))
def test_draws_decrease_in_u(a: float, b: float, i: int) -> None:
    low, high = min(a, b), max(a, b)
    assert DRAWN[i].isf(low) >= DRAWN[i].isf(high)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exponential(0.0), "Exponential: mean = 0.0 must be > 0"),
        (lambda: Exponential(math.nan), "mean = nan"),
        (lambda: Weibull(1.0, -1.0), "shape = -1.0"),
        (lambda: Lognormal.from_p95(4.0, 2.0), "p95 = 2.0 must be greater"),
        (lambda: Uniform(3.0, 3.0), "low = 3.0 must be below"),
        (lambda: Triangular(1.0, 9.0, 2.0), "low <= mode <= high"),
        (lambda: Quantiles(((0.1, 1.0), (1.0, 2.0))), "p rising from 0 to 1"),
        (lambda: Mixture((0.5, 0.4), (Exponential(1), Exponential(2))), "sum to 1"),
        (lambda: Deterministic(-1.0), "value = -1.0"),
        (lambda: Erlang(0, 1.0), "stages = 0"),
        (lambda: pack((Erlang(2, 1.0),)), "has no code in pacsim.delays.scalar"),
    ],
)
def test_wrong_parameters_are_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        make()  # type: ignore[operator]


def test_scaled_laws() -> None:
    for law in DRAWN:
        assert law.scaled(3.0).isf(0.3) == close(3.0 * law.isf(0.3), rel=1e-12)
