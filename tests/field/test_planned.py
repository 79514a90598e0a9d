"""Planned and unplanned: what follows from work is planned, what follows from a fault is not (R28)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pacsim.campaign.compare import simulate
from pacsim.campaign.plan import planned
from pacsim.core import layout
from pacsim.design import design_of, load
from pacsim.engines import kernel
from pacsim.units import HOUR, YEAR
from tests.field.designs import TERM_YEARS, calm, design, model

if TYPE_CHECKING:
    from pacsim.core import Model

PREEMPT = Path(__file__).parent / "failback-counted-as-planned.yaml"
TERM, MINUTE = TERM_YEARS * YEAR, 60.0
CALLED = ("detected", "noticed", "attended", "reached", "worked", "switched")
"""What a group's phase does when somebody or something takes its active member for broken."""


def split(built: Model, horizon: float) -> tuple[float, float, float]:
    """Return the seconds unplanned, planned and mixed of one term."""
    row = kernel.simulate(built, horizon=horizon).values[0]
    place = layout(built)["role:store"]
    kinds = [place.figure(name) for name in ("unplanned", "planned", "mixed")]
    unplanned, plan, mixed = (float(row[at].sum()) for at in kinds)
    return unplanned, plan, mixed


def calls(built: Model, horizon: float) -> set[str]:
    """Return which of its groups' reactions happened in one term."""
    trace = kernel.simulate(built, horizon=horizon, trace=True).trace
    assert trace is not None
    names = {built.transitions[k].name for k in set(trace["transition"].tolist())}
    return {name for name in names if name.split(".")[-1] in CALLED and "/phase." in name}


def test_a_return_at_once_after_a_fault_is_unplanned() -> None:
    """The field's input: 0.308 h/yr, all of it by faults of the first member and its coming back."""
    # Sees: a return, or its end, that is planned whatever began it.
    result = simulate([load(PREEMPT)], planned(replications=64))
    (whole,) = result.find("down", role="store")
    (unplanned,) = result.find("down_unplanned", role="store")
    (planned_,) = result.find("down_planned", role="store")
    assert whole.estimate == pytest.approx(0.308, abs=0.002)
    assert unplanned.estimate == whole.estimate
    assert planned_.estimate == 0.0


@pytest.mark.parametrize("number", range(200))
def test_without_faults_nothing_is_unplanned_and_nobody_is_called(number: int) -> None:
    """Rates of faults, failed changes and splits are 0: planned work alone can take service down."""
    # Sees: a check that takes what starts after work for broken; roots that are lost on the way.
    built = calm(model(design(number)))
    unplanned, _, mixed = split(built, TERM)
    assert (unplanned, mixed) == (0.0, 0.0)
    assert calls(built, TERM) == set()


@pytest.mark.slow
def test_the_designs_do_have_planned_work() -> None:
    """The property above says something: most of its designs have planned down time."""
    found = [split(calm(model(design(number))), TERM)[1] for number in range(0, 200, 5)]
    assert sum(seconds > 0 for seconds in found) > 0.6 * len(found)


# -- scenes of a pair: both of its members, or one, in a window of 30 min on the first Sunday at 2 ---

WINDOW = 650 * HOUR
"""From Monday 5 January to Sunday 1 February 2026, 02:00."""
BOTH = {"of": ["a", "b"], "on": "first sunday 02:00", "lasts": {"exactly": "30 min"}}


def pair(window: dict[str, Any], **first: Any) -> Model:
    """Return the pair of the field's input in which only what is given of ``a`` ever fails."""
    plain: Any = load(PREEMPT).plain
    plain = {**plain, "practices": {**plain["practices"], "maintenance": {"w": window}}}
    parts = {name: dict(part) for name, part in plain["parts"].items()}
    parts["a"] |= {"ttf": {"rate": "0 /year"}, **first.pop("a", {})}
    parts["b"] |= first.pop("b", {})
    for part in parts.values():
        part["software"] = {**part["software"], "start": {"exactly": "5 min"}}
    return model(design_of({**plain, "parts": parts}))


def test_both_members_in_one_window() -> None:
    """30 min of work and 5 min of starting in January and February: 35 min, planned, no call."""
    # Sees: the check finds a dead process 10 s after the work, and people come.
    built = pair(BOTH)
    assert split(built, WINDOW + 10 * HOUR) == (0.0, 35.0 * MINUTE, 0.0)
    assert calls(built, WINDOW + 10 * HOUR) == set()


def test_a_crash_while_it_starts_ends_the_wait() -> None:
    """``a`` crashes 2 min into the start: 32 min planned, then 3 until ``b`` is up and would serve
    better, 9 to 10 s until the check has seen it, and a minute each for the switch and the return.
    """
    # Sees: a check that waits for a member that a fault has struck; it would be back after 42 min.
    built = pair(BOTH, a={"os_crash": {"exactly": f"{650 * 60 + 32} min"}})
    unplanned, planned, mixed = split(built, WINDOW + 10 * HOUR)
    assert 5 * MINUTE + 9.0 <= unplanned <= 5 * MINUTE + 10.0
    assert planned == pytest.approx(32 * MINUTE)
    assert mixed == 0.0
    assert {name.split(".")[-1] for name in calls(built, WINDOW + 10 * HOUR)} >= {"detected"}


def test_a_move_that_waited_for_the_standby_is_planned() -> None:
    """``b`` is mended an hour into work on ``a``: down 1 h 10 min until it is up, 1 min to move."""
    # Sees: a move whose root is the repair that made it possible.
    window = {"of": ["a"], "on": "first sunday 02:00", "lasts": {"exactly": "3 h"}}
    built = pair(window, b={"ttf": {"exactly": "641 h"}})
    assert split(built, WINDOW + 10 * HOUR) == (0.0, 71.0 * MINUTE + 1 * MINUTE, 0.0)


def test_a_return_that_waits_for_a_calendar_is_planned() -> None:
    """60 faults of ``a`` in 7 years, each 1 010 h after the last: 60 returns of 60 s in 7 years."""
    # Sees: every return that follows a fault taken for unplanned.
    plain: Any = load(PREEMPT).plain
    group = {**plain["groups"]["pacs"], "failback": {"next_open": {"name": "d", "hours": "24x7"}}}
    result = simulate([design_of({**plain, "groups": {"pacs": group}})], planned(replications=8))
    (moved,) = result.find("down_planned", role="store")
    assert moved.estimate == pytest.approx(1 / 7, rel=1e-9)


def test_the_start_after_a_return_belongs_to_the_fault_too() -> None:
    """A cold pair: 9 to 10 s until it is seen, then twice a switch of 60 s and a start of 60 s."""
    # Sees: a return that ends as planned work, so that the start after it is planned.
    plain: Any = load(PREEMPT).plain
    cold = {**plain["groups"]["pacs"], "standby": "cold"}
    built = model(design_of({**plain, "groups": {"pacs": cold}}))
    unplanned, *others = split(built, 1100 * HOUR)
    assert 249.0 <= unplanned <= 250.0
    assert others == [0.0, 0.0]
