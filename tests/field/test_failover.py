"""Failover groups of the field: what is right in each, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pacsim
from pacsim.design import Design, DesignError, load
from pacsim.design.build import build
from tests.oracle.parts.pairing import HOUR, happened

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "models" / "designs" / "active-passive.yaml"


def rows(design: Any, count: int = 64) -> list[tuple[Any, ...]]:
    """Return every figure of a design."""
    found = pacsim.run(design, replications=count, seed=5, progress=False)
    return [
        (one.role, one.measure, one.by, one.of, one.estimate, one.lower, one.upper, one.note)
        for one in found.rows
    ]


# -- tests of the failover --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("file", [SHIPPED, HERE / "fence-race.yaml"], ids=lambda x: x.stem)
@pytest.mark.parametrize("every", ["10 years", "7 years"])
def test_a_test_that_never_comes_changes_nothing(file: Path, every: str) -> None:
    """One every ten years in a term of seven: to the bit the figures without it."""
    # Sees: a group that is taken to be tested before the first test; planned work that may come.
    never = {"every": every, "outage": "10 min"}
    tested = load(file).vary({"practices.failover_tests": never})
    assert rows(tested) == rows(load(file))


def test_how_long_a_test_is_good_for_is_not_written() -> None:
    """A success that falls with time, or latent faults, say what a test is worth."""
    # Sees: a key that is dropped without a word.
    with pytest.raises(DesignError, match="success falls with the time since the last") as raised:
        load(SHIPPED).vary({"practices.failover_tests": {"every": "3 months", "valid": "1 year"}})
    (problem,) = raised.value.problems
    assert problem.path == "practices.failover_tests.valid"


# -- a database elsewhere ---------------------------------------------------------------------------


def figures(file: str, measure: str, *, count: int = 1, seed: int = 1) -> dict[str, float]:
    """Return a measure of an input by what it is of."""
    found = pacsim.run(HERE / file, replications=count, seed=seed, progress=False)
    return {one.of: one.estimate or 0.0 for one in found.rows if one.measure == measure}


def test_a_database_elsewhere_moves_nothing() -> None:
    """An hour down each 1000 h: 61 gaps in 7 years, none of which another member would have spared."""
    # Sees: a gap that counts as none; a group that fails over because of it.
    assert figures("external-database.yaml", "no_standby")[""] == pytest.approx(61 / 7)
    assert set(figures("external-database.yaml", "failovers").values()) == {0.0}
    (warning,) = [
        x for x in load(HERE / "external-database.yaml").resolved.warnings if "c_store" in x
    ]
    assert '"database"' in warning
    assert "nothing moves" in warning


def test_a_database_left_on_a_member_is_refused() -> None:
    """It would have stayed behind when the group moves."""
    # Sees: a database that goes down with a member that does not serve.
    with pytest.raises(DesignError, match="write runs_on: pacs") as raised:
        load(HERE / "external-database.yaml").vary({"parts.database.runs_on": "a"})
    assert raised.value.problems[0].path == "parts.database.runs_on"


# -- faults that nobody feels -----------------------------------------------------------------------

IDLE = "standby-fault-called-in.yaml"


def events(design: Design, until: float) -> list[tuple[str, float]]:
    """Return what happens until a time, in hours, alike on both simulators."""
    return [(name, time / HOUR) for name, time in happened(build(design.resolved).model, until)]


def test_an_idle_fault_is_not_called_in() -> None:
    """Dead at 200 h, broken at 500 h: nobody learns of either within the term of 1461 h."""
    # Sees: the call of 20 min at 200:20.
    found = events(load(HERE / IDLE), 1461 * HOUR)
    assert found == [
        ("b/application.crash", 200.0),
        ("b/hardware.fail", 500.0),
        ("b/host.broken", 500.0),
        ("b/application.stopped", 500.0),
    ]


def test_an_idle_fault_is_found_by_chance() -> None:
    """1000 h after it broke; ordered and fitted 1 h, repair 2 h, reboot 5 min, start 60 s."""
    # Sees: a clock that begins when the application dies; a search that is never over.
    found = events(load(HERE / IDLE), 1600 * HOUR)[4:]
    assert found == [
        ("b/hardware.failed-found", 1500.0),
        ("b/hardware.supplied", 1501.0),
        ("b/hardware.repaired", 1503.0),
        ("b/host.mended", 1503.0),
        ("b/host.rebooted", pytest.approx(1503 + 5 / 60)),
        ("b/application.start", pytest.approx(1503 + 5 / 60)),
        ("b/application.started", pytest.approx(1503 + 6 / 60)),
    ]


def test_an_idle_fault_is_felt_when_needed() -> None:
    """a breaks at 700 h: a call at 700:20 about both; a, sooner repaired, serves at 702:26."""
    # Sees: a standby whose fault is called in before it is needed, or not even then.
    law = {"parts.a.ttf": {"exactly": "700 h"}, "parts.a.repair": {"exactly": "1 h"}}
    found = dict(reversed(events(load(HERE / IDLE).vary(law), 704 * HOUR)))
    assert found["b/hardware.failed-felt"] == 700.0
    assert found["b/hardware.noticed"] == pytest.approx(700 + 20 / 60)
    assert found["a/hardware.noticed"] == pytest.approx(700 + 20 / 60)
    assert found["a/application.started"] == pytest.approx(702 + 26 / 60)
    assert found["b/application.started"] == pytest.approx(703 + 26 / 60)
    assert "pacs/phase.noticed" not in found


# -- a lost heartbeat -------------------------------------------------------------------------------

RACE = "fence-race.yaml"


def test_a_race_of_fences() -> None:
    """A loss each 1010 h, 61 369 h are 60 of them; half shoot the active one for 5 + 60 s: 0.0774 h/yr."""
    # Sees: fencing that only stops a split.
    n, losses = 400, 60
    found = figures(RACE, "down_unplanned", count=n)[""]
    each = 65.0 / 3600.0 / 7.0
    assert found == pytest.approx(losses / 2 * each, abs=4 * each * (losses / 4 / n) ** 0.5)
    assert losses / 2 * each == pytest.approx(0.0774, abs=5e-5)
    # Every outage is one of these; who was shot is taken back 100.5 h later, before the next loss.
    found = figures(RACE, "outages", count=n)[""]
    assert found * each * 7.0 == pytest.approx(figures(RACE, "down_unplanned", count=n)[""])


def test_a_race_that_the_active_member_wins() -> None:
    """Then nobody is without service: the idle member boots."""
    # Sees: a race that is even whatever is written.
    made = load(HERE / RACE).vary({"groups.pacs.race": "active"})
    found = pacsim.run(made, replications=20, seed=1, progress=False)
    assert {x.estimate for x in found.rows if x.measure == "down_unplanned"} == {0.0}


def test_the_old_place_of_the_heartbeat_means_the_same(tmp_path: Path) -> None:
    """Written inside fencing, or of the group: one design."""
    # Sees: a key of old files that is not known any more, or is left without a word.
    now = tmp_path / "now.yaml"
    inside = "heartbeat: [heartbeat], split: 0, split_repair: {exactly: 3 h}}"
    text = (HERE / RACE).read_text("utf-8")
    assert inside in text
    new = text.replace(", " + inside, "}").replace(
        "    switchover:",
        "    heartbeat: [heartbeat]\n    split: 0\n    reconcile: {exactly: 3 h}\n    switchover:",
    )
    now.write_text(new, "utf-8")
    assert load(now).hash == load(HERE / RACE).hash
    assert load(HERE / RACE).resolved.groups["pacs"].names("heartbeat") == ("heartbeat",)


@pytest.mark.parametrize(
    ("key", "value"), [("heartbeat", ["heartbeat"]), ("split", 0), ("reconcile", "3 h")]
)
def test_both_places_at_once_are_refused(key: str, value: Any) -> None:
    """Which of the two is meant nobody knows."""
    # Sees: one that wins without a word.
    with pytest.raises(DesignError, match=f"keep {key}"):
        load(HERE / RACE).vary({f"groups.pacs.{key}": value})


def test_a_split_beyond_what_fencing_leaves_is_refused() -> None:
    """F = 0.98 leaves 0.02; the default of 0.00224 needs a fencing of 0.99776 at most."""
    # Sees: probabilities that are above 1 together.
    made = load(HERE / RACE)
    assert made.vary({"groups.pacs.fencing.success": 0.98, "groups.pacs.fencing.split": 0.02})
    for works, split in ((0.98, 0.021), (1, 0.001)):
        with pytest.raises(DesignError, match="together above 1") as raised:
            made.vary({"groups.pacs.fencing.success": works, "groups.pacs.fencing.split": split})
        assert raised.value.problems[0].path == "groups.pacs.split"
    shipped = load(SHIPPED)
    with pytest.raises(DesignError, match=r"write split: 0\.001 or less"):
        shipped.vary({"groups.pacs.fencing.success": 0.999})


def test_a_race_without_fencing_is_refused() -> None:
    """Nobody shoots first where nobody shoots."""
    # Sees: a race that is written and changes nothing.
    bare = load(SHIPPED).vary({"groups.pacs.fencing": None})
    for race in ("even", "active"):
        with pytest.raises(DesignError, match="race needs fencing") as raised:
            bare.vary({"groups.pacs.race": race})
        (problem,) = raised.value.problems
        assert problem.path == "groups.pacs.race"
    assert load(SHIPPED).vary({"groups.pacs.race": "active"})


def test_defaults_of_a_split() -> None:
    """0.00224 a loss with fencing, 0.158 without; nothing where there is no heartbeat."""
    # Sees: a pair without fencing that splits as seldom as one with it.
    shipped = load(SHIPPED)
    bare = shipped.vary({"groups.pacs.fencing": None})
    assert shipped.resolved.groups["pacs"]["split"] == pytest.approx(0.00224)
    assert bare.resolved.groups["pacs"]["split"] == pytest.approx(0.158)
    assert bare.resolved.groups["pacs"]["rejoins"] == pytest.approx(0.3)
    assert bare.resolved.groups["pacs"]["race"] is None
    plain = shipped.vary({"groups.pacs.fencing": None, "groups.pacs.heartbeat": None})
    assert plain.resolved.groups["pacs"]["rejoins"] is None
    written = plain.vary({"groups.pacs.rejoins": 0.5})
    assert written.resolved.groups["pacs"]["rejoins"] == pytest.approx(0.5)
    none = shipped.vary({"groups.pacs.heartbeat": None})
    assert none.resolved.groups["pacs"]["split"] is None
