"""What a simulated year costs: of faults, and of traffic in windows, by design and workload.

    python experiments/benchmarks/traffic_years.py --terms 16
    python experiments/benchmarks/traffic_years.py --terms 1 --without-probes \
        --simulator pacsim.traffic.reference.ReferenceTraffic

*Faults* is the second pass of the faults, *traffic* the windows with their twins, both after all is
compiled, in milliseconds of a thread a simulated year. With `--full` some weeks of the community
hospital at the pair are run in one piece, for what windows save, and with `--threads` the terms of
it are shared among threads.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.client_tables import Probe
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.second_pass import timelines
from pacsim.traffic.windows import TrafficWindows
from pacsim.units import HOUR, WEEK, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from pacsim.traffic.second_pass import Passed

MODELS = Path(__file__).resolve().parents[2] / "models"
DESIGNS = {"single-server": "server-a", "active-passive": "pacs", "active-active": "pacs"}
WORKLOADS = ("small-clinic", "community-hospital", "university-hospital")
SITES = {"modalities": "radiology", "readers": "reading-rooms"}


class Years:
    """The terms of a design with a workload.

    Parameters
    ----------
    design, workload : str
        Names of files.
    simulator : callable
        From tables to a simulator of traffic.
    probes : bool
        Whether they ride along.
    """

    def __init__(
        self, design: str, workload: str, simulator: Callable[..., Any], *, probes: bool
    ) -> None:
        said = {"from": f"../workloads/{workload}.yaml", "archive": DESIGNS[design], "at": SITES}
        made = load(MODELS / "designs" / f"{design}.yaml").vary({"workload": said}).resolved
        assert made.workload is not None
        self.term = made.contract.number("term")
        self.handed = hand_over(made, DESIGNS[design], sites=list(made.workload.sites))
        self.tables = tables(made)
        if not probes:
            kept = tuple(x for x in self.tables.stations if not isinstance(x.does, Probe))
            self.tables = replace(self.tables, stations=kept)
        self.simulator = simulator(self.tables)

    def passed(self, first: int, count: int) -> tuple[list[Passed], float]:
        """Return terms that were passed again, and the seconds that it took."""
        began = time.thread_time()
        found = list(timelines(self.handed, self.term, range(first, first + count)))
        return found, time.thread_time() - began

    def windows(self, terms: list[Passed]) -> tuple[int, float, float]:
        """Return how many windows terms have, their seconds, and the seconds that it took."""
        began, number, inside = time.thread_time(), 0, 0.0
        for passed in terms:
            rows = self._batch(passed)
            number += len(rows)
            inside += float((rows["closed"] - rows["start"]).sum())
        return number, inside, time.thread_time() - began

    def _batch(self, passed: Passed) -> np.ndarray:
        windows = TrafficWindows(self.simulator, self.term, roots=self.handed.roots)
        return windows.batch(passed).windows

    def shared(self, terms: list[Passed], threads: int) -> float:
        """Return the seconds by the clock when threads share terms."""
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._batch, terms))
        return time.perf_counter() - began

    def in_one_piece(self, passed: Passed, weeks: float) -> float:
        """Return the seconds that the first weeks of a term take without windows, slot by slot."""
        key, hours = replication_key(1, passed.number), round(weeks * WEEK / HOUR)
        streams = ArrivingStreams(self.tables)
        began = time.thread_time()
        run = self.simulator.begin(passed.timeline, 0.0, key)
        for slot in range(0, hours, 24):
            run.feed(streams.table(key, slot, 24))
            run.advance((slot + 24) * HOUR)
        return time.thread_time() - began


def say(**row: object) -> None:
    """Print a row at once."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=16)
    parser.add_argument("--design", action="append", choices=DESIGNS)
    parser.add_argument("--workload", action="append", choices=WORKLOADS)
    parser.add_argument("--without-probes", action="store_true")
    parser.add_argument("--full", type=float, default=0.0, metavar="WEEKS")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument(
        "--simulator", default="pacsim.traffic.kernel.compiled_traffic.CompiledTraffic"
    )
    asked = parser.parse_args()
    module, name = asked.simulator.rsplit(".", 1)
    simulator = getattr(import_module(module), name)
    for design in asked.design or DESIGNS:
        for workload in asked.workload or WORKLOADS:
            years = Years(design, workload, simulator, probes=not asked.without_probes)
            first, _ = years.passed(10_000, 1)
            years.windows([first[0]._replace(divergences=first[0].divergences[:1])])
            terms, faults = years.passed(0, asked.terms)
            number, inside, traffic = years.windows(terms)
            simulated = asked.terms * years.term / YEAR
            say(
                design=design,
                workload=workload,
                faults_ms=round(1e3 * faults / simulated, 3),
                traffic_ms=round(1e3 * traffic / simulated, 3),
                ratio=round(traffic / faults, 2),
                windows=round(number / simulated, 2),
                share=round(inside / (asked.terms * years.term), 6),
            )
            if asked.full:
                whole = years.in_one_piece(terms[0], asked.full) * YEAR / (asked.full * WEEK)
                say(
                    full_year_ms=round(1e3 * whole, 1),
                    cheaper=round(whole * simulated / traffic, 1),
                )
            if asked.threads:
                one, more = years.shared(terms, 1), years.shared(terms, asked.threads)
                say(threads=asked.threads, faster=round(one / more, 2))


if __name__ == "__main__":
    main()
