"""Passes over what happened in windows, compiled: one module, that is kept on disk.

With arrays of NumPy each column would be gone through many times, by one thread after the other.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.engines.kernel.compile import HEADER, INTERNAL, OPTIONS, compiled_entries
from pacsim.traffic.logs import ATTEMPTS, JOBS

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES = ("tries_source.py", "pairing_source.py", "operations_source.py")
STATIONS = np.dtype(
    [
        ("does", np.int64),
        ("retry_count", np.int64),
        ("retry_every", np.float64),
        ("sends_anew", np.int64),
    ]
)
CASES = np.dtype(
    [
        *((name, np.float64) for name in ("first", "ended", "given_up", "aside", "again")),
        *((name, np.int32) for name in ("rejected", "pieces", "pieces_routed", "asked")),
        ("query", np.int64),
        # What is of use while they are made.
        *((name, np.float64) for name in ("patient", "returns", "whole", "most")),
        *((name, np.float64) for name in ("whole_routed", "most_routed")),
        *((name, np.int32) for name in ("parked", "asides")),
        ("last", np.int64),
    ]
)
"""A case a row: begin of its first try and end of its last one, when its exam was given up for the
time, and its opening put aside, infinite if never; bytes that were acknowledged again; in how many
tries something was acknowledged, at its modality and by its router; how many queries it has, and
where that of the last step is."""
QUERIES = np.dtype(
    [
        *((name, np.int64) for name in ("case", "step", "before", "rejected")),
        *((name, np.float64) for name in ("asked", "ended", "given_up")),
    ]
)
"""A query a row, in the order in which they were begun, and where that of the case's step before
is, -1 without; what never came is infinite."""
ASKED = np.dtype(
    [
        ("case", np.int64),
        ("step", np.int64),
        ("asked", np.float64),
        ("end", np.float64),
        ("given_up", np.float64),
        ("operation", np.int8),
        ("failed", np.bool_),
        ("late", np.bool_),
        ("rejected", np.bool_),
    ]
)
"""One operation a row. ``end`` is not a number while it has not ended, ``given_up`` unless it was
given up at a known time; ``failed``: given up, lost or never made; ``late``: not done within its
target by then."""
WAITS = np.dtype(
    [
        ("window", np.int64),
        ("wait", np.float64),
        ("operation", np.int8),
        ("given_up", np.bool_),
    ]
)
"""By how much longer than in the twin somebody waited, seconds, until it ended or was given up."""
NOTE_TRIES, NOTE_OPERATIONS, COMPARE = "note_tries", "note_operations", "compare_operations"
PAIR_JOBS, NOTE_MADE = "pair_jobs", "note_made"


def arguments() -> Mapping[str, tuple[Any, ...]]:
    """Return what each is called with, as far as types go."""
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    truths = np.zeros(0, dtype=np.bool_)
    jobs, cases, queries, asked = (np.zeros(0, dtype=x) for x in (JOBS, CASES, QUERIES, ASKED))
    rows = np.zeros((0, 0), dtype=np.int64)
    return {
        PAIR_JOBS: (jobs, whole, jobs, whole, 0, whole, whole, rows, whole, whole, whole),
        NOTE_MADE: (jobs, whole, rows, 0, whole, whole, truths),
        NOTE_TRIES: (
            *(np.zeros(0, dtype=ATTEMPTS), whole, np.zeros(0, dtype=np.uint8), 0, 0),
            *(np.zeros(0, dtype=STATIONS), whole, whole, whole, cases, queries, whole),
        ),
        NOTE_OPERATIONS: (
            *(jobs, truths, whole, real, cases, queries, cases, whole, real, real, asked),
        ),
        COMPARE: (asked, asked, whole, np.zeros((0, 0, 0), np.int64), np.zeros(0, dtype=WAITS)),
    }


@lru_cache(maxsize=1)
def source() -> str:
    """Return the text of the module that is compiled."""
    parts, entries = [HEADER], arguments()
    for name in SOURCES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                node.returns = None
                for argument in node.args.args:
                    argument.annotation = None
                more = ", cache=True" if node.name in entries else f"{INTERNAL}, forceinline=True"
                parts.append(f"@numba.njit({OPTIONS}{more})\n{ast.unparse(node)}")
            elif isinstance(node, ast.Assign):
                parts.append(ast.unparse(node))
    return "\n".join(parts)


_KEPT: dict[str, Any] = {}


def compiled(entry: str) -> Any:
    """Return a compiled function; the first call on a machine takes some seconds."""
    if not _KEPT:
        _KEPT.update(compiled_entries(source(), arguments()))
    return _KEPT[entry]
