"""Cases without chance: what happens, and when, to the bit, in both simulating engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacsim.core import Model, ModelBuilder, layout
from pacsim.delays import Deterministic
from pacsim.engines import kernel, reference

if TYPE_CHECKING:
    from judging import Case, Study

    from pacsim.core.model import Memory
    from pacsim.core.writing.conditions import Condition
    from pacsim.core.writing.handles import ElementRef


class Told:
    """One replication of a model on both engines, which must agree to the bit."""

    def __init__(self, m: ModelBuilder, horizon: float) -> None:
        self.model: Model = m.build()
        batches = [
            engine(self.model, horizon=horizon, trace=True)
            for engine in (reference.simulate, kernel.simulate)
        ]
        traces = [batch.trace for batch in batches]
        if traces[0] is None or traces[1] is None or traces[0].tobytes() != traces[1].tobytes():
            msg = "the two simulating engines differ"
            raise AssertionError(msg)
        self.trace: Any = traces[0]
        self.values = batches[0].values[0]

    def times(self, name: str) -> list[float]:
        """Return when a transition fired."""
        index = self.model.transition(name)
        return [float(row["time"]) for row in self.trace if row["transition"] == index]

    def figure(self, name: str, column: int = 0) -> float:
        """Return one column of an observation."""
        names = [o.name for o in self.model.observations]
        return float(self.values[layout(self.model).first[names.index(name)] + column])


def worn(
    m: ModelBuilder,
    name: str,
    life: float,
    repair: float,
    *,
    when: Condition | None = None,
    memory: Memory = "resume",
) -> ElementRef:
    """Return a part that fails after exactly so long and is repaired in exactly so long."""
    part = m.element(name, "up down", fault="down")
    law = Deterministic(life)
    part.after("up -> down", law, "fail", cls="fault", when=when, memory=memory)
    part.after("down -> up", Deterministic(repair), "repair", cls="repair", renew=True)
    return part


def deterministic_series(study: Study) -> None:
    m = ModelBuilder()
    running = m.forward("running")
    parts = [worn(m, name, life, 10, when=running) for name, life in (("A", 100), ("B", 120))]
    m.gate("running", m.all(part == "up" for part in parts))
    m.episodes("down", ~running)
    told = Told(m, 300.0)
    study.same("downtime_h", told.figure("down"))
    study.same("downing_events", told.figure("down", 1))
    study.same("by_part_A", len(told.times("A.fail")))
    study.same("by_part_B", len(told.times("B.fail")))
    study.same("B_first_failure_at_h", told.times("B.fail")[0])


def shared_child(study: Study) -> None:
    m = ModelBuilder()
    child = worn(m, "child", 2, 0.5)
    parents = [m.gate(name, m.all([child == "up"])) for name in ("left", "right")]
    m.episodes("down", ~m.any(parents))
    told = Told(m, 10.0)
    study.same("child_failures", len(told.times("child.fail")))
    study.same("at_h", told.times("child.fail"))


def repair_on_the_horizon(study: Study) -> None:
    m = ModelBuilder()
    parts = [worn(m, name, 90, 10) for name in ("one", "two")]
    m.episodes("down", ~m.all(part == "up" for part in parts))
    told = Told(m, 1000.0)
    study.same("system_failures", told.figure("down", 1))
    study.same("downtime_h", told.figure("down"))


def clock_memory(study: Study) -> None:
    kinds: tuple[Memory, ...] = ("resume", "restart")
    for memory in kinds:
        m = ModelBuilder()
        power = m.element("power", "on off")
        power.after("on -> off", Deterministic(6), "off")
        power.after("off -> on", Deterministic(1), "on")
        worn(m, "pump", 10, 2, when=power == "on", memory=memory)
        study.same(f"{memory}_at_h", Told(m, 40.0).times("pump.fail"))


CASES: dict[str, Case] = {
    "deterministic-series": deterministic_series,
    "shared-child": shared_child,
    "repair-on-the-horizon": repair_on_the_horizon,
    "clock-memory": clock_memory,
}
