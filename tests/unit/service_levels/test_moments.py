"""Moments of civil time: what is read as what, by hand, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from pacsim import DesignError, PacsimError, ServiceLevel, score
from pacsim.service_levels.civil_moments import moment_of, read_moment
from tests.unit.service_levels.by_hand import YEAR, level

if TYPE_CHECKING:
    from pathlib import Path

READ = [
    ("2028-02-29", "2028-02-29T00:00:00", True),
    ("2026-03-29 14:05", "2026-03-29T14:05:00", False),
    ("2026-03-29t14:05:30.25", "2026-03-29T14:05:30.250000", False),
    ("2026-03-29T14:05:30,5", "2026-03-29T14:05:30.500000", False),
    ("2026-12-31 24:00", "2027-01-01T00:00:00", False),
    ("2028-02-28T24:00:00.0Z", "2028-02-29T00:00:00+00:00", False),
    ("2026-01-01T00:00z", "2026-01-01T00:00:00+00:00", False),
    ("2026-01-01 00:00 +0100", "2026-01-01T00:00:00+01:00", False),
    ("2026-01-01T00:00-09:30", "2026-01-01T00:00:00-09:30", False),
    ("2026-01-01T00:00+14", "2026-01-01T00:00:00+14:00", False),
]


@pytest.mark.parametrize(("text", "moment", "day"), READ)
def test_what_is_read(text: str, moment: str, *, day: bool) -> None:
    found = read_moment(text)
    assert (found.when.isoformat(), found.whole_day) == (moment, day)


REFUSED = [
    ("2026-02-29", "is no time: day"),
    ("2026-13-01", "is no time: month"),
    ("0000-01-01", "is not in the years 1900 to 2200; check the year"),
    ("9999-12-31T24:00", "is not in the years 1900 to 2200; check the year"),
    ("2026-01-01 24:01", "is no time: hour"),
    ("2026-01-01 24:00:01", "is no time: hour"),
    ("2026-01-01 25:00", "is no time: hour"),
    ("2026-12-31 23:59:60", "has a second 60, and leap seconds are not counted; write second 59"),
    ("2026-01-01T00:00+14:01", "has an offset that no place has; write one from -14:00 to +14:00"),
    ("2026-01-01T00:00+01:75", "has an offset that no place has"),
    ("2026-01-01T00:00+01:00:30", "is no time;"),
    ("2026-01-01-14:05", "is no time;"),
    ("2026-01-01Z", "is no time;"),
    ("20260101", "is no time;"),
    ("2026-W01-1", "is no time;"),
    ("26-01-01", "is no time;"),
    ("1.2.2026 03:00", "is no time;"),
    ("02/03/2026", "is no time;"),
    ("２０２６-01-01", 'is no time: "２" (U+FF12) is none of the digits 0 to 9'),
    ("2026-01-01 ٠٠:٠٠", 'is no time: "٠" (U+0660) is none of the digits 0 to 9'),
    ("", "is no time;"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_is_refused(text: str, says: str, tmp_path: Path) -> None:
    """Alike in a log and as --from or --to: in words, never a traceback."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        moment_of(text, "x")
    assert says in str(caught.value)
    log = tmp_path / "log.csv"
    log.write_text("start,end,kind\n")
    for span in ((text, YEAR[1]), (YEAR[0], text)):
        with pytest.raises(PacsimError) as told:
            score(log, level(), starts=span[0], ends=span[1])
        assert says in str(told.value)
    if text:
        log.write_text(f'start,end,kind\n"{text}",,mixed\n', encoding="utf-8")
        with pytest.raises(DesignError) as of_log:
            score(log, level(), starts=YEAR[0], ends=YEAR[1])
        assert [(p.line, p.path) for p in of_log.value.problems] == [(2, "start")]


@pytest.mark.parametrize("text", [*(text for text, _ in REFUSED), "2026-01-01 06:00"])
def test_closed_days_of_a_service_level(text: str) -> None:
    """A calendar takes plain dates; what is none is refused in words."""
    hours = {"hours": ["mon-fri 08:00-17:00"], "closed": [text]}
    plain = {"pacsim": 1, "name": "one", "measures": "store", "window": "month", "target": "99 %"}
    with pytest.raises(DesignError, match="no date"):
        ServiceLevel.of(plain | {"hours": hours})


def test_a_moment_has_its_offset() -> None:
    when = read_moment("2026-01-01T00:00-03:30").when
    assert when.utcoffset() == dt.timedelta(hours=-3.5)
