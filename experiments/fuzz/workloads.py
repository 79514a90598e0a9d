"""Mutate the shipped workloads, and say what is not answered with tables or with a clear refusal.

    python experiments/fuzz/workloads.py                       # two thousand, some minutes
    python experiments/fuzz/workloads.py --first 5000 --count 200

Every mutated workload is read under a shipped design, written out and made into tables. It fails
with a traceback, if it takes longer than a file may, or with a problem that has no path, no rule,
or nothing that says what to write.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.conformance.workload_mutations import judged, mutated


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    asked = parser.parse_args()
    found: Counter[str] = Counter()
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.first, asked.first + asked.count):
            start = time.perf_counter()
            try:
                verdict = judged(mutated(number), Path(folder))
            except Exception:
                found["traceback"] += 1
                print(f"number {number}:\n{traceback.format_exc()}")
                continue
            longest = max(longest, time.perf_counter() - start)
            found["refused" if verdict.problems else "a workload"] += 1
            found["problems"] += len(verdict.problems)
            found["problems without a remedy"] += len(verdict.silent)
            for text in verdict.silent:
                print(f"number {number}: {text}")
    print(", ".join(f"{name} {count}" for name, count in found.items()), f"longest {longest:.2f} s")
    return 1 if found["traceback"] or found["problems without a remedy"] else 0


if __name__ == "__main__":
    sys.exit(main())
