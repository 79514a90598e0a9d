"""What a run is asked for: when it stops, which random numbers, how many threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """When a run stops.

    Parameters
    ----------
    precision : float or None
        Relative half-width of the unavailability of ``role``, for every design.
    role : str or None
        The role it is asked of; ``store`` if there is one, else the first one.
    replications : int or None
        Exactly as many, or with a precision at most.
    seconds : float or None
        Stop after this time with what there is.
    seed : int
        Of all random streams.
    threads : int or None
        By default all processors.
    """

    precision: float | None = None
    role: str | None = None
    replications: int | None = None
    seconds: float | None = None
    seed: int = 1
    threads: int | None = None
