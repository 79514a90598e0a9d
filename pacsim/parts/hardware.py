"""Boxes: what a part adds to the number that a spreadsheet of mean times gives.

A box is broken or not, independently of all others. Its share of time broken is r / (m + r) for
mean life m and mean time down r.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pacsim.parts.values import Part


class Failures(Protocol):
    """The events "has failed" over the boxes of a design; an event is a number."""

    def box(self, name: str) -> int:
        """Return "this box is broken"; never for a name that is no box."""

    def either(self, a: int, b: int) -> int:
        """Return "a or b"."""

    def any(self, events: Iterable[int]) -> int:
        """Return "at least one of them"."""

    def all(self, events: Iterable[int]) -> int:
        """Return "all of them"."""

    def at_least(self, k: int, events: Iterable[int]) -> int:
        """Return "k or more of them"."""

    def needed(self, name: str, places: tuple[str, ...]) -> int:
        """Return "what a role needs has failed, or one of the places does not reach it"."""

    def members(self, name: str) -> tuple[str, ...]:
        """Return the members of a group, or the part itself."""

    def unfed(self, part: Part) -> int:
        """Return "fewer feeds than needed get through"; box ``psu-k`` is in series with feed k."""

    def cut(self, start: str, end: str) -> int:
        """Return "no path joins two parts"."""


class Unavailability(Protocol):
    """``q(part, life, repair)`` of two of its slots, with all that a repair waits for."""

    def __call__(self, part: Part, life: str, repair: str) -> float:
        """Return the share of time that a box is broken, 0 to 1."""

    def down(self, part: Part, repair: str) -> float:
        """Return the mean time that a box is broken, in seconds."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The boxes of a type, and when it has failed.

    Parameters
    ----------
    boxes : callable
        ``boxes(part, q)``: name of each box to its share of time broken, 0 to 1.
    failed : callable
        ``failed(failures, part, places)``: the event that it has failed; ``places`` are those a
        role is used from, none for what is on the way.
    needed : bool
        Whether it counts where a role names it. What is on the way counts there only.
    """

    boxes: Callable[[Part, Unavailability], Mapping[str, float]]
    failed: Callable[[Failures, Part, tuple[str, ...]], int]
    needed: bool = False


def box_of(part: Part, q: Unavailability) -> dict[str, float]:
    """Return the one box of a part with slots ``fails`` and ``repair``."""
    return {f"{part.name}/box": q(part, "fails", "repair")}


def no_boxes(_group: Part, _q: Unavailability) -> dict[str, float]:
    """Return nothing: a group has no boxes, its members have them."""
    return {}


def box_failed(failures: Failures, part: Part, _places: tuple[str, ...]) -> int:
    """Return that the one box of a part is broken or without power."""
    return failures.either(failures.box(f"{part.name}/box"), failures.unfed(part))


ON_THE_WAY = Hardware(box_of, box_failed)
"""Of a carrier of power or traffic that is one box."""
