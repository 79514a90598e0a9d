"""Parts that are repaired: standby, one crew, series, renewal, planned maintenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judging import YEAR, Case, Study, mean_of, yearly

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Deterministic, Exponential, Weibull
from pacsim.engines.exact import mean_time_to, solve

if TYPE_CHECKING:
    from pacsim.core.writing.handles import ElementRef
    from pacsim.delays import Law


def repairable(m: ModelBuilder, name: str, life: float, repair: float) -> ElementRef:
    """Return a part that fails and is repaired on its own, ageing always."""
    element = m.element(name, "up down", fault="down")
    element.after("up -> down", Exponential(life), "fail", cls="fault")
    element.after("down -> up", Exponential(repair), "repair", cls="repair", renew=True)
    return element


def common_job(study: Study) -> None:
    def model() -> ModelBuilder:
        m = ModelBuilder()
        chains = [
            m.all([repairable(m, f"{chain}{k}", 10000, 24) == "up" for k in range(5)])
            for chain in ("left-", "right-")
        ]
        m.gate_time("down", ~m.any(chains))
        m.first_passage("first", ~m.any(chains))
        return m

    hours = 87600.0
    run = study.run(model(), hours, 200_000)
    exact = solve(run.model, horizon=hours, steady=True)
    down = exact.mission["down"][0]
    study.compare("mission_downtime_h", mean_of(run.each("down")), exact=down)
    study.compare("mission_mean_unavailability", exact=down / hours)
    study.compare("p_any_system_failure", run.chance("first"), exact=exact.mission["first"][0])
    study.compare("steady_unavailability", exact=exact.steady["down"][0])


def component_events(study: Study) -> None:
    """Count the events of common-job: failures and repairs of one part, ten times."""
    m = ModelBuilder()
    part = m.element("part", "up down", fault="down")
    names = {
        "failures": part.after("up -> down", Exponential(10000), "fail", cls="fault"),
        "repairs": part.after("down -> up", Exponential(24), "repair", cls="repair", renew=True),
    }
    for name, ref in names.items():
        m.firings(name, ref)
    run = study.run(m, 87600.0, 1_000_000)
    exact = solve(run.model, horizon=87600.0).mission
    study.compare(
        "component_events_per_mission",
        mean_of(10 * sum(run.each(name) for name in names)),
        exact=10 * sum(float(exact[name][0]) for name in names),
    )


def common_job_all(study: Study) -> None:
    common_job(study)
    component_events(study)


def cold_pair(repair: Law) -> tuple[ModelBuilder, dict[str, ElementRef], ElementRef]:
    """Return two units and one crew; the one that is not on duty does not age."""
    m = ModelBuilder()
    units = {n: m.element(n, "ready waiting work", fault="waiting work") for n in "ab"}
    duty = m.element("duty", "a b to-a to-b nobody", fault="to-a to-b nobody")
    idle = m.all(unit != "work" for unit in units.values())
    for name, unit in units.items():
        ageing = {duty == name: 1.0, True: 0.0}
        unit.after("ready -> waiting", Exponential(1000), "fail", cls="fault", speed=ageing)
        unit.now("waiting -> work", 50, "begin", when=idle, fifo=True)
        unit.after("work -> ready", repair, "repair", cls="repair", renew=True)
        duty.now(f"nobody -> {name}", 20, f"back-{name}", when=unit == "ready")
    m.episodes("down", ~duty.among("a", "b"))
    return m, units, duty


def perfect_switch(repair: Law) -> ModelBuilder:
    m, units, duty = cold_pair(repair)
    for me, other in ("ab", "ba"):
        failed, ready = units[me] != "ready", units[other] == "ready"
        duty.now(f"{me} -> {other}", 20, f"take-{other}", when=failed & ready)
        duty.now(f"{me} -> nobody", 20, f"lost-{me}", when=failed & ~ready)
    return m


def cold_standby(study: Study) -> None:
    run = study.run(perfect_switch(Deterministic(24)), 1e7, 1000)
    study.compare("unavailability", run.rate("down"))
    run = study.run(perfect_switch(Exponential(24)), 1e7, 1000)
    exact = solve(run.model, steady=True).steady["down"][0]
    study.compare("unavailability_exponential_repair", run.rate("down"), exact=exact)


def imperfect_switch(study: Study) -> None:
    m, units, duty = cold_pair(Deterministic(24))
    for me, other in ("ab", "ba"):
        failed, ready = units[me] != "ready", units[other] == "ready"
        ways = [outcome(0.95, other), outcome(0.05, f"to-{other}")]
        duty.now(me, 20, f"switch-{me}", when=failed & ready, outcomes=ways)
        duty.now(f"{me} -> nobody", 20, f"lost-{me}", when=failed & ~ready)
        duty.after(f"to-{other} -> {other}", Deterministic(1.5), f"by-hand-{other}")
    run = study.run(m, 1e7, 1000)
    study.compare("unavailability", run.rate("down"))
    study.compare("outages_per_8760", yearly(run.rate("down", 1)))


def one_crew(kind: str) -> ModelBuilder:
    """Return three servers and two controllers; the crew is an element with one job at a time."""
    m = ModelBuilder()
    servers = [m.element(f"server-{k}", "up asks served", fault="asks served") for k in range(3)]
    controllers = [
        m.element(f"controller-{k}", "up asks served", fault="asks served") for k in range(2)
    ]
    everything = [*servers, *controllers]
    none_served = m.all(e != "served" for e in everything)
    may = m.always() if kind == "unlimited_crews" else none_served
    urgent = m.any(c == "asks" for c in controllers)
    for group, life, repair, priority in ((servers, 2000, 10, 60), (controllers, 5000, 24, 50)):
        for e in group:
            e.after("up -> asks", Exponential(life), "fail", cls="fault")
            e.now("asks -> served", priority, "begin", when=may, fifo=True)
            done = Exponential(repair)
            e.after("served -> up", done, "repair", cls="repair", memory="keep", renew=True)
    if kind == "preemptive":
        for e in servers:
            e.now("served -> asks", 40, "interrupt", when=urgent)
    up = m.at_least(2, [s == "up" for s in servers]) & m.any(c == "up" for c in controllers)
    m.episodes("down", ~up)
    return m


def one_crew_priority(study: Study) -> None:
    for kind in ("preemptive", "non_preemptive", "unlimited_crews"):
        run = study.run(one_crew(kind), 1e7, 800)
        exact = solve(run.model, steady=True).steady["down"]
        study.compare(kind, run.rate("down"), exact=exact[0])
        figure = f"{kind}_outages_per_8760"
        study.compare(figure, yearly(run.rate("down", 1)), exact=exact[1] * YEAR)


def series_ageing(study: Study) -> None:
    for letter in "ab":
        m = ModelBuilder()
        running = m.forward("running")
        speed = {running: 1.0, True: 0.0} if letter == "a" else 1.0
        parts = []
        for k, (life, repair) in enumerate(((1000, 10), (2000, 24), (5000, 4))):
            part = m.element(f"part-{k}", "up down", fault="down")
            part.after("up -> down", Exponential(life), "fail", cls="fault", speed=speed)
            part.after("down -> up", Exponential(repair), "repair", cls="repair", renew=True)
            parts.append(part)
        m.gate("running", m.all(part == "up" for part in parts))
        m.episodes("down", ~running)
        run = study.run(m, 1e7, 1000)
        exact = solve(run.model, steady=True).steady["down"]
        study.compare(f"unavailability_{letter}", run.rate("down"), exact=exact[0])
        outages = yearly(run.rate("down", 1))
        study.compare(f"outages_per_8760_{letter}", outages, exact=exact[1] * YEAR)


def age_maintenance(study: Study) -> None:
    best = study.expected("best_tp_h")
    for figure, planned in (("2000", 2000.0), ("4000", 4000.0), ("never", None), ("best", best)):
        m = ModelBuilder()
        unit = m.element("unit", "up failed serviced", fault="failed", planned="serviced")
        unit.after("up -> failed", Weibull(8000, 2.5), "fail", cls="fault")
        unit.after("failed -> up", Deterministic(24), "repair", cls="repair", renew=True)
        if planned is not None:
            unit.after("up -> serviced", Deterministic(planned), "service", cls="planned")
            unit.after("serviced -> up", Deterministic(2), "done", cls="repair", renew=True)
        m.gate_time("down", unit != "up")
        run = study.run(m, 1e8, 200)
        study.compare(f"u_{figure}", run.rate("down"))


def renewal_count(study: Study) -> None:
    m = ModelBuilder()
    part = m.element("part", "in-use")
    m.firings(
        "failures",
        part.after("in-use -> in-use", Weibull(43800, 2), "fail", cls="fault", renew=True),
    )
    run = study.run(m, 87600.0, 4_000_000)
    failures = run.each("failures")
    study.compare("expected_failures", mean_of(failures))
    study.compare("p_two_or_more", mean_of(failures >= 2))


def standby_train(study: Study) -> None:
    def model(*, repair: bool) -> ModelBuilder:
        m = ModelBuilder()
        runs = m.element("runs", "first second")
        compressors = {name: m.element(name, "up down", fault="down") for name in runs.states}
        for name, unit in compressors.items():
            speed = {runs == name: 1.0, True: 0.0}
            unit.after("up -> down", Exponential(9000), "fail", cls="fault", speed=speed)
        for me, other in (("first", "second"), ("second", "first")):
            swap = (compressors[me] == "down") & (compressors[other] == "up")
            runs.now(f"{me} -> {other}", 20, f"to-{other}", when=swap)
        rest = []
        for name, life in (("cooler", 60000), ("separator", 150000)):
            part = m.element(name, "up down", fault="down")
            part.after("up -> down", Exponential(life), "fail", cls="fault")
            rest.append(part)
        everything = [*compressors.values(), *rest]
        for part, hours in zip(everything, (72, 72, 24, 36), strict=True):
            if repair:
                law = Exponential(hours)
                part.after("down -> up", law, "repair", cls="repair", renew=True)
        up = m.any(c == "up" for c in compressors.values()) & m.all(p == "up" for p in rest)
        m.gate_time("up", up)
        m.gate_time("down", ~up)
        m.first_passage("failed", ~up)
        return m

    run = study.run(model(repair=True), 1e8, 600)
    exact = solve(run.model, steady=True).steady
    study.compare("steady_availability", exact=exact["up"][0])
    study.compare(
        "steady_unavailability",
        run.rate("down"),
        exact=exact["down"][0],
        expected=1 - study.expected("steady_availability"),
        tolerance=1e-7,
    )
    run = study.run(model(repair=False), 1e6, 1_000_000)
    lives = run.each("failed")
    study.compare("mttf_without_repair_h", mean_of(lives), exact=mean_time_to(run.model, "failed"))
    exact = 1 - solve(run.model, horizon=YEAR).mission["failed"][0]
    study.compare("reliability_8760h_without_repair", mean_of(lives >= YEAR), exact=exact)


CASES: dict[str, Case] = {
    "common-job": common_job_all,
    "cold-standby-deterministic-repair": cold_standby,
    "cold-standby-imperfect-switch": imperfect_switch,
    "one-crew-priority": one_crew_priority,
    "series-ageing": series_ageing,
    "age-maintenance": age_maintenance,
    "renewal-count": renewal_count,
    "standby-train": standby_train,
}
