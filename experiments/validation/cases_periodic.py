"""Tests, checks, backups and working hours: clocks that follow the calendar."""

from __future__ import annotations

from judging import YEAR, Case, Study, mean_of, ratio_of, yearly

from pacsim.core import ModelBuilder, every, outcome
from pacsim.delays import Calendar, Deterministic, Exponential

HOUR = 3600.0


def proof_test_1oo2(study: Study) -> None:
    lives = {"first": 1e6, "second": 1e6, "common": 2e7, "logic": 1e7, "valve": 4e5}
    for figure, interval in (("pfd_avg_8760h", 8760.0), ("pfd_avg_test_4380h", 4380.0)):
        m = ModelBuilder()
        parts = {name: m.element(name, "good bad", fault="bad") for name in lives}
        for name, part in parts.items():
            part.after("good -> bad", Exponential(lives[name]), "fail", cls="fault")
        test = m.element("test", "waits")
        mends = [part.move({"bad": "good"}) for part in parts.values()]
        test.after("waits -> waits", every(interval), "test", cls="tick", effects=mends)
        bad = {name: part == "bad" for name, part in parts.items()}
        transmitters = (bad["first"] & bad["second"]) | bad["common"]
        m.gate_time("fails on demand", transmitters | bad["logic"] | bad["valve"])
        run = study.run(m, 4000 * interval, 1500)
        study.compare(figure, run.rate("fails on demand"))


def staggered_tests(study: Study) -> None:
    for figure, offset in (("together", 0.0), ("staggered", 4380.0)):
        m = ModelBuilder()
        channels = [m.element(name, "good bad", fault="bad") for name in ("one", "two")]
        for channel, begins in zip(channels, (0.0, offset), strict=True):
            channel.after("good -> bad", Exponential(1 / 2e-6), "fail", cls="fault")
            # The clock of a test need not run while there is nothing to find.
            channel.after("bad -> good", every(8760.0, begins), "test", cls="tick")
        m.gate_time("both", m.all(channel == "bad" for channel in channels))
        run = study.run(m, 1e4 * YEAR, 8000)
        study.compare(figure, run.rate("both"))


def hung_found_by_check(study: Study) -> None:
    m = ModelBuilder()
    server = m.element("server", "up hung restarts", fault="hung restarts")
    server.after("up -> hung", Exponential(500), "hang", cls="fault")
    # Ticks whether there is something to find or not.
    check = m.element("check", "waits")
    finds = [server.move({"hung": "restarts"})]
    check.after("waits -> waits", every(24.0), "check", cls="tick", effects=finds)
    restart = Deterministic(0.1)
    done = server.after("restarts -> up", restart, "restart", cls="repair", renew=True)
    m.gate_time("down", server != "up")
    m.firings("restarts", done)
    run = study.run(m, 24.0 * 50_000, 1000)
    study.compare("unavailability", run.rate("down"))
    study.compare("restarts_per_8760", yearly(run.rate("restarts")))


def backup_age(study: Study) -> None:
    """Losses change nothing, so that their rate is free: one in ten days, not in six years."""
    m = ModelBuilder()
    since = m.quantity("since", low=0.0, high=1e9, start=0.0, rate=1.0)
    age = m.element("age", "fresh over-30 over-48")
    age.after("fresh -> over-30", Deterministic(30), "older")
    age.after("over-30 -> over-48", Deterministic(18), "oldest")
    copied = age.move(dict.fromkeys(age.states, "fresh"), renew=True)
    backup, store = m.element("backup", "waits"), m.element("store", "there")
    ways = [outcome(0.95, "waits", since.set(0.0), copied), outcome(0.05, "waits")]
    backup.after("waits", every(24.0), "backup", cls="tick", outcomes=ways)
    lost = store.after("there -> there", Exponential(240), "lost", cls="fault")
    m.sample("age at a loss", lost, since)
    m.firings("losses", lost)
    m.firings("over 30", lost, when=age != "fresh")
    m.firings("over 48", lost, when=age == "over-48")
    run = study.run(m, 2.4e6, 300)
    losses = run.each("losses")
    study.compare("mean_lost_h", ratio_of(run.each("age at a loss", 2), losses))
    study.compare("p_more_than_30h", ratio_of(run.each("over 30"), losses))
    study.compare("p_more_than_48h", ratio_of(run.each("over 48"), losses))


def working_hours_repair(study: Study) -> None:
    """Calendars are in seconds; the origin is a Monday."""
    desk = Calendar.weekly_hours("desk", "mon-fri 08:00-18:00")
    m = ModelBuilder()
    units = [m.element(name, "up down", fault="down") for name in ("one", "two")]
    for unit in units:
        unit.after("up -> down", Exponential(1000 * HOUR), "fail", cls="fault")
        work = Deterministic(4 * HOUR)
        unit.after("down -> up", work, "repair", cls="repair", profile=desk, renew=True)
    for unit in units:
        m.gate_time(unit.name, unit == "down", by_window=True)
    m.gate_time("both", m.all(unit == "down" for unit in units), by_window=True)
    year = 52 * 168 * HOUR
    run = study.run(m, 6 * year, 60_000, window=year)
    first = (run.each("one", 1) + run.each("two", 1)) / (2 * year)
    study.compare("mean_unavailability_52_weeks", mean_of(first))
    # After the first year, the start is forgotten: a life is six weeks.
    later = [
        sum(run.each(name, k) for k in range(2, 7)) / (5 * year) for name in ("one", "two", "both")
    ]
    study.compare("unavailability", mean_of((later[0] + later[1]) / 2))
    study.compare("both_down", mean_of(later[2]))


CASES: dict[str, Case] = {
    "proof-test-1oo2": proof_test_1oo2,
    "staggered-tests": staggered_tests,
    "hung-found-by-check": hung_found_by_check,
    "backup-age": backup_age,
    "working-hours-repair": working_hours_repair,
}
