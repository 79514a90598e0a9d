"""The named cases of power, calendars, checks and backups, simulated by the compiled engine.

Each comment names the smallest fault seen: three standard errors of the run over the value.
"""

from typing import Any

import numpy as np
import pytest

from pacsim.core import ModelBuilder, every, outcome
from pacsim.delays import Calendar
from pacsim.delays import Deterministic as D
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from tests.close import close
from tests.oracle.building import part
from tests.oracle.simulating import YEAR, Simulated, judge, simulated, times

pytestmark = pytest.mark.slow

HOUR = 3600.0


@pytest.mark.parametrize(
    ("ages", "u", "per_year"),
    [(False, 0.02229174814, 14.56003129), (True, 0.02242335588, 14.55807138)],
)
def test_series_ageing(ages: bool, u: float, per_year: float) -> None:
    """Case series-ageing: the two readings differ by 0.6 % in down time."""
    m = ModelBuilder()
    up = m.forward("up")
    speed: Any = 1.0 if ages else {up: 1.0, True: 0.0}
    rows = ((1000, 10), (2000, 24), (5000, 4))
    parts = [part(m, f"p{k}", life, repair, speed=speed) for k, (life, repair) in enumerate(rows)]
    m.gate("up", m.all(p == "up" for p in parts))
    m.episodes("down", ~up)
    run = simulated(m, 1e6, 2000)
    # Sees 0.3 % of the down time and 0.2 % of the outages.
    run.by_time(u, "down")
    run.by_time(per_year / YEAR, "down", 1)
    assert solve(run.model, steady=True).steady["down"][0] == close(u, 1e-9)


@pytest.mark.parametrize(("memory", "fails"), [("resume", [11.0, 25.0, 39.0]), ("restart", [])])
def test_clock_memory(memory: Any, fails: list[float]) -> None:
    """Case clock-memory: a pump on a supply that pauses; to the bit."""
    m = ModelBuilder()
    power, pump = m.element("power", "on off"), m.element("pump", "up down", fault="down")
    power.after("on -> off", D(6), "off")
    power.after("off -> on", D(1), "on")
    pump.after("up -> down", D(10), "fail", cls="fault", memory=memory, when=power == "on")
    pump.after("down -> up", D(2), "repair", cls="repair", renew=True)
    assert times(m, 40.0, ["pump.fail"]) == [fails]


def test_ups_generator() -> None:
    """Case ups-generator: a battery for a quarter of an hour, then a generator that may fail."""
    m = ModelBuilder()
    utility = m.element("utility", "up out", fault="out")
    battery = m.element("battery", "ready carrying spent")
    generator = m.element("generator", "standby started failed", fault="failed")
    out = utility == "out"
    utility.after("up -> out", Exp(2190.0), "fail", cls="fault")
    utility.after("out -> up", Exp(2.0), "return", cls="repair")
    battery.now("ready -> carrying", 20, "take", when=out)
    battery.after("carrying -> spent", D(0.25), "spent")
    battery.now("carrying spent -> ready", 20, "full", when=~out)
    tried = [outcome(0.98, "started"), outcome(0.02, "failed")]
    generator.now("standby", 25, "try", when=out, outcomes=tried)
    carries = battery == "spent"
    generator.after("started -> failed", Exp(200.0), "fail", cls="fault", when=carries)
    generator.now("started failed -> standby", 20, "rest", when=~out)
    m.episodes("dark", (battery == "spent") & (generator == "failed"))
    run = simulated(m, 2192.0 * 10000, 200)
    # Sees 1.8 % of the dark time and 1.4 % of the losses of load.
    run.by_time(2.391676942e-05, "dark")
    run.by_time(0.1047554501 / YEAR, "dark", 1)


def test_battery_recharge() -> None:
    """Case battery-recharge: any outage starts the ten hours anew."""
    m = ModelBuilder()
    utility = m.element("utility", "up out", fault="out")
    battery = m.element("battery", "ready carrying spent charging")
    out = utility == "out"
    utility.after("up -> out", Exp(300.0), "fail", cls="fault")
    utility.after("out -> up", Exp(1.5), "return", cls="repair")
    battery.now("ready -> carrying", 20, "take", when=out)
    battery.after("carrying -> spent", D(1.0), "spent")
    unready = battery.now("charging -> spent", 20, "unready", when=out)
    battery.now("carrying spent -> charging", 20, "charge", when=~out)
    battery.after("charging -> ready", D(10.0), "ready")
    m.episodes("dark", out & (battery == "spent"))
    m.firings("not ready", unready)
    run = simulated(m, 1e6, 400)
    # Sees 0.6 % of the dark time, 0.4 % of the losses, 2 % of those with the battery not ready.
    run.by_time(0.002633677628, "dark")
    run.by_time(15.38067735 / YEAR, "dark", 1)
    run.by_time(15.38067735 * 0.06193012233 / YEAR, "not ready")


def test_hung_found_by_check() -> None:
    """Case hung-found-by-check: a check at each multiple of 24 h."""
    m = ModelBuilder()
    server = m.element("server", "up hung restarting", fault="hung restarting")
    server.after("up -> hung", Exp(500.0), "hang", cls="fault")
    found = server.after("hung -> restarting", every(24.0), "check", cls="tick")
    server.after("restarting -> up", D(0.1), "restart", cls="repair")
    m.gate_time("down", server != "up")
    m.firings("restarts", found)
    run = simulated(m, 24.0 * 50000, 200)
    # Sees 0.6 % of the down time and 0.5 % of the restarts.
    run.by_time(0.02380667129, "down")
    run.by_time(17.10290712 / YEAR, "restarts")


def test_working_hours_repair() -> None:
    """Case working-hours-repair: two units, so that both wait for the same Monday."""
    m = ModelBuilder()
    desk = Calendar.weekly_hours("desk", "mon-fri 08:00-18:00")
    units = [m.element(n, "up down", fault="down") for n in "ab"]
    for unit in units:
        unit.after("up -> down", Exp(1000 * HOUR), "fail", cls="fault")
        unit.after("down -> up", D(4 * HOUR), "repair", cls="repair", profile=desk)
    m.gate_time("a", units[0] == "down", by_window=True)
    m.gate_time("both", m.all(u == "down" for u in units), by_window=True)
    year = 52 * 168 * HOUR
    run = simulated(m, 4 * year, 20000, window=year)
    # The first year from all up; the later ones are the long run, for a life of six weeks.
    judge(run.each("a", 1) / year, 0.02011784658)
    later = [sum(run.each(name, 1 + k) for k in (1, 2, 3)) / (3 * year) for name in ("a", "both")]
    # Sees 1 % in the first year, then 0.6 %, and 3 % of both down; their product is 43 % less.
    judge(later[0], 0.02019381852)
    judge(later[1], 0.0007175436716)


def backups(m: ModelBuilder, losses: float) -> Any:
    since = m.quantity("since", low=0, high=1e9, start=0, rate=1.0)
    job, store = m.element("job", "x"), m.element("store", "x")
    good = [outcome(0.95, "x", since.set(0)), outcome(0.05, "x")]
    job.after("x", every(24.0), "backup", cls="tick", outcomes=good)
    lost = store.after("x -> x", Exp(losses), "lost", cls="fault")
    m.sample("age", lost, since)
    return since


def over(run: Simulated, hours: float) -> Any:
    """Return each replication's share of samples above a limit."""
    samples = run.batch.samples
    above = np.bincount(
        samples["replication"], weights=samples["value"] > hours, minlength=len(run.batch.values)
    )
    return above / run.each("age")


def test_backup_age() -> None:
    """Case backup-age: hours since the last good backup, read at a loss."""
    # Losses change nothing, so that their rate is free: one in ten days here, not in six years.
    m = ModelBuilder()
    backups(m, 240.0)
    run = simulated(m, 240000.0, 400)
    # Sees 0.4 % of the mean, 2.3 % beyond 30 h, 10 % beyond 48 h.
    judge(run.each("age", 2) / run.each("age"), 13.26315789)
    judge(over(run, 30.0), 0.038125)
    judge(over(run, 48.0), 0.0025)


def feeds(often: float = 1.0) -> ModelBuilder:
    m = ModelBuilder()
    utility = part(m, "utility", 2190, 2)
    rows = (("ups", 100000, 24), ("pdu", 200000, 12), ("psu", 150000, 8))
    chains = [
        m.all(part(m, f"{n}-{f}", life / often, repair) == "up" for n, life, repair in rows)
        for f in "ab"
    ]
    m.gate_time("down", ~((utility == "up") & m.any(chains)))
    m.episodes("both", ~m.any(chains))
    m.first_passage("ever", ~m.any(chains))
    return m


def test_feeds_with_a_common_utility() -> None:
    """Case feeds-common-utility; both feeds are down too seldom, so a fiftieth of the lives."""
    # Sees 0.7 %.
    simulated(feeds(), 1e7, 100).by_time(0.000912533423, "down")
    exact = solve(feeds().build(), horizon=43800.0).mission["ever"][0]
    assert exact == close(0.000669404583, 1e-9)
    often = feeds(50.0)
    expected = solve(often.build(), horizon=YEAR, steady=True)
    # Sees 2.5 % of the time with both down and of the probability in a year.
    simulated(often, 1e6, 1000).by_time(float(expected.steady["both"][0]), "both")
    simulated(often, YEAR, 40000).happened(float(expected.mission["ever"][0]), "ever")
