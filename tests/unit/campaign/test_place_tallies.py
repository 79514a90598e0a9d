"""Tallies of batches written by hand: what is degraded, and where; requests that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.campaign.place_tally import PlaceTally
from pacsim.campaign.tallies import DesignTally
from pacsim.parts.watch_handles import AtPlace, RolePlaces
from pacsim.units import HOUR
from tests.close import close
from tests.unit.campaign.written_batches import (
    BIN,
    DISKS,
    EXACT,
    SECOND,
    Written,
    design,
    figures,
    log_of,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_hours_in_part_by_kind(tmp_path: Path) -> None:
    """Up and not in full for 6, 2 and 1 hours of two terms of two years."""
    made = DesignTally.of(design(tmp_path, DISKS))
    w = Written(made, 2)
    for place, hours in ((0, 9.0), (2, 6.0), (3, 2.0), (4, 1.0)):
        w.put(1, "role:store.degraded", place, hours * HOUR)
    made.add(w.batch)
    found = figures(made)
    for kind, hours in (("", 9), ("_unplanned", 6), ("_planned", 2), ("_mixed", 1)):
        assert found["store", f"degraded{kind}", ""].estimate == close(hours / 4, EXACT), kind
    assert found["store", "down", ""].estimate == 0.0


PLACES = """
pacsim: 1
contract: {term: 2 years}
parts:
  c: {type: component, ttf: 5 years, ttr: 1 h}
  d: {like: c}
  here: {type: clients, share: 75 %}
  there: {type: clients}
roles:
  read: {needs: [c], full: [d], used_from: [here, there]}
"""


def test_places_by_share(tmp_path: Path) -> None:
    """Down 4 h here and 12 h there in one of two terms of two years, in part for 2 and 0 h."""
    # Sees: a place counted by no share; hours of one place in the row of another.
    made = DesignTally.of(design(tmp_path, PLACES))
    w = Written(made, 2)
    for name, hours in (("here", 4.0), ("there", 12.0), ("here.degraded", 2.0)):
        w.put(1, f"role:read.at.{name}", 0, hours * HOUR)
    made.add(w.batch)
    found = {(r.measure, r.by, r.of): r for r in made.rows() if r.role == "read"}
    for measure, place, expected in (
        ("down_at", "here", 4.0), ("down_at", "there", 12.0),
        ("degraded_at", "here", 2.0), ("degraded_at", "there", 0.0),
    ):  # fmt: skip
        row = found[measure, "place", place]
        assert row.estimate == close(expected / 4, EXACT), (measure, place)
        assert row.unit == "h/year"
    assert found["degraded_at", "place", "there"].note == "none seen in 2 terms"
    assert found["degraded_at", "place", "there"].method == "none seen"
    failing = found["failing", "", ""]
    assert failing.estimate == close((0.75 * 4 + 0.25 * 12) / 4 / 8760, EXACT)
    assert failing.unit == "1"


def test_requests_fail_while_it_is_up(tmp_path: Path) -> None:
    """Down for 4 h, and 6 h of requests failing while up: at two places alike, and at one."""
    # Sees: what fails while it is up counted by no share, or not at all; rows of an only place
    # from two tallies.
    one = design(tmp_path, PLACES)
    view = DesignTally.of(one).reader
    down, shed = "role:read.at.here", "role:read.at.there"
    for shares in ((0.75, 0.25), (1.0,)):
        names = ("here", "there")[: len(shares)]
        places = tuple(
            AtPlace(name, share, down, "", shed) for name, share in zip(names, shares, strict=True)
        )
        tally = PlaceTally(view, RolePlaces("read", places))
        w = Written(DesignTally.of(one), 2)
        w.put(0, down, 0, 4 * HOUR)
        w.put(0, shed, 0, 6 * HOUR)
        tally.add(w.batch)
        found = {(r.measure, r.of): r for r in tally.rows()}
        assert found["failing", ""].estimate == close((4 + 6) / 4 / 8760, EXACT)
        assert len(found) == (5 if len(shares) > 1 else 1)


def test_the_only_place_is_the_role(tally: DesignTally) -> None:
    """Without a place there are no rows by place; as many requests fail as it is down."""
    found = figures(tally)
    assert found["store", "failing", ""].estimate == found["store", "unavailability", ""].estimate
    assert found["store", "failing", ""].upper == found["store", "unavailability", ""].upper
    assert not [one for one in tally.rows() if one.by == "place"]


def test_degraded_times_are_kept_like_outages(tmp_path: Path) -> None:
    """Two merged, one short, a long one cut off; roots by kind, shares of what was flagged."""
    # Sees: gaps that are not merged; a cut-off length among the quantiles; degraded hours in
    # `down_by_root`; a degraded time in the log that cannot be told from an outage.
    made = DesignTally.of(design(tmp_path, PLACES), outages=True)
    w, partly = Written(made, 2), "role:read.degraded"
    c, d = (made.reader.model.transition(f"{x}/unit.fail") for x in "cd")
    w.episode(0, partly, 10.0, 2.0, cause=d, unplanned=2 * HOUR)
    w.episode(0, partly, 12.0 + 30 * SECOND, 1.0, cause=d, unplanned=HOUR)
    w.episode(0, partly, 100.0, 0.01, cause=d, unplanned=0.01 * HOUR)
    w.episode(0, "role:read", 200.0, 5.0, cause=c, unplanned=5 * HOUR)
    w.episode(1, partly, 17500.0, 20.0, cause=d, planned_cause=-1, planned=8 * HOUR,
              unplanned=12 * HOUR, censored=True)  # fmt: skip
    for term, hours, flagged in ((0, 3.01, 3.01), (1, 20.0, 12.0)):
        w.put(term, partly, 0, hours * HOUR)
        w.put(term, partly, 5 + made.reader.model.element("d/unit"), flagged * HOUR)
    made.add(w.batch)
    found = {(r.measure, r.of): r for r in made.rows() if r.role == "read"}
    merged = 3 + 30 * SECOND
    assert found["degraded_episodes", ""].estimate == close(2 / 4, EXACT)
    assert found["degraded_duration_mean", ""].estimate == close((merged + 20) / 2, EXACT)
    for name in ("p50", "p95"):
        assert found[f"degraded_duration_{name}", ""].estimate == close(merged, BIN)
    assert found["degraded_by_root", "d/unit"].estimate == close((3.01 + 12) / 4, EXACT)
    assert found["degraded_by_root", "initial"].estimate == close(8 / 4, EXACT)
    assert found["down_by_root", "c/unit"].estimate == close(5 / 4, EXACT)
    assert ("down_by_root", "d/unit") not in found
    share = found["degraded_contributor_share", "d/unit"]
    assert share.estimate == close((3.01 + 12) / 23.01, EXACT)
    kept = log_of(made).to_frame()
    assert kept["degraded"].tolist() == [True, True, True, False, True]
    assert kept["role"].tolist() == ["read"] * 5
    assert kept["cause"].tolist()[3:] == ["c/unit.fail", "d/unit.fail"]
