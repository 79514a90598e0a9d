"""Failover groups: coverage models as chains written apart from the code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Exponential as Exp
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import (
    lost_per_time,
    missing,
    model,
    part,
    practices,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pacsim.core import Model

from tests.oracle.parts.pairing import EXACT, group

# -- chains -------------------------------------------------------------------------------------


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
            # The standby is up here, or nobody would have looked for it: refused, people decide.
            then = there if ready else "failed"
            yield self.settled(active, other, then, refused, barred=False), 1 / self.detect
        elif phase == "fence":
            rate = 1 / self.fence
            # Whoever is up or booting boots anew.
            reset = "down" if active == "down" else "boot"
            yield (reset, other, "switch", refused, False), rate * self.fenced
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
        """Return the state after what follows at once: whichever is good serves if it may.

        A server that is down is left, and looked at, only for one that is up.
        """
        if phase == "on" and a != "up" and o == "up":
            return (a, o, "detect", refused, False)
        if phase == "detect" and a != "up" and o != "up":
            return (a, o, "on", refused, False)
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
        fencing = {"success": self.fenced, "takes": self.fence}
        pair = group(
            check={"every": self.detect / 9.5}, switchover=Exp(self.switch), success=self.success,
            standby="cold" if self.cold else "hot", fencing=fencing if self.fence else None,
            common={"hardware": self.common}, **{"success_tested": self.success, **more},
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
