"""The vectorised code beside loops that look at each five minutes, on random histories and levels."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest

from pacsim import ServiceLevel
from pacsim.service_levels.histories import Histories
from pacsim.service_levels.scored import scored
from tests.unit.service_levels.step_by_step import STEP, random_level, scored_by_loops

STARTS = dt.datetime(2026, 2, 9)
DAYS, TERMS, DAY = 45, 3, 288


def random_histories(draw: random.Random) -> Histories:
    """Return terms of a month and a half, with rows that may overlap like those of a log.

    Many begin or end at the end of a window or of the hours of an office.
    """
    rows = []
    odd = [DAY * 27, DAY * 28, DAY * 20 + 96, DAY * 19 + 204, 0, DAYS * DAY]
    for term in range(TERMS):
        for _ in range(draw.randint(0, 14)):
            start = draw.choice([*odd[:-1], *(draw.randint(0, DAYS * DAY - 1) for _ in range(4))])
            length = draw.choice([1, 2, 3, 6, 18, 120, 600])
            end = draw.choice([start + length, *(x for x in odd if x > start)])
            end = min(end, DAYS * DAY)
            rows.append((term, draw.choice([0, 1, -1]), draw.randint(0, 4), start, end))
            if draw.random() < 0.5 and end < DAYS * DAY - 4:
                # Goes on as another kind, at once or after a short gap.
                after = end + draw.choice([0, 1, 2])
                rows.append((term, draw.choice([0, 1]), draw.randint(0, 2), after, after + 1))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return Histories(
        "random", ("a", "b"), STARTS, DAYS * 86400.0, TERMS, *columns[:3], *(columns[3:] * STEP)
    )


@pytest.mark.parametrize("number", range(40))
def test_windows_and_outages(number: int) -> None:
    """Sees: the kind of a gap taken from what is after it, allowances before gaps are closed."""
    draw = random.Random(number)
    histories = random_histories(draw)
    level = ServiceLevel.of(random_level(draw))
    found = scored(histories, level)
    counted = found.counted
    for term in range(TERMS):
        expected = scored_by_loops(histories, level, term)
        assert (counted.down[term] / STEP).tolist() == pytest.approx(expected.down, abs=1e-9)
        mine = counted.term == term
        starts = (counted.outage_start[mine] / STEP).tolist()
        lengths = (counted.length[mine] / STEP).tolist()
        assert lengths == pytest.approx([many for _, many in expected.outages], abs=1e-9)
        assert starts == pytest.approx([first for first, _ in expected.outages], abs=1e-9)


def test_random_levels_reach_every_rule() -> None:
    """The forty are not all of a kind: nothing of theirs is empty, whole or without a limit."""
    seen: set[str] = set()
    for number in range(40):
        draw = random.Random(number)
        histories = random_histories(draw)
        level = ServiceLevel.of(random_level(draw))
        found = scored(histories, level)
        seen |= {level.measured.how} if len(level.measured.roles) > 1 else set()
        seen |= {name for name in ("merge", "shortest") if getattr(level, name)}
        seen |= {level.window.name}
        seen |= {"free"} if level.counts.free and found.counted.down.any() else set()
        seen |= {"hours"} if level.hours is not None and found.counted.down.any() else set()
    assert seen == {
        "any", "all", "merge", "shortest", "month", "quarter", "term", "fiscal_year", "free",
        "hours",
    }  # fmt: skip
