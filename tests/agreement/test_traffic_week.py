"""A week of the community hospital with faults: both simulators of the traffic to the bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

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
    Timeline,
)
from pacsim.traffic.client_tables import Probe
from pacsim.traffic.from_design import tables
from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference.running import ReferenceTraffic
from pacsim.units import DAY
from tests.oracle.traffic.beside import equal

MODELS = Path(__file__).parents[2] / "models"
WEEK = 7.0 * DAY
DESIGN = """pacsim: 1
extends: {models}/designs/active-passive.yaml
workload:
  from: {models}/workloads/community-hospital.yaml
  archive: pacs
  at: {{modalities: radiology, readers: reading-rooms}}
"""


@pytest.mark.slow
def test_a_week_with_faults_to_the_bit(tmp_path: Path) -> None:
    file = tmp_path / "design.yaml"
    file.write_text(DESIGN.format(models=MODELS), encoding="utf-8")
    found = tables(load(file).resolved)
    # Probes ask each second, which is most of what happens.
    slower = [
        replace(one, timers=replace(one.timers, pause=600.0))
        if isinstance(one.does, Probe)
        else one
        for one in found.stations
    ]
    found = replace(found, stations=tuple(slower))
    path = next(x for x in found.conditions.names if x.startswith("path."))
    kinds = [("member.server-a", wrong, UP) for wrong in (REFUSES, SILENT, HUNG)]
    kinds += [(path, 0, 1), ("owner", NOBODY, 0), ("owner", MOVING, 0), ("owner", 1, 0)]
    changes = []
    for day, (what, wrong, right) in enumerate(kinds):
        begin = DAY * day + 36_000.0
        changes += [
            ConditionChange(begin, what, wrong),
            ConditionChange(begin + 900.0, what, right),
        ]
    line = Timeline.of(found.conditions, changes)
    arrived = ArrivalTable.of(arrivals(found, 1, 0, 0.0, WEEK))
    logs = []
    for simulator in (ReferenceTraffic(found), CompiledTraffic(found)):
        run = simulator.begin(line, 0.0, replication_key(1, 0))
        run.feed(arrived)
        run.advance(WEEK)
        logs.append(run.log())
    logs[0].check()
    assert len(logs[0].attempts) > 20_000
    assert (logs[0].attempts["how"] > 0).sum() > 50
    equal(*logs)
