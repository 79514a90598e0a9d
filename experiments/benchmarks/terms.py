r"""What a term of each shipped design takes here and in another checkout, side by side in one run.

Both are started once; then they take turns, each time with the same replications, and who is first
changes from pair to pair. Ratios are medians over pairs: on a shared machine the times of a pair
are disturbed alike. A digest of all figures tells whether the two still give the same results.

    python experiments/benchmarks/terms.py OTHER
    python experiments/benchmarks/terms.py OTHER --design active-passive \
        --here practices.upgrades=null

With ``--here`` the designs of this checkout are varied: what they did not contain there is left
out, so that the code is compared and not the designs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Said = TypeVar("Said")
ROOT = Path(__file__).resolve().parents[2]
DESIGNS = ("single-server", "active-passive")
WORKER = """
import json, sys
from pathlib import Path
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines.kernel import Runner
from pacsim.units import YEAR
runners = {}
changes = json.loads(sys.argv[2])
for name in sys.argv[3:]:
    design = load(Path(sys.argv[1]) / "models" / "designs" / f"{name}.yaml")
    resolved = (design.vary(changes) if changes else design).resolved
    made = build(resolved)
    # Newer versions return the model together with what is watched.
    model = getattr(made, "model", made)
    runners[name] = Runner(model, resolved.contract.number("term"), YEAR)
    runners[name].batch(1, 0, 64)
"""
"""Makes what runs; `TURNS` follows it."""
TURNS = """
import hashlib, json, sys, time
print("ready", flush=True)
for line in sys.stdin:
    name, first, count = line.split()
    began = time.thread_time()
    batch = runners[name].batch(1, int(first), int(count))
    spent = time.thread_time() - began
    digest = hashlib.sha256()
    for what in ("values", "events", "episodes", "contributors", "samples"):
        digest.update(getattr(batch, what).tobytes())
    said = {"ms": spent * 1e3 / int(count), "events": int(batch.events.sum()) / int(count)}
    print(json.dumps(said | {"digest": digest.hexdigest()}), flush=True)
"""
"""Runs replications of a case of `runners` whenever a line asks for them."""


def environment(checkout: Path) -> dict[str, str]:
    """Return the environment in which the package of a checkout is imported, on one thread."""
    return os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}


class Worker:
    """A process that runs replications of one checkout when it is told to."""

    def __init__(self, checkout: Path, program: str, arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program + TURNS, *arguments],
            cwd=checkout,
            env=environment(checkout),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.read()

    def read(self) -> str:
        """Return the next line it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            msg = "a worker ended early; what it said stands above"
            raise RuntimeError(msg)
        return line

    def term(self, case: str, count: int, turn: int) -> dict[str, Any]:
        """Return the milliseconds, events and digest of the replications of a turn."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{case} {turn * count} {count}\n")
        self.process.stdin.flush()
        said: dict[str, Any] = json.loads(self.read())
        return said

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def alternated(
    here: Callable[[int], Said], there: Callable[[int], Said], pairs: int
) -> list[tuple[Said, Said]]:
    """Return what two functions of the number of a pair return, called in turns."""
    found = []
    for k in range(pairs):
        if k % 2 == 0:
            mine = here(k)
            found.append((mine, there(k)))
        else:
            other = there(k)
            found.append((here(k), other))
    return found


def summary(name: str, times: list[tuple[float, float]], unit: str) -> dict[str, Any]:
    """Return the medians of both, and the median and the quartiles of the ratios."""
    ratios = [here / there for here, there in times]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return {
        "name": name,
        f"here_{unit}": round(statistics.median(here for here, _ in times), 4),
        f"there_{unit}": round(statistics.median(there for _, there in times), 4),
        "ratio": round(middle, 3),
        "quartiles": [round(low, 3), round(high, 3)],
    }


def terms(
    there: Path, pairs: int, count: int, designs: Sequence[str], changes: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the row of a term of every design, those here with some paths changed."""
    workers = [
        Worker(root, WORKER, [str(root), json.dumps(changed), *designs])
        for root, changed in ((ROOT, changes), (there, {}))
    ]
    try:
        for design in designs:
            asked = [partial(worker.term, design, count) for worker in workers]
            found = alternated(asked[0], asked[1], pairs)
            times = [(here["ms"], other["ms"]) for here, other in found]
            same = all(here["digest"] == other["digest"] for here, other in found)
            events = statistics.mean(here["events"] for here, _ in found)
            row = summary(f"term of {design}", times, "ms")
            yield row | {"events": round(events), "same": same}
    finally:
        for worker in workers:
            worker.close()


def compared(there: Path, pairs: int, replications: int) -> list[dict[str, Any]]:
    """Return the rows of the command ``compare`` on both designs: by the clock, and of processors.

    The time of processors is less disturbed by what else runs on the machine.
    """

    def seconds(checkout: Path) -> tuple[float, float]:
        designs = [str(checkout / "models" / "designs" / f"{name}.yaml") for name in DESIGNS]
        command = [sys.executable, "-m", "pacsim", "compare", *designs]
        before, began = processors(), time.perf_counter()
        subprocess.run(
            [*command, "--replications", str(replications)],
            cwd=checkout,
            env=environment(checkout),
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began, processors() - before

    found = alternated(lambda _: seconds(ROOT), lambda _: seconds(there), pairs)
    name = f"compare, {replications} terms of each"
    return [
        summary(f"{name}, {what}", [(here[k], other[k]) for here, other in found], "seconds")
        for k, what in enumerate(("by the clock", "of processors"))
    ]


def processors() -> float:
    """Return the seconds of processors that ended child processes have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="root of the checkout that is compared with this")
    parser.add_argument("--pairs", type=int, default=21, help="how often both take their turn")
    parser.add_argument("--terms", type=int, default=128, help="replications a turn")
    parser.add_argument(
        "--compare", type=int, default=2048, help="replications of compare; 0: none"
    )
    parser.add_argument("--design", action="append", choices=DESIGNS, help="of both by default")
    parser.add_argument(
        "--here", action="append", default=[], metavar="PATH=VALUE", help="vary the designs here"
    )
    options = parser.parse_args()
    there = options.other.resolve()
    changes = {path: json.loads(value) for path, value in (x.split("=", 1) for x in options.here)}
    for row in terms(there, options.pairs, options.terms, options.design or DESIGNS, changes):
        say(row)
    if options.compare:
        for row in compared(there, max(3, options.pairs // 3), options.compare):
            say(row)


def say(row: dict[str, Any]) -> None:
    """Print a row at once: the next one may take minutes."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
