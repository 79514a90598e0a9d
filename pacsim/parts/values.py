"""What a resolved part holds: delays with their calendar, numbers, names of other parts."""

from __future__ import annotations

import copyreg
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.delays.calendars import Calendar
    from pacsim.delays.law import Law


def _read_only(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


def _reduced(mapping: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    """Return how a read-only mapping is made again, from its content."""
    return _read_only, (dict(mapping),)


# Python itself can send no read-only mapping to another process, and a design is made of them.
copyreg.pickle(MappingProxyType, _reduced)

ALL_IN, HANDS_ON = "all_in", "hands_on"
CONTRACTED = "contracted"
"""What is left of a time that covers everything once the contract in force has had its own share.

Nobody writes it: a design makes it of a time that was read under another contract.
"""


@dataclass(frozen=True, slots=True)
class Delay:
    """A law in seconds and how it is counted.

    Parameters
    ----------
    law : Law
        Of the delay, or of the part of it that is counted.
    calendar : Calendar, optional
        Hours in which it is counted; all of them if not given.
    next_day : bool
        Whether it begins at the opening of the next business day of the calendar.
    covers : str
        ``"all_in"`` from fault to working, ``"hands_on"`` work only, ``"contracted"`` all but the
        response and the missing part of the contract in force, or empty.
    read_under : str
        Contract under which a law that covers everything was read, ``4h`` or ``nbd``; empty if it
        is the same under all of them.
    entry : str
        Catalogue entry that it comes from, if it was read under a contract.
    ordered : Law, optional
        Of a ``"contracted"`` one without a contract: until the part is there.
    """

    law: Law
    calendar: Calendar | None = None
    next_day: bool = False
    covers: str = ""
    read_under: str = ""
    entry: str = ""
    ordered: Law | None = None


@dataclass(frozen=True, slots=True)
class Feeds:
    """Power feeds: ``need`` of them suffice."""

    need: int
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """A need of a part or group that is reached from another, not from where a role is used.

    Parameters
    ----------
    goal : str
        What is needed.
    start : str
        From where it is reached: a part, or a group of which a member serves.
    """

    goal: str
    start: str


@dataclass(frozen=True, slots=True)
class Needs:
    """A tree of needs: at least ``k`` of the children, which are names, reaches or trees."""

    k: int
    of: tuple[str | Reach | Needs, ...]

    def names(self) -> tuple[str, ...]:
        """Return every part or group named, in order, once."""
        names: list[str] = []
        for child in self.of:
            match child:
                case str():
                    names.append(child)
                case Reach():
                    names += [child.goal, child.start]
                case Needs():
                    names += child.names()
        return tuple(dict.fromkeys(names))

    def leaves(self) -> tuple[str | Reach, ...]:
        """Return every name that is needed by itself, and every reach, in order, once."""
        leaves: list[str | Reach] = []
        for child in self.of:
            leaves.extend(child.leaves() if isinstance(child, Needs) else [child])
        return tuple(dict.fromkeys(leaves))


class Kind(Protocol):
    """What a part knows of its type; the whole declaration is `pacsim.parts.slots.declaration`."""

    @property
    def traits(self) -> frozenset[str]:
        """What it is to others: constants of `pacsim.parts.traits`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part, group or nested record with every slot resolved; slots not given hold None.

    ``kind`` is the declaration of its type; without one it has no traits.
    """

    name: str
    type: str
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    kind: Kind | None = field(default=None, repr=False, compare=False)

    def __getitem__(self, slot: str) -> Any:  # noqa: ANN401
        return self.values[slot]

    def __contains__(self, slot: str) -> bool:
        return self.values.get(slot) is not None

    def has(self, trait: str) -> bool:
        """Return whether its type has a trait of `pacsim.parts.traits`."""
        return self.kind is not None and trait in self.kind.traits

    def delay(self, slot: str) -> Delay:
        """Return the delay in a slot that must be there."""
        value = self.values[slot]
        assert isinstance(value, Delay), (self.name, slot)
        return value

    def law(self, slot: str) -> Law:
        """Return the law in a slot that must be there."""
        return self.delay(slot).law

    def number(self, slot: str) -> float:
        """Return the number in a slot that must be there."""
        return float(self.values[slot])

    def names(self, slot: str) -> tuple[str, ...]:
        """Return the names in a slot; none if it was not given."""
        value = self.values.get(slot)
        return tuple(value) if value is not None else ()

    def part(self, slot: str) -> Part:
        """Return a nested record."""
        value = self.values[slot]
        assert isinstance(value, Part), (self.name, slot)
        return value
