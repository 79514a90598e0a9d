"""What a model needs of the kernel, so that a plain model is run without the rest.

The flags stand in the kernel's sources under these names. A model that needs none of them is run by
a kernel from which everything behind the flags is left out before it is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.core.model import NONE, Sample, Selector
from pacsim.delays.law import Law

if TYPE_CHECKING:
    from pacsim.core.model import Model, Transition

FEATURES = frozenset({"QUANTITIES", "CALENDARS", "FIFO", "CONNECTED", "SAMPLES", "SELECTED"})


def needed(model: Model) -> frozenset[str]:
    """Return the features that a model uses, by the names of their flags."""
    delays = [d for t in model.transitions if t.delay is not None for d in t.delay.table]
    uses = {
        "QUANTITIES": bool(model.quantities),
        "CALENDARS": bool(model.calendars) or not all(isinstance(d, Law) for d in delays),
        "FIFO": any(t.fifo for t in model.transitions),
        "CONNECTED": any(g.connection is not None for g in model.gates),
        "SAMPLES": any(isinstance(o, Sample) for o in model.observations),
        "SELECTED": any(_selects(t) for t in model.transitions),
    }
    return frozenset(name for name, used in uses.items() if used)


def _selects(t: Transition) -> bool:
    """Return whether a transition's delay, speed or outcomes depend on a level (R8, R11)."""
    delayed = t.delay is not None and t.delay.level != NONE
    return delayed or t.speed != Selector(NONE, (1.0,)) or t.outcomes.level != NONE
