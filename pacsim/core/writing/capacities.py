"""Real capacities as integers: exact where the numbers allow it, else rounded and reported (R6).

A level with real values is held as integers over a common denominator. It is only brought to the
32-bit integers of the engines where it is compared or observed, when everything in it is known.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, SupportsIndex, cast

from pacsim.core.argument_checks import finite, shown
from pacsim.core.model import In, LevelExpr, Not, Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.core.argument_checks import Note
    from pacsim.core.model import GateExpr

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
        # Its parts may be integers of numpy, which overflow.
        return Fraction(int(value.numerator), int(value.denominator))
    number = finite(value)
    if number is None:
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
        sums = LevelExpr(a.constant + b.constant, a.elements + b.elements, a.gates + b.gates)
        return Real(sums, per)

    def times(self, factor: Fraction) -> Real:
        """Return a multiple of the level."""
        product = scaled(self.whole, factor.numerator)
        return Real(product, self.per * factor.denominator)

    def reduced(self) -> Real:
        """Return the same level with the smallest denominator; 1 if all its values are whole."""
        if self.per == 1:
            return self
        # Of one element half and half add up to a whole, though they are listed apart.
        whole = _gathered(self.whole)
        common = math.gcd(self.per, *_numbers(whole))
        return Real(_mapped(whole, lambda n: n // common), self.per // common)

    def threshold(self, k: Fraction, *, strictly: bool) -> tuple[LevelExpr, int, Rounding | None]:
        """Return integers of which "level >= k" is true where it is of this one, or "level > k".

        Where the numbers had to be rounded, a sum that is off k by no more than the slack of the
        rounding counts as k.
        """
        level = self.reduced()
        limit = k * level.per
        reached = math.floor(limit) + 1 if strictly else math.ceil(limit)
        if level.per == 1 or sum(map(abs, _numbers(level.whole))) + abs(reached) <= LARGEST:
            return level.whole, reached, None
        # Only differences matter: what every state has in common is taken off both sides first.
        common = level.whole.constant + sum(min(part.weights) for part in level.whole.elements)
        limit -= common
        rounding = Rounding.of(_above(level.whole), level.per, math.ceil(abs(limit)))
        at, slack = limit * rounding.factor, rounding.error
        reached = math.floor(at + slack) + 1 if strictly else math.ceil(at - slack)
        return rounding.whole, reached, rounding

    def integral(self) -> tuple[LevelExpr, float, Rounding | None]:
        """Return an integer level and what to multiply its integral by."""
        level = self.reduced()
        if level.per == 1 or sum(map(abs, _numbers(level.whole))) <= LARGEST:
            return level.whole, 1.0 / level.per, None
        rounding = Rounding.of(level.whole, level.per, 0)
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
        factor = Fraction(room, max(1, sum(map(abs, numbers)) + beside))
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
            f"{shortly(self.unit)}; the largest change is {shortly(self.change)}, and sums within "
            f"{shortly(2 * self.error * self.unit)} of a threshold count as equal to it"
        )


def shortly(number: Fraction) -> str:
    """Return a number with three digits, however large or small it is.

    Examples
    --------
    >>> shortly(Fraction(1, 3)), shortly(Fraction(10) ** 400)
    ('0.333', '1.00E+400')
    """
    if number == 0 or 1e-300 < number < 1e300:
        return f"{float(number):.3g}"
    return f"{Decimal(number.numerator) / Decimal(number.denominator):.2E}"


def scaled(expr: LevelExpr, factor: int) -> LevelExpr:
    """Return an integer multiple of a level."""
    return expr if factor == 1 else _mapped(expr, lambda n: factor * n)


def _mapped(expr: LevelExpr, change: Callable[[int], int]) -> LevelExpr:
    return LevelExpr(
        change(expr.constant),
        tuple(Weights(e.element, tuple(map(change, e.weights))) for e in expr.elements),
        tuple((gate, change(weight)) for gate, weight in expr.gates),
    )


def _gathered(expr: LevelExpr) -> LevelExpr:
    """Return a sum with each element and each gate once."""
    elements: dict[int, list[int]] = {}
    for part in expr.elements:
        row = elements.setdefault(part.element, [0] * len(part.weights))
        for state, weight in enumerate(part.weights):
            row[state] += weight
    gates: dict[int, tuple[GateExpr, int]] = {}
    for gate, weight in expr.gates:
        inner = gate.of if isinstance(gate, Not) else gate
        if isinstance(inner, In) and inner.element in elements:
            row = elements[inner.element]
            for state in range(len(row)):
                row[state] += weight * ((state in inner.states) is (inner is gate))
            continue
        gates[id(gate)] = (gate, gates.get(id(gate), (gate, 0))[1] + weight)
    return LevelExpr(
        expr.constant,
        tuple(Weights(element, tuple(row)) for element, row in elements.items()),
        tuple(gates.values()),
    )


def _above(expr: LevelExpr) -> LevelExpr:
    """Return a sum without its constant and without what an element adds in every state."""
    rows = ((part.element, part.weights) for part in expr.elements)
    elements = tuple(Weights(e, tuple(w - min(row) for w in row)) for e, row in rows)
    return LevelExpr(0, elements, expr.gates)


def _parts(expr: LevelExpr) -> list[tuple[int, ...]]:
    """Return the numbers of which a sum takes one each."""
    weights = [part.weights for part in expr.elements]
    return [(expr.constant,), *weights, *((weight,) for _, weight in expr.gates)]


def _numbers(expr: LevelExpr) -> list[int]:
    return [number for part in _parts(expr) for number in part]
