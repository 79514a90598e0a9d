"""Bonds, lines of providers, firewalls and clouds, and what a path carries, by enumeration."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import norm

from pacsim.campaign.spreadsheet import spreadsheet_down
from pacsim.core import ModelBuilder
from pacsim.delays import Exponential as Exp
from pacsim.design import design_of, load
from pacsim.design.build import build
from pacsim.engines import exact, kernel, reference
from pacsim.parts.build_context import BuildContext
from pacsim.parts.lives import life_of
from pacsim.parts.network import path
from pacsim.parts.registry import all_types
from pacsim.parts.values import Delay, Part
from tests.agreement.test_twins import assert_twins
from tests.close import close
from tests.oracle.parts.chains import Chain, explored
from tests.oracle.parts.making import build_one, missing, model, part, practices, role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pacsim.core import Model
    from pacsim.design import Design

EXACT = 1e-9
HOUR, YEAR = 3600.0, 8760.0 * 3600.0
G = 1.25e8
"""A gigabit per second, in bytes per second."""
QUIET = {"fails": Exp(1e16), "ttr": Exp(1e-3)}


def out(fails: float, repairs: float) -> float:
    """Return the unavailability for a rate of failures and one of repairs."""
    return fails / (fails + repairs)


def paths(
    *parts: Part,
    wanted: Mapping[str, tuple[str, str, float | None]],
    groups: tuple[Part, ...] = (),
    doing: Part | None = None,
) -> Model:
    """Return a model with a gate, and the time without it, for each wanted path and capacity."""
    m = ModelBuilder()
    none = Part("archive", "archive", MappingProxyType({}))
    context = BuildContext(
        m=m,
        parts={p.name: p for p in parts},
        groups={g.name: g for g in groups},
        roles={},
        practices=doing or practices(),
        archive=none,
    )
    for one in parts:
        build_one(all_types()[one.type], context, one)
    for name, (start, end, carrying) in wanted.items():
        m.gate(name, path(context, start, end, carrying=carrying))
        m.gate_time(f"no {name}", ~m.forward(name))
    return m.build()


def weighed(q: Iterable[float]) -> Iterable[tuple[tuple[bool, ...], float]]:
    """Yield every combination of ups and downs with its probability."""
    shares = list(q)
    for ups in itertools.product((True, False), repeat=len(shares)):
        chances = (1 - s if up else s for s, up in zip(shares, ups, strict=True))
        yield ups, math.prod(chances)


@pytest.mark.parametrize("peak", [0.15, 0.4, 0.5, 0.6, 1.5], ids=str)
def test_a_bond_and_two_lines(peak: float) -> None:
    """Two links of 1 G in one, behind them a line of .5 G or one of .2 G (row 20)."""
    # Sees: paths that add up (0.6 over both lines); a bond with the capacity of one link;
    # a capacity that counts although the line is down.
    parts = [
        part("clients", "place"),
        part("switch", "hub", **QUIET),
        part("bond", "trunk", links=2, between=("place", "hub"), capacity=G,
             fails=Exp(1000.0), ttr=Exp(10.0)),
        part("link", "wide", between=("hub", "store"), capacity=0.5 * G,
             fails=Exp(500.0), ttr=Exp(6.0)),
        part("link", "narrow", between=("hub", "store"), capacity=0.2 * G,
             fails=Exp(300.0), ttr=Exp(8.0)),
        part("cloud", "store", outages=Exp(1e16), repair=Exp(1e-3)),
    ]  # fmt: skip
    ends = ("place", "store")
    built = paths(*parts, wanted={"up": (*ends, None), "full": (*ends, peak * G)})
    q = (out(1 / 1000, 1 / 10),) * 2 + (out(1 / 500, 1 / 6), out(1 / 300, 1 / 8))
    down = degraded = 0.0
    for (a, b, wide, narrow), chance in weighed(q):
        reached = (a or b) and (wide or narrow)
        carried = min(float(a) + float(b), max(0.5 * wide, 0.2 * narrow))
        down += chance * (not reached)
        degraded += chance * (reached and carried < peak)
    assert missing(built, "up") == close(down, EXACT)
    assert missing(built, "full") == close(down + degraded, EXACT)
    if peak == 0.4:
        assert down == close(4.0599182e-4, 1e-7)
        assert degraded == close(0.011548583, 1e-7)


@pytest.mark.parametrize(("carried", "needed"), [(0.3, 1), (0.7, 1), (0.9, 2), (1.4, 2), (2.1, 3)])
def test_links_of_a_bond_add_up(carried: float, needed: int) -> None:
    """Three links of 0.7: what is wanted says how many must be up, to the equal sign."""
    # Sees: one link too many where a capacity is met exactly, as 3 x 0.7 is 2.0999999999999996.
    assert 3 * 0.7 < 2.1
    trunk = part("bond", "trunk", links=3, between=("a", "b"), capacity=0.7,
                 fails=Exp(50.0), ttr=Exp(10.0))  # fmt: skip
    ends = [part("clients", name) for name in "ab"]
    built = paths(trunk, *ends, wanted={"path": ("a", "b", carried)})
    q = out(1 / 50, 1 / 10)
    expected = sum(chance for ups, chance in weighed((q,) * 3) if sum(ups) < needed)
    assert missing(built, "path") == close(expected, EXACT)


def test_who_is_cabled_to_other_ends_only_is_not_reached() -> None:
    """Without any cable an end is attached directly; with one to another end nobody reaches it."""
    # Sees: a cable between two ends that stands for one to everybody.
    store = {"outages": Exp(1e16), "repair": Exp(1e-3)}
    parts = [
        part("clients", "place", network=("hub",)),
        part("switch", "hub", fails=Exp(100.0), ttr=Exp(5.0)),
        part("cloud", "near", **store, network=("hub",)),
        part("cloud", "bare", **store),
        part("cloud", "far", **store, network=("near",)),
    ]
    built = paths(*parts, wanted={x: ("place", x, None) for x in ("near", "bare", "far")})
    found = {x: missing(built, x) for x in ("near", "bare", "far")}
    assert found == {"near": close(5 / 105, EXACT), "bare": 0.0, "far": 1.0}


def test_a_member_behind_the_other_is_no_way_in() -> None:
    """A standby that is cabled to the other member only is no second one of two."""
    # Sees: a group in the spreadsheet that counts members whom nobody reaches.
    server = box("server", 1000, 10, reboot=law(1), boot_after_power=law(1))
    parts = {
        "place": {"type": "clients", "network": ["hub"]},
        "hub": box("switch", 100, 5),
        "a": {**server, "network": ["hub"]},
        "b": {**server, "network": ["a"]},
    }
    pair = {"type": "active_passive", "members": ["a", "b"], "switchover": "1 min",
            "check": {"sees": "host", "every": "1 s", "fall": 3}, "failback": "never"}  # fmt: skip
    roles = {"use": {"needs": ["pacs"], "used_from": ["place"]}}
    found = design_of({"pacsim": 1, "parts": parts, "groups": {"pacs": pair}, "roles": roles})
    assert "roles.use.used_from[0]: no path from place to b" in found.resolved.warnings
    expected = 1 - 100 / 105 * 1000 / 1010
    assert spreadsheet_down(found.resolved, "use") / 8760 == close(expected, EXACT)


def test_who_sees_a_link_of_a_bond_fail() -> None:
    """A fault is hidden while the other link carries the traffic, and called in if none does."""
    # Sees: faults of all links hidden, also of the last one; faults of all links seen.
    life, hidden, call, supply, work = 60.0, 40.0, 3.0, 1.0, 2.0
    doing = practices(times={"hidden_unmonitored": Exp(hidden), "call": Exp(call)})
    ends = [part("clients", name) for name in "ab"]
    trunk = part("bond", "trunk", between=("a", "b"), fails=Exp(life), repair=Exp(work), links=2)
    built = paths(*ends, trunk, wanted={"path": ("a", "b", None)}, doing=doing)
    steps = {"hidden": ("vendor", hidden), "called": ("vendor", call), "vendor": ("work", supply),
             "work": ("up", work)}  # fmt: skip

    def moves(state: tuple[str, str]) -> list[tuple[tuple[str, str], float]]:
        found = []
        for k, own in enumerate(state):
            other = state[1 - k]
            to, mean = steps.get(own, ("hidden" if other == "up" else "called", life))
            # What decides is read when a fault strikes.
            found.append(((to, other) if k == 0 else (other, to), 1.0 / mean))
        return found

    chain = Chain(explored(("up", "up"), moves))
    down = [both for both in chain.states if isinstance(both, tuple) and "up" not in both]
    assert missing(built, "path") == close(chain.share(*down), EXACT)


def test_the_life_of_a_line() -> None:
    """A line that is up .9993 of the time, repairs of 6 h with 24 h as 95 % point (row 21)."""
    # Sees: the median in place of the mean; A / (1 - A) the other way up.
    line = design_of(
        {"pacsim": 1, "parts": {"isp": {"type": "wan", "from": "wan_business"}}}
    ).resolved.parts["isp"]
    sigma = math.log(24.0 / 6.0) / norm.ppf(0.95)
    mean = 6.0 * math.exp(sigma**2 / 2.0)
    life = life_of(line)
    assert life is not None
    assert line.law("repair").mean() / HOUR == close(mean, 1e-9)
    assert life.mean() / HOUR == close(mean * 0.9993 / 0.0007, 1e-9)
    assert mean == close(8.5584697, 1e-7)
    assert mean * 0.9993 / 0.0007 == close(12217.827, 1e-7)


@pytest.mark.parametrize(
    "stated",
    [{"availability": 0.9993}, {"fails": Exp(6.0 * 0.9993 / 0.0007)}],
    ids=lambda s: next(iter(s)),
)
@pytest.mark.parametrize("beta", [0.0548, 0.0])
def test_two_lines_with_a_common_share(stated: dict[str, Any], beta: float) -> None:
    """Two lines, q .0007, repairs of 6 h: a share of their failures takes both (row 22)."""
    # Sees: lines that keep their whole rate beside the shock; a share of a life that is not theirs.
    lines = [part("wan", f"isp-{k}", repair=Exp(6.0), **stated) for k in range(2)]
    shared = part("common_cause", "entry", members=("isp-0", "isp-1"), share=beta)
    built = model(
        *lines, *([shared] if beta else []),
        roles=(role("either", "isp-0", "isp-1", k=1),), down=("role.either", "isp-0.forwards"),
    )  # fmt: skip
    rate, mended = 0.0007 / (0.9993 * 6.0), 1.0 / 6.0
    own, both = (1.0 - beta) * rate, beta * rate
    chain = Chain(
        [(0, 1, 2.0 * own), (0, 2, both), (1, 2, own + both), (1, 0, mended), (2, 1, 2.0 * mended)]
    )
    assert missing(built, "isp-0.forwards") == close(0.0007, EXACT)
    assert missing(built, "role.either") == close(chain.share(2), EXACT)
    assert chain.share(2) == close(1.9643525e-5 if beta else 4.9e-7, 1e-6)


def law(mean: float) -> dict[str, str]:
    return {"mean": f"{mean} h", "family": "exponential"}


def box(kind: str, fails: float, repair: float, **more: Any) -> dict[str, Any]:
    return {"type": kind, "ttf": f"{fails} h", "ttr": law(repair), **more}


def share_down(design: Design, of: str) -> float:
    """Return the long-run share of time that a role is down, by the exact engine."""
    return float(exact.solve(build(design.resolved).model, steady=True).steady[f"role:{of}"][0])


FILE = """pacsim: 1
parts:
  rooms: {type: clients, network: [edge]}
  edge: {type: switch, ttf: 900 h, ttr: {mean: 5 h, family: exponential}}
  fw-1: {type: firewall, ttf: 400 h, ttr: {mean: 9 h, family: exponential}, network: [isp-1]}
  fw-2: {type: firewall, ttf: 300 h, ttr: {mean: 9 h, family: exponential}, network: [isp-2]}
  a: {type: link, ttf: 200 h, ttr: {mean: 4 h, family: exponential}, between: [edge, fw-1]}
  b: {type: link, ttf: 100 h, ttr: {mean: 4 h, family: exponential}, between: [edge, fw-2]}
  isp-1: {type: wan, availability: 97 %, repair: {mean: 6 h, family: exponential}, network: [store]}
  isp-2: {type: wan, availability: 95 %, repair: {mean: 7 h, family: exponential}, network: [store]}
  store: {type: cloud, outages: 500 h, repair: {mean: 2 h, family: exponential}}
roles:
  priors: {needs: [store], used_from: [rooms]}
"""


def test_moving_one_link_changes_the_answer(tmp_path: Path) -> None:
    """Both links to one firewall leave the other one idle."""
    # Sees: a path that is not read anew from the file; a cloud without its lines.
    q = {"edge": 5 / 905, "fw-1": 9 / 409, "fw-2": 9 / 309, "a": 4 / 204, "b": 4 / 104,
         "isp-1": 0.03, "isp-2": 0.05, "store": 2 / 502}  # fmt: skip

    def expected(to: str) -> float:
        total = 0.0
        for ups, chance in weighed(q.values()):
            up = dict(zip(q, ups, strict=True))
            lit = {"fw-1": up["a"], "fw-2": False}
            lit[to] = lit[to] or up["b"]
            over = any(lit[f"fw-{k}"] and up[f"fw-{k}"] and up[f"isp-{k}"] for k in (1, 2))
            total += chance * (not (up["edge"] and up["store"] and over))
        return total

    found = {}
    for to in ("fw-2", "fw-1"):
        file = tmp_path / f"{to}.yaml"
        file.write_text(FILE.replace("[edge, fw-2]", f"[edge, {to}]"), encoding="utf-8")
        design = load(file)
        found[to] = share_down(design, "priors")
        assert found[to] == close(expected(to), EXACT)
        assert spreadsheet_down(design.resolved, "priors") / 8760.0 == close(expected(to), EXACT)
    assert found["fw-1"] > 1.5 * found["fw-2"]


def test_each_place_has_its_own_paths() -> None:
    """A role that is used from two places is down while either has no path to the service."""
    parts = {
        "north": {"type": "clients", "network": ["line-n"]},
        "south": {"type": "clients", "network": ["line-s"]},
        "line-n": {"type": "wan", "availability": "98 %", "repair": law(5), "network": ["store"]},
        "line-s": {"type": "wan", "availability": "96 %", "repair": law(5), "network": ["store"]},
        "store": {"type": "cloud", "outages": "500 h", "repair": law(2)},
    }
    used = {"both": ["north", "south"], "one": ["north"]}
    roles = {name: {"needs": ["store"], "used_from": places} for name, places in used.items()}
    found = design_of({"pacsim": 1, "parts": parts, "roles": roles})
    up = 500 / 502
    assert share_down(found, "both") == close(1 - up * 0.98 * 0.96, EXACT)
    assert share_down(found, "one") == close(1 - up * 0.98, EXACT)
    assert spreadsheet_down(found.resolved, "both") / 8760 == close(1 - up * 0.98 * 0.96, EXACT)


def test_a_bond_in_the_spreadsheet() -> None:
    """A bond is one of n there; a firewall and its feed are in series."""
    parts = {
        "place": {"type": "clients", "network": ["fw"]},
        "pdu": box("pdu", 700, 3),
        "fw": box("firewall", 400, 9, power=["pdu"]),
        "trunk": box("bond", 50, 10, links=3, between=["fw", "store"]),
        "store": {"type": "cloud", "outages": "500 h", "repair": law(2)},
    }
    roles = {"priors": {"needs": ["store"], "used_from": ["place"]}}
    found = design_of({"pacsim": 1, "parts": parts, "roles": roles})
    expected = 1 - 700 / 703 * 400 / 409 * 500 / 502 * (1 - (10 / 60) ** 3)
    assert spreadsheet_down(found.resolved, "priors") / 8760 == close(expected, EXACT)
    assert share_down(found, "priors") == close(expected, EXACT)


PEOPLE: dict[str, Any] = {
    "parts": {"team": {"type": "crew", "from": "people"}},
    "practices": {"support": {"from": "support_4h"}, "monitoring": {"finds": ["degraded_raid"]}},
}
ALONE: dict[str, dict[str, Any]] = {
    "firewall": {"from": "firewall", "power": ["pdu"], "network": ["place", "store"]},
    "wan": {"from": "wan_business", "network": ["place", "store"]},
    "wan by life": {"type": "wan", "fails": "3 months", "ttr": "4 h", "network": ["place", "store"]},
    "bond": {"from": "patch_link", "between": ["place", "store"], "links": 3, "capacity": "1 Gbit/s"},
    "cloud": {"from": "cloud_service", "network": ["place"]},
}  # fmt: skip


def ten_times(one: Part) -> Part:
    """Return a part that fails ten times as often."""
    values = dict(one.values)
    for slot in ("fails", "outages"):
        if isinstance(values.get(slot), Delay):
            values[slot] = replace(values[slot], law=values[slot].law.scaled(0.1))
    if values.get("availability") is not None:
        up = values["availability"]
        values["availability"] = up / (up + 10.0 * (1.0 - up))
    return replace(one, values=MappingProxyType(values))


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_both_simulators_see_each_part_alike(name: str) -> None:
    """Traces at ten times the fault rates, equal to the bit; every transition fires often."""
    parts = {
        "place": {"type": "clients"},
        "pdu": {"type": "pdu", "from": "pdu"},
        "x": {"type": name.split(maxsplit=1)[0], **ALONE[name]},
        **PEOPLE["parts"],
    }
    needs = ["x"]
    if name != "cloud":
        parts["store"] = {"type": "cloud", "outages": "50 years", "repair": "1 h"}
        needs = ["store"]
    found = design_of(
        {"pacsim": 1, "parts": parts, "practices": PEOPLE["practices"],
         "roles": {"use": {"needs": needs, "used_from": ["place"]}}}
    )  # fmt: skip
    faster = {x: ten_times(p) for x, p in found.resolved.parts.items()}
    assert faster["x"] != found.resolved.parts["x"]
    built = build(replace(found.resolved, parts=MappingProxyType(faster))).model
    # Links of a bond are alike, and a part that is missing is rare: they are counted together.
    names = [re.sub(r"-[0-9]+", "", t.name) for t in built.transitions]
    fired = {called: 0 for called in names if called.startswith("x/")}
    for first in range(60):
        options: dict[str, Any] = {"horizon": 100 * YEAR, "first": first, "trace": True}
        one, other = reference.simulate(built, **options), kernel.simulate(built, **options)
        assert_twins(one, other)
        assert one.trace is not None
        for row in one.trace:
            if names[row["transition"]] in fired:
                fired[names[row["transition"]]] += 1
        if min(fired.values()) >= 50:
            break
    assert len(fired) >= 2
    assert {x: n for x, n in fired.items() if n < 50} == {}
