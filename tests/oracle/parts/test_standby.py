"""What a group believes of a standby, what is latent in it, and what a proof is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.core import layout
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines.reference import simulate
from pacsim.parts import failover
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import gaps, lost_per_time, missing, model, part, practices, role
from tests.oracle.parts.pairing import (
    EXACT,
    HOUR,
    NEVER,
    TIMES,
    group,
    happened,
    only,
    pair,
    server,
)
from tests.oracle.parts.test_active_passive import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model

SWITCH, PEOPLE = 60.0, 900.0 + 1800.0
"""A switchover; from a failed one until people are done."""

# -- the table: true state of the standby x depth of the check -> what the group does --------------

FAULT = 2000.0
MAINS = part("utility", "mains", outages=Det(FAULT), duration=Det(NEVER))
PDU = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
EDGE = part("switch", "edge", fails=Det(FAULT), ttr=Det(NEVER))
STATES: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "fine": ((), {}),
    "hung": ((), {"software": {"crash": Det(FAULT), "hang_share": 1.0}}),
    "dead": ((), {"software": {"crash": Det(FAULT)}}),
    "broken": ((), {"fails": Det(FAULT), "ttr": None, "repair": Det(HOUR)}),
    "dark": ((MAINS, PDU), {"power": ("pdu",)}),
    "cut off": ((EDGE,), {"network": ("edge",)}),
}
TRIED = {
    None: {"fine", "hung", "dead"},
    "host": {"fine", "hung", "dead"},
    "tcp": {"fine", "hung"},
    "http": {"fine"},
}
"""Of the depth at which the check looks at the standby too, the states in which it is tried."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("depth", TRIED)
def test_a_member_is_tried_if_it_looks_able(depth: str | None, state: str) -> None:
    """What nobody looks at looks good, unless it is off; a path that is gone is seen by itself."""
    # Sees: a group that knows what nobody has looked at; a check of the standby that sees no more.
    others, own = STATES[state]
    check = {"sees": depth or "tcp", "standby": depth is not None}
    more: tuple[Any, ...] = ()
    of_a: dict[str, Any] = {}
    if state == "cut off":
        site = part("clients", "site", network=("edge", "core"))
        more = (site, part("switch", "core", fails=Det(NEVER), ttr=Det(1.0)))
        of_a = {"network": ("core",)}
    built = model(
        *others, *more, server("a", fails=Det(5000.0), ttr=Det(NEVER), **of_a), server("b", **own),
        groups=(group(check=check),),
        roles=(role("store", "pacs", used_from=("site",)),) if state == "cut off" else (),
        down=("pacs.ok",), doing=practices(times={**TIMES, "hidden_unmonitored": Det(1e6)}),
    )  # fmt: skip
    switched = [name for name, _ in happened(built, 5200.0, "pacs/phase.switched")]
    assert bool(switched) == (state in TRIED[depth])
    ((begin, end),) = gaps(built, "pacs.ok", 5200.0)
    assert begin == 5000.0
    assert (end < 5200.0) == (state == "fine")


def test_a_standby_that_hangs_behind_a_tcp_check() -> None:
    """The switch takes its full 60 s and fails; people find it, and restart it, 7 200 + 600 + 30 s."""
    # Sees: a switch that knows better; a refusal that outlives the fault.
    hung = {"software": {"crash": Det(2000.0), "hang_share": 1.0}}
    times = {**TIMES, "hidden_unmonitored": Det(1e6), "manual_failover": Det(1e5)}
    until = 14000.0
    built = pair(a={"fails": Det(5000.0), "ttr": Det(NEVER)}, b=hung,
                 doing={"times": times}, check={"sees": "tcp"})  # fmt: skip
    only(gaps(built, "pacs.ok", until), 5000.0, 69.0 + 7830.0, 70.0 + 7830.0)
    ((_, known),) = happened(built, until, "b/application.recognised")
    assert [at for _, at in happened(built, until, "pacs/trust-b.good-again")] == [known + 630.0]


# -- latent faults ----------------------------------------------------------------------------------


def spoiled(at: float = 100 * HOUR, **more: Any) -> Model:
    """Return a pair whose standby becomes unfit at 100 h, unless given otherwise."""
    return pair(latent=Det(at), **more)


DRILL = {"every": 200 * HOUR, "outage": Det(20.0), "finds": 1.0, "causes_outage": 0.0}


def test_a_drill_finds_what_is_latent() -> None:
    """Latent at 100 h, found at 200 h: no outage but the test; mended, so a fault at 400 h is taken."""
    built = spoiled(doing={"failover_tests": DRILL}, a={"fails": Det(350 * HOUR)})
    found = gaps(built, "pacs.ok", 351 * HOUR)
    assert found[0] == (200 * HOUR, 200 * HOUR + 20.0)
    # Spoiled once more 100 h after it was mended in an instant: at 300 h, and nobody has looked.
    only(found[1:], 350 * HOUR, 69.0 + PEOPLE, 70.0 + PEOPLE)
    soon = spoiled(doing={"failover_tests": DRILL}, a={"fails": Det(250 * HOUR)})
    only(gaps(soon, "pacs.ok", 251 * HOUR)[1:], 250 * HOUR, 69.0, 70.0)


def test_a_fault_before_the_drill_finds_it_too() -> None:
    """Latent at 100 h, a fault at 150 h: the switch fails after its full time, then people."""
    # Sees: a latent fault that a switch does not reveal; a standby that serves by itself.
    built = spoiled(a={"fails": Det(150 * HOUR)})
    only(gaps(built, "pacs.ok", 153 * HOUR), 150 * HOUR, 69.0 + PEOPLE, 70.0 + PEOPLE)
    # b was mended as people switched to it; a is the standby from then on.
    assert happened(built, 151 * HOUR, "pacs/standby-b.serves") == []
    spoils = [at for _, at in happened(built, 270 * HOUR, "pacs/standby-a.spoil")]
    served = gaps(built, "pacs.ok", 153 * HOUR)[0][1]
    assert spoils == [close(served + 100 * HOUR, EXACT)]


def test_people_mend_a_standby_that_a_drill_has_refused() -> None:
    """Found at 200 h and refused: 900 s until noticed, 1 800 s of work; a fault meanwhile: people."""
    # Sees: a test after which all is well at once.
    built = spoiled(doing={"failover_tests": DRILL})
    ((_, at),) = happened(built, 201 * HOUR, "pacs/trust-b.mended")
    assert at == 200 * HOUR + 20.0 + PEOPLE
    early = spoiled(doing={"failover_tests": DRILL}, a={"fails": Det(200 * HOUR + 1000.0)})
    ((start, end),) = gaps(early, "pacs.ok", 202 * HOUR)[1:]
    assert (start, end) == (200 * HOUR + 1000.0, end)
    # The check takes 9 to 10 s; then people are called, since rules may take nobody.
    assert 9.0 + PEOPLE <= end - start <= 10.0 + PEOPLE


def test_monitoring_may_find_what_is_latent() -> None:
    """Only if it is told to look at the standby: after `hidden`; then it is mended as if refused."""
    times = {**TIMES, "alert": Det(300.0), "hidden": Det(HOUR)}
    for finds, at in ((("standby",), [101 * HOUR]), (("hung_service",), [])):
        seen = {"finds": finds}
        built = spoiled(doing={"times": times, "monitoring": seen})
        assert [t for _, t in happened(built, 110 * HOUR, "pacs/standby-b.found")] == at


def worked(**more: Any) -> Model:
    """Return a pair with a rolling window of 2 h each month, the first at 72 h (4 January)."""
    window = {"of": ("a", "b"), "every": 30.4375 * 24 * HOUR, "on": "first sunday 02:00",
              "lasts": Det(2 * HOUR), "rolling": True}  # fmt: skip
    doing = {"maintenance": {"patch": window}, **more.pop("doing", {})}
    return pair(doing=doing, **more)


def test_planned_work_is_called_off_if_the_standby_is_unfit() -> None:
    """A move that fails: the work it was for ends, the active member starts again, 60 + 30 s."""
    # Sees: planned moves that always succeed; work that goes on while nobody serves.
    built = worked(latent=Det(10 * HOUR))
    moves = [at for _, at in happened(built, 1000 * HOUR, "pacs/phase.unmoved")]
    begun = [at for _, at in happened(built, 1000 * HOUR, "pacs/phase.move")]
    assert moves[0] == begun[0] + SWITCH
    assert gaps(built, "pacs.ok", 400 * HOUR) == [(begun[0], moves[0] + 30.0)]
    assert happened(built, 400 * HOUR, "pacs/phase.noticed") == []


def test_a_test_may_cause_an_outage() -> None:
    """Service is not back as it ends but 2 h later; the 20 s are planned and the 2 h are not."""
    # Sees: tests that never go wrong; an outage that counts as planned; one that ends at once.
    drill = {**DRILL, "causes_outage": 1.0, "outage_repair": Det(2 * HOUR)}
    built = model(
        server("a"), server("b"), groups=(group(),), roles=(role("store", "pacs"),),
        down=("pacs.ok",), doing=practices(times=TIMES, failover_tests=drill),
    )  # fmt: skip
    begin = 200 * HOUR
    assert gaps(built, "pacs.ok", 210 * HOUR) == [(begin, begin + 20.0 + 2 * HOUR)]
    assert happened(built, 210 * HOUR, "pacs/phase.upset") == [("pacs/phase.upset", begin + 20.0)]
    place, values = layout(built)["role:store"], simulate(built, horizon=210 * HOUR).values[0]
    assert [values[place.unplanned], values[place.planned]] == [
        close(2 * HOUR, EXACT),
        close(20.0, EXACT),
    ]


# -- a proof and what it is worth -------------------------------------------------------------------


@pytest.mark.parametrize(("lasts", "good"), [(2000.0, False), (3000.0, False), (9e4, True)])
def test_tested_or_not(lasts: float, good: bool) -> None:
    """A switch is as good as tested only while the last test is a proof; tests cost an outage."""
    # Sees: a test that is good for ever; one that is not renewed; one in vain that proves.
    tests = {"every": 3000.0, "outage": Det(20.0), "causes_outage": 0.0}
    # The standby is dead when the second test is due, which finds it, and known at the third.
    out = {"software": {"crash": Det(5500.0), "manual_restart": Det(4400.0)}}
    built = pair(
        a={"fails": Det(11500.0)}, b=out, doing={"failover_tests": tests},
        success=0.0, success_tested=1.0, proven_for=Det(lasts),
    )  # fmt: skip
    found = gaps(built, "pacs.ok", 11900.0)
    # b is dead from 5500 to 6000 + 900 + 4400 + 30 = 11330.
    assert found[:2] == [(3000.0, 3020.0), (6000.0, 6020.0)]
    assert len(found) == 3
    assert found[2][0] == 11500.0
    assert (found[2][1] < 11900.0) == good


@pytest.mark.parametrize("lasts", [2500.0, 9e4])
def test_a_group_starts_unproven(lasts: float) -> None:
    """A fault before the first test finds an untested switch, however long a proof is good for."""
    # Sees: a group that was tested at t = 0.
    tests = {"every": 3000.0, "outage": Det(20.0), "causes_outage": 0.0}
    built = pair(a={"fails": Det(2000.0)}, doing={"failover_tests": tests}, success=0.0,
                 success_tested=1.0, proven_for=Det(lasts))  # fmt: skip
    only(gaps(built, "pacs.ok", 5500.0), 2000.0, 69.0 + PEOPLE, 70.0 + PEOPLE)


def test_tests_keep_it_tested() -> None:
    """Tests as often as a proof lasts keep the switch tested."""
    tests = {"every": 3000.0, "outage": Det(20.0), "causes_outage": 0.0}
    built = pair(a={"fails": Det(11500.0)}, doing={"failover_tests": tests}, success=0.0,
                 success_tested=1.0, proven_for=Det(3100.0))  # fmt: skip
    found = gaps(built, "pacs.ok", 11900.0)
    assert found[:3] == [(3000.0, 3020.0), (6000.0, 6020.0), (9000.0, 9020.0)]
    only(found[3:], 11500.0, 69.0, 70.0)


def test_a_planned_move_is_a_proof() -> None:
    """The window has moved the service at once: a fault a while after it finds a proven switch."""
    # Sees: proofs by tests alone.
    built = worked(success=0.0, success_tested=1.0, proven_for=Det(400 * HOUR))
    ((_, first), *_) = happened(built, 400 * HOUR, "pacs/phase.moved")
    later = worked(success=0.0, success_tested=1.0, proven_for=Det(400 * HOUR),
                   b={"fails": Det(first + 10 * HOUR)})  # fmt: skip
    only([x for x in gaps(later, "pacs.ok", 400 * HOUR) if x[1] - x[0] > SWITCH],
         first + 10 * HOUR, 69.0, 70.0)  # fmt: skip


@dataclass(frozen=True)
class Proven(Pair):
    """The coverage model with a success that falls from `tested` as exp(-s / lasts)."""

    tested: float = 0.95
    lasts: float = 40.0

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (pair, whether the last proof still counts)."""
        inner, valid = state
        now = replace(self, success=self.tested if valid else self.success)
        ready = inner[2] == "switch" and inner[1] == "up" and not inner[3]
        for then, rate in Pair.moves(now, inner):
            # A switch that fails refuses, and one that finds nobody proves nothing.
            yield (then, valid or (ready and then[2] == "on" and not then[3])), rate
        if valid:
            yield (inner, False), 1 / self.lasts

    def chain(self) -> Chain:
        """Return the chain from two good servers, unproven."""
        return Chain(explored((("up", "up", "on", "", False), False), self.moves))

    def serving(self) -> list[Any]:
        """Return the states with service."""
        return [s for s in self.chain().states if s[0][0] == "up" and s[0][2] == "on"]  # type: ignore[index]


@pytest.mark.usefixtures("markov")
def test_success_falls_with_the_time_since_the_last_proof() -> None:
    """success + (success_tested - success) exp(-s / proven_for), s from the last switch on."""
    # Sees: a proof that is good for ever; one that is not renewed; swapped successes.
    pair = Proven(success=0.4)
    built = pair.built(success_tested=pair.tested, proven_for=Exp(pair.lasts))
    assert missing(built, "pacs.ok") == close(pair.unserved(), EXACT)
    assert lost_per_time(built, "pacs.ok") == close(pair.lost(), EXACT)


@dataclass(frozen=True)
class Latent:
    """Two servers and a standby that becomes unfit unseen: rates; every switch is perfect else."""

    life: float = 100.0
    repair: float = 9.0
    reboot: float = 0.5
    detect: float = 0.4
    switch: float = 0.6
    call: float = 3.0
    manual: float = 2.0
    latent: float = 30.0

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (active, other, phase, trust in the other, whether it is latent)."""
        a, o, phase, trust, latent = state
        steps = {
            "up": ("down", self.life),
            "down": ("boot", self.repair),
            "boot": ("up", self.reboot),
        }
        # A server that boots fails as well.
        for k, one in enumerate((a, o)):
            for then, mean in {steps[one], ("down", self.life)} if one != "down" else {steps[one]}:
                first, second = (then, o) if k == 0 else (a, then)
                yield self.settled(first, second, phase, trust, latent), 1 / mean
        if not latent:
            yield (a, o, phase, trust, True), 1 / self.latent
        fit = o == "up" and not trust
        if phase == "on" and trust:
            then, mean = ("mending", self.call) if trust == "refused" else ("", self.manual)
            yield self.settled(a, o, "on", then, latent), 1 / mean
        elif phase == "detect":
            yield self.settled(a, o, "switch" if fit else "failed", trust, latent), 1 / self.detect
        elif phase == "switch":
            if fit and not latent:
                yield self.settled(o, a, "on", "", latent=False), 1 / self.switch
            else:
                refused = "refused" if fit else trust
                yield self.settled(a, o, "failed", refused, latent and not fit), 1 / self.switch
        elif phase == "failed":
            yield (a, o, "work", trust, latent), 1 / self.call
        elif phase == "work":
            yield self.settled(a, o, "stranded", "", latent), 1 / self.manual

    @staticmethod
    def settled(a: str, o: str, phase: str, trust: str, latent: bool) -> Any:
        """Return the state after what follows at once; rules take no latent one after an outage."""
        if phase == "on" and a != "up" and o == "up":
            return (a, o, "detect", trust, latent)
        if phase == "detect" and (a == "up" or o != "up"):
            return (a, o, "on", trust, latent)
        waits = phase in {"failed", "work"}
        if a == "up" and (waits or phase == "stranded"):
            return (a, o, "on", trust, latent)
        if o == "up" and (phase == "stranded" or (waits and not trust and not latent)):
            return (o, a, "on", "", False)
        return (a, o, phase, trust, latent)

    def chain(self) -> Chain:
        """Return the chain from two good servers."""
        return Chain(explored(("up", "up", "on", "", False), self.moves))


@pytest.mark.parametrize("latent", [30.0, 3.0, 1000.0])
@pytest.mark.usefixtures("markov")
def test_latent_standby_model(latent: float) -> None:
    """Share of time without service, as the chain says; unfit is found by a switch alone."""
    # Sees: a latent fault that a switch does not reveal; one of the active member; one that
    # serving does not end; a latent standby that serves by itself.
    one = Latent(latent=latent)
    plain = Pair(life=one.life, repair=one.repair, reboot=one.reboot, detect=one.detect, fence=0.0,
                 fenced=1.0, switch=one.switch, success=1.0, call=one.call, manual=one.manual,
                 manual_success=1.0)  # fmt: skip
    built = plain.built(latent=Exp(latent))
    chain = one.chain()
    good = [s for s in chain.states if s[0] == "up" and s[2] == "on"]  # type: ignore[index]
    assert missing(built, "pacs.ok") == close(1 - chain.share(*good), EXACT)
    # A standby that is hardly ever unfit is one of a perfect pair.
    if latent == 1000.0:
        never = replace(one, latent=1e12).chain()
        fine = [s for s in never.states if s[0] == "up" and s[2] == "on"]  # type: ignore[index]
        assert 1 - never.share(*fine) == close(plain.unserved(), 1e-6)


def test_kinds_are_of_the_active_member() -> None:
    """A gap that a switch in vain prolongs is of the kind of what fell, and ended by people."""
    built = spoiled(a={"fails": Det(150 * HOUR)})
    place = [o.name for o in built.observations].index("failover:pacs")
    episodes = simulate(built, horizon=153 * HOUR).episodes
    (row,) = episodes[episodes["observation"] == place]
    assert failover.KINDS[int(row["at_start"]) % 8] == "host"
    assert failover.HOW[int(row["at_end"])] == "people"
    assert int(row["at_start"]) // 8 == 0
    assert 69.0 + PEOPLE <= row["end"] - row["start"] <= 70.0 + PEOPLE
