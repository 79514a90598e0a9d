"""The ways in which studies are lost: those that ship, and those of installed packages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_POINT = "pacsim.loss_classes"
"""Group under which a package offers a `LossClass` of its own."""


@dataclass(frozen=True, slots=True)
class LossClass:
    """One way in which studies are lost.

    Parameters
    ----------
    name : str
        Stands in the column ``of`` of a row, as ``window``; unique.
    label : str
        For people, as "since the last copy".
    meaning : str
        When a loss is of this class and what it costs, in a sentence.
    everything : bool
        Whether it costs all that is stored.

    Examples
    --------
    >>> loss_classes()["window"].label
    'since the last copy'
    """

    name: str
    label: str
    meaning: str
    everything: bool = False


WINDOW = LossClass(
    "window",
    "since the last copy",
    "The contents are lost while a copy exists: it costs what no copy holds yet.",
)
ARCHIVE = LossClass(
    "archive",
    "everything stored",
    "The contents are lost while no copy exists: it costs all that is stored.",
    everything=True,
)
SECTOR = LossClass(
    "sector",
    "unreadable stripes",
    "A read error in a rebuild without redundancy left costs the studies of one stripe.",
)
SPLIT = LossClass(
    "split",
    "written while split",
    "Two members of a group have both served: some of what the one that gave way had taken.",
)
SHIPPED = (WINDOW, ARCHIVE, SECTOR, SPLIT)


@cache
def loss_classes() -> Mapping[str, LossClass]:
    """Return the classes of losses by name, those that ship first.

    Examples
    --------
    >>> list(loss_classes())[:3]
    ['window', 'archive', 'sector']
    """
    classes = {one.name: one for one in SHIPPED}
    for point in entry_points(group=ENTRY_POINT):
        made = point.load()
        if isinstance(made, LossClass):
            classes.setdefault(made.name, made)
    return MappingProxyType(classes)
