"""What the exact engine answers, by the names of observations and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from pacsim.core.model import Layout

Kind = Literal["mission", "at_end", "steady"]
ASK = {
    "mission": "figures over a mission were not asked for; give horizon=...",
    "at_end": "figures at the end of a mission were not asked for; give horizon=...",
    "steady": "the long run was not asked for; give steady=True",
}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The figures of one observation; numbers, or arrays by horizon if there were several.

    Parameters
    ----------
    name : str
        Of the observation.
    layout : Layout
        Of the model, without windows.
    rows : mapping
        By "mission", "at_end" and "steady" the columns, as far as they were asked for.
    """

    name: str
    layout: Layout
    rows: Mapping[str, np.ndarray]

    @property
    def mission(self) -> float | np.ndarray:
        """Expected main figure over the mission; of a first passage its probability."""
        return self.figure()

    @property
    def at_end(self) -> float | np.ndarray:
        """Main figure per unit of time at the horizon: for a condition its probability then."""
        return self.figure(of="at_end")

    @property
    def steady(self) -> float | np.ndarray:
        """Main figure per unit of time in the long run."""
        return self.figure(of="steady")

    def figure(self, which: str = "", of: Kind = "mission") -> float | np.ndarray:
        """Return a figure that has one column.

        Parameters
        ----------
        which : str
            A figure of `Columns`, such as ``"begun"``; by default the main one.
        of : {"mission", "at_end", "steady"}
            Over the mission, or per unit of time at its end or in the long run.

        Returns
        -------
        float or ndarray
            NaN for what a chain cannot tell; an array by horizon if there were several.

        Raises
        ------
        KeyError
            Naming the figures that there are.
        ValueError
            If it has several columns, which `figures` gives by name, or was not asked for.
        """
        figures = self.figures(which, of)
        if len(figures) != 1 or which == "contributors":
            msg = (
                f"{self.name!r} has {len(figures)} columns {which or 'of its own'}; ask for figures"
            )
            raise ValueError(msg)
        return next(iter(figures.values()))

    def figures(self, which: str = "", of: Kind = "mission") -> dict[str | int, float | np.ndarray]:
        """Return the columns of a figure, by element for contributors or by value of a level.

        Parameters
        ----------
        which, of
            As in `figure`.

        Returns
        -------
        dict
            Label, as in `Layout.labels`, to number or array by horizon.
        """
        if of not in ASK:
            msg = f"of {of!r} is none of {', '.join(ASK)}"
            raise ValueError(msg)
        if of not in self.rows:
            raise ValueError(ASK[of])
        columns = self.layout[self.name]
        at, first = columns.figure(which), columns.all.start
        numbers = self.rows[of][..., at.start - first : at.stop - first]
        values = [numbers[..., k] for k in range(numbers.shape[-1])]
        return {
            label: value if value.ndim else float(value)
            for label, value in zip(self.layout.labels(self.name, which), values, strict=True)
        }


@dataclass(frozen=True, slots=True, eq=False)
class ExactResult:
    """What the exact engine found, by observation: ``result[name]`` is an `Answer`.

    Attributes
    ----------
    mission : dict
        Name to an array laid out as by `pacsim.core.layout` without windows, with one row for each
        horizon if several were given: expected value of each column over the mission; the
        probability of having happened for a first passage; NaN where a chain cannot tell
        (unplanned, planned and mixed need the path). Empty if not asked for.
    steady : dict
        The same per unit of time in the long run; NaN for first passages. Empty if not asked for.
    states : int
        Number of states; of the largest chain if first passages were explored one by one.
    method : str
        How it was computed.
    error_bound : float
        Relative bound of probabilities and times: what the sums leave out, and rounding to first
        order. Below 1e-280 nothing is promised; nor for a level that adds and subtracts.
    at_end : dict
        As the mission, per unit of time at its end: the probability that a condition holds then,
        the mean of a level, the rate of firings; NaN for first passages.
    layout : Layout
        Of the columns.
    """

    mission: dict[str, np.ndarray]
    steady: dict[str, np.ndarray]
    states: int
    method: str
    error_bound: float
    at_end: dict[str, np.ndarray]
    layout: Layout

    def __getitem__(self, name: str) -> Answer:
        """Return the figures of an observation; KeyError, naming others, if there is none."""
        self.layout.index(name)
        kinds = {"mission": self.mission, "at_end": self.at_end, "steady": self.steady}
        rows = {kind: by_name[name] for kind, by_name in kinds.items() if by_name}
        return Answer(name, self.layout, rows)
