"""Every law in both tails against mpmath: survival and distribution functions with 350 digits.

The oracle inverts them by halving; nothing of it is taken from the laws under test.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import mpmath as mp
import pytest

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
    compound,
    laws,
    scalar,
)
from pacsim.delays.compound import pack

if TYPE_CHECKING:
    from collections.abc import Callable

DIGITS = 350
P = [1e-300, 1e-20, 0.5, 1 - 1e-16]
CLOSE = 1e-13
"""A relative error; the logarithm of 1e-300 alone loses three digits of sixteen."""
SMALLEST = 1e-306
"""Below it floats lose digits, and then end."""
LAST_BITS = 2.0**-52


class Exact(NamedTuple):
    """What mpmath makes of a law."""

    sf: Callable[[Any], Any]
    cdf: Callable[[Any], Any]


def weibull(scale: float, shape: float) -> Exact:
    def spent(x: Any) -> Any:
        return (x / mp.mpf(scale)) ** mp.mpf(shape) if x > 0 else mp.mpf(0)

    return Exact(lambda x: mp.exp(-spent(x)), lambda x: -mp.expm1(-spent(x)))


def lognormal(median: float, sigma: float) -> Exact:
    def above(x: Any, sign: int) -> Any:
        # Small where it is, without a difference: it needs fewer digits, which cost time.
        with mp.workdps(40):
            z = mp.log(x / mp.mpf(median)) / mp.mpf(sigma)
            return mp.erfc(sign * z / mp.sqrt(2)) / 2

    return Exact(
        lambda x: above(x, 1) if x > 0 else mp.mpf(1),
        lambda x: above(x, -1) if x > 0 else mp.mpf(0),
    )


def triangular(*ends_and_mode: float) -> Exact:
    low, mode, high = map(mp.mpf, ends_and_mode)

    def cdf(x: Any) -> Any:
        if x <= low or x >= high:
            return mp.mpf(x >= high)
        if x <= mode:
            return (x - low) ** 2 / ((high - low) * (mode - low))
        return 1 - (high - x) ** 2 / ((high - low) * (high - mode))

    return Exact(lambda x: 1 - cdf(x), cdf)


def points(*pairs: tuple[float, float]) -> Exact:
    def cdf(x: Any) -> Any:
        if x <= pairs[0][1]:
            return mp.mpf(0)
        for (p0, x0), (p1, x1) in pairwise(pairs):
            if x < x1:
                return p0 + (mp.mpf(p1) - p0) * (x - x0) / (mp.mpf(x1) - x0)
        return mp.mpf(1)

    return Exact(lambda x: 1 - cdf(x), cdf)


def erlang(stages: int, mean: float) -> Exact:
    def above(x: Any) -> Any:
        y = x * stages / mp.mpf(mean)
        return mp.exp(-y) * mp.fsum(y**j / mp.factorial(j) for j in range(stages))

    return Exact(lambda x: above(x) if x > 0 else mp.mpf(1), lambda x: 1 - above(x) if x > 0 else 0)


def atom(value: float) -> Exact:
    return Exact(lambda x: mp.mpf(x < value), lambda x: mp.mpf(x >= value))


def later(law: Exact, shift: float) -> Exact:
    return Exact(lambda x: law.sf(x - shift), lambda x: law.cdf(x - shift))


def mixed(*parts: tuple[float, Exact]) -> Exact:
    return Exact(
        lambda x: mp.fsum(w * law.sf(x) for w, law in parts),
        lambda x: mp.fsum(w * law.cdf(x) for w, law in parts),
    )


TABLE = ((0.0, 1.0), (0.25, 2.0), (0.875, 5.0), (1.0, 50.0))
FROM_NOTHING = ((0.0, 0.0), (0.2, 2.0), (0.9, 5.0), (1.0, 50.0))
CASES: dict[str, tuple[Law, Exact]] = {
    "exponential": (Exponential(7.0), weibull(7.0, 1.0)),
    "weibull wear-out": (Weibull(100.0, 2.5), weibull(100.0, 2.5)),
    "weibull infant": (Weibull(5.0, 0.6), weibull(5.0, 0.6)),
    "weibull steep": (Weibull(5.0, 40.0), weibull(5.0, 40.0)),
    "lognormal": (Lognormal(60.0, 0.85), lognormal(60.0, 0.85)),
    "lognormal wide": (Lognormal(60.0, 3.0), lognormal(60.0, 3.0)),
    "deterministic": (Deterministic(4.0), atom(4.0)),
    "uniform": (Uniform(2.0, 6.0), points((0, 2.0), (1, 6.0))),
    "uniform from 0": (Uniform(0.0, 6.0), points((0, 0.0), (1, 6.0))),
    "triangular": (Triangular(1.0, 2.0, 7.0), triangular(1.0, 2.0, 7.0)),
    "triangular from 0": (Triangular(0.0, 2.0, 7.0), triangular(0.0, 2.0, 7.0)),
    "triangular falling": (Triangular(0.0, 0.0, 7.0), triangular(0.0, 0.0, 7.0)),
    "triangular early": (Triangular(0.0, 1e-25, 7.0), triangular(0.0, 1e-25, 7.0)),
    "triangular rising": (Triangular(0.0, 7.0, 7.0), triangular(0.0, 7.0, 7.0)),
    "points": (Quantiles(TABLE), points(*TABLE)),
    "points from 0": (Quantiles(FROM_NOTHING), points(*FROM_NOTHING)),
    "shifted": (Shifted(Weibull(12.0, 2.0), 6.0), later(weibull(12.0, 2.0), 6.0)),
    "shifted twice": (
        Shifted(Shifted(Lognormal(12.0, 2.0), 0.5), 0.25),
        later(lognormal(12.0, 2.0), 0.75),
    ),
    "exponential twice": (
        Shifted(Shifted(Exponential(12.0), 0.5), 0.25),
        later(weibull(12.0, 1.0), 0.75),
    ),
    "table later": (Shifted(Quantiles(TABLE), 6.0), later(points(*TABLE), 6.0)),
    "one stage": (Erlang(1, 24.0), erlang(1, 24.0)),
    "stages": (Erlang(4, 24.0), erlang(4, 24.0)),
    "many stages": (Erlang(50, 24.0), erlang(50, 24.0)),
    "mixture": (
        Mixture((0.75, 0.25), (Exponential(1.0), Exponential(11.0))),
        mixed((0.75, weibull(1.0, 1.0)), (0.25, weibull(11.0, 1.0))),
    ),
    "mixture of wide": (
        Mixture((0.75, 0.25), (Lognormal(61.0, 1.5), Shifted(Lognormal(3000.0, 0.5), 7.0))),
        mixed((0.75, lognormal(61.0, 1.5)), (0.25, later(lognormal(3000.0, 0.5), 7.0))),
    ),
    "mixture of bounded": (
        Mixture((0.75, 0.25), (Triangular(0.0, 2.0, 7.0), Quantiles(FROM_NOTHING))),
        mixed((0.75, triangular(0.0, 2.0, 7.0)), (0.25, points(*FROM_NOTHING))),
    ),
    "mixture of apart": (
        Mixture((0.25, 0.75), (Uniform(3.0, 4.0), Uniform(1.0, 2.0))),
        mixed((0.25, points((0, 3.0), (1, 4.0))), (0.75, points((0, 1.0), (1, 2.0)))),
    ),
    "mixture of atoms": (
        Mixture((0.25, 0.75), (Deterministic(3.0), Deterministic(8.0))),
        mixed((0.25, atom(3.0)), (0.75, atom(8.0))),
    ),
    "mixture later": (
        Shifted(Mixture((0.75, 0.25), (Exponential(1.0), Weibull(3.0, 0.5))), 3.0),
        later(mixed((0.75, weibull(1.0, 1.0)), (0.25, weibull(3.0, 0.5))), 3.0),
    ),
    "mixture in a mixture": (
        Mixture(
            (0.5, 0.5),
            (Mixture((0.25, 0.75), (Exponential(1.0), Weibull(2.0, 3.0))), Uniform(0, 9)),
        ),
        mixed(
            (0.125, weibull(1.0, 1.0)),
            (0.375, weibull(2.0, 3.0)),
            (0.5, points((0, 0.0), (1, 9.0))),
        ),
    ),
}
BY_DIFFERENCES = ("uniform", "triangular", "points", "mixture")
"""Drawn from 1 - u, or by halving on S: next to u = 1 they are exact in S and not in x."""


def first(reached: Callable[[Any], bool]) -> Any:
    """Return where a condition that stays true becomes true."""
    low, high = mp.mpf(10) ** -700, mp.mpf(1)
    while not reached(high):
        high *= 2
    while high / low > 2:
        middle = mp.sqrt(low * high)
        low, high = (low, middle) if reached(middle) else (middle, high)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def near(found: float, expected: Any) -> bool:
    return bool(
        abs(mp.mpf(found) - expected) <= CLOSE * expected + SMALLEST * (expected < SMALLEST)
    )


def test_every_law_is_here() -> None:
    shipped = {
        kind
        for module in (laws, compound)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Law) and kind is not Law
    }
    assert shipped == {type(law) for law, _ in CASES.values()}


@pytest.mark.parametrize("p", P)
@pytest.mark.parametrize("name", CASES)
def test_quantiles(name: str, p: float) -> None:
    law, exact = CASES[name]
    with mp.workdps(DIGITS):
        expected = first(lambda x: exact.cdf(x) >= mp.mpf(p))
        assert near(law.quantile(p), expected), (law.quantile(p), mp.nstr(expected, 17))


@pytest.mark.parametrize("u", P)
@pytest.mark.parametrize("name", CASES)
def test_inverse_survival(name: str, u: float) -> None:
    law, exact = CASES[name]
    with mp.workdps(DIGITS):
        found = law.isf(u)
        if u > 0.9 and name.startswith(BY_DIFFERENCES):
            assert abs(exact.sf(mp.mpf(found)) - mp.mpf(u)) <= LAST_BITS or near(
                found, first(lambda x: exact.sf(x) <= mp.mpf(u))
            )
        else:
            expected = first(lambda x: exact.sf(x) <= mp.mpf(u))
            assert near(found, expected), (found, mp.nstr(expected, 17))


@pytest.mark.parametrize("name", CASES)
def test_both_functions_and_the_logarithm(name: str) -> None:
    """At a thousandth and nearer to either end; where it jumps, on both sides."""
    law, exact = CASES[name]
    for p in (1e-250, 1e-20, 1e-9, 1e-3, 0.3, 0.5, 0.9):
        for x in {law.quantile(p), law.isf(p)}:
            for near_by in (math.nextafter(x, 0.0), x, x * (1 + 1e-9)):
                with mp.workdps(DIGITS):
                    at = mp.mpf(near_by)
                    sf, cdf = exact.sf(at), exact.cdf(at)
                    # The logarithm of x times the power in the exponent is what limits the digits.
                    assert abs(law.sf(near_by) - sf) <= 1e-12 * sf
                    assert abs(law.cdf(near_by) - cdf) <= 1e-12 * cdf
                    if sf > 0:
                        expected = mp.log1p(-cdf) if cdf < 0.5 else mp.log(sf)
                        assert abs(law.logsf(near_by) - expected) <= 1e-12 * abs(expected)
                    else:
                        assert law.logsf(near_by) == -math.inf


class Foreign(Law):
    """A law of somebody else's, who wrote what must be written: x^4 on [0, 1]."""

    def mean(self) -> float:
        return 0.8

    def isf(self, u: float) -> float:
        return math.exp(math.log1p(-u) / 4.0)

    def sf(self, x: float) -> float:
        return 1.0 - self.cdf(x)

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, x) ** 4)

    def pdf(self, x: float) -> float:
        return 4.0 * x**3 if 0.0 <= x <= 1.0 else 0.0

    def scaled(self, factor: float) -> Law:
        raise NotImplementedError


@pytest.mark.parametrize("p", P)
def test_a_foreign_law_has_exact_quantiles(p: float) -> None:
    with mp.workdps(50):
        assert near(Foreign().quantile(p), mp.mpf(p) ** 0.25)


@pytest.mark.parametrize("name", [n for n, (law, _) in CASES.items() if law.samplable])
def test_draws_have_the_bits_of_compiled_engines(name: str) -> None:
    """What is exact for its own sake must not move a draw, a second shift neither."""
    law = Shifted(CASES[name][0], 0.1)
    table = pack((law,))
    shares = [(k + 0.5) / 40 for k in range(40)]
    for u in (2.0**-53, 1e-9, *shares, 1 - 2.0**-53):
        assert law.isf(u) == scalar.draw(table.rows, table.values, 0, u)
        for p in (1e-9, 0.1, 0.3, 0.5, 0.9, 1 - 1e-9, 1 - 1e-14):
            age = law.quantile(p)
            rest = scalar.draw_residual(table.rows, table.values, 0, u, age)
            assert law.residual_isf(u, age) == rest
