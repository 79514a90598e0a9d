"""Closed forms 27 to 32 in a longer form than the tests', and how often they would be wrong.

    python experiments/validation/traffic/queues.py --factor 3 --seeds 1          # as the tests
    python experiments/validation/traffic/queues.py --factor 10 --seeds 4

Of each figure: what the formula gives, what the first seed gives with its standard error, the
smallest error that it would see half of the time, and p of all seeds together (Stouffer). The exit
code is 1 if one is less probable than the rate of false alarms allows, shared among them.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.oracle.traffic.queue_figures import FORMS
from tests.statistical import SUITE_RATE, TESTS

if TYPE_CHECKING:
    from tests.oracle.traffic.queueing import Estimate, Queue, Served

KERNEL = "pacsim.traffic.kernel.compiled_traffic.CompiledTraffic"
HERE = 1e-3
"""False alarms of this program."""


def distance(estimate: Estimate, right: float) -> float:
    """Return an estimate's distance from what is right as that of a normal law."""
    z = float(norm.isf(estimate.p(right) / 2.0))
    return math.copysign(z, estimate.value - right)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--factor", type=float, default=1.0, help="on the number of batches")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=3, help="the first of them")
    parser.add_argument("--only", help="names that begin like this")
    parser.add_argument("--simulator", default=KERNEL)
    asked = parser.parse_args()
    module, name = asked.simulator.rsplit(".", 1)
    simulator = getattr(import_module(module), name)
    began, arrived = time.perf_counter(), 0

    @cache
    def served(queue: Queue, seed: int) -> Served:
        nonlocal arrived
        found = queue.longer(asked.factor).run(simulator, seed)
        arrived += len(found.came)
        return found

    print("| number, law | formula | simulated | sees from | p of all seeds |")
    print("|---|---:|---:|---:|---:|")
    chosen = [x for x in FORMS if x.startswith(asked.only or "")]
    wrong = 0
    for form in chosen:
        queue, figure = FORMS[form]
        seeds = range(asked.first, asked.first + asked.seeds)
        found = [figure.estimate(served(queue, seed)) for seed in seeds]
        z = sum(distance(one, figure.right) for one in found) / math.sqrt(len(found))
        p = float(2.0 * norm.sf(abs(z)))
        wrong += p < HERE / len(FORMS)
        sees = found[0].sees(SUITE_RATE / TESTS) / figure.right
        print(
            f"| {form} | {figure.right:.6g} | {found[0].value:.5g} ± {found[0].error:.2g} | "
            f"{100.0 * sees:.2g} % | {p:.2g} |",
            flush=True,
        )
    seconds = time.perf_counter() - began
    print(f"\n{arrived} arrivals in {seconds:.0f} s; {wrong} of {len(chosen)} are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
