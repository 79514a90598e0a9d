"""The one shape of every figure: a row with what, of what, how sure and by which method."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pacsim.errors import PacsimError
from pacsim.results.measures import unit_of
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pacsim.stats import Estimate

COLUMNS = (
    "design", "against", "role", "measure", "by", "of", "unit", "estimate", "lower", "upper", "n",
    "method", "note",
)  # fmt: skip
IF_ANY = ("point", "no_copy_of")
"""What a saved row has only if there is any; not columns of a table."""
MOST = {"1": 1.0, "h/year": YEAR / HOUR}
"""What a figure of a unit cannot exceed: shares and probabilities, and all hours of a year."""
OVERALL = "overall"
"""Stands where a role stands: not all declared roles up, or losses of all that store something."""
NO_COPY = "NO COPY"
"""Begins what is said of a design that stores something of which nothing outside has a copy."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Parameters
    ----------
    design : str
        Whose figure.
    against : str
        The other design of a paired difference, else empty.
    role : str
        Role, group or array it is about, or all of them.
    measure : str
        Name of the measure.
    by, of : str
        What it is split by (root, contributor, loss_class, fault_kind, how) and which one.
    unit : str
        Of the figures.
    estimate, lower, upper : float or None
        Never NaN or infinite: None, with a note.
    n : int
        Sample size.
    method : str
        How the interval was made.
    note : str
        What a reader should know.
    point : tuple of (str, value)
        Coordinates of the point of a study that the figure is of; none outside studies.
    no_copy_of : tuple of str
        Of the odds of a loss: parts that store something of which nothing outside has a copy. The
        note, which every output shows, says the same in words.

    Raises
    ------
    PacsimError
        For a figure that is not finite, or a coordinate with the name of a column.
    """

    design: str
    against: str
    role: str
    measure: str
    by: str
    of: str
    unit: str
    estimate: float | None
    lower: float | None
    upper: float | None
    n: int
    method: str
    note: str = ""
    point: tuple[tuple[str, str | float], ...] = ()
    no_copy_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        estimate, lower, upper = self.estimate, self.lower, self.upper
        if (
            (estimate is not None and not isfinite(estimate))
            or (lower is not None and not isfinite(lower))
            or (upper is not None and not isfinite(upper))
        ):
            raise PacsimError(self._not_finite())
        if not self.point:
            return
        taken = sorted({name for name, _ in self.point} & {*COLUMNS, *IF_ANY})
        if taken:
            msg = f"a coordinate cannot be called {taken[0]!r}, which is a column of every row"
            raise PacsimError(msg)

    def _not_finite(self) -> str:
        name, number = next(
            (name, number)
            for name in ("estimate", "lower", "upper")
            if (number := getattr(self, name)) is not None and not isfinite(number)
        )
        return f"{self.measure} of {self.design}: {name} is {number!r}; give None and a note"

    def plain(self) -> dict[str, Any]:
        """Return the row as a dict in the order of the columns, then those of `IF_ANY` it has."""
        plain = self._columns()
        if self.point:
            plain["point"] = dict(self.point)
        if self.no_copy_of:
            plain["no_copy_of"] = list(self.no_copy_of)
        return plain

    def flat(self) -> dict[str, Any]:
        """Return the row as a dict with its coordinates as columns of their own."""
        return self._columns() | dict(self.point)

    def _columns(self) -> dict[str, Any]:
        return dict(zip(COLUMNS, _VALUES(self), strict=True))


_VALUES = attrgetter(*COLUMNS)


def row(
    design: str,
    role: str,
    measure: str,
    estimate: Estimate,
    *,
    unit: str = "",
    by: str = "",
    of: str = "",
    against: str = "",
    scale: float = 1.0,
    note: str = "",
) -> Row:
    """Return the row of an estimate, scaled to its unit; ends are cut at what can be.

    The unit is that of the measure; ``unit`` is for measures that do not ship.

    Parameters
    ----------
    design, role, measure : str
        Whose figure, of what, and which one.
    estimate : Estimate
        In any unit.
    unit : str
        Of the figures, if the measure does not ship.
    by, of : str
        What it is split by, and which one.
    against : str
        The other design of a paired difference.
    scale : float
        Factor from the unit of ``estimate`` to that of the row, > 0.
    note : str
        What a reader should know.
    """
    unit = unit_of(measure, unit)

    value, lower, upper = estimate.value, estimate.lower, estimate.upper
    if value is not None:
        value = float(value) * scale
    if lower is not None:
        lower = float(lower) * scale
        lower = lower if against else max(lower, 0.0)
    if upper is not None:
        upper = float(upper) * scale
        upper = upper if against else min(upper, MOST.get(unit, inf))
    n, method = estimate.n, estimate.method
    return Row(
        design, against, role, measure, by, of, unit, value, lower, upper, n, method, note
    )  # fmt: skip
