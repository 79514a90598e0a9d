"""Moments of a contract term as people write them: dates, times since its start, seconds."""

from __future__ import annotations

import datetime as dt
import math
import re
from numbers import Real

from pacsim.errors import ArgumentError
from pacsim.units import HOUR, MINUTE, parse, shown

CLOCK = re.compile(r"(?:(.*\S)\s+)?(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?")
LENGTH = re.compile(r"\s*([^A-Za-z]+[A-Za-z]+)")


def moment(name: str, given: object, origin: dt.datetime) -> float:
    """Return seconds since the start of the term of a date, a time since then, or seconds.

    Parameters
    ----------
    name : str
        What is asked for, as a message says it.
    given : object
        A number of seconds, or text: a date, lengths of time one after another, a time of the day
        after them, or a number of seconds.
    origin : datetime
        Start of the term, at midnight.

    Raises
    ------
    ArgumentError
        If it is none of these.

    Examples
    --------
    >>> start = dt.datetime(2027, 1, 1)
    >>> [moment("at", x, start) for x in ("2027-01-02 00:01", "1 d", "1 d 2 h", "1 d 10:00", "60")]
    [86460.0, 86400.0, 93600.0, 122400.0, 60.0]
    >>> moment("at", "noon", start)
    Traceback (most recent call last):
    pacsim.errors.ArgumentError: at 'noon' is no time; write '2029-12-30 06:00', '3 years', ...
    """
    if isinstance(given, Real) and not isinstance(given, bool) and math.isfinite(given):
        return float(given)
    if isinstance(given, str):
        for read in (_date, _seconds, _since):
            try:
                found = read(given.strip(), origin)
            except (ValueError, OverflowError):
                continue
            if math.isfinite(found):
                return found
    written = "'2029-12-30 06:00', '3 years', '3 years 12 d 10:00', or seconds"
    msg = f"{name} {shown(given)} is no time; write {written}"
    raise ArgumentError(msg)


def _date(text: str, origin: dt.datetime) -> float:
    return (dt.datetime.fromisoformat(text).replace(tzinfo=None) - origin).total_seconds()


def _seconds(text: str, _: dt.datetime) -> float:
    if not re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", text, re.ASCII):
        raise ValueError(text)
    return float(text)


def _since(text: str, _: dt.datetime) -> float:
    """Return the sum of lengths of time, with a time of the day at the end."""
    matched, clock = CLOCK.fullmatch(text), 0.0
    if matched is not None:
        text, hours, minutes, seconds = matched.group(1) or "", *matched.groups()[1:]
        clock = int(hours) * HOUR + int(minutes) * MINUTE + float(seconds or 0.0)
        if int(hours) > 23 or int(minutes) > 59 or float(seconds or 0.0) >= 60.0:
            raise ValueError(text)
        if not text:
            return clock
    lengths = LENGTH.findall(text)
    if "".join(lengths).replace(" ", "") != text.replace(" ", "") or not lengths:
        raise ValueError(text)
    return sum(parse(one, "time") for one in lengths) + clock
