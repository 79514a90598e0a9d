"""Faults of a member that does not serve: nobody feels them, and nobody calls."""

from __future__ import annotations

from typing import Any

import pytest

from pacsim.delays import Deterministic as Det
from tests.oracle.parts.making import gaps, part
from tests.oracle.parts.pairing import HOUR, LATE, NEVER, TIMES, happened, only, pair

DEAD = {"software": {"crash": Det(2000.0)}}
HUNG = {"software": {"crash": Det(2000.0), "hang_share": 1.0}}
BROKEN = {"fails": Det(2000.0), "ttr": None, "repair": Det(HOUR)}
FIRST = {"crash": Det(NEVER)}
AFTER = {"dead": 630.0, "hung": 630.0, "broken": 1.0 + HOUR + 430.0}
"""From when a fault of b is known until b is good: by hand and start, or supplied, mended, booted."""
SOON = {**TIMES, "no_contract": Det(1.0)}
FAULTS = pytest.mark.parametrize(
    ("kind", "b"),
    [("dead", DEAD), ("hung", HUNG), ("broken", BROKEN)],
    ids=["dead", "hung", "broken"],
)


@FAULTS
def test_nobody_calls_about_an_idle_member(kind: str, b: Any) -> None:
    """Found by chance after 9000 s, and not after the 900 s of a call or the 7200 s of a hang."""
    # Sees: users who call about a member that does not serve them.
    built = pair(b=b, doing={"times": SOON}, check={"sees": "tcp"})
    assert gaps(built, "b.ok", 19000.0)[0] == (2000.0, 2000.0 + LATE + AFTER[kind])
    assert gaps(built, "pacs.ok", 13000.0) == []


@FAULTS
def test_monitoring_finds_a_hidden_fault(kind: str, b: Any) -> None:
    """Monitored it is found after `hidden`, be it ever so long after an alert."""
    # Sees: an alert that is as good as for what serves.
    times = {**SOON, "alert": Det(60.0), "hidden": Det(4000.0)}
    seen = {"finds": ("hung_service",)}
    built = pair(b=b, doing={"times": times, "monitoring": seen})
    assert gaps(built, "b.ok", 11000.0)[0] == (2000.0, 6000.0 + AFTER[kind])


@FAULTS
def test_an_idle_fault_is_felt_when_the_member_is_needed(kind: str, b: Any) -> None:
    """a breaks at 5000 for good: b is needed, and tried if it looks able; then it is a fault like any.

    What is off cannot look able; a dead or hung application does, so a switch of 60 s fails first.
    """
    # Sees: an outage with nobody to switch to that lasts until somebody happens to look.
    after = 7200.0 if kind == "hung" else 900.0
    built = pair(
        a={"fails": Det(5000.0), "ttr": Det(NEVER)},
        b=b,
        doing={"times": {**SOON, "hidden_unmonitored": Det(1e6)}},
        check={"sees": "tcp"},
    )
    felt = {"dead": "b/application.stuck-felt", "hung": "b/application.hung-felt",
            "broken": "b/hardware.failed-felt"}  # fmt: skip
    ((name, at),) = happened(built, 15000.0, felt[kind])
    assert name == felt[kind]
    low = 5000.0 if kind == "broken" else 5069.0
    assert low <= at <= low + (kind != "broken")
    good = at + after + AFTER[kind]
    assert gaps(built, "b.ok", 15000.0)[0] == (2000.0, good)
    # After the try people are there, and b serves as it is good; else it is found and switched to.
    more = 69.0 if kind == "broken" else 0.0
    only(gaps(built, "pacs.ok", 15000.0)[:1], 5000.0, good + more - 5000.0, good + more - 4999.0)


def test_what_was_felt_stays_known() -> None:
    """a dies at 5000 and b takes over: somebody felt that, and calls though service is back."""
    # Sees: a call given up because the switch was quick.
    built = pair(a={"software": {"crash": Det(5000.0)}}, check={"sees": "tcp"})
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, 5000.0 + 900.0 + 630.0)]


def test_a_watchdog_that_fails_on_an_idle_member() -> None:
    """Dead at 2000, started again at 2050 in vain: found 9000 s after that."""
    # Sees: a restart in vain that calls somebody at once.
    dog = {"crash": Det(2000.0), "watchdog": Det(20.0), "watchdog_cures": 0.0}
    built = pair(b={"software": dog}, restart_first=1)
    assert gaps(built, "b.ok", 19000.0)[0] == (2000.0, 2050.0 + LATE + 630.0)


def test_a_supply_of_an_idle_member() -> None:
    """One feed, one supply: its fault at 2000 takes b down, unfelt; mended 3600 s after it is found."""
    # Sees: a call about a supply of a member that does not serve.
    mains = part("utility", "mains", outages=Det(NEVER), duration=Det(1.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    fed = {"power": ("pdu",), "psu": Det(2000.0), "psu_repair": Det(HOUR)}
    built = pair(mains, pdu, b=fed, doing={"times": SOON})
    # After the supply a boot of 300 s and a start of 30 s.
    assert gaps(built, "b.ok", 16000.0)[0] == (2000.0, 2000.0 + LATE + 1.0 + HOUR + 330.0)
