"""Which terms and windows are severe: those in which a role is down for eight hours at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.campaign.severe_terms import SevereTerms
from pacsim.campaign.severe_windows import QUIET, all_windows, severe_windows
from pacsim.campaign.tallies import DesignTally
from pacsim.design import design_of
from pacsim.engines import reference
from pacsim.parts.watch_handles import RoleWatch
from pacsim.traffic.client_conditions import SERVER, Conditions, Timeline
from pacsim.traffic.logs import ATTEMPTS, COUNTS, JOBS, TrafficLog
from pacsim.traffic.second_pass import Divergence, Passed
from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs
from pacsim.traffic.windows import ALL, LEAD, Span, TrafficWindow
from pacsim.units import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = TrafficLog(np.zeros(0, ATTEMPTS), np.zeros(0, JOBS), np.zeros(1, COUNTS))


@dataclass
class Opened:
    """Windows that last for a while after their divergence, and what was asked for."""

    lasts: float
    asked: list[int] = field(default_factory=list)

    def window(self, passed: Passed, first: int) -> TrafficWindow:
        self.asked.append(first)
        every = passed.divergences
        last = first
        while last + 1 < len(every) and every[last + 1].start - LEAD < every[last].end + self.lasts:
            last += 1
        row = (
            passed.number,
            every[first].start - LEAD,
            every[first].start,
            every[last].end,
            every[last].end + self.lasts,
            False,
            0,
            -1,
            last - first,
        )
        return TrafficWindow(row, last - first + 1, NOTHING, NOTHING)

    def differing(self, passed: Passed, spans: Sequence[Span] = ALL) -> WindowBatch:
        found, following = [], 0
        for first, until in spans:
            following = max(following, first)
            while following < len(passed.divergences):
                if passed.divergences[following].start - LEAD > until:
                    break
                found.append(self.window(passed, following))
                following += found[-1].divergences
        logs = WindowLogs.of([NOTHING] * len(found), 1)
        return WindowBatch(np.array([x.row for x in found], dtype=WINDOWS), logs, logs)


def passed(*spans: tuple[float, float]) -> Passed:
    """Return a term with divergences, in days."""
    line = Timeline.of(Conditions(SERVER, ("a",), ("s",)))
    every = tuple(Divergence(a * DAY, b * DAY, False, "host", "") for a, b in spans)
    return Passed(3, line, every)


def picked(windows: Any, one: Passed, *begun: float) -> tuple[list[float], list[int]]:
    """Return when severe windows begin, in days, and which divergences were asked for."""
    found = severe_windows(windows, one, np.array(begun) * DAY)
    assert found.severe.all()
    return ((found.batch.windows["divergence"] / DAY).tolist(), windows.asked)


SPANS = ((1.0, 1.1), (10.0, 10.5), (11.0, 12.0), (30.0, 30.1), (30.5, 31.0))


def test_only_what_follows_a_quiet_time_is_simulated() -> None:
    one = passed(*SPANS)
    assert picked(Opened(HOUR), one, 11.2) == ([11.0], [1, 2])
    assert picked(Opened(HOUR), one, 10.0) == ([10.0], [1])
    assert picked(Opened(HOUR), one, 10.0, 30.6) == ([10.0, 30.5], [1, 3, 4])


def test_windows_that_last_take_in_what_follows() -> None:
    one = passed(*SPANS)
    assert picked(Opened(DAY), one, 11.2) == ([10.0], [1])
    # Two long outages in one window are one.
    assert picked(Opened(DAY), one, 10.1, 11.2) == ([10.0], [1])


def test_an_outage_that_nobody_meets_has_no_window() -> None:
    # As of people that a role needs: nothing is not as usual for clients.
    assert picked(Opened(HOUR), passed(*SPANS), 0.5, 20.0) == ([], [1, 2])
    assert picked(Opened(HOUR), passed(), 20.0) == ([], [])


@pytest.mark.parametrize("lasts", [HOUR, DAY, 2 * DAY])
def test_severe_windows_are_those_of_the_whole_term(lasts: float) -> None:
    """While none is open longer than the quiet time."""
    assert lasts < QUIET
    rng = np.random.default_rng(int(lasts))
    for _ in range(30):
        starts = np.sort(rng.uniform(1.0, 200.0, 40))
        ends = np.minimum(starts + rng.exponential(0.3, 40), np.append(starts[1:] - 0.01, 201.0))
        one = passed(
            *((a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if a < b)
        )
        begun = np.sort(rng.choice(starts, 4, replace=False)) * DAY
        whole = all_windows(Opened(lasts), one, begun)  # type: ignore[arg-type]
        some = severe_windows(Opened(lasts), one, begun)  # type: ignore[arg-type]
        assert some.batch.windows.tolist() == whole.batch.windows[whole.severe].tolist()
        assert len(some.batch.windows)


def test_terms_with_a_long_outage_of_a_role() -> None:
    """A part is down for 9 h after half of the term, another for 7 h after a third of it."""
    design = design_of({
        "pacsim": 1, "contract": {"term": "30 days"},
        "parts": {
            "a": {"type": "component", "ttf": {"exactly": "15 days"}, "ttr": {"exactly": "9 h"}},
            "b": {"type": "component", "ttf": {"exactly": "10 days"}, "ttr": {"exactly": "7 h"}},
        },
        "roles": {"store": {"needs": ["a"]}, "read": {"needs": ["a", "b"]}},
    })  # fmt: skip
    made = DesignTally.of(design, severe=True)
    reader = made.reader
    assert len(reader.handles(RoleWatch)) == 2
    found = SevereTerms(reader)
    for first in (2, 0):
        batch = reference.simulate(reader.model, horizon=reader.term, seed=1, first=first, count=2)
        part = SevereTerms(reader)
        part.add(batch)
        found.merge(part)
    assert [term in found for term in range(5)] == [True] * 4 + [False]
    # Of both roles at one time, once; a repaired part runs for 15 days again.
    assert (found.begun(3) / DAY).tolist() == [15.0]
    assert found.begun(7).tolist() == []
