"""The store of a study: one SQLite file with everything that is finished, a transaction a stage."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pacsim.errors import PacsimError
from pacsim.studies.block_series import BlockSeries, series
from pacsim.studies.store_lock import StoreLock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pacsim.studies.points import Point
    from pacsim.studies.stages import StageDone
    from pacsim.studies.study_values import MeasureName

FILE = "study.sqlite"
FORMAT = 2
"""Number of the form of a store; one of another form is refused."""
TABLES = """
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS points (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, design TEXT NOT NULL,
    labels TEXT NOT NULL, changes TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS seen (
    key TEXT NOT NULL, seed TEXT NOT NULL, terms INTEGER NOT NULL, seconds REAL NOT NULL,
    rule TEXT NOT NULL, reached INTEGER NOT NULL,
    tally BLOB NOT NULL, figures BLOB NOT NULL, PRIMARY KEY (key, seed)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stages (
    key TEXT NOT NULL, seed TEXT NOT NULL, first INTEGER NOT NULL, end INTEGER NOT NULL,
    seconds REAL NOT NULL, blocks BLOB NOT NULL, PRIMARY KEY (key, seed, first)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (
    key TEXT NOT NULL, seed TEXT NOT NULL, why TEXT NOT NULL, yaml TEXT NOT NULL,
    PRIMARY KEY (key, seed)
) WITHOUT ROWID;
"""


class StoreError(PacsimError):
    """A store that cannot be used: what is in the way, and what to do."""


class EmptyStoreError(StoreError):
    """A store in which nothing is kept yet."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a point has come.

    Parameters
    ----------
    terms : int
        Replications that are done.
    seconds : float
        They took, on one worker, without what it takes to make the model ready.
    rule : str
        What the last stage was asked for.
    reached : bool
        Whether that was reached.
    """

    terms: int = 0
    seconds: float = 0.0
    rule: str = ""
    reached: bool = False


class Store:
    """What is finished of a study, by the hash of each design and the seed.

    Parameters
    ----------
    folder : Path
        In which the file is or comes to be.
    write : bool
        Whether it may be changed: then no other program may have it open for that.
    fresh : bool
        Whether what is there is thrown away first.

    Raises
    ------
    StoreError
        If another program has it, or it cannot be opened.
    """

    def __init__(self, folder: Path, *, write: bool = False, fresh: bool = False) -> None:
        self.folder, self.file = folder, folder / FILE
        self._lock: StoreLock | None = None
        if not write and not self.file.exists():
            msg = f"{folder}: there is no store of a study; run pacsim sweep first"
            raise EmptyStoreError(msg)
        if self.file.is_dir():
            msg = f"{self.file}: is a folder, and no store; move it away, or name another --out"
            raise StoreError(msg)
        if write:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = StoreLock(folder)
            except OSError as error:
                msg = f"{folder}: cannot be written: {error.strerror}; name another with --out"
                raise StoreError(msg) from error
        try:
            if fresh and write:
                self._thrown_away()
            self._base = self._opened(write=write)
        except BaseException:
            self.close()
            raise

    def _thrown_away(self) -> None:
        """Remove what is there."""
        with self._told_plainly():
            for ending in ("", "-wal", "-shm"):
                (self.folder / f"{FILE}{ending}").unlink(missing_ok=True)

    def _opened(self, *, write: bool) -> sqlite3.Connection:
        how = "rwc" if write else "ro"
        uri = f"{self.file.absolute().as_uri()}?mode={how}"
        log = self.folder / f"{FILE}-wal"
        if not write and not os.access(self.folder, os.W_OK) and not log.exists():
            # SQLite would put files beside it, where it may not, to see who writes; nobody does.
            uri += "&immutable=1"
        with self._told_plainly():
            base = sqlite3.connect(uri, uri=True, isolation_level=None)
            try:
                self._check(base, write=write)
                if write:
                    # What is committed outlives every kill; only a loss of power may take the last.
                    base.execute("PRAGMA journal_mode=WAL")
                    base.execute("PRAGMA synchronous=NORMAL")
                    base.executescript(TABLES)
            except BaseException:
                base.close()
                raise
        return base

    def _check(self, base: sqlite3.Connection, *, write: bool) -> None:
        """Refuse a file of something else; one in which nothing is yet cannot be read."""
        tables = {name for (name,) in base.execute("SELECT name FROM sqlite_master")}
        if tables and "told" not in tables:
            msg = f"{self.file}: is no store of a study; move it away, or name another --out"
            raise StoreError(msg)
        if write:
            return
        said = dict(base.execute("SELECT * FROM told")) if tables else {}
        if not said:
            msg = (
                f"{self.folder}: nothing is kept there yet, its run was stopped as it began; "
                "run pacsim sweep again"
            )
            raise EmptyStoreError(msg)
        if said["format"] != str(FORMAT):
            msg = (
                f"{self.folder}: the store has form {said['format']}, this version reads form "
                f"{FORMAT}; run the study again with --fresh, or read it with the version that "
                "wrote it"
            )
            raise StoreError(msg)

    def close(self) -> None:
        """Let go of it."""
        if hasattr(self, "_base"):
            self._base.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Turn what goes wrong in the file into words."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            code = getattr(error, "sqlite_errorname", "")
            full = code in {"SQLITE_FULL", "SQLITE_IOERR_WRITE"} or "full" in str(error)
            why, remedy = str(error), "look at the disk, or name another folder with --out"
            if full:
                why, remedy = "there is no room to write it", "make room"
            elif code in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
                why, remedy = "it is damaged or no store", "run with --fresh, or another --out"
            msg = f"{self.file}: {why}; {remedy}"
            if full:
                msg += ", then run the same again: nothing that was finished is lost"
            raise StoreError(msg) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._told_plainly():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    def _rows(self, query: str, *values: Any) -> list[Any]:  # noqa: ANN401
        with self._told_plainly(), closing(self._base.execute(query, values)) as cursor:
            return cursor.fetchall()

    def told(self) -> dict[str, Any]:
        """Return what the store says of itself and of the study that was run last."""
        return {name: json.loads(value) for name, value in self._rows("SELECT * FROM told")}

    def begin(self, told: dict[str, Any], points: Iterable[Point]) -> None:
        """Note of which study it is, and its points."""
        said = [(name, json.dumps(value)) for name, value in told.items()]
        listed = (
            (
                one.number,
                one.key,
                one.base.name,
                json.dumps(dict(one.labels)),
                json.dumps(dict(one.changes)),
            )
            for one in points
        )
        with self._transaction() as base:
            base.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", said)
            base.execute("DELETE FROM points")
            base.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?)", listed)

    def put(self, done: StageDone, rule: str) -> None:
        """Keep a stage, whole or not at all; that its point failed before is over.

        Raises
        ------
        StoreError
            If it cannot be written; nothing of it is there then.
        """
        of = (done.key, str(done.seed))
        with self._transaction() as base:
            base.execute(
                "INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?)",
                (*of, done.first, done.end, done.seconds, done.blocks),
            )
            base.execute(
                "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "terms = excluded.terms, seconds = seconds + excluded.seconds, "
                "rule = excluded.rule, reached = excluded.reached, "
                "tally = excluded.tally, figures = excluded.figures",
                (*of, done.end, done.seconds, rule, done.reached, done.tally, done.figures),
            )
            base.execute("DELETE FROM failures WHERE key = ? AND seed = ?", of)

    def seen(self, seed: int) -> dict[str, Seen]:
        """Return how far each design has come with a seed, by its key."""
        found = self._rows(
            "SELECT key, terms, seconds, rule, reached FROM seen WHERE seed = ?", str(seed)
        )
        return {
            key: Seen(terms, seconds, rule, bool(reached))
            for key, terms, seconds, rule, reached in found
        }

    def tally(self, key: str, seed: int) -> bytes:
        """Return everything seen of a design, as the last stage gave it."""
        found = self._rows("SELECT tally FROM seen WHERE key = ? AND seed = ?", key, str(seed))
        return bytes(found[0][0]) if found else b""

    def figures(self, key: str, seed: int) -> bytes:
        """Return the rows of a design, as the last stage gave them."""
        found = self._rows("SELECT figures FROM seen WHERE key = ? AND seed = ?", key, str(seed))
        return bytes(found[0][0]) if found else b""

    def blocks(self, key: str, seed: int, name: MeasureName, since: int = 0) -> BlockSeries | None:
        """Return the means of a figure over each block of a design; None if it was 0 in all.

        Parameters
        ----------
        key : str
            Of the design.
        seed : int
            Of all random streams.
        name : MeasureName
            Of the figure.
        since : int
            Replication from which on stages are read.
        """
        query = "SELECT blocks FROM stages WHERE key = ? AND seed = ? AND first >= ? ORDER BY first"
        found = self._rows(query, key, str(seed), since)
        return series((bytes(one) for (one,) in found), name)

    def listed(self) -> list[tuple[int, str, str, dict[str, str], dict[str, Any]]]:
        """Return number, key, base design, labels and changes of the points of the last study."""
        found = self._rows("SELECT * FROM points ORDER BY number")
        return [(n, key, of, json.loads(a), json.loads(b)) for n, key, of, a, b in found]

    def fail(self, key: str, seed: int, why: str, yaml: str) -> None:
        """Note that a design failed, why, and the design that shows it."""
        with self._transaction() as base:
            said = (key, str(seed), why, yaml)
            base.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", said)

    def forgive(self, keys: Iterable[str], seed: int) -> None:
        """Forget that designs failed: all that is asked of them is there now."""
        with self._transaction() as base:
            said = [(key, str(seed)) for key in keys]
            base.executemany("DELETE FROM failures WHERE key = ? AND seed = ?", said)

    def failures(self, seed: int) -> dict[str, tuple[str, str]]:
        """Return why designs failed, with the YAML of each, by their keys."""
        found = self._rows("SELECT key, why, yaml FROM failures WHERE seed = ?", str(seed))
        return {key: (why, yaml) for key, why, yaml in found}

    def counted(self) -> tuple[int, int]:
        """Return how many stages there are, and how many replications are in them."""
        return tuple(self._rows("SELECT COUNT(*), COALESCE(SUM(end - first), 0) FROM stages")[0])
