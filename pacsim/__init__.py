"""Availability simulator for medical-image archives (PACS)."""

__version__ = "0.1.0"
