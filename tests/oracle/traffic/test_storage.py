"""When an archive is full, by hand (T33)."""

import math

import pytest

from pacsim.delays import Deterministic, Uniform
from pacsim.design.workloads import Workload
from pacsim.parts.values import Delay, Part
from pacsim.traffic.storage import Kept, storage, storage_full, storage_of
from pacsim.units import YEAR

TB = 1e12


def grown(first: float, growth: float, years: int = 12) -> tuple[float, ...]:
    return tuple(first * (1.0 + growth) ** y for y in range(years))


@pytest.mark.parametrize(
    ("growth", "usable", "full"),
    [(0.112, 80.0, 6.830841), (0.112, 72.0, 6.327130), (0.0, 80.0, 9.523810)],
)
def test_35_full_after(growth: float, usable: float, full: float) -> None:
    # Sees: growth from the first year on, growth within a year, the year counted from 1.
    # The sum of whole years by the formula, the rest of the year in which it is reached.
    year = int(full)
    before = 8.4 * (year if growth == 0 else ((1 + growth) ** year - 1) / growth)
    expected = year + (usable - before) / (8.4 * (1 + growth) ** year)
    assert round(expected, 6) == full
    found = storage_full([Kept(grown(8.4 * TB, growth))], usable * TB, 12.0)
    assert found == pytest.approx(expected, rel=1e-9)


def test_it_is_looked_for_within_the_term() -> None:
    kinds = [Kept(grown(8.4 * TB, 0.112))]
    assert storage_full(kinds, 80 * TB, 6.8) is None
    assert storage_full(kinds, 80 * TB, 6.9) == pytest.approx(6.830841, abs=1e-6)
    assert storage_full(kinds, math.inf, 12.0) is None


def test_what_is_there_at_the_start_counts() -> None:
    kinds = [Kept((10.0, 10.0))]
    assert storage_full(kinds, 14.0, 2.0, at_start=1.0) == 1.3
    assert storage_full(kinds, 14.0, 2.0, at_start=14.0) == 0.0
    assert storage(kinds, (5.0, 5.0), 20.0, 2.0, 1.0).years[1].stored == 21.0


def test_retention_deletes_what_is_as_old() -> None:
    # Sees: deleting by the calendar year, what is deleted counted twice, kept one year longer.
    # 2, 4, 6, 8 a year, kept for 1.5 years: what came in the last 1.5 years is there.
    kinds = [Kept((2.0, 4.0, 6.0, 8.0), 1.5)]
    found = storage(kinds, (1.0,) * 4, 100.0, 4.0)
    assert [one.added for one in found.years] == [2.0, 4.0, 6.0, 8.0]
    assert [one.stored for one in found.years] == [2.0, 4.0 + 1.0, 6.0 + 2.0, 8.0 + 3.0]
    # From 5.0 after two years: until 2.5 it gains 3.0 and loses 1.0, then 3.0 and 2.0.
    assert storage_full(kinds, 6.0, 4.0) == pytest.approx(2.25, rel=1e-12)
    assert storage_full(kinds, 7.5, 4.0) == pytest.approx(2.75, rel=1e-12)


def test_retention_that_holds_it_level_never_fills_it() -> None:
    assert storage_full([Kept((10.0,) * 8, 2.0)], 20.5, 8.0) is None
    assert storage_full([Kept((10.0,) * 8, 2.0)], 20.0, 8.0) == 2.0


def test_a_level_that_is_passed_and_left_again_is_seen() -> None:
    # Sees: only the ends of years looked at, where it is 10 each time.
    assert storage_full([Kept((10.0, 0.0, 0.0), 1.25)], 10.0, 3.0) == 1.0
    both = [Kept((0.0, 10.0, 0.0), 0.5), Kept((4.0, 0.0, 0.0), 1.25)]
    # At 1.25 the second kind is still whole, and 2.5 of the first are there.
    assert storage_full(both, 6.5, 3.0) == pytest.approx(1.25, rel=1e-12)


def test_kinds_are_kept_for_their_own_time() -> None:
    kinds = [Kept((2.0,) * 5, 1.0), Kept((1.0,) * 5, 3.0), Kept((0.5,) * 5)]
    found = storage(kinds, (0.0,) * 5, 1e9, 5.0)
    assert [one.stored for one in found.years] == [3.5, 5.0, 6.5, 7.0, 7.5]


def test_a_term_that_ends_within_a_year() -> None:
    found = storage([Kept((4.0, 8.0))], (100.0, 200.0), 20.0, 1.25)
    assert [tuple(one) for one in found.years] == [
        (1, 100.0, 4.0, 4.0, 0.2),
        (2, 50.0, 2.0, 6.0, 0.3),
    ]
    assert found.full is None


def workload(usable: float) -> Workload:
    """100 exams a year of CT and 300 of DX, +10 % a year, images 20 % larger each year."""
    ct = {"share": 0.25, "instances": Delay(Uniform(0.0, 4.0)), "size": Delay(Uniform(1e9, 3e9))}
    dx = {"share": 0.75, "instances": Delay(Uniform(0.5, 1.0)), "size": Delay(Deterministic(1e9))}
    known = {
        "exams": 400.0 / YEAR,
        "growth": Part("growth", "growth", {"exams": 0.1, "size": 0.2}),
        "modalities": {
            "CT": Part("CT", "modality", {**ct, "compression": 2.0}),
            "DX": Part("DX", "modality", {**dx, "compression": 4.0}),
        },
        "retention": Part("retention", "retention", {"years": 10 * YEAR, "DX": 1 * YEAR}),
    }
    return Workload(Part("workload", "workload", known), usable)


def test_by_hand_from_a_workload() -> None:
    # Sees: growth of sizes left out, compression multiplied, retention of the other kind, items
    # not rounded up (a mean of 2 and not 2.5), size growth on the number of exams.
    found = storage_of(workload(1e13), 3 * YEAR, at_start=5e9)
    ct, dx = 100 * 2.5 * 2e9 / 2, 300 * 1.0 * 1e9 / 4
    growth = (1.0, 1.32, 1.32**2)
    assert [one.exams for one in found.years] == pytest.approx([400, 440, 484], rel=1e-9)
    added = [(ct + dx) * factor for factor in growth]
    assert [one.added for one in found.years] == pytest.approx(added, rel=1e-9)
    stored = [5e9 + ct * sum(growth[: k + 1]) + dx * growth[k] for k in range(3)]
    assert [one.stored for one in found.years] == pytest.approx(stored, rel=1e-9)
    assert found.years[2].share == pytest.approx(stored[2] / 1e13, rel=1e-9)
    assert found.full is None
    middle = storage_of(workload((stored[0] + stored[1]) / 2), 3 * YEAR, at_start=5e9)
    assert middle.full == pytest.approx(1.5, rel=1e-9)
