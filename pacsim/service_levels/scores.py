"""Service levels scored on designs or on a log: figures, a table, windows one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.errors import PacsimError
from pacsim.files.csv_text import csv_text
from pacsim.files.problems import near
from pacsim.files.writing import write_whole
from pacsim.results.result import Result
from pacsim.results.table import as_html
from pacsim.results.terminal import as_text
from pacsim.service_levels.score_table import score_table
from pacsim.service_levels.sla_rows import COORDINATE, sla_rows
from pacsim.service_levels.sla_words import day

if TYPE_CHECKING:
    import os

    import pandas as pd

    from pacsim.results.rows import Row
    from pacsim.results.table import Table
    from pacsim.service_levels.scored import Scored


@dataclass(frozen=True, eq=False)
class Scores:
    """What service levels make of designs, or of a log.

    Parameters
    ----------
    scored : tuple of Scored
        Every service level on every design, design by design.

    Examples
    --------
    >>> from pacsim import run, score
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "name": "one", "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = score(run(one, replications=64, outages=True, progress=False), {"pacsim": 1,
    ...     "measures": "store", "window": "year", "target": "99.99 %", "name": "four nines"})
    >>> round(7 * found.get("sla_met").estimate, 9)
    6.0
    """

    scored: tuple[Scored, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every figure; its coordinate ``service_level`` says of which service level."""
        return tuple(row for one in self.scored for row in sla_rows(one))

    @property
    def designs(self) -> tuple[str, ...]:
        """Names of the designs, or of the log."""
        return tuple(dict.fromkeys(one.histories.name for one in self.scored))

    @property
    def service_levels(self) -> tuple[str, ...]:
        """Names of the service levels."""
        return tuple(dict.fromkeys(one.level.name for one in self.scored))

    def get(self, measure: str, *, service_level: str = "", design: str = "", of: str = "") -> Row:
        """Return one figure, of the first service level and design unless named.

        Parameters
        ----------
        measure : str
            Such as ``sla_met``; see ``docs/service-levels.md``.
        service_level, design : str
            Whose figure; empty for the first.
        of : str
            For ``p_outage_over`` the length, such as ``"4 h"``.

        Raises
        ------
        PacsimError
            If there is no such figure.
        """
        wanted = service_level or self.service_levels[0], design or self.designs[0]
        for one in self.rows:
            if one.measure == measure and one.of == of and wanted == (_level_of(one), one.design):
                return one
        known = {row.measure + (f" of {row.of!r}" if row.of else "") for row in self.rows}
        msg = f"no figure {measure!r} of {of!r} for {', '.join(wanted)}; {near(measure, known)}"
        raise PacsimError(msg)

    def windows(self) -> pd.DataFrame:
        """Return a table with a row for each window of each design and service level.

        Returns
        -------
        pandas.DataFrame
            When it begins and ends, hours that count, hours that it may be down; over all terms
            the mean hours down, the share met, and the mean share of the fee paid back.
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for one in self.scored:
            edges = one.counted.windows.edges
            rows += [
                {
                    "design": one.histories.name,
                    COORDINATE: one.level.name,
                    "begins": day(one.histories, edges[k]),
                    "ends": day(one.histories, edges[k + 1]),
                    "hours": one.counted.hours[k] / 3600.0,
                    "allowed": one.allowed[k] / 3600.0,
                    "down": one.counted.down[:, k].mean() / 3600.0,
                    "met": one.met[:, k].mean(),
                    "paid": one.share[:, k].mean(),
                }
                for k in range(len(edges) - 1)
            ]
        return pd.DataFrame(rows)

    def to_frame(self) -> pd.DataFrame:
        """Return the figures as a tidy pandas table, a row each."""
        return self._result().to_frame()

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the figures as CSV; the file is whole or as before.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        self._result().to_csv(path)

    def windows_to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table of `windows` as CSV; the file is whole or as before.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        frame = self.windows()
        write_whole(Path(path), csv_text(frame.columns, frame.itertuples(index=False)))

    def table(self) -> Table:
        """Return the table that is shown."""
        return score_table(self.scored, self.rows)

    def _result(self) -> Result:
        return Result(self.rows, {}, self.designs)

    def __str__(self) -> str:
        return as_text(self.table())

    def __repr__(self) -> str:
        levels = ", ".join(self.service_levels)
        return f"<Scores: {levels}; {', '.join(self.designs)}, {len(self.rows)} figures>"

    def _repr_html_(self) -> str:
        return as_html(self.table())


def _level_of(row: Row) -> str:
    return str(dict(row.point)[COORDINATE])
