"""The exact engine: Markov models solved without sampling."""

from pacsim.engines.exact.engine import mean_time_to, solve
from pacsim.engines.exact.explore import supports
from pacsim.engines.exact.result import Answer, ExactResult

__all__ = ["Answer", "ExactResult", "mean_time_to", "solve", "supports"]
