"""What a value means: bare times, every form, origins, the catalogue, calendars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import (
    Deterministic,
    Exponential,
    Lognormal,
    Mixture,
    Quantiles,
    Shifted,
    Triangular,
    Uniform,
    Weibull,
)
from pacsim.delays.calendars import Calendar
from pacsim.design import Design, DesignError, Input, design_of
from pacsim.design.catalogue_entries import catalogue
from pacsim.parts.values import ALL_IN, HANDS_ON, Delay, Part
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pathlib import Path

H = HOUR


def one(ttf: Any = "1 year", key: str = "repair", value: Any = "4 h", **more: Any) -> Design:
    part = {"type": "component", "ttf": ttf, key: value, **more}
    plain = {"pacsim": 1, "parts": {"a": part}, "roles": {"store": {"needs": ["a"]}}}
    return design_of(plain, "folder/my.yaml")


def part_of(design: Design) -> Part:
    return design.resolved.parts["a"]


def input_of(design: Design, path: str) -> Input:
    return next(i for i in design.resolved.inputs if i.path == path)


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("2 years", Exponential(2 * YEAR)),
        ({"rate": "0.5 /year"}, Exponential(2 * YEAR)),
        ({"rate": "0 /year"}, Exponential(math.inf)),
        ({"afr": "5 %"}, Exponential(YEAR / -math.log1p(-0.05))),
        ({"afr": 0.05}, Exponential(YEAR / -math.log1p(-0.05))),
        ({"mttf": "112 000 h"}, Exponential(112000 * H)),
        ({"mean": "3 h", "family": "exponential"}, Exponential(3 * H)),
        ({"scale": "6 years", "shape": 4}, Weibull(6 * YEAR, 4.0)),
        ({"value": "2 years", "low": "1 year"}, Exponential(2 * YEAR)),
        ({"shift": "1 h", "mttf": "3 h", "low": "2 h"}, Shifted(Exponential(3 * H), H)),
    ],
)
def test_a_life(written: Any, law: object) -> None:
    assert part_of(one(written)).law("fails") == law


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("4 h", Lognormal.from_p95(4 * H, 16 * H)),
        ({"value": "4 h"}, Lognormal.from_p95(4 * H, 16 * H)),
        ({"median": "4 h", "p95": "20 h"}, Lognormal.from_p95(4 * H, 20 * H)),
        (
            {"mean": "4 h", "family": "lognormal"},
            Lognormal.from_mean(4 * H, math.log(4) / 1.6448536269514722),
        ),
        ({"low": "1 h", "high": "2 h"}, Uniform(H, 2 * H)),
        ({"low": "1 h", "mode": "1 h", "high": "2 h"}, Triangular(H, H, 2 * H)),
        ({"exactly": "2 h"}, Deterministic(2 * H)),
        (
            {"quantiles": [[0, "1 h"], ["50 %", "2 h"], [1, "5 h"]]},
            Quantiles(((0.0, H), (0.5, 2 * H), (1.0, 5 * H))),
        ),
        ({"shift": "1 h", "low": "1 h", "high": "2 h"}, Shifted(Uniform(H, 2 * H), H)),
        (
            {"mix": {"0.7": {"exactly": "1 h"}, "0.3": {"exactly": "2 h"}}},
            Mixture((0.7, 0.3), (Deterministic(H), Deterministic(2 * H))),
        ),
        (
            {"mix": [[0.5, {"exactly": "1 h"}], [0.5, {"exactly": "2 h"}]]},
            Mixture((0.5, 0.5), (Deterministic(H), Deterministic(2 * H))),
        ),
        (
            {"value": {"low": "1 h", "high": "2 h"}, "low": "1 h", "status": "derived"},
            Uniform(H, 2 * H),
        ),
    ],
)
def test_a_repair(written: Any, law: object) -> None:
    got = part_of(one(value=written)).law("repair")
    if isinstance(law, Lognormal):
        assert isinstance(got, Lognormal)
        assert (got.median, got.sigma) == pytest.approx((law.median, law.sigma), rel=1e-12)
    else:
        assert got == law


def test_a_setting_is_exact() -> None:
    plain = {
        "pacsim": 1,
        "parts": {"s": {"type": "server", "from": "server_dual_psu"}},
        "practices": {
            "maintenance": {"patches": {"of": ["s"], "on": "first sunday 02:00", "lasts": "2 h"}}
        },
    }
    window = design_of(plain).resolved.practices["maintenance"]["patches"]
    assert window["lasts"] == Delay(Deterministic(2 * H))


def test_ttr_covers_everything_and_repair_the_work() -> None:
    assert part_of(one(key="ttr")).delay("repair").covers == ALL_IN
    assert part_of(one(key="repair")).delay("repair").covers == HANDS_ON
    for key, entry, covers in (
        ("ttr", "array.nas.repair", ALL_IN),
        ("repair", "srv.repair", HANDS_ON),
    ):
        other = {"ttr": "repair", "repair": "ttr"}[key]
        assert part_of(one(key=key, value={"catalogue": entry})).delay("repair").covers == covers
        with pytest.raises(DesignError, match=f"write {key}: in place of {other}:"):
            one(key=other, value={"catalogue": entry})
        with pytest.raises(DesignError, match=f"write {key}: in place of {other}:"):
            one(key=other, value={"value": "4 h", "covers": covers})


def test_a_calendar_counts_hours(tmp_path: Path) -> None:
    hours = {"hours": ["mon-fri 08:00-17:00"], "closed": ["2026-12-25"]}
    got = part_of(one(value={"counted_in": hours, "median": "4 h", "p95": "9 h"})).delay("repair")
    assert got.law == Lognormal.from_p95(4 * H, 9 * H)
    assert got.calendar is not None
    assert len(got.calendar.closed_dates) == 1
    assert not got.next_day
    always = part_of(one(value={"counted_in": {"hours": "24x7"}, "value": "4 h"})).delay("repair")
    assert always.calendar is not None
    assert always.calendar.weekly == Calendar.always().weekly


def test_the_next_business_day_is_for_support() -> None:
    later = {"next_business_day": {"hours": ["mon-fri 08:00-17:00"]}, "then": {"exactly": "2 h"}}
    design = one(support={"response": later})
    got = part_of(design).part("support").delay("response")
    assert (got.next_day, got.law) == (True, Deterministic(2 * H))
    with pytest.raises(DesignError, match="response of a support contract"):
        one(value=later)


def test_an_input_says_where_it_comes_from() -> None:
    design = one(
        {
            "mttf": "3 years",
            "low": "1 year",
            "high": "9 years",
            "status": "assumed",
            "source": "me",
            "id": "x.y",
        },
        source="vendor letter",
    )
    assert input_of(design, "parts.a.ttf") == Input(
        "parts.a.ttf", "mttf 3 years", "1 year", "9 years", "assumed", "me", "x.y"
    )
    assert input_of(design, "parts.a.repair") == Input(
        "parts.a.repair", "4 h", "", "", "user", "vendor letter", ""
    )
    assert input_of(design, "contract.term").status == "assumed"
    taken = one({"catalogue": "srv.service_stop"})
    found = input_of(taken, "parts.a.ttf")
    assert (found.value, found.low, found.id) == (
        "0.0316 1/year",
        "0.02 1/year",
        "srv.service_stop",
    )


def test_a_member_is_taken() -> None:
    got = part_of(one({"catalogue": "util.saifi", "take": "y2018"}))
    assert got.law("fails").mean() == pytest.approx(YEAR / 1.34)
    shaped = part_of(one({"catalogue": "disk.ttop.netapp", "take": "a"}))
    assert shaped.law("fails") == Weibull(302016 * H, 1.13)


LAW_KINDS = ("rate", "afr", "annual_probability", "mttf", "duration", "timer", "law")
TIMES = {"s", "min", "h", "d", "week", "month", "year", "1/year", "1/h", "1/d", "1/min"}


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, e in catalogue().entries.items()
        if e.kind in LAW_KINDS and e.unit not in {"1/bit", "1/byte"}
    ],
)
def test_every_entry_of_the_catalogue_is_a_value_or_says_why_not(name: str) -> None:
    entry = catalogue().entries[name]
    is_life = entry.kind in {"rate", "afr", "annual_probability", "mttf", "law"}
    key = "ttr" if entry.covers == ALL_IN else "repair"
    # A time that was read under a contract is what it is under that one.
    more = {"support": {"from": f"support_{entry.read_under}"}} if entry.read_under else {}
    try:
        design = (
            one({"catalogue": name}) if is_life else one(key=key, value={"catalogue": name}, **more)
        )
    except DesignError as error:
        assert "typical" not in entry.value or entry.unit not in {
            *TIMES,
            "probability",
            "fraction",
        }, str(error)
        assert (
            "take: one of" in str(error)
            or "unit" in str(error)
            or "afr" in str(error)
            or "0.0" in str(error)
        ), str(error)
        return
    law = part_of(design).law("fails" if is_life else "repair")
    typical = entry.value.get("typical")
    if typical is not None and not is_life and entry.law.get("family") == "lognormal":
        from pacsim.units import TIMES as SIZES

        assert law.quantile(0.5) == pytest.approx(typical * SIZES[entry.unit], rel=1e-9)


@pytest.mark.parametrize(
    ("ttf", "repair", "says"),
    [
        ("5", "4 h", "has no unit"),
        (5, "4 h", "has no unit"),
        ("5 MB", "4 h", "is a size"),
        ("-5 h", "4 h", "below zero"),
        ("0 h", "4 h", "greater than 0"),
        ("1e400 h", "4 h", "finite"),
        ({"afr": 1.0}, "4 h", "below 1"),
        ({"afr": "5 h"}, "4 h", "unit"),
        ({"mttf": "3 h", "rate": "2 /year"}, "4 h", "cannot go with"),
        ({"medain": "3 h", "p95": "2 h"}, "4 h", 'did you mean "median"'),
        ({}, "4 h", "says no time"),
        ([], "4 h", "is no number"),
        ("1 year", {"median": "3 h"}, "needs p95"),
        ("1 year", {"median": "3 h", "p95": "2 h"}, "greater than the median"),
        ("1 year", {"rate": "3 /year"}, "times to failure"),
        ("1 year", "0 h", "exactly"),
        ("1 year", {"low": "3 h"}, "needs high"),
        ("1 year", {"low": "3 h", "high": "1 h"}, "must be below"),
        ("1 year", {"low": "3 h", "mode": "1 h", "high": "4 h"}, "mode"),
        ("1 year", {"value": "3 h", "low": "9 h", "high": "4 h"}, "above"),
        ("1 year", {"value": "3 h", "low": "9 TB"}, "is a size"),
        ("1 year", {"value": "3 h", "status": "guess"}, "no status"),
        ("1 year", {"value": "3 h", "covers": "some"}, "covers"),
        ("1 year", {"mean": "3 h", "family": "gamma"}, "no family"),
        ("1 year", {"scale": "3 h", "shape": "2 h"}, "without a unit"),
        ("1 year", {"quantiles": [[0, "1 h"]]}, "rising"),
        ("1 year", {"quantiles": "1 h"}, "list of"),
        ("1 year", {"mix": {"0.5": "1 h"}}, "sum to 1"),
        ("1 year", {"mix": "1 h"}, "no mix"),
        ("1 year", {"shift": "one", "value": "1 h"}, "number"),
        ("1 year", {"catalogue": "srv.repiar"}, 'did you mean "srv.repair"'),
        ("1 year", {"catalogue": "srv.repair", "low": "1 h"}, "cannot go with catalogue"),
        ("1 year", {"catalogue": "srv.repair", "take": "most"}, "take: one of typical, low, high"),
        ("1 year", {"catalogue": "link.fibre_repair"}, "take: one of aerial, buried"),
        ("1 year", {"counted_in": {"hours": ["9 to 5"]}, "value": "1 h"}, "cannot read"),
        ("1 year", {"counted_in": {"hour": ["mon 08:00-17:00"]}, "value": "1 h"}, 'did you mean "hours"'),
        ("1 year", {"counted_in": "none.yaml", "value": "1 h"}, "no file"),
        ("1 year", {"mix": {"1": {"counted_in": {"hours": "24x7"}, "value": "1 h"}}}, "inside another form"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value_is_said(ttf: Any, repair: Any, says: str) -> None:
    with pytest.raises(DesignError) as caught:
        one(ttf, value=repair)
    assert says in str(caught.value)
    assert "folder/my.yaml" in str(caught.value)
