"""The readable engine on SimPy; the other engines must reproduce its traces."""

from pacsim.engines.reference.engine import simulate, supports

__all__ = ["simulate", "supports"]
