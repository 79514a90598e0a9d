"""Which design is best, found without wasting runs on the worst: KN of Kim and Nelson (2001)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacsim.errors import ArgumentError

LEAST = 32
"""Blocks in which a pair differs before its variance is taken: 16 would do for normal means,
differences of rare faults need more (`experiments/validation/studies/rankings.py`)."""
FIRST_STAGE = 1024
"""Most blocks for which a pair that differs more seldom is waited for."""
MOST = 1000
"""Designs: what is kept grows with their square."""
SAME = 1e-9
"""Block means nearer to each other by size than this are the same: sums leave last digits over."""


def eta(alpha: float, freedom: float) -> float:
    """Return the constant of KN for c = 1, whose equation has a closed form then.

    It is chosen so that 1/2 E[exp(-h^2 S^2 / 2 sigma^2)], by which a design that is worse by just
    the indifference drives out a better one, is alpha where S^2 has a chi-square law; h^2 is
    2 eta (n0 - 1).

    Parameters
    ----------
    alpha : float
        Probability for one pair, in (0, 1/2).
    freedom : float
        Degrees of freedom of the pair's variance, n0 - 1, at least 1.

    Examples
    --------
    >>> round(eta(0.05 / 9, 15), 4)
    0.411
    """
    return float(0.5 * ((2.0 * alpha) ** (-2.0 / freedom) - 1.0))


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a ranking has found.

    Parameters
    ----------
    best : int
        Place of the chosen design.
    alike : tuple of int
        Others that nothing has told from it, by place.
    blocks : tuple of int
        How many blocks of each design were used.
    needed : int
        As many of each the same guarantee would take if no design were driven out before the end.
    sure : bool
        Whether the guarantee holds; not if it was ended before.
    guarantee : str
        In words.
    """

    best: int
    alike: tuple[int, ...]
    blocks: tuple[int, ...]
    needed: int
    sure: bool
    guarantee: str

    @property
    def saved(self) -> float:
        """Share of the blocks saved beside equal effort: ``needed`` for every design."""
        return 1.0 - sum(self.blocks) / (len(self.blocks) * self.needed)


class Ranking:
    """Drives out designs that are worse as soon as paired differences of block means allow.

    The fully sequential procedure KN (Kim and Nelson 2001, ACM TOMACS 11, 251-273) with c = 1,
    which is valid with common random numbers. Design i goes at block r once another one, l, is
    ahead by more than W = max(0, d / 2r (h^2 S^2 / d^2 - r)), with the indifference d, the variance
    S^2 of the pair's differences in its first stage and h^2 = 2 eta (n0 - 1). The first stage of a
    pair ends once it has differed in `LEAST` blocks: two designs alike in 32 blocks have variance
    0, and the first difference would decide. A pair that has not differed so often within the
    bound is not told apart, and neither drives out the other. Variances are counted with the
    freedom of the blocks that differ: that of rare differences is known no better.

    Parameters
    ----------
    designs : int
        How many, 2 or more.
    certainty : float
        Probability of choosing the best, or one within ``indifferent`` of it; in (0, 1).
    indifferent : float
        Difference that does not matter, in the unit of the means, > 0.
    lowest : bool
        Whether less is better.
    least, first_stage : int
        Blocks in which a pair must differ, and the most that are waited for.
    unit : str
        Of the means, for words.

    Raises
    ------
    ArgumentError
        If an argument makes no sense.

    Examples
    --------
    Three designs, of which the second is the best by far:

    >>> rng = np.random.default_rng(1)
    >>> ranking = Ranking(3, certainty=0.95, indifferent=0.5)
    >>> while not ranking.over:
    ...     common = rng.normal(size=(16, 1))
    ...     means = common + [2.0, 0.0, 1.0] + rng.normal(size=(16, 3))
    ...     ranking.add(means[:, ranking.alive])
    >>> ranking.found().best, ranking.found().sure
    (1, True)
    """

    def __init__(
        self,
        designs: int,
        *,
        certainty: float,
        indifferent: float,
        lowest: bool = True,
        least: int = LEAST,
        first_stage: int = FIRST_STAGE,
        unit: str = "",
    ) -> None:
        _check(designs, certainty, indifferent)
        self.certainty, self.indifferent, self.lowest = certainty, indifferent, lowest
        self.least, self.first_stage, self.unit = least, first_stage, unit
        # A pair ends its first stage as it differs for the last time that is asked.
        freedom = least - 1
        self._h2 = 2.0 * eta((1.0 - certainty) / (designs - 1), freedom) * freedom
        self.blocks = 0
        self._needed = 0
        self._dropped = 0
        self._alive = np.arange(designs)
        self._used = np.zeros(designs, dtype=np.int64)
        self._sums = np.zeros(designs)
        square = (designs, designs)
        self._squares = np.zeros(square)
        """Of the differences in the first stage, then h^2 S^2 of a pair that has ended it."""
        self._differing = np.zeros(square, dtype=np.int64)
        self._told = np.zeros(square, dtype=bool)

    @property
    def alive(self) -> list[int]:
        """Places of the designs that are still run."""
        return [int(place) for place in self._alive]

    @property
    def over(self) -> bool:
        """Whether one is left, or those that are left cannot be told apart."""
        if len(self._alive) == 1:
            return True
        return self.blocks >= self.first_stage and not self._pairs(self._told).any()

    def _pairs(self, of: np.ndarray) -> np.ndarray:
        """Return the part of a square that is of designs alive."""
        return of[np.ix_(self._alive, self._alive)]

    def add(self, means: np.ndarray) -> None:
        """Add the means of the next blocks; what comes after the end changes nothing.

        Parameters
        ----------
        means : ndarray, shape (blocks, len(alive))
            Of the designs that are alive now, in their order, met by the same faults.
        """
        columns = self._alive
        if means.ndim != 2 or means.shape[1] != len(columns):
            msg = f"means of shape {means.shape} are not of {len(columns)} designs alive"
            raise ArgumentError(msg)
        for row in means:
            if self.over:
                return
            self._block(row[np.searchsorted(columns, self._alive)])

    def _block(self, means: np.ndarray) -> None:
        """Take one block and drive out what is worse."""
        alive, square = self._alive, np.ix_(self._alive, self._alive)
        before = self._sums[alive] / max(self.blocks, 1)
        self._sums[alive] += means
        self.blocks += 1
        self._used[alive] = self.blocks
        if self.blocks <= self.first_stage:
            self._first_stages(square, means, before)
        ahead = self._sums[alive] / self.blocks
        ahead = -ahead if self.lowest else ahead
        d, r = self.indifferent, self.blocks
        slack = np.maximum(0.0, d / (2.0 * r) * (self._squares[square] / (d * d) - r))
        behind = self._told[square] & (ahead[:, None] < ahead[None, :] - slack)
        self._alive = alive[~behind.any(axis=1)]

    def _first_stages(
        self, square: tuple[np.ndarray, ...], means: np.ndarray, before: np.ndarray
    ) -> None:
        """Add a block to the variances of pairs in their first stage, and end those that are over.

        Squares are updated as by Welford, with the differences of the means so far.
        """
        open_ = ~self._told[square]
        apart = means[:, None] - means[None, :]
        size = np.maximum(np.abs(means[:, None]), np.abs(means[None, :]))
        differs = np.abs(apart) > SAME * size
        off = apart - (before[:, None] - before[None, :])
        grown = off * off * ((self.blocks - 1) / self.blocks)
        self._squares[square] += np.where(open_, grown, 0.0)
        self._differing[square] += open_ & differs
        ends = open_ & (self._differing[square] >= self.least)
        if ends.any():
            variances = self._squares[square] / max(self.blocks - 1, 1)
            self._squares[square] = np.where(ends, self._h2 * variances, self._squares[square])
            self._told[square] |= ends
            last = self._squares[square][ends].max() / self.indifferent**2
            self._needed = max(self._needed, int(last) + 1)

    def drop(self, design: int) -> None:
        """Take a design out of the choice of which nothing more can be known.

        Parameters
        ----------
        design : int
            Its place; not that of the last one.
        """
        if design in self.alive and len(self._alive) > 1:
            self._alive = self._alive[self._alive != design]
            self._dropped += 1

    def found(self) -> Ranked:
        """Return what has been found so far."""
        means = self._sums[self._alive] / max(self.blocks, 1)
        order = np.argsort(means if self.lowest else -means, kind="stable")
        best, *others = (int(self._alive[k]) for k in order)
        sure = self.over
        share, count = f"{100.0 * self.certainty:g} %", len(self._used) - self._dropped
        if not sure:
            words = f"no guarantee: ended at {self.blocks} blocks with {1 + len(others)} left"
        else:
            words = (
                f"with a probability of at least {share} it is the best of {count}, "
                f"or within {f'{self.indifferent:g} {self.unit}'.strip()} of it"
            )
            if others:
                words += (
                    f", but for {len(others)} that differed from it in fewer than {self.least} "
                    f"of {min(self.blocks, self.first_stage)} blocks"
                )
        blocks = tuple(int(n) for n in self._used)
        needed = max(self._needed, *blocks)
        return Ranked(best, tuple(others), blocks, needed, sure, words)


def _check(designs: int, certainty: float, indifferent: float) -> None:
    """Refuse what makes no sense, all at once."""
    wrong = []
    if not 2 <= designs <= MOST:
        wrong.append(f"designs {designs}: 2 to {MOST} can be ranked; leave some out, or sample")
    if not 0.5 <= certainty < 1.0:
        wrong.append(f"certainty {certainty!r} must be 50 % or more and below 100 %, such as 95 %")
    if not 0.0 < indifferent < float("inf"):
        wrong.append(
            f"indifferent {indifferent!r} must be above 0, the difference that does not matter"
        )
    if wrong:
        raise ArgumentError("\n".join(wrong))
