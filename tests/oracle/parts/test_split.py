"""Two sides that serve at once: who counts, what is lost, and members that cannot be stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.core import layout
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel
from pacsim.engines.reference import simulate
from pacsim.parts.loss_classes import SPLIT
from pacsim.parts.watch_handles import LossWatch
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
    watched,
)
from tests.oracle.parts.pairing import (
    BACK,
    BROKEN,
    DEAD,
    EXACT,
    HUNG,
    NEVER,
    TIMES,
    group,
    happened,
    only,
    server,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model

DEEP = {"sees": "http"}
SPLITS: dict[str, Any] = {"heartbeat": ("beat",), "split": 1.0, "reconcile": Det(2000.0),
                          "reconcile_down": Det(500.0), "split_lost": 0.01}  # fmt: skip


def sides(
    a: Any = None,
    b: Any = None,
    *,
    cut: float = NEVER,
    doing: Any = None,
    **more: Any,
) -> tuple[Model, list[Any]]:
    """Return a pair on an array, with a database; half a study a second comes in."""
    disk = {"life": Det(NEVER), "size": 1e12, "rebuild_rate": 1e8}
    array = part("disk_array", "array", layout="raid6", disks=6, disk=disk, replace=Det(1.0),
                 disk_replace=Det(1.0), set_up=Det(1.0))  # fmt: skip
    beat = part("link", "beat", between=("a", "b"), fails=Det(cut), ttr=Det(100.0))
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    return watched(
        server("a", storage=("array",), **(a or {})), server("b", storage=("array",), **(b or {})),
        beat, array, data, groups=(group(**{**SPLITS, **more}),), studies=0.5,
        doing=practices(times={**TIMES, **(doing or {})}),
        down=("pacs.ok", "pacs.full", "db.ok", "a.ok", "pacs.active.a"),
    )  # fmt: skip


def split(a: Any = None, b: Any = None) -> tuple[Model, list[Any]]:
    """Return such a pair that is split from 4000 to 6000, and down from then to 6500."""
    return sides(a, b, cut=4000.0)


def lost(built: Model, handles: list[Any], until: float) -> tuple[float, float]:
    """Return number and studies of the losses of a split, alike on both simulators to the bit."""
    happened(built, until)
    (seen,) = {h.observed for h in handles if isinstance(h, LossWatch) and h.loss_class is SPLIT}
    place = layout(built)[seen]
    one = simulate(built, horizon=until).values[0]
    same = kernel.simulate(built, count=1, horizon=until).values[0]
    for where in (place.count, place.sum):
        assert np.array_equal(one[where], same[where])
    return float(one[place.count].sum()), float(one[place.sum].sum())


# -- either side serves -----------------------------------------------------------------------------


def test_the_other_side_serves() -> None:
    """a breaks at 5000: b goes on, on its own database, until both are made one at 6000."""
    # Sees: a service that stops with the side that was active; a database that stops with it.
    built, handles = split(BROKEN)
    only(gaps(built, "pacs.ok", 8000.0), 6000.0, 569.0, 570.0)
    only(gaps(built, "db.ok", 8000.0), 6000.0, 569.0, 570.0)
    # Not in full all the time, and a is active still: it is what people go on with.
    only(gaps(built, "pacs.full", 8000.0), 4000.0, 2569.0, 2570.0)
    assert gaps(built, "pacs.active.a", 6500.0) == []
    # Two sides wrote for 1000 s: 500 studies, half of them given way, one in a hundred lost.
    assert lost(built, handles, 8000.0) == (1.0, 2.5)


def test_both_sides_fail() -> None:
    """a breaks at 5000, b at 5500: nobody serves until a is back at 9030."""
    # Sees: a split that serves by itself; a database that runs on nothing.
    built, handles = split(BROKEN, {"fails": Det(5500.0)})
    assert gaps(built, "pacs.ok", 9900.0) == [(5500.0, BACK)]
    # In place: its log is replayed besides.
    ((start, end),) = gaps(built, "db.ok", 9900.0)
    assert start == 5500.0
    assert end == pytest.approx(BACK + 170.0)
    assert lost(built, handles, 8000.0) == (1.0, 2.5)


def test_the_second_side_fails() -> None:
    """b breaks at 5000: a goes on, and nothing is written to a second side from then on."""
    # Sees: studies that are lost from a side on which nobody writes.
    built, handles = split(b=BROKEN)
    assert gaps(built, "pacs.ok", 8000.0) == [(6000.0, 6500.0)]
    assert lost(built, handles, 8000.0) == (1.0, 2.5)
    quiet, found = split()
    assert gaps(quiet, "pacs.ok", 8000.0) == [(6000.0, 6500.0)]
    assert lost(quiet, found, 8000.0) == (1.0, 5.0)


def test_the_application_of_a_second_side_ends_it_too() -> None:
    """b is dead from 5000 on, its host runs: no side for writing, nor for serving without a."""
    # Sees: a side that counts because its host is alive.
    built, handles = sides(b=DEAD, cut=4000.0)
    assert lost(built, handles, 8000.0) == (1.0, 2.5)
    both, _ = sides({"fails": Det(5500.0)}, DEAD, cut=4000.0)
    assert gaps(both, "pacs.ok", 6500.0) == [(5500.0, 6500.0)]


def test_a_held_member_is_no_side() -> None:
    """c crashed at 1000 and was left: it is well, but out, when a and b are split and both break."""
    # Sees: a member that is no part of the split and serves in it.
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    built = model(
        server("c", os_crash=Det(1000.0)), server("a", **BROKEN), server("b", fails=Det(5500.0)),
        part("link", "beat", between=("a", "b"), fails=Det(4000.0), ttr=Det(100.0)), data,
        groups=(group(**SPLITS, members=("c", "a", "b"), rejoins=0.0),),
        doing=practices(times=TIMES), down=("pacs.ok", "db.ok", "c.ok", "pacs.active.a"),
    )  # fmt: skip
    # It crashes each 1400 s, and is up at the end.
    assert gaps(built, "c.ok", 5900.0)[-1] == (5200.0, 5630.0)
    assert len(gaps(built, "pacs.active.a", 5900.0)) == 1
    assert gaps(built, "pacs.ok", 5900.0)[1:] == [(5500.0, 5900.0)]
    assert gaps(built, "db.ok", 5900.0)[1:] == [(5500.0, 5900.0)]
    happened(built, 5900.0)


def test_each_split_counts_for_itself() -> None:
    """The link is lost again at 8100, while b is dead still: nothing is lost by the second one."""
    # Sees: a split in which nobody wrote that is a loss since an earlier one was.
    dead = {"software": {"crash": Det(5000.0), "manual_restart": Det(NEVER)}}
    built, handles = sides(b=dead, cut=4000.0)
    assert fired(built, "pacs/phase.split-noticed", 10900.0) == [6000.0, 10100.0]
    assert lost(built, handles, 10900.0) == (1.0, 2.5)


@pytest.mark.parametrize("fault", [None, BROKEN])
def test_the_split_has_started_a_cold_one(fault: Any) -> None:
    """A cold b is a side like any: it serves when a breaks, and is written to before."""
    # Sees: a cold pair that splits without a second side.
    built, handles = sides(fault, cut=4000.0, standby="cold")
    assert gaps(built, "pacs.ok", 6500.0) == [(6000.0, 6500.0)]
    assert lost(built, handles, 8000.0) == (1.0, 2.5 if fault else 5.0)


# -- without fencing --------------------------------------------------------------------------------


def taken_over(built: Model) -> float:
    """Return when the first switch was over."""
    return fired(built, "pacs/phase.switched", 6000.0)[0]


@pytest.mark.parametrize("rejoins", [1.0, 0.0])
def test_what_hangs_cannot_be_stopped(rejoins: float) -> None:
    """b serves from the end of the switch; a, which hung, is no side for as long as it hangs."""
    # Sees: an ordinary takeover that costs nothing without fencing; a loss of no study.
    built, handles = sides(HUNG, check=DEEP, rejoins=rejoins)
    at = taken_over(built)
    assert 5069.0 <= at <= 5070.0
    assert gaps(built, "pacs.ok", 9900.0) == [(5000.0, at), (at + 2000.0, at + 2500.0)]
    assert gaps(built, "pacs.full", 9900.0) == [(5000.0, at + 2500.0)]
    assert gaps(built, "pacs.active.a", 9900.0) == [(at, 9900.0)]
    assert lost(built, handles, 9900.0) == (0.0, 0.0)
    names = [name for name, _ in happened(built, 9900.0) if name.startswith("pacs/phase")]
    assert names[-2:] == ["pacs/phase.split-noticed", "pacs/phase.reconciled"]


@pytest.mark.parametrize("rejoins", [1.0, 0.0])
def test_what_hung_and_serves_again_is_a_second_side(rejoins: float) -> None:
    """a is restarted at 6630 s, as it goes on: from then on two sides write until it is noticed."""
    # Sees: a member that goes on serving and is out of the group.
    built, handles = sides(HUNG, check=DEEP, rejoins=rejoins, doing={"gray": Det(1000.0)})
    at = taken_over(built)
    written = 0.5 * (at + 2000.0 - 6630.0)
    number, studies = lost(built, handles, 9900.0)
    assert number == 1.0
    assert studies == pytest.approx(0.01 * written / 2)


@pytest.mark.parametrize(
    ("a", "more"),
    [
        (HUNG, {"fencing": {"success": 1.0, "takes": 0.0}, "split": 0.0}),
        (HUNG, {"heartbeat": ()}),
        (HUNG, {"split": 0.0}),
        (DEAD, {}),
        ({"os_crash": Det(5000.0)}, {}),
        (BROKEN, {}),
    ],
)
def test_what_can_be_stopped_or_is_dead_serves_no_more(a: Any, more: dict[str, Any]) -> None:
    """Fencing, no second network to lose, a dead process, a crash, a broken host: no split."""
    # Sees: a split after any takeover.
    built, _ = sides(a, check=DEEP, **more)
    at = taken_over(built)
    assert gaps(built, "pacs.full", 9900.0) == [(5000.0, at)]


def test_what_is_restarted_before_the_switch_is_over_can_be_stopped() -> None:
    """a hangs at 5000 s and is up again at 5050 s: it answers, and is asked to stop."""
    # Sees: a member that is taken to hang because it did when it was left.
    soon = {"software": {"crash": Det(5000.0), "hang_share": 1.0, "manual_restart": Det(10.0)}}
    built, _ = sides(soon, check=DEEP, doing={"gray": Det(10.0)})
    assert gaps(built, "pacs.full", 9900.0) == [(5000.0, taken_over(built))]


def test_a_cold_target_leaves_no_split() -> None:
    """The application of b starts first, in a phase of its own: 30 s more, and no second side."""
    # Sees: a split that serves before anything has been started.
    built, _ = sides(HUNG, check=DEEP, standby="cold")
    assert gaps(built, "pacs.full", 9900.0) == [(5000.0, taken_over(built) + 30.0)]


# -- the chain --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hanging:
    """A warm pair without fencing whose applications hang and nothing else: rates, probabilities.

    A member is up, hung, fixing (somebody is there) or starting. Only the active one hangs. One that
    hangs and of which nobody knows is tried in vain; from then on it is bad until it is up.
    """

    split: float
    rejoins: float
    hang: float = 50.0
    gray: float = 6.0
    fix: float = 4.0
    start: float = 0.5
    detect: float = 0.4
    switch: float = 0.6
    call: float = 3.0
    hidden: float = 20.0
    manual: float = 2.0
    reconcile: float = 5.0
    stopped: float = 1.5

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (active, other, phase, whether either is held, the other bad)."""
        a, o, phase, ah, oh, bad = state
        nexts = {"hung": ("fixing", self.gray), "fixing": ("starting", self.fix),
                 "starting": ("up", self.start)}  # fmt: skip
        then, mean = nexts.get(a, ("hung", self.hang))
        yield self.settled(then, o, phase, ah, oh, bad), 1 / mean
        if o in nexts:
            then, mean = nexts[o]
            yield self.settled(a, then, phase, ah, oh, bad), 1 / mean
        if phase == "on" and a == "up" and oh == "held":
            yield (a, o, "on", ah, "releasing", bad), 1 / self.hidden
        elif phase == "on" and a == "up" and oh:
            yield self.settled(a, o, "on", ah, "", bad), 1 / self.manual
        elif phase == "detect" and oh:
            yield self.settled(a, o, "failed", ah, oh, bad), 1 / self.detect
        elif phase == "detect":
            for hold, p in (("", self.rejoins), ("held", 1 - self.rejoins)):
                yield (a, o, "switch", hold, oh, bad), p / self.detect
        elif phase == "switch":
            both = self.split if a == "hung" else 0.0
            if o == "up":
                yield (o, a, "split", "", "", False), both / self.switch
                yield self.settled(o, a, "on", "", ah, bad=False), (1 - both) / self.switch
            else:
                yield self.settled(a, o, "failed", ah, oh, o == "hung"), 1 / self.switch
        elif phase == "failed":
            yield (a, o, "work", ah, oh, bad), 1 / self.call
        elif phase == "work":
            yield self.settled(a, o, "stranded", "", "", bad), 1 / self.manual
        elif phase == "split":
            yield (a, o, "reconcile", ah, oh, bad), 1 / self.reconcile
        elif phase == "reconcile":
            yield self.settled(a, o, "on", ah, oh, bad), 1 / self.stopped

    @staticmethod
    def settled(a: str, o: str, phase: str, ah: str, oh: str, bad: bool) -> Any:
        """Return the state after what the group does at once; who is held waits for people."""
        bad = bad and o != "up"
        looks = o == "up" or (o == "hung" and not bad)
        waits = phase in {"failed", "work"}
        if phase == "on" and a != "up" and looks:
            return (a, o, "detect", ah, oh, bad)
        if phase == "detect" and (a == "up" or not looks):
            return (a, o, "on", ah, oh, bad)
        if a == "up" and (phase == "stranded" or (waits and not ah)):
            return (a, o, "on", ah, oh, bad)
        if o == "up" and (phase == "stranded" or (waits and not oh)):
            return (o, a, "on", "", ah, False)
        return (a, o, phase, ah, oh, bad)

    def chain(self) -> Chain:
        """Return the chain from two good servers."""
        return Chain(explored(("up", "up", "on", "", "", False), self.moves))

    def built(self) -> Model:
        """Return the model under test of the same."""
        never = Exp(math.inf)
        software = {"crash": Exp(self.hang), "hang_share": 1.0, "start": Exp(self.start),
                    "manual_restart": Exp(self.fix), "change_fails": 0.0,
                    "watchdog_cures": 1.0}  # fmt: skip
        own = {"fails": never, "ttr": Exp(1.0), "reboot": Exp(1.0), "boot_after_power": Exp(1.0),
               "software": software}  # fmt: skip
        link = part("link", "beat", between=("a", "b"), fails=never, ttr=Exp(1.0))
        pacs = group(
            check={"sees": "http", "every": self.detect / 9.5}, switchover=Exp(self.switch),
            standby="warm", heartbeat=("beat",), split=self.split, rejoins=self.rejoins,
            reconcile=Exp(self.reconcile), reconcile_down=Exp(self.stopped), split_lost=0.01,
        )  # fmt: skip
        times = {"call": Exp(self.call), "gray": Exp(self.gray),
                 "manual_failover": Exp(self.manual),
                 "hidden_unmonitored": Exp(self.hidden)}  # fmt: skip
        return model(
            part("server", "a", **own), part("server", "b", **own), link, groups=(pacs,),
            down=("pacs.ok", "pacs.full"), doing=practices(times=times),
        )  # fmt: skip


@pytest.mark.parametrize(("share", "rejoins"), [(0.158, 1.0), (0.6, 0.3), (1.0, 0.0), (0.0, 0.3)])
@pytest.mark.usefixtures("markov")
def test_hanging_model(share: float, rejoins: float) -> None:
    """Shares of time without service and not full, and how often service is lost, by the chain."""
    # Sees: a split whatever the member does; one that is drawn twice, or holds who goes on.
    pair = Hanging(share, rejoins)
    chain, built = pair.chain(), pair.built()
    full = {s for s in chain.states if s[0] == "up" and s[2] == "on"}  # type: ignore[index]
    good = full | {s for s in chain.states if "up" in s[:2] and s[2] == "split"}  # type: ignore[index]
    assert missing(built, "pacs.ok") == close(1 - chain.share(*good), EXACT)
    assert missing(built, "pacs.full") == close(1 - chain.share(*full), EXACT)
    pi = chain.steady()
    ends = sum(
        pi[x] * chain.matrix[i, j]
        for i, x in enumerate(chain.states)
        for j, y in enumerate(chain.states)
        if x in good and y not in good
    )
    assert lost_per_time(built, "pacs.ok") == close(float(ends), EXACT)
