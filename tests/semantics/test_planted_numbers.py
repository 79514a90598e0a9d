"""Planted faults give the wrong figures that the table of rules foretells ("wrong gives")."""

from collections.abc import Callable

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as D
from pacsim.engines.reference.timers import Clock
from tests.semantics.planting import Fault, on_reference
from tests.semantics.scenes import Run, once
from tests.semantics.test_causes import blackout, chain, split
from tests.semantics.test_clocks import guarded, moved, series
from tests.semantics.test_instants import crew
from tests.semantics.test_planted_faults import FAULTS
from tests.semantics.test_quantities import mains, ups
from tests.semantics.test_rules_calendar import answered, desk, rolling
from tests.semantics.test_rules_chance import detection

H = 3600.0
BY_NAME = {fault.name: fault for fault in FAULTS}


def flicker() -> list[float]:
    """Row 2."""
    m = ModelBuilder()
    a, b = m.element("A", "up down"), m.element("B", "up down")
    a.after("up -> down", D(10), "fail")
    a.now("down -> up", 20, "repair")
    b.after("up -> down", D(15), "fail", when=a == "up")
    return on_reference(m, 40).times("B.fail")


def queue() -> list[float]:
    """Row 5."""
    run = on_reference(crew(fifo=True), 30)
    return [run.times(f"{n}.start")[0] for n in "ABC"]


def dark(*outages: tuple[float, float], runtime: float = 20) -> list[tuple[float, float]]:
    """Rows 8 and 9."""
    m = ModelBuilder()
    ups(m, mains(m, *outages), runtime, 240)
    return [(round(e[0], 9), e[1]) for e in on_reference(m, 30000).episodes()]


def mixed() -> tuple[float, float, float]:
    """Row 33."""
    m = ModelBuilder()
    a, b = once(m, "A", 0, 4, "planned"), once(m, "B", 2, 6)
    m.role("role", m.any(p != "down" for p in (a, b)))
    return split(on_reference(m, 10))


def in_series() -> tuple[float, float]:
    """Row 35."""
    m = ModelBuilder()
    a, b = once(m, "A", 4, 10), once(m, "B", 10, 16)
    m.episodes("series", (a == "down") | (b == "down"))
    run = on_reference(m, 100)
    return run.column("series"), run.column("series", 1)


def failovers() -> int:
    """Row 39."""
    m = ModelBuilder()
    a, b, group = m.element("a", "up down"), m.element("b", "up down"), m.element("g", "on_a on_b")
    takes = [a.move({"up": "down"}), b.move({"up": "down"})]
    m.element("shock", "ready done").after("ready -> done", D(5), "hit", effects=takes)
    group.now("on_a -> on_b", 20, "failover", when=(a == "down") & (b == "up"))
    return len(on_reference(m, 10).times("g.failover"))


def swapped() -> tuple[float, float]:
    """Row 58."""
    m = ModelBuilder()
    u = m.quantity("u", low=0, high=9, start=1)
    v = m.quantity("v", low=0, high=9, start=2)
    hand, end = m.element("hand", "x y"), m.element("zend", "x y")
    hand.after("x -> y", D(1), "swap", effects=[u.copy(v), v.copy(u)])
    read = end.after("x -> y", D(2), "end")
    for name, q in (("u", u), ("v", v)):
        m.sample(name, read, q)
    run = on_reference(m, 10)
    return run.column("u", 2), run.column("v", 2)


def paused() -> list[float]:
    """Row 59."""
    m = ModelBuilder()
    a, lamp = m.element("a", "up down"), m.element("lamp", "on off later")
    a.after("up -> down", D(100), "fail", speed={lamp == "off": 0.0, True: 1.0})
    lamp.after("on -> off", D(30), "off")
    lamp.after("off -> later", D(20), "on")
    return on_reference(m, 1000).times("a.fail")


def turned() -> list[float]:
    """Row 82."""
    m = ModelBuilder()
    g, e = m.element("g", "down up"), m.element("e", "x y")
    q = m.quantity("q", low=0, high=100, start=4, rate={g == "down": -1.0, True: 1.0})
    g.after("down -> up", D(10), "turn")
    e.after("x -> y", q.rises_to(3.5), "met", when=g == "up")
    return on_reference(m, 100).times("e.met")


def fired(m: ModelBuilder, name: str, horizon: float = 300) -> list[float]:
    return on_reference(m, horizon).times(name)


def root(run: Run) -> str:
    return run.episodes()[0][2]


Scene = Callable[[], object]
NUMBERS: list[tuple[str, Scene, object, object]] = [
    ("resume read as restart", lambda: fired(series("resume"), "B.fail"), [130, 270], []),
    ("restart read as resume", lambda: fired(series("restart"), "A.fail"), [100, 210], [100, 220]),
    ("keep dropped", lambda: fired(guarded("keep", "away"), "a.fail"), [110], [170]),
    (
        "no renewal by others",
        lambda: fired(moved("keep", [(60, {}, True)]), "disk.fail"),
        [160],
        [100],
    ),
    ("guards seen inside a cascade", flicker, [15], []),
    ("first come by index", queue, [1, 11, 21], [1, 21, 11]),
    ("recharge ignored", lambda: dark((100, 115), (175, 190)), [(185, 190)], [(180, 190)]),
    ("quantities not clamped", lambda: dark((20160, 20185)), [(20180, 20185)], []),
    ("quantities not clamped", turned, [13.5], [19.5]),
    ("what must fit is ignored", lambda: rolling(on_reference, 2, None)["B"][0], 314, 147.5),
    ("mixed counted as planned", mixed, (0, 0, 2), (0, 2, 0)),
    ("states of no length are seen", in_series, (12, 1), (12, 2)),
    ("effects applied one by one", failovers, 0, 1),
    ("copies read after jumps", swapped, (2, 1), (2, 2)),
    ("speed zero interrupts", paused, [120], [150]),
    (
        "root taken anew on resuming",
        lambda: root(on_reference(chain("resume"), 20)),
        "A.fail",
        "pw.on",
    ),
    (
        "profile ignored",
        lambda: answered(on_reference, 112.5, D(4 * H), desk()),
        [179.5],
        [116.5],
    ),
    (
        "no work fires at the last closing",
        lambda: answered(on_reference, 120, D(0), desk()),
        [120],
        [113],
    ),
    (
        "what planned work set off is a fault",
        lambda: split(blackout(on_reference, "planned", 115, 10), "power"),
        (0, 5, 0),
        (5, 0, 0),
    ),
]


@pytest.mark.parametrize(
    ("name", "scene", "right", "wrong"), NUMBERS, ids=[row[0] for row in NUMBERS]
)
def test_a_planted_fault_gives_the_wrong_figure(
    name: str, scene: Scene, right: object, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right without the fault, and with it exactly what the table says."""
    assert scene() == right
    BY_NAME[name].plant(monkeypatch)
    assert scene() == wrong


def test_10_detection_without_its_whole_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 10: without fall - 1 intervals before its chance, a fault of 3.9 s is always seen."""

    def seen() -> list[float]:
        run = on_reference(detection(3.9), 100.0, count=20)
        return sorted(set(run.batch.values[:, 0]))

    assert seen() == [0.0]
    lost = 'delay.isf(u) - getattr(delay, "low", 0.0)'
    fault = Fault("no fall - 1", Clock, "start", "delay.isf(u)", lost, lambda _: None)
    fault.plant(monkeypatch)
    assert seen() == [1.0]
