"""A resolved design: parts with every slot, its origin, and what was noted on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacsim.design.noted import Input
    from pacsim.design.workloads import Workload
    from pacsim.parts.values import Part


@dataclass(frozen=True, slots=True)
class Resolved:
    """A design with every slot resolved.

    Parameters
    ----------
    name : str
        Of the design.
    contract, archive, practices : Part
        Records of the design itself.
    parts, groups, roles : mapping
        By name.
    inputs : tuple of Input
        One for each number.
    warnings : tuple of str
        What is legal and still looks wrong.
    unused : tuple of (path, bundle, slot, entry, why)
        Entries of named bundles that the part does not model.
    workload : Workload, optional
        Figures of the DICOM traffic at the archive; None without one.
    """

    name: str
    contract: Part
    archive: Part
    parts: Mapping[str, Part]
    groups: Mapping[str, Part]
    roles: Mapping[str, Part]
    practices: Part
    inputs: tuple[Input, ...]
    warnings: tuple[str, ...]
    unused: tuple[tuple[str, str, str, str, str], ...]
    workload: Workload | None = None
