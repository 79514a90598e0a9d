"""Rows of replications reduced by blocks of 64, folded in order whoever reduced them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BLOCK = 64
"""Replications are reduced in fixed blocks, in order, so that figures do not depend on batches."""
S = TypeVar("S")
_NO_PIECES, _NO_ROWS, _NOT_FLAT = np.zeros(0, dtype=np.int64), np.zeros(0), np.array(False)
for _shared in (_NO_PIECES, _NO_ROWS, _NOT_FLAT):
    _shared.setflags(write=False)


class Blocks(ABC, Generic[S]):
    """Summaries of blocks of rows, one row per replication; a base for moments of any kind.

    What is there from replication 0 on is folded from the left, block by block. What comes from
    elsewhere is kept as an ordered list of block summaries until what is missing before it has
    come, and rows of a block that is not whole yet as they are. So the bits are those of one
    stream, in whatever parts the rows come and in whatever order parts are merged, and memory
    grows only with what is out of order.

    Parameters
    ----------
    columns : int
        Length of a row.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._folded = self.nothing()
        self._next = 0
        """Blocks before this one are folded."""
        self._reduced: dict[int, S] = {}
        self._pieces: dict[int, dict[int, np.ndarray]] = {}
        """Rows of blocks that are not whole, by block and by place in it."""
        self._end = 0
        self.trail: list[Any] | None = None
        """If it is a list, what `traced` says of each block is appended as it is folded."""

    @abstractmethod
    def nothing(self) -> S:
        """Return the summary of no rows."""

    @abstractmethod
    def reduce(self, rows: np.ndarray) -> S:
        """Return the summary of the rows of one block."""

    @abstractmethod
    def join(self, first: S, second: S) -> S:
        """Return the summary of both; it need not be the same to the bit the other way round."""

    def traced(self, summary: S) -> Any:  # noqa: ANN401
        """Return what is kept of a block in the trail; all unless a kind keeps less."""
        return summary

    @abstractmethod
    def arrays(self, summaries: Sequence[S]) -> dict[str, np.ndarray]:
        """Return summaries as arrays, bit for bit."""

    @abstractmethod
    def summaries(self, arrays: Mapping[str, np.ndarray]) -> list[S]:
        """Return the summaries that `arrays` made arrays of."""

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that was added as arrays: what `restore` takes."""
        if not self._reduced and not self._pieces:
            # As at the end of most stages.
            return self.arrays([self._folded]) | {
                "blocks": np.array([self._next, self._end], dtype=np.int64),
                "pieces": _NO_PIECES,
                "rows": _NO_ROWS,
                "flat": _NOT_FLAT,
            }
        later = sorted(self._reduced)
        pieces = [(b, at, x) for b, of in sorted(self._pieces.items()) for at, x in of.items()]
        return self.arrays([self._folded, *(self._reduced[b] for b in later)]) | {
            "blocks": np.array([self._next, self._end, *later], dtype=np.int64),
            "pieces": np.array([(b, at, len(x)) for b, at, x in pieces], dtype=np.int64),
            "rows": np.concatenate([np.zeros(0), *(x.ravel() for *_, x in pieces)]),
            # Numbers that came without columns are added up in another order than columns of one.
            "flat": np.array(any(x.ndim == 1 for *_, x in pieces)),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what another one of the same kind returned as its `state`, to the bit."""
        self._folded, *reduced = self.summaries(state)
        self._next, self._end, *later = state["blocks"].tolist()
        self._reduced = dict(zip(later, reduced, strict=True))
        self._pieces = {}
        begin, rows = 0, state["rows"].copy()
        rows = rows if state["flat"] else rows.reshape(-1, self.columns)
        for block, place, count in state["pieces"].reshape(-1, 3).tolist():
            self._pieces.setdefault(block, {})[place] = rows[begin : begin + count]
            begin += count

    def add(self, rows: np.ndarray, first: int | None = None) -> None:
        """Add the rows of replications ``first``, ``first + 1``, ... ; by default the next ones.

        Parameters
        ----------
        rows : ndarray, shape (n, k) or (n,)
            One a replication.
        first : int, optional
            Number of the first replication, >= 0.

        Raises
        ------
        ValueError
            If one of them is there already.
        """
        # numpy adds up columns of another memory order in another order: other last digits.
        rows = np.ascontiguousarray(rows, dtype=np.float64)
        at = self._end if first is None else first
        start, stop = at, at + len(rows)
        while at < stop:
            block, place = divmod(at, BLOCK)
            count = min(BLOCK - place, stop - at)
            self._put(block, place, rows[at - start : at - start + count])
            at += count
        self._end = max(self._end, stop)
        self._fold()

    def merge(self, other: Self) -> None:
        """Add what another one has seen; it is not changed.

        Parameters
        ----------
        other : Blocks
            Of the same kind and of other replications.

        Raises
        ------
        ValueError
            If both have seen the same replication, or rows of other lengths.
        """
        if other.columns != self.columns:
            msg = f"rows of {other.columns} columns cannot join those of {self.columns}"
            raise ValueError(msg)
        if other._next:
            if self._next or any(block < other._next for block in (*self._reduced, *self._pieces)):
                raise ValueError(_twice(0))
            self._folded, self._next = other._folded, other._next
            if self.trail is not None:
                self.trail += other.trail or []
        for block, summary in other._reduced.items():
            self._refuse(block)
            self._reduced[block] = summary
        for block, pieces in other._pieces.items():
            for place, rows in pieces.items():
                self._put(block, place, rows)
        self._end = max(self._end, other._end)
        self._fold()

    def _refuse(self, block: int) -> None:
        if block < self._next or block in self._reduced or block in self._pieces:
            raise ValueError(_twice(block * BLOCK))

    def _put(self, block: int, place: int, rows: np.ndarray) -> None:
        if len(rows) == BLOCK:
            self._refuse(block)
            self._reduced[block] = self.reduce(rows)
            return
        if block < self._next or block in self._reduced:
            raise ValueError(_twice(block * BLOCK))
        pieces = self._pieces.setdefault(block, {})
        for start, there in pieces.items():
            if start < place + len(rows) and place < start + len(there):
                raise ValueError(_twice(block * BLOCK + max(start, place)))
        pieces[place] = np.array(rows)
        if sum(map(len, pieces.values())) == BLOCK:
            self._reduced[block] = self.reduce(_joined(self._pieces.pop(block)))

    def _fold(self) -> None:
        while self._next in self._reduced:
            summary = self._reduced.pop(self._next)
            if self.trail is not None:
                self.trail.append(self.traced(summary))
            self._folded = self.join(self._folded, summary)
            self._next += 1

    def total(self) -> S:
        """Return the summary of all rows, folded from the left."""
        total = self._folded
        if not self._reduced and not self._pieces:
            return total
        for block in sorted((*self._reduced, *self._pieces)):
            if block in self._reduced:
                total = self.join(total, self._reduced[block])
            else:
                total = self.join(total, self.reduce(_joined(self._pieces[block])))
        return total

    @property
    def rest(self) -> tuple[int, S] | None:
        """Number of rows of the block that follows those folded, and what they come to, if any."""
        pieces = self._pieces.get(self._next)
        if not pieces:
            return None
        rows = _joined(pieces)
        return len(rows), self.reduce(rows)

    @property
    def waiting(self) -> int:
        """Number of blocks that are kept because something before them is missing or not whole."""
        return len(self._reduced) + len(self._pieces)


def _joined(pieces: dict[int, np.ndarray]) -> np.ndarray:
    return np.concatenate([pieces[place] for place in sorted(pieces)])


def _twice(replication: int) -> str:
    return f"replication {replication} is in both; a replication counts once"
