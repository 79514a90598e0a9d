"""What a study costs beside its simulation: a point, workers, memory, and 200 points of the pair.

    python experiments/benchmarks/studies.py                  # overhead, workers, memory
    python experiments/benchmarks/studies.py --pair 200       # points of the pair at 5 %, timed

*Overhead* is what a point takes beside running its replications and adding them up: looked at,
resolved, built, packed, its state and rows written; on one core, in one process. *Workers* is the
time of the same points by two processes and by one, after both have begun, in turns, since a
machine is seldom quiet. *Memory* is the most that the driver had, each number in a process of its
own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pacsim.campaign.tallies import DesignTally
from pacsim.design import load
from pacsim.engines.kernel import Runner
from pacsim.studies.driver import StudyDriver, run_study
from pacsim.studies.study import Study
from pacsim.studies.uncollected import settle

if TYPE_CHECKING:
    from collections.abc import Callable

DESIGNS = Path(__file__).resolve().parents[2] / "models" / "designs"
CLOCK = time.process_time
"""Of this process: other programs on the machine are not in it."""
PAIR = DESIGNS / "active-passive.yaml"


def study(vary: dict[str, Any], **more: object) -> Study:
    """Return a study of the pair."""
    asked = {"pacsim": 1, "name": "benchmark", "vary": vary, "measures": ["store.down_unplanned"]}
    return Study.of(asked | more, designs=[load(PAIR)])


def checks(count: int) -> dict[str, Any]:
    """Return a dimension of which numbers alone differ."""
    values = [f"{1.0 + k / 10:.1f} s" for k in range(count)]
    return {"check": {"path": "groups.pacs.check.every", "values": values}}


def disks(count: int) -> dict[str, Any]:
    """Return a dimension by which elements differ from each point to the next."""
    values = list(range(6, 6 + count))
    return {"disks": {"path": "parts.array.disks", "values": values}}


class Timed:
    """The time that is spent in a method of a class."""

    def __init__(self, kind: type, name: str) -> None:
        self.seconds = 0.0
        self.kind, self.name, self.plain = kind, name, getattr(kind, name)

        def timed(*asked: object, **named: object) -> object:
            began = CLOCK()
            try:
                return self.plain(*asked, **named)
            finally:
                self.seconds += CLOCK() - began

        setattr(kind, name, timed)

    def over(self) -> float:
        """Put the method back; return the time."""
        setattr(self.kind, self.name, self.plain)
        return self.seconds


def overhead(vary: dict[str, Any], points: int) -> float:
    """Return the seconds of a point beside its replications."""
    with tempfile.TemporaryDirectory() as folder:
        timed = [Timed(Runner, "batch"), Timed(DesignTally, "add")]
        began = CLOCK()
        run_study(study(vary, replications=128), Path(folder), workers=0)
        whole = CLOCK() - began
        return (whole - sum(one.over() for one in timed)) / points


def by_workers(workers: int, points: int) -> float:
    """Return the seconds of points of 2 048 terms, after the workers have begun."""
    one = study(checks(points + 4), replications=2048)
    with tempfile.TemporaryDirectory() as folder:
        driver = StudyDriver(one, Path(folder), workers=workers)
        with driver:
            driver.advance(one.points[:4], 2048)
            began = time.perf_counter()
            driver.run()
            return time.perf_counter() - began


def memory(points: int) -> float:
    """Return the most MB that a driver of so many points had, in a process of its own."""
    run = [sys.executable, __file__, "--driver", str(points)]
    return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


def driver(points: int) -> None:
    """Run many points of a design of two parts, and print the most MB that this process had."""
    from pacsim.design import design_of

    part = {"type": "component", "ttf": "90 days", "ttr": "8 h"}
    small = {"pacsim": 1, "parts": {"a": part}, "roles": {"store": {"needs": ["a"]}}}
    values = [f"{1.0 + k / 100:.2f} h" for k in range(points)]
    asked = {
        "pacsim": 1, "name": "memory", "measures": ["store.down"],
        "vary": {"repair": {"path": "parts.a.ttr", "values": values}},
        "replications": 64,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        run_study(Study.of(asked, designs=[design_of(small)]), Path(folder), workers=2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)


def pair(points: int) -> None:
    """Time points of the pair at 5 % on two workers."""
    one = study(checks(points), precision={"of": "store.down_unplanned", "relative": "5 %"})
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        found = run_study(one, Path(folder), workers=2)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        seconds = time.perf_counter() - began
        print(
            f"{points} points of the pair at 5 %, two workers: {seconds:.0f} s, "
            f"{found.terms} terms, {found.stages} stages, a store of {size:.0f} MB"
        )


def least(measure: Callable[[], float], turns: int) -> float:
    """Return the least of several turns: what a quiet machine takes."""
    return min(measure() for _ in range(turns))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=12)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--pair", type=int, default=0)
    parser.add_argument("--driver", type=int, default=0)
    asked = parser.parse_args()
    if asked.driver:
        driver(asked.driver)
        return
    if asked.pair:
        pair(asked.pair)
        return
    overhead(checks(2), 2)  # whatever is loaded or compiled on first use
    settle()  # as workers do once all is loaded
    # The first point of the numbers is of a new structure itself.
    for name, vary, points in (
        ("numbers only", checks, 5 * asked.points),
        ("structure", disks, asked.points),
    ):
        per_point = least(lambda v=vary, n=points: overhead(v(n), n), asked.turns)
        print(f"overhead a point, {name}: {1000 * per_point:.0f} ms")
    ratios = []
    for _ in range(asked.turns):
        one, two = by_workers(1, asked.points), by_workers(2, asked.points)
        ratios.append(one / two)
        print(f"one worker {one:.1f} s, two {two:.1f} s")
    print(f"two workers: {median(ratios):.2f} times one, at best {max(ratios):.2f}")
    small, large = memory(200), memory(2000)
    print(f"memory of the driver: {small:.0f} MB with 200 points, {large:.0f} MB with 2 000")


if __name__ == "__main__":
    main()
