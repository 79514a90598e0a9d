"""Judging simulated figures by their own standard error at one false-alarm rate for the suite.

``TESTS`` bounds how many comparisons the whole suite makes, and a test of their budget counts them;
with a suite-wide rate of 1e-3 each is allowed ``1e-3 / TESTS``, two-sided, which `LIMIT` turns into
a z.
"""

from pacsim.delays.scalar import normal_isf

SUITE_RATE = 1e-3
TESTS = 320
LIMIT = normal_isf(SUITE_RATE / TESTS / 2)
"""About 4.6."""


def agrees(mean: float, error: float, expected: float) -> None:
    """Fail if a mean is further from the expected value than chance allows."""
    z = (mean - expected) / error
    assert abs(z) < LIMIT, f"{mean!r} +- {error!r} is {z:.2f} standard errors from {expected!r}"


def likely(p: float) -> None:
    """Fail if a test's p-value is smaller than chance makes it."""
    assert p > SUITE_RATE / TESTS, f"p = {p!r}"
