"""The exact engine at about 20 000 states of different shapes: time, memory and digits.

Each shape is a process of its own, so that its peak memory is its own. Closed forms and models are
those of `tests/oracle/large.py`; a few minutes on two cores. Ten years and the long run include the
exploration of the states.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

MISSION = 87_600.0
TANGLE = "joined at random"
TANGLED = 20_000


def peak() -> float:
    """Return the most memory this process has had, in GB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def shape(name: str) -> dict[str, float | str]:
    """Return what one shape takes."""
    from pacsim.engines.exact import explore, solve
    from tests.oracle import large

    made = large.LONG[name]()
    begin = time.perf_counter()
    explore.explore(made.model)
    explored = time.perf_counter()
    run = solve(made.model, horizon=MISSION)
    ran = time.perf_counter()
    row: dict[str, float | str] = {
        "name": name,
        "states": run.states,
        "explored": explored - begin,
        "mission": ran - explored,
    }
    if name == "14 units of 2 states":
        row["mission_off"] = abs(run.mission["last"][0] / large.time_down(14, MISSION) - 1.0)
    found = solve(made.model, steady=True)
    row["long_run"] = time.perf_counter() - ran
    row["last"] = made.last
    row["long_run_off"] = abs(found.steady["last"][0] / made.last - 1.0)
    return row | {"gigabytes": peak()}


def tangle() -> dict[str, float | str]:
    """Return what a chain without any shape takes, the worst of all orders."""
    from pacsim.engines.exact import elimination
    from tests.oracle import large

    graph, pi = large.tangle(TANGLED)
    begin = time.perf_counter()
    found = elimination.steady_state(graph)
    return {
        "name": TANGLE,
        "states": TANGLED,
        "long_run": time.perf_counter() - begin,
        "last": float(pi.min()),
        "long_run_off": float(np.max(np.abs(found / pi - 1.0))),
        "gigabytes": peak(),
    }


def measured(name: str) -> dict[str, float | str]:
    """Return a row measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", name],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    row: dict[str, float | str] = json.loads(done.stdout)
    return row


def line(row: dict[str, float | str]) -> str:
    """Return a row of the table."""
    cells = [f"{row['name']}", f"{row['states']}"]
    cells += [f"{row[key]:.1f}" if key in row else "" for key in ("explored", "mission")]
    cells += [f"{row['long_run']:.1f}", f"{row['gigabytes']:.2f}", f"{row['last']:.3g}"]
    cells += [f"{row[key]:.0e}" if key in row else "" for key in ("long_run_off", "mission_off")]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", help="measure one shape here and print it as JSON")
    options = parser.parse_args()
    if options.one:
        row = tangle() if options.one == TANGLE else shape(options.one)
        sys.stdout.write(json.dumps(row))
        return
    from tests.oracle import large

    sys.stdout.write(
        "| shape | states | explored, s | ten years, s | long run, s | GB | probability "
        "| long run off by | ten years off by |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    for name in [*large.LONG, TANGLE]:
        sys.stdout.write(line(measured(name)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
