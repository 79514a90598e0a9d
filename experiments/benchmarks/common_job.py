"""What a mission of common-job takes here and in another checkout, in turns, and what is noise.

Three processes take turns: one of this checkout and two of the other one. The ratio of the latter
two is what differs although nothing has changed. A process keeps what its memory happens to be laid
out like, so that they are started anew several times.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from terms import ROOT, Worker, alternated, say, summary

CASES = ("plain-down", "plain-role", "full-down", "full-role")
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from case import MISSION
from model import common_job
from pacsim.engines.kernel import Runner
runners = {}
for name in sys.argv[2:]:
    kernel, watched = name.split("-")
    runners[name] = Runner(common_job(role=watched == "role"), MISSION)
    runners[name].plain = kernel == "plain"
    runners[name].batch(1, 0, 64)
"""


def started(checkout: Path) -> Worker:
    """Return a process that runs the cases of this checkout with the package of another one."""
    return Worker(checkout, PROGRAM, [str(Path(__file__).parent), *CASES])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="root of the checkout that is compared with this")
    parser.add_argument("--starts", type=int, default=5, help="how often processes are started")
    parser.add_argument("--pairs", type=int, default=9, help="pairs of turns for each start")
    parser.add_argument("--missions", type=int, default=1000, help="replications a turn")
    options = parser.parse_args()
    there = options.other.resolve()
    times: dict[str, list[tuple[float, float]]] = {}
    same = True
    for _ in range(options.starts):
        workers = [started(ROOT), started(there), started(there)]
        for case in CASES:
            asked = [partial(worker.term, case, options.missions) for worker in workers]
            for name, mine in ((f"common-job, {case}", 0), (f"noise of {case}", 2)):
                said = alternated(asked[mine], asked[1], options.pairs)
                same = same and all(a["digest"] == b["digest"] for a, b in said)
                times.setdefault(name, []).extend((a["ms"], b["ms"]) for a, b in said)
        for worker in workers:
            worker.close()
    for name, found in times.items():
        say(summary(name, found, "ms") | {"same": same})


if __name__ == "__main__":
    main()
