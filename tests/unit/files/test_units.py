"""Numbers with units are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacsim import units


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("35 000 h", "time", 126_000_000.0),
        ("35_000 h", "time", 126_000_000.0),
        ("35\u2009000\u202f000 s", "time", 35e6),
        ("2 years", "time", 2 * 8760 * 3600.0),
        ("1 month", "time", 730 * 3600.0),
        ("0.03 /year", "rate", 0.03 / (8760 * 3600.0)),
        ("1/year", "rate", 1 / (8760 * 3600.0)),
        ("8 TB", "size", 8e12),
        ("2 KiB", "size", 2048.0),
        ("1 Gbit/s", "throughput", 1.25e8),
        ("67 %", "fraction", 0.67),
        ("1e-15 1/bit", "bit_rate", 1e-15),
        ("3 kVA", "power", 3000.0),
    ],
)
def test_what_is_understood(text: str, dimension: str, value: float) -> None:
    """Expected values by hand from the definitions of the units."""
    assert units.parse(text, dimension) == value


@pytest.mark.parametrize(
    ("text", "dimension", "hint"),
    [
        ("35 00 h", "time", "threes"),
        ("3 5000 h", "time", "threes"),
        ("35 000", "time", "no unit"),
        ("5 h 3", "time", "unknown unit"),
        ("5 H", "time", "unknown unit"),
        ("8 Tb", "size", "unknown unit"),
        ("5 h", "size", "is a time"),
        ("h", "time", "begin with a number"),
        ("5 h", "fraction", "unit"),
        ("nan h", "time", "begin with a number"),
        ("1,5 h", "time", "a point, no comma"),
        ("2026-01-05", "time", "no number with a unit"),
        ("４ h", "time", "begin with a number"),
        ("4 һ", "time", "a letter that is not Latin"),
    ],
)
def test_what_is_refused(text: str, dimension: str, hint: str) -> None:
    """Nothing is left over and nothing is guessed."""
    with pytest.raises(ValueError, match=hint):
        units.parse(text, dimension)


@given(st.integers(0, 10**12), st.sampled_from(sorted(units.TIMES)))
def test_digit_groups_mean_the_same(number: int, unit: str) -> None:
    """A grouped number is the plain one."""
    grouped = f"{number:,}".replace(",", " ")
    assert units.parse(f"{grouped} {unit}", "time") == number * units.TIMES[unit]


@given(st.text(max_size=12), st.sampled_from(sorted(units.UNITS)))
def test_no_text_crashes(text: str, dimension: str) -> None:
    """Any text is a number with a unit or a ValueError with words."""
    try:
        value: object = units.parse(text, dimension)
    except ValueError as error:
        value = str(error)
    assert value or value == 0.0
