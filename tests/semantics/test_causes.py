"""Roots, contributors, planned and unplanned: tests 33-35, 63, 75, 77, 86, 88, 90."""

from collections.abc import Callable

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as D
from tests.semantics.scenes import Run, once
from tests.semantics.test_quantities import ups

Engine = Callable[..., Run]
UNPLANNED, PLANNED, MIXED = 2, 3, 4


def split(run: Run, role: str = "role") -> tuple[float, float, float]:
    unplanned, planned, mixed = (float(run.column(role, k)) for k in (UNPLANNED, PLANNED, MIXED))
    return unplanned, planned, mixed


def test_33_mixed_needs_both(engine: Engine) -> None:
    m = ModelBuilder()
    a, b = once(m, "A", 0, 4, "planned"), once(m, "B", 2, 6)
    m.role("role", m.any(p != "down" for p in (a, b)))
    run = engine(m, 10)
    assert split(run) == (0, 0, 2)
    assert run.batch.turns.tolist() == []


def test_33_a_second_fault_makes_part_of_it_unplanned(engine: Engine) -> None:
    m = ModelBuilder()
    a, b, c = once(m, "A", 0, 4, "planned"), once(m, "B", 2, 6), once(m, "C", 3, 4)
    m.role("role", ((a != "down") & (c != "down")) | (b != "down"))
    run = engine(m, 10)
    assert split(run) == (1, 0, 1)
    # Mixed from 2 on, unplanned from 3 on.
    assert run.batch.turns.tolist() == [(0, 0, 3.0, 2, 0)]


def blackout(engine: Engine, cls: str, until: float, runtime: float) -> Run:
    m = ModelBuilder()
    supply = m.element(
        "mains",
        "on off again",
        fault="off" if cls == "fault" else "",
        planned="off" if cls == "planned" else "",
    )
    supply.after("on -> off", D(100), "off", cls=cls)  # type: ignore[arg-type]
    supply.after("off -> again", D(until - 100), "on", cls="repair")

    set_ = m.element("generator", "standby running failed", fault="failed")
    set_.now("standby -> failed", 25, "no-start", when=supply == "off")

    class Live:
        def __eq__(self, other: object) -> object:  # type: ignore[override]
            return (supply != "off") | (set_ == "running")

        __hash__ = None  # type: ignore[assignment]

    ups(m, Live(), runtime, 240)
    return engine(m, 300)


def test_34_one_episode_one_root_all_contributors(engine: Engine) -> None:
    run = blackout(engine, "fault", 150, 20)
    assert run.episodes() == [(120, 150, "mains.off")]
    assert run.contributors() == {"mains", "generator"}


def test_90_planned_work_that_outlasts_a_battery_is_planned(engine: Engine) -> None:
    run = blackout(engine, "planned", 115, 10)
    assert run.episodes()[0][:2] == (110, 115)
    assert split(run, "power") == (0, 5, 0)


def chain(memory: str) -> ModelBuilder:
    m = ModelBuilder()
    a, pw = m.element("A", "up down", fault="down"), m.element("pw", "on off on2")
    wait = m.element("wait", "idle going done")
    a.after("up -> down", D(1), "fail", cls="fault")
    wait.after("idle going -> done", D(6), "end", when=(a == "down") & (pw != "off"), memory=memory)  # type: ignore[arg-type]
    pw.after("on -> off", D(5), "off", cls="fault")
    pw.after("off -> on2", D(3), "on", cls="fault")
    m.role("role", wait != "done")
    return m


@pytest.mark.parametrize(
    ("memory", "start", "root"), [("resume", 10, "A.fail"), ("restart", 14, "pw.on")]
)
def test_63_the_root_is_stored_when_a_clock_is_first_started(
    engine: Engine, memory: str, start: float, root: str
) -> None:
    assert engine(chain(memory), 20).episodes() == [(start, 20, root)]


def test_75_one_episode_two_kinds(engine: Engine) -> None:
    m = ModelBuilder()
    w, b = once(m, "W", 0, 4, "planned"), once(m, "B", 2, 6)
    m.role("role", (w != "down") & (b != "down"))
    run = engine(m, 10)
    assert split(run) == (4, 2, 0)
    assert run.episodes() == [(0, 6, "W.f")]
    # Row 75 names W alone; by R27 B contributes as well, since it fails before the episode ends.
    # Sees: contributors read at the start alone, which leave out B.
    assert run.contributors() == {"W", "B"}


def test_77_an_immediate_inherits_its_root(engine: Engine) -> None:
    m = ModelBuilder()
    a, service = m.element("A", "up down", fault="down"), m.element("s", "on off", planned="off")
    a.after("up -> down", D(3), "fail", cls="fault")
    service.now("on -> off", 20, "stop", when=a == "down", cls="planned")
    m.role("role", service == "on")
    assert engine(m, 10).episodes() == [(3, 10, "A.fail")]


def test_86_initiator_and_contributor_times(engine: Engine) -> None:
    m = ModelBuilder()
    s, a, b = once(m, "S", 7, 12), once(m, "A", 2, 10), once(m, "B", 6, 8)
    m.role("role", (s != "down") & ((a != "down") | (b != "down")))
    run = engine(m, 20)
    assert run.episodes() == [(6, 12, "B.f")]
    shares = [run.column("role", 5 + run.model.element(name)) for name in "SAB"]
    assert shares == [5, 4, 2]


def test_what_lasts_is_read_as_it_is(engine: Engine) -> None:
    """Planned work moves the service from a to b at 3; b fails at 10, long after: unplanned."""
    # Sees: "b serves" read as "a serves" for ever, so that a pure fault needs planned work as well.
    for lasting, kind in ((True, 0), (False, 2)):
        m = ModelBuilder()
        serving = m.element("serving", "a b", lasting=lasting)
        serving.after("a -> b", D(3), "move", cls="planned")
        b = once(m, "B", 10, 14)
        m.role("role", (serving == "a") | (b != "down"))
        run = engine(m, 20)
        assert [run.column("role", 2 + k) for k in range(3)] == [4 * (k == kind) for k in range(3)]


def test_in_part_is_split_like_down(engine: Engine) -> None:
    """Work 0 - 2 and a fault 1 - 4 keep it from being full, alike; another takes it down 3 - 6."""
    # Sees: down time counted as degraded too; time taken for planned while a fault is enough (1 - 3).
    m = ModelBuilder()
    w, a = once(m, "W", 0, 2, "planned"), once(m, "A", 1, 4)
    b, c = once(m, "B", 3, 6), once(m, "C", 5, 8, "planned")
    m.role("role", b != "down", m.all(x != "down" for x in (a, b, c, w)))
    run = engine(m, 10)
    assert split(run) == (3, 0, 0)
    assert split(run, "role.degraded") == (2, 3, 0)
    rows = run.batch.episodes_of("role.degraded")
    assert [(row["start"], row["end"]) for row in rows] == [(0, 3), (6, 8)]


@pytest.mark.parametrize("needs_both", [False, True])
def test_in_part_is_judged_by_what_is_missing(engine: Engine, *, needs_both: bool) -> None:
    """Planned work has moved the service to b, which keeps it up while a is down 10 - 14."""
    # Sees: without the move it would be down and not in part, so that the fault alone would not do.
    m = ModelBuilder()
    serving = m.element("serving", "a b")
    serving.after("a -> b", D(3), "move", cls="planned")
    a = once(m, "A", 10, 14)
    missing = (a == "down") & (serving == "b") if needs_both else a == "down"
    m.role("role", (serving == "b") | (a != "down"), ~missing)
    run = engine(m, 20)
    assert split(run) == (0, 0, 0)
    assert split(run, "role.degraded") == ((0, 0, 4) if needs_both else (4, 0, 0))


def test_88_windows(engine: Engine) -> None:
    m = ModelBuilder()
    a = once(m, "A", 740, 750)
    m.role("role", a != "down")
    run = engine(m, 2190, window=730.0)
    base = 2 + 3 + 1
    # layout() without windows gives the same first columns; windows follow the contributors.
    values = run.batch.values[0]
    assert list(values[base : base + 6]) == [0, 10, 0, 0, 1, 0]
    b = ModelBuilder()
    c = once(b, "A", 725, 735)
    b.role("role", c != "down")
    values = engine(b, 2190, window=730.0).batch.values[0]
    assert list(values[base : base + 6]) == [5, 5, 0, 1, 0, 0]
    # Windows as long as a civil January: the row's own figures.
    civil = ModelBuilder()
    civil.role("role", once(civil, "A", 740, 750) != "down")
    values = engine(civil, 1440, window=744.0).batch.values[0]
    assert list(values[base : base + 4]) == [4, 6, 1, 0]


def test_86_static_repair_of_a_crew_keeps_its_own_root(engine: Engine) -> None:
    """A repair begun because a crew became free belongs to its own fault (R27)."""
    m = ModelBuilder()
    parts = {n: m.element(n, "up waiting work fixed", fault="waiting work") for n in "AB"}
    free = 1 - m.count(p == "work" for p in parts.values())
    for k, part in enumerate(parts.values()):
        part.after("up -> waiting", D(1 + k), "fail", cls="fault")
        part.now("waiting -> work", 50, "start", when=free >= 1, fifo=True)
        part.after("work -> fixed", D(10), "repair", cls="repair")
    after = m.element("after", "no yes")
    after.now(
        "no -> yes",
        60,
        "mark",
        when=(parts["B"] == "fixed") & m.forward("late"),
    )
    clock = m.element("clock", "early late")
    clock.after("early -> late", D(15), "late")
    m.gate("late", clock == "late")
    m.role("role", after == "no")
    assert engine(m, 21.5).episodes() == [(21, 21.5, "B.fail")]


# -- whose root: V6 of the rules, ADR 21 ------------------------------------------------------------


def carried(engine: Engine, begin: str, flag: str) -> tuple[float, float, float]:
    """Return the kinds of what follows when service waits for the end of work or of a fault.

    ``A`` is out 2-4; what it leaves behind is out in a state with the given flag 4-7.
    """
    m = ModelBuilder()
    a = once(m, "A", 2, 4, begin)
    fault, planned = ("out" if flag == one else () for one in ("fault", "planned"))
    after = m.element("after", "up out back", fault=fault, planned=planned)
    after.now("up -> out", 20, "leave", when=m.forward("over"))
    after.after("out -> back", D(3), "return", cls="repair")
    m.gate("over", a == "after")
    m.role("role", (a != "down") & (after != "out"))
    return split(engine(m, 10))


def test_what_follows_has_the_kind_of_its_root_whatever_its_flag(engine: Engine) -> None:
    """2 h of work or of a fault, and 3 h of what it left behind: all of one kind, by R27."""
    # Sees: a state read by its flag; the root of the flag looked for in an unflagged state.
    for flag in ("", "fault", "planned"):
        assert carried(engine, "planned", flag) == (0, 5, 0)
        assert carried(engine, "fault", flag) == (5, 0, 0)


def test_a_flagged_element_keeps_the_root_it_became_flagged_with(engine: Engine) -> None:
    """A fault at 2; people begin at 5 and someone else's work ends at 6: still the fault's, to 8."""
    # Sees: the root of the present state in place of that of the flag.
    m = ModelBuilder()
    a, work = m.element("A", "up down mending", fault="down mending"), once(m, "W", 1, 5, "planned")
    a.after("up -> down", D(2), "fail", cls="fault")
    a.now("down -> mending", 20, "begin", when=work == "after")
    a.after("mending -> up", D(3), "mend", cls="repair", renew=True)
    m.role("role", a == "up")
    assert split(engine(m, 9)) == (6, 0, 0)


# -- who can contribute: V11 of the rules, ADR 22 ----------------------------------------------------


def test_contributors_have_a_path_to_the_role(engine: Engine) -> None:
    """A is the role; others are flagged all the time, some on a path to it and some not."""
    # Sees: every flagged element of the design, or only what the gate reads itself.
    m = ModelBuilder()
    flagged = {
        n: m.element(n, "bad good", fault="bad")
        for n in (
            "guards",
            "paces",
            "delays",
            "moves",
            "renews",
            "fills",
            "behind",
            "other",
            "reads",
        )
    }
    flagged["behind"].after("bad -> good", D(90), "late")
    flagged["guards"].after("bad -> good", D(91), "late", when=flagged["behind"] == "bad")
    a = m.element("A", "up down", fault="down")
    a.after("up -> down", D(1), "fail", cls="fault", speed={flagged["paces"] == "bad": 1, True: 2})
    law = {flagged["delays"] == "bad": D(2), True: D(4)}
    a.after("down -> up", law, "mend", cls="repair", when=flagged["guards"] == "bad", renew=True)
    flagged["moves"].after("bad -> good", D(92), "late", effects=[a.move({"up": "down"})])
    flagged["renews"].after("bad -> good", D(93), "late", effects=[a.renew()])
    tank = m.quantity(
        "tank", low=0, high=99, start=99, rate={flagged["fills"] == "bad": -1, True: 0}
    )
    a.after("up -> down", tank.falls_to(5), "dry", cls="fault")
    # What reads the role is behind it and not before it.
    flagged["reads"].after("bad -> good", D(94), "late", when=a == "down")
    m.role("role", a == "up")
    m.role("elsewhere", flagged["other"] == "good")
    run = engine(m, 2.5)
    others = {"guards", "paces", "delays", "moves", "renews", "fills", "behind"}
    assert run.contributors() == {"A", *others}
    times = {n: run.column("role", 5 + run.model.element(n)) for n in ("A", *flagged)}
    assert times == {n: 1.5 if n in {"A", *others} else 0 for n in times}
