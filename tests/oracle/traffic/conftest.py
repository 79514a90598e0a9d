"""Every scene by hand is run by both simulators of the traffic."""

from __future__ import annotations

import pytest

from tests.oracle.traffic import scenes
from tests.oracle.traffic.beside import both


@pytest.fixture(autouse=True)
def _both_simulators(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the kernel to the reference wherever a scene is run, but for faults planted in one."""
    if not request.module.__name__.endswith("test_planted_faults"):
        monkeypatch.setattr(scenes, "simulate", both)
