"""Members that a takeover left and that do not come back into the group by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import fired, gaps, lost_per_time, missing, model, part, practices
from tests.oracle.parts.pairing import (
    DAY,
    EXACT,
    HOUR,
    HUNG,
    LATE,
    TIMES,
    group,
    happened,
    only,
    pair,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model

DEEP = {"sees": "http"}
FENCE = {"success": 1.0, "takes": 25.0}
HELD: dict[str, Any] = {"check": DEEP, "fencing": FENCE, "rejoins": 0.0}
BOOT = 430.0
CALLED = 900.0 + 1800.0


def fencing(built: Model) -> float:
    """Return when the first fencing was over."""
    return fired(built, "pacs/phase.fenced", 6000.0)[0]


def test_a_held_member_does_not_serve_after_a_failed_switch() -> None:
    """By hand: the reboot of 430 s in place of call and work, less the 60 s of the switch."""
    # Sees: a held member that serves as soon as it is good; people who leave it alone.
    plain = pair(a=HUNG, check=DEEP, fencing=FENCE, success=0.0)
    assert gaps(plain, "pacs.ok", 9900.0) == [(5000.0, fencing(plain) + BOOT)]
    built = pair(a=HUNG, success=0.0, **HELD)
    ((start, end),) = gaps(built, "pacs.ok", 9900.0)
    assert start == 5000.0
    assert end == pytest.approx(fencing(built) + 60.0 + CALLED, abs=1e-6)
    assert fencing(plain) == fencing(built)
    # It boots all the same, and people choose it before the other.
    assert gaps(built, "a.ok", 9900.0) == [(5000.0, fencing(built) + BOOT)]
    assert gaps(built, "pacs.active.a", 9900.0) == []
    names = [name for name, _ in happened(built, 9900.0)]
    assert "pacs/phase.worked" in names


def test_a_held_member_is_found_late() -> None:
    """b serves from the switch on; 9000 s later somebody sees that a is out, and works 1800 s."""
    # Sees: a held member that comes back when it has booted, or after a call.
    built = pair(a=HUNG, **HELD)
    back = fencing(built) + 60.0
    seen, back_in = happened(built, 20000.0, "pacs/held-a.noticed", "pacs/held-a.taken-back")
    assert seen[1] == pytest.approx(back + LATE, abs=1e-6)
    assert back_in[1] == pytest.approx(back + LATE + 1800.0, abs=1e-6)


@pytest.mark.parametrize(("fails", "held"), [(9000.0, True), (17000.0, False)])
def test_a_held_member_is_no_standby(fails: float, held: bool) -> None:
    """b breaks: before a is taken back people have to come, after it a takes over."""
    # Sees: a switch to a member that is out of the group; one that stays out for ever.
    built = pair(a=HUNG, b={"fails": Det(fails), "ttr": Det(DAY)}, standby="warm", **HELD)
    after = 9.0 + (CALLED if held else 85.0)
    only(gaps(built, "pacs.ok", 21000.0)[1:2], fails, after, after + 1.0)
    assert len(fired(built, "pacs/phase.noticed", 21000.0)) == held


def test_a_member_that_was_not_fenced_is_never_held() -> None:
    """Crashes, power and watchdogs hold nobody: a fencing that did not work, or rejoins 1."""
    # Sees: a member that is held whatever became of the fencing.
    built = pair(a=HUNG, check=DEEP, fencing={**FENCE, "success": 0.0}, rejoins=0.0)
    assert fired(built, "pacs/held-a.noticed", 40000.0) == []
    plain = pair(a=HUNG, check=DEEP, rejoins=1.0)
    assert "pacs/held-a" not in [e.name for e in plain.elements]


CRASHED = {"os_crash": Det(5000.0)}


def test_without_fencing_a_takeover_holds_nobody_whom_it_does_not_leave() -> None:
    """b is broken: a comes back from its crash by itself and nobody has left it."""
    # Sees: a member that is held because it was bad.
    built = pair(a=CRASHED, b={"fails": Det(4500.0)}, rejoins=0.0)
    assert gaps(built, "pacs.ok", 7000.0) == [(5000.0, 5000.0 + BOOT)]
    assert fired(built, "pacs/held-a.noticed", 40000.0) == []


def test_without_fencing_a_takeover_holds_the_member_that_it_leaves() -> None:
    """a is back from its own crash, but out until people come, after a switch that failed."""
    # Sees: fencing that is worse than none, as nobody stays out without it.
    plain = pair(a=CRASHED, success=0.0)
    assert gaps(plain, "pacs.ok", 9900.0) == [(5000.0, 5000.0 + BOOT)]
    built = pair(a=CRASHED, success=0.0, rejoins=0.0)
    (detected,) = fired(built, "pacs/phase.detected", 9900.0)
    ((start, end),) = gaps(built, "pacs.ok", 9900.0)
    assert start == 5000.0
    assert end == pytest.approx(detected + 60.0 + CALLED, abs=1e-6)
    # It is not reset: a reset at the takeover would be over 9 s later. People choose it first.
    assert gaps(built, "a.ok", 9900.0) == [(5000.0, 5000.0 + BOOT)]
    assert gaps(built, "pacs.active.a", 9900.0) == []
    assert "pacs/phase.worked" in [name for name, _ in happened(built, 9900.0)]


def test_without_fencing_a_held_member_is_found_late() -> None:
    """b serves; a, which still hangs, is found out of the group as after a fencing."""
    # Sees: a held member whose clock waits until it is mended; one that is reset.
    built = pair(a=HUNG, check=DEEP, rejoins=0.0)
    back = fired(built, "pacs/phase.switched", 6000.0)[0]
    seen, back_in = happened(built, 20000.0, "pacs/held-a.noticed", "pacs/held-a.taken-back")
    assert seen[1] == pytest.approx(back + LATE, abs=1e-6)
    assert back_in[1] == pytest.approx(back + LATE + 1800.0, abs=1e-6)
    # Recognised after 7200 s, restarted by hand in 600 s, started in 30 s: nobody has stopped it.
    assert gaps(built, "a.ok", 17000.0) == [(5000.0, 5000.0 + 7200.0 + 630.0)]


@pytest.mark.slow
def test_rolling_work_waits_for_a_held_member() -> None:
    """a is out of the group on Sunday: b is not worked on, which would stop the service."""
    # Sees: work on the only member that may serve.
    sunday = 6 * DAY + 2 * HOUR
    window = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
              "lasts": Det(HOUR), "rolling": True}  # fmt: skip
    for late, begun in ((90 * DAY, False), (DAY, True)):
        built = pair(
            a=HUNG, doing={"maintenance": {"patch": window},
                           "times": {**TIMES, "hidden_unmonitored": Det(late)}}, **HELD,
        )  # fmt: skip
        assert bool(fired(built, "b/patch.patch-last", 8 * DAY)) is begun
        assert fired(built, "a/patch.patch-begin", 8 * DAY) == [sunday]


# -- the chain ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two servers of which one that was left rejoins with a probability: rates, probabilities.

    ``fenced`` is None without fencing: then nobody is reset, and detection ends in the switch.
    """

    rejoins: float
    life: float = 100.0
    repair: float = 9.0
    reboot: float = 0.5
    detect: float = 0.4
    fence: float = 0.15
    fenced: float | None = 0.85
    switch: float = 0.6
    success: float = 0.7
    call: float = 3.0
    hidden: float = 20.0
    manual: float = 2.0

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (active, other, phase, other refused, other barred, both held)."""
        a, o, phase, refused, barred, ah, oh = state

        def step(a: str, o: str) -> Any:
            return self.settled(a, o, phase, refused if o == "up" else "", barred, ah, oh)

        for k, one in enumerate((a, o)):
            for was, then, mean in (
                ("up", "down", self.life), ("boot", "down", self.life),
                ("down", "boot", self.repair), ("boot", "up", self.reboot),
            ):  # fmt: skip
                if one == was:
                    yield step(*((then, o) if k == 0 else (a, then))), 1 / mean
        ready = o == "up" and not refused and not oh
        failed = self.settled(a, o, "failed", refused, False, ah, oh)
        if phase == "on" and refused == "refused":
            yield (a, o, "on", "mending", False, ah, oh), 1 / self.call
        elif phase == "on" and refused:
            yield (a, o, "on", "", False, ah, oh), 1 / self.manual
        if phase == "on" and a == "up" and oh == "held":
            yield (a, o, "on", refused, False, ah, "releasing"), 1 / self.hidden
        elif phase == "on" and a == "up" and oh:
            yield (a, o, "on", refused, False, ah, ""), 1 / self.manual
        if phase == "detect" and ready and self.fenced is None:
            for hold, p in (("", self.rejoins), ("held", 1 - self.rejoins)):
                yield (a, o, "switch", refused, False, hold, oh), p / self.detect
        elif phase == "detect":
            go = self.settled(a, o, "fence", refused, False, ah, oh)
            yield go if ready else failed, 1 / self.detect
        elif phase == "fence":
            assert self.fenced is not None
            reset = "down" if a == "down" else "boot"
            for hold, p in (("", self.rejoins), ("held", 1 - self.rejoins)):
                yield (reset, o, "switch", refused, False, hold, oh), p * self.fenced / self.fence
            stopped = self.settled(a, o, "failed", refused, True, ah, oh)
            yield stopped, (1 - self.fenced) / self.fence
        elif phase == "switch" and ready:
            yield (o, a, "on", "", False, oh, ah), self.success / self.switch
            stopped = self.settled(a, o, "failed", "refused", False, ah, oh)
            yield stopped, (1 - self.success) / self.switch
        elif phase == "switch":
            yield failed, 1 / self.switch
        elif phase == "failed":
            yield (a, o, "work", refused, barred, ah, oh), 1 / self.call
        elif phase == "work":
            # People take whoever is up, the active one before the other, and hold nobody.
            yield self.settled(a, o, "stranded", "", False, "", ""), 1 / self.manual

    @staticmethod
    def settled(a: str, o: str, phase: str, refused: str, barred: bool, ah: str, oh: str) -> Any:
        """Return the state after what follows at once."""
        waits = phase in {"failed", "work"}
        if phase == "on" and a != "up" and o == "up":
            return (a, o, "detect", refused, False, ah, oh)
        if phase == "detect" and a != "up" and o != "up":
            return (a, o, "on", refused, False, ah, oh)
        if a == "up" and (phase in {"detect", "stranded"} or (waits and not ah)):
            return (a, o, "on", refused, False, ah, oh)
        if o == "up" and (phase == "stranded" or (waits and not (refused or barred or oh))):
            return (o, a, "on", "", False, oh, ah)
        return (a, o, phase, refused, barred and waits, ah, oh)

    def chain(self) -> Chain:
        """Return the chain from two good servers."""
        return Chain(explored(("up", "up", "on", "", False, "", ""), self.moves))

    def built(self) -> Model:
        """Return the model under test of the same."""
        server = {"fails": Exp(self.life), "ttr": Exp(self.repair), "reboot": Exp(self.reboot),
                  "boot_after_power": Exp(1.0)}  # fmt: skip
        fencing = None if self.fenced is None else {"success": self.fenced, "takes": self.fence}
        pacs = group(
            check={"every": self.detect / 9.5}, switchover=Exp(self.switch), success=self.success,
            success_tested=self.success, rejoins=self.rejoins, fencing=fencing,
        )  # fmt: skip
        times = {"call": Exp(self.call), "manual_failover": Exp(self.manual),
                 "hidden_unmonitored": Exp(self.hidden)}  # fmt: skip
        return model(
            part("server", "a", **server), part("server", "b", **server), groups=(pacs,),
            down=("pacs.ok",), doing=practices(times=times),
        )  # fmt: skip


@pytest.mark.parametrize("rejoins", [0.0, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("fenced", [0.85, None])
@pytest.mark.usefixtures("markov")
def test_rejoin_model(rejoins: float, fenced: float | None) -> None:
    """Share of time without service, and how often it is lost, as the chain says."""
    # Sees: a held member that a rule takes; one that is found at once, or not while it boots.
    pair = Pair(rejoins, fenced=fenced)
    chain, built = pair.chain(), pair.built()
    serving = [s for s in chain.states if s[0] == "up" and s[2] == "on"]  # type: ignore[index]
    assert missing(built, "pacs.ok") == close(1 - chain.share(*serving), EXACT)
    pi, good = chain.steady(), set(serving)
    lost = sum(
        pi[x] * chain.matrix[i, j]
        for i, x in enumerate(chain.states)
        for j, y in enumerate(chain.states)
        if x in good and y not in good
    )
    assert lost_per_time(built, "pacs.ok") == close(float(lost), EXACT)
