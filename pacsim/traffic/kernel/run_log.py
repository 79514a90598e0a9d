"""What has happened in a run, with what is open now, as a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacsim.traffic.logs import ATTEMPTS, COUNTS, HOWS, JOBS, OPEN, TrafficLog

if TYPE_CHECKING:
    from pacsim.traffic.kernel.run_arrays import RunArrays

COUNTED = ("finished", "stored", "lost", "blocked")
LEFT = ("queued", "in_flight", "parked", "handed")


def log_of(run: RunArrays) -> TrafficLog:
    """Return the log of a run whose open rows were written; nothing of the run changes."""
    stations, sizes = run.rows("stations"), run.rows("sizes")
    left, bytes_left = run.rows("left"), run.rows("left_bytes")
    counts = np.zeros(len(stations), dtype=COUNTS)
    for name in COUNTED:
        counts[name] = stations[name]
        counts[f"bytes_{name}"] = sizes[f"bytes_{name}"]
    for name in LEFT:
        counts[name] = left[name]
        counts[f"bytes_{name}"] = bytes_left[name]
    for name in ("finished", "queued"):
        counts[name] += left["late"]
    counts["attempts"] = stations["attempts"]
    counts["ended"] = run.state["ended"].reshape(-1, len(HOWS))
    counts["ended"][:, OPEN] += left["attempts"]
    world = run.world
    attempts = run.state["attempts"][: world["attempts"] + world["open_attempts"]]
    rows = run.state["rows"][: world["rows"] + world["open_rows"]]
    return TrafficLog(attempts.view(ATTEMPTS).copy(), rows.view(JOBS).copy(), counts)
