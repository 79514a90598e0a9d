"""Every entry of a bundle that a shipped type or design uses is a slot, or is said not to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import load
from pacsim.design.catalogue_entries import catalogue
from pacsim.parts.practices import SUPPORT
from pacsim.parts.registry import GROUPS, part_types
from pacsim.parts.server import SOFTWARE
from tests.conformance.designs import BUNDLES

FITTING = {
    **{(kind, bundle): part_types()[kind] for kind, bundle in BUNDLES.items()},
    ("server", "server_single_psu"): part_types()["server"],
    ("switch", "switch"): part_types()["switch"],
    ("switch", "san_switch"): part_types()["switch"],
    ("switch", "switch_unmanaged"): part_types()["switch"],
    ("component", "firewall"): part_types()["component"],
    ("wan", "wan_broadband"): part_types()["wan"],
    ("disk", "disk_group"): next(
        s.record for s in part_types()["disk_array"].slots if s.name == "disk"
    ),
    ("software", "pacs_software"): SOFTWARE,
    ("support", "support_4h"): SUPPORT,
    ("support", "support_nbd"): SUPPORT,
}
DESIGNS = sorted((Path(__file__).parents[2] / "models" / "designs").glob("**/*.yaml"))


@pytest.mark.parametrize(("kind", "bundle"), FITTING)
def test_nothing_of_a_bundle_is_dropped_in_silence(kind: str, bundle: str) -> None:
    record = FITTING[kind, bundle]
    assert record is not None
    for slot in catalogue().bundles[bundle]:
        assert record.slot(slot) is not None or slot in record.unused, (kind, bundle, slot)


@pytest.mark.parametrize("file", DESIGNS, ids=[f.stem for f in DESIGNS])
def test_every_unused_entry_of_a_shipped_design_has_its_own_reason(file: Path) -> None:
    for path, bundle, slot, entry, why in load(file).resolved.unused:
        assert "has no slot for it" not in why, (path, bundle, slot)
        assert entry in catalogue().entries


def test_a_type_does_not_excuse_what_no_bundle_has() -> None:
    known = {slot for ids in catalogue().bundles.values() for slot in ids}
    for record in [*part_types().values(), *GROUPS.values(), SOFTWARE, SUPPORT]:
        assert set(record.unused) <= known, record.name
