"""What a simulated year costs: of faults, and of traffic in windows, by design and workload.

    python experiments/benchmarks/traffic_years.py --terms 16
    python experiments/benchmarks/traffic_years.py --design active-passive --full 4 --threads 2

*Faults* is the pass of the faults that the traffic needs, with ticking backups; *traffic* is all of
the stage: that pass with sleeping ones, windows with their twins, probes, figures. Both are in
milliseconds of a thread a simulated year, after all is compiled, in turns, and the ratio is the
median of those of the turns. With `--full` some weeks are run in one piece, for what windows save,
and with `--threads` the terms are shared among threads: by the clock, and what all of them used.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median

from pacsim.campaign.design_traffic import DesignTraffic
from pacsim.campaign.probe_windows import without_probes
from pacsim.campaign.severe_terms import SevereTerms
from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.engines.kernel import Runner
from pacsim.stats import BLOCK
from pacsim.traffic.chosen_simulator import simulator
from pacsim.traffic.from_design import tables
from pacsim.traffic.handover import hand_over
from pacsim.traffic.kernel.arriving import ArrivingStreams
from pacsim.traffic.second_pass import timelines
from pacsim.units import HOUR, WEEK, YEAR

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
    terms : int
        How many are simulated at a time.
    """

    def __init__(self, design: str, workload: str, terms: int) -> None:
        said = {"from": f"../workloads/{workload}.yaml", "archive": DESIGNS[design], "at": SITES}
        self.design = load(MODELS / "designs" / f"{design}.yaml").vary({"workload": said})
        made = self.design.resolved
        assert made.workload is not None
        self.term, self.terms = made.contract.number("term"), terms
        self.years = terms * self.term / YEAR
        self.handed = hand_over(made, DESIGNS[design], sites=list(made.workload.sites))
        self.tables = without_probes(tables(made))
        self.runner = Runner(self.handed.passed, self.term)

    def faults(self, terms: int) -> float:
        """Return the seconds of a thread that the faults of terms take, with ticking backups."""
        began = time.thread_time()
        self.runner.batch(1, 0, terms, sleep=False)
        return time.thread_time() - began

    def traffic(self, terms: int, threads: int = 1) -> tuple[float, float, float, int, float]:
        """Return what the traffic of terms takes, and what it finds.

        Seconds of this thread, by the clock, of all threads; windows, and seconds inside them.
        """
        stage = DesignTraffic(self.design, SevereTerms(None), terms, terms, 1, threads)  # type: ignore[arg-type]
        began = time.thread_time(), time.perf_counter(), time.process_time()
        tally = stage.tally.empty()
        tally.add(0, terms, (one for _, one in stage.figured(BLOCK)))
        ended = time.thread_time(), time.perf_counter(), time.process_time()
        spent = [b - a for a, b in zip(began, ended, strict=True)]
        return (*spent, tally.windows, sum(tally.milliseconds) / 1000.0)  # type: ignore[return-value]

    def in_one_piece(self, weeks: float) -> float:
        """Return the seconds that the first weeks of a term take without windows, day by day."""
        (passed,) = timelines(self.handed, self.term, [0])
        key, hours = replication_key(1, 0), round(weeks * WEEK / HOUR)
        streams, made = ArrivingStreams(self.tables), simulator(self.tables)
        began = time.thread_time()
        run = made.begin(passed.timeline, 0.0, key)
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
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--design", action="append", choices=DESIGNS)
    parser.add_argument("--workload", action="append", choices=WORKLOADS)
    parser.add_argument("--full", type=float, default=0.0, metavar="WEEKS")
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    for design in asked.design or DESIGNS:
        for workload in asked.workload or WORKLOADS:
            years = Years(design, workload, asked.terms)
            years.faults(1)
            years.traffic(1)
            faults, traffic = [], []
            for _ in range(asked.turns):
                faults.append(years.faults(asked.terms))
                traffic.append(years.traffic(asked.terms))
            ratios = [a[0] / b for a, b in zip(traffic, faults, strict=True)]
            *_, windows, inside = traffic[0]
            say(
                design=design,
                workload=workload,
                faults_ms=round(1e3 * median(faults) / years.years, 3),
                traffic_ms=round(1e3 * median(x[0] for x in traffic) / years.years, 3),
                ratio=round(median(ratios), 1),
                windows=round(windows / years.years, 2),
                share=round(inside / (asked.terms * years.term), 6),
            )
            if asked.full:
                spent = years.in_one_piece(asked.full)
                whole = spent * YEAR / (asked.full * WEEK)
                mine = median(x[0] for x in traffic) / years.years
                say(full_year_ms=round(1e3 * whole, 1), cheaper=round(whole / mine, 1))
            if asked.threads:
                turns = [
                    (years.traffic(asked.terms, 1), years.traffic(asked.terms, asked.threads))
                    for _ in range(asked.turns)
                ]
                say(
                    threads=asked.threads,
                    faster=[round(one[1] / more[1], 2) for one, more in turns],
                    processors=[round(more[2] / more[1], 2) for _, more in turns],
                    dearer=[round(more[2] / one[2], 2) for one, more in turns],
                )


if __name__ == "__main__":
    main()
