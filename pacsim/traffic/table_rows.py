"""Rows of large tables: copied whole, put in order, and the least of each case.

NumPy copies records field by field, sorts long whole numbers by comparison and applies
``minimum.at`` one by one; each of these takes ten times as long as it must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGIT = 16
"""Bits by which whole numbers are sorted at once: NumPy counts so short ones."""
SPARE = 3
"""Bits by which a table of hashes is larger than what is in it: one key in 16 finds another's."""
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 by the golden ratio."""


def rows_at(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the records at some places, as ``rows[at]``.

    Parameters
    ----------
    rows : ndarray of records, shape (n,)
        A table.
    at : ndarray of int64
        From 0.

    Examples
    --------
    >>> table = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", np.int8), ("b", np.float64)])
    >>> rows_at(table, np.array([1, 0, 1])).tolist()
    [(3, 4.0), (1, 2.0), (3, 4.0)]
    """
    found: np.ndarray = _plain(rows).take(at).view(rows.dtype)
    return found


class ColumnsInOrder:
    """Columns of a table, each of which is put in order when it is first asked for.

    Parameters
    ----------
    rows : ndarray of records, shape (n,)
        The table.
    order : ndarray of int64
        Which of its rows, in which order.

    Examples
    --------
    >>> table = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", np.int8), ("b", np.float64)])
    >>> ColumnsInOrder(table, np.array([1, 0]))["b"].tolist()
    [4.0, 2.0]
    """

    def __init__(self, rows: np.ndarray, order: np.ndarray) -> None:
        self._rows, self._order = rows, order
        self._known: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column."""
        if name not in self._known:
            self._known[name] = np.ascontiguousarray(self._rows[name]).take(self._order)
        return self._known[name]


def rows_joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the records of several tables of one kind, at least one, as ``np.concatenate``.

    Examples
    --------
    >>> table = np.array([(1, 2.0)], dtype=[("a", np.int8), ("b", np.float64)])
    >>> rows_joined([table, table]).tolist()
    [(1, 2.0), (1, 2.0)]
    """
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([_plain(one) for one in parts]).view(parts[0].dtype)


def rows_copied(rows: np.ndarray) -> np.ndarray:
    """Return the same records in memory of their own, as ``rows.copy()``.

    Examples
    --------
    >>> table = np.array([(1, 2.0)], dtype=[("a", np.int8), ("b", np.float64)])
    >>> rows_copied(table).tolist(), np.shares_memory(rows_copied(table), table)
    ([(1, 2.0)], False)
    """
    return rows.view(np.uint8).copy().view(rows.dtype)


def _plain(rows: np.ndarray) -> np.ndarray:
    """Return records as so many bytes each."""
    return rows.view(np.dtype((np.void, rows.dtype.itemsize)))


def rising_order(numbers: np.ndarray) -> np.ndarray:
    """Return the order in which whole numbers >= 0 rise; equal ones stay as they are.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)
        The smaller the largest, the faster.

    Examples
    --------
    >>> rising_order(np.array([70_000, 2, 70_000, 1])).tolist()
    [3, 1, 0, 2]
    """
    if not (numbers[1:] < numbers[:-1]).any():
        return np.arange(len(numbers))
    most = int(numbers.max())
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(DIGIT, most.bit_length(), DIGIT):
        digit = (numbers[order] >> shift).astype(np.uint16)
        order = order[np.argsort(digit, kind="stable")]
    return order


def starts_of_runs(numbers: np.ndarray) -> np.ndarray:
    """Return where each run of equal numbers begins.

    Examples
    --------
    >>> starts_of_runs(np.array([4, 4, 7, 9, 9])).tolist()
    [0, 2, 3]
    """
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    return np.append(0, np.flatnonzero(numbers[1:] != numbers[:-1]) + 1)


def least_of_runs(numbers: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Return the least value of each number; infinity for those without.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)
        From 0, rising.
    values : ndarray of float64, shape (n,)
        One for each.
    count : int
        How many numbers there are.

    Examples
    --------
    >>> least_of_runs(np.array([0, 0, 2]), np.array([5.0, 3.0, 4.0]), 3).tolist()
    [3.0, inf, 4.0]
    """
    found = np.full(count, np.inf)
    starts = starts_of_runs(numbers)
    if len(starts):
        found[numbers[starts]] = np.minimum.reduceat(values, starts)
    return found


def places_in(sorted_keys: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return where keys stand among rising ones, -1 where they do not.

    Examples
    --------
    >>> places_in(np.array([2, 5, 9]), np.array([9, 3, 2])).tolist()
    [2, -1, 0]
    """
    if len(keys) == len(sorted_keys) and (keys == sorted_keys).all():
        return np.arange(len(keys))
    if not len(sorted_keys):
        return np.full(len(keys), -1)
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return np.where(sorted_keys[at] == keys, at, -1)


def scattered_places_in(sorted_keys: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the same of many keys in any order: looked up by their hash, if they are its first.

    Examples
    --------
    >>> scattered_places_in(np.array([2, 5, 9]), np.array([9, 3, 2, 9])).tolist()
    [2, -1, 0, 2]
    """
    bits = len(sorted_keys).bit_length() + SPARE
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=np.int32)
    if not len(sorted_keys):
        return np.full(len(keys), -1)
    table[_hashes(sorted_keys, shift)] = np.arange(len(sorted_keys))
    at = table.take(_hashes(keys, shift)).astype(np.int64)
    others = np.flatnonzero(sorted_keys.take(at) != keys)
    at[others] = places_in(sorted_keys, keys[others])
    return at


def _hashes(keys: np.ndarray, shift: np.uint64) -> np.ndarray:
    """Return the first bits of whole numbers times an odd one (Knuth 1973, multiplicative)."""
    hashes: np.ndarray = (keys.astype(np.uint64) * GOLDEN) >> shift
    return hashes.view(np.int64)
