"""Rows of tables, against NumPy's own plain forms."""

from __future__ import annotations

import numpy as np
import pytest

from pacsim.traffic.logs import ATTEMPTS
from pacsim.traffic.table_rows import (
    ColumnsInOrder,
    least_of_runs,
    places_in,
    rising_order,
    rows_at,
    rows_copied,
    rows_joined,
    scattered_places_in,
    starts_of_runs,
)

RNG = np.random.default_rng(18)


def table(rows: int) -> np.ndarray:
    found = np.zeros(rows, dtype=ATTEMPTS)
    for name in ATTEMPTS.names or ():
        found[name] = RNG.integers(0, 100, rows)
    return found


def test_records_are_copied_whole() -> None:
    one, other = table(50), table(3)
    at = RNG.integers(0, 50, 200)
    assert (rows_at(one, at) == one[at]).all()
    assert (rows_joined([one, other[:0], other]) == np.concatenate([one, other])).all()
    copied = rows_copied(one[3:9])
    assert (copied == one[3:9]).all()
    assert not np.shares_memory(copied, one)
    for name in ATTEMPTS.names or ():
        column = ColumnsInOrder(one, at)[name]
        assert column.dtype == one[name].dtype
        assert (column == one[name][at]).all()


@pytest.mark.parametrize("most", [1, 2, 300, 2**16 - 1, 2**16, 2**16 + 1, 2**33, 2**60])
def test_order_is_stable_whatever_the_size_of_numbers(most: int) -> None:
    # Sees: a digit left out, and one that is sorted as if it had a sign.
    for count in (0, 1, 2, 5_000):
        numbers = RNG.integers(0, most, count, endpoint=True)
        if count:
            numbers[RNG.integers(0, count)] = most
        numbers = np.concatenate([numbers, numbers[::-1]])
        assert (rising_order(numbers) == np.argsort(numbers, kind="stable")).all()


@pytest.mark.parametrize("known", [0, 1, 2, 1_000, 30_000])
def test_hashes_find_what_bisection_finds(known: int) -> None:
    # Thousands of keys share their places with others, and half are not there at all.
    for most in (3 * known + 2, 2**61):
        keys = np.unique(RNG.integers(0, most, known))
        asked = np.concatenate([RNG.permutation(keys), RNG.integers(0, most, known + 3)])
        assert (scattered_places_in(keys, asked) == places_in(keys, asked)).all()


def test_places_are_those_of_equal_keys() -> None:
    keys = np.unique(RNG.integers(0, 500, 200))
    asked = RNG.integers(0, 500, 400)
    expected = [np.flatnonzero(keys == key).tolist() or [-1] for key in asked.tolist()]
    assert places_in(keys, asked).tolist() == [one[0] for one in expected]
    assert places_in(keys, keys + 0).tolist() == list(range(len(keys)))


def test_least_of_runs_is_that_of_each_number() -> None:
    numbers = np.sort(RNG.integers(0, 40, 100))
    values = RNG.normal(size=100)
    expected = [min(values[numbers == k].tolist(), default=np.inf) for k in range(45)]
    assert least_of_runs(numbers, values, 45).tolist() == expected
    assert least_of_runs(numbers[:0], values[:0], 2).tolist() == [np.inf, np.inf]
    assert numbers[starts_of_runs(numbers)].tolist() == np.unique(numbers).tolist()
