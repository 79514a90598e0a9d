"""Points of a study: one design each with its values filled in."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pacsim.design.known import packed
from pacsim.studies.sampling import drawn
from pacsim.studies.study_values import DESIGN
from pacsim.studies.varied_paths import plain_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pacsim.design import Design
    from pacsim.studies.study_values import Dimension, Sampling


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
    differs : mapping, optional
        In what its resolved values differ from those of the base, as `differing` says; noted when
        it is looked at.
    structure : int
        Which of a study's structures it has: its measures are those.
    """

    number: int
    labels: Mapping[str, str]
    changes: Mapping[str, Any]
    base: Design = field(repr=False)
    key: str = ""
    structure: int = 0
    differs: Any = field(default=None, repr=False)

    @property
    def plain(self) -> Any:  # noqa: ANN401
        """Its resolved values; once it has been looked at, without resolving them anew."""
        if self.differs is None:
            return self.design.plain
        return patched(self.base.plain, self.differs)

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


SAME = ...
"""Stands for what is as it is in the base."""


def differing(was: Any, now: Any) -> Any:  # noqa: ANN401
    """Return what has to be put in place of values to have others, `SAME` where they are equal.

    Examples
    --------
    >>> differing({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 5}, "d": 3})
    {'a': {'b': Ellipsis, 'c': 5}, 'd': Ellipsis}
    """
    # As they are written: 1 and 1.0, or 0.0 and -0.0, make another key.
    if was == now and packed(was) == packed(now):
        return SAME
    if not isinstance(was, dict) or not isinstance(now, dict):
        return now
    return {key: differing(was[key], value) if key in was else value for key, value in now.items()}


def patched(was: Any, differs: Any) -> Any:  # noqa: ANN401
    """Return values with what `differing` says in place of them.

    Examples
    --------
    >>> patched({"a": 1, "b": 2}, differing({"a": 1, "b": 2}, {"b": 2, "c": {"x": 3}}))
    {'b': 2, 'c': {'x': 3}}
    """
    if differs is SAME:
        return was
    if not isinstance(differs, dict):
        return differs
    below = was if isinstance(was, dict) else {}
    return {key: patched(below.get(key), value) for key, value in differs.items()}


def number_of_points(
    designs: Sequence[Design], dimensions: Sequence[Dimension], sample: Sampling | None = None
) -> int:
    """Return how many points there are before any is left out, without making them."""
    each = math.prod(len(one.labels) for one in dimensions) if sample is None else sample.points
    return len(designs) * each


def combinations(
    designs: Sequence[Design],
    dimensions: Sequence[Dimension],
    left_out: Sequence[Mapping[str, str]] = (),
    sample: Sampling | None = None,
) -> Iterator[Point]:
    """Yield points unlooked at, without keys: the cross of all values, or what is drawn.

    Parameters
    ----------
    designs : sequence of Design
        The slowest dimension; one alone is none.
    dimensions : sequence of Dimension
        The others, the first one slowest.
    left_out : sequence of mapping
        Combinations that are not made.
    sample : Sampling, optional
        Draws points in place of the cross; each design gets the same.
    """
    number = 0
    for design in designs:
        for labels, changes in _valued(dimensions, sample):
            named = {DESIGN: design.name, **labels}
            if any(left.items() <= named.items() for left in left_out):
                continue
            number += 1
            kept = {
                path: value
                for path, value in changes.items()
                # What is not there cannot be taken away: it is as it is wanted.
                if value is not None or plain_at(design, path) is not None
            }
            yield Point(number, named if len(designs) > 1 else labels, kept, design)


def _valued(
    dimensions: Sequence[Dimension], sample: Sampling | None
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield labels and changes of each point of one design."""
    if sample is not None:
        yield from drawn(dimensions, sample)
        return
    for places in itertools.product(*(range(len(one.labels)) for one in dimensions)):
        labels: dict[str, str] = {}
        changes: dict[str, Any] = {}
        for one, k in zip(dimensions, places, strict=True):
            labels[one.name] = one.labels[k]
            changes |= one.changes[k]
        yield labels, changes
