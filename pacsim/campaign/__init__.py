"""Campaigns: designs run side by side on the same faults, and the measures read from them."""
