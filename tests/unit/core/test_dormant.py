"""Which cycles may sleep, who keeps them awake, and who wakes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pacsim.core import Model, ModelBuilder, every, outcome, recording
from pacsim.core.dormant import cycle, kept_awake, wakers
from pacsim.core.given import Given
from pacsim.delays import Deterministic, Exponential
from pacsim.errors import ModelError

H = 3600.0
INFINITE = float("inf")


class Nightly:
    """A backup of an array, with everything open to be written otherwise."""

    def __init__(self) -> None:
        self.m = m = ModelBuilder()
        self.array = m.element("array", "ok lost", fault="lost")
        self.lose = self.array.after("ok -> lost", Exponential(1000 * H), "lose", cls="fault")
        self.array.after("lost -> ok", Exponential(10 * H), "restore", cls="repair")
        self.whole = m.gate("whole", m.all([self.array == "ok"]))
        self.run = m.element("run", "idle busy spoiled")
        self.copy = m.element("copy", "none there")
        self.age, self.copied = (
            m.quantity(name, low=0.0, high=INFINITE, start=None, rate=1.0)
            for name in ("age", "copied")
        )
        self.run.now("busy -> spoiled", 10, "spoil", when=~self.whole)
        self.kept = self.copy.move({"none": "there", "there": "there"}, renew=True)

    def start(self, **other: Any) -> Any:
        options: dict[str, Any] = {"cls": "tick", "effects": [self.age.set(0.0)]} | other
        return self.run.after("idle -> busy", every(24 * H, 22 * H), "start", **options)

    def end(self, law: Any = None, *outcomes: Any, **other: Any) -> Any:
        good = outcome(0.9, "idle", self.kept, self.copied.copy(self.age))
        rows: Any = outcomes or [good, outcome(0.1, "idle")]
        table: dict[Any, Any] = {self.run == "busy": rows}
        return self.run.after(
            "busy spoiled ->",
            law or Exponential(4 * H),
            "end",
            outcomes={**table, True: [outcome(1.0, "idle")]},
            **other,
        )

    def expiry(self, law: Any = None, **other: Any) -> Any:
        options: dict[str, Any] = {"when": self.whole, "memory": "resume"} | other
        return self.copy.after("there -> none", law or Deterministic(50 * H), "expire", **options)

    def built(self) -> Model:
        self.m.dormant(self.start(), self.end(), when=self.whole, expiry=self.expiry())
        return self.m.build()


def test_what_a_set_consists_of() -> None:
    one = Nightly()
    model = one.built()
    found = cycle(model, model.dormant[0])
    assert (found.rest, found.work, found.held, found.row, found.good) == (0, 1, 1, 0, 0)
    assert found.elements == {one.run.index, one.copy.index}
    assert found.quantities == {one.age.index, one.copied.index}
    names = {model.transitions[i].name for i in found.transitions}
    assert names == {"run.start", "run.end", "run.spoil", "copy.expire"}
    assert kept_awake(model, model.dormant[0]) == []
    assert wakers(model, model.dormant[0]) == []


def test_a_run_may_stand_still_while_the_condition_does_not_hold() -> None:
    """A backup needs power: what the condition says of power is what makes its clock run."""
    one = Nightly()
    feed = one.m.element("feed", "on off")
    fed, level = feed == "on", {feed == "on": 1.0, True: 0.0}
    end = one.end(speed=level)
    one.m.dormant(one.start(), end, when=one.whole & fed)
    model = one.m.build()
    assert kept_awake(model, model.dormant[0]) == []
    other = Nightly()
    feed = other.m.element("feed", "on off")
    end = other.end(speed={feed == "on": 1.0, True: 0.0})
    assert "speed 1 whenever the condition of the set holds" in _refused(other, end=end)
    # Without its gates a model may not say any more that the clock runs.
    lost = replace(model, dormant=(replace(model.dormant[0], gate=model.gate("whole")),))
    assert kept_awake(lost, lost.dormant[0]) == ["how fast run.end runs does not follow from it"]


def test_who_looks_at_a_firing_wakes_it() -> None:
    one = Nightly()
    m = one.m
    other = m.element("other", "a b")
    lag = m.quantity("lag", low=0.0, high=INFINITE, start=0.0, rate=1.0)

    def fires(name: str, **options: Any) -> Any:
        return other.after("a -> a", Exponential(H), name, **options)

    fires("jumps", effects=[one.copied.set(0.0)])
    fires("copies", effects=[lag.copy(one.age)])
    fires("moves", effects=[one.copy.move({"there": "none"})])
    fires("renews", effects=[one.copy.renew()])
    fires("idle", effects=[lag.set(0.0)])
    m.sample("sampled", fires("sampled"), one.copied)
    m.sample("asked", fires("asked"), lag, when=one.copy == "there")
    m.firings("counted", fires("counted"), when=one.copy == "there")
    chosen = {one.copy == "there": [outcome(1.0, "a")], True: [outcome(1.0, "b")]}
    other.after("a ->", Exponential(H), "chooses", outcomes=chosen)
    model = one.built()
    found = [model.transitions[i].name for i in wakers(model, model.dormant[0])]
    words = "asked chooses copies counted jumps moves renews sampled"
    assert found == [f"other.{word}" for word in words.split()]
    assert kept_awake(model, model.dormant[0]) == []


ALWAYS: dict[str, Any] = {
    "transition other.guarded": lambda m, o: o.after(
        "a -> b", Exponential(H), "guarded", when=m.copy == "there"
    ),
    "transition other.slow": lambda m, o: o.after(
        "a -> b", Exponential(H), "slow", speed={m.copy == "there": 1.0, True: 2.0}
    ),
    "transition other.late": lambda m, o: o.after(
        "a -> b", {m.run == "idle": Exponential(H), True: Exponential(2 * H)}, "late"
    ),
    "transition other.waits": lambda m, o: o.after("a -> b", m.copied.rises_to(90 * H), "waits"),
    "transition other.asks": lambda m, o: o.after(
        "a -> b", Exponential(H), "asks", when=m.m.connected({"x": m.copy == "there"}, [], "x", "x")
    ),
    "quantity flow": lambda m, _: m.m.quantity(
        "flow", low=0.0, high=1.0, start=0.0, rate={m.copy == "there": 1.0, True: 0.0}
    ),
    "observation 'there'": lambda m, _: m.m.gate_time("there", m.copy == "there"),
    "observation 'often'": lambda m, _: m.m.entries("often", m.copy, "there"),
    "observation 'sum'": lambda m, _: m.m.quantity_integral("sum", m.copied),
    "observation 'level'": lambda m, _: m.m.level_time("level", m.m.count([m.run == "busy"])),
    "observation 'role'": lambda m, _: m.m.role("role", m.whole | (m.copy == "there")),
    "observation 'phase'": lambda m, _: m.m.episodes(
        "phase", ~m.whole, phase=m.m.count([m.copy == "there"])
    ),
}


@pytest.mark.parametrize("who", ALWAYS)
def test_who_looks_all_the_time_keeps_it_awake(who: str) -> None:
    one = Nightly()
    other = one.m.element("other", "a b")
    ALWAYS[who](one, other)
    model = one.built()
    (reason,) = kept_awake(model, model.dormant[0])
    assert who in reason


def test_what_is_read_only_while_the_gate_is_down_lets_it_sleep() -> None:
    one = Nightly()
    m = one.m
    other = m.element("other", "a b")
    lost = ~one.whole & (one.copy == "there")
    other.after("a -> b", Exponential(H), "guarded", when=lost)
    m.gate_time("named", m.gate("unreachable", m.any([lost, other == "b"])))
    m.episodes("restorable", lost, at_start=m.count([lost]), phase=m.count([lost]))
    model = one.built()
    assert kept_awake(model, model.dormant[0]) == []


def test_a_recording_and_firings_of_its_own_keep_it_awake() -> None:
    one = Nightly()
    start, end = one.start(), one.end()
    one.m.dormant(start, end, when=one.whole)
    plain = one.m.build()
    assert kept_awake(plain, plain.dormant[0]) == []
    recorded = recording(plain, elements=["copy"])
    assert "state of copy" in kept_awake(recorded, recorded.dormant[0])[0]
    assert kept_awake(recording(plain, elements=["array"]), plain.dormant[0]) == []
    one.m.firings("runs", start)
    one.m.sample("ends", end, one.copied)
    counted = one.m.build()
    assert len(kept_awake(counted, counted.dormant[0])) == 2


def test_sets_that_look_at_each_other_stay_awake() -> None:
    one = Nightly()
    m = one.m
    run, copy = m.element("second", "idle busy"), m.element("kept", "no yes")
    jumps = [one.copied.set(0.0)]
    start = run.after("idle -> busy", every(H), "start", cls="tick", effects=jumps)
    moved = copy.move({"no": "yes", "yes": "yes"}, renew=True)
    end = run.after("busy ->", Exponential(H), "end", outcomes=[outcome(1.0, "idle", moved)])
    m.dormant(start, end, when=m.always())
    model = one.built()
    other, own = (kept_awake(model, found) for found in model.dormant)
    assert other == ["transition run.end of another dormant set looks at it"]
    assert own == ["transition second.start of another dormant set looks at it"]


def _refused(one: Nightly, **parts: Any) -> str:
    start, end = parts.get("start") or one.start(), parts.get("end") or one.end()
    when = parts.get("when", one.whole)
    one.m.dormant(start, end, when=when, expiry=parts.get("expiry"))
    with pytest.raises(ModelError) as refusal:
        one.m.build()
    return str(refusal.value)


REFUSED: dict[str, Any] = {
    "run.start must wait for ticks": lambda n: {
        "start": n.run.after("idle -> busy", Exponential(H), "start", cls="tick")
    },
    "run.start must wait for ticks, with": lambda n: {"start": n.start(when=n.copy == "none")},
    "run.start must be of class tick": lambda n: {"start": n.start(cls="repair")},
    "run.start must lead to another state": lambda n: {"start": n.start(effects=[n.copy.renew()])},
    "and only set quantities": lambda n: {"start": n.start(effects=[n.age.add(1.0)])},
    "run.end must have one law": lambda n: {"end": n.end(n.copied.rises_to(1.0))},
    "run.end must lead back to where": lambda n: {
        "end": n.end(None, outcome(0.9, "spoiled", n.kept), outcome(0.1, "idle"))
    },
    "run.end must have one outcome that": lambda n: {"end": n.end(None, outcome(1.0, "idle"))},
    "whatever its state, to the same state and renews": lambda n: {
        "end": n.end(None, outcome(1.0, "idle", n.copy.move({"none": "there"}, renew=True)))
    },
    "its jumps set quantities or copy what run.start sets": lambda n: {
        "end": n.end(None, outcome(1.0, "idle", n.kept, n.age.copy(n.copied)))
    },
    "run.start must lead from one state to one other": lambda n: {
        "start": n.run.after("idle spoiled -> busy", every(24 * H), "start", cls="tick")
    },
    "run.end must end what run.start begins": lambda n: {
        "end": n.run.after("spoiled -> idle", Exponential(H), "end")
    },
    "run.end must lead back to where run.start begins, without": lambda n: {
        "end": n.end(None, outcome(0.9, "idle", n.kept), outcome(0.1, "idle", renew=True))
    },
    "to the same state and renews it;": lambda n: {
        "end": n.end(
            None, outcome(1.0, "idle", n.copy.move(dict.fromkeys(("none", "there"), "there")))
        )
    },
    "moves one other element, whatever": lambda n: {
        "end": n.end(
            None,
            outcome(
                1.0,
                "idle",
                n.copy.move(dict.fromkeys(("none", "there"), "there"), renew=True, p=0.5),
            ),
        )
    },
    "run.end must have one list of outcomes": lambda n: {
        "end": n.run.after(
            "busy spoiled ->",
            Exponential(H),
            "end",
            outcomes={
                n.copy == "there": [outcome(1.0, "idle")],
                True: [outcome(1.0, "idle", n.kept)],
            },
        )
    },
    "copy.expire must have one fixed delay": lambda n: {"expiry": n.expiry(Exponential(H))},
    "copy.expire must run whenever": lambda n: {"expiry": n.expiry(when=n.run == "idle")},
    "copy.expire must only end what": lambda n: {"expiry": n.expiry(effects=[n.run.renew()])},
    "run.spoil can fire": lambda n: {"when": n.m.always()},
    "the condition must not depend on it": lambda n: {"when": n.whole & (n.copy == "there")},
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_dormant_set_is_refused(words: str) -> None:
    one = Nightly()
    message = _refused(one, **REFUSED[words](one))
    assert "dormant set of run.start: " in message
    assert words in message


def test_more_that_is_refused() -> None:
    one = Nightly()
    one.run.after("idle -> spoiled", Exponential(H), "breaks")
    assert "run.breaks can fire while the condition holds" in _refused(one)
    one = Nightly()
    copies = [one.m.element("other copy", "none there", fault="there")]
    one.kept = copies[0].move({"none": "there", "there": "there"}, renew=True)
    assert "element other copy must not be flagged" in _refused(one)
    one = Nightly()
    level = {one.array == "ok": 1.0, True: 2.0}
    one.age = one.m.quantity("slow", low=0.0, high=1.0, start=0.0, rate=level)
    assert "quantity slow must have one rate and no profile" in _refused(one)
    one = Nightly()
    start, end = one.start(), one.end()
    one.m.dormant(start, end, when=one.whole)
    assert "it shares an element with another" in _refused(one, start=start, end=end)
    one = Nightly()
    assert "dormant set: 7 is no transition" in _refused(one, end=7)


def test_a_condition_that_never_holds_is_no_mistake() -> None:
    one = Nightly()
    m = one.m
    m.dormant(one.start(), one.end(), when=one.whole & (one.array == "lost"))
    model = m.build()
    assert not Given(model, model.dormant[0].gate).possible
    many = m.at_least(2, [(m.element("a", "x y") == "x")])
    m.gate("too many", many)
    model = m.build()
    assert not Given(model, model.gate("too many")).possible


def test_what_a_gate_tells_of_others() -> None:
    m = ModelBuilder()
    a, b, c = (m.element(name, "x y z") for name in "abc")
    inner = m.gate("inner", m.all([a == "x", ~(b == "z")]))
    outer = m.gate("outer", m.all([inner, ~m.gate("some", m.any([c == "y", c == "z"]))]))
    follows = {
        "a is x": (a == "x", True),
        "b is not z": (b != "z", True),
        "b is x": (b == "x", None),
        "c is x": (c == "x", True),
        "c is y and b x": ((c == "y") & (b == "x"), False),
        "one of them": (m.any([b == "x", a == "x"]), True),
        "linked": (m.connected({"u": b == "x"}, [], "u", "u"), None),
    }
    for name, (condition, _) in follows.items():
        m.gate(name, condition)
    model = m.build()
    given = Given(model, model.gate("outer"))
    assert given.possible
    assert {name: given.truth(model.gate(name)) for name in follows} == {
        name: truth for name, (_, truth) in follows.items()
    }
    moved = {g.name for i, g in enumerate(model.gates) if i in given.depending({b.index})[1]}
    assert {"b is x", "linked"} <= moved
    assert not moved & {"b is not z", "c is y and b x", "one of them", "inner", "outer"}
    assert outer is not None
