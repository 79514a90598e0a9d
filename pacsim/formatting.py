"""Figures in words that people use: hours a year, minutes, odds, percent."""

from __future__ import annotations

import math

HOUR, DAY = 3600.0, 86400.0
LIKELY = 0.2
"""A probability above it is said in percent, others as odds."""
SAID = {
    "engine": "", "unit": "", "set": "", "run": "", "initial": "all-up at the start",
    "phase": "failover", "patch": "planned work", "work": "", "host": "operating system",
    "psu": "power supply", "disk": "disks", "module": "", "source": "output", "tank": "fuel",
    "position": "transfer",
}  # fmt: skip
"""What an element of a part is called where people read; other names say it themselves."""


def cause(label: str) -> str:
    """Return a root or contributor as people say it.

    Examples
    --------
    >>> cause("pacs/phase"), cause("mains/outage"), cause("operators/unit")
    ('pacs failover', 'mains outage', 'operators')
    """
    part, _, inner = label.partition("/")
    return f"{part} {SAID.get(inner, inner)}".strip() if inner else SAID.get(label, label)


def hours_a_year(x: float | None) -> str:
    """Return hours a year with two digits that matter.

    Examples
    --------
    >>> hours_a_year(10.24), hours_a_year(0.352), hours_a_year(0.0021)
    ('10.2 h/yr', '0.35 h/yr', '8 s/yr')
    """
    if x is None:
        return "-"
    factor, unit = year_unit(x)
    return f"{(plain if unit == 'h' else short)(x * factor)} {unit}/yr"


def year_unit(hours: float) -> tuple[float, str]:
    """Return the unit in which hours a year are shown, and the factor to it.

    An interval is shown in the unit of its figure, so that both can be compared.

    Examples
    --------
    >>> year_unit(10.24), year_unit(0.0175), year_unit(0.0021)
    ((1.0, 'h'), (60.0, 'min'), (3600.0, 's'))
    """
    if not 0 < hours < 0.02:
        return 1.0, "h"
    return (60.0, "min") if hours * HOUR >= 60 else (HOUR, "s")


def hours_between(low: float, high: float, hours: float) -> str:
    """Return the ends of an interval of hours a year in the unit of their figure.

    Examples
    --------
    >>> hours_between(9.9, 10.6, 10.24), hours_between(0.0021, 0.0024, 0.00218)
    ('9.9 - 10.6', '8 - 9')
    """
    factor, unit = year_unit(hours)
    show = plain if unit == "h" else _seconds
    return f"{show(low * factor)} - {show(high * factor)}"


def _seconds(x: float) -> str:
    """Return seconds or minutes beside a figure that is below a hundred of them."""
    return short(x) if x < 100 else plain(x)


def plain(x: float) -> str:
    """Return a number as a person would write it.

    Examples
    --------
    >>> plain(1234.5), plain(22.91), plain(2.913), plain(0.352)
    ('1 234', '22.9', '2.9', '0.35')
    """
    size = abs(x)
    if size >= 1000:
        return f"{x:,.0f}".replace(",", " ")
    if size >= 100:
        return f"{x:.0f}"
    if size >= 1:
        return f"{x:.1f}"
    return f"{x:.2g}" if size else "0"


def two(x: float) -> str:
    """Return a number with two digits that matter, and no more.

    Examples
    --------
    >>> two(61.4), two(9.43), two(0.00184), two(140.2), two(1234.5), two(0.0)
    ('61', '9.4', '0.0018', '140', '1 234', '0')
    """
    if abs(x) >= 100:
        return thousands(x)
    if x == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(x))))
    return f"{x:.{digits}f}"


def short(x: float) -> str:
    """Return two digits without an exponent.

    Examples
    --------
    >>> short(7.6), short(14.2), short(0.26)
    ('8', '14', '0.3')
    """
    return f"{x:.0f}" if x >= 1 else f"{x:.1g}"


def duration(seconds: float | None) -> str:
    """Return a duration in its natural unit.

    Examples
    --------
    >>> duration(43.0), duration(186.0), duration(9.1 * 3600), duration(40 * 3600 * 24)
    ('43 s', '3.1 min', '9.1 h', '40 d')
    """
    if seconds is None:
        return "-"
    for unit, size in (("d", DAY), ("h", HOUR), ("min", 60.0)):
        if seconds >= size * (3 if unit == "d" else 1):
            number = seconds / size
            return f"{number:.2g} {unit}" if number < 100 else f"{number:.0f} {unit}"
    return f"{seconds:.2g} s"


def odds(p: float | None, upper: float | None = None) -> str:
    """Return a probability as odds; none seen is a bound, never zero.

    Examples
    --------
    >>> odds(0.0243), odds(0.0, 0.0021), odds(0.8)
    ('1 in 41', 'under 1 in 476', '80 %')
    """
    if p is None:
        return "-"
    if p <= 0:
        return f"under 1 in {thousands(1 / upper)}" if upper else "none seen"
    return percent(p) if p > LIKELY else f"1 in {thousands(1 / p)}"


def odds_between(low: float, high: float, p: float) -> str:
    """Return the ends of an interval of a probability in the form of its figure, the rarer first.

    Examples
    --------
    >>> odds_between(0.02, 0.04, 0.03), odds_between(0.15, 0.3, 0.22), odds_between(0.1, 0.3, 0.18)
    ('1 in 50 - 1 in 25', '15 % - 30 %', '1 in 10 - 1 in 3')
    >>> odds_between(0.0, 0.04, 0.001)
    'under 1 in 25'
    """
    if p > LIKELY:
        return f"{percent(low)} - {percent(high)}"
    if low <= 0:
        return f"under 1 in {thousands(1 / high)}"
    return f"1 in {thousands(1 / low)} - 1 in {thousands(1 / high)}"


def thousands(x: float) -> str:
    """Return a whole number in groups of three.

    Examples
    --------
    >>> thousands(18432.2)
    '18 432'
    """
    return f"{x:,.0f}".replace(",", " ")


def percent(p: float | None) -> str:
    """Return a share as a percentage; all but a little is not shown as all.

    Examples
    --------
    >>> percent(0.313), percent(0.9996), percent(1.0), percent(0.004)
    ('31 %', '99.96 %', '100 %', '0.4 %')
    """
    if p is None:
        return "-"
    hundred = 100 * p
    if 0 < hundred < 1:
        return f"{hundred:.1g} %"
    if 99 <= hundred < 100:
        return f"{_cut(hundred)} %"
    return f"{hundred:.0f} %"


def share(p: float | None) -> str:
    """Return a share, often a small one, as a percentage with three digits that matter.

    Examples
    --------
    >>> share(0.00397), share(0.0123), share(3.2e-7), share(1.0)
    ('0.397 %', '1.23 %', '0.000032 %', '100 %')
    """
    if p is None:
        return "-"
    if p <= 0:
        return "0 %"
    digits = max(0, 2 - math.floor(math.log10(100 * p)))
    return f"{100 * p:.{digits}f}".rstrip("0").rstrip(".") + " %" if digits else f"{100 * p:.0f} %"


def _cut(hundred: float) -> str:
    for digits in range(1, 8):
        text = f"{hundred:.{digits}f}"
        if not text.startswith("100"):
            return text
    return f"{hundred:.8f}"


def nines(unavailability: float | None) -> str:
    """Return availability as a percentage that keeps its nines.

    Examples
    --------
    >>> nines(3.3e-4), nines(1e-9), nines(0.09)
    ('99.967 %', '99.9999999 %', '91 %')
    """
    if unavailability is None:
        return "-"
    if unavailability <= 0:
        return "100 %"
    digits = max(0, math.ceil(-math.log10(unavailability)) - 2) + 1
    whole = 100 - 100 * unavailability
    return f"{whole:.{digits}f}".rstrip("0").rstrip(".") + " %"
