"""A primary with a standby and a witness: scenes to the second, alike on both simulators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.parts.active_active import CHECK as POOL_CHECK
from pacsim.parts.election import KINDS
from pacsim.parts.failover import HOW
from pacsim.parts.values import Reach
from tests.oracle.parts.making import made, model, part, practices, role
from tests.oracle.parts.pairing import BACK, BROKEN, DAY, HOUR, LATE, NEVER, TIMES, server
from tests.oracle.parts.pairing import group as servers
from tests.oracle.parts.pairing import happened as steps  # no comparison of means
from tests.oracle.parts.standing_by import VOTES, engine, group, line, scene, witness
from tests.oracle.parts.test_takeover import SUNDAY, window
from tests.oracle.parts.test_vrrp import episodes, gaps

if TYPE_CHECKING:
    from pacsim.core import Model

CALL, WORK = 900.0, 1800.0


def times_of(built: Model, name: str, until: float) -> list[float]:
    """Return when a transition fired."""
    return [time for _, time in steps(built, until, name)]


# -- elections ----------------------------------------------------------------------------------


def test_the_primary_fails() -> None:
    """Broken at 5000, replaced at 5030 with no recovery; its copy is seen, and has caught up."""
    # Sees: a database that recovers after a switch; an old primary whose copy streams at once, or
    # never; one that takes its place back.
    built = scene(engine(), a=BROKEN)
    assert gaps(built, "db.ok", 13590.0) == [(5000.0, 5030.0)]
    assert gaps(built, "index.ok", 13590.0) == [(5000.0, 5030.0)]
    assert gaps(built, "db.active.a", 13590.0) == [(5030.0, 13590.0)]
    assert gaps(built, "db.in.a", 13590.0) == [(5030.0, BACK + 4000.0 + 500.0)]


def test_back_during_the_election() -> None:
    """Its watchdog has it back after 15 s: no election; the database recovers where it is."""
    # Sees: an election that goes on although the primary is back; a recovery that a switch spares.
    soon = {"crash": Det(5000.0), "watchdog": Det(5.0), "start": Det(10.0)}
    built = scene(engine(), a={"software": soon})
    assert gaps(built, "db.ok", 9000.0) == [(5000.0, 5015.0)]
    assert gaps(built, "index.ok", 9000.0) == [(5000.0, 5015.0 + 240.0)]
    assert times_of(built, "db/phase.elected", 9000.0) == []


def test_witness_dead_and_primary_dead() -> None:
    """The standby is alone of three: down until the witness is back, or the primary."""
    # Sees: a standby that promotes itself with one vote; an election that goes on without a
    # majority, or begins anew with it.
    slow = Det(50.0)
    built = scene(engine(), a=BROKEN, w={"fails": Det(1000.0), "ttr": Det(9e4)}, failover=slow)
    # The primary votes from 9000 on; 30 s later it serves, before the election is over.
    assert gaps(built, "db.ok", 13000.0) == [(5000.0, BACK)]
    assert gaps(built, "index.ok", 13000.0) == [(5000.0, BACK + 240.0)]
    witness = {"fails": Det(1000.0), "ttr": Det(5000.0)}
    assert gaps(scene(a=BROKEN, w=witness, failover=slow), "db.ok", 6999.0) == [(5000.0, 6050.0)]
    # It dies 10 s after the primary and is back after 1000 s: 40 s of the election are left.
    late = {"fails": Det(5010.0), "ttr": Det(1000.0)}
    built = scene(a=BROKEN, w=late, failover=slow)
    assert gaps(built, "db.ok", 9999.0) == [(5000.0, 6050.0)]


def cut_off(**more: Any) -> list[Any]:
    """Return a core, and a switch in front of the primary that cuts it off from the others."""
    core = part("switch", "core", fails=Det(1e9), ttr=Det(1.0), network=("b", "w"))
    return [core, part("switch", "edge", network=("core", "a"), **more)]


def test_a_primary_that_sees_nobody_stops_at_once() -> None:
    """Cut off from 1000 to 3000: down until the other is elected, which keeps the place."""
    # Sees: a primary that serves without a majority; a return of the old one that is a gap.
    built = scene(
        *cut_off(fails=Det(1000.0), ttr=Det(2000.0)), notice=Det(500.0), resync=Det(300.0)
    )
    assert gaps(built, "db.ok", 3990.0) == [(1000.0, 1030.0)]
    # Behind from 1030 on; noticed and caught up once there is a path again.
    assert gaps(built, "db.in.a", 3990.0) == [(1030.0, 3000.0 + 500.0 + 300.0)]


def test_both_sides_see_the_witness() -> None:
    """The primary stays. The standby falls behind, so it cannot follow the primary at 5000."""
    # Sees: two primaries; a standby that is promoted as it has a majority; a copy that streams
    # over a cut; people who promote it.
    cut = {"fails": Det(3500.0), "ttr": Det(500.0)}
    built = scene(line("ab", **cut), line("aw"), line("bw"), a=BROKEN, notice=Det(2000.0))
    assert gaps(built, "db.ok", 4999.0) == []
    assert gaps(built, "db.in.b", 4999.0) == [(3500.0, 4999.0)]
    assert gaps(built, "db.ok", 11000.0) == [(5000.0, BACK)]
    # Half noticed before the primary was lost at 5000, and the other half after its return.
    assert times_of(built, "db/replica-b.noticed", 11000.0) == [BACK + 1000.0]


def test_a_copy_that_stopped_unnoticed() -> None:
    """It stops at 2000, the primary breaks at 5000: no candidate, and people who find none."""
    # Sees: a standby that is promoted whatever its copy is; people who promote it; people who are
    # not called, or wait on the spot; an election that is not held again.
    built = scene(engine(), a=BROKEN, replica_stop=Det(2000.0))
    assert gaps(built, "db.ok", 11000.0) == [(5000.0, BACK)]
    first = 5030.0 + CALL + WORK
    assert times_of(built, "db/phase.elected", 11000.0) == [5030.0, first + 30.0]
    assert times_of(built, "db/phase.worked", 11000.0) == [first]
    # Seen to have stopped in time: it has caught up before the primary breaks.
    built = scene(a=BROKEN, replica_stop=Det(2000.0), notice=Det(1000.0))
    assert gaps(built, "db.ok", 5400.0) == [(5000.0, 5030.0)]
    assert times_of(built, "db/replica-b.caught-up", 5400.0) == [2000.0 + 1000.0 + 500.0]


@pytest.mark.parametrize("finds", [("stopped_copy",), ("dead_battery",)])
def test_monitoring_finds_a_stopped_copy(finds: tuple[str, ...]) -> None:
    """What is looked for is known after `hidden`; what is not, after `notice`."""
    # Sees: monitoring that finds what it is not told to.
    doing = {
        "monitoring": {"finds": finds},
        "times": {**TIMES, "hidden": Det(100.0), "alert": Det(1.0)},
    }
    built = scene(replica_stop=Det(2000.0), doing=doing)
    known = 2100.0 if finds == ("stopped_copy",) else 6000.0
    assert times_of(built, "db/replica-b.noticed", 6500.0)[0] == known


def test_people_promote_only_with_a_majority() -> None:
    """The election fails, and the witness with it from 6000 to 9000: they begin anew then."""
    # Sees: people who promote without a majority; work by hand that goes on meanwhile.
    dead, witness = (
        {"fails": Det(5000.0), "ttr": Det(9e4)},
        {"fails": Det(6000.0), "ttr": Det(3000.0)},
    )
    built = scene(a=dead, w=witness, success=0.0)
    assert gaps(built, "db.ok", 12000.0) == [(5000.0, 9000.0 + WORK)]
    assert gaps(scene(a=dead, success=0.0), "db.ok", 12000.0) == [(5000.0, 5030.0 + CALL + WORK)]


def test_without_a_quorum() -> None:
    """A cut stops nobody; a primary that is down is replaced by a standby that is up."""
    # Sees: a majority asked of nobody.
    cut = {"fails": Det(2900.0), "ttr": Det(50.0)}
    built = scene(line("ab", **cut), a=BROKEN, quorum=None, notice=Det(500.0))
    assert gaps(built, "db.ok", 5800.0) == [(5000.0, 5030.0)]


def test_three_members() -> None:
    """The first candidate by the order of the list; the second one has broken before."""
    # Sees: a copy that is taken though it is behind; the last of the list taken.
    votes = part("quorum", "votes", voters=("a", "b", "c"))
    for early, chosen in ((1e9, "b"), (4000.0, "c")):
        one = group(members=("a", "b", "c"))
        built = model(
            server("a", **BROKEN), server("b", fails=Det(early), ttr=Det(100.0)), server("c"),
            groups=(votes, one), down=("db.ok", "db.active.b", "db.active.c"),
            doing=practices(times=TIMES),
        )  # fmt: skip
        assert gaps(built, "db.ok", 8000.0) == [(5000.0, 5030.0)]
        assert gaps(built, f"db.active.{chosen}", 8000.0) == [(0.0, 5030.0)]


# -- the database on it -------------------------------------------------------------------------


def test_a_crash_of_the_engine() -> None:
    """A candidate takes over after 30 s; without one it recovers where it is, after 240 s."""
    # Sees: a crash that waits for its recovery beside a standby; an engine that is crashed still
    # at the new primary; a recovery that an election stops.
    built = scene(engine(crash=Det(5000.0)))
    for gate in ("db.ok", "index.ok"):
        assert gaps(built, gate, 9000.0) == [(5000.0, 5030.0)]
    assert gaps(built, "db.active.a", 9000.0) == [(5030.0, 9000.0)]
    # The old primary goes on as a standby.
    assert gaps(built, "db.in.a", 9000.0) == []
    alone = scene(engine(crash=Det(5000.0)), replica_stop=Det(2000.0))
    assert gaps(alone, "index.ok", 9000.0) == [(5000.0, 5240.0)]
    assert gaps(alone, "db.ok", 9000.0) == []


def test_nobody_is_called_while_an_engine_recovers() -> None:
    """No candidate: it recovers for 9 h, which everybody knows; nobody is elected or called."""
    # Sees: people who are called in vain as long as a recovery takes; an election that is held for
    # want of anything better.
    long = {"crash": Det(5000.0), "recovery": Det(9 * HOUR)}
    alone = scene(engine(**long), replica_stop=Det(2000.0), notice=Det(NEVER))
    assert gaps(alone, "index.ok", 5000.0 + 9 * HOUR + 900.0) == [(5000.0, 5000.0 + 9 * HOUR)]
    calls = [f"db/phase.{x}" for x in ("miss", "elected", "noticed", "worked")]
    assert steps(alone, DAY, *calls) == []
    # One that fails has called people; they go as the standby is lost, and it is up to the engine.
    gone = {"fails": Det(6500.0), "ttr": Det(NEVER)}
    built = scene(engine(**long), b=gone, success=0.0)
    assert steps(built, 5000.0 + 9 * HOUR, *calls, "db/phase.returned") == [
        ("db/phase.miss", 5000.0), ("db/phase.elected", 5030.0), ("db/phase.noticed", 5930.0),
        ("db/phase.returned", 6500.0),
    ]  # fmt: skip
    assert gaps(built, "index.ok", 10 * HOUR + 5000.0) == [(5000.0, 5000.0 + 9 * HOUR)]


def test_a_candidate_that_comes_while_an_engine_recovers() -> None:
    """The copy streams again at 7500, the engine has crashed at 5000: an election then."""
    # Sees: an engine whose recovery is waited for though there is somebody better.
    long = engine(crash=Det(5000.0), recovery=Det(9 * HOUR))
    built = scene(long, replica_stop=Det(6000.0), notice=Det(500.0))
    assert gaps(built, "index.ok", 5800.0) == [(5000.0, 5030.0)]
    late = scene(long, replica_stop=Det(4000.0), notice=Det(3000.0))
    assert gaps(late, "index.ok", 7900.0) == [(5000.0, 7530.0)]


def test_a_standby_that_is_down_is_felt_while_an_engine_recovers() -> None:
    """The engine has crashed at 5000, for 9 h: a standby down since 1000, or from 6500 on, is missed."""
    # Sees: an outage of hours in which nobody finds out why nobody has taken over.
    doing = {"times": {**TIMES, "hidden_unmonitored": Det(NEVER), "no_contract": Det(60.0)}}
    for fails, success in ((1000.0, 1.0), (6500.0, 0.0)):
        hands_on = {"fails": Det(fails), "ttr": None, "repair": Det(HOUR)}
        long = engine(crash=Det(5000.0), recovery=Det(9 * HOUR))
        built = scene(long, b=hands_on, doing=doing, success=success)
        back = max(fails, 5000.0) + CALL + 60.0 + HOUR
        assert times_of(built, "b/hardware.repaired", 12000.0) == [back]


# -- planned work -------------------------------------------------------------------------------

PATCH = SUNDAY + HOUR


def test_rolling_work() -> None:
    """The standby first, which nobody feels; then the primary, which moves in 30 s."""
    # Sees: a restart of the standby that leaves its copy behind; work that the primary waits out;
    # a move that is an election.
    built = scene(engine(), doing={"times": TIMES, **window(rolling=True)})
    until = 10 * DAY
    assert times_of(built, "b/patch.patch-begin", until) == [SUNDAY]
    # b starts its application for 30 s before a has its turn.
    for gate in ("db.ok", "index.ok"):
        assert gaps(built, gate, until) == [(PATCH + 30.0, PATCH + 60.0)]
    assert gaps(built, "db.active.a", until) == [(PATCH + 60.0, until)]
    assert gaps(built, "db.in.a", until) == gaps(built, "db.in.b", until) == []
    (gap,) = episodes(built, "failover:db", until)
    assert (KINDS[gap["at_start"]], HOW[gap["at_end"]]) == ("planned", "automatic")


def test_rolling_work_waits_for_a_copy() -> None:
    """b's copy stopped 1000 s before; who comes to work sees that, and it has caught up after b."""
    # Sees: work on the primary while nobody could take over; a turn that waits for a copy of which
    # nobody knows that it has stopped.
    doing = {"times": TIMES, **window(rolling=True)}
    built = scene(replica_stop=Det(SUNDAY - 1000.0), notice=Det(NEVER), doing=doing)
    assert times_of(built, "db/replica-b.looked-at", 7 * DAY) == [SUNDAY]
    turn = PATCH + 30.0 + 500.0
    assert times_of(built, "a/patch.patch-last", 7 * DAY) == [turn]
    assert gaps(built, "db.ok", 7 * DAY) == [(turn, turn + 30.0)]


@pytest.mark.parametrize("rolling", [True, False])
def test_work_that_is_due_shows_who_is_down(rolling: bool) -> None:
    """b is off for an hour before, and its copy behind: who comes to work sees both."""
    # Sees: a turn that waits for ever for a fault of which nobody knows.
    hands_on = {"fails": Det(SUNDAY - HOUR), "ttr": None, "repair": Det(HOUR)}
    times = {**TIMES, "no_contract": Det(60.0), "hidden_unmonitored": Det(NEVER)}
    doing = {"times": times, **window(rolling=rolling)}
    built = scene(b=hands_on, notice=Det(NEVER), doing=doing)
    shown = steps(built, 7 * DAY, "b/hardware.failed-felt", "db/replica-b.looked-at")
    assert sorted(shown) == [("b/hardware.failed-felt", SUNDAY), ("db/replica-b.looked-at", SUNDAY)]
    # Called after 900 s, a part in 60, an hour of work; reboot and start; worked on in its turn.
    up = SUNDAY + CALL + 60.0 + HOUR + 400.0
    if rolling:
        assert times_of(built, "b/patch.patch-begin", 7 * DAY) == [up]
        turn = up + HOUR + 30.0 + 500.0
        assert gaps(built, "db.ok", 7 * DAY) == [(turn, turn + 30.0)]


def test_a_fault_during_work_is_felt() -> None:
    """b breaks while a is worked on at once: no candidate is left, and who works there sees it."""
    # Sees: people at work on one member who do not see the other.
    hands_on = {"fails": Det(SUNDAY + 1000.0), "ttr": None, "repair": Det(HOUR)}
    work = {"patch": {**window(rolling=False)["maintenance"]["patch"], "of": ("a",)}}
    built = scene(b=hands_on, doing={"times": {**TIMES, "hidden_unmonitored": Det(NEVER)},
                                     "maintenance": work})  # fmt: skip
    # b is the primary by then, as a's work moved it at once.
    assert gaps(built, "db.active.a", SUNDAY + 900.0) == [(SUNDAY + 30.0, SUNDAY + 900.0)]
    felt = SUNDAY + 1000.0 + CALL
    assert times_of(built, "b/hardware.noticed", 7 * DAY) == [felt]


def test_a_move_that_waited() -> None:
    """Work on both at once, on b for 1000 s and a start of 30: then the primary moves, planned."""
    # Sees: a move that is missed if there is no standby at first; one that is no planned work.
    work = window(rolling=False)["maintenance"]["patch"]
    both = {
        x: {**work, "of": (x,), "lasts": Det(lasts)} for x, lasts in (("a", 3600.0), ("b", 1000.0))
    }
    built = scene(doing={"times": TIMES, "maintenance": both})
    assert gaps(built, "db.ok", 7 * DAY) == [(SUNDAY, SUNDAY + 1000.0 + 30.0 + 30.0)]
    assert times_of(built, "db/phase.move", 7 * DAY) == [SUNDAY + 1030.0]
    # Down time that it brings begins with the work, not with the return of the standby.
    assert built.transitions[built.transition("db/phase.move")].is_root


def test_work_without_a_standby() -> None:
    """Both at once: down for the hour and the start, and nobody is called or elected."""
    # Sees: an election during planned work, or while the application starts after it.
    built = scene(engine(), doing={"times": TIMES, **window(rolling=False)})
    until = 10 * DAY
    assert gaps(built, "db.ok", until) == [(SUNDAY, SUNDAY + HOUR + 30.0)]
    assert times_of(built, "db/phase.miss", until) == []
    assert gaps(built, "index.ok", until) == [(SUNDAY, SUNDAY + HOUR + 30.0 + 240.0)]


def test_upgrades_of_the_group() -> None:
    """All its members, one after the other."""
    # Sees: upgrades that do not know what a group stands for.
    work = {"of": ("db",), "every": 365.25 * DAY, "on": "first sunday 02:00", "lasts": Det(HOUR),
            "rolling": True}  # fmt: skip
    built = scene(doing={"times": TIMES, "upgrades": work})
    assert gaps(built, "db.ok", 10 * DAY) == [(PATCH + 30.0, PATCH + 60.0)]


# -- what is known and recorded -----------------------------------------------------------------


def test_nobody_calls_about_a_standby() -> None:
    """A fault of the standby at 1000 is found by chance; of the primary at once."""
    # Sees: a fault of an idle member that is felt.
    hands_on = {"fails": Det(1000.0), "ttr": None, "repair": Det(HOUR)}
    doing = {"times": {**TIMES, "no_contract": Det(60.0)}}
    after = 60.0 + HOUR
    late = times_of(scene(b=hands_on, doing=doing), "b/hardware.repaired", 16000.0)
    assert late == [1000.0 + LATE + after]
    soon = times_of(scene(a=hands_on, doing=doing), "a/hardware.repaired", 8000.0)
    assert soon == [1000.0 + CALL + after]


def recorded(built: Model, until: float) -> list[tuple[str, bool, str, list[float]]]:
    """Return kind, whether nobody could take over, ending and phases of each gap."""
    return [
        (KINDS[row["at_start"] % len(KINDS)], bool(row["at_start"] >= len(KINDS)),
         HOW[row["at_end"]], [float(x) for x in row["phases"][:2]])
        for row in episodes(built, "failover:db", until)
    ]  # fmt: skip


QUIET = {"fails": Det(1e9), "ttr": Det(1.0)}
DARK = {"fails": Det(5000.0), "ttr": Det(1e5)}
CUT = {"fails": Det(5000.0), "ttr": Det(1e5)}
FAULTS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "power": ([part("pdu", "pdu", **DARK)], {"a": {"power": ("pdu",)}}),
    "host": ([], {"a": BROKEN}),
    "majority": (cut_off(**CUT), {}),
    "path": (
        [part("component", "store", fails=Det(1e9), ttr=Det(1.0)),
         part("link", "san", between=("a", "store"), **CUT)],
        {"a": {"storage": ("store",)}},
    ),
    "process": ([], {"a": {"software": {"crash": Det(5000.0)}}}),
    "database": ([engine(crash=Det(5000.0), recovery=Det(600.0))], {}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_kind_of_a_gap(kind: str) -> None:
    """What took the primary; replaced after 30 s."""
    # Sees: a kind of the wrong member; a lost majority that is recorded as a fault of the host.
    others, faults = FAULTS[kind]
    built = scene(*others, **faults)
    assert recorded(built, 5100.0) == [(kind, False, "automatic", [30.0, 0.0])]


def test_ending_of_a_gap() -> None:
    """In place, by people, or by the return of the primary; alone if the standby is known to be bad."""
    # Sees: an ending that stays from the gap before; time of people counted as an election.
    soon = {"software": {"crash": Det(5000.0), "watchdog": Det(5.0), "start": Det(10.0)}}
    assert recorded(scene(a=soon), 8000.0) == [("process", False, "in_place", [15.0, 0.0])]
    dead = {"fails": Det(5000.0), "ttr": Det(9e4)}
    assert recorded(scene(a=dead, success=0.0), 8000.0) == [
        ("host", False, "people", [30.0, CALL + WORK])
    ]
    early = {"fails": Det(5000.0), "ttr": Det(500.0)}
    assert recorded(scene(a=early, success=0.0), 8000.0) == [
        ("host", False, "repair", [30.0, 900.0])
    ]
    broken = {"fails": Det(4000.0), "ttr": Det(9e4)}
    assert recorded(scene(a=early, b=broken), 8000.0)[0][:2] == ("host", True)


def test_a_standby_that_only_looked_good_is_recorded() -> None:
    """Nobody had seen its copy stop, so the gap is one of the figures, with all that it took."""
    # Sees: outages by a stopped copy that are left out as if nobody had hoped for it.
    (gap,) = recorded(scene(a=BROKEN, replica_stop=Det(2000.0)), 11000.0)
    assert gap[:3] == ("host", False, "repair")
    assert sum(gap[3]) == BACK - 5000.0


def test_shocks_of_both() -> None:
    """Three quarters of hardware faults take both: a shock at 5000 / 0.75, own faults later."""
    # Sees: a share that is taken from the members and comes back nowhere.
    built = scene(a={"fails": Det(5000.0)}, b={"fails": Det(5000.0)}, common={"hardware": 0.75})
    ((start, end),) = gaps(built, "db.ok", 12000.0)
    assert start == pytest.approx(5000.0 / 0.75)
    assert end - start == pytest.approx(BACK - 5000.0)


# -- beside other groups ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["active_active", "active_passive"])
def test_beside_servers_whose_check_sees_the_database(kind: str) -> None:
    """The primary breaks at 5000: the role is down for 30 s; a pool is back after rise, a pair stays."""
    # Sees: a pair that switches for a database on other servers; a pool that does not see it.
    check = {"sees": "c_store", "every": 1.0, "fall": 3, "timeout": 0.0}
    if kind == "active_active":
        seen = made(POOL_CHECK, "check", {**check, "rise": 2})
        pacs = part(
            kind, "pacs", members=("s", "t"), need=1, least=1, check=seen, sessions="shared"
        )
    else:
        pacs = servers(members=("s", "t"), check=check)
    one = group()
    built = model(
        server("a", **BROKEN), server("b"), server("s"), server("t"), witness(), engine(),
        groups=(VOTES, one, pacs), roles=(role("use", "pacs", "index"),),
        down=("role.use", "pacs.ok"), doing=practices(times=TIMES),
    )  # fmt: skip
    ((start, end),) = gaps(built, "role.use", 9000.0)
    assert start == 5000.0
    if kind == "active_passive":
        assert (end, gaps(built, "pacs.ok", 9000.0)) == (5030.0, [])
        assert times_of(built, "pacs/phase.switched", 9000.0) == []
    else:
        # Both are left out after 2 to 3 s, and are back 1 to 2 s after the database is.
        ((left, back),) = gaps(built, "pacs.ok", 9000.0)
        assert 5002.0 <= left <= 5003.0
        assert 5031.0 <= back == end <= 5032.0


def test_databases_of_two_groups() -> None:
    """A database on a server of its own is none of the pair's: its crash elects nobody."""
    # Sees: an election for a database that runs elsewhere.
    other = part("database", "other", crash=Det(5000.0), recovery=Det(240.0), runs_on="s")
    built = scene(engine(), server("s"), other)
    assert gaps(built, "other.ok", 9000.0) == [(5000.0, 5240.0)]
    assert gaps(built, "db.ok", 9000.0) == gaps(built, "index.ok", 9000.0) == []


def test_reached_from_a_server() -> None:
    """A role may ask for a path from a server to the primary: down while there is none."""
    # Sees: a path to the standby that is taken for one to the primary.
    cut = {"fails": Det(1000.0), "ttr": Det(500.0)}
    lines = [part("link", f"s{x}", between=("s", x), **(cut if x == "a" else QUIET)) for x in "ab"]
    built = model(
        server("a"), server("b"), server("s"), witness(), *lines, groups=(VOTES, group()),
        roles=(role("use", Reach("db", "s")),), down=("role.use", "db.ok"),
        doing=practices(times=TIMES),
    )  # fmt: skip
    assert gaps(built, "role.use", 2000.0) == [(1000.0, 1500.0)]
    assert gaps(built, "db.ok", 2000.0) == []
