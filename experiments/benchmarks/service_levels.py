"""How long service levels take to score: 10 000 terms of the pair, 84 months each, no simulation.

Outages of some terms are simulated and repeated under other numbers, which scoring cannot tell.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pacsim import ServiceLevel, run, score

if TYPE_CHECKING:
    from pacsim.results.outage_file import KeptOutages

ROOT = Path(__file__).resolve().parents[2]
TERMS, RUN = 10_000, 500
FLOOR = 2.0
"""Seconds in which each is to be done."""
BOTH = {
    "pacsim": 1, "name": "all roles, degraded too", "measures": {"all": ["store", "read"]},
    "counts": {"degraded": True}, "window": "month", "target": "99.9 %",
}  # fmt: skip


def repeated(kept: KeptOutages, terms: int) -> KeptOutages:
    """Return the same outages again and again, each time under the next numbers of terms."""
    many = terms // kept.terms
    columns = {name: np.concatenate([column] * many) for name, column in kept.columns.items()}
    shift = kept.terms * np.repeat(np.arange(many, dtype=np.int32), len(kept))
    columns["replication"] += shift
    return replace(kept, columns=columns, terms=many * kept.terms, terms_run=many * kept.terms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="how often; the quickest is told")
    options = parser.parse_args()
    found = run(
        ROOT / "models/designs/active-passive.yaml",
        replications=RUN, outages=True, traffic_years=0, progress=False,
    )  # fmt: skip
    outages = {name: repeated(kept, TERMS) for name, kept in found.outages.items()}
    (kept,) = outages.values()
    sys.stdout.write(f"{kept.terms} terms, {len(kept)} times down or degraded\n")
    levels = [ServiceLevel.load(file) for file in sorted((ROOT / "models/sla").glob("*.yaml"))]
    slow = False
    for level in [*levels, ServiceLevel.of(BOTH)]:
        spent = []
        for _ in range(options.times):
            began = time.perf_counter()
            scores = score(outages, level)
            rows = scores.rows
            spent.append(time.perf_counter() - began)
        met = scores.get("sla_met").estimate or 0.0
        slow |= min(spent) > FLOOR
        sys.stdout.write(
            f"{min(spent):5.2f} s  {level.name}: {len(rows)} figures, {100 * met:.1f} % met\n"
        )
    if slow:
        sys.exit(f"one of them took over {FLOOR:g} s")


if __name__ == "__main__":
    main()
