"""Pools as scenarios, to the second, on both simulators: checks, gaps, balancers, who comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.parts.watch_handles import SessionsWatch
from tests.close import close
from tests.oracle.parts.making import part, role
from tests.oracle.parts.pairing import DAY, DEAD, HOUR, NEVER, server
from tests.oracle.parts.pairing import happened as traced
from tests.oracle.parts.pooling import (
    FIXED,
    QUIET,
    WINDOW,
    both,
    gaps_of,
    only,
    pool,
    scene,
    servers_of,
)

if TYPE_CHECKING:
    from pacsim.core import Batch, Model
    from pacsim.parts.values import Part
    from pacsim.parts.watch_handles import Handle


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


@pytest.mark.slow
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
    found = {name for name, _ in traced(built, 365 * DAY)}
    assert {f"pacs/pool-a.{x}" for x in ("miss", "healed", "left-out", "back", "drained")} <= found
