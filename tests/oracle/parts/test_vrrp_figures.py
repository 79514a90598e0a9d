"""Groups that share an address: figures of a whole design, and both simulators to the bit."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import pacsim
from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.delays import Exponential as Exp
from pacsim.delays import Lognormal, Uniform
from pacsim.design import design_of
from tests.close import close
from tests.oracle.parts.making import model, part, practices
from tests.oracle.parts.pairing import happened as steps  # no comparison of means
from tests.statistical import agrees

if TYPE_CHECKING:
    from pacsim.core import Model

HOURS = 365 * 24
BALANCER = {"type": "load_balancer", "from": "load_balancer", "network": ["core"]}
Q = 10 / (1000 + 10)
BOX = {"type": "load_balancer", "ttf": "1000 h", "ttr": {"exactly": "10 h"}}


def design(parts: dict[str, Any], group: dict[str, Any], **more: Any) -> pacsim.Design:
    """Return a design with one address and one role that needs it."""
    role = {"needs": ["address"], "used_from": more.pop("used_from", [])}
    return design_of(
        {
            "pacsim": 1, "parts": parts, "groups": {"address": {"type": "vrrp", **group}},
            "roles": {"use": {k: v for k, v in role.items() if v}}, **more,
        }
    )  # fmt: skip


def test_moves_are_in_the_table_of_failovers() -> None:
    """By kind: 3 to 4 s each; only the holder's faults open gaps, while the other one is up."""
    # Sees: an address whose moves nobody watches; a soft fault that is tallied with the hard ones.
    box = {"ttf": "730 h", "ttr": {"exactly": "10 h"}, "soft_repair": {"exactly": "3 min"}}
    found = pacsim.run(
        design(
            {"lb-1": {**BALANCER, **box, "network": []}, "lb-2": {"like": "lb-1"}},
            {"members": ["lb-1", "lb-2"], "failover_fails": 0},
            contract={"term": "7 years"},
        ),
        replications=64, seed=11, progress=False,
    )  # fmt: skip
    up = 730 / (730 + 0.2 * 10 + 0.8 * 0.05)
    for kind, share in (("process", 0.8), ("host", 0.2)):
        row = found.get("failover_latency_p50", role="address", by="fault_kind", of=kind)
        assert row.estimate == pytest.approx(3.5, rel=0.02)
        assert row.unit == "s"
        rate = found.get("failovers", role="address", by="fault_kind", of=kind)
        expected = 8766 / 730 * share * up * up
        assert rate.estimate is not None
        agrees(rate.estimate, math.sqrt(expected / (64 * 7)), expected)
    assert found.get("failover_latency_p95", role="address").estimate == close(3.95, 0.015)
    assert found.get("detection_time", role="address").estimate == pytest.approx(3.5, rel=0.02)
    assert "failover until it serves" in str(found)
    assert "3.5 s (p95 4 s)" in str(found)


def test_spreadsheet_has_one_of_two() -> None:
    """Two boxes of which one suffices, behind a switch in series; no takeover, no people."""
    # Sees: two balancers in series; a pair that never fails.
    parts = {
        "place": {"type": "clients", "network": ["core"]},
        "core": {"type": "switch", **{k: BOX[k] for k in ("ttf", "ttr")}},
        "lb-1": {**BOX, "network": ["core"]}, "lb-2": {**BOX, "network": ["core"]},
    }  # fmt: skip
    group = {"members": ["lb-1", "lb-2"]}
    alone = design(parts, group)
    assert spreadsheet_down(alone.resolved, "use") / HOURS == close(Q * Q, 1e-12)
    reached = design(parts, group, used_from=["place"])
    down = 0.0
    for core, one, two in itertools.product((False, True), repeat=3):
        chances = [Q if broken else 1 - Q for broken in (core, one, two)]
        down += (core or (one and two)) * chances[0] * chances[1] * chances[2]
    assert spreadsheet_down(reached.resolved, "use") / HOURS == close(down, 1e-12)


def test_defaults_are_the_catalogue_s() -> None:
    """The default timers of keepalived, and the third of failovers that fail; no preemption."""
    parts = {"core": {"type": "clients"}, "lb-1": BALANCER, "lb-2": {"like": "lb-1"}}
    group = design(parts, {"members": ["lb-1", "lb-2"]}).resolved.groups["address"]
    assert group.law("takeover") == Uniform(3.0, 4.0)
    assert group.number("failover_fails") == 0.33
    assert group["preempt"] is False


# -- both simulators ----------------------------------------------------------------------------

DAY = 86400.0


@pytest.mark.slow
def test_simulators_agree() -> None:
    """Faults a thousand times as often as in the catalogue: alike to the bit, every step often."""
    # Sees: a step of the automaton that cannot be taken; a rule that one simulator reads otherwise.
    seen: Counter[str] = Counter()
    own: set[str] = set()
    for kind, count, preempt, crew in (
        ("load_balancer", 2, False, False), ("load_balancer", 3, True, True),
        ("switch", 2, True, False), ("switch", 3, False, True),
    ):  # fmt: skip
        built = often(kind, count, preempt=preempt, crew=crew)
        seen.update(alike(name) for name, _ in steps(built, 1500 * DAY))
        own |= {alike(t.name) for t in built.transitions}
    assert {name: seen[name] for name in own if seen[name] < 50} == {}


def alike(name: str) -> str:
    """Return a transition without the number of its member."""
    return re.sub(r"lb-\d", "lb", name)


def often(kind: str, count: int, *, preempt: bool, crew: bool) -> Model:
    """Return a group of members that fail once a day, one of them fed by what fails too."""
    feed = part("pdu", "pdu", fails=Exp(10 * DAY), ttr=Lognormal(0.2 * DAY, 1.0))
    names = tuple(f"lb-{k}" for k in range(count))
    members = [
        part(
            kind, x, fails=Exp(DAY), repair=Lognormal(0.2 * DAY, 0.8), soft_share=0.5,
            soft_repair=Exp(20.0), **({"power": ("pdu",)} if x == "lb-0" else {}),
        )
        for x in names
    ]  # fmt: skip
    group = part(
        "vrrp", "address", members=names, takeover=Uniform(3.0, 4.0), failover_fails=0.33,
        preempt=preempt,
    )  # fmt: skip
    people = [part("crew", "team", size=1, respond=Exp(600.0))] if crew else []
    slow = ("call", "manual_failover", "hidden_unmonitored", "no_contract")
    return model(
        feed, *members, *people, groups=(group,), down=("address.ok",),
        doing=practices(times={**{x: Exp(1800.0) for x in slow}, "manual_success": 0.7}),
    )  # fmt: skip
