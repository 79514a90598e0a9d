"""Probes beside histories by a seed, for leaps: hours without a change, and moments full of them.

Where times get another unit (powers of two), and seconds that lie in the middle between two times,
are drawn often: there a sum of floats is not what it is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacsim.campaign.probe_windows import ASKED, ProbeWindows
from pacsim.core.streams import replication_key
from pacsim.delays import Lognormal
from pacsim.traffic.client_conditions import (
    ERRORING,
    GROUP,
    HUNG,
    MOVING,
    NOBODY,
    POOL,
    REFUSES,
    SERVER,
    SILENT,
    UP,
    ConditionChange,
    Conditions,
    Timeline,
)
from pacsim.traffic.client_tables import (
    ECHO,
    ENDLESS,
    FIRST,
    QUERY,
    ROUND_ROBIN,
    SOURCE,
    STORE,
    Dial,
    Limit,
    Operation,
    Probe,
    SharedPool,
    Station,
    Timers,
    TrafficTables,
    Work,
)
from pacsim.traffic.figured_stations import FiguredStations
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic

if TYPE_CHECKING:
    from pacsim.traffic.simulators import TrafficRun

KEY = replication_key(11, 5)
ARCHIVES = (
    Conditions(SERVER, ("a",), ("s", "r"), targets=("ris",)),
    Conditions(GROUP, ("a", "b"), ("s", "r"), targets=("ris",)),
    Conditions(POOL, ("a", "b", "c"), ("s", "r"), ("h1", "h2"), ("ris",)),
    Conditions(POOL, ("a", "b"), ("s", "r"), targets=("ris",)),
)
BASES = (0.0, 2.0**17, 2.0**24, 2.0**27, 1.3e8, 2.0**27 + 2.0**26)
"""Moments, in seconds, around which a history lies."""
MIDDLE = (2.0**-26, 3 * 2.0**-26, 2.0**-27, 2.0**-25)
"""Seconds: halves of the units of times from 2**26 on, and whole ones."""


@dataclass(frozen=True)
class ProbedWorld:
    """What probes meet, and when they are asked."""

    tables: TrafficTables
    line: Timeline
    asked: np.ndarray
    horizon: float

    def leaps(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the longest intervals, undisturbed and in windows, as compiled code finds them."""
        return CompiledTraffic(self.tables).gaps(self.line, KEY, self.horizon, self.asked)

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the same by moments, one after the other, from logs of all that happened."""
        made = FiguredStations(self.tables, {})
        windows = ProbeWindows(ByMoments, made, self.horizon, 1)
        return windows._gaps(self.line, KEY, self.horizon, self.asked)


class ByMoments:
    """A simulator that does nothing but run."""

    def __init__(self, tables: TrafficTables) -> None:
        self.tables, self._made = tables, CompiledTraffic(tables)

    def begin(self, timeline: Timeline, start: float, key: tuple[int, int]) -> TrafficRun:
        """Return a run that begins."""
        return self._made.begin(timeline, start, key)


def probed_world(seed: int) -> ProbedWorld:
    """Return probes at an archive by chance."""
    rng = np.random.default_rng(seed)
    conditions = ARCHIVES[seed % len(ARCHIVES)]
    base = float(rng.choice(BASES))
    begin = max(0.0, base - float(rng.choice([0.0, 40.0, 3000.0, 5000.0])))
    tables, leaps = _workload(conditions, rng)
    # Where all goes by moments, there are to be few of them.
    long = 1.0 if leaps else 0.02
    changes, at = [], begin
    for _ in range(int(rng.integers(1, 9))):
        at += long * float(rng.choice([0.5, 3.0, 40.0, 900.0, 4000.0])) * float(rng.random())
        changes += _trouble(conditions, at, long, rng)
        at = max(one.time for one in changes)
    horizon = at + long * float(rng.choice([20.0, 4000.0]))
    line = Timeline.of(conditions, sorted(changes, key=lambda one: one.time))
    return ProbedWorld(tables, line, _windows(changes, begin, horizon, rng), horizon)


def _trouble(
    conditions: Conditions, at: float, long: float, rng: np.random.Generator
) -> list[ConditionChange]:
    """Return something that goes wrong, and what ends it."""
    name = str(rng.choice(conditions.names))
    ways: dict[str, tuple[int, ...]] = {
        "member": (REFUSES, SILENT, HUNG, ERRORING),
        "owner": (1, NOBODY, MOVING),
        "holder": (1, NOBODY),
    }
    group = name.partition(".")[0]
    wrong = ways.get(group, (0,)) if name != "holder.h1" else (SILENT,)
    if name.startswith("holder."):
        wrong = (SILENT,)
    usual = 0 if group in ("member", "owner", "holder") else 1
    assert UP == 0
    lasts = float(rng.choice([0.0, 0.3, 5.0, 120.0, 2000.0, 9000.0])) * float(rng.random())
    lasts *= long if lasts > 100.0 else 1.0
    found = [ConditionChange(at, name, int(rng.choice(wrong)))]
    if rng.random() < 0.4:
        found.append(ConditionChange(at + 0.5 * lasts, name, int(rng.choice(wrong))))
    found.append(ConditionChange(at + lasts, name, usual))
    # A member that is out is soon off the list.
    listed = name.replace("member", "listed")
    if group == "member" and listed in conditions.names and rng.random() < 0.7:
        found.append(ConditionChange(at + min(6.0, 0.5 * lasts), listed, 0))
        found.append(ConditionChange(at + lasts, listed, 1))
    return found


def _windows(
    changes: list[ConditionChange], begin: float, horizon: float, rng: np.random.Generator
) -> np.ndarray:
    """Return when probes ask: some of the changes begin a window."""
    times = sorted({one.time for one in changes})
    starts = sorted(rng.choice(times, size=min(3, len(times)), replace=False).tolist())
    asked = np.zeros(len(starts), dtype=ASKED)
    lead = float(rng.choice([0.0, 5.0, 33.0]))
    for row, divergence in zip(asked, starts, strict=True):
        row["start"] = max(0.0, divergence - lead)
        row["divergence"], row["usual"] = divergence, divergence + lead
        row["end"] = divergence + float(rng.choice([0.0, 50.0, 3000.0, 20000.0]))
        row["after"] = float(rng.choice([divergence, row["end"]]))
    return asked


def _workload(conditions: Conditions, rng: np.random.Generator) -> tuple[TrafficTables, bool]:
    """Return some probes, and whether they may leap."""
    members = len(conditions.members)
    middle = float(rng.choice(MIDDLE)) if rng.random() < 0.4 else 0.0
    more = rng.random()
    law = Lognormal(0.1, 0.7) if more < 0.1 else None
    uses = ((0, 0.02),) if 0.1 <= more < 0.2 else ()

    def second(*values: float) -> float:
        return float(rng.choice(values))

    def operation() -> Operation:
        target = 0 if rng.random() < 0.15 else -1
        works = tuple(
            Work(second(0.1, 0.25, 0.3, 2.0) + middle * m, uses, service=law)
            for m in range(members if target < 0 else 1)
        )
        return Operation(
            str(rng.choice([ECHO, STORE, QUERY])), works, association=second(0.0, 0.2, 0.5, 7.0),
            setups=int(rng.integers(0, 3)), release_takes=second(0.0, 0.0, 0.7, 12.0),
            target=target, attempt_takes=second(0.0, 0.0, 0.5) * (1.0 + middle),
        )  # fmt: skip

    def probe(k: int) -> Station:
        timers = Timers(
            connect=second(5.0, 30.0, np.inf), associate=second(5.0, 30.0, np.inf),
            response=second(1.0, 15.0, np.inf), release=second(5.0, 30.0, np.inf),
            retry_every=second(1.0, 5.0, 60.0, 190.0) + middle, retry_count=ENDLESS,
            pause=second(0.02, 1.0, 1.0, 1.5) + middle,
        )  # fmt: skip
        asks = tuple(operation() for _ in range(int(rng.integers(1, 3))))
        return Station(f"probe-{k}", Probe(asks), site=k % 2, timers=timers)

    dial = Dial(
        str(rng.choice([FIRST, ROUND_ROBIN, ROUND_ROBIN, SOURCE])),
        retries=int(rng.integers(0, 4)), connect=second(0.5, 5.0),
        redispatch=bool(rng.random() < 0.6), observe=3 if rng.random() < 0.1 else 0,
    )  # fmt: skip
    if dial.redispatch and not dial.retries:
        dial = replace(dial, retries=1)
    balanced = conditions.kind == POOL
    tables = TrafficTables(
        conditions,
        tuple(probe(k) for k in range(int(rng.integers(1, 4)))),
        (SharedPool("workers", 0.5),),
        (Limit(0),) * members,
        dial if balanced else None,
        missed_reset=second(0.0, 0.5),
    )
    return tables, law is None and not uses and not (balanced and dial.observe)
