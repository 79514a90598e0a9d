"""Planned work in rounds and changes that fail: scenarios, a chain, and how often one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.delays import Uniform
from pacsim.engines import kernel, reference
from pacsim.parts import planned_work
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import (
    fired,
    gaps,
    missing,
    model,
    part,
    practices,
    role,
)
from tests.oracle.parts.pairing import DAY, HOUR, NEVER, TIMES, group, only, server
from tests.oracle.simulating import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model
    from pacsim.parts.values import Part

SUNDAY = (6 * 24 + 2) * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
SATURDAY = (5 * 24 + 6) * HOUR
FIX, FOUND = 7200.0, 5000.0
WINDOW = {"of": ("a", "b"), "every": 30.4375 * DAY, "on": "first sunday 02:00",
          "lasts": Det(HOUR), "rolling": True, "found": Det(FOUND)}  # fmt: skip
FAILS = {"software": {"change_fails": 1.0, "change_fix": Det(FIX)}}
MONTH = 27 * DAY


def pair(*others: Part, roles: tuple[Part, ...] = (), **window: Any) -> Model:
    """Return a pair in one window whose every change fails."""
    doing = practices(times=TIMES, maintenance={"patch": {**WINDOW, **window}})
    return model(
        server("a", **FAILS), server("b", **FAILS), *others, roles=roles,
        groups=(group(check={"sees": "tcp"}),), down=("pacs.ok", "a.ok", "b.ok"), doing=doing,
    )  # fmt: skip


def both(built: Model, gate: str, horizon: float = MONTH) -> list[tuple[float, float]]:
    """Return the gaps of a gate, in seconds after the window opens: the same in both simulators."""
    at = [o.name for o in built.observations].index(f"no {gate}")
    batch = kernel.simulate(built, horizon=horizon)
    rows = batch.episodes[batch.episodes["observation"] == at]
    compiled = [(float(row["start"]), float(row["end"])) for row in rows]
    assert compiled == gaps(built, gate, horizon)
    return [(start - SUNDAY, end - SUNDAY) for start, end in compiled]


def test_own_change_seen_at_once() -> None:
    """The standby that was changed stays down until it is put right; the other is left alone."""
    # Sees: a round that goes on with a change that is known to have failed.
    built = pair(shared=0.0, seen_at_once=1.0)
    assert both(built, "b.ok") == [(0.0, HOUR + FIX)]
    assert both(built, "a.ok") == []
    assert both(built, "pacs.ok") == []


def test_own_change_found_in_use() -> None:
    """The round goes on, the changed member serves, and breaks once it has been used so long."""
    # Sees: a clock that runs while the member stands by; a watchdog or check that cures it.
    built = pair(shared=0.0, seen_at_once=0.0)
    # b is worked on for an hour and starts in 30 s; the move to it takes 60 s.
    breaks = HOUR + 30.0 + 60.0 + FOUND
    moved, failed = both(built, "pacs.ok")
    assert moved == (HOUR + 30.0, HOUR + 90.0)
    only([failed], breaks, 69.0, 70.0)
    assert both(built, "b.ok") == [(0.0, HOUR + 30.0), (breaks, breaks + FIX)]


def test_shared_change_takes_all_and_nobody_fails_over() -> None:
    """Every member and the database are bad until it is put right; no detection, no calls."""
    # Sees: a failover to a member that is as bad; people called beside those who mend the change.
    database = part("database", "base", runs_on="pacs", crash=Det(NEVER), recovery=Det(9.0))
    built = pair(database, shared=1.0, seen_at_once=1.0)
    assert both(built, "pacs.ok") == [(HOUR, HOUR + FIX)]
    assert both(built, "a.ok") == [(HOUR, HOUR + FIX)]
    assert both(built, "b.ok") == [(0.0, HOUR + FIX)]
    for name in ("miss", "noticed", "switched", "move"):
        assert fired(built, f"pacs/phase.{name}", MONTH) == []


def test_shared_change_found_while_the_role_is_served() -> None:
    """It counts the time in which the role is served: not the move, not an outage of another."""
    # Sees: a clock that runs all the time.
    box = part("component", "box", fails=Det(SUNDAY + 8000.0), ttr=Det(1000.0))
    built = pair(box, roles=(role("store", "pacs", "box"),), shared=1.0, seen_at_once=0.0)
    # In use for 30 s, then from the move at 3 690 s to 8 000 s, then the last 660 s of 5 000.
    breaks = 9000.0 + FOUND - (30.0 + 8000.0 - 3690.0)
    assert both(built, "pacs.ok")[1:] == [(breaks, breaks + FIX)]


def test_work_and_the_fault_that_follows_are_one_outage_with_two_causes() -> None:
    """An hour by the window and two by the failed change, though the down time never ends."""
    # Sees: hours of a failed change among those of the window; a cause of its own lost.
    window = {**WINDOW, "of": ("a",), "rolling": False, "seen_at_once": 1.0}
    built = model(
        server("a", **FAILS),
        roles=(role("store", "a"),),
        doing=practices(maintenance={"w": window}),
    )
    for engine in (kernel, reference):
        (row,) = engine.simulate(built, horizon=MONTH).episodes
        names = [built.transitions[row[k]].name for k in ("cause", "planned_cause")]
        assert names == ["a/patch.w-begin"] * 2
        assert built.transitions[row["unplanned_cause"]].name == "w/change.own-seen"
        assert (row["planned"], row["unplanned"], row["mixed"]) == (HOUR, FIX, 0.0)


def test_work_that_a_fault_hid_is_what_planned_hours_belong_to() -> None:
    """A box fails for 30 min as the window opens, and the hour of work goes on without it."""
    # Sees: planned hours of a fault, because the outage began with it.
    box = part("component", "box", fails=Det(SUNDAY - 600.0), ttr=Det(1800.0))
    window = {**WINDOW, "of": ("a",), "rolling": False}
    built = model(
        server("a"), box, roles=(role("store", "a", "box"),),
        doing=practices(maintenance={"w": window}),
    )  # fmt: skip
    for engine in (kernel, reference):
        row = engine.simulate(built, horizon=SUNDAY + 2 * HOUR).episodes[0]
        names = [built.transitions[row[k]].name for k in ("unplanned_cause", "planned_cause")]
        assert names == ["box/unit.fail", "a/patch.w-begin"]
        assert (row["unplanned"], row["planned"]) == (1800.0, HOUR - 1200.0 + 30.0)


def test_a_shared_change_takes_the_database() -> None:
    """A change of one server's own leaves the database alone, a shared one does not."""
    # Sees: a database that answers while it is being converted back.
    for shared, gap in ((0.0, (0.0, HOUR)), (1.0, (0.0, HOUR + FIX))):
        window = {**WINDOW, "of": ("a",), "rolling": False, "shared": shared}
        base = part("database", "base", runs_on="a", crash=Det(NEVER), recovery=Det(9.0))
        built = model(
            server("a", **FAILS),
            base,
            down=("base.ok",),
            doing=practices(maintenance={"w": window}),
        )
        found = both(built, "base.ok")
        assert found == [(gap[0], gap[1] + (0.0 if shared else 9.0))]


def test_upgrades_take_all_members_at_once() -> None:
    """A yearly round on all members of a group; one that overruns takes twice as long."""
    # Sees: an upgrade of one member only; an upgrade in another month.
    upgrades = {"of": ("pacs",), "every": 365.0 * DAY, "on": "first saturday 06:00",
                "lasts": Det(HOUR), "rolling": False}  # fmt: skip
    for overruns, length in ((0.0, HOUR), (1.0, 2 * HOUR)):
        doing = practices(times=TIMES, upgrades={**upgrades, "overruns": overruns})
        built = model(server("a"), server("b"), groups=(group(),), down=("pacs.ok",), doing=doing)
        first, second = gaps(built, "pacs.ok", 400 * DAY)
        assert first == (SATURDAY, SATURDAY + length + 30.0)
        # The first Saturday of January 2025 is the 4th, 369 days after 1 January 2024.
        assert second == ((369 * 24 + 6) * HOUR, (369 * 24 + 6) * HOUR + length + 30.0)


def test_rolling_work_of_any_length_reaches_every_member() -> None:
    """Seven hours each: the standby from 0 to 7 h, the active one from its start to 14 h 30 s."""
    # Sees: a window of four hours, in which the turn of the active member never comes.
    window = {**WINDOW, "lasts": Det(7 * HOUR)}
    doing = practices(times=TIMES, maintenance={"w": window})
    built = model(
        server("a"), server("b"), groups=(group(),), down=("pacs.ok", "a.ok", "b.ok"), doing=doing
    )
    assert both(built, "b.ok") == [(0.0, 7 * HOUR + 30.0)]
    assert both(built, "a.ok") == [(7 * HOUR + 30.0, 14 * HOUR + 60.0)]


def test_work_that_waits_keeps_no_other_work_away() -> None:
    """The standby is broken, so its round waits; the upgrade a week later is made all the same."""
    # Sees: one window that waits and swallows all others of its servers.
    broken = {"fails": Det(SUNDAY - 60.0), "ttr": Det(3 * DAY)}
    upgrades = {"of": ("pacs",), "every": 365.0 * DAY, "on": "second sunday 02:00",
                "lasts": Det(HOUR), "rolling": False}  # fmt: skip
    doing = practices(times=TIMES, maintenance={"w": WINDOW}, upgrades=upgrades)
    built = model(
        server("a"), server("b", **broken), groups=(group(),), down=("a.ok",), doing=doing
    )
    assert both(built, "a.ok")[0] == (7 * DAY, 7 * DAY + HOUR + 30.0)


def test_a_failed_change_is_unplanned_whatever_work_is_on() -> None:
    """Ten hours to put right: work in between, on the same server, is no reason to be down."""
    # Sees: an application that work took down, and a change that broke, read as planned.
    software = {"software": {"change_fails": 1.0, "change_fix": Det(10 * HOUR)}}
    window = {**WINDOW, "of": ("a",), "rolling": False, "seen_at_once": 1.0}
    other = {**window, "on": "first sunday 07:00"}
    built = model(
        server("a", **software), roles=(role("store", "a"),),
        doing=practices(maintenance={"v": other, "w": window}),
    )  # fmt: skip
    for engine in (kernel, reference):
        (row,) = engine.simulate(built, horizon=MONTH).episodes
        # From 3:00 to 13:00 by the first change, to 16:00 by that of the work from 7:00 to 8:00.
        assert (row["planned"], row["unplanned"], row["mixed"]) == (HOUR, 15 * HOUR, 0.0)


def test_a_shared_change_of_some_members_only_is_a_reason_to_move() -> None:
    """A window of one member: the other one takes over, and the database serves there."""
    # Sees: a group that takes a change of one member for one of all; a database bad everywhere.
    base = part("database", "base", runs_on="pacs", crash=Det(NEVER), recovery=Det(9.0))
    window = {**WINDOW, "of": ("a",), "rolling": False, "shared": 1.0, "seen_at_once": 0.0}
    doing = practices(times=TIMES, maintenance={"w": window})
    built = model(
        server("a", **FAILS), server("b"), base,
        groups=(group(check={"sees": "tcp"}, failback=("at_once", None)),),
        down=("pacs.ok", "base.ok"), doing=doing,
    )  # fmt: skip
    breaks = HOUR + FOUND
    gaps_of = both(built, "pacs.ok")
    only([gap for gap in gaps_of if gap[0] == breaks], breaks, 69.0, 70.0)
    assert all(end - start < 100.0 for start, end in both(built, "base.ok")[1:])


@pytest.mark.slow
@pytest.mark.parametrize("rolling", [True, False])
def test_one_change_a_round(rolling: bool) -> None:
    """Two servers in one window make one change a month, not two."""
    # Sees: a draw at the end of each server's work.
    p = 0.3
    one = {"software": {"change_fails": p, "change_fix": Det(60.0)}}
    window = {**WINDOW, "rolling": rolling, "lasts": Uniform(1800.0, 5400.0), "shared": 0.5}
    doing = practices(times=TIMES, maintenance={"patch": window})
    built = model(server("a", **one), server("b", **one), groups=(group(),), doing=doing)
    seen = [built.transition(f"patch/change.{whose}-seen") for whose in ("own", "shared")]
    drawn = []
    for first in range(150):
        trace = kernel.simulate(built, horizon=360 * DAY, first=first, trace=True).trace
        assert trace is not None
        drawn.append(np.isin(trace["transition"], seen).sum() / 12.0)
    judge(drawn, p)


BEGIN, WORK, START, LAST, SHOWS, MEND, RECOVER, SHORT = 50.0, 2.0, 0.7, 0.0, 9.0, 3.0, 0.4, 0.05
P, S, Q = 0.35, 0.3, 0.6


def moves(state: tuple[str, str, str]) -> Iterator[tuple[tuple[str, str, str], float]]:
    """Yield where a server with a database goes: (application, change, engine), and how fast.

    The application is ``work``, ``starting``, ``up`` or ``changed``; the engine of the database is
    ``stopped``, ``recovering`` or ``up``.
    """
    app, change, engine = state
    if app == "work":
        drawn = {change: 1.0}
        if change == "none":
            drawn = {"none": 1 - P, "own-found": P * (1 - S) * Q, "shared-found": P * S * Q,
                     "own-latent": P * (1 - S) * (1 - Q), "shared-latent": P * S * (1 - Q)}  # fmt: skip
        for then, chance in drawn.items():
            after = "changed" if then.endswith("broken") else "starting"
            yield (after, then, "recovering"), chance / WORK
    else:
        yield ("work", change, "stopped"), 1 / BEGIN
    if app == "starting":
        yield ("up", change, engine), 1 / START
    if engine == "recovering":
        yield (app, change, "up"), 1 / RECOVER
    whose, _, what = change.partition("-")
    if what in {"found", "latent"}:
        broken = app if app == "work" else "changed"
        yield (broken, f"{whose}-broken", engine), 1 / (SHORT if what == "found" else SHOWS)
    if what == "broken":
        yield (app if app == "work" else "up", "none", engine), 1 / MEND


def test_chain_of_failed_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With exponential windows it is a chain of work, change, application and database."""
    # Sees: a shared change that spares the database; a latent one drawn with q for 1 - q; a fix
    # that leads to a start; a second draw while a change is broken.
    monkeypatch.setattr(planned_work, "next_opening", lambda _: Exp(BEGIN))
    monkeypatch.setattr(planned_work, "Deterministic", lambda _: Exp(SHORT))
    software = {"change_fails": P, "change_fix": Exp(MEND), "start": Exp(START)}
    window = {**WINDOW, "of": ("a",), "rolling": False, "lasts": Exp(WORK), "shared": S,
              "seen_at_once": Q, "found": Exp(SHOWS)}  # fmt: skip
    never = {
        "fails": Exp(1e18),
        "ttr": Exp(1.0),
        "reboot": Exp(1e-6),
        "boot_after_power": Exp(1e-6),
    }
    one = server(
        "a", software={**software, "crash": Exp(1e18), "manual_restart": Exp(1.0)}, **never
    )
    base = part("database", "base", runs_on="a", crash=Exp(1e18), recovery=Exp(RECOVER))
    built = model(one, base, down=("a.ok", "base.ok"), doing=practices(maintenance={"w": window}))
    chain = Chain(explored(("up", "none", "up"), moves))
    serving = [s for s in chain.states if isinstance(s, tuple) and s[0] == "up"]
    answering = [
        s for s in chain.states
        if isinstance(s, tuple) and s[2] == "up" and s[1] != "shared-broken"
    ]  # fmt: skip
    assert missing(built, "a.ok") == close(1 - chain.share(*serving), 1e-9)
    assert missing(built, "base.ok") == close(1 - chain.share(*answering), 1e-9)
