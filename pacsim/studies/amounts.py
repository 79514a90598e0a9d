"""Amounts as people write them, a number and its unit, and the scale of a range of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.units import NUMBER, TIMES, UNITS, parse_number, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARES = {"": 1.0, "%": 0.01}
"""Units of plain numbers."""
LINEAR, LOG = "linear", "log"
"""Scales of a range."""
DIGITS = 6
"""Of a number that is written."""
SPECK = 0.1
"""Of a unit of time below which a smaller one is said."""
SAID = ("year", "day", "h", "min", "s")
PLURALS = {"year": "years", "month": "months", "week": "weeks", "day": "days"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and its unit.

    Parameters
    ----------
    number : float
        As written.
    unit : str
        As written; empty for a plain number.

    Examples
    --------
    >>> Amount.read("90 min").in_unit("h"), Amount.read("5 %").in_unit("")
    (Amount(number=1.5, unit='h'), Amount(number=0.05, unit=''))
    >>> str(Amount(0.0316, "1/year")), Amount(4.0, "").plain()
    ('0.0316 1/year', 4)
    """

    number: float
    unit: str = ""

    @classmethod
    def read(cls, written: Any) -> Amount:  # noqa: ANN401
        """Return what is written.

        Raises
        ------
        ValueError
            If it is no number with a unit that is known, or without one.
        """
        text = str(written).strip()
        matched = None if isinstance(written, bool | dict | list) else NUMBER.match(text)
        number = parse_number(matched.group()) if matched else None
        unit = text[matched.end() :].strip() if matched else ""
        if number is None or _table(unit) is None:
            msg = f"{shown(written)} is no number with a unit; write for example '4 h' or '5 %'"
            raise ValueError(msg)
        return cls(number, unit)

    def in_unit(self, unit: str) -> Amount:
        """Return the same amount in another unit.

        Raises
        ------
        ValueError
            If that is a unit of something else.
        """
        table = _table(self.unit) or {}
        if unit not in table:
            msg = f"'{self}' cannot be told in {unit or 'plain numbers'}; write both ends alike"
            raise ValueError(msg)
        if unit == self.unit:
            return self
        return Amount(self.number * table[self.unit] / table[unit], unit)

    def plain(self) -> Any:  # noqa: ANN401
        """Return it as a file would say it: a number if it has no unit, else a text."""
        rounded = float(f"{self.number:.{DIGITS}g}")
        if self.unit:
            return f"{_digits(rounded)} {self.unit}"
        return int(rounded) if rounded == int(rounded) else rounded

    def called(self, digits: int) -> str:
        """Return it as people say it: with so many digits, in a unit in which it is no speck.

        Examples
        --------
        >>> Amount(1.94189, "year").called(3), Amount(0.004, "years").called(3)
        ('1.94 years', '1.46 days')
        """
        number, unit = self.number, self.unit
        if unit in TIMES and 0.0 < number < SPECK:
            size = number * TIMES[unit]
            unit = next((one for one in SAID if size >= TIMES[one]), unit)
            number = size / TIMES[unit]
        rounded = float(f"{number:.{digits}g}")
        if rounded != 1.0:
            unit = PLURALS.get(unit, unit)
        return f"{_digits(rounded)} {unit}".rstrip()

    def __str__(self) -> str:
        return str(self.plain())


def in_order(labels: Iterable[str]) -> list[str]:
    """Return what amounts of one kind are called, the smallest first.

    Examples
    --------
    >>> in_order(["2 h", "1.5 days", "40 min"])
    ['40 min', '2 h', '1.5 days']
    """
    amounts = {label: Amount.read(label) for label in labels}
    unit = next(iter(amounts.values())).unit if amounts else ""
    return sorted(amounts, key=lambda label: amounts[label].in_unit(unit).number)


def _digits(number: float) -> str:
    """Return a number without an exponent where that is short, so that people can read it."""
    return f"{number:.0f}" if 1e3 <= number < 1e9 and number == int(number) else f"{number:.6g}"


def _table(unit: str) -> dict[str, float] | None:
    """Return the units of the same dimension."""
    tables = (SHARES, *UNITS.values())
    return next((table for table in tables if unit in table), None)
