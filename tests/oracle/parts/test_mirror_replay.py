"""Random histories of a mirror, replayed by hand: faults are taken as they came, the rest is redone.

Taken from the trace: when shelves fail and are back, when the link is cut, contents are wiped, an array
is prepared, the feed stops, and people take a copy. Redone: who is current, who serves, how far each copy is behind, when
it has caught up, and what is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.delays import Lognormal
from tests.oracle.parts.making import all_in, part
from tests.oracle.parts.mirroring import Story, array, mirror, scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.core import Model

RATE, LAG, UNTIL = 5.0, 0.5, 6000.0
OTHER = {"a": "b", "b": "a"}
EPS = 1e-6


@dataclass
class Replay:
    """A pair by hand, in which one study of one byte comes an hour."""

    now: float = 0.0
    shelf: dict[str, bool] = field(default_factory=lambda: dict.fromkeys("ab", True))
    there: dict[str, bool] = field(default_factory=lambda: dict.fromkeys("ab", True))
    copy: dict[str, str] = field(default_factory=lambda: dict.fromkeys("ab", "current"))
    behind: dict[str, float] = field(default_factory=lambda: dict.fromkeys("ab", 0.0))
    stored: float = 100.0
    joined: bool = True
    feed: bool = True
    down: list[tuple[float, float]] = field(default_factory=list)
    since: float | None = None
    lost: list[tuple[float, float]] = field(default_factory=list)
    caught_up: list[tuple[float, str]] = field(default_factory=list)

    def up(self, x: str) -> bool:
        """Return whether an array can be used."""
        return self.shelf[x] and self.there[x]

    def serves(self, x: str) -> bool:
        """Return whether an array serves."""
        able = self.copy[x] == "current" and self.up(x)
        return able and (x == "a" or self.joined or not self.serves("a"))

    def whole(self, x: str) -> bool:
        """Return whether it has all there is."""
        return self.copy[x] == "current" and self.there[x]

    def flows(self, x: str) -> bool:
        """Return whether a copy can catch up."""
        y = OTHER[x]
        return self.serves(y) and self.whole(y) and self.up(x) and self.joined

    def left_out(self, x: str) -> bool:
        """Return whether what is written does not get to a copy."""
        return self.serves(OTHER[x]) and not (self.up(x) and self.joined)

    def halts(self, x: str) -> bool:
        """Return whether a filling is given up."""
        return not self.flows(x)

    def settle(self) -> None:
        """Decide all that follows at once."""
        while True:
            before = (dict(self.copy), dict(self.there))
            for x in OTHER:
                fed = self.flows(x)
                match self.copy[x]:
                    case "current" if self.left_out(x):
                        self.copy[x] = "stale"
                    case "stale" if fed:
                        self.copy[x] = "resyncing"
                    case "resyncing" if not fed:
                        self.copy[x] = "stale"
                    case "blank" if fed:
                        self.copy[x] = "filling"
                    case "filling" if self.halts(x):
                        self.copy[x] = "blank"
            if not self.left("a") and not self.left("b"):
                self.bereft()
            if (dict(self.copy), dict(self.there)) == before:
                break
        up = self.serves("a") or self.serves("b")
        if not up and self.since is None:
            self.since = self.now
        if up and self.since is not None:
            if self.now > self.since:
                self.down.append((self.since, self.now))
            self.since = None

    def bereft(self) -> None:
        """Have nothing left: what is half filled is no copy, and who is ready first begins."""
        self.there = dict.fromkeys("ab", False)

    def left(self, x: str) -> bool:
        """Return whether a copy is more than half of one."""
        return self.copy[x] not in ("blank", "filling")

    def catches_up(self, x: str) -> bool:
        """Return whether a copy gets what it lacks."""
        return self.copy[x] in ("resyncing", "filling") and self.flows(x)

    def run_to(self, time: float) -> None:
        """Let time go by, with what is caught up in it."""
        while True:
            rest = {x: self.behind[x] / RATE for x in "ab" if self.catches_up(x)}
            x = min(rest, key=lambda one: rest[one], default=None)
            if x is None or self.now + rest[x] > time - EPS / 10:
                break
            self.pass_by(rest[x])
            self.behind[x], self.copy[x] = 0.0, "current"
            self.caught_up.append((self.now, x))
            self.settle()
        self.pass_by(time - self.now)

    def pass_by(self, span: float) -> None:
        """Let time go by in which nothing happens."""
        serving = self.since is None
        for x in "ab":
            if self.copy[x] in ("stale", "blank") and serving:
                self.behind[x] += span
            elif self.catches_up(x):
                self.behind[x] -= RATE * span
        self.stored += span
        self.now += span

    def wiped(self, x: str) -> None:
        """Lose the contents of one."""
        y = OTHER[x]
        if self.left(x) and not self.whole(y):
            near = self.left(y) and self.there[y]
            self.lost.append((self.now, self.behind[y] if near else self.stored))
            self.left_with(y, near=near)
        self.copy[x], self.there[x], self.behind[x] = "blank", False, self.stored

    def left_with(self, y: str, *, near: bool) -> None:
        """Have only what one copy has, or nothing; what is lost is no more part of all there is."""
        self.stored -= self.behind[y] if near else 0.0
        self.behind[y] = 0.0 if near else self.stored

    def prepared(self, x: str) -> None:
        """Have an array that can be filled, or begin with it."""
        y = OTHER[x]
        self.there[x] = True
        if not (self.left(y) and self.there[y]):
            self.copy[x], self.stored, self.behind = "current", 0.0, {"a": 0.0, "b": 0.0}

    def take(self, x: str) -> None:
        """Serve from a copy that is not current."""
        y = OTHER[x]
        assert self.since is not None
        assert self.copy[x] == "stale"
        if self.copy[y] == "current":
            self.lost.append((self.now, self.behind[x]))
            self.stored -= self.behind[x]
            self.behind[y] = 0.0
        self.copy[x], self.behind[x] = "current", 0.0

    def step(self, name: str) -> None:
        """Do what happened."""
        owner, _, what = name.partition("/")
        match what:
            case "shelf.fail":
                self.shelf[owner] = False
            case "shelf.repaired":
                self.shelf[owner] = True
            case "contents.wipe":
                self.wiped(owner)
            case "contents.set-up":
                self.prepared(owner)
            case "cable.fail" | "cable.repaired":
                self.joined = what == "cable.repaired"
            case "feed.stop" | "feed.noticed":
                self.feed = what == "feed.noticed"
            case "phase.take-a" | "phase.take-b":
                self.take(what[-1])
            case _:
                return
        self.settle()


class Late(Replay):
    """A pair of which the second copy is late, and never serves."""

    def bereft(self) -> None:
        """Have nothing left: the first one begins, and the second is set up and waits."""
        self.there["a"] = False

    def prepared(self, x: str) -> None:
        """Have the first one filled or begin with it; the second waits to be filled."""
        if x == "a":
            super().prepared(x)
        self.there[x] = True

    def serves(self, x: str) -> bool:
        """Return whether an array serves: the first one, also while it is filled."""
        return x == "a" and self.copy[x] in ("current", "filling") and self.up(x)

    def flows(self, x: str) -> bool:
        """Return whether a copy can catch up; the first one as long as the other has one."""
        if x == "b":
            return super().flows(x) and self.feed
        return self.left("b") and self.up("b") and self.up("a") and self.joined

    def left_out(self, x: str) -> bool:
        """Return whether what is written does not get to a copy, as while the feed has stopped."""
        late = self.serves("a") and not self.feed
        return x == "b" and (super().left_out(x) or late)

    def halts(self, x: str) -> bool:
        """Return whether a filling is given up: of the first one only with nothing to fill from."""
        return not (self.left("b") and self.there["b"]) if x == "a" else not self.flows(x)

    def wiped(self, x: str) -> None:
        """Lose the contents of one; what the first one takes while it is filled is lost as well."""
        y = OTHER[x]
        near = self.left(y) and self.there[y]
        if x == "a" and self.copy[x] != "blank":
            self.lost.append((self.now, self.behind[y] + LAG if near else self.stored))
            self.left_with(y, near=near)
        elif x == "b" and self.left(x) and not self.whole(y):
            self.lost.append((self.now, self.behind[y] if near else self.stored))
            self.left_with(y, near=near)
        self.copy[x], self.there[x], self.behind[x] = "blank", False, self.stored


def random_mirror(kind: str) -> Model:
    """Return a mirror with shelves, wipes and a link that fail often, and no backup."""
    arrays = [
        array(
            x, shelf=Exp(60.0), shelf_repair=all_in(Lognormal(8.0, 1.0)), wipe=Exp(250.0),
            set_up=Exp(9.0), disk={"size": 1e9},
        )
        for x in "ab"
    ]  # fmt: skip
    link = part("link", "link", between=("a", "b"), fails=Exp(70.0), ttr=Exp(6.0))
    more: dict[str, Any] = {"force": kind == "forced"}
    if kind == "late":
        more = {"mode": "asynchronous", "lag": Det(LAG), "stops": Exp(90.0), "notice": Exp(12.0)}
    return scene(*arrays, link, group=mirror(resync_rate=RATE, **more), stored=100.0)


@pytest.mark.parametrize("kind", ["plain", "forced", "late"])
@pytest.mark.parametrize("first", range(4))
def test_a_history_redone_by_hand(first: int, kind: str) -> None:
    # Sees: any rule of the pair read otherwise than written down here.
    story = Story(random_mirror(kind), UNTIL, first)
    assert story.batch.trace is not None
    hand = Late() if kind == "late" else Replay()
    for row in story.batch.trace:
        name = story.model.transitions[int(row["transition"])].name
        hand.run_to(float(row["time"]))
        hand.step(name)
    hand.run_to(UNTIL)
    found = [(s, e) for s, e in story.gaps("images.ok") if e < UNTIL]
    assert len(found) > 20
    assert_same(found, hand.down)
    caught_up = sorted((t, x) for x in "ab" for t in story.fired(f"images/copy-{x}.resynced"))
    assert [x for _, x in caught_up] == [x for _, x in hand.caught_up]
    assert_same([(t,) for t, _ in caught_up], [(t,) for t, _ in hand.caught_up])
    lost = sorted(x for rows in story.lost().values() for x in rows)
    assert len(lost) > 2
    assert_same(lost, sorted(hand.lost))


def assert_same(found: Sequence[tuple[float, ...]], expected: Sequence[tuple[float, ...]]) -> None:
    """Fail unless rows of figures are equal to a ten thousandth of an hour, or of a study."""
    assert len(found) == len(expected)
    assert np.allclose(np.array(found), np.array(expected), rtol=0.0, atol=1e-4)
