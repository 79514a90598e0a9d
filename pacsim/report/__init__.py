"""Reports: one page that stands alone."""

from pacsim.report.page import report

__all__ = ["report"]
