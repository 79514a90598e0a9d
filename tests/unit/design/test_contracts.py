"""Times read under one contract, taken to another: means by hand from the catalogue's medians."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.delays import Lognormal, Uniform
from pacsim.design import Design, design_of, load
from pacsim.design.contracts import named, standard
from pacsim.files.tree import read_trusted
from pacsim.parts.elapsed import mean_elapsed, mean_supply
from pacsim.parts.values import ALL_IN, CONTRACTED, Delay, Part
from tests.close import close

ROOT = Path(__file__).parents[3]
SUPPORT = ROOT / "models" / "support"
H, Z = 3600.0, 1.6448536269514722


def mean(median: float, p95: float) -> float:
    """Return the mean of a lognormal by its median and 95 % point."""
    return median * math.exp((math.log(p95 / median) / Z) ** 2 / 2)


# By hand. A call comes at any time of the week; from Monday to Thursday and on Sunday somebody
# comes from 08:00 of the next day, on Friday two days later, on Saturday one; within 6 h from then.
OPENS = (5 * (12 + 8) + (12 + 56) + (12 + 32)) / 7
PART = 0.0548 * mean(53.7, 215.0)
R = {
    "4h": 4.0 + PART,
    "nbd": OPENS + 3.0 + PART,
    "none": 24.0 * mean(3.16, 12.6) - 2.5,
    "fast": 1.0 + 0.1 * 20.0,
}
CONTRACTS: dict[str, Any] = {
    "4h": str(SUPPORT / "24x7-4h.yaml"),
    "nbd": str(SUPPORT / "next-business-day.yaml"),
    "none": None,
    "fast": {
        "response": {"exactly": "1 h"},
        "part_missing": 0.1,
        "part_delay": {"exactly": "20 h"},
    },
}
X = {
    "switch": ("core_switch", mean(9.8, 39.2)),
    "pdu": ("pdu", mean(6.93, 27.7)),
    "ats": ("ats", mean(6.93, 27.7)),
    "generator": ("generator", mean(36.7, 147.0)),
    "ups": ("ups", mean(8.0, 48.0)),
}
MORE = {
    "ats": {"normal": "mains", "emergency": "mains"},
    "ups": {"runtime": "10 min"},
}


def made(kind: str, contract: Any, **more: Any) -> Design:
    part = {"type": kind, "from": X[kind][0], **MORE.get(kind, {}), **more} if kind in X else more
    parts = {"a": part, "mains": {"type": "utility", "from": "utility"}}
    practices = {"practices": {"support": contract}} if contract is not None else {}
    return design_of({"pacsim": 1, "parts": parts, **practices}, str(ROOT / "my.yaml"))


def mean_down(design: Design, part: str = "a", slot: str = "repair") -> float:
    """Return the mean time from fault to working of a part, in hours."""
    one = design.resolved.parts[part]
    repair = one.delay(slot)
    found = mean_elapsed(repair)
    if repair.covers == CONTRACTED:
        found += mean_supply(design.resolved.practices.values["support"], ordered=repair.ordered)
    return found / H


def business_hours(design: Design) -> list[str]:
    """Return what is said of business hours that no calendar counts."""
    return [one for one in design.resolved.warnings if "business hours" in one]


def told(design: Design) -> list[str]:
    """Return what is said of times that a contract has changed."""
    return [one for one in design.resolved.warnings if "all included" in one]


def test_means_of_the_contracts() -> None:
    """8.2 h under 4 h, 37.5 h under the next business day."""
    assert (round(R["4h"], 1), round(R["nbd"], 1), round(OPENS + 3, 1)) == (8.2, 37.5, 33.3)
    for name, forms in standard().items():
        assert mean_supply(forms[0]) / H == close(R[name], 1e-4)


def test_files_that_ship_are_the_contracts() -> None:
    """What times are read under is what the shipped files say, and their bundles."""
    # Sees: a file that is changed and no longer is the contract of the catalogue.
    for name, file in (("4h", "24x7-4h.yaml"), ("nbd", "next-business-day.yaml")):
        for contract in (str(SUPPORT / file), {"from": f"support_{name}"}):
            found = made("pdu", contract).resolved.practices.values["support"]
            assert named(found) == name
    assert named(made("pdu", CONTRACTS["fast"]).resolved.practices.values["support"]) == ""
    assert named(None) == ""


@pytest.mark.parametrize("kind", X)
@pytest.mark.parametrize("contract", ["nbd", "none", "fast"])
def test_mean_under_another_contract(kind: str, contract: str) -> None:
    """E[X] - min(r_A, 0.9 E[X]) + r_B, in the law's own family."""
    # Sees: a contract that is not looked at; a response left out; a family that is changed.
    x = X[kind][1]
    design = made(kind, CONTRACTS[contract])
    assert mean_down(design) == close(x - min(R["4h"], 0.9 * x) + R[contract], 1e-4)
    law = design.resolved.parts["a"].law("repair")
    same = made(kind, CONTRACTS["4h"]).resolved.parts["a"].delay("repair")
    assert isinstance(law, Lognormal)
    assert isinstance(same.law, Lognormal)
    assert law.quantile(0.95) / law.quantile(0.5) == close(
        same.law.quantile(0.95) / same.law.quantile(0.5), 1e-9
    )
    assert (same.covers, same.law.mean() / H) == (ALL_IN, close(x, 1e-9))


def test_shares_of_the_rules() -> None:
    """Switch 0.59, PDU and transfer switch 0.83, shelf 0.41; a switch takes 43.3 h."""
    shares = {"switch": 0.59, "pdu": 0.83, "ats": 0.83}
    for kind, share in shares.items():
        left = made(kind, CONTRACTS["nbd"]).resolved.parts["a"].law("repair").mean() / H
        assert round(1 - left / X[kind][1], 2) == share
    assert round(R["4h"] / mean(13.9, 55.6), 2) == 0.41
    assert round(mean_down(made("switch", CONTRACTS["nbd"])), 1) == 43.3


def test_own_contract_goes_before() -> None:
    own = made("pdu", CONTRACTS["4h"], support=CONTRACTS["fast"])
    x = X["pdu"][1]
    repair = own.resolved.parts["a"].delay("repair")
    assert repair.law.mean() / H == close(x - R["4h"], 1e-4)
    assert made("pdu", CONTRACTS["fast"], support=CONTRACTS["4h"]).resolved.parts["a"].delay(
        "repair"
    ) == made("pdu", CONTRACTS["4h"]).resolved.parts["a"].delay("repair")


def test_a_twin_is_taken() -> None:
    """A disk under next business day is what the catalogue says of that: 53.7 h in the median."""
    design = load(ROOT / "models" / "designs" / "single-server.yaml")
    expected = {
        "4h": (ALL_IN, mean(9.8, 39.2)),
        "nbd": (ALL_IN, mean(53.7, 215.0)),
        "none": (CONTRACTED, mean(9.8, 39.2) - R["4h"]),
    }
    for contract, (covers, x) in expected.items():
        one = design.vary({"practices.support": CONTRACTS[contract]}).resolved.parts["array"]
        assert one.delay("disk_replace").covers == covers
        assert one.law("disk_replace").mean() / H == close(x, 1e-4)
        # And back: an entry read under next business day, at 4 h.
    other = design.vary({"parts.array.disk_replace": {"catalogue": "disk.replace.nbd"}})
    assert other.resolved.parts["array"] == design.resolved.parts["array"]
    mine = {"median": "5 h", "p95": "20 h", "id": "disk.replace.4h"}
    kept = design.vary(
        {"parts.array.disk_replace": mine, "practices.support": CONTRACTS["nbd"]}
    ).resolved.parts["array"]
    # A value of one's own is not thrown away for a twin.
    assert kept.delay("disk_replace").covers == CONTRACTED


@pytest.mark.parametrize("contract", CONTRACTS)
def test_ones_own_time_stays(contract: str) -> None:
    """20 h under the contract in force; with read_under it is like one of the catalogue."""
    mine = {"mean": "20 h", "family": "exponential"}
    part = {"type": "switch", "ttf": "1 year", "ttr": mine}
    assert mean_down(made("", CONTRACTS[contract], **part)) == close(20.0, 1e-12)
    read = made("", CONTRACTS[contract], **{**part, "ttr": {**mine, "read_under": "4h"}})
    assert mean_down(read) == close(20.0 - R["4h"] + R[contract], 1e-3)


@pytest.mark.parametrize("bundle", ["hospital_network"])
def test_people_and_software_are_no_hardware(bundle: str) -> None:
    """Errors of configuration and of operators have no vendor who comes with a part."""
    for entry in ("hum.operator_outage.repair", "net.config_error.repair"):
        part = {"type": "component", "from": bundle, "ttr": {"catalogue": entry}}
        design = made("", None, **part)
        assert design.resolved.parts["a"].delay("repair").covers == ALL_IN
        assert told(design) == []


def test_cooling_was_read_under_next_business_day() -> None:
    """An entry that says it: 17 h in the median, so nine tenths are taken, and it is said."""
    part = {"type": "component", "ttf": "1 year", "ttr": {"catalogue": "cool.repair"}}
    x = mean(17.0, 68.0)
    assert mean_down(made("", CONTRACTS["nbd"], **part)) == close(x, 1e-9)
    quick = made("", CONTRACTS["4h"], **part)
    assert mean_down(quick) == close(0.1 * x + R["4h"], 1e-4)
    (warning,) = told(quick)
    assert "24.2 h all included under nbd, 10.6 h" in warning
    assert "at most nine tenths" in warning


def test_the_assumed_contract_is_marked() -> None:
    (warning,) = told(made("switch", CONTRACTS["nbd"]))
    assert warning == (
        'parts.a.ttr: 14.0 h all included under 4h (assumed), 43.3 h under "next-business-day"'
    )
    assert told(made("switch", CONTRACTS["4h"])) == []
    assert made("switch", CONTRACTS["4h"]).plain["parts"]["a"]["ttr"]["read_under"] == "4h"


def test_a_firewall_is_capped() -> None:
    """7.0 h is less than the 8.2 h of the contract: a tenth of it is left, and it is said."""
    x = mean(4.9, 19.6)
    part = {"type": "switch", "ttf": "1 year", "ttr": {"catalogue": "fw.repair"}}
    design = made("", CONTRACTS["nbd"], **part)
    assert mean_down(design) == close(0.1 * x + R["nbd"], 1e-4)
    assert "at most nine tenths" in told(design)[0]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_spreadsheet_takes_the_mean_in_force(contract: str) -> None:
    """r / (m + r) of one box under each contract."""
    never = {"rate": "0 /year"}
    server = {"type": "server", "from": "server_dual_psu", "fails": never, "network": ["a"]}
    parts = {
        "a": {"type": "switch", "from": "core_switch", "fails": {"mttf": "1000 h"}},
        "p": {"type": "clients", "network": ["a"]},
        "z": server,
    }
    practices = {"support": CONTRACTS[contract]} if CONTRACTS[contract] else {}
    roles = {"store": {"needs": ["z"], "used_from": ["p"]}}
    plain = {"pacsim": 1, "parts": parts, "practices": practices, "roles": roles}
    design = design_of(plain, str(ROOT / "my.yaml"))
    x = X["switch"][1]
    r = x if contract == "4h" else x - R["4h"] + R[contract]
    assert spreadsheet_down(design.resolved, "store") == close(8760 * r / (1000 + r), 1e-4)


def test_a_calendar_by_another_name_is_the_same_contract() -> None:
    hours = {"name": "desk", "hours": ["mon-fri 08:00-17:00"]}
    same = {"from": "support_nbd", "response": {
        "next_business_day": hours, "then": {"low": "0 h", "high": "6 h"}}}  # fmt: skip
    later = {**same, "response": {**same["response"], "then": {"low": "0 h", "high": "7 h"}}}  # type: ignore[dict-item]
    found = [named(made("pdu", one).resolved.practices.values["support"]) for one in (same, later)]
    assert found == ["nbd", ""]
    delay = made("pdu", later).resolved.practices.values["support"].delay("response")
    assert isinstance(delay, Delay)
    assert delay.law == Uniform(0.0, 7 * H)
    assert isinstance(standard()["nbd"][0], Part)


@pytest.mark.parametrize("own", [False, True], ids=["practices", "part"])
def test_business_hours_without_a_calendar_are_warned_of(*, own: bool) -> None:
    """8 to 16 business hours, 12 on the mean, are over at night; the remedy waits 33.3 h."""
    # Sees: a contract of the next business day whose people come on Sunday at 03:00, unsaid.
    path = "parts.a.support" if own else "practices.support"

    def under(response: Any = None) -> Design:
        contract = {"from": "support_nbd", **({"response": response} if response else {})}
        return made("pdu", None, support=contract) if own else made("pdu", contract)

    def response(design: Design) -> Delay:
        holder = design.resolved.parts["a"] if own else design.resolved.practices
        assert named(holder.values["support"]) == "nbd"
        return holder.part("support").delay("response")

    bare = under()
    (said,) = business_hours(bare)
    assert said.startswith(f"{path}.response: sup.nbd is in business hours, and without a calendar")
    assert mean_elapsed(response(bare)) / H == close(12.0, 1e-9)
    # What is shown of it is warned of as well.
    assert business_hours(design_of(bare.plain)) == [said]
    better = under(read_trusted(said.partition("; write ")[2]))
    assert business_hours(better) == []
    assert mean_elapsed(response(better)) / H == close(OPENS + 3.0, 1e-9)
    desk = {"counted_in": {"hours": ["mon-fri 09:00-17:00"]}, "low": "8 h", "high": "16 h"}
    assert business_hours(under({"value": desk, "id": "sup.nbd"})) == []


def test_business_hours_are_warned_of_wherever_they_stand() -> None:
    """Under the second name of a slot too; the shipped contract is no matter of warning."""
    part = {"type": "component", "ttf": "1 year", "ttr": {"catalogue": "sup.nbd"}}
    (said,) = business_hours(made("", CONTRACTS["nbd"], **part))
    assert said.startswith("parts.a.ttr: sup.nbd is in business hours")
    assert said.endswith("; write the time that passes by the clock")


def test_hours_that_are_counted_pass_more() -> None:
    """56.2 h pass in working hours, read under the next business day: 26.9 h are left under 4 h."""
    # Sees: hours of work scaled as if as many passed.
    office = {"name": "desk", "hours": ["mon-fri 08:00-17:00"]}
    mine = {"counted_in": office, "median": "10 h", "p95": "40 h", "read_under": "nbd"}
    part = {"type": "component", "ttf": "1 year", "ttr": mine}
    there, here = (made("", CONTRACTS[name], **part) for name in ("nbd", "4h"))
    assert mean_down(here) == close(mean_down(there) - R["nbd"] + R["4h"], 1e-4)
