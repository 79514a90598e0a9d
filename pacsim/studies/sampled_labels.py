"""What sampled values are called: short, and as long as points must be told apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pacsim.studies.amounts import DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.studies.amounts import Amount

SHORT = 3
"""Digits of a value, unless points are told apart by more."""


def sampled_labels(points: Sequence[Sequence[str | Amount]]) -> list[tuple[str, ...]]:
    """Return what the values of each point are called, no two points alike that are not.

    Parameters
    ----------
    points : sequence of sequence of str or Amount
        A value for each dimension: one that is drawn from a range, or what another is called.

    Examples
    --------
    >>> from pacsim.studies.amounts import Amount
    >>> drawn = [(Amount(1.94189, "years"),), (Amount(2.3411, "h"),), (Amount(2.3409, "h"),)]
    >>> sampled_labels(drawn)
    [('1.94 years',), ('2.3411 h',), ('2.3409 h',)]
    """
    found = [_called(one, SHORT) for one in points]
    for digits in range(SHORT + 1, DIGITS + 1):
        shared = {labels for labels, count in Counter(found).items() if count > 1}
        if not shared:
            break
        found = [
            _called(one, digits) if labels in shared else labels
            for one, labels in zip(points, found, strict=True)
        ]
    return found


def _called(values: Sequence[str | Amount], digits: int) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else one.called(digits) for one in values)
