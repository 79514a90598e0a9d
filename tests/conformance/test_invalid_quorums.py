"""Wrong files about quorums: path, rule and remedy of each; what is warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pacsim.design import DesignError, design_of, load
from pacsim.parts import quorum

FOLDER = Path(__file__).parent / "invalid"
VOTES = "groups.votes.voters"
NONE = "who votes: members of the groups that name it, and a witness"
EXPECTED: dict[str, list[tuple[int, str, str, str]]] = {
    "bundle": [(7, "groups.votes.from", 'unknown key "from" of a quorum', "known: source, type, voters")],
    "cable": [(6, "parts.core.network[0]", '"votes" counts votes, it is nothing that a cable leads to', "name one of a, b, w")],
    "members": [
        (7, "groups.votes.members", 'unknown key "members" of a quorum', "known: source, type, voters"),
        (7, VOTES, f"voters is missing: {NONE}", "give it"),
    ],
    "needed": [(9, "roles.use.needs[1]", '"votes" is a quorum, a component or ', "one of a, b, w")],
    "no-voters": [(7, VOTES, f"voters is missing: {NONE}", "give it")],
    "of-groups": [(7, f"{VOTES}[2]", '"pair" is an active_passive, a component or ', "one of a, b, w")],
    "of-one": [(7, VOTES, "a single voter has the majority whenever it is alive, and settles nothing", "name three voters: two members and a witness")],
    "upgraded": [(11, "practices.upgrades.of[0]", '"votes" is a quorum, a server or ', "one of a, b, w")],
    "voter": [(8, f"{VOTES}[2]", '"lamp" is a utility, a component or ', "one of a, b, w")],
    "voter-twice": [(7, f"{VOTES}[2]", '"a" is there twice', "remove one")],
    "voter-unknown": [(7, f"{VOTES}[2]", 'no part "witnes"', "known: a, b, w")],
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: a cable to a quorum, which would be none; a role that needs a count; a quorum of one.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"quorum-{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert len(found) == len(EXPECTED[name])
    for seen, wanted in zip(found, EXPECTED[name], strict=True):
        assert seen[:2] == wanted[:2]
        # What follows are lists of types, which grow.
        assert seen[2].startswith(wanted[2])
        assert seen[3] == wanted[3]


def test_every_file_and_every_slot_is_there() -> None:
    assert {x.stem.removeprefix("quorum-") for x in FOLDER.glob("quorum-*.yaml")} == set(EXPECTED)
    paths = {path for wanted in EXPECTED.values() for _, path, _, _ in wanted}
    assert all(f"groups.votes.{slot.name}" in paths for slot in quorum.TYPE.slots)


SERVER = {"type": "server", "from": "server_dual_psu"}


def warnings(voters: str, parts: dict[str, Any] | None = None) -> list[str]:
    """Return what is said of a quorum of voters a, b, c ... in a design that is right."""
    found = design_of(
        {
            "pacsim": 1,
            "parts": {**dict.fromkeys(voters, SERVER), **(parts or {})},
            "groups": {"votes": {"type": "quorum", "voters": list(voters)}},
            "roles": {"use": {"needs": ["a"]}},
        }
    ).resolved.warnings
    return [x for x in found if x.startswith("groups.") or "cable" in x]


IDLE = "groups.votes: no group names it as its quorum, so it changes nothing"


def test_an_even_number_of_voters_is_warned_of() -> None:
    # Sees: a witness that is forgotten, and a fourth voter that buys nothing.
    two = (
        "groups.votes.voters: of 2 voters each needs the other, so one that fails stops both; "
        "add a witness"
    )
    four = (
        "groups.votes.voters: 4 voters survive no more failures than 3, and halves "
        "that do not see each other both stop; name an odd number"
    )
    assert warnings("ab") == [two, IDLE]
    assert warnings("abc") == [IDLE]
    assert warnings("abcd") == [four, IDLE]
    assert warnings("abcde") == [IDLE]


def test_voters_that_never_see_each_other_are_warned_of() -> None:
    """Without any cable a voter counts as attached to everything; one cabled elsewhere sees none."""
    # Sees: a vote that a missing cable gives away, or takes for good, in silence.
    switch = {"type": "switch", "from": "core_switch"}
    cabled = {**SERVER, "network": ["core"]}
    parts = {"core": switch, "far": switch, "a": cabled, "b": cabled}
    said = "parts.c: without a cable it counts as attached to everything; give it network"
    assert warnings("abc", parts) == [said, IDLE]
    away = {**parts, "c": {**SERVER, "network": ["far"]}}
    assert warnings("abc", away) == [
        "groups.votes.voters: no path from a to c",
        "groups.votes.voters: no path from b to c",
        IDLE,
    ]
