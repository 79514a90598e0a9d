"""A heartbeat that is lost while both members are alive: a race, a split, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    lost,
    lost_per_time,
    missing,
    model,
    part,
    practices,
    watched,
)
from tests.oracle.parts.pairing import (
    BROKEN,
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
from tests.statistical import agrees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model
    from pacsim.parts.values import Part

BOOT = 430.0
CALLED = 900.0 + 1800.0
SURE = {"success": 1.0, "takes": 5.0}
"""Fencing that works."""


def beat(lasts: float = 100.0, fails: float = 4000.0) -> Part:
    """Return a link between both that is lost at 4000 s."""
    return part("link", "beat", between=("a", "b"), fails=Det(fails), ttr=Det(lasts))


def raced(lasts: float = 100.0, **more: Any) -> Model:
    """Return a pair over such a link; nothing of it takes time unless given."""
    plain = {"heartbeat": ("beat",), "split": 0.0, "reconcile": Det(2000.0),
             "reconcile_down": Det(500.0), "split_lost": 0.0}  # fmt: skip
    return pair(beat(lasts), **{**plain, **more})


@pytest.mark.parametrize("takes", [5.0, 0.0])
def test_half_of_the_races_shoot_the_active_member(takes: float) -> None:
    """Then it is down for fencing and switch; else b boots and nobody is without service."""
    # Sees: fencing that only stops a split; a shot that costs a detection; both shot.
    built = raced(fencing={"success": 1.0, "takes": takes})
    found = [gaps(built, "pacs.ok", 4900.0, first=k) for k in range(100)]
    hit = [one for one in found if one]
    assert all(one == [(4000.0, 4060.0 + takes)] for one in hit)
    agrees(len(hit) / 100, (0.25 / 100) ** 0.5, 0.5)
    for k, one in enumerate(found[:10]):
        shot = "a" if one else "b"
        assert gaps(built, f"{shot}.ok", 4900.0, first=k) == [(4000.0, 4000.0 + BOOT)]
        assert gaps(built, "b.ok" if one else "a.ok", 4900.0, first=k) == []
        names = [name for name, _ in happened(built, 4900.0, first=k)]
        assert ("pacs/phase.switched" in names) is bool(one)
        assert "pacs/phase.detected" not in names


def test_a_shot_belongs_to_the_link() -> None:
    """What takes the service down is the fault of the link."""
    # Sees: a shot that is a root of its own.
    built = raced(fencing=SURE)
    hit = next(k for k in range(20) if gaps(built, "pacs.ok", 4900.0, first=k))
    rows = simulate(built, horizon=4900.0, first=hit).episodes_of("no pacs.ok")
    assert [int(row["cause"]) for row in rows] == [built.transition("beat/cable.fail")]


def test_a_shot_standby_is_out_until_the_heartbeat_is_back() -> None:
    """b has booted at 4430 and the link is back at 7000: a breaks at 5000, b serves at 7000."""
    # Sees: a shot member that takes over as soon as it has booted.
    built = raced(3000.0, race="active", fencing=SURE, a=BROKEN)
    assert gaps(built, "b.ok", 6000.0) == [(4000.0, 4000.0 + BOOT)]
    assert gaps(built, "pacs.ok", 7500.0) == [(5000.0, 7000.0)]
    assert "pacs/phase.serve-b" in [name for name, _ in happened(built, 7500.0)]
    # Long back, it takes over like any: check, fencing, switch.
    late = raced(3000.0, race="active", fencing=SURE, a={**BROKEN, "fails": Det(8000.0)})
    only(gaps(late, "pacs.ok", 9500.0), 8000.0, 74.0, 75.0)


def test_people_take_a_shot_member() -> None:
    """The link stays out: people come to the broken a and start b."""
    # Sees: a shot member that people cannot use either.
    built = raced(1e5, race="active", fencing=SURE, a=BROKEN)
    only(gaps(built, "pacs.ok", 9000.0), 5000.0, 9.0 + CALLED, 10.0 + CALLED)


def test_a_shot_member_may_stay_out() -> None:
    """With rejoins 0 a member that lost the race is held like any that was fenced."""
    # Sees: a race that holds nobody.
    built = raced(race="active", fencing=SURE, rejoins=0.0)
    (found,) = happened(built, 14000.0, "pacs/held-b.noticed")
    assert found == ("pacs/held-b.noticed", 4000.0 + 9000.0)


def test_a_split() -> None:
    """Up until 6000, then down for 500 s; b serves while a is broken, which is left afterwards."""
    # Sees: a failover while the brain is split; a split that costs nothing; a side that counts not.
    quiet = raced(split=1.0)
    assert gaps(quiet, "pacs.ok", 7000.0) == [(6000.0, 6500.0)]
    names = [name for name, _ in happened(quiet, 7000.0)]
    assert names[-2:] == ["pacs/phase.split-noticed", "pacs/phase.reconciled"]
    broken = raced(split=1.0, a=BROKEN)
    only(gaps(broken, "pacs.ok", 8000.0), 6000.0, 500.0 + 69.0, 500.0 + 70.0)


def test_a_database_is_started_by_those_who_reconcile() -> None:
    """It is down as long as the group is; what follows is no crash."""
    # Sees: a log replayed after the two sides have been made one.
    data = part("database", "db", runs_on="pacs", crash=Det(NEVER), recovery=Det(200.0))
    built = model(
        server("a"), server("b"), beat(), data, doing=practices(times=TIMES), down=("db.ok",),
        groups=(group(heartbeat=("beat",), split=1.0, reconcile=Det(2000.0),
                      reconcile_down=Det(500.0), split_lost=0.0),),
    )  # fmt: skip
    assert gaps(built, "db.ok", 8000.0) == [(6000.0, 6500.0)]


@pytest.mark.parametrize(
    ("lasts", "back"), [(3000.0, (2000.0, 2000.0)), (1e5, (9.0 + CALLED, 10.0 + CALLED))]
)
def test_barred(lasts: float, back: tuple[float, float]) -> None:
    """Nobody shot, nobody split: no takeover until the heartbeat is back at 7000, or people came."""
    # Sees: a takeover while each waits for the other; a bar that outlasts the link.
    built = raced(lasts, a=BROKEN)
    only(gaps(built, "pacs.ok", 8000.0), 5000.0, *back)
    assert "pacs/phase.noticed" in [name for name, _ in happened(built, 8000.0)]


def test_what_is_barred_is_the_takeover() -> None:
    """a crashes at 5000 and is back after its own reboot and start; nothing moves meanwhile."""
    # Sees: an active member that is not taken back while the heartbeat is lost.
    built = raced(1e5, a={"os_crash": Det(5000.0)})
    assert gaps(built, "pacs.ok", 6000.0) == [(5000.0, 5000.0 + BOOT)]
    assert gaps(built, "pacs.active.a", 6000.0) == []


def test_a_loss_while_one_is_down_decides_nothing() -> None:
    """a broke at 3000 and b serves: the loss at 4000 finds one alone, and a back at 7030 two."""
    # Sees: a race against a member that is down.
    built = raced(1e5, fencing=SURE, a={**BROKEN, "fails": Det(3000.0)})
    (at,) = fired(built, "pacs/heartbeat.lost", 9000.0)
    assert at == 3000.0 + 3600.0 + 400.0


# -- studies ------------------------------------------------------------------------------------


def stored(split_lost: float) -> tuple[Any, Any]:
    """Return a pair on an array that is split from 4000 to 6000, with half a study a second."""
    disk = {"life": Det(NEVER), "size": 1e12, "rebuild_rate": 1e8}
    array = part("disk_array", "array", layout="raid6", disks=6, disk=disk, replace=Det(1.0),
                 disk_replace=Det(1.0), set_up=Det(1.0))  # fmt: skip
    pacs = group(heartbeat=("beat",), split=1.0, reconcile=Det(2000.0), reconcile_down=Det(500.0),
                 split_lost=split_lost)  # fmt: skip
    return watched(
        server("a", storage=("array",)), server("b", storage=("array",)), beat(), array,
        groups=(pacs,), doing=practices(times=TIMES), studies=0.5,
    )  # fmt: skip


def test_studies_of_a_split() -> None:
    """2000 s at 0.5 /s are 1000 studies, half of them of the side that gives way, 1 % lost: 5."""
    # Sees: losses that reach no figure; a first loss that is none; the other half lost as well.
    built, handles = stored(0.01)
    assert lost(built, handles, "split", 8000.0) == (1.0, 5.0)
    assert fired(built, "pacs/phase.split-noticed", 8000.0) == [6000.0]
    values = simulate(built, horizon=8000.0).values[0]
    names = [o.name for o in built.observations]
    assert 6000.0 in values.tolist()
    assert "loss:array" in names
    # The second split begins at 8100 and counts for itself.
    assert lost(built, handles, "split", 10500.0) == (2.0, 10.0)


def test_no_study_is_lost_by_a_split() -> None:
    """With a share of 0 nothing is, and the figure is exactly 0."""
    # Sees: a first loss of no study.
    built, handles = stored(0.0)
    assert lost(built, handles, "split", 8000.0) == (0.0, 0.0)
    assert 6000.0 not in simulate(built, horizon=8000.0).values[0].tolist()
    assert [h.why for h in handles if getattr(h, "why", "") and h.loss_class.name == "split"]


def seven_years(works: float | None, split: float) -> tuple[Any, Any]:
    """Return of 200 terms the time down or split, and the studies lost; links fail each 1000 h."""
    disk = {"life": Det(NEVER), "size": 1e12, "rebuild_rate": 1e8}
    array = part("disk_array", "array", layout="raid6", disks=6, disk=disk, replace=Det(1.0),
                 disk_replace=Det(1.0), set_up=Det(1.0))  # fmt: skip
    link = part("link", "beat", between=("a", "b"), fails=Exp(1000 * HOUR), ttr=Exp(10 * HOUR))
    pacs = group(
        heartbeat=("beat",), split=split, reconcile=Exp(13.9 * HOUR), reconcile_down=Exp(HOUR),
        split_lost=0.01, fencing=None if works is None else {"success": works, "takes": 5.0},
        rejoins=0.3,
    )  # fmt: skip
    own = {"fails": Exp(10000 * HOUR), "repair": Exp(2 * HOUR), "storage": ("array",)}
    built, handles = watched(
        server("a", **own), server("b", **own), link, array, groups=(pacs,), down=("pacs.full",),
        doing=practices(times={**TIMES, "no_contract": Det(HOUR)}), studies=0.01,
    )  # fmt: skip
    batch = kernel.simulate(built, seed=3, count=200, horizon=7 * 8766 * HOUR)
    (seen,) = {h.observed for h in handles if isinstance(h, LossWatch) and h.loss_class is SPLIT}
    return batch["no pacs.full"], batch.values[:, layout(built)[seen].sum][:, 0]


def test_no_fencing_does_not_beat_bad_fencing() -> None:
    """Down and split together, and studies lost, with the same seeds in the same terms."""
    # Sees: a group that is better off without fencing, since a split costs nothing.
    for none, bad in zip(seven_years(None, 0.158), seven_years(0.5, 0.00224), strict=True):
        worse = none - bad
        assert worse.mean() > 4 * worse.std(ddof=1) / len(worse) ** 0.5


# -- the chain ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two servers and a link between them: rates, and the probabilities of a loss."""

    works: float | None = 0.6
    split: float = 0.1
    even: bool = True
    life: float = 100.0
    repair: float = 9.0
    reboot: float = 0.5
    detect: float = 0.4
    fence: float = 0.15
    switch: float = 0.6
    call: float = 3.0
    manual: float = 2.0
    cut: float = 40.0
    mend: float = 7.0
    reconcile: float = 5.0
    stopped: float = 1.5

    def moves(self, state: Any) -> Iterator[tuple[Any, float]]:
        """Return the moves of (active, other, phase, beat, heart, barred by fencing, who was shot).

        A lost beat is drawn once, as soon as both are up; heart is whole, lost or barred.
        """
        a, o, phase, beats, heart, _barred, shot = state
        steps: list[tuple[Any, float]] = []

        def add(rate: float, **new: Any) -> None:
            names = ("a", "o", "phase", "beats", "heart", "barred", "shot")
            here = dict(zip(names, state, strict=True)) | new
            steps.append((tuple(here[x] for x in names), rate))

        for k, one in (("a", a), ("o", o)):
            if one != "down":
                add(1 / self.life, **{k: "down"})
            if one == "down":
                add(1 / self.repair, **{k: "boot"})
            if one == "boot":
                add(1 / self.reboot, **{k: "up"})
        add(1 / (self.cut if beats else self.mend), beats=not beats)
        free = o == "up" and heart != "barred" and shot != "o"
        if phase == "detect":
            go = "switch" if self.works is None else "fence"
            add(1 / self.detect, phase=go if free else "failed")
        elif phase == "fence":
            assert self.works is not None
            reset = "down" if a == "down" else "boot"
            add(self.works / self.fence, a=reset, phase="switch")
            add((1 - self.works) / self.fence, phase="failed", barred=True)
        elif phase == "shoot":
            add(1 / self.fence, phase="switch")
        elif phase == "switch" and free:
            swapped = {"a": "o"}.get(shot, "a" if shot == "o" else "")
            add(1 / self.switch, a=o, o=a, phase="on", shot=swapped, barred=False)
        elif phase == "switch":
            add(1 / self.switch, phase="failed")
        elif phase == "failed":
            add(1 / self.call, phase="work")
        elif phase == "work":
            # People take whoever is up; what fencing or the heartbeat barred is over.
            new = "lost" if heart == "barred" else heart
            add(1 / self.manual, phase="stranded", barred=False, heart=new)
        elif phase == "split":
            add(1 / self.reconcile, phase="reconcile")
        elif phase == "reconcile":
            add(1 / self.stopped, phase="on")
        for there, rate in steps:
            for then, p in self.heard(*there):
                yield then, rate * p

    def heard(
        self, a: str, o: str, phase: str, beats: bool, heart: str, barred: bool, shot: str
    ) -> Iterator[tuple[Any, float]]:
        """Return what follows at once of the heartbeat, with probabilities, and then of the group."""
        if beats and heart != "whole":
            heart, shot = "whole", ""
        if beats or heart != "whole" or (a, o) != ("up", "up"):
            yield self.settled(a, o, phase, beats, heart, barred, shot), 1.0
            return
        if phase not in {"on", "detect"}:
            yield self.settled(a, o, phase, beats, "lost", barred, shot), 1.0
            return
        works = self.works or 0.0
        first = works / 2 if self.even else 0.0
        for p, new in (
            (first, ("boot", o, "shoot", beats, "lost", barred, "a")),
            (works - first, (a, "boot", phase, beats, "lost", barred, "o")),
            (self.split, (a, o, "split", beats, "lost", barred, shot)),
            (1 - works - self.split, (a, o, phase, beats, "barred", barred, shot)),
        ):
            yield self.settled(*new), p

    @staticmethod
    def settled(
        a: str, o: str, phase: str, beats: bool, heart: str, barred: bool, shot: str
    ) -> Any:
        """Return the state after what the group does at once."""
        swap = {"a": "o", "o": "a", "": ""}
        waits = phase in {"failed", "work"}
        if phase == "on" and a != "up" and o == "up":
            return (a, o, "detect", beats, heart, barred, shot)
        if phase == "detect" and a != "up" and o != "up":
            return (a, o, "on", beats, heart, barred, shot)
        if a == "up" and (phase == "detect" or (waits and shot != "a")):
            return (a, o, "on", beats, heart, False, shot)
        if a == "up" and phase == "stranded":
            return (a, o, "on", beats, heart, False, "" if shot == "a" else shot)
        if o == "up" and phase == "stranded":
            return (o, a, "on", beats, heart, False, "" if shot == "o" else swap[shot])
        if o == "up" and waits and not barred and heart != "barred" and shot != "o":
            return (o, a, "on", beats, heart, False, swap[shot])
        if phase == "on" and a == "up":
            barred = False
        return (a, o, phase, beats, heart, barred, shot)

    def chain(self) -> Chain:
        """Return the chain from two good servers."""
        return Chain(explored(("up", "up", "on", True, "whole", False, ""), self.moves))

    def built(self) -> Model:
        """Return the model under test of the same."""
        plain = {"fails": Exp(self.life), "ttr": Exp(self.repair), "reboot": Exp(self.reboot),
                 "boot_after_power": Exp(1.0)}  # fmt: skip
        link = part("link", "beat", between=("a", "b"), fails=Exp(self.cut), ttr=Exp(self.mend))
        fencing = None if self.works is None else {"success": self.works, "takes": self.fence}
        pacs = group(
            check={"every": self.detect / 9.5}, switchover=Exp(self.switch), fencing=fencing,
            heartbeat=("beat",), race="even" if self.even else "active", split=self.split,
            reconcile=Exp(self.reconcile), reconcile_down=Exp(self.stopped), split_lost=0.01,
        )  # fmt: skip
        times = {"call": Exp(self.call), "manual_failover": Exp(self.manual)}
        return model(
            part("server", "a", **plain), part("server", "b", **plain), link, groups=(pacs,),
            down=("pacs.ok", "pacs.full"), doing=practices(times=times),
        )  # fmt: skip


PAIRS = {
    "even": Pair(),
    "active": Pair(even=False),
    "unfenced": Pair(works=None, split=0.3),
    "sure": Pair(works=1.0, split=0.0),
    "never": Pair(works=0.0, split=0.0),
    "always-split": Pair(works=0.0, split=1.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.usefixtures("markov")
def test_heartbeat_model(name: str) -> None:
    """Shares of time without service and not full, and how often service is lost, by the chain."""
    # Sees: a draw that is repeated; a bar or a shot that outlasts the heartbeat, or ends early.
    pair = PAIRS[name]
    chain, built = pair.chain(), pair.built()
    # While split either side serves, whichever was active.
    full = {s for s in chain.states if s[0] == "up" and s[2] == "on"}  # type: ignore[index]
    good = full | {s for s in chain.states if "up" in s[:2] and s[2] == "split"}  # type: ignore[index]
    assert missing(built, "pacs.ok") == close(1 - chain.share(*good), EXACT)
    assert missing(built, "pacs.full") == close(1 - chain.share(*full), EXACT)
    pi = chain.steady()
    lost = sum(
        pi[x] * chain.matrix[i, j]
        for i, x in enumerate(chain.states)
        for j, y in enumerate(chain.states)
        if x in good and y not in good
    )
    assert lost_per_time(built, "pacs.ok") == close(float(lost), EXACT)
