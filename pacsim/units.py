"""Numbers with units, read strictly: ``NUMBER UNIT`` and nothing left over.

Inside pacsim times are seconds, data are bytes, rates are per second. One year is 8 760 h, a month
is a twelfth of it. A popular units library reads "35 000 h" as zero hours, so this is our own.
"""

from __future__ import annotations

import re

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0
YEAR = 8760.0 * HOUR
MONTH = YEAR / 12.0
ROUNDING = 1e-6
"""Seconds by which lengths of time may differ and be taken for equal (ADR 22)."""

TIMES = {
    "s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY, "day": DAY, "days": DAY, "week": WEEK,
    "weeks": WEEK, "month": MONTH, "months": MONTH, "year": YEAR, "years": YEAR, "ms": 1e-3,
}  # fmt: skip
SIZES = {
    "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40, "PiB": 2.0**50,
}  # fmt: skip
SPEEDS = {"MB/s": 1e6, "GB/s": 1e9, "Mbit/s": 1e6 / 8, "Gbit/s": 1e9 / 8}
POWERS = {"W": 1.0, "kW": 1e3, "kVA": 1e3, "VA": 1.0}
RATES = {f"{one}/{unit}": 1.0 / size for unit, size in TIMES.items() for one in ("", "1")}
BITS = {"1/bit": 1.0, "1/byte": 1.0 / 8}
UNITS = {
    "time": TIMES,
    "size": SIZES,
    "throughput": SPEEDS,
    "power": POWERS,
    "rate": RATES,
    "bit_rate": BITS,
}
NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:[ _\u2009\u202f]\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]?\.\d+)",
    re.ASCII,
)
"""Digits of other scripts are refused: they are seldom meant."""


def parse_number(text: str) -> float | None:
    """Return a number with optional digit groups of three, None if it is not one.

    Parameters
    ----------
    text : str
        As written, without a unit.

    Examples
    --------
    >>> parse_number("35 000"), parse_number("3 5000")
    (35000.0, None)
    """
    matched = NUMBER.fullmatch(text.strip())
    return float(re.sub(r"[ _\u2009\u202f]", "", matched.group())) if matched else None


def shown(value: object) -> str:
    """Return a value as it is quoted in a message, cut if it is very long.

    Parameters
    ----------
    value : object
        As given.

    Examples
    --------
    >>> shown("4 kg"), shown("1" * 500)
    ("'4 kg'", "'111111111111111111111111111111...")
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:31]}..."


def example(dimension: str) -> str:
    """Return how a quantity of a dimension may be written, in quotes.

    Examples
    --------
    >>> example("time"), example("fraction"), example("rate")
    ("'4 h'", "'5 %'", "'4 /year'")
    """
    if dimension == "fraction":
        return "'5 %'"
    usual = {"time": "h", "rate": "/year"}
    return f"'4 {usual.get(dimension) or next(iter(UNITS[dimension]))}'"


def between(rate: float) -> str:
    """Return the time between two events of a rate as it may be written, in its natural unit.

    Parameters
    ----------
    rate : float
        In 1/s, > 0.

    Examples
    --------
    >>> between(30 / YEAR), between(4 / YEAR), between(0.1 / YEAR), between(1 / 45)
    ('12.17 days', '3 months', '10 years', '45 s')
    """
    seconds = 1.0 / rate
    months = round(seconds / MONTH)
    if 1 <= months < 12 and abs(seconds - months * MONTH) < ROUNDING:
        return f"{months} month{'s' if months > 1 else ''}"
    for unit, size in (("years", YEAR), ("days", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds:.4g} s"


def parse(text: str, dimension: str) -> float:
    """Return a quantity in SI.

    Parameters
    ----------
    text : str
        ``NUMBER UNIT``; digit groups by space, thin space or underscore, only in threes.
    dimension : {"time", "size", "throughput", "power", "rate", "bit_rate", "fraction"}
        What is wanted; a fraction may also be a bare number.

    Returns
    -------
    float
        Seconds, bytes, bytes per second, watts, per second, per bit, or a fraction.

    Raises
    ------
    ValueError
        With the rule that was broken and the units that are known.

    Examples
    --------
    >>> parse("35 000 h", "time") == 35000 * HOUR
    True
    >>> parse("5 %", "fraction")
    0.05
    """
    text = str(text).strip()
    matched = NUMBER.match(text)
    if matched is None:
        msg = f"{shown(text)} does not begin with a number; write for example {example(dimension)}"
        raise ValueError(msg)
    number = parse_number(matched.group())
    rest = text[matched.end() :]
    unit = rest.strip()
    if number is None or re.match(r"[ _\u2009\u202f]?\d(?!/)", rest):
        msg = f"{shown(text)} is no number with a unit; group digits in threes"
        raise ValueError(msg)
    if dimension == "fraction":
        if unit == "%":
            return number / 100.0
        if not unit:
            return number
        remedy = "write a fraction or a percentage such as '5 %'"
        msg = f"{shown(text)} has the unit {shown(unit)}; {remedy}"
        raise ValueError(msg)
    known = UNITS[dimension]
    if not unit:
        usual = "h" if dimension == "time" else next(iter(known))
        written = text if len(text) <= 30 else "4"
        msg = f"{shown(text)} has no unit; write for example '{written} {usual}'"
        raise ValueError(msg)
    if not re.match(r"[^\W\d_]|[/%]|1/", unit):
        remedy = f"; write for example {example(dimension)}"
        if unit.startswith(","):
            remedy = "; write a point, no comma"
        msg = f"{shown(text)} is no number with a unit{remedy}"
        raise ValueError(msg)
    if unit not in known:
        for other, table in UNITS.items():
            if unit in table:
                msg = f"{shown(text)} is a {other.replace('_', ' ')}, a {dimension} is wanted here"
                if (other, dimension) == ("rate", "time") and number > 0:
                    msg += f"; write '{between(number * table[unit])}'"
                raise ValueError(msg)
        strange = "" if unit.isascii() else " with a letter that is not Latin"
        known_here = ", ".join(known)
        msg = f"{shown(text)} has an unknown unit {shown(unit)}{strange}; known here: {known_here}"
        raise ValueError(msg)
    return number * known[unit]
