"""Windows of terms become rows: both strata, felt by kind, the worst kept, the same in any parts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.campaign.figured_windows import FiguredWindows, SeenWindows
from pacsim.campaign.traffic_rows import TrafficRows
from pacsim.campaign.traffic_stage import TrafficPairs
from pacsim.campaign.traffic_tally import TrafficTally
from pacsim.traffic.client_tables import Station, TrafficTables
from pacsim.traffic.fault_free import FaultFree
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.units import YEAR
from tests.oracle.traffic.scenes import PAIR, REFUSES, exam, modality, span
from tests.oracle.traffic.test_window_figures import probe
from tests.oracle.traffic.windowed import TARGETS, Window, batch, windowed

if TYPE_CHECKING:
    from pacsim.results import Row

A = "member.a"
TERM, MOST, TERMS = 2.0 * YEAR, 4, 10
YEARLY = {"store": 1000.0}
STATIONS: list[Station] = [modality(), modality("MR-1")]
PROBED = [*STATIONS, probe("probe-modality-s")]


@pytest.fixture(scope="module")
def scenes() -> dict[str, Window]:
    """One study late in each of two windows, and one of which nothing is late."""
    late = windowed(STATIONS, [exam(-11.0, size=1e6)], span(A, REFUSES, end=90.0), kind=4)
    two = [exam(-11.0, size=1e6), exam(3.0, station=1)]
    return {
        "late": late,
        "both": windowed(STATIONS, two, span(A, REFUSES, end=900.0), kind=2),
        "none": windowed(STATIONS, [exam(500.0)], span(A, REFUSES, end=90.0), kind=0),
    }


PLACED = [
    (0, "late", False),
    (0, "none", False),
    (1, "both", True),
    (3, "late", False),
    (5, "both", True),
    (9, "both", True),
]
"""Term, scene, and whether a role was down for long."""


def seen(scenes: dict[str, Window], first: int, count: int) -> list[SeenWindows]:
    """Return the windows of terms, a batch a term."""
    found = []
    for term in range(first, first + count):
        mine = [(name, severe) for at, name, severe in PLACED if at == term]
        if mine:
            windows = [
                scenes[name]._replace(term=term, later=1e5 * k) for k, (name, _) in enumerate(mine)
            ]
            felt = {"modality": np.array([60.0 * (term + 1) for _ in mine])}
            found.append(SeenWindows(batch(windows), np.array([s for _, s in mine]), felt))
    return found


def tally(
    scenes: dict[str, Window], cuts: tuple[int, ...] = (0, TERMS)
) -> tuple[TrafficTally, TrafficPairs]:
    """Return what is seen of all terms, in parts that are merged from the last to the first."""
    stations = FiguredStations(TrafficTables(PAIR, tuple(PROBED)), TARGETS)
    whole = TrafficTally(stations, TERM, MOST, YEARLY)
    pairs = TrafficPairs([whole, whole])
    for first, end in reversed(list(pairwise(cuts))):
        part, some = whole.empty(), TrafficPairs([whole, whole])
        found = seen(scenes, first, end - first)
        columns = part.add(first, end - first, [FiguredWindows.of([x], stations) for x in found])
        some.add([columns, tuple(2.0 * x for x in columns)], first)  # type: ignore[list-item]
        whole.merge(part)
        pairs.merge(some)
    return whole, pairs


def rows(one: TrafficTally) -> list[Row]:
    days = FaultFree(np.full((28, 1), 50.0), np.tile([[1.0], [0.0]], (14, 1)))
    return TrafficRows("Pair", "pacs", one, days).rows()


def figure(found: list[Row], measure: str, **at: str) -> Row:
    (one,) = (r for r in found if r.measure == measure and dict(r.point) == at)
    return one


def test_a_yearly_figure_is_the_sum_of_both_strata(scenes: dict[str, Window]) -> None:
    """Usual: 2 late studies in 4 terms of 2 years; severe: 2 in each of 3 windows, in 10 terms."""
    found = rows(tally(scenes)[0])
    late = figure(found, "studies_delayed")
    assert late.estimate == pytest.approx(2 / 8 + 6 / 20)
    assert late.n == MOST
    assert figure(found, "studies_delayed", modality="CT").estimate == pytest.approx(2 / 8 + 3 / 20)
    assert figure(found, "studies_delayed", modality="MR").estimate == pytest.approx(3 / 20)
    assert figure(found, "windows").estimate == pytest.approx(3 / 8 + 3 / 20)
    assert figure(found, "windows", fault_kind="process").estimate == pytest.approx(2 / 8)
    assert figure(found, "windows", fault_kind="host").estimate == pytest.approx(3 / 20)
    assert {dict(r.point)["fault_kind"] for r in found if r.measure == "windows" and r.point} == {
        "planned",
        "process",
        "host",
    }
    # A year of 1000: those that end after their target of 600 s, 0.3 a year of the severe ones.
    by_faults = figure(found, "user_unavailability", operation="store", reason="faults")
    assert by_faults.estimate == pytest.approx(6 / 20 / 1000.0)
    base = figure(found, "slow_without_faults", operation="store")
    assert base.estimate == pytest.approx(0.01)
    whole = figure(found, "user_unavailability", operation="store")
    assert whole.estimate == pytest.approx(0.01 + 6 / 20 / 1000.0)
    assert figure(found, "operations", operation="store").estimate == 1000.0


def test_the_share_of_the_time_is_that_of_both_strata(scenes: dict[str, Window]) -> None:
    """Each window lasts 5 000 s: three usual ones in 8 years, three severe ones in 20."""
    one = tally(scenes)[0]
    assert one.share == pytest.approx((3 / 8 + 3 / 20) * 5000.0 / YEAR)


def test_what_was_not_seen_is_bounded_and_never_nothing(scenes: dict[str, Window]) -> None:
    lost = figure(rows(tally(scenes)[0]), "studies_lost_at_modality")
    assert lost.estimate == 0.0
    assert lost.upper == pytest.approx(3.6888794541 / 8.0)
    assert lost.note == "none seen in 8 years"


def test_quantiles_weigh_by_the_years_of_the_stratum(scenes: dict[str, Window]) -> None:
    found = rows(tally(scenes)[0])
    # Planned work is left out: 60 and 240 s at 1 / 8, 120, 360 and 600 s at 1 / 20.
    assert figure(found, "failover_felt_p50", client="modality").estimate == pytest.approx(
        240.0, rel=0.01
    )
    assert figure(
        found, "failover_felt_p50", client="modality", fault_kind="host"
    ).estimate == pytest.approx(360.0, rel=0.01)
    assert figure(found, "failover_felt_p95", client="modality").estimate == pytest.approx(
        600.0, rel=0.01
    )
    assert figure(
        found, "failover_felt_p50", client="modality", fault_kind="planned"
    ).estimate == pytest.approx(60.0, rel=0.01)
    # Delays of 121 s twice at 1 / 8; in the severe ones 900 and 901 s thrice at 1 / 20.
    assert figure(found, "study_delay_p50").estimate == pytest.approx(15.0, rel=0.01)
    assert figure(found, "backlog_drain_longest").estimate == pytest.approx(
        max(x.value.max() for x in drains(scenes))
    )


def drains(scenes: dict[str, Window]) -> list:  # type: ignore[type-arg]
    from pacsim.traffic.window_figures import DRAIN, Figured, window_figures

    stations = FiguredStations(TrafficTables(PAIR, tuple(STATIONS)), TARGETS)
    found = window_figures(batch([scenes["late"], scenes["both"]]), stations)
    return [found.values[Figured(DRAIN)]]


def test_the_worst_are_kept(scenes: dict[str, Window]) -> None:
    one = tally(scenes)[0]
    assert [(x.harm, x.term) for x in one.worst] == [(2, 1), (2, 5), (2, 9), (1, 0), (1, 3), (0, 0)]
    assert one.windows == 6
    many = one.empty()
    for term in range(1, 30):
        window = scenes["late"]._replace(term=term)
        felt = {"modality": np.array([1.0])}
        found = SeenWindows(batch([window]), np.array([True]), felt)
        many.add(term, 1, [FiguredWindows.of([found], one.stations)])
    assert [x.term for x in many.worst] == list(range(1, 21))


def test_any_parts_in_any_order_give_the_same_rows(scenes: dict[str, Window]) -> None:
    whole, pairs = tally(scenes)
    for cuts in ((0, 3, TERMS), (0, 1, 2, 4, 5, TERMS)):
        parts, of_parts = tally(scenes, cuts)
        assert rows(parts) == rows(whole)
        assert parts.worst == whole.worst
        assert (parts.windows, parts.milliseconds) == (whole.windows, whole.milliseconds)
        assert of_parts.moments.covariance.tobytes() == pairs.moments.covariance.tobytes()


def test_usual_windows_of_later_terms_do_not_count(scenes: dict[str, Window]) -> None:
    stations = FiguredStations(TrafficTables(PAIR, tuple(STATIONS)), TARGETS)
    one = TrafficTally(stations, TERM, MOST, YEARLY)
    window = scenes["late"]._replace(term=7)
    found = FiguredWindows.of([SeenWindows(batch([window]), np.array([False]))], stations)
    for term in range(TERMS):
        one.add(term, 1, [found] if term == 7 else [])
    assert one.windows == 0
    assert one.moments.mean.any() == False  # noqa: E712


def test_pairs_are_of_the_same_terms(scenes: dict[str, Window]) -> None:
    """The second design has twice as much in each term: late studies differ by as many."""
    _, pairs = tally(scenes)
    names = [one.measure for one in pairs.measures]
    assert names == ["user_unavailability", "studies_delayed", "studies_lost_at_modality"]
    of = pairs.moments.difference(1, 3 + 1, 3)
    assert of.value == pytest.approx(2 / 8 + 6 / 20)
