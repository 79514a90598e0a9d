"""What can be asked of a measure in a study: pairs, which side is better, its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.results.measures import MEASURES

if TYPE_CHECKING:
    from pacsim.studies.study_values import MeasureName

HIGHEST = ("p_year_within", "failover_automatic")
"""Beginnings of measures of which more is better."""
NO_MEANS = ("order statistics", "histogram", "from rates", "exact,")
"""In how an interval is made, of figures that are no means and are not paired."""


def is_mean(name: MeasureName) -> bool:
    """Return whether a measure is a mean over terms or a ratio of two, so that it is paired.

    Examples
    --------
    >>> from pacsim.studies.study_values import MeasureName
    >>> is_mean(MeasureName("store", "down")), is_mean(MeasureName("store", "down_year_p95"))
    (True, False)
    """
    known = MEASURES.get(name.measure)
    return known is None or not any(word in known.estimator for word in NO_MEANS)


def is_ratio(name: MeasureName) -> bool:
    """Return whether a measure is a ratio of two means, which is none where nothing stands below.

    Examples
    --------
    >>> from pacsim.studies.study_values import MeasureName
    >>> is_ratio(MeasureName("store", "outage_duration_mean"))
    True
    """
    known = MEASURES.get(name.measure)
    return known is not None and known.estimator.startswith("ratio")


def more_is_better(name: MeasureName) -> bool:
    """Return whether more of a measure is better.

    Examples
    --------
    >>> from pacsim.studies.study_values import MeasureName
    >>> more_is_better(MeasureName("store", "p_year_within_99_9"))
    True
    """
    return name.measure.startswith(HIGHEST)


def unit_of_name(name: MeasureName) -> str:
    """Return the unit of a measure; empty for one that does not ship."""
    known = MEASURES.get(name.measure)
    return known.unit if known is not None else ""
