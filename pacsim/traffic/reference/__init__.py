"""The readable simulator of the traffic, on SimPy; a compiled one must reproduce its logs."""

from pacsim.traffic.reference.running import ReferenceTraffic, simulate

__all__ = ["ReferenceTraffic", "simulate"]
