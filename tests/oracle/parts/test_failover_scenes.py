"""Failover groups: detection, fencing, switches, people and databases as scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Deterministic as Det
from pacsim.engines.reference import simulate
from pacsim.parts import failover
from tests.oracle.parts.making import (
    fired,
    gaps,
    model,
    part,
    practices,
    role,
)
from tests.oracle.parts.pairing import (
    BACK,
    BROKEN,
    DEAD,
    HOUR,
    HUNG,
    NEVER,
    TIMES,
    group,
    only,
    pair,
    paired,
    server,
)
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.parts.values import Part


def test_detection_law() -> None:
    """The tenth miss comes (10 - 1 + U) intervals after the fault, and 10 time-outs later."""
    # Sees: fall intervals in place of fall - 1 + U.
    built = pair(a={"fails": Det(5000.0)}, check={"every": 4.0, "timeout": 2.5})
    waits = np.array([gaps(built, "pacs.ok", 5500.0, first=k)[0][1] for k in range(300)])
    waits -= 5000.0 + 60.0 + 10 * 2.5
    assert 36.0 <= waits.min() < 36.2
    assert 39.8 < waits.max() <= 40.0
    agrees(float(waits.mean()), 4.0 / np.sqrt(12 * 300), 38.0)


def test_time_out_only_without_an_answer() -> None:
    """A dead process refuses at once; a hung one is silent until the time-out."""
    # Sees: a time-out for every fault.
    check = {"sees": "http", "timeout": 3.0}
    only(gaps(pair(a=DEAD, check=check), "pacs.ok", 5999.0), 5000.0, 69.0, 70.0)
    only(gaps(pair(a=HUNG, check=check), "pacs.ok", 5999.0), 5000.0, 99.0, 100.0)


@pytest.mark.parametrize("sees", ["host", "tcp", "http", "c_echo", "c_store"])
def test_depth_of_the_check(sees: str) -> None:
    """Host sees neither a dead nor a hung process, tcp only a dead one, deeper ones both."""
    # Sees: a tcp check that sees a hang; a host check that sees a dead process.
    check = {"sees": sees}
    found = gaps(pair(a=DEAD, check=check), "pacs.ok", 9999.0)
    if sees == "host":
        # Users call after 900 s, the restart by hand takes 600, the start 30.
        only(found, 5000.0, 1530.0, 1530.0)
    else:
        only(found, 5000.0, 69.0, 70.0)
    found = gaps(pair(a=HUNG, check=check), "pacs.ok", 15000.0)
    if sees == "host":
        only(found, 5000.0, 7200.0 + 630.0, 7200.0 + 630.0)
    elif sees == "tcp":
        # Recognised after 7200 s and stopped: then the check sees it.
        only(found, 5000.0, 7200.0 + 69.0, 7200.0 + 70.0)
    else:
        only(found, 5000.0, 69.0, 70.0)


@pytest.mark.parametrize("sees", ["c_echo", "c_store"])
def test_check_sees_storage(sees: str) -> None:
    """Only the deepest check sees that the active member cannot reach its array."""
    # Sees: storage left out of the deepest check.
    switch = part("switch", "san", fails=Det(5000.0), ttr=Det(HOUR))
    spare = part("switch", "san-b", fails=Det(NEVER), ttr=Det(HOUR))
    array = part("component", "array", fails=Det(NEVER), ttr=Det(1.0), network=("san", "san-b"))
    storage = {"storage": ("array",)}
    built = pair(
        switch, spare, array, a={**storage, "network": ("san",)},
        b={**storage, "network": ("san-b",)}, check={"sees": sees},
    )  # fmt: skip
    found = gaps(built, "pacs.ok", 9999.0)
    only(found, 5000.0, *((69.0, 70.0) if sees == "c_store" else (HOUR, HOUR)))


def test_restart_first() -> None:
    """A dead process is started again on its node, unless the group fails over first."""
    # Sees: a restart that the check takes for a fault.
    dog = {"software": {**DEAD["software"], "watchdog": Det(20.0)}}
    tcp = {"sees": "tcp"}
    again = pair(a=dog, check=tcp, restart_first=1)
    assert gaps(again, "pacs.ok", 9999.0) == [(5000.0, 5050.0)]
    only(gaps(pair(a=dog, check=tcp, restart_first=0), "pacs.ok", 9999.0), 5000.0, 69.0, 70.0)
    stays = {"software": {**dog["software"], "watchdog_cures": 0.0}}
    only(gaps(pair(a=stays, check=tcp, restart_first=1), "pacs.ok", 9999.0), 5000.0, 119.0, 120.0)


def test_the_address_is_nobodys_while_it_moves() -> None:
    """The old member's until the check has found it, nobody's in the switch, then the new one's."""
    # Sees: an owner only while it is good; one in the middle of a switch.
    owners = ("pacs.owner.a", "pacs.owner.b")
    built, _ = paired(group(), a=BROKEN, down=owners)
    ((lost, end),) = gaps(built, owners[0], 9000.0)
    ((start, taken),) = gaps(built, owners[1], 9000.0)
    assert (start, end) == (0.0, 9000.0)
    assert 5009.0 <= lost <= 5010.0
    assert taken == pytest.approx(lost + 60.0, abs=1e-6)
    # Nobody takes over in vain: the address leads to who was active, and people come there.
    ((lost, taken),) = gaps(paired(group(success=0.0), a=BROKEN, down=owners)[0], owners[0], 6000.0)
    assert taken == pytest.approx(lost + 60.0, abs=1e-6)


def test_short_fault_heals_before_detection() -> None:
    """A process back within the nine seconds that the check waits costs its own time only."""
    quick = {"software": {"crash": Det(5000.0), "start": Det(3.0), "manual_restart": Det(1.0)}}
    built = model(
        server("a", **quick), server("b"), groups=(group(check={"sees": "tcp"}),),
        down=("pacs.ok",), doing=practices(times={**TIMES, "call": Det(2.0)}),
    )  # fmt: skip
    assert gaps(built, "pacs.ok", 5050.0) == [(5000.0, 5006.0)]
    assert fired(built, "pacs/phase.switched", 5050.0) == []


def test_first_good_member_serves() -> None:
    """A switch finds nobody: people come, but the target is good before they are done."""
    # Sees: a member that waits for people though it is good.
    slow = {"times": {**TIMES, "manual_failover": Det(1e5)}}
    built = model(
        server("a", **BROKEN), server("b", software={"crash": Det(5040.0)}),
        groups=(group(),), down=("pacs.ok",), doing=practices(**slow),
    )  # fmt: skip
    # b's process dies during the switch, which shows as it ends; it is back 900 + 600 + 30 s later.
    only(gaps(built, "pacs.ok", 9029.0), 5000.0, 69.0 + 1530.0, 70.0 + 1530.0)


def test_people_after_a_failed_switch() -> None:
    """A refused standby serves once people have been there: 900 s to call, 1800 s of work."""
    # Sees: a refused standby that serves at once.
    found = gaps(pair(a=BROKEN, success=0.0), "pacs.ok", BACK)
    only(found, 5000.0, 69.0 + 2700.0, 70.0 + 2700.0)


def test_procedures() -> None:
    """Without a written procedure people take longer by a factor."""
    # Sees: the factor left out.
    doing = {"procedures": "none"}
    times = {**TIMES, "no_procedure": 1.5}
    built = model(
        server("a", **BROKEN), server("b"), groups=(group(success=0.0),), down=("pacs.ok",),
        doing=practices(times=times, **doing),
    )  # fmt: skip
    found = gaps(built, "pacs.ok", BACK)
    only(found, 5000.0, 69.0 + 900.0 + 2700.0, 70.0 + 900.0 + 2700.0)


def test_fencing_that_fails_stops_the_switch() -> None:
    """The standby is good, but nobody serves before people have been there, or the old member."""
    # Sees: a standby that serves at once although the old member may still write.
    fencing = {"success": 0.0, "takes": 0.0}
    late = {"doing": {"times": {**TIMES, "manual_success": 1.0}}}
    found = gaps(pair(a=BROKEN, fencing=fencing, **late), "pacs.ok", 8000.0)
    only(found, 5000.0, 9.0 + 900.0 + 1800.0, 10.0 + 900.0 + 1800.0)
    # The old member is back after 1000 s and a reboot: it serves by itself.
    short = {**BROKEN, "ttr": Det(1000.0)}
    only(gaps(pair(a=short, fencing=fencing, **late), "pacs.ok", 8000.0), 5000.0, 1430.0, 1430.0)


def test_a_store_check_does_not_stop_a_recovery() -> None:
    """Nobody to switch to, a check every 9 to 10 s, a recovery of 200 s: it ends."""
    # Sees: a recovery that begins anew at each check, for ever.
    data = part("database", "db", runs_on="pacs", crash=Det(20000.0), recovery=Det(200.0))
    gone = {"fails": Det(4000.0), "ttr": Det(200 * HOUR)}
    built = model(
        server("a"), server("b", **gone), data,
        groups=(group(check={"sees": "c_store"}, standby="hot"),),
        roles=(role("store", "pacs", "db"),), down=("role.store", "pacs.hosting"),
        doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "role.store", 30000.0) == [(20000.0, 20200.0)]
    assert gaps(built, "pacs.hosting", 30000.0) == []


def test_a_member_that_heals_before_detection_is_back_in_place() -> None:
    """After one failover the new member reboots in place: its database recovers, as in place."""
    # Sees: a memory of the first failover, which would spare the database its recovery.
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(2000.0))
    later = {"os_crash": Det(30000.0), "reboot": Det(100.0)}
    built = model(
        server("a", **{**BROKEN, "fails": Det(5000.0), "ttr": Det(100 * HOUR)}),
        server("b", **later), data, groups=(group(check={"every": 60.0}),),
        roles=(role("store", "pacs", "db"),), down=("role.store",), doing=practices(times=TIMES),
    )  # fmt: skip
    second = gaps(built, "role.store", 40000.0)[1]
    assert second == (30000.0, 30000.0 + 100.0 + 2000.0)
    found = simulate(built, horizon=40000.0).episodes
    place = [o.name for o in built.observations].index("failover:pacs")
    rows = found[found["observation"] == place]
    assert [failover.HOW[int(row["at_end"])] for row in rows] == ["automatic", "in_place"]


def test_a_refused_member_is_mended() -> None:
    """A switch at 5000 fails; the old member is back after a minute, the other is put right later."""
    # Sees: a standby that nobody ever puts right, so that the next fault finds nobody.
    short = {"fails": Det(5000.0), "ttr": Det(60.0), "reboot": Det(10.0)}
    built = pair(a=short, success=0.0)
    back = 5000.0 + 60.0 + 10.0 + 30.0
    assert fired(built, "pacs/trust-b.noticed", 9000.0) == [pytest.approx(back + 900.0, abs=1e-6)]
    mended = fired(built, "pacs/trust-b.mended", 9000.0)
    assert mended == [pytest.approx(back + 900.0 + 1800.0, abs=1e-6)]


def test_fencing_takes_time() -> None:
    """Fencing comes between detection and switch."""
    fencing = {"success": 1.0, "takes": 25.0}
    only(gaps(pair(a=BROKEN, fencing=fencing), "pacs.ok", 9e3), 5000.0, 94.0, 95.0)


def test_failback() -> None:
    """Never: one gap. At once: a planned one as soon as the first member is good again."""
    # Sees: a failback that does not cost the switch.
    never = pair(a=BROKEN)
    only(gaps(never, "pacs.ok", 9900.0), 5000.0, 69.0, 70.0)
    assert gaps(never, "pacs.active.a", 9900.0)[0][1] == 9900.0
    found = gaps(pair(a=BROKEN, failback=("at_once", None)), "pacs.ok", 9900.0)
    only(found[:1], 5000.0, 69.0, 70.0)
    assert found[1:] == [(BACK, BACK + 60.0)]


def test_lost_path_fails_over() -> None:
    """A group that no client reaches on one member moves to the other."""
    # Sees: paths left out of the check.
    edge = part("switch", "edge", fails=Det(5000.0), ttr=Det(HOUR))
    other = part("switch", "other", fails=Det(NEVER), ttr=Det(HOUR))
    site = part("clients", "site", network=("edge", "other"))
    built = model(
        site, edge, other, server("a", network=("edge",)), server("b", network=("other",)),
        groups=(group(),), roles=(role("store", "pacs", used_from=("site",)),),
        down=("role.store",), doing=practices(times=TIMES),
    )  # fmt: skip
    only(gaps(built, "role.store", 8000.0), 5000.0, 69.0, 70.0)


def behind_one(*others: Part, out: float, a: Any, **more: Any) -> Model:
    """Return a pair that clients reach over one switch only, which is out for an hour."""
    core = part("switch", "core", fails=Det(out), ttr=Det(HOUR))
    site = part("clients", "site", network=("core",))
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    return model(
        site, core, *others, data, server("a", network=("core",), **a),
        server("b", network=("core",)), groups=(group(**more),),
        roles=(role("store", "pacs", "db", used_from=("site",)),),
        down=("role.store", "pacs.hosting", "db.ok", "pacs.active.a"), doing=practices(times=TIMES),
    )  # fmt: skip


@pytest.mark.parametrize("sees", ["host", "c_store"])
def test_a_path_that_all_lose_moves_nothing(sees: str) -> None:
    """Clients are cut off for an hour: nobody is called, nothing moves, the database runs on."""
    # Sees: a group that gives up because of a path that no member has.
    built = behind_one(out=5000.0, a={}, check={"sees": sees})
    assert gaps(built, "role.store", 9900.0) == [(5000.0, 5000.0 + HOUR)]
    for gate in ("pacs.hosting", "db.ok", "pacs.active.a"):
        assert gaps(built, gate, 9900.0) == []
    assert fired(built, "pacs/phase.noticed", 9900.0) == []


def test_a_fault_while_all_are_cut_off_moves_the_service() -> None:
    """Cut off as well, b has its application and a has not: b serves when the path is back."""
    # Sees: a fault that is waited out because no member can be reached; a switch that then fails.
    built = behind_one(out=5000.0, a={"software": {"crash": Det(5500.0)}}, check={"sees": "tcp"})
    assert gaps(built, "role.store", 9900.0) == [(5000.0, 5000.0 + HOUR)]
    ((left, _),) = gaps(built, "pacs.active.a", 9900.0)
    assert 5569.0 <= left <= 5570.0
    assert fired(built, "pacs/phase.noticed", 9900.0) == []


def test_a_fault_before_all_are_cut_off() -> None:
    """a dies at 4995, the path goes at 5000, within the check: the switch is carried out."""
    # Sees: a switch given up, for which people are called.
    built = behind_one(out=5000.0, a={"software": {"crash": Det(4995.0)}}, check={"sees": "tcp"})
    assert gaps(built, "role.store", 9900.0) == [(4995.0, 5000.0 + HOUR)]
    assert fired(built, "pacs/phase.noticed", 9900.0) == []


def test_people_start_a_member_that_nobody_reaches() -> None:
    """A switch to b fails at 6069, clients are cut off from 7000 to 10600: people start b at 8769.

    The database runs from then on, and service is back with the path.
    """
    # Sees: people who wait for the path of the clients; a database that is down as long as that.
    built = behind_one(out=7000.0, a={"fails": Det(6000.0), "ttr": Det(30000.0)}, success=0.0)
    for gate in ("pacs.hosting", "db.ok"):
        only(gaps(built, gate, 10500.0), 6000.0, 2769.0, 2770.0)
    assert gaps(built, "role.store", 12000.0) == [(6000.0, 7000.0 + HOUR)]
    ((left, _),) = gaps(built, "pacs.active.a", 12000.0)
    assert 8769.0 <= left <= 8770.0


def test_a_cut_of_the_power_of_all_calls_nobody() -> None:
    """Both dark for 500 s, then a boot of 300 s and a start of 30 s in place."""
    # Sees: people who are called to a group none of whose members could serve.
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    feed = {"power": ("pdu",)}
    built = pair(mains, pdu, a=feed, b=feed, doing={"times": {**TIMES, "call": Det(60.0)}})
    assert gaps(built, "pacs.ok", 9900.0) == [(5000.0, 5830.0)]
    assert fired(built, "pacs/phase.noticed", 9900.0) == []
    assert gaps(built, "pacs.active.a", 9900.0) == []


def test_database_on_a_group() -> None:
    """A switchover contains the recovery; a crash on a healthy node recovers in place."""
    # Sees: a second recovery after the switch.
    for crash, low, high in ((NEVER, 69.0, 70.0), (5000.0, 200.0, 200.0)):
        data = part("database", "db", runs_on="pacs", crash=Det(crash), recovery=Det(200.0))
        built = model(
            server("a", **(BROKEN if crash == NEVER else {})), server("b"), data, groups=(group(),),
            roles=(role("store", "pacs", "db"),), down=("role.store",),
            doing=practices(times=TIMES),
        )  # fmt: skip
        only(gaps(built, "role.store", 8000.0), 5000.0, low, high)


def test_database_recovers_with_a_node_that_comes_back_in_place() -> None:
    """Nobody to switch to: the log is replayed from the reboot on, beside the start of 30 s."""
    # Sees: a recovery left out wherever a group is.
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    gone = {"fails": Det(4000.0), "ttr": Det(20 * HOUR)}
    built = model(
        server("a", **BROKEN), server("b", **gone), data, groups=(group(standby="hot"),),
        roles=(role("store", "pacs", "db"),), down=("role.store", "pacs.ok"),
        doing=practices(times=TIMES),
    )  # fmt: skip
    back = 5000.0 + HOUR + 400.0 + 30.0
    assert gaps(built, "pacs.ok", 5000.0 + 2 * HOUR) == [(5000.0, back)]
    assert gaps(built, "role.store", 5000.0 + 2 * HOUR) == [(5000.0, back - 30.0 + 200.0)]


def test_common_software_takes_both() -> None:
    """A release that crashes both at the same moment leaves nothing to switch to."""
    soft = {"software": {"crash": Det(5000.0)}}
    built = pair(a=soft, b=soft, check={"sees": "tcp"}, common={"software": 0.5, "hardware": 0.0})
    # Own clocks at 10 000 s, the shock at 10 000 s: by hand after 900 + 600 + 30 s.
    found = gaps(built, "pacs.ok", 12000.0)
    only(found, 10000.0, 1530.0, 1530.0)
