"""A design: loaded, resolved, varied, compared and written out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pacsim.design.diagnostics import Diagnostics, planted
from pacsim.design.known import NAMED, UNKNOWN, Known, packed
from pacsim.design.overlay import extended, is_value
from pacsim.design.resolve import resolve
from pacsim.design.resolved import Resolved
from pacsim.design.variations import varied
from pacsim.errors import PacsimError
from pacsim.files.problems import DesignError, Problem
from pacsim.files.tree import Node, dump

__all__ = ["Design", "Resolved", "design_like", "design_of", "diff", "load"]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A design that can be simulated; frozen, `vary` makes a new one.

    Parameters
    ----------
    name : str
        As it says of itself, or the file's name.
    file : str
        Where it was loaded from.
    tree : Node
        As written, over its bases.
    resolved : Resolved
        With every slot resolved, numbers in SI.
    plain : mapping
        Every value with its origin, as `dump` writes it.
    known : Known
        Its records, which those that are varied from it need not read again.

    Examples
    --------
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
    ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
    >>> one
    <Design 'design': 1 parts, 0 groups, 1 roles, 17 inputs>
    >>> one.resolved.parts["a"].law("fails").mean() / 86400.0
    365.0
    """

    name: str
    file: str
    tree: Node = field(repr=False)
    resolved: Resolved = field(repr=False)
    plain: Mapping[str, Any] = field(repr=False)
    known: Known = field(default=UNKNOWN, repr=False)

    def vary(self, changes: Mapping[str, Any]) -> Design:
        """Return a new design in which some paths have other values.

        Parameters
        ----------
        changes : mapping
            Dotted path to value, as it would be written; None removes.

        Returns
        -------
        Design
            Checked like one from a file; this one stays as it is.

        Raises
        ------
        DesignError
            If a path or a value is wrong, by its path.
        PacsimError
            If it is no mapping.

        Examples
        --------
        >>> from pacsim.design.design import design_of
        >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
        ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}})
        >>> one.vary({"parts.a.ttr": "2 h"}).resolved.parts["a"].law("repair").quantile(0.5)
        7200.0
        """
        if not isinstance(changes, Mapping):
            msg = f'changes is {changes!r}, no map; write {{"parts.a.repair": "2 h"}}'
            raise PacsimError(msg)
        diagnostics = Diagnostics(before=self.known)
        tree = varied(diagnostics, self.tree, changes, self.plain)
        return _made(tree, self.file, diagnostics)

    def dump(self) -> str:
        """Return the resolved design as YAML: every value with its origin, itself a design.

        Returns
        -------
        str
            Loaded again it resolves to the same and dumps to the same text.

        Examples
        --------
        >>> design_of({"pacsim": 1, "name": "empty"}).dump().splitlines()[0]
        'pacsim: 1'
        """
        return _text(self)

    @property
    def hash(self) -> str:
        """SHA-256 of the dump, in hexadecimal."""
        return hashlib.sha256(self.dump().encode()).hexdigest()

    def __repr__(self) -> str:
        r = self.resolved
        return (
            f"<Design {self.name!r}: {len(r.parts)} parts, {len(r.groups)} groups, "
            f"{len(r.roles)} roles, {len(r.inputs)} inputs>"
        )


@lru_cache(maxsize=8)
def _text(design: Design) -> str:
    """Return the dump of a design, which takes longest of all that is asked of one again."""
    return dump(design.plain)


def load(path: str | Path) -> Design:
    r"""Return the design in a file.

    Parameters
    ----------
    path : str or Path
        A design file; paths in it are relative to it.

    Returns
    -------
    Design
        With its bases, calendars and contracts read and every slot resolved.

    Raises
    ------
    DesignError
        With every problem at once: file, line, path, rule and remedy.
    PacsimError
        If it is no path.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "tiny.yaml"
    ...     _ = file.write_text("pacsim: 1\nparts:\n  a: {type: component, ttf: 1 year, ttr: 4 h}")
    ...     load(file)
    <Design 'tiny': 1 parts, 0 groups, 0 roles, 17 inputs>
    """
    if not isinstance(path, str | os.PathLike):
        msg = f"{path!r} is no path of a design file"
        raise PacsimError(msg)
    diagnostics = Diagnostics()
    where = Path(path)
    tree = extended(where, diagnostics.problems)
    if tree is None:
        raise DesignError(diagnostics.problems)
    return _made(tree, str(path), diagnostics)


def design_of(plain: Mapping[str, Any], file: str = "design.yaml") -> Design:
    """Return the design of plain values; paths in it are relative to ``file``.

    Parameters
    ----------
    plain : mapping
        What a design file would say, as YAML reads it.
    file : str
        Where it would stand.

    Returns
    -------
    Design
        As of `load`.

    Raises
    ------
    DesignError
        With every problem at once.

    Examples
    --------
    >>> design_of({"pacsim": 1, "name": "empty"})
    <Design 'empty': 0 parts, 0 groups, 0 roles, 15 inputs>
    """
    return _planted(plain, file)


def design_like(plain: Mapping[str, Any], known: Design, file: str = "design.yaml") -> Design:
    """Return what `design_of` does; what another design has as well is not read again.

    Parameters
    ----------
    plain : mapping
        What a design file would say, as YAML reads it.
    known : Design
        Best one from here or from `design_of` that differs in little. It is not kept.
    file : str
        Where it would stand.

    Returns
    -------
    Design
        Equal in everything to that of `design_of`, whatever is known.

    Raises
    ------
    DesignError
        With every problem at once.

    Examples
    --------
    >>> plain = {"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
    ...     "ttr": "4 h"}}, "roles": {"store": {"needs": ["a"]}}}
    >>> one = design_of(plain)
    >>> other = design_like({**plain, "contract": {"term": "3 years"}}, one)
    >>> other.resolved.parts["a"] is one.resolved.parts["a"]
    True
    """
    return _planted(plain, file, known)


def _planted(plain: Mapping[str, Any], file: str, known: Design | None = None) -> Design:
    """Return the design of plain values; nodes of a known one stand where the same is written."""
    here = Node(None, file, 0)
    from_there = known.known.written if known is not None and known.file == file else {}
    written: dict[tuple[str, ...], bytes] = {}

    def node(value: object, *place: str) -> Node:
        content = packed(value)
        if content is None:
            return planted(value, here)
        written[place] = content
        if known is None or from_there.get(place) != content:
            return planted(value, here)
        found = known.tree
        for key in place:
            found = found.value[key]
        return found

    top: dict[str, Node] = {}
    for key, value in dict(plain).items():
        section = str(key)
        if section in NAMED and isinstance(value, dict):
            named = {str(name): node(one, section, str(name)) for name, one in value.items()}
            top[section] = Node(named, file, 0)
        else:
            top[section] = node(value, section)
    before = known.known if known is not None else UNKNOWN
    return _made(Node(top, file, 0), file, Diagnostics(before=before), written)


def _made(
    tree: Node,
    file: str,
    diagnostics: Diagnostics,
    written: Mapping[tuple[str, ...], bytes] = UNKNOWN.written,
) -> Design:
    try:
        resolved, plain = resolve(tree, Path(file).stem, diagnostics)
    except RecursionError:
        problem = Problem(file, 0, "", "is nested too deeply", "check the brackets")
        raise DesignError([problem]) from None
    noted = diagnostics
    known = Known(noted.readings, noted.facts, noted.kinds, noted.files, written)
    return Design(resolved.name, file, tree, resolved, plain, known)


def diff(a: Design, b: Design) -> list[tuple[str, Any, Any]]:
    """Return where two resolved designs differ.

    Parameters
    ----------
    a, b : Design
        What is compared.

    Returns
    -------
    list of (str, value, value)
        Path, value in the first, value in the second, as written; None where there is none. Empty
        if they resolve to the same.

    Examples
    --------
    >>> one = design_of({"pacsim": 1, "name": "x"})
    >>> diff(one, one.vary({"contract.min_outage": "5 min"}))[0][2]
    '5 min'
    """
    left, right = _flat(a.plain, ""), _flat(b.plain, "")
    paths = dict.fromkeys([*left, *right])
    return [(p, left.get(p), right.get(p)) for p in paths if left.get(p) != right.get(p)]


def _flat(plain: Any, path: str) -> dict[str, Any]:  # noqa: ANN401
    deep = path.count(".") > 1 or (path and not isinstance(plain, dict))
    if not isinstance(plain, dict) or (deep and is_value(plain)) or _slot_like(plain, path):
        return {path: plain}
    flat: dict[str, Any] = {}
    for key, child in plain.items():
        flat.update(_flat(child, f"{path}.{key}" if path else key))
    return flat


def _slot_like(plain: Mapping[str, Any], path: str) -> bool:
    return path.startswith(("contract.", "archive.")) and is_value(plain)
