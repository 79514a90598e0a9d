"""Wrong files about load balancers and the addresses they share: path, rule and remedy of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import DesignError, load
from pacsim.parts import vrrp

FOLDER = Path(__file__).parent / "invalid"
KNOWN = "known: fails, from, network, power, repair, soft_repair, soft_share, source, support, ttf, ttr, type"
GROUP, PART = "groups.address", "parts.lb-2"
EXPECTED: dict[str, list[tuple[int, str, str, str]]] = {
    "vrrp-of-one": [(6, f"{GROUP}.members", "a group has two members or more", "")],
    "vrrp-member": [(7, f"{GROUP}.members[1]", '"pdu" is a pdu, a switch or ', "one of lb-1, lb-2")],
    "vrrp-mixed": [(7, f"{GROUP}.members", "core passes traffic on and lb-1 ends it: they share no address", "name load balancers alone, or switches alone")],
    "vrrp-two-groups": [
        (7, "groups.other.members[0]", '"lb-2" is in group "address" already', "a load_balancer is in one group"),
        (7, "groups.other.members[1]", '"lb-1" is in group "address" already', "a load_balancer is in one group"),
    ],
    "vrrp-preempt": [(6, f"{GROUP}.preempt", '"sometimes" is no flag', "write true or false")],
    "vrrp-failover-fails": [(6, f"{GROUP}.failover_fails", "'133 %' must be between 0 and 1, or 0 % and 100 %", "")],
    "vrrp-failover-fails-negative": [(6, f"{GROUP}.failover_fails", "-0.1 must be finite and not below zero", "")],
    "vrrp-takeover": [(6, f"{GROUP}.takeover", "'3' has no unit; write for example '3 h'", "")],
    "vrrp-no-path": [(11, "roles.use.used_from[0]", 'no path from "place" to "address" even with everything up', "connect core to far")],
    "balancer-no-life": [(4, f"{PART}.fails", "fails is missing: time to failure", "give it, or from: a bundle that has it (")],
    "balancer-soft-share": [(4, f"{PART}.soft_share", "soft_share needs soft_repair", "give soft_repair")],
    "balancer-failover-fails": [(4, f"{PART}.failover_fails", 'unknown key "failover_fails" of a load_balancer', KNOWN)],
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: a share above one that is taken; members that are not looked at together.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert len(found) == len(EXPECTED[name])
    for seen, wanted in zip(found, EXPECTED[name], strict=True):
        assert seen[:2] == wanted[:2]
        # What follows are lists of types and of bundles, which grow.
        assert seen[2].startswith(wanted[2])
        assert seen[3].startswith(wanted[3])


def test_every_file_and_every_slot_is_there() -> None:
    """No file without a test, and no slot of the group without a wrong file."""
    files = {x.stem for kind in ("vrrp", "balancer") for x in FOLDER.glob(f"{kind}-*.yaml")}
    assert files == set(EXPECTED)
    paths = {path for wanted in EXPECTED.values() for _, path, _, _ in wanted}
    for slot in vrrp.TYPE.slots:
        assert any(path.startswith(f"{GROUP}.{slot.name}") for path in paths), slot.name
