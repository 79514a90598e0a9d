"""The table in a terminal: several designs, narrow columns, long words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pacsim.results.table import Line, Table, table
from pacsim.results.terminal import WIDTH, as_text
from tests.unit.results.made import made, of

NAMES = (
    "Active-active pool behind load balancers", "Two sites", "Clinic with one box", "Pair",
    "Hybrid with two providers", "Cold spare",
)  # fmt: skip


def shown(count: int, width: int) -> str:
    """Return the table of designs with long causes and large figures, each with its own."""
    rows = []
    for k, name in enumerate(NAMES[:count]):
        rows += [
            of(name, "down_unplanned", 1234.0 + k, (1200.0 + k, 1300.0 + k)),
            of(name, "down_unplanned_by_root", 3.0, by=("root", "balancers/uninterruptible")),
            of(name, "down_unplanned_by_root", 1.0, by=("root", "server/application")),
            of(name, "p_any_loss", 1 / 18432, (1 / 20001, 1 / 17001), role="overall", unit="1"),
        ]
        for group in ("the-group-of-the-balancers", "pacs"):
            rows += [
                of(name, "failover_latency_p50", 35.0, role=group, unit="s"),
                of(name, "failover_latency_p95", 1200.0, role=group, unit="s"),
            ]
    result = replace(made(), rows=tuple(rows), designs=NAMES[:count], warnings=())
    return as_text(table(result), width)


@pytest.mark.parametrize("width", [WIDTH, 80, 60, 44])
@pytest.mark.parametrize("count", range(1, 7))
def test_no_line_is_too_wide_and_no_word_is_cut(count: int, width: int) -> None:
    """At every width each design has each of its figures, in one piece with its unit."""
    # Sees: four designs in 106 columns; "1" on one line and "234 h/yr" on the next.
    text = shown(count, width)
    assert max(map(len, text.splitlines())) <= width
    for k in range(count):
        assert text.count(f"1 {234 + k} h/yr") == 1
    for whole in ("uninterruptible", "application", "1 in 18 432", "20 min)"):
        assert text.count(whole) == count * (2 if "min" in whole else 1), whole


@pytest.mark.parametrize(("count", "blocks"), [(3, 1), (4, 2), (5, 2), (6, 2)])
def test_designs_stand_beside_each_other_in_blocks_alike(count: int, blocks: int) -> None:
    """Four in two of two, five in two and three, in their order; each block has its labels."""
    rows = tuple(one for one in made().rows if one.measure == "down_unplanned" and not one.against)
    of_each = [replace(rows[0], design=name, estimate=1234.0 + k) for k, name in enumerate(NAMES)]
    result = replace(made(), rows=tuple(of_each), designs=NAMES[:count], warnings=())
    text = as_text(table(result))
    assert text.count("down, unplanned") == blocks
    found = [int(x) for x in re.findall(r"1 (23\d) h/yr", text)]
    assert found == [234 + k for k in range(count)]


def test_the_digits_of_a_number_stay_together() -> None:
    # Sees: "under 1 in 18" above "432".
    one = of(NAMES[3], "p_any_loss", 0.0, (0.0, 1 / 18432), role="overall", unit="1")
    result = replace(made(), rows=(one,), designs=(NAMES[3],), warnings=())
    lines = as_text(table(result), 38).splitlines()
    assert any(line.endswith("1 in 18 432") for line in lines)


@pytest.mark.parametrize("width", range(40, 99))
def test_a_name_with_numbers_is_broken_only_at_its_hyphens(width: int) -> None:
    # Sees: "a" above "pp-01-02-", as a line ends after a hyphen only between letters.
    cells = ("most began with app-01-02-hypervisor-x 5 %",) * 3
    text = as_text(Table("three", NAMES[3:6], (Line("causes", cells),), ()), width)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("01-02-hypervisor-x") == 3


def test_a_word_longer_than_any_column_keeps_no_others_apart() -> None:
    """It is cut wherever it stands, so the designs beside it stay beside it."""
    # Sees: as many blocks as designs on a wide terminal, because of the name of one.
    heads = ("active_active_pool_with_two_sites", *NAMES[3:4], *NAMES[5:])
    text = as_text(Table("three", heads, (Line("down", ("1 h", "2 h", "3 h")),), ()))
    assert text.count("down") == 1


def test_odds_without_a_lower_end_are_under_the_upper_one() -> None:
    # Sees: a figure without its interval, as if it were known.
    one = of(NAMES[3], "p_any_loss", 1 / 400, (0.0, 1 / 11), role="overall", unit="1")
    result = replace(made(), rows=(one,), designs=(NAMES[3],), warnings=())
    lines = as_text(table(result)).splitlines()
    assert [x.split("   ")[-1].strip() for x in lines[3:5]] == ["1 in 400", "under 1 in 11"]
