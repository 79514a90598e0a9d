"""What every law of a delay can do, and what laws share.

Every law has the same methods, exact in both tails: `sf` and `logsf` keep their digits where `cdf`
is near one, and `cdf` where `sf` is; `quantile` is exact for small ``p``, `isf` for small ``u``. A
``p`` or ``u`` next to one has digits down to 1e-16 only, and so has what comes of it. Draws are
``isf(u)``, the inverse of the survival function, from one uniform each.

What the engines know of a law beyond its methods it says itself: ``code``, `parameters`, `phases`,
``form``.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from pacsim.delays import scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Phases = tuple[tuple[float, int, float], ...]
"""Per way that a draw can go: its probability, and the stages and mean of its Erlang law."""


def check_parameter(
    law: Law, name: str, value: float, *, zero: bool = False, infinite: bool = False
) -> None:
    """Raise ValueError, naming the law, if a parameter is not positive and finite.

    ``zero`` and ``infinite`` are allowed if said.
    """
    good = value >= 0 if zero else value > 0
    if not good or (value == math.inf and not infinite):
        rule = ">= 0" if zero else "> 0"
        msg = f"{type(law).__name__}: {name} = {value!r} must be {rule} and finite"
        raise ValueError(msg)


def first_float(reached: Callable[[float], bool], low: float, high: float) -> float:
    """Return the smallest float from ``low`` on at which a condition that stays true becomes true.

    Parameters
    ----------
    reached : callable
        The condition, false and then true as its argument rises.
    low, high : float
        Where it is looked for first, 0 <= ``low`` <= ``high``; beyond ``high`` if need be. From
        ``low`` upwards if ``high`` is infinite: laws of one's own may end in an overflow far out.

    Returns
    -------
    float
        Infinity if it never becomes true.

    Examples
    --------
    >>> first_float(lambda x: x * x >= 2.0, 0.0, 1.0)
    1.4142135623730951
    """
    if reached(low):
        return low
    largest = sys.float_info.max
    if high == math.inf:
        high = max(2.0 * low, 1.0)
    high = min(max(high, sys.float_info.min), largest)
    while not reached(high):
        if high == largest:
            return math.inf
        low, high = high, min(2.0 * high, largest)
    while True:
        middle = low + 0.5 * (high - low)
        if middle <= low or middle >= high:
            return high
        low, high = (low, middle) if reached(middle) else (middle, high)


class Law(ABC):
    """A law of a non-negative delay.

    A law of one's own is a frozen subclass with the six abstract methods. The reference engine
    draws from it by `isf`; the exact engine takes it if it has `phases`. What follows a class by
    inheritance are its methods only: ``code`` and `phases` are those of the class that says them,
    since a subclass may draw otherwise.
    """

    __slots__ = ()
    samplable = True
    """Whether simulations can draw from it."""
    code: ClassVar[int] = scalar.INTERPRETED
    """Its branch in `scalar.plain_isf` and `scalar.plain_sf`, which compiled engines draw from."""
    form: ClassVar[Mapping[str, str]] = {}
    """Keys by which a design writes it, each with the dimension of its number; none for most."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401
        super().__init_subclass__(**options)
        if "code" not in cls.__dict__:
            cls.code = scalar.INTERPRETED
        if "phases" not in cls.__dict__:
            cls.phases = Law.phases  # type: ignore[method-assign]

    @classmethod
    def written(cls, *numbers: float) -> Law:
        """Return the law that a design means by the numbers of its ``form``, in that order."""
        return cls(*numbers)

    @property
    def compiled(self) -> bool:
        """Whether compiled engines know it, as an entry of ``scalar``."""
        return self.code != scalar.INTERPRETED

    @property
    def fixed(self) -> float | None:
        """The one length that the delay can have; None for a law with several."""
        return None

    def parameters(self) -> tuple[float, ...]:
        """Return up to three numbers a, b, c for `scalar.plain_isf`; by default its fields."""
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def table(self) -> tuple[float, ...]:
        """Return the points (p, x) of a law by a table, one after the other; none for most."""
        return ()

    def phases(self) -> Phases | None:
        """Return the law as a mixture of Erlang laws for the exact engine, None if it is none.

        Examples
        --------
        >>> from pacsim.delays import Weibull
        >>> Weibull(5.0, 1.0).phases(), Weibull(5.0, 2.0).phases()
        (((1.0, 1, 5.0),), None)
        """
        return None

    @abstractmethod
    def mean(self) -> float:
        """Return the mean."""

    @abstractmethod
    def isf(self, u: float) -> float:
        """Return x with S(x) = u, for 0 < u < 1: the draw for a uniform ``u`` (R14).

        Parameters
        ----------
        u : float
            Share that survives, 0 < u < 1.
        """

    @abstractmethod
    def sf(self, x: float) -> float:
        """Return S(x) = P(X > x), exact where it is small.

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """

    @abstractmethod
    def cdf(self, x: float) -> float:
        """Return P(X <= x), exact where it is small.

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """

    @abstractmethod
    def pdf(self, x: float) -> float:
        """Return the density; infinity at an atom.

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """

    @abstractmethod
    def scaled(self, factor: float) -> Law:
        """Return the law of ``factor`` times the delay; ``factor`` > 0.

        Parameters
        ----------
        factor : float
            > 0.
        """

    def quantile(self, p: float) -> float:
        """Return x with P(X <= x) = p, for 0 < p < 1; exact where p is small.

        Parameters
        ----------
        p : float
            Share that is over, 0 < p < 1.
        """
        if p >= 0.5:
            return self.isf(1.0 - p)
        return first_float(lambda x: self.cdf(x) >= p, 0.0, self.isf(0.5))

    def logsf(self, x: float) -> float:
        """Return log S(x), finite far beyond where S(x) underflows when the law allows it.

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """
        below = self.cdf(x)
        if below < 0.5:
            return math.log1p(-below)
        survival = self.sf(x)
        return math.log(survival) if survival > 0 else -math.inf

    def cumulative_hazard(self, x: float) -> float:
        """Return -log S(x).

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """
        return -self.logsf(x)

    def hazard(self, x: float) -> float:
        """Return the density divided by S(x); infinity at and beyond the end.

        Parameters
        ----------
        x : float
            Delay, in the unit of the parameters (s).
        """
        survival = self.sf(x)
        return self.pdf(x) / survival if survival > 0 else math.inf

    def residual_isf(self, u: float, age: float) -> float:
        """Return y with S(age + y) = u S(age): the rest of a delay that has lasted ``age``.

        Parameters
        ----------
        u : float
            Share that survives, 0 < u < 1.
        age : float
            How long it has lasted, >= 0, in s.
        """
        return self.residual_after(0.0, u, age)

    def isf_after(self, shift: float, u: float) -> float:
        """Return the draw of ``shift`` plus this delay, rounded as compiled engines round it.

        Parameters
        ----------
        shift : float
            >= 0, in s.
        u : float
            Share that survives, 0 < u < 1.
        """
        return shift + self.isf(u)

    def residual_after(self, shift: float, u: float, age: float) -> float:
        """Return the rest of ``shift`` plus this delay, rounded as compiled engines round it.

        Parameters
        ----------
        shift : float
            >= 0, in s.
        u : float
            Share that survives, 0 < u < 1.
        age : float
            How long the sum has lasted, >= 0, in s.
        """
        if age <= 0:
            return self.isf_after(shift, u)
        rest = u * self.drawn_sf(age - shift)
        if rest <= 0:
            return 0.0
        return max(0.0, self.isf_after(shift, rest) - age)

    def drawn_sf(self, x: float) -> float:
        """Return S(x) rounded as compiled engines round it; for a law without ``code``, `sf`."""
        if self.code == scalar.INTERPRETED:
            return self.sf(x)
        a, b, c = (*self.parameters(), 0.0, 0.0, 0.0)[:3]
        points = self.table()
        return scalar.plain_sf(self.code, a, b, c, points, 0, len(points) // 2, x)


def named(law: Law) -> str:
    """Return a law as messages show it: as it is written, or the name of a class that is silent.

    Examples
    --------
    >>> from pacsim.delays import Exponential
    >>> named(Exponential(5.0))
    'Exponential(value=5.0)'
    """
    return type(law).__name__ if type(law).__repr__ is object.__repr__ else repr(law)
