"""Quantities and waits for them: tests 8, 9, 11, 27-deterministic, 29-31, 48, 50, 58, 60-62, 81, 82, 84."""

from collections.abc import Callable
from typing import Any

import pytest

from pacsim.core import ModelBuilder, every
from pacsim.delays import Calendar
from pacsim.delays import Deterministic as D
from tests.semantics.scenes import Run

Engine = Callable[..., Run]
H = 3600.0


def ups(
    m: ModelBuilder,
    mains: Any,
    runtime: float,
    recharge: float,
    load: Any = None,
    start: float | None = None,
) -> Any:
    """Add a UPS: charge in units of full load."""
    source = m.element("ups", "online on_battery empty")
    live = mains == "on"
    rate: Any = {
        (source == "on_battery") & (load if load is not None else m.always()): -1.0,
        source == "on_battery": -0.5,
        live: runtime / recharge if recharge else 0.0,
        True: 0.0,
    }
    charge = m.quantity(
        "charge", low=0, high=runtime, start=runtime if start is None else start, rate=rate
    )
    source.now("online -> on_battery", 20, "lost", when=~live)
    source.now("on_battery empty -> online", 20, "back", when=live)
    source.after("on_battery -> empty", charge.falls_to(0), "empty")
    m.role("power", source.among("online", "on_battery"))
    return source


def mains(m: ModelBuilder, *outages: tuple[float, float]) -> Any:
    """Add a mains that is off during the given intervals."""
    states = ["on"]
    for k in range(len(outages)):
        states += [f"off{k}", f"on{k}"]
    element = m.element("mains", states, fault=[s for s in states if s.startswith("off")])
    t, at = 0.0, "on"
    for k, (down, up) in enumerate(outages):
        element.after(f"{at} -> off{k}", D(down - t), f"off{k}", cls="fault")
        element.after(f"off{k} -> on{k}", D(up - down), f"back{k}", cls="repair")
        t, at = up, f"on{k}"

    class Mains:
        def __eq__(self, other: object) -> Any:
            good = element.among(*[s for s in states if not s.startswith("off")])
            return good if other == "on" else ~good

        __hash__ = None  # type: ignore[assignment]

    return Mains()


def test_08_a_half_charged_battery(engine: Engine) -> None:
    for recharge, expected in ((240.0, [(185, 190)]), (1e-9, []), (0.0, [(180, 190)])):
        m = ModelBuilder()
        ups(m, mains(m, (100, 115), (175, 190)), 20, recharge)
        run = engine(m, 1000)
        assert [e[:2] for e in run.episodes()] == [pytest.approx(e) for e in expected]
        if recharge == 240.0:
            assert run.episodes()[0][2] == "mains.off1"
            assert run.contributors() == {"mains"}


def test_09_no_overcharge(engine: Engine) -> None:
    m = ModelBuilder()
    ups(m, mains(m, (20160, 20185)), 20, 240)
    assert engine(m, 30000).column("power") == 5


def test_11_half_load(engine: Engine) -> None:
    m = ModelBuilder()
    lamp = m.element("lamp", "full half")
    lamp.after("full -> half", D(8), "halve")
    ups(m, mains(m, (1e-9, 100)), 20, 240, load=lamp == "full")
    assert engine(m, 50).episodes()[0][0] == pytest.approx(32, abs=1e-6)


def test_29_fuel(engine: Engine) -> None:
    m = ModelBuilder()
    fuel = m.quantity("fuel", low=0, high=24, start=24, rate=-1.0)
    run_state = m.element("set", "running dry", fault="dry")
    order = m.element("order", "none placed")
    run_state.after("running -> dry", fuel.falls_to(0), "dry")
    run_state.now("dry -> running", 20, "again", when=order == "none")
    order.after("none -> placed", fuel.falls_to(8), "order")
    order.after("placed -> none", D(10), "delivery", effects=[fuel.set(24)])
    m.episodes("dry", run_state == "dry")
    assert [e[:2] for e in engine(m, 30).episodes()] == [(24, 26)]


def backup(
    m: ModelBuilder, duration: float, corrupt: float, found: float, retention: float | None = None
) -> None:
    source = m.element("source", "clean silent found", fault="silent found")
    job = m.element("job", "idle clean dirty")
    copy = m.element("copy", "none clean")
    since_start = m.quantity("since_start", low=0, high=1e9, start=None, rate=1.0)
    since_copy = m.quantity("since_copy", low=0, high=1e9, start=None, rate=1.0)
    job.after(
        "idle -> clean",
        every(24.0),
        "begin-clean",
        when=source == "clean",
        effects=[since_start.set(0)],
        cls="tick",
    )
    job.after(
        "idle -> dirty",
        every(24.0),
        "begin-dirty",
        when=source != "clean",
        effects=[since_start.set(0)],
        cls="tick",
    )
    job.now("clean -> dirty", 10, "spoil", when=source != "clean")
    good: list[Any] = [
        copy.move({"none": "clean", "clean": "clean"}, renew=True),
        since_copy.copy(since_start),
    ]
    from pacsim.core import outcome

    job.after(
        "clean dirty",
        D(duration),
        "end",
        outcomes={job == "clean": [outcome(1, "idle", *good)], True: [outcome(1, "idle")]},
    )
    if retention is not None:
        copy.after("clean -> none", D(retention), "expire")
    source.after("clean -> silent", D(corrupt), "corrupt", cls="fault")
    find = source.after("silent -> found", D(found - corrupt), "find")
    m.sample("lost", find, since_copy, when=copy == "clean")
    m.firings("no-copy", find, when=copy == "none")


def test_30_the_loss_window_counts_from_the_last_clean_copy(engine: Engine) -> None:
    m = ModelBuilder()
    backup(m, 0.0, 100, 130)
    run = engine(m, 200)
    assert (run.column("lost"), run.column("lost", 2)) == (1, 34)


def test_31_a_spoiled_run_still_ends_when_it_would(engine: Engine) -> None:
    m = ModelBuilder()
    backup(m, 6.0, 100, 130)
    run = engine(m, 200)
    assert run.column("lost", 2) == 58
    assert 102 in run.times("job.end")


@pytest.mark.parametrize(("retention", "lost", "gone"), [(30, 0, 126), (48, 34, 144)])
def test_32_retention(engine: Engine, retention: float, lost: float, gone: float) -> None:
    m = ModelBuilder()
    backup(m, 0.0, 100, 130, retention)
    run = engine(m, 200)
    assert run.times("copy.expire") == [gone]
    assert run.column("lost", 2) == lost
    assert run.column("no-copy") == (lost == 0)


def test_48_never_is_not_zero(engine: Engine) -> None:
    m = ModelBuilder()
    tick, loss = m.element("t", "x"), m.element("loss", "no yes")
    since = m.quantity("since", low=0, high=1e9, start=None, rate=1.0)
    backup_done = tick.after("x -> x", D(24), "backup", effects=[since.set(0)])
    lost = loss.after("no -> yes", D(10), "loss")
    m.sample("at backup", backup_done, since)
    m.sample("at loss", lost, since)
    run = engine(m, 60)
    assert [run.column("at backup", k) for k in range(3)] == [2, 1, 24]
    assert [run.column("at loss", k) for k in range(3)] == [1, 1, 0]


@pytest.mark.parametrize("server", ["a-server", "z-server"])
def test_50_no_dip_in_the_output(engine: Engine, server: str) -> None:
    def model(*, dips: bool) -> ModelBuilder:
        m = ModelBuilder()
        live = mains(m, (10, 15))
        source = ups(m, live, 20, 240)
        output = source.among("online", "on_battery")
        if dips:
            output = ((source == "online") & (live == "on")) | (source == "on_battery")
        load = m.element(server, "up tripped", fault="tripped")
        load.now("up -> tripped", 20, "trip", when=~output)
        return m

    assert engine(model(dips=False), 100).times(f"{server}.trip") == []
    assert engine(model(dips=True), 100).times(f"{server}.trip") == ([10] if server < "ups" else [])


def test_58_copies_are_read_before_jumps(engine: Engine) -> None:
    m = ModelBuilder()
    u = m.quantity("u", low=0, high=9, start=1)
    v = m.quantity("v", low=0, high=9, start=2)
    a, b = m.element("a", "x y"), m.element("b", "x y")
    a.after("x -> y", D(1), "swap", effects=[u.copy(v), v.copy(u)])
    end = b.after("x -> y", D(2), "end")
    for name, q in (("u", u), ("v", v)):
        m.sample(name, end, q)
    run = engine(m, 10)
    assert (run.column("u", 2), run.column("v", 2)) == (2, 1)


def test_60_an_empty_battery_gives_nothing(engine: Engine) -> None:
    m = ModelBuilder()
    ups(m, mains(m, (10, 15), (16, 17)), 20, 0, start=0.0)
    assert [e[:2] for e in engine(m, 100).episodes()] == [(10, 15), (16, 17)]


@pytest.mark.parametrize(("added", "dry"), [(9, 29), (20, 34)])
def test_61_adding_stops_at_the_bound(engine: Engine, added: float, dry: float) -> None:
    m = ModelBuilder()
    fuel = m.quantity("fuel", low=0, high=24, start=20, rate=-1.0)
    state, hand = m.element("s", "wet dry"), m.element("h", "x y")
    state.after("wet -> dry", fuel.falls_to(0), "dry")
    hand.after("x -> y", D(10), "add", effects=[fuel.add(added)])
    assert engine(m, 100).times("s.dry") == [dry]


def test_62_a_quantity_on_a_profile(engine: Engine) -> None:
    m = ModelBuilder()
    desk = Calendar.weekly_hours("desk", "mon-fri 08:00-17:00")
    gate = m.element("g", "before after")
    done = m.quantity(
        "done",
        low=0,
        high=1e9,
        start=0,
        rate={gate == "after": 1.0, True: 0.0},
        profile=desk,
    )
    gate.after("before -> after", D(9.5 * H), "begin")
    e = m.element("e", "x y")
    e.after("x -> y", done.rises_to(10 * H), "done")
    assert engine(m, 100 * H).times("e.done") == [34.5 * H]


@pytest.mark.parametrize(("back", "fires"), [(4, 5), (8, 8)])
def test_81_a_wait_has_no_memory_of_its_own(engine: Engine, back: float, fires: float) -> None:
    m = ModelBuilder()
    q = m.quantity("q", low=0, high=100, start=0, rate=1.0)
    g, e = m.element("g", "on off later"), m.element("e", "x y")
    g.after("on -> off", D(2), "off")
    g.after("off -> later", D(back - 2), "on")
    e.after("x -> y", q.rises_to(5), "met", when=g != "off", memory="resume")
    assert engine(m, 100).times("e.met") == [fires]


def test_82_clamped_before_it_turns(engine: Engine) -> None:
    m = ModelBuilder()
    g, e = m.element("g", "down up"), m.element("e", "x y")
    q = m.quantity("q", low=0, high=100, start=4, rate={g == "down": -1.0, True: 1.0})
    g.after("down -> up", D(10), "turn")
    e.after("x -> y", q.rises_to(3.5), "met", when=g == "up")
    assert engine(m, 100).times("e.met") == [13.5]


def test_84_an_observer_changes_no_bit(engine: Engine) -> None:
    def model(*, sampled: bool) -> ModelBuilder:
        m = ModelBuilder()
        q = m.quantity("q", low=0, high=100, start=0, rate=0.3)
        arm, e, tick = m.element("arm", "no yes"), m.element("e", "x y"), m.element("t", "i")
        arm.after("no -> yes", D(25.3), "arm")
        e.after("x -> y", q.rises_to(10), "met", when=arm == "yes")
        ticks = tick.after("i -> i", D(0.7), "tick")
        if sampled:
            m.sample("s", ticks, q)
            m.quantity_integral("i", q)
        return m

    for sampled in (False, True):
        run = engine(model(sampled=sampled), 50)
        assert run.times("e.met") == [10 / 0.3]
        if sampled:
            # 0.15 t^2 up to the bound that is never reached.
            assert run.column("i") == pytest.approx(0.15 * 50**2)
