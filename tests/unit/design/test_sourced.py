"""The catalogue: complete, with source, status and sensible ranges."""

import math
from types import MappingProxyType

import pytest

from pacsim.design import resolve
from pacsim.design.catalogue_entries import STATUSES, VERSION, catalogue
from pacsim.design.design import design_of
from pacsim.files.problems import DesignError

NUMBERS = 570
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


def test_times_name_the_contract_they_were_read_under() -> None:
    """A twin is the same time under another contract, and names this one in turn."""
    read = {e.id: e for e in catalogue().entries.values() if e.read_under or e.twins}
    assert {e.read_under for e in read.values()} == {"4h", "nbd"}
    for entry in read.values():
        assert entry.covers == "all_in", entry.id
        for contract, other in entry.twins.items():
            assert catalogue().entries[other].read_under == contract, entry.id
            assert catalogue().entries[other].twins[entry.read_under] == entry.id


OLD = {
    "pacsim": 1,
    "catalogue": "2026.1",
    "parts": {"p": {"type": "pdu", "from": "pdu", "power": ["m"]},
              "m": {"type": "utility", "from": "utility"}},
}  # fmt: skip


@pytest.mark.parametrize("older", ["2026.1", "2026.2"])
def test_an_older_catalogue_is_read_with_a_note(
    monkeypatch: pytest.MonkeyPatch, older: str
) -> None:
    """It is refused, by name, once an entry that is used has changed since."""
    noted = design_of({**OLD, "catalogue": older})
    assert f"catalogue: {older} read as {VERSION}" in noted.resolved.warnings[0]
    assert design_of({**OLD, "catalogue": VERSION}).plain == noted.plain

    changed = frozenset({"pdu.fail", "disk.latent_defect"})
    monkeypatch.setattr(resolve, "CHANGED", MappingProxyType({"2026.1": changed}))
    with pytest.raises(DesignError, match=r"pdu\.fail is not what it was") as refused:
        design_of(OLD)
    assert "disk.latent_defect" not in str(refused.value)
