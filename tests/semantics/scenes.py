"""Small models that several tests share."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pacsim.core import Batch, Model, ModelBuilder, layout
from pacsim.delays import Deterministic

D = Deterministic


@dataclass(frozen=True)
class Run:
    """A traced replication in words."""

    model: Model
    batch: Batch

    def times(self, name: str) -> list[float]:
        """Return when a transition fired."""
        assert self.batch.trace is not None
        index = self.model.transition(name)
        return [float(row["time"]) for row in self.batch.trace if row["transition"] == index]

    def order(self) -> list[str]:
        """Return the names of all steps in order."""
        assert self.batch.trace is not None
        return [self.model.transitions[row["transition"]].name for row in self.batch.trace]

    def column(self, name: str, offset: int = 0) -> Any:
        """Return a figure of the first replication."""
        names = [o.name for o in self.model.observations]
        return self.batch.values[0][layout(self.model).first[names.index(name)] + offset]

    def mean(self, name: str, offset: int = 0) -> tuple[float, float]:
        """Return the mean over replications and its standard error."""
        names = [o.name for o in self.model.observations]
        values = self.batch.values[:, layout(self.model).first[names.index(name)] + offset]
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))

    def episodes(self) -> list[tuple[float, float, str]]:
        """Return (start, end, root) of every episode."""
        return [(float(e["start"]), float(e["end"]), self.root(e)) for e in self.batch.episodes]

    def root(self, episode: Any) -> str:
        """Return the name of an episode's root."""
        cause = int(episode["cause"])
        return "initial" if cause < 0 else self.model.transitions[cause].name

    def contributors(self, row: int = 0) -> set[str]:
        """Return the names of an episode's contributors."""
        rows = self.batch.contributors
        return {self.model.elements[r["element"]].name for r in rows if r["episode"] == row}


def unit(m: ModelBuilder, name: str, life: float, repair: float, **options: Any) -> Any:
    """Add a unit that fails after ``life`` and is repaired in ``repair``."""
    element = m.element(name, "up down", fault="down")
    element.after("up -> down", D(life), "fail", cls="fault", **options)
    element.after("down -> up", D(repair), "repair", cls="repair", renew=True)
    return element


def once(m: ModelBuilder, name: str, down: float, up: float, kind: str = "fault") -> Any:
    """Add a unit that is down exactly once, from ``down`` to ``up``."""
    states = "up down after"
    element = m.element(
        name,
        states,
        fault="down" if kind == "fault" else "",
        planned="down" if kind == "planned" else "",
    )
    cls: Any = kind
    element.after("up -> down", D(down), "f", cls=cls)
    element.after("down -> after", D(up - down), "r", cls="repair")
    return element
