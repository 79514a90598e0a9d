"""The formal core: write a model with `ModelBuilder`, run it on any engine."""

from pacsim.core.builder import ModelBuilder
from pacsim.core.model import Batch, Columns, Layout, Model, layout
from pacsim.core.recording import recording
from pacsim.core.writing.transition_requests import (
    every,
    next_business_day,
    next_open,
    next_opening,
    outcome,
)

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
    "recording",
]
