"""Real capacities as integers: exact where the numbers allow it, else rounded and reported (R6).

A level with real values is held as integers over a common denominator. It is only brought to the
32-bit integers of the engines where it is compared or observed, when everything in it is known.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, SupportsIndex, cast

from pacsim.core.checks import is_real, shown
from pacsim.core.expressions import LevelExpr, Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core.checks import Note

LARGEST = 1 << 30
"""Sum of all that a scaled level may add up to, threshold included."""
SIMPLE = 10**6
"""A number that is a fraction with a denominator up to this is taken to be that fraction."""


def ratio(value: object, owner: str, note: Note) -> Fraction:
    """Return a number as the fraction or the decimal it was written as, else note it and return 1.

    Examples
    --------
    >>> ratio(2.5, "a", print), ratio(1 / 3, "a", print), ratio(0.1, "a", print)
    (Fraction(5, 2), Fraction(1, 3), Fraction(1, 10))
    """
    try:
        return Fraction(int(operator.index(cast("SupportsIndex", value))))
    except TypeError:
        pass
    if isinstance(value, Fraction):
        return value
    if not is_real(value) or not math.isfinite(number := float(cast("float", value))):
        note(f"{owner}: {shown(value)} is no finite number")
        return Fraction(1)
    simple = Fraction(number).limit_denominator(SIMPLE)
    return simple if float(simple) == number else Fraction(repr(number))


@dataclass(frozen=True, slots=True)
class Real:
    """A level that is ``whole / per``; ``per`` is 1 for a level of integers."""

    whole: LevelExpr
    per: int = 1

    def plus(self, other: Real) -> Real:
        """Return the sum of two levels."""
        per = math.lcm(self.per, other.per)
        a, b = scaled(self.whole, per // self.per), scaled(other.whole, per // other.per)
        return Real(
            LevelExpr(a.constant + b.constant, a.elements + b.elements, a.gates + b.gates), per
        )

    def times(self, factor: Fraction) -> Real:
        """Return a multiple of the level."""
        product = scaled(self.whole, factor.numerator)
        per = self.per * factor.denominator
        common = math.gcd(per, *_numbers(product))
        if common == 1:
            return Real(product, per)
        return Real(_mapped(product, lambda n: n // common), per // common)

    def threshold(self, k: Fraction, *, strictly: bool) -> tuple[LevelExpr, int, Rounding | None]:
        """Return integers of which "level >= k" is true where it is of this one, or "level > k".

        Where the numbers had to be rounded, a sum that is off k by no more than the rounding counts
        as k.
        """
        common = math.lcm(self.per, k.denominator)
        whole = scaled(self.whole, common // self.per)
        limit = k.numerator * (common // k.denominator)
        if common == 1 or sum(map(abs, _numbers(whole))) + abs(limit) <= LARGEST:
            return whole, limit + strictly, None
        rounding = Rounding.of(whole, common, abs(limit))
        at, slack = limit * rounding.factor, rounding.error
        reached = math.floor(at + slack) + 1 if strictly else math.ceil(at - slack)
        return rounding.whole, reached, rounding

    def integral(self) -> tuple[LevelExpr, float, Rounding | None]:
        """Return an integer level and what to multiply its integral by."""
        if self.per == 1 or sum(map(abs, _numbers(self.whole))) <= LARGEST:
            return self.whole, 1.0 / self.per, None
        rounding = Rounding.of(self.whole, self.per, 0)
        return rounding.whole, float(rounding.unit), rounding


@dataclass(frozen=True, slots=True)
class Rounding:
    """What became of a level whose numbers have no manageable common denominator.

    ``factor`` is what they were multiplied by, ``unit`` the real value of 1, ``error`` how far off
    a sum can be in units, and ``change`` the largest change of one number.
    """

    whole: LevelExpr
    factor: Fraction
    unit: Fraction
    error: Fraction
    change: Fraction

    @classmethod
    def of(cls, whole: LevelExpr, per: int, beside: int) -> Rounding:
        """Round a level of large integers over ``per``, to be compared with ``beside``."""
        numbers = _numbers(whole)
        # Rounding each up must not lead beyond the largest one either.
        room = LARGEST - len(numbers) - 1
        factor = Fraction(room, sum(map(abs, numbers)) + beside)
        rounded = _mapped(whole, lambda n: round(n * factor))
        pairs = zip(_parts(whole), _parts(rounded), strict=True)
        off = [
            max(abs(a * factor - b) for a, b in zip(before, after, strict=True))
            for before, after in pairs
        ]
        unit = 1 / (factor * per)
        return cls(rounded, factor, unit, sum(off, Fraction()), max(off) * unit)

    def words(self, names: list[str]) -> str:
        """Return what to report."""
        return (
            f"level of {', '.join(names)}: capacities are rounded to multiples of "
            f"{float(self.unit):.3g}; the largest change is {float(self.change):.3g}"
        )


def scaled(expr: LevelExpr, factor: int) -> LevelExpr:
    """Return an integer multiple of a level."""
    return expr if factor == 1 else _mapped(expr, lambda n: factor * n)


def _mapped(expr: LevelExpr, change: Callable[[int], int]) -> LevelExpr:
    return LevelExpr(
        change(expr.constant),
        tuple(Weights(e.element, tuple(map(change, e.weights))) for e in expr.elements),
        tuple((gate, change(weight)) for gate, weight in expr.gates),
    )


def _parts(expr: LevelExpr) -> list[tuple[int, ...]]:
    """Return the numbers of which a sum takes one each."""
    weights = [part.weights for part in expr.elements]
    return [(expr.constant,), *weights, *((weight,) for _, weight in expr.gates)]


def _numbers(expr: LevelExpr) -> list[int]:
    return [number for part in _parts(expr) for number in part]
