"""Pictures: figures in, matplotlib Axes out."""

from pacsim.plots.downtime import downtime

__all__ = ["downtime"]
