"""What a tally has seen goes into bytes and comes back, bit for bit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pacsim.campaign.tallies import TALLIES, DesignTally
from pacsim.design import load
from pacsim.engines.kernel import Runner
from pacsim.stats import Moments
from pacsim.studies.tally_states import from_bytes, restore, state_of, to_bytes
from pacsim.units import YEAR

MODELS = Path(__file__).parents[3] / "models" / "designs"
FILES = ("active-passive.yaml", "single-server.yaml", "active-active.yaml")
SEED = 11


@cache
def empty(file: str) -> tuple[DesignTally, Runner]:
    tally = DesignTally.of(load(MODELS / file))
    return tally, Runner(tally.reader.model, tally.reader.term, YEAR)


def seen(file: str, first: int, end: int) -> DesignTally:
    tally, runner = empty(file)
    made = tally.empty()
    made.add(runner.batch(SEED, first, end - first))
    return made


def alike(one: DesignTally, other: DesignTally) -> bool:
    """Return whether both hold the same bits, a zero's sign among them."""
    a, b = state_of(one), state_of(other)
    return list(a) == list(b) and all(
        x.shape == b[name].shape and x.dtype == b[name].dtype and x.tobytes() == b[name].tobytes()
        for name, x in a.items()
    )


def test_every_kind_of_tally_is_tried() -> None:
    tried = {kind for file in FILES for kind, _ in empty(file)[0].tallies}
    assert tried == set(TALLIES)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("first", "end"), [(0, 192), (64, 192), (0, 70), (100, 150)])
def test_a_round_trip_keeps_every_bit(file: str, first: int, end: int) -> None:
    """Sees: an attribute that is missing in ``kept``; a block that is not whole left out."""
    tally = seen(file, first, end)
    back = tally.empty()
    restore(back, from_bytes(to_bytes(state_of(tally))))
    assert alike(back, tally)
    assert back.rows() == tally.rows()
    rest = seen(file, end, end + 100)
    for one in (tally, back):
        one.merge(rest)
    assert alike(back, tally)
    assert back.rows() == tally.rows()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_states_merged_have_the_bits_of_one_stream(order: tuple[int, ...]) -> None:
    cuts = (0, 64, 170, 256)
    parts = [to_bytes(state_of(seen(FILES[0], cuts[k], cuts[k + 1]))) for k in range(3)]
    whole = empty(FILES[0])[0].empty()
    for k in order:
        part = whole.empty()
        restore(part, from_bytes(parts[k]))
        whole.merge(part)
    assert alike(whole, seen(FILES[0], 0, 256))


def test_a_negative_zero_is_not_lost() -> None:
    """Sees: columns left out because they compare equal to 0."""
    rows = np.zeros((64, 3))
    rows[:, 1] = -0.0
    moments, back = Moments(3), Moments(3)
    moments.add(rows)
    back.restore(moments.state())
    assert np.signbit(back.mean).tolist() == np.signbit(moments.mean).tolist()


def test_the_state_of_another_design_is_refused() -> None:
    state = state_of(seen(FILES[0], 0, 64))
    with pytest.raises(ValueError, match=r"another design|columns is none of"):
        restore(empty(FILES[1])[0].empty(), state)


def test_damaged_bytes_are_refused() -> None:
    content = to_bytes(state_of(seen(FILES[1], 0, 64)))
    for broken in (content[:-20], content[:40] + b"\x00\x01" + content[42:], b""):
        with pytest.raises(ValueError, match="damaged"):
            from_bytes(broken)


def test_skewness_of_columns_is_that_of_the_formula() -> None:
    from scipy.stats import skew

    rng = np.random.default_rng(3)
    rows = np.column_stack([rng.exponential(2.0, 300), rng.normal(5.0, 1.0, 300), np.zeros(300)])
    moments = Moments(3)
    moments.add(rows)
    assert moments.skewness == pytest.approx([skew(rows[:, 0]), skew(rows[:, 1]), 0.0], abs=1e-9)


def test_the_trail_has_the_mean_of_each_block() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 2))
    moments = Moments(2)
    moments.trail = []
    moments.add(rows[:100])
    moments.add(rows[100:])
    means = np.stack(moments.trail)
    assert means == pytest.approx(rows[:192].reshape(3, 64, 2).mean(axis=1), abs=1e-14)
    assert moments.rest is not None
    assert moments.rest[0] == 8
    assert moments.rest[1][1] == pytest.approx(rows[192:].mean(axis=0), abs=1e-14)
