"""Mutate what ships, and say what is not answered well or with a clear refusal.

    python experiments/fuzz/mutate.py designs                      # a thousand, about a minute
    python experiments/fuzz/mutate.py workloads                    # two thousand, some minutes
    python experiments/fuzz/mutate.py workloads --first 5000 --count 200

Every mutated design is loaded, dumped and built; every workload is read under a shipped design,
written out and made into tables. A file fails with a traceback, if it takes longer than a file
may, or with a problem that has no path, no rule, or nothing that says what to write.
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

from tests.conformance import mutations, workload_mutations

KINDS = {"designs": (mutations, 1000), "workloads": (workload_mutations, 2000)}
"""Who mutates and judges a file by its number, and how many by default."""


def main() -> int:
    """Judge mutations by their numbers, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int)
    asked = parser.parse_args()
    files, usual = KINDS[asked.kind]
    count = usual if asked.count is None else asked.count
    found: Counter[str] = Counter()
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.first, asked.first + count):
            start = time.perf_counter()
            try:
                verdict = files.judged(files.mutated(number), Path(folder))
            except Exception:
                found["traceback"] += 1
                print(f"number {number}:\n{traceback.format_exc()}")
                continue
            longest = max(longest, time.perf_counter() - start)
            found["refused" if verdict.problems else "fine"] += 1
            found["problems"] += len(verdict.problems)
            found["problems without a remedy"] += len(verdict.silent)
            for text in verdict.silent:
                print(f"number {number}: {text}")
    print(", ".join(f"{name} {times}" for name, times in found.items()), f"longest {longest:.2f} s")
    return 1 if found["traceback"] or found["problems without a remedy"] else 0


if __name__ == "__main__":
    sys.exit(main())
