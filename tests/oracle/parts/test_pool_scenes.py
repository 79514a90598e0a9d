"""Pools as scenarios, to the second, on both simulators: drains, checks, gaps, who comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines import kernel, reference
from pacsim.parts.pool import GAP_ENDINGS, GAP_KINDS
from pacsim.parts.watch_handles import SessionsWatch
from tests.close import close
from tests.oracle.parts.making import part, role
from tests.oracle.parts.pairing import DAY, DEAD, HOUR, NEVER, server
from tests.oracle.parts.pairing import happened as traced
from tests.oracle.parts.pooling import FIXED, QUIET, pool, servers_of

if TYPE_CHECKING:
    from pacsim.core import Batch, Model
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle

SUNDAY = 146 * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
TURN = 600.0 + HOUR + 180.0 + 10.0
"""Drain, work, start and rise of one member."""
TENTH = {"sees": "http", "every": 0.001, "fall": 10_000, "rise": 10_000, "timeout": 0.0}
"""A check whose fall and rise take ten seconds, but for a thousandth."""
WINDOW = {"every": 30.4375 * DAY, "on": "first sunday 02:00", "lasts": Det(HOUR), "rolling": True}


def nearly(seconds: Any) -> Any:
    """Return times to a hundredth of a second: fall and rise take ten but for a thousandth."""
    return pytest.approx(seconds, abs=0.01)


def both(built: Model, horizon: float) -> Batch:
    """Return a replication of the reference engine; that of the kernel is the same to the bit."""
    one = reference.simulate(built, horizon=horizon, trace=True)
    same = kernel.simulate(built, horizon=horizon, trace=True)
    assert one.trace is not None
    assert same.trace is not None
    assert one.trace.tobytes() == same.trace.tobytes()
    assert one.episodes.tobytes() == same.episodes.tobytes()
    return one


def scene(
    names: str = "abc", need: int = 2, *others: Part, check: Any = None, doing: Any = None,
    needs: tuple[str, ...] = ("pacs",), used_from: tuple[str, ...] = (), of: Any = None, **more: Any
) -> Model:  # fmt: skip
    """Return a pool of quiet servers, a role that needs it; ``of`` says what is odd of a member."""
    group = pool(names, need, check={**QUIET, **(check or {})}, **more)
    members = [server(x, **(of or {}).get(x, {})) for x in names]
    one = role("use", *needs, used_from=used_from)
    return servers_of(group, [*members, *others], roles=(one,), doing=doing)[0]


def gaps_of(run: Batch) -> list[tuple[float, float, str, str]]:
    """Return start, end, kind and ending of each gap of "all requests succeed"."""
    rows = run.episodes_of("failover:pacs")
    return [
        (
            float(row["start"]),
            float(row["end"]),
            GAP_KINDS[int(row["at_start"]) % len(GAP_KINDS)],
            GAP_ENDINGS[int(row["at_end"])],
        )
        for row in rows
    ]


def only(run: Batch, start: float, low: float, high: float, kind: str, how: str) -> None:
    """Hold one gap to its start, the range of its length, its kind and its ending."""
    ((begin, end, fell, ended),) = gaps_of(run)
    assert begin == start
    assert low <= end - begin <= high
    assert (fell, ended) == (kind, how)


# -- planned work ----------------------------------------------------------------------------------


def patched(need: int = 2, *, of: Any = None, check: Any = None, **more: Any) -> Model:
    """Return three servers that start in 3 min, with a window of an hour, and drains of 10 min."""
    slow = {x: {"software": {"start": Det(180.0)}} for x in "abc"}
    for x, odd in (of or {}).items():
        software = {**slow[x]["software"], **odd.get("software", {})}
        slow[x] = {**odd, "software": software}
    window = {**WINDOW, "of": ("a", "b", "c"), **more.pop("window", {})}
    doing = {"maintenance": {"patch": window}}
    kept: dict[str, Any] = {**FIXED, **more}
    kept = {key: value for key, value in kept.items() if value is not None}
    return scene("abc", need, of=slow, doing=doing, check=check or TENTH, **kept)


def drains(built: Model, until: float = 8 * DAY) -> list[tuple[str, float]]:
    """Return who began to drain, and when."""
    names = [f"pacs/pool-{x}.patch-drain" for x in "abc"]
    return [(name[len("pacs/pool-")], at) for name, at in traced(built, until, *names)]


@pytest.mark.parametrize("need", [2, 3])
def test_three_nodes_are_worked_on_in_turn(need: int) -> None:
    """Drains at 146, 147.2194 and 148.4389; the last one in at 149.6583; short only if all three are needed."""
    # Sees: drain before capacity; work that does not wait for drained; a drain that is unplanned.
    built = patched(need)
    third = SUNDAY + 2 * TURN
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "b", "c"]
    assert [at for _, at in begun] == [
        SUNDAY, nearly(SUNDAY + TURN), nearly(third),
    ]  # fmt: skip
    assert [at / HOUR for _, at in begun] == pytest.approx([146.0, 147.2194, 148.4389], abs=1e-4)
    work = traced(built, 8 * DAY, *(f"{x}/patch.patch-begin" for x in "abc"))
    assert [at for _, at in work] == [at + 600.0 for _, at in begun]
    run = both(built, 8 * DAY)
    assert not gaps_of(run)
    degraded = run.episodes_of("role:use.degraded")
    planned = float(run.column("role:use.degraded", "planned")[0])
    assert float(run.column("role:use.degraded")[0]) == planned
    if need == 2:
        assert not len(degraded)
    else:
        ((begin, end),) = [(float(row["start"]), float(row["end"])) for row in degraded]
        assert begin == SUNDAY
        assert end == nearly(SUNDAY + 3 * TURN)
        assert end / HOUR == pytest.approx(149.6583, abs=1e-4)
        assert planned == end - begin


def test_a_window_of_one_member_drains_it_too() -> None:
    """Nobody's turn comes before, and still its work waits until it is drained."""
    # Sees: a window of one that takes its member at once.
    built = patched(2, window={"of": ("b",)})
    assert drains(built) == [("b", SUNDAY)]
    ((_, begun),) = traced(built, 8 * DAY, "b/patch.patch-begin")
    assert begun == SUNDAY + 600.0
    assert not gaps_of(both(built, 8 * DAY))


def test_a_drain_that_waited_for_a_repair_is_planned_all_the_same() -> None:
    """b is back an hour after the window has opened: short by a fault before, by plan from then on."""
    # Sees: a drain that has the root of what it waited for.
    short = {"fails": Det(SUNDAY - HOUR), "ttr": Det(2 * HOUR), "reboot": Det(400.0)}
    run = both(patched(3, of={"b": short}), 7 * DAY)
    back = SUNDAY + HOUR + 400.0 + 180.0 + 10.0
    unplanned = float(run.column("role:use.degraded", "unplanned")[0])
    assert unplanned == nearly(back - (SUNDAY - HOUR))
    assert float(run.column("role:use.degraded", "planned")[0]) == nearly(3 * TURN)
    assert float(run.column("role:use.degraded", "mixed")[0]) == 0.0


def test_nobody_drains_while_one_is_bad() -> None:
    """b is dead from 100 h on: a and c are both needed. With need 1 they are worked on, b is not."""
    # Sees: a member that drains though its capacity is needed; a broken one that holds up others.
    dead = {"b": {"fails": Det(100 * HOUR), "ttr": Det(1e7)}}
    assert drains(patched(2, of=dead)) == []
    begun = drains(patched(1, of=dead))
    assert [x for x, _ in begun] == ["a", "c"]
    assert [at for _, at in begun] == [SUNDAY, nearly(SUNDAY + TURN)]


def test_a_member_that_drains_is_back_as_another_fails() -> None:
    """b fails at 146 h + 100 s while a drains: a is in at once, and nobody is worked on before b is back."""
    # Sees: a drain that goes on without capacity.
    at = SUNDAY + 100.0
    short = {"fails": Det(at), "ttr": Det(HOUR), "reboot": Det(400.0)}
    built = patched(2, of={"b": short})
    assert traced(built, 8 * DAY, "pacs/pool-a.called-off") == [("pacs/pool-a.called-off", at)]
    # Repaired, booted, started, and ten seconds of rise.
    back = at + HOUR + 400.0 + 180.0 + 10.0
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "a", "b", "c"]
    assert begun[1][1] == nearly(back)
    assert len(traced(built, 8 * DAY, "a/patch.patch-begin")) == 1


def test_a_member_that_goes_bad_while_it_drains_loses_nothing() -> None:
    """The list sends it nothing: out at once, and no request is lost."""
    # Sees: a member that is listed again because it fails.
    at = SUNDAY + 100.0
    built = patched(2, of={"a": {"software": {"crash": Det(at)}}})
    assert traced(built, at + HOUR, "pacs/pool-a.miss-draining") == [
        ("pacs/pool-a.miss-draining", at)
    ]
    assert not gaps_of(both(built, SUNDAY + HOUR))
    # Its turn comes again when it is back: called, restarted by hand, started, risen.
    back = at + 900.0 + 600.0 + 180.0 + 10.0
    again = [when for x, when in drains(built) if x == "a"]
    assert again == [SUNDAY, nearly(back)]
    assert len(traced(built, 8 * DAY, "a/patch.patch-begin")) == 1


def test_a_drain_is_called_off_with_the_round() -> None:
    """The change of a shows while b drains: b is not due any more, and in again at once."""
    # Sees: a drained member that waits for work that nobody will do.
    changed = {"software": {"change_fails": 1.0, "change_fix": Det(5 * HOUR)}}
    latent = {"shared": 0.0, "seen_at_once": 0.0, "found": Det(490.0)}
    built = patched(1, of=dict.fromkeys("abc", changed), window=latent)
    # In use from the start of its application on: 190 s after the work, and b has drained since ten of them.
    begun = drains(built)
    assert [x for x, _ in begun] == ["a", "b"]
    ((_, off),) = traced(built, 8 * DAY, "pacs/pool-b.called-off")
    ((_, shows),) = traced(built, 8 * DAY, "patch/change.own-shows")
    assert begun[1][1] < off < begun[1][1] + 600.0
    assert off == shows
    assert not traced(built, 8 * DAY, "b/patch.patch-begin", "c/patch.patch-begin")


def test_without_a_drain_the_check_finds_out() -> None:
    """Work stops an application that the list still names: ten seconds of lost requests a member, planned."""
    # Sees: work that the check does not see; a gap of planned work taken for a fault.
    built = patched(2, drain=None)
    run = both(built, 8 * DAY)
    turn = HOUR + 180.0 + 10.0
    found = gaps_of(run)
    assert [start for start, *_ in found] == [
        SUNDAY, nearly(SUNDAY + turn), nearly(SUNDAY + 2 * turn),
    ]  # fmt: skip
    assert [end - start for start, end, *_ in found] == nearly([10.0] * 3)
    assert {(kind, how) for *_, kind, how in found} == {("planned", "automatic")}
    degraded = run.episodes_of("role:use.degraded")
    assert len(degraded) == 3
    assert float(run.column("role:use.degraded", "unplanned")[0]) == 0.0


def test_a_fault_while_another_is_worked_on_is_no_planned_gap() -> None:
    """b crashes while a is away for its work: its requests are lost by a fault."""
    # Sees: a gap that is planned because somebody is away.
    at = SUNDAY + 1000.0
    run = both(patched(1, of={"b": {"software": {"crash": Det(at)}}}), SUNDAY + 1100.0)
    ((start, end, kind, how),) = gaps_of(run)
    assert (start, end) == (at, nearly(at + 10.0))
    assert (kind, how) == ("process", "automatic")


# -- what the check sees -----------------------------------------------------------------------------

CRASHED = DEAD
HUNG = {"software": {"crash": Det(5000.0), "hang_share": 1.0}}
BROKEN = {"fails": Det(5000.0)}
CALLED, RECOGNISED = 900.0 + 630.0, 7200.0
"""Until a dead application serves again; until a hung one is stopped."""


@pytest.mark.parametrize("redispatch", [False, True])
@pytest.mark.parametrize("sees", ["host", "tcp", "http", "c_echo", "c_store"])
def test_a_member_that_hangs(sees: str, redispatch: bool) -> None:
    """Scenario 3: until people, or 4 to 6 s and three time-outs; sent again or not, it has been taken."""
    # Sees: redispatch of hung nodes; a hung node that tcp sees.
    run = both(scene("ab", 1, check={"sees": sees}, of={"a": HUNG}, redispatch=redispatch), 14e3)
    if sees == "host":
        # Stopped and started by hand, as on a single server; what refuses is sent again.
        taken = RECOGNISED if redispatch else RECOGNISED + 630.0
        only(run, 5000.0, taken, taken, "hung", "in_place")
    elif sees == "tcp":
        if redispatch:
            only(run, 5000.0, RECOGNISED, RECOGNISED, "hung", "in_place")
        else:
            only(run, 5000.0, RECOGNISED + 4.0, RECOGNISED + 6.0, "hung", "automatic")
    else:
        only(run, 5000.0, 34.0, 36.0, "hung", "automatic")


@pytest.mark.parametrize("sees", ["host", "tcp", "http"])
def test_a_member_that_refuses(sees: str) -> None:
    """A dead process refuses at once, so no check times out; sent again, nothing is lost."""
    # Sees: a time-out for every fault; a dead process that a host check sees.
    made_up: dict[str, Any] = {"check": {"sees": sees}, "of": {"a": CRASHED}}
    run = both(scene("ab", 1, **made_up), 11e3)
    if sees == "host":
        only(run, 5000.0, CALLED, CALLED, "process", "in_place")
    else:
        only(run, 5000.0, 4.0, 6.0, "process", "automatic")
    assert not gaps_of(both(scene("ab", 1, redispatch=True, **made_up), 11e3))


def test_a_member_that_is_restarted_in_place_is_missed_all_the_same() -> None:
    """Its watchdog takes 20 s and the start 30: left out after 4 to 6 s, back 2 to 4 s after it is up."""
    # Sees: a check that waits for the watchdog; rise left out.
    software = {**DEAD["software"], "watchdog": Det(20.0)}
    built = scene("ab", 1, of={"a": {"software": software}})
    only(both(built, 9000.0), 5000.0, 4.0, 6.0, "process", "automatic")
    ((_, back),) = traced(built, 9000.0, "pacs/pool-a.back")
    assert 5052.0 <= back <= 5054.0


def test_a_member_that_heals_before_it_is_left_out() -> None:
    """Back within 3 s: the list never changes."""
    # Sees: a member that stays missing.
    software = {**DEAD["software"], "watchdog": Det(1.0), "start": Det(2.0)}
    built = scene("ab", 1, of={"a": {"software": software}})
    only(both(built, 9000.0), 5000.0, 3.0, 3.0, "process", "in_place")
    assert not traced(built, 9000.0, "pacs/pool-a.left-out")


def test_hosts_power_and_paths() -> None:
    """What is silent costs three time-outs more; each is called by what fell."""
    # Sees: a path that the check does not see; power taken for a host.
    only(both(scene("ab", 1, of={"a": BROKEN}), 9e3), 5000.0, 34.0, 36.0, "host", "automatic")
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    pdu = part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))
    built = scene("ab", 1, mains, pdu, of={"a": {"power": ("pdu",)}})
    only(both(built, 5490.0), 5000.0, 34.0, 36.0, "power", "automatic")
    far = part("clients", "far", network=("one", "two"))
    one = part("switch", "one", fails=Det(5000.0), ttr=Det(HOUR))
    two = part("switch", "two", fails=Det(NEVER), ttr=Det(HOUR))
    cabled = {"a": {"network": ("one",)}, "b": {"network": ("two",)}}
    built = scene("ab", 1, far, one, two, of=cabled, used_from=("far",))
    only(both(built, 8e3), 5000.0, 34.0, 36.0, "path", "automatic")
    built = scene("ab", 1, far, one, two, of=cabled, used_from=("far",), redispatch=True)
    assert not gaps_of(both(built, 8e3))


def test_a_place_needs_a_path_to_a_member_that_is_listed() -> None:
    """From far only a is in reach, and it is up again: it serves nobody before the check has taken it back."""
    # Sees: a path to a member that the list leaves out.
    places = [part("clients", x, network=(y,)) for x, y in (("far", "one"), ("near", "two"))]
    switches = [part("switch", x, fails=Det(NEVER), ttr=Det(HOUR)) for x in ("one", "two")]
    members = [server("a", network=("one",), **CRASHED), server("b", network=("two",))]
    roles = tuple(role(f"from {x}", "pacs", used_from=(x,)) for x in ("far", "near"))
    group = pool("ab", 1, check=dict(QUIET))
    built, _ = servers_of(group, [*places, *switches, *members], roles=roles)
    run = both(built, 9000.0)
    assert not len(run.episodes_of("role:from near"))
    ((start, end),) = spans(run, "role:from far")
    assert start == 5000.0
    assert CALLED + 2.0 <= end - start <= CALLED + 4.0


def test_storage_out_of_reach_is_lost_with_redispatch_too() -> None:
    """The application takes what it cannot store: until the switch is mended, or c_store sees it."""
    # Sees: redispatch of what a member has taken.
    san = part("switch", "san", fails=Det(5000.0), ttr=Det(HOUR))
    spare = part("switch", "san-b", fails=Det(NEVER), ttr=Det(HOUR))
    array = part("component", "array", fails=Det(NEVER), ttr=Det(1.0), network=("san", "san-b"))
    cabled = {
        x: {"storage": ("array",), "network": (by,)} for x, by in (("a", "san"), ("b", "san-b"))
    }
    for sees, low, high, how in (
        ("http", HOUR, HOUR, "in_place"), ("c_store", 4.0, 6.0, "automatic"),
    ):  # fmt: skip
        built = scene("ab", 1, san, spare, array, of=cabled, redispatch=True, check={"sees": sees})
        only(both(built, 9e3), 5000.0, low, high, "path", how)


def test_a_deep_check_leaves_out_all_for_their_database() -> None:
    """A database recovers in 200 s: a c_store check makes that 202 to 204 s of nobody."""
    # Sees: a deep check that sees no database; members that are back before rise.
    host = server("d")
    data = part("database", "db", runs_on="d", crash=Det(5000.0), recovery=Det(200.0))
    for sees, missing in (("http", 0.0), ("c_store", 3.0)):
        built = scene("ab", 1, host, data, needs=("pacs", "db"), check={"sees": sees})
        run = both(built, 5900.0)
        if missing:
            ((start, end, _, how),) = gaps_of(run)
            assert 5004.0 <= start <= 5006.0
            assert 5202.0 <= end <= 5204.0
            assert how == "repair"
        else:
            assert not gaps_of(run)


def behind_a_pair(odd: Part, *, more: Any = None) -> Model:
    """Return a pool of two behind two balancers, each with a switch of its own to the members."""
    far = part("clients", "far", network=("outer",))
    outer = part("switch", "outer", fails=Det(NEVER), ttr=Det(HOUR))
    inner = {x: part("switch", x, fails=Det(NEVER), ttr=Det(HOUR)) for x in ("inner-1", "inner-2")}
    lbs = {
        f"lb-{k}": part(
            "load_balancer", f"lb-{k}", fails=Det(NEVER), ttr=Det(HOUR),
            network=("outer", f"inner-{k}"),
        )
        for k in (1, 2)
    }  # fmt: skip
    parts = {"outer": outer, **inner, **lbs, odd.name: odd}
    cabled = {x: {"network": ("inner-1", "inner-2"), **((more or {}).get(x, {}))} for x in "ab"}
    group = pool("ab", 1, check=dict(QUIET), behind=("address",))
    pair = part("vrrp", "address", members=("lb-1", "lb-2"), takeover=Det(3.0), failover_fails=0.0)
    members = [server(x, **cabled[x]) for x in "ab"]
    found = servers_of(
        group, [far, *parts.values(), *members], roles=(role("use", "pacs", used_from=("far",)),),
        beside=(pair,), down=("pacs.ok",),
    )  # fmt: skip
    return found[0]


def spans(run: Batch, name: str) -> list[tuple[float, float]]:
    """Return start and end of the episodes of an observation."""
    return [(float(row["start"]), float(row["end"])) for row in run.episodes_of(name)]


def test_behind_a_pair_of_balancers() -> None:
    """The holder dies: down for the takeover, and the list stays. Its switch to the members: all are cut off."""
    # Sees: a list that is emptied while nobody looks; a way from the place over one balancer and
    # from another to the member.
    odd = part(
        "load_balancer", "lb-1", fails=Det(5000.0), ttr=Det(HOUR), network=("outer", "inner-1")
    )
    built = behind_a_pair(odd)
    run = both(built, 8000.0)
    assert spans(run, "role:use") == [(5000.0, 5003.0)]
    assert spans(run, "failover:pacs") == [(5000.0, 5003.0)]
    assert not traced(built, 8000.0, "pacs/pool-a.miss", "pacs/pool-b.miss")
    run = both(behind_a_pair(part("switch", "inner-1", fails=Det(5000.0), ttr=Det(HOUR))), 9e3)
    ((start, end),) = spans(run, "role:use")
    assert start == 5000.0
    # Out after 34 to 36 s; mended after an hour, and taken back by the check.
    assert 5000.0 + HOUR + 2.0 <= end <= 5000.0 + HOUR + 4.0
    # Where the places are cut from the holder, the pool is ok and nobody reaches it.
    run = both(behind_a_pair(part("switch", "outer", fails=Det(5000.0), ttr=Det(HOUR))), 9e3)
    assert spans(run, "role:use") == [(5000.0, 5000.0 + HOUR)]
    assert not spans(run, "failover:pacs")


def broken(run: Batch, handles: list[Handle]) -> float:
    """Return how many times all sessions have broken, in shares."""
    (watch,) = [one for one in handles if isinstance(one, SessionsWatch)]
    return sum(float(run.column(name)[0]) * share for name, share in watch.breaks)


def test_sessions_break_with_members_and_addresses() -> None:
    """A third with a crash, a half more with the next one, all with the holder; none with a drain."""
    # Sees: sessions of a drained member that break; an address that moves twice for one loss; a
    # share of all members and not of those listed.
    late = {"software": {"crash": Det(5100.0)}}
    for odd, share in (({"a": CRASHED}, 1 / 3), ({"a": CRASHED, "b": late}, 1 / 3 + 1 / 2)):
        group = pool("abc", 1, check=dict(QUIET), sessions="per_node")
        parts = [server(x, **odd.get(x, {})) for x in "abc"]
        built, handles = servers_of(group, parts)
        assert broken(both(built, 6000.0), handles) == close(share, rel=1e-12)
    window = {**WINDOW, "of": ("a", "b", "c")}
    for more, share in ((FIXED, 0.0), ({}, 1.0)):
        group = pool("abc", 2, check=dict(QUIET), sessions="per_node", **more)
        doing = {"maintenance": {"patch": window}}
        built, handles = servers_of(group, [server(x) for x in "abc"], doing=doing)
        # One after the other, each with a third of them.
        assert broken(both(built, 8 * DAY), handles) == close(share, rel=1e-12)
    holder = part("load_balancer", "lb-1", fails=Det(5000.0), ttr=Det(HOUR))
    other = part("load_balancer", "lb-2", fails=Det(NEVER), ttr=Det(HOUR))
    for preempt, share in ((False, 1.0), (True, 2.0)):
        pair = part(
            "vrrp", "address", members=("lb-1", "lb-2"), takeover=Det(3.0), failover_fails=0.0,
            preempt=preempt,
        )  # fmt: skip
        group = pool("ab", 1, check=dict(QUIET), sessions="per_node", behind=("address",))
        parts = [holder, other, *(server(x) for x in "ab")]
        built, handles = servers_of(group, parts, beside=(pair,))
        assert broken(both(built, 9000.0), handles) == close(share, rel=1e-12)
    shared = pool("ab", 1, check=dict(QUIET), sessions="shared")
    _, handles = servers_of(shared, [server(x) for x in "ab"])
    (watch,) = [one for one in handles if isinstance(one, SessionsWatch)]
    assert (watch.breaks, watch.never) == ((), "sessions of pacs are kept by all its members")


def test_nobody_is_left() -> None:
    """Both crash: nothing serves until the first one is back, and a gap of an outage it is."""
    # Sees: a pool that is up with nobody on its list.
    later = {"software": {"crash": Det(5001.0)}}
    built = scene("ab", 1, of={"a": CRASHED, "b": later})
    run = both(built, 9000.0)
    ((start, end, kind, how),) = gaps_of(run)
    assert start == 5000.0
    assert 5000.0 + CALLED + 2.0 <= end <= 5000.0 + CALLED + 4.0
    assert (kind, how) == ("process", "repair")
    (down,) = run.episodes_of("no pacs.ok")
    assert float(down["start"]) == 5001.0
    (phases,) = run.episodes_of("failover:pacs")["phases"]
    # Bad members are listed for 4 to 7 s, then nobody is.
    assert 4.0 <= phases[0] <= 7.0
    assert sum(phases) == close(end - start, rel=1e-12)


def test_least_and_need() -> None:
    """One of three fails for good: degraded with need 3, and down only if all three must serve."""
    # Sees: need for least.
    for need, least, degraded, down in ((2, 1, 0, 0), (3, 1, 1, 0), (3, 3, 0, 1)):
        built = scene("abc", need, of={"a": BROKEN}, least=least, redispatch=True)
        run = both(built, 8000.0)
        assert len(run.episodes_of("role:use.degraded")) == degraded
        assert len(run.episodes_of("role:use")) == down


def test_a_lively_pool_runs_the_same_on_both() -> None:
    """Everything at once for a year of a member's faults every few days, with work every month."""
    software = {
        "crash": Exp(60 * HOUR), "hang_share": 0.3, "watchdog": Exp(2.0), "watchdog_cures": 0.7,
        "start": Exp(5.0), "change_fails": 0.3, "change_fix": Exp(3 * HOUR),
    }  # fmt: skip
    lively = {
        "fails": Exp(200 * HOUR),
        "ttr": Exp(9 * HOUR),
        "os_crash": Exp(150 * HOUR),
        "software": software,
    }
    window = {
        **WINDOW,
        "of": ("a", "b", "c"),
        "lasts": Exp(HOUR),
        "shared": 0.3,
        "seen_at_once": 0.5,
    }
    built = scene(
        "abc", 2, of=dict.fromkeys("abc", lively), doing={"maintenance": {"patch": window}}, **FIXED
    )
    for first in range(3):
        found = dict.fromkeys((name for name, _ in traced(built, 365 * DAY, first=first)), 0)
        assert {
            f"pacs/pool-a.{x}" for x in ("miss", "healed", "left-out", "back", "drained")
        } <= set(found)
