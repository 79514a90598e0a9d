"""Tallies of batches written by hand: every figure of a role, an array and all roles together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.campaign.tallies import DesignTally
from pacsim.core.model import SAMPLE
from pacsim.stats import ONE_SEEN
from pacsim.units import HOUR, YEAR
from tests.close import close
from tests.unit.campaign.written_batches import (
    BIN,
    DISKS,
    EXACT,
    PAIR,
    SECOND,
    Written,
    design,
    figures,
    log_of,
)

if TYPE_CHECKING:
    from pathlib import Path


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


def test_what_is_expected_below_one_study_may_be_none(tmp_path: Path) -> None:
    """0.2 and twice 0.1 studies: exp(-0.2) that none was lost; a stripe of three is lost for sure."""
    # Sees: a window of a few seconds counted as a loss; windows of one term added up as odds; a
    # term without a loss that counts; a sum that depends on how terms came.
    made = DesignTally.of(design(tmp_path, DISKS))
    w = Written(made, 5)
    for term in range(5):
        w.put(term, "loss:disks", 0, 5.0)
    w.put(4, "loss:disks", 0, np.inf)
    for term, number, studies in ((0, 1, 0.2), (1, 2, 0.2), (2, 1, 0.2), (3, 1, 90.0)):
        w.put(term, "loss:disks:window:wipe", 0, number)
        w.put(term, "loss:disks:window:wipe", 2, studies)
    w.put(2, "loss:disks:sector:disk-01", 0, 1.0)
    keys = made.add(w.batch)
    found, odds = figures(made), 1.0 - np.exp(-0.2)
    for role in ("disks", "overall"):
        row = found[role, "p_any_loss", ""]
        assert row.estimate == close((2 * odds + 2) / 5, EXACT)
        assert row.method == "Clopper-Pearson"
    (overall,) = (key for key in keys if key[1] == "overall" and keys[key].shape[1] == 4)
    assert keys[overall][:, 0] == pytest.approx([odds, odds, 1.0, 1.0, 0.0], rel=EXACT)
    # How often contents were lost is no question of what was on them.
    assert found["disks", "losses", "window"].estimate == close(5 / 10, EXACT)


def test_odds_far_below_one_have_a_lower_end_that_can_be_read(tmp_path: Path) -> None:
    """Four of five terms lose a millionth of a study each, or one of them does: no 1 in 10^300."""
    # Sees: a lower end by Clopper and Pearson for less than one of five terms, which is next to 0.
    for losing in (4, 1):
        made = DesignTally.of(design(tmp_path, DISKS))
        w = Written(made, 5)
        for term in range(5):
            w.put(term, "loss:disks", 0, 5.0 if term < losing else np.inf)
        for term in range(losing):
            w.put(term, "loss:disks:window:wipe", 0, 1)
            w.put(term, "loss:disks:window:wipe", 2, 1e-6 * (1 + term / 10))
        made.add(w.batch)
        found = figures(made)
        for role in ("disks", "overall"):
            row = found[role, "p_any_loss", ""]
            assert row.lower is not None
            assert row.estimate is not None
            assert row.upper is not None
            assert row.upper > 0.5
            if losing == 1:
                assert row.lower == 0.0
            else:
                assert 1e-7 < row.lower < row.estimate
