"""Figures of a scored service level: rows with intervals, in which a term is one cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.results.rows import Row, row
from pacsim.stats import (
    Estimate,
    clustered_interval,
    mean_interval,
    proportion_interval,
    quantile_ranks,
)
from pacsim.units import HOUR, ROUNDING, YEAR

if TYPE_CHECKING:
    from pacsim.service_levels.scored import Scored

OVER = (1.0, 4.0, 8.0, 24.0)
"""Hours that an outage may exceed."""
COORDINATE = "service_level"
"""Column of a row that names the service level."""
RECORDED = "counted, one history"


def sla_rows(found: Scored) -> list[Row]:
    """Return every figure of a scored service level.

    Parameters
    ----------
    found : Scored
        Of one design, or one log, of which nothing is estimated.
    """
    judged = found.met[:, found.judged]
    n, each = judged.shape
    by_term = judged.mean(axis=1) if each else np.ones(n)
    whole = judged.all(axis=1)
    made: list[tuple[str, Estimate, str, str]] = [
        ("sla_met", _share_met(by_term, n, each), "", f"{n * each} windows of {n} terms"),
        ("sla_met_throughout", proportion_interval(int(whole.sum()), n), "", ""),
        (
            "sla_miss_hours",
            _mean(
                found.missed_hours(),
                found.counted.hours.sum() / found.histories.length * YEAR / HOUR,
            ),
            "",
            "",
        ),
    ]
    terms = found.level.credits
    if terms is not None:
        fees = float(found.fees.sum()) * min(terms.cap, terms.below[-1][1])
        most = fees / found.years if terms.fee else min(terms.cap, terms.below[-1][1])
        made.append(("sla_credits", _mean(found.paid(), most), "", ""))
    made.append(("longest_outage_p95", _quantile(found.longest / HOUR, 0.95), "", ""))
    for hours in OVER:
        over = int(np.count_nonzero(found.longest > hours * HOUR + ROUNDING))
        made.append(("p_outage_over", proportion_interval(over, n), f"{hours:g} h", ""))
    return [_row(found, *one) for one in made]


def _row(found: Scored, measure: str, of: Estimate, over: str, note: str) -> Row:
    if found.histories.recorded:
        of = Estimate(of.value, None, None, of.n, RECORDED)
    made = row(
        found.histories.name,
        found.level.measured.said,
        measure,
        of,
        by="over" if over else "",
        of=over,
        note=note,
    )
    terms = found.level.credits
    unit = terms.unit if measure == "sla_credits" and terms is not None else made.unit
    return replace(made, unit=unit, point=((COORDINATE, found.level.name),))


def _share_met(by_term: np.ndarray, n: int, each: int) -> Estimate:
    """Return the share of windows that are met; those of one term go together."""
    variance = float(by_term.var(ddof=1)) if n > 1 else 0.0
    some, lacking = int(np.count_nonzero(by_term > 0)), int(np.count_nonzero(by_term < 1))
    mean = float(by_term.mean())
    return clustered_interval(mean, variance, n, some=some, lacking=lacking, each=max(each, 1))


def _mean(values: np.ndarray, most: float) -> Estimate:
    """Return a mean over terms; of what was not seen the bound of its odds times the most of it."""
    n, mean = len(values), float(values.mean())
    if mean == 0.0:
        upper = proportion_interval(0, n).upper
        bound = None if upper is None else upper * most
        return Estimate(0.0, 0.0, bound, n, "none seen; the bound of its odds times the most")
    variance = float(values.var(ddof=1)) if n > 1 else 0.0
    return mean_interval(mean, variance, n, eventful=int(np.count_nonzero(values)))


def _quantile(values: np.ndarray, p: float) -> Estimate:
    """Return a quantile with the interval of order statistics, exact by the binomial law."""
    n, rising = len(values), np.sort(values)
    rank = max(1, int(np.ceil(p * n * (1.0 - 1e-12))))
    low, high = quantile_ranks(p, n)
    return Estimate(
        float(rising[rank - 1]),
        float(rising[low - 1]) if low >= 1 else None,
        float(rising[high - 1]) if high <= n else None,
        n,
        "order statistics",
    )
