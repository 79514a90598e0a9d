"""From what was written to a frozen model: read, checked, folded."""
