"""Faults that strike while a group is failing over already: they flag the gap as overlapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.core.influence import leads_to
from pacsim.core.model import NONE
from pacsim.core.observations import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.core import Model


def with_overlaps(model: Model, groups: Iterable[str]) -> Model:
    """Return a model that also notes all faults in a gap which can hit its group's service.

    What opens a gap is not among them: the gap is read before the step.

    Parameters
    ----------
    model : Model
        With a gate ``<group>.gap`` per group.
    groups : iterable of str
        Names of failover groups.

    Returns
    -------
    Model
        With moments observed as ``overlap:<group>``.
    """
    watched = list(model.observations)
    for group in groups:
        gap = model.gate(f"{group}.gap")
        needed = leads_to(model, gap)
        faults = tuple(
            i
            for i, t in enumerate(model.transitions)
            if t.timed and t.cls == "fault" and t.element in needed
        )
        watched.append(Sample(f"overlap:{group}", faults, NONE, when=gap))
    return replace(model, observations=tuple(watched))
