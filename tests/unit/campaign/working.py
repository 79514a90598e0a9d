"""What a worker in another process does; imported there by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.campaign.tallies import DesignTally
from pacsim.engines import kernel
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design import Design

SEED = 11


def ran(design: Design, first: int, count: int) -> DesignTally:
    """Return the tally of a range of replications, as a worker somewhere computes it."""
    tally = DesignTally.of(design)
    batch = kernel.simulate(
        tally.reader.model, seed=SEED, first=first, count=count, horizon=tally.reader.term,
        window=YEAR,
    )  # fmt: skip
    tally.add(batch)
    return tally
