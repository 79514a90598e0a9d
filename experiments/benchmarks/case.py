"""The case common-job: two chains of five parts in series, two chains side by side."""

from __future__ import annotations

import json
import statistics
import sys

CHAINS, LENGTH = 2, 5
LIFE, REPAIR = 10_000.0, 24.0
"""Exponential means of a part's life and repair in hours."""
MISSION = 87_600.0
EVENTS = 174.7566988470
"""Failures and repairs of a mission, exactly."""
DOWN = 12.4293247301
"""Hours for which both chains are down in a mission, exactly."""


def report(name: str, nanoseconds: list[float], **more: float | str) -> None:
    """Print one line of JSON: the median of what an event took, and anything else."""
    middle = statistics.median(nanoseconds)
    spread = (max(nanoseconds) - min(nanoseconds)) / middle
    line = {"name": name, "ns_per_event": round(middle, 1), "spread": round(spread, 3)}
    sys.stdout.write(json.dumps(line | more) + "\n")
