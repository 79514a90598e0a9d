"""Small checks of what an author handed over: numbers, names, handles."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from numbers import Real
from typing import ClassVar, SupportsIndex, cast

Note = Callable[[str], None]
"""Takes one line of words about a mistake."""


class Written:
    """What may be long as it is written; messages show its kind instead."""

    __slots__ = ()
    kind: ClassVar[str]


def whole(value: object, owner: str, note: Note) -> int:
    """Return an integer; anything else is noted and reads as 1 (R5).

    Examples
    --------
    >>> whole(3, "a", print)
    3
    >>> whole(1.5, "at_least", print)
    at_least: 1.5 is no integer
    1
    """
    try:
        return int(operator.index(cast("SupportsIndex", value)))
    except TypeError:
        note(f"{owner}: {shown(value)} is no integer")
        return 1


def name_of(value: object, what: str, note: Note) -> str:
    """Return a name; what is no text, or cannot be written as such, is noted.

    Examples
    --------
    >>> name_of("disk-1", "element", print)
    'disk-1'
    >>> name_of(7, "element", print)
    element 7: a name must be text
    '7'
    """
    if not isinstance(value, str):
        note(f"{what} {shown(value)}: a name must be text")
        return str(value)
    if not value.strip() or not value.isprintable():
        note(f"{what} {value!r}: a name must be text that can be printed, and not empty")
        # Streams are named by its bytes, which half of a surrogate pair does not have.
        return value.encode("utf-8", "replace").decode()
    return value


def words_of(names: object, owner: str, note: Note) -> tuple[str, ...]:
    """Return names given as a list or as one text with blanks between them.

    Examples
    --------
    >>> words_of("up down", "element a", print)
    ('up', 'down')
    >>> words_of(5, "element a", print)
    element a: 5 must be names, in one text or a list
    ()
    """
    if isinstance(names, str):
        return tuple(names.split())
    if not isinstance(names, Iterable):
        note(f"{owner}: {shown(names)} must be names, in one text or a list")
        return ()
    return tuple(name_of(name, f"{owner}: state", note) for name in names)


def is_real(value: object) -> bool:
    """Return whether a value is a number; it may be infinite or nan.

    Examples
    --------
    >>> is_real(2.5), is_real("2.5"), is_real(None)
    (True, False, False)
    """
    # Asked of every number of a model, most of which are floats.
    return type(value) is float or isinstance(value, Real)


def finite(value: object) -> float | None:
    """Return a number as a finite float, None for anything else.

    Examples
    --------
    >>> finite(2), finite("2"), finite(float("nan")), finite(10**400)
    (2.0, None, None, None)
    """
    try:
        number = float(cast("float", value)) if is_real(value) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def shown(value: object) -> str:
    """Return a value as messages show it: written conditions and levels may be very long.

    Examples
    --------
    >>> shown("up")
    "'up'"
    """
    return value.kind if isinstance(value, Written) else repr(value)


def strange(names: list[str], owner: str, note: Note) -> None:
    """Note handles of another builder: their indices would mean something else here."""
    for name in names:
        note(f"{owner}: {name} is of another builder")
