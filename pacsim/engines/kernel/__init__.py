"""The compiled engine on numba; loaded on first use."""

from pacsim.engines.kernel.engine import Runner, simulate, supports
from pacsim.engines.kernel.run import run

__all__ = ["Runner", "run", "simulate", "supports"]
