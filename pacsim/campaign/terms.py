"""Histories: single contract terms with everything that changed in them and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pacsim.core import recording
from pacsim.core.run_arguments import in_runs
from pacsim.errors import PacsimError
from pacsim.files.problems import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from pacsim.core import Model
    from pacsim.core.model import Batch

MOST_AT_ONCE = 64
"""Terms run in one call; what is kept of them is bounded by that."""


class Stretch(NamedTuple):
    """A time over which a recorded thing had one value; seconds from the start of the term.

    Parameters
    ----------
    start, end : float
        In s, 0 <= start < end.
    value : str or bool
        State of an element, truth of a gate.
    """

    start: float
    end: float
    value: str | bool


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """What happened in one contract term.

    Parameters
    ----------
    number : int
        Of the replication: the one that a run with the same seed counts.
    horizon : float
        Length in seconds.
    names : tuple of str
        What was recorded: elements, then gates.
    labels : tuple of tuple of str
        For each of them what its values are called: an element's states; none for a gate.
    changes : structured ndarray of `pacsim.core.model.CHANGE`
        In order of time; ``what`` counts ``names``, ``time`` is in seconds, and ``value`` holds
        from there until the next row of the same ``what``. One row each at time 0.
    episodes : structured ndarray of `pacsim.core.model.EPISODE`
        Down times of roles, gaps of failovers and others, in order of their ends.
    contributors : structured ndarray of `pacsim.core.model.CONTRIBUTOR`
        Who was flagged in them; ``episode`` counts the rows of ``episodes``.
    model : Model
        To which ``observation``, ``cause`` and ``element`` in these tables point.
    """

    number: int
    horizon: float
    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    changes: np.ndarray
    episodes: np.ndarray
    contributors: np.ndarray
    model: Model

    def index(self, name: str) -> int:
        """Return the number of a recorded element or gate.

        Parameters
        ----------
        name : str
            As in `names`.

        Raises
        ------
        PacsimError
            If it was not recorded.
        """
        if name in self.names:
            return self.names.index(name)
        msg = f"{name!r} is not recorded in this history; {near(name, self.names)}"
        raise PacsimError(msg)

    def stretches(self, name: str) -> list[Stretch]:
        """Return what a recorded element or gate was, from the start to the end of the term.

        Parameters
        ----------
        name : str
            As in `names`.
        """
        k = self.index(name)
        rows = self.changes[self.changes["what"] == k]
        ends = [*rows["time"][1:].tolist(), self.horizon]
        return [
            Stretch(float(row["time"]), end, self._label(k, int(row["value"])))
            for row, end in zip(rows, ends, strict=True)
        ]

    def at(self, name: str, time: float) -> str | bool:
        """Return what a recorded element or gate was from ``time`` on, in seconds of the term.

        Parameters
        ----------
        name : str
            As in `names`.
        time : float
            0 <= time < `horizon`, in s.

        Raises
        ------
        PacsimError
            If it was not recorded, or the time is not in the term.
        """
        k = self.index(name)
        if not 0.0 <= time < self.horizon:
            msg = f"time {time!r} s is not in the term, which lasts {self.horizon!r} s"
            raise PacsimError(msg)
        rows = self.changes[self.changes["what"] == k]
        last = int(np.searchsorted(rows["time"], time, side="right")) - 1
        return self._label(k, int(rows["value"][last]))

    def _label(self, k: int, value: int) -> str | bool:
        return self.labels[k][value] if self.labels[k] else bool(value)

    def to_frame(self) -> pd.DataFrame:
        """Return the changes as a pandas table: time in seconds, name, and value in words."""
        import pandas as pd

        what, value = self.changes["what"], self.changes["value"]
        return pd.DataFrame(
            {
                "time": self.changes["time"],
                "name": [self.names[k] for k in what],
                "value": [self._label(k, v) for k, v in zip(what, value, strict=True)],
            }
        )


def terms(
    model: Model,
    horizon: float,
    numbers: Iterable[int],
    *,
    seed: int = 1,
    elements: Iterable[str] | None = None,
    gates: Iterable[str] = (),
) -> Iterator[Term]:
    """Yield terms of a model with their recorded changes, in the order of their numbers.

    Parameters
    ----------
    model : Model
        What is run.
    horizon : float
        Seconds, > 0.
    numbers : iterable of int
        Replications, in any order; each is what a run with this seed counts under the number.
    seed : int
        Of all random streams.
    elements : iterable of str, optional
        Names of elements to record; all of them unless given.
    gates : iterable of str
        Names of gates to record.

    Raises
    ------
    KeyError
        If the model has no such element or gate.
    """
    from pacsim.engines.kernel import Runner

    names = [e.name for e in model.elements] if elements is None else list(elements)
    also = list(gates)
    made = recording(model, elements=names, gates=also)
    states = tuple(model.elements[model.element(name)].states for name in names)
    runner = Runner(made, horizon)
    for first, count in in_runs(numbers, MOST_AT_ONCE):
        batch = runner.batch(seed, first, count)
        for number in range(first, first + count):
            yield _term(
                made, batch, number, horizon, (*names, *also), (*states, *((),) * len(also))
            )


def _term(
    model: Model,
    batch: Batch,
    number: int,
    horizon: float,
    names: tuple[str, ...],
    labels: tuple[tuple[str, ...], ...],
) -> Term:
    rows = np.flatnonzero(batch.episodes["replication"] == number)
    begin = int(rows[0]) if len(rows) else 0
    owned = (batch.contributors["episode"] >= begin) & (
        batch.contributors["episode"] < begin + len(rows)
    )
    contributors = batch.contributors[owned].copy()
    contributors["episode"] -= begin
    return Term(
        number=number,
        horizon=horizon,
        names=names,
        labels=labels,
        changes=batch.changes[batch.changes["replication"] == number],
        episodes=batch.episodes[rows],
        contributors=contributors,
        model=model,
    )
