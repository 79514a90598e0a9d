"""Goes through mutated files, and says what is not answered well or with a clear refusal.

A file fails with a traceback, if it takes longer than a file may, or with a problem that has no
path, no rule, or nothing that says what to write.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def go_through(
    description: str,
    what: str,
    count: int,
    mutated: Callable[[int], Any],
    judged: Callable[[Any, Path], Any],
) -> int:
    """Judge mutations by their numbers, and return the exit code.

    Parameters
    ----------
    description : str
        Of the program, for its options.
    what : str
        What a good file is, such as "a design".
    count : int
        How many by default.
    mutated : callable
        From a number to what is judged.
    judged : callable
        From that and a folder to a verdict with ``problems`` and those that are ``silent``.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=count)
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
            found["refused" if verdict.problems else what] += 1
            found["problems"] += len(verdict.problems)
            found["problems without a remedy"] += len(verdict.silent)
            for text in verdict.silent:
                print(f"number {number}: {text}")
    print(", ".join(f"{name} {count}" for name, count in found.items()), f"longest {longest:.2f} s")
    return 1 if found["traceback"] or found["problems without a remedy"] else 0
