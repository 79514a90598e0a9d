"""What clients of a pool meet, to the instant: its list, who holds its address, both legs.

All times are by hand from `docs/parts/`: a check each 2 s leaves out in its third time, 4 to 6 s
after a fault, 10 s later for each time-out; it takes back in its second good one, 2 to 4 s after.
"""

from __future__ import annotations

from typing import Any

from pacsim.delays import Deterministic as Det
from pacsim.parts.active_active import DIAL
from pacsim.traffic.client_conditions import HUNG, REFUSES, SILENT, UP
from tests.oracle.parts.making import made, part
from tests.oracle.parts.pairing import BACK, BROKEN, DAY, DEAD, HOUR, NEVER, server
from tests.oracle.parts.pairing import HUNG as HANGS
from tests.oracle.parts.pooling import FIXED, QUIET, WINDOW, pool
from tests.oracle.traffic.handing import Met, at, met, quiet

SUNDAY = (6 * 24 + 2) * HOUR
"""02:00 of the first Sunday of January 2024, from Monday 1 January."""
H1, H2 = 0, 1


def served(
    *others: Any, of: dict[str, Any] | None = None, until: float = 9900.0,
    beside: tuple[Any, ...] = (), check: dict[str, Any] | None = None, **more: Any,
) -> Met:  # fmt: skip
    """Return what clients of a pool of two meet."""
    own = {x: more.pop(x) for x in ("needs", "sites", "targets", "doing") if x in more}
    group = pool("ab", 1, check={**QUIET, **(check or {})}, **more)
    members = [server(x, **(of or {}).get(x, {})) for x in "ab"]
    return met(*members, *others, groups=(*beside, group), until=until, **own)


def legs(*, front: float = NEVER, back: float = NEVER, until: float = 9900.0) -> Met:
    """Return what clients meet over two balancers; h1 has lines of its own to both sides."""
    parts = [
        at("radiology", "outside"), quiet("switch", "outside"), quiet("switch", "inside"),
        part("link", "front", between=("h1", "outside"), fails=Det(front), ttr=Det(HOUR)),
        part("link", "back", between=("h1", "inside"), fails=Det(back), ttr=Det(HOUR)),
        quiet("load_balancer", "h1"),
        quiet("load_balancer", "h2", network=("outside", "inside")),
    ]  # fmt: skip
    of = {x: {"network": ("inside",)} for x in "ab"}
    return served(
        *parts, of=of, beside=(address(),), behind=("address",), sites=("radiology",), until=until
    )


def address(**more: Any) -> Any:
    """Return the address of two balancers; a takeover takes 3 s."""
    plain = {"members": ("h1", "h2"), "takeover": Det(3.0), "failover_fails": 0.0}
    return part("vrrp", "address", **{**plain, **more})


def balanced(*, fails: dict[str, Any] | None = None, until: float = 9900.0, **more: Any) -> Met:
    """Return what clients meet over two balancers that are cabled to nothing; h1 fails at 5000."""
    one = quiet("load_balancer", "h1", **(fails or {"fails": Det(5000.0)}))
    beside = (address(**more),)
    return served(
        one, quiet("load_balancer", "h2"), beside=beside, behind=("address",), until=until
    )


# -- members ---------------------------------------------------------------------------------------


def test_a_member_is_listed_missed_or_not_until_it_is_left_out() -> None:
    """Dead at 5000, out 4 to 6 s later, up at 6530, back on the list in 2 to 4 s."""
    # Sees: a member that is missed and no more listed; one listed again as it is up.
    one = served(of={"a": DEAD})
    (out,), (back,) = one.fired("pacs/pool-a.left-out"), one.fired("pacs/pool-a.back")
    assert 5004.0 <= out <= 5006.0
    assert 6532.0 <= back <= 6534.0
    assert one.of("member.a") == [(5000.0, REFUSES), (6530.0, UP)]
    assert one.of("listed.a") == [(out, 0), (back, 1)]
    assert one.changed() == {"member.a", "listed.a"}
    assert one.unusual() == [(5000.0, back, "process")]


def test_a_member_that_is_not_dialled_first_is_listed_all_the_same() -> None:
    """With `first` all requests go to a: b is on the list, and that it is dead is not as usual."""
    # Sees: the turn of a member for its place on the list.
    one = served(of={"b": DEAD}, dial=made(DIAL, "dial", {"mode": "first"}))
    (out,), (back,) = one.fired("pacs/pool-b.left-out"), one.fired("pacs/pool-b.back")
    assert one.of("listed.b") == [(out, 0), (back, 1)]
    assert one.of("listed.a") == []
    assert one.unusual() == [(5000.0, back, "process")]


def test_a_silent_member_costs_three_time_outs_more() -> None:
    """Hung or broken at 5000: out after 34 to 36 s."""
    hung, broken = served(of={"a": HANGS}, until=14e3), served(of={"a": BROKEN})
    for one in (hung, broken):
        (out,), (back,) = one.fired("pacs/pool-a.left-out"), one.fired("pacs/pool-a.back")
        assert 5034.0 <= out <= 5036.0
        assert one.of("listed.a") == [(out, 0), (back, 1)]
    assert hung.of("member.a") == [(5000.0, HUNG), (12200.0, REFUSES), (12830.0, UP)]
    assert broken.of("member.a") == [(5000.0, SILENT), (BACK - 30.0, REFUSES), (BACK, UP)]
    assert [kind for *_, kind in hung.unusual()] == ["hung"]
    assert [kind for *_, kind in broken.unusual()] == ["host"]


def test_a_drain_takes_a_member_from_the_list_before_its_work() -> None:
    """Ten minutes on no list and up, an hour's work, a start, and back in 2 to 4 s; b in turn."""
    # Sees: a member listed while it is drained; a drain that is a fault.
    work = {"maintenance": {"patch": {**WINDOW, "of": ("a", "b")}}}
    one = served(doing=work, until=7 * DAY, **FIXED)
    (a_back,), (b_back,) = one.fired("pacs/pool-a.back"), one.fired("pacs/pool-b.back")
    begun = SUNDAY + 600.0
    assert one.of("member.a") == [(begun, REFUSES), (begun + HOUR + 30.0, UP)]
    assert 2.0 <= a_back - (begun + HOUR + 30.0) <= 4.0
    assert one.of("listed.a") == [(SUNDAY, 0), (a_back, 1)]
    assert one.of("listed.b") == [(a_back, 0), (b_back, 1)]
    assert one.unusual() == [(SUNDAY, b_back, "planned")]


def test_a_divergence_is_called_by_what_it_began_with() -> None:
    """b dies while a is worked on: it began by plan. It dies before, and a's drain waits: a process."""
    work = {"maintenance": {"patch": {**WINDOW, "of": ("a",)}}}
    for dies, kind, start in ((1000.0, "planned", 0.0), (-1000.0, "process", -1000.0)):
        dead = {"software": {"crash": Det(SUNDAY + dies)}}
        one = served(of={"b": dead}, doing=work, until=8 * DAY, **FIXED)
        assert one.unusual()[0][0] == SUNDAY + start
        assert one.unusual()[0][2] == kind


def test_members_out_of_reach_of_a_place() -> None:
    """Radiology has its path to a over switch one alone: cut for a, while b goes on."""
    ways = [part("clients", "radiology", network=("one", "two"))]
    ways += [quiet("switch", "one", fails=Det(5000.0)), quiet("switch", "two")]
    of = {"a": {"network": ("one",)}, "b": {"network": ("two",)}}
    one = served(*ways, of=of, sites=("radiology",))
    assert one.of("path.radiology.a") == [(5000.0, 0), (8600.0, 1)]
    assert one.of("path.radiology.b") == []
    (out,), (back,) = one.fired("pacs/pool-a.left-out"), one.fired("pacs/pool-a.back")
    assert 5034.0 <= out <= 5036.0
    assert one.of("listed.a") == [(out, 0), (back, 1)]
    assert one.unusual() == [(5000.0, back, "path")]


# -- balancers -------------------------------------------------------------------------------------


def test_the_address_moves_to_another_balancer() -> None:
    """h1 dies at 5000 and holds it until h2 takes it, 3 s later; it stays there."""
    # Sees: nobody's where the old holder is silent; a return that nobody asked for.
    one = balanced()
    assert one.of("holder.h1") == [(5000.0, SILENT), (8600.0, UP)]
    assert one.of("holder") == [(5003.0, H2)]
    assert one.changed() == {"holder", "holder.h1"}
    assert one.unusual() == [(5000.0, 5003.0, "host")]
    back = balanced(preempt=True)
    assert back.of("holder") == [(5003.0, H2), (8600.0, H1)]
    # Taken back at no time, the address resets the sessions of the other.
    assert back.unusual() == [(5000.0, 5003.0, "host"), (8600.0, 8600.0, "other")]


def test_a_takeover_that_fails_waits_for_people() -> None:
    """Failed at 5003; called after 900 s, done in 1800."""
    one = balanced(failover_fails=1.0)
    assert one.of("holder") == [(7703.0, H2)]
    assert one.unusual() == [(5000.0, 7703.0, "host")]


def test_what_took_the_holder() -> None:
    """A short software fault is a process; without power it is power; of the other it is nothing."""
    # Sees: the fault of who does not hold it.
    soft = {"fails": Det(5000.0), "soft_share": 1.0, "soft_repair": Det(100.0)}
    assert balanced(fails=soft).unusual() == [(5000.0, 5003.0, "process")]
    mains = part("utility", "mains", outages=Det(5000.0), duration=Det(500.0))
    parts = [mains, part("pdu", "pdu", fails=Det(NEVER), ttr=Det(1.0), power=("mains",))]
    parts += [quiet("load_balancer", "h1", power=("pdu",)), quiet("load_balancer", "h2")]
    dark = served(*parts, beside=(address(),), behind=("address",))
    assert dark.of("holder.h1") == [(5000.0, SILENT), (5500.0, UP)]
    assert dark.unusual() == [(5000.0, 5003.0, "power")]
    other = [quiet("load_balancer", "h1"), quiet("load_balancer", "h2", fails=Det(5000.0))]
    one = served(*other, beside=(address(),), behind=("address",))
    assert one.changed() == {"holder.h2"}
    assert one.unusual() == []


def test_a_balancer_that_stands_alone() -> None:
    """It holds its address, and is silent for an hour."""
    one = served(quiet("load_balancer", "lb", fails=Det(5000.0)), behind=("lb",))
    assert one.of("holder") == []
    assert one.of("holder.lb") == [(5000.0, SILENT), (8600.0, UP)]
    assert one.unusual() == [(5000.0, 8600.0, "host")]


def test_the_front_leg_is_the_clients() -> None:
    """No client reaches h1, which reaches all members: the list stays, and so does the holder."""
    # Sees: legs that are one path; a front that the check sees.
    one = legs(front=5000.0)
    assert one.of("front.radiology.h1") == [(5000.0, 0), (8600.0, 1)]
    assert one.changed() == {"front.radiology.h1"}
    assert one.unusual() == [(5000.0, 8600.0, "path")]


def test_the_back_leg_is_the_balancers() -> None:
    """h1 reaches no member: both are left out after 34 to 36 s, and are taken back after it heals."""
    # Sees: a leg that opens no divergence; one of the members that are out counted on.
    one = legs(back=5000.0)
    listed = {}
    for x in "ab":
        assert one.of(f"back.h1.{x}") == [(5000.0, 0), (8600.0, 1)]
        assert one.of(f"back.h2.{x}") == []
        (out,), (back,) = one.fired(f"pacs/pool-{x}.left-out"), one.fired(f"pacs/pool-{x}.back")
        assert 5034.0 <= out <= 5036.0
        assert 8602.0 <= back <= 8604.0
        listed[x] = back
        assert one.of(f"listed.{x}") == [(out, 0), (back, 1)]
    assert one.of("front.radiology.h1") == []
    assert one.unusual() == [(5000.0, max(listed.values()), "path")]


def test_legs_of_who_does_not_hold_it_are_no_matter() -> None:
    """Lines of h2 break; nobody is served otherwise."""
    parts = [
        at("radiology", "outside"), quiet("switch", "outside"), quiet("switch", "inside"),
        part("link", "back", between=("h2", "inside"), fails=Det(5000.0), ttr=Det(HOUR)),
        quiet("load_balancer", "h1", network=("outside", "inside")),
        quiet("load_balancer", "h2", network=("outside",)),
    ]  # fmt: skip
    of = {x: {"network": ("inside",)} for x in "ab"}
    one = served(*parts, of=of, beside=(address(),), behind=("address",), sites=("radiology",))
    assert one.of("back.h2.a") == one.of("back.h2.b") == [(5000.0, 0), (8600.0, 1)]
    assert one.changed() == {"back.h2.a", "back.h2.b"}
    assert one.unusual() == []


def test_of_two_addresses_clients_know_the_first() -> None:
    """Two balancers, each with an address: the first one's silence is felt, the other's is not."""
    pair = [quiet("load_balancer", "h1", fails=Det(5000.0)), quiet("load_balancer", "h2")]
    assert served(*pair, behind=("h1", "h2")).unusual() == [(5000.0, 8600.0, "host")]
    one = served(*pair, behind=("h2", "h1"))
    assert one.handed.conditions.holders == ("h2",)
    assert one.unusual() == []
