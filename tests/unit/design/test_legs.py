"""What `check` says of ways over balancers, of missing cables, and of tests that test nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacsim.design import DesignError, load

SHIPPED = Path(__file__).parents[3] / "models" / "designs" / "active-active.yaml"


def of(warnings: list[str], *words: str) -> list[str]:
    """Return the warnings that have all of some words."""
    return [one for one in warnings if all(word in one for word in words)]


def test_the_shipped_design_has_none_of_them() -> None:
    """Everything is cabled, and nothing is tested."""
    # Sees: a warning that is always there.
    warnings = list(load(SHIPPED).resolved.warnings)
    assert of(warnings, "cable") == of(warnings, "no path") == of(warnings, "failover_tests") == []


def test_a_balancer_without_a_cable() -> None:
    """It would be reached from everywhere, and reach everything."""
    # Sees: a cable that is taken away and makes the design better, in silence.
    varied = load(SHIPPED).vary({"parts.balancer-2.network": None})
    (one,) = of(list(varied.resolved.warnings), "cable")
    assert one.startswith("parts.balancer-2:")
    assert "give it network" in one


def test_a_balancer_that_reaches_no_member() -> None:
    """One that is cabled to the storage switches alone, beside one that is well."""
    # Sees: a pool that is lost with half of its address.
    alone = {"type": "switch", "from": "san_switch", "power": ["pdu-a"], "network": ["access-1"]}
    varied = load(SHIPPED).vary({"parts.far": alone, "parts.balancer-2.network": ["far"],
                                 "parts.access-1.network": ["core-1"]})  # fmt: skip
    assert of(list(varied.resolved.warnings), "no path from balancer-2") == []
    cut = load(SHIPPED).vary({"parts.far": {**alone, "network": []},
                              "parts.balancer-2.network": ["far"]})  # fmt: skip
    (one,) = of(list(cut.resolved.warnings), "groups.pacs.behind", "balancer-2")
    assert "server-a, server-b, server-c" in one


def test_a_peak_that_no_way_to_a_balancer_carries() -> None:
    """Clients' own way ends at the balancer: what is on it carries 1 Gbit/s."""
    # Sees: a peak that is only held to ways that lead to servers directly.
    inner = {"type": "switch", "from": "core_switch", "power": ["pdu-a"]}
    narrow = {
        "parts.access-1.capacity": "1 Gbit/s", "parts.radiology.peak": "800 Mbit/s",
        "parts.inner": inner, "parts.balancer-1.network": ["core-1", "core-2", "inner"],
        "parts.server-a.network": ["inner", "san-1", "san-2"],
    }  # fmt: skip
    assert load(SHIPPED).vary(narrow)
    with pytest.raises(DesignError, match="carries its peak") as raised:
        load(SHIPPED).vary({**narrow, "parts.radiology.peak": "2 Gbit/s"})
    (problem,) = raised.value.problems
    assert problem.path == "parts.radiology.peak"
    assert "1000 Mbit/s" in problem.rule


def test_tests_of_a_failover_that_nothing_does() -> None:
    """A single server has no standby; a pair has one, and so has the database of the pool."""
    # Sees: a practice that is never carried out, and is said to be.
    tests = {"practices.failover_tests": {"every": "3 months", "outage": "10 min"}}

    def said(name: str) -> list[str]:
        varied = load(SHIPPED.with_name(f"{name}.yaml")).vary(tests)
        return of(list(varied.resolved.warnings), "failover_tests")

    (one,) = said("single-server")
    assert "no group has a standby" in one
    assert said("active-passive") == said("active-active") == []
