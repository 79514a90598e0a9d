"""Moments: joined ones, and rows of any memory layout."""

import numpy as np
import pytest

from pacsim.stats import BLOCK, Moments


def rows_of(count: int, columns: int = 3) -> np.ndarray:
    return np.random.default_rng(7).lognormal(3.0, 2.0, (count, columns))


def filled(rows: np.ndarray) -> Moments:
    made = Moments(rows.shape[1])
    made.add(rows)
    return made


@pytest.mark.parametrize("columns", [1, 2, 5, 17])
def test_memory_layout_does_not_matter(columns: int) -> None:
    """Column-major rows give the same bits: numpy would add those up in another order."""
    rows = rows_of(5 * BLOCK + 11, columns)
    plain, turned = filled(rows), filled(np.asfortranarray(rows))
    assert (plain.mean == turned.mean).all()
    assert (plain.covariance == turned.covariance).all()


@pytest.mark.parametrize(
    ("first", "second"),
    [(0, 10), (10, 0), (10, 10), (64, 64), (130, 5), (5, 130), (1000, 1000), (0, 0)],
)
def test_joined_moments_are_those_of_all_rows(first: int, second: int) -> None:
    """Whatever is left over from whole blocks in either; rows can be added afterwards."""
    rows = rows_of(first + second + 100)
    joined, other = filled(rows[:first]), filled(rows[first : first + second])
    joined.merge(other)
    assert joined.n == first + second
    assert other.n == second
    joined.add(rows[first + second :])
    assert joined.n == len(rows)
    assert np.allclose(joined.mean, rows.mean(axis=0), rtol=1e-12)
    assert np.allclose(joined.covariance, np.cov(rows.T), rtol=1e-9)


def test_joining_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns cannot join"):
        Moments(3).merge(Moments(2))


def test_a_large_offset_keeps_its_digits() -> None:
    """Planted fault: the sum of squares less the square of the sum has no digit left here."""
    rows = 1e9 + np.random.default_rng(1).normal(0.0, 1.0, (10_000, 1))
    exact = float((rows - rows.mean()).var(ddof=1))
    assert filled(rows).covariance[0, 0] == pytest.approx(exact, rel=1e-9)
    naive = float((rows**2).mean() - rows.mean() ** 2)
    assert naive != pytest.approx(exact, rel=1e-2)
