"""Random drawn networks against networkx: every path, in every subset of what may fail."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

from pacsim.campaign.diagrams import Diagrams
from pacsim.campaign.spreadsheet import BoxFailures
from pacsim.core import ModelBuilder
from pacsim.design import DesignError, design_of
from pacsim.design.build import build
from pacsim.design.wiring import Network
from pacsim.engines import kernel, reference
from pacsim.engines.reference.gate_reader import GateReader
from pacsim.parts.build_context import BuildContext
from pacsim.parts.network import path
from pacsim.parts.slots import declaration
from tests.agreement.test_twins import assert_twins
from tests.unit.kernel.test_simplify import packed_values

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.core import Model
    from pacsim.design import Design

DRAWN = 60
MOST = 8
"""Elements that may fail: 2^8 subsets."""
PEAKS = (None, 100, 300, 400, 700, 1000)
"""Mbit/s."""
SIZES = (None, 100, 200, 300, 400, 1000)
EXP = {"family": "exponential"}
BOX: dict[str, Any] = {"ttf": {"mean": "400 h", **EXP}, "ttr": {"mean": "9 h", **EXP}}
LINE: dict[str, Any] = {"availability": "97 %", "repair": {"mean": "9 h", **EXP}}
STILL = {"type": "server", **BOX, "reboot": {"mean": "1 h", **EXP},
         "boot_after_power": {"mean": "1 h", **EXP}}  # fmt: skip
CARRIERS = {"switch": BOX, "firewall": BOX, "wan": LINE}


@dataclass
class Drawing:
    """A network as it was drawn: the design, and apart from it what networkx is given.

    ``cables`` are of parts that stand for themselves; ``sizes`` in Mbit/s, of one link of a bond;
    ``lines`` how many links a bond has; ``elements`` the parts that may fail, a bond for each link.
    """

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cables: list[tuple[str, str]] = field(default_factory=list)
    sizes: dict[str, float | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    elements: list[tuple[str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    servers: list[str] = field(default_factory=list)

    def add(self, name: str, values: dict[str, Any], ends: list[str], slot: str, size: Any) -> None:
        """Add a part that is cabled to some ends, of which ``both`` is the group of servers."""
        self.parts[name] = {**values, slot: ends}
        for end in ends:
            one = self.servers if end == "both" else [end]
            self.cables += [(name, x) for x in one if x != name]
        if values["type"] not in {"clients", "server"}:
            self.sizes[name] = size
            if size is not None:
                self.parts[name]["capacity"] = f"{size} Mbit/s"

    def alive(self, down: set[tuple[str, str]], peak: float | None) -> set[str]:
        """Return what passes so much on while some elements are down."""
        found = set()
        for name, size in self.sizes.items():
            lines = self.lines.get(name)
            if lines is None:
                up = int(not any(part == name for part, _ in down))
            else:
                up = lines - sum(part == name for part, _ in down)
            wide = size is None or peak is None or up * size >= peak
            if up and wide:
                found.add(name)
        return found

    def joined(self, start: str, end: str, alive: set[str]) -> bool:
        """Return whether networkx finds a path between two ends over what is alive."""
        graph = nx.Graph(self.cables)
        return bool(nx.has_path(graph.subgraph([*alive, start, end]), start, end))


@cache
def drawn(number: int) -> Drawing:
    """Return a random network of one or two places and two servers, a group, and carriers."""
    rng = random.Random(f"network {number}")
    d = Drawing(servers=["s1", "s2"])
    kinds = rng.choices([*CARRIERS], weights=(4, 1, 1), k=rng.randint(2, 4))
    names = [f"{kind}-{k}" for k, kind in enumerate(kinds)]
    d.places = [f"place-{k}" for k in range(rng.randint(1, 2))]
    for k, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        others = rng.sample(names[:k], k=rng.randint(0, min(k, 1)))
        more = ["both"] if rng.random() < 0.15 else []
        d.add(name, {"type": kind, **CARRIERS[kind]}, others + more, "network", rng.choice(SIZES))
    for place in d.places:
        d.add(place, {"type": "clients"}, rng.sample(names, k=1), "network", None)
    for server in d.servers:
        # A server that is cabled to the other one, or over it, is reached no way.
        ends = rng.sample([*names, *(x for x in d.servers if x != server)], k=rng.randint(1, 2))
        d.add(server, STILL, ends, "network", None)
    budget = MOST
    for k in range(rng.randint(2, 5)):
        ends = rng.sample([*names, *d.places, *d.servers], k=2)
        lines = rng.randint(2, 3) if rng.random() < 0.4 else 0
        if max(lines, 1) > budget:
            continue
        budget -= max(lines, 1)
        name = f"trunk-{k}" if lines else f"link-{k}"
        joining = {"type": "bond", "links": lines} if lines else {"type": "link"}
        d.add(name, {**joining, **BOX}, ends, "between", rng.choice(SIZES))
        if lines:
            d.lines[name] = lines
            d.elements += [(name, f"{name}/link-{n + 1}") for n in range(lines)]
        else:
            d.elements.append((name, f"{name}/cable"))
    units = [
        (x, f"{x}/{'line' if k == 'wan' else 'unit'}") for x, k in zip(names, kinds, strict=True)
    ]
    d.elements += rng.sample(units, k=min(budget, len(units)))
    return d


def subsets(d: Drawing) -> Iterator[set[tuple[str, str]]]:
    for n in range(len(d.elements) + 1):
        yield from map(set, itertools.combinations(d.elements, n))


def plain(d: Drawing) -> dict[str, Any]:
    """Return the design: a role for each place and server."""
    return {
        "pacsim": 1,
        "parts": d.parts,
        "groups": {"both": {"type": "active_passive", "members": d.servers,
                            "check": {"sees": "host", "every": "1 s", "fall": 3},
                            "switchover": "1 min", "failback": "never"}},
        "roles": {f"{a}-{b}": {"needs": [b], "used_from": [a]}
                  for a, b in itertools.product(d.places, d.servers)},
    }  # fmt: skip


def loaded(d: Drawing) -> Design | None:
    """Return the design, or None if it was refused, for the paths that are missing and no other."""
    everything = d.alive(set(), None)
    pairs = itertools.product(d.places, d.servers)
    away = {(a, b) for a, b in pairs if not d.joined(a, b, everything)}
    try:
        design = design_of(plain(d))
    except DesignError as error:
        said = {tuple(problem.rule.split('"')[1::2]) for problem in error.problems}
        assert said == away
        return None
    assert not away
    return design


def with_paths(design: Design) -> Model:
    """Return the model of parts and group, with a gate for each pair of ends and each peak."""
    r = design.resolved
    m = ModelBuilder()
    context = BuildContext(m, r.parts, r.groups, {}, r.practices, r.archive)
    for part in (*r.parts.values(), *r.groups.values()):
        kind = declaration(part)
        assert kind is not None
        assert kind.build is not None
        kind.build(context, part)
    for a, b in ends(r.parts):
        for peak in PEAKS:
            carrying = None if peak is None else peak * 125_000.0
            name = f"{a} {b} {peak}"
            m.gate(name, path(context, a, b, carrying=carrying))
            m.gate_time(f"no {name}", ~m.forward(name))
    return m.build()


def ends(parts: Any) -> list[tuple[str, str]]:
    places = [name for name in parts if name.startswith("place")]
    return [*itertools.product(places, ("s1", "s2")), ("s1", "s2")]


def states(model: Model, down: set[tuple[str, str]]) -> list[int]:
    """Return the state of every element: the first one, or the last one of what is down."""
    failed = {element for _, element in down}
    found = [len(e.states) - 1 if e.name in failed else 0 for e in model.elements]
    assert sum(map(bool, found)) == len(down)
    return found


@pytest.mark.parametrize("number", range(DRAWN))
def test_paths_are_those_of_networkx(number: int) -> None:
    """Each path, with each peak, in each subset of failures, as written and as folded."""
    # Sees: ends that pass traffic on; a cable to a group that leads to its first member only;
    # links of a bond that do not add up; a narrow part on the way that is not asked.
    d = drawn(number)
    design = loaded(d)
    if design is None:
        return
    model = with_paths(design)
    gates = {gate.name: k for k, gate in enumerate(model.gates)}
    for down in subsets(d):
        found = states(model, down)
        reader, folded = GateReader(model, found), packed_values(model, tuple(found))[0]
        for (a, b), peak in itertools.product(ends(d.parts), PEAKS):
            name = f"{a} {b} {peak}"
            expected = d.joined(a, b, d.alive(down, peak))
            assert reader.gate(gates[name]) == expected, (name, down)
            assert folded[gates[name]] == expected, (name, down)


@pytest.mark.parametrize("number", range(DRAWN))
def test_roles_checks_and_the_spreadsheet_see_the_same_paths(number: int) -> None:
    """A role of one server is up, with the server, while networkx finds the path."""
    d = drawn(number)
    design = loaded(d)
    if design is None:
        return
    model = build(design.resolved).model
    gates = {gate.name: k for k, gate in enumerate(model.gates)}
    pairs = [*itertools.product(d.places, d.servers)]
    boxes = [f"{x}/box" for x in d.sizes if x not in d.lines]
    boxes += [element for name, element in d.elements if name in d.lines]
    diagrams = Diagrams(boxes)
    failures = BoxFailures(design.resolved, diagrams)
    cut = {(a, b): failures.cut(a, b) for a, b in pairs}
    for down in subsets(d):
        reader = GateReader(model, states(model, down))
        broken = {x if name in d.lines else f"{name}/box" for name, x in down}
        q = {x: float(x in broken) for x in boxes}
        for a, b in pairs:
            expected = d.joined(a, b, d.alive(down, None))
            assert reader.gate(gates[f"role.{a}-{b}"]) == expected, (a, b, down)
            assert diagrams.probability(cut[a, b], q) == float(not expected), (a, b, down)
    network = Network(design.resolved.parts, design.resolved.groups)
    for (a, b), peak in itertools.product(pairs, PEAKS):
        found = network.reaches(a, b, 0.0 if peak is None else peak * 125_000.0)
        assert found == d.joined(a, b, d.alive(set(), peak)), (a, b, peak)


@pytest.mark.parametrize("number", range(0, DRAWN, 6))
def test_both_simulators_go_the_same_ways(number: int) -> None:
    """Traces and times without each path over two years, equal to the bit."""
    design = loaded(drawn(number))
    if design is not None:
        options: dict[str, Any] = {"horizon": 2 * 8760 * 3600.0, "trace": True}
        model = with_paths(design)
        one, other = reference.simulate(model, **options), kernel.simulate(model, **options)
        assert_twins(one, other)
        assert one.events[0] > 50


def test_the_drawings_reach_every_case() -> None:
    """Bonds, groups with cables, paths that are lost or too narrow, and designs that are refused."""
    designs = [(d, loaded(d)) for d in map(drawn, range(DRAWN))]
    kept = [d for d, design in designs if design is not None]
    assert len(kept) >= DRAWN / 2
    assert DRAWN - len(kept) >= 5
    assert sum(bool(d.lines) for d in kept) >= 10
    assert sum(any("both" in p.get("network", ()) for p in d.parts.values()) for d in kept) >= 5
    assert max(len(d.elements) for d in kept) == MOST
    lost = narrow = carried = 0
    for d in kept:
        for down, (a, b) in itertools.product(subsets(d), ends(d.parts)):
            any_path = d.joined(a, b, d.alive(down, None))
            wide = d.joined(a, b, d.alive(down, 400))
            lost, narrow, carried = (
                lost + (not any_path),
                narrow + (any_path and not wide),
                carried + wide,
            )
    assert min(lost, narrow, carried) > 1000
