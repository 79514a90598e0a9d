"""The exact engine against chains, closed forms and published model-checker results."""

from typing import Any

import pytest

from pacsim.core import ModelBuilder
from pacsim.core.writing.handles import TransitionRef
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import mean_time_to, solve
from tests.close import close
from tests.oracle.building import active_passive, cluster, part

pytestmark = pytest.mark.slow

# Other tests find these builders here too.
YEAR = 8760.0


def steady(m: ModelBuilder, name: str = "down", column: int = 0) -> float:
    return float(solve(m.build(), steady=True).steady[name][column])


def test_common_job() -> None:
    m = ModelBuilder()
    chains = [m.all(part(m, f"{c}{i}", 10000, 24) == "up" for i in range(5)) for c in "ab"]
    m.role("down", m.any(chains))
    m.first_passage("first", ~m.any(chains))
    for t in list(m.transitions):
        m.firings(t.name, TransitionRef(t.name, m))
    r = solve(m.build(), horizon=87600, steady=True)
    assert r.steady["down"][0] == close(1.4194533864544e-4, 1e-11)
    assert r.mission["down"][0] / 87600 == close(1.418872686085e-4, 1e-10)
    assert r.mission["down"][0] == close(12.4293247301, 1e-10)
    assert r.mission["first"][0] == close(0.6391743917, 1e-9)
    events = sum(r.mission[t.name][0] for t in m.transitions)
    assert events == close(174.7566988470, 1e-10)


@pytest.mark.parametrize(
    ("n", "premium", "hours", "p", "completed", "started", "states"),
    [
        (2, 0.9999615335623628, 0.004659192406, 0.001158395575, 17.36977828, 17.37736866, 276),
        (4, 0.9999212408513793, 0.007363146871, 0.001822105149, 33.34469884, 33.35628420, 820),
    ],
)
def test_workstation_cluster(
    n: int, premium: float, hours: float, p: float, completed: float, started: float, states: int
) -> None:
    r = solve(cluster(n), horizon=2000, steady=True)
    assert r.states == states
    assert r.steady["premium down"][0] == close(1 - premium, 1e-10)
    assert r.mission["below minimum"][0] == close(hours, 1e-9)
    assert r.mission["ever below"][0] == close(p, 1e-9)
    assert sum(r.mission[f"end{k}"][0] for k in range(5)) == close(completed, 1e-9)
    assert sum(r.mission[f"start{k}"][0] for k in range(5)) == close(started, 1e-9)


def test_standby_train() -> None:
    def model(repair: bool) -> ModelBuilder:
        m = ModelBuilder()
        a, b = m.element("a", "up down"), m.element("b", "up down")
        lead = m.element("lead", "a b")
        for me, name, other in ((a, "a", b), (b, "b", a)):
            idle = (lead != name) & (other == "up")
            me.after("up -> down", Exp(9000), "fail", speed={idle: 0.0, True: 1.0}, memory="keep")
            if repair:
                me.after("down -> up", Exp(72), "repair", renew=True)
            lead.now(
                f"{'b' if name == 'a' else 'a'} -> {name}",
                20,
                f"to-{name}",
                when=(other != "up") & (me == "up"),
            )
        cooler, separator = (
            part(m, "c", 60000, 24 if repair else None),
            part(m, "s", 150000, 36 if repair else None),
        )
        up = ((a == "up") | (b == "up")) & (cooler == "up") & (separator == "up")
        m.gate_time("down", ~up)
        m.first_passage("failed", ~up)
        return m

    assert 1 - steady(model(True)) == close(0.9993285887, 1e-10)
    bare = model(False).build()
    assert 1 - solve(bare, horizon=YEAR).mission["failed"][0] == close(0.6077393600, 1e-9)
    assert mean_time_to(bare, "failed") == close(13585.137628, 1e-10)


def test_active_passive_manual() -> None:
    model = active_passive().build()
    r = solve(model, horizon=YEAR, steady=True)
    assert r.steady["down"][0] == close(4.718081395e-05, 1e-9)
    assert r.steady["people"][0] / r.steady["down"][0] == close(0.6635758777, 1e-9)
    assert r.steady["down"][1] * YEAR == close(0.25188268, 1e-8)
    assert r.mission["outage"][0] == close(0.2220208798, 1e-9)
    assert mean_time_to(model, "outage") == close(34889.65517, 1e-9)


@pytest.mark.parametrize(
    ("kind", "u", "per_year"),
    [
        ("preemptive", 0.0002113057059, 0.1500220267),
        ("non-preemptive", 0.0002057749372, 0.1490009599),
        ("unlimited", 9.682801001e-05, 0.1461032508),
    ],
)
def test_one_crew_priority(kind: str, u: float, per_year: float) -> None:
    m = ModelBuilder()
    states = "up waiting work held"
    low = [m.element(f"server{k}", states, fault="waiting work held") for k in range(3)]
    high = [m.element(f"controller{k}", states, fault="waiting work held") for k in range(2)]
    free = 1 - m.count(p == "work" for p in (*low, *high))
    can: Any = m.always() if kind == "unlimited" else free >= 1
    calling = m.any(p == "waiting" for p in high)
    for group, life, repair, priority in ((low, 2000, 10, 50), (high, 5000, 24, 30)):
        for p in group:
            p.after("up -> waiting", Exp(life), "fail", cls="fault")
            p.now("waiting -> work", priority, "start", when=can, fifo=True)
            p.after("work -> up", Exp(repair), "repair", cls="repair", renew=True, memory="keep")
    for p in low if kind == "preemptive" else []:
        p.now("work -> held", 40, "hold", when=calling & (free < 1))
        p.now("held -> work", 45, "on", when=free >= 1, fifo=True)
    up = m.at_least(2, [p == "up" for p in low]) & m.any(p == "up" for p in high)
    m.episodes("down", ~up)
    r = solve(m.build(), steady=True)
    assert r.steady["down"][0] == close(u, 1e-9)
    assert r.steady["down"][1] * YEAR == close(per_year, 1e-9)


@pytest.mark.parametrize(
    ("ages", "u", "per_year"),
    [(False, 0.02229174814, 14.56003129), (True, 0.02242335588, 14.55807138)],
)
def test_series_ageing(ages: bool, u: float, per_year: float) -> None:
    m = ModelBuilder()
    up = m.forward("up")
    speed: Any = 1.0 if ages else {up: 1.0, True: 0.0}
    rows = ((1000, 10), (2000, 24), (5000, 4))
    parts = [part(m, f"p{k}", life, repair, speed=speed) for k, (life, repair) in enumerate(rows)]
    m.gate("up", m.all(p == "up" for p in parts))
    m.episodes("down", ~up)
    r = solve(m.build(), steady=True)
    assert (r.steady["down"][0], r.steady["down"][1] * YEAR) == (
        close(u, 1e-9),
        close(per_year, 1e-9),
    )


def test_feeds_with_a_common_utility() -> None:
    m = ModelBuilder()
    utility = part(m, "utility", 2190, 2)
    rows = (("ups", 100000, 24), ("pdu", 200000, 12), ("psu", 150000, 8))
    feeds = [m.all(part(m, f"{n}-{f}", life, rep) == "up" for n, life, rep in rows) for f in "ab"]
    m.gate_time("down", ~((utility == "up") & m.any(feeds)))
    m.episodes("both", ~m.any(feeds))
    m.first_passage("ever", ~m.any(feeds))
    r = solve(m.build(), horizon=43800, steady=True)
    assert r.steady["down"][0] == close(0.000912533423, 1e-9)
    assert r.steady["both"][0] == close(1.247777291e-07, 1e-9)
    assert r.steady["both"][1] * YEAR == close(0.0001340421255, 1e-9)
    assert r.mission["ever"][0] == close(0.000669404583, 1e-9)


def gone(m: ModelBuilder, condition: Any, t: float = 1.0) -> float:
    m.first_passage("failed", condition)
    return float(solve(m.build(), horizon=t).mission["failed"][0])


def test_dynamic_trees() -> None:
    """DFTCalc test suite; rate 0.5 each, unreliability at 1."""
    expected = {"single": 0.39346934029, "and": 0.15481812175, "or": 0.63212055883}
    for kind, value in expected.items():
        m = ModelBuilder()
        a, b = part(m, "a", 2, None), part(m, "b", 2, None)
        down = {
            "single": a == "down",
            "and": (a == "down") & (b == "down"),
            "or": (a == "down") | (b == "down"),
        }
        assert gone(m, down[kind]) == close(value, 1e-9)
    m = ModelBuilder()
    a, b = part(m, "a", 2, None), part(m, "b", 2, None)
    order = m.element("order", "none left right")
    order.now("none -> left", 20, "left", when=(a == "down") & (b == "up"))
    order.now("none -> right", 20, "right", when=b == "down")
    assert gone(m, (order == "left") & (b == "down")) == close(0.07740906087, 1e-9)
    m = ModelBuilder()
    a = part(m, "a", 2, None)
    b = part(m, "b", 2, None, speed={a == "up": 0.3, True: 1.0})
    assert gone(m, (a == "down") & (b == "down")) == close(0.11185306378, 1e-9)


def test_k_of_n_and_pool() -> None:
    m = ModelBuilder()
    parts = [part(m, f"p{k}", 15, None) for k in range(4)]
    assert gone(m, m.at_least(3, [p == "down" for p in parts])) == close(0.0010210952722, 1e-9)
    m = ModelBuilder()
    failed = m.counter("failed", 4)
    clock = m.element("clock", "x")
    number = failed.number()
    clock.after(
        "x -> x",
        Exp(300000),
        "fail",
        speed=(number, tuple(60.0 - k for k in range(5))),
        when=failed != "4",
        effects=[failed.step(1)],
    )
    done = m.element("rebuild", "x")
    done.after(
        "x -> x",
        Exp(48),
        "done",
        speed=(number, tuple(float(k) for k in range(5))),
        when=failed != "0",
        effects=[failed.step(-1)],
    )
    m.first_passage("loss", failed == "4")
    assert solve(m.build(), horizon=87600).mission["loss"][0] == close(2.301274341e-6, 1e-9)


def test_storm_mean_times() -> None:
    m = ModelBuilder()
    parts = [part(m, f"p{k}", 1 / rate, None) for k, rate in enumerate((0.3, 0.4, 1.0))]
    m.first_passage("failed", m.at_least(2, [p == "down" for p in parts]))
    assert mean_time_to(m.build(), "failed") == close(2685 / 1547, 1e-12)
    m = ModelBuilder()
    before: list[Any] = []
    for name, rate in (("k", 0.5), ("j", 1.0), ("i", 0.5)):
        speed: Any = {m.all(e == "down" for e in before): 1.0, True: 0.5}
        before.append(part(m, name, 1 / rate, None, speed=speed))
    m.first_passage("failed", m.all(e == "down" for e in before))
    assert mean_time_to(m.build(), "failed") == close(551 / 150, 1e-12)


def test_latent_defects() -> None:
    """Counted double failures per 1000 groups; nothing is reset by one."""

    def per_thousand(hours: float, scrub: float | None) -> float:
        m = ModelBuilder()
        good, bad, out = m.counter("good", 8, 8), m.counter("defect", 8), m.counter("replaced", 8)
        n_good, n_bad, n_out = good.number(), bad.number(), out.number()
        speeds = tuple(float(k) for k in range(9))
        counts = []
        for name, life, source, target, number in (
            ("fail-good", 461386.0, good, out, n_good),
            ("fail-bad", 461386.0, bad, out, n_bad),
            ("appear", 9259.0, good, bad, n_good),
            ("scrub", scrub, bad, good, n_bad),
            ("replace", 18.0, out, good, n_out),
        ):
            if life is None:
                continue
            tick = m.element(name, "x")
            ref = tick.after(
                "x -> x",
                Exp(life),
                "go",
                speed=(number, speeds),
                when=source != "0",
                effects=[source.step(-1), target.step(1)],
            )
            if name.startswith("fail"):
                others = n_bad + n_out >= (2 if name == "fail-bad" else 1)
                m.firings(name, ref, when=others)
                counts.append(name)
        r = solve(m.build(), horizon=hours)
        return 1000 * float(sum(r.mission[name][0] for name in counts))

    assert per_thousand(8760, 156.0) == close(16.50993085, 1e-9)
    assert per_thousand(87600, 156.0) == close(167.6741822, 1e-9)
    assert per_thousand(87600, None) == close(1495.837641, 1e-9)
