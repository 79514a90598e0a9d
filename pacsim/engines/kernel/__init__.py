"""The compiled engine on numba; loaded on first use."""

from pacsim.engines.kernel.engine import Runner, simulate, supports

__all__ = ["Runner", "simulate", "supports"]
