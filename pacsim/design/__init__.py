"""The language: what people write, resolved into sourced values, and built into a model."""

from pacsim.design.design import Design, design_like, design_of, diff, load
from pacsim.design.noted import Input
from pacsim.design.resolved import Resolved
from pacsim.files.problems import DesignError

__all__ = ["Design", "DesignError", "Input", "Resolved", "design_like", "design_of", "diff", "load"]
