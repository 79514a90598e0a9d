"""The text of a CSV file: everything that pacsim writes as CSV is written here."""

from __future__ import annotations

import csv
import io
import math
import re
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # wide ones in Asian locales
"""How a text begins that a spreadsheet may run as a formula."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def csv_text(heading: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return the text of a CSV file that a spreadsheet shows and does not run.

    A text that begins like a formula has an apostrophe before it, as OWASP recommends. Numbers, and
    texts that are numbers, are as they are; what is no number and None are empty.

    Parameters
    ----------
    heading : iterable
        Names of the columns.
    rows : iterable of iterables
        Cells, in the order of the heading.

    Examples
    --------
    >>> print(csv_text(["=a", "b"], [["=1+1", -2.5], ["-3", None]]), end="")
    '=a,b
    '=1+1,-2.5
    -3,
    """
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    # Python 3.11 leaves a bare return without quotes, and readers take it for the end of the row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in chain([heading], rows):
        cells = [_cell(one) for one in row]
        returns = any(isinstance(one, str) and "\r" in one for one in cells)
        (quoting if returns else plain).writerow(cells)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, str) and value.startswith(RUNS) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
