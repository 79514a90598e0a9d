"""Compiles one of the kernels, or finds it compiled: ``python -m tests.warm plain`` (or ``full``).

Processes that share the tests would otherwise all compile, each for itself and at the same time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KERNELS = ("plain", "full")


def kept(kernel: str) -> None:
    """Have a kernel on disk, whatever the model needs."""
    from pacsim.core import ModelBuilder
    from pacsim.delays import Exponential
    from pacsim.engines.kernel import Runner

    m = ModelBuilder()
    m.element("e", "up down").after("up -> down", Exponential(1.0), "fail", cls="fault")
    runner = Runner(m.build(), horizon=1.0)
    runner.plain = kernel == "plain"
    runner.prepare()


def all_kept() -> None:
    """Have both on disk, side by side. What fails here is told by the tests."""
    command = (sys.executable, "-m", __name__)
    root = Path(__file__).parents[1]
    running = [subprocess.Popen([*command, kernel], cwd=root) for kernel in KERNELS]
    for process in running:
        process.wait()


if __name__ == "__main__":
    kept(sys.argv[1])
