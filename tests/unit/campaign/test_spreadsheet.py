"""Mean times that a calendar stretches, against stepping through weeks by hand."""

from __future__ import annotations

import pytest

from pacsim.delays import Calendar, Deterministic, Exponential
from pacsim.parts.elapsed import mean_elapsed
from pacsim.parts.values import Delay

DESK = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
QUARTER = 0.25


def stepped(hours: float) -> float:
    """Return the mean wait for working hours, quarter by quarter, begun at any quarter's middle."""
    is_open = [(k // 96) % 7 < 5 and 8 <= (k % 96) / 4 < 17 for k in range(96 * 7 * 9)]
    total = 0.0
    for first in range(96 * 7):
        left, at = hours, first
        # Begun in the middle of a quarter: half of it is left.
        share = QUARTER / 2
        while True:
            if is_open[at]:
                if left <= share:
                    break
                left -= share
            at, share = at + 1, QUARTER
        total += (at - first) * QUARTER + (left if at == first else left - QUARTER / 2)
    return total / (96 * 7)


@pytest.mark.parametrize("hours", [0.5, 9.0, 10.0, 45.0, 100.0])
def test_working_hours(hours: float) -> None:
    assert mean_elapsed(Delay(Deterministic(hours * 3600.0), DESK)) / 3600 == pytest.approx(
        stepped(hours), abs=1e-3
    )


def test_waiting_for_the_desk_is_what_test_25_says() -> None:
    found = mean_elapsed(Delay(Deterministic(1e-3), DESK)) / 3600
    assert found == pytest.approx(4869 / 336, abs=1e-4)


def test_without_a_calendar_it_is_the_mean() -> None:
    assert mean_elapsed(Delay(Exponential(7.0))) == 7.0
    always = Delay(Exponential(7200.0), Calendar.always())
    assert mean_elapsed(always) == pytest.approx(7200.0, rel=1e-6)


def test_a_slow_night_stretches_by_the_mean_speed() -> None:
    slow = Calendar("slow", DESK.weekly, (), 0.25)
    speed = (45 + 0.25 * 123) / 168
    long = mean_elapsed(Delay(Deterministic(1000 * 3600.0), slow)) / 3600
    assert long == pytest.approx(1000 / speed, rel=0.01)
