"""The compiled engine on numba; loaded on first use."""

from pacsim.engines.kernel.engine import Runner, simulate, supports
from pacsim.engines.kernel.run import run, run_together
from pacsim.engines.kernel.until import UntilResult, run_until

__all__ = [
    "Runner",
    "UntilResult",
    "run",
    "run_together",
    "run_until",
    "simulate",
    "supports",
]
