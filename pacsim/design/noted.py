"""What is noted of a design: where numbers come from, what repairs replace, who names whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pacsim.parts.slots import RecordType, Slot
    from pacsim.parts.values import Delay, Part


@dataclass(frozen=True, slots=True)
class Input:
    """A number that went into a design, and where it came from.

    Parameters
    ----------
    path : str
        Path of its slot.
    value : str
        As written, such as ``"0.0316 1/year"``.
    low, high : str
        Range in which the value may lie, or empty.
    status : str
        One of `pacsim.design.catalogue_entries.STATUSES`.
    source, id : str
        Origin in words, and the catalogue entry.
    """

    path: str
    value: str
    low: str
    high: str
    status: str
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Override:
    """A repair that replaces one which covers something else.

    Parameters
    ----------
    path : str
        As it is written.
    part, slot : str
        Whose it is.
    before : Delay
        What it replaces.
    """

    path: str
    part: str
    slot: str
    before: Delay


@dataclass(frozen=True, slots=True)
class Owner:
    """A record and where it is: of a design, a part, a group, a role, or nested in one."""

    path: str
    kind: RecordType
    part: Part


class Reference(NamedTuple):
    """A name for a part or group: whose it is, in which slot, under which path."""

    owner: Owner
    slot: Slot
    path: str
    name: str
