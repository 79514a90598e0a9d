"""Windows, allowances, gaps, hours and limits: cases with values worked out on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.service_levels.by_hand import MIN, begins, down, missed, scored_log, scores

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = {"hours": ["mon-fri 08:00-17:00"]}


def test_an_outage_over_the_end_of_a_month(tmp_path: Path) -> None:
    """Sees: an outage given to the month in which it begins."""
    found = scored_log(tmp_path, ["2026-01-31 22:00 | 2026-02-01 03:00 | unplanned"])
    assert down(found) == {"2026-01-01": 2.0, "2026-02-01": 3.0}
    assert found.longest.tolist() == [5 * 3600.0]


def test_an_outage_over_several_months(tmp_path: Path) -> None:
    found = scored_log(tmp_path, ["2026-03-31 12:00 | 2026-06-01 06:00 | unplanned"])
    whole = {"2026-04-01": 30 * 24.0, "2026-05-01": 31 * 24.0}
    assert down(found) == {"2026-03-01": 12.0} | whole | {"2026-06-01": 6.0}


@pytest.mark.parametrize(("year", "hours"), [(2027, 4.0), (2028, 28.0)])
def test_the_end_of_february(tmp_path: Path, year: int, hours: float) -> None:
    """In a leap year the outage has the whole of the 29th as well."""
    row = f"{year}-02-28 20:00 | {year}-03-01 04:00 | unplanned"
    found = scored_log(tmp_path, [row], (f"{year}-01-01", f"{year + 1}-01-01"))
    assert down(found) == {f"{year}-02-01": hours, f"{year}-03-01": 4.0}
    assert found.counted.hours[1] / 86400 == (29 if year == 2028 else 28)


def test_a_year_from_the_29th_of_february(tmp_path: Path) -> None:
    found = scored_log(tmp_path, [], ("2028-02-29", "2032-02-29"), window="year")
    expected = ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    assert begins(found) == expected


def test_months_begin_on_the_day_of_the_start_or_the_last_one(tmp_path: Path) -> None:
    """Sees: a day that stays clamped once it was, 31, 28, 28."""
    found = scored_log(tmp_path, [], ("2027-01-31", "2027-05-01"))
    expected = ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-01"]
    assert begins(found) == expected
    assert found.counted.windows.shares.tolist() == [1.0, 1.0, 1.0, 1 / 31]


def test_the_last_window_is_judged_over_its_length(tmp_path: Path) -> None:
    """Fourteen days of February at 99 % may be down 3.36 h."""
    span = ("2026-01-01", "2026-02-15")
    for hours, kept in (("03:20", True), ("03:23", False)):
        row = f"2026-02-03 00:00 | 2026-02-03 {hours} | unplanned"
        found = scored_log(tmp_path, [row], span)
        assert found.met.tolist() == [[True, kept]]


def test_quarters_and_the_whole_term(tmp_path: Path) -> None:
    row = "2026-04-04 23:00 | 2026-04-05 02:00 | unplanned"
    span = ("2026-01-05", "2027-01-05")
    quarters = scored_log(tmp_path, [row], span, window="quarter")
    assert down(quarters) == {"2026-01-05": 1.0, "2026-04-05": 2.0}
    assert begins(quarters)[2:] == ["2026-07-05", "2026-10-05", "2027-01-05"]
    assert down(scored_log(tmp_path, [row], span, window="term")) == {"2026-01-05": 3.0}


def test_a_fiscal_year(tmp_path: Path) -> None:
    """Begun by the 1st of April, not by the day of the start; the first and the last one are cut."""
    found = scored_log(
        tmp_path,
        ["2025-03-31 20:00 | 2025-04-01 01:30 | unplanned"],
        ("2025-01-10", "2026-07-01"),
        window={"fiscal_year": "april"},
    )
    assert begins(found) == ["2025-01-10", "2025-04-01", "2026-04-01", "2026-07-01"]
    assert down(found) == {"2025-01-10": 4.0, "2025-04-01": 1.5}
    assert found.counted.windows.shares.tolist() == [81 / 365, 1.0, 91 / 365]


def test_a_term_that_begins_with_the_fiscal_year(tmp_path: Path) -> None:
    span = ("2025-04-01", "2027-04-01")
    found = scored_log(tmp_path, [], span, window={"fiscal_year": "apr"})
    assert begins(found) == ["2025-04-01", "2026-04-01", "2027-04-01"]


def test_an_allowance_used_twice(tmp_path: Path) -> None:
    """3 h and 3 h of work in January with 4 h free: 2 h count. February begins anew."""
    found = scored_log(
        tmp_path,
        [
            "2026-01-20 01:00 | 2026-01-20 04:00 | planned",
            "2026-01-05 01:00 | 2026-01-05 04:00 | planned",
            "2026-02-02 01:00 | 2026-02-02 04:00 | planned",
        ],
        counts={"planned": {"free": "4 h/month"}},
    )
    assert down(found) == {"2026-01-01": 2.0}
    # The earlier one is free, of the later one 1 h is: what counts begins at 02:00.
    assert found.counted.outage_start.tolist() == [19 * 86400.0 + 7200.0]


def test_an_allowance_is_that_of_each_month_in_an_outage(tmp_path: Path) -> None:
    found = scored_log(
        tmp_path,
        ["2026-01-31 20:00 | 2026-02-01 05:00 | planned"],
        counts={"planned": {"free": "3 h/month"}},
    )
    assert down(found) == {"2026-01-01": 1.0, "2026-02-01": 2.0}
    assert found.longest.tolist() == [3 * 3600.0]


def test_an_allowance_of_a_year_over_windows_of_a_month(tmp_path: Path) -> None:
    rows = [f"2026-0{k}-10 00:00 | 2026-0{k}-10 04:00 | planned" for k in (1, 2, 3, 4)]
    found = scored_log(tmp_path, rows, counts={"planned": {"free": "10 h/year"}})
    assert down(found) == {"2026-03-01": 2.0, "2026-04-01": 4.0}


def test_an_allowance_of_a_month_in_a_window_of_a_year(tmp_path: Path) -> None:
    """8 h and 5 h of one work in two months, 3 h of each free. Sees: pieces cut at windows alone."""
    row = "2026-01-31 16:00 | 2026-02-01 05:00 | planned"
    more: dict[str, Any] = {"window": "year", "counts": {"planned": {"free": "3 h/month"}}}
    assert down(scored_log(tmp_path, [row], **more)) == {"2026-01-01": 7.0}


def test_an_allowance_of_a_fiscal_year(tmp_path: Path) -> None:
    """The year is the one that is judged: work in March and April has an allowance each."""
    rows = [f"2026-0{k}-10 00:00 | 2026-0{k}-10 04:00 | planned" for k in (3, 4)]
    more: dict[str, Any] = {
        "window": {"fiscal_year": "april"},
        "counts": {"planned": {"free": "3 h/year"}},
    }
    assert down(scored_log(tmp_path, rows, **more)) == {"2026-01-01": 1.0, "2026-04-01": 1.0}


def test_an_allowance_is_for_planned_time_alone(tmp_path: Path) -> None:
    """5 h of work of which 4 h are free, and then 1 h of a fault: one outage, 2 h count."""
    found = scored_log(
        tmp_path,
        [
            "2026-01-05 00:00 | 2026-01-05 05:00 | planned",
            "2026-01-05 05:00 | 2026-01-05 06:00 | unplanned",
        ],
        counts={"planned": {"free": "4 h/month"}},
    )
    assert down(found) == {"2026-01-01": 2.0}
    assert found.longest.tolist() == [2 * 3600.0]


def test_a_gap_is_closed(tmp_path: Path) -> None:
    """4 min, 30 s, 5 min; and a gap of a whole minute, which is not shorter than one."""
    rows = [
        "2026-01-05 10:00:00 | 2026-01-05 10:04:00 | unplanned",
        "2026-01-05 10:04:30 | 2026-01-05 10:09:30 | unplanned",
        "2026-01-05 10:10:30 | 2026-01-05 10:11:30 | unplanned",
    ]
    assert down(scored_log(tmp_path, rows), MIN) == {"2026-01-01": 10.0}
    closed = scored_log(tmp_path, rows, merge="1 min")
    assert down(closed, MIN) == {"2026-01-01": 10.5}
    assert (closed.counted.length / MIN).tolist() == [9.5, 1.0]


def test_gaps_are_closed_before_short_outages_are_left_out(tmp_path: Path) -> None:
    """Sees: outages judged one by one, of which none is long enough."""
    rows = [
        "2026-01-05 10:00:00 | 2026-01-05 10:03:00 | unplanned",
        "2026-01-05 10:03:30 | 2026-01-05 10:06:00 | unplanned",
        "2026-01-06 10:00:00 | 2026-01-06 10:04:59 | unplanned",
        "2026-01-07 10:00:00 | 2026-01-07 10:05:00 | unplanned",
    ]
    assert down(scored_log(tmp_path, rows, shortest="5 min"), MIN) == {"2026-01-01": 5.0}
    both = scored_log(tmp_path, rows, shortest="5 min", merge="1 min")
    assert down(both, MIN) == {"2026-01-01": 11.0}


def test_a_gap_over_the_end_of_a_month_is_closed_in_both(tmp_path: Path) -> None:
    rows = [
        "2026-01-31 23:00:00 | 2026-01-31 23:59:40 | unplanned",
        "2026-02-01 00:00:30 | 2026-02-01 01:00:00 | unplanned",
    ]
    found = scored_log(tmp_path, rows, merge="1 min")
    assert down(found, MIN) == {"2026-01-01": 60.0, "2026-02-01": 60.0}


def test_business_hours_over_a_weekend(tmp_path: Path) -> None:
    """Friday 16:00 to Monday 09:00 is one outage of 2 h; January has 22 such days of 9 h."""
    found = scored_log(tmp_path, ["2026-01-09 16:00 | 2026-01-12 09:00 | unplanned"], hours=OFFICE)
    assert down(found) == {"2026-01-01": 2.0}
    assert found.longest.tolist() == [2 * 3600.0]
    assert found.counted.hours[0] / 3600 == 22 * 9
    assert len(found.counted.length) == 1


def test_business_hours_with_a_holiday(tmp_path: Path) -> None:
    hours = OFFICE | {"closed": ["2026-01-12"]}
    found = scored_log(tmp_path, ["2026-01-09 16:00 | 2026-01-13 09:00 | unplanned"], hours=hours)
    assert down(found) == {"2026-01-01": 2.0}
    assert found.counted.hours[0] / 3600 == 21 * 9


def test_hours_over_midnight_and_the_end_of_a_month(tmp_path: Path) -> None:
    """Of nights from 22:00 to 06:00, 30 January to 2 February, Friday's goes on into Saturday."""
    found = scored_log(
        tmp_path,
        ["2026-01-30 23:00 | 2026-01-31 07:00 | unplanned", "2026-07-31 23:00 | 2026-08-01 08:00 | unplanned"],
        hours={"hours": ["mon-fri 22:00-06:00"]},
    )  # fmt: skip
    assert down(found) == {"2026-01-01": 7.0, "2026-07-01": 1.0, "2026-08-01": 6.0}


def test_allowances_are_of_counted_hours(tmp_path: Path) -> None:
    """Work from 15:00 to 20:00 takes 2 h of office hours; the rest of 3 h free is there later."""
    rows = [
        "2026-01-05 15:00 | 2026-01-05 20:00 | planned",
        "2026-01-06 15:00 | 2026-01-06 20:00 | planned",
    ]
    more: dict[str, Any] = {"hours": OFFICE, "counts": {"planned": {"free": "3 h/month"}}}
    assert down(scored_log(tmp_path, rows, **more)) == {"2026-01-01": 1.0}


ROLES = [
    "2026-01-05 10:00 | 2026-01-05 13:00 | planned | store",
    "2026-01-05 11:00 | 2026-01-05 14:00 | unplanned | read",
]


@pytest.mark.parametrize(
    ("how", "counts", "hours"),
    [
        ("any", {}, 4.0),
        ("any", {"planned": False}, 3.0),
        ("any", {"unplanned": False}, 1.0),
        ("all", {}, 2.0),
        ("all", {"unplanned": False, "planned": False}, 2.0),
        ("all", {"mixed": False}, 0.0),
    ],
)
def test_any_and_all_of_two_roles(
    tmp_path: Path, how: str, counts: dict[str, bool], hours: float
) -> None:
    """Any: faults alone from 11:00 on. All: from 11:00 to 13:00, which needs both."""
    found = scored_log(tmp_path, ROLES, measures={how: ["store", "read"]}, counts=counts)
    assert sum(down(found).values()) == hours


def test_degraded_time(tmp_path: Path) -> None:
    rows = [
        "2026-01-05 10:00 | 2026-01-05 11:00 | unplanned",
        "2026-01-05 11:00 | 2026-01-05 14:00 | degraded",
        "2026-01-06 11:00 | 2026-01-06 13:00 | degraded planned",
    ]
    assert down(scored_log(tmp_path, rows)) == {"2026-01-01": 1.0}
    both = scored_log(tmp_path, rows, counts={"degraded": True})
    assert down(both) == {"2026-01-01": 6.0}
    assert both.longest.tolist() == [4 * 3600.0]
    faults = scored_log(tmp_path, rows, counts={"degraded": True, "planned": False})
    assert down(faults) == {"2026-01-01": 4.0}


def test_one_too_many_outages_of_a_quarter(tmp_path: Path) -> None:
    """The third and the fourth break the limit, each in its month; April begins anew."""
    days = ("2026-01-10", "2026-01-20", "2026-02-10", "2026-03-10", "2026-04-10")
    rows = [f"{day} 10:00 | {day} 10:01 | unplanned" for day in days]
    found = scored_log(tmp_path, rows, limits={"number": "2 /quarter"})
    assert missed(found) == ["2026-02-01", "2026-03-01"]
    assert missed(scored_log(tmp_path, rows, limits={"number": "0 /year"})) == [
        "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01",
    ]  # fmt: skip


def test_too_long_an_outage_counts_where_it_begins(tmp_path: Path) -> None:
    rows = ["2026-01-31 22:00 | 2026-02-01 02:01 | unplanned"]
    assert missed(scored_log(tmp_path, rows, limits={"longest": "4 h"})) == ["2026-01-01"]
    assert missed(scored_log(tmp_path, rows, limits={"longest": "242 min"})) == []


def test_a_target_that_is_just_met(tmp_path: Path) -> None:
    """30 days at 99.9 % may be down 43 min 12 s; at 100 % not at all."""
    for seconds, kept in (("12", True), ("13", False)):
        row = f"2026-04-10 10:00:00 | 2026-04-10 10:43:{seconds} | unplanned"
        assert (missed(scored_log(tmp_path, [row], target="99.9 %")) == []) == kept
    row = "2026-04-10 10:00:00 | 2026-04-10 10:00:01 | unplanned"
    assert missed(scored_log(tmp_path, [row], target="100 %")) == ["2026-04-01"]


TIERS = {"below": {"99 %": "10 %", "95 %": "50 %", "90 %": "100 %"}, "of": "1 000 EUR/month"}


def test_credits_by_tier(tmp_path: Path) -> None:
    """January 7.44 h may be missing; 8 h pays a tenth. April 4 days of 30: all of it, February none.

    The second half of the fee of a month that is cut in the middle is not there to be paid back.
    """
    rows = [
        "2026-01-05 00:00 | 2026-01-05 08:00 | unplanned",
        "2026-02-05 00:00 | 2026-02-05 06:43 | unplanned",
        "2026-03-05 00:00 | 2026-03-07 00:00 | unplanned",
        "2026-04-05 00:00 | 2026-04-09 00:00 | unplanned",
    ]
    found = scores(tmp_path, rows, credits=TIERS)
    assert found.scored[0].share[0][:4].tolist() == [0.1, 0.0, 0.5, 1.0]
    row = found.get("sla_credits")
    assert (row.estimate, row.unit) == (1600.0, "EUR/year")
    capped = scores(tmp_path, rows, credits=TIERS | {"cap": "40 %"})
    assert capped.get("sla_credits").estimate == pytest.approx(900.0, rel=1e-12)
    # Without money: 1.6 months of twelve.
    shares = scores(tmp_path, rows, credits={"below": TIERS["below"]}).get("sla_credits")
    assert shares.estimate == pytest.approx(1.6 / 12, rel=1e-12)
    assert shares.unit == "1"
    cut = scores(tmp_path, rows, ("2026-01-01", "2026-04-16"), credits=TIERS).scored[0]
    assert cut.fees.tolist() == [1000.0, 1000.0, 1000.0, 500.0]


@pytest.mark.parametrize(
    ("window", "fee", "expected"),
    [
        ("quarter", "1 000 EUR/month", [3000.0] * 4),
        ("month", "12 000 EUR/year", [1000.0] * 12),
        ("year", "1 000 EUR/quarter", [4000.0]),
        ("term", "1 000 EUR/month", [12000.0]),
        ("quarter", "8 000 EUR/term", [2000.0] * 4),
        ({"fiscal_year": "july"}, "12 000 EUR/year", [12000 * 181 / 365, 12000 * 184 / 365]),
    ],
)
def test_fees(tmp_path: Path, window: object, fee: str, expected: list[float]) -> None:
    found = scored_log(tmp_path, [], window=window, credits=TIERS | {"of": fee})
    assert found.fees.tolist() == pytest.approx(expected, rel=1e-12)


def test_what_lasts_ends_with_the_time_that_is_scored(tmp_path: Path) -> None:
    found = scored_log(tmp_path, ["2026-12-31 20:00 | | unplanned"])
    assert down(found) == {"2026-12-01": 4.0}


def test_summer_time_is_not_observed(tmp_path: Path) -> None:
    """From noon to noon over a night that is an hour short on the wall: 24 h."""
    found = scored_log(tmp_path, ["2026-03-28 12:00 | 2026-03-29 12:00 | unplanned"])
    assert down(found) == {"2026-03-01": 24.0}
    assert found.counted.hours[2] / 3600 == 31 * 24
    row = "2026-03-28T12:00:00+01:00 | 2026-03-29T12:00:00+01:00 | unplanned"
    assert down(scored_log(tmp_path, [row])) == {"2026-03-01": 24.0}


def test_rows_that_overlap_are_one(tmp_path: Path) -> None:
    """10:00 to 15:00; while both say something it is unplanned."""
    rows = [
        "2026-01-05 10:00 | 2026-01-05 13:00 | unplanned",
        "2026-01-05 12:00 | 2026-01-05 15:00 | planned",
        "2026-01-05 10:30 | 2026-01-05 11:00 | degraded",
    ]
    found = scored_log(tmp_path, rows, counts={"degraded": True})
    assert down(found) == {"2026-01-01": 5.0}
    assert len(found.counted.length) == 1
    assert down(scored_log(tmp_path, rows, counts={"planned": False})) == {"2026-01-01": 3.0}


def test_how_much_too_much(tmp_path: Path) -> None:
    """Two months over by 2.56 h and 0.8 h; a year of 8 760 h."""
    rows = [
        "2026-01-05 00:00 | 2026-01-05 10:00 | unplanned",
        "2026-04-05 00:00 | 2026-04-05 08:00 | unplanned",
    ]
    row = scores(tmp_path, rows).get("sla_miss_hours")
    assert row.estimate == pytest.approx(2.56 + 0.8, rel=1e-12)
    assert (row.lower, row.upper, row.method) == (None, None, "counted, one history")
