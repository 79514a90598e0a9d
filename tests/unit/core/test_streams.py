"""Streams: published known answers, open interval, keyed by names."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacsim.core import streams
from pacsim.core.streams import MASK, mix64, replication_key, stream_id, threefry, uniform

# Random123 1.09, examples/kat_vectors, threefry2x64 with 13 and 20 rounds.
PI = (0x243F6A8885A308D3, 0x13198A2E03707344)
PI_KEY = (0xA4093822299F31D0, 0x082EFA98EC4E6C89)
KNOWN = [
    (13, (0, 0), (0, 0), (0xF167B032C3B480BD, 0xE91F9FEE4B7A6FB5)),
    (20, (0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    (20, (MASK, MASK), (MASK, MASK), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
    (20, PI_KEY, PI, (0x263C7D30BB0F0AF1, 0x56BE8361D3311526)),
]


@pytest.mark.parametrize(("rounds", "key", "counter", "answer"), KNOWN)
def test_known_answers(
    rounds: int, key: tuple[int, int], counter: tuple[int, int], answer: tuple[int, int]
) -> None:
    assert threefry(key, counter, rounds) == answer


def test_splitmix_known_answers() -> None:
    """First outputs of SplitMix64 from seed 0 (Vigna's reference program)."""
    golden = 0x9E3779B97F4A7C15
    assert [mix64(golden * k & MASK) for k in (1, 2, 3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


@pytest.mark.slow
@given(st.integers(0, MASK), st.integers(0, 2**40), st.text(), st.integers(0, 2**40))
def test_uniforms_lie_strictly_inside(seed: int, replication: int, name: str, n: int) -> None:
    u = uniform(replication_key(seed, replication), stream_id(name), n)
    assert 2.0**-53 <= u <= 1 - 2.0**-53
    assert math.ldexp(u, 53) == int(math.ldexp(u, 53))


def test_the_ends_of_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, u in ((0, 2.0**-53), (MASK, 1 - 2.0**-53)):
        monkeypatch.setattr(streams, "threefry", lambda *_, word=word: (word, 0))
        assert uniform((0, 0), 0, 0) == u


def test_lanes_and_numbers_are_apart_and_uncorrelated() -> None:
    key = replication_key(7, 3)
    lanes = [stream_id("a.fail", lane) for lane in (0, 1, streams.name_hash("b"))]
    draws = np.array([[uniform(key, lane, n) for n in range(4000)] for lane in lanes])
    # Correlations and means of 4000 uniforms: limits at z = 4.5.
    assert np.all(np.abs(np.corrcoef(draws)[np.triu_indices(3, 1)]) < 4.5 / 4000**0.5)
    assert np.all(np.abs(draws.mean(axis=1) - 0.5) < 4.5 / (12 * 4000) ** 0.5)
