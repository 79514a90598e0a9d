"""The case common-job by RePyability's compiled engine; run by a Python that has it installed.

``control_variate=False, conditional=False`` make it simulate: by default it returns exact means
for which the simulation is not needed. Ten points of its curve are as few as keep it from
recording every change.
"""

import sys
import time

from case import CHAINS, DOWN, EVENTS, LENGTH, LIFE, MISSION, REPAIR, report

REPLICATIONS, REPETITIONS = 20_000, 5


def main() -> int:
    try:
        import surpyval
        from repyability import RepairableRBD
    except ImportError as error:
        sys.stderr.write(f"skipped: {error}\n")
        return 1
    edges, units = [], {}
    exponential = surpyval.Exponential.from_params
    for chain in range(CHAINS):
        names = [f"{chain}-{k}" for k in range(LENGTH)]
        edges += list(zip(["in", *names], [*names, "out"], strict=True))
        for name in names:
            units[name] = {
                "reliability": exponential([1 / LIFE]),
                "repairability": exponential([1 / REPAIR]),
            }
    diagram = RepairableRBD(edges, units)

    def simulated(seed: int, count: int) -> object:
        return diagram.availability(
            MISSION,
            mc_samples=count,
            seed=seed,
            engine="numba",
            control_variate=False,
            conditional=False,
            curve_points=10,
        )

    began = time.perf_counter()
    simulated(0, 10)
    first = time.perf_counter() - began
    spent, hours = [], 0.0
    for k in range(REPETITIONS):
        began = time.process_time()
        found = simulated(k + 1, REPLICATIONS)
        spent.append((time.process_time() - began) / (REPLICATIONS * EVENTS) * 1e9)
        hours += (1 - found.mean_availability) * MISSION / REPETITIONS
    report(
        "RePyability, numba engine",
        spent,
        first_call_seconds=round(first, 2),
        mean_down_hours=round(hours, 2),
        exact=round(DOWN, 2),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
