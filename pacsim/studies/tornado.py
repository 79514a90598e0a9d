"""What is known of the numbers that matter: a bar each, the widest first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from pacsim.files.csv_text import csv_text
from pacsim.files.writing import write_whole
from pacsim.formatting import plain
from pacsim.results.measures import label

if TYPE_CHECKING:
    import os

    import pandas as pd

    from pacsim.plots.figures import Axes
    from pacsim.stats import Estimate
    from pacsim.studies.uncertain_numbers import UncertainNumber

PLACES = 6
"""Most digits behind the point; smaller figures have an exponent."""
SHOWN = 20
"""Bars of a table and a picture."""
ASSUMED = "*"
WIDTH = 98
"""Characters of a line of notes."""
FEW = 50
"""Terms that differ below which Student's interval of their mean may be too short."""
NONE = "No number moves it."
OWN = "exactly 0: it is so in the design"
UNUSED = "exactly 0: the design does not use it"
"""Notes of ends that need no run."""


@dataclass(frozen=True, slots=True)
class RangeEnd:
    """A number at one end of its range.

    Parameters
    ----------
    value : str
        The end, as it would be written.
    difference : Estimate or None
        What the figure is more than the base's; None if there is no such design.
    terms, differing : int
        Terms that were run in both, and those of them that differ.
    note : str
        What a reader should know.
    """

    value: str
    difference: Estimate | None
    terms: int
    differing: int
    note: str = ""

    @property
    def moved(self) -> float:
        """The difference, 0 where there is none."""
        return 0.0 if self.difference is None else self.difference.value or 0.0


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """How far the figure moves with one number.

    Parameters
    ----------
    number : UncertainNumber
        Which one.
    low, high : RangeEnd
        At both ends of its range.
    """

    number: UncertainNumber
    low: RangeEnd
    high: RangeEnd

    @property
    def width(self) -> float:
        """From the lowest to the highest of the base and both ends, in the unit of the measure."""
        moved = self.low.moved, self.high.moved, 0.0
        return max(moved) - min(moved)

    @property
    def name(self) -> str:
        """The number, marked if it is assumed."""
        return f"{self.number.name}{' ' + ASSUMED if self.number.assumed else ''}"

    @property
    def value(self) -> str:
        """What the number is in the design."""
        return str(self.number.first.own)


@dataclass(frozen=True, slots=True)
class Tornado:
    """Which numbers matter; of `pacsim.sensitivity`.

    Parameters
    ----------
    design, measure, unit : str
        What was looked at.
    base : Estimate
        The figure of the design as it is.
    bars : tuple of TornadoBar
        The widest first.
    seed : int
        Of all random streams.
    precision : float
        Asked for, of the widest bars.
    """

    design: str
    measure: str
    unit: str
    base: Estimate
    bars: tuple[TornadoBar, ...]
    seed: int
    precision: float

    def to_frame(self) -> pd.DataFrame:
        """Return a table, one row for each end of each number, the widest bar first."""
        import pandas as pd

        return pd.DataFrame([self._row(bar, end) for bar in self.bars for end in ("low", "high")])

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table as CSV; the file is whole or as before.

        Parameters
        ----------
        path : path
            The file; its folder must be there.

        Raises
        ------
        PacsimError
            If it cannot be written.
        """
        frame = self.to_frame()
        write_whole(Path(path), csv_text(frame.columns, frame.itertuples(index=False)))

    def _row(self, bar: TornadoBar, end: str) -> dict[str, Any]:
        at: RangeEnd = getattr(bar, end)
        of = at.difference
        return {
            "input": bar.number.name,
            "paths": ", ".join(one.path for one in bar.number.slots),
            "id": bar.number.id,
            "status": bar.number.first.status,
            "value": bar.value,
            "end": end,
            "at": at.value,
            "difference": None if of is None else of.value,
            "lower": None if of is None else of.lower,
            "upper": None if of is None else of.upper,
            "unit": self.unit,
            "terms": at.terms,
            "differing": at.differing,
            "note": at.note,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Return the picture: a bar for each of the widest, with the 95 % interval of each end."""
        from pacsim.plots import tornado

        return tornado(self, ax)

    def lines(self) -> list[str]:
        """Return the table in words: the widest bars, then what moved nothing and why."""
        name = label(self.measure.partition(".")[2])
        base = f"{plain(self.base.value or 0.0)} {self.unit}"
        half = plain(self.base.half_width)
        lines = [
            f"{self.design}: {self.measure} ({name}), {base} +- {half} in {self.base.n} terms",
            f"What it moves by, in {self.unit}, with one number at the ends of its range.",
            "The same faults in all; 95 % intervals, each by itself.",
            "",
        ]
        shown = [bar for bar in self.bars if bar.width > 0.0][:SHOWN]
        cells: list[tuple[str, ...]] = [("input", "is", "low", "moves by", "high", "moves by")]
        cells += [
            (b.name, b.value, b.low.value, _moved(b.low), b.high.value, _moved(b.high))
            for b in shown
        ]
        if not shown:
            cells = [(NONE,)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        ]
        notes = self._notes(len(shown))
        return [*lines, "", *(fill(note, WIDTH, subsequent_indent="  ") for note in notes)]

    def _notes(self, shown: int) -> list[str]:
        notes = [f"{ASSUMED} assumed: nobody who has measured it was found"]
        moving = sum(bar.width > 0.0 for bar in self.bars)
        if moving > shown:
            notes.append(f"{moving - shown} more move it less than these")
        ends = [end for bar in self.bars[:shown] for end in (bar.low, bar.high)]
        figure = self.precision * abs(self.base.value or 0.0)
        wide = sum(e.difference is not None and e.difference.half_width > figure for e in ends)
        if wide:
            notes.append(
                f"{wide} of the ends shown are not within {100 * self.precision:g} % of the figure"
            )
        few = [
            f"{bar.number.name} at {end.value} {end.note}"
            for bar in self.bars[:shown]
            for end in (bar.low, bar.high)
            if 0 < end.differing < FEW
        ]
        if few:
            notes.append(f"hardly resolved, whatever the interval: {'; '.join(few)}")
        notes += [f"{note}: {', '.join(names)}" for note, names in self._still().items()]
        return notes + [
            f"{bar.number.name} at {end.value}: {end.note}"
            for bar in self.bars
            for end in (bar.low, bar.high)
            if end.difference is None
        ]

    def _still(self) -> dict[str, list[str]]:
        """Return the numbers that moved nothing, by what is said of them."""
        said: dict[str, list[str]] = {}
        for bar in self.bars:
            ends = [end for end in (bar.low, bar.high) if end.difference is not None]
            if bar.width == 0.0 and ends:
                # Of both ends the one that says less: what is the same in many terms is used.
                least = max(ends, key=lambda end: (end.terms, end.note != OWN))
                said.setdefault(least.note, []).append(bar.number.name)
        return said

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _moved(end: RangeEnd) -> str:
    """Return what a figure moves by, with its interval."""
    of = end.difference
    if of is None or of.value is None:
        return "-"
    if of.value == of.lower == of.upper == 0.0:
        return "0"
    if of.lower is None or of.upper is None:
        return f"{of.value:+.2g}" if of.value else "0"
    show = _digits_for(of.value, (of.upper - of.lower) / 2.0)
    return f"{of.value:{show}} ({of.lower:{show}} to {of.upper:{show}})"


def _digits_for(value: float, half: float) -> str:
    """Return the format of a figure with two digits, or with as many as its interval needs.

    Examples
    --------
    >>> [format(-2.0, _digits_for(-2.0, half)) for half in (0.5, 0.05, 0.0)]
    ['-2.0', '-2.00', '-2.0']
    """
    places = [1 - math.floor(math.log10(abs(value)))] if value else []
    places += [-math.floor(math.log10(half))] if half else []
    most = max(0, *places, 0)
    return f"+.{most}f" if most <= PLACES else "+.2g"
