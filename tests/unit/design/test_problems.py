"""Problems: all at once, with file, line, path, rule and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pacsim.design import DesignError, design_of, load
from pacsim.design.build import build

SHIPPED = Path(__file__).parents[3] / "models" / "designs"
FOUR = """pacsim: 1
parts:
  mains: {type: utility, from: utility}
  ups-a: {type: ups, from: ups, power: [pdu-a], runtime: 10 kg}
  pdu-a:
    type: pdu
    from: pdu
    power: [ups-a]
  s:
    type: server
    from: server_dual_psu
    netwrok: [core]
    power: [pdu-b]
roles:
  store: {needs: [s]}
"""


def problems(plain: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(DesignError) as caught:
        design_of({"pacsim": 1, **plain})
    return [(p.path, p.rule, p.remedy) for p in caught.value.problems]


def test_four_problems_of_different_kinds_at_once(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(FOUR, encoding="utf-8")
    with pytest.raises(DesignError) as caught:
        load(file)
    found = {(p.line, p.path) for p in caught.value.problems}
    assert found == {
        (4, "parts.ups-a.runtime"),
        (4, "parts.ups-a.power"),
        (12, "parts.s.netwrok"),
        (13, "parts.s.power[0]"),
    }
    text = str(caught.value)
    assert "4 problems" in text
    for said in ("unknown unit", "circle", 'did you mean "network"?', 'did you mean "pdu-a"?'):
        assert said in text


UP = {"type": "component", "ttf": "1 year", "ttr": "4 h"}
POWERED = {"mains": {"type": "utility", "from": "utility"}}
SERVER = {"type": "server", "from": "server_dual_psu"}
ARRAY = {
    "type": "disk_array",
    "from": "array_dual_controller",
    "layout": "raid6",
    "disks": 12,
    "disk": {"from": "disk_group"},
}
SET = {
    "type": "disk_array",
    "from": "array_dual_controller",
    "layout": "raid5",
    "disks": 4,
    "disk": {"from": "disk_group"},
}
BACKUP = {"type": "backup", "from": "backup_nightly", "of": ["a"]}
PAIR = {
    "type": "active_passive",
    "members": ["s", "t"],
    "check": {"sees": "tcp", "every": "1 s", "fall": 3},
}


@pytest.mark.parametrize(
    ("does", "path", "rule"),
    [
        ("writes", "roles.store.does", 'does: no "writes"'),
        (["read", "rite"], "roles.store.does[1]", 'does: no "rite"'),
        (["read", "read"], "roles.store.does[1]", '"read" is there twice'),
        ([], "roles.store.does", "does names nothing"),
    ],
)
def test_what_a_role_does_is_one_of_two_words(does: object, path: str, rule: str) -> None:
    role = {"needs": ["a"], "does": does}
    found = problems({"parts": {"a": UP}, "roles": {"store": role}})
    assert [(where, what) for where, what, _ in found] == [(path, rule)]
    for fine in ("read", ["write"], ["write", "read"]):
        one = design_of({"pacsim": 1, "parts": {"a": UP}, "roles": {"r": {**role, "does": fine}}})
        assert one.resolved.roles["r"].names("does") == tuple([fine] if fine == "read" else fine)


CLINIC = {"type": "clients"}


@pytest.mark.parametrize(
    ("shares", "more", "path", "rule"),
    [
        (("60 %", "50 %"), {}, "roles.r.used_from", "the shares of its places sum to 110 %, and 100 % is all there is"),
        (("100 %", None), {}, "roles.r.used_from", "the shares of its places leave no request to y"),
        ((0, 0), {}, "roles.r.used_from", "the shares of its places leave no request to x, y"),
        (("60 %", None), {"down_when": "both"}, "roles.r.down_when", 'no choice "both"'),
        (("6 h", None), {}, "parts.x.share", "'6 h' has the unit 'h'; write a fraction or a percentage such as '5 %'"),
        ((None, None), {"full": ["b"]}, "roles.r.full[0]", 'no part or group "b"'),
        ((None, None), {"full": ["x"]}, "roles.r.full[0]", '"x" is a clients, a '),
        ((None, None), {"full": []}, "roles.r.full", "needs nothing"),
    ],
)  # fmt: skip
def test_places_of_a_role(
    shares: tuple[object, object], more: dict[str, Any], path: str, rule: str
) -> None:
    places = {
        name: CLINIC if share is None else {**CLINIC, "share": share}
        for name, share in zip("xy", shares, strict=True)
    }
    role = {"needs": ["a"], "used_from": ["x", "y"], **more}
    ((where, what, remedy),) = problems({"parts": {"a": UP, **places}, "roles": {"r": role}})
    assert where == path
    assert what.startswith(rule)
    assert remedy or "full" in path or "share" in path


@pytest.mark.parametrize(
    ("peak", "rule"),
    [
        ("0 Mbit/s", "'0 Mbit/s' must be greater than 0"),
        ("400", "'400' has no unit; write for example '400 MB/s'"),
        ("400 MB", "'400 MB' is a size, a throughput is wanted here"),
    ],
)
def test_peaks(peak: str, rule: str) -> None:
    parts = {"a": UP, "x": {**CLINIC, "peak": peak}}
    found = problems({"parts": parts, "roles": {"r": {"needs": ["a"], "used_from": ["x"]}}})
    assert [(path, what) for path, what, _ in found] == [("parts.x.peak", rule)]
    fine = design_of({"pacsim": 1, "parts": {**parts, "x": {**CLINIC, "peak": "400 Mbit/s"}}})
    assert fine.resolved.parts["x"]["peak"] == 400e6 / 8


def test_what_it_must_have_in_full_is_reached_as_well() -> None:
    """A server that only the tree `full` names is out of reach of the place."""
    box = {"type": "switch", "ttf": "5 years", "ttr": "4 h"}
    parts = {
        "x": {**CLINIC, "network": ["one"]}, "one": box, "two": box,
        "s": {**SERVER, "network": ["one"]}, "t": {**SERVER, "network": ["two"]},
    }  # fmt: skip
    role = {"needs": ["s"], "full": ["t"], "used_from": ["x"]}
    ((path, rule, remedy),) = problems({"parts": parts, "roles": {"r": role}})
    assert (path, rule) == (
        "roles.r.used_from[0]",
        'no path from "x" to "t" even with everything up',
    )
    assert remedy == "connect one to two"


@pytest.mark.parametrize(
    ("reach", "where", "rule"),
    [
        ({"reach": "a", "from": "a"}, "roles.r.needs[1].from", '"a" is reached from itself'),
        ({"reach": "b", "from": "a"}, "roles.r.needs[1].reach", 'no part or group "b"'),
        ({"reach": "a", "from": "x"}, "roles.r.needs[1].from", '"x" is a clients, a '),
        ({"reach": ["a"], "from": "s"}, "roles.r.needs[1].reach", "is no name of a part or group"),
        ({"reach": "a"}, "roles.r.needs[1]", "is no tree of needs"),
        ({"reach": "t", "from": "s"}, "roles.r.needs[1].reach", 'no path from "s" to "t" even with everything up'),
    ],
)  # fmt: skip
def test_what_is_reached_from_elsewhere(reach: dict[str, Any], where: str, rule: str) -> None:
    box = {"type": "switch", "ttf": "5 years", "ttr": "4 h"}
    parts = {
        "a": UP, "x": CLINIC, "one": box, "two": box,
        "s": {**SERVER, "network": ["one"]}, "t": {**SERVER, "network": ["two"]},
    }  # fmt: skip
    ((path, said, remedy),) = problems({"parts": parts, "roles": {"r": {"needs": ["s", reach]}}})
    assert path == where
    assert rule in said
    assert remedy or "reach" in path
    fine = {"needs": ["s", {"reach": "a", "from": "s"}]}
    assert design_of({"pacsim": 1, "parts": parts, "roles": {"r": fine}}).dump()


def test_all_of_one_place_is_said() -> None:
    role = {"needs": ["a"], "used_from": ["x"], "down_when": "all"}
    plain = {"pacsim": 1, "parts": {"a": UP, "x": CLINIC, "y": CLINIC}, "roles": {"r": role}}
    said = "roles.r.down_when: all means nothing without several places in used_from"
    assert said in design_of(plain).resolved.warnings
    two = {**plain, "roles": {"r": {**role, "used_from": ["x", "y"]}}}
    assert not [one for one in design_of(two).resolved.warnings if "down_when" in one]


def test_a_month_in_which_an_array_is_full_is_said() -> None:
    """12 disks of raid6 hold 10: 0.8 TB of 10 x 1 TB are left, at 0.4 TB a year two years."""
    # Sees: a warning without its date; one for an array that is never full in its term.
    array = {**ARRAY, "disk": {"from": "disk_group", "size": "1 TB"}}
    contract = {"starts": "2027-03-10", "term": "4 years"}
    archive = {"studies": "10 000 /year", "study_size": "40 MB", "stored_at_start": "9.2 TB"}
    plain = {
        "pacsim": 1,
        "contract": contract,
        "archive": archive,
        "roles": {"r": {"needs": ["a"]}},
    }

    def full(**more: Any) -> list[str]:
        one = design_of({**plain, "parts": {"a": array}, **more})
        return [said for said in one.resolved.warnings if "full in" in said]

    (said,) = full()
    # 730 days on: 2028 is a leap year.
    assert said.startswith(
        "parts.a: full in March 2029, 730 days after the start (10 TB net, 9.2 TB"
    )
    assert full(archive={**archive, "stored_at_start": "8.3 TB"}) == []
    (now,) = full(archive={**archive, "stored_at_start": "11 TB"})
    assert "full in March 2027, 0 days after the start" in now


@pytest.mark.parametrize(
    ("plain", "path", "says"),
    [
        ({"parts": {"a_b": UP}}, "parts.a_b", "hyphens"),
        ({"parts": {"s": SERVER, "t": SERVER}, "groups": {"s": PAIR}}, "groups.s", "a part and a group"),
        ({"parts": {"a": {"type": "sever"}}}, "parts.a.type", 'did you mean "server"'),
        ({"parts": {"a": {}}}, "parts.a.type", "no type"),
        ({"parts": {"a": 3}}, "parts.a", "is no map"),
        ({"parts": []}, "parts", "no map of names"),
        ({"parts": {"a": {**UP, "from": "servr"}}}, "parts.a.from", "no catalogue bundle"),
        ({"parts": {"a": {**UP, "from": "site"}}}, "parts.a.from", "nothing for a component"),
        ({"parts": {"a": {"type": "component", "ttf": "1 year"}}}, "parts.a.repair", "a bundle that has it"),
        ({"parts": {"a": {**UP, "network": "b"}}}, "parts.a.network", "write [b]"),
        ({"parts": {"a": {**UP, "network": ["b"]}}}, "parts.a.network[0]", "no part"),
        ({"parts": {"a": {**UP, "power": []}}}, "parts.a.power", "no feeds"),
        ({"parts": {"a": UP, "b": {**UP, "power": ["a"]}}}, "parts.b.power[0]", "gives no power"),
        ({"parts": {**POWERED, "b": {**UP, "power": {"need": 2, "of": ["mains"]}}}}, "parts.b.power", "needs 2 of 1"),
        ({"parts": {**POWERED, "b": {**UP, "power": {"any": ["mains"]}}}}, "parts.b.power", "no list of feeds"),
        ({"parts": {"a": {**ARRAY, "disks": 3}}}, "parts.a.disks", "at least 4"),
        ({"parts": {"a": {**ARRAY, "disks": 5, "layout": "raid10"}}}, "parts.a.disks", "even"),
        ({"parts": {"a": {**ARRAY, "disks": 2.5}}}, "parts.a.disks", "whole number"),
        ({"parts": {"a": {**ARRAY, "layout": "raid7"}}}, "parts.a.layout", "did you mean"),
        ({"parts": {"a": {**ARRAY, "both_controllers": "100 %"}}}, "parts.a.both_controllers", "below 1"),
        ({"parts": {"a": {**ARRAY, "both_controllers": 2}}}, "parts.a.both_controllers", "between 0 and 1"),
        ({"parts": {"a": {**SERVER, "psu_repair": None}}}, "parts.a.psu", "needs psu_repair"),
        ({"parts": {"a": {**SERVER, "repair": "2 h", "reboot": {"counted_in": {"hours": "24x7"}, "value": "1 h"}}}}, "parts.a.reboot", "working hours yet"),
        ({"parts": {"a": {**SERVER, "software": {"from": "pacs_software", "start": {"counted_in": {"hours": "24x7"}, "value": "1 h"}}}}}, "parts.a.software.start", "start of a software is not counted in working hours yet"),
        ({"practices": {"times": {"alert": {"counted_in": {"hours": "24x7"}, "value": "1 h"}}}}, "practices.times.alert", "working hours yet"),
        ({"parts": {"a": UP}, "roles": {"r": {"needs": []}}}, "roles.r.needs", "needs nothing"),
        ({"parts": {"a": UP}, "roles": {"r": {"needs": {"at_least": 3, "of": ["a"]}}}}, "roles.r.needs", "at least 3 of 1"),
        ({"parts": {"a": UP}, "roles": {"r": {"needs": ["a", {"any": ["b"]}]}}}, "roles.r.needs[1].any[0]", "no part"),
        ({"parts": {"a": UP}, "roles": {"r": {"needs": ["a"], "used_from": ["a"]}}}, "roles.r.used_from[0]", "clients is wanted"),
        ({"parts": {"a": UP}, "roles": {"r": {}}}, "roles.r.needs", "needs is missing"),
        ({"parts": {"d": {"type": "database", "from": "database_single", "runs_on": "d"}}}, "parts.d.runs_on", "server"),
        ({"parts": {"s": SERVER}, "groups": {"g": {**PAIR, "members": ["s"]}}}, "groups.g.members", "two members"),
        ({"parts": {"s": SERVER}, "groups": {"g": PAIR}}, "groups.g.members[1]", 'no part "t"'),
        ({"parts": {"s": SERVER, "t": SERVER}, "groups": {"g": PAIR, "h": PAIR}}, "groups.h.members[0]", "already"),
        ({"parts": {"s": SERVER, "t": SERVER}, "groups": {"g": {**PAIR, "check": {"sees": "tcp", "every": "0 s", "fall": 1}}}}, "groups.g.check.every", "greater than 0"),
        ({"parts": {"s": SERVER, "t": SERVER}, "groups": {"g": {**PAIR, "failback": "soon"}}}, "groups.g.failback", "at_once"),
        ({"contract": {"term": "60 years"}}, "contract.term", "50 years"),
        ({"contract": {"term": "0 h"}}, "contract.term", "greater than 0"),
        ({"contract": {"starts": "5.1.2026"}}, "contract.starts", "no date"),
        ({"contract": {"service_hours": "8x5"}}, "contract.service_hours", "not supported yet"),
        ({"catalogue": "2031.1"}, "catalogue", "is not here"),
        ({"pacsim": 2}, "pacsim", "not known"),
        ({"nmae": "x"}, "nmae", 'did you mean "name"'),
        ({"practices": {"monitoring": {"finds": ["dead_batery"]}}}, "practices.monitoring.finds[0]", 'did you mean "dead_battery"'),
        ({"practices": {"procedures": "oral"}}, "practices.procedures", "no choice"),
        ({"practices": {"support": "none.yaml"}}, "practices.support", "no file"),
        ({"parts": {"s": SERVER}, "practices": {"maintenance": {"w": {"of": ["s"], "on": "sundays", "lasts": "1 h"}}}}, "practices.maintenance.w.on", "monthly time"),
        ({"parts": {"s": SERVER}, "practices": {"maintenance": {"w": {"of": ["s"], "every": "40 d", "on": "first sunday 02:00", "lasts": "1 h"}}}}, "practices.maintenance.w.every", "whole months"),
        ({"parts": {"s": SERVER}, "practices": {"maintenance": {"w": {"of": ["s"], "every": "5 months", "on": "first sunday 02:00", "lasts": "1 h"}}}}, "practices.maintenance.w.every", "1, 2, 3, 4, 6 or 12 months"),
        ({"parts": {"l": {"type": "link", "from": "patch_link", "between": ["l"]}}}, "parts.l.between", "joins two"),
        ({"parts": {"a": UP, "s": SERVER, "c": {"type": "common_cause", "members": ["a", "s"], "share": 0.1}}}, "parts.c.members", "several types"),
        ({"parts": {"a": UP, "b": {**UP, "ttf": "2 years"}, "c": {"type": "common_cause", "members": ["a", "b"], "share": 0.1}}}, "parts.c.members", "different rates"),
        ({"parts": {"a": UP, "b": UP, "c": {"type": "common_cause", "members": ["a", "b"], "share": 0.6}, "d": {"type": "common_cause", "members": ["a", "b"], "share": 0.5}}}, "parts.a", "110 %"),
        ({"parts": {"a": SET, "n": BACKUP, "o": BACKUP}}, "parts.o.of[0]", "second backup"),
        ({"parts": {"s": SERVER, "t": {**SERVER, "fails": {"mttf": "1 year"}}}, "groups": {"g": {**PAIR, "common": {"hardware": 0.1}}}}, "groups.g.common.hardware", "not one rate"),
        ({"parts": {"a": UP}, "roles": {"r": {"needs": ["a"]}, "read": None}}, "roles.read", "nothing to remove"),
        ({"parts": {"s": SERVER, "t": SERVER}, "groups": {"g": {**PAIR, "restart_first": 5}}}, "groups.g.restart_first", "0 or 1"),
        ({"parts": {"a": {"type": "component", "ttf": "1 year", "ttr": {"catalogue": "srv.repair"}}}}, "parts.a.ttr", "write repair:"),
        ({"parts": {"a": UP, "c": {"type": "crew", "size": 2, "respond": "9 min"}}, "roles": {"r": {"needs": ["a", "c"]}}}, "roles.r.needs[1]", "is a crew"),
        ({"parts": {"u": {"type": "ups", "from": "ups", "ttr": "2 h", "support": {"response": "2 h"}}}}, "parts.u.support", "changes nothing"),
        ({"parts": {"a": {**UP, "support": {"response": "2 h"}}}}, "parts.a.support", "changes nothing"),
        ({"parts": {"t": {"type": "crew", "size": 2, "respond": "9 min", "on_duty": {"hours": "24x7"}}}}, "parts.t.on_duty", "respond_night"),
        ({"parts": {"g": {"type": "generator", "from": "generator", "refuel": None}}}, "parts.g.fuel", "refuel"),
        ({"parts": {"m": {"type": "utility", "from": "utility", "major": None}}}, "parts.m.major_share", "major"),
        ({"parts": {"n": {"type": "backup", "from": "backup_nightly", "of": ["n"], "starts": "25:00"}}}, "parts.n.starts", "time of day"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(plain: dict[str, Any], path: str, says: str) -> None:
    found = problems(plain)
    said = [f"{rule}; {remedy}" for where, rule, remedy in found if where == path]
    assert any(says in text for text in said), found


def test_a_site_that_reaches_nothing() -> None:
    plain = {
        "parts": {
            "reading": {"type": "clients", "network": ["sw-1"]},
            "sw-1": {"type": "switch", "from": "switch", "power": ["mains"]},
            "sw-2": {"type": "switch", "from": "switch", "power": ["mains"]},
            **POWERED,
            "s": {**SERVER, "network": ["sw-2"], "power": ["mains"], "storage": ["a"]},
            "a": {**ARRAY, "network": ["sw-1"], "power": ["mains"]},
        },
        "roles": {"read": {"needs": [["s", "a"]], "used_from": ["reading"]}},
    }
    found = problems(plain)
    rule = 'no path from "reading" to "s" even with everything up'
    assert ("roles.read.used_from[0]", rule, "connect sw-1 to sw-2") in found
    assert (
        "parts.s.storage[0]",
        'no path from "s" to "a" even with everything up',
        "connect sw-2 to sw-1",
    ) in found


def test_only_switches_and_links_pass_traffic_on() -> None:
    parts: dict[str, Any] = {
        "reading": {"type": "clients", "network": ["bridge"]},
        "bridge": {**SERVER, "network": ["sw"]},
        "sw": {"type": "switch", "from": "switch"},
        "s": {**SERVER, "network": ["sw"]},
    }
    plain = {"parts": parts, "roles": {"read": {"needs": ["s"], "used_from": ["reading"]}}}
    assert [path for path, _, _ in problems(plain)] == ["roles.read.used_from[0]"]
    parts["cable"] = {"type": "link", "from": "patch_link", "between": ["reading", "sw"]}
    warnings = design_of({"pacsim": 1, **plain}).resolved.warnings
    assert any("sw" in text and "without power" in text for text in warnings)


def test_shipped_designs_have_no_problems_and_no_warnings() -> None:
    for file in SHIPPED.glob("*.yaml"):
        assert load(file).resolved.warnings == ()


def test_what_a_design_leaves_out_in_its_own_favour_is_said() -> None:
    """Without a backup, or a crew; a cold standby takes its time by itself."""
    made = design_of(
        {
            "pacsim": 1,
            "parts": {"a": SET, "s": SERVER, "t": SERVER},
            "groups": {"g": {**PAIR, "standby": "cold", "switchover": "2 min"}},
            "roles": {"r": {"needs": ["g", "a"]}},
        }
    )
    said = "\n".join(made.resolved.warnings)
    for words in ("no backup", "no crew"):
        assert words in said
    assert "groups.g" not in said


def test_a_feed_that_is_named_twice_counts_twice() -> None:
    """Of what has no power supplies of its own too: two of the same are both there, or both dead."""
    # Sees: a model that cannot be built.
    core = {"type": "switch", "from": "core_switch", "power": {"need": 2, "of": ["mains", "mains"]}}
    made = design_of(
        {"pacsim": 1, "parts": {**POWERED, "core": core}, "roles": {"use": {"needs": ["core"]}}}
    )
    model = build(made.resolved).model
    assert model.transition("core/unit.fail") >= 0


def test_a_name_that_no_system_takes_is_no_file() -> None:
    found = problems(
        {"parts": {"s": {**SERVER, "support": "x" * 5000}}, "roles": {"use": {"needs": ["s"]}}}
    )
    assert [(path, rule[:9]) for path, rule, _ in found] == [("parts.s.support", 'no file "')]


def test_a_day_of_the_month_in_a_map_is_its_words() -> None:
    # Sees: a design that cannot be dumped.
    window = {"of": ["s"], "on": {"value": "first sunday 02:00"}, "lasts": "1 h"}
    made = design_of(
        {
            "pacsim": 1, "parts": {"s": SERVER}, "roles": {"use": {"needs": ["s"]}},
            "practices": {"maintenance": {"patch": window}},
        }
    )  # fmt: skip
    assert "first sunday 02:00" in made.dump()


@pytest.mark.parametrize(
    ("ttr", "remedy"),
    [("6 /day", "write {mean: 4 h, family: exponential}"), ("6 MB", "")],
)
def test_a_rate_in_place_of_a_repair_is_told_as_a_mean(ttr: str, remedy: str) -> None:
    # Sees: a mean that is told to be written as a bare time, which is a median.
    found = problems({"parts": {"a": {**UP, "ttr": ttr}}, "roles": {"r": {"needs": ["a"]}}})
    assert [(path, what) for path, _, what in found] == [("parts.a.ttr", remedy)]


def test_a_rate_in_place_of_an_interval_says_how_long_that_is() -> None:
    tests = {"failover_tests": {"every": "30 /year"}}
    ((path, rule, _),) = problems({"parts": {"a": UP}, "practices": tests})
    assert path == "practices.failover_tests.every"
    assert rule == "'30 /year' is a rate, a time is wanted here; write '12.17 days'"


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(DesignError) as caught:
        load(tmp_path)
    said = f"is a folder, and a file is wanted; name a file in it; compare takes all of them as {tmp_path / '*.yaml'}"
    assert str(caught.value) == f"{tmp_path}: 1 problem\n  {said}"


@pytest.mark.parametrize(
    ("on", "of", "said"),
    [
        ("first sunday 03:00", ["y"], "for 1 h from 03:00"),
        ("first sunday 01:30", ["y"], "for 1.5 h from 02:00"),
        ("first sunday 04:00", ["y"], ""),
        ("second sunday 03:00", ["y"], ""),
        ("first monday 03:00", ["y"], ""),
        ("first sunday 03:00", ["x"], ""),
    ],
)
def test_windows_that_meet_on_all_members_are_warned_of(on: str, of: list[str], said: str) -> None:
    """Two hours from 02:00 on one of a pair; two from another time on the other, or on the same."""
    # Sees: windows of other days; one that begins as the other ends; an overlap of the wrong length.
    window = {"every": "1 month", "lasts": "2 h"}
    windows = {"one": {**window, "of": ["x"], "on": "first sunday 02:00"}}
    windows["other"] = {**window, "of": of, "on": on}
    plain = {
        "pacsim": 1, "parts": {"x": SERVER, "y": SERVER},
        "groups": {"g": {**PAIR, "members": ["x", "y"]}}, "roles": {"r": {"needs": ["g"]}},
        "practices": {"maintenance": windows},
    }  # fmt: skip
    warned = [x for x in design_of(plain).resolved.warnings if "together work on" in x]
    assert len(warned) == bool(said)
    assert all(said in x for x in warned)


@pytest.mark.parametrize(
    ("late", "early", "said"),
    [
        ("first saturday 23:00", "first sunday 00:30", "one and other together work on all"),
        ("first saturday 23:00", "first sunday 00:30", "for 30 min from 00:30, past midnight,"),
        ("first saturday 23:00", "second sunday 00:30", "for 30 min from 00:30, past midnight,"),
        ("last sunday 23:30", "last monday 00:00", "for 1.5 h from 00:00, past midnight,"),
        ("first saturday 23:00", "first sunday 01:00", ""),
        ("first saturday 23:00", "third sunday 00:30", ""),
        ("second saturday 23:00", "first sunday 00:30", ""),
        ("last saturday 23:00", "first sunday 00:30", ""),
        ("first sunday 23:00", "first saturday 00:30", ""),
        ("first saturday 23:00", "first monday 00:30", ""),
    ],
)
def test_windows_that_meet_past_midnight_are_warned_of(late: str, early: str, said: str) -> None:
    """Two hours of the evening on one of a pair, and two of the next morning on the other."""
    # Sees: neighbouring days not looked at; a week of the month that is none; the wrong end.
    window = {"every": "1 month", "lasts": "2 h"}
    windows = {
        "one": {**window, "of": ["x"], "on": late}, "other": {**window, "of": ["y"], "on": early},
    }  # fmt: skip
    plain = {
        "pacsim": 1, "parts": {"x": SERVER, "y": SERVER},
        "groups": {"g": {**PAIR, "members": ["x", "y"]}}, "roles": {"r": {"needs": ["g"]}},
        "practices": {"maintenance": windows},
    }  # fmt: skip
    warned = [x for x in design_of(plain).resolved.warnings if "together work on" in x]
    assert len(warned) == bool(said)
    assert all(said in x for x in warned)
