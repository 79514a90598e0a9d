"""Fault trees, static and dynamic, and plain products: no repair, or none that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judging import Case, Study, mean_of

from pacsim.core import ModelBuilder, outcome
from pacsim.delays import Exponential
from pacsim.engines.exact import mean_time_to, solve

if TYPE_CHECKING:
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef


def leaf(m: ModelBuilder, name: str, rate: float, speed: object = 1.0) -> ElementRef:
    """Return a part that fails once."""
    element = m.element(name, "good failed", fault="failed")
    element.after("good -> failed", Exponential(1 / rate), "fail", cls="fault", speed=speed)
    return element


def chance(
    study: Study, figure: str, m: ModelBuilder, top: Condition, hours: float, count: int
) -> None:
    """Compare the probability that a top event has happened by a time."""
    m.first_passage("top", top)
    run = study.run(m, hours, count)
    exact = solve(run.model, horizon=hours).mission["top"][0]
    study.compare(figure, run.chance("top"), exact=exact)


def mean_time(study: Study, figure: str, m: ModelBuilder, top: Condition, count: int) -> None:
    """Compare the mean time to a top event; the horizon is beyond all of them."""
    m.first_passage("top", top)
    run = study.run(m, 1e4, count)
    exact = mean_time_to(run.model, "top")
    study.compare(figure, mean_of(run.each("top")), exact=exact)


def k_of_n_rare(study: Study) -> None:
    m = ModelBuilder()
    parts = [leaf(m, f"part-{k}", 1 / 15) for k in range(4)]
    chance(study, "p", m, m.at_least(3, [p == "failed" for p in parts]), 1.0, 8_000_000)


def static_trees(study: Study) -> None:
    """Each basic event is decided once, at the start, by an immediate transition."""

    def event(m: ModelBuilder, name: str, p: float) -> Condition:
        element = m.element(name, "undecided good failed", fault="failed")
        ways = [outcome(1 - p, "good"), outcome(p, "failed")]
        element.now("undecided", 10, "decide", outcomes=ways)
        return element == "failed"

    m = ModelBuilder()
    mains, generator, relay = (
        event(m, name, p) for name, p in (("mains", 0.03), ("generator", 0.02), ("relay", 0.05))
    )
    m.gate_time("top", mains & (generator | relay))
    run = study.run(m, 1.0, 4_000_000)
    exact = solve(run.model, horizon=1.0).mission["top"][0]
    study.compare("theatre", run.rate("top"), exact=exact)
    m = ModelBuilder()
    v1, v2 = event(m, "V1", 0.5), event(m, "V2", 0.5)
    p1, p2 = event(m, "P1", 0.7), event(m, "P2", 0.7)
    m.gate_time("top", (v1 | p1) & (v2 | p2))
    run = study.run(m, 1.0, 1_000_000)
    exact = solve(run.model, horizon=1.0).mission["top"][0]
    study.compare("two_train", run.rate("top"), exact=exact)


def dynamic_trees(study: Study) -> None:
    count = 1_000_000
    for figure in ("single", "and2", "or2"):
        m = ModelBuilder()
        left, right = (leaf(m, name, 0.5) == "failed" for name in ("left", "right"))
        top = {"single": left, "and2": left & right, "or2": left | right}[figure]
        chance(study, figure, m, top, 1.0, count)
    m = ModelBuilder()
    left = m.element("left", "good failed", fault="failed")
    right = m.element("right", "good failed-first failed-second", fault="failed-first")
    left.after("good -> failed", Exponential(2.0), "fail", cls="fault")
    late = {
        left == "failed": [outcome(1.0, "failed-second")],
        True: [outcome(1.0, "failed-first")],
    }
    right.after("good", Exponential(2.0), "fail", cls="fault", outcomes=late)
    chance(study, "pand2", m, right == "failed-second", 1.0, count)
    m = ModelBuilder()
    main = leaf(m, "main", 0.5)
    spare = leaf(m, "spare", 0.5, {main == "failed": 1.0, True: 0.3})
    chance(study, "warm_spare", m, (main == "failed") & (spare == "failed"), 1.0, count)


def composite_sla(study: Study) -> None:
    """Availabilities become parts that are repaired in one hour on average."""
    availabilities = (0.9999, 0.9999, 0.9995, 0.999, 0.99995, 0.999, 0.9999, 0.999)
    m = ModelBuilder()
    up = []
    for k, a in enumerate(availabilities):
        part = m.element(f"part-{k}", "good failed", fault="failed")
        part.after("good -> failed", Exponential(a / (1 - a)), "fail", cls="fault")
        part.after("failed -> good", Exponential(1.0), "repair", cls="repair", renew=True)
        up.append(part == "good")
    m.gate_time("up", m.all(up))
    m.gate_time("down", ~m.all(up))
    run = study.run(m, 1e6, 1000)
    exact = solve(run.model, steady=True).steady
    study.compare("availability", run.rate("up"), exact=exact["up"][0])
    # A figure near 1 says nothing: what is missing from it is judged as well.
    study.compare(
        "unavailability",
        run.rate("down"),
        exact=exact["down"][0],
        expected=1 - study.expected("availability"),
        tolerance=2e-8,
    )


def storm_mttf(study: Study) -> None:
    count = 1_000_000
    m = ModelBuilder()
    parts = [leaf(m, name, rate) for name, rate in (("a", 0.3), ("b", 0.4), ("c", 1.0))]
    mean_time(study, "a_mttf", m, m.at_least(2, [p == "failed" for p in parts]), count)
    m = ModelBuilder()
    k = leaf(m, "K", 0.5)
    j = leaf(m, "J", 1.0, {k == "failed": 1.0, True: 0.5})
    in_service = (k == "failed") & (j == "failed")
    i = leaf(m, "I", 0.5, {in_service: 1.0, True: 0.5})
    mean_time(study, "b_mttf", m, in_service & (i == "failed"), count)

    def pair() -> tuple[ModelBuilder, Condition]:
        m = ModelBuilder()
        s, mb = leaf(m, "S", 0.5), leaf(m, "MB", 0.5)
        ma = m.element("MA", "good failed after-S", fault="failed after-S")
        both = [s.move({"good": "failed"}), mb.move({"good": "failed"})]
        alone = [outcome(0.8, "failed"), outcome(0.2, "failed", *both)]
        ways = {s == "failed": [outcome(1.0, "after-S")], True: alone}
        ma.after("good", Exponential(2.0), "fail", cls="fault", outcomes=ways)
        return m, (ma == "after-S") | ((ma == "failed") & (mb == "failed"))

    m, top = pair()
    mean_time(study, "c_mttf", m, top, count)
    m, top = pair()
    chance(study, "c_p_by_1", m, top, 1.0, count)


CASES: dict[str, Case] = {
    "k-of-n-rare": k_of_n_rare,
    "static-trees": static_trees,
    "dynamic-trees": dynamic_trees,
    "composite-sla": composite_sla,
    "storm-mttf": storm_mttf,
}
