"""Time per event of the compiled engine on the shipped designs, one thread, full kernel."""

import time
from pathlib import Path

from case import report

from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines.kernel import Runner
from pacsim.units import YEAR

DESIGNS = Path(__file__).resolve().parents[2] / "models" / "designs"
REPLICATIONS, REPETITIONS = 128, 9


def main() -> None:
    for name in ("single-server", "active-passive"):
        design = load(DESIGNS / f"{name}.yaml")
        term = design.resolved.contract.number("term")
        runner = Runner(build(design.resolved).model, term, YEAR)
        began = time.perf_counter()
        runner.batch(1, 0, 1)
        first = time.perf_counter() - began
        spent, events = [], 0
        for k in range(REPETITIONS):
            began = time.process_time()
            batch = runner.batch(1, k * REPLICATIONS, REPLICATIONS)
            spent.append((time.process_time() - began) / batch.events.sum() * 1e9)
            events += int(batch.events.sum())
        report(
            f"pacsim compiled, {design.name}",
            spent,
            first_call_seconds=round(first, 2),
            events_per_term=round(events / REPLICATIONS / REPETITIONS),
        )


if __name__ == "__main__":
    main()
