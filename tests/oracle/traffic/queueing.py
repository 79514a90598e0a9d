"""Textbook queues as workloads, their formulae, and their own simulation without flows.

A queue is run in batches. Its figure is a sum over the arrivals of a batch, divided by the arrivals
that are expected, so that its expectation is the formula's. Queues forget slowly: to see small
errors in few arrivals the figure is corrected, by regression over the batches, for what is known to
be chance: the number of arrivals, their work, and the figure of a plain system beside it (first
come, first served, or a loss system) that the same arrivals meet with less work, whose mean another
value of a formula gives. So what is judged is the simulator; the arrivals have tests of their own
(number 34), and so do the systems beside (`test_queues`).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.stats import poisson
from scipy.stats import t as student

from pacsim.core.streams import replication_key
from pacsim.traffic.client_conditions import SERVER, Conditions, Timeline
from pacsim.traffic.client_tables import (
    EXAMS,
    FREE,
    STORE,
    Arrivals,
    Forwarder,
    ImagingStudy,
    Limit,
    Modality,
    Operation,
    Rates,
    SharedPool,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from pacsim.delays import Law
    from pacsim.traffic.logs import TrafficLog

LESS = 0.95
"""Share of the work at the system beside."""
MOST_EACH = 400.0
"""Arrivals an hour at one scanner."""
SENDERS = 8
"""Of a router. Ten times as many as are there on average, between all routers."""
AT_ONCE = 1e-9
"""Seconds that handing on takes."""
KEYED = 2**40
"""More than the numbers of a stream's arrivals."""
ONE = Conditions(SERVER, ("a",), ("s",))


# Formulae, from textbooks.


def erlang_b(servers: int, load: float) -> float:
    """Return the share that is lost where nobody waits."""
    lost = 1.0
    for k in range(1, servers + 1):
        lost = load * lost / (k + load * lost)
    return lost


def erlang_c(servers: int, load: float) -> float:
    """Return the share that waits where everybody does, exponential services."""
    lost = erlang_b(servers, load)
    return servers * lost / (servers - load * (1.0 - lost))


def exponential_wait(servers: int, load: float) -> float:
    """Return the mean wait in mean services: Erlang's C formula."""
    return erlang_c(servers, load) / (servers - load)


def single_wait(load: float, variation: float) -> float:
    """Return the mean wait at one server in mean services (Pollaczek and Khinchine).

    ``variation`` is the squared coefficient of variation of a service.
    """
    return load * (1.0 + variation) / (2.0 * (1.0 - load))


def fixed_wait(servers: int, load: float) -> float:
    """Return the mean wait in services that are all alike.

    Who is in service now has left a service later, and nobody else has: the numbers present a
    service apart are a chain, N' = max(N - servers, 0) + Poisson(load).
    """
    size = 400
    chain = np.zeros((size, size))
    for n in range(size):
        left = max(n - servers, 0)
        chain[n, left:] = poisson.pmf(np.arange(size - left), load)
        chain[n, -1] += 1.0 - chain[n].sum()
    chain -= np.eye(size)
    chain[:, -1] = 1.0
    steady = np.linalg.solve(chain.T, np.eye(size)[-1])
    return float(steady @ np.arange(size)) / load - 1.0


# The same queues one arrival after another.


def waits_in_turn(came: np.ndarray, took: np.ndarray, servers: int) -> np.ndarray:
    """Return the waits of first come, first served."""
    free = [0.0] * servers
    found = []
    for at, service in zip(came.tolist(), took.tolist(), strict=True):
        begin = max(at, free[0])
        heapq.heapreplace(free, begin + service)
        found.append(begin - at)
    return np.array(found)


def lost_on_arrival(came: np.ndarray, took: np.ndarray, servers: int) -> np.ndarray:
    """Return which arrivals find all servers taken and go away."""
    taken: list[float] = []
    found = []
    for at, service in zip(came.tolist(), took.tolist(), strict=True):
        while taken and taken[0] <= at:
            heapq.heappop(taken)
        found.append(len(taken) == servers)
        if len(taken) < servers:
            heapq.heappush(taken, at + service)
    return np.array(found)


# What is simulated.


@dataclass(frozen=True)
class Queue:
    """Exams of one item each, all of it work, that as many send as there are.

    Scanners hand them on at once to routers, whose senders are hardly ever all busy: so the archive
    meets Poisson arrivals, however many of them are there. Or there is one scanner alone, which
    sends one after another.

    Parameters
    ----------
    law : Law
        Of the seconds of an item alone.
    rate : float
        Arrivals a second, of all scanners.
    pool : float
        Workers that they share; infinite without.
    limit : Limit, optional
        Of associations.
    routers : int
        Between which the exams are shared; without, one scanner sends to the archive.
    warm, batch : float
        Seconds before anything is counted, and of a batch.
    batches : int
        How many.
    """

    law: Law
    rate: float
    pool: float = math.inf
    limit: Limit | None = None
    routers: int = 8
    warm: float = 500.0
    batch: float = 250.0
    batches: int = 40

    def tables(self) -> TrafficTables:
        """Return the workload. Who is rejected is gone: no further try, and forgotten."""
        work = Work(0.0, line=1.0, sized=((0, 1.0),))
        send = Operation(STORE, (work,), setups=0)
        hand_on = Operation(STORE, (Work(AT_ONCE),), setups=0, target=FREE)
        count = self.makers
        streams = (Arrivals(EXAMS, Rates((3600.0 * self.rate / count,) * 168)),)
        timers = Timers(retry_count=0)
        makers = [
            Modality(
                ImagingStudy(1, self.law),
                hand_on if self.routers else send,
                forgotten=1.0,
                router=count + k % self.routers if self.routers else -1,
            )
            for k in range(count)
        ]
        router = Forwarder(send, SENDERS, forgotten=1.0)
        stations = (
            *(Station(f"S-{k}", x, timers=timers, streams=streams) for k, x in enumerate(makers)),
            *(Station(f"router-{k}", router, timers=timers) for k in range(self.routers)),
        )
        return TrafficTables(ONE, stations, (SharedPool("workers", self.pool),), (self.limit,))

    @property
    def makers(self) -> int:
        """Return how many scanners there are."""
        return math.ceil(3600.0 * self.rate / MOST_EACH) if self.routers else 1

    @property
    def until(self) -> float:
        """Return the end of the last batch."""
        return self.warm + self.batches * self.batch

    def longer(self, factor: float) -> Queue:
        """Return the same with more batches."""
        return replace(self, batches=round(self.batches * factor))

    def run(self, simulator: Callable[[TrafficTables], Any], seed: int) -> Served:
        """Return what a `TrafficSimulator` makes of it.

        What comes after the last batch is only company.
        """
        tables, end, key = self.tables(), self.until + 4.0 * self.warm, replication_key(seed, 0)
        came = ArrivingStreams(tables).table(key, 0, math.ceil(end / HOUR))
        run = simulator(tables).begin(Timeline.of(ONE), 0.0, key)
        run.feed(came)
        run.advance(end)
        log = run.log()
        log.check()
        return Served.of(self, came.rows, log)


@dataclass(frozen=True, eq=False)
class Served:
    """What became of arrivals, a row each in the order in which they came, until the last batch.

    ``came`` and ``took`` are what arrived, the time and the seconds of work; ``start``, ``end`` and
    ``how`` are of its one attempt.
    """

    queue: Queue
    came: np.ndarray
    took: np.ndarray
    start: np.ndarray
    end: np.ndarray
    how: np.ndarray

    @classmethod
    def of(cls, queue: Queue, came: np.ndarray, log: TrafficLog) -> Served:
        """Put what arrived beside what a log says of it."""
        kept = came[came["time"] < queue.until]
        of, tries = KEYED * kept["station"].astype(np.int64), log.attempts
        # What scanners hand on is no attempt at the archive.
        tries = tries[tries["station"] >= queue.makers] if queue.routers else tries
        keys = of + 2**20 * kept["slot"].astype(np.int64) + kept["number"]
        tried = KEYED * tries["source"].astype(np.int64) + tries["number"]
        order = np.argsort(tried)
        assert (np.diff(tried[order]) > 0).all(), "an exam was tried twice"
        place = np.searchsorted(tried[order], keys)
        assert (tried[order][place] == keys).all(), "an exam was not tried"
        rows = tries[order][place]
        found = cls(
            queue, kept["time"], kept["size"], *(rows[name] for name in ("start", "end", "how"))
        )
        assert not np.isnan(found.end).any(), "something is open: wait longer"
        return found

    def by_batch(self, values: np.ndarray) -> np.ndarray:
        """Return sums over the arrivals of each batch, by the arrivals that are expected."""
        queue = self.queue
        edges = queue.warm + queue.batch * np.arange(queue.batches + 1)
        sums = np.histogram(self.came, edges, weights=values.astype(float))[0]
        return np.asarray(sums / (queue.rate * queue.batch))


class Estimate(NamedTuple):
    """A mean with its standard error and the degrees of freedom of that."""

    value: float
    error: float
    freedom: int

    def p(self, right: float) -> float:
        """Return how probable it is to be as far from what is right, by Student's law."""
        return float(2.0 * student.sf(abs(self.value - right) / self.error, self.freedom))

    def sees(self, rate: float) -> float:
        """Return how far off the mean would have to be to be seen half of the time."""
        return float(student.isf(rate / 2.0, self.freedom) * self.error)


def corrected(figure: np.ndarray, chances: list[np.ndarray]) -> Estimate:
    """Return the mean of a figure over batches, corrected for what is known to be chance.

    ``chances`` have expectation 0; they are multiplied by what least squares give.
    """
    x = np.column_stack([np.ones_like(figure), *chances])
    factors, *_ = np.linalg.lstsq(x, figure, rcond=None)
    freedom = len(figure) - x.shape[1]
    rest = figure - x @ factors
    spread = float(rest @ rest) / freedom
    error = math.sqrt(spread * np.linalg.inv(x.T @ x)[0, 0])
    return Estimate(float(factors[0]), error, freedom)


class Figure(NamedTuple):
    """Something of a queue that a formula gives.

    Parameters
    ----------
    right : float
        By the formula.
    value : callable
        Of each arrival, from what was served.
    beside : callable
        Something of each arrival at the system beside, from times and work.
    mean : float
        Of that, by a formula.
    less : float
        By which work is multiplied there. With all of it waits might be the same to the bit, and
        nothing be left of which a standard error could be made.
    """

    right: float
    value: Callable[[Served], np.ndarray]
    beside: Callable[[np.ndarray, np.ndarray], np.ndarray]
    mean: float
    less: float = LESS

    def estimate(self, served: Served) -> Estimate:
        """Return it, corrected for chance."""
        count = served.by_batch(np.ones_like(served.came))
        chances = [count - 1.0]
        if served.queue.law.fixed is None:
            chances.append(served.by_batch(served.took) - served.queue.law.mean())
        beside = self.beside(served.came, self.less * served.took)
        chances.append(served.by_batch(beside) - self.mean)
        return corrected(served.by_batch(self.value(served)), chances)
