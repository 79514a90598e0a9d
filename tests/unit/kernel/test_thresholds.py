"""A sum with several thresholds through every change there is, against counting by hand."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic
from pacsim.engines.kernel import Runner

STATES = tuple(product(("off", "on"), repeat=3))


def walk() -> list[tuple[str, ...]]:
    """Return a closed walk that takes every step between two different states exactly once."""
    left = {state: [other for other in STATES if other != state] for state in STATES}
    path, found = [STATES[0]], []
    while path:  # Hierholzer's algorithm
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            found.append(path.pop())
    return found[::-1]


@pytest.mark.parametrize("plain", [True, False])
def test_every_step_between_sums(plain: bool) -> None:
    steps = walk()
    assert len({*pairwise(steps)}) == len(STATES) * (len(STATES) - 1)
    m = ModelBuilder()
    units = [m.element(f"unit-{k}", "off on") for k in range(3)]
    driver = m.element("driver", " ".join(f"at-{k}" for k in range(len(steps))))
    for k, target in enumerate(steps[1:]):
        effects = [
            unit.move({"off": now, "on": now}) for unit, now in zip(units, target, strict=True)
        ]
        driver.after(f"at-{k} -> at-{k + 1}", Deterministic(1.0), f"go-{k}", effects=effects)
    on = [unit == "on" for unit in units]
    for k in (1, 2, 3):
        m.gate_time(f"{k} on", m.at_least(k, on))
        # What is read of a guard must be as good as what is observed.
        bell = m.element(f"bell-{k}", "still rung")
        enough = m.at_least(k, on)
        ring = bell.after("still -> rung", Deterministic(0.5), f"ring-{k}", when=enough)
        bell.after("rung -> still", Deterministic(0.25), f"rest-{k}")
        m.firings(f"rings of {k}", ring)
    runner = Runner(m.build(), float(len(steps)))
    runner.plain = plain
    batch = runner.batch(1, 0, 2)
    counts = [state.count("on") for state in steps]
    for k in (1, 2, 3):
        inside = [count >= k for count in counts]
        assert list(batch[f"{k} on"]) == [sum(inside)] * 2
        # In a stay it rings after 0.5, 1.25, 2.0, ... s; at its end too, as the first by index.
        stays = [len(run) for run in "".join("#" if x else " " for x in inside).split()]
        rings = sum(sum(0.5 + 0.75 * j <= stay for j in range(2 * stay)) for stay in stays)
        assert list(batch[f"rings of {k}"]) == [rings] * 2
