"""Points drawn from ranges, by the sampling plans of scipy (`scipy.stats.qmc`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.studies.amounts import LOG, Amount
from pacsim.studies.sampled_labels import sampled_labels
from pacsim.studies.study_values import LATIN_HYPERCUBE, SOBOL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pacsim.studies.study_values import Dimension, SampledRange, Sampling


def drawn(
    dimensions: Sequence[Dimension], sample: Sampling
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield labels and changes of each point that is drawn.

    A dimension whose values are written out gives each of them the same share.

    Parameters
    ----------
    dimensions : sequence of Dimension
        What is varied.
    sample : Sampling
        How, and how many points.
    """
    made: list[dict[str, Any]] = []
    called: list[list[str | Amount]] = []
    for row in unit_cube(sample, len(dimensions)):
        changes: dict[str, Any] = {}
        values: list[str | Amount] = []
        for one, u in zip(dimensions, row, strict=True):
            if one.span is None:
                k = min(int(u * len(one.labels)), len(one.labels) - 1)
                values.append(one.labels[k])
                changes |= one.changes[k]
                continue
            amount = placed(one.span, float(u))
            values.append(str(amount) if one.span.whole else amount)
            own = one.span.own
            value = amount.plain() if own is None else own.written(amount)
            changes |= dict.fromkeys(one.span.paths, value)
        made.append(changes)
        called.append(values)
    names = [one.name for one in dimensions]
    for labels, changes in zip(sampled_labels(called), made, strict=True):
        yield dict(zip(names, labels, strict=True)), changes


def placed(span: SampledRange, u: float) -> Amount:
    """Return the amount at a share of a range, in [0, 1).

    Examples
    --------
    >>> from pacsim.studies.study_values import SampledRange
    >>> span = SampledRange(("a.b",), Amount(1.0, "h"), Amount(100.0, "h"), LOG)
    >>> str(placed(span, 0.5))
    '10 h'
    """
    low, high, unit = span.low.number, span.high.number, span.low.unit
    if span.whole and span.scale == LOG:
        # 1 has the same share as 2 and 3 together, and as 4 to 7.
        return Amount(float(math.floor(low * ((high + 1.0) / low) ** u)), unit)
    if span.whole:
        return Amount(float(math.floor(low + u * (high - low + 1.0))), unit)
    if span.scale == LOG:
        return Amount(low * (high / low) ** u, unit)
    return Amount(low + u * (high - low), unit)


def unit_cube(sample: Sampling, dimensions: int) -> np.ndarray:
    """Return points of the unit cube, a row each, in [0, 1).

    Parameters
    ----------
    sample : Sampling
        Of Sobol's sequence the points are a power of 2.
    dimensions : int
        At least 1.

    Examples
    --------
    >>> from pacsim.studies.study_values import Sampling
    >>> cube = unit_cube(Sampling(LATIN_HYPERCUBE, 4, 1), 2)
    >>> sorted((4 * cube[:, 1]).astype(int).tolist())
    [0, 1, 2, 3]
    """
    from scipy.stats import qmc

    generator = np.random.Generator(np.random.PCG64(sample.seed))
    if sample.method == LATIN_HYPERCUBE:
        made = qmc.LatinHypercube(dimensions, seed=generator).random(sample.points)
    elif sample.method == SOBOL:
        bits = sample.points.bit_length() - 1
        made = qmc.Sobol(dimensions, seed=generator).random_base2(bits)
    else:
        made = generator.random((sample.points, dimensions))
    # Rounding may make a 1 of what is below it.
    return np.minimum(np.asarray(made, np.float64), np.nextafter(1.0, 0.0))
