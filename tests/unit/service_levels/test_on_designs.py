"""Kept outages scored: the same down time as the result's, figures and intervals from counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim import PacsimError, run, score
from pacsim.results.measures import MEASURES
from pacsim.results.outage_file import TYPES, KeptOutages, save_outages
from pacsim.results.service_level_measures import SERVICE_LEVELS
from pacsim.stats import proportion_interval
from pacsim.units import HOUR
from tests.close import close
from tests.statistical import LIMIT
from tests.unit.service_levels.by_hand import DAY, level

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim import Result

TERMS = 64
WINDOWS = ["month", "quarter", "year", {"fiscal_year": "april"}, "term"]


@pytest.fixture(scope="module", params=["single-server", "active-active"])
def found(request: pytest.FixtureRequest) -> Result:
    file = f"models/designs/{request.param}.yaml"
    return run(file, replications=TERMS, outages=True, progress=False, traffic_years=0)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("role", ["store", "read"])
def test_windows_weighted_by_their_length_are_the_down_time(
    found: Result, role: str, window: object
) -> None:
    """No allowance, all hours, nothing closed or left out: the raw integral, kind by kind."""
    names = ("unplanned", "planned", "mixed")
    for kinds in (names, *((one,) for one in names)):
        counts = {name: name in kinds for name in names}
        (scored,) = score(found, level(measures=role, window=window, counts=counts)).scored
        share = scored.counted.down / scored.counted.hours
        mean = np.average(share.mean(axis=0), weights=scored.counted.hours)
        rows = [found.get(f"down_{name}", role=role).estimate or 0.0 for name in kinds]
        assert 8760.0 * mean == pytest.approx(sum(rows), rel=1e-9, abs=1e-12)


def test_degraded_time_is_that_of_the_result(found: Result) -> None:
    (scored,) = score(found, level(measures="read", counts={"degraded": True})).scored
    hours = scored.counted.down.sum() / HOUR / TERMS / 7
    rows = [found.get(name, role="read").estimate or 0.0 for name in ("down", "degraded")]
    assert rows[1] > 0.1
    assert hours == close(sum(rows), 1e-9)


def test_not_all_roles_up_is_that_of_the_result(found: Result) -> None:
    """`down` of all roles together is measured by an observer of its own while terms run."""
    (scored,) = score(found, level(measures={"any": ["store", "read"]})).scored
    hours = scored.counted.down.sum() / HOUR / TERMS / 7
    assert hours == close(found.get("down", role="overall").estimate or 0.0, 1e-9)


def test_all_roles_down_is_less_than_each(found: Result) -> None:
    """Time of both roles is time of any and time of all."""
    sums = {}
    for name, of in {
        "store": "store", "read": "read", "any": {"any": ["store", "read"]},
        "all": {"all": ["store", "read"]},
    }.items():  # fmt: skip
        (scored,) = score(found, level(measures=of)).scored
        sums[name] = scored.counted.down
    assert sums["any"] + sums["all"] == pytest.approx(sums["store"] + sums["read"], abs=1e-6)


def test_outages_are_those_of_the_result(found: Result) -> None:
    """The longest of a term, as by the histogram of a run, whose bins are 1.2 % wide."""
    scores = score(found, level(merge="60 s"))
    mine, its = scores.get("longest_outage_p95"), found.get("longest_outage_p95", role="store")
    assert mine.estimate == close(its.estimate or 0.0, 0.012)
    assert (mine.n, mine.method) == (TERMS, "order statistics")


def kept(rows: list[tuple[int, float, float]], terms: int, days: float = 365.0) -> KeptOutages:
    """Return unplanned outages of (term, day, hours)."""
    columns = {name: np.zeros(len(rows), dtype=kind) for name, kind in TYPES.items()}
    for k, (term, day, hours) in enumerate(rows):
        columns["replication"][k] = term
        columns["start"][k], columns["end"][k] = day * DAY, day * DAY + hours * HOUR
        columns["unplanned"][k] = hours * HOUR
    return KeptOutages(("store",), ("x",), columns, terms, terms, days * DAY, "2027-01-01")


def test_figures_from_counts() -> None:
    """Of 40 terms of a year 3 have an outage: of 10 h, of 5 h and 9 h in two months, and of 2 h."""
    rows = [(4, 3.0, 10.0), (7, 40.0, 5.0), (7, 80.0, 9.0), (9, 1.0, 2.0)]
    tiers = {"below": {"99 %": "10 %"}, "of": "100 EUR/month"}
    found = score({"one": kept(rows, 40)}, level(credits=tiers))
    # Down 1 % of 31 days is 7.44 h: of 10 h, in January, and 9 h, in March.
    met = found.get("sla_met")
    assert met.estimate == close(1 - 2 / 480, 1e-12)
    assert (met.n, met.note) == (40, "480 windows of 40 terms")
    expected = proportion_interval(38, 40)
    ends = (expected.lower or 1.0, met.lower or 0.0, met.estimate or 0.0, met.upper or 1.0)
    assert sorted(ends) == list(ends)
    assert 1.0 not in ends
    every = found.get("sla_met_throughout")
    assert (every.estimate, every.lower, every.upper) == (
        expected.value, expected.lower, expected.upper,
    )  # fmt: skip
    assert found.get("sla_miss_hours").estimate == close((10 - 7.44 + 9 - 7.44) / 40, 1e-9)
    assert found.get("sla_credits").estimate == close(2 * 10.0 / 40, 1e-12)
    over = {of: found.get("p_outage_over", of=of).estimate for of in ("1 h", "4 h", "8 h", "24 h")}
    assert over == {"1 h": 3 / 40, "4 h": 2 / 40, "8 h": 2 / 40, "24 h": 0.0}
    assert found.get("longest_outage_p95").estimate == 2.0


def test_rows_are_of_registered_measures() -> None:
    """Each with the unit, the split and the coordinate that the registry says; none is missing."""
    found = score({"one": kept([], 40)}, level(credits={"below": {"99 %": "10 %"}}))
    names = {one.name for one in MEASURES.values() if one.group == SERVICE_LEVELS}
    assert {row.measure for row in found.rows} == names | {"longest_outage_p95"}
    for row in found.rows:
        measure = MEASURES[row.measure]
        assert row.by in {"", *measure.by}
        assert row.point == (("service_level", "one"),)
        assert row.unit == ("1" if row.measure == "sla_credits" else measure.unit)
    assert set(found.to_frame()["service_level"]) == {"one"}


def test_none_seen_is_bounded() -> None:
    """Nothing missed in 40 terms of a year: at most the odds of one in so many, times a year."""
    found = score({"one": kept([], 40)}, level(credits={"below": {"99 %": "10 %"}}))
    odds = 1 - 0.025 ** (1 / 40)
    row = found.get("sla_miss_hours")
    assert (row.estimate, row.lower) == (0.0, 0.0)
    assert row.upper == close(odds * 8760.0, 1e-9)
    assert found.get("sla_credits").upper == close(odds * 0.1, 1e-9)
    assert found.get("sla_met").lower == close(1 - odds, 1e-9)


def test_windows_of_a_term_are_one_cluster() -> None:
    """Half of 64 terms miss every month, half none: as sure as 64 tosses, not as 768."""
    rows = [(term, 30.4 * k + 2.0, 30.0) for term in range(32) for k in range(12)]
    row = score({"one": kept(rows, 64)}, level()).get("sla_met")
    assert row.estimate == 0.5
    tosses = proportion_interval(32, 64)
    assert tosses.lower is not None
    assert row.lower is not None
    assert row.lower == pytest.approx(tosses.lower, abs=0.01)


def test_intervals_hold_as_often_as_they_say() -> None:
    """Windows missed with 10 % each, all of a term alike in half of the terms: 300 tables."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        together, alone = rng.random(100) < 0.1, rng.random((100, 4)) < 0.1
        missed = np.where((rng.random(100) < 0.5)[:, None], together[:, None], alone)
        rows = [
            (int(term), 91.0 * k + 5.0, 30.0) for term, k in zip(*np.nonzero(missed), strict=True)
        ]
        row = score({"one": kept(rows, 100)}, level(window="quarter")).get("sla_met")
        assert row.lower is not None
        assert row.upper is not None
        held += row.lower <= 0.9 <= row.upper
    error = math.sqrt(0.95 * 0.05 / 300)
    assert held / 300 > 0.95 - LIMIT * error


def test_what_is_not_whole_is_said(tmp_path: Path) -> None:
    some = replace(kept([(0, 1.0, 2.0)], 5), terms_run=90)
    save_outages({"one": some}, tmp_path / "o.npz")
    text = str(score(tmp_path / "o.npz", level()))
    assert "the outages of the first 5 of 90 terms are kept" in " ".join(text.split())
    assert "Windows go from 2027-01-01 (contract.starts of the design) to 2028-01-01" in " ".join(
        text.split()
    )


def test_outages_of_an_older_file() -> None:
    """It does not say when terms start and end; its rows may be of several kinds."""
    old = replace(kept([(0, 1.0, 6.0)], 5), length=0.0, starts="")
    old.columns["planned"][0] = 5 * HOUR
    old.columns["unplanned"][0] = HOUR
    with pytest.raises(PacsimError, match="one: its outages are of an older version and do not"):
        score({"one": old}, level())
    found = score({"one": old}, level(), starts="2027-01-01", ends="2028-01-01")
    assert "1 times of one are of several kinds" in str(found)
    assert found.get("p_outage_over", of="4 h").estimate == 0.2
    with pytest.raises(PacsimError, match="its terms start on 2027-01-01; leave out --from and"):
        score({"one": kept([], 5)}, level(), starts="2027-01-01", ends="2028-01-01")
    with pytest.raises(PacsimError, match="an outage ends 500 days on, after the term"):
        score({"one": kept([(0, 499.0, 24.0)], 5)}, level())


@pytest.mark.parametrize(
    ("span", "says"),
    [
        (("2027-01-01", "2027-01-01"), "one: --to is not after --from; change them round"),
        (("2027-01-01", "9999-12-31"), "is not in the years 1900 to 2200; check the year"),
        (("2027-01-01", "2199-12-31"), "one: from --from to --to are 173.1 years; write 100 years"),
        (("2027-01-01T00:00Z", "2028-01-01"), "one: --from or --to has an offset, and terms have"),
    ],
)
def test_odd_spans_of_an_older_file(span: tuple[str, str], says: str) -> None:
    """Sees: terms of no or of endless length, a traceback for one offset of two."""
    old = replace(kept([], 5), length=0.0, starts="")
    with pytest.raises(PacsimError) as caught:
        score({"one": old}, level(), starts=span[0], ends=span[1])
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("starts", "length"),
    [("9999-12-01", 365 * DAY), ("soon", 365 * DAY), ("2027-01-01", -DAY), ("2027-01-01", 1e300)],
)
def test_a_damaged_file(starts: str, length: float) -> None:
    odd = replace(kept([], 5), length=length, starts=starts)
    with pytest.raises(PacsimError, match=r"one: its terms of .* start on .*; the file is damaged"):
        score({"one": odd}, level())
