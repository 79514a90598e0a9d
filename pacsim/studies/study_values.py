"""What a study is made of: what is varied, what is measured, when a point is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.studies.amounts import Amount
    from pacsim.studies.input_ranges import InputRange

MOST_POINTS = 100_000
MOST_TERMS = 100_000
"""Contract terms of a point, unless a study says otherwise."""
RELATIVE = 0.05
"""Half-width of the interval by the figure, where a study asks for nothing."""
LATIN_HYPERCUBE, SOBOL, RANDOM = "latin_hypercube", "sobol", "random"
SCORE_POINTS = (
    "a study keeps no outages; for each point pacsim run POINT.yaml --outages o.npz, then "
    "pacsim score o.npz SLA.yaml (docs/service-levels.md, Points of a study)"
)
"""How the points of a study are held to service levels."""
DESIGN = "design"
"""The dimension that several designs are."""


class MeasureName(NamedTuple):
    """Which figure of a result: whose, which measure, and of what if it is split.

    Parameters
    ----------
    owner : str
        Role, group, or part that stores something; ``overall``.
    measure : str
        As in `pacsim.results.measures`.
    of : str
        Which one of those that the measure is split by, or empty.

    Examples
    --------
    >>> name = MeasureName.read("store.down_by_root:mains/outage")
    >>> name.measure, name.of, str(name)
    ('down_by_root', 'mains/outage', 'store.down_by_root:mains/outage')
    """

    owner: str
    measure: str
    of: str = ""

    @classmethod
    def read(cls, text: str) -> MeasureName:
        """Return the name that a text stands for.

        Raises
        ------
        ValueError
            If it is not of the form OWNER.MEASURE or OWNER.MEASURE:OF.
        """
        head, colon, of = text.partition(":") if isinstance(text, str) else ("", "", "")
        owner, dot, measure = head.partition(".")
        if not (owner and dot and measure) or "." in measure or (colon and not of):
            msg = f"{text!r} is no measure such as store.down_unplanned or store.down_by_root:mains"
            raise ValueError(msg)
        return cls(owner, measure, of)

    def __str__(self) -> str:
        return f"{self.owner}.{self.measure}" + (f":{self.of}" if self.of else "")


@dataclass(frozen=True, slots=True)
class SampledRange:
    """A range of which a sample takes values.

    Parameters
    ----------
    paths : tuple of str
        What is varied, together.
    low, high : Amount
        Ends, in one unit.
    scale : str
        `LINEAR`, or `LOG`, which needs ``low`` > 0.
    whole : bool
        Whether only whole numbers will do.
    own : InputRange, optional
        Where the range is the number's own: how it is written then.
    """

    paths: tuple[str, ...]
    low: Amount
    high: Amount
    scale: str
    whole: bool = False
    own: InputRange | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is varied.

    Parameters
    ----------
    name : str
        Column of a table.
    labels : tuple of str
        What each value is called; none of a sampled one.
    changes : tuple of mapping
        What each value means: dotted path to plain value, as `Design.vary` takes it.
    span : SampledRange, optional
        Of a sampled one.
    lines : tuple of int
        Where each value is written, for problems; none of what was written in no file.
    """

    name: str
    labels: tuple[str, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    span: SampledRange | None = None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """Points drawn from the ranges of all dimensions, in place of their cross.

    Parameters
    ----------
    method : str
        `LATIN_HYPERCUBE`, `SOBOL` or `RANDOM`.
    points : int
        How many.
    seed : int
        Of the draw; that of the simulation is the study's.
    """

    method: str
    points: int
    seed: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """When a point is done.

    Parameters
    ----------
    of : MeasureName or None
        The figure whose precision is asked for.
    relative : float or None
        Half-width of its 95 % interval by the figure, in (0, 1).
    replications : int or None
        Exactly so many contract terms; then there is no precision.
    most : int
        Contract terms at which a point ends whatever it has.
    seconds_each : float or None
        Seconds of simulating after which a point ends, without what it takes to make its model
        ready; the only rule that may end elsewhere on another machine.
    """

    of: MeasureName | None = None
    relative: float | None = None
    replications: int | None = None
    most: int = MOST_TERMS
    seconds_each: float | None = None


@dataclass(frozen=True, slots=True)
class BestOf:
    """Asks for the best point, and for no more runs than that takes.

    Parameters
    ----------
    by : MeasureName
        A mean.
    lowest : bool
        Whether less is better.
    certainty : float
        Probability of the right choice, in (0, 1).
    indifferent : float
        Difference that does not matter, in the unit of the measure's rows, > 0.
    """

    by: MeasureName
    lowest: bool
    certainty: float
    indifferent: float
