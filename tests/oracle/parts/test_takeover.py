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
    EXACT,
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

FENCE = {"success": 1.0, "takes": 25.0}
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
    """b breaks while a boots: once a is on, the check, the fencing of b and the switch to a."""
    # Sees: a fenced member to which one can switch at once.
    built = pair(a=HUNG, b={"fails": Det(5200.0)}, check=DEEP, fencing=FENCE)
    found, first = gaps(built, "pacs.ok", 9000.0), fired(built, "pacs/phase.fenced", 9000.0)[0]
    only(found[1:], 5200.0, first + BOOT + 94.0 - 5200.0, first + BOOT + 95.0 - 5200.0)


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
    """b can be reached from 6000 on: then the check, the switch of 60 s, the start of 30 s."""
    # Sees: service that is taken to be back before it is; a switch to what nobody reaches.
    near = part("switch", "near", fails=Det(NEVER), ttr=Det(HOUR))
    far = part("switch", "far", fails=Det(4000.0), ttr=Det(2000.0))
    site = part("clients", "site", network=("near", "far"))
    built = model(
        site, near, far, server("a", **BROKEN, network=("near",)),
        server("b", network=("far",)), groups=(group(standby="cold"),),
        roles=(role("store", "pacs", used_from=("site",)),), down=("pacs.ok",),
        doing=practices(times=TIMES),
    )  # fmt: skip
    only(gaps(built, "pacs.ok", 8000.0), 5000.0, 1099.0, 1100.0)
    assert ends(built, 8000.0) == [AUTOMATIC]


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


# -- which of several members serves --------------------------------------------------------------


@pytest.mark.parametrize("back", [10000.0, 11500.0, 13500.0], ids=["failed", "working", "stranded"])
@pytest.mark.parametrize("standby", ["hot", "warm", "cold"])
def test_the_active_member_stays_when_all_are_good_at_once(standby: str, back: float) -> None:
    """a breaks and b takes over; the switch of both is lost at 9500, a could serve from 9030 on.

    Detected at 9510, called at 10 410, done at 12 210: b serves as soon as the switch is back.
    """
    # Sees: a running member that is dropped for the first by name, in a cold group one to start.
    core = part("switch", "core", fails=Det(9500.0), ttr=Det(back - 9500.0))
    site = part("clients", "site", network=("core",))
    soft = {"software": {"start": Det(30.0)}}
    built = model(
        site, core, server("a", **BROKEN, **soft, network=("core",)),
        server("b", **soft, network=("core",)), groups=(group(standby=standby),),
        roles=(role("store", "pacs", used_from=("site",)),), down=("pacs.ok", "pacs.active.a"),
        doing=practices(times=TIMES),
    )  # fmt: skip
    first, second = gaps(built, "pacs.ok", back + 50.0)
    start = 30.0 if standby == "cold" else 0.0
    assert 69.0 + start <= first[1] - first[0] <= 70.0 + start
    assert second == (9500.0, back)
    assert gaps(built, "pacs.active.a", back + 50.0) == [(first[1] - start, back + 50.0)]


@pytest.mark.parametrize("lasts", [600.0, 4000.0], ids=["failed", "stranded"])
@pytest.mark.parametrize("standby", ["warm", "cold"])
def test_no_other_member_is_taken_while_the_active_one_starts(standby: str, lasts: float) -> None:
    """Power back: a boots 300 s and starts 600 s, b is on after 850 s."""
    # Sees: a start of the active member that is given up 50 s before its end.
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(lasts))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    slow = {"software": {"start": Det(600.0)}, "power": ("pdu",)}
    b = {**slow, "boot_after_power": Det(850.0)}
    built = pair(mains, pdu, a=slow, b=b, standby=standby)
    until = 5000.0 + lasts + 2000.0
    assert gaps(built, "pacs.ok", until) == [(5000.0, 5000.0 + lasts + 300.0 + 600.0)]
    assert gaps(built, "pacs.active.a", until) == []


def test_another_member_is_taken_when_the_active_one_starts_out_of_reach() -> None:
    """a is on at 5900 and starts for 3000 s, but its clients are cut off: b, on at 6450, starts."""
    # Sees: a start that is waited for though it ends in no service.
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(600.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    near = part("switch", "near", fails=Det(4999.0), ttr=Det(20000.0))
    far = part("switch", "far", fails=Det(NEVER), ttr=Det(HOUR))
    site = part("clients", "site", network=("near", "far"))
    a = server("a", power=("pdu",), network=("near",), software={"start": Det(3000.0)})
    b = server("b", power=("pdu",), network=("far",), boot_after_power=Det(850.0))
    built = model(
        mains, pdu, site, near, far, a, b, groups=(group(standby="cold"),),
        roles=(role("store", "pacs", used_from=("site",)),), down=("pacs.ok",),
        doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "pacs.ok", 8000.0) == [(4999.0, 5600.0 + 850.0 + 30.0)]


def test_people_leave_an_active_member_that_starts() -> None:
    """The fenced a boots 400 s and starts 3000 s; people, done 2700 s after the switch, wait."""
    # Sees: people who stop what is starting for a standby that has to start, too.
    slow = {"software": {"start": Det(3000.0)}}
    a = {"software": {**HUNG["software"], **slow["software"]}}
    built = cold(a=a, b=slow, check=DEEP, fencing=FENCE, success=0.0)
    (done,) = fired(built, "pacs/phase.worked", 9000.0)
    at = fenced(built, 9000.0)
    assert done == pytest.approx(at + 60.0 + 900.0 + 1800.0, abs=EXACT)
    assert gaps(built, "pacs.ok", 9000.0) == [(5000.0, at + 400.0 + 3000.0)]
    assert gaps(built, "pacs.active.a", 9000.0) == []


# -- what a fencing that failed bars --------------------------------------------------------------

UNFENCED = {**FENCE, "success": 0.0, "takes": 0.0}


def test_a_bar_ends_with_the_people() -> None:
    """People start b at 7710; it breaks 10 s later; a, mended at 7520, is on at 7920 and starts."""
    # Sees: a bar that outlives the people and then protects the wrong member.
    a = {**BROKEN, "ttr": Det(2520.0)}
    built = cold(a=a, b={"fails": Det(10.0), "ttr": Det(40 * HOUR)}, fencing=UNFENCED)
    (done,) = fired(built, "pacs/phase.worked", 9000.0)
    assert 7709.0 <= done <= 7710.0
    assert fired(built, "pacs/phase.not-started", 9000.0) == [pytest.approx(done + 10.0)]
    assert gaps(built, "pacs.ok", 7960.0) == [(5000.0, 7950.0)]


def test_a_bar_ends_with_people_who_found_nobody() -> None:
    """b, without storage from 5100 to 8000, is started then, breaks 10 s later; a is on at 8700."""
    # Sees: a bar that is left by people after whom a member serves by itself.
    near = part("switch", "near", fails=Det(NEVER), ttr=Det(HOUR))
    far = part("switch", "far", fails=Det(5100.0), ttr=Det(2900.0))
    array = part("component", "array", fails=Det(NEVER), ttr=Det(1.0), network=("near", "far"))
    stored = {"storage": ("array",)}
    built = model(
        near, far, array,
        server("a", fails=Det(5000.0), ttr=Det(3300.0), network=("near",), **stored),
        server("b", fails=Det(10.0), ttr=Det(40 * HOUR), network=("far",), **stored),
        groups=(group(standby="cold", fencing=UNFENCED),), down=("pacs.ok",),
        doing=practices(times=TIMES),
    )  # fmt: skip
    assert fired(built, "pacs/phase.take-b", 8735.0) == [8000.0]
    assert gaps(built, "pacs.ok", 8735.0) == [(5000.0, 8730.0)]


# -- shares of faults that nobody shares ----------------------------------------------------------


def bare(name: str) -> Any:
    """Return a quiet server without an application of its own."""
    return part("server", name, fails=Det(NEVER), ttr=Det(HOUR), reboot=Det(400.0),
                boot_after_power=Det(300.0))  # fmt: skip


def test_one_application_shares_no_fault() -> None:
    """Only a has an application: it crashes every 5000 s, found after 900 s, 630 s of work."""
    # Sees: a share that is taken from the one member that could crash, and given to no shock.
    built = model(
        server("a", software={"crash": Det(5000.0)}), bare("b"),
        groups=(group(common={"software": 0.5, "hardware": 0.0}, check={"sees": "tcp"}),),
        roles=(role("store", "pacs"),), down=("a.ok", "pacs.ok"), doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "a.ok", 9000.0) == [(5000.0, 6530.0)]
    only(gaps(built, "pacs.ok", 9000.0), 5000.0, 69.0, 70.0)


def test_two_applications_of_three_share_their_faults() -> None:
    """b and c crash together at 5000 / 0.8 s; by themselves at 5000 / 0.2 s."""
    # Sees: a shock at the rate of a member that has no application.
    soft = {"software": {"crash": Det(5000.0)}}
    built = model(
        bare("a"), server("b", **soft), server("c", **soft),
        groups=(group(members=("a", "b", "c"), common={"software": 0.8, "hardware": 0.0}),),
        roles=(role("store", "pacs"),), down=("b.ok", "c.ok"), doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "b.ok", 9000.0) == gaps(built, "c.ok", 9000.0) == [(6250.0, 7780.0)]
