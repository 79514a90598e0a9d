"""Services: an active-passive pair, a standby that fails unseen, a cluster with one repair unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from judging import YEAR, Case, Study, mean_of, ratio_of, yearly

from pacsim.core import ModelBuilder, every, outcome
from pacsim.delays import Exponential
from pacsim.engines.exact import mean_time_to, solve

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import TransitionRef


def two_nodes() -> ModelBuilder:
    """Return the pair; ``service`` says who serves, who is waited for, or that nobody can."""
    m = ModelBuilder()
    nodes = {name: m.element(name, "good failed", fault="failed") for name in "ab"}
    service = m.element("service", "a b people-a people-b nobody")
    for me, other in ("ab", "ba"):
        node, partner = nodes[me], nodes[other]
        node.after("good -> failed", Exponential(2000), "fail", cls="fault")
        node.after("failed -> good", Exponential(8), "repair", cls="repair", renew=True)
        gone, there = node == "failed", partner == "good"
        # "people-b" waits for people to put b into service while a is in repair.
        ways = [outcome(0.95, other), outcome(0.05, f"people-{other}")]
        service.now(me, 20, f"{me}-fails", when=gone & there, outcomes=ways)
        service.now(f"{me} -> nobody", 20, f"{me}-is-last", when=gone & ~there)
        waiting = f"people-{other}"
        service.after(f"{waiting} -> {other}", Exponential(1.5), f"switch-to-{other}")
        service.now(f"{waiting} -> {me}", 10, f"{me}-resumes", when=node == "good")
        service.now(f"{waiting} -> nobody", 11, f"{other}-fails-too", when=~there)
        service.now(f"nobody -> {me}", 20, f"{me}-is-first", when=node == "good")
    up = service.among("a", "b")
    m.episodes("down", ~up)
    m.gate_time("people", service.among("people-a", "people-b"))
    m.first_passage("outage", ~up)
    return m


def active_passive_manual(study: Study) -> None:
    run = study.run(two_nodes(), 1e7, 800)
    steady = solve(run.model, steady=True).steady
    study.compare("unavailability", run.rate("down"), exact=steady["down"][0])
    study.compare(
        "share_waiting_for_people",
        ratio_of(run.each("people"), run.each("down")),
        exact=steady["people"][0] / steady["down"][0],
    )
    outages = yearly(run.rate("down", 1))
    study.compare("outages_per_8760", outages, exact=steady["down"][1] * YEAR)
    year = study.run(run.model, YEAR, 600_000)
    mission = solve(run.model, horizon=YEAR).mission
    study.compare("p_outage_by_8760", year.chance("outage"), exact=mission["outage"][0])
    # The mission ends for a first passage when it has happened, but the run goes on: keep it short.
    mean = mean_time_to(run.model, "outage")
    study.compare("mean_time_to_first_outage_h", exact=mean)


def latent_standby(drills: float | None) -> ModelBuilder:
    """Return two nodes of which the one standing by may be bad without anybody knowing."""
    m = ModelBuilder()
    nodes = {name: m.element(name, "good silent repair", fault="silent repair") for name in "ab"}
    serves = m.element("serves", "a b nobody")
    for me, other in ("ab", "ba"):
        node, partner = nodes[me], nodes[other]
        here, standing_by = serves == me, serves == other
        node.after("good -> repair", Exponential(4380), "fail", cls="fault", when=here)
        node.after("good -> silent", Exponential(8760), "go-bad", cls="fault", when=standing_by)
        node.after("repair -> good", Exponential(12), "repair", cls="repair", renew=True)
        gone = node == "repair"
        serves.now(f"{me} -> {other}", 20, f"take-over-{other}", when=gone & (partner == "good"))
        found = [partner.move({"silent": "repair"})]
        lost = gone & (partner != "good")
        serves.now(f"{me} -> nobody", 20, f"lose-{me}", when=lost, effects=found)
        serves.now(f"nobody -> {me}", 20, f"return-{me}", when=node == "good")
    if drills is not None:
        drill = m.element("drill", "idle")
        finds = [node.move({"silent": "repair"}) for node in nodes.values()]
        drill.after("idle -> idle", every(drills), "drill", cls="tick", effects=finds)
    m.gate_time("down", serves == "nobody")
    return m


def drill_latent_standby(study: Study) -> None:
    for figure, drills in (("u_2190", 2190.0), ("u_730", 730.0), ("u_never", None)):
        run = study.run(latent_standby(drills), 8.76e6, 800)
        exact = None if drills else solve(run.model, steady=True).steady["down"][0]
        study.compare(figure, run.rate("down"), exact=exact)
    run = study.run(latent_standby(2190.0), YEAR, 1_500_000)
    study.compare("downtime_first_8760_h", mean_of(run.each("down")))


@dataclass(frozen=True)
class Cluster:
    """The workstation cluster being written."""

    m: ModelBuilder
    started: list[TransitionRef]
    completed: list[TransitionRef]
    premium: Condition
    minimum: Condition


def cluster(n: int) -> Cluster:
    """Return two sub-clusters, each a counter of failed workstations, and one repair unit."""
    m = ModelBuilder()
    unit = m.element("unit", "free left right left-switch right-switch backbone")
    started, completed = [], []

    def offer(item: str, failed: Condition, hours: float, mended: object) -> None:
        take = Exponential(0.1)
        started.append(unit.after(f"free -> {item}", take, f"take-{item}", when=failed))
        effects = [mended]
        completed.append(
            unit.after(f"{item} -> free", Exponential(hours), f"end-{item}", effects=effects)  # type: ignore[arg-type]
        )

    working = {}
    for side in ("left", "right"):
        failed = m.counter(f"{side}-failed", n)
        clock = m.element(f"{side}-clock", "runs")
        speeds = tuple(float(n - k) for k in range(n + 1))
        # One clock whose speed is the number at work: the same law for exponential lives.
        clock.after(
            "runs -> runs",
            Exponential(500),
            "fail",
            cls="fault",
            speed=(failed.number(), speeds),
            effects=[failed.step(1)],
        )
        working[side] = n - failed.number()
        offer(side, failed != "0", 1 / 2, failed.step(-1))
    up = {}
    for item, life, hours in (
        ("left-switch", 4000, 4),
        ("right-switch", 4000, 4),
        ("backbone", 5000, 8),
    ):
        part = m.element(item, "up down", fault="down")
        part.after("up -> down", Exponential(life), "fail", cls="fault")
        up[item] = part == "up"
        offer(item, part == "down", hours, part.move({"down": "up"}))

    def quality(k: int) -> Condition:
        left = (working["left"] >= k) & up["left-switch"]
        right = (working["right"] >= k) & up["right-switch"]
        across = working["left"] + working["right"] >= k
        return left | right | (m.all(up.values()) & across)

    return Cluster(m, started, completed, quality(n), quality(3 * n // 4))


def cluster_n2_n4(study: Study) -> None:
    for n in (2, 4):
        c = cluster(n)
        m = c.m
        m.gate_time("premium down", ~c.premium)
        m.gate_time("below", ~c.minimum)
        m.first_passage("ever below", ~c.minimum)
        for k, (start, end) in enumerate(zip(c.started, c.completed, strict=True)):
            m.firings(f"start {k}", start)
            m.firings(f"end {k}", end)
        run = study.run(m, 2000.0, 2_000_000 // n)
        exact = solve(run.model, horizon=2000.0, steady=True)
        mission = exact.mission

        study.compare(
            f"hours_below_minimum_by_2000h_N{n}",
            mean_of(run.each("below")),
            exact=mission["below"][0],
        )
        study.compare(
            f"p_below_minimum_by_2000h_N{n}",
            run.chance("ever below"),
            exact=mission["ever below"][0],
        )
        for figure, what in (("started", "start"), ("completed", "end")):
            study.compare(
                f"repairs_{figure}_by_2000h_N{n}",
                mean_of(sum(run.each(f"{what} {k}") for k in range(5))),
                exact=sum(float(mission[f"{what} {k}"][0]) for k in range(5)),
            )
        # The start with all up is forgotten within 500 h of 4e6.
        long = study.run(run.model, 4e6, 400 // n)
        down = exact.steady["premium down"][0]
        study.compare(f"premium_steady_N{n}", exact=1 - down)
        study.compare(
            f"premium_down_steady_N{n}",
            long.rate("premium down"),
            exact=down,
            expected=1 - study.expected(f"premium_steady_N{n}"),
            tolerance=1e-9,
        )


CASES: dict[str, Case] = {
    "active-passive-manual": active_passive_manual,
    "drill-latent-standby": drill_latent_standby,
    "cluster-n2-n4": cluster_n2_n4,
}
