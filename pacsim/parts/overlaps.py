"""Faults that strike while a group is failing over already: they flag the gap as overlapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.core.model import NONE, Sample, leads_to
from pacsim.parts.watch_handles import FailoverWatch, OverlapWatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core import Model
    from pacsim.parts.watch_handles import Handle


def with_overlaps(
    model: Model, handles: Iterable[Handle]
) -> tuple[Model, tuple[OverlapWatch, ...]]:
    """Return a model that also notes all faults in a gap which can hit its group's service.

    What opens a gap is not among them: the gap is read before the step.

    Parameters
    ----------
    model : Model
        With the gate that each handle of a failover names.
    handles : iterable of Handle
        Of the model; those of failovers with such a gate count.

    Returns
    -------
    (Model, tuple of OverlapWatch)
        The model, and the handles of what was added.
    """
    watched, added = list(model.observations), []
    for handle in handles:
        if not isinstance(handle, FailoverWatch) or not handle.gap:
            continue
        gap = model.gate(handle.gap)
        needed = leads_to(model, gap)
        faults = tuple(
            i
            for i, t in enumerate(model.transitions)
            if t.cls == "fault" and t.element in needed and t.timed
        )
        overlaps = OverlapWatch(handle.owner, f"overlap:{handle.owner}")
        watched.append(Sample(overlaps.observed, faults, NONE, when=gap))
        added.append(overlaps)
    return replace(model, observations=tuple(watched)), tuple(added)
