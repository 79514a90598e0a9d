"""Unit tests of the traffic."""
