"""One measure as it is registered, and how figures are estimated, in words."""

from __future__ import annotations

from dataclasses import dataclass

STUDENT = "mean over terms, Student's t; of its logarithm below 200 eventful terms"
QUANTILE = "log-spaced histogram, bins of 1.2 %; order statistics"
SHARE = "Clopper-Pearson"
RATIO = "ratio of means, delta method"
FROM_RATES = "from rates, nothing is simulated"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Parameters
    ----------
    name : str
        As in the column ``measure``.
    unit : str
        Of its figures: 1, h/year, 1/year, 1/h, studies, h, s, TB or years.
    group : str
        Heading under which it is listed.
    label : str
        What people call it.
    meaning : str
        What is counted, in a sentence.
    estimator : str
        How figure and interval are made.
    by : tuple of str
        What it is split by.
    paired : bool
        Whether designs are compared by it, term by term.
    at : tuple of str
        Coordinates that its rows may have, as columns of their own.
    """

    name: str
    unit: str
    group: str
    label: str
    meaning: str
    estimator: str
    by: tuple[str, ...] = ()
    paired: bool = False
    at: tuple[str, ...] = ()
