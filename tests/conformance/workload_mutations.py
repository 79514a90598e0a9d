"""Shipped workloads, mutated: a function of one integer each, as designs are in `mutations`."""

from __future__ import annotations

import copy
import random
import shutil
from typing import TYPE_CHECKING, Any

from pacsim.design import load
from pacsim.traffic.from_design import tables
from tests.conformance.mutations import FILES, Verdict, mutate, put, verdict, written

if TYPE_CHECKING:
    from pathlib import Path

MODELS = FILES[0].parents[1]
WORKLOADS = sorted((MODELS / "workloads").glob("*.yaml"))
DESIGN, WORKLOAD = "designs/mutated.yaml", "workloads/mutated.yaml"


def mutated(number: int) -> dict[str, Any]:
    """Return a shipped design with a workload, the workload's file or its own key mutated.

    Now and then the workload stands in the design, with every number of it in place of its source.
    """
    chance = random.Random(number)
    file, base = WORKLOADS[number % len(WORKLOADS)], FILES[number // 3 % len(FILES)]
    archive = "server-a" if base.stem == "single-server" else "pacs"
    key: dict[str, Any] = {
        "from": f"../{WORKLOAD}",
        "archive": archive,
        "at": {"modalities": "radiology", "readers": "reading-rooms"},
    }
    workload = copy.deepcopy(written(file))
    if chance.random() < 0.2:
        key = {**{k: v for k, v in workload.items() if k not in ("pacsim", "catalogue")}, **key}
        del key["from"]
    trees = {
        DESIGN: {"pacsim": 1, "extends": base.name, "workload": key},
        WORKLOAD: workload,
    }
    inside = chance.random() < 0.3 or "from" not in key
    for _ in range(chance.randrange(1, 5)):
        mutate(key if inside else workload, chance)
    return trees


def judged(trees: dict[str, Any], folder: Path) -> Verdict:
    """Write both files, load the design and make its tables; only a `DesignError` is no fault."""
    if not (folder / "designs").exists():
        shutil.copytree(MODELS, folder, dirs_exist_ok=True)
    put(trees, folder)

    def check() -> None:
        made = load(folder / DESIGN)
        made.dump()
        if made.resolved.workload is not None:
            made.resolved.workload.line()
            tables(made.resolved)

    return verdict(check)
