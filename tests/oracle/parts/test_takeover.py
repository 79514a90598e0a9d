"""What a takeover does to both members: the old one is fenced and boots, a cold one starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.engines.reference import simulate
from tests.oracle.parts.making import fired, gaps, model, part, practices, role
from tests.oracle.parts.pairing import (
    BACK,
    BROKEN,
    DAY,
    HOUR,
    HUNG,
    NEVER,
    TIMES,
    group,
    only,
    pair,
    server,
)

if TYPE_CHECKING:
    from pacsim.core import Model

FENCE = {"success": 1.0, "takes": 25.0, "split": 0.0}
BOOT = 400.0 + 30.0
"""Reboot and start of a server of these tests."""
DEEP = {"sees": "http"}


def fenced(built: Model, until: float) -> float:
    """Return when the only fencing was over: 34 to 35 s after the fault at 5000."""
    (at,) = fired(built, "pacs/phase.fenced", until)
    assert 5034.0 <= at <= 5035.0
    return at


# -- the member that has been fenced --------------------------------------------------------------


@pytest.mark.parametrize("takes", [25.0, 0.0])
@pytest.mark.parametrize(
    ("a", "otherwise"),
    [(HUNG, 5000.0 + 7200.0 + 630.0), ({"os_crash": Det(5000.0)}, 5000.0 + BOOT)],
    ids=["hung", "crashed"],
)
def test_a_fenced_member_boots(a: Any, otherwise: float, takes: float) -> None:
    """A hang or a crash is over with the reboot of 400 s after fencing, and the start of 30 s."""
    # Sees: a fenced member that hangs on; a crash whose own reboot goes on through the fencing.
    plain = pair(a=a, check=DEEP)
    assert gaps(plain, "a.ok", 14000.0)[0] == (5000.0, otherwise)
    built = pair(a=a, check=DEEP, fencing={**FENCE, "takes": takes})
    (at,) = fired(built, "pacs/phase.fenced" if takes else "pacs/phase.detected", 9e3)
    assert 5009.0 <= at - takes <= 5010.0
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, at + BOOT)]
    only(gaps(built, "pacs.ok", 9000.0), 5000.0, 69.0 + takes, 70.0 + takes)


def test_fencing_that_fails_boots_nobody() -> None:
    """The hang goes on until it is recognised."""
    # Sees: a reset whatever becomes of the fencing.
    built = pair(a=HUNG, check=DEEP, fencing={**FENCE, "success": 0.0})
    assert gaps(built, "a.ok", 14000.0) == [(5000.0, 5000.0 + 7200.0 + 630.0)]


def test_nobody_is_fenced_without_a_standby() -> None:
    """There is nobody for whom the old member must be off."""
    # Sees: a reset as soon as a fault is detected.
    gone = {"fails": Det(4000.0), "ttr": Det(100 * HOUR)}
    built = pair(a=HUNG, b=gone, check=DEEP, fencing={**FENCE, "takes": 0.0})
    assert gaps(built, "a.ok", 14000.0) == [(5000.0, 5000.0 + 7200.0 + 630.0)]


def test_fencing_what_is_dead_changes_nothing() -> None:
    """Broken hardware is mended and boots as without fencing; so does what has no power."""
    # Sees: a server that boots with broken hardware, or without power; a second boot.
    assert gaps(pair(a=BROKEN, fencing=FENCE), "a.ok", 12000.0) == [(5000.0, BACK)]
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    built = pair(mains, pdu, a={"power": ("pdu",)}, fencing=FENCE)
    # Power back after 500 s, boot 300 s, start 30 s; the next cut comes at 10 500.
    assert gaps(built, "a.ok", 10000.0) == [(5000.0, 5830.0)]
    assert fenced(built, 10000.0) < 5500.0


def test_a_member_that_boots_is_set_back() -> None:
    """Power is back at 5010, the boot of 300 s is cut short by the fencing: 400 s from then."""
    # Sees: a boot that goes on through the fencing.
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(10.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    built = pair(mains, pdu, a={"power": ("pdu",)}, fencing=FENCE)
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, fenced(built, 9000.0) + BOOT)]


def test_a_member_that_reboots_begins_again() -> None:
    """Mended at 5010, it would be on at 5410; fenced meanwhile, it reboots from then."""
    # Sees: a reboot that goes on through the fencing.
    built = pair(a={"fails": Det(5000.0), "ttr": Det(10.0)}, fencing=FENCE)
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, fenced(built, 9000.0) + BOOT)]


def test_a_fenced_member_is_no_standby_until_it_is_on() -> None:
    """b breaks while a boots: service is back when a is."""
    # Sees: a fenced member to which one can switch at once.
    built = pair(a=HUNG, b={"fails": Det(5200.0)}, check=DEEP, fencing=FENCE)
    found = gaps(built, "pacs.ok", 9000.0)
    assert found[1:] == [(5200.0, fenced(built, 9000.0) + BOOT)]


def test_the_old_member_serves_after_a_switch_that_failed() -> None:
    """The switch fails after 60 s, people would come 2700 s later; the reboot is over before."""
    # Sees: a hang that lasts until people come.
    built = pair(a=HUNG, check=DEEP, fencing=FENCE, success=0.0)
    assert gaps(built, "pacs.ok", 9000.0) == [(5000.0, fenced(built, 9000.0) + BOOT)]
    assert gaps(built, "pacs.active.a", 9000.0) == []


def test_a_reset_belongs_to_the_fault_that_led_to_it() -> None:
    """The active member is well but cut off: what takes it down is the fault of its switch."""
    # Sees: a fencing that is a root of its own.
    edge = part("switch", "edge", fails=Det(5000.0), ttr=Det(HOUR))
    other = part("switch", "other", fails=Det(NEVER), ttr=Det(HOUR))
    site = part("clients", "site", network=("edge", "other"))
    built = model(
        site, edge, other, server("a", network=("edge",)), server("b", network=("other",)),
        groups=(group(fencing=FENCE),), roles=(role("store", "pacs", used_from=("site",)),),
        down=("a.ok",), doing=practices(times=TIMES),
    )  # fmt: skip
    rows = simulate(built, horizon=8000.0).episodes
    (row,) = rows[rows["observation"] == [o.name for o in built.observations].index("no a.ok")]
    at = fenced(built, 8000.0)
    assert (row["start"], row["end"]) == (at, at + BOOT)
    assert int(row["cause"]) == built.transition("edge/unit.fail")


# -- a cold standby -------------------------------------------------------------------------------


def cold(*others: Any, **more: Any) -> Model:
    """Return a pair whose standby is cold."""
    return pair(*others, standby="cold", **more)


IN_PLACE, AUTOMATIC, BY_PEOPLE, BY_REPAIR = range(4)
SUNDAY = 6 * DAY + 2 * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""


def window(*, rolling: bool) -> dict[str, Any]:
    """Return practices with work of an hour on both servers on the first Sunday of a month."""
    work = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
            "lasts": Det(HOUR), "rolling": rolling}  # fmt: skip
    return {"maintenance": {"patch": work}}


def ends(built: Model, until: float) -> list[int]:
    """Return how each gap of service ended."""
    rows = simulate(built, horizon=until).episodes
    place = [o.name for o in built.observations].index("failover:pacs")
    return [int(row["at_end"]) for row in rows[rows["observation"] == place]]


def test_a_cold_standby_starts() -> None:
    """Detection, fencing, switchover, and the start of 30 s; a warm one runs already."""
    # Sees: a start that costs nothing; a start before the switchover is over.
    for standby, start in (("warm", 0.0), ("cold", 30.0)):
        built = pair(a=BROKEN, fencing=FENCE, standby=standby)
        only(gaps(built, "pacs.ok", 9e3), 5000.0, 94.0 + start, 95.0 + start)
    without = cold(a=BROKEN)
    only(gaps(without, "pacs.ok", 9e3), 5000.0, 99.0, 100.0)


def test_the_start_of_a_cold_standby_is_part_of_the_switch() -> None:
    """All of it is recorded as switching, and ends automatically."""
    # Sees: a start counted as a decision.
    built = cold(a=BROKEN)
    rows = simulate(built, horizon=9000.0).episodes
    place = [o.name for o in built.observations].index("failover:pacs")
    (row,) = rows[rows["observation"] == place]
    assert [float(x) for x in row["phases"][1:3]] == [0.0, 90.0]
    assert int(row["at_end"]) == AUTOMATIC


def test_failback_to_a_cold_first_member() -> None:
    """a is ready when its host is on, at 9000; back to it takes the switch and the start."""
    # Sees: a cold standby that has to have started before it may take over.
    built = cold(a=BROKEN, failback=("at_once", None))
    assert gaps(built, "pacs.ok", 9900.0)[1:] == [(9000.0, 9000.0 + 60.0 + 30.0)]
    assert ends(built, 9900.0) == [AUTOMATIC, AUTOMATIC]


def test_rolling_work_on_a_cold_pair() -> None:
    """The standby first, then a move of 60 s and a start of 30 s, then the other."""
    # Sees: work that waits for a standby that never serves.
    built = cold(doing=window(rolling=True), check={"sees": "tcp"})
    assert fired(built, "b/patch.patch-begin", 10 * DAY) == [SUNDAY]
    assert gaps(built, "pacs.ok", 10 * DAY) == [(SUNDAY + HOUR, SUNDAY + HOUR + 90.0)]
    assert ends(built, 10 * DAY) == [AUTOMATIC]


def test_work_on_a_cold_standby_that_starts() -> None:
    """a breaks 85 s before the work, b starts 15 s before: it starts again after it, in place."""
    # Sees: work taken for a start that failed, for which people are called.
    built = cold(a={**BROKEN, "fails": Det(SUNDAY - 85.0)}, doing=window(rolling=False))
    assert fired(built, "pacs/phase.not-started", 10 * DAY) == []
    assert gaps(built, "pacs.ok", 10 * DAY) == [(SUNDAY - 85.0, SUNDAY + HOUR + 30.0)]
    assert ends(built, 10 * DAY) == [IN_PLACE]


def test_people_start_a_cold_standby() -> None:
    """After a switch that failed: 900 s to call, 1800 s of work, then the start."""
    # Sees: people who need no start; service that is taken to be back before it is.
    built = cold(a=BROKEN, success=0.0)
    only(gaps(built, "pacs.ok", 8900.0), 5000.0, 69.0 + 2730.0, 70.0 + 2730.0)
    assert ends(built, 8900.0) == [BY_PEOPLE]


def test_a_cold_standby_that_can_be_reached_again_starts() -> None:
    """Nobody to switch to at 5010; b can be reached from 6000 on and starts for 30 s."""
    # Sees: service that is taken to be back before it is.
    near = part("switch", "near", fails=Det(NEVER), ttr=Det(HOUR))
    far = part("switch", "far", fails=Det(4000.0), ttr=Det(2000.0))
    site = part("clients", "site", network=("near", "far"))
    built = model(
        site, near, far, server("a", **BROKEN, network=("near",)),
        server("b", network=("far",)), groups=(group(standby="cold"),),
        roles=(role("store", "pacs", used_from=("site",)),), down=("pacs.ok",),
        doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "pacs.ok", 8000.0) == [(5000.0, 6030.0)]
    assert ends(built, 8000.0) == [BY_REPAIR]


def test_a_cold_standby_that_breaks_while_it_starts() -> None:
    """b runs from the switch on and breaks 10 s later; a, mended, starts at 9000."""
    # Sees: a start that ends on a broken server, or is waited for until that is mended.
    built = cold(a=BROKEN, b={"fails": Det(10.0)})
    (lost,) = fired(built, "pacs/phase.not-started", 9500.0)
    assert 5079.0 <= lost <= 5080.0
    assert gaps(built, "pacs.ok", 9035.0)[0] == (5000.0, 9030.0)
    assert ends(built, 9035.0)[0] == BY_REPAIR


def test_the_old_member_of_a_cold_pair_is_stopped() -> None:
    """Cut off and not fenced, a stops as b takes over; it starts again when it has to serve."""
    # Sees: a member that goes on running, so that going back would cost no start.
    edge = part("switch", "edge", fails=Det(5000.0), ttr=Det(HOUR))
    later = part("switch", "later", fails=Det(20000.0), ttr=Det(HOUR))
    site = part("clients", "site", network=("edge", "later"))
    built = model(
        site, edge, later, server("a", network=("edge",)), server("b", network=("later",)),
        groups=(group(standby="cold"),), roles=(role("store", "pacs", used_from=("site",)),),
        down=("role.store", "a.ok"), doing=practices(times=TIMES),
    )  # fmt: skip
    first, second = gaps(built, "role.store", 21000.0)
    assert 99.0 <= first[1] - first[0] <= 100.0
    assert second[0] == 20000.0
    assert 99.0 <= second[1] - second[0] <= 100.0
    # Stopped when the switch is over, started when the next one is.
    assert gaps(built, "a.ok", 21000.0) == [(first[1] - 30.0, second[1])]


def test_a_database_moves_with_a_cold_standby() -> None:
    """The switchover contains its recovery; it is up as soon as the application has started."""
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    built = model(
        server("a", **BROKEN), server("b"), data, groups=(group(standby="cold"),),
        roles=(role("store", "pacs", "db"),), down=("role.store",), doing=practices(times=TIMES),
    )  # fmt: skip
    only(gaps(built, "role.store", 8000.0), 5000.0, 99.0, 100.0)


@pytest.mark.parametrize(("standby", "gap"), [("hot", 1530.0), ("warm", 1530.0), ("cold", 100.0)])
def test_a_release_takes_what_runs(standby: str, gap: float) -> None:
    """Hot and warm, both applications are dead until 900 + 600 + 30 s; a cold one takes over."""
    # Sees: a crash of an application that is not running; a warm one spared.
    soft = {"software": {"crash": Det(5000.0)}}
    common = {"software": 0.5, "hardware": 0.0}
    built = pair(a=soft, b=soft, check={"sees": "tcp"}, common=common, standby=standby)
    # The shock comes at 10 000 s.
    only(gaps(built, "pacs.ok", 12000.0), 10000.0, gap - 1.0 if standby == "cold" else gap, gap)
