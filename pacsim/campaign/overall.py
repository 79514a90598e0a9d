"""Tally of all roles together: the time during which not every role of a design is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.results.rows import OVERALL, Row, row
from pacsim.stats import Moments, mean_interval, none_seen
from pacsim.units import HOUR, YEAR

if TYPE_CHECKING:
    from pacsim.campaign.reading import Reader
    from pacsim.core.observations import Batch


class OverallTally:
    """Hours a year in which at least one role is down, streamed.

    Parameters
    ----------
    reader : Reader
        Of a design with two roles or more.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.hours = Moments(1)

    @classmethod
    def of(cls, reader: Reader) -> OverallTally | None:
        """Return the tally of a design; none for one role, or if a role has that name itself."""
        roles = reader.resolved.roles
        return cls(reader) if len(roles) > 1 and OVERALL not in roles else None

    def add(self, batch: Batch, term: float) -> None:
        """Add a batch."""
        self.hours.add(self.reader.columns(batch, OVERALL)[:, :1] / HOUR / (term / YEAR))

    def rows(self, design: str) -> list[Row]:
        """Return unavailability and hours down a year."""
        n, mean = self.hours.n, float(self.hours.mean[0])
        note = f"not all roles up: {', '.join(self.reader.resolved.roles)}"
        if mean == 0.0:
            found, note = none_seen(n), f"none seen in {n} terms"
        else:
            seen = int(self.hours.eventful[0])
            found = mean_interval(mean, float(self.hours.covariance[0, 0]), n, eventful=seen)
        return [
            row(design, OVERALL, "unavailability", "1", found, scale=HOUR / YEAR, note=note),
            row(design, OVERALL, "down", "h/year", found, note=note),
        ]
