"""Numbers that remember what they were computed from, and the laws of a design that nobody reads.

A design is built once with such numbers in place of its own. Sums, products and the like of them
are noted, and so is how each comparison came out; a law is handed on as it is. Whatever else is
done with a number or a law - a power, a logarithm, a look at a law's mean, words made of it - makes
it *opaque*: nothing is known of what was made of it, and a design in which it differs is built as
any other.

One thing cannot be seen: from Python 3.12 on, `sum` rounds floats otherwise than ``+`` does. Parts
add their numbers by ``+``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from pacsim.parts.values import Part

Leaves = frozenset[int]


class Decision(NamedTuple):
    """A comparison of numbers, and how it came out."""

    told: Callable[[Any, Any], Any]
    left: Any
    right: Any
    came_out: Any
    leaves: Leaves


class Trace:
    """What was done with the numbers of a design.

    Attributes
    ----------
    opaque : set of int
        Numbers of which it is not known what they were used for.
    decisions : list of Decision
        In order.
    """

    def __init__(self) -> None:
        self.opaque: set[int] = set()
        self.decisions: list[Decision] = []


class Traced:
    """A number of a design, or one computed from such.

    It is no float, so that whatever wants one - mathematics, arrays, checks of types - has to ask
    for its value, which makes it opaque.

    Parameters
    ----------
    trace : Trace
        Where it is noted what is done with it.
    value : float
        In the design that is traced.
    leaves : frozenset of int
        The design's numbers that it is computed from.
    made : callable, optional
        Its operation; None for a number of the design.
    of : tuple
        What the operation was given.

    Examples
    --------
    >>> trace = Trace()
    >>> p = Traced(trace, 0.25, frozenset({0}))
    >>> rest = (1.0 - p) * 2.0
    >>> rest.at({0: 0.5}), rest.at({}), sorted(trace.opaque)
    (1.0, 1.5, [])
    >>> float(p), sorted(trace.opaque)
    (0.25, [0])
    """

    __slots__ = ("leaves", "made", "of", "trace", "value")

    def __init__(
        self,
        trace: Trace,
        value: float,
        leaves: Leaves,
        made: Callable[..., float] | None = None,
        of: tuple[Any, ...] = (),
    ) -> None:
        self.trace = trace
        self.value = value
        self.leaves = leaves
        self.made = made
        self.of = of

    def at(self, values: Mapping[int, Any]) -> float:
        """Return what it is where some of the design's numbers are others.

        Parameters
        ----------
        values : mapping
            Those numbers.
        """
        if self.leaves.isdisjoint(values):
            return self.value
        if self.made is None:
            (leaf,) = self.leaves
            return float(values[leaf])
        return self.made(*(valued(one, values) for one in self.of))

    def told(self) -> float:
        """Return its value to somebody who does not say what it is for."""
        self.trace.opaque |= self.leaves
        return self.value

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Its kind: whoever asks decides something by it."""
        return type(self.told())


def valued(one: Any, values: Mapping[int, Any]) -> Any:  # noqa: ANN401
    """Return a value, of a traced one what it is where some numbers of the design are others."""
    return one.at(values) if type(one) in TRACED else one


def leaves_of(one: Any) -> Leaves:  # noqa: ANN401
    """Return the numbers of the design that a value is computed from."""
    return one.leaves if type(one) in TRACED else frozenset()


def _plain(one: Any) -> Any:  # noqa: ANN401
    return one.value if type(one) is Traced else one


def _computed(act: Callable[..., Any], *, turned: bool = False) -> Callable[..., Any]:
    """Return an operation of which it is noted what it was given."""

    def traced(self: Traced, *others: Any) -> Any:  # noqa: ANN401
        if any(type(one) not in NUMBERS for one in others):
            return NotImplemented
        given = (*others, self) if turned else (self, *others)
        leaves = frozenset().union(*map(leaves_of, given))
        return Traced(self.trace, act(*map(_plain, given)), leaves, act, given)

    return traced


def _compared(act: Callable[[Any, Any], Any]) -> Callable[[Traced, Any], Any]:
    """Return a comparison of which it is noted how it came out."""

    def traced(self: Traced, other: Any) -> Any:  # noqa: ANN401
        if type(other) not in NUMBERS:
            return NotImplemented
        came_out = act(self.value, _plain(other))
        leaves = self.leaves | leaves_of(other)
        self.trace.decisions.append(Decision(act, self, other, came_out, leaves))
        return came_out

    return traced


def _opaque(act: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation after which nobody knows what a number was for."""

    def traced(self: Traced, *others: Any) -> Any:  # noqa: ANN401
        return act(self.told(), *(x.told() if type(x) is Traced else x for x in others))

    return traced


def _truth(self: Traced) -> bool:
    return bool(_compared(operator.ne)(self, 0.0))


for _name in ("add", "sub", "mul", "truediv"):
    _act = getattr(operator, _name)
    setattr(Traced, f"__{_name}__", _computed(_act))
    setattr(Traced, f"__r{_name}__", _computed(_act, turned=True))
for _name in ("neg", "pos", "abs"):
    setattr(Traced, f"__{_name}__", _computed(getattr(operator, _name)))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Traced, f"__{_name}__", _compared(getattr(operator, _name)))
for _name in (
    "float", "int", "round", "trunc", "floor", "ceil", "hash", "str", "repr", "format", "pow",
    "mod", "floordiv", "divmod",
):  # fmt: skip
    setattr(Traced, f"__{_name}__", _opaque(getattr(float, f"__{_name}__")))
for _name in ("pow", "mod", "floordiv", "divmod"):
    setattr(Traced, f"__r{_name}__", _opaque(getattr(float, f"__r{_name}__")))
Traced.__bool__ = _truth  # type: ignore[attr-defined]
Traced.__array__ = lambda self, *_, **__: np.array(self.told())  # type: ignore[attr-defined]


class TracedLaw:
    """A law of a design: handed on as it is, or else opaque.

    Parameters
    ----------
    trace : Trace
        Where it is noted what is done with it.
    law : Law
        In the design that is traced.
    leaf : int
        Its number.
    """

    __slots__ = ("_law", "_trace", "leaves")

    def __init__(self, trace: Trace, law: Any, leaf: int) -> None:  # noqa: ANN401
        self._trace = trace
        self._law = law
        self.leaves: Leaves = frozenset({leaf})

    def at(self, values: Mapping[int, Any]) -> Any:  # noqa: ANN401
        """Return the law where some numbers and laws of the design are others."""
        (leaf,) = self.leaves
        return values.get(leaf, self._law)

    def told(self) -> Any:  # noqa: ANN401
        """Return the law to somebody who does not say what it is for."""
        self._trace.opaque |= self.leaves
        return self._law

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Its kind: whoever asks decides something by it."""
        return type(self.told())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.told(), name)

    def __eq__(self, other: object) -> bool:
        return bool(self.told() == (other.told() if type(other) is TracedLaw else other))

    def __hash__(self) -> int:
        return hash(self.told())

    def __repr__(self) -> str:
        return repr(self.told())


TRACED = frozenset({Traced, TracedLaw})
NUMBERS = frozenset({Traced, float, int, bool})
PLAIN = frozenset({float, int, bool, str, type(None)})


class TracedPart(Part):
    """A part with traced numbers, which are handed out as they are."""

    __slots__ = ()

    def number(self, slot: str) -> Any:  # noqa: ANN401
        """Return the number in a slot that must be there."""
        value = self.values[slot]
        return value if type(value) is Traced else float(value)


def within(one: Any) -> Leaves:  # noqa: ANN401
    """Return the traced numbers in a value: in its fields, its items, its keys and values."""
    if type(one) in TRACED:
        return leaves_of(one)
    if isinstance(one, Mapping):
        return frozenset().union(*map(within, one.values()))
    if isinstance(one, tuple | list | set | frozenset):
        return frozenset().union(*map(within, one))
    if is_dataclass(one):
        return frozenset().union(*(within(getattr(one, f.name)) for f in fields(one)))
    return frozenset()


def filled(one: Any, values: Mapping[int, Any]) -> Any:  # noqa: ANN401
    """Return a value without traced numbers: each is what it is where some of them are others.

    What holds none is returned itself.
    """
    kind = type(one)
    if kind in TRACED:
        return one.at(values)
    if kind in PLAIN:
        return one
    if isinstance(one, Mapping):
        items = {key: filled(value, values) for key, value in one.items()}
        return one if all(items[key] is value for key, value in one.items()) else items
    if isinstance(one, tuple | list | set | frozenset):
        each = [filled(x, values) for x in one]
        if all(x is y for x, y in zip(each, one, strict=True)):
            return one
        return kind(*each) if hasattr(one, "_fields") else kind(each)
    if not is_dataclass(one):
        return one
    was = {f.name: getattr(one, f.name) for f in fields(one)}
    now = {name: filled(value, values) for name, value in was.items()}
    return one if all(now[name] is was[name] for name in was) else replace(one, **now)  # type: ignore[type-var]
