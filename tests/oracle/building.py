"""Small models that several oracle tests are about; expected values stay with the tests."""

from typing import Any

from pacsim.core import Model, ModelBuilder, outcome
from pacsim.delays import Erlang
from pacsim.delays import Exponential as Exp

LIFE, REBUILD = 1.2e6, 24.0
"""Mean hours of a disk's life and of its rebuild."""


def part(m: ModelBuilder, name: str, life: float, repair: float | None, **options: Any) -> Any:
    element = m.element(name, "up down", fault="down")
    element.after("up -> down", Exp(life), "fail", cls="fault", **options)
    if repair is not None:
        element.after("down -> up", Exp(repair), "repair", cls="repair", renew=True)
    return element


def cluster(n: int) -> Model:
    """Haverkort, Hermanns, Katoen 2000: two sub-clusters, switches, backbone, one repair unit."""
    m = ModelBuilder()
    unit = m.element("unit", "free left right left-switch right-switch backbone")
    ws = {s: m.counter(f"{s}-up", n, n) for s in ("left", "right")}
    single = {s: m.element(s, "up down") for s in ("left-switch", "right-switch", "backbone")}
    starts, ends = [], []
    for side, count in ws.items():
        tick = m.element(f"{side}-fails", "x")
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


def crews(number: int) -> ModelBuilder:
    """Row 13: five units share some crews."""
    m = ModelBuilder()
    parts = [m.element(f"p{k}", "up waiting work", fault="waiting work") for k in range(5)]
    free = number - m.count(p == "work" for p in parts)
    for p in parts:
        p.after("up -> waiting", Exp(100), "fail", cls="fault")
        p.now("waiting -> work", 50, "start", when=free >= 1)
        p.after("work -> up", Exp(10), "repair", cls="repair", renew=True)
    m.level_integral("down", m.count(p != "up" for p in parts))
    return m


def queueing(kind: str) -> ModelBuilder:
    """Row 14: one crew serves three unlike units by coming, by rank, or by rank with preemption."""
    m = ModelBuilder()
    parts = [m.element(f"p{k}", "up waiting work", fault="waiting work") for k in range(3)]
    free = 1 - m.count(p == "work" for p in parts)
    rates = zip(parts, (0.1, 0.2, 0.3), (1.0, 0.5, 2.0), strict=True)
    for k, (p, fail, repair) in enumerate(rates):
        p.after("up -> waiting", Exp(1 / fail), "fail", cls="fault")
        p.now("waiting -> work", 50, "start", when=free >= 1, fifo=kind == "fifo")
        p.after("work -> up", Exp(1 / repair), "repair", cls="repair", renew=True)
        if kind == "preemptive" and k:
            better = m.any(q != "up" for q in parts[:k])
            p.now("work -> waiting", 40, "yield", when=better)
    m.gate_time("all down", m.all(p != "up" for p in parts))
    m.gate_time("all up", m.all(p == "up" for p in parts))
    return m


def slowed(selector: str) -> ModelBuilder:
    """Row 15b: a repair slows down when the second unit fails, or goes on as it was begun."""
    m = ModelBuilder()
    parts = [m.element(n, "up down", fault="down") for n in "ab"]
    number = m.count(p == "down" for p in parts)
    for p in parts:
        p.after("up -> down", Exp(100), "fail", cls="fault")
        slow: Any = {"speed": (number, (1.0, 1.0, 0.25))} if selector == "speed" else {}
        law: Any = Exp(1) if selector == "speed" else (number, (Exp(1), Exp(1), Exp(4)))
        p.after("down -> up", law, "repair", cls="repair", renew=True, **slow)
    m.gate_time("down", m.all(p == "down" for p in parts))
    return m


def raid(
    disks: int,
    tolerates: int,
    *,
    serial: bool = False,
    stages: int = 1,
    life: float = LIFE,
    rebuild: float = REBUILD,
    weights: tuple[float, ...] | None = None,
) -> ModelBuilder:
    """Return a group that loses data when more than ``tolerates`` disks are failed."""
    m = ModelBuilder()
    slots = [m.element(f"disk-{k}", "up down", fault="down") for k in range(disks)]
    failed = m.count(slot == "down" for slot in slots)
    share = [1.0, *(1 / k if serial else 1.0 for k in range(1, disks + 1))]
    if weights is not None:
        share = [1.0, *weights, *[0.0] * (disks - len(weights))]
    for slot in slots:
        slot.after("up -> down", Exp(life), "fail", cls="fault")
        law = Erlang(stages, rebuild) if stages > 1 else Exp(rebuild)
        slot.after(
            "down -> up", law, "rebuild", cls="repair", renew=True, speed=(failed, tuple(share))
        )
    m.first_passage("loss", failed >= tolerates + 1)
    return m


PATHS = ("sa at", "sb bt", "sa ab bt", "sb ab at")
CUTS = ("sa sb", "at bt", "sa ab bt", "sb ab at")
"""The four minimal paths and cuts of a bridge."""


def bridge() -> ModelBuilder:
    """Row 17: five links of 0.9; searched, and unfolded to paths and to cuts."""
    m = ModelBuilder()
    links = {n: m.element(n, "up down") for n in ("sa", "sb", "at", "bt", "ab")}
    for link in links.values():
        link.after("up -> down", Exp(9), "fail")
        link.after("down -> up", Exp(1), "repair", renew=True)
    edges = [(n[0], n[1], link == "up") for n, link in links.items()]
    vertices = dict.fromkeys("sabt")
    m.gate_time("down", ~m.connected(vertices, edges, ["s"], ["t"]))
    m.gate_time("no tie", ~m.connected(vertices, edges[:4], ["s"], ["t"]))
    m.gate_time("by paths", ~m.any(m.all(links[x] == "up" for x in path.split()) for path in PATHS))
    m.gate_time("by cuts", m.any(m.all(links[x] == "down" for x in cut.split()) for cut in CUTS))
    return m


def beta_factor() -> ModelBuilder:
    """Row 17b: a tenth of the faults of two units comes to both."""
    m = ModelBuilder()
    a, b = part(m, "a", 1 / 0.09, None), part(m, "b", 1 / 0.09, None)
    shock = m.element("shock", "x")
    hits = [a.move({"up": "down"}), b.move({"up": "down"})]
    shock.after("x -> x", Exp(100), "hit", cls="fault", effects=hits)
    m.first_passage("failed", (a == "down") & (b == "down"))
    return m


def priority_and(*, shock: bool, counts: bool) -> ModelBuilder:
    """Row 40: left before right, where both at once counts or does not."""
    m = ModelBuilder()
    a, b = part(m, "a", 2, None), part(m, "b", 2, None)
    order = m.element("order", "none left right")
    if shock:
        hits = [a.move({"up": "down"}), b.move({"up": "down"})]
        m.element("shock", "x y").after("x -> y", Exp(10), "hit", cls="fault", effects=hits)
    order.now("none -> left", 20, "left", when=(a == "down") & (b == "up"))
    order.now("none -> right", 21, "right", when=(b == "down") & (a == "up"))
    good = order.among("left", "none") if counts else order == "left"
    m.first_passage("failed", (a == "down") & (b == "down") & good)
    return m
