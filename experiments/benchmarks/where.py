"""Where the time of a term goes: each shipped design with something left out, in turns.

    python experiments/benchmarks/where.py            # a minute, on one core

Causes are the judging of outages by kind, root and contributors; logs are the episodes themselves,
of roles and of failovers; counts are all else that is watched. What is left is the history: clocks,
draws and the conditions that the history reads. Ratios are medians of turns, each against the whole
model just before it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from pacsim.core import model as watch
from pacsim.design import load
from pacsim.design.build import build
from pacsim.engines.kernel import Runner
from pacsim.units import YEAR

if TYPE_CHECKING:
    from pacsim.core import Model

DESIGNS = ("single-server", "active-passive", "active-active")
HOME = Path(__file__).parents[2] / "models" / "designs"


def without_causes(model: Model) -> Model:
    """Return a model whose episodes are not judged."""
    kept = (
        replace(one, causes=False, judged=-1) if isinstance(one, watch.Episodes) else one
        for one in model.observations
    )
    return replace(model, observations=tuple(kept))


def without_logs(model: Model) -> Model:
    """Return a model without episodes."""
    kept = (one for one in model.observations if not isinstance(one, watch.Episodes))
    return replace(model, observations=tuple(kept))


def bare(model: Model) -> Model:
    """Return a model in which nothing is watched."""
    return replace(model, observations=())


VARIANTS = {"all": lambda m: m, "causes": without_causes, "logs": without_logs, "counts": bare}
"""What each leaves out, and all before it with it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--terms", type=int, default=64)
    asked = parser.parse_args()
    runners = {}
    for name in DESIGNS:
        resolved = load(HOME / f"{name}.yaml").resolved
        model, term = build(resolved).model, resolved.contract.number("term")
        for key, left in VARIANTS.items():
            runners[name, key] = Runner(left(model), term, YEAR)
            runners[name, key].batch(1, 0, 64)
    spent: dict[tuple[str, str], list[float]] = {one: [] for one in runners}
    for turn in range(asked.turns):
        for one, runner in runners.items():
            began = time.thread_time()
            runner.batch(1, 64 * (turn + 1), asked.terms)
            spent[one].append(time.thread_time() - began)
    print(
        "| design | ms a term | causes | logs | counts | history |\n|---|---:|---:|---:|---:|---:|"
    )
    for name in DESIGNS:
        whole = spent[name, "all"]
        shares = [
            statistics.median(a / b for a, b in zip(spent[name, key], whole, strict=True))
            for key in VARIANTS
        ]
        parts = [a - b for a, b in pairwise(shares)] + [shares[-1]]
        cells = " | ".join(f"{100 * part:.0f} %" for part in parts)
        print(f"| {name} | {1e3 * statistics.median(whole) / asked.terms:.2f} | {cells} |")
    for other in ("single-server", "active-passive"):
        pairs = zip(spent["active-active", "all"], spent[other, "all"], strict=True)
        print(f"active-active takes {statistics.median(a / b for a, b in pairs):.2f} x {other}")


if __name__ == "__main__":
    main()
