"""Rows of large tables, copied whole: NumPy copies records field by field, ten times as long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


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
