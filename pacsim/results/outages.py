"""The outages of the first terms, in columns, kept with a result to be scored again later."""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

TYPES = {
    "replication": "<i4",
    "role": "<i2",
    "start": "<f8",
    "end": "<f8",
    "censored": "|i1",
    "cause": "<i4",
    "unplanned": "<f8",
    "planned": "<f8",
    "mixed": "<f8",
}
"""Columns and how a number in each is stored; times are seconds from the start of the term."""
MOST = 1 << 28
"""Most rows that a file may claim to have."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptOutages:
    """Every down time of every role of one design, whatever its length, in order of time.

    Parameters
    ----------
    roles, causes : tuple of str
        Names to which the numbers in the columns ``role`` and ``cause`` point.
    columns : mapping of ndarray
        By the names of `TYPES`, all of one length.
    """

    roles: tuple[str, ...]
    causes: tuple[str, ...]
    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["start"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptOutages):
            return NotImplemented
        return (self.roles, self.causes) == (other.roles, other.causes) and all(
            np.array_equal(self.columns[name], other.columns[name]) for name in TYPES
        )

    __hash__ = None  # type: ignore[assignment]

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas table with names in place of numbers; times in seconds."""
        import pandas as pd

        found: dict[str, Any] = dict(self.columns)
        for name, words in (("role", self.roles), ("cause", self.causes)):
            found[name] = pd.Categorical.from_codes(self.columns[name], pd.Index(list(words)))
        found["censored"] = self.columns["censored"].astype(bool)
        return pd.DataFrame(found)

    def plain(self) -> dict[str, Any]:
        """Return what is written to a file: columns packed, exact to the last bit."""
        return {
            "roles": list(self.roles),
            "causes": list(self.causes),
            "rows": len(self),
            "packing": "bytes transposed, zlib, base64",
            "columns": {name: _packed(self.columns[name], kind) for name, kind in TYPES.items()},
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> KeptOutages:
        """Return what `plain` gave.

        Raises
        ------
        ValueError
            If it is something else.
        """
        rows = plain["rows"]
        if not isinstance(rows, int) or not 0 <= rows <= MOST:
            msg = f"{rows!r} is no number of outages"
            raise ValueError(msg)
        roles, causes = tuple(map(str, plain["roles"])), tuple(map(str, plain["causes"]))
        columns = {
            name: _unpacked(str(plain["columns"][name]), kind, rows) for name, kind in TYPES.items()
        }
        for name, words in (("role", roles), ("cause", causes)):
            if rows and not 0 <= columns[name].min() <= columns[name].max() < len(words):
                msg = f"a {name} of the outages has no name"
                raise ValueError(msg)
        return cls(roles, causes, columns)


def _packed(column: np.ndarray, kind: str) -> str:
    # High bytes of neighbours are alike: side by side they take little room.
    whole = np.ascontiguousarray(column.astype(kind)).view(np.uint8)
    turned = whole.reshape(len(column), np.dtype(kind).itemsize).T.tobytes()
    return base64.b64encode(zlib.compress(turned, 1)).decode("ascii")


def _unpacked(text: str, kind: str, rows: int) -> np.ndarray:
    each = np.dtype(kind).itemsize
    size = each * rows
    unpacking = zlib.decompressobj()
    try:
        turned = unpacking.decompress(base64.b64decode(text, validate=True), size + 1)
    except (zlib.error, binascii.Error) as error:
        msg = f"the outages cannot be unpacked: {error}"
        raise ValueError(msg) from None
    if len(turned) != size:
        msg = f"a column of the outages has {len(turned)} bytes in place of {size}"
        raise ValueError(msg)
    table = np.frombuffer(turned, dtype=np.uint8).reshape(each, rows)
    return np.ascontiguousarray(table.T).view(kind).reshape(rows)
