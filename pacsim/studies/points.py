"""Points of a study: one design each with its values filled in, all of them looked at first."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacsim.studies.study_values import DESIGN, Dimension

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pacsim.design import Design


@dataclass(frozen=True, slots=True)
class Point:
    """One design with its values filled in.

    Parameters
    ----------
    number : int
        From 1, in the order in which points are listed.
    labels : mapping
        Dimension to what its value is called, the design among them if there are several.
    changes : mapping
        Dotted path to plain value, as `Design.vary` takes it.
    base : Design
        What is changed. A point keeps no design of its own, so that a hundred thousand fit.
    key : str
        Hash of the resolved design, whatever its name: two points of one key are one design.
    """

    number: int
    labels: Mapping[str, str]
    changes: Mapping[str, Any]
    base: Design = field(repr=False)
    key: str = ""

    @property
    def design(self) -> Design:
        """The design of the point, made anew each time, which takes some 12 ms.

        Raises
        ------
        DesignError
            If its values make it wrong.
        """
        return self.base.vary(self.changes) if self.changes else self.base

    def __str__(self) -> str:
        said = ", ".join(f"{name} {label}" for name, label in self.labels.items())
        return f"point {self.number} ({said})" if said else f"point {self.number}"


def key_of(design: Design) -> str:
    """Return the hash of a resolved design without its name, in hexadecimal.

    Examples
    --------
    >>> from pacsim.design import design_of
    >>> one = design_of({"pacsim": 1, "name": "one"})
    >>> key_of(one) == key_of(one.vary({"name": "other"}))
    True
    >>> key_of(one) == key_of(one.vary({"contract.min_outage": "5 min"}))
    False
    """
    plain = {name: value for name, value in design.plain.items() if name != "name"}
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def combinations(
    designs: Sequence[Design],
    dimensions: Sequence[Dimension],
    left_out: Sequence[Mapping[str, str]] = (),
) -> Iterator[Point]:
    """Yield the points of a cross unlooked at, without keys.

    Parameters
    ----------
    designs : sequence of Design
        The slowest dimension; one alone is none.
    dimensions : sequence of Dimension
        The others, the first one slowest.
    left_out : sequence of mapping
        Combinations that are not made.
    """
    named = Dimension(DESIGN, tuple(design.name for design in designs))
    everything = [named, *dimensions]
    number = 0
    for places in itertools.product(*(range(len(one.labels)) for one in everything)):
        labels = {d.name: d.labels[k] for d, k in zip(everything, places, strict=True)}
        if any(left.items() <= labels.items() for left in left_out):
            continue
        number += 1
        changes: dict[str, Any] = {}
        for one, k in zip(dimensions, places[1:], strict=True):
            changes |= one.changes[k]
        if len(designs) == 1:
            del labels[DESIGN]
        yield Point(number, labels, changes, designs[places[0]])
