"""A primary with standbys: chains, held by the exact engine."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from pacsim.core import ModelBuilder
from pacsim.delays import Exponential as Exp
from pacsim.engines.exact import solve
from tests.close import close
from tests.oracle.parts.making import missing, model, part
from tests.oracle.parts.standing_by import ByHand, Times, exponential

ROW = 1e-6
"""Relative tolerance of the rows of published figures, and of what takes no time."""


def test_row_16() -> None:
    """Pair and witness: down as the chain says; two of three voters dead are no majority."""
    # Sees: people who promote without a majority, or a copy that has fallen behind; a standby that
    # is down and keeps its copy; a copy that streams again as soon as it has been noticed.
    t = Times()
    expected = ByHand(t).down()
    assert expected == close(1.0716875e-3, ROW)
    assert missing(exponential(t), "db.ok") == close(expected, ROW)


def test_no_majority_of_row_16() -> None:
    none = 0.0
    lives = ((1000.0, 10.0), (1000.0, 10.0), (800.0, 20.0))
    for states in itertools.product((True, False), repeat=3):
        chance = 1.0
        for (life, repair), up in zip(lives, states, strict=True):
            chance *= (life if up else repair) / (life + repair)
        none += chance * (sum(states) < 2)
    assert none == close(5.7622280e-4, ROW)
    voters = [
        part("component", x, fails=Exp(life), ttr=Exp(repair))
        for x, (life, repair) in zip("abw", lives, strict=True)
    ]
    m = ModelBuilder()
    m.gate_time("nobody", m.all(~m.forward(f"votes.majority.{x}") for x in "ab"))
    built = model(*voters, groups=(part("quorum", "votes", voters=tuple("abw")),), builder=m)
    assert solve(built, steady=True)["nobody"].steady == close(none, ROW)


VARIANTS = {
    "always promoted": Times(success=1.0),
    "never promoted": Times(success=0.0),
    "called first": Times(call=0.5, people=2.0),
    "people fail too": Times(success=0.5, call=0.1, p=0.6),
    "no copy that stops": Times(stops=1e12),
    "copies that stop": Times(stops=100.0, notice=200.0, resync=20.0),
    "slow election": Times(election=5.0),
    "no quorum": Times(quorum=False),
    "a line that is cut": Times(line=(200.0, 30.0)),
    "three members": Times(members="abc", life=100.0),
    "proven by the last one": Times(life=100.0, success=0.4, tested=0.95, proven=150.0),
}


SLOW = {"three members": pytest.mark.slow}


@pytest.mark.parametrize("name", [pytest.param(x, marks=SLOW.get(x, ())) for x in VARIANTS])
def test_variants_of_it(name: str) -> None:
    """The same chain with other times; the witness sees both sides of the cut line."""
    # Sees: a clock that is missing from the row, or does not count in it.
    t = VARIANTS[name]
    assert missing(exponential(t), "db.ok") == close(ByHand(t).down(), ROW)


@pytest.mark.parametrize("success", [0.93, 0.0])
def test_a_database_on_it(success: float) -> None:
    """Engine and group: a crash fails over if there is a candidate, else recovers in place."""
    # Sees: an engine that goes on crashed at the new primary; one that stops recovering while an
    # election is on; a recovery after a switch, which contains it; an election, and people who are
    # called, while an engine recovers and nobody could take over.
    t = Times(crash=300.0, recovery=0.3, success=success, stops=200.0)
    built, by_hand = exponential(t), ByHand(t)
    assert missing(built, "db.ok") == close(by_hand.down(), ROW)
    assert missing(built, "index.ok") == close(by_hand.down(database=True), ROW)


def test_who_serves_stays() -> None:
    """A cut that both sides survive by the witness changes nothing while the primary is up."""
    # Sees: a standby that is promoted as it has a majority too.
    cut = Times(line=(200.0, 30.0), life=1e9, repair=1e-6, witness=(1e9, 1e-6), stops=1e12)
    assert ByHand(cut).down() < 1e-8
    assert missing(exponential(cut), "db.ok") < 1e-8
    assert ByHand(replace(cut, life=1000.0, repair=10.0)).down() > 1e-4
