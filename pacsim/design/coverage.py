"""What a repair covers: by its key, by what its value says, or by what it replaces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacsim.design.catalogue_entries import catalogue
from pacsim.design.cursor import Cursor
from pacsim.design.delay_forms import read_form
from pacsim.design.diagnostics import Diagnostics, planted
from pacsim.design.origins import Origin, from_entry
from pacsim.files.tree import Node
from pacsim.parts.values import ALL_IN, HANDS_ON

if TYPE_CHECKING:
    from pacsim.delays import Law
    from pacsim.parts.slots import RecordType, Slot

COVERS = (ALL_IN, HANDS_ON)
CONTRACTS = ("4h", "nbd")
"""Contracts under which a time that covers everything may have been read."""
ASSUMED = "4h"
"""The one of them where the catalogue's text does not say."""
NAMES = {
    ALL_IN: "everything from fault to working",
    HANDS_ON: "the hands-on work only",
}


def twin(kind: RecordType | None, key: str) -> str:
    """Return the other key of the slot that a key of a record is for; empty if it has none."""
    slot = kind.slot(key) if kind is not None else None
    if slot is None or not slot.also:
        return ""
    return slot.also if key == slot.name else slot.name


def said(node: Node) -> str:
    """Return what a value says that it covers, itself or by its catalogue entry; empty if not."""
    if not isinstance(node.value, dict):
        return ""
    for key in ("covers", "catalogue"):
        word = node.value[key].value if key in node.value else None
        if isinstance(word, str):
            entry = catalogue().entries.get(word)
            return word if key == "covers" else entry.covers if entry is not None else ""
    return ""


def laid_over(new: Node, old: Node, slot: Slot, key: str) -> Node:
    """Return the value of a repair that replaces another; it covers the same if it does not say."""
    value, before = new.value, said(old)
    if not slot.also and before in COVERS and not said(new) and value is not None:
        # A value of the catalogue says it, if at all, by its entry.
        if not isinstance(value, dict):
            value = {"value": Node(value, new.file, new.line)}
        if "catalogue" not in value:
            value = {**value, "covers": Node(before, new.file, new.line)}
    return Node(value, new.file, new.line, over=(key, old))


def covered(
    cursor: Cursor, slot: Slot, key: str, origin: Origin, inherited: str
) -> tuple[Origin, str] | None:
    """Return the origin as it is written, and what the value covers; None with a problem.

    Parameters
    ----------
    cursor, slot, key
        The value, its slot and the key it was written under.
    origin : Origin
        As said by the value or its catalogue entry.
    inherited : str
        What a value covers that this one replaces; empty if none does.
    """
    if not slot.covers:
        return origin, ""
    if slot.also:
        covers = ALL_IN if key == slot.also else HANDS_ON
        if origin.covers and origin.covers != covers:
            right = slot.also if covers == HANDS_ON else slot.name
            rule = f"{key} is {NAMES[covers]}, and this is {NAMES[origin.covers]}"
            cursor.problem(rule, f"write {right}: in place of {key}:")
            return None
    else:
        covers = origin.covers or inherited or slot.covers
        if covers != slot.covers:
            origin = replace(origin, covers=covers)
    if covers == HANDS_ON and origin.read_under:
        cursor.problem("read_under is for a time from fault to working", "leave it out")
        return None
    if covers == ALL_IN and not origin.read_under and slot.vendor:
        entry = catalogue().entries.get(origin.id)
        if entry is not None:
            origin = replace(origin, read_under=entry.read_under or ASSUMED)
    return origin, covers


def entry_law(entry: str) -> Law:
    """Return the law of a catalogue entry that is a time to repair."""
    written, _ = from_entry(catalogue().entries[entry], "work")
    form = read_form(Cursor(Diagnostics(), planted(written, Node(None, "", 0))), "work")
    assert form is not None
    return form.law
