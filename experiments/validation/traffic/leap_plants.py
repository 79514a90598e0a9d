"""Wrong lines planted where probes ask by leaps, each to be told from probes that ask by moments.

    python experiments/validation/traffic/leap_plants.py             # some minutes
    python experiments/validation/traffic/leap_plants.py --only divergence --worlds 40

As `plants.py`: the kernel runs interpreted with one line changed. Worlds are those of
`tests/agreement/test_probe_leaps.py`; how many it takes until an interval differs is printed. The
exit code is 1 if a line is not seen, or if the kernel as it is differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from experiments.validation.traffic.plants import interpreted
from pacsim.traffic.kernel import joined_traffic
from tests.agreement.probe_worlds import ProbedWorld, probed_world, struck_world
from tests.agreement.test_probe_leaps import SEEDS

PLANTS: dict[str, tuple[str, str, str]] = {
    "a round too many": ("leap", "/ cycle) - 2", "/ cycle) + 1"),
    "no whole round after a leap": ("leap", "/ cycle) - 2", "/ cycle)"),
    "a change is not heard of": (
        *("leap_on", "limit = min(limit, state.change_times[change])"),
        "pass",
    ),
    "one more question than there is time": ("leap", "not over < limit", "not ends < limit"),
    "a question that ends with the change": ("leap", "not over < limit", "over > limit"),
    "beyond the times of one unit": ("leap", "min(limit, UNITS * unit)", "limit"),
    "rounds that are not the same": ("leap", "goes_on and same and", "goes_on and"),
    "turns of members forgotten": (
        "leap",
        "workload.archive[0].members * operations",
        "operations",
    ),
    "operations forgotten": (
        *("leap", "workload.archive[0].members * operations"),
        "workload.archive[0].members",
    ),
    "the last success stays behind": ("leap", "if served:", "if False:"),
    "an earlier success moves on": ("leap", "if served:", "if True:"),
    "turns begin anew": ("leap", "first += rounds * turns", "first += rounds"),
    "a failure counts": ("leap", "if how == OK:", "if how >= OK:"),
    "a pause after failures": ("leap", "pause if how == OK else retry", "pause"),
    "its own work takes no time": (
        "leap",
        "ends = at + own + reached + item",
        "ends = at + reached + item",
    ),
    "intervals before the divergence": ("hear_success", "end > divergence and gap", "gap"),
    "services are not drawn": ("course", " or workload.works[work].service >= 0", ""),
    "pools are free": ("course", "or shared or", "or"),
    "who hangs answers": ("course", "if met == HUNG or", "if"),
    "a response in any time": ("course", "item <= workload.times[station].response", "True"),
    "a set-up in any time": ("course", "reached <= associate", "True"),
    "a release in any time": ("course", "min(release, workload.times[station].release)", "release"),
    "who errs answers": ("course", "STATUS if errs else OK", "OK"),
    "an echo errs": (
        *("course", "met == ERRORING and workload.operations[operation].kind != ECHO_KIND"),
        "met == ERRORING",
    ),
    "requests for as long as TCP goes on": (
        *("course", "connect if connect < CONNECT_GIVE_UP else CONNECT_GIVE_UP"),
        "CONNECT_GIVE_UP",
    ),
    "the first one's work": ("course", "work += state.lines[line].dialled", "pass"),
    "who is out of sight refuses": ("met_at_once", "return SILENT", "return REFUSES"),
    "the way to a member is open": (
        *("met_at_once", "back(workload, state, site, holder, member)"),
        "True",
    ),
    "one dial more": ("met_at_once", "if left == 0:", "if left < 0:"),
    "another one always": ("met_at_once", "workload.archive[0].redispatch == 0", "False"),
    "dials that wait fail": (
        *("met_at_once", "if met != REFUSES:\n            return HUNG"),
        "if met != REFUSES:\n            return REFUSES",
    ),
    "refusals are not learnt from": ("may_leap", "workload.archive[0].observe > 0", "False"),
}
"""Function of the sources, what stands there once, and what is put in its place."""


def differs(world: ProbedWorld, right: tuple[np.ndarray, ...]) -> bool:
    """Return whether leaps make something else of a world; what they cannot go on with is."""
    try:
        found = world.leaps()
    except (AssertionError, ValueError, IndexError, OverflowError, ZeroDivisionError):
        return True
    return not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(right, found, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=SEEDS, help="at most, of each")
    parser.add_argument("--only", default="", help="plants whose names have this in them")
    asked = parser.parse_args()
    seeds = range(asked.worlds)
    worlds = [made(seed) for seed in seeds for made in (struck_world, probed_world)]
    right = [world.moments() for world in worlds]

    def seen_in(plant: tuple[str, str, str] | None) -> int:
        """Return in which world it is seen, 0 if it is not."""
        joined_traffic._KERNEL[:] = [interpreted(plant)]  # noqa: SLF001
        for k, (world, of) in enumerate(zip(worlds, right, strict=True)):
            if differs(world, of):
                return k + 1
        return 0

    print("| planted | seen in world |\n|---|---:|")
    bad = 0
    if not asked.only:
        bad = seen_in(None)
        print(f"| nothing | {bad or 'none'} |", flush=True)
    for name, plant in PLANTS.items():
        if asked.only in name:
            found = seen_in(plant)
            print(f"| {name} | {found or 'not seen'} |", flush=True)
            bad += not found
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
