"""Runs that make no sense are refused alike by both simulators, with all that is wrong."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential
from pacsim.engines import kernel, reference


def model() -> Any:
    m = ModelBuilder()
    a = m.element("a", "up down")
    a.after("up -> down", Exponential(10.0), "fail")
    m.gate_time("down", a == "down", by_window=True)
    return m.build()


@pytest.mark.parametrize("engine", [kernel.simulate, reference.simulate])
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"horizon": 0.0}, r"horizon 0\.0 must be > 0"),
        ({"horizon": float("nan")}, "horizon nan"),
        ({"horizon": float("inf")}, "horizon inf"),
        ({"horizon": 9.0, "window": 0.0}, r"window 0\.0"),
        ({"horizon": 9.0, "window": float("nan")}, "window nan"),
        ({"horizon": 9.0, "count": -1}, "count -1"),
        ({"horizon": 9.0, "first": -1}, "first -1"),
        ({"horizon": 9.0, "seed": -1}, "seed -1"),
        ({"horizon": 9.0, "seed": 1 << 64}, "seed 18446744073709551616"),
        ({"horizon": 9.0, "count": 2, "trace": True}, "not of 2"),
        ({"horizon": "9"}, "horizon '9' must be"),
        ({"horizon": 9.0, "window": 1e-9}, "window 1e-09 cuts 9.0 into more than 1000000 windows"),
        ({"horizon": 9.0, "seed": 1.5}, "seed 1.5 must be a whole number"),
        ({"horizon": 9.0, "seed": "1"}, "seed '1' must be a whole number"),
        ({"horizon": 9.0, "count": 2.0}, "count 2.0 must be a whole number"),
        ({"horizon": 9.0, "first": 1 << 63}, "first 9223372036854775808 must be"),
        ({"horizon": 9.0, "first": 1 << 52}, "first 4503599627370496 must be"),
        ({"horizon": 9.0, "count": True}, "count True must be a whole number"),
        ({"horizon": None}, "horizon None must be"),
        ({"horizon": 10**400}, "must be > 0 and finite"),
        ({"horizon": -1.0, "first": -1, "seed": -1}, "horizon.*seed.*first"),
    ],
)
def test_refused(engine: Any, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        engine(model(), **asked)


@pytest.mark.parametrize("engine", [kernel.simulate, reference.simulate])
def test_nothing_asked_is_nothing_done(engine: Any) -> None:
    batch = engine(model(), horizon=9.0, count=0)
    assert batch.values.shape == (0, 1)
    assert len(batch.events) == len(batch.episodes) == 0


@pytest.mark.parametrize("engine", [kernel.simulate, reference.simulate])
def test_whole_numbers_of_numpy_are_whole_numbers(engine: Any) -> None:
    plain = engine(model(), horizon=9.0, seed=5, first=250, count=10).values
    odd = engine(
        model(), horizon=9.0, seed=np.int64(5), first=np.uint8(250), count=np.int8(10)
    ).values
    assert odd.tobytes() == plain.tobytes()


def test_windows_of_any_kind_of_number_are_the_same_for_both() -> None:
    windows: list[Any] = [np.float32(3.3), Fraction(10, 3)]
    for window in windows:
        made: Any = [
            e(model(), horizon=99, window=window) for e in (kernel.simulate, reference.simulate)
        ]
        assert made[0].values.tobytes() == made[1].values.tobytes()
