"""Probes beside histories by a seed, for leaps: hours without a change, and moments full of them.

Where times get another unit (powers of two), and seconds that lie in the middle between two times,
are drawn often: there a sum of floats is not what it is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pacsim.campaign.probe_windows import ASKED
from pacsim.core.streams import replication_key
from pacsim.delays import Lognormal
from pacsim.traffic.arrival_tables import ARRIVED, STUDIES, ArrivalTable
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
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.probe import longest_gap, successes
from pacsim.units import MINUTE

KEY = replication_key(11, 5)
ARCHIVES = (
    Conditions(SERVER, ("a",), ("s", "r"), targets=("ris",)),
    Conditions(GROUP, ("a", "b"), ("s", "r"), targets=("ris",)),
    Conditions(POOL, ("a", "b", "c"), ("s", "r"), ("h1", "h2"), ("ris",)),
    Conditions(POOL, ("a", "b"), ("s", "r"), targets=("ris",)),
)
BASES = (0.0, 2.0**17, 2.0**24, 2.0**27, 1.3e8, 2.0**27 + 2.0**26)
"""Moments, in seconds, around which a history lies."""


@dataclass(frozen=True)
class ProbedWorld:
    """What probes meet, and when they are asked."""

    tables: TrafficTables
    line: Timeline
    asked: np.ndarray
    horizon: float

    def leaps(self) -> tuple[np.ndarray, ...]:
        """Return the longest intervals, undisturbed and in windows, as compiled code finds them.

        And the last success of each probe in the last window.
        """
        made = CompiledTraffic(self.tables)
        found = made.gaps(self.line, KEY, self.horizon, self.asked)
        (spare,) = made._spare
        return (*found, spare._term.rows("probed")["last"].copy())

    def moments(self) -> tuple[np.ndarray, ...]:
        """Return the same from logs of all that happens, moment by moment."""
        shape = (len(self.asked), len(self.tables.stations))
        usual, longest, last = np.zeros(shape), np.zeros(shape), np.full(shape[1], np.nan)
        for w, row in enumerate(self.asked.tolist()):
            start, divergence, until, end, after = row
            quiet = self.line.quiet(self.tables.conditions, start)
            usual[w] = [
                longest_gap(x, divergence) for x in self.served(quiet, start, until, divergence)
            ]
            ends = self.served(self.line, start, end, after)
            longest[w] = [longest_gap(x, divergence) for x in ends]
            last[:] = [x[-1] if len(x) else np.nan for x in ends]
        return usual, longest, last

    def served(self, line: Timeline, start: float, end: float, after: float) -> list[np.ndarray]:
        """Return when each probe is served until an end, and on until all were after a moment."""
        run = CompiledTraffic(self.tables).begin(line, start, KEY)
        run.feed(ArrivalTable(np.zeros(0, dtype=ARRIVED), np.zeros(0, dtype=STUDIES)))
        run.advance(self.horizon)
        log = run.log()
        found = [successes(log, k) for k in range(len(self.tables.stations))]
        while end < self.horizon and not all(((x > after) & (x < end)).any() for x in found):
            end += MINUTE
        return [x[x < min(end, self.horizon)] for x in found]


def probed_world(seed: int) -> ProbedWorld:
    """Return probes at an archive by chance."""
    rng = np.random.default_rng(seed)
    conditions = ARCHIVES[seed % len(ARCHIVES)]
    base = float(rng.choice(BASES))
    begin = max(0.0, base - float(rng.choice([0.0, 40.0, 3000.0, 5000.0])))
    tables, leaps = _workload(conditions, base, rng)
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
    often = [f"member.{one}" for one in conditions.members] * 3
    name = str(rng.choice([*conditions.names, *often]))
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


def _workload(
    conditions: Conditions, base: float, rng: np.random.Generator
) -> tuple[TrafficTables, bool]:
    """Return some probes, and whether they may leap."""
    members = len(conditions.members)
    # Half a unit of the times from there on, or of those before.
    middle = float(np.spacing(base) * rng.choice([0.5, 0.5, 0.25])) if rng.random() < 0.4 else 0.0
    more = rng.random()
    law = Lognormal(0.1, 0.7) if more < 0.1 else None
    seldom = int(rng.integers(members))
    uses = ((0, 0.2),) if 0.1 <= more < 0.2 else ()

    def second(*values: float) -> float:
        return float(rng.choice(values))

    def operation() -> Operation:
        target = 0 if rng.random() < 0.15 else -1
        works = tuple(
            # A service that is drawn at some of them only.
            Work(
                second(0.1, 0.25, 0.3, 2.0) + middle * m, uses, service=law if m == seldom else None
            )
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
        redispatch=bool(rng.random() < 0.6), observe=3 if rng.random() < 0.25 else 0,
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


def struck_world(seed: int) -> ProbedWorld:
    """Return a world in which something changes at the very moment at which a probe is served."""
    drawn, rng = probed_world(seed), np.random.default_rng(seed)
    conditions, start = drawn.tables.conditions, float(drawn.asked["start"][0])
    run = CompiledTraffic(drawn.tables).begin(Timeline.of(conditions), start, KEY)
    run.feed(ArrivalTable(np.zeros(0, dtype=ARRIVED), np.zeros(0, dtype=STUDIES)))
    run.advance(start + 90.0)
    ends = run.log().attempts["end"]
    ends = ends[~np.isnan(ends)]
    at = float(rng.choice(ends)) if len(ends) else start + 50.0
    # With a release its end is a moment as well.
    at += float(rng.choice([0.0, 0.0, 0.7, 12.0]))
    changes = sorted(_trouble(conditions, at, 0.02, rng), key=lambda one: one.time)
    asked = np.array([(start, at, start + 60.0, at + 200.0, at + 10.0)], dtype=ASKED)
    return ProbedWorld(drawn.tables, Timeline.of(conditions, changes), asked, start + 900.0)
