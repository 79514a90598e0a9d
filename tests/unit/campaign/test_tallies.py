"""Tallies of batches written by hand: every figure of a role, an array and all roles together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.api import compare
from pacsim.campaign.place_tally import PlaceTally
from pacsim.campaign.tallies import DesignTally
from pacsim.core.model import EPISODE, SAMPLE, Batch
from pacsim.design import Design, load
from pacsim.errors import PacsimError
from pacsim.parts.watch_handles import AtPlace, RolePlaces
from pacsim.stats import ONE_SEEN
from pacsim.units import HOUR, YEAR
from tests.close import close

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.results import Row
    from pacsim.results.outage_file import KeptOutages

PAIR = """
pacsim: 1
name: pair
contract: {term: 2 years}
parts:
  one: {type: server, ttf: 2000 h, ttr: 20 h, reboot: 5 min, boot_after_power: 5 min}
  two: {like: one}
  c: {type: component, ttf: 5 years, ttr: 1 h}
groups:
  both:
    type: active_passive
    members: [one, two]
    check: {sees: host, every: 1 s, fall: 3}
roles:
  store: {needs: [both]}
  read: {needs: [c]}
"""
DISKS = """
pacsim: 1
name: disks
contract: {term: 2 years}
parts:
  disks: {type: disk_array, from: array_dual_controller, layout: raid5, disks: 4,
          disk: {from: disk_group}, stripe_studies: 3}
  nightly: {type: backup, from: backup_nightly, of: [disks]}
roles:
  store: {needs: [disks]}
"""
SECOND = 1 / 3600
EXACT, BIN = 1e-9, 0.006


def design(folder: Path, text: str, name: str = "one") -> Design:
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return load(file)


class Written:
    """A batch being written by hand, times in hours."""

    def __init__(self, tally: DesignTally, terms: int) -> None:
        self.tally, self.reader = tally, tally.reader
        lay = self.reader.lay
        self.batch = Batch(
            first=0,
            values=np.zeros((terms, lay.columns)),
            events=np.full(terms, 10),
            episodes=np.zeros(0, dtype=EPISODE),
            contributors=np.zeros(0),
            samples=np.zeros(0, dtype=SAMPLE),
        )

    def put(self, term: int, name: str, place: int, number: float) -> None:
        first = self.reader.place(name).all.start
        self.batch.values[term, first + place] = number

    def down(self, term: int, kinds: tuple[float, float, float], **flagged: float) -> None:
        """Put the down time of `store`: unplanned, planned, mixed; and of elements while down."""
        self.put(term, "role:store", 0, sum(kinds) * HOUR)
        for k, hours in enumerate(kinds):
            self.put(term, "role:store", 2 + k, hours * HOUR)
        for element, hours in flagged.items():
            at = self.reader.model.element(element.replace("__", "/"))
            self.put(term, "role:store", 5 + at, hours * HOUR)

    def year(self, term: int, year: int, kinds: tuple[float, float, float]) -> None:
        """Put the down time of `store` in one year of two: blocks of time, begun and three kinds."""
        base = 5 + len(self.reader.model.elements)
        self.put(term, "role:store", base + year, sum(kinds) * HOUR)
        for k, hours in enumerate(kinds):
            self.put(term, "role:store", base + 2 * (2 + k) + year, hours * HOUR)

    def episode(self, term: int, name: str, start: float, hours: float, **more: object) -> None:
        row = np.zeros(1, dtype=EPISODE)
        row["replication"], row["observation"] = term, self.reader.lay.index(name)
        row["start"], row["end"], row["cause"] = start * HOUR, (start + hours) * HOUR, -1
        first = {"unplanned_cause": more.get("cause", -1), "planned_cause": more.get("cause", -1)}
        for key, value in {**first, **more}.items():
            row[key] = value
        object.__setattr__(self.batch, "episodes", np.concatenate([self.batch.episodes, row]))


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> DesignTally:
    """Return three terms: two short outages merged and a shorter one; three long ones; none."""
    made = DesignTally.of(design(tmp_path_factory.mktemp("pair"), PAIR), outages=True)
    w, store = Written(made, 3), "role:store"
    model = made.reader.model
    a, c = model.transition("one/hardware.fail"), model.transition("c/unit.fail")
    w.episode(0, store, 10.0, 2.0, cause=a, unplanned=2 * HOUR)
    w.episode(0, store, 12.0 + 30 * SECOND, 1.0, cause=c, unplanned=HOUR)
    w.episode(0, store, 100.0, 0.01, cause=a, unplanned=0.01 * HOUR)
    w.down(0, (3.01, 0.0, 0.0), one__hardware=3.01, two__hardware=2.0)
    w.year(0, 0, (3.01, 0.0, 0.0))
    w.episode(1, store, 200.0, 10.0, cause=c, planned=10 * HOUR)
    w.episode(1, store, 300.0, 4.0, cause=a, planned_cause=c, planned=HOUR, mixed=3 * HOUR)
    w.episode(1, store, 17470.0, 50.0, cause=a, unplanned=50 * HOUR, censored=True)
    w.down(1, (50.0, 11.0, 3.0), one__hardware=54.0, c__unit=12.0)
    w.year(1, 0, (0.0, 11.0, 3.0))
    w.year(1, 1, (50.0, 0.0, 0.0))
    w.episode(2, "role:read", 5.0, 1.0, unplanned=HOUR)
    w.put(1, "overall", 0, 64 * HOUR)
    w.put(2, "overall", 0, 1 * HOUR)
    made.add(w.batch)
    return made


def log_of(tally: DesignTally) -> KeptOutages:
    assert tally.log is not None
    return tally.log.kept()


def figures(tally: DesignTally) -> dict[tuple[str, str, str], Row]:
    return {(r.role, r.measure, r.of): r for r in tally.rows()}


def test_hours_by_kind(tally: DesignTally) -> None:
    """Over three terms of two years each; the share of time is hours over 8 760."""
    found = figures(tally)
    for measure, hours in (
        ("down", 67.01), ("down_unplanned", 53.01), ("down_planned", 11.0), ("down_mixed", 3.0),
    ):  # fmt: skip
        row = found["store", measure, ""]
        assert row.estimate == close(hours / 6, EXACT), measure
        assert row.unit == "h/year"
    assert found["store", "unavailability", ""].estimate == close(67.01 / 6 / 8760, EXACT)
    assert found["overall", "down", ""].estimate == close(65 / 6, EXACT)
    assert found["overall", "unavailability", ""].estimate == close(65 / 6 / 8760, EXACT)


def test_outages_merged_counted_and_split(tally: DesignTally) -> None:
    """Four long ones, of which one is mostly planned; a quarter planned is unplanned; one short."""
    found = figures(tally)
    for measure, count in (("outages", 4), ("outages_unplanned", 3), ("outages_short", 1)):
        assert found["store", measure, ""].estimate == close(count / 6, EXACT), measure
        assert found["store", measure, ""].unit == "1/year"


def test_lengths_leave_out_what_was_not_over(tally: DesignTally) -> None:
    """3 h 30 s, 4 h and a planned 10 h; 50 h cut off count in the mean and the longest only."""
    found = figures(tally)
    merged = 3 + 30 * SECOND
    for measure, hours in (
        ("outage_duration_p50", 4.0), ("outage_duration_p95", 10.0),
        ("outage_duration_unplanned_p50", merged), ("outage_duration_unplanned_p95", 4.0),
        ("longest_outage_p95", 50.0),
    ):  # fmt: skip
        assert found["store", measure, ""].estimate == close(hours, BIN), measure
    mean = found["store", "outage_duration_mean", ""]
    assert mean.estimate == close((merged + 10 + 4 + 50) / 4, EXACT)


def test_the_longest_is_one_outage_and_not_their_sum(tmp_path: Path) -> None:
    made = DesignTally.of(design(tmp_path, PAIR))
    w = Written(made, 1)
    for k in range(3):
        w.episode(0, "role:store", 100.0 * k, 2.0 + k)
    made.add(w.batch)
    assert figures(made)["store", "longest_outage_p95", ""].estimate == close(4.0, BIN)


def test_years_within_a_limit(tally: DesignTally) -> None:
    """Of six years one is beyond 8.76 h without planned work, three are beyond 0.876 h."""
    found = figures(tally)
    assert found["store", "p_year_within_99_9", ""].estimate == close(5 / 6, EXACT)
    assert found["store", "p_year_within_99_99", ""].estimate == close(3 / 6, EXACT)
    assert found["store", "down_year_p95", ""].estimate == close(50.0, BIN)
    assert found["store", "down_year_worst_5pc", ""].estimate == close(50.0, BIN)


def test_a_year_at_its_limit_is_within_it(tmp_path: Path) -> None:
    """8.76 h of 8 760 h are 99.9 %: over by what sums are off by is within, 2 us more is not."""
    # Sees: a sum of down times compared with the limit by its bits.
    made = DesignTally.of(design(tmp_path, PAIR))
    written = Written(made, 1)
    written.year(0, 0, (8.76 + 2e-15, 0.0, 0.0))
    written.year(0, 1, (8.76 + 2e-6 * SECOND, 0.0, 0.0))
    assert written.batch.values[0].max() > 0.001 * YEAR
    made.add(written.batch)
    assert figures(made)["store", "p_year_within_99_9", ""].estimate == close(0.5, EXACT)


def test_causes_with_what_they_began(tally: DesignTally) -> None:
    """Hours of each kind by what they began with; members of a group are one cause."""
    found = figures(tally)
    for of, hours in (("both/hardware", 2 + 0.01 + 3 + 50), ("c/unit", 1 + 10 + 1)):
        assert found["store", "down_by_root", of].estimate == close(hours / 6, EXACT)
    for of, hours in (("both/hardware", 52.01), ("c/unit", 1)):
        assert found["store", "down_unplanned_by_root", of].estimate == close(hours / 6, EXACT)
    assert found["store", "down_planned_by_root", "c/unit"].estimate == close(11 / 6, EXACT)
    assert ("store", "down_planned_by_root", "both/hardware") not in found
    assert found["read", "down_by_root", "initial"].estimate == close(1 / 6, EXACT)


def test_few_eventful_terms_are_said_and_counted_by_figure(tally: DesignTally) -> None:
    """Of three terms two have any down time, one a planned or short one; read is down in one."""
    found = figures(tally)
    two = "Student t of the logarithm, 2 eventful terms"
    for key, method in (
        (("store", "down", ""), two), (("store", "outages", ""), two),
        (("overall", "down", ""), two), (("store", "down_by_root", "c/unit"), two),
        (("store", "down_planned", ""), ONE_SEEN), (("store", "outages_short", ""), ONE_SEEN),
        (("store", "down_unplanned_by_root", "c/unit"), ONE_SEEN),
        (("read", "down_by_root", "initial"), ONE_SEEN),
        (("store", "contributor_share", "c/unit"), "Korn-Graubard, 2 eventful terms"),
    ):  # fmt: skip
        assert found[key].method == method, key
    mean = found["store", "outage_duration_mean", ""]
    assert mean.method == "ratio, delta method of the logarithm, 2 eventful terms"


def test_shares_of_what_was_present(tally: DesignTally) -> None:
    """Both members faulty at once are no more than all of the time."""
    found = figures(tally)
    for of, hours in (("both/hardware", 3.01 + 54), ("c/unit", 12)):
        assert found["store", "contributor_share", of].estimate == close(hours / 67.01, EXACT)
    assert ("store", "contributor_share", "both/host") not in found


def test_outages_are_kept_with_their_role_and_cause(tally: DesignTally) -> None:
    """All of them as they were, without those of anything but a role; no cause is the start."""
    kept = log_of(tally)
    assert kept.roles == ("store", "read")
    frame = kept.to_frame()
    assert frame["role"].tolist() == ["store"] * 6 + ["read"]
    assert frame["cause"].tolist()[0] == "one/hardware.fail"
    assert frame["cause"].tolist()[-1] == "initial"
    assert (frame["end"] - frame["start"]).tolist() == pytest.approx(
        [h * HOUR for h in (2.0, 1.0, 0.01, 10.0, 4.0, 50.0, 1.0)]
    )
    assert frame["censored"].tolist() == [False] * 5 + [True, False]
    assert frame["planned"].sum() == close(11 * HOUR, EXACT)


def test_what_is_no_role_is_not_kept(tmp_path: Path) -> None:
    made = DesignTally.of(design(tmp_path, PAIR), outages=True)
    w = Written(made, 1)
    w.episode(0, "failover:both", 3.0, 0.1)
    w.episode(0, "role:store", 3.0, 0.2)
    made.add(w.batch)
    assert log_of(made).to_frame()["role"].tolist() == ["store"]


def test_losses_by_class(tmp_path: Path) -> None:
    """Three terms of two years: counts and studies a year, hours out of reach, ages of copies."""
    made = DesignTally.of(design(tmp_path, DISKS))
    w = Written(made, 3)
    for name, number, studies in (
        ("window:wipe", 2, 700.0), ("window:disks", 1, 100.0), ("archive:disks", 1, 9000.0),
    ):  # fmt: skip
        w.put(0, f"loss:disks:{name}", 0, number)
        w.put(0, f"loss:disks:{name}", 2, studies)
    w.put(1, "loss:disks:sector:disk-02", 0, 4.0)
    w.put(0, "loss:disks", 0, 5.0)
    for term in (1, 2):
        w.put(term, "loss:disks", 0, np.inf)
    w.put(0, "unreachable:disks", 0, 24 * HOUR)
    w.episode(0, "unreachable:disks", 5.0, 9.0)
    w.episode(0, "unreachable:disks", 50.0, 13.0)
    w.episode(0, "unreachable:disks", 17500.0, 20.0, censored=True)
    samples = np.zeros(3, dtype=SAMPLE)
    samples["observation"] = made.reader.lay.index("window:nightly")
    samples["value"] = [12 * HOUR, 20 * HOUR, np.nan]
    object.__setattr__(w.batch, "samples", samples)
    made.add(w.batch)
    found = figures(made)
    for of, count, studies in (("window", 3, 800), ("archive", 1, 9000), ("sector", 4, 12)):
        assert found["disks", "losses", of].estimate == close(count / 6, EXACT), of
        assert found["disks", "studies_lost", of].estimate == close(studies / 6, EXACT), of
    assert found["disks", "p_any_loss", ""].estimate == close(1 / 3, EXACT)
    assert found["disks", "losses", "archive"].method == ONE_SEEN
    assert found["disks", "unreachable", ""].method == ONE_SEEN
    assert found["disks", "unreachable", ""].estimate == close(24 / 6, EXACT)
    # Per term 700 + 100 + 9000 studies, 4 x 3, none; of all arrays, and there is one.
    for measure, share in (("p_any_loss", 1), ("p_loss_over_100", 1), ("p_loss_of_all", 1)):
        assert found["overall", measure, ""].estimate == close(share / 3, EXACT), measure
    assert found["overall", "studies_lost_in_term", ""].estimate == close(9812 / 3, EXACT)
    for measure, hours in (
        ("restoration_time_p50", 9.0), ("restoration_time_p95", 13.0),
        ("data_loss_window_p50", 12.0), ("data_loss_window_p95", 20.0),
    ):  # fmt: skip
        assert found["disks", measure, ""].estimate == close(hours, BIN), measure


def test_losses_of_several_arrays_are_those_of_the_term(tmp_path: Path) -> None:
    """60 studies of each of two arrays are more than 100; one of them has no copy, and says so."""
    # Sees: odds by array, which are those of 60 studies; the most of one array only.
    text = DISKS.replace("  nightly:", "  tape: {like: disks}\n  nightly:")
    made = DesignTally.of(design(tmp_path, text))
    w = Written(made, 4)
    for name in ("disks", "tape"):
        for term in range(4):
            w.put(term, f"loss:{name}", 0, np.inf)
        w.put(0, f"loss:{name}:sector:disk-01", 0, 20.0)
        w.put(0, f"loss:{name}", 0, 5.0)
    w.put(1, "loss:tape:archive:disks", 0, 1.0)
    w.put(1, "loss:tape:archive:disks", 2, 40.0)
    w.put(1, "loss:tape", 0, 5.0)
    made.add(w.batch)
    found = figures(made)
    for measure, terms in (("p_any_loss", 2), ("p_loss_over_100", 1), ("p_loss_of_all", 1)):
        row = found["overall", measure, ""]
        assert row.estimate == close(terms / 4, EXACT), measure
        assert row.note.startswith("NO COPY of tape: what is lost there is gone; ")
        assert row.no_copy_of == ("tape",)
    lost = found["overall", "studies_lost_in_term", ""]
    assert lost.estimate == close((120 + 40) / 4, EXACT)
    # Losses since the last copy were not seen: none of four terms, of all studies of two arrays.
    everything = 2 * 70_000 * 2
    assert lost.upper is not None
    assert lost.upper > (1 - 0.025 ** (1 / 4)) * everything
    assert found["tape", "p_any_loss", ""].note.startswith("NO COPY of tape")
    assert found["tape", "p_any_loss", ""].no_copy_of == ("tape",)
    assert not found["disks", "p_any_loss", ""].note.startswith("NO COPY")
    assert not found["disks", "p_any_loss", ""].no_copy_of


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


ONE = """
pacsim: 1
name: NAME
contract: {term: TERM}
parts:
  a: {type: server, ttf: LIFE, ttr: 10 h, reboot: 5 min, boot_after_power: 5 min}
roles:
  store: {needs: [a]}
"""


def small(folder: Path, name: str, term: str = "1 year", life: str = "300 h") -> Design:
    text = ONE.replace("NAME", name).replace("TERM", term).replace("LIFE", life)
    return design(folder, text, f"{name}-{term[0]}")


def test_designs_that_cannot_be_compared(tmp_path: Path) -> None:
    one = small(tmp_path, "one")
    with pytest.raises(PacsimError, match="two designs are called 'one'"):
        compare([one, one], replications=8, progress=False)
    with pytest.raises(PacsimError, match="contract terms that differ"):
        compare([one, small(tmp_path, "two", "2 years")], replications=8, progress=False)


def test_a_result_tells_of_every_design(tmp_path: Path) -> None:
    """Inputs and warnings of each, hashes, the term in years; rows in the order of designs."""
    pair = [small(tmp_path, "one", "3 years"), small(tmp_path, "two", "3 years")]
    found = compare(pair, replications=8, seed=5, outages=True, progress=False)
    assert compare(pair, replications=8, seed=5, progress=False).outages == {}
    for one in pair:
        of = [i for i in found.inputs if i["design"] == one.name]
        assert [i["path"] for i in of] == [i.path for i in one.resolved.inputs]
        assert one.resolved.warnings
        for warning in one.resolved.warnings:
            assert f"{one.name}: {warning}" in found.warnings
    assert found.provenance["term_years"] == 3.0
    assert found.provenance["seed"] == 5
    assert found.provenance["replications"] == 8
    assert found.provenance["designs"] == {one.name: one.hash for one in pair}
    assert set(found.outages) == {"one", "two"}
    assert YEAR * 3 > found.outages["one"].columns["end"].max() > YEAR


def test_a_precision_is_for_all_designs(tmp_path: Path) -> None:
    """A design that nothing happens to is never precise, however precise the other is."""
    quiet = small(tmp_path, "quiet", life="{exactly: 40 years}")
    loud = small(tmp_path, "loud")
    alone = compare([loud], precision=0.2, replications=600, progress=False)
    assert alone.provenance["reached"]
    assert alone.provenance["replications"] < 600
    for both in ([loud, quiet], [quiet, loud]):
        found = compare(both, precision=0.2, replications=600, progress=False)
        assert not found.provenance["reached"]
        assert found.provenance["replications"] == 600
