"""Mutate the shipped workloads, and say what is not answered with tables or with a clear refusal.

    python experiments/fuzz/workloads.py                       # two thousand, some minutes
    python experiments/fuzz/workloads.py --first 5000 --count 200

Every mutated workload is read under a shipped design, written out and made into tables.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mutating import go_through

from tests.conformance.workload_mutations import judged, mutated

if __name__ == "__main__":
    sys.exit(go_through(__doc__.splitlines()[0], "a workload", 2000, mutated, judged))
