"""A quorum: states of voters and links by enumeration, and what each kind of voter votes by."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Deterministic as Det
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from pacsim.parts.build_context import BuildContext
from pacsim.parts.quorum import majority
from tests.close import close
from tests.oracle.parts.making import all_in, model, part, practices
from tests.oracle.parts.pairing import server
from tests.oracle.parts.test_array_contents import kept
from tests.oracle.parts.test_vrrp import gaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.parts.values import Part

ROW = 1e-6
"""Relative tolerance of the rows of published figures."""
EXACT = 1e-9
LIVES = {"a": (2000.0, 40.0), "b": (2000.0, 40.0), "w": (1000.0, 20.0)}
LINKS = {"ab": (3000.0, 24.0), "aw": (4000.0, 24.0), "bw": (4000.0, 24.0)}


def shares(lives: dict[str, tuple[float, float]], links: Iterable[str]) -> dict[str, float]:
    """Return the share of time of what the voters a and b have, over all states of all things."""
    links = set(links)
    things = {**lives, **{x: LINKS[x] for x in links}}
    found = dict.fromkeys(("none", "one", "both", "both apart"), 0.0)
    for states in itertools.product((True, False), repeat=len(things)):
        up = dict(zip(things, states, strict=True))
        chance = 1.0
        for x, (life, repair) in things.items():
            chance *= (life if up[x] else repair) / (life + repair)

        def leads(voter: str, up: dict[str, bool] = up) -> bool:
            others = [x for x in lives if x != voter]
            seen = sum(up[x] and up.get("".join(sorted(voter + x)), False) for x in others)
            return up[voter] and 1 + seen > len(lives) / 2

        a, b = leads("a"), leads("b")
        found["both" if a and b else "one" if a or b else "none"] += chance
        found["both apart"] += chance * (a and b and not up.get("ab", False))
    return found


def counted(lives: dict[str, tuple[float, float]], links: Iterable[str]) -> dict[str, float]:
    """Return the same of a model, by the exact engine."""
    voters = [
        part("component", x, fails=Exp(life), ttr=Exp(mends)) for x, (life, mends) in lives.items()
    ]
    lines = [
        part("link", x, between=(x[0], x[1]), fails=Exp(LINKS[x][0]), ttr=Exp(LINKS[x][1]))
        for x in sorted(links)
    ]
    m = ModelBuilder()
    a, b = (m.forward(f"votes.majority.{x}") for x in "ab")
    joined = m.connected(
        {"a": None, "b": None, "ab": m.forward("ab.forwards")}, [("a", "ab"), ("ab", "b")],
        ["a"], ["b"],
    )  # fmt: skip
    for name, when in (
        ("none", ~a & ~b), ("one", (a & ~b) | (b & ~a)), ("both", a & b),
        ("both apart", a & b & ~joined),
    ):  # fmt: skip
        m.gate_time(name, when)
    votes = part("quorum", "votes", voters=tuple(lives))
    solved = solve(model(*voters, *lines, groups=(votes,), builder=m), steady=True)
    return {
        name: float(solved[name].steady or 0.0) for name in ("none", "one", "both", "both apart")
    }


def test_rows_11_and_12() -> None:
    """Two sides and a witness, a link between each two: who has a majority, and when both have.

    Both have one without seeing each other while each of them sees the witness.
    """
    # Sees: half of the votes taken for a majority; votes of the dead; a vote over no path; a
    # witness that votes for one side alone.
    expected = shares(LIVES, LINKS)
    assert expected["none"] == close(1.5129749e-3, ROW)
    assert expected["one"] == close(0.037556763, ROW)
    assert expected["both"] == close(0.96093026, ROW)
    assert expected["both apart"] == close(7.3898050e-3, ROW)
    found = counted(LIVES, LINKS)
    for name, share in expected.items():
        assert found[name] == close(share, EXACT), name


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_more_than_half(count: int) -> None:
    """Of 2 both are needed, of 3 two, of 4 and of 5 three; all of them see each other."""
    # Sees: half of an even number taken for a majority; one vote too many asked of an odd one.
    lives = {x: (100.0, 10.0 + k) for k, x in enumerate("abcde"[:count])}
    voters = [
        part("component", x, fails=Exp(life), ttr=Exp(mends)) for x, (life, mends) in lives.items()
    ]
    votes = part("quorum", "votes", voters=tuple(lives))
    m = ModelBuilder()
    m.gate_time("led", m.forward("votes.majority.a"))
    built = model(*voters, groups=(votes,), builder=m)
    needed, expected = {2: 2, 3: 2, 4: 3, 5: 3}[count], 0.0
    for states in itertools.product((True, False), repeat=count):
        chance = 1.0
        for (life, mends), up in zip(lives.values(), states, strict=True):
            chance *= (life if up else mends) / (life + mends)
        expected += chance * (states[0] and sum(states) >= needed)
    assert solve(built, steady=True)["led"].steady == close(expected, EXACT)


def led(*voters: Part) -> list[tuple[float, float]]:
    """Return when a server a, whose operating system never stops, has no majority."""
    votes = part("quorum", "votes", voters=("a", *(x.name for x in voters)))
    built = model(server("a"), *voters, groups=(votes,), down=("votes.majority.a",))
    return gaps(built, "votes.majority.a", 9000.0)


def test_what_a_voter_votes_by() -> None:
    """A server by its operating system, an array by its controllers, else what is ok."""
    # Sees: a crash of an application, or contents that are gone, that take a vote.
    dead = part("component", "dead", fails=Exp(1e-9), ttr=Det(1e9))
    assert led(dead, part("component", "w", fails=Det(1000.0), ttr=Det(500.0))) == [
        (1000.0, 1500.0), (2500.0, 3000.0), (4000.0, 4500.0), (5500.0, 6000.0), (7000.0, 7500.0), (8500.0, 9000.0),
    ]  # fmt: skip
    crash = {"crash": Det(1000.0), "manual_restart": Det(1e6)}
    assert led(dead, server("w", software=crash)) == []
    broken = server("w", fails=Det(1000.0), ttr=Det(500.0))
    # It votes again when it has booted, 400 s after it was mended.
    assert led(dead, broken)[:1] == [(1000.0, 1900.0)]


def test_an_array_votes_while_it_works() -> None:
    """Contents that are lost take no vote, a shelf that fails does."""
    # Sees: an array that votes by its contents.
    dead = part("component", "dead", fails=Exp(1e-9), ttr=Det(1e9))
    wiped = kept(wipe=Det(1000.0), set_up=Det(2000.0))
    votes = part("quorum", "votes", voters=("a", "dead", "array"))
    built = model(
        server("a"), dead, wiped, groups=(votes,), down=("votes.majority.a", "array.ok"),
        doing=practices(times={"call": Det(0.0)}),
    )  # fmt: skip
    assert gaps(built, "array.ok", 4000.0) == [(1000.0, 3000.0)]
    assert gaps(built, "votes.majority.a", 9000.0) == []
    shelf = kept(shelf=Det(1000.0), shelf_repair=all_in(Det(500.0)))
    assert led(dead, shelf)[:1] == [(1000.0, 1500.0)]


def test_without_a_quorum_a_majority_is_always_there() -> None:
    m = ModelBuilder()
    none = part("component", "none", fails=Exp(1.0), ttr=Exp(1.0))
    context = BuildContext(m, {"a": none}, {}, {}, practices=none, archive=none)
    m.gate_time("led", majority(context, None, "a"))
    m.element("idle", "on off").after("on -> off", Exp(1.0), "rests", cls="fault")
    assert solve(m.build(), horizon=1.0)["led"].mission == 1.0
