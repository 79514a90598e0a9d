"""What a picture of a window is made of, as the tables of an episode give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy as np


class DrawnSpan(Protocol):
    """A time over which something was the same."""

    @property
    def start(self) -> float:
        """Seconds."""

    @property
    def end(self) -> float:
        """Seconds."""

    @property
    def state(self) -> str:
        """In a word or two."""

    @property
    def usual(self) -> bool:
        """Whether nothing is wrong."""


class DrawnLane(Protocol):
    """A bar."""

    @property
    def name(self) -> str:
        """What it is of."""

    @property
    def spans(self) -> Sequence[DrawnSpan]:
        """One after another."""

    @property
    def failures(self) -> Sequence[float]:
        """When associations failed."""


class DrawnCurve(Protocol):
    """A number that holds from each of some times on."""

    @property
    def times(self) -> np.ndarray:
        """Seconds."""

    @property
    def values(self) -> np.ndarray:
        """From there on."""


class DrawnModality(Protocol):
    """Queue and unsent GB of a modality, and the twin's."""

    @property
    def modality(self) -> str:
        """Such as ``CT``."""

    @property
    def queue(self) -> DrawnCurve:
        """Exams."""

    @property
    def twin_queue(self) -> DrawnCurve:
        """Exams."""

    @property
    def unsent(self) -> DrawnCurve:
        """GB."""

    @property
    def twin_unsent(self) -> DrawnCurve:
        """GB."""


class DrawnMoment(Protocol):
    """When something happened."""

    @property
    def name(self) -> str:
        """What; from the second divergence on with its number."""

    @property
    def time(self) -> float:
        """Seconds."""


class DrawnExams(Protocol):
    """What became of exams."""

    @property
    def late(self) -> int:
        """Stored later than in the twin."""

    @property
    def lost(self) -> int:
        """Lost at the scanner."""

    @property
    def blocked(self) -> int:
        """That could not be made."""


class DrawnWindow(Protocol):
    """A window as `pacsim.traffic.episode.Episode` gives it; times are seconds of the term."""

    @property
    def design(self) -> str:
        """Name."""

    @property
    def term(self) -> int:
        """Number."""

    @property
    def start(self) -> float:
        """When the window begins."""

    @property
    def fault(self) -> float:
        """When its first divergence does."""

    @property
    def end(self) -> float:
        """When it is closed."""

    @property
    def censored(self) -> bool:
        """Whether the end of the term closed it."""

    @property
    def kind(self) -> str:
        """Of the first divergence."""

    @property
    def root(self) -> str:
        """What that began with."""

    @property
    def overlapped(self) -> int:
        """Divergences that began later."""

    @property
    def conditions(self) -> Sequence[DrawnLane]:
        """Of the archive."""

    @property
    def clients(self) -> Sequence[DrawnLane]:
        """What they met."""

    @property
    def modalities(self) -> Sequence[DrawnModality]:
        """Queues."""

    @property
    def minutes(self) -> np.ndarray:
        """Start, served, slow, failed, waiting of each minute."""

    @property
    def marks(self) -> Sequence[DrawnMoment]:
        """In order."""

    @property
    def exams(self) -> DrawnExams:
        """What became of them."""

    def when(self, time: float) -> dt.datetime:
        """Return the date of a time."""
