"""The language: what people write, resolved into sourced values, and built into a model."""

from pacsim.design.design import Design, design_of, diff, load
from pacsim.design.diagnostics import Input
from pacsim.design.resolved import Resolved
from pacsim.files.problems import DesignError

__all__ = ["Design", "DesignError", "Input", "Resolved", "design_of", "diff", "load"]
