"""Runs to a precision: closed forms, the same bits whatever the threads, wrong wishes in words."""

import math
import threading
from dataclasses import replace
from typing import Any

import pytest

from pacsim.core import Model, ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines import kernel
from tests.close import close

T = 1000.0
FAIL, REPAIR = 1 / 90.0, 1 / 10.0


def unit() -> Model:
    m = ModelBuilder()
    u = m.element("u", "up down", fault="down")
    fail = u.after("up -> down", Exponential(1 / FAIL), "fail", cls="fault")
    u.after("down -> up", Exponential(1 / REPAIR), "repair", cls="repair", renew=True)
    m.gate_time("down", u == "down")
    m.firings("failures", fail)
    m.level_time("number", m.count([u == "down"]))
    m.level_integral("worth", m.count([u == "down"]) * -1.0)
    m.first_passage("first", u == "down")
    return m.build()


def mean_down() -> float:
    both = FAIL + REPAIR
    return FAIL / both * (T + math.expm1(-both * T) / both)


def test_estimates_hold_the_closed_forms() -> None:
    found = kernel.run_until(unit(), "down", precision=0.02, horizon=T, level=0.999)
    expected = {
        "down": mean_down(),
        "failures": FAIL * (T - mean_down()),
        "worth": -mean_down(),
        "first": -math.expm1(-FAIL * T),
    }
    assert set(found.estimates) == set(expected)
    for name, value in expected.items():
        of = found[name]
        assert of.lower is not None
        assert of.upper is not None
        assert of.lower <= value <= of.upper, name
    assert found.reached
    assert found["down"].half_width <= 0.02 * mean_down() * 1.05


def test_it_stops_at_the_first_look_that_is_good_enough() -> None:
    """Looks are at 256, 320, 448 ... replications; the figures are those of a batch as long."""
    found = kernel.run_until(unit(), "down", precision=0.03, horizon=T)
    batch = kernel.simulate(unit(), count=found.replications, horizon=T)
    of = batch.mean("down")
    assert found["down"].value == close(float(batch["down"].mean()), rel=1e-12)
    assert found["down"].error == close(float(of.error or 0.0), rel=1e-10)
    assert found["first"] == batch.mean("first")
    looks = [n for n in kernel_looks() if n < found.replications]
    before = replace(batch, values=batch.values[: looks[-1]]).mean("down")
    assert before.value is not None
    assert before.half_width > 0.03 * before.value
    assert of.value is not None
    assert of.half_width <= 0.03 * of.value


def kernel_looks() -> list[int]:
    looks, n = [], 256
    while n < 100_000:
        looks.append(n)
        n = max(n + 64, math.ceil(n * 1.25 / 64) * 64)
    return looks


@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_bits_whatever_the_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = kernel.run_until(unit(), "down", precision=0.03, horizon=T, threads=1)
    assert one.replications > 512
    run: Any = kernel.run

    def ragged(*arguments: Any, **options: Any) -> Any:
        return run(*arguments, **options, target_seconds=1e-6)

    monkeypatch.setattr("pacsim.engines.kernel.until.run", ragged)
    assert kernel.run_until(unit(), "down", precision=0.03, horizon=T, threads=threads) == one


def test_a_ceiling_ends_it_and_nothing_goes_on() -> None:
    found = kernel.run_until(unit(), "down", precision=1e-4, horizon=T, replications=700)
    assert (found.reached, found.replications) == (False, 700)
    assert found["down"].n == 700
    assert not [t for t in threading.enumerate() if t.name.startswith("pacsim")]


def test_shares_of_time() -> None:
    seconds = kernel.run_until(unit(), "down", precision=0.05, horizon=T)
    share = kernel.run_until(unit(), "down", precision=0.05, horizon=T, per=T)
    assert share.replications == seconds.replications
    assert (share["down"].value or 0.0) * T == close(seconds["down"].value or 0.0, rel=1e-12)
    assert share["first"] == seconds["first"]


def test_what_is_rarely_seen_is_not_stopped_at_by_luck() -> None:
    """At least 50 replications with something to count."""
    m = ModelBuilder()
    u = m.element("u", "up down", fault="down")
    u.after("up -> down", Exponential(100.0 * T), "fail", cls="fault")
    m.first_passage("first", u == "down")
    found = kernel.run_until(m.build(), "first", precision=0.9, horizon=T, level=0.999)
    first = found["first"]
    assert found.reached
    assert found.replications * (first.value or 0.0) >= 50
    assert first.lower is not None
    assert first.upper is not None
    assert first.lower < -math.expm1(-0.01) < first.upper


def test_wrong_wishes_are_refused_in_words() -> None:
    model = unit()
    with pytest.raises(KeyError, match="no observation 'dwon'; there are 'down'"):
        kernel.run_until(model, "dwon", precision=0.1, horizon=T)
    with pytest.raises(ValueError, match="'number' has several columns"):
        kernel.run_until(model, "number", precision=0.1, horizon=T)
    with pytest.raises(ValueError, match=r"precision 0.0 .*; per -1 .*; replications 0 must"):
        kernel.run_until(model, "down", precision=0.0, horizon=T, per=-1, replications=0)
    with pytest.raises(ValueError, match=r"horizon -1\.0 must be > 0"):
        kernel.run_until(model, "down", precision=0.1, horizon=-1.0)
    with pytest.raises(KeyError, match="no estimate of 'number'; there are 'down', 'failures'"):
        kernel.run_until(model, "down", precision=0.1, horizon=T)["number"]
