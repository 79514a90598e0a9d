"""Resolving: from an overlaid tree to parts with every slot, its origin and its written form."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.design.catalogue_entries import CHANGED, VERSION
from pacsim.design.checks import check
from pacsim.design.contracts import in_force, overridden
from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics, planted, words
from pacsim.design.overlay import expanded
from pacsim.design.places import places
from pacsim.design.record_resolver import check_name, read_once
from pacsim.design.resolved import Resolved
from pacsim.design.workloads import KEY, archive_default, with_workload, workload_of
from pacsim.files.problems import DesignError, Problem, near
from pacsim.files.tree import Node
from pacsim.parts import design_file, practices, workload
from pacsim.parts.registry import group_types, part_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.slots import RecordType
    from pacsim.parts.values import Part

__all__ = ["Resolved", "resolve"]
FORMAT = 1
"""Version of the design format that this version reads."""
TOP = (
    "pacsim", "catalogue", "name", "extends", "contract", "archive", "workload", "parts", "groups",
    "roles", "practices",
)  # fmt: skip


def resolve(
    tree: Node, stem: str, diagnostics: Diagnostics | None = None
) -> tuple[Resolved, dict[str, Any]]:
    """Return the resolved design of an overlaid tree, and its plain values in full.

    Parameters
    ----------
    tree : Node
        A map; bases are laid under it already.
    stem : str
        Name of the design if it does not say.
    diagnostics : Diagnostics, optional
        With problems found before.

    Raises
    ------
    DesignError
        With every problem at once.
    """
    diagnostics = diagnostics if diagnostics is not None else Diagnostics()
    top, of_workload = with_workload(expanded(Cursor(diagnostics, tree)))
    name = _head(top, stem)
    if of_workload is not None:
        _versions(of_workload)
    traffic, written = _workload(top)
    top = _archive_of(top, traffic)
    plain: dict[str, Any] = {"pacsim": FORMAT, "catalogue": VERSION, "name": name}
    records: dict[str, Part] = {}
    for key, kind in (("contract", design_file.CONTRACT), ("archive", design_file.ARCHIVE)):
        records[key], plain[key] = read_once(_or_empty(top, key), kind, name=key)
    if traffic is not None:
        plain[KEY] = written
    parts, plain["parts"] = _section(top, "parts", part_types(), "part")
    groups, plain["groups"] = _section(top, "groups", group_types(), "group")
    roles, plain["roles"] = _roles(top)
    records["practices"], plain["practices"] = read_once(
        _or_empty(top, "practices"), practices.TYPE, name="practices"
    )
    for group, written in _or_empty(top, "groups").items():
        if group in parts:
            written.problem(f'"{group}" is a part and a group', "rename one of them")
    resolved = Resolved(
        name=name,
        contract=records["contract"],
        archive=records["archive"],
        parts=MappingProxyType(parts),
        groups=MappingProxyType(groups),
        roles=MappingProxyType(roles),
        practices=records["practices"],
        inputs=tuple(diagnostics.inputs),
        warnings=(),
        unused=tuple(diagnostics.unused),
        workload=workload_of(traffic, parts, groups) if traffic is not None else None,
    )
    warnings = _older([top, of_workload], resolved) + check(diagnostics, resolved, places(top.node))
    if diagnostics.problems:
        raise DesignError(_once(diagnostics.problems))
    resolved, changed = in_force(resolved)
    warnings += overridden(resolved, diagnostics.overrides) + changed
    for key in ("groups", "roles", "practices"):
        if not plain[key]:
            del plain[key]
    return replace(resolved, warnings=warnings), plain


def _once(problems: list[Problem]) -> list[Problem]:
    """Return problems without the copies that ``like`` makes of them."""
    seen: dict[tuple[str, int, str, str], Problem] = {}
    for problem in problems:
        last = problem.path.rpartition(".")[2] if problem.line else problem.path
        seen.setdefault((problem.file, problem.line, last, problem.rule), problem)
    return list(seen.values())


def _or_empty(top: Cursor, key: str) -> Cursor:
    return top[key] if key in top.keys else top.child(key, Node({}, top.node.file, top.node.line))


def _workload(top: Cursor) -> tuple[Part | None, Any]:
    """Return the record of the workload and how it is written in full; None if there is none."""
    if KEY not in top.keys:
        return None, None
    if top[KEY].value is None:
        top[KEY].problem("nothing to remove: no base has a workload", "delete the line")
        return None, None
    top.diagnostics.traffic = True
    if not isinstance(top[KEY].value, dict):
        rule = "is no map"
        remedy = "write {from: ../workloads/community-hospital.yaml, archive: ..., at: {...}}"
        top[KEY].problem(rule, remedy)
        return None, None
    return read_once(top[KEY], workload.TYPE, name=KEY)


def _archive_of(top: Cursor, traffic: Part | None) -> Cursor:
    """Return a design whose archive stores what the workload makes, where it does not say."""
    archive = _or_empty(top, "archive")
    if traffic is None or not isinstance(archive.value, dict):
        return top
    laid = dict(archive.value)
    for key in ("studies", "study_size"):
        given = archive_default(traffic, key)
        if key not in laid and given is not None:
            laid[key] = planted(given, _or_empty(top, KEY).node)
    node = Node(laid, archive.node.file, archive.node.line)
    return top.with_node(Node({**top.value, "archive": node}, top.node.file, top.node.line))


def _head(top: Cursor, stem: str) -> str:
    """Check the top-level keys and versions; return the design's name."""
    for key, child in top.items():
        if key not in TOP:
            child.problem(f'unknown key "{key}"', near(key, TOP))
    _versions(top)
    if "name" not in top.keys:
        return stem
    name = top["name"]
    odd = isinstance(name.value, dict | list | bool) or name.value is None
    if odd or not str(name.value):
        name.problem("is no text", "put the name in quotes")
        return stem
    return str(name.value)


def _versions(top: Cursor) -> None:
    """Check the versions of the format and of the catalogue that a file is written for."""
    version = top.at("pacsim")
    if "pacsim" not in top.keys:
        version.problem("no format version", f"write pacsim: {FORMAT} at the top")
    elif version.value != FORMAT or isinstance(version.value, bool):
        rule = f"format version {words(version.plain())[:60]} is not known"
        version.problem(rule, f"this version reads pacsim: {FORMAT}")
    sourced = top.at("catalogue")
    if "catalogue" in top.keys and str(sourced.plain()) not in {VERSION, *CHANGED}:
        rule = f"catalogue {words(sourced.plain())[:60]} is not here"
        remedy = f'write catalogue: "{VERSION}" and read the results anew, or use its pacsim'
        sourced.problem(rule, remedy)


def _older(heads: list[Cursor | None], resolved: Resolved) -> tuple[str, ...]:
    """Return a note on an older catalogue; a problem for each entry used that has changed since."""
    notes: list[str] = []
    used = {one.id for one in resolved.inputs}
    for top in heads:
        written = top is not None and "catalogue" in top.keys
        named = str(top["catalogue"].plain()) if top is not None and written else VERSION
        if top is None or named not in CHANGED:
            continue
        for gone in sorted(used & CHANGED[named]):
            rule = f"{gone} is not what it was in catalogue {named}"
            remedy = f'write catalogue: "{VERSION}" and read the results anew, or use its pacsim'
            top["catalogue"].problem(rule, remedy)
        path = f"{top.path}.catalogue" if top.path else "catalogue"
        notes.append(f"{path}: {named} read as {VERSION}; no number that is used here has changed")
    return tuple(notes)


def _entries(top: Cursor, section: str) -> list[tuple[str, Cursor]]:
    """Return name and entry of all that is in a section, with odd names noted."""
    written = _or_empty(top, section)
    if not isinstance(written.value, dict):
        written.problem("is no map of names", f"write {section}: {{a-name: {{...}}}}")
        return []
    entries = written.items()
    for name, entry in entries:
        check_name(entry, name)
    return entries


def _section(
    top: Cursor, section: str, types: Mapping[str, RecordType], what: str
) -> tuple[dict[str, Part], dict[str, Any]]:
    records: dict[str, Part] = {}
    plain: dict[str, Any] = {}
    for name, entry in _entries(top, section):
        if entry.value is None:
            entry.problem(f'nothing to remove: no base has a {what} "{name}"', "delete the line")
            continue
        if not isinstance(entry.value, dict):
            entry.problem("is no map", f"write {name}: {{type: ...}}")
            continue
        written = entry["type"].value if "type" in entry.keys else None
        kind = types.get(written) if isinstance(written, str) else None
        if "type" not in entry.keys and section == "parts" and "like" in entry.keys:
            continue  # that it is like nothing was said where it was expanded
        if kind is None:
            _no_type(entry, types, what)
            continue
        records[name], plain[name] = read_once(
            entry, kind, name=name, typed=True, supported=what == "part"
        )
    return records, plain


def _no_type(entry: Cursor, types: Mapping[str, RecordType], what: str) -> None:
    """Note that nobody knows what a part or group is, and the key that may have been to say so."""
    if "type" in entry.keys:
        named = words(entry["type"].plain())
        entry["type"].problem(f'no type of {what} "{named}"', near(named, types))
        return
    for key, child in entry.items():
        remedy = near(key, ("type",))
        if "did you mean" in remedy:
            child.problem(f'unknown key "{key}"', remedy)
            return
    entry.at("type").problem("no type", near("", types))
    if "like" in entry.keys:
        entry["like"].problem("like is for parts", "write it out")


def _roles(top: Cursor) -> tuple[dict[str, Part], dict[str, Any]]:
    roles: dict[str, Part] = {}
    plain: dict[str, Any] = {}
    for name, entry in _entries(top, "roles"):
        if entry.value is None:
            entry.problem(f'nothing to remove: no base has a role "{name}"', "delete the line")
            continue
        roles[name], plain[name] = read_once(entry, design_file.ROLE, name=name)
    return roles, plain
