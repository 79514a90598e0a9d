"""Stations, pools, timers: the plain values of a workload that both simulators read.

Times are in seconds, sizes in bytes, what is sent in items (instances). Nothing here knows a
design: `tables` are made by hand in tests, and from a design by `pacsim.traffic.from_design`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacsim.delays import Law
    from pacsim.traffic.client_conditions import Conditions

NONE = math.inf
"""A timer that is not there."""
ENDLESS = -1
"""A number of retries without limit."""
ARCHIVE, FREE = -1, -2
"""Targets: the archive, and one that never fails."""
STORE, RETRIEVE, QUERY, WORKLIST, ECHO = "store", "retrieve", "query", "worklist", "echo"
"""Operations."""
REJECTS, WAITS = "rejects", "waits"
COMMITTED, STORED, AGE = "committed", "stored", "age"
MISSING, STUDY = "missing", "study"
ROUND_ROBIN, FIRST, SOURCE = "round_robin", "first", "source"
EXAMS, EMERGENCIES, OPENINGS = "exams", "emergencies", "openings"
"""Streams of arrivals."""


@dataclass(frozen=True, slots=True)
class Timers:
    """Timers of a client, `NONE` where it has none, and what it does after a failure.

    Parameters
    ----------
    connect, associate, response, release : float
        Longest waits: for a connection, for an association, from the last response to the next,
        for the answer to a release.
    retry_every : float
        From a failure to the next try, > 0.
    retry_count : int
        Further tries before a job is parked; `ENDLESS`.
    pause : float
        Of a probe: from a success to the next operation, > 0.
    """

    connect: float = NONE
    associate: float = NONE
    response: float = NONE
    release: float = NONE
    retry_every: float = 60.0
    retry_count: int = ENDLESS
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class SharedPool:
    """Something of which there is only so much at a time: workers, a line, an array (T8)."""

    name: str
    capacity: float


@dataclass(frozen=True, slots=True)
class Work:
    """One item of an operation at one member (T6).

    Bytes on lines are added to what is said here, and a service that draws or that its steps make
    longer than its mean adds the difference: see `pacsim.traffic.keyed_draws.item_of`.

    Parameters
    ----------
    alone : float
        T, seconds if nothing else is asked and the item had no bytes; T itself must be > 0.
    uses : tuple of (int, float)
        Pool, and seconds of it: u(r), likewise.
    service : Law or None
        Of operations of one item: a draw of the service in place of its mean.
    served_by : int
        Pool of the workers, -1 without.
    mean : float
        Service contained in ``alone`` and in the use of ``served_by``.
    line : float
        Seconds a byte at the slowest rate on the way.
    sized : tuple of (int, float)
        Pool, and seconds of it a byte: array, NIC, uplink.
    step, array : float
        What a service contains and is no less than: seconds of the database, seconds a byte.
    """

    alone: float
    uses: tuple[tuple[int, float], ...] = ()
    service: Law | None = None
    served_by: int = -1
    mean: float = 0.0
    line: float = 0.0
    sized: tuple[tuple[int, float], ...] = ()
    step: float = 0.0
    array: float = 0.0


@dataclass(frozen=True, slots=True)
class Operation:
    """What a station asks for.

    Parameters
    ----------
    kind : str
        `STORE`, `RETRIEVE`, `QUERY`, `WORKLIST`, `ECHO`.
    works : tuple of Work
        Of one item, one for each member (or target) that may answer.
    association : float
        Seconds that a set-up takes.
    setups : int
        Set-ups before the first item: 0 without an association, 2 where it is handed on.
    release_takes : float
        Seconds that a release takes.
    target : int
        Number of the target that answers, `ARCHIVE` or `FREE`.
    attempt_takes : float
        Seconds of the client's own work on each attempt, before it asks for a connection.
    """

    kind: str
    works: tuple[Work, ...]
    association: float = 0.0
    setups: int = 1
    release_takes: float = 0.0
    target: int = ARCHIVE
    attempt_takes: float = 0.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Expected arrivals by hour (T4).

    Parameters
    ----------
    week : tuple of float, length 168
        Arrivals an hour in each hour of the week, from Monday 00:00, in the first contract year.
    growth : tuple of float
        Factor in each contract year, of 8 760 h; the last one holds on.
    starts : int
        Hour of the week at t = 0, 0 to 167.
    """

    week: tuple[float, ...]
    growth: tuple[float, ...] = (1.0,)
    starts: int = 0


@dataclass(frozen=True, slots=True)
class ImagingStudy:
    """What an exam consists of.

    Parameters
    ----------
    instances : Law or int
        Items; a draw is rounded up, at least 1.
    size : Law or float
        Bytes of an item as it is made.
    compression : float
        By how much smaller it is stored and retrieved, >= 1.
    sent_compressed : bool
        Whether it is sent like that as well.
    size_growth : tuple of float
        Factor on ``size`` in each contract year.
    """

    instances: Law | int
    size: Law | float
    compression: float = 1.0
    sent_compressed: bool = False
    size_growth: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A stream of a station: `EXAMS`, `EMERGENCIES` or `OPENINGS`."""

    name: str
    rates: Rates


@dataclass(frozen=True, slots=True)
class Modality:
    """A device that makes exams and sends them, one after another (T17, T18).

    Parameters
    ----------
    study : ImagingStudy
        What it makes.
    store : Operation
        How it sends.
    resend : str
        `MISSING` items only, or the whole `STUDY`.
    by_hand : Law or None
        From parking until a person sends it again; None: nobody ever does, so it is lost then.
    forgotten : float
        Probability that nobody ever does.
    buffer : float
        Bytes; infinite without limit.
    deletes : str
        `COMMITTED`, `STORED` or `AGE`.
    commit : Law or None
        Of `COMMITTED`: from stored to committed.
    router : int
        Station that it sends to, -1 for the archive.
    """

    study: ImagingStudy
    store: Operation
    resend: str = MISSING
    by_hand: Law | None = None
    forgotten: float = 0.0
    buffer: float = math.inf
    deletes: str = STORED
    commit: Law | None = None
    router: int = -1


@dataclass(frozen=True, slots=True)
class Reader:
    """A workstation: queries, the current study, priors (T19).

    Parameters
    ----------
    mix : tuple of (float, ImagingStudy)
        Shares that sum to 1, and what is opened.
    query, retrieve : Operation
        How it asks and fetches.
    queries : float
        Mean number before an opening: floor(mean + u).
    prior_exists : float
        Probability that there are priors.
    priors : int
        Fetched if there are.
    patience, returns, least_between : float
        Until it is put aside, until it comes back, least time between two.
    whole : bool
        Whether a failed retrieval begins anew (C-MOVE) or goes on with what is missing.
    """

    mix: tuple[tuple[float, ImagingStudy], ...]
    query: Operation
    retrieve: Operation
    queries: float = 0.0
    prior_exists: float = 0.0
    priors: int = 0
    patience: float = math.inf
    returns: float = 900.0
    least_between: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A station that forwards what it gets, with several senders and a buffer (T20)."""

    store: Operation
    parallel: int = 1
    buffer: float = math.inf
    resend: str = MISSING
    by_hand: Law | None = None
    forgotten: float = 0.0


@dataclass(frozen=True, slots=True)
class Asker:
    """The worklist questions of a modality's console (T20)."""

    ask: Operation
    every: float
    asks: int = 1
    patience: float = math.inf


@dataclass(frozen=True, slots=True)
class Probe:
    """One operation of one item, again and again, that uses no pool and no limit (T28)."""

    operations: tuple[Operation, ...]
    of: str = "modality"


@dataclass(frozen=True, slots=True)
class Station:
    """A client with a stream and a queue of its own.

    Parameters
    ----------
    name : str
        Such as ``CT-1``; its draws hang on it.
    does : Modality, Reader, Forwarder, Asker or Probe
        What it is.
    site : int
        Number of the place.
    timers : Timers
        Of its client kind.
    streams : tuple of Arrivals
        In order.
    """

    name: str
    does: Modality | Reader | Forwarder | Asker | Probe
    site: int = 0
    timers: Timers = field(default_factory=Timers)
    streams: tuple[Arrivals, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """How many associations a member has at a time, and what happens to one more (T9)."""

    associations: int
    over: str = REJECTS


@dataclass(frozen=True, slots=True)
class Dial:
    """How a balancer connects (T14 - T16)."""

    mode: str = ROUND_ROBIN
    retries: int = 3
    connect: float = 5.0
    redispatch: bool = False
    observe: int = 0
    every: float = 2.0
    rise: int = 2


@dataclass(frozen=True, slots=True)
class TrafficTables:
    """A workload at an archive.

    Parameters
    ----------
    conditions : Conditions
        Members, sites, addresses.
    stations : tuple of Station
        In file order: modalities, readers, routers, worklist askers, probes.
    pools : tuple of SharedPool
        What flows share.
    limits : tuple of Limit or None
        For each member.
    dial : Dial, optional
        Of a pool of servers.
    missed_reset : float
        Probability that a client that is cut off in its release does not notice.
    """

    conditions: Conditions
    stations: tuple[Station, ...]
    pools: tuple[SharedPool, ...] = ()
    limits: tuple[Limit | None, ...] = ()
    dial: Dial | None = None
    missed_reset: float = 0.0
