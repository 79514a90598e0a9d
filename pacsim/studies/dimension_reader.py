"""What a study varies: each dimension read, its paths and its values looked at one by one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pacsim.design.calendar_files import beside, is_there
from pacsim.design.diagnostics import words
from pacsim.files.problems import near
from pacsim.files.tree import Node
from pacsim.results.rows import COLUMNS, IF_ANY
from pacsim.studies.amounts import LINEAR, LOG, Amount
from pacsim.studies.input_ranges import input_ranges
from pacsim.studies.study_values import Dimension, SampledRange
from pacsim.studies.varied_paths import found_path, is_own, problems_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.design import Design
    from pacsim.design.cursor import Cursor
    from pacsim.studies.input_ranges import InputRange

KEYS = ("path", "paths", "values", "low", "high", "scale")
ENDS = ("low", "high")
RANGE = "range"
ENDINGS = (".yaml", ".yml")
TAKEN = (*COLUMNS, *IF_ANY, "number", "key")
"""Columns that a table has already."""


@dataclass(slots=True)
class Varied:
    """What is read of ``vary``.

    Parameters
    ----------
    designs : sequence of Design
        In which paths must be.
    sampled : bool
        Whether points are drawn, so that ranges are wanted.
    dimensions : list of Dimension
        Those that are right.
    places : dict
        Cursor of each path that is varied, by dimension.
    notes : list of str
        What is legal and still looks odd.
    """

    designs: Sequence[Design]
    sampled: bool
    dimensions: list[Dimension] = field(default_factory=list)
    places: dict[str, tuple[str, Cursor]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def read_all(self, vary: Cursor) -> None:
        """Read every dimension; what is wrong with one does not hide another."""
        if not isinstance(vary.value, dict):
            remedy = "write {repair: {path: parts.server-a.repair, values: [2 h, 8 h]}}"
            vary.problem("is no map of what is varied", remedy)
            return
        for name, written in vary.items():
            if name in TAKEN:
                written.problem(f'"{name}" is a column of every table', "choose another name")
                continue
            made = self._dimension(name, written)
            if made is not None:
                self.dimensions.append(made)

    def _dimension(self, name: str, written: Cursor) -> Dimension | None:
        if isinstance(written.value, list):
            # A path and its values, without more words.
            whole = any(isinstance(one.value, dict) for one in written.elements())
            if not self._there(name, written, whole=whole):
                return None
            return self._listed(name, written, (name,), written)
        if not isinstance(written.value, dict):
            remedy = "write {path: parts.server-a.repair, values: [2 h, 8 h]}"
            written.problem("is no map of a path and values", remedy)
            return None
        wrong = [key for key in written.keys if key not in KEYS]
        for key in wrong:
            written[key].problem(f'unknown key "{key}"', near(key, KEYS))
        paths = self._paths(written)
        if paths is not None:
            there = [self._there(*one) for one in self._named(written)]
            paths = paths if all(there) else None
        ranged = bool(set(ENDS) & written.keys) or (
            "values" in written.keys and written["values"].value == RANGE
        )
        if paths is None or wrong:
            return None
        if ranged:
            return self._ranged(name, written, paths)
        if "values" not in written.keys:
            remedy = "write values: [...]" + (", or low and high" if self.sampled else "")
            written.problem("no values", remedy)
            return None
        return self._listed(name, written["values"], paths, written)

    def _paths(self, written: Cursor) -> tuple[str, ...] | None:
        """Return what is varied together, nothing where values are overlays; None if wrong."""
        if {"path", "paths"} <= written.keys:
            written["paths"].problem('"path" and "paths" are the same', "write one of them")
            return None
        if "path" in written.keys:
            if not isinstance(written["path"].value, str):
                written["path"].problem("is no path", "write parts.server-a.repair")
                return None
            return (written["path"].value,)
        if "paths" not in written.keys:
            return ()
        several = written["paths"]
        if not isinstance(several.value, list) or not several.value:
            several.problem("is no list of paths", "write [parts.a.repair, parts.b.repair]")
            return None
        odd = [one for one in several.elements() if not isinstance(one.value, str)]
        for one in odd:
            one.problem("is no path", "write parts.server-a.repair")
        return None if odd else tuple(one.value for one in several.elements())

    @staticmethod
    def _named(written: Cursor) -> list[tuple[str, Cursor]]:
        """Return each path that is named, with where it stands."""
        if "path" in written.keys:
            return [(written["path"].value, written["path"])]
        return (
            [(one.value, one) for one in written["paths"].elements()]
            if ("paths" in written.keys)
            else []
        )

    def _there(self, path: str, where: Cursor, *, whole: bool = False) -> bool:
        """Return whether every design has a path; one that has not is noted.

        ``whole`` says that what is written there may be all of a part, group or role.
        """
        good = True
        for design in self.designs:
            found = found_path(design, path, made=whole)
            if found.rule:
                of = f' of "{design.name}"' if len(self.designs) > 1 else ""
                where.problem(f"{path}{of}: {found.rule}", found.remedy)
                good = False
        return good

    def _listed(
        self, name: str, values: Cursor, paths: tuple[str, ...], whole: Cursor
    ) -> Dimension | None:
        """Return a dimension of values that are written out."""
        if isinstance(values.value, dict):
            items = values.items()
        elif isinstance(values.value, list) and paths:
            items = [(_label(one), one) for one in values.elements()]
        else:
            remedy = "write {none: {practices.failover_tests: null}, quarterly: {...}}"
            if paths:
                remedy = "write [1 s, 5 s], or {quick: 1 s, slow: 5 s}"
            elif isinstance(values.value, list):
                remedy = "name the path, or " + remedy
            values.problem("is no map of values" if not paths else "is no list of values", remedy)
            return None
        if not items:
            values.problem("no values", "write at least one")
            return None
        labels = [label for label, _ in items]
        twice = {k for k, label in enumerate(labels) if label in labels[:k]}
        for k in sorted(twice):
            items[k][1].problem(f'"{labels[k]}" is there twice', "remove one")
        overlays = [self._overlay(one, paths) for _, one in items]
        good = self._free(name, whole, overlays)
        if twice or not good or None in overlays:
            return None
        kept = [one for one in overlays if one is not None]
        self._own(name, labels, kept)
        changes = tuple({path: node.plain() for path, node in one.items()} for one in kept)
        return Dimension(
            name, tuple(labels), changes, lines=tuple(one.node.line for _, one in items)
        )

    def _overlay(self, value: Cursor, paths: tuple[str, ...]) -> dict[str, Node] | None:
        """Return what a value changes, by path; None if something is wrong with it."""
        if paths:
            inner = dict.fromkeys(paths, value)
        elif isinstance(value.value, dict):
            inner = dict(value.items())
        else:
            value.problem("is no map of paths and values", "write {parts.a.repair: 2 h}")
            return None
        overlay: dict[str, Node] = {}
        good = True
        for path, one in inner.items():
            placed = _placed(one)
            if placed is None:
                good = False
                continue
            if not paths and not self._there(path, one, whole=isinstance(one.value, dict)):
                good = False
                continue
            good &= self._fits(path, one.with_node(placed))
            overlay[path] = placed
        return overlay if good else None

    def _fits(self, path: str, value: Cursor) -> bool:
        """Note what is wrong with a value at a path, whatever else is varied."""
        before = len(value.diagnostics.problems)
        said = set()
        for design in self.designs:
            found = found_path(design, path, made=True)
            if found.slot is None:
                continue
            for one in problems_of(found.slot, path, value.node):
                text = (one.path, one.rule, one.remedy)
                if text not in said:
                    said.add(text)
                    value.diagnostics.problem(
                        Node(None, one.file, one.line), value.path, f"{one.path}: {one.rule}",
                        one.remedy,
                    )  # fmt: skip
        return len(value.diagnostics.problems) == before

    def _free(self, name: str, written: Cursor, overlays: Sequence[dict[str, Node] | None]) -> bool:
        """Note paths that another dimension varies, or something inside them, or around them."""
        mine = dict.fromkeys(path for one in overlays if one is not None for path in one)
        good = True
        for path in mine:
            for other, (owner, _) in self.places.items():
                same = path == other
                if same or path.startswith(f"{other}.") or other.startswith(f"{path}."):
                    rule = f'{path} is varied by "{owner}" already'
                    if not same:
                        rule = f'{path} goes with {other}, which is varied by "{owner}" already'
                    written.problem(rule, "put both into one dimension, as values that are maps")
                    good = False
        self.places |= dict.fromkeys(mine, (name, written))
        return good

    def _own(self, name: str, labels: Sequence[str], overlays: Sequence[dict[str, Node]]) -> None:
        """Note values that change nothing."""
        for design in self.designs:
            for label, overlay in zip(labels, overlays, strict=True):
                own = [is_own(design, path, node.plain()) for path, node in overlay.items()]
                if overlay and all(own):
                    self.notes.append(f'{name}: {label} is what "{design.name}" has already')

    def _ranged(self, name: str, written: Cursor, paths: tuple[str, ...]) -> Dimension | None:
        """Return a dimension of which values are drawn."""
        if not self.sampled:
            remedy = "write values: [...], or add sample: {method: latin_hypercube, points: 100}"
            written.problem("a range, and no sample", remedy)
            return None
        if not paths:
            written.problem("a range of no path", "write path: parts.server-a.repair")
            return None
        if not self._free(name, written, [dict.fromkeys(paths, written.node)]):
            return None
        scale = self._scale(written)
        if scale is None:
            return None
        if "values" in written.keys:
            both = [key for key in ENDS if key in written.keys]
            if both:
                rule = f"{both[0]} and values are both there"
                written[both[0]].problem(rule, "write low and high, or values")
                return None
            return self._of_origin(name, written, paths, scale)
        lacking = [key for key in ENDS if key not in written.keys]
        if lacking:
            written.problem(f"no {lacking[0]}", f"write {lacking[0]}: 4 h, or values: range")
            return None
        ends = [written[key].read(Amount.read) for key in ENDS]
        low, high = ends
        if low is None or high is None:
            return None
        fits = [self._fits(path, written[key]) for path in paths for key in ENDS]
        if not all(fits):
            return None
        high = written["high"].read(lambda plain: Amount.read(plain).in_unit(low.unit))
        if high is None:
            return None
        if not low.number < high.number:
            remedy = "swap them" if high.number < low.number else "write values: [...] of one"
            written.problem(f"low {low} is not below high {high}", remedy)
            return None
        if scale == LOG and not low.number > 0:
            written["low"].problem(f"{low} has no logarithm", "write scale: linear")
            return None
        whole = self._whole(paths[0])
        span = SampledRange(paths, low, high, scale or LINEAR, whole)
        return Dimension(name, span=span, lines=(written.node.line,))

    def _scale(self, written: Cursor) -> str | None:
        """Return the scale that is written, empty if none is; None if it is no scale."""
        if "scale" not in written.keys:
            return ""
        scale = written["scale"]
        if scale.value not in (LINEAR, LOG):
            scale.problem(f'no scale "{words(scale.plain())}"', near("", (LINEAR, LOG)))
            return None
        return str(scale.value)

    def _whole(self, path: str) -> bool:
        slot = found_path(self.designs[0], path).slot
        return slot is not None and slot.kind in {"count", "tries"}

    def _of_origin(
        self, name: str, written: Cursor, paths: tuple[str, ...], scale: str
    ) -> Dimension | None:
        """Return a dimension that lies where the origin of its number says it may."""
        found = [input_ranges(design).get(paths[0]) for design in self.designs]
        one = found[0]
        if one is None or any(other != one for other in found[1:]):
            rule = "has no range of its own" if one is None else "has not one range in all designs"
            written["values"].problem(f"{paths[0]}: {rule}", "write low and high")
            return None
        for path in paths[1:]:
            if any(not _same_range(one, input_ranges(x).get(path)) for x in self.designs):
                rule = f"{path}: has not the range of {paths[0]}, with which it is varied"
                written["values"].problem(rule, "write low and high, or vary it by itself")
                return None
        usual = LINEAR if one.whole else one.scale
        span = SampledRange(paths, one.low, one.high, scale or usual, one.whole, one)
        return Dimension(name, span=span, lines=(written.node.line,))


def _same_range(one: InputRange, other: InputRange | None) -> bool:
    """Return whether two inputs are written alike and lie between the same ends."""
    alike = ("form", "low", "high", "whole")
    return other is not None and all(getattr(one, key) == getattr(other, key) for key in alike)


def _label(value: Cursor) -> str:
    """Return what a value is called that has no name."""
    if isinstance(value.value, str) and value.value.endswith(ENDINGS):
        return Path(value.value).stem
    return words(value.plain())


def _placed(value: Cursor) -> Node | None:
    """Return a value in which files are named from the root: they are beside the study.

    None with a file noted that is not there.
    """
    node = value.node
    if isinstance(node.value, dict):
        made = {key: _placed(child) for key, child in value.items()}
        if None in made.values():
            return None
        return Node(made, node.file, node.line)
    if isinstance(node.value, list):
        items = [_placed(child) for child in value.elements()]
        return None if None in items else Node(items, node.file, node.line)
    if not isinstance(node.value, str) or not node.value.endswith(ENDINGS):
        return node
    file = beside(node, node.value)
    if not is_there(file):
        value.problem(f'no file "{node.value}"', f"looked for {file}")
        return None
    return Node(os.path.abspath(file), node.file, node.line)  # noqa: PTH100
