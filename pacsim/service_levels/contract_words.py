"""Words of contracts read strictly: shares, lengths and money for a month, quarter or year."""

from __future__ import annotations

import re

from pacsim.service_levels.civil_windows import MONTH_NAMES, MONTHS, TERM, Period
from pacsim.units import DAY, NUMBER, parse, parse_number, shown

PLAIN_WINDOWS = ("month", "quarter", "year", TERM)
WINDOWS = f"{', '.join(PLAIN_WINDOWS)}, {{fiscal_year: april}}"
LONGEST_MONTH = 31 * DAY
MOST = 1e12
"""Most money of a fee, and most outages of a limit: more is mistyped."""


def yes_or_no(plain: object) -> bool | None:
    """Return the truth of yes, no, true or false; None of anything else.

    Examples
    --------
    >>> yes_or_no("yes"), yes_or_no(False), yes_or_no("perhaps")
    (True, False, None)
    """
    if isinstance(plain, bool):
        return plain
    return {"yes": True, "no": False}.get(plain.lower()) if isinstance(plain, str) else None


def month_number(plain: object) -> int:
    """Return 1 to 12 of a month by its name or the first three letters; 0 of anything else.

    Examples
    --------
    >>> month_number("april"), month_number("Oct"), month_number("spring")
    (4, 10, 0)
    """
    text = plain.lower() if isinstance(plain, str) else ""
    for number, name in enumerate(MONTH_NAMES, 1):
        if text in {name, name[:3]}:
            return number
    return 0


def availability(text: str) -> float:
    """Return an availability, over 0 and at most 1.

    Examples
    --------
    >>> availability("99.9 %")
    0.999
    >>> availability("99.9")
    Traceback (most recent call last):
    ValueError: '99.9' is over 100 %; write '99.9 %'
    """
    found = _fraction(text)
    if found <= 0.0:
        msg = f"{shown(text)} is not over 0 %; write for example '99.9 %'"
        raise ValueError(msg)
    return found


def share(text: str) -> float:
    """Return a share of a fee, over 0 and at most 1.

    Examples
    --------
    >>> share("25 %")
    0.25
    """
    found = _fraction(text)
    if found <= 0.0:
        msg = f"{shown(text)} is not over 0 %; write for example '10 %', or leave it out"
        raise ValueError(msg)
    return found


def _fraction(text: str) -> float:
    _pointed(text)
    found = parse(text, "fraction")
    if found > 1.0:
        bare = parse_number(text)
        also = bare is not None and bare <= 100.0
        remedy = f"write '{text} %'" if also else "write 100 % or less"
        msg = f"{shown(text)} is over 100 %; {remedy}"
        raise ValueError(msg)
    # 99.9 / 100 is a last digit off 0.999.
    return round(found, 15)


def length(text: str) -> float:
    """Return a length of time in seconds, at least 0.

    Examples
    --------
    >>> length("5 min")
    300.0
    """
    _pointed(text)
    found = parse(text, "time")
    if found < 0.0:
        msg = f"{shown(text)} is below 0; write for example '5 min'"
        raise ValueError(msg)
    return found


def _pointed(text: str) -> None:
    """Refuse a decimal comma in words of its own."""
    if re.search(r"\d,\d", text):
        msg = f"{shown(text)} has a comma; write '{text.replace(',', '.')}', with a point"
        raise ValueError(msg)


def length_in_a_period(text: str) -> tuple[float, Period]:
    """Return seconds and for what they are.

    Examples
    --------
    >>> length_in_a_period("4 h/month")
    (14400.0, Period(name='month', begins=1))
    """
    amount, period = _in_a_period(text, "4 h/month")
    found, months = length(amount), MONTHS.get(period.name)
    if months is not None and found >= months * LONGEST_MONTH:
        msg = f"{shown(text)} is all of a {period.name} and more; write no if none of it counts"
        raise ValueError(msg)
    return found, period


def number_in_a_period(text: str) -> tuple[int, Period]:
    """Return a whole number and for what it is.

    Examples
    --------
    >>> number_in_a_period("3 /quarter")
    (3, Period(name='quarter', begins=1))
    """
    amount, period = _in_a_period(text, "3 /quarter")
    found = parse_number(amount)
    if found is None or found < 0 or found != int(found) or found > MOST:
        msg = f"{shown(text)} is no whole number for a period; write for example '3 /quarter'"
        raise ValueError(msg)
    return int(found), period


def money_in_a_period(text: str) -> tuple[float, str, Period]:
    """Return an amount, its currency and for what it is.

    Examples
    --------
    >>> money_in_a_period("5 000 EUR/month")
    (5000.0, 'EUR', Period(name='month', begins=1))
    """
    written = "5 000 EUR/month"
    money, period = _in_a_period(text, written)
    matched = NUMBER.match(money)
    found = parse_number(matched.group()) if matched is not None else None
    currency = money[matched.end() :].strip() if matched is not None else ""
    if (
        found is None
        or not 0.0 < found <= MOST
        or not re.fullmatch(r"[^\W\d]{1,8}|[$€£¥]", currency)
    ):
        msg = f"{shown(text)} is no money for a period; write for example '{written}'"
        raise ValueError(msg)
    return found, currency, period


def _in_a_period(text: str, written: str) -> tuple[str, Period]:
    """Return what stands before the last stroke, and the period after it."""
    amount, stroke, name = text.rpartition("/")
    if not stroke or name.strip() not in PLAIN_WINDOWS:
        after = f"{shown(name.strip())} is no period" if stroke else "it has no period"
        msg = f"{shown(text)}: {after}; write for example '{written}'; known: "
        raise ValueError(msg + ", ".join(PLAIN_WINDOWS))
    return amount.strip(), Period(name.strip())
