"""When a run may stop without its interval becoming too short."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.stats.blocks import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.stats.confidence_intervals import Estimate


COCHRAN = 25.0


@dataclass(frozen=True, slots=True)
class Sequential:
    """When a run may stop: a relative half-width, looked at only at fixed numbers of replications.

    Looks are at ``first`` replications and then each ``growth`` times as many, whatever was seen,
    so the number of looks is small and does not depend on batches or threads; stopping at a
    half-width proportional to the estimate is asymptotically valid (Glynn and Whitt 1992). A
    minimum number of replications with something to count keeps a lucky quiet start from ending
    a run, and so does one that grows with the skewness seen: Student's interval of a skewed law
    needs about 25 skewness^2 values (Cochran 1977, section 2.15).

    Parameters
    ----------
    relative : float
        Half-width asked for, as a share of the estimate.
    first : int
        Replications at the first look.
    growth : float
        Factor between looks.
    eventful : int
        Replications in which the measure is not zero, at least.
    """

    relative: float
    first: int = 256
    growth: float = 1.25
    eventful: int = 50

    def looks(self, ceiling: int) -> Iterable[int]:
        """Yield the numbers of replications at which to look, the ceiling last.

        Parameters
        ----------
        ceiling : int
            Most replications, >= 1.

        Examples
        --------
        >>> list(Sequential(0.05, first=64).looks(200))
        [64, 128, 192, 200]
        """
        n = self.next_look(0)
        while n < ceiling:
            yield n
            n = self._after(n)
        yield ceiling

    def next_look(self, n: int) -> int:
        """Return the first number of replications after ``n`` at which to look.

        Parameters
        ----------
        n : int
            Replications done, >= 0.

        Examples
        --------
        >>> rule = Sequential(0.05, first=64)
        >>> rule.next_look(0), rule.next_look(64), rule.next_look(130)
        (64, 128, 192)
        """
        look = self.first
        while look <= n:
            look = self._after(look)
        return look

    def _after(self, look: int) -> int:
        return max(look + BLOCK, math.ceil(look * self.growth / BLOCK) * BLOCK)

    def done(self, estimate: Estimate, eventful: int, skewness: float = 0.0) -> bool:
        """Return whether the estimate is good enough to stop.

        Parameters
        ----------
        estimate : Estimate
            Of what is to be precise.
        eventful : int
            Replications in which it was not zero.
        skewness : float
            Of the sample.
        """
        if estimate.value is None or estimate.value <= 0 or eventful < self.eventful:
            return False
        if estimate.n < COCHRAN * skewness * skewness:
            return False
        return estimate.half_width <= self.relative * estimate.value
