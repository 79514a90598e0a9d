"""Windows beside a twin against a whole term, in every figure; how soon the twin is met again.

    python experiments/validation/traffic/windows.py                    # a year, 60 outages
    python experiments/validation/traffic/windows.py --days 30 --outages 30 --simulator reference

A shipped workload on the active-passive pair, with outages of all kinds written by hand
(`tests/oracle/traffic/outages.py`). Fails if a count differs, if a sum is further off than 1e-9 of
its size, or if windows without a lead are not seen to differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from pacsim.traffic.kernel.compiled_traffic import CompiledTraffic
from pacsim.traffic.reference import ReferenceTraffic
from pacsim.units import DAY, MINUTE
from tests.oracle.traffic.whole_terms import WholeTerm, cost

if TYPE_CHECKING:
    from pacsim.traffic.window_tables import WindowBatch
    from tests.oracle.traffic.differences import Differences

NEAR = 1e-9
SIMULATORS = {"kernel": CompiledTraffic, "reference": ReferenceTraffic}
POINTS = (50, 75, 90, 95, 99, 100)


def told(batch: WindowBatch, horizon: float) -> None:
    """Print what windows there are, and how long both take to meet."""
    rows = batch.windows
    share = (rows["closed"] - rows["start"]).sum() / horizon
    print(f"{len(rows)} windows, {int(rows['overlapped'].sum())} divergences begin in another's,")
    print(f"{int(rows['censored'].sum())} closed by the end; {share:.2%} of the time simulated")
    met = (rows["closed"] - rows["ended"]) / MINUTE
    print("minutes from the end of the last divergence until the twin is met again:")
    print("  " + ", ".join(f"p{p} {np.percentile(met, p):.1f}" for p in POINTS))
    for low, high in ((0, 1), (1, 2), (2, 5), (5, 10), (10, 30), (30, 60), (60, np.inf)):
        number = int(((met > low) & (met <= high)).sum())
        print(f"  {low:>3} to {high:>3}: {number:>3} {'#' * number}")


def judged(right: Differences, found: Differences) -> bool:
    """Print how far both are apart; return whether they are the same."""
    one, other = right.known(), found.known()
    wrong = [name for name in {*one, *other} if one.get(name) != other.get(name)]
    for name in sorted(wrong, key=str)[:20]:
        print(f"  {name}: {one.get(name, 0)} in the term, {other.get(name, 0)} in windows")
    far = found.far(right)
    print(
        f"{len(one)} counts, {len(wrong)} differ; {len(right.sums)} sums, {far:.1e} apart at most"
    )
    return not wrong and far <= NEAR


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--outages", type=int, default=60)
    parser.add_argument("--workload", default="community-hospital")
    parser.add_argument("--simulator", choices=SIMULATORS, default=next(iter(SIMULATORS)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        term = WholeTerm(
            SIMULATORS[options.simulator],
            Path(folder),
            options.days * DAY,
            options.outages,
            options.workload,
        )
    begin = time.perf_counter()
    batch = term.windows()
    windows = time.perf_counter() - begin
    told(batch, term.horizon)
    begin = time.perf_counter()
    right = term.whole()
    whole = time.perf_counter() - begin
    print(f"windows took {windows:.2f} s, the whole term with its twin {whole:.2f} s")
    good = judged(right, cost(batch))
    print("without a lead:")
    seen = not judged(right, cost(term.windows(lead=0.0)))
    return 0 if good and seen else 1


if __name__ == "__main__":
    sys.exit(main())
