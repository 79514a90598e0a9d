"""Faults that strike while a group is failing over already (language: flagged overlapped, kept)."""

from __future__ import annotations

import numpy as np
import pytest

from pacsim.campaign.failover_tally import struck_again
from pacsim.core.model import EPISODE, SAMPLE
from pacsim.delays import Deterministic as Det
from pacsim.engines.reference import simulate
from tests.oracle.parts.pairing import DEAD, pair


@pytest.mark.parametrize(("strikes", "seen"), [(5020.0, [5020.0]), (4990.0, []), (5200.0, [])])
def test_a_fault_of_the_other_member(strikes: float, seen: list[float]) -> None:
    """a crashes at 5 000 s and is started in place within 30 s."""
    # Sees: what opened the gap taken for a later fault; faults outside gaps; the group's own
    # failed switch taken for one.
    built = pair(a=DEAD, b={"fails": Det(strikes)}, check={"sees": "tcp"})
    rows = simulate(built, horizon=5100.0 if strikes < 5100 else 6000.0).samples
    place = [o.name for o in built.observations].index("overlap:pacs")
    assert rows["value"][rows["observation"] == place].tolist() == seen


def test_a_failed_switch_is_no_later_fault() -> None:
    """The group itself goes through flagged states; nothing has failed anew."""
    built = pair(a=DEAD, check={"sees": "tcp"}, success=0.0, success_tested=0.0)
    batch = simulate(built, horizon=6000.0)
    place = [o.name for o in built.observations].index("overlap:pacs")
    assert not (batch.samples["observation"] == place).any()


def test_faults_are_matched_with_their_gaps() -> None:
    gaps = np.zeros(5, dtype=EPISODE)
    gaps["replication"] = [0, 0, 1, 3, 3]
    gaps["start"] = [1.0, 5.0, 2.0, 0.0, 6.0]
    gaps["end"] = [2.0, 9.0, 4.0, 3.0, 7.0]
    moments = np.zeros(6, dtype=SAMPLE)
    # Twice in the second gap, at the end of the third, none in the fourth; the rest are outside.
    moments["replication"] = [0, 0, 0, 1, 2, 3]
    moments["time"] = [3.0, 6.0, 8.0, 4.0, 3.0, 6.5]
    # Sees: matched across replications, or by time alone.
    assert struck_again(gaps, moments).tolist() == [False, True, True, False, True]
    assert struck_again(gaps[:0], moments[:0]).tolist() == []
    assert struck_again(gaps, moments[:0]).tolist() == [False] * 5
    # A fault in a gap of no length, in a batch without any other.
    assert struck_again(gaps[:0], moments).tolist() == []
