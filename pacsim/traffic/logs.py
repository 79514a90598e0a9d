"""What a run of the traffic returns, the same from both simulators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacsim.errors import SimulationError

OK, REFUSED, RESET, RESPONSE, ASSOCIATE, CONNECT, STATUS, REJECTED, DIALS, UNLISTED = range(10)
OVERWRITTEN, OPEN = 10, 11
HOWS = (
    *("ok", "refused", "reset", "response", "associate", "connect", "status", "rejected"),
    *("dials", "nobody", "overwritten", "open"),
)
"""Names of the ways in which an attempt ends, by their numbers."""
STORED_SAFE, LOST_OVERWRITTEN, LOST_FORGOTTEN, BLOCKED, BY_TYPING, UNDECIDED = range(6)
OUTCOMES = ("stored", "lost-overwritten", "lost-forgotten", "blocked", "typed", "open")
"""Names of what becomes of a job by their numbers; a served opening or question is stored."""
KINDS = ("store", "retrieve", "query", "worklist", "echo")
STREAMS = ("exams", "emergencies", "openings", "worklist", "probe")

ATTEMPTS = np.dtype(
    [
        ("station", np.int32),
        ("operation", np.int8),
        ("source", np.int32),
        ("stream", np.int8),
        ("number", np.int64),
        ("step", np.int32),
        ("try", np.int32),
        ("start", np.float64),
        ("end", np.float64),
        ("member", np.int32),
        ("how", np.int8),
        ("items", np.int64),
        ("bytes", np.float64),
    ]
)
"""One attempt a row: ``source`` is the station at which the job arose, ``number`` its key there."""
JOBS = np.dtype(
    [
        ("station", np.int32),
        ("source", np.int32),
        ("stream", np.int8),
        ("slot", np.int32),
        ("number", np.int64),
        ("finished", np.float64),
        ("first", np.float64),
        ("stored", np.float64),
        ("tries", np.int32),
        ("parked", np.int32),
        ("outcome", np.int8),
        ("bytes", np.float64),
        ("sent", np.float64),
    ]
)
"""One job a row: an exam at a modality or a router, an opening, a question; ``parked`` counts how
often it was parked or put aside, ``first`` is the time of the first image."""
COUNTS = np.dtype(
    [
        *((name, np.int64) for name in ("finished", "stored", "lost", "blocked")),
        *((name, np.int64) for name in ("queued", "in_flight", "parked", "handed")),
        *((f"bytes_{name}", np.float64) for name in ("finished", "stored", "lost", "blocked")),
        *((f"bytes_{name}", np.float64) for name in ("queued", "in_flight", "parked", "handed")),
        ("attempts", np.int64),
        ("ended", np.int64, (len(HOWS),)),
    ]
)
"""One station a row (T24). ``handed``: a router has them, the archive has them not."""


@dataclass(frozen=True, eq=False)
class TrafficLog:
    """What happened, in the order in which it was written: a row's time is when it ended.

    Parameters
    ----------
    attempts, jobs, counts : ndarray
        Of `ATTEMPTS`, `JOBS`, `COUNTS`.
    """

    attempts: np.ndarray
    jobs: np.ndarray
    counts: np.ndarray

    def check(self) -> None:
        """Look whether nothing was lost on the way (T24).

        Raises
        ------
        SimulationError
            If a station's exams, bytes or attempts do not add up.
        """
        rows, parts = self.counts, ("stored", "lost", "blocked", "queued", "in_flight", "parked")
        for name, near in (("", 0.0), ("bytes_", 1e-9)):
            into = rows[f"{name}finished"].astype(float)
            out = np.zeros(len(rows))
            for part in (*parts, "handed"):
                out += rows[name + part]
            for station in np.flatnonzero(np.abs(into - out) > near * np.maximum(into, 1.0)):
                came, went = float(into[station]), float(out[station])
                msg = f"station {station}: {came!r} {name}finished, {went!r} accounted for"
                raise SimulationError(msg)
        for station in np.flatnonzero(rows["attempts"] != rows["ended"].sum(axis=1)):
            row = rows[station]
            msg = f"station {station}: {row['attempts']} attempts, {row['ended'].sum()} ended"
            raise SimulationError(msg)
