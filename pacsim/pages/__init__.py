"""Reports: one page that stands alone."""

from pacsim.pages.page import report

__all__ = ["report"]
