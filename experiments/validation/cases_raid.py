"""Data loss of disk groups.

Losses are too rare for plain simulation at the stated rates: there the exact engine is held to the
expected figure, and the compiled engine to the exact one with disks that fail more often.
"""

from __future__ import annotations

from math import expm1
from typing import TYPE_CHECKING

from judging import Case, Study, mean_of
from renewal import entries_to_loss, mirror_loss

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Deterministic, Exponential, Weibull
from pacsim.engines.exact import solve

if TYPE_CHECKING:
    from pacsim.core.writing.handles import ElementRef

LIFE, REBUILD, TERM = 1.2e6, 24.0, 43800.0
OFTEN = 100.0


def disks_of(m: ModelBuilder, n: int, states: str = "good failed") -> list[ElementRef]:
    """Return the disks of a group, all new; every state but the first is a fault."""
    return [m.element(f"disk-{k}", states, fault=states.split()[1:]) for k in range(n)]


def parallel(n: int, tolerates: int, life: float) -> ModelBuilder:
    """Return a group whose failed disks are all rebuilt at once."""
    m = ModelBuilder()
    disks = disks_of(m, n)
    for disk in disks:
        disk.after("good -> failed", Exponential(life), "fail", cls="fault")
        disk.after("failed -> good", Exponential(REBUILD), "rebuild", cls="repair", renew=True)
    m.first_passage("loss", m.count(d == "failed" for d in disks) > tolerates)
    return m


def serial(n: int, tolerates: int, life: float, *, spare: bool = False) -> ModelBuilder:
    """Return a group that rebuilds one disk at a time, onto the one spare if there is one."""
    m = ModelBuilder()
    disks = disks_of(m, n, "good waits rebuilds")
    shelf = m.element("shelf", "spare ordered")
    shelf.after("ordered -> spare", Exponential(336), "deliver")
    can = m.all(disk != "rebuilds" for disk in disks)
    takes = []
    if spare:
        can &= shelf == "spare"
        takes = [shelf.move({"spare": "ordered"})]
    for disk in disks:
        disk.after("good -> waits", Exponential(life), "fail", cls="fault")
        disk.now("waits -> rebuilds", 50, "begin", when=can, effects=takes)
        disk.after("rebuilds -> good", Exponential(REBUILD), "rebuild", cls="repair", renew=True)
    m.first_passage("loss", m.count(d != "good" for d in disks) > tolerates)
    return m


def with_reads(n: int, tolerates: int, life: float) -> ModelBuilder:
    """Return a group whose last rebuild may meet a sector that nothing can restore."""
    unreadable = -expm1(-(n - tolerates) * 20e12 * 8 * 1e-15)
    m = ModelBuilder()
    disks = disks_of(m, n)
    contents = m.element("contents", "there lost", fault="lost")
    failed = m.count(d == "failed" for d in disks)
    there = contents == "there"
    for disk in disks:
        disk.after("good -> failed", Exponential(life), "fail", cls="fault", when=there)
        loses = contents.move({"there": "lost"})
        critical = [
            outcome(1 - unreadable, "good", renew=True),
            outcome(unreadable, "good", loses, renew=True),
        ]
        ways = {failed >= tolerates: critical, True: [outcome(1.0, "good", renew=True)]}
        law = Exponential(REBUILD)
        disk.after("failed", law, "rebuild", cls="repair", when=there, outcomes=ways)
    contents.now("there -> lost", 10, "lose", when=failed > tolerates)
    m.first_passage("loss", contents == "lost")
    return m


def probability(m: ModelBuilder, hours: float) -> float:
    """Return the exact engine's probability of loss."""
    return float(solve(m.build(), horizon=hours).mission["loss"][0])


def held_to_exact(study: Study, label: str, m: ModelBuilder, hours: float, count: int) -> None:
    """Compare the compiled engine with the exact one on a model whose losses are frequent."""
    expected = probability(m, hours)
    run = study.run(m, hours, count)
    study.compare(label, run.chance("loss"), expected=expected, tolerance=1e-9)


FASTER = f"lives / {OFTEN:g}"


def plain_group(n: int, tolerates: int, *, one_at_a_time: bool, count: int) -> Case:
    """Return the case of a group with exponential lives and rebuilds."""

    def case(study: Study) -> None:
        make = serial if one_at_a_time else parallel
        study.compare("p_loss", exact=probability(make(n, tolerates, LIFE), TERM))
        label = f"p_loss, {FASTER}"
        held_to_exact(study, label, make(n, tolerates, LIFE / OFTEN), TERM, count)

    return case


def one_spare(study: Study) -> None:
    study.compare("p_loss", exact=probability(serial(10, 2, LIFE, spare=True), TERM))
    often = serial(10, 2, LIFE / OFTEN, spare=True)
    held_to_exact(study, f"p_loss, {FASTER}", often, TERM / 5, 200_000)


def unreadable_sectors(study: Study) -> None:
    m = with_reads(8, 1, LIFE)
    run = study.run(m, TERM, 2_000_000)
    study.compare("raid5", run.chance("loss"), exact=probability(m, TERM))
    study.compare("raid6", exact=probability(with_reads(10, 2, LIFE), TERM))
    often = with_reads(10, 2, LIFE / 20)
    held_to_exact(study, "raid6, lives / 20", often, TERM, 600_000)


def staged(
    n: int, tolerates: int, life: float, stages: int, rebuild: float = REBUILD
) -> ModelBuilder:
    """Return the parallel group whose rebuild passes through equal stages, disks only counted."""
    m = ModelBuilder()
    at = [m.counter(f"at-stage-{k}", tolerates + 1) for k in range(stages)]
    failed = at[0].number()
    for counter in at[1:]:
        failed += counter.number()
    top = stages * (tolerates + 1)
    whole = failed <= tolerates
    clock = m.element("failures", "runs")
    left = tuple(max(0.0, float(n - k)) for k in range(top + 1))
    first = [at[0].step(1)]
    law = Exponential(life)
    clock.after("runs -> runs", law, "next", speed=(failed, left), when=whole, effects=first)
    for k, counter in enumerate(at):
        moves = [counter.step(-1), *(at[k + 1].step(1) for _ in at[k + 1 : k + 2])]
        stage = m.element(f"stage-{k}", "runs")
        stage.after(
            "runs -> runs",
            Exponential(rebuild / stages),
            "ends",
            speed=(counter.number(), tuple(float(j) for j in range(tolerates + 2))),
            when=whole & (counter != "0"),
            effects=moves,
        )
    m.first_passage("loss", failed > tolerates)
    return m


def staged_disks(n: int, tolerates: int, life: float, stages: int) -> ModelBuilder:
    """Return the same group with an element per disk, as it is simulated."""
    m = ModelBuilder()
    steps = [f"stage-{k}" for k in range(stages)]
    disks = disks_of(m, n, " ".join(["good", *steps]))
    for disk in disks:
        disk.after("good -> stage-0", Exponential(life), "fail", cls="fault")
        for k, (before, after) in enumerate(zip(steps, [*steps[1:], "good"], strict=True)):
            law = Exponential(REBUILD / stages)
            done = after == "good"
            disk.after(f"{before} -> {after}", law, f"step-{k}", cls="repair", renew=done)
    m.first_passage("loss", m.count(d != "good" for d in disks) > tolerates)
    return m


def erlang_insensitivity(study: Study) -> None:
    found = {}
    for k in (1, 2, 5):
        found[k] = probability(staged(10, 2, LIFE, k), TERM)
        study.compare(f"k{k}", exact=found[k])
        often = LIFE / OFTEN
        expected = probability(staged(10, 2, often, k), TERM)
        run = study.run(staged_disks(10, 2, often, k), TERM, 400_000)
        label = f"k{k}, {FASTER}"
        study.compare(label, run.chance("loss"), expected=expected, tolerance=1e-9)


def mirror(life: float) -> ModelBuilder:
    """Return two disks whose rebuild takes exactly one day."""
    m = ModelBuilder()
    disks = disks_of(m, 2)
    for disk in disks:
        disk.after("good -> failed", Exponential(life), "fail", cls="fault")
        law = Deterministic(REBUILD)
        disk.after("failed -> good", law, "rebuild", cls="repair", renew=True)
    m.first_passage("loss", m.all(d == "failed" for d in disks))
    return m


def deterministic_rebuild(study: Study) -> None:
    """Stages of number k come nearer by 1/k: two of them give the limit up to 1/k^2."""
    few, many = 16, 32
    for hours in (8760.0, 43800.0, 87600.0):
        figure = f"p_loss_{hours:.0f}"
        a, b = (probability(staged(2, 1, LIFE, k), hours) for k in (few, many))
        # Extrapolated, so that its own tolerance is that of the extrapolation.
        study.compare(
            f"{figure}, {few} and {many} stages extrapolated",
            exact=(many * b - few * a) / (many - few),
            expected=study.expected(figure),
            tolerance=1e-6,
        )
        renewal = mirror_loss(LIFE, REBUILD, hours)
        study.compare(f"{figure}, by series", exact=renewal, expected=study.expected(figure))
    often = LIFE / OFTEN
    run = study.run(mirror(often), TERM, 1_500_000)
    expected = mirror_loss(often, REBUILD, TERM)
    study.compare(f"p_loss_43800, {FASTER}", run.chance("loss"), expected=expected)


def weibull_group(scale: float, shape: float) -> ModelBuilder:
    """Return RAID-6 8+2 whose disks age; nothing stops at a loss."""
    m = ModelBuilder()
    disks = disks_of(m, 10)
    failed = m.count(d == "failed" for d in disks)
    for disk in disks:
        life = Weibull(scale, shape)
        fails = disk.after("good -> failed", life, "fail", cls="fault", memory="keep")
        law = Deterministic(REBUILD)
        disk.after("failed -> good", law, "rebuild", cls="repair", renew=True)
        m.firings(f"third-{disk.name}", fails, when=(failed >= 2) & ~(failed >= 3))
    m.first_passage("loss", failed >= 3)
    return m


WEIBULL = {"scale": 461386.0, "shape": 1.12}


def weibull_entries(study: Study) -> None:
    """Hold the renewal density to the case, and the compiled engine to it at shorter lives."""
    hours = 87600.0
    whole = entries_to_loss(**WEIBULL, rebuild=REBUILD, disks=10, hours=hours)
    study.compare(
        "expected_entries, by renewal density",
        exact=whole,
        expected=study.expected("expected_entries"),
        tolerance=1e-6,
    )
    scale = WEIBULL["scale"] / 100
    often = weibull_group(scale, WEIBULL["shape"])
    run = study.run(often, 8760.0, 1_000_000)
    entries = sum(run.each(f"third-disk-{k}") for k in range(10))
    expected = entries_to_loss(scale, WEIBULL["shape"], REBUILD, 10, 8760.0)
    label = "expected_entries by 8760, lives / 100"
    study.compare(label, mean_of(entries), expected=expected, tolerance=1e-6)


def weibull_loss(study: Study) -> None:
    """Not visible by plain simulation at 1e-7; its entries are, see `weibull_entries`."""
    hours = 87600.0
    whole = entries_to_loss(**WEIBULL, rebuild=REBUILD, disks=10, hours=hours)
    study.compare(
        "p_loss, from the entries",
        exact=whole * (1 - 1.2e-4),
        expected=study.expected("p_loss"),
        tolerance=2e-5,
    )


def pool_disks(life: float) -> ModelBuilder:
    """Return the pool with an element per disk."""
    m = ModelBuilder()
    disks = disks_of(m, 60)
    for disk in disks:
        disk.after("good -> failed", Exponential(life), "fail", cls="fault")
        disk.after("failed -> good", Exponential(48), "rebuild", cls="repair", renew=True)
    m.first_passage("loss", m.count(d == "failed" for d in disks) > 3)
    return m


def long_mission_pool(study: Study) -> None:
    hours = 87600.0
    study.compare("p_loss", exact=probability(staged(60, 3, 3e5, 1, 48.0), hours))
    # Ten times as many failures, in the first year: 18 degraded episodes still.
    expected = probability(staged(60, 3, 3e4, 1, 48.0), 8760.0)
    run = study.run(pool_disks(3e4), 8760.0, 2_000_000)
    label = "p_loss by 8760, lives / 10"
    study.compare(label, run.chance("loss"), expected=expected, tolerance=1e-9)


CASES: dict[str, Case] = {
    "raid1-exp": plain_group(2, 1, one_at_a_time=False, count=1_000_000),
    "raid5-exp": plain_group(8, 1, one_at_a_time=False, count=100_000),
    "raid6-exp-parallel": plain_group(10, 2, one_at_a_time=False, count=300_000),
    "raid6-exp-serial": plain_group(10, 2, one_at_a_time=True, count=200_000),
    "mirror3-exp-parallel": plain_group(3, 2, one_at_a_time=False, count=6_000_000),
    "raid6-one-spare": one_spare,
    "raid-ure-20tb": unreadable_sectors,
    "raid6-erlang-insensitivity": erlang_insensitivity,
    "raid1-deterministic-rebuild": deterministic_rebuild,
    "raid6-weibull-analytic": weibull_entries,
    "raid6-weibull": weibull_loss,
    "long-mission-pool": long_mission_pool,
}
