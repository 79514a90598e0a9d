"""What a design's archive is asked for, how it carries that, and when it is full, as figures."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from pacsim.core.streams import STREAMS
from pacsim.design.catalogue_entries import VERSION
from pacsim.design.workloads import contract_years
from pacsim.files.problems import DesignError, Problem
from pacsim.results.result import Result
from pacsim.traffic.capacity_rows import METHOD, CapacityRows
from pacsim.traffic.chosen_simulator import ENGINE
from pacsim.traffic.from_design import tables
from pacsim.traffic.peaks import SAMPLES, peaks
from pacsim.traffic.steady import OverloadError, check_loads, steady
from pacsim.traffic.storage import storage_of
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.design import Design, Resolved
    from pacsim.traffic.peaks import Peaks, Progress
    from pacsim.traffic.steady import Steady
    from pacsim.traffic.storage import Storage

SEED = 1
"""Of the draws of peak hours."""


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
    peaks : Peaks or None
        Peak hours, if they were simulated.
    seconds : float
        That took.
    """

    design: Design
    years: tuple[Steady, ...]
    storage: Storage
    warnings: tuple[str, ...]
    peaks: Peaks | None = None
    seconds: float = 0.0

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
            "engine": METHOD if self.peaks is None else ENGINE,
            "designs": {self.design.name: self.design.hash},
            "seed": 0 if self.peaks is None else SEED,
            "precision": None,
            "replications": 0 if self.peaks is None else self.peaks.samples,
            "term_years": resolved.contract.number("term") / YEAR,
            "min_outage": resolved.contract.number("min_outage"),
            "events": 0,
            "seconds": self.seconds,
            "reached": True,
            "partial": False,
            "stopped": "",
            "role": "",
        }
        assert resolved.workload is not None, "a capacity is that of a workload"
        made = CapacityRows(self.design.name, resolved.workload.archive)
        rows = [*made.loads(self.years), *made.stored(self.storage)]
        rows += [] if self.peaks is None else made.peaks(self.peaks)
        inputs = tuple({"design": self.design.name} | asdict(one) for one in resolved.inputs)
        return Result(tuple(rows), provenance, (self.design.name,), inputs, self.warnings)


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


def with_peaks(
    found: Capacity, samples: int = SAMPLES, progress: Progress | None = None
) -> Capacity:
    """Return the same with peak hours, all up and with one part out.

    Parameters
    ----------
    found : Capacity
        Of `capacity`.
    samples : int
        Hours of each, > 0.
    progress : callable, optional
        Told the share that is done, and what is being done.
    """
    began = time.perf_counter()
    resolved = found.design.resolved
    simulated = peaks(
        resolved, found.years, found.busiest_year, samples, seed=SEED, progress=progress
    )
    return replace(found, peaks=simulated, seconds=time.perf_counter() - began)


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
