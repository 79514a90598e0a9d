"""Overlays: ``extends`` lays a design over its base, ``like`` a part over another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacsim.design.calendar_files import KEYS, beside, is_there, read_file
from pacsim.design.coverage import laid_over, twin
from pacsim.design.delay_forms import FORM_KEYS
from pacsim.design.origins import ABOUT
from pacsim.files.problems import Problem, near
from pacsim.files.tree import Node
from pacsim.parts.registry import all_types

if TYPE_CHECKING:
    from pathlib import Path

    from pacsim.design.cursor import Cursor
    from pacsim.parts.slots import RecordType

VALUE_KEYS = {*FORM_KEYS, *ABOUT, *KEYS, "catalogue", "take", "any", "at_least", "need", "of"}
"""Keys of maps that are one value: such a map replaces another, it does not merge with it."""
WIDEST = 120
"""Characters of a list of names that is still worth reading."""
SHALLOW = 2
"""Levels at the top of a design whose keys are names, not values."""


def merged(base: Node, over: Node, depth: int = 0, kind: RecordType | None = None) -> Node:
    """Return a tree laid over another: maps merge by key, anything else replaces, null removes.

    A map that is a value (``{median: 4 h, p95: 9 h}``) is replaced as a whole, and so is a slot
    that is written by its other key: the last of ``repair`` and ``ttr`` holds. A null for a key
    that the base does not have stays, for a bundle's entry that is not wanted. ``kind`` is the
    type of record of both, where it is known.

    Examples
    --------
    >>> from pacsim.design.diagnostics import planted
    >>> here = Node(None, "my.yaml", 1)
    >>> base = planted({"a": 1, "b": {"c": 2}}, here)
    >>> merged(base, planted({"a": None, "b": {"d": 3}}, here)).plain()
    {'b': {'c': 2, 'd': 3}}
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    if depth >= SHALLOW and over.value and _is_value(base) and _is_value(over):
        return over
    if depth >= SHALLOW and kind is None:
        kind = _typed(over) or _typed(base)
    laid = dict(base.value)
    for key, child in over.value.items():
        other = twin(kind, key)
        given = other in over.value and over.value[other].value is not None
        if child.value is None and given:
            continue  # it goes with the other key, which is given
        if other not in laid or given or child.value is None:
            other = key
        if child.value is None and key in laid and laid[key].value is not None:
            del laid[key]
        elif other in laid:
            # Under its own key it keeps its place among the others.
            old = laid[key] if other == key else laid.pop(other)
            slot = kind.slot(key) if kind is not None else None
            new = merged(old, child, depth + 1, slot.record if slot is not None else None)
            laid[key] = laid_over(new, old, slot, other) if slot and slot.covers else new
        else:
            laid[key] = child
    return Node(laid, over.file, over.line)


def _typed(node: Node) -> RecordType | None:
    """Return the declaration of what a part or group says that it is; None if it says nothing."""
    written = node.value["type"].value if "type" in node.value else None
    return all_types().get(written) if isinstance(written, str) else None


def _is_value(node: Node) -> bool:
    return set(node.value) <= VALUE_KEYS


def is_value(plain: object) -> bool:
    """Return whether plain values are one value of a slot rather than a record."""
    return not isinstance(plain, dict) or set(plain) <= VALUE_KEYS


def extended(path: Path, problems: list[Problem], seen: tuple[Path, ...] = ()) -> Node | None:
    """Return the tree of a file over those of its bases."""
    node = read_file(path, problems)
    if node is None:
        return None
    if not isinstance(node.value, dict):
        rule = "is no design: its top level is no map"
        problems.append(Problem(node.file, node.line, "", rule, "see models/designs"))
        return None
    if "extends" not in node.value:
        return node
    named = node.value["extends"]
    top = Node({k: v for k, v in node.value.items() if k != "extends"}, node.file, node.line)
    if not isinstance(named.value, str):
        rule = "extends names one file"
        problems.append(Problem(named.file, named.line, "extends", rule, "extends: base.yaml"))
        return top
    base = beside(named, named.value)
    if not is_there(base):
        rule, remedy = f'no file "{named.value}"', f"looked for {base}"
        problems.append(Problem(named.file, named.line, "extends", rule, remedy))
        return top
    chain = (*seen, path.resolve())
    if base.resolve() in chain:
        rule = f'"{named.value}" extends this file'
        remedy = "a base cannot extend what extends it"
        problems.append(Problem(named.file, named.line, "extends", rule, remedy))
        return top
    below = extended(base, problems, chain)
    return merged(below, top) if below is not None else top


def expanded(tree: Cursor) -> Cursor:
    """Return a tree in which no part is ``like`` another any more."""
    if "parts" not in tree.keys or not isinstance(tree["parts"].value, dict):
        return tree
    parts = tree["parts"]
    done = {name: node for name, node in parts.value.items() if not _is_like(node)}
    for name in parts.keys:
        _expand(parts, name, done, ())
    laid = Node({name: done[name] for name in parts.keys}, parts.node.file, parts.node.line)
    return tree.with_node(Node({**tree.value, "parts": laid}, tree.node.file, tree.node.line))


def _is_like(node: Node) -> bool:
    return isinstance(node.value, dict) and "like" in node.value


def _expand(parts: Cursor, name: str, done: dict[str, Node], chain: tuple[str, ...]) -> Node:
    if name in done:
        return done[name]
    part = parts[name]
    node = part.node
    like = part["like"]
    own = Node({k: v for k, v in node.value.items() if k != "like"}, node.file, node.line)
    other, lost = like.value, True
    if other is None:
        like.problem("nothing to remove: no base gives it", "delete the line")
    elif not isinstance(other, str):
        like.problem("is no name of a part", "write like: server-a")
    elif other not in parts.keys:
        remedy = near(other, set(parts.keys) - {name})
        remedy = remedy if len(remedy) < WIDEST else "see the names under parts"
        like.problem(f'no part "{other}"', remedy)
    elif other == name or other in chain:
        rule = f"goes round in a circle: {' -> '.join((*chain, name, other))}"
        like.problem(rule, "write one of them out")
    else:
        base = _expand(parts, other, done, (*chain, name))
        lost = not isinstance(base.value, dict) or "like" in base.value
        own = merged(base, own, SHALLOW)
    kept = {key: child for key, child in own.value.items() if key != "like"}
    if "type" not in kept and lost:
        # What it is to be is not known, and that was said: it is left for nobody to say again.
        kept["like"] = like.node
    done[name] = Node(kept, own.file, own.line)
    return done[name]
