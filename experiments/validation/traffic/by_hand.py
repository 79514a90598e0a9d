"""Late studies of the pair, and how long its scanners feel a break, by hand beside the simulation.

    python experiments/validation/traffic/by_hand.py --terms 286        # a minute

The faults are given: when the archive is not as usual, and how it looks to a client at the end of
that, in terms of the pair with the workload of the community hospital. By hand are the studies
that are over 60 s late in such a gap: those that are finished in it, by the profile of the week;
those that were being sent as it began; those that wait behind one that is tried again only after
it. What is late by simulation comes from windows of the same terms. Nothing of the simulators is
used by hand, and no draw: only figures of the workload, written out here.

A scanner feels a gap until the first try after it: tries are as far apart as the retry interval
and what a failing one takes.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from pacsim.design import load
from pacsim.design.workloads import mean_items
from pacsim.parts.failover import KINDS
from pacsim.traffic.client_conditions import HUNG, SILENT
from pacsim.traffic.client_tables import Modality, Probe
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.probe import felt
from pacsim.traffic.second_pass import Divergence, Passed, timelines
from pacsim.traffic.windows import TrafficWindows

if TYPE_CHECKING:
    from pacsim.design import Resolved
    from pacsim.traffic.window_tables import WindowBatch

ROOT = Path(__file__).resolve().parents[3]
KERNEL = "pacsim.traffic.kernel.compiled_traffic.CompiledTraffic"
HOUR, WEEK, YEAR = 3600.0, 604_800.0, 31_536_000.0
LATE = 60.0
RETRY, CONNECT = 190.0, 30.0
"""Of a scanner: wait after a failure, and how long it waits for a connection to silence."""
TRIES = 6
"""Before a study is parked and the next one goes at once."""
SYN = 15.0
"""A try begun so long before the end of silence asks again in time: 15 s after its begin."""
ITEM = 0.032
"""Mean seconds that an instance takes to store, without its bytes."""
LINE = 31.6e6
"""Bytes a second of a scanner's line."""
PLACE = "radiology"


@dataclass(frozen=True)
class Device:
    """Scanners of a kind.

    How many, exams an hour of the first year by hour of the week at each, and the mean seconds that
    sending one takes.
    """

    stations: int
    week: np.ndarray
    sending: float


def devices(design: Resolved) -> list[Device]:
    """Return the scanners of the workload, from its figures alone."""
    assert design.workload is not None
    record, modalities = design.workload.record, design.workload.modalities
    week = record.part("week")
    routine = np.outer(week["days"], week["hours"]).ravel()
    urgent = np.tile(week["emergency_hours"], 7)
    whole = sum(one.number("share") for one in modalities.values())
    found = []
    for one in modalities.values():
        exams = record["exams"] * WEEK * one.number("share") / whole
        urgently = one.number("emergency")
        hours = (1 - urgently) * routine / routine.sum() + urgently * urgent / urgent.sum()
        stations = int(one["stations"])
        size = one.law("size").mean()
        sending = mean_items(one.law("instances")) * (ITEM + size / LINE)
        found.append(Device(stations, exams * hours / stations, sending))
    return found


@dataclass(frozen=True)
class Hand:
    """What is late, of a divergence at a time.

    Parameters
    ----------
    devices : list of Device
        Of the hospital.
    growth : float
        More exams, by contract year.
    starts : int
        Hour of the week at which the term starts.
    """

    devices: list[Device]
    growth: float
    starts: int

    def rate(self, device: Device, at: float) -> float:
        """Return the exams a second of one station at a time."""
        hour = (self.starts + int(at // HOUR)) % 168
        return float(device.week[hour]) / HOUR * (1 + self.growth) ** int(at // YEAR)

    def finished(self, device: Device, begin: float, end: float) -> float:
        """Return the exams that one station finishes from one time to another."""
        total, at = 0.0, begin
        while at < end:
            then = min(end, (math.floor(at / HOUR) + 1) * HOUR)
            total += self.rate(device, at) * (then - at)
            at = then
        return total

    def late(self, gap: Divergence, *, silent: bool) -> float:
        """Return the studies that are late by a gap; ``silent``: it ends in silence."""
        total = 0.0
        # Silence is tried again soon enough by those that come just before its end.
        end = max(gap.start, gap.end - SYN) if silent else gap.end
        cycle = RETRY + (CONNECT if silent else 0.0)
        for device in self.devices:
            rate = self.rate(device, gap.start)
            finished = self.finished(device, gap.start, end)
            # Who has failed tries again up to a cycle after the end: meanwhile others wait.
            behind = min(finished, self.rate(device, gap.end) * TRIES * cycle)
            tail = self.rate(device, gap.end) * (cycle - LATE) ** 2 / (2.0 * cycle)
            each = finished + rate * device.sending + (1.0 - math.exp(-behind)) * tail
            total += device.stations * each
        return total


def conditions_before(passed: Passed, names: tuple[str, ...], at: float) -> dict[str, int]:
    """Return the conditions just before a time."""
    line = passed.timeline
    kept = line.time < at
    return {names[w]: int(v) for w, v in zip(line.what[kept], line.value[kept], strict=True)}


def ends_silent(known: dict[str, int], members: tuple[str, ...]) -> bool:
    """Return whether a client of the pair heard nothing."""
    owner = known["owner"]
    if owner < 0:
        return True
    return (
        known[f"member.{members[owner]}"] == SILENT or not known[f"path.{PLACE}.{members[owner]}"]
    )


def felt_by_hand(gap: Divergence, met: dict[str, int], members: tuple[str, ...]) -> float:
    """Return until when a scanner feels a gap: the first try after it."""
    owner = met["owner"]
    hangs = owner >= 0 and met[f"member.{members[owner]}"] == HUNG
    cycle = RETRY + (CONNECT if hangs or ends_silent(met, members) else 0.0)
    return cycle * math.ceil((gap.end - gap.start) / cycle)


def late_by_simulation(batch: WindowBatch, window: int, makers: set[int]) -> int:
    """Return the studies of a window that are over 60 s later than in its twin."""
    faulted, twin = (
        {
            tuple(int(r[x]) for x in ("source", "stream", "slot", "number")): float(r["stored"])
            for r in logs.log(window).jobs
            if r["station"] in makers and r["station"] == r["source"]
        }
        for logs in (batch.faulted, batch.twin)
    )
    # What is never stored is late as well; what both runs still send as they meet again is not.
    known = ((faulted[key], then) for key, then in twin.items() if not math.isnan(then))
    return sum(not end - then <= LATE for end, then in known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=2)
    parser.add_argument("--felt", type=int, default=1, help="terms in which probes ride along")
    parser.add_argument("--simulator", default=KERNEL)
    asked = parser.parse_args()
    workload = {
        "from": "../workloads/community-hospital.yaml",
        "archive": "pacs",
        "at": {"modalities": PLACE, "readers": "reading-rooms"},
    }
    pair = load(ROOT / "models" / "designs" / "active-passive.yaml")
    design = pair.vary({"workload": workload}).resolved
    assert design.workload is not None
    term = design.contract.number("term")
    handed = hand_over(design, "pacs", sites=[PLACE, "reading-rooms"])
    names, members = handed.conditions.names, handed.conditions.members
    # The contract starts on a Monday.
    hand = Hand(devices(design), design.workload.record.part("growth").number("exams"), 0)
    made = tables(design)
    module, name = asked.simulator.rsplit(".", 1)
    simulator = getattr(import_module(module), name)
    makers = {k for k, one in enumerate(made.stations) if isinstance(one.does, Modality)}
    probe = next(k for k, x in enumerate(made.stations) if x.name == f"probe-modality-{PLACE}")
    without = replace(
        made, stations=tuple(x for x in made.stations if not isinstance(x.does, Probe))
    )
    alone = replace(made, stations=made.stations[: probe + 1])
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    by_term: list[tuple[float, float]] = []
    felts: dict[str, list[tuple[float, float]]] = defaultdict(list)
    began = time.perf_counter()
    for passed in timelines(handed, term, range(asked.terms)):
        batch = TrafficWindows(simulator(without), term, roots=handed.roots).batch(passed)
        hands = []
        for gap in passed.divergences:
            silent = ends_silent(conditions_before(passed, names, gap.end), members)
            hands.append(hand.late(gap, silent=silent))
        starts = np.array([gap.start for gap in passed.divergences])
        total = [0.0, 0.0]
        for k, window in enumerate(batch.windows):
            inside = (starts >= window["divergence"]) & (starts < window["closed"])
            row = sums[KINDS[window["kind"]]]
            row["windows"] += 1
            row["hours"] += sum(
                (g.end - g.start) / HOUR
                for g, here in zip(passed.divergences, inside, strict=True)
                if here
            )
            row["hand"] += float(np.array(hands)[inside].sum())
            row["simulated"] += late_by_simulation(batch, k, makers)
        for row_name, at in (("hand", 0), ("simulated", 1)):
            total[at] = sum(row[row_name] for row in sums.values())
        by_term.append((total[0], total[1]))
        if passed.number < asked.felt:
            riding = TrafficWindows(simulator(alone), term, roots=handed.roots).batch(passed)
            for k, window in enumerate(riding.windows):
                if window["overlapped"] or window["censored"]:
                    continue
                gap = passed.divergences[int(np.searchsorted(starts, window["divergence"]))]
                met = conditions_before(passed, names, np.nextafter(gap.start, np.inf))
                logs = riding.faulted.log(k), riding.twin.log(k)
                seen = felt(*logs, probe, gap.start)
                felts[gap.kind].append((felt_by_hand(gap, met, members), seen))
        print(f"term {passed.number}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    report(sums, by_term, felts, asked.terms * term / YEAR)


def report(
    sums: dict[str, dict[str, float]],
    by_term: list[tuple[float, float]],
    felts: dict[str, list[tuple[float, float]]],
    years: float,
) -> None:
    """Print both tables."""
    print("| began with | windows a year | hours a year | late by hand | late simulated |")
    print("|---|---:|---:|---:|---:|")
    whole: dict[str, float] = defaultdict(float)
    for kind in (k for k in KINDS if k in sums):
        row = sums[kind]
        for key, value in row.items():
            whole[key] += value
        print(line(kind, row, years))
    print(line("all", whole, years))
    each = np.diff(np.array([(0.0, 0.0), *by_term]), axis=0)
    ratio = whole["hand"] / whole["simulated"]
    error = math.nan
    if len(each) > 1:
        rest = each[:, 0] - ratio * each[:, 1]
        error = float(rest.std(ddof=1)) * math.sqrt(len(each)) / whole["simulated"]
    print(f"\nby hand / simulated: {ratio:.3f} ± {error:.3f}, {years:g} years\n")
    print("| began with | felt by hand: mean, median | felt by the probe: mean, median | windows |")
    print("|---|---:|---:|---:|")
    for kind in (k for k in KINDS if k in felts):
        by_hand, seen = np.array(felts[kind]).T
        cells = [f"{x.mean():.0f}, {np.median(x):.0f} s" for x in (by_hand, seen)]
        print(f"| {kind} | {cells[0]} | {cells[1]} | {len(seen)} |")


def line(kind: str, row: dict[str, float], years: float) -> str:
    """Return a row of the first table."""
    cells = [f"{row[key] / years:.3g}" for key in ("windows", "hours", "hand", "simulated")]
    return f"| {kind} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
