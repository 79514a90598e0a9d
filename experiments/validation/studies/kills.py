"""Studies whose drivers and workers are killed, again and again: the table is the undisturbed one.

    python experiments/validation/studies/kills.py --kills 60

Kills (SIGKILL) fall in every state that a stage can be in: queued, running, returned but unwritten,
in a transaction, just written; every sixth one is of a worker. How many fell in which is printed,
and whether rows, tallies and block means are equal to the bit to those of one process that nobody
disturbs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))

from pacsim.design import load
from pacsim.studies.driver import run_study
from pacsim.studies.study import Study
from tests.killed_studies import killed
from tests.unit.studies.tables import table

SERVER = Path(__file__).parents[3] / "models" / "designs" / "single-server.yaml"


def asked() -> Study:
    """Return a study of a shipped design, of as many stages as there are kills and more."""
    plain = {
        "pacsim": 1,
        "name": "killed",
        "vary": {
            "outage": {"path": "contract.min_outage", "values": [f"{k} s" for k in range(1, 13)]}
        },
        "measures": ["store.down_unplanned"],
        "precision": {"of": "store.down_unplanned", "relative": "3 %"},
    }
    return Study.of(plain, designs=[load(SERVER)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run_study(asked(), Path(folder) / "alone", workers=0)
        alone = time.perf_counter() - began
        fell = killed(asked, Path(folder) / "killed", given.kills, seed=given.seed, longest=0.5)
        same = table(asked(), Path(folder) / "killed") == table(asked(), Path(folder) / "alone")
    print(f"undisturbed: {alone:.0f} s, with kills {time.perf_counter() - began - alone:.0f} s")
    for state, count in sorted(fell.items()):
        print(f"{count:4d}  {state}")
    enough = fell.total() >= given.kills
    print(f"{fell.total()} kills; the table is {'the same to the bit' if same else 'ANOTHER'}")
    return 0 if same and enough else 1


if __name__ == "__main__":
    sys.exit(main())
