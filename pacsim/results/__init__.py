"""Results: rows of figures with intervals, where they came from, and how they are shown."""

from pacsim.results.result import Result
from pacsim.results.rows import COLUMNS, Row

__all__ = ["COLUMNS", "Result", "Row"]
