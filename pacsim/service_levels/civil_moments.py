"""Moments of civil time as logs and people write them, read strictly, and spans between two."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from pacsim.units import YEAR, shown

FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:(?:[Tt]| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"(?: ?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?))?)?",
    re.ASCII,
)
"""ISO 8601 in its long form, with what RFC 3339 allows: a small t or z, an offset without colon."""
AS_WRITTEN = "write it as 2026-03-29 14:05, or 2026-03-29T14:05:00+01:00"
CHECK = "check the year"
YEARS = 1900, 2200
"""First and last year that is believed; others are mistyped."""
FARTHEST = dt.timedelta(hours=14)
"""No place on earth is further off UTC."""
LONGEST = 100 * 366 * 86400.0
"""A century in seconds: no log is longer."""


class CivilMoment(NamedTuple):
    """A moment as it was written."""

    when: dt.datetime
    """With an offset, or without."""
    whole_day: bool
    """Whether it is a day without a time, and so its beginning."""


def read_moment(text: str) -> CivilMoment:
    """Return a civil date, with a time or without; 24:00 is the beginning of the next day.

    Raises
    ------
    ValueError
        With two arguments: what is wrong with it, and what to write instead.

    Examples
    --------
    >>> read_moment("2028-02-28 24:00").when.isoformat()
    '2028-02-29T00:00:00'
    >>> read_moment("2026-03-29t14:05:00.5z").when.isoformat()
    '2026-03-29T14:05:00.500000+00:00'
    """
    text = text.strip()
    quoted = shown(text)
    matched = FORM.fullmatch(text)
    if matched is None:
        odd = next((one for one in text if one.isdigit() and not one.isascii()), None)
        rule = f"{quoted} is no time"
        if odd is not None:
            rule += f': "{odd}" (U+{ord(odd):04X}) is none of the digits 0 to 9'
        raise ValueError(rule, AS_WRITTEN)
    day, hour, minute, second, part, zulu, sign, off_hours, off_minutes = matched.groups()
    if not YEARS[0] <= int(day[:4]) <= YEARS[1]:
        rule = f"{quoted} is not in the years {YEARS[0]} to {YEARS[1]}"
        raise ValueError(rule, CHECK)
    if second == "60":
        rule = f"{quoted} has a second 60, and leap seconds are not counted"
        raise ValueError(rule, "write second 59, or the next minute")
    offset = dt.timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    if offset > FARTHEST or int(off_minutes or 0) > 59:
        rule = f"{quoted} has an offset that no place has"
        raise ValueError(rule, "write one from -14:00 to +14:00, such as +01:00")
    micro = int((part or "0").ljust(6, "0")[:6])
    midnight = (hour, minute, int(second or 0), micro) == ("24", "00", 0, 0)
    try:
        hours = 0 if midnight else int(hour or 0)
        clock = dt.time(hours, int(minute or 0), int(second or 0), micro)
        when = dt.datetime.combine(dt.date.fromisoformat(day), clock)
    except ValueError as error:
        rule = f"{quoted} is no time: {error}"
        raise ValueError(rule, AS_WRITTEN) from None
    when += dt.timedelta(days=int(midnight))
    if zulu or sign:
        when = when.replace(tzinfo=dt.timezone(-offset if sign == "-" else offset))
    return CivilMoment(when, hour is None)


def moment_of(text: str, name: str) -> dt.datetime:
    """Return a civil date, with a time or without, and with an offset or without.

    Raises
    ------
    ValueError
        In one sentence that begins with a name.

    Examples
    --------
    >>> moment_of("2026-04-01", "from").isoformat()
    '2026-04-01T00:00:00'
    >>> moment_of("1.4.2026", "from")
    Traceback (most recent call last):
    ValueError: from '1.4.2026' is no time; write 2026-04-01 or 2026-04-01 06:00
    """
    try:
        return read_moment(text).when
    except ValueError as error:
        what, remedy = error.args
        if remedy == AS_WRITTEN:
            remedy = "write 2026-04-01 or 2026-04-01 06:00"
        msg = f"{name} {what}; {remedy}"
        raise ValueError(msg) from None


def no_span(starts: dt.datetime, ends: dt.datetime) -> tuple[str, str] | None:
    """Return what is wrong with the time from one moment to another, and a remedy; else None.

    Offsets are left out of account.

    Examples
    --------
    >>> no_span(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1))
    ('--to is not after --from', 'change them round')
    """
    begin, end = starts.replace(tzinfo=None), ends.replace(tzinfo=None)
    for option, when in (("--from", begin), ("--to", end)):
        if not YEARS[0] <= when.year <= YEARS[1]:
            return f"{option} {when.date()} is not in {YEARS[0]} to {YEARS[1]}", CHECK
    if begin.microsecond:
        return f"--from {begin.time()} has parts of a second", "write whole seconds"
    length = (end - begin).total_seconds()
    if length <= 0.0:
        return "--to is not after --from", "change them round"
    if length > LONGEST:
        return f"from --from to --to are {length / YEAR:.1f} years", "write 100 years or less"
    return None
