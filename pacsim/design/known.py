"""What is known of a design that was read: its records are not read again where they are the same.

What `read_record` makes of a record follows from these alone:

- the node of the record, with whatever is below it: values, their order, files and lines, and what
  a repair was laid over;
- the declaration of its type, its path, and its name;
- what the record that it nests in says of the origin of its values;
- whether the design has a workload (`Diagnostics.traffic`), by which some defaults go;
- the content of the files that stand in place of nested records, and that they are there;
- the catalogue, which is the same as long as a process lasts.

Other records are not looked at; what lies between records is checked over the whole, after them.
It gives the part, how it is written in full, and what it notes on the way: inputs, unused entries
of bundles, overrides, and problems. A record with a problem is not known, so that it is read again.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pacsim.design.noted import Input, Override, Owner, Reference
    from pacsim.files.tree import Node
    from pacsim.parts.values import Part

PLAIN = (str, int, float, bool, type(None))
NAMED = ("parts", "groups", "roles")
"""Sections of which every entry is a record."""
EXACT = 2
"""Format that writes every value by what it is, never as a reference to one before."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record that was read without a problem.

    Parameters
    ----------
    node : Node
        As it stood, bases and the like laid under it.
    asked : tuple
        Its name, the origin of its values, whether it has a type and may have a contract, and
        whether the design has a workload.
    part : Part
        What was read.
    plain : bytes
        How it is written in full; by `packed`, so that nobody can change it.
    inputs, unused, overrides : tuple
        What was noted, in order.
    files : tuple of (Path, bytes)
        Every file that was read, and what was in it.
    inner : tuple of str
        Paths of the records that nest in it.
    """

    node: Node
    asked: tuple[str, str, bool, bool, bool]
    part: Part
    plain: bytes
    inputs: tuple[Input, ...]
    unused: tuple[tuple[str, str, str, str, str], ...]
    overrides: tuple[Override, ...]
    files: tuple[tuple[Path, bytes], ...]
    inner: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a record says by itself, with those that nest in it.

    Parameters
    ----------
    owners : tuple of Owner
        It and those that nest in it.
    references : tuple of Reference
        Every name for a part or group.
    hours : tuple of tuple of str
        To each owner, warnings of times in business hours that have no calendar.
    feeds, hosts : tuple of (slot, name)
        What it names as its power and as what it runs on.
    """

    owners: tuple[Owner, ...]
    references: tuple[Reference, ...]
    hours: tuple[tuple[str, ...], ...]
    feeds: tuple[tuple[str, str], ...]
    hosts: tuple[tuple[str, str], ...]


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a design; of no other one, however many it was varied from.

    Parameters
    ----------
    readings : mapping
        Records by path, those that nest in others before them.
    facts : mapping
        Of the records that nest in no other, by path.
    kinds : mapping
        Type of every part and group that is written.
    files : mapping
        Path to content and tree of every file that was read in place of a record.
    written : mapping
        Of a design of plain values: every section, and every record of `NAMED` by section and
        name, `packed` as it was written.
    """

    readings: Mapping[str, Reading]
    facts: Mapping[str, RecordFacts]
    kinds: Mapping[str, str]
    files: Mapping[Path, tuple[bytes, Node]]
    written: Mapping[tuple[str, ...], bytes]


UNKNOWN = Known(_nothing(), _nothing(), _nothing(), _nothing(), _nothing())
"""Of a design of which nothing was read before."""


def packed(plain: Any) -> bytes | None:  # noqa: ANN401
    """Return plain values as bytes, the same for the same only; None for what is not plain.

    Values that only compare equal differ, and so do other orders of keys.

    Examples
    --------
    >>> packed({"a": 1}) == packed({"a": True}), packed([0.0]) == packed([-0.0])
    (False, False)
    >>> unpacked(packed({"b": [1.5, None], "a": "x"}))
    {'b': [1.5, None], 'a': 'x'}
    """
    try:
        return marshal.dumps(plain, EXACT)
    except ValueError:
        return None


def unpacked(content: bytes) -> Any:  # noqa: ANN401
    """Return the plain values, made anew."""
    return marshal.loads(content)


def content_of(path: Path) -> bytes | None:
    """Return what is in a file now; None if it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        return None


def same(a: Node, b: Node) -> bool:
    """Return whether two nodes are read to the same, problems and their lines included.

    Examples
    --------
    >>> from pacsim.files.tree import Node
    >>> same(Node([Node(1, "a.yaml", 3)], "a.yaml", 2), Node([Node(1, "a.yaml", 3)], "a.yaml", 2))
    True
    >>> same(Node(1, "a.yaml", 3), Node(True, "a.yaml", 3))
    False
    """
    if a is b:
        return True
    if a.line != b.line or a.file != b.file or not _same_below(a, b):
        return False
    x, y = a.value, b.value
    if x is y:
        return True
    if type(x) is not type(y):
        return False
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(child, y[key]) for key, child in x.items())
    if isinstance(x, list):
        return len(x) == len(y) and all(same(x[k], y[k]) for k in range(len(x)))
    # Zero has two signs, and both are written.
    return type(x) in PLAIN and bool(x == y) and (bool(x) or repr(x) == repr(y))


def _same_below(a: Node, b: Node) -> bool:
    """Return whether two nodes were laid over the same."""
    if a.over is None or b.over is None:
        return a.over is b.over
    return a.over[0] == b.over[0] and same(a.over[1], b.over[1])


def holds(known: Reading, node: Node, kind: object) -> bool:
    """Return whether reading a node now, asked for the same, would give what is known.

    Parameters
    ----------
    known : Reading
        Of a record under the same path.
    node : Node
        As it stands now.
    kind : RecordType
        Declaration of the type that it has now.
    """
    return (
        known.part.kind is kind
        and same(known.node, node)
        and all(content_of(path) == content for path, content in known.files)
    )
