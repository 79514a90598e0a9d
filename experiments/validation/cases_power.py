"""Power: a battery and a generator, a battery that recharges, two feeds behind one utility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judging import YEAR, Case, Study, ratio_of, yearly

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Deterministic, Exponential
from pacsim.engines.exact import solve

if TYPE_CHECKING:
    from pacsim.core.writing.handles import ElementRef


def utility_of(m: ModelBuilder, life: float, outage: float) -> ElementRef:
    """Return a utility that is up and out in turn."""
    utility = m.element("utility", "up out", fault="out")
    utility.after("up -> out", Exponential(life), "fail", cls="fault")
    utility.after("out -> up", Exponential(outage), "return", cls="repair", renew=True)
    return utility


def ups_generator(study: Study) -> None:
    """Write the battery as a quantity, in hours at full load."""
    m = ModelBuilder()
    utility = utility_of(m, 2190, 2)
    out = utility == "out"
    charge = m.quantity("charge", low=0.0, high=0.25, start=0.25, rate={out: -1.0, True: 0.0})
    supply = m.element("supply", "utility bridging bridging-alone generator dark")
    ways = [outcome(0.98, "bridging"), outcome(0.02, "bridging-alone")]
    supply.now("utility", 20, "start-generator", when=out, outcomes=ways)
    empty = charge.falls_to(0.0)
    supply.after("bridging -> generator", empty, "take-load", memory="resume")
    supply.after("bridging-alone -> dark", empty, "empty", memory="resume")
    supply.after("generator -> dark", Exponential(200), "generator-fails", cls="fault")
    # What lets the utility return also fills the battery.
    refill = [charge.set(0.25)]
    away = " ".join(supply.states[1:])
    supply.now(f"{away} -> utility", 20, "return", when=~out, effects=refill)
    m.episodes("dark", supply == "dark")
    run = study.run(m, 2192.0 * 20_000, 1500)
    study.compare("unavailability", run.rate("dark"))
    study.compare("downtime_h_per_8760", yearly(run.rate("dark")))
    study.compare("load_losses_per_8760", yearly(run.rate("dark", 1)))


def battery_recharge(study: Study) -> None:
    m = ModelBuilder()
    utility = m.element("utility", "up out", fault="out")
    fails = utility.after("up -> out", Exponential(300), "fail", cls="fault")
    utility.after("out -> up", Exponential(1.5), "return", cls="repair", renew=True)
    out = utility == "out"
    battery = m.element("battery", "ready carries spent charges")
    battery.now("ready -> carries", 20, "carry", when=out)
    battery.after("carries -> spent", Deterministic(1), "empty")
    battery.now("carries spent -> charges", 20, "charge", when=~out)
    # The ten hours run only while the utility is there; an outage in between begins them anew.
    ten = Deterministic(10)
    battery.after("charges -> ready", ten, "ready", when=~out, memory="restart")
    m.episodes("dark", out & battery.among("spent", "charges"))
    m.firings("at once", fails, when=battery == "charges")
    run = study.run(m, 3e6, 800)
    losses = run.each("dark", 1)
    study.compare("unavailability", run.rate("dark"))
    study.compare("load_losses_per_8760", yearly(run.rate("dark", 1)))
    study.compare("share_not_ready", ratio_of(run.each("at once"), losses))


def feeds(often: float) -> ModelBuilder:
    """Return two feeds of three parts behind one utility; the feeds' parts fail ``often`` times."""
    m = ModelBuilder()
    utility = utility_of(m, 2190, 2)
    chains = []
    for feed in "ab":
        parts = []
        for name, life, repair in (("ups", 1e5, 24), ("pdu", 2e5, 12), ("supply", 1.5e5, 8)):
            part = m.element(f"{name}-{feed}", "up down", fault="down")
            part.after("up -> down", Exponential(life / often), "fail", cls="fault")
            part.after("down -> up", Exponential(repair), "repair", cls="repair", renew=True)
            parts.append(part == "up")
        chains.append(m.all(parts))
    m.gate_time("no power", ~((utility == "up") & m.any(chains)))
    m.episodes("both", ~m.any(chains))
    m.first_passage("first", ~m.any(chains))
    return m


def feeds_common_utility(study: Study) -> None:
    run = study.run(feeds(1.0), 1e7, 1000)
    exact = solve(run.model, horizon=43800.0, steady=True)
    both = exact.steady["both"]
    study.compare("unavailability", run.rate("no power"), exact=exact.steady["no power"][0])
    study.compare("both_feeds_down", exact=both[0])
    study.compare("both_feeds_down_per_8760", exact=both[1] * YEAR)
    study.compare("p_both_feeds_down_by_43800", exact=exact.mission["first"][0])
    # Too rare to be seen by plain simulation: lives of a fiftieth, held to the exact engine.
    often = study.run(feeds(50.0), 1e6, 1000)
    exact = solve(often.model, horizon=YEAR, steady=True)
    both = exact.steady["both"]
    study.compare("both, lives / 50", often.rate("both"), expected=both[0])
    outages = yearly(often.rate("both", 1))
    study.compare("both per 8760, lives / 50", outages, expected=both[1] * YEAR)
    year = study.run(often.model, YEAR, 200_000)
    first = exact.mission["first"][0]
    study.compare("p both by 8760, lives / 50", year.chance("first"), expected=first)


CASES: dict[str, Case] = {
    "ups-generator": ups_generator,
    "battery-recharge": battery_recharge,
    "feeds-common-utility": feeds_common_utility,
}
