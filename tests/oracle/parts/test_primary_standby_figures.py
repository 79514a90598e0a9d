"""A primary with standbys in whole designs: defaults, the table, both simulators to the bit."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.core import ModelBuilder
from pacsim.delays import Exponential as Exp
from pacsim.delays import Lognormal, Uniform
from pacsim.design import design_of
from pacsim.parts.build_context import BuildContext
from pacsim.parts.replica import resync
from tests.close import close
from tests.oracle.parts.making import model, part, practices
from tests.oracle.parts.pairing import happened as steps  # no comparison of means
from tests.oracle.parts.standing_by import engine, group, line, witness

if TYPE_CHECKING:
    from pacsim.core import Model

HOURS = 365 * 24
DAY = 86400.0
SERVER = {"type": "server", "from": "server_dual_psu"}
GROUPS = {
    "votes": {"type": "quorum", "voters": ["db-a", "db-b", "witness"]},
    "db": {"type": "primary_standby", "from": "database_pair", "members": ["db-a", "db-b"], "quorum": "votes"},
}  # fmt: skip


def design(parts: dict[str, Any] | None = None, **more: Any) -> pacsim.Design:
    """Return a database on a pair with a witness, and a role that needs it."""
    servers: dict[str, Any] = dict.fromkeys(("db-a", "db-b", "witness"), SERVER)
    database = {"type": "database", "from": "database_pair", "runs_on": "db"}
    return design_of(
        {
            "pacsim": 1, "parts": {**servers, "database": database, **(parts or {})},
            "groups": GROUPS, "roles": {"use": {"needs": ["database"]}}, **more,
        }
    )  # fmt: skip


def test_defaults_are_the_catalogue_s() -> None:
    """20 to 60 s, seven of a hundred fail, a copy stops every 13 900 h and is seen after 13 h."""
    # Sees: a default of another kind of copy; a resync of nothing.
    resolved = design().resolved
    db = resolved.groups["db"]
    assert db.law("failover") == Uniform(20.0, 60.0)
    assert db.number("success") == 0.93
    assert db.law("replica_stop").mean() == close(8760 * 3600 / 0.632, 1e-9)
    assert db.law("notice").quantile(0.5) == close(13 * 3600.0, 1e-9)
    # 70 000 studies a year for 7 years, 0.1 MB each, at 158 MB/s.
    context = BuildContext(
        ModelBuilder(), resolved.parts, resolved.groups, {}, practices=resolved.practices,
        archive=resolved.archive, term=resolved.contract.number("term"),
    )  # fmt: skip
    assert resync(context, db).mean() == close(7 * 70_000 * 0.1 / 158, 1e-9)
    assert resync(context, group()).mean() == 500.0


def test_spreadsheet_has_one_of_two() -> None:
    """Two servers of which one suffices; no witness, whose loss alone stops nobody."""
    # Sees: a pair in series; a witness that counts as a box.
    box = {
        "type": "server",
        "ttf": "1000 h",
        "ttr": {"exactly": "10 h"},
        "reboot": "1 min",
        "boot_after_power": "1 min",
    }
    found = design(
        dict.fromkeys(("db-a", "db-b", "witness"), box), roles={"use": {"needs": ["db"]}}
    )
    assert spreadsheet_down(found.resolved, "use") / HOURS == close((10 / 1010) ** 2, 1e-12)


def test_gaps_are_in_the_table_of_failovers() -> None:
    """A primary fails every 730 h, and is replaced within 20 to 60 s, nine times of ten and more."""
    # Sees: a pair whose elections nobody watches.
    often = {**SERVER, "ttf": "730 h", "ttr": {"exactly": "1 h"}}
    found = pacsim.run(
        design({"db-a": often, "db-b": often}, contract={"term": "7 years"}),
        replications=32, seed=5, progress=False,
    )  # fmt: skip
    row = found.get("failover_latency_p50", role="db", by="fault_kind", of="host")
    share = found.get("failover_automatic", role="db", by="fault_kind", of="host").estimate
    # 0.93 but for copies that have stopped; the rest takes people longer than any election.
    assert share is not None
    assert 0.8 < share < 0.93
    assert row.estimate == pytest.approx(20 + 40 * 0.5 / share, rel=0.03)
    assert "failover until it serves" in str(found)


# -- both simulators ----------------------------------------------------------------------------


@pytest.mark.slow
def test_simulators_agree() -> None:
    """Faults a thousand times as often as in the catalogue: alike to the bit, every step often."""
    # Sees: a step of the automaton that cannot be taken; a rule that one simulator reads otherwise.
    seen: Counter[str] = Counter()
    own: set[str] = set()
    for members, crew, quorum, moves, days in (
        ("ab", False, True, True, 1600), ("ab", True, False, True, 1600),
        ("abc", True, True, True, 1600), ("ab", True, True, False, 6400),
    ):  # fmt: skip
        built = often(members, crew=crew, quorum=quorum, moves=moves)
        seen.update(alike(name) for name, _ in steps(built, days * DAY))
        own |= {alike(t.name) for t in built.transitions if t.name.startswith(("db/", "index/"))}
    assert {name: seen[name] for name in own if seen[name] < 50} == {}
    assert len(own) == 23


def alike(name: str) -> str:
    """Return a transition without its member."""
    return re.sub(r"replica-\w", "replica", name)


def often(members: str, *, crew: bool, quorum: bool, moves: bool) -> Model:
    """Return a group whose members, copies and lines fail every few days."""
    mends = Lognormal(0.2 * DAY, 0.8)
    quick = {"reboot": Exp(300.0), "boot_after_power": Exp(200.0)}
    servers = [part("server", x, fails=Exp(4 * DAY), ttr=mends, **quick) for x in members]
    voters = tuple(members) if len(members) > 2 else (*members, "w")
    one = group(
        members=tuple(members), quorum="votes" if quorum else None, failover=Uniform(20.0, 60.0),
        success=0.6, replica_stop=Exp(3 * DAY), notice=Exp(0.2 * DAY), resync=Exp(900.0),
    )  # fmt: skip
    people = [part("crew", "team", size=1, respond=Exp(600.0))] if crew else []
    work = {"of": tuple(members), "every": 30.4375 * DAY, "on": "first sunday 02:00",
            "lasts": Uniform(1000.0, 4000.0), "rolling": True}  # fmt: skip
    slow = ("call", "manual_failover", "hidden_unmonitored", "no_contract")
    times = {**{x: Exp(1800.0) for x in slow}, "manual_success": 0.7}
    return model(
        *servers, witness(fails=Exp(6 * DAY), ttr=mends),
        line("ab", fails=Exp(3 * DAY), ttr=mends), line("aw", fails=Exp(8 * DAY), ttr=mends),
        line("bw", fails=Exp(8 * DAY), ttr=mends), *people,
        engine(crash=Exp(2 * DAY), recovery=Exp(240.0)),
        groups=(part("quorum", "votes", voters=voters), one) if quorum else (one,),
        down=("db.ok", "index.ok"),
        doing=practices(times=times, maintenance={"patch": work} if moves else None),
    )  # fmt: skip
