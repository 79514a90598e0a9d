"""Laws of delays: exponential, Weibull, lognormal, deterministic, uniform and triangular.

Parameters are seconds (or any one unit throughout). A law is a class here, or in `compound`, and a
function of its inverse in `scalar`; nothing else names it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from pacsim.delays import scalar
from pacsim.delays.law import Law, Phases, check_parameter

Z95 = scalar.normal_isf(0.05)
"""The 95 % point of a standard normal law, 1.6449."""


@dataclass(frozen=True, slots=True)
class Exponential(Law):
    """Exponential law by its mean; an infinite mean is the delay that never ends.

    Parameters
    ----------
    value : float
        Mean, > 0, in s.

    Examples
    --------
    >>> round(Exponential(10.0).sf(10.0), 6)
    0.367879
    """

    value: float
    code = scalar.EXPONENTIAL

    def __post_init__(self) -> None:
        check_parameter(self, "mean", self.value, infinite=True)

    def phases(self) -> Phases:  # noqa: D102
        return ((1.0, 1, self.value),)

    def mean(self) -> float:  # noqa: D102
        return self.value

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.exponential_isf(u, self.value)

    def quantile(self, p: float) -> float:  # noqa: D102
        return -math.log1p(-p) * self.value

    def sf(self, x: float) -> float:  # noqa: D102
        return math.exp(self.logsf(x))

    def cdf(self, x: float) -> float:  # noqa: D102
        return -math.expm1(self.logsf(x))

    def logsf(self, x: float) -> float:  # noqa: D102
        return 0.0 if x <= 0 or self.value == math.inf else -x / self.value

    def pdf(self, x: float) -> float:  # noqa: D102
        return 0.0 if x < 0 else self.sf(x) / self.value

    def hazard(self, x: float) -> float:  # noqa: D102
        return 0.0 if x < 0 else 1.0 / self.value

    def residual_after(self, shift: float, u: float, age: float) -> float:  # noqa: D102
        if 0 < age >= shift:
            return scalar.exponential_isf(u, self.value)
        return Law.residual_after(self, shift, u, age)

    def scaled(self, factor: float) -> Exponential:  # noqa: D102
        return Exponential(self.value * factor)


@dataclass(frozen=True, slots=True)
class Weibull(Law):
    """Weibull law by scale and shape; a shift is `Shifted`, never a maximum.

    Parameters
    ----------
    scale : float
        > 0, in s; a share 1/e lasts longer.
    shape : float
        > 0; below 1 the hazard falls, above 1 it rises.

    Examples
    --------
    >>> round(Weibull(100.0, 2.0).cdf(100.0), 6)
    0.632121
    """

    scale: float
    shape: float
    code = scalar.WEIBULL
    form = MappingProxyType({"scale": "time", "shape": ""})

    def __post_init__(self) -> None:
        check_parameter(self, "scale", self.scale)
        check_parameter(self, "shape", self.shape)

    def parameters(self) -> tuple[float, ...]:  # noqa: D102
        return (self.scale, self.shape, 1.0 / self.shape)

    def phases(self) -> Phases | None:  # noqa: D102
        return ((1.0, 1, self.scale),) if self.shape == 1 else None

    def mean(self) -> float:  # noqa: D102
        try:
            return self.scale * math.gamma(1.0 + 1.0 / self.shape)
        except OverflowError:
            return math.inf

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.weibull_isf(u, self.scale, 1.0 / self.shape)

    def quantile(self, p: float) -> float:  # noqa: D102
        return self.scale * scalar.power(-math.log1p(-p), 1.0 / self.shape)

    def sf(self, x: float) -> float:  # noqa: D102
        return math.exp(self.logsf(x))

    def cdf(self, x: float) -> float:  # noqa: D102
        return -math.expm1(self.logsf(x))

    def logsf(self, x: float) -> float:  # noqa: D102
        return 0.0 if x <= 0 else -scalar.power(x / self.scale, self.shape)

    def pdf(self, x: float) -> float:  # noqa: D102
        survival = self.sf(x)
        return 0.0 if x < 0 or survival == 0 else self.hazard(x) * survival

    def hazard(self, x: float) -> float:  # noqa: D102
        if x < 0:
            return 0.0
        return self.shape / self.scale * scalar.power(x / self.scale, self.shape - 1.0)

    def residual_after(self, shift: float, u: float, age: float) -> float:  # noqa: D102
        if 0 < age >= shift:
            rest = age - shift
            return scalar.weibull_residual(u, rest, self.scale, self.shape, 1.0 / self.shape)
        return Law.residual_after(self, shift, u, age)

    def scaled(self, factor: float) -> Weibull:  # noqa: D102
        return Weibull(self.scale * factor, self.shape)


@dataclass(frozen=True, slots=True)
class Lognormal(Law):
    """Lognormal law by its median and the standard deviation of its logarithm.

    Parameters
    ----------
    median : float
        > 0, in s.
    sigma : float
        Standard deviation of the logarithm, > 0.

    Examples
    --------
    >>> law = Lognormal.from_p95(60.0, 240.0)
    >>> round(law.mean() / 60.0, 3)
    1.426
    """

    median: float
    sigma: float
    code = scalar.LOGNORMAL
    form = MappingProxyType({"median": "time", "p95": "time"})

    @classmethod
    def written(cls, *numbers: float) -> Lognormal:  # noqa: D102
        return cls.from_p95(*numbers)

    def __post_init__(self) -> None:
        check_parameter(self, "median", self.median)
        check_parameter(self, "sigma", self.sigma)

    @classmethod
    def from_p95(cls, median: float, p95: float) -> Lognormal:
        """Return the law with this median and 95 % point; p95 > median > 0.

        Parameters
        ----------
        median : float
            > 0, in s.
        p95 : float
            95 % point, above the median, in s.
        """
        if not p95 > median > 0:
            msg = f"Lognormal: p95 = {p95!r} must be greater than the median {median!r} > 0"
            raise ValueError(msg)
        return cls(median, math.log(p95 / median) / Z95)

    @classmethod
    def from_mean(cls, mean: float, sigma: float) -> Lognormal:
        """Return the law with this mean and sigma.

        Parameters
        ----------
        mean : float
            > 0, in s.
        sigma : float
            Standard deviation of the logarithm, > 0.
        """
        return cls(mean * math.exp(-0.5 * sigma * sigma), sigma)

    def _z(self, x: float) -> float:
        ratio = x / self.median
        return math.log(ratio) / self.sigma if ratio > 0 else -math.inf

    def mean(self) -> float:  # noqa: D102
        return self.median * scalar.exponential(0.5 * self.sigma * self.sigma)

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.lognormal_isf(u, self.median, self.sigma)

    def quantile(self, p: float) -> float:  # noqa: D102
        return self.median * scalar.exponential(-self.sigma * scalar.normal_isf(p))

    def sf(self, x: float) -> float:  # noqa: D102
        return 1.0 if x <= 0 else 0.5 * math.erfc(self._z(x) / scalar.SQRT2)

    def cdf(self, x: float) -> float:  # noqa: D102
        return 0.0 if x <= 0 else 0.5 * math.erfc(-self._z(x) / scalar.SQRT2)

    def logsf(self, x: float) -> float:  # noqa: D102
        if x <= 0:
            return 0.0
        z = self._z(x)
        if z < 0:
            return math.log1p(-self.cdf(x))
        if z < _FAR:
            return math.log(self.sf(x))
        return -0.5 * z * z - 0.5 * math.log(2 * math.pi) - math.log(_inverse_mills(z))

    def pdf(self, x: float) -> float:  # noqa: D102
        if x <= 0:
            return 0.0
        z = self._z(x)
        height = math.exp(-0.5 * z * z)
        width = x * self.sigma * math.sqrt(2 * math.pi)
        if height == 0:
            return 0.0
        return height / width if width > 0 else math.inf

    def hazard(self, x: float) -> float:  # noqa: D102
        if x <= 0:
            return 0.0
        z = self._z(x)
        if z > _FAR:
            return _inverse_mills(z) / (x * self.sigma) if x < math.inf else 0.0
        return self.pdf(x) / self.sf(x)

    def scaled(self, factor: float) -> Lognormal:  # noqa: D102
        return Lognormal(self.median * factor, self.sigma)


_FAR = 10.0


def _inverse_mills(z: float) -> float:
    """Return density over tail of a standard normal law for large z, by its continued fraction."""
    value = z
    for k in range(60, 0, -1):
        value = z + k / value
    return value


@dataclass(frozen=True, slots=True)
class Deterministic(Law):
    """A delay of exactly this length; 0 is legal.

    Parameters
    ----------
    value : float
        The delay, >= 0, in s.

    Examples
    --------
    >>> Deterministic(5.0).isf(0.3)
    5.0
    """

    value: float
    code = scalar.DETERMINISTIC
    form = MappingProxyType({"exactly": "time"})

    def __post_init__(self) -> None:
        check_parameter(self, "value", self.value, zero=True, infinite=True)

    @property
    def fixed(self) -> float:  # noqa: D102
        return self.value

    def mean(self) -> float:  # noqa: D102
        return self.value

    def isf(self, u: float) -> float:  # noqa: D102
        return self.value

    def quantile(self, p: float) -> float:  # noqa: D102
        return self.value

    def sf(self, x: float) -> float:  # noqa: D102
        return 1.0 if x < self.value else 0.0

    def cdf(self, x: float) -> float:  # noqa: D102
        return 0.0 if x < self.value else 1.0

    def pdf(self, x: float) -> float:  # noqa: D102
        return math.inf if x == self.value else 0.0

    def residual_after(self, shift: float, u: float, age: float) -> float:  # noqa: D102
        return shift + self.value if age <= 0 else max(0.0, shift + self.value - age)

    def scaled(self, factor: float) -> Deterministic:  # noqa: D102
        return Deterministic(self.value * factor)


@dataclass(frozen=True, slots=True)
class Uniform(Law):
    """Uniform law on [low, high].

    Parameters
    ----------
    low, high : float
        Ends, 0 <= low < high, in s.

    Examples
    --------
    >>> Uniform(2.0, 6.0).mean()
    4.0
    """

    low: float
    high: float
    code = scalar.UNIFORM
    form = MappingProxyType({"low": "time", "high": "time"})

    def __post_init__(self) -> None:
        check_parameter(self, "low", self.low, zero=True)
        check_parameter(self, "high", self.high)
        if not self.low < self.high:
            msg = f"Uniform: low = {self.low!r} must be below high = {self.high!r}"
            raise ValueError(msg)

    def mean(self) -> float:  # noqa: D102
        return 0.5 * (self.low + self.high)

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.uniform_isf(u, self.low, self.high)

    def quantile(self, p: float) -> float:  # noqa: D102
        return self.low + (self.high - self.low) * p

    def sf(self, x: float) -> float:  # noqa: D102
        return min(1.0, max(0.0, (self.high - x) / (self.high - self.low)))

    def cdf(self, x: float) -> float:  # noqa: D102
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))

    def pdf(self, x: float) -> float:  # noqa: D102
        return 1.0 / (self.high - self.low) if self.low <= x <= self.high else 0.0

    def scaled(self, factor: float) -> Uniform:  # noqa: D102
        return Uniform(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Triangular(Law):
    """Triangular law by low, mode and high.

    Parameters
    ----------
    low, mode, high : float
        Ends and peak, 0 <= low <= mode <= high and low < high, in s.

    Examples
    --------
    >>> Triangular(0.0, 1.0, 5.0).mean()
    2.0
    """

    low: float
    mode: float
    high: float
    code = scalar.TRIANGULAR
    form = MappingProxyType({"low": "time", "mode": "time", "high": "time"})

    def __post_init__(self) -> None:
        check_parameter(self, "low", self.low, zero=True)
        check_parameter(self, "high", self.high)
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            msg = f"Triangular: need low <= mode <= high, got {self.low}, {self.mode}, {self.high}"
            raise ValueError(msg)

    def mean(self) -> float:  # noqa: D102
        return (self.low + self.mode + self.high) / 3.0

    def isf(self, u: float) -> float:  # noqa: D102
        return scalar.triangular_isf(u, self.low, self.mode, self.high)

    def quantile(self, p: float) -> float:  # noqa: D102
        width, rising, falling = self.high - self.low, self.mode - self.low, self.high - self.mode
        if p * width <= rising:
            if p < 1e-100:
                # A product of three could be too small for a float.
                return self.low + math.sqrt(p) * scalar.root_of_product(width, rising)
            return self.low + scalar.root_of_product(p * width, rising)
        # From the mode on, so that what is small there keeps its digits.
        root = scalar.root_of_product((1.0 - p) * width, falling)
        return self.mode + falling * ((p * width - rising) / (falling + root))

    def sf(self, x: float) -> float:  # noqa: D102
        if x <= self.low:
            return 1.0
        if x >= self.high:
            return 0.0
        width = self.high - self.low
        if x > self.mode:
            left = self.high - x
            return left / width * (left / (self.high - self.mode))
        share = (x - self.low) / (self.mode - self.low)
        return min(1.0, (self.high - self.mode) / width + (self.mode - x) / width * (1.0 + share))

    def cdf(self, x: float) -> float:  # noqa: D102
        if x <= self.low:
            return 0.0
        if x >= self.high:
            return 1.0
        width = self.high - self.low
        if x <= self.mode:
            done = x - self.low
            return done / width * (done / (self.mode - self.low))
        share = (self.high - x) / (self.high - self.mode)
        return min(1.0, (self.mode - self.low) / width + (x - self.mode) / width * (1.0 + share))

    def pdf(self, x: float) -> float:  # noqa: D102
        if not self.low <= x <= self.high:
            return 0.0
        width = self.high - self.low
        if x < self.mode:
            return 2.0 * (x - self.low) / (width * (self.mode - self.low))
        if x > self.mode:
            return 2.0 * (self.high - x) / (width * (self.high - self.mode))
        return 2.0 / width

    def scaled(self, factor: float) -> Triangular:  # noqa: D102
        return Triangular(self.low * factor, self.mode * factor, self.high * factor)


WRITTEN: tuple[type[Law], ...] = (Lognormal, Weibull, Deterministic, Triangular, Uniform)
"""Laws that a design writes by their ``form``, in the order in which its keys are looked for."""
