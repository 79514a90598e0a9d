"""The exact engine against chains, closed forms and published model-checker results."""

import math
from typing import Any

import pytest

from pacsim.core import Model, ModelBuilder, outcome
from pacsim.core.written import TransitionRef
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import mean_time_to, solve
from tests.close import close

YEAR = 8760.0


def part(m: ModelBuilder, name: str, life: float, repair: float | None, **options: Any) -> Any:
    element = m.element(name, "up down", fault="down")
    element.after("up -> down", Exp(life), "fail", cls="fault", **options)
    if repair is not None:
        element.after("down -> up", Exp(repair), "repair", cls="repair", renew=True)
    return element


def steady(m: ModelBuilder, name: str = "down", column: int = 0) -> float:
    return float(solve(m.build(), steady=True).steady[name][column])


def test_common_job() -> None:
    m = ModelBuilder()
    chains = [m.all(part(m, f"{c}{i}", 10000, 24) == "up" for i in range(5)) for c in "ab"]
    m.role("down", m.any(chains))
    m.first_passage("first", ~m.any(chains))
    for t in list(m.requests):
        m.firings(t["name"], TransitionRef(t["name"], m))
    r = solve(m.build(), horizon=87600, steady=True)
    assert r.steady["down"][0] == close(1.4194533864544e-4, 1e-11)
    assert r.mission["down"][0] / 87600 == close(1.418872686085e-4, 1e-10)
    assert r.mission["down"][0] == close(12.4293247301, 1e-10)
    assert r.mission["first"][0] == close(0.6391743917, 1e-9)
    events = sum(r.mission[t["name"]][0] for t in m.requests)
    assert events == close(174.7566988470, 1e-10)


def cluster(n: int) -> Model:
    """Haverkort, Hermanns, Katoen 2000: two sub-clusters, switches, backbone, one repair unit."""
    m = ModelBuilder()
    unit = m.element("unit", "free left right left-switch right-switch backbone")
    ws = {s: m.counter(f"{s}-up", n, n) for s in ("left", "right")}
    single = {s: m.element(s, "up down") for s in ("left-switch", "right-switch", "backbone")}
    starts, ends = [], []
    for side, count in ws.items():
        fail = {count == str(k): Exp(500 / k) for k in range(1, n + 1)}
        tick = m.element(f"{side}-fails", "x")
        fails: Any = {**fail, True: Exp(math.inf)}
        del fails
        # One clock whose speed is the number that works: a change of speed is memoryless.
        tick.after(
            "x -> x",
            Exp(500),
            "fail",
            speed=(count.number(), tuple(float(k) for k in range(n + 1))),
            effects=[count.step(-1)],
            when=count != "0",
        )
        starts.append(
            unit.after(
                f"free -> {side}", Exp(0.1), f"take-{side}", when=count != str(n), memory="resume"
            )
        )
        ends.append(
            unit.after(f"{side} -> free", Exp(1 / 2), f"done-{side}", effects=[count.step(1)])
        )
    for name, element in single.items():
        life, rate = (5000, 0.125) if name == "backbone" else (4000, 0.25)
        element.after("up -> down", Exp(life), "fail")
        starts.append(
            unit.after(
                f"free -> {name}", Exp(0.1), f"take-{name}", when=element == "down", memory="resume"
            )
        )
        ends.append(
            unit.after(
                f"{name} -> free",
                Exp(1 / rate),
                f"done-{name}",
                effects=[element.move({"down": "up"})],
            )
        )

    def service(k: int) -> Any:
        left, right = ws["left"].number(), ws["right"].number()
        l_on, r_on = single["left-switch"] == "up", single["right-switch"] == "up"
        both = (left + right >= k) & l_on & r_on & (single["backbone"] == "up")
        return ((left >= k) & l_on) | ((right >= k) & r_on) | both

    m.gate_time("premium down", ~service(n))
    m.gate_time("below minimum", ~service(3 * n // 4))
    m.first_passage("ever below", ~service(3 * n // 4))
    for k, ref in enumerate(starts):
        m.firings(f"start{k}", ref)
    for k, ref in enumerate(ends):
        m.firings(f"end{k}", ref)
    return m.build()


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


def active_passive() -> ModelBuilder:
    m = ModelBuilder()
    nodes = {n: m.element(n, "up down", fault="down") for n in "ab"}
    phase = m.element("phase", "on lost waiting", fault="waiting")
    active = m.element("active", "a b")
    for me, other in ("ab", "ba"):
        u, v = nodes[me], nodes[other]
        u.after("up -> down", Exp(2000), "fail", cls="fault")
        u.after("down -> up", Exp(8), "repair", cls="repair", renew=True)
        # The moment the active node is down with a good standby decides once.
        phase.now(
            "on",
            20,
            f"{me}-fails",
            when=(active == me) & (u == "down") & (v == "up"),
            outcomes=[outcome(0.95, "on", active.move({me: other})), outcome(0.05, "waiting")],
        )
        phase.after(
            "waiting -> on",
            Exp(1.5),
            f"people-{me}",
            when=(active == me) & (v == "up"),
            memory="keep",
            effects=[active.move({me: other})],
        )
        phase.now("waiting -> on", 10, f"{me}-back", when=(active == me) & (u == "up"))
        phase.now(
            "waiting -> lost", 10, f"{me}-both", when=(active == me) & (u == "down") & (v == "down")
        )
        phase.now(
            "lost -> on",
            10,
            f"{me}-first",
            when=(u == "up") & (v == "down"),
            effects=[active.move({other: me})],
        )
        phase.now(
            "on -> lost", 15, f"{me}-none", when=(active == me) & (u == "down") & (v == "down")
        )
    m.role("down", phase == "on")
    m.gate_time("people", phase == "waiting")
    m.first_passage("outage", phase != "on")
    return m


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


def gone(parts: Any, m: ModelBuilder, condition: Any, t: float = 1.0) -> float:
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
        assert gone(None, m, down[kind]) == close(value, 1e-9)
    m = ModelBuilder()
    a, b = part(m, "a", 2, None), part(m, "b", 2, None)
    order = m.element("order", "none left right")
    order.now("none -> left", 20, "left", when=(a == "down") & (b == "up"))
    order.now("none -> right", 20, "right", when=b == "down")
    assert gone(None, m, (order == "left") & (b == "down")) == close(0.07740906087, 1e-9)
    m = ModelBuilder()
    a = part(m, "a", 2, None)
    b = part(m, "b", 2, None, speed={a == "up": 0.3, True: 1.0})
    assert gone(None, m, (a == "down") & (b == "down")) == close(0.11185306378, 1e-9)


@pytest.mark.parametrize(
    ("shock", "counts", "value"),
    [(True, True, 0.1479479474), (True, False, 0.0872998641), (False, False, 0.0774090609)],
)
def test_40_priority_and_with_a_common_shock(shock: bool, counts: bool, value: float) -> None:
    m = ModelBuilder()
    a, b = part(m, "a", 2, None), part(m, "b", 2, None)
    order = m.element("order", "none left right")
    if shock:
        hit = m.element("shock", "x y")
        hit.after(
            "x -> y", Exp(10), "hit", effects=[a.move({"up": "down"}), b.move({"up": "down"})]
        )
    order.now("none -> left", 20, "left", when=(a == "down") & (b == "up"))
    order.now("none -> right", 21, "right", when=(b == "down") & (a == "up"))
    both = (a == "down") & (b == "down")
    good = order.among("left", "none") if counts else order == "left"
    assert gone(None, m, both & good) == close(value, 1e-9)


def test_k_of_n_and_pool() -> None:
    m = ModelBuilder()
    parts = [part(m, f"p{k}", 15, None) for k in range(4)]
    assert gone(None, m, m.at_least(3, [p == "down" for p in parts])) == close(
        0.0010210952722, 1e-9
    )
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


@pytest.mark.parametrize(
    ("kind", "down", "up"),
    [
        ("fifo", 0.0356786551, 0.5232381582),
        ("fixed", 0.0362342861, 0.5238756373),
        ("preemptive", 0.0222849737, 0.5273091954),
    ],
)
def test_14_queue_disciplines(kind: str, down: float, up: float) -> None:
    m = ModelBuilder()
    parts = [m.element(f"p{k}", "up waiting work", fault="waiting work") for k in range(3)]
    free = 1 - m.count(p == "work" for p in parts)
    for k, (p, fail, repair) in enumerate(
        zip(parts, (0.1, 0.2, 0.3), (1.0, 0.5, 2.0), strict=True)
    ):
        p.after("up -> waiting", Exp(1 / fail), "fail", cls="fault")
        p.now("waiting -> work", 50, "start", when=free >= 1, fifo=kind == "fifo")
        p.after("work -> up", Exp(1 / repair), "repair", cls="repair", renew=True)
        if kind == "preemptive" and k:
            better = m.any(q != "up" for q in parts[:k])
            p.now("work -> waiting", 40, "yield", when=better)
    m.gate_time("all down", m.all(p != "up" for p in parts))
    m.gate_time("all up", m.all(p == "up" for p in parts))
    r = solve(m.build(), steady=True)
    assert r.steady["all down"][0] == close(down, 1e-8)
    assert r.steady["all up"][0] == close(up, 1e-9)
    assert r.states == {"fifo": 16, "fixed": 13, "preemptive": 8}[kind]


@pytest.mark.parametrize(
    ("crews", "mean"), [(1, 0.6395217686), (2, 0.4647943956), (5, 0.4545454545)]
)
def test_13_crews(crews: int, mean: float) -> None:
    m = ModelBuilder()
    parts = [m.element(f"p{k}", "up waiting work", fault="waiting work") for k in range(5)]
    free = crews - m.count(p == "work" for p in parts)
    for p in parts:
        p.after("up -> waiting", Exp(100), "fail", cls="fault")
        p.now("waiting -> work", 50, "start", when=free >= 1)
        p.after("work -> up", Exp(10), "repair", cls="repair", renew=True)
    m.level_integral("down", m.count(p != "up" for p in parts))
    assert steady(m) == close(mean, 1e-9)


@pytest.mark.parametrize(
    ("selector", "value"), [("speed", 3.920031361e-4), ("delay", 1.679605852e-4)]
)
def test_15b_speed_is_read_always_and_a_delay_once(selector: str, value: float) -> None:
    m = ModelBuilder()
    parts = [m.element(n, "up down", fault="down") for n in "ab"]
    number = m.count(p == "down" for p in parts)
    for p in parts:
        p.after("up -> down", Exp(100), "fail", cls="fault")
        if selector == "speed":
            p.after("down -> up", Exp(1), "repair", renew=True, speed=(number, (1.0, 1.0, 0.25)))
        else:
            p.after("down -> up", (number, (Exp(1), Exp(1), Exp(4))), "repair", renew=True)
    m.gate_time("down", m.all(p == "down" for p in parts))
    assert steady(m) == close(value, 1e-9)


def test_17_bridge_and_beta_and_shock() -> None:
    m = ModelBuilder()
    links = {n: m.element(n, "up down") for n in ("sa", "sb", "at", "bt", "ab")}
    for link in links.values():
        link.after("up -> down", Exp(9), "fail")
        link.after("down -> up", Exp(1), "repair", renew=True)
    edges = [(n[0], n[1], link == "up") for n, link in links.items()]
    vertices = dict.fromkeys("sabt")
    m.gate_time("down", ~m.connected(vertices, edges, ["s"], ["t"]))
    m.gate_time("no tie", ~m.connected(vertices, edges[:4], ["s"], ["t"]))
    # Four minimal paths and four minimal cuts, each the same gate as the search.
    paths = ("sa at", "sb bt", "sa ab bt", "sb ab at")
    cuts = ("sa sb", "at bt", "sa ab bt", "sb ab at")
    m.gate_time("by paths", ~m.any(m.all(links[x] == "up" for x in path.split()) for path in paths))
    m.gate_time("by cuts", m.any(m.all(links[x] == "down" for x in cut.split()) for cut in cuts))
    r = solve(m.build(), steady=True)
    assert 1 - r.steady["down"][0] == close(0.97848, 1e-12)
    assert r.steady["by paths"][0] == close(r.steady["down"][0], 1e-13)
    assert r.steady["by cuts"][0] == close(r.steady["down"][0], 1e-13)
    assert 1 - r.steady["no tie"][0] == close(0.9639, 1e-12)
    m = ModelBuilder()
    a, b = part(m, "a", 1 / 0.09, None), part(m, "b", 1 / 0.09, None)
    shock = m.element("shock", "x")
    shock.after("x -> x", Exp(100), "hit", effects=[a.move({"up": "down"}), b.move({"up": "down"})])
    assert gone(None, m, (a == "down") & (b == "down")) == close(0.0172842979, 4e-9)
    m = ModelBuilder()
    four = [m.element(n, "up down") for n in "abcd"]
    shock = m.element("shock", "x")
    shock.after("x -> x", Exp(100), "hit", effects=[e.move({"up": "down"}, p=0.5) for e in four])
    assert gone(None, m, m.all(e == "down" for e in four), 100.0) == close(0.1322342256, 1e-9)


def test_45_memory_is_of_no_consequence_to_an_exponential() -> None:
    values = set()
    for memory in ("restart", "resume", "keep"):
        m = ModelBuilder()
        a, g = m.element("a", "up down"), part(m, "g", 10, 3)
        a.after("up -> down", Exp(30), "fail", memory=memory, when=g == "up")
        a.after("down -> up", Exp(5), "repair", renew=True)
        m.gate_time("down", a == "down")
        values.add(steady(m))
    assert max(values) == close(min(values), 1e-13)


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


def test_what_is_not_markov_is_named() -> None:
    from pacsim.core import every, next_open
    from pacsim.delays import Calendar, Deterministic
    from pacsim.engines.exact import supports

    m = ModelBuilder()
    desk = Calendar.weekly_hours("desk", "mon 08:00-09:00")
    a = m.element("a", "x y")
    q = m.quantity("charge", low=0, high=1, start=0)
    a.after("x -> y", Deterministic(5), "fixed")
    a.after("x -> y", every(5), "tick")
    a.after("x -> y", next_open(desk), "open")
    a.after("x -> y", q.rises_to(1), "full")
    a.after("x -> y", Exp(5), "hours", profile=desk)
    reasons = supports(m.build())
    for text in (
        "quantity charge",
        "a.fixed: Deterministic",
        "a.tick: ticks every 5",
        "a.open: calendar 'desk'",
        "a.full: waits",
        "a.hours: profile 'desk'",
    ):
        assert any(text in reason for reason in reasons), text


def test_too_many_states_name_the_parts() -> None:
    from pacsim.errors import UnsupportedError

    m = ModelBuilder()
    for k in range(12):
        part(m, f"p{k}", 10, 1)
    with pytest.raises(
        UnsupportedError, match=r"more than 100 states; 12 elements, the largest are p0 \(2\)"
    ):
        solve(m.build(), horizon=1, max_states=100)
