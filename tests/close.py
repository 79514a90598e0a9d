"""Relative comparison that also works for tiny numbers."""

from typing import Any

import pytest


def close(expected: Any, rel: float) -> Any:
    """Return ``expected`` within a relative tolerance; pytest's own floor of 1e-12 is off."""
    return pytest.approx(expected, rel=rel, abs=0.0)
