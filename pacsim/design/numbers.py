"""Plain numbers: shares, counts, rates, sizes, settings in time units, times of day."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pacsim import units

if TYPE_CHECKING:
    from collections.abc import Callable

DIMENSION = {
    "seconds": "time",
    "share": "fraction",
    "rate": "rate",
    "bit_rate": "bit_rate",
    "size": "size",
    "throughput": "throughput",
}
NUMBERS = (
    *DIMENSION, "count", "factor", "mean", "growth", "years", "timer", "tries", "hours", "days",
)  # fmt: skip
NONE = "none"
"""A timer that is not there, and tries without an end."""
ENDLESS = -1
WIDEST = 1e9
"""Largest weight, and one by the smallest: their products and sums stay numbers."""
HOURS, WEEKDAYS = 24, ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
MOST = 10_000
"""Largest count: a part has a state for each."""

_parsed = lru_cache(maxsize=2048)(units.parse)


def quantity(value: Any, dimension: str) -> float:  # noqa: ANN401
    """Return a finite quantity of a dimension that is not below zero.

    Raises
    ------
    ValueError
        With the rule that was broken.

    Examples
    --------
    >>> quantity("2 min", "time")
    120.0
    """
    if value is None or isinstance(value, bool | list | dict):
        wanted = "no number" if dimension == "fraction" else "no number with a unit"
        msg = f"{_shown(value)} is {wanted}; write for example {units.example(dimension)}"
        raise ValueError(msg)
    text = f"1 {value}" if dimension == "time" and value in units.TIMES else str(value)
    amount = _parsed(text, dimension)
    if not math.isfinite(amount) or amount < 0:
        msg = f"{units.shown(value)} must be finite and not below zero"
        raise ValueError(msg)
    return amount


def pure(value: Any) -> float:  # noqa: ANN401
    """Return a finite number without a unit.

    Raises
    ------
    ValueError
        If it is none.
    """
    parsed = None
    if not isinstance(value, bool):
        parsed = units.parse_number(str(value)) if isinstance(value, str | int | float) else None
    if parsed is None or not math.isfinite(parsed):
        msg = f"{_shown(value)} is no number without a unit; write for example 2"
        raise ValueError(msg)
    return parsed


def number(value: Any, kind: str) -> float | int:  # noqa: ANN401
    """Return the number of a slot of this kind.

    Raises
    ------
    ValueError
        With the rule that was broken.

    Examples
    --------
    >>> number("5 %", "share"), number(12, "count"), number("8 TB", "size")
    (0.05, 12, 8000000000000.0)
    """
    if kind == "count":
        amount = pure(value)
        if amount < 0 or amount != int(amount) or amount > MOST:
            msg = f"{units.shown(value)} must be a whole number, 0 or more and at most {MOST}"
            raise ValueError(msg)
        return int(amount)
    if kind == "factor":
        amount = pure(value)
        if not amount > 0:
            msg = f"{value!r} must be greater than 0"
            raise ValueError(msg)
        return amount
    amount = quantity(value, DIMENSION[kind])
    if kind == "share" and amount > 1:
        msg = f"{value!r} must be between 0 and 1, or 0 % and 100 %"
        raise ValueError(msg)
    if kind == "throughput" and not amount > 0:
        msg = f"{value!r} must be greater than 0"
        raise ValueError(msg)
    return amount


def clock(value: Any) -> float:  # noqa: ANN401
    """Return a time of day in seconds after midnight.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> clock("22:00")
    79200.0
    """
    matched = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if matched is None or int(matched[1]) > 23 or int(matched[2]) > 59:
        msg = f'{_shown(value)} is no time of day; write "22:00"'
        raise ValueError(msg)
    return int(matched[1]) * units.HOUR + int(matched[2]) * units.MINUTE


def _shown(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return f"a map of {', '.join(value)}" if value else "an empty map"
    if isinstance(value, bool):
        return str(value).lower()
    return (
        "a list" if isinstance(value, list) else "nothing" if value is None else units.shown(value)
    )


def growth(value: Any) -> float:  # noqa: ANN401
    """Return a growth in a year, as a fraction; a number by year is one as well.

    Raises
    ------
    ValueError
        With the rule that was broken.

    Examples
    --------
    >>> growth("8 %"), round(growth("0.026 1/year"), 12)
    (0.08, 0.026)
    """
    if isinstance(value, str) and "/" in value:
        return quantity(value, "rate") * units.YEAR
    return quantity(value, "fraction")


def years(value: Any) -> float:  # noqa: ANN401
    """Return a time in seconds; a bare number is one of years."""
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    return quantity(f"{value} years" if bare else value, "time")


def timer(value: Any) -> float:  # noqa: ANN401
    """Return a time in seconds, infinite for one that is not there."""
    if value == NONE:
        return math.inf
    if isinstance(value, str) and not any(letter.isdigit() for letter in value):
        msg = f"{units.shown(value)} is no time; write for example '30 s', or none"
        raise ValueError(msg)
    amount = quantity(value, "time")
    if not amount > 0:
        # Some products write 0 for a timer that never ends, so it is no time to end at once.
        msg = f"{units.shown(value)} must be greater than 0, or none for a timer that is not there"
        raise ValueError(msg)
    return amount


def tries(value: Any) -> int:  # noqa: ANN401
    """Return a count, `ENDLESS` without limit."""
    return ENDLESS if value == NONE else int(number(value, "count"))


def hours(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Return the weights of the hours of a day.

    Raises
    ------
    ValueError
        If they are not 24 numbers of which some are above zero.
    """
    if not isinstance(value, list) or len(value) != HOURS:
        many = f"{len(value)} numbers" if isinstance(value, list) else "no list"
        msg = f"is {many}; write 24, one for each hour from midnight"
        raise ValueError(msg)
    return _weights([_weight(one) for one in value])


def days(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Return the weights of Monday to Sunday, 0 for days that are not named.

    Raises
    ------
    ValueError
        If a key is no day or span of days, a day is there twice, or all are 0.

    Examples
    --------
    >>> days({"mon-fri": 1, "sat-sun": 0.3})
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.3)
    """
    if not isinstance(value, dict):
        msg = "is no map of days; write {mon-fri: 1, sat-sun: 0.3}"
        raise ValueError(msg)  # noqa: TRY004
    found: dict[str, float] = {}
    for key, weight in value.items():
        first, _, last = str(key).partition("-")
        last = last or first
        if first not in WEEKDAYS or last not in WEEKDAYS:
            msg = f'no days "{key}"; write for example mon-fri or sat'
            raise ValueError(msg)
        here, there = WEEKDAYS.index(first), WEEKDAYS.index(last)
        for day in WEEKDAYS[here : there + 1] or (*WEEKDAYS[here:], *WEEKDAYS[: there + 1]):
            if day in found:
                msg = f"{day} is there twice; write each day once"
                raise ValueError(msg)
            found[day] = _weight(weight)
    return _weights([found.get(day, 0.0) for day in WEEKDAYS])


def _weight(value: Any) -> float:  # noqa: ANN401
    amount = pure(value)
    if amount < 0:
        msg = f"{units.shown(value)} is below zero; write 0 or more"
        raise ValueError(msg)
    return amount


def _weights(found: list[float]) -> tuple[float, ...]:
    if not any(found):
        msg = "all are 0; write weights, of which some are above 0"
        raise ValueError(msg)
    apart = next((one for one in found if one and not 1.0 / WIDEST <= one <= WIDEST), None)
    if apart is not None:
        msg = f"{apart:g} is no weight; write 0, or {1.0 / WIDEST:g} to {WIDEST:g}"
        raise ValueError(msg)
    return tuple(found)


OTHERS: dict[str, Callable[[Any], float | int | tuple[float, ...]]] = {
    "mean": _weight,
    "growth": growth,
    "years": years,
    "timer": timer,
    "tries": tries,
    "hours": hours,
    "days": days,
}
"""Numbers of workloads."""


def value_of(value: Any, kind: str) -> float | int | tuple[float, ...]:  # noqa: ANN401
    """Return the number of a slot of any kind of number, or the weights of hours or days.

    Raises
    ------
    ValueError
        With the rule that was broken.
    """
    return OTHERS[kind](value) if kind in OTHERS else number(value, kind)


def in_order(plain: Any, kind: str) -> Any:  # noqa: ANN401
    """Return a value as it is written out: days from Monday on, whatever their order was."""
    if kind != "days":
        return plain
    return dict(sorted(plain.items(), key=lambda day: WEEKDAYS.index(str(day[0])[:3])))
