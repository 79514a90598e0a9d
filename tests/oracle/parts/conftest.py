"""Fixtures of the tests of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pacsim.delays import Exponential as Exp
from pacsim.parts import failover

if TYPE_CHECKING:
    from pacsim.delays import Law


@pytest.fixture
def markov(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make detection and fencing exponential with the means they have."""

    def shifted(law: Law, by: float) -> Law:
        return Exp(law.mean() + by)

    monkeypatch.setattr(failover, "Shifted", shifted)
    monkeypatch.setattr(failover, "Deterministic", Exp)
