"""A result: rows, provenance, inputs and outages; saved and read without anything that runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.errors import PacsimError
from pacsim.files.csv_text import csv_text
from pacsim.files.writing import write_whole
from pacsim.results.rows import COLUMNS, Row
from pacsim.results.table import as_html, table
from pacsim.results.terminal import as_texts
from pacsim.results.traffic_lines import traffic_table

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import pandas as pd

    from pacsim.plots.figures import Axes
    from pacsim.results.kept_window import KeptWindow
    from pacsim.results.outage_file import KeptOutages
    from pacsim.results.table import Table

OLD = 1
"""Schema of results that held outages within; they are read without these."""
OLD_SAYS = "The outages in this file of an older version are not read; run it again with --outages."


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found.

    Parameters
    ----------
    rows : tuple of Row
        Every figure.
    provenance : mapping
        Versions, seed, hashes, engine, terms, seconds, whether it was interrupted.
    designs : tuple of str
        Names, in the order given.
    inputs : tuple of mapping
        Every number that went in: design, path, value, low, high, status, source, id.
    warnings : tuple of str
        What the designs leave open.
    outages : mapping of KeptOutages
        Outages of the first terms, by design, if they were asked for. They are no part of the
        result's file: `pacsim.results.outage_file.save_outages` writes them beside it.
    windows : mapping of KeptWindow
        The worst window of the traffic, by design; of designs with a workload.

    Examples
    --------
    >>> from pacsim import run
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component",
    ...     "ttf": {"exactly": "6 years"}, "ttr": {"exactly": "4 h"}}},
    ...     "roles": {"store": {"needs": ["a"]}}})
    >>> found = run(one, replications=64, progress=False)
    >>> down = found.get("down")
    >>> round(7 * down.estimate, 9), down.unit
    (4.0, 'h/year')
    """

    rows: tuple[Row, ...]
    provenance: Mapping[str, Any]
    designs: tuple[str, ...]
    inputs: tuple[Mapping[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    outages: Mapping[str, KeptOutages] = field(default_factory=dict, repr=False, compare=False)
    windows: Mapping[str, KeptWindow] = field(default_factory=dict, repr=False)

    def get(
        self, measure: str, *, design: str = "", role: str = "", by: str = "", of: str = ""
    ) -> Row:
        """Return one figure, of the first design and role unless named.

        Parameters
        ----------
        measure : str
            As listed in ``docs/measures.md``.
        design, role : str
            Whose figure; empty for the first.
        by, of : str
            What it is split by, and which one; empty for the figure as a whole.

        Returns
        -------
        Row
            With unit, interval, sample size and method.

        Raises
        ------
        PacsimError
            If there is no such figure.
        """
        for one in self.rows:
            if (
                one.measure == measure
                and not one.against
                and one.design == (design or self.designs[0])
                and (not role or one.role == role)
                and (one.by, one.of) == (by, of)
            ):
                return one
        known = ", ".join(sorted({r.measure for r in self.rows}))
        msg = f"no figure {measure!r} for {design or 'the first design'}; known: {known}"
        raise PacsimError(msg)

    def find(self, measure: str, **wanted: str) -> list[Row]:
        """Return every row of a measure whose other columns are as wanted.

        Parameters
        ----------
        measure : str
            As listed in ``docs/measures.md``.
        **wanted : str
            Column of `Row` to its value.

        Returns
        -------
        list of Row
            In the order of `rows`; empty if there is none.

        Raises
        ------
        AttributeError
            If a row has no such column.
        """
        return [
            one
            for one in self.rows
            if one.measure == measure and all(getattr(one, k) == v for k, v in wanted.items())
        ]

    def difference(self, role: str = "store") -> list[Row]:
        """Return the paired differences of a role: each design less the first, same faults.

        Parameters
        ----------
        role : str
            Name of the role.

        Returns
        -------
        list of Row
            One a design and paired measure, of the unit of the measure; with intervals that hold
            over all designs that are compared with the first, in each measure.
        """
        return [one for one in self.rows if one.against and one.role == role]

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the rows: the usual ones, then the coordinates of points."""
        points = dict.fromkeys(name for one in self.rows for name, _ in one.point)
        return (*COLUMNS, *points)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a tidy pandas table.

        Returns
        -------
        pandas.DataFrame
            A row a figure, columns as of `columns`; None where there is no figure.
        """
        import pandas as pd

        return pd.DataFrame([one.flat() for one in self.rows], columns=list(self.columns()))

    def plot(self, role: str = "store", ax: Axes | None = None) -> Axes:
        """Return a picture of the hours down a year by design, drawn on matplotlib Axes.

        Parameters
        ----------
        role : str
            Name of the role.
        ax : matplotlib.axes.Axes, optional
            Where to draw; new ones unless given.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on.
        """
        from pacsim.plots import downtime

        return downtime(self, role, ax)

    def to_json(self) -> str:
        """Return the result as JSON text, without outages, which have a file of their own."""
        from pacsim.results.saved import SCHEMA

        content = {
            "schema": SCHEMA,
            "designs": list(self.designs),
            "provenance": dict(self.provenance),
            "rows": [one.plain() for one in self.rows],
            "inputs": [dict(one) for one in self.inputs],
            "warnings": list(self.warnings),
        }
        text = json.dumps(content, allow_nan=False, indent=1, ensure_ascii=False)
        if not self.windows:
            return text
        # A line for each of their thousands of numbers would be half of the file.
        drawn = {name: one.model_dump() for name, one in self.windows.items()}
        short = json.dumps(drawn, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
        whole = text.removesuffix("\n}")
        return f'{whole},\n "windows": {short}\n}}'

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result as JSON; the file is whole or as before, see `write_whole`.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        write_whole(Path(path), self.to_json())

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the rows as CSV; the file is whole or as before, see `write_whole`.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        columns = self.columns()
        rows = (one.flat() for one in self.rows)
        write_whole(Path(path), csv_text(columns, ([x.get(c) for c in columns] for x in rows)))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Result:
        """Return a saved result.

        Parameters
        ----------
        path : path
            What `save` wrote, or ``--json``.

        Returns
        -------
        Result
            Equal to the one saved; without outages.

        Raises
        ------
        PacsimError
            If the file is not a result of this schema or the one before.
        """
        from pacsim.results.saved import SCHEMA, parts

        file = Path(path)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            msg = f"{file}: cannot be read: {error.strerror}"
            raise PacsimError(msg) from None
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            msg = f"{file}: is not a saved result: {error}"
            raise PacsimError(msg) from None
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits, or brackets in brackets without end.
            msg = f"{file}: is not a whole result: {error}"
            raise PacsimError(msg) from None
        schema = content.get("schema") if isinstance(content, dict) else None
        # Not 1.0 and not true, which Python takes for 1.
        if type(schema) is not int or schema not in {OLD, SCHEMA}:
            shown = "of many" if isinstance(schema, dict | list) else repr(schema)[:40]
            msg = f"{file}: schema {shown} is not {SCHEMA}; save it again with this version"
            raise PacsimError(msg)
        try:
            read = cls(**parts(content))
            return read if schema == SCHEMA else replace(read, warnings=(*read.warnings, OLD_SAYS))
        except (ValueError, OverflowError, RecursionError, PacsimError) as error:
            msg = f"{file}: is not a whole result: {error}"
            raise PacsimError(msg) from None

    def __str__(self) -> str:
        return as_texts(tables(self))

    def __repr__(self) -> str:
        n = self.provenance.get("replications", 0)
        return f"<Result: {', '.join(self.designs)}; {n} terms, {len(self.rows)} figures>"

    def _repr_html_(self) -> str:
        return "".join(map(as_html, tables(self)))


def tables(result: Result) -> list[Table]:
    """Return the tables of a result: the usual one, and that of the traffic if there is any.

    Parameters
    ----------
    result : Result
        Any.
    """
    traffic = traffic_table(result)
    return [table(result), *([] if traffic is None else [traffic])]
