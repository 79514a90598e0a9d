"""Tally of one role: time down and degraded by kind, outages, years, roots and contributors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.outages import merge
from pacsim.campaign.reasons import Reasons
from pacsim.campaign.tally import MeanFigure, Tally
from pacsim.parts.watch_handles import DegradedWatch, RolePlaces
from pacsim.results.rows import Row, row
from pacsim.stats import (
    Estimate,
    LogHistogram,
    Moments,
    Skewness,
    clustered_interval,
    mean_interval,
    none_seen,
    ratio_interval,
)
from pacsim.units import HOUR, ROUNDING, YEAR

if TYPE_CHECKING:
    from typing import Self

    from pacsim.campaign.batch_view import BatchView
    from pacsim.core.model import Batch
    from pacsim.parts.watch_handles import RoleWatch

KEYS = ("down", "down_unplanned", "down_planned", "down_mixed", "outages")
"""Columns by which designs are paired."""
COUNTS = ("outages", "outages_unplanned", "outages_short")
EXACTLY = "exactly 0: "
EXACTLY_NONE = f"{EXACTLY}no planned work in the design"
NEVER_IN_PART = f"{EXACTLY}nothing that the role needs serves in part"
COUNTED = "unplanned and mixed count"
DEGRADED = ("degraded", "degraded_unplanned", "degraded_planned", "degraded_mixed")
INNER = (
    *KEYS, "outages_short", "hours_of_outages", "within_99_9", "within_99_99", "outages_unplanned",
    "missed_99_9", "missed_99_99", *DEGRADED,
)  # fmt: skip
NINES = {"99_9": 1e-3, "99_99": 1e-4}
PLACES = {name: k for k, name in enumerate(INNER)}
Columns = tuple[int, list[float], list[float], list[int]]
"""Rows of moments, and mean, variance and eventful rows of each column."""


class RoleTally(Tally):
    """What has been seen of one role.

    Gaps shorter than the contract's ``min_outage`` are merged, outages shorter than it counted
    apart.

    Parameters
    ----------
    reader : Reader
        Of the design's batches.
    watch : RoleWatch
        The handle of the role's down times.
    """

    paired = KEYS
    kept = ("main", "skewness", "reasons", "durations", "sudden", "years", "longest")

    def __init__(self, reader: BatchView, watch: RoleWatch) -> None:
        super().__init__(reader, watch)
        self.min_outage = reader.resolved.contract.number("min_outage")
        self.place = reader.place(watch.observed)
        partly = reader.handles(DegradedWatch, self.owner)
        self.in_part = reader.place(partly[0].observed) if partly else None
        self.main = Moments(len(INNER))
        self.skewness = Skewness()
        self.reasons = Reasons(reader, self.place)
        self.durations, self.years, self.longest = LogHistogram(), LogHistogram(), LogHistogram()
        self.sudden = LogHistogram()
        # A part of a year is no year: a limit for a year would be judged on less.
        self.whole = int((reader.resolved.contract.number("term") + ROUNDING) // YEAR)

    def add(self, batch: Batch) -> np.ndarray:
        """Add a batch; return its key columns, one row per replication."""
        count, years, values = len(batch.events), self.reader.years, batch.values
        episodes = self.reader.episodes(batch, self.observed)
        outages = merge(episodes, self.min_outage)
        at = outages.replication - batch.first
        long = ~outages.short
        hours = outages.duration / HOUR
        numbers = np.zeros((count, len(INNER)))
        place = self.place
        for k, columns in enumerate((place.time, place.unplanned, place.planned, place.mixed)):
            numbers[:, [k]] = values[:, columns] / HOUR / years
        numbers[:, 4] = np.bincount(at[long], minlength=count) / years
        numbers[:, 5] = np.bincount(at[outages.short], minlength=count) / years
        numbers[:, 6] = np.bincount(at[long], hours[long], count) / years
        assert place.windows is not None
        counted = self._whole_years(values[:, place.windows.unplanned])
        counted = counted + self._whole_years(values[:, place.windows.mixed])
        for k, limit in enumerate(NINES.values()):
            met = np.count_nonzero(counted <= limit * YEAR + ROUNDING, axis=1)
            numbers[:, 7 + k] = met / max(self.whole, 1)
            numbers[:, 10 + k] = (self.whole - met) / max(self.whole, 1)
        sudden = long & ~outages.planned
        numbers[:, 9] = np.bincount(at[sudden], minlength=count) / years
        if self.in_part is not None:
            numbers[:, INNER.index(DEGRADED[0]) :] = self._degraded(values)
        self.main.add(numbers, batch.first)
        self.skewness.add(numbers[:, 0], batch.first)
        self.reasons.add(batch, episodes)
        over = long & ~outages.censored
        self.durations.add(hours[over])
        self.sudden.add(hours[over & sudden])
        self.years.add(self._whole_years(values[:, place.windows.time]).ravel() / HOUR)
        longest = np.zeros(count)
        np.maximum.at(longest, at, hours)
        self.longest.add(longest)
        return numbers[:, : len(KEYS)]

    def _degraded(self, values: np.ndarray) -> np.ndarray:
        """Return the hours a year in which the role is up in part, in all and by kind."""
        assert self.in_part is not None
        at = self.in_part
        kinds = [values[:, of] for of in (at.time, at.unplanned, at.planned, at.mixed)]
        return np.hstack(kinds) / HOUR / self.reader.years

    def merge(self, other: Self) -> None:
        """Add what another tally has seen."""
        for name in self.kept:
            getattr(self, name).merge(getattr(other, name))

    def _whole_years(self, by_window: np.ndarray) -> np.ndarray:
        """Return what falls in each whole contract year."""
        return by_window[:, : self.whole]

    @property
    def eventful(self) -> int:
        """Terms with any down time."""
        return int(self.main.eventful[0])

    def mean(self, column: str) -> Estimate:
        """Return the estimate of one inner column; what was not seen is bounded, not zero."""
        return self._figure(column, self.main.each_column())[0]

    def note(self, column: str) -> str:
        """Return why a column is exactly 0, or that nothing of it was seen."""
        return self._note(column, self.main.each_column())

    def _figure(self, column: str, seen: Columns) -> tuple[Estimate, str]:
        """Return the estimate of one inner column with its note."""
        n, means, variances, eventful = seen
        k, note = PLACES[column], self._note(column, seen)
        if means[k] != 0.0:
            return mean_interval(means[k], variances[k], n, eventful=eventful[k]), note
        if note.startswith(EXACTLY):
            return Estimate(0.0, 0.0, 0.0, n, "by construction"), note
        return none_seen(n, n * self.reader.years if column in COUNTS else None), note

    def _note(self, column: str, seen: Columns) -> str:
        if seen[1][PLACES[column]] != 0.0:
            return ""
        if self.in_part is None and column in DEGRADED:
            return NEVER_IN_PART
        if column.endswith(("_planned", "_mixed")) and not self.reader.plans:
            return EXACTLY_NONE
        return f"none seen in {seen[0]} terms"

    def mean_figures(self) -> list[MeanFigure]:
        """Return hours, numbers, shares of years, and what they are split by."""
        why, main = self.reasons, self.main
        plain = [(key, key) for key in (*KEYS, "outages_unplanned", "outages_short", *DEGRADED)]
        if self.whole:
            plain += [(f"p_year_within_{name}", f"within_{name}") for name in NINES]
        found = [MeanFigure(name, "", main, (PLACES[key],)) for name, key in plain]
        found.append(MeanFigure("unavailability", "", main, (0,), scale=HOUR / YEAR))
        found.append(MeanFigure("outage_duration_mean", "", main, (6,), (4,)))
        for handle in self.reader.handles(RolePlaces, self.owner):
            if len(handle.places) > 1:
                continue
            (only,) = handle.places
            found += [
                MeanFigure(f"{key}_at", only.place, main, (PLACES[key],))
                for key in (("down", "degraded") if only.place else ())
            ]
            if not only.failing:
                found.append(MeanFigure("failing", "", main, (0,), scale=HOUR / YEAR))
        found += why.figures_by_root("down_by_root", why.roots)
        found += why.figures_by_root("down_unplanned_by_root", why.faults)
        found += why.figures_by_root("down_planned_by_root", why.works)
        return found + why.figures_by_contributor("contributor_share")

    def certain(self, measure: str) -> bool:
        """Return whether a key measure is exactly 0, whatever is seen."""
        return self.note(measure).startswith(EXACTLY)

    def rows(self) -> list[Row]:
        """Return every figure of the role, and beside them what a spreadsheet would say."""
        design, role = self.reader.design, self.owner
        seen = self.main.each_column()
        down, note = self._figure("down", seen)
        rows = [row(design, role, "unavailability", down, scale=HOUR / YEAR, note=note)]
        for key in (*KEYS, "outages_unplanned", "outages_short", *DEGRADED):
            of, note = self._figure(key, seen)
            rows.append(row(design, role, key, of, note=note))
        n, mean, _, eventful = seen
        pick = self.main.covariance[np.ix_([6, 4], [6, 4])]
        duration = ratio_interval(mean[6], mean[4], pick, n, eventful=eventful[4])
        rows.append(row(design, role, "outage_duration_mean", duration))
        for name, p in (("p50", 0.5), ("p95", 0.95)):
            of = self.durations.estimate(p)
            rows.append(row(design, role, f"outage_duration_{name}", of))
            of = self.sudden.estimate(p)
            rows.append(row(design, role, f"outage_duration_unplanned_{name}", of))
        rows.append(row(design, role, "longest_outage_p95", self.longest.estimate(0.95)))
        rows += self._of_years(design, seen) + self._reasons() + [self._spreadsheet(design)]
        return rows + self._at_its_place(design, seen)

    def _at_its_place(self, design: str, seen: Columns) -> list[Row]:
        """Return the figures at a place that is the only one: those of the role, to the bit."""
        rows = []
        for handle in self.reader.handles(RolePlaces, self.owner):
            if len(handle.places) > 1:
                continue
            (only,) = handle.places
            for key in ("down", "degraded") if only.place else ():
                figure, note = self._figure(key, seen)
                made = row(
                    design, self.owner, f"{key}_at", figure, by="place", of=only.place, note=note
                )
                rows.append(made)
            if not only.failing:
                of, note = self._figure("down", seen)
                rows.append(row(design, self.owner, "failing", of, scale=HOUR / YEAR, note=note))
        return rows

    def _spreadsheet(self, design: str) -> Row:
        hours = self.reader.sheet.down(self.owner)
        exact = Estimate(hours, hours, hours, 0, "exact, hardware boxes only")
        note = "" if hours else "exactly 0: the role needs no hardware box that is ever broken"
        return row(design, self.owner, "spreadsheet_down", exact, note=note)

    def _of_years(self, design: str, seen: Columns) -> list[Row]:
        """Return the figures of contract years, which only whole ones enter."""
        role, left = self.owner, self.reader.years - self.whole
        which = f"whole contract years only: the last {left:.2g} years of the term are in none"
        if not self.whole:
            which = f"no figure: the term of {self.reader.years:.2g} years holds no whole year"
        which = which if left else ""
        rows = [row(design, role, "down_year_p95", self.years.estimate(0.95), note=which)]
        worst = Estimate(self.years.worst_mean(0.05), None, None, self.years.n, "histogram")
        none = f"none seen in {seen[0]} terms" if worst.value == 0.0 else ""
        note = _joined(none, which)
        rows.append(row(design, role, "down_year_worst_5pc", worst, note=note))
        for name in NINES:
            of, note = self._within(name, seen)
            note = _joined(note, which)
            rows.append(row(design, role, f"p_year_within_{name}", of, note=note))
        return rows

    def _within(self, nines: str, seen: Columns) -> tuple[Estimate, str]:
        """Return the share of years within a limit, and a note; years of one term go together."""
        if not self.whole:
            return Estimate(None, None, None, 0, "whole contract years"), COUNTED
        k, (n, means, variances, eventful) = PLACES[f"within_{nines}"], seen
        some, lacking = eventful[k], eventful[PLACES[f"missed_{nines}"]]
        mean, variance = means[k], variances[k]
        of = clustered_interval(mean, variance, n, some=some, lacking=lacking, each=self.whole)
        if some and lacking:
            return of, COUNTED
        return of, f"met in {'every' if some else 'no'} year of {n} terms; {COUNTED}"

    def _reasons(self) -> list[Row]:
        why, role = self.reasons, self.owner
        rows = why.by_root(role, "down_by_root", why.roots)
        rows += why.by_root(role, "down_unplanned_by_root", why.faults)
        rows += why.by_root(role, "down_planned_by_root", why.works)
        return rows + why.by_contributor(role, "contributor_share", self.eventful)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
