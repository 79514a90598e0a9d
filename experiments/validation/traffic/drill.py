r"""The failover drill: measured cells beside simulated ones, from a design and a workload.

Of the given table, or of another one with its columns. What a cell was configured with is told by
its columns ``mode``, ``inter_ms`` and ``op``; what else was configured is said here::

    python experiments/validation/traffic/drill.py
    python experiments/validation/traffic/drill.py --trials more.csv --where policy=redispatch \
        --set groups.pacs.redispatch=true --set groups.pacs.dial.retries=3

Nothing of the client changes between cells. The table is Markdown; the exit status says whether
all figures are within the tolerances of `tests.oracle.traffic.drilling.compared`.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import yaml

from pacsim.design import load
from tests.oracle.traffic import drilling

HEAD = "| cell | figure | measured | simulated | p | |\n|---|---|---|---|---|---|"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--trials", type=Path, default=drilling.TRIALS, help="measured table")
    parser.add_argument("--design", type=Path, default=drilling.DESIGN, help="design file")
    parser.add_argument("--size", type=int, default=300, help="trials of each operation")
    parser.add_argument("--after", type=float, help="longest wait for the end, s after 62 s")
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    return parser.parse_args()


def pairs(said: list[str]) -> dict[str, str]:
    return dict(one.split("=", 1) for one in said)


def main() -> int:
    asked = arguments()
    changes: dict[str, Any] = {k: yaml.safe_load(v) for k, v in pairs(asked.set).items()}
    design = load(asked.design).vary(changes)
    print(HEAD)
    bad = 0
    for k, cell in enumerate(drilling.measured(asked.trials, **pairs(asked.where))):
        made = drilling.simulated(cell, asked.size, design, first=10_000 * k, after=asked.after)
        for one in drilling.compared(cell, made):
            p = "" if math.isnan(one.p) else f"{one.p:.2f}"
            values = f"{one.measured:.4g} | {one.simulated:.4g} | {p}"
            print(f"| {cell.mode} {cell.every:g} s | {one.name} | {values} |"
                  f" {'' if one.good else 'no'} |", flush=True)  # fmt: skip
            bad += not one.good
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
