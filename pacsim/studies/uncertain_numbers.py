"""Numbers of designs that are not known exactly, each once however many slots take it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacsim.studies.amounts import LOG, Amount
from pacsim.studies.input_ranges import input_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacsim.design import Design
    from pacsim.studies.input_ranges import InputRange

NAMED = 3
"""Owners that a name lists; of more, the others are counted."""
ROOMS = ("parts.", "groups.", "practices.")


@dataclass(frozen=True, slots=True)
class UncertainNumber:
    """One number that may lie between two ends, with all the slots that take it.

    Slots of one catalogue entry have one number: how often an operating system crashes is not
    known, and if it is more often than assumed, then on both servers of a pair.

    Parameters
    ----------
    name : str
        The slot and whose it is.
    slots : tuple of InputRange
        All of one value and one range.
    id : str
        The catalogue entry, or empty.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> part = {"type": "component", "ttf": {"rate": "2 /year", "low": "1 /year",
    ...     "high": "4 /year"}, "ttr": "4 h"}
    >>> one = uncertain_numbers([design_of({"pacsim": 1, "parts": {"a": part}})])[0]
    >>> one.name, one.changes(0.0), one.changes(0.5)
    ('ttf of a', {'parts.a.ttf': {'rate': '1 /year'}}, {'parts.a.ttf': {'rate': '2 /year'}})
    """

    name: str
    slots: tuple[InputRange, ...]
    id: str = field(default="")

    @property
    def first(self) -> InputRange:
        """Its first slot; the others have the same range."""
        return self.slots[0]

    @property
    def assumed(self) -> bool:
        """Whether nobody but the catalogue's authors says so."""
        return self.first.status == "assumed"

    def at(self, place: float) -> Amount:
        """Return the amount at a place of the range, from 0 at the low to 1 at the high end."""
        one = self.first
        if place in {0.0, 1.0}:
            return one.high if place else one.low
        low, high = one.low.number, one.high.number
        if one.whole:
            number = float(math.floor(low + place * (high - low + 1.0)))
        elif one.scale == LOG:
            number = low * (high / low) ** place
        else:
            number = low + place * (high - low)
        return Amount(number, one.low.unit)

    def changes(self, place: float, design: Design | None = None) -> dict[str, Any]:
        """Return what `Design.vary` takes to put it at a place of its range.

        Parameters
        ----------
        place : float
            From 0 at the low end to 1 at the high end.
        design : Design, optional
            Only the slots that this one has.
        """
        at = self.at(place)
        known = None if design is None else input_ranges(design)
        return {
            one.path: one.written(at.in_unit(one.own.unit))
            for one in self.slots
            if known is None or _alike(one, known.get(one.path))
        }


def uncertain_numbers(designs: Iterable[Design]) -> tuple[UncertainNumber, ...]:
    """Return the numbers of designs that have a range, in the order of their first slots.

    Slots are one number if they name the same catalogue entry, value and range, in one design or in
    several; without an entry each path is a number of its own.
    """
    found: dict[tuple[str, ...], dict[str, InputRange]] = {}
    for design in designs:
        ranges = input_ranges(design)
        for one in design.resolved.inputs:
            if one.path not in ranges:
                continue
            key = (one.id or one.path, one.value, one.low, one.high)
            found.setdefault(key, {}).setdefault(one.path, ranges[one.path])
    return tuple(
        UncertainNumber(_name(slots), tuple(slots.values()), "" if key[0] in slots else key[0])
        for key, slots in found.items()
    )


def all_changes(
    numbers: Iterable[UncertainNumber], places: Iterable[float], design: Design
) -> dict[str, Any]:
    """Return what puts several numbers of a design at places of their ranges."""
    changes: dict[str, Any] = {}
    for one, place in zip(numbers, places, strict=True):
        changes |= one.changes(place, design)
    return changes


def _alike(one: InputRange, other: InputRange | None) -> bool:
    """Return whether another design has the number at the same path."""
    return other is not None and (one.own, one.low, one.high) == (other.own, other.low, other.high)


def _name(slots: Mapping[str, InputRange]) -> str:
    """Return the slot and whose it is, of all slots if they are called alike."""
    split = [_split(path) for path in slots]
    tails = dict.fromkeys(tail for _, tail in split)
    parts = []
    for tail in tails:
        owners = [owner for owner, its in split if its == tail and owner]
        more = len(owners) - NAMED
        listed = ", ".join(owners if more <= 0 else owners[:NAMED])
        listed += f" and {more} more" if more > 0 else ""
        parts.append(f"{tail} of {listed}" if owners else tail)
    return "; ".join(parts)


def _split(path: str) -> tuple[str, str]:
    """Return whose a slot is, and which one."""
    for room in ROOMS[:2]:
        if path.startswith(room):
            owner, _, tail = path.removeprefix(room).partition(".")
            return owner, tail
    return "", path.removeprefix(ROOMS[2])
