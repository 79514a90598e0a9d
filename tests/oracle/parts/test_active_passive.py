"""Failover groups: coverage models as chains, detection and planned moves as scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Calendar, Law
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines.reference import simulate
from pacsim.parts import failing
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import (
    fired,
    gaps,
    lost_per_time,
    missing,
    model,
    part,
    practices,
    role,
)
from tests.statistical import agrees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pacsim.core import Model
    from pacsim.parts.values import Part

EXACT = 1e-9
NEVER = 1e9
HOUR, DAY = 3600.0, 86400.0
CHECK = {"sees": "host", "every": 1.0, "fall": 10, "timeout": 0.0}


def group(**more: Any) -> Part:
    """Return a pair of servers whose switch takes 60 s and works, unless given otherwise."""
    check = {**CHECK, **more.pop("check", {})}
    plain = {
        "members": ("a", "b"), "standby": "hot", "check": check, "switchover": Det(60.0),
        "success": 1.0, "success_tested": 1.0, "failback": ("never", None), "restart_first": 0,
    }  # fmt: skip
    return part("active_passive", "pacs", **{**plain, **more})


# -- chains -------------------------------------------------------------------------------------


@pytest.fixture
def markov(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make detection and fencing exponential with the means they have."""

    def shifted(law: Law, by: float) -> Law:
        return Exp(law.mean() + by)

    monkeypatch.setattr(failing, "Shifted", shifted)
    monkeypatch.setattr(failing, "Deterministic", Exp)


@dataclass(frozen=True)
class Pair:
    """The coverage model of two servers: rates, and the probabilities of each step."""

    life: float = 100.0
    repair: float = 9.0
    reboot: float = 0.5
    detect: float = 0.4
    fence: float = 0.15
    fenced: float = 0.85
    switch: float = 0.6
    success: float = 0.7
    call: float = 3.0
    manual: float = 2.0
    manual_success: float = 0.6
    common: float = 0.0
    cold: bool = False
    attend: float = 0.0

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (active server, standby, phase, standby refused, standby barred).

        A server is up, down or booting. Servers go on failing whatever the phase; a standby
        that failed a switch is refused until it has been down, people have been there, or, with
        service back, somebody has noticed and mended it. After a fencing that failed it is barred: only the old server may serve by itself.
        """
        active, other, phase, refused, barred = state
        own, both = (1 - self.common) / self.life, self.common / self.life
        up = {"up": "down", "boot": "down", "down": "down"}

        def step(a: str, o: str) -> Any:
            """Return what follows at once from a change of the servers."""
            return self.settled(a, o, phase, refused if o == "up" else "", barred)

        if active != "down":
            yield step("down", other), own
        if other != "down" and not self.cold:
            yield step(active, "down"), own
        if both:
            # The shock hits hardware that runs; what is down already stays so.
            yield step(up[active], up[other]), both
        for k, one in enumerate((active, other)):
            for was, then, mean in (("down", "boot", self.repair), ("boot", "up", self.reboot)):
                if one == was:
                    yield step(*((then, other) if k == 0 else (active, then))), 1 / mean
        ready = other == "up" and not refused
        if phase == "on" and refused == "refused":
            yield (active, other, "on", "mending", False), 1 / self.call
        elif phase == "on" and refused:
            yield (active, other, "on", "", False), 1 / self.manual
        if phase == "detect":
            there = "fence" if self.fence else "switch"
            then = there if ready else "failed"
            yield self.settled(active, other, then, refused, barred=False), 1 / self.detect
        elif phase == "fence":
            rate = 1 / self.fence
            yield (active, other, "switch", refused, False), rate * self.fenced
            stopped = self.settled(active, other, "failed", refused, barred=True)
            yield stopped, rate * (1 - self.fenced)
        elif phase == "switch":
            rate = 1 / self.switch
            if ready:
                yield (other, active, "on", "", False), rate * self.success
                stopped = self.settled(active, other, "failed", "refused", barred=False)
                yield stopped, rate * (1 - self.success)
            else:
                yield self.settled(active, other, "failed", refused, barred=False), rate
        elif phase == "failed":
            then = "reach" if self.attend else "work"
            yield (active, other, then, refused, barred), 1 / self.call
        elif phase == "reach":
            yield (active, other, "work", refused, barred), 1 / self.attend
        elif phase == "work":
            rate = self.manual_success / self.manual
            # Only a refused or barred standby can be up here: anything else serves at once.
            yield self.settled(active, other, "stranded", "", barred=False), rate

    @staticmethod
    def settled(a: str, o: str, phase: str, refused: str, barred: bool) -> Any:
        """Return the state after what follows at once: whichever is good serves if it may."""
        if phase == "on" and a != "up":
            return (a, o, "detect", refused, False)
        waits = phase in {"failed", "reach", "work"}
        if a == "up" and (waits or phase in {"detect", "stranded"}):
            return (a, o, "on", refused if phase != "stranded" else "", False)
        if o == "up" and (phase == "stranded" or (waits and not refused and not barred)):
            return (o, a, "on", "", False)
        return (a, o, phase, refused, barred and waits)

    def chain(self) -> Chain:
        """Return the chain from two good servers."""
        return Chain(explored(("up", "up", "on", "", False), self.moves))

    def unserved(self) -> float:
        """Return the long-run share of time without service."""
        return 1 - self.chain().share(*self.serving())

    def serving(self) -> list[Any]:
        """Return the states with service."""
        return [s for s in self.chain().states if s[0] == "up" and s[2] == "on"]  # type: ignore[index]

    def lost(self) -> float:
        """Return how often service is lost per unit of time."""
        chain = self.chain()
        pi, good = chain.steady(), set(self.serving())
        rates: NDArray[np.float64] = chain.matrix
        return sum(
            pi[a] * float(rates[i, j])
            for i, a in enumerate(chain.states)
            for j, b in enumerate(chain.states)
            if a in good and b not in good
        )

    def built(self, *, crew: bool = False, **more: Any) -> Model:
        """Return the model under test of the same."""
        server = {"fails": Exp(self.life), "ttr": Exp(self.repair), "reboot": Exp(self.reboot),
                  "boot_after_power": Exp(1.0)}  # fmt: skip
        fencing = {"success": self.fenced, "takes": self.fence, "split": 0.0}
        pair = group(
            check={"every": self.detect / 9.5}, switchover=Exp(self.switch), success=self.success,
            success_tested=self.success, standby="cold" if self.cold else "hot",
            fencing=fencing if self.fence else None, common={"hardware": self.common},
            **more,
        )  # fmt: skip
        doing = practices(
            times={"call": Exp(self.call), "manual_failover": Exp(self.manual),
                   "manual_success": self.manual_success}
        )  # fmt: skip
        people = [part("crew", "people", size=1, respond=Exp(self.attend))] if crew else []
        return model(
            part("server", "a", **server), part("server", "b", **server), *people, groups=(pair,),
            down=("pacs.ok",), doing=doing,
        )  # fmt: skip


PAIRS = {
    "hot": Pair(),
    "cold": Pair(cold=True),
    "unfenced": Pair(fence=0.0, fenced=1.0),
    "perfect": Pair(fenced=1.0, success=1.0, manual_success=1.0),
    "common": Pair(common=0.2),
    "always-refused": Pair(success=0.0),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.usefixtures("markov")
def test_coverage_model(name: str) -> None:
    """Share of time without service, and how often it is lost, as the chain says."""
    # Sees: a refused standby that is trusted again at once; people who never have to repeat; a
    # first good member that waits for people; the members' whole rate beside the common one.
    pair = PAIRS[name]
    built = pair.built()
    assert missing(built, "pacs.ok") == close(pair.unserved(), EXACT)
    assert lost_per_time(built, "pacs.ok") == close(pair.lost(), EXACT)


@pytest.mark.usefixtures("markov")
def test_coverage_model_with_a_crew() -> None:
    """With a crew somebody has to respond first."""
    pair = replace(Pair(), attend=1.7)
    assert missing(pair.built(crew=True), "pacs.ok") == close(pair.unserved(), EXACT)


@pytest.mark.usefixtures("markov")
def test_perfect_switch_is_one_of_two() -> None:
    """With instant perfect switches a pair is down when both servers are, and no sooner."""
    ideal = Pair(detect=1e-9, fence=0.0, fenced=1.0, switch=1e-9, success=1.0, call=1e-9,
                 manual=1e-9, manual_success=1.0)  # fmt: skip
    one = Chain([("up", "down", 0.01), ("down", "boot", 1 / 9), ("boot", "down", 0.01),
                 ("boot", "up", 2.0)]).share("up")  # fmt: skip
    assert missing(ideal.built(), "pacs.ok") == close((1 - one) ** 2, 1e-6)


# -- scenarios ----------------------------------------------------------------------------------


def server(name: str, **more: Any) -> Part:
    """Return a server on which nothing happens by itself; boots 400 s, starts 30 s."""
    software = {"crash": Det(NEVER), "start": Det(30.0), "manual_restart": Det(600.0),
                "hang_share": 0.0, "change_fails": 0.0, "watchdog_cures": 1.0}  # fmt: skip
    software.update(more.pop("software", {}))
    plain = {"fails": Det(NEVER), "ttr": Det(HOUR), "reboot": Det(400.0),
             "boot_after_power": Det(300.0)}  # fmt: skip
    return part("server", name, software=software, **{**plain, **more})


TIMES = {"call": Det(900.0), "gray": Det(7200.0), "manual_failover": Det(1800.0)}


def pair(
    *others: Part, a: Any = None, b: Any = None, doing: dict[str, Any] | None = None, **more: Any
) -> Model:
    """Return a pair of quiet servers, each with faults of its own."""
    return model(
        server("a", **(a or {})), server("b", **(b or {})), *others, groups=(group(**more),),
        down=("pacs.ok", "a.ok", "pacs.active.a"),
        doing=practices(**{"times": TIMES, **(doing or {})}),
    )  # fmt: skip


def only(found: list[tuple[float, float]], start: float, low: float, high: float) -> None:
    """Hold one gap to its start and the range of its length."""
    ((begin, end),) = found
    assert begin == start
    assert low <= end - begin <= high


DEAD = {"software": {"crash": Det(5000.0)}}
HUNG = {"software": {"crash": Det(5000.0), "hang_share": 1.0}}


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


def test_short_fault_heals_before_detection() -> None:
    """A process back within the nine seconds that the check waits costs its own time only."""
    quick = {"software": {"crash": Det(5000.0), "start": Det(3.0), "manual_restart": Det(1.0)}}
    built = model(
        server("a", **quick), server("b"), groups=(group(check={"sees": "tcp"}),),
        down=("pacs.ok",), doing=practices(times={**TIMES, "call": Det(2.0)}),
    )  # fmt: skip
    assert gaps(built, "pacs.ok", 5050.0) == [(5000.0, 5006.0)]
    assert fired(built, "pacs/phase.switched", 5050.0) == []


BROKEN = {"fails": Det(5000.0)}
BACK = 5000.0 + HOUR + 400.0 + 30.0
"""When a server broken at 5000 s serves again: repair, reboot, start."""


def test_first_good_member_serves() -> None:
    """After a failed fencing people come, but the old member is good before they are done."""
    # Sees: a member that waits for people though it is good.
    fencing = {"success": 0.0, "takes": 0.0, "split": 0.0}
    slow = {"times": {**TIMES, "manual_failover": Det(1e5)}}
    built = model(
        server("a", **BROKEN), server("b", software={"crash": Det(4990.0)}),
        groups=(group(fencing=fencing),), down=("pacs.ok",), doing=practices(**slow),
    )  # fmt: skip
    # b's process is dead from 4990 to 4990 + 900 + 600 + 30; it is good 1520 s after the fault.
    assert gaps(built, "pacs.ok", 9999.0) == [(5000.0, 6520.0)]


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
    fencing = {"success": 0.0, "takes": 0.0, "split": 0.0}
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
    assert [failing.HOW[int(row["at_end"])] for row in rows] == ["automatic", "in_place"]


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
    fencing = {"success": 1.0, "takes": 25.0, "split": 0.0}
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


@pytest.mark.parametrize(("valid", "good"), [(2000.0, False), (None, False), (9e4, True)])
def test_tested_or_not(valid: float | None, good: bool) -> None:
    """A switch is as good as tested only while the last test is valid; tests cost an outage."""
    # Sees: a test that is good for ever; one that is not renewed.
    tests = {"every": 3000.0, "outage": Det(20.0), "valid": valid}
    # The standby is down when the second test is due: it does not take place.
    out = {"software": {"crash": Det(5500.0), "manual_restart": Det(4400.0)}}
    built = pair(
        a={"fails": Det(11500.0)}, b=out, doing={"failover_tests": tests}, success=0.0,
        success_tested=1.0,
    )  # fmt: skip
    found = gaps(built, "pacs.ok", 11900.0)
    # b is dead from 5500 to 5500 + 900 + 4400 + 30 = 10830.
    assert found[0] == (3000.0, 3020.0)
    assert len(found) == 2
    assert found[1][0] == 11500.0
    assert (found[1][1] < 11900.0) == good


def test_tests_keep_it_tested() -> None:
    """Tests as often as they are valid keep the switch tested."""
    tests = {"every": 3000.0, "outage": Det(20.0), "valid": None}
    built = pair(a={"fails": Det(11500.0)}, doing={"failover_tests": tests}, success=0.0,
                 success_tested=1.0)  # fmt: skip
    found = gaps(built, "pacs.ok", 11900.0)
    assert found[:3] == [(3000.0, 3020.0), (6000.0, 6020.0), (9000.0, 9020.0)]
    only(found[3:], 11500.0, 69.0, 70.0)


def test_split_brain() -> None:
    """Both alive and the heartbeat lost: up, but nothing fails over until it is reconciled."""
    # Sees: a failover while the brain is split; a split while one side is down.
    beat = part("link", "beat", between=("a", "b"), fails=Det(4000.0), ttr=Det(100.0))
    fencing = {"success": 1.0, "takes": 0.0, "heartbeat": ("beat",), "split": 1.0,
               "split_repair": Det(2000.0)}  # fmt: skip
    found = gaps(pair(beat, a=BROKEN, fencing=fencing), "pacs.ok", 8000.0)
    # Broken at 5000, reconciled at 6000, then detected and switched.
    only(found, 5000.0, 1069.0, 1070.0)
    never = {**fencing, "split": 0.0}
    only(gaps(pair(beat, a=BROKEN, fencing=never), "pacs.ok", 8000.0), 5000.0, 69.0, 70.0)
    late = part("link", "beat", between=("a", "b"), fails=Det(5500.0), ttr=Det(100.0))
    built = pair(late, a=BROKEN, b={"fails": Det(5600.0)}, fencing=fencing)
    assert fired(built, "pacs/heartbeat.lost", 5700.0) == []


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
    """Nobody to switch to: after the repair and the reboot the log is replayed."""
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
    assert gaps(built, "role.store", 5000.0 + 2 * HOUR) == [(5000.0, back + 200.0)]


def test_common_software_takes_both() -> None:
    """A release that crashes both at the same moment leaves nothing to switch to."""
    soft = {"software": {"crash": Det(5000.0)}}
    built = pair(a=soft, b=soft, check={"sees": "tcp"}, common={"software": 0.5, "hardware": 0.0})
    # Own clocks at 10 000 s, the shock at 10 000 s: by hand after 900 + 600 + 30 s.
    found = gaps(built, "pacs.ok", 12000.0)
    only(found, 10000.0, 1530.0, 1530.0)


# -- maintenance --------------------------------------------------------------------------------

SUNDAY = 6 * DAY + 2 * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
NEXT = SUNDAY + 28 * DAY


def patched(rolling: bool, **more: Any) -> Model:
    """Return a pair with a window of one hour on the first Sunday of every month."""
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": rolling}  # fmt: skip
    return pair(doing={"maintenance": {"patch": window}}, check={"sees": "tcp"}, **more)


def test_rolling_work() -> None:
    """Standby first, one planned move a round, never both at once."""
    # Sees: the active member first (two moves a round); both worked on at the same time.
    built = patched(rolling=True)
    first = SUNDAY + HOUR + 30.0
    second = NEXT + HOUR + 30.0
    assert gaps(built, "pacs.ok", 40 * DAY) == [(first, first + 60.0), (second, second + 60.0)]
    assert fired(built, "b/patch.patch-begin", 40 * DAY) == [SUNDAY]
    assert fired(built, "a/patch.patch-last", 40 * DAY) == [first]
    # b is active from the first round on, so a is the standby in the second.
    assert fired(built, "a/patch.patch-begin", 40 * DAY) == [NEXT]
    assert fired(built, "b/patch.patch-last", 40 * DAY) == [second]


def test_rolling_work_waits_for_the_next_window() -> None:
    """The other member is down until long after the window has closed: next month, then."""
    # Sees: planned work that begins at any hour as soon as the other is good.
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": True}  # fmt: skip
    doing = {"maintenance": {"patch": window}}
    for lasts, later in ((2 * HOUR, False), (10 * HOUR, True)):
        down = {"fails": Det(SUNDAY - HOUR), "ttr": Det(lasts), "reboot": Det(60.0)}
        built = pair(b=down, doing=doing, standby="hot")
        begun = fired(built, "a/patch.patch-begin", NEXT + DAY) + fired(
            built, "a/patch.patch-last", NEXT + DAY
        )
        assert (min(begun) >= NEXT) is later


def test_rolling_work_waits_for_its_own_host() -> None:
    """A broken standby is worked on once its host is up, and the active one after that."""
    # Sees: work on a broken server; work on the active member while its partner is broken.
    built = patched(rolling=True, a={"fails": Det(SUNDAY - HOUR)})
    # a failed over to b; it is mended at 02:00, on 400 s later, and worked on for an hour.
    assert fired(built, "a/patch.patch-begin", 10 * DAY) == [SUNDAY + 400.0]
    last = SUNDAY + 400.0 + HOUR + 30.0
    assert fired(built, "b/patch.patch-last", 10 * DAY) == [last]
    assert gaps(built, "pacs.ok", 10 * DAY)[1:] == [(last, last + 60.0)]


def test_plain_work() -> None:
    """Plain work takes both members at once: an hour and the start."""
    assert gaps(patched(rolling=False), "pacs.ok", 10 * DAY) == [(SUNDAY, SUNDAY + HOUR + 30.0)]


# -- standby, failback by calendar, and what is recorded ----------------------------------------


@pytest.mark.parametrize(
    ("standby", "hardware", "software"),
    [("hot", True, True), ("warm", True, False), ("cold", False, False)],
)
def test_clocks_of_the_standby(standby: str, *, hardware: bool, software: bool) -> None:
    """Hot: all clocks of the standby run; warm: hardware and system; cold: none."""
    # Sees: a warm standby as a hot or a cold one.
    soft = pair(b={"software": {"crash": Det(5000.0)}}, standby=standby)
    assert bool(fired(soft, "b/application.crash", 6000.0)) == software
    for clock, name in (("fails", "hardware.fail"), ("os_crash", "host.crash")):
        built = pair(b={clock: Det(5000.0)}, standby=standby)
        assert bool(fired(built, f"b/{name}", 6000.0)) == hardware


def test_failback_when_the_office_opens() -> None:
    """Failback waits for the next opening of its calendar; Monday 08:00 is 28 800 s."""
    # Sees: a failback at once.
    office = Calendar.weekly_hours("office", "mon-fri 08:00-17:00")
    found = gaps(pair(a=BROKEN, failback=("next_open", office)), "pacs.ok", 30000.0)
    assert found[1:] == [(28800.0, 28860.0)]


PLANNED, POWER, HOST, PATH, PROCESS, HANGS, DATA = range(7)
IN_PLACE, AUTOMATIC, BY_PEOPLE, BY_REPAIR = range(4)
ALONE = 8


def recorded(built: Model, until: float) -> tuple[int, int, list[float]]:
    """Return kind and end of the first gap of service, and how long each phase took."""
    place = [o.name for o in built.observations].index("failover:pacs")
    rows = simulate(built, horizon=until).episodes
    row = rows[rows["observation"] == place][0]
    return int(row["at_start"]), int(row["at_end"]), [float(x) for x in row["phases"][:3]]


def test_recorded_switch() -> None:
    """A process that dies: detection of 9 to 10 s, nothing to decide, a switch of 60 s."""
    # Sees: the wait of the check counted as decision.
    kind, end, (detection, decision, switch) = recorded(pair(a=DEAD, check={"sees": "tcp"}), 9e3)
    assert (kind, end, decision, switch) == (PROCESS, AUTOMATIC, 0.0, 60.0)
    assert 9.0 <= detection <= 10.0


@pytest.mark.parametrize(
    ("a", "more", "expected"),
    [
        (BROKEN, {}, (HOST, AUTOMATIC)),
        (BROKEN, {"success": 0.0}, (HOST, BY_PEOPLE)),
        (HUNG, {"check": {"sees": "http"}}, (HANGS, AUTOMATIC)),
        (HUNG, {"check": {"sees": "host"}}, (HANGS, IN_PLACE)),
        (DEAD, {"check": {"sees": "host"}}, (PROCESS, IN_PLACE)),
        (BROKEN, {"b": {"fails": Det(3000.0)}}, (HOST + ALONE, BY_REPAIR)),
        (BROKEN, {"b": {"os_crash": Det(4980.0)}}, (HOST + ALONE, BY_REPAIR)),
    ],
    ids=["automatic", "people", "hung", "hung-in-place", "in-place", "alone", "alone-shortly"],
)
def test_recorded_kinds(a: Any, more: dict[str, Any], expected: tuple[int, int]) -> None:
    """What fell at the start, with or without a standby, and how service came back."""
    # Sees: a gap without a standby not marked; a repair taken for a restart in place.
    assert recorded(pair(a=a, **more), 14000.0)[:2] == expected


def test_a_standby_that_nobody_knows_to_be_bad() -> None:
    """Lost with a standby that has failed unseen: a failover that finds nobody, not a loss alone."""
    # Sees: the truth in place of what is known.
    for seen, alone in ((3000.0, 0), (500.0, 1)):
        standby = {"fails": Det(4000.0), "ttr": None, "repair": Det(20 * HOUR)}
        built = pair(a=BROKEN, b=standby, doing={"times": {**TIMES, "call": Det(seen)}})
        place = [o.name for o in built.observations].index("failover:pacs")
        found = simulate(built, horizon=9000.0)
        rows = found.episodes[found.episodes["observation"] == place]
        assert [int(row["at_start"]) // 8 for row in rows] == [alone]


def test_recorded_crash_of_a_database_after_a_switch() -> None:
    """A switch at 5000, automatic; a crash of the database long after it recovers in place."""
    # Sees: a crash that ends as the last switch did.
    data = part("database", "db", runs_on="pacs", crash=Det(20000.0), recovery=Det(200.0))
    built = pair(data, a=BROKEN, check={"sees": "tcp"})
    found = simulate(built, horizon=26000.0).episodes
    place = [o.name for o in built.observations].index("failover:pacs")
    rows = found[found["observation"] == place]
    assert [failing.HOW[int(row["at_end"])] for row in rows] == ["automatic", "in_place"]
    assert [failing.KINDS[int(row["at_start"]) % 8] for row in rows] == ["host", "database"]


def test_recorded_power() -> None:
    """A cut of the power of the active member is power, not host."""
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    built = pair(mains, pdu, a={"power": ("pdu",)})
    assert recorded(built, 6000.0)[:2] == (POWER, AUTOMATIC)


def test_recorded_planned_move() -> None:
    """The move before planned work is planned, automatic, and all of it is switching."""
    assert recorded(patched(rolling=True), 10 * DAY) == (PLANNED, AUTOMATIC, [0.0, 0.0, 60.0])
