"""What a sleeping cycle has done when somebody looks, worked out by hand, in hours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pacsim.core import Batch, Model, ModelBuilder, every, outcome
from pacsim.delays import Deterministic
from pacsim.engines import kernel, reference

H = 3600.0
PROBES = 24.0


def nightly(
    length: float,
    *,
    success: float = 1.0,
    lasts: float | None = None,
    lost: float = 1000.0,
    back: float = 1.0,
    every_hours: float = 24.0,
    probe: float = 6.0,
    name: str = "backup",
    keeps: str = "copy",
) -> Model:
    """Return a backup at 22:00 of an array that is lost once, and a daily look at its age."""
    m = ModelBuilder()
    array = m.element("array", "ok lost back", fault="lost")
    array.after("ok -> lost", Deterministic(lost * H), "lose", cls="fault")
    array.after("lost -> back", Deterministic(back * H), "restore", cls="repair")
    whole = array != "lost"
    run = m.element(f"{name}/run", "idle busy spoiled")
    copy = m.element(f"{name}/{keeps}", "none there")
    begun, copied = (
        m.quantity(f"{name}/{what}", low=0.0, high=float("inf"), start=None, rate=1.0)
        for what in ("begun", "copied")
    )
    run.now("busy -> spoiled", 10, "spoil", when=~whole)
    tick = every(every_hours * H, 22 * H)
    start = run.after("idle -> busy", tick, "start", cls="tick", effects=[begun.set(0.0)])
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    ends: Any = [outcome(success, "idle", kept, copied.copy(begun)), outcome(1 - success, "idle")]
    table = {run == "busy": ends, True: [outcome(1.0, "idle")]}
    end = run.after("busy spoiled ->", Deterministic(length * H), "end", outcomes=table)
    expiry = None
    if lasts is not None:
        law = Deterministic(lasts * H)
        expiry = copy.after("there -> none", law, "expire", when=whole, memory="resume")
    m.dormant(start, end, when=whole, expiry=expiry)
    looks = m.element("probe", "x").after("x -> x", every(PROBES * H, probe * H), "look")
    m.sample("age", looks, copied, when=copy == "there")
    m.firings("looks", looks)
    return m.build()


def ages(batch: Batch) -> list[float]:
    """Return the hours of looks and the ages in hours, pair by pair."""
    return [float(x) / H for row in batch.samples for x in (row["time"], row["value"])]


def ran(model: Model, hours: float) -> Batch:
    """Return a run that slept; one that ticks and the reference's are the same to the bit."""
    runner = kernel.Runner(model, hours * H)
    slept = runner.batch(1, 0, 1)
    for other in (
        runner.batch(1, 0, 1, sleep=False),
        runner.batch(1, 0, 1, trace=True),
        reference.simulate(model, horizon=hours * H),
    ):
        assert other.replayed.tolist() == [0]
        for name in ("values", "events", "samples"):
            assert getattr(slept, name).tobytes() == getattr(other, name).tobytes()
    return slept


def test_ages_at_looks() -> None:
    batch = ran(nightly(4.0), 100.0)
    # Runs from 22 to 26, 46 to 50, 70 to 74, 94 to 98; looks at 6, 30, 54, 78.
    assert ages(batch) == [30, 8, 54, 8, 78, 8]
    assert (batch.events.tolist(), batch.replayed.tolist()) == ([12], [8])


@pytest.mark.parametrize(("hours", "events"), [(22.0, 1), (22.5, 2), (26.0, 2), (26.5, 3)])
def test_what_happens_up_to_the_horizon_is_counted(hours: float, events: int) -> None:
    # A look at 6, a start at 22, an end at 26; nothing happens at the horizon itself.
    assert ran(nightly(4.0), hours).events.tolist() == [events]


def test_a_run_longer_than_the_interval_skips_a_tick() -> None:
    # From 22 to 52, from 70 to 100.
    assert ages(ran(nightly(30.0), 110.0)) == [54, 32, 78, 56, 102, 32]


def test_a_run_that_ends_at_a_tick_skips_it() -> None:
    # From 22 to 46, from 70 to 94.
    assert ages(ran(nightly(24.0), 110.0)) == [54, 32, 78, 56, 102, 32]


def test_a_copy_is_let_go() -> None:
    # There from 26 to 31, from 50 to 55, from 74 to 79.
    batch = ran(nightly(4.0, lasts=5.0), 80.0)
    assert ages(batch) == [30, 8, 54, 8, 78, 8]
    assert batch.events.tolist() == [4 + 6 + 3]
    assert ages(ran(nightly(4.0, lasts=3.0), 80.0)) == []
    assert ages(ran(nightly(4.0, success=0.0, lasts=3.0), 80.0)) == []


def test_a_loss_spoils_the_run_and_keeps_the_copy() -> None:
    # Lost from 47 to 49: the run of 46 is bad, and the copy of 26 does not get older in hours of
    # its retention, which would have ended at 53 and ends at 55.
    batch = ran(nightly(4.0, lasts=27.0, lost=47.0, back=2.0), 60.0)
    assert ages(batch) == [30, 8, 54, 32]
    # Lost, back, expired at 55; looks at 6, 30, 54; two starts, two ends.
    assert batch.events.tolist() == [3 + 3 + 4]


@pytest.mark.parametrize(("name", "age"), [("a-backup", 4.0), ("z-backup", 28.0)])
def test_ties_are_taken_by_name(name: str, age: float) -> None:
    # A look at the very end of a run: "probe.look" stands behind a-backup and before z-backup.
    found = ages(ran(nightly(4.0, probe=2.0, name=name), 60.0))
    assert found[-2:] == [50, age]


def test_a_copy_let_go_at_the_start_of_a_run_of_no_length() -> None:
    # Runs at 22, 46, 70 and 94. By name the end of a run comes before "run.kept.expire", and that
    # before the start: a copy is let go before the next run begins, so three are; four looks.
    batch = ran(nightly(0.0, lasts=24.0, keeps="run.kept"), 100.0)
    assert batch.events.tolist() == [4 * 2 + 3 + 4]
    # Of another name it is let go after the start, and the end is due before it: none is.
    batch = ran(nightly(0.0, lasts=24.0, keeps="the copy"), 100.0)
    assert batch.events.tolist() == [4 * 2 + 4]


def test_what_is_due_after_a_later_name_has_fired_comes_after_the_run() -> None:
    m = ModelBuilder()
    run, copy = m.element("m/run", "idle busy"), m.element("m/copy", "none there")
    start = run.after("idle -> busy", every(24 * H, 22 * H), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    good = outcome(1.0, "idle", kept)
    end = run.after("busy ->", Deterministic(4 * H), "end", outcomes=[good])
    m.dormant(start, end, when=m.always())
    # At 26 the run ends, then "z" fires by name; only then is "a" due, at 26 as well.
    clerk = m.element("a", "waits looks")
    looks = clerk.after("looks -> waits", Deterministic(0.0), "look")
    asked = [clerk.move({"waits": "looks"})]
    m.element("z", "x").after("x -> x", every(26 * H), "send", cls="tick", effects=asked)
    m.firings("there", looks, when=copy == "there")
    m.firings("none", looks, when=copy == "none")
    batch = ran(m.build(), 30.0)
    assert (batch["there"].tolist(), batch["none"].tolist()) == ([1], [0])


def test_what_is_due_when_the_condition_comes_back_is_not_slept_through() -> None:
    m = ModelBuilder()
    array, clerk = m.element("a-array", "ok lost"), m.element("a-clerk", "waits looks")
    # The copy of 23 would be let go at 47, when the array is lost before it by name: it is let go
    # at once when "z" brings the array back at 49, but the clerk looks before it by name.
    array.after("ok -> lost", Deterministic(47 * H), "lose", cls="fault")
    run, copy = m.element("m/run", "idle busy spoiled"), m.element("m/copy", "none there")
    start = run.after("idle -> busy", every(24 * H, 22 * H), "start", cls="tick")
    run.now("busy -> spoiled", 10, "spoil", when=array == "lost")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    good: Any = {run == "busy": [outcome(1.0, "idle", kept)], True: [outcome(1.0, "idle")]}
    end = run.after("busy spoiled ->", Deterministic(H), "end", outcomes=good)
    options: Any = {"when": array == "ok", "memory": "resume"}
    expiry = copy.after("there -> none", Deterministic(24 * H), "expire", **options)
    m.dormant(start, end, when=array == "ok", expiry=expiry)
    looks = clerk.after("looks -> waits", Deterministic(0.0), "look")
    both = [array.move({"lost": "ok"}), clerk.move({"waits": "looks"})]
    m.element("z", "x").after("x -> x", every(49 * H), "send", cls="tick", effects=both)
    m.firings("there", looks, when=copy == "there")
    batch = ran(m.build(), 49.5)
    # Two starts and ends, the loss, "z", the look, and the copy let go.
    assert (batch["there"].tolist(), batch.events.tolist()) == ([1], [8])


def test_seconds_apart() -> None:
    # Every 3.6 s, 1.8 s long: a look at a tick sees the run that began at the one before.
    batch = ran(nightly(0.0005, every_hours=0.001, name="z"), 7.0)
    assert np.allclose(batch.samples["value"], 3.6, atol=1e-6)
    assert batch.replayed[0] > 13_000


def test_who_looks_all_the_time_keeps_it_awake() -> None:
    m = ModelBuilder()
    run, copy = m.element("run", "idle busy"), m.element("copy", "none there")
    start = run.after("idle -> busy", every(24 * H), "start", cls="tick")
    kept = copy.move({"none": "there", "there": "there"}, renew=True)
    end = run.after("busy ->", Deterministic(H), "end", outcomes=[outcome(1.0, "idle", kept)])
    m.dormant(start, end, when=m.always())
    m.gate_time("there", copy == "there")
    batch = kernel.simulate(m.build(), horizon=100 * H)
    assert (batch["there"].tolist(), batch.replayed.tolist()) == ([75 * H], [0])
