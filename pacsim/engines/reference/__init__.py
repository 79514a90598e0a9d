"""The readable engine on SimPy; the other engines must reproduce its traces."""

from pacsim.engines.reference.simulation import simulate, supports

__all__ = ["simulate", "supports"]
