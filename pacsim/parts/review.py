"""What the check of one type may see of a design, and where it notes what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pacsim.parts.values import Part


@dataclass(frozen=True, slots=True)
class Review:
    """A resolved design under review; slots with problems of their own hold None.

    Parameters
    ----------
    parts, groups : mapping
        By name.
    note : callable
        Takes path, rule and remedy of a problem.
    contract, archive : Part
        For how long, and what is stored.
    roles : mapping
        By name.
    noted : callable
        Says whether the value at a path has a problem already.
    """

    parts: Mapping[str, Part]
    groups: Mapping[str, Part]
    note: Callable[[str, str, str], None]
    contract: Part
    archive: Part
    roles: Mapping[str, Part] = field(default_factory=dict)
    noted: Callable[[str], bool] = field(default=lambda _path: False)

    def problem(self, path: str, rule: str, remedy: str = "") -> None:
        """Note that the value at a path breaks a rule, and what to do about it."""
        self.note(path, rule, remedy)

    def having(self, trait: str) -> Iterator[Part]:
        """Yield the parts with a trait, in the order of the design."""
        return (part for part in self.parts.values() if part.has(trait))

    def members(self, group: Part) -> list[Part]:
        """Return the members of a group or common cause that there are."""
        return [self.parts[name] for name in group.names("members") if name in self.parts]
