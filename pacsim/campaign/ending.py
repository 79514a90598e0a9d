"""When a comparison ends, and in which steps it goes there (ADR 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.stats import Sequential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.campaign.plan import Plan

STEP = 512
"""Most replications that all designs finish together, so that an interruption leaves them equal."""
CEILING = 1 << 22
FIRST_LOOK, FREE_CEILING, FREE_EVENTS = 1024, 16_384, 1e8
"""Of a comparison of which nothing is asked: its first look, the most terms, the most events."""
QUICK = 0.5
"""Seconds: a step that takes no longer is followed by a larger one, others by smaller ones."""


class Ending:
    """When a comparison ends, and in which steps it goes there.

    All that ends it but the clock follows from the seed, so it ends at the same number of terms on
    any machine. Steps are small at first and where they take long, for the sake of the clock and of
    interruptions; figures do not depend on them.
    """

    def __init__(self, plan: Plan) -> None:
        self.ceiling = plan.replications or (FREE_CEILING if plan.free else CEILING)
        looks = {"first": FIRST_LOOK, "growth": 2.0} if plan.free else {}
        self.rule = Sequential(plan.precision or 0.0, **looks)  # type: ignore[arg-type]
        self.size = 1
        self.at = 0.0

    def afford(self, events: float) -> None:
        """Set the ceiling by the mean events of a term, of all designs together, in whole steps."""
        steps = int(min(FREE_CEILING, FREE_EVENTS / max(events, 1.0))) // STEP
        self.ceiling = STEP * max(1, steps)

    def took(self, now: float) -> None:
        """Make the next steps larger or smaller by what the last one took; ``now`` in seconds."""
        seconds, self.at = now - self.at, now
        self.size = min(2 * self.size, STEP) if seconds < QUICK else max(1, self.size // 2)

    def ends(self) -> Iterator[tuple[int, bool]]:
        """Yield the replications that all designs finish together, and whether to look then."""
        done = 0
        for look in self.rule.looks(self.ceiling):
            while done < look:
                # From a multiple of its own size on, so that every whole step is an end.
                size = self.size
                while done % size:
                    size //= 2
                done = min(done + size, look)
                yield done, done == look
