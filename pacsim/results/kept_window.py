"""A window of the traffic that is kept with a result, so that a page can draw it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pacsim.units import ROUNDING

Count = Annotated[int, Field(ge=0)]
UNUSUAL = (
    *("silent", "hung", "refuses", "erroring", "nobody", "planned move", "cut", "out", "down"),
    *("some served", "nobody listed", "not served"),
)
"""What may be wrong in a span of a window; pictures know how each looks."""
MINUTE_COLUMNS = ("served", "slow", "failed", "waiting")
MINUTE = 60.0
MOST_MINUTES = 1_000_000
"""In a row of operations: no term is so long that it takes more."""


class KeptRecord(BaseModel):
    """What is read back strictly; unknown keys are ignored, as everywhere in a result."""

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
    )


class KeptSpan(KeptRecord):
    """A time over which something was the same."""

    start: float
    end: float
    state: str
    usual: bool

    @model_validator(mode="after")
    def _known(self) -> KeptSpan:
        if not self.usual and self.state not in UNUSUAL:
            msg = f"state {self.state!r} is not known"
            raise ValueError(msg)
        return self


class KeptLane(KeptRecord):
    """A bar: what a condition was, or what clients met."""

    name: str
    spans: list[KeptSpan]
    failures: list[float] = Field(default=[], description="when associations failed")


class KeptCurve(NamedTuple):
    """A number that holds from each of some times on."""

    times: np.ndarray
    values: np.ndarray


class KeptModality(KeptRecord):
    """Exams, and GB of them, that a modality has and the archive has not; beside the twin's."""

    modality: str
    times: Annotated[list[float], Field(min_length=1)]
    exams: list[float]
    gb: list[float]
    twin_times: Annotated[list[float], Field(min_length=1)]
    twin_exams: list[float]
    twin_gb: list[float]

    @model_validator(mode="after")
    def _same_lengths(self) -> KeptModality:
        own = {len(self.times), len(self.exams), len(self.gb)}
        twin = {len(self.twin_times), len(self.twin_exams), len(self.twin_gb)}
        if len(own) > 1 or len(twin) > 1:
            msg = "columns of a modality must be of one length"
            raise ValueError(msg)
        if self.times != sorted(self.times) or self.twin_times != sorted(self.twin_times):
            msg = "times must rise"
            raise ValueError(msg)
        return self

    @property
    def queue(self) -> KeptCurve:
        """Return the exams."""
        return KeptCurve(np.array(self.times), np.array(self.exams))

    @property
    def unsent(self) -> KeptCurve:
        """Return the GB."""
        return KeptCurve(np.array(self.times), np.array(self.gb))

    @property
    def twin_queue(self) -> KeptCurve:
        """Return the twin's exams."""
        return KeptCurve(np.array(self.twin_times), np.array(self.twin_exams))

    @property
    def twin_unsent(self) -> KeptCurve:
        """Return the twin's GB."""
        return KeptCurve(np.array(self.twin_times), np.array(self.twin_gb))


class KeptMoment(KeptRecord):
    """When something happened."""

    name: str
    time: float


class KeptExams(KeptRecord):
    """What became of exams."""

    late: Count
    lost: Count
    blocked: Count


class KeptMinutes(KeptRecord):
    """Operations minute by minute, from a time on; of a long window several minutes a row."""

    start: float
    each: int = Field(
        default=1, ge=1, le=MOST_MINUTES, description="minutes a row; the last may have fewer"
    )
    served: Annotated[list[Count], Field(min_length=1)]
    slow: list[Count]
    failed: list[Count]
    waiting: list[Count]

    @model_validator(mode="after")
    def _same_lengths(self) -> KeptMinutes:
        if len({len(getattr(self, name)) for name in MINUTE_COLUMNS}) > 1:
            msg = "columns of minutes must be of one length"
            raise ValueError(msg)
        return self


class KeptWindow(KeptRecord):
    """A window, as `pacsim.plots.episode` draws it; times are in seconds of the term."""

    design: str
    term: Count
    began: str = Field(description="when the term starts, an ISO date")
    start: float
    fault: float
    end: float
    censored: bool
    kind: str
    root: str
    overlapped: Count
    conditions: Annotated[list[KeptLane], Field(min_length=1)]
    clients: list[KeptLane]
    modalities: list[KeptModality]
    operations: KeptMinutes
    marks: list[KeptMoment]
    exams: KeptExams

    @model_validator(mode="after")
    def _in_order(self) -> KeptWindow:
        if not self.start <= self.fault < self.end:
            msg = "a window begins, has its first divergence and ends in this order"
            raise ValueError(msg)
        if any(
            x > self.start for one in self.modalities for x in (one.times[0], one.twin_times[0])
        ):
            msg = "queues are known from the start of a window on"
            raise ValueError(msg)
        try:
            self.when(self.end)
        except OverflowError:
            msg = f"there is no date {self.end:g} s after {self.began}"
            raise ValueError(msg) from None
        return self

    @property
    def minutes(self) -> np.ndarray:
        """Return start, served, slow, failed, waiting of each minute: of several their mean."""
        each, kept = self.operations.each, len(self.operations.served)
        # The last row may have fewer; a minute begins before the end.
        within = math.ceil((self.end - self.operations.start) / MINUTE - ROUNDING)
        count = max((kept - 1) * each + 1, min(kept * each, within))
        lasts = np.full(kept, each)
        lasts[-1] = count - (kept - 1) * each
        names = ("start", *MINUTE_COLUMNS)
        rows = np.zeros(count, dtype=[(name, np.float64) for name in names])
        rows["start"] = self.operations.start + MINUTE * np.arange(count)
        for name in MINUTE_COLUMNS:
            of = np.array(getattr(self.operations, name), dtype=np.float64)
            rows[name] = np.repeat(of if name == "waiting" else of / lasts, lasts)
        return rows

    def when(self, time: float) -> dt.datetime:
        """Return the date of a time.

        Parameters
        ----------
        time : float
            Seconds of the term.
        """
        return dt.datetime.fromisoformat(self.began) + dt.timedelta(seconds=time)
