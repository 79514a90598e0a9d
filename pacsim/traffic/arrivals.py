"""What arrives at stations: exams that are finished, studies that are opened."""

from __future__ import annotations

from typing import NamedTuple


class Exam(NamedTuple):
    """An exam that a station has finished.

    Parameters
    ----------
    time : float
        Seconds.
    station : int
        Number of the station.
    stream : str
        `EXAMS` or `EMERGENCIES`.
    slot : int
        Hours from t = 0, rounded down.
    number : int
        Number in the slot before sorting: with the slot the key of its draws.
    items : int
        Instances, at least 1.
    size, sent, stored : float
        Bytes of an item as it is made, sent and stored.
    """

    time: float
    station: int
    stream: str
    slot: int
    number: int
    items: int
    size: float
    sent: float
    stored: float


class Opening(NamedTuple):
    """A study that a workstation is asked for.

    Parameters
    ----------
    time : float
        Seconds.
    station : int
        Number of the station.
    slot : int
        Hours from t = 0, rounded down.
    number : int
        Number in the slot before sorting.
    queries : int
        Queries before anything is fetched.
    studies : tuple of (int, float)
        Items, and bytes of an item as it is stored: the current study, then priors.
    """

    time: float
    station: int
    slot: int
    number: int
    queries: int
    studies: tuple[tuple[int, float], ...]
