"""What a model's batches hold: which column is which, and what each cause is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacsim.campaign.enterable import plans
from pacsim.core import layout
from pacsim.core.observations import Observation, Sample

if TYPE_CHECKING:
    import numpy as np

    from pacsim.core import Model
    from pacsim.core.observations import Batch, Layout
    from pacsim.design.resolve import Resolved


@dataclass(frozen=True, slots=True)
class Reader:
    """The observations of one built design by name.

    Parameters
    ----------
    model : Model
        Built from the design.
    resolved : Resolved
        The design.
    lay : Layout
        Of the model's batches.
    plans : bool
        Whether planned work may ever happen in it.
    """

    model: Model
    resolved: Resolved
    lay: Layout
    plans: bool

    @classmethod
    def of(cls, model: Model, resolved: Resolved, windows: int) -> Reader:
        """Return the reader of a model whose horizon is cut into windows."""
        return cls(model, resolved, layout(model, windows), plans(model))

    def names(self, prefix: str) -> list[str]:
        """Return the names of the observations that begin with a prefix, without it."""
        found = [o.name for o in self.model.observations]
        return [name[len(prefix) :] for name in found if name.startswith(prefix)]

    def index(self, name: str) -> int:
        """Return the number of an observation."""
        return next(i for i, o in enumerate(self.model.observations) if o.name == name)

    def observation(self, name: str) -> Observation:
        """Return an observation by name."""
        return self.model.observations[self.index(name)]

    def columns(self, batch: Batch, name: str) -> np.ndarray:
        """Return the columns of an observation, one row per replication."""
        i = self.index(name)
        first = self.lay.first[i]
        return batch.values[:, first : first + self.lay.width[i]]

    def episodes(self, batch: Batch, name: str) -> np.ndarray:
        """Return the episodes of an observation."""
        found: np.ndarray = batch.episodes[batch.episodes["observation"] == self.index(name)]
        return found

    def samples(self, batch: Batch, name: str) -> np.ndarray:
        """Return the samples of an observation."""
        found: np.ndarray = batch.samples[batch.samples["observation"] == self.index(name)]
        return found

    def by_window(self, columns: np.ndarray, kind: str) -> np.ndarray:
        """Return one block of window columns of a role: time, unplanned, planned or mixed."""
        w = self.lay.windows
        base = columns.shape[1] - 5 * w
        place = {"time": 0, "begun": 1, "unplanned": 2, "planned": 3, "mixed": 4}[kind]
        return columns[:, base + place * w : base + (place + 1) * w]

    def shares(self, columns: np.ndarray) -> np.ndarray:
        """Return the contributor times of a role, one column per element."""
        return columns[:, 5 : 5 + len(self.model.elements)]

    def label(self, element: str) -> str:
        """Return what a cause is called: the element, with its group in place of a member.

        Members of a group are alike, so their faults are added up.
        """
        part, _, inner = element.partition("/")
        for group in self.resolved.groups.values():
            if part in group.names("members"):
                return f"{group.name}/{inner}"
        stem = inner.rstrip("0123456789").rstrip("-")
        return f"{part}/{stem}" if stem else element

    def root_labels(self) -> list[str]:
        """Return the label of every transition as a root."""
        elements, transitions = self.model.elements, self.model.transitions
        return [self.label(elements[t.element].name) for t in transitions]

    def element_labels(self) -> list[str]:
        """Return the label of every element as a contributor."""
        return [self.label(element.name) for element in self.model.elements]

    def samples_named(self, prefix: str) -> list[str]:
        """Return the names of samples that begin with a prefix."""
        found = self.model.observations
        return [o.name for o in found if isinstance(o, Sample) and o.name.startswith(prefix)]
