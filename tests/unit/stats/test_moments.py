"""Moments: joined ones, and rows of any memory layout."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from pacsim.stats import BLOCK, Moments, Skewness


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


def partitions(total: int, seed: int) -> list[tuple[int, int]]:
    """Return ranges that make up the replications, some of a block and a bit, some of one."""
    rng = np.random.default_rng(seed)
    cuts = np.unique(np.concatenate([[0, total], rng.integers(0, total, rng.integers(1, 30))]))
    return [(int(a), int(b)) for a, b in pairwise(cuts)]


@pytest.mark.parametrize("seed", range(12))
def test_any_partition_and_any_order_give_the_bits_of_one_stream(seed: int) -> None:
    """Over several workers, each with ranges of its own in any order, merged in any order."""
    rng = np.random.default_rng(100 + seed)
    total = int(rng.integers(1, 40 * BLOCK))
    rows = rows_of(total) * (rng.random((total, 3)) < 0.7)
    whole, skew = filled(rows), Skewness()
    skew.add(rows[:, 0])
    ranges = partitions(total, seed)
    rng.shuffle(ranges)
    workers = [(Moments(3), Skewness()) for _ in range(int(rng.integers(1, 6)))]
    for first, end in ranges:
        moments, own = workers[int(rng.integers(len(workers)))]
        moments.add(rows[first:end], first)
        own.add(rows[first:end, 0], first)
    rng.shuffle(workers)
    (found, other_skew), *others = workers
    for moments, own in others:
        before = pickle.dumps(moments)
        found.merge(moments)
        other_skew.merge(own)
        assert pickle.dumps(moments) == before
    assert found.n == total
    assert (found.eventful == np.count_nonzero(rows, axis=0)).all()
    assert found.mean.tobytes() == whole.mean.tobytes()
    assert found.covariance.tobytes() == whole.covariance.tobytes()
    assert other_skew.value == skew.value
    assert found.mean == pytest.approx(rows.mean(axis=0), rel=1e-12)
    # All is there, so nothing waits but a last block that is not whole.
    assert found.waiting == (total % BLOCK > 0)
    whole.add(rows[:70])
    found.add(rows[:70])
    assert found.covariance.tobytes() == whole.covariance.tobytes()


def test_a_stream_keeps_no_more_than_a_block() -> None:
    made = Moments(2)
    for k in range(100):
        made.add(rows_of(37, 2))
        assert made.waiting <= 1
        assert made.n == 37 * (k + 1)


def test_what_is_missing_leaves_its_place() -> None:
    """Parts that do not follow one another are moments of what is there."""
    rows = rows_of(5 * BLOCK)
    made = Moments(3)
    made.add(rows[2 * BLOCK + 5 :], 2 * BLOCK + 5)
    made.add(rows[:BLOCK], 0)
    there = np.concatenate([rows[:BLOCK], rows[2 * BLOCK + 5 :]])
    assert made.n == len(there)
    assert np.allclose(made.covariance, np.cov(there.T), rtol=1e-9)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (63, 2), (200, 64), (150, 5), (128, 64)])
def test_a_replication_counts_once(first: int, count: int) -> None:
    """Blocks 0 and 1 are folded, 140 to 159 are a piece, 192 to 255 are kept."""
    made = Moments(3)
    for start, end in ((0, 128), (140, 160), (192, 256)):
        made.add(rows_of(end - start), start)
    with pytest.raises(ValueError, match="counts once"):
        made.add(rows_of(count), first)
    other = Moments(3)
    other.add(rows_of(count), first)
    with pytest.raises(ValueError, match="counts once"):
        made.merge(other)


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
