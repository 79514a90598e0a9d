"""What two runs of the same moment are compared by (T22): all that decides how they go on."""

from __future__ import annotations

import math

NEAR = 1e-6
"""Items and seconds within which two numbers are the same."""


class RunState:
    """What a run notes of itself, in an order that is the same in all runs of a workload.

    It holds nothing of the past: no counters, logs or high-water marks, which would never be equal
    again after a fault. What is worked out late, such as the progress of a flow, is noted as of
    now.
    """

    def __init__(self) -> None:
        self._marks: list[object] = []
        self._numbers: list[float] = []

    def note(self, *marks: object) -> None:
        """Note what must be equal."""
        self._marks += marks

    def near(self, *numbers: float) -> None:
        """Note what must be equal within `NEAR`: times and items."""
        self._numbers += numbers

    def same_as(self, other: RunState) -> bool:
        """Return whether both go on alike.

        Examples
        --------
        >>> one, other = RunState(), RunState()
        >>> one.near(1.0, math.inf, math.nan)
        >>> other.near(1.0 + 1e-7, math.inf, math.nan)
        >>> one.same_as(other)
        True
        >>> other.note("queued")
        >>> one.same_as(other)
        False
        """
        return (
            self._marks == other._marks
            and len(self._numbers) == len(other._numbers)
            and all(map(_same, self._numbers, other._numbers))
        )


def _same(x: float, y: float) -> bool:
    # Infinities less one another are no number, and neither is what has not come about.
    return x == y or abs(x - y) <= NEAR or (math.isnan(x) and math.isnan(y))
