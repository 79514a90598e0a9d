"""The exact engine: Markov models solved without sampling."""

from pacsim.engines.exact.explore import supports
from pacsim.engines.exact.solution import Answer, ExactResult
from pacsim.engines.exact.solver import mean_time_to, solve

__all__ = ["Answer", "ExactResult", "mean_time_to", "solve", "supports"]
