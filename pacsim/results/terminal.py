"""The table as text: columns beside each other as far as a terminal is wide, in blocks beyond."""

from __future__ import annotations

import re
from textwrap import fill, wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacsim.results.table import Table

CELL, NARROW, WIDTH = 30, 16, 98
"""Most and least characters of a cell, and those of a line in a terminal."""
GAP, BESIDE = 3, 3
"""Characters between columns, and designs that may stand beside each other."""
NO_BREAK = "\u00a0"


def as_text(shown: Table, width: int = WIDTH) -> str:
    """Return the table as text; designs that do not fit beside each other are in several blocks.

    Parameters
    ----------
    shown : Table
        What is shown.
    width : int
        Characters of a line.
    """
    count, wide = len(shown.headings), max([len(line.label) for line in shown.lines] + [8])
    wide = min(wide, max(width - NARROW - GAP, NARROW))
    for most in range(min(count, BESIDE), 0, -1):
        blocks = -(-count // most)
        # As many in each block as in any other, or one more.
        ends = [count * (k + 1) // blocks for k in range(blocks)]
        size = min(CELL, (width - wide) // most - GAP)
        texts = [
            _block(shown, range(first, last), wide, size)
            for first, last in zip([0, *ends], ends, strict=False)
        ]
        if most == 1 or (size >= NARROW and _whole(shown, size)):
            break
    lines = wrap(shown.title, width)
    for text in texts:
        lines += ["", *text]
    notes = [fill(note, width, subsequent_indent="  ") for note in shown.notes]
    return "\n".join([*lines, "", *notes])


def as_texts(shown: Sequence[Table], width: int = WIDTH) -> str:
    """Return tables one below the other.

    Parameters
    ----------
    shown : sequence of Table
        What is shown.
    width : int
        Characters of a line.
    """
    return "\n\n".join(as_text(one, width) for one in shown)


def _whole(shown: Table, size: int) -> bool:
    """Return whether no word of a cell is longer than a column, but those that are for any."""
    cells = [*shown.headings]
    for line in shown.lines:
        cells += [*line.cells, *line.under]
    lines = [x for cell in cells for x in wrap(_joined(cell), size, break_long_words=False)]
    return all(len(line) <= size for line in lines if len(line) <= CELL)


def _block(shown: Table, of: range, wide: int, size: int) -> list[str]:
    """Return the lines of some of the designs, columns as wide as they need to be."""
    blocks = [[_folded(shown.headings[k], size) for k in of]]
    labels = [[""]]
    for line in shown.lines:
        under = line.under or ("",) * len(line.cells)
        blocks.append([[*_folded(line.cells[k], size), *_folded(under[k], size)] for k in of])
        labels.append(wrap(line.label, wide, subsequent_indent="  ", break_long_words=False))
        # What is indented belongs to the line above.
        indent = line.label[: len(line.label) - len(line.label.lstrip())]
        labels[-1][0] = indent + labels[-1][0].lstrip()
    columns = [
        max(len(text) for block in blocks for text in (block[k] or [""])) for k in range(len(of))
    ]
    lines = []
    for label, block in zip(labels, blocks, strict=True):
        for depth in range(max(len(label), *(len(cell) for cell in block))):
            cells = [cell[depth] if depth < len(cell) else "" for cell in block]
            padded = [text.ljust(most) for text, most in zip(cells, columns, strict=True)]
            first = (label[depth] if depth < len(label) else "").ljust(wide)
            lines.append(f"{first}{' ' * GAP}{(' ' * GAP).join(padded)}".rstrip())
    return lines


def _joined(text: str) -> str:
    """Return a cell in which a number stays beside its unit, and its digits together."""
    return re.sub(r"(?<=\d) (?=[%a-z/]|\d{3}\b)|(?<=\d in) (?=\d)", NO_BREAK, text)


def _folded(text: str, size: int) -> list[str]:
    """Return a cell's lines; a number stays beside its unit."""
    return [line.replace(NO_BREAK, " ") for line in wrap(_joined(text), size)]
