"""How long the tornado of a shipped design takes; the pair's is to be done in four minutes.

    python experiments/benchmarks/tornado.py [--design FILE] [--threads 2]

Beside the time by the clock stands that of the processors: on a machine with other work the clock
says little, and no less than the processors' time shared by the threads can be reached.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import pacsim
from pacsim.studies.input_ranges import input_ranges

PAIR = Path(__file__).resolve().parents[2] / "models" / "designs" / "active-passive.yaml"
MOST = 240.0
"""Seconds on two cores."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--design", type=Path, default=PAIR)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    design = pacsim.load(options.design)
    # Compiled before the clock is started.
    pacsim.run(design, replications=1, threads=1, progress=False)
    clock, work = time.perf_counter(), time.process_time()
    found = pacsim.sensitivity(design, threads=options.threads, progress=False)
    clock, work = time.perf_counter() - clock, time.process_time() - work
    ends = [end for bar in found.bars for end in (bar.low, bar.high)]
    terms = sum(end.terms for end in ends)
    print(
        f"{found.design}: {len(input_ranges(design))} inputs with a range, {len(found.bars)} "
        f"numbers, {terms} terms beside the base's {found.base.n}\n"
        f"{clock:.0f} s by the clock on {options.threads} threads, {work:.0f} s of processors; "
        f"at most {MOST:.0f} s"
    )
    return int(clock > MOST)


if __name__ == "__main__":
    sys.exit(main())
