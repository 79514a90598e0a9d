"""The catalogue: complete, with source, status and sensible ranges."""

import math

from pacsim.design.catalogue_entries import STATUSES, catalogue

NUMBERS = 537
BUNDLES = 37


def test_it_is_whole_and_every_number_has_source_and_status() -> None:
    """Nothing was lost on the way from the survey, and nothing is anonymous."""
    entries = catalogue().entries
    assert len(entries) == NUMBERS
    assert len(catalogue().bundles) == BUNDLES
    for entry in entries.values():
        assert entry.status in STATUSES, entry.id
        assert entry.source, entry.id
        assert entry.part, entry.id


def test_typical_values_lie_in_their_ranges() -> None:
    """low <= typical <= high wherever all three are there."""
    for entry in catalogue().entries.values():
        value = entry.value
        if {"typical", "low", "high"} <= set(value):
            assert value["low"] <= value["typical"] <= value["high"], entry.id
        for number in value.values():
            assert not isinstance(number, float) or math.isfinite(number), entry.id


def test_bundles_name_entries() -> None:
    """Every id of every bundle is in the catalogue."""
    for name, bundle in catalogue().bundles.items():
        for slot, entry in bundle.items():
            assert entry in catalogue().entries, (name, slot)
