"""The exact engine: Markov models solved without sampling."""

from pacsim.engines.exact.engine import ExactResult, mean_time_to, solve
from pacsim.engines.exact.explore import supports

__all__ = ["ExactResult", "mean_time_to", "solve", "supports"]
