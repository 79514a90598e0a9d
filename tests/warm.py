"""Compiles the kernels, or finds them compiled: ``python -m tests.warm``, or of one its name.

Processes that share the tests would otherwise all compile, each for itself and at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KERNELS = ("full", "traffic", "plain")
"""The one that takes longest comes first."""


def kept(kernel: str) -> None:
    """Have a kernel on disk, whatever the model needs."""
    if kernel == "traffic":
        _traffic()
        return
    from pacsim.core import ModelBuilder
    from pacsim.delays import Exponential
    from pacsim.engines.kernel import Runner

    m = ModelBuilder()
    m.element("e", "up down").after("up -> down", Exponential(1.0), "fail", cls="fault")
    runner = Runner(m.build(), horizon=1.0)
    runner.plain = kernel == "plain"
    runner.prepare()


def _traffic() -> None:
    import numpy as np

    from pacsim.traffic.client_conditions import SERVER, Conditions, Timeline
    from pacsim.traffic.client_tables import TrafficTables
    from pacsim.traffic.figured_stations import FiguredStations
    from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
    from pacsim.traffic.window_cases import cases_of
    from pacsim.traffic.window_tables import WINDOWS, WindowBatch, WindowLogs

    conditions = Conditions(SERVER, ("a",), ("s",))
    tables = TrafficTables(conditions, ())
    simulator = CompiledTraffic(tables)
    simulator.begin(Timeline.of(conditions, []), 0.0, (1, 2)).advance(1.0)
    nothing = WindowLogs.of([], 0)
    cases_of(WindowBatch(np.zeros(0, WINDOWS), nothing, nothing), FiguredStations(tables, {}))


def all_kept() -> None:
    """Have them all on disk, as many at a time as there are cores.

    Each tells what it took. What fails here is told by the tests.
    """
    command = (sys.executable, "-m", "tests.warm")
    root = Path(__file__).parents[1]
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        for kernel in KERNELS:
            at_once.submit(subprocess.run, [*command, kernel], cwd=root, check=False)


def main(kernel: str) -> None:
    """Have one kernel on disk and say how long that took."""
    began = time.perf_counter()
    kept(kernel)
    sys.stdout.write(f"{kernel} kernel: {time.perf_counter() - began:.1f} s\n")


if __name__ == "__main__":
    main(sys.argv[1]) if sys.argv[1:] else all_kept()
