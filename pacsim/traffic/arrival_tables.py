"""Arrivals as columns: what a simulator is fed with, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ARRIVED = np.dtype(
    [
        ("time", np.float64),
        ("station", np.int32),
        ("stream", np.int8),
        ("slot", np.int32),
        ("number", np.int64),
        ("turn", np.int64),
        ("items", np.int64),
        ("size", np.float64),
        ("sent", np.float64),
        ("stored", np.float64),
        ("queries", np.int32),
        ("studies_from", np.int64),
        ("studies", np.int32),
    ]
)
"""An exam or an opening a row, in the order of `pacsim.traffic.arrivals.arrivals`.

``stream`` counts `pacsim.traffic.logs.STREAMS`; ``turn`` is the number of its operation in its
stream (T15): 2^20 times the slot and the rank among those of the slot. An opening has ``queries``
and ``studies`` rows of the studies from ``studies_from`` on; an exam has the rest."""
STUDIES = np.dtype([("items", np.int64), ("size", np.float64)])
"""A study of an opening: items, and bytes of an item as it is stored."""


@dataclass(frozen=True, eq=False)
class ArrivalTable:
    """What arrives in consecutive slots.

    Parameters
    ----------
    rows : ndarray of `ARRIVED`
        In order of time, station, stream and number.
    studies : ndarray of `STUDIES`
        Of the openings.
    """

    rows: np.ndarray
    studies: np.ndarray
