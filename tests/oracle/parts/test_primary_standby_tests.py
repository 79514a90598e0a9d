"""Tests of the failover of a pair of databases: scenes to the second, alike on both simulators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from tests.oracle.parts.pairing import HOUR, NEVER, TIMES
from tests.oracle.parts.standing_by import engine, scene
from tests.oracle.parts.test_primary_standby_scenes import CALL, WORK, recorded, times_of
from tests.oracle.parts.test_vrrp import gaps

if TYPE_CHECKING:
    from pacsim.core import Model

AT = 50_000.0
TESTS = {"every": AT, "outage": Det(600.0), "finds": 1.0, "causes_outage": 0.0}


def drilled(*others: Any, tests: Any = None, **more: Any) -> Model:
    """Return a pair whose failover is tested at 50 000 s, for 600 s."""
    doing = {"times": {**TIMES, "hidden_unmonitored": Det(NEVER), "no_contract": Det(60.0)},
             "failover_tests": {**TESTS, **(tests or {})}}  # fmt: skip
    return scene(*others, doing=doing, **more)


def test_a_test_is_a_planned_outage() -> None:
    """Down from 50 000 to 50 600, database and all, and planned; the primary stays."""
    # Sees: tests that do nothing to a pair of databases; a recovery that the test contains.
    built = drilled(engine())
    for gate in ("db.ok", "index.ok"):
        assert gaps(built, gate, 60_000.0) == [(AT, AT + 600.0)]
    assert gaps(built, "db.active.a", 60_000.0) == []
    assert recorded(built, 60_000.0) == [("planned", False, "automatic", [600.0, 0.0])]


def test_a_test_after_which_service_is_not_back() -> None:
    """It ends with an outage that is put right after an hour, by people."""
    # Sees: an outage that is planned, or that never ends.
    built = drilled(engine(), tests={"causes_outage": 1.0, "outage_repair": Det(HOUR)})
    for gate in ("db.ok", "index.ok"):
        assert gaps(built, gate, 60_000.0) == [(AT, AT + 600.0 + HOUR)]
    broke = built.transitions[built.transition("db/phase.upset")]
    assert broke.is_root


def test_a_test_shows_who_is_down_and_a_copy_that_stopped() -> None:
    """Nobody could take over, so there is no test; who came for it has seen why."""
    # Sees: a test that cannot begin and tells nobody; one that is tried on a copy that has stopped.
    built = drilled(replica_stop=Det(40_000.0), notice=Det(NEVER))
    assert times_of(built, "db/replica-b.looked-at", 60_000.0) == [AT]
    assert gaps(built, "db.in.b", 60_000.0) == [(40_000.0, AT + 500.0)]
    assert gaps(built, "db.ok", 60_000.0) == []
    hands_on = {"fails": Det(40_000.0), "ttr": None, "repair": Det(HOUR)}
    off = drilled(b=hands_on, notice=Det(NEVER))
    assert gaps(off, "db.ok", 60_000.0) == []
    assert times_of(off, "b/hardware.repaired", 60_000.0) == [AT + CALL + 60.0 + HOUR]


@pytest.mark.parametrize("every", [AT, 1e6])
def test_a_test_is_a_proof(every: float) -> None:
    """A switch that nobody has tried fails, one that was tested works for 20 000 s."""
    # Sees: a test that proves nothing; a proof that holds for ever, or is there at the start.
    proven = {"success": 0.0, "success_tested": 1.0, "proven_for": Det(20_000.0)}
    for fails, works in ((60_000.0, every == AT), (80_000.0, False)):
        built = drilled(a={"fails": Det(fails), "ttr": Det(9e4)}, tests={"every": every}, **proven)
        end = fails + 30.0 + (0.0 if works else CALL + WORK)
        assert gaps(built, "db.ok", 90_000.0)[-1] == (fails, end)


def test_a_standby_that_goes_down_in_a_test_proves_nothing() -> None:
    """b breaks while it is tested and is back; the switch at 80 000 s is one nobody has tried."""
    # Sees: a proof without anybody who has taken over.
    built = drilled(
        a={"fails": Det(80_000.0), "ttr": Det(9e4)}, b={"fails": Det(AT + 300.0), "ttr": Det(60.0)},
        success=0.0, success_tested=1.0, proven_for=Det(NEVER), notice=Det(100.0),
    )  # fmt: skip
    assert gaps(built, "db.ok", 90_000.0)[-1] == (80_000.0, 80_030.0 + CALL + WORK)
