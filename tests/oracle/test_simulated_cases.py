"""The named cases of chains and of deterministic lives, simulated by the compiled engine.

Each comment names the smallest fault seen: three standard errors of the run over the value.
"""

from typing import Any

import pytest

from pacsim.core import ModelBuilder, every
from pacsim.delays import Deterministic as D
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from tests.close import close
from tests.oracle.building import active_passive, cluster, part
from tests.oracle.simulating import YEAR, judge, simulated, times

pytestmark = pytest.mark.slow


def test_common_job() -> None:
    """Case common-job: two chains of five, every part ages always."""
    m = ModelBuilder()
    chains = [m.all(part(m, f"{c}{i}", 10000, 24) == "up" for i in range(5)) for c in "ab"]
    m.role("down", m.any(chains))
    m.first_passage("first", ~m.any(chains))
    run = simulated(m, 87600.0, 40000)
    # Sees 2.1 % of the downtime, 1.2 % of the probability, 0.2 % of the number of events.
    judge(run.each("down"), 12.4293247301)
    run.happened(0.6391743917, "first")
    judge(run.batch.events, 174.7566988470)
    exact = solve(run.model, horizon=87600.0).mission
    assert exact["down"][0] == close(12.4293247301, 1e-10)
    assert exact["first"][0] == close(0.6391743917, 1e-9)


@pytest.mark.parametrize(
    ("n", "premium", "completed", "started"),
    [
        (2, 0.9999615335623628, 17.36977828, 17.37736866),
        (4, 0.9999212408513793, 33.34469884, 33.35628420),
    ],
)
def test_workstation_cluster(n: int, premium: float, completed: float, started: float) -> None:
    """Case cluster-n2-n4: one repair unit and a race of classes; the exact engine has all of it."""
    model = cluster(n)
    run = simulated(model, 2000.0, 20000)
    # Sees 0.5 % of the repairs. Below the minimum is too rare here; the premium service is not.
    judge(sum(run.each(f"end{k}") for k in range(5)), completed)
    # A repair that is begun and not completed differs by the one in the unit, at most.
    begun = sum(run.each(f"start{k}") - run.each(f"end{k}") for k in range(5))
    assert set(begun) <= {0.0, 1.0}
    exact = solve(model, horizon=2000.0).mission
    assert sum(exact[f"start{k}"][0] for k in range(5)) == close(started, 1e-9)
    # Sees 12 and 8 % of its unavailability; the start with all up is forgotten within 500 h of 1e6.
    simulated(model, 1e6, 200).by_time(1 - premium, "premium down")


def one_spare(life: float) -> ModelBuilder:
    m = ModelBuilder()
    stock = m.element("stock", "there ordered")
    slots = [
        m.element(f"disk-{k}", "up failed rebuilding", fault="failed rebuilding") for k in range(10)
    ]
    failed = m.count(slot != "up" for slot in slots)
    busy = m.any(slot == "rebuilding" for slot in slots)
    take = [stock.move({"there": "ordered"})]
    can = (stock == "there") & ~busy
    for slot in slots:
        slot.after("up -> failed", Exp(life), "fail", cls="fault")
        slot.now("failed -> rebuilding", 50, "start", when=can, effects=take)
        slot.after("rebuilding -> up", Exp(24.0), "rebuild", cls="repair", renew=True)
    stock.after("ordered -> there", Exp(336.0), "delivery")
    m.first_passage("loss", failed >= 3)
    return m


def test_raid6_one_spare() -> None:
    """Case raid6-one-spare: the exact figure, and a hundred times the rate against exact."""
    exact = solve(one_spare(1.2e6).build(), horizon=43800.0).mission["loss"][0]
    assert exact == close(1.64385547786e-8, 1e-9)
    often = one_spare(1.2e4)
    expected = float(solve(often.build(), horizon=4380.0).mission["loss"][0])
    # Sees 6 %; a rebuild that does not wait for its spare loses 27 times less often.
    simulated(often, 4380.0, 100000).happened(expected, "loss")


def test_deterministic_series() -> None:
    """Case deterministic-series: no ageing while the system is down; any fault of a bit is seen."""
    m = ModelBuilder()
    a, b = m.element("A", "up down", fault="down"), m.element("B", "up down", fault="down")
    for me, other, life in ((a, b, 100.0), (b, a, 120.0)):
        me.after("up -> down", D(life), "fail", cls="fault", memory="resume", when=other == "up")
        me.after("down -> up", D(10), "repair", cls="repair", renew=True)
    m.role("system", (a == "up") & (b == "up"))
    run = simulated(m, 300.0, 1)
    assert (run.each("system")[0], run.each("system", 1)[0]) == (40, 4)
    fails = times(m, 300.0, ("A.fail", "B.fail"))
    assert [len(found) for found in fails] == [2, 2]
    assert fails[1][0] == 130


def test_shared_child() -> None:
    """Case shared-child: one of two parents that are the same child; to the bit."""
    m = ModelBuilder()
    child = m.element("child", "up down", fault="down")
    child.after("up -> down", D(2), "fail", cls="fault")
    child.after("down -> up", D(0.5), "repair", cls="repair", renew=True)
    parents = [m.gate(f"parent-{k}", m.all([child == "up"])) for k in range(2)]
    m.role("role", m.any(parents))
    assert times(m, 10.0, ["child.fail"]) == [[2, 4.5, 7, 9.5]]
    run = simulated(m, 10.0, 1)
    assert (run.each("role")[0], run.each("role", 1)[0]) == (2, 4)


def test_repair_on_the_horizon() -> None:
    """Case repair-on-the-horizon: the last repair ends on the horizon; to the bit."""
    m = ModelBuilder()
    parts = [m.element(n, "up down", fault="down") for n in "ab"]
    for p in parts:
        p.after("up -> down", D(90), "fail", cls="fault")
        p.after("down -> up", D(10), "repair", cls="repair", renew=True)
    m.role("role", m.all(p == "up" for p in parts))
    run = simulated(m, 1000.0, 1)
    assert (run.each("role")[0], run.each("role", 1)[0]) == (100, 10)
    assert times(m, 1000.0, ["a.repair"])[0][-1] == 900


def train(repair: bool) -> ModelBuilder:
    m = ModelBuilder()
    a, b = m.element("a", "up down", fault="down"), m.element("b", "up down", fault="down")
    lead = m.element("lead", "a b")
    for me, name, other in ((a, "a", b), (b, "b", a)):
        idle = (lead != name) & (other == "up")
        aging = {idle: 0.0, True: 1.0}
        me.after("up -> down", Exp(9000), "fail", cls="fault", speed=aging, memory="keep")
        if repair:
            me.after("down -> up", Exp(72), "repair", cls="repair", renew=True)
        before = "b" if name == "a" else "a"
        lead.now(f"{before} -> {name}", 20, f"to-{name}", when=(other != "up") & (me == "up"))
    cooler = part(m, "c", 60000, 24 if repair else None)
    separator = part(m, "s", 150000, 36 if repair else None)
    up = ((a == "up") | (b == "up")) & (cooler == "up") & (separator == "up")
    m.gate_time("down", ~up)
    m.first_passage("failed", ~up)
    return m


def test_standby_train() -> None:
    """Case standby-train: cold standby, then two parts in series."""
    # Sees 3 % of the unavailability.
    simulated(train(True), 1e7, 100).by_time(1 - 0.9993285887, "down")
    # Sees 1.7 % of the unreliability in a year and 1.1 % of the mean life.
    simulated(train(False), YEAR, 50000).happened(1 - 0.6077393600, "failed")
    judge(simulated(train(False), 1e6, 50000).each("failed"), 13585.137628)


@pytest.mark.parametrize(
    ("interval", "expected"), [(8760.0, 0.011542677534), (4380.0, 0.0057874298816)]
)
def test_proof_test_1oo2(interval: float, expected: float) -> None:
    """Case proof-test-1oo2: hidden failures of four kinds, found and mended by one test."""
    m = ModelBuilder()
    lives = {"t1": 1e6, "t2": 1e6, "common": 2e7, "logic": 1e7, "valve": 4e5}
    bad = {}
    for name, life in lives.items():
        element = m.element(name, "up hidden", fault="hidden")
        element.after("up -> hidden", Exp(life), "fail", cls="fault")
        bad[name] = element
    test = m.element("test", "x")
    mends = [e.move({"hidden": "up", "up": "up"}, renew=True) for e in bad.values()]
    test.after("x -> x", every(interval), "go", cls="tick", effects=mends)
    hidden = {name: element == "hidden" for name, element in bad.items()}
    single = m.any(hidden[name] for name in ("common", "logic", "valve"))
    m.gate_time("fails on demand", (hidden["t1"] & hidden["t2"]) | single)
    # Sees 2.4 and 3.5 %.
    simulated(m, interval * 1000, 1000).by_time(expected, "fails on demand")


def test_active_passive_manual() -> None:
    """Case active-passive-manual: one failover in twenty waits for people; also in exact's tests."""
    m = active_passive()
    run = simulated(m, 1e6, 1000)
    # Sees 3 % of the downtime and of its share waiting for people, 2 % of the outages.
    run.by_time(4.718081395e-05, "down")
    run.by_time(4.718081395e-05 * 0.6635758777, "people")
    run.by_time(0.25188268 / YEAR, "down", 1)
    # Sees 2.3 % of the probability of an outage in the first year.
    simulated(active_passive(), YEAR, 60000).happened(0.2220208798, "outage")


CREW = [
    ("preemptive", 0.0002113057059, 0.1500220267),
    ("non-preemptive", 0.0002057749372, 0.1490009599),
    ("unlimited", 9.682801001e-05, 0.1461032508),
]


def one_crew(kind: str, often: float = 1.0) -> ModelBuilder:
    m = ModelBuilder()
    states = "up waiting work held"
    low = [m.element(f"server{k}", states, fault="waiting work held") for k in range(3)]
    high = [m.element(f"controller{k}", states, fault="waiting work held") for k in range(2)]
    free = 1 - m.count(p == "work" for p in (*low, *high))
    can: Any = m.always() if kind == "unlimited" else free >= 1
    calling = m.any(p == "waiting" for p in high)
    for group, life, repair, priority in ((low, 2000, 10, 50), (high, 5000, 24, 30)):
        for p in group:
            p.after("up -> waiting", Exp(life / often), "fail", cls="fault")
            p.now("waiting -> work", priority, "start", when=can, fifo=True)
            p.after("work -> up", Exp(repair), "repair", cls="repair", renew=True, memory="keep")
    for p in low if kind == "preemptive" else []:
        p.now("work -> held", 40, "hold", when=calling & (free < 1))
        p.now("held -> work", 45, "on", when=free >= 1, fifo=True)
    up = m.at_least(2, [p == "up" for p in low]) & m.any(p == "up" for p in high)
    m.episodes("down", ~up)
    return m


@pytest.mark.parametrize(("kind", "u", "per_year"), CREW)
def test_one_crew_priority(kind: str, u: float, per_year: float) -> None:
    """Case one-crew-priority, and ten times the failure rates against exact."""
    run = simulated(one_crew(kind), 1e7, 100)
    # Sees 4 % of the downtime: crews or none, not yet the order of work, which makes 3 %.
    run.by_time(u, "down")
    exact = solve(run.model, steady=True).steady["down"]
    assert (exact[0], exact[1] * YEAR) == (close(u, 1e-9), close(per_year, 1e-9))
    # Failures ten times as often: sees 1.3 %, where the order of work makes 11 %.
    often = one_crew(kind, 10.0)
    expected = float(solve(often.build(), steady=True).steady["down"][0])
    simulated(often, 1e6, 100).by_time(expected, "down")
