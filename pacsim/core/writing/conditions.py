"""Conditions and levels as an author composes them, before they are folded (R5, R6).

They only record expressions; `pacsim.core.builder.ModelBuilder` collects and checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pacsim.core.argument_checks import Note, Written, shown, strange
from pacsim.core.model import AtLeast, Compare, GateExpr, LevelExpr, Not, elements_in
from pacsim.core.writing.capacities import Real, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class Home(Protocol):
    """What conditions ask of the builder that they belong to."""

    rounded: list[str]

    @property
    def elements(self) -> Sequence[_Named]:
        """All elements so far."""

    def problem(self, text: str) -> None:
        """Note a mistake."""


class Condition(Written):
    """A gate as it is written: combine with ``&``, ``|`` and ``~``.

    Parameters
    ----------
    expr : GateExpr
        What must hold.
    builder : ModelBuilder
        Of whose elements.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> m = ModelBuilder()
    >>> a, b = m.element("a", "up down"), m.element("b", "up down")
    >>> (a == "up") & ~(b == "down")
    Condition(AtLeast(k=2, of=(In(element=0, states=frozenset({0})), \
Not(of=In(element=1, states=frozenset({1}))))))
    """

    __slots__ = ("builder", "expr")
    kind = "a condition"

    def __init__(self, expr: GateExpr, builder: Home) -> None:
        self.expr = expr
        self.builder = builder

    def __and__(self, other: Condition) -> Condition:
        of = self._beside(other, "&", every=True)
        return Condition(AtLeast(len(of), of), self.builder)

    def __or__(self, other: Condition) -> Condition:
        return Condition(AtLeast(1, self._beside(other, "|", every=False)), self.builder)

    # What stands on the left is no condition then: it is noted as such.
    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Condition:
        return Condition(Not(self.expr), self.builder)

    def _beside(self, other: object, sign: str, *, every: bool) -> tuple[GateExpr, ...]:
        """Return the operands of this and another condition, those of ``a & b & c`` side by side.

        Nested they would be as deep as the chain is long.
        """
        if isinstance(other, Condition) and other.builder is self.builder:
            expr = other.expr
        else:
            owner = f"a condition beside {sign}"
            expr = gate_expr(other, self.builder, owner, self.builder.problem)
        left, right = _operands(self.expr, every=every), _operands(expr, every=every)
        if len(left) > 1 and len(right) > 1:
            # What both share counts once, or ``x = (x & a) & (x & b)`` would double every time.
            return tuple({id(child): child for child in (*left, *right)}.values())
        return left + right

    def names(self) -> list[str]:
        """Return the names of the elements in it, or some words if there is none."""
        elements = self.builder.elements
        return [elements[i].name for i in elements_in(self.expr)] or ["a condition"]

    def __bool__(self) -> bool:
        msg = "a Condition has no truth value yet; use & | ~ instead of and, or, not"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"Condition({self.expr!r})"


class Count(Written):
    """A level as it is written: add, subtract, scale by numbers, compare with ``>=``.

    Its values are integers unless it was made of real capacities; those are scaled to integers
    where the level is compared or its integral is observed (R6).

    Parameters
    ----------
    expr : LevelExpr or Real
        What is counted.
    builder : ModelBuilder
        Of whose elements.

    Examples
    --------
    >>> from pacsim.core import ModelBuilder
    >>> m = ModelBuilder()
    >>> units = [m.element(name, "up work") for name in "ab"]
    >>> free = 1 - m.count(unit == "work" for unit in units)
    >>> type(free >= 1).__name__
    'Condition'
    """

    __slots__ = ("builder", "real")
    kind = "a level"

    def __init__(self, expr: LevelExpr | Real, builder: Home) -> None:
        self.real = expr if isinstance(expr, Real) else Real(expr)
        self.builder = builder

    @property
    def expr(self) -> LevelExpr:
        """The integers of which the level is made."""
        return self.real.whole

    def __add__(self, other: Count | float | Fraction) -> Count:
        owner, note = "a level and what is added", self.builder.problem
        if isinstance(other, Count):
            ours = level_expr(other, self.builder, owner, note) is other.expr
            theirs = other.real if ours else Real(LevelExpr())
        else:
            more = ratio(other, owner, note)
            theirs = Real(LevelExpr(more.numerator), more.denominator)
        return Count(self.real.plus(theirs), self.builder)

    __radd__ = __add__

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        rule = f"a level is compared with {other!r} by == or !=; write (n >= 2) & ~(n >= 3), say"
        self.builder.problem(rule)
        return self >= 0

    __ne__ = __eq__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __mul__(self, factor: float) -> Count:
        times = ratio(factor, "a level times a factor", self.builder.problem)
        return Count(self.real.times(times), self.builder)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Count:
        owner = "a level by a divisor"
        by = ratio(divisor, owner, self.builder.problem)
        if by == 0:
            self.builder.problem(f"{owner}: {divisor!r} is nothing to divide by")
            by += 1
        return Count(self.real.times(1 / by), self.builder)

    def __neg__(self) -> Count:
        return self * -1

    def __sub__(self, other: Count | float) -> Count:
        if isinstance(other, Count):
            return self + -other
        return self + -ratio(other, "a level and what is taken off", self.builder.problem)

    def __rsub__(self, other: float) -> Count:
        return -self + other

    def __ge__(self, k: float) -> Condition:
        return self._compared(k, strictly=False)

    def __gt__(self, k: float) -> Condition:
        return self._compared(k, strictly=True)

    def _compared(self, k: float, *, strictly: bool) -> Condition:
        # Names are looked up only for a message: a chain of levels would be walked at every step.
        wrong: list[str] = []
        limit = ratio(k, "", wrong.append)
        for text in wrong:
            self.builder.problem(f"threshold of a level of {', '.join(self.names())}{text}")
        expr, threshold, rounding = self.real.threshold(limit, strictly=strictly)
        if rounding is not None:
            self.builder.rounded.append(rounding.words(self.names()))
        return Condition(Compare(expr, threshold), self.builder)

    def names(self) -> list[str]:
        """Return the names of the elements in it, or some words if there is none."""
        elements = self.builder.elements
        return [elements[i].name for i in elements_in(Compare(self.expr, 0))] or ["a level"]

    def __lt__(self, k: float) -> Condition:
        return ~(self >= k)

    def __le__(self, k: float) -> Condition:
        return ~(self > k)

    def __repr__(self) -> str:
        per = f", per={self.real.per}" if self.real.per > 1 else ""
        return f"Count({self.expr!r}{per})"


def gate_expr(given: object, home: object, owner: str, note: Note) -> GateExpr:
    """Return the expression of a condition of this builder; else note what is wrong with it."""
    if not isinstance(given, Condition):
        note(
            f"{owner}: {shown(given)} is no condition; compare an element with the name of a "
            "state, or a level with >="
        )
    elif given.builder is not home:
        strange(given.names(), owner, note)
    else:
        return given.expr
    return AtLeast(0, ())


def level_expr(given: object, home: object, owner: str, note: Note) -> LevelExpr:
    """Return the expression of a level of this builder; else note what is wrong with it."""
    if not isinstance(given, Count):
        note(f"{owner}: {shown(given)} is no level; use count, first_of, value or number")
    elif given.builder is not home:
        strange(given.names(), owner, note)
    else:
        return given.expr
    return LevelExpr()


def _operands(expr: GateExpr, *, every: bool) -> tuple[GateExpr, ...]:
    """Return the operands of an "all" or an "any", otherwise the expression alone."""
    if isinstance(expr, AtLeast) and expr.k == (len(expr.of) if every else 1):
        return expr.of
    return (expr,)
