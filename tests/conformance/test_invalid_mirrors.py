"""Wrong files about mirrors of arrays: path, rule and remedy of each; what is warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pacsim.design import DesignError, design_of, load
from pacsim.parts import mirror

FOLDER = Path(__file__).parent / "invalid"
EXPECTED: dict[str, tuple[int, str, str, str]] = {
    'apart': (9, 'groups.images.members[1]', 'no path from "a" to "b" even with everything up', 'connect far to core'),
    'backup-of-both': (6, 'parts.nightly.of[1]', 'a second backup of what "images" holds beside "nightly" is not supported yet', 'let one backup name images, or one of its members'),
    'bundle': (7, 'groups.images.from', 'bundle "pdu" has nothing for a mirror', 'try async_replica'),
    'force': (7, 'groups.images.force', '"maybe" is no flag', 'write true or false'),
    'lag-missing': (7, 'groups.images.lag', 'an asynchronous mirror is late, and lag is missing', 'write from: async_replica, or give lag'),
    'lag': (7, 'groups.images.lag', 'lag means nothing to a synchronous mirror: it writes to both at once', 'leave it out, or write mode: asynchronous'),
    'late-force': (7, 'groups.images.force', 'force means nothing to an asynchronous mirror: only the first member serves', 'leave it out, or write mode: synchronous'),
    'late-split': (7, 'groups.images.split', 'split means nothing to an asynchronous mirror: only the first member serves', 'leave it out, or write mode: synchronous'),
    'late-quorum': (8, 'groups.images.quorum', 'quorum means nothing to an asynchronous mirror: only the first member serves', 'leave it out, or write mode: synchronous'),
    'member': (7, 'groups.images.members[1]', '"pdu" is a pdu, a disk_array is wanted', 'one of a, b'),
    'mode': (7, 'groups.images.mode', 'no choice "lazy"', 'known: asynchronous, synchronous'),
    'nested': (9, 'groups.outer.members[1]', '"images" is a mirror, a disk_array is wanted', 'one of a, b, c'),
    'network-part': (6, 'parts.s.storage[0]', 'no part or group "image"', 'did you mean "images"?'),
    'notice': (7, 'groups.images.notice', "'soon' does not begin with a number; write for example '4 h'", ''),
    'of-one': (7, 'groups.images.members', 'a group has two members or more', ''),
    'of-three': (8, 'groups.images.members', 'a mirror has two members, and there are 3', 'keep two, and let a backup be the third copy'),
    'quorum': (7, 'groups.images.quorum', '"pdu" is a pdu, a quorum is wanted', 'add one'),
    'reach-no-path': (12, 'roles.use.needs[1].reach', 'no path from "s" to "images" even with everything up', 'connect core to far'),
    'resync-rate': (7, 'groups.images.resync_rate', "'0 MB/s' must be greater than 0", ''),
    'resync': (7, 'groups.images.resync', "'10' has no unit; write for example '10 h'", ''),
    'split-lost': (7, 'groups.images.split_lost', "'-1 %' must be finite and not below zero", ''),
    'split-repair': (7, 'groups.images.split_repair', "'3 TB' is a size, a time is wanted here", ''),
    'split': (7, 'groups.images.split', "'120 %' must be between 0 and 1, or 0 % and 100 %", ''),
    'stops-unseen': (7, 'groups.images.stops', 'stops needs notice', 'give notice'),
    'stops': (7, 'groups.images.stops', 'stops means nothing to a synchronous mirror: it writes to both at once', 'leave it out, or write mode: asynchronous'),
    'storage-no-path': (8, 'parts.s.storage[0]', 'no path from "s" to "images" even with everything up', 'connect core to far'),
    'two-backups': (7, 'parts.weekly.of[0]', 'a second backup of what "images" holds beside "nightly" is not supported yet', 'let one backup name images, or one of its members'),
    'two-groups': (9, 'groups.outer.members[1]', '"b" is in group "images" already', 'a disk_array is in one group'),
    'voter': (9, 'groups.images.members[1]', '"b" is no voter of "votes", so it never has a majority', 'add it to groups.votes.voters'),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: a third copy that is taken and forgotten; slots of one mode taken in the other; a mirror of
    # a mirror; two backups of one archive, one of each member; a server out of reach of both.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"mirror-{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert found == [EXPECTED[name]]


def test_every_file_and_every_slot_is_there() -> None:
    """No file without a test, and no slot of the group without a wrong file."""
    assert {x.stem.removeprefix("mirror-") for x in FOLDER.glob("mirror-*.yaml")} == set(EXPECTED)
    paths = [path for _, path, _, _ in EXPECTED.values()]
    for slot in mirror.TYPE.slots:
        assert any(path.startswith(f"groups.images.{slot.name}") for path in paths), slot


ARRAY: dict[str, Any] = {
    "type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 8,
    "disk": {"from": "disk_group", "size": "8 TB"},
}  # fmt: skip
NO_BACKUP = (
    "groups.images: no backup of it, and a mirror is none: what is deleted or corrupted in one "
    "copy is in both"
)


def warned(*, disks: int = 8, **parts: Any) -> tuple[str, ...]:
    """Return what is warned of in a design with a mirror."""
    plain = {
        "pacsim": 1,
        "parts": {"a": ARRAY, "b": {**ARRAY, "disks": disks}, **parts},
        "groups": {"images": {"type": "mirror", "members": ["a", "b"]}},
        "roles": {"use": {"needs": ["images"]}},
    }
    return tuple(design_of(plain).resolved.warnings)


def test_a_mirror_is_no_backup_and_is_warned_of() -> None:
    # Sees: NO COPY of each member of a mirror; a backup of one member that does not count; two
    # mirrored arrays that are said to store every study each.
    assert NO_BACKUP in warned()
    assert not [x for x in warned() if "NO COPY" in x or "store every study" in x]
    for of in ("a", "b", "images"):
        saved = {"type": "backup", "from": "backup_nightly", "of": [of]}
        assert NO_BACKUP not in warned(nightly=saved)
    assert "parts: 2 arrays store every study each, so their losses are added up" in warned(c=ARRAY)


def test_members_of_unequal_size_are_warned_of() -> None:
    said = "groups.images.members: 48 TB and 64 TB: once a is full nothing is written to either"
    assert said in warned(disks=10)
    assert not [x for x in warned() if "once" in x]


def test_a_member_out_of_reach_of_a_server_is_warned_of() -> None:
    # Sees: a server that needs a path to one member only, and one of which nothing is said.
    parts: dict[str, Any] = {
        "near": {"type": "switch", "from": "core_switch"},
        "fibre": {"type": "link", "from": "patch_link", "between": ["a", "b"]},
        "far": {"type": "switch", "from": "core_switch"},
        "b": {**ARRAY, "network": ["far"]},
        "a": {**ARRAY, "network": ["near"]},
        "s": {
            "type": "server", "from": "server_dual_psu", "storage": ["images"], "network": ["near"]
        },
    }  # fmt: skip
    assert "parts.s.storage[0]: no path from s to b" in warned(**parts)
