"""The tally of a pair, written by hand, that several files look at."""

from tests.unit.campaign.written_batches import tally

__all__ = ["tally"]
