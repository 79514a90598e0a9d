"""No workload gives a traceback: a mutated one has tables, or is refused with places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.workload_mutations import judged, mutated

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

MUTATED = 60
"""`experiments/fuzz/mutate.py workloads` goes through two thousand."""


def test_mutated_workloads(tmp_path: Path) -> None:
    """Each has tables, or is refused with path, rule and remedy."""
    verdicts = {number: judged(mutated(number), tmp_path) for number in range(MUTATED)}
    assert {number: v.silent for number, v in verdicts.items() if v.silent} == {}
    refused = sum(bool(v.problems) for v in verdicts.values())
    assert 0.5 * MUTATED < refused < MUTATED
