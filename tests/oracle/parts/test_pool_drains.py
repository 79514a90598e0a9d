"""Pools as scenarios, to the second, on both simulators: work in turn, drains, rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from tests.oracle.parts.pairing import DAY, HOUR
from tests.oracle.parts.pairing import happened as traced
from tests.oracle.parts.pooling import (
    FIXED,
    WINDOW,
    both,
    gaps_of,
    nearly,
    scene,
)

if TYPE_CHECKING:
    from pacsim.core import Model

SUNDAY = 146 * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
TURN = 600.0 + HOUR + 180.0 + 10.0
"""Drain, work, start and rise of one member."""
TENTH = {"sees": "http", "every": 0.001, "fall": 10_000, "rise": 10_000, "timeout": 0.0}
"""A check whose fall and rise take ten seconds, but for a thousandth."""


def patched(need: int = 2, *, of: Any = None, check: Any = None, **more: Any) -> Model:
    """Return three servers that start in 3 min, with a window of an hour, and drains of 10 min."""
    slow = {x: {"software": {"start": Det(180.0)}} for x in "abc"}
    for x, odd in (of or {}).items():
        software = {**slow[x]["software"], **odd.get("software", {})}
        slow[x] = {**odd, "software": software}
    window = {**WINDOW, "of": ("a", "b", "c"), **more.pop("window", {})}
    doing = {"maintenance": {"patch": window}}
    kept: dict[str, Any] = {**FIXED, **more}
    kept = {key: value for key, value in kept.items() if value is not None}
    return scene("abc", need, of=slow, doing=doing, check=check or TENTH, **kept)


def drains(built: Model, until: float = 8 * DAY) -> list[tuple[str, float]]:
    """Return who began to drain, and when."""
    names = [f"pacs/pool-{x}.patch-drain" for x in "abc"]
    return [(name[len("pacs/pool-")], at) for name, at in traced(built, until, *names)]


@pytest.mark.parametrize("need", [2, 3])
def test_three_nodes_are_worked_on_in_turn(need: int) -> None:
    """Drains at 146, 147.2194 and 148.4389; the last one in at 149.6583; short only if all three are needed."""
    # Sees: drain before capacity; work that does not wait for drained; a drain that is unplanned.
    built = patched(need)
    third = SUNDAY + 2 * TURN
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "b", "c"]
    assert [at for _, at in begun] == [
        SUNDAY, nearly(SUNDAY + TURN), nearly(third),
    ]  # fmt: skip
    assert [at / HOUR for _, at in begun] == pytest.approx([146.0, 147.2194, 148.4389], abs=1e-4)
    work = traced(built, 8 * DAY, *(f"{x}/patch.patch-begin" for x in "abc"))
    assert [at for _, at in work] == [at + 600.0 for _, at in begun]
    run = both(built, 8 * DAY)
    assert not gaps_of(run)
    degraded = run.episodes_of("role:use.degraded")
    planned = float(run.column("role:use.degraded", "planned")[0])
    assert float(run.column("role:use.degraded")[0]) == planned
    if need == 2:
        assert not len(degraded)
    else:
        ((begin, end),) = [(float(row["start"]), float(row["end"])) for row in degraded]
        assert begin == SUNDAY
        assert end == nearly(SUNDAY + 3 * TURN)
        assert end / HOUR == pytest.approx(149.6583, abs=1e-4)
        assert planned == end - begin


def test_a_window_of_one_member_drains_it_too() -> None:
    """Nobody's turn comes before, and still its work waits until it is drained."""
    # Sees: a window of one that takes its member at once.
    built = patched(2, window={"of": ("b",)})
    assert drains(built) == [("b", SUNDAY)]
    ((_, begun),) = traced(built, 8 * DAY, "b/patch.patch-begin")
    assert begun == SUNDAY + 600.0
    assert not gaps_of(both(built, 8 * DAY))


def test_a_drain_that_waited_for_a_repair_is_planned_all_the_same() -> None:
    """b is back an hour after the window has opened: short by a fault before, by plan from then on."""
    # Sees: a drain that has the root of what it waited for.
    short = {"fails": Det(SUNDAY - HOUR), "ttr": Det(2 * HOUR), "reboot": Det(400.0)}
    run = both(patched(3, of={"b": short}), 7 * DAY)
    back = SUNDAY + HOUR + 400.0 + 180.0 + 10.0
    unplanned = float(run.column("role:use.degraded", "unplanned")[0])
    assert unplanned == nearly(back - (SUNDAY - HOUR))
    assert float(run.column("role:use.degraded", "planned")[0]) == nearly(3 * TURN)
    assert float(run.column("role:use.degraded", "mixed")[0]) == 0.0


def test_nobody_drains_while_one_is_bad() -> None:
    """b is dead from 100 h on: a and c are both needed. With need 1 they are worked on, b is not."""
    # Sees: a member that drains though its capacity is needed; a broken one that holds up others.
    dead = {"b": {"fails": Det(100 * HOUR), "ttr": Det(1e7)}}
    assert drains(patched(2, of=dead)) == []
    begun = drains(patched(1, of=dead))
    assert [x for x, _ in begun] == ["a", "c"]
    assert [at for _, at in begun] == [SUNDAY, nearly(SUNDAY + TURN)]


def test_a_member_that_drains_is_back_as_another_fails() -> None:
    """b fails at 146 h + 100 s while a drains: a is in at once, and nobody is worked on before b is back."""
    # Sees: a drain that goes on without capacity.
    at = SUNDAY + 100.0
    short = {"fails": Det(at), "ttr": Det(HOUR), "reboot": Det(400.0)}
    built = patched(2, of={"b": short})
    assert traced(built, 8 * DAY, "pacs/pool-a.called-off") == [("pacs/pool-a.called-off", at)]
    # Repaired, booted, started, and ten seconds of rise.
    back = at + HOUR + 400.0 + 180.0 + 10.0
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "a", "b", "c"]
    assert begun[1][1] == nearly(back)
    assert len(traced(built, 8 * DAY, "a/patch.patch-begin")) == 1


def test_a_member_that_goes_bad_while_it_drains_loses_nothing() -> None:
    """The list sends it nothing: out at once, and no request is lost."""
    # Sees: a member that is listed again because it fails.
    at = SUNDAY + 100.0
    built = patched(2, of={"a": {"software": {"crash": Det(at)}}})
    assert traced(built, at + HOUR, "pacs/pool-a.miss-draining") == [
        ("pacs/pool-a.miss-draining", at)
    ]
    assert not gaps_of(both(built, SUNDAY + HOUR))
    # Its turn comes again when it is back: called, restarted by hand, started, risen.
    back = at + 900.0 + 600.0 + 180.0 + 10.0
    again = [when for x, when in drains(built) if x == "a"]
    assert again == [SUNDAY, nearly(back)]
    assert len(traced(built, 8 * DAY, "a/patch.patch-begin")) == 1


def test_a_drain_is_called_off_with_the_round() -> None:
    """The change of a shows while b drains: b is not due any more, and in again at once."""
    # Sees: a drained member that waits for work that nobody will do.
    changed = {"software": {"change_fails": 1.0, "change_fix": Det(5 * HOUR)}}
    latent = {"shared": 0.0, "seen_at_once": 0.0, "found": Det(490.0)}
    built = patched(1, of=dict.fromkeys("abc", changed), window=latent)
    # In use from the start of its application on: 190 s after the work, and b has drained since ten of them.
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "b"]
    ((_, off),) = traced(built, 8 * DAY, "pacs/pool-b.called-off")
    ((_, shows),) = traced(built, 8 * DAY, "patch/change.own-shows")
    assert begun[1][1] < off < begun[1][1] + 600.0
    assert off == shows
    assert not traced(built, 8 * DAY, "b/patch.patch-begin", "c/patch.patch-begin")


def test_without_a_drain_the_check_finds_out() -> None:
    """Work stops an application that the list still names: ten seconds of lost requests a member, planned."""
    # Sees: work that the check does not see; a gap of planned work taken for a fault.
    built = patched(2, drain=None)
    run = both(built, 8 * DAY)
    turn = HOUR + 180.0 + 10.0
    found = gaps_of(run)
    assert [start for start, *_ in found] == [
        SUNDAY, nearly(SUNDAY + turn), nearly(SUNDAY + 2 * turn),
    ]  # fmt: skip
    assert [end - start for start, end, *_ in found] == nearly([10.0] * 3)
    assert {(kind, how) for *_, kind, how in found} == {("planned", "automatic")}
    degraded = run.episodes_of("role:use.degraded")
    assert len(degraded) == 3
    assert float(run.column("role:use.degraded", "unplanned")[0]) == 0.0


def test_a_fault_while_another_is_worked_on_is_no_planned_gap() -> None:
    """b crashes while a is away for its work: its requests are lost by a fault."""
    # Sees: a gap that is planned because somebody is away.
    at = SUNDAY + 1000.0
    run = both(patched(1, of={"b": {"software": {"crash": Det(at)}}}), SUNDAY + 1100.0)
    ((start, end, kind, how),) = gaps_of(run)
    assert (start, end) == (at, nearly(at + 10.0))
    assert (kind, how) == ("process", "automatic")
