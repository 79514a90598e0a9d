"""Groups that share an address: chains, closed forms, and scenes to the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.delays import Uniform
from pacsim.engines import kernel, reference
from pacsim.engines.exact import solve
from pacsim.parts import vrrp
from pacsim.parts.failover import HOW
from tests.close import close
from tests.oracle.parts.chains import Chain
from tests.oracle.parts.making import missing, model, part, practices, role
from tests.oracle.parts.pairing import HOUR, NEVER
from tests.oracle.parts.pairing import happened as steps  # no comparison of means

if TYPE_CHECKING:
    from pacsim.core import Model
    from pacsim.parts.values import Part

ROW = 1e-6
"""Relative tolerance of the rows of published figures."""
EXACT = 1e-9


def balancer(number: int, **more: Any) -> Part:
    """Return a load balancer on which nothing happens by itself."""
    plain = {"fails": Det(NEVER), "ttr": Det(HOUR)}
    if "repair" in more:
        del plain["ttr"]
    return part("load_balancer", f"lb-{number}", **{**plain, **more})


def address(members: int = 2, **more: Any) -> Part:
    """Return a group whose takeover takes 3 s and works, unless given otherwise."""
    names = tuple(f"lb-{k + 1}" for k in range(members))
    plain = {"members": names, "takeover": Det(3.0), "failover_fails": 0.0}
    return part("vrrp", "address", **{**plain, **more})


PEOPLE = {"call": Det(900.0), "manual_failover": Det(1800.0), "hidden_unmonitored": Det(9000.0)}


def sharing(*others: Part, doing: Any = None, group: Part | None = None) -> Model:
    """Return the model of some balancers and what else there is, under one address."""
    group = group or address(sum(p.type == "load_balancer" for p in others))
    down = ("address.ok", *(f"address.holder.{x}" for x in group.names("members")))
    times = {**PEOPLE, **(doing or {})}
    return model(*others, groups=(group,), down=down, doing=practices(times=times))


def gaps(built: Model, gate: str, until: float, first: int = 0) -> list[tuple[float, float]]:
    """Return the intervals without a gate in one replication, alike on both simulators."""
    rows = episodes(built, f"no {gate}", until, first)
    return [(float(row["start"]), float(row["end"])) for row in rows]


def episodes(built: Model, observed: str, until: float, first: int = 0) -> Any:
    """Return the episodes of one observation, alike on both simulators to the bit."""
    one = reference.simulate(built, horizon=until, first=first).episodes
    other = kernel.simulate(built, horizon=until, first=first).episodes
    assert one.tobytes() == other.tobytes()
    return one[one["observation"] == [o.name for o in built.observations].index(observed)]


# -- rows of figures ----------------------------------------------------------------------------


def nine_states(life: float, repair: float, takeover: float, success: float) -> float:
    """Return the share of time without holder of a pair: each state is holder, other, phase.

    Call .5 and people 1. People who find nobody up leave the phase on; a takeover does the same.
    """
    out, back, call, people = 1 / life, 1 / repair, 1 / 0.5, 1 / 1.0
    rates: list[tuple[object, object, float]] = [
        ("UU on", "DU taking", out),
        ("UU on", "UD on", out),
        ("UD on", "UU on", back),
        ("UD on", "DD on", out),
        # The holder first: it holds. The other first: that is a takeover.
        ("DD on", "UD on", back),
        ("DD on", "DU taking", back),
        ("DU taking", "UU on", back),
        ("DU taking", "DD taking", out),
        ("DU taking", "UD on", success / takeover),
        ("DU taking", "DU failed", (1 - success) / takeover),
        ("DD taking", "UD on", back),
        ("DD taking", "DU taking", back),
        ("DD taking", "DD on", 1 / takeover),
    ]
    for phase, then in (("failed", "working"), ("working", "")):
        rates += [
            (f"DU {phase}", "UU on", back),
            (f"DU {phase}", f"DD {phase}", out),
            (f"DD {phase}", "UD on", back),
            (f"DD {phase}", f"DU {phase}", back),
            (f"DU {phase}", f"DU {then}" if then else "UD on", call if then else people),
            (f"DD {phase}", f"DD {then}" if then else "DD on", call if then else people),
        ]
    chain = Chain([rate for rate in rates if rate[2] > 0])
    return 1.0 - chain.share("UU on", "UD on")


@pytest.mark.parametrize("kind", ["load_balancer", "switch"])
@pytest.mark.parametrize("preempt", [False, True])
@pytest.mark.parametrize(
    ("takeover", "success", "published"),
    [(0.05, 0.67, 2.5400029e-4), (0.05, 1.0, 4.0617887e-5), (1e-13, 1.0, 1.5872764e-5)],
)
def test_rows_8_and_9(
    kind: str, *, preempt: bool, takeover: float, success: float, published: float
) -> None:
    """Pair 1/2000, 1/8: an address is down as the chain says; at once, while both are."""
    # Sees: success and failure swapped; people who do not come; no takeover at all; a takeover by
    # the first of the list that is not up; a preemption that makes a gap.
    members = [part(kind, f"lb-{k}", fails=Exp(2000.0), ttr=Exp(8.0)) for k in (1, 2)]
    group = address(takeover=Exp(takeover), failover_fails=1.0 - success, preempt=preempt)
    times = {"call": Exp(0.5), "manual_failover": Exp(1.0)}
    built = model(*members, groups=(group,), down=("address.ok",), doing=practices(times=times))
    chain = nine_states(2000.0, 8.0, takeover, success) if takeover > 1e-9 else (8 / 2008) ** 2
    assert chain == close(published, ROW)
    # With preemption as well: members are alike, and who holds when both are up costs nothing.
    assert missing(built, "address.ok") == close(chain, EXACT)


# -- scenes, in seconds -------------------------------------------------------------------------

DARK = part("pdu", "pdu", fails=Det(100.0), ttr=Det(300.0))
FED = {"power": ("pdu",)}


@pytest.mark.parametrize("preempt", [False, True])
def test_holder_dark(*, preempt: bool) -> None:
    """Without its power at 100 s the holder is replaced within 3 to 4 s; its return is no gap."""
    # Sees: a takeover of no length; a return of the old holder that is a takeover; a preemption
    # that makes a gap.
    group = address(takeover=Uniform(3.0, 4.0), preempt=preempt)
    built = sharing(DARK, balancer(1, **FED), balancer(2), group=group)
    lengths = []
    for k in range(30):
        ((start, end),) = gaps(built, "address.ok", 499.0, first=k)
        assert start == 100.0
        lengths.append(end - start)
        back = [400.0] if preempt else []
        moved = steps(built, 499.0, "address/phase.preempt-lb-1", first=k)
        assert [time for _, time in moved] == back
        # Who holds it after the return: the first one with preemption, else the one that took it.
        assert gaps(built, "address.holder.lb-2", 499.0, first=k)[1:] == (
            [(400.0, 499.0)] if preempt else []
        )
    assert 3.0 <= min(lengths) < 3.2
    assert 3.8 < max(lengths) <= 4.0


@pytest.mark.parametrize("preempt", [False, True])
def test_holder_back_before_the_takeover(*, preempt: bool) -> None:
    """Back within 3 s: the gap is as long as it was away, and nobody takes over."""
    # Sees: a takeover that goes on although the holder is back.
    soon = part("pdu", "pdu", fails=Det(100.0), ttr=Det(2.5))
    group = address(takeover=Uniform(3.0, 4.0), preempt=preempt, failover_fails=0.5)
    built = sharing(soon, balancer(1, **FED), balancer(2), group=group)
    assert gaps(built, "address.ok", 190.0) == [(100.0, 102.5)]
    assert steps(built, 190.0, "address/phase.taken") == []


@pytest.mark.parametrize("preempt", [False, True])
def test_nobody_up(*, preempt: bool) -> None:
    """The first one back holds at once only if it was the holder; else it has to take over."""
    # Sees: a preemption of an address that nobody sends adverts for; the first one back that
    # holds at once although it was not the holder.
    group = address(preempt=preempt)
    one = balancer(1, fails=Det(100.0), ttr=Det(1000.0))
    for lasts, end in ((200.0, 700.0), (900.0, 1103.0)):
        # The second one holds from 103 s on and fails at 500 s.
        built = sharing(one, balancer(2, fails=Det(500.0), ttr=Det(lasts)), group=group)
        assert gaps(built, "address.ok", 1190.0)[:2] == [(100.0, 103.0), (500.0, end)]


def test_nobody_up_at_the_end_of_a_takeover() -> None:
    """It changes nothing: the old holder may come back to its address, another takes it over."""
    # Sees: an address given to one that is down; people called though nobody is up.
    one, group = balancer(1, fails=Det(100.0), ttr=Det(200.0)), address(failover_fails=0.0)
    for lasts, end in ((1000.0, 300.0), (50.0, 154.0)):
        built = sharing(one, balancer(2, fails=Det(101.0), ttr=Det(lasts)), group=group)
        assert gaps(built, "address.ok", 390.0)[0] == (100.0, end)


def test_people_after_a_takeover_that_failed() -> None:
    """Called after 900 s, at work for 1 800 s: then the other one holds; the old one if earlier."""
    # Sees: people who do not come; the return of the old holder that is not awaited.
    group = address(failover_fails=1.0)
    one = balancer(1, fails=Det(100.0), ttr=Det(9000.0))
    built = sharing(one, balancer(2), group=group)
    assert gaps(built, "address.ok", 9000.0) == [(100.0, 103.0 + 900.0 + 1800.0)]
    early = balancer(1, fails=Det(5000.0), ttr=Det(1000.0))
    built = sharing(early, balancer(2), group=group)
    assert gaps(built, "address.ok", 9000.0) == [(5000.0, 6000.0)]
    assert steps(built, 9000.0, "address/phase.worked") == []


def test_people_who_find_nobody_up() -> None:
    """When they are done the phase is on all the same, so the first one back takes over."""
    # Sees: people who wait for a member; one that is down and is given the address.
    group = address(failover_fails=1.0)
    one = balancer(1, fails=Det(100.0), ttr=Det(1e5))
    two = balancer(2, fails=Det(1000.0), ttr=Det(2500.0))
    built = sharing(one, two, group=group)
    # Done at 2803 s; back at 3500 s, and that takeover fails too.
    assert steps(built, 4400.0, "address/phase.miss", "address/phase.worked") == [
        ("address/phase.miss", 100.0),
        ("address/phase.worked", 2803.0),
        ("address/phase.miss", 3500.0),
    ]


def test_people_of_a_crew() -> None:
    """One person who takes 600 s to respond, and is busy at another address until 5 000 s."""
    # Sees: a crew that is in two places; a person who is free again before the work is done.
    crew = part("crew", "team", size=1, respond=Det(600.0))
    group = address(failover_fails=1.0)
    ones = [balancer(1, fails=Det(100.0), ttr=Det(90000.0)), balancer(2)]
    others = [
        part("load_balancer", "edge-1", fails=Det(200.0), ttr=Det(90000.0)),
        part("load_balancer", "edge-2", fails=Det(NEVER), ttr=Det(HOUR)),
    ]
    edge = part("vrrp", "edge", members=("edge-1", "edge-2"), takeover=Det(3.0), failover_fails=1.0)
    built = model(
        *ones, *others, crew, groups=(group, edge), down=("address.ok", "edge.ok"),
        doing=practices(times=PEOPLE),
    )  # fmt: skip
    first = 103.0 + 900.0 + 600.0 + 1800.0
    assert gaps(built, "address.ok", 9000.0) == [(100.0, first)]
    assert gaps(built, "edge.ok", 9000.0) == [(200.0, first + 600.0 + 1800.0)]


def test_three_members() -> None:
    """The next one up holds, by the order of the list; with preemption the first that is up."""
    # Sees: the last of the list taken; a preemption by the first of the list alone.
    one = balancer(1, fails=Det(100.0), ttr=Det(5000.0))
    two = balancer(2, fails=Det(50.0), ttr=Det(300.0))
    for preempt in (False, True):
        group = address(3, preempt=preempt)
        built = sharing(one, two, balancer(3), group=group)
        assert gaps(built, "address.ok", 390.0) == [(100.0, 103.0)]
        third = gaps(built, "address.holder.lb-3", 390.0)
        assert third[0] == (0.0, 103.0)
        assert third[1:] == ([(350.0, 390.0)] if preempt else [])
        taken = gaps(built, "address.holder.lb-2", 390.0)
        assert taken == ([(0.0, 350.0)] if preempt else [(0.0, 390.0)])


def test_idle_fault_is_hidden() -> None:
    """Nobody feels a hard fault of one that does not hold; it is known late, or when needed."""
    # Sees: a fault of an idle balancer that is noticed like any other.
    hands_on = {"repair": Det(HOUR)}
    doing = {"no_contract": Det(60.0)}
    idle = balancer(2, fails=Det(100.0), **hands_on)
    late = steps(sharing(balancer(1), idle, doing=doing), 15000.0, "lb-2/unit.repaired")
    assert late[0][1] == 100.0 + 9000.0 + 60.0 + HOUR
    one = balancer(1, fails=Det(1000.0), ttr=Det(500.0))
    felt = steps(sharing(one, idle, doing=doing), 6000.0, "lb-2/unit.repaired")
    assert felt[0][1] == 1000.0 + 900.0 + 60.0 + HOUR


# -- what is recorded ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind"), [("power", "power"), ("soft", "process"), ("hard", "host")]
)
def test_kind_of_a_gap(fault: str, kind: str) -> None:
    """What took the holder: its power, a short software fault, itself; automatic within 3 s."""
    # Sees: a soft fault recorded as a hard one; the kind of the wrong member.
    one = {
        "power": balancer(1, **FED),
        "soft": balancer(1, fails=Det(100.0), soft_share=1.0, soft_repair=Det(200.0)),
        "hard": balancer(1, fails=Det(100.0)),
    }[fault]
    built = sharing(DARK, one, balancer(2))
    (gap,) = episodes(built, "failover:address", 199.0)
    assert gap["at_start"] == vrrp.KINDS.index(kind)
    assert gap["at_end"] == HOW.index("automatic")
    assert list(gap["phases"][:2]) == [3.0, 0.0]


def test_ending_of_a_gap() -> None:
    """In place, by people, or by the repair of the old holder; alone if no other was up."""
    # Sees: an ending that stays from the gap before; phases of people counted as detection.
    alone = len(vrrp.KINDS)
    one = {"fails": Det(100.0)}

    def recorded(group: Part, *others: Part, until: float) -> list[tuple[int, str, list[float]]]:
        rows = episodes(sharing(*others, group=group), "failover:address", until)
        return [
            (int(row["at_start"]) // alone, HOW[row["at_end"]], list(row["phases"][:2]))
            for row in rows
        ]

    fails = address(failover_fails=1.0)
    assert recorded(address(), balancer(1, **one, ttr=Det(2.0)), balancer(2), until=150.0) == [
        (0, "in_place", [2.0, 0.0])
    ]
    assert recorded(fails, balancer(1, **one, ttr=Det(9e3)), balancer(2), until=9000.0) == [
        (0, "people", [3.0, 2700.0])
    ]
    assert recorded(
        fails, balancer(1, fails=Det(5e3), ttr=Det(1e3)), balancer(2), until=9000.0
    ) == [(0, "repair", [3.0, 997.0])]
    # Taken over at 103 s, then the new holder fails while the first one is down still.
    both = balancer(1, **one, ttr=Det(1e4)), balancer(2, fails=Det(500.0), ttr=Det(200.0))
    assert recorded(address(), *both, until=1000.0) == [
        (0, "automatic", [3.0, 0.0]),
        (1, "in_place", [200.0, 0.0]),
    ]


def test_causes_of_a_gap() -> None:
    """It began with the old holder, and the takeover that failed has its part in it."""
    # Sees: waiting for people that is not flagged as a fault.
    built = model(
        balancer(1, fails=Det(100.0), ttr=Det(9000.0)), balancer(2),
        groups=(address(failover_fails=1.0),), roles=(role("use", "address"),),
        doing=practices(times=PEOPLE),
    )  # fmt: skip
    found = reference.simulate(built, horizon=9000.0)
    rows = [(built.elements[x["element"]].name, bool(x["at_start"])) for x in found.contributors]
    assert rows == [("lb-1/unit", True), ("address/phase", False)]


@pytest.mark.parametrize("soft", [0.8, 0.0])
def test_a_balancer_alone(soft: float) -> None:
    """Down for the mean over soft and hard faults, and with its power; which faults are soft."""
    # Sees: shares of soft and hard faults swapped; a balancer that runs in the dark.
    feed = part("pdu", "pdu", fails=Exp(90.0), ttr=Exp(5.0))
    more = {"soft_share": soft, "soft_repair": Exp(0.25)} if soft else {}
    one = balancer(1, fails=Exp(300.0), ttr=Exp(8.0), power=("pdu",), **more)
    builder = ModelBuilder()
    builder.gate_time("soft", builder.forward("lb-1.soft"))
    built = model(feed, one, down=("lb-1.ok",), builder=builder)
    soft_mean, hard_mean = soft * 0.25, (1.0 - soft) * 8.0
    cycle = 300.0 + soft_mean + hard_mean
    expected = 1.0 - (90.0 / 95.0) * (300.0 / cycle)
    assert missing(built, "lb-1.ok") == close(expected, EXACT)
    assert solve(built, steady=True).steady["soft"][0] == close(soft_mean / cycle, EXACT)
