"""Both simulators of the traffic on a week of shipped workloads with faults, one thread."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from case import report

from pacsim.core.streams import replication_key
from pacsim.design import load
from pacsim.traffic.arrival_tables import ArrivalTable
from pacsim.traffic.arrivals import arrivals
from pacsim.traffic.client_conditions import (
    HUNG,
    MOVING,
    NOBODY,
    REFUSES,
    SILENT,
    UP,
    ConditionChange,
    Conditions,
    Timeline,
)
from pacsim.traffic.from_design import tables
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.running import ReferenceTraffic
from pacsim.units import DAY

MODELS = Path(__file__).resolve().parents[2] / "models"
DESIGN = """pacsim: 1
extends: {models}/designs/active-passive.yaml
workload:
  from: {models}/workloads/{name}.yaml
  archive: pacs
  at: {{modalities: radiology, readers: reading-rooms}}
"""
WEEK = 7.0 * DAY
REPETITIONS = 9


def faults(found: Conditions) -> Timeline:
    """Return a week in which each day something else is wrong for some time in the morning."""
    member, path = "member.server-a", next(x for x in found.names if x.startswith("path."))
    kinds = ((member, REFUSES, UP), (member, SILENT, UP), (member, HUNG, UP), (path, 0, 1))
    kinds += (("owner", NOBODY, 0), ("owner", MOVING, 0), ("owner", 1, 0))
    changes = []
    for day, (what, wrong, right) in enumerate(kinds):
        begin = DAY * day + 36_000.0
        changes += [
            ConditionChange(begin, what, wrong),
            ConditionChange(begin + 900.0, what, right),
        ]
    return Timeline.of(found, changes)


def main() -> None:
    for name in ("community-hospital", "university-hospital"):
        with TemporaryDirectory() as folder:
            file = Path(folder) / "design.yaml"
            file.write_text(DESIGN.format(models=MODELS, name=name), encoding="utf-8")
            design = load(file)
        found = tables(design.resolved)
        line = faults(found.conditions)
        arrived = ArrivalTable.of(arrivals(found, 1, 0, 0.0, WEEK))
        took = {}
        for simulator, times in (
            (CompiledTraffic(found), REPETITIONS),
            (ReferenceTraffic(found), 1),
        ):
            spent = []
            for _ in range(times):
                run = simulator.begin(line, 0.0, replication_key(1, 0))
                run.feed(arrived)
                began = time.process_time()
                run.advance(WEEK)
                spent.append(time.process_time() - began)
                if isinstance(simulator, CompiledTraffic):
                    events = int(run.arrays.world["events"])
            took[type(simulator).__name__] = spent
        compiled, reference = took.values()
        report(
            f"compiled traffic, {name}",
            [seconds / events * 1e9 for seconds in compiled],
            stations=len(found.stations),
            events=events,
            times_the_reference=round(reference[0] / sorted(compiled)[len(compiled) // 2], 1),
        )


if __name__ == "__main__":
    main()
