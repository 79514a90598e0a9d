"""Every point of a study looked at before anything runs: its design resolved, its model built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pacsim.errors import ModelError
from pacsim.files.problems import DesignError
from pacsim.files.tree import Node
from pacsim.studies.offered_measures import OfferedMeasures
from pacsim.studies.points import differing, key_of
from pacsim.studies.structures import structure_of
from pacsim.studies.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pacsim.design import Design
    from pacsim.design.cursor import Cursor
    from pacsim.studies.points import Point
    from pacsim.studies.study_values import Dimension


@dataclass(slots=True)
class PointChecks:
    """What is found of the points of a study.

    Parameters
    ----------
    vary : Cursor
        On what is varied, where problems are noted that no value is to blame for.
    dimensions : sequence of Dimension
        Of the study.
    progress : callable, optional
        Called with the number of points that have been looked at.

    Attributes
    ----------
    offered : OfferedMeasures
        What one point or another has.
    structures : list of (Point, OfferedMeasures)
        What points have that differ in it, with the first point of each.
    """

    vary: Cursor
    dimensions: Sequence[Dimension]
    progress: Callable[[int], None] | None = None
    offered: OfferedMeasures = field(default_factory=OfferedMeasures)
    structures: list[tuple[Point, OfferedMeasures]] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def check(self, points: Iterable[Point]) -> tuple[Point, ...]:
        """Return the points that are right, with their keys; what is wrong is noted.

        A model is built for the first point of each structure only: points that differ from it in
        rates and times alone build as it does.
        """
        right: list[Point] = []
        wrong: dict[tuple[str, str, str], list[Point]] = {}
        for count, point in enumerate(points, 1):
            try:
                with uncollected():
                    right.append(self._looked_at(point))
            except DesignError as error:
                for one in error.problems:
                    wrong.setdefault((one.path, one.rule, one.remedy), []).append(point)
            except ModelError as error:
                for text in error.problems:
                    wrong.setdefault(("", text, ""), []).append(point)
            if self.progress is not None:
                self.progress(count)
        for (path, rule, remedy), having in wrong.items():
            self._note(path, rule, remedy, having)
        return tuple(right)

    def _looked_at(self, point: Point) -> Point:
        """Return a point with its key, its structure, and in what it differs from its base."""
        design = point.design
        structure = self._structure(point, design)
        differs = differing(point.base.plain, design.plain)
        return replace(point, key=key_of(design), structure=structure, differs=differs)

    def _structure(self, point: Point, design: Design) -> int:
        """Return which of the structures a point has, whose model is built for the first one."""
        shape = structure_of(design)
        if shape not in self._seen:
            # One that cannot be built is not tried again.
            self._seen[shape] = 0
            offered = OfferedMeasures.of(design)
            alike = [k for k, (_, one) in enumerate(self.structures) if one == offered]
            self._seen[shape] = alike[0] if alike else len(self.structures)
            if not alike:
                self.structures.append((point, offered))
                self.offered |= offered
        return self._seen[shape]

    def _note(self, path: str, rule: str, remedy: str, having: Sequence[Point]) -> None:
        """Note what is wrong at some points, where the value stands that it is likeliest due to."""
        first = having[0]
        others = len(having) - 1
        more = f" and {others} other{'s' if others > 1 else ''}" if others else ""
        where = f"{path}: " if path else ""
        name, line = self._place(path, first)
        node = Node(None, self.vary.node.file, line or self.vary.node.line)
        at = f"{self.vary.path}.{name}" if name else self.vary.path
        said = f"at {first}{more}: {where}{rule}"
        self.vary.diagnostics.problem(node, at, said, remedy)

    def _place(self, path: str, point: Point) -> tuple[str, int]:
        """Return the dimension that changes a path, or something near it, and the value's line."""
        best = ("", 0, 0)
        for one in self.dimensions:
            k = one.labels.index(point.labels[one.name]) if one.labels else 0
            changed = one.changes[k] if one.span is None else dict.fromkeys(one.span.paths)
            for mine in changed:
                shared = _shared(mine, path)
                if shared > best[2]:
                    best = (one.name, one.lines[k] if one.lines else 0, shared)
        return best[0], best[1]


def _shared(one: str, other: str) -> int:
    """Return how many keys two paths begin with in common."""
    count = 0
    for mine, theirs in zip(one.split("."), other.replace("[", ".").split("."), strict=False):
        if mine != theirs:
            break
        count += 1
    return count
