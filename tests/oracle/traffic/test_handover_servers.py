"""What clients of a server and of a pair meet, to the instant, for each kind of fault.

All times are by hand from `docs/parts/`: a server boots 300 s after power and 400 s else, its
application starts in 30 s; a check of 1 s finds a fault in its tenth second, a switch takes 60 s.
"""

from __future__ import annotations

from typing import Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.traffic.client_conditions import ERRORING, HUNG, MOVING, NOBODY, REFUSES, SILENT, UP
from tests.oracle.parts.making import all_in, part
from tests.oracle.parts.mirroring import array, mirror
from tests.oracle.parts.pairing import BACK, BROKEN, DAY, DEAD, HOUR, NEVER, group, server
from tests.oracle.parts.pairing import HUNG as HANGS
from tests.oracle.traffic.handing import SITES, Met, at, met, quiet

SUNDAY = (6 * 24 + 2) * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
WINDOW = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
          "lasts": Det(HOUR), "rolling": True}  # fmt: skip
A, B = 0, 1


def single(*others: Any, a: Any = None, until: float = 9900.0, **more: Any) -> Met:
    """Return what clients of a server meet."""
    return met(server("a", **(a or {})), *others, archive="a", until=until, **more)


def pair(*others: Any, a: Any = None, b: Any = None, until: float = 9900.0, **more: Any) -> Met:
    """Return what clients of a pair meet; what is no matter of the site is the group's."""
    own = {x: more.pop(x) for x in ("needs", "sites", "targets", "doing") if x in more}
    members = server("a", **(a or {})), server("b", **(b or {}))
    return met(*members, *others, groups=(group(**more),), until=until, **own)


# -- one server ------------------------------------------------------------------------------------


def test_a_host_is_silent_then_its_application_starts() -> None:
    """Broken at 5000, mended after an hour, booted after 400 s more, up 30 s later."""
    # Sees: a host that refuses while it is away; an application that answers as it starts.
    one = single(a=BROKEN)
    assert one.of("member.a") == [(5000.0, SILENT), (BACK - 30.0, REFUSES), (BACK, UP)]
    assert one.unusual() == [(5000.0, BACK, "host")]
    assert one.divergences[0].root == "a/hardware.fail"
    assert one.changed() == {"member.a"}


def test_power_comes_before_the_host() -> None:
    """Dark from 5000 to 5500, booted at 5800."""
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    one = single(mains, part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",)),
                 a={"power": ("pdu",)})  # fmt: skip
    assert one.of("member.a") == [(5000.0, SILENT), (5800.0, REFUSES), (5830.0, UP)]
    assert one.unusual() == [(5000.0, 5830.0, "power")]


def test_a_dead_process_refuses_and_a_hung_one_hangs() -> None:
    """Dead: users call after 900 s, found in 600, started in 30. Hung: recognised after 7200 s."""
    # Sees: a hung process that refuses; a kind that is the host's.
    one = single(a=DEAD)
    assert one.of("member.a") == [(5000.0, REFUSES), (6530.0, UP)]
    assert one.unusual() == [(5000.0, 6530.0, "process")]
    one = single(a=HANGS, until=14e3)
    assert one.of("member.a") == [(5000.0, HUNG), (12200.0, REFUSES), (12830.0, UP)]
    assert one.unusual() == [(5000.0, 12830.0, "hung")]


@pytest.mark.parametrize("where", ["a", "elsewhere"])
def test_a_database_that_recovers_answers_with_errors(where: str) -> None:
    """It crashes at 5000 and recovers in 120 s, on the server itself or on another."""
    # Sees: only databases that run on the archive.
    data = part("database", "db", runs_on=where, crash=Det(5000.0), recovery=Det(120.0))
    others = [] if where == "a" else [server("elsewhere")]
    one = single(data, *others, needs=("db",))
    assert one.of("member.a") == [(5000.0, ERRORING), (5120.0, UP)]
    assert one.unusual() == [(5000.0, 5120.0, "database")]


def test_a_database_goes_down_with_its_host() -> None:
    """Its server is broken at 5000, hosts again at 9000 and then it recovers for 120 s."""
    data = part("database", "db", runs_on="far", crash=Det(NEVER), recovery=Det(120.0))
    one = single(data, server("far", **BROKEN), needs=("db",))
    assert one.of("member.a") == [(5000.0, ERRORING), (9120.0, UP)]
    assert one.unusual() == [(5000.0, 9120.0, "database")]
    # Nobody needs it: nothing happens.
    assert single(data, server("far", **BROKEN)).changed() == set()


def test_a_pair_of_database_servers_elects() -> None:
    """The primary breaks at 5000 and another one is writable 45 s later."""
    # Sees: a group without which a role is down, taken for no need of the archive.
    base = part("primary_standby", "base", members=("p", "q"), failover=Det(45.0), success=1.0,
                success_tested=1.0, replica_stop=Det(NEVER), notice=Det(1.0), resync=Det(1.0))  # fmt: skip
    one = met(server("a"), server("p", **BROKEN), server("q"), groups=(base,), archive="a",
              needs=("base",), until=9000.0)  # fmt: skip
    assert one.of("member.a") == [(5000.0, ERRORING), (5045.0, UP)]
    assert one.unusual() == [(5000.0, 5045.0, "database")]


def test_a_way_to_the_storage_and_the_array_itself() -> None:
    """An hour without the switch between them is a path; one without the array is none of these."""
    # Sees: a dead array behind a live path; a path to storage that is the clients'.
    store = quiet("component", "array", network=("san",))
    stored = {"storage": ("array",), "network": ("san",)}
    one = single(quiet("switch", "san", fails=Det(5000.0)), store, a=stored)
    assert one.of("member.a") == [(5000.0, ERRORING), (8600.0, UP)]
    assert one.unusual() == [(5000.0, 8600.0, "path")]
    broken = quiet("component", "array", network=("san",), fails=Det(5000.0))
    one = single(quiet("switch", "san"), broken, a=stored)
    assert one.of("member.a") == [(5000.0, ERRORING), (8600.0, UP)]
    assert one.unusual() == [(5000.0, 8600.0, "other")]


def test_an_array_without_its_shelf() -> None:
    """Its shelf is lost at 5000 for an hour, with the array named by the server or by the role."""
    # Sees: a path to an array for an array; an array that the server alone, or the role, may name.
    disk = {"size": 600.0, "life": Det(NEVER), "rebuild_rate": 100.0}
    plain: dict[str, Any] = {
        "layout": "raid1",
        "disks": 2,
        "disk_replace": Det(15.0),
        "replace": Det(40.0),
    }
    plain |= {"disk": disk, "set_up": Det(1.0)}
    shelf = part("disk_array", "array", **plain, shelf=Det(5000.0), shelf_repair=all_in(Det(HOUR)))
    for stored, needs in (({"storage": ("array",)}, ()), ({}, ("array",))):
        one = single(shelf, a=stored, needs=needs)
        assert one.of("member.a") == [(5000.0, ERRORING), (8600.0, UP)]
        assert one.unusual() == [(5000.0, 8600.0, "other")]


def test_a_mirror_errs_while_no_copy_serves() -> None:
    """a is out from 4000 to 7600, b from 5000 to 8600: a lacks what b has, so nobody serves till b is back."""
    # Sees: a mirror of which one array is up, taken for one that serves.
    arrays = [array("a", out=(4000.0, 7600.0)), array("b", out=(5000.0, 8600.0))]
    one = met(server("s", storage=("images",)), *arrays, groups=(mirror(resync=Det(100.0)),),
              archive="s", until=9000.0)  # fmt: skip
    assert one.of("member.s") == [(5000.0, ERRORING), (8600.0, UP)]
    assert one.unusual() == [(5000.0, 8600.0, "path")]


def test_a_cut_path_is_its_place_alone() -> None:
    """The switch of radiology is away from 5000 to 8600; reading has another."""
    # Sees: a path that is the archive's; a place for another.
    ways = [at("radiology", "one"), at("reading", "two")]
    ways += [quiet("switch", "one", fails=Det(5000.0)), quiet("switch", "two")]
    one = single(*ways, a={"network": ("one", "two")}, sites=SITES)
    assert one.of("path.radiology.a") == [(5000.0, 0), (8600.0, 1)]
    assert one.changed() == {"path.radiology.a"}
    assert one.unusual() == [(5000.0, 8600.0, "path")]


def test_planned_work_on_a_server() -> None:
    """An hour from the window on, and a start."""
    work = {"maintenance": {"patch": {**WINDOW, "of": ("a",)}}}
    one = single(doing=work, until=7 * DAY)
    end = SUNDAY + HOUR + 30.0
    assert one.of("member.a") == [(SUNDAY, REFUSES), (end, UP)]
    assert one.unusual() == [(SUNDAY, end, "planned")]


def test_a_target_is_up_or_not() -> None:
    """It opens a window of its own kind: what asks it is not served as usual."""
    one = single(quiet("component", "ris", fails=Det(5000.0)), targets=("ris",))
    assert one.of("target.ris") == [(5000.0, 0), (8600.0, 1)]
    assert one.changed() == {"target.ris"}
    assert one.unusual() == [(5000.0, 8600.0, "other")]


# -- a pair ----------------------------------------------------------------------------------------


def test_an_address_is_the_old_ones_then_nobodys_then_the_new_ones() -> None:
    """Detected in the tenth second, switched 60 s later; a is back for nobody to see."""
    # Sees: an address that is nobody's from the fault on; a standby that opens a window.
    one = pair(a=BROKEN)
    (found,) = one.fired("pacs/phase.detected")
    assert 5009.0 <= found <= 5010.0
    assert one.of("member.a") == [(5000.0, SILENT), (BACK - 30.0, REFUSES), (BACK, UP)]
    assert one.of("owner") == [(found, NOBODY), (found + 60.0, B)]
    assert one.changed() == {"member.a", "owner"}
    assert one.unusual() == [(5000.0, found + 60.0, "host")]


def test_a_fault_of_the_standby_is_listed_and_opens_nothing() -> None:
    """The list has it; nobody is served otherwise."""
    one = pair(b=BROKEN)
    assert one.of("member.b") == [(5000.0, SILENT), (BACK - 30.0, REFUSES), (BACK, UP)]
    assert one.unusual() == []


def test_fencing_takes_time_with_the_address_where_it_was() -> None:
    """Detected, fenced for 20 s, switched for 60."""
    # Sees: nobody while the old one is fenced.
    one = pair(a=BROKEN, fencing={"success": 1.0, "takes": Det(20.0).value})
    (found,) = one.fired("pacs/phase.detected")
    assert one.of("owner") == [(found + 20.0, NOBODY), (found + 80.0, B)]


def test_a_failed_switch_leaves_it_to_the_old_one_until_people_move_it() -> None:
    """Nobody for 60 s, then a, which is away, until people have called (900 s) and worked (1800 s)."""
    # Sees: nobody's after a failed switch; people's work that moves it for 60 s more.
    one = pair(a=BROKEN, success=0.0)
    (found,) = one.fired("pacs/phase.detected")
    failed = found + 60.0
    assert one.of("owner") == [(found, NOBODY), (failed, A), (failed + 2700.0, B)]
    assert one.unusual() == [(5000.0, failed + 2700.0, "host")]


def test_a_return_at_once_is_a_planned_move() -> None:
    """a serves again at BACK: the address goes there in 60 s, by plan, of the kind as it began."""
    # Sees: a return that is nobody's as after a fault.
    one = pair(a=BROKEN, failback=("at_once", None))
    (found,) = one.fired("pacs/phase.detected")
    moves = [(found, NOBODY), (found + 60.0, B), (BACK, MOVING), (BACK + 60.0, A)]
    assert one.of("owner") == moves
    assert one.unusual() == [(5000.0, found + 60.0, "host"), (BACK, BACK + 60.0, "planned")]


def test_a_return_that_takes_no_time_resets_sessions() -> None:
    """The address is a's again at once as it serves: a divergence of no length."""
    # Sees: a move that is in the list and opens no window.
    one = pair(a=BROKEN, failback=("at_once", None), switchover=Det(0.0))
    (found,) = one.fired("pacs/phase.detected")
    assert one.of("owner") == [(found, B), (BACK, A)]
    assert one.unusual() == [(5000.0, found, "host"), (BACK, BACK, "other")]


def test_planned_work_moves_the_address() -> None:
    """b first, as it stands by, for an hour and a start; then the address moves in 60 s, and a."""
    # Sees: a planned move that is nobody's; work on a standby that opens a window.
    one = pair(doing={"maintenance": {"patch": WINDOW}}, check={"sees": "tcp"}, until=7 * DAY)
    moved = SUNDAY + HOUR + 30.0
    assert one.of("member.b") == [(SUNDAY, REFUSES), (moved, UP)]
    assert one.of("member.a") == [(moved, REFUSES), (moved + HOUR + 30.0, UP)]
    assert one.of("owner") == [(moved, MOVING), (moved + 60.0, B)]
    assert one.unusual() == [(moved, moved + 60.0, "planned")]


def test_a_test_of_the_failover_is_a_planned_move() -> None:
    """Every 200 h, felt for 20 s."""
    drill = {"every": 200 * HOUR, "outage": Det(20.0), "finds": 1.0, "causes_outage": 0.0}
    one = pair(doing={"failover_tests": drill}, until=201 * HOUR)
    start = 200 * HOUR
    assert one.of("owner") == [(start, MOVING), (start + 20.0, A)]
    assert one.unusual() == [(start, start + 20.0, "planned")]


def test_a_split_leaves_the_address_with_the_old_one() -> None:
    """Split from 4000 to 6000 with a as before; nobody's for 500 s while both are made one again."""
    # Sees: a split that is a gap; the new side for some.
    beat = part("link", "beat", between=("a", "b"), fails=Det(4000.0), ttr=Det(100.0))
    splits = {"heartbeat": ("beat",), "split": 1.0, "reconcile": Det(2000.0),
              "reconcile_down": Det(500.0), "split_lost": 0.0}  # fmt: skip
    one = pair(beat, until=8000.0, **splits)
    assert one.of("owner") == [(6000.0, NOBODY), (6500.0, A)]
    assert one.unusual() == [(6000.0, 6500.0, "other")]
    # a breaks at 5000: it has the address all the same until the end of the split.
    one = pair(beat, a=BROKEN, until=8500.0, **splits)
    (found,) = one.fired("pacs/phase.detected")
    assert 6509.0 <= found <= 6510.0
    assert one.of("owner")[:3] == [(6000.0, NOBODY), (6500.0, A), (found, NOBODY)]
    assert one.unusual()[0] == (5000.0, found + 60.0, "host")


def test_a_hung_member_that_cannot_be_stopped_keeps_no_address() -> None:
    """Without fencing, with a heartbeat: b takes the address, a hangs on beside it for 2000 s."""
    beat = part("link", "beat", between=("a", "b"), fails=Det(NEVER), ttr=Det(100.0))
    splits = {"heartbeat": ("beat",), "split": 1.0, "reconcile": Det(2000.0),
              "reconcile_down": Det(500.0), "split_lost": 0.0}  # fmt: skip
    one = pair(beat, a=HANGS, check={"sees": "http"}, until=8000.0, **splits)
    (found,) = one.fired("pacs/phase.detected")
    taken = found + 60.0
    made_one = [(taken + 2000.0, NOBODY), (taken + 2500.0, B)]
    assert one.of("owner") == [(found, NOBODY), (taken, B), *made_one]
    assert one.of("member.a") == [(5000.0, HUNG)]


def test_a_cold_standby_refuses_and_starts_before_it_owns_the_address() -> None:
    """Switched in 60 s, started in 30: nobody's all the time. Where it moves by plan, by plan for 60 s."""
    # Sees: an address that leads to an application that starts; a cold standby that is up.
    one = pair(a=BROKEN, standby="cold")
    (found,) = one.fired("pacs/phase.detected")
    assert one.of("member.b", at_start=REFUSES) == [(found + 90.0, UP)]
    assert one.of("member.a") == [(5000.0, SILENT), (BACK - 30.0, REFUSES)]
    assert one.of("owner") == [(found, NOBODY), (found + 90.0, B)]
    assert one.unusual() == [(5000.0, found + 90.0, "host")]
    one = pair(standby="cold", doing={"maintenance": {"patch": WINDOW}}, until=7 * DAY)
    ((moved, by_plan), *rest) = one.of("owner")
    assert by_plan == MOVING
    assert rest == [(moved + 60.0, NOBODY), (moved + 90.0, B)]
    assert one.unusual() == [(moved, moved + 90.0, "planned")]


def test_places_of_a_pair_have_a_path_to_each() -> None:
    """a is behind switch one alone, b behind two: radiology, at both, reaches the one that is left."""
    ways = [part("clients", "radiology", network=("one", "two"))]
    ways += [quiet("switch", "one", fails=Det(5000.0)), quiet("switch", "two")]
    one = pair(*ways, a={"network": ("one",)}, b={"network": ("two",)},
               check={"sees": "host"}, sites=("radiology",), until=8000.0)  # fmt: skip
    (found,) = one.fired("pacs/phase.detected")
    assert one.of("path.radiology.a") == [(5000.0, 0)]
    assert one.of("path.radiology.b") == []
    assert one.of("owner") == [(found, NOBODY), (found + 60.0, B)]
    assert one.unusual() == [(5000.0, found + 60.0, "path")]


def test_what_is_undone_at_the_same_moment_is_not_listed() -> None:
    """A database on the pair stops with the member that breaks and is started by the switch."""
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(120.0))
    one = pair(data, a=BROKEN, needs=("db",))
    (found,) = one.fired("pacs/phase.detected")
    # Away with its host; b, which stands by, errs as long, as it would find none.
    assert one.of("member.b") == [(5000.0, ERRORING), (found + 60.0, UP)]
    assert one.unusual() == [(5000.0, found + 60.0, "host")]
