"""Plain numbers: shares, counts, rates, sizes, settings in time units, times of day."""

from __future__ import annotations

import math
import re
from typing import Any

from pacsim import units

DIMENSION = {
    "seconds": "time",
    "share": "fraction",
    "rate": "rate",
    "bit_rate": "bit_rate",
    "size": "size",
    "throughput": "throughput",
}
NUMBERS = (*DIMENSION, "count", "factor")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
MOST = 10_000
"""Largest count: a part has a state for each."""


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
    amount = units.parse(text, dimension)
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
