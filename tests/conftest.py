"""Profiles of hypothesis: ``ci`` repeats the same few examples, ``deep`` looks for new ones."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.outsider.installing import installed
from tests.warm import all_kept

__all__ = ["installed"]

# A runner on several processes tells them its width; tables are asked for with their own.
os.environ.pop("COLUMNS", None)

settings.register_profile(
    "ci",
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile once before processes share the tests."""
    all_kept()


@pytest.fixture
def heard() -> Iterator[None]:
    """Let interrupts be heard, here and by programs that a test starts.

    A shell starts what runs in the background deaf to them, and programs inherit deafness. What
    handles a signal in this program is the default in those it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def deaf() -> Iterator[None]:
    """Be deaf to interrupts, here and in programs that a test starts, as after ``nohup``."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)
