"""Rows of tables, against NumPy's own plain forms."""

from __future__ import annotations

import numpy as np

from pacsim.traffic.logs import ATTEMPTS
from pacsim.traffic.table_rows import rows_at, rows_copied, rows_joined

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
