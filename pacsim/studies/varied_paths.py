"""Paths that a study varies: whether a design has them, and what may be written there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.design.cursor import Cursor
from pacsim.design.diagnostics import Diagnostics
from pacsim.design.record_resolver import SUPPORT, read_slot
from pacsim.files.problems import near, with_article
from pacsim.parts import design_file, practices, workload
from pacsim.parts.registry import all_types
from pacsim.studies.amounts import Amount
from pacsim.studies.input_ranges import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacsim.design import Design
    from pacsim.files.problems import Problem
    from pacsim.files.tree import Node
    from pacsim.parts.slots import RecordType, Slot

SECTIONS = {
    "contract": design_file.CONTRACT,
    "archive": design_file.ARCHIVE,
    "workload": workload.TYPE,
    "practices": practices.TYPE,
}
NAMED = ("parts", "groups", "roles")
"""Sections whose entries have names."""
HEAD = ("type", "from", "source")
"""Keys of a record besides its slots."""
WIDEST = 160
"""Characters of a list of names that is still worth reading."""


@dataclass(frozen=True, slots=True)
class FoundPath:
    """What a path leads to in a design.

    Parameters
    ----------
    slot : Slot or None
        Whose value it is; None for what is no value of a slot.
    rule, remedy : str
        What is wrong with the path, and what may be meant; empty if nothing is.
    """

    slot: Slot | None = None
    rule: str = ""
    remedy: str = ""


def found_path(design: Design, path: str, *, made: bool = False) -> FoundPath:
    """Return what a path leads to, with the nearest match if to nothing.

    Parameters
    ----------
    design : Design
        In which it is looked for.
    path : str
        Dotted, as in `Design.vary`.
    made : bool
        Whether what is written there is a whole part, group or role, which need not be there yet.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "parts": {"a": {"type": "component", "ttf": "1 year",
    ...     "ttr": "4 h"}}})
    >>> found_path(one, "parts.a.tttr").remedy
    'did you mean "parts.a.ttr"?'
    >>> found_path(one, "parts.a.ttr").slot.kind
    'work'
    """
    section, *keys = path.split(".")
    if section not in {*SECTIONS, *NAMED}:
        return FoundPath(None, *_unknown("section", section, "", (*SECTIONS, *NAMED)))
    if section in SECTIONS:
        if section == "workload" and design.resolved.workload is None:
            return FoundPath(None, "the design has no workload", "vary one that has")
        return _inside(design, SECTIONS[section], section, keys)
    if not keys:
        return FoundPath(None, "names no part, group or role", f"write {section}.NAME.KEY")
    name, *keys = keys
    known = getattr(design.resolved, section)
    if name not in known:
        if made and not keys:
            return FoundPath()
        what = section.removesuffix("s")
        return FoundPath(None, *_unknown(what, name, section, known))
    if section == "roles":
        return _inside(design, design_file.ROLE, f"roles.{name}", keys)
    return _inside(design, all_types()[known[name].type], f"{section}.{name}", keys)


def _inside(design: Design, kind: RecordType, path: str, keys: list[str]) -> FoundPath:
    """Return what keys lead to inside a record."""
    if not keys:
        return FoundPath()
    key, *rest = keys
    slot = kind.slot(key)
    here = f"{path}.{key}"
    if slot is None and key == "support" and path.startswith("parts."):
        slot = SUPPORT
    if slot is None:
        if key in HEAD and not rest:
            return FoundPath()
        of = kind.name if path.startswith(NAMED) else ""
        return FoundPath(None, *_unknown("slot", key, path, kind.keys, of))
    if not rest:
        return FoundPath(slot)
    if slot.record is None:
        inside = plain_at(design, here)
        if isinstance(inside, dict) and len(rest) == 1 and rest[0] in inside:
            return FoundPath()
        return FoundPath(None, f"{here} is one value", f"vary {here}")
    if slot.kind == "records":
        name, *rest = rest
        known = plain_at(design, here)
        names = known if isinstance(known, dict) else {}
        if name not in names:
            return FoundPath(None, *_unknown("entry", name, here, names))
        here = f"{here}.{name}"
    return _inside(design, slot.record, here, rest)


def _unknown(
    what: str, word: str, path: str, known: Iterable[str], kind: str = ""
) -> tuple[str, str]:
    """Return that there is no such thing, and what there is."""
    rule = f'no {what} "{word}"'
    if kind:
        rule += f" of {with_article(kind)}"
    elif path:
        rule += f" in {path}"
    names = list(known)
    remedy = near(word, names)
    if path and "did you mean" in remedy:
        remedy = remedy.replace('"', f'"{path}.', 1)
    usual = f"see pacsim schema {kind}" if kind in all_types() else "see pacsim show"
    return rule, remedy if len(remedy) <= WIDEST else usual


def plain_at(design: Design, path: str) -> Any:  # noqa: ANN401
    """Return the plain resolved value at a path; None if there is none."""
    plain: Any = design.plain
    for key in path.split("."):
        plain = plain.get(key) if isinstance(plain, dict) else None
    return plain


def problems_of(slot: Slot, path: str, node: Node) -> list[Problem]:
    """Return what is wrong with a value by itself, whatever the rest of a design says.

    Parameters
    ----------
    slot : Slot
        That it is written in.
    path : str
        Of the slot.
    node : Node
        The value.
    """
    if node.value is None:
        return []
    aside = Diagnostics()
    read_slot(Cursor(aside, node, path), slot, key=path.rpartition(".")[2])
    return aside.problems


def is_own(design: Design, path: str, value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is what a design has at a path already.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "contract": {"min_outage": "120 s"}})
    >>> is_own(one, "contract.min_outage", "2 min"), is_own(one, "contract.min_outage", "2 s")
    (True, False)
    """
    own = plain_at(design, path)
    if isinstance(own, dict) and not isinstance(value, dict):
        form = {key: one for key, one in own.items() if key not in ORIGIN}
        own = form.get("value", form.get("exactly", form))
    if own == value:
        return True
    try:
        mine, theirs = Amount.read(own), Amount.read(value)
        return theirs.in_unit(mine.unit).number == mine.number
    except ValueError:
        return False
