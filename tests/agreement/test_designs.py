"""The reference and the compiled engine agree to the bit on designs: random ones, and the shipped.

`experiments/validation/random_designs.py` runs more of them, for longer.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pacsim.design import design_of, load
from pacsim.design.build import build
from pacsim.engines import kernel, reference
from tests.agreement.designs import (
    KINDS,
    PAIRS,
    drawn,
    hastened,
    kinds_of,
    longest_instant,
    moves_of,
    pairs_of,
)
from tests.agreement.rare_designs import RARE

if TYPE_CHECKING:
    from pacsim.core import Batch, Model

pytestmark = pytest.mark.slow

DESIGNS, MORE = 40, 200
"""Here, and in the long form."""
YEAR = 365 * 86400.0
SHIPPED = sorted((Path(__file__).parents[2] / "models" / "designs").glob("*.yaml"))
OFTEN, NOW_AND_THEN = 50, 3
"""Firings of a transition: in all random designs, or if it is a rare one in the design of `RARE`."""
MOVES = {
    "active_active": {
        "*-*.*-drain", "*-*.back", "*-*.called-back", "*-*.called-off", "*-*.drained", "*-*.healed",
        "*-*.left-out", "*-*.miss", "*-*.miss-draining", "*-*.over", "ended-by.reset",
        "hardware.strike", "software.strike", "session-*.anew", "session-*.break",
        "way-*.held-*", "way-*.lost", "way-*.moved-*",
    },
    "vrrp": {
        "phase.miss", "phase.healed", "phase.taken", "phase.preempt-*", "phase.returned",
        "phase.noticed", "phase.attended", "phase.reached", "phase.worked", "ended-by.reset",
    },
    "bond": {"link-*.fail", "link-*.repaired"},
    "firewall": {"unit.fail", "unit.repaired"},
    "wan": {"line.fail", "line.repaired"},
    "load_balancer": {"unit.fail", "unit.repaired", "unit.reset"},
    "cloud": {"service.out", "service.back"},
    "primary_standby": {
        "phase.miss", "phase.healed", "phase.elected", "phase.noticed", "phase.attended",
        "phase.reached", "phase.worked", "phase.returned", "phase.move", "phase.moved",
        "phase.sent-away",
        "replica-*.looked-at",
        "replica-*.left-behind", "replica-*.stop", "replica-*.noticed", "replica-*.caught-up",
        "ended-by.reset",
    },
    "active_passive": {"standby-*.spoil", "standby-*.serves", "standby-*.found"},
}  # fmt: skip
"""By type: each transition that there is, names and numbers replaced by stars.

Of `active_passive` those of a latent standby. What a mirror can do takes more than half a year; it
is held fifty times in ``tests/oracle/parts/test_mirror_figures.py``.
"""


@cache
def model_of(number: int) -> tuple[Model, list[str]]:
    design = design_of(drawn(number))
    model = build(design.resolved).model
    return model, moves_of(design, model)


def assert_equal(model: Model, horizon: float, seed: int) -> Batch:
    """Hold both engines to the same trace, outages and figures; return what they give."""
    one = reference.simulate(model, horizon=horizon, trace=True, seed=seed)
    other = kernel.simulate(model, horizon=horizon, trace=True, seed=seed)
    for name in ("trace", "values", "events", "episodes", "contributors", "samples", "turns"):
        a, b = getattr(one, name), getattr(other, name)
        assert a.shape == b.shape, name
        assert a.tobytes() == b.tobytes(), name
    return other


@pytest.mark.parametrize("number", range(DESIGNS))
def test_random_designs(number: int) -> None:
    model, _ = model_of(number)
    batch = assert_equal(model, YEAR / 2, number)
    assert batch.events[0] > 100
    # An instant ends: nothing goes round in circles in it.
    assert longest_instant(model, batch) < 60


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_designs_at_ten_times_the_faults(file: Path) -> None:
    model = hastened(build(load(file).resolved).model, 10.0)
    batch = assert_equal(model, 2 * YEAR, 5)
    faults = [model.transitions[k].cls == "fault" for k in batch.trace["transition"]]  # type: ignore[index]
    assert sum(faults) > 200


TESTED = ("test", "tested", "upset", "restored", "look", "looked", "lapsed")
"""What regular tests of a failover do, a few times in half a year: `RARE` has a design for them."""


def listed(move: str) -> bool:
    """Return whether a transition is one of those that have to fire."""
    kind = move.partition("/")[0]
    seldom = kind == "primary_standby" and move.rpartition(".")[2] in TESTED
    return (
        kind in MOVES
        and not seldom
        and (kind != "active_passive" or move.startswith("active_passive/standby-"))
    )


def test_every_transition_fires() -> None:
    """As often as is stated; one that nobody has listed fails, as does one that no design has.

    What is rare fires here now and then, and often in the designs of the next test.
    """
    rare = set(filter(listed, set().union(*(moves for _, _, moves in RARE.values()))))
    counts: Counter[str] = Counter()
    there = set()
    for number in range(DESIGNS):
        model, moves = model_of(number)
        trace = kernel.simulate(model, horizon=YEAR / 2, trace=True, seed=number).trace
        assert trace is not None
        there |= set(filter(listed, moves))
        counts.update(moves[k] for k in trace["transition"])
    assert there == {f"{kind}/{move}" for kind, moves in MOVES.items() for move in moves}
    assert rare <= there
    floors = {move: NOW_AND_THEN if move in rare else OFTEN for move in there}
    assert {move: counts[move] for move in there if counts[move] < floors[move]} == {}
    assert sum(counts[move] for move in counts if move.startswith("mirror/")) > 500


@pytest.mark.parametrize("name", RARE)
def test_what_is_rare_fires_as_often(name: str) -> None:
    """In a design made for it, which runs the same on both."""
    made, years, rare = RARE[name]
    design = design_of(made())
    model = build(design.resolved).model
    batch = assert_equal(model, years * YEAR, 1)
    assert batch.trace is not None
    moves = moves_of(design, model)
    counts = Counter(moves[k] for k in batch.trace["transition"])
    assert {move: counts[move] for move in rare if counts[move] < OFTEN} == {}
    assert longest_instant(model, batch) < 60


def test_all_kinds_meet() -> None:
    """Each pair of kinds stands in a design here, and in ten of the long form."""
    here, all_of_them = (
        Counter(pair for number in range(count) for pair in pairs_of(kinds_of(drawn(number))))
        for count in (DESIGNS, MORE)
    )
    assert set(here) == set(PAIRS)
    assert set(KINDS) >= {"active_passive", "active_active", "vrrp", "bond", "wan", "firewall"}
    assert min(all_of_them.values()) >= 10
