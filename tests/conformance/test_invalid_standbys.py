"""Wrong files about primaries with standbys: path, rule and remedy of each; what is warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pacsim.design import DesignError, design_of, load
from pacsim.parts import primary_standby

FOLDER = Path(__file__).parent / "invalid"
DB = "groups.db"
KNOWN = "known: common, failover, from, members, notice, proven_for, quorum, replica_stop, resync, resync_rate, size_per_study, source, success, success_tested, type"
EXPECTED: dict[str, tuple[int, str, str, str]] = {
    "apart": (11, f"{DB}.members[1]", 'no path from "a" to "b" even with everything up', "connect core to far"),
    "bundle": (9, f"{DB}.from", 'bundle "load_balancer" has nothing for a primary_standby', "try database_pair, async_replica"),
    "check": (9, f"{DB}.check", 'unknown key "check" of a primary_standby', KNOWN),
    "common": (9, f"{DB}.common.hardware", "'150 %' must be between 0 and 1, or 0 % and 100 %", ""),
    "common-differs": (9, f"{DB}.common.hardware", "members have different fails, so a share of them is not one rate", "make them alike with like:"),
    "database": (6, "parts.index.runs_on", '"a" is a member of group "db", which may serve from another member', "write runs_on: db"),
    "failover": (9, f"{DB}.failover", "'30' has no unit; write for example '30 h'", ""),
    "first-apart": (11, f"{DB}.members[0]", 'no path from "b" to "a" even with everything up', "connect core to far"),
    "member": (9, f"{DB}.members[1]", '"index" is a database, a server is wanted', "one of a, b, w"),
    "no-members": (9, f"{DB}.members", "members is missing: servers, the first one primary at the start", "give it"),
    "no-voter": (10, f"{DB}.members[1]", '"b" is no voter of "votes", so it never has a majority', "add it to groups.votes.voters"),
    "notice": (9, f"{DB}.notice", "notice of a primary_standby is not counted in working hours yet", "write a plain time"),
    "of-one": (9, f"{DB}.members", "a group has two members or more", ""),
    "proven-alone": (9, f"{DB}.success_tested", "success_tested needs proven_for", "give proven_for"),
    "proven-for": (9, f"{DB}.proven_for", "'3' has no unit; write for example '3 h'", ""),
    "proven-worse": (9, f"{DB}.success_tested", "a proven switch works with 0.9, one that nobody has tried with 0.93", "write 0.93 or more"),
    "quorum-part": (9, f"{DB}.quorum", '"w" is a server, a quorum is wanted', "one of votes"),
    "quorum-unknown": (9, f"{DB}.quorum", 'no part or group "vote"', 'did you mean "votes"?'),
    "replica-stop": (9, f"{DB}.replica_stop", "'soon' does not begin with a number; write for example '4 h'", ""),
    "resync": (9, f"{DB}.resync", "'2' has no unit; write for example '2 h'", ""),
    "resync-rate": (9, f"{DB}.resync_rate", "'0 MB/s' must be greater than 0", ""),
    "size-per-study": (9, f"{DB}.size_per_study", "'0.1' has no unit; write for example '0.1 B'", ""),
    "success": (9, f"{DB}.success", "'193 %' must be between 0 and 1, or 0 % and 100 %", ""),
    "success-tested": (9, f"{DB}.success_tested", "99 must be between 0 and 1, or 0 % and 100 %", ""),
    "two-groups": (10, "groups.pacs.members[0]", '"a" is in group "db" already', "a server is in one group"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: a member that can never have a majority; a rate of zero, by which nothing catches up.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"standby-{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert found == [EXPECTED[name]]


def test_every_file_and_every_slot_is_there() -> None:
    """No file without a test, and no slot of the group without a wrong file."""
    assert {x.stem.removeprefix("standby-") for x in FOLDER.glob("standby-*.yaml")} == set(EXPECTED)
    paths = [path for _, path, _, _ in EXPECTED.values()]
    for slot in primary_standby.TYPE.slots:
        assert any(path.startswith(f"{DB}.{slot.name}") for path in paths), slot.name


SERVER = {"type": "server", "from": "server_dual_psu"}
VOTES = {"type": "quorum", "voters": ["a", "b", "w"]}
PAIR = {"type": "primary_standby", "from": "database_pair", "members": ["a", "b"]}


def warnings(pair: dict[str, Any], work: dict[str, Any] | None = None) -> list[str]:
    """Return what is said of a pair in a design that is right, but for power and crew."""
    plain = {
        "pacsim": 1,
        "parts": {
            "a": SERVER, "b": SERVER, "w": SERVER,
            "index": {"type": "database", "from": "database_pair", "runs_on": "db"},
        },
        "groups": {"votes": VOTES, "db": {**PAIR, **pair}},
        "roles": {"use": {"needs": ["index"]}},
        "practices": work or {},
    }  # fmt: skip
    found = design_of(plain).resolved.warnings
    return [x for x in found if x.startswith(("groups", "practices"))]


def test_a_pair_without_a_quorum_is_warned_of() -> None:
    # Sees: two primaries that nothing keeps apart, in silence.
    assert warnings({"quorum": "votes"}) == []
    said = (
        "groups.db: without a quorum a cut between its members stops nobody, and what two primaries "
        "would cost is not modelled; add a witness and name the quorum"
    )
    idle = "groups.votes: no group names it as its quorum, so it changes nothing"
    assert sorted(warnings({})) == sorted([said, idle])


def test_work_on_all_members_at_once_is_warned_of() -> None:
    # Sees: a window that stops both of a pair, of which one could serve.
    window = {"every": "1 month", "on": "first sunday 02:00", "lasts": "1 h"}
    tail = 'works on all members of "db" at once, so none is left to serve; write rolling: true'
    pair = {"quorum": "votes"}

    def said(name: str, of: list[str], **more: Any) -> list[str]:
        one = {**window, "of": of, **more}
        return warnings(pair, {name: one if name == "upgrades" else {"patch": one}})

    assert said("maintenance", ["a", "b"]) == [f"practices.maintenance.patch: {tail}"]
    assert said("maintenance", ["a", "b", "w"]) == [f"practices.maintenance.patch: {tail}"]
    assert said("maintenance", ["a", "b"], rolling=True) == []
    assert said("maintenance", ["a", "w"]) == []
    # A release may have to come to all at the same time.
    assert said("upgrades", ["db"]) == []


def test_a_member_without_a_cable_is_warned_of() -> None:
    """Others have some, so it counts as attached to everything; a pool in front of it too."""
    # Sees: servers of which nobody reaches the database, in silence.
    switch = {"type": "switch", "from": "core_switch"}
    said = "parts.b: without a cable it counts as attached to everything; give it network"

    def found(b: dict[str, Any], front: str) -> tuple[str, ...]:
        cabled = {**SERVER, "network": ["core"]}
        parts = {"core": switch, "far": switch, "a": cabled, "b": b, "w": cabled}
        parts |= {x: {**SERVER, "network": [front]} for x in ("s", "t")}
        parts["index"] = {"type": "database", "from": "database_pair", "runs_on": "db"}
        check = {"sees": "http", "every": "2 s", "fall": 3, "rise": 2}
        pool = {"type": "active_active", "members": ["s", "t"], "need": 1, "check": check}
        groups = {"votes": VOTES, "db": {**PAIR, "quorum": "votes"}, "pacs": pool}
        roles = {"use": {"needs": ["pacs", "index"]}}
        plain = {"pacsim": 1, "parts": parts, "groups": groups, "roles": roles}
        return design_of(plain).resolved.warnings

    cabled = {**SERVER, "network": ["core"]}
    away = "roles.use.needs: no path from pacs to index even with everything up"
    assert said in found(SERVER, "core")
    assert said not in found(cabled, "core")
    assert away in found(cabled, "far")
    assert away not in found(cabled, "core")


def test_tests_of_a_pair_do_something() -> None:
    # Sees: a design whose only standby is that of a database, and that is told it has none.
    tests = {"failover_tests": {"every": "3 months", "outage": "10 min"}}
    assert warnings({"quorum": "votes"}, tests) == []
