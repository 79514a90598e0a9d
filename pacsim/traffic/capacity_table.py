"""What a design's archive is asked for and when it is full, as figures: nothing is simulated."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from pacsim.core.streams import STREAMS
from pacsim.design.catalogue_entries import VERSION
from pacsim.design.workloads import contract_years
from pacsim.files.problems import DesignError, Problem
from pacsim.results.measures import unit_of
from pacsim.results.result import Result
from pacsim.results.rows import Row
from pacsim.traffic.from_design import tables
from pacsim.traffic.steady import OverloadError, check_loads, hour_name, steady
from pacsim.traffic.storage import storage_of
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design import Design, Resolved
    from pacsim.traffic.steady import Steady
    from pacsim.traffic.storage import Storage

TB = 1e12
ALL_UP = "all up"
"""The scenario without a fault."""
METHOD = "from rates"
NEVER = "not within the term"


@dataclass(frozen=True, slots=True)
class Capacity:
    """Loads and storage of a design.

    Parameters
    ----------
    design : Design
        With a workload.
    years : tuple of Steady
        Loads of each contract year.
    storage : Storage
        The archive over the term.
    warnings : tuple of str
        What the design leaves open, and peak hours that ask for too much.
    """

    design: Design
    years: tuple[Steady, ...]
    storage: Storage
    warnings: tuple[str, ...]

    @property
    def busiest_year(self) -> Steady:
        """Return the year of which most arrivals are expected in the peak hour; the first such."""
        return max(self.years, key=lambda year: (year.exams + year.openings, -year.year))

    def result(self) -> Result:
        """Return the figures as rows, with where they come from."""
        resolved = self.design.resolved
        provenance = {
            "versions": {"pacsim": version("pacsim")},
            "streams": STREAMS,
            "catalogue": VERSION,
            "engine": METHOD,
            "designs": {self.design.name: self.design.hash},
            "seed": 0,
            "precision": None,
            "replications": 0,
            "term_years": resolved.contract.number("term") / YEAR,
            "min_outage": resolved.contract.number("min_outage"),
            "events": 0,
            "seconds": 0.0,
            "reached": True,
            "partial": False,
            "stopped": "",
            "role": "",
        }
        rows = (*self._loads(), *self._stored())
        inputs = tuple({"design": self.design.name} | asdict(one) for one in resolved.inputs)
        return Result(rows, provenance, (self.design.name,), inputs, self.warnings)

    def _loads(self) -> list[Row]:
        rows = []
        for one in self.years:
            year, hour = ("year", one.year + 1), ("period", "peak hour")
            note = hour_name(one.hour)
            rows.append(self._row("exams_expected", one.exams, note, year, hour))
            rows.append(self._row("openings_expected", one.openings, note, year, hour))
            for load in one.loads:
                at = (year, ("resource", load.resource), ("scenario", ALL_UP))
                rows.append(self._row("load", load.mean, "", *at, ("period", "mean week")))
                rows.append(self._row("load", load.peak, note, *at, hour))
        return rows

    def _stored(self) -> list[Row]:
        rows = []
        for one in self.storage.years:
            year = ("year", one.year)
            rows.append(self._row("exams", one.exams, "", year))
            rows.append(self._row("added", one.added / TB, "", year))
            rows.append(self._row("stored", one.stored / TB, "at its end", year))
            if self.storage.usable < math.inf:
                rows.append(self._row("stored_share", one.share, "at its end", year))
        full = self.storage.full
        rows.append(self._row("storage_full", full, NEVER if full is None else ""))
        return rows

    def _row(
        self, measure: str, value: float | None, note: str, *point: tuple[str, str | float]
    ) -> Row:
        workload = self.design.resolved.workload
        return Row(
            design=self.design.name,
            against="",
            role=workload.archive if workload is not None else "",
            measure=measure,
            by="",
            of="",
            unit=unit_of(measure),
            estimate=value,
            lower=None,
            upper=None,
            n=0,
            method=METHOD,
            note=note,
            point=point,
        )


def capacity(design: Design) -> Capacity:
    """Return loads and storage of a design with a workload.

    Parameters
    ----------
    design : Design
        Any.

    Raises
    ------
    PacsimError
        If it has no workload, or one that some mean week cannot carry.
    """
    resolved = design.resolved
    warnings = resolved.warnings + tuple(check_carried(design))
    read, term = tables(resolved), resolved.contract.number("term")
    years = tuple(steady(read, year) for year in range(contract_years(term)))
    assert resolved.workload is not None, "tables need one"
    at_start = resolved.archive.number("stored_at_start")
    return Capacity(design, years, storage_of(resolved.workload, term, at_start), warnings)


def check_carried(design: Design) -> list[str]:
    """Refuse a workload that its design cannot carry, where it is written.

    Parameters
    ----------
    design : Design
        With a workload.

    Returns
    -------
    list of str
        Warnings of peak hours that ask for too much.

    Raises
    ------
    DesignError
        If a mean week asks for more than there is: file, line, path, rule and remedy.
    """
    try:
        return check_workload(design.resolved)
    except OverloadError as error:
        node = design.tree.value["workload"]
        raise DesignError(
            Problem(node.file, node.line, "workload", rule, error.remedy) for rule in error.rules
        ) from None


def check_workload(resolved: Resolved) -> list[str]:
    """Refuse what cannot be simulated of a design's workload, before anything is.

    Parameters
    ----------
    resolved : Resolved
        Of a design with a workload.

    Returns
    -------
    list of str
        Warnings of peak hours that ask for too much.

    Raises
    ------
    PacsimError
        If a mean week asks for more than there is.
    """
    return check_loads(tables(resolved), contract_years(resolved.contract.number("term")))
