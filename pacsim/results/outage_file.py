"""The outages of the first terms, in columns, in a file beside a result, to be scored again."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.errors import PacsimError
from pacsim.files.writing import write_whole

if TYPE_CHECKING:
    import os
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
    "degraded": "|i1",
    "follows": "|i1",
}
"""Columns and how a number in each is stored; times are seconds from the start of the term."""
FORMAT = 3
DOWN_ONLY, OF_SEVERAL_KINDS = 1, 2
"""The formats before degraded times were kept, and before rows were of one kind each."""
SINCE = {"degraded": OF_SEVERAL_KINDS, "follows": FORMAT}
"""The format from which on a file has a column; before it is all 0."""
MOST_BYTES = 1 << 32
"""Most bytes that a file may claim to hold once it is unpacked."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptOutages:
    """Every down and degraded time of every role of one design, whatever its length.

    A row is a time of one kind: unplanned, planned or mixed seconds. ``follows`` is 1 where it goes
    on from the row before, of the same down time, which has become of another kind; ``cause`` is
    what the whole of it began with. In order of terms and, of one role and state, of time;
    ``degraded`` is 1 of those in which the role was up and not in full.

    Parameters
    ----------
    roles, causes : tuple of str
        Names to which the numbers in the columns ``role`` and ``cause`` point.
    columns : mapping of ndarray
        By the names of `TYPES`, all of one length.
    terms, terms_run : int
        Terms whose outages these are, from the first one on, of how many that were run.
    length : float
        Of a term in seconds; 0 if the file does not say, which it does since format 3.
    starts : str
        Civil date of the first day, as the contract says; empty likewise.
    """

    roles: tuple[str, ...]
    causes: tuple[str, ...]
    columns: Mapping[str, np.ndarray]
    terms: int = 0
    terms_run: int = 0
    length: float = 0.0
    starts: str = ""

    def __len__(self) -> int:
        return len(self.columns["start"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptOutages):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("roles", "causes", "terms", "terms_run", "length", "starts")
        ) and all(np.array_equal(self.columns[name], other.columns[name]) for name in TYPES)

    __hash__ = None  # type: ignore[assignment]

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas table with names in place of numbers; times in seconds."""
        import pandas as pd

        columns: dict[str, Any] = dict(self.columns)
        for name, words in (("role", self.roles), ("cause", self.causes)):
            columns[name] = pd.Categorical.from_codes(self.columns[name], pd.Index(list(words)))
        for name in ("censored", "degraded", "follows"):
            columns[name] = self.columns[name].astype(bool)
        return pd.DataFrame(columns)


def save_outages(outages: Mapping[str, KeptOutages], path: str | os.PathLike[str]) -> str:
    """Write the outages of designs into one compressed file, and return what was left out.

    Parameters
    ----------
    outages : mapping of KeptOutages
        By design, as `Result.outages`.
    path : path
        The file, in numpy's format ``npz``: ``designs``, and ``K/COLUMN`` for the K-th of them.

    Returns
    -------
    str
        A sentence a design that is not whole; empty if all are.

    Raises
    ------
    PacsimError
        If it cannot be written.
    """
    arrays: dict[str, np.ndarray] = {
        "format": np.array(FORMAT),
        "designs": np.array(list(outages), dtype=np.str_),
    }
    left_out = []
    for k, (design, kept) in enumerate(outages.items()):
        arrays[f"{k}/terms"] = np.array([kept.terms, kept.terms_run])
        arrays[f"{k}/length"] = np.array(kept.length)
        arrays[f"{k}/starts"] = np.array(kept.starts, dtype=np.str_)
        arrays[f"{k}/roles"] = np.array(kept.roles, dtype=np.str_)
        arrays[f"{k}/causes"] = np.array(kept.causes, dtype=np.str_)
        arrays |= {f"{k}/{name}": kept.columns[name].astype(kind) for name, kind in TYPES.items()}
        if kept.terms < kept.terms_run:
            left_out.append(
                f"{design}: outages of the first {kept.terms} of {kept.terms_run} terms; more "
                "would make the file too large"
            )
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    write_whole(Path(path), packed.getvalue())
    return "\n".join(left_out)


def load_outages(path: str | os.PathLike[str]) -> dict[str, KeptOutages]:
    """Return the outages of each design that `save_outages` has written.

    Parameters
    ----------
    path : path
        What `save_outages` or ``--outages`` wrote.

    Raises
    ------
    PacsimError
        If the file is something else, with what is wrong.
    """
    try:
        return _load(Path(path))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
    except KeyError as error:
        msg = f"{path}: is no whole file of outages: no {error.args[0]}"
    except (ValueError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        msg = f"{path}: is no file of outages: {error}"
    raise PacsimError(msg) from None


def _load(path: Path) -> dict[str, KeptOutages]:
    with zipfile.ZipFile(path) as packed:
        claimed = sum(one.file_size for one in packed.infolist())
    if claimed > MOST_BYTES:
        msg = f"it would unpack to {claimed} bytes; {MOST_BYTES} are the most"
        raise ValueError(msg)
    with np.load(path, allow_pickle=False) as arrays:
        version = _table(arrays, "format", "i", 0)
        if int(version) not in {DOWN_ONLY, OF_SEVERAL_KINDS, FORMAT}:
            msg = f"format {int(version)} is none of {DOWN_ONLY}, {OF_SEVERAL_KINDS}, {FORMAT}"
            raise ValueError(msg)
        designs = _table(arrays, "designs", "U", 1)
        return {str(design): _of(arrays, k, int(version)) for k, design in enumerate(designs)}


def _of(arrays: Mapping[str, np.ndarray], k: int, version: int) -> KeptOutages:
    columns: dict[str, np.ndarray] = {}
    for name, kind in TYPES.items():
        if SINCE.get(name, DOWN_ONLY) > version:
            columns[name] = np.zeros(len(columns["start"]), dtype=kind)
            continue
        column = _table(arrays, f"{k}/{name}", np.dtype(kind).kind, 1)
        if column.dtype != np.dtype(kind):
            msg = f"{k}/{name} holds {column.dtype} in place of {kind}"
            raise ValueError(msg)
        columns[name] = column
    if len({len(column) for column in columns.values()}) > 1:
        msg = f"the columns of design {k} differ in length"
        raise ValueError(msg)
    named = {
        name: tuple(map(str, _table(arrays, f"{k}/{name}s", "U", 1))) for name in ("role", "cause")
    }
    for name, words in named.items():
        column = columns[name]
        if len(column) and not 0 <= column.min() <= column.max() < len(words):
            msg = f"a {name} of the outages has no name"
            raise ValueError(msg)
    terms = _table(arrays, f"{k}/terms", "i", 1)
    if len(terms) != 2:
        msg = f"{k}/terms holds {len(terms)} numbers in place of 2"
        raise ValueError(msg)
    length, starts = 0.0, ""
    if version == FORMAT:
        length = float(_table(arrays, f"{k}/length", "f", 0))
        starts = str(_table(arrays, f"{k}/starts", "U", 0))
    many = (int(terms[0]), int(terms[1]))
    return KeptOutages(named["role"], named["cause"], columns, *many, length, starts)


def _table(arrays: Mapping[str, np.ndarray], name: str, kind: str, dimensions: int) -> np.ndarray:
    array = arrays[name]
    if array.dtype.kind != kind or array.ndim != dimensions:
        msg = f"{name} holds {array.dtype} of shape {array.shape}"
        raise ValueError(msg)
    return array
