"""Pictures: figures in, matplotlib Axes out."""

from pacsim.plots.downtime import downtime
from pacsim.plots.tornado_picture import tornado
from pacsim.plots.window_picture import episode

__all__ = ["downtime", "episode", "tornado"]
