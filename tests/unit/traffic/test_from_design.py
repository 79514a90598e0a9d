"""TrafficTables of a design: times alone and uses of pools by hand (T6), stations, timers, limits, dial."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pacsim.design import design_of
from pacsim.errors import PacsimError
from pacsim.traffic import client_tables as t
from pacsim.traffic.client_conditions import GROUP, POOL, SERVER
from pacsim.traffic.from_design import tables
from pacsim.traffic.keyed_draws import item_of

LINE = {"rate": "50 MB/s", "latency": "1 ms", "association": "30 ms"}


def server(**serves: Any) -> dict[str, Any]:
    """Return a server whose application serves round numbers."""
    said = {"workers": 4, "associations": 7, "over_limit": "waits", "store": {"exactly": "20 ms"},
            "read": {"exactly": "10 ms"}, "query": {"exactly": "100 ms"}, "nic": "1 Gbit/s"}  # fmt: skip
    software = {"from": "pacs_software", "serves": {**said, **serves}}
    return {
        "type": "server", "from": "server_single_psu", "software": software, "storage": ["a"],
        "network": ["core"],
    }  # fmt: skip


def design(**more: Any) -> dict[str, Any]:
    """Return a server behind a line of 200 Mbit/s, and a hospital of two modalities."""
    workload = {
        "archive": "s",
        "at": {"modalities": "near", "readers": "far"},
        "exams": "17520 /year",
        "growth": {"exams": 0, "size": "50 %"},
        "modalities": {
            "CT": {"share": "50 %", "stations": 2, "instances": 100, "size": "1 MB",
                   "compression": 4, "emergency": 0},
            "DX": {"share": "50 %", "stations": 1, "instances": 1.5, "size": "8 MB",
                   "compression": 2, "compressed_by": "modality", "emergency": "100 %"},
        },
        "readers": {"stations": 2, "opens": 3, "queries": 1.5},
        "clients": {"modality": {**LINE, "connect": "none", "retry": {"every": "2 min", "count": "none"}},
                    "reader": LINE, "router": LINE, "ris": LINE},
        **more,
    }  # fmt: skip
    array = {"type": "disk_array", "from": "array_dual_controller", "layout": "raid6", "disks": 12}
    return {
        "pacsim": 1,
        "contract": {"starts": "2026-01-07", "term": "2 years"},
        "parts": {
            "near": {"type": "clients", "network": ["core"]},
            "far": {"type": "clients", "network": ["edge-line"]},
            "edge-line": {"type": "link", "from": "patch_link", "between": ["far", "core"],
                          "capacity": "200 Mbit/s"},
            "core": {"type": "switch", "from": "switch", "capacity": "10 Gbit/s"},
            "s": server(),
            "a": {**array, "disk": {"from": "disk_group", "size": "1 TB"}, "network": ["core"],
                  "serves": {"write": "100 MB/s", "read": "200 MB/s"}},
            "db": {"type": "database", "from": "database_single", "runs_on": "s",
                   "serves": {"connections": 5, "store": "2 ms", "query": "3 ms"}},
        },
        "roles": {"store": {"needs": ["s", "db", "a"], "used_from": ["near", "far"]}},
        "workload": workload,
    }  # fmt: skip


def of(plain: dict[str, Any]) -> t.TrafficTables:
    return tables(design_of(plain).resolved)


def station(found: t.TrafficTables, name: str) -> t.Station:
    return next(one for one in found.stations if one.name == name)


def used(found: t.TrafficTables, work: t.Work, size: float) -> tuple[float, dict[str, float]]:
    """Return T and u(r) by the names of pools."""
    item = item_of(work, size, None)
    return item.alone, {found.pools[k].name: seconds for k, seconds in item.uses}


def test_an_instance_stored() -> None:
    # Sees: bytes stored for bytes sent; a step counted twice; a line left out.
    found = of(design())
    does = station(found, "CT-1").does
    assert isinstance(does, t.Modality)
    alone, uses = used(found, does.store.works[0], 1e6)
    # 1 ms, then 1 MB at 50 MB/s, then 20 ms of work.
    assert math.isclose(alone, 0.001 + 0.020 + 0.020, rel_tol=1e-12)
    assert uses == pytest.approx(
        {"workers of s": 0.020, "connections of db": 0.002, "a": 0.0025, "interface of s": 0.008,
         "line core": 1e6 / 1.25e9}
    )  # fmt: skip
    assert (does.store.association, does.store.setups, does.store.target) == (0.030, 1, t.ARCHIVE)


def test_a_service_is_no_less_than_its_steps() -> None:
    plain = design()
    plain["parts"]["s"] = server(store={"exactly": "3 ms"})
    found = of(plain)
    does = station(found, "CT-1").does
    assert isinstance(does, t.Modality)
    alone, uses = used(found, does.store.works[0], 1e6)
    assert math.isclose(alone, 0.001 + 0.020 + 0.0045, rel_tol=1e-12)
    assert math.isclose(uses["workers of s"], 0.0045, rel_tol=1e-12)


def test_what_a_modality_compresses_is_sent_and_stored_like_that() -> None:
    found = of(design())
    does = station(found, "DX-1").does
    assert isinstance(does, t.Modality)
    assert does.study == t.ImagingStudy(2, 8e6, 2.0, sent_compressed=True, size_growth=(1.0, 1.5))
    _, uses = used(found, does.store.works[0], 4e6)
    assert math.isclose(uses["a"], 0.040, rel_tol=1e-12)


def test_an_instance_retrieved_and_a_query() -> None:
    """Over the line of 25 MB/s, which is the narrowest of the way."""
    found = of(design())
    does = station(found, "reader-2").does
    assert isinstance(does, t.Reader)
    alone, uses = used(found, does.retrieve.works[0], 0.25e6)
    assert math.isclose(alone, 0.001 + 0.010 + 0.010, rel_tol=1e-12)
    assert uses == pytest.approx(
        {"workers of s": 0.010, "a": 0.00125, "interface of s": 0.002, "line edge-line": 0.010}
    )
    alone, uses = used(found, does.query.works[0], 0.0)
    assert math.isclose(alone, 0.101, rel_tol=1e-12)
    assert uses == pytest.approx({"workers of s": 0.100, "connections of db": 0.003})
    assert does.query.works[0].service is not None
    assert does.retrieve.setups == 0
    assert [share for share, _ in does.mix] == [0.5, 0.5]


def test_members_with_arrays_of_their_own_keep_every_image_there() -> None:
    # Sees: images spread over the arrays of all members; a member that writes to another's.
    plain = design()
    plain["parts"] |= {"a2": {"like": "a", "serves": {"write": "50 MB/s"}}}
    plain["parts"]["s2"] = {**server(), "storage": ["a2"]}
    plain["groups"] = {"pair": {"type": "active_passive", "members": ["s", "s2"],
        "check": {"sees": "tcp", "every": "1 s", "fall": 3}, "standby": "warm",
        "switchover": "10 s"}}  # fmt: skip
    plain["parts"]["db"]["runs_on"] = "pair"
    plain["roles"]["store"]["needs"] = ["pair", "db", "a"]
    plain["workload"]["archive"] = "pair"
    found = of(plain)
    does = station(found, "CT-1").does
    assert isinstance(does, t.Modality)
    on = [used(found, work, 1e6)[1] for work in does.store.works]
    assert [(x.get("a"), x.get("a2")) for x in on] == [
        (pytest.approx(0.0025), None),
        (None, pytest.approx(0.005)),
    ]
    held = design_of(plain).resolved.workload
    assert held is not None
    # 10 disks of data, of either; not of both.
    assert held.capacity == pytest.approx(10e12)


def test_pools_and_limits() -> None:
    found = of(design())
    assert found.pools == (
        t.SharedPool("workers of s", 4.0),
        t.SharedPool("interface of s", 1.0),
        t.SharedPool("connections of db", 5.0),
        t.SharedPool("a", 1.0),
        t.SharedPool("line core", 1.0),
        t.SharedPool("line edge-line", 1.0),
    )
    assert found.limits == (t.Limit(7, "waits"),)
    assert found.conditions.kind == SERVER
    assert found.conditions.sites == ("near", "far")


def test_a_database_on_the_archive_is_asked_whoever_names_it() -> None:
    # Sees: a database that makes every operation fail when it is down, and takes no time when up.
    plain = design()
    plain["roles"]["store"]["needs"] = ["s", "a"]
    assert of(plain).pools == of(design()).pools
    plain["parts"]["db"]["runs_on"] = "t"
    plain["parts"]["t"] = server()
    assert "connections of db" not in [pool.name for pool in of(plain).pools]


def test_places_behind_one_line_share_it() -> None:
    plain = design()
    plain["parts"]["near"]["network"] = ["edge-line"]
    plain["parts"]["edge-line"] = {
        "type": "switch", "from": "switch", "network": ["core"], "capacity": "200 Mbit/s",
    }  # fmt: skip
    found = of(plain)
    assert [pool.name for pool in found.pools if pool.name.startswith("line")] == ["line edge-line"]


def test_rates_are_those_of_one_station() -> None:
    """336 exams a week, half of them CT on two stations: 84 each; the week begins on a Wednesday."""
    found = of(design())
    one = station(found, "CT-2")
    assert [stream.name for stream in one.streams] == [t.EXAMS]
    assert math.isclose(sum(one.streams[0].rates.week), 84.0, rel_tol=1e-12)
    assert one.streams[0].rates.starts == 48
    assert one.streams[0].rates.growth == (1.0, 1.0)
    assert [stream.name for stream in station(found, "DX-1").streams] == [t.EMERGENCIES]
    reader = station(found, "reader-1")
    assert math.isclose(sum(reader.streams[0].rates.week), 336 * 3 / 2, rel_tol=1e-12)


def test_timers() -> None:
    found = of(design())
    assert station(found, "CT-1").timers == t.Timers(t.NONE, 30.0, 60.0, 30.0, 120.0, t.ENDLESS)
    assert station(found, "reader-1").timers == t.Timers(5.0, 5.0, 15.0, 5.0, 10.0, t.ENDLESS)


def test_stations_stand_in_file_order() -> None:
    plain = design(
        worklist={"every": "5 min", "target": "ris"},
        routers={"edge": {"of": ["CT"], "parallel": 3, "buffer": "1 TB"}},
    )
    found = of(plain)
    names = [one.name for one in found.stations]
    assert names == [
        "CT-1", "CT-2", "DX-1", "reader-1", "reader-2", "edge", "worklist-CT-1", "worklist-CT-2",
        "worklist-DX-1", "probe-modality-near", "probe-reader-far",
    ]  # fmt: skip
    does, router = station(found, "CT-1").does, station(found, "edge").does
    assert isinstance(does, t.Modality)
    assert isinstance(router, t.Forwarder)
    assert (does.router, does.store.target) == (5, t.FREE)
    assert math.isclose(item_of(does.store.works[0], 1e6, None).alone, 0.021, rel_tol=1e-12)
    assert (router.parallel, router.buffer) == (3, 1e12)
    _, uses = used(found, router.store.works[0], 1e6)
    assert math.isclose(uses["a"], 0.0025, rel_tol=1e-12)
    asker = station(found, "worklist-DX-1").does
    assert isinstance(asker, t.Asker)
    assert (asker.every, asker.ask.target) == (300.0, t.FREE)


def test_routers_and_worklists_that_are_parts_may_fail() -> None:
    plain = design(
        worklist={"target": "ris"}, routers={"edge": {"of": ["CT"]}},
    )  # fmt: skip
    for name in ("ris", "edge"):
        plain["parts"][name] = {"type": "component", "ttf": "1 year", "ttr": "4 h"}
    found = of(plain)
    assert found.conditions.targets == ("edge", "ris")
    does, asker = station(found, "CT-1").does, station(found, "worklist-CT-1").does
    assert isinstance(does, t.Modality)
    assert isinstance(asker, t.Asker)
    assert (does.store.target, asker.ask.target) == (0, 1)


def test_a_worklist_asked_of_the_archive_by_name_is_asked_of_it() -> None:
    # Sees: the archive as somebody else, who uses none of its workers.
    named, silent = (of(design(worklist=x)) for x in ({"target": "s"}, {}))
    assert named.stations == silent.stations
    assert named.conditions == silent.conditions


def test_a_server_with_the_worklist_takes_its_own_time() -> None:
    # Sees: the archive's time, whatever the server says.
    plain = design(worklist={"target": "ris"})
    slow = server(query={"exactly": "700 ms"})
    for parts, seconds in (
        ({}, 0.101),
        ({"ris": slow}, 0.701),
        ({"ris": {**slow, "software": None}}, 0.101),
    ):
        plain["parts"] = design()["parts"] | parts
        if parts and parts["ris"]["software"] is None:
            del plain["parts"]["ris"]["software"]
        does = station(of(plain), "worklist-CT-1").does
        assert isinstance(does, t.Asker)
        assert does.ask.works[0].alone == pytest.approx(seconds)


def test_a_probe_uses_nothing() -> None:
    """Its time is that of an instance alone: 1 ms, 1 MB at 50 MB/s, 20 ms."""
    found = of(design())
    does = station(found, "probe-modality-near").does
    assert isinstance(does, t.Probe)
    work = does.operations[0].works[0]
    assert math.isclose(work.alone, 0.041, rel_tol=1e-12)
    assert work.uses == work.sized == ()


def test_a_probe_that_rides_along_has_the_line_of_its_stations() -> None:
    # Sees: the line of its kind of client where a modality or the readers have one of their own.
    plain = design()
    plain["workload"]["modalities"]["CT"]["association"] = "2 s"
    plain["workload"]["modalities"]["CT"]["latency"] = "5 ms"
    plain["workload"]["readers"]["rate"] = "10 MB/s"
    before, found = of(design()), of(plain)

    def probed(some: t.TrafficTables, name: str) -> t.Operation:
        does = station(some, name).does
        assert isinstance(does, t.Probe)
        return does.operations[0]

    near = probed(found, "probe-modality-near")
    assert near.association == 2.0
    slower = near.works[0].alone - probed(before, "probe-modality-near").works[0].alone
    assert slower == pytest.approx(0.004)
    # 0.25 MB at 10 MB/s, and not at the 25 MB/s of its site.
    far = probed(found, "probe-reader-far").works[0].alone
    assert far - probed(before, "probe-reader-far").works[0].alone == pytest.approx(0.025 - 0.010)


def test_a_workload_of_one_probe() -> None:
    plain = design()
    plain["workload"] = {
        "archive": "s",
        "clients": {"modality": LINE},
        "probes": {"drill": {"operations": ["echo", "store"], "pause": "20 ms", "at": "near", "size": "1 MB"}},
    }  # fmt: skip
    found = of(plain)
    assert [one.name for one in found.stations] == ["drill"]
    does = found.stations[0].does
    assert isinstance(does, t.Probe)
    assert [one.kind for one in does.operations] == [t.ECHO, t.STORE]
    assert does.operations[0].works[0].alone == 0.001
    assert found.stations[0].timers.pause == 0.020


def test_a_probe_that_is_written_draws_its_service() -> None:
    """20 or 60 ms of work; 1 ms, and 1 MB at the 25 MB/s of the line, are what they are."""
    # Sees: the mean of a law; bytes that are not counted, or twice; a probe beside modalities that draws.
    law = {"mix": {0.75: {"exactly": "20 ms"}, 0.25: {"exactly": "60 ms"}}}
    plain = design(
        probes={"drill": {"operations": ["store", "retrieve"], "at": "far", "size": "1 MB"}}
    )
    plain["parts"]["s"] = server(store=law, read={"exactly": "10 ms"})
    found = of(plain)
    does = station(found, "drill").does
    assert isinstance(does, t.Probe)
    stored, fetched = (one.works[0] for one in does.operations)
    assert stored.service is not None
    assert stored.service.mean() == pytest.approx(0.030)
    assert stored.uses == stored.sized == ()
    assert item_of(stored, 0.0, 0.020).alone == pytest.approx(0.001 + 0.040 + 0.020)
    assert item_of(stored, 0.0, 0.060).alone == pytest.approx(0.001 + 0.040 + 0.060)
    # No less than its step of 2 ms and 0.25 MB at 100 MB/s: bytes are stored as they come.
    assert item_of(stored, 0.0, 0.001).alone == pytest.approx(0.001 + 0.040 + 0.012)
    assert item_of(fetched, 0.0, 0.010).alone == pytest.approx(0.001 + 0.040 + 0.010)
    beside = station(found, "probe-modality-near").does
    assert isinstance(beside, t.Probe)
    assert beside.operations[0].works[0].service is None
    assert math.isclose(beside.operations[0].works[0].alone, 0.051, rel_tol=1e-12)


def test_own_work_of_each_kind_of_client() -> None:
    """1, 2, 3, 4 ms for modality, reader, router, ris; a retrieval without association has it, too."""
    kinds = ("modality", "reader", "router", "ris")
    own = {kind: {**LINE, "attempt_takes": f"{k + 1} ms", "release_takes": f"{k + 11} ms"}
           for k, kind in enumerate(kinds)}  # fmt: skip
    plain = design(clients=own, worklist={"asks": 1}, routers={"edge": {"of": ["DX"]}})
    found = of(plain)
    modality, router = station(found, "CT-1").does, station(found, "edge").does
    reader, asker = station(found, "reader-1").does, station(found, "worklist-CT-1").does
    probe = station(found, "probe-reader-far").does
    assert isinstance(modality, t.Modality)
    assert isinstance(router, t.Forwarder)
    assert isinstance(reader, t.Reader)
    assert isinstance(asker, t.Asker)
    assert isinstance(probe, t.Probe)
    operations = [modality.store, reader.query, reader.retrieve, router.store, asker.ask]
    operations += probe.operations
    assert [one.attempt_takes for one in operations] == [0.001, 0.002, 0.002, 0.003, 0.004, 0.002]
    # Without an association there is nothing to release.
    takes = [one.release_takes for one in operations]
    assert takes == pytest.approx([0.011, 0.012, 0.0, 0.013, 0.014, 0.0])


def group(kind: dict[str, Any]) -> dict[str, Any]:
    """Return the design with two servers in a group."""
    plain = design(archive="g")
    plain["parts"]["t"] = {"like": "s"}
    plain["parts"]["d"] = {"type": "server", "from": "server_single_psu", "network": ["core"]}
    plain["parts"]["db"]["runs_on"] = "d"
    plain["groups"] = {"g": {"members": ["s", "t"], **kind}}
    plain["roles"]["store"]["needs"] = ["g", "db", "a"]
    return plain


def test_a_pool_has_its_dial() -> None:
    check = {"sees": "tcp", "every": "500 ms", "fall": 3, "rise": 4}
    plain = group({"type": "active_active", "need": 1, "check": check, "redispatch": True,
                   "dial": {"mode": "first", "connect": "3 s", "observe": 2}})  # fmt: skip
    found = of(plain)
    assert found.conditions.kind == POOL
    assert found.dial == t.Dial("first", 3, 3.0, redispatch=True, observe=2, every=0.5, rise=4)
    assert [pool.name for pool in found.pools[:4]] == [
        "workers of s", "interface of s", "workers of t", "interface of t",
    ]  # fmt: skip
    does = station(found, "CT-1").does
    assert isinstance(does, t.Modality)
    assert [work.served_by for work in does.store.works] == [0, 2]
    assert [work.uses[1] for work in does.store.works] == [(4, 0.002), (4, 0.002)]


def test_a_pool_behind_balancers_has_their_way() -> None:
    """The narrower of both legs counts; clients know the first address."""
    check = {"sees": "tcp", "every": "1 s", "fall": 3, "rise": 2}
    plain = group({"type": "active_active", "need": 1, "check": check, "behind": ["lb"]})
    plain["parts"]["narrow"] = {"type": "switch", "from": "switch", "network": ["core"],
                                "capacity": "100 Mbit/s"}  # fmt: skip
    plain["parts"]["lb"] = {"type": "load_balancer", "from": "load_balancer", "network": ["narrow"]}
    found = of(plain)
    assert found.conditions.holders == ("lb",)
    assert [pool.name for pool in found.pools if pool.name.startswith("line")] == ["line narrow"]


def test_a_failover_group_has_no_dial() -> None:
    plain = group({"type": "active_passive", "standby": "warm", "switchover": "30 s",
                   "check": {"sees": "tcp", "every": "1 s", "fall": 3}})  # fmt: skip
    found = of(plain)
    assert found.conditions.kind == GROUP
    assert found.dial is None
    assert len(found.limits) == 2


def test_without_a_workload_there_are_no_tables() -> None:
    plain = design()
    del plain["workload"]
    with pytest.raises(PacsimError, match="no workload"):
        of(plain)
