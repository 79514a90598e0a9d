"""Resolving: from an overlaid tree to parts with every slot, its origin and its written form."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pacsim.design.catalogue_entries import VERSION
from pacsim.design.checks import check
from pacsim.design.diagnostics import Diagnostics, children, words
from pacsim.design.overlay import expanded
from pacsim.design.places import places
from pacsim.design.record_resolver import check_name, read_record
from pacsim.design.resolved import Resolved
from pacsim.files.problems import DesignError, Problem, near
from pacsim.files.tree import Node
from pacsim.parts import design_file, practices
from pacsim.parts.registry import group_types, part_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.parts.slots import RecordType
    from pacsim.parts.values import Part

__all__ = ["Resolved", "resolve"]
FORMAT = 1
"""Version of the design format that this version reads."""
TOP = (
    "pacsim", "catalogue", "name", "extends", "contract", "archive", "parts", "groups", "roles",
    "practices",
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
    tree = expanded(diagnostics, tree)
    name = _head(diagnostics, tree, stem)
    plain: dict[str, Any] = {"pacsim": FORMAT, "catalogue": VERSION, "name": name}
    records: dict[str, Part] = {}
    for key, kind in (("contract", design_file.CONTRACT), ("archive", design_file.ARCHIVE)):
        records[key], plain[key] = read_record(
            diagnostics, kind, _or_empty(tree, key), key, name=key
        )
    parts, plain["parts"] = _section(diagnostics, tree, "parts", part_types(), "part")
    groups, plain["groups"] = _section(diagnostics, tree, "groups", group_types(), "group")
    roles, plain["roles"] = _roles(diagnostics, tree)
    node = _or_empty(tree, "practices")
    records["practices"], plain["practices"] = read_record(
        diagnostics, practices.TYPE, node, "practices", name="practices"
    )
    for group, at in children(_or_empty(tree, "groups")).items():
        if group in parts:
            rule = f'"{group}" is a part and a group'
            diagnostics.problem(at, f"groups.{group}", rule, "rename one of them")
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
    )
    warnings = check(diagnostics, resolved, places(tree))
    if diagnostics.problems:
        raise DesignError(_once(diagnostics.problems))
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


def _or_empty(tree: Node, key: str) -> Node:
    return tree.value.get(key) or Node({}, tree.file, tree.line)


def _head(diagnostics: Diagnostics, tree: Node, stem: str) -> str:
    """Check the top-level keys and versions; return the design's name."""
    for key, child in tree.value.items():
        if key not in TOP:
            diagnostics.problem(child, key, f'unknown key "{key}"', near(key, TOP))
    version = tree.value.get("pacsim")
    if version is None:
        diagnostics.problem(
            tree, "pacsim", "no format version", f"write pacsim: {FORMAT} at the top"
        )
    elif version.value != FORMAT or isinstance(version.value, bool):
        rule = f"format version {words(version.plain())[:60]} is not known"
        diagnostics.problem(version, "pacsim", rule, f"this version reads pacsim: {FORMAT}")
    sourced = tree.value.get("catalogue")
    if sourced is not None and str(sourced.plain()) != VERSION:
        rule = f"catalogue {words(sourced.plain())[:60]} is not here"
        remedy = f'write catalogue: "{VERSION}" and read the results anew, or use its pacsim'
        diagnostics.problem(sourced, "catalogue", rule, remedy)
    name = tree.value.get("name")
    if name is None:
        return stem
    odd = isinstance(name.value, dict | list | bool) or name.value is None
    if odd or not str(name.value):
        diagnostics.problem(name, "name", "is no text", "put the name in quotes")
        return stem
    return str(name.value)


def _entries(diagnostics: Diagnostics, tree: Node, section: str) -> dict[str, Node]:
    node = _or_empty(tree, section)
    if not isinstance(node.value, dict):
        diagnostics.problem(
            node, section, "is no map of names", f"write {section}: {{a-name: {{...}}}}"
        )
        return {}
    for name, child in node.value.items():
        check_name(diagnostics, child, f"{section}.{name}", name)
    return dict(node.value)


def _section(
    diagnostics: Diagnostics, tree: Node, section: str, types: Mapping[str, RecordType], what: str
) -> tuple[dict[str, Part], dict[str, Any]]:
    found: dict[str, Part] = {}
    plain: dict[str, Any] = {}
    for name, node in _entries(diagnostics, tree, section).items():
        path = f"{section}.{name}"
        if node.value is None:
            diagnostics.problem(node, path, f'nothing to remove: no base has a {what} "{name}"')
            continue
        if not isinstance(node.value, dict):
            diagnostics.problem(node, path, "is no map", f"write {name}: {{type: ...}}")
            continue
        written = node.value.get("type")
        kind = types.get(written.value) if written and isinstance(written.value, str) else None
        if kind is None and not written and section == "parts" and "like" in node.value:
            continue  # that it is like nothing was said where it was expanded
        if kind is None:
            _no_type(diagnostics, node, path, types, what)
            continue
        found[name], plain[name] = read_record(
            diagnostics, kind, node, path, name=name, typed=True, supported=what == "part"
        )
    return found, plain


def _no_type(
    diagnostics: Diagnostics, node: Node, path: str, types: Mapping[str, RecordType], what: str
) -> None:
    """Note that nobody knows what a part or group is, and the key that may have been to say so."""
    written = node.value.get("type")
    if written is not None:
        named = words(written.plain())
        diagnostics.problem(
            written, f"{path}.type", f'no type of {what} "{named}"', near(named, types)
        )
        return
    for key, child in node.value.items():
        remedy = near(key, ("type",))
        if "did you mean" in remedy:
            diagnostics.problem(child, f"{path}.{key}", f'unknown key "{key}"', remedy)
            return
    diagnostics.problem(node, f"{path}.type", "no type", near("", types))
    if "like" in node.value:
        diagnostics.problem(node.value["like"], f"{path}.like", "like is for parts", "write it out")


def _roles(diagnostics: Diagnostics, tree: Node) -> tuple[dict[str, Part], dict[str, Any]]:
    found: dict[str, Part] = {}
    plain: dict[str, Any] = {}
    for name, node in _entries(diagnostics, tree, "roles").items():
        path = f"roles.{name}"
        if node.value is None:
            diagnostics.problem(node, path, f'nothing to remove: no base has a role "{name}"')
            continue
        found[name], plain[name] = read_record(diagnostics, design_file.ROLE, node, path, name=name)
    return found, plain
