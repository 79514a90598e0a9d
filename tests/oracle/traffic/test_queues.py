"""Closed forms 27 to 32, by the compiled simulator at the suite's rate of false alarms.

The readable simulator runs a shorter form, which must be the same to the bit.

How chance is taken out is said in `queueing`; the smallest errors that each would see, here and in
a longer form, are printed by `experiments/validation/traffic/queues.py`.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference import ReferenceTraffic
from tests.oracle.traffic.queue_figures import FORMS, Waits, spread
from tests.oracle.traffic.queueing import (
    Estimate,
    Queue,
    erlang_b,
    erlang_c,
    exponential_wait,
    fixed_wait,
    lost_on_arrival,
    single_wait,
    waits_in_turn,
)
from tests.statistical import likely

if TYPE_CHECKING:
    from tests.oracle.traffic.queueing import Served

SEED = 3
NAMES = (
    "27 one, exponential",
    "27 one, fixed",
    "27 four, exponential",
    "27 four, fixed",
    "27 eight, exponential",
    "27 eight, fixed",
    "28 wait",
    "28 present",
    "29 exponential",
    "29 variation 3",
    "30 beyond p95",
    "31 wait",
    "31 over a second",
    "32 fixed",
    "32 exponential",
    "32 variation 3",
)


LONGER, SHORTER = 3.0, 0.15
"""Factors on the batches of a queue: of what is judged, and of what is held to the bit."""


@cache
def served(queue: Queue) -> Served:
    return queue.longer(LONGER).run(CompiledTraffic, SEED)


def test_all_forms_are_judged() -> None:
    assert set(NAMES) == set(FORMS)


def test_the_formulae_give_the_figures_that_were_asked_for() -> None:
    rights = {name: figure.right for name, (_, figure) in FORMS.items()}
    for name, right in {
        "27 one, fixed": 5.0,
        "27 four, fixed": 1.74554,
        "27 eight, fixed": 1.17849,
        "28 wait": 60.0,
        "28 present": 1.33333,
        "29 exponential": 120.0,
        "29 variation 3": 240.0,
        "31 wait": 0.74554,
        "31 over a second": 0.267994,
        "32 fixed": 0.228145,
    }.items():
        assert rights[name] == pytest.approx(right, rel=3e-6)
    assert -math.log(0.05) / 0.2 == pytest.approx(14.9787, rel=3e-6)
    assert spread(1.0).mean() == 1.0
    # One server: the chain of fixed services is Pollaczek and Khinchine's formula.
    assert fixed_wait(1, 0.8) == pytest.approx(single_wait(0.8, 0.0), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_of_the_formulae(name: str) -> None:
    # Sees: one worker more or less, a share that is not given back, places in any order.
    queue, figure = FORMS[name]
    likely(figure.estimate(served(queue)).p(figure.right))


@pytest.mark.slow
@pytest.mark.parametrize("queue", {line.queue: None for line in FORMS.values()})
def test_the_readable_simulator_serves_alike(queue: Queue) -> None:
    short = queue.longer(SHORTER)
    one, other = (short.run(simulator, SEED) for simulator in (ReferenceTraffic, CompiledTraffic))
    assert len(one.end) > 100
    for name in ("came", "took", "start", "end", "how"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["28 wait", "29 exponential", "29 variation 3", "30 beyond p95"])
def test_one_station_serves_in_turn(name: str) -> None:
    """Each wait, and not only their mean, is Lindley's."""
    found = served(FORMS[name].queue)
    waits = waits_in_turn(found.came, found.took, 1)
    assert found.start - found.came == pytest.approx(waits, abs=1e-6)


def plain(values: np.ndarray, batches: int = 100) -> Estimate:
    """Return a mean over arrivals one after another, from batches."""
    means = values[: len(values) // batches * batches].reshape(batches, -1).mean(axis=1)
    return Estimate(float(means.mean()), float(means.std(ddof=1)) / math.sqrt(batches), batches - 1)


SYSTEMS: dict[str, tuple[Waits, float, float]] = {
    "M/M/1": (lambda came, took: waits_in_turn(came, took, 1), 0.7, single_wait(0.7, 1.0)),
    "M/M/4": (lambda came, took: waits_in_turn(came, took, 4), 3.0, exponential_wait(4, 3.0)),
    "M/M/4 delayed": (
        lambda came, took: waits_in_turn(came, took, 4) > 0.0,
        3.0,
        erlang_c(4, 3.0),
    ),
    "M/D/4": (lambda came, took: waits_in_turn(came, 0 * took + 1, 4), 3.0, fixed_wait(4, 3.0)),
    "M/M/4/4": (lambda came, took: lost_on_arrival(came, took, 4), 3.2, erlang_b(4, 3.2)),
}


@pytest.mark.parametrize("name", ["M/M/1", "M/M/4", "M/M/4 delayed", "M/D/4", "M/M/4/4"])
def test_the_systems_beside_have_their_means(name: str) -> None:
    """On arrivals of another generator: else one fault in both would not be seen."""
    system, load, right = SYSTEMS[name]
    rng = np.random.default_rng(20261128)
    came = np.cumsum(rng.exponential(1.0 / load, 100_000))
    likely(plain(system(came, rng.exponential(1.0, len(came)))).p(right))
