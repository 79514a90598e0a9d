"""Sobol indices of two functions of which they are known in closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pacsim
from pacsim.design import design_of
from pacsim.errors import PacsimError
from pacsim.studies.sobol import sobol_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.studies.sobol import SobolIndex

POINTS = 2048


def ishigami(u: np.ndarray) -> np.ndarray:
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1, each uniform on (-pi, pi)."""
    x = math.pi * (2.0 * u - 1.0)
    value: np.ndarray = (
        np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )
    return value


def known_ishigami() -> dict[str, tuple[float, float]]:
    """Ishigami and Homma (1990), by the partial variances of a = 7, b = 0.1."""
    a, b = 7.0, 0.1
    one = 0.5 * (1.0 + b * math.pi**4 / 5.0) ** 2
    two = a * a / 8.0
    both = b * b * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = one + two + both
    return {
        "x1": (one / whole, (one + both) / whole),
        "x2": (two / whole, two / whole),
        "x3": (0.0, both / whole),
    }


WEIGHTS = (0.0, 1.0, 4.5, 9.0)


def product(u: np.ndarray) -> np.ndarray:
    """Sobol's g: the product of (|4 u - 2| + a) / (1 + a)."""
    a = np.array(WEIGHTS)
    value: np.ndarray = np.prod((np.abs(4.0 * u - 2.0) + a) / (1.0 + a), axis=1)
    return value


def known_product() -> dict[str, tuple[float, float]]:
    """Saltelli and Sobol (1995): partial variances 1 / 3 (1 + a)^2, and products of them."""
    own = [1.0 / (3.0 * (1.0 + a) ** 2) for a in WEIGHTS]
    whole = math.prod(1.0 + v for v in own) - 1.0
    return {
        f"u{k}": (v / whole, v * math.prod(1.0 + x for j, x in enumerate(own) if j != k) / whole)
        for k, v in enumerate(own)
    }


@pytest.mark.parametrize(
    ("function", "known"),
    [(ishigami, known_ishigami()), (product, known_product())],
    ids=["ishigami", "product"],
)
def test_known_indices(
    function: Callable[[np.ndarray], np.ndarray], known: dict[str, tuple[float, float]]
) -> None:
    """To twice the half-width of the intervals, which must be short."""
    # Sees: first and total exchanged, inputs in another order, another sample than is analysed.
    found = {one.name: one for one in sobol_indices(function, list(known), points=POINTS, seed=3)}
    for name, ends in known.items():
        for of, expected in zip((found[name].first, found[name].total), ends, strict=True):
            assert of.value is not None
            assert of.half_width < 0.1
            assert abs(of.value - expected) < 2.0 * of.half_width + 1e-3


def test_the_seed_decides() -> None:
    def once(seed: int) -> tuple[SobolIndex, ...]:
        return sobol_indices(product, ["a", "b", "c", "d"], points=64, seed=seed)

    assert once(5) == once(5)
    assert once(5) != once(6)


def test_an_input_that_does_nothing_and_a_function_that_does_not_vary() -> None:
    found = sobol_indices(lambda u: u[:, 0], ["does", "nothing"], points=64)
    assert (found[1].first.value, found[1].total.value) == (0.0, 0.0)
    flat = sobol_indices(lambda u: np.ones(len(u)), ["a", "b"], points=16)
    assert all(one.total.value == 0.0 and one.total.upper == 0.0 for one in flat)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"points": 64.0}, "points 64.0 must be a whole number"),
        ({"points": "64"}, "points '64' must be a whole number"),
        ({"points": 0}, "points 0 must be 16 to 4096"),
        ({"points": 100}, "points 100 must be a power of 2, 16 to 4096"),
        ({"inputs": None}, "inputs is no list of paths, None; give a list of 2 or more"),
        ({"inputs": "parts.a.ttr"}, "inputs is no list of paths, 'parts.a.ttr'"),
        ({"inputs": iter(["parts.a.ttr"])}, "1 inputs; choose 2 to 15"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], said: str) -> None:
    ttr = {"exactly": "4 h", "low": "2 h", "high": "8 h"}
    part = {"type": "component", "ttf": "1 year", "ttr": ttr}
    design = design_of(
        {"pacsim": 1, "parts": {"a": part, "b": part}, "roles": {"store": {"needs": ["a", "b"]}}}
    )
    usual: dict[str, Any] = {"inputs": ["parts.a.ttr", "parts.b.ttr"], "progress": False}
    with pytest.raises(PacsimError) as caught:
        pacsim.sobol(design, **(usual | asked))
    assert said in str(caught.value)
