"""Imported by the server from which workers are forked: loads once what every worker needs."""

from __future__ import annotations

from contextlib import suppress

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential
from pacsim.design.design import design_of
from pacsim.engines.kernel import Runner
from pacsim.studies.stages import StageTask, run_stage, task_text
from pacsim.studies.uncollected import settle

PART = {"type": "component", "ttf": "1 year", "ttr": "4 h"}


def load_all() -> None:
    """Load both kernels, or compile them, and whatever else a stage loads on first use."""
    m = ModelBuilder()
    m.element("e", "up down").after("up -> down", Exponential(1.0), "fail", cls="fault")
    runner = Runner(m.build(), horizon=1.0)
    runner.plain = False
    runner.prepare()
    one = design_of({"pacsim": 1, "parts": {"a": PART}, "roles": {"store": {"needs": ["a"]}}})
    run_stage(StageTask("", task_text(one.plain), 1, 0, 64))


# A worker that finds something missing loads it itself, and tells what goes wrong with that.
with suppress(Exception):
    load_all()
settle()
