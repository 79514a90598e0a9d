"""The formal core: write a model with `ModelBuilder`, run it on any engine."""

from pacsim.core.builder import ModelBuilder
from pacsim.core.model import Model
from pacsim.core.observations import Batch, Columns, Layout, layout
from pacsim.core.requests import every, next_business_day, next_open, next_opening, outcome

__all__ = [
    "Batch",
    "Columns",
    "Layout",
    "Model",
    "ModelBuilder",
    "every",
    "layout",
    "next_business_day",
    "next_open",
    "next_opening",
    "outcome",
]
