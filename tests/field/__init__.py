"""Inputs of kinds that people in the field have reported, with the right answers, and properties."""
