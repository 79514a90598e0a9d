"""Shipped designs with a workload, and the graph that they draw: powered boxes, cables between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx

from pacsim import load

if TYPE_CHECKING:
    from collections.abc import Collection

    from pacsim.design.resolved import Resolved

MODELS = Path(__file__).parents[3] / "models"
ARCHIVES = {"single-server": "server-a", "active-passive": "pacs", "active-active": "pacs"}
SITES = ("radiology", "reading-rooms")


def designed(folder: Path, name: str, **workload: str) -> Path:
    """Return the file of a shipped design with the community hospital's workload."""
    said = {
        "from": str(MODELS / "workloads" / "community-hospital.yaml"),
        "archive": ARCHIVES[name],
        "at": "{modalities: radiology, readers: reading-rooms}",
        **workload,
    }
    inner = ", ".join(f"{key}: {value}" for key, value in said.items())
    file = folder / f"{name}.yaml"
    file.write_text(
        f'pacsim: 1\ncatalogue: "2026.3"\nname: {name}\n'
        f"extends: {MODELS / 'designs' / name}.yaml\nworkload: {{{inner}}}\n"
    )
    return file


def drawn(folder: Path, name: str) -> Resolved:
    return load(designed(folder, name)).resolved


def lit(resolved: Resolved, out: Collection[str]) -> set[str]:
    """Return the parts that have power while some are out; what names no source needs none.

    The generator takes over from the mains, and a transfer switch is bypassed by hand.
    """
    parts = resolved.parts

    def fed(name: str) -> bool:
        feeds = parts[name].values.get("power")
        sources = [] if feeds is None else list(feeds.of)
        return name not in out and (not sources or any(map(fed, sources)))

    return {name for name in parts if fed(name)}


def cables(resolved: Resolved, alive: Collection[str]) -> nx.Graph:
    """Return the network of what is alive."""
    graph = nx.Graph()
    graph.add_nodes_from(alive)
    for name in alive:
        graph.add_edges_from((name, x) for x in resolved.parts[name].names("network") if x in alive)
    return graph


def serving(resolved: Resolved, name: str, out: Collection[str]) -> dict[str, set[str]]:
    """Return the servers that each site may be served by while some boxes are out."""
    alive = lit(resolved, out)
    graph = cables(resolved, alive)
    servers = [x for x in resolved.parts if x.startswith("server-")]
    by_cable = bool(resolved.parts["array"].names("network"))
    balancers = [x for x in resolved.parts if x.startswith("balancer-")]

    def joined(one: str, other: str) -> bool:
        return {one, other} <= alive and nx.has_path(graph, one, other)

    def reached(site: str, server: str) -> bool:
        if not balancers:
            return joined(site, server)
        return any(joined(site, x) and joined(x, server) for x in balancers)

    stores = {x for x in servers if "array" in alive and (not by_cable or joined(x, "array"))}
    return {site: {x for x in stores if reached(site, x)} for site in SITES}
