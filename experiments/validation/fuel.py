"""A generator set and its tank through one term, outage by outage: for sums by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hand_sums import Hand

EMPTY, BROKEN = 0, 1


@dataclass
class Engine:
    """A set with its tank through one term; times in hours."""

    chance: np.random.Generator
    life: float
    repair: np.ndarray
    refuel: np.ndarray
    comes: float
    full: float
    order_at: float
    fuel: float = 0.0
    due: float = np.inf
    mended: float = 0.0

    @classmethod
    def of(cls, h: Hand) -> Engine:
        """Return the set of a design."""
        g = h.part("generator")
        return cls(
            h.chance, g.law("run").mean() / HOUR, h.of(g, "repair"), h.of(g, "refuel"),
            g.number("refuel_success"), g.number("fuel") / HOUR, g.number("order_at") / HOUR,
        )  # fmt: skip

    def fill(self) -> None:
        """Begin a term with a full tank and a whole engine."""
        self.fuel, self.due, self.mended = self.full, np.inf, 0.0

    def deliver(self, until: float) -> None:
        """Let deliveries up to a time come, or be ordered again."""
        while self.due <= until:
            if self.chance.random() < self.comes:
                self.fuel, self.due = self.full, np.inf
            else:
                self.due += float(self.chance.choice(self.refuel))

    def outage(self, at: float, end: float) -> Iterator[tuple[int, float]]:
        """Yield what left the load without the set, and for how long."""
        while at < end:
            self.deliver(at)
            if self.mended > at:
                until = min(self.mended, end)
                yield BROKEN, until - at
                at = until
            elif self.fuel <= 0:
                until = min(self.due, end)
                yield EMPTY, until - at
                at = until
            else:
                runs = self.fuel - (self.order_at if self.due == np.inf else 0.0)
                fails = at + self.chance.exponential(self.life)
                until = min(end, at + max(runs, 0.0), self.due, fails)
                self.fuel = max(self.fuel - (until - at), 0.0)
                if until == at + runs or runs <= 0:
                    ordered = self.due == np.inf
                    self.fuel = self.order_at if ordered else 0.0
                    self.due = (
                        until + float(self.chance.choice(self.refuel)) if ordered else self.due
                    )
                elif until == fails:
                    self.mended = until + float(self.chance.choice(self.repair))
                at = until
