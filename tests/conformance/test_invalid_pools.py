"""Wrong files about pools of servers: path, rule and remedy of each; what is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import DesignError, design_of, load
from pacsim.parts import active_active

FOLDER = Path(__file__).parent / "invalid"
EXPECTED: dict[str, tuple[int, str, str, str]] = {
    'behind-twice': (13, 'groups.pacs.behind[1]', '"lb" is there twice', 'remove one'),
    'behind': (12, 'groups.pacs.behind[0]', '"s" is a server, a load_balancer or vrrp is wanted', 'add one'),
    'common': (12, 'groups.pacs.common.hardware', "'150 %' must be between 0 and 1, or 0 % and 100 %", ''),
    'common-differs': (12, 'groups.pacs.common.hardware', 'members have different fails, so a share of them is not one rate', 'make them alike with like:'),
    'dial': (12, 'groups.pacs.dial.mode', 'no choice "random"', 'known: first, round_robin, source'),
    'first': (10, 'groups.pacs.need', 'dial.mode first sends all requests to one member, and need is 2', 'write need: 1, or another mode'),
    'database': (6, 'parts.db.runs_on', '"pacs" is an active_active, a server or active_passive or primary_standby is wanted', 'one of s, t, u'),
    'depth': (11, 'groups.pacs.check.sees', 'no choice "ping"', 'known: c_echo, c_store, host, http, tcp'),
    'drain-at-once': (16, 'practices.maintenance.patch.rolling', '"pacs" drains its members, and work on all at once waits for none', 'write rolling: true, or leave drain out of pacs'),
    'drain-upgrades': (16, 'practices.upgrades.rolling', '"pacs" drains its members, and work on all at once waits for none', 'write rolling: true, or leave drain out of pacs'),
    'drain': (12, 'groups.pacs.drain', "'10' has no unit; write for example '10 h'", ''),
    'every-zero': (11, 'groups.pacs.check.every', 'every must be greater than 0', ''),
    'fall-zero': (11, 'groups.pacs.check.fall', 'fall must be greater than 0', ''),
    'least-over': (12, 'groups.pacs.least', 'least is 3, more than need, which is 2', 'write 1 to 2, or raise need'),
    'least-zero': (12, 'groups.pacs.least', 'least must be greater than 0', ''),
    'member': (10, 'groups.pacs.members[2]', '"pdu" is a pdu, a server is wanted', 'one of s, t, u'),
    'need-over': (10, 'groups.pacs.need', 'need is 4, and there are 3 members', 'write 3 or less, or add members'),
    'need-zero': (10, 'groups.pacs.need', 'need must be greater than 0', ''),
    'no-path-inside': (18, 'roles.use.used_from[0]', 'no path from "lb" to "pacs" even with everything up', 'connect core to far'),
    'no-path': (18, 'roles.use.used_from[0]', 'no path from "place" to "lb" even with everything up', 'connect core to far'),
    'no-rise': (11, 'groups.pacs.check.rise', 'rise is missing: good checks in a row that take it back', 'give it'),
    'of-one': (9, 'groups.pacs.members', 'a group has two members or more', ''),
    'private-storage': (10, 'groups.pacs.members[0]', '"s" has "array", which no other member has: no pool of one archive', 'give array to all members, or name s by itself in a role'),
    'quorum': (12, 'groups.pacs.quorum', 'unknown key "quorum" of an active_active', 'leave it out: who serves in a pool asks no majority; a primary_standby takes a quorum, or a mirror'),
    'redispatch': (12, 'groups.pacs.redispatch', '"sometimes" is no flag', 'write true or false'),
    'sessions': (12, 'groups.pacs.sessions', 'no choice "sticky"', 'known: per_node, shared'),
    'redispatch-retries': (12, 'groups.pacs.dial.retries', 'redispatch sends a retry to another member, and there are no retries', 'write retries: 1 or more, or redispatch: false'),
    'connect': (12, 'groups.pacs.dial.connect', 'connect must be greater than 0', ''),
    'rise-zero': (11, 'groups.pacs.check.rise', 'rise must be greater than 0', ''),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_is_said(name: str) -> None:
    # Sees: least above need that is taken; a balancer taken for a switch; work that waits for no drain.
    with pytest.raises(DesignError) as caught:
        load(FOLDER / f"pool-{name}.yaml")
    found = [(p.line, p.path, p.rule, p.remedy) for p in caught.value.problems]
    assert found == [EXPECTED[name]]


def test_every_file_and_every_slot_is_there() -> None:
    """No file without a test, and no slot of the group or its check without a wrong file."""
    assert {x.stem.removeprefix("pool-") for x in FOLDER.glob("pool-*.yaml")} == set(EXPECTED)
    paths = [path for _, path, _, _ in EXPECTED.values()]
    known = [f"groups.pacs.{slot.name}" for slot in active_active.TYPE.slots]
    known += [f"groups.pacs.check.{slot.name}" for slot in active_active.CHECK.slots]
    # Any time that is not negative is a time-out.
    known.remove("groups.pacs.check.timeout")
    for slot in known:
        assert any(path.startswith(slot) for path in paths), slot


def test_a_deep_check_beside_a_database_is_warned_of() -> None:
    # Sees: a warning for a check that looks at no database.
    server = {"type": "server", "from": "server_dual_psu"}
    check = {"sees": "c_store", "every": "2 s", "fall": 3, "rise": 2}
    group = {"type": "active_active", "members": ["s", "t"], "need": 1, "check": check}
    plain = {
        "pacsim": 1,
        "parts": {
            "s": server, "t": server, "d": server,
            "db": {"type": "database", "from": "database_single", "runs_on": "d"},
        },
        "groups": {"pacs": group},
        "roles": {"use": {"needs": ["pacs", "db"]}},
    }  # fmt: skip
    said = (
        'groups.pacs.check: c_store sees "db" bad, so all members are left out while it is, '
        "and come back after rise"
    )
    assert said in design_of(plain).resolved.warnings
    check["sees"] = "http"
    assert said not in design_of(plain).resolved.warnings
