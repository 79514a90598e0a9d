"""Numbers that are not known exactly: which slots are one, where they lie, what they are called."""

from __future__ import annotations

from typing import Any

import pytest

import pacsim
from pacsim.design import Design, design_of
from pacsim.studies.uncertain_numbers import UncertainNumber, all_changes, uncertain_numbers


def of(**parts: Any) -> Design:
    made = {name: {"type": "component", "ttf": "1 year", **slots} for name, slots in parts.items()}
    return design_of({"pacsim": 1, "parts": made})


def number(**ttr: Any) -> UncertainNumber:
    return uncertain_numbers([of(a={"ttr": ttr})])[0]


def test_slots_of_one_entry_are_one_number() -> None:
    # Sees: slots of one entry that move apart, and others that move together.
    taken = {"ttr": {"catalogue": "pdu.repair"}}
    other = {"ttr": {"median": "6.93 h", "p95": "27.7 h", "low": "2 h", "high": "24 h"}}
    design = of(a=taken, b=taken, c=other, d=other)
    found = {one.name: one for one in uncertain_numbers([design]) if "parts." in one.first.path}
    assert list(found) == ["ttr of a, b", "ttr of c", "ttr of d"]
    assert found["ttr of a, b"].id == "pdu.repair"
    assert found["ttr of a, b"].changes(1.0) == {
        "parts.a.ttr": {"median": "24 h", "p95": "95.9307 h"},
        "parts.b.ttr": {"median": "24 h", "p95": "95.9307 h"},
    }


def test_another_value_of_one_entry_is_another_number() -> None:
    own = {"median": "5 h", "p95": "20 h", "low": "2 h", "high": "24 h", "id": "pdu.repair"}
    two = of(a={"ttr": {"catalogue": "pdu.repair"}}, b={"ttr": own})
    names = [one.name for one in uncertain_numbers([two]) if "parts." in one.first.path]
    assert names == ["ttr of a", "ttr of b"]


@pytest.mark.parametrize(
    ("place", "expected"), [(0.0, "2 h"), (0.5, "4 h"), (0.75, "5.65685 h"), (1.0, "8 h")]
)
def test_log_uniform(place: float, expected: str) -> None:
    assert str(number(exactly="3 h", low="2 h", high="8 h").at(place)) == expected


@pytest.mark.parametrize(("place", "expected"), [(0.0, "0 h"), (0.5, "4 h"), (1.0, "8 h")])
def test_uniform_where_low_is_0(place: float, expected: str) -> None:
    assert str(number(exactly="3 h", low="0 h", high="8 h").at(place)) == expected


def test_uniform_for_shares_and_whole_numbers() -> None:
    single = uncertain_numbers([pacsim.load("models/designs/single-server.yaml")])
    by_path = {slot.path: one for one in single for slot in one.slots}
    share = by_path["parts.nightly.success"]
    assert str(share.at(0.5)) == "0.9475"
    team = by_path["parts.it-team.size"]
    # Each of 1 to 4 has a quarter of the range.
    assert [team.at(x).plain() for x in (0.0, 0.24, 0.26, 0.51, 0.76, 0.9999, 1.0)] == [
        1,
        1,
        2,
        3,
        4,
        4,
        4,
    ]


def test_designs_share_numbers_of_one_path_only_if_they_are_alike() -> None:
    narrow, wide = (
        of(a={"ttr": {"exactly": "3 h", "low": "2 h", "high": high}}) for high in ("4 h", "8 h")
    )
    found = [one for one in uncertain_numbers([narrow, wide]) if "parts." in one.first.path]
    assert len(found) == 2
    places = [1.0] * 2
    assert all_changes(found, places, narrow) == {"parts.a.ttr": {"exactly": "4 h"}}
    assert all_changes(found, places, wide) == {"parts.a.ttr": {"exactly": "8 h"}}
    assert len([x for x in uncertain_numbers([wide, wide]) if "parts." in x.first.path]) == 1


def test_many_owners_are_counted() -> None:
    design = of(**{f"p{k}": {"ttr": {"catalogue": "pdu.repair"}} for k in range(6)})
    assert uncertain_numbers([design])[0].name == "ttr of p0, p1, p2 and 3 more"
