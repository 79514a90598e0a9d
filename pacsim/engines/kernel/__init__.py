"""The compiled engine on numba; loaded on first use."""

from pacsim.engines.kernel.engine import Runner, simulate, supports
from pacsim.engines.kernel.run import run, run_together

__all__ = ["Runner", "run", "run_together", "simulate", "supports"]
