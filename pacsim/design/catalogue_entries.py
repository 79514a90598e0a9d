"""The catalogue of sourced parameters and the bundles that name them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.files.tree import read_trusted

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "2026.3"
CHANGED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"2026.1": frozenset(), "2026.2": frozenset()}
)
"""Older versions that are still read: to each, the ids whose numbers have changed or gone since."""
STATUSES = ("published", "vendor", "measured", "derived", "assumed", "user")


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter with its source; ``value`` and ``law`` are as the catalogue writes them.

    ``read_under`` is the contract, ``4h`` or ``nbd``, under which a time that covers everything was
    read, where its text says so; ``twins`` are the entries of the same time under other contracts.
    ``hours`` is ``business`` for a time that is counted in them.
    """

    id: str
    part: str
    component: str
    parameter: str
    kind: str
    status: str
    unit: str
    value: Mapping[str, Any]
    law: Mapping[str, Any]
    covers: str
    source: str
    where: str
    note: str
    read_under: str
    twins: Mapping[str, str]
    hours: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries by id, and bundles: slot to entry id, by bundle name."""

    version: str
    entries: Mapping[str, Entry]
    bundles: Mapping[str, Mapping[str, str]]


@cache
def catalogue() -> Catalogue:
    """Return the shipped catalogue, read once.

    Returns
    -------
    Catalogue
        570 entries and 37 bundles.

    Examples
    --------
    >>> catalogue().entries["ups.mtbf"].status
    'assumed'
    >>> catalogue().bundles["pdu"]["fails"]
    'pdu.fail'
    """
    entries: dict[str, Entry] = {}
    bundles: dict[str, Mapping[str, str]] = {}
    folder = resources.files("pacsim.design") / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        content = read_trusted(file.read_text(encoding="utf-8"))
        if file.name == "bundles.yaml":
            for name, bundle in content["parts"].items():
                bundles[name] = MappingProxyType(dict(bundle["ids"]))
            continue
        for raw in content["entries"]:
            entries[raw["id"]] = _entry(raw)
    return Catalogue(VERSION, MappingProxyType(entries), MappingProxyType(bundles))


def _entry(raw: Mapping[str, Any]) -> Entry:
    # Columns of text, each under the name of its field.
    plain = {one.name: raw.get(one.name, "") for one in fields(Entry)}
    return replace(
        Entry(**plain),
        unit=raw.get("unit") or "",
        value=MappingProxyType(dict(raw.get("value") or {})),
        law=MappingProxyType(dict(raw.get("dist") or {})),
        source=str(raw.get("source", "")),
        where=str(raw.get("where", "")),
        note=str(raw.get("note") or raw.get("reason") or ""),
        twins=MappingProxyType(dict(raw.get("twins") or {})),
    )
