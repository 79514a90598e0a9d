"""Engines: independent answers to the same question; none knows another."""
