"""Arrivals of whole slots as tables, compiled: those of `pacsim.traffic.arrivals`, to the bit."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core.streams import PARITY, replication_key, stream_id
from pacsim.delays.compound import LAW, pack
from pacsim.engines.kernel.compile import HEADER, INTERNAL, OPTIONS, compiled_entries
from pacsim.errors import ArgumentError
from pacsim.traffic import arrivals as plain
from pacsim.traffic.arrival_tables import ARRIVED, STUDIES, ArrivalTable
from pacsim.traffic.client_tables import Modality, Reader
from pacsim.traffic.keyed_draws import PLACES
from pacsim.traffic.logs import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacsim.delays import Law
    from pacsim.traffic.client_tables import ImagingStudy, Station, TrafficTables

SOURCES = (
    "pacsim.delays.scalar",
    "pacsim.engines.kernel.source.draws",
    "pacsim.traffic.poisson",
    "pacsim.traffic.kernel.arriving_source",
)
ENTRY = "draw_slots"
EXAM_LANES = (plain.COUNT, PLACES, plain.INSTANCES, plain.SIZE, 0, 0, 0)
OPENING_LANES = (
    *(plain.COUNT, PLACES, plain.PRIORS, plain.OPENED_INSTANCES),
    *(plain.QUERIES, plain.OPENED_KIND, plain.OPENED_SIZE),
)
"""Lanes of a source's streams, in the order of `arriving_source`."""
SOURCE = np.dtype(
    [
        ("streams", np.uint64, (len(EXAM_LANES),)),
        ("station", np.int64),
        ("stream", np.int64),
        ("starts", np.int64),
        ("growth_from", np.int64),
        ("growth_years", np.int64),
        ("studies_from", np.int64),
        ("studies", np.int64),
        ("priors", np.int64),
        ("prior_exists", np.float64),
        ("queries", np.float64),
        ("opens", np.bool_),
    ]
)
STUDY = np.dtype(
    [
        ("reached", np.float64),
        ("items", np.int64),
        ("items_law", np.int64),
        ("size", np.float64),
        ("size_law", np.int64),
        ("compression", np.float64),
        ("growth_from", np.int64),
        ("growth_years", np.int64),
        ("sent_compressed", np.bool_),
    ]
)
ROOM, SIGMAS = 64, 8.0
"""Rows beyond the mean for which there is room at first."""


@dataclass(frozen=True, eq=False)
class ArrivalColumns:
    """What arrives at a workload's stations, as the compiled functions read it.

    Parameters
    ----------
    sources : ndarray of `SOURCE`
        Streams of stations, in order.
    weeks : ndarray of float64, shape (sources, 168)
        Arrivals expected in each hour of the week.
    growth : ndarray of float64
        Factors by contract year: of sources, then of studies.
    studies : ndarray of `STUDY`
        Of the sources.
    laws, points : ndarray
        Packed laws.
    """

    sources: np.ndarray
    weeks: np.ndarray
    growth: np.ndarray
    studies: np.ndarray
    laws: np.ndarray
    points: np.ndarray


class ArrivingStreams:
    """All streams of a workload, from which whole slots are drawn.

    Parameters
    ----------
    tables : TrafficTables
        Stations and their streams.

    Raises
    ------
    ArgumentError
        If a slot expects too many; see `pacsim.traffic.arrivals.check_slots`. If a law is one's
        own, from which nothing that is compiled draws.
    """

    def __init__(self, tables: TrafficTables) -> None:
        plain.check_slots(tables)
        self.columns = _Columns(tables).made()
        growth = max(1.0, *self.columns.growth.tolist()) if len(self.columns.growth) else 1.0
        opens = self.columns.sources["opens"]
        fetched = opens * (1.0 + self.columns.sources["priors"])
        starts = int(self.columns.sources["starts"][0]) if len(opens) else 0
        order = np.roll(self.columns.weeks * growth, -starts, axis=1)
        self._expected = order.sum(axis=0)
        self._fetched = (order * fetched[:, np.newaxis]).sum(axis=0)

    def table(self, key: tuple[int, int], first: int, count: int) -> ArrivalTable:
        """Return what arrives in some slots of a term.

        Parameters
        ----------
        key : tuple of two int
            Of the term's draws, from `pacsim.core.streams.replication_key`.
        first, count : int
            Slots: hours from the start of the term.
        """
        hours = np.arange(first, first + count) % plain.SLOTS_OF_WEEK
        room = _room(self._expected[hours].sum())
        fetched = _room(self._fetched[hours].sum())
        while True:
            found = self._filled(key, first, count, room, fetched)
            if found is not None:
                return found
            room, fetched = 2 * room, 2 * fetched

    def _filled(
        self, key: tuple[int, int], first: int, count: int, room: int, fetched: int
    ) -> ArrivalTable | None:
        one = self.columns
        rows, opened = np.empty(room, dtype=ARRIVED), np.empty(fetched, dtype=STUDIES)
        places = [np.empty(room, dtype=np.int64) for _ in range(3)]
        ranks, ends = np.zeros(len(one.sources), dtype=np.int64), np.zeros(2, dtype=np.int64)
        arguments = (
            *(one.sources, one.weeks, one.growth, one.studies, one.laws, one.points),
            *(np.uint64(key[0]), np.uint64(key[1]), first, count),
            *(rows, opened, np.empty(room), *places, ranks, ends),
        )
        if compiled_arrivals(arguments)(*arguments):
            return None
        return ArrivalTable(rows[: ends[0]], opened[: ends[1]])


def arrival_table(
    tables: TrafficTables, seed: int, term: int, first: int, count: int
) -> ArrivalTable:
    """Return what arrives at a workload in some slots of a term.

    Parameters
    ----------
    tables : TrafficTables
        Stations and their streams.
    seed, term : int
        Whose arrivals: of one replication.
    first, count : int
        Slots: hours from the start of the term.
    """
    return ArrivingStreams(tables).table(replication_key(seed, term), first, count)


def _room(mean: float) -> int:
    return int(mean + SIGMAS * math.sqrt(mean)) + ROOM


class _Columns:
    """Lays a workload out in columns."""

    def __init__(self, tables: TrafficTables) -> None:
        self._tables = tables
        self._growth: list[float] = []
        self._studies: list[tuple[float, ...]] = []
        self._laws: list[Law] = []

    def made(self) -> ArrivalColumns:
        """Return the columns."""
        sources = list(self._sources())
        own = [law for law in self._laws if not law.compiled]
        if own:
            names = ", ".join(sorted({type(law).__name__ for law in own}))
            msg = f"{names}: nothing that is compiled draws from it; use a law of pacsim.delays"
            raise ArgumentError(msg)
        packed = pack(tuple(self._laws))
        return ArrivalColumns(
            np.array([row for row, _ in sources], dtype=SOURCE),
            np.array([week for _, week in sources]).reshape(len(sources), plain.SLOTS_OF_WEEK),
            np.array(self._growth),
            np.array(self._studies, dtype=STUDY),
            packed.rows if len(packed.rows) else np.empty(0, dtype=LAW),
            packed.values,
        )

    def _sources(self) -> Iterator[tuple[tuple[Any, ...], tuple[float, ...]]]:
        for number, station in enumerate(self._tables.stations):
            does = station.does
            if not isinstance(does, Modality | Reader):
                continue
            for stream in station.streams:
                rates = stream.rates
                growth = self._factors(rates.growth)
                head = (number, STREAMS.index(stream.name), rates.starts, *growth)
                ids = _stream_ids(station, stream.name)
                yield (ids, *head, *self._made_of(does)), rates.week

    def _factors(self, growth: tuple[float, ...]) -> tuple[int, int]:
        first = len(self._growth)
        self._growth += growth
        return first, len(growth)

    def _made_of(self, does: Modality | Reader) -> tuple[Any, ...]:
        first = len(self._studies)
        if isinstance(does, Modality):
            self._add(does.study, 1.0)
            return (first, 1, 0, 0.0, 0.0, False)
        reached = 0.0
        for share, study in does.mix:
            reached += share
            self._add(study, reached)
        return (first, len(does.mix), does.priors, does.prior_exists, does.queries, True)

    def _add(self, study: ImagingStudy, reached: float) -> None:
        items, size = study.instances, study.size
        fixed = isinstance(items, int)
        plain_size = isinstance(size, int | float)
        row = (
            reached,
            items if fixed else 0,
            -1 if fixed else self._law(items),  # type: ignore[arg-type]
            size if plain_size else 0.0,
            -1 if plain_size else self._law(size),  # type: ignore[arg-type]
            study.compression,
            *self._factors(study.size_growth),
            study.sent_compressed,
        )
        self._studies.append(row)  # type: ignore[arg-type]

    def _law(self, law: Law) -> int:
        self._laws.append(law)
        return len(self._laws) - 1


def _stream_ids(station: Station, stream: str) -> tuple[int, ...]:
    lanes = EXAM_LANES if isinstance(station.does, Modality) else OPENING_LANES
    return tuple(stream_id(f"traffic/{station.name}/{stream}", lane) for lane in lanes)


@lru_cache(maxsize=1)
def joined_source() -> str:
    """Return the text of the module that is compiled."""
    parts = [HEADER, f"PARITY = {PARITY}", "KEY_DOMAIN = 0"]
    for module in SOURCES:
        package, _, name = module.rpartition(".")
        text = resources.files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                parts.append(_function(node))
            elif isinstance(node, ast.Assign):
                parts.append(ast.unparse(node))
    return "\n".join(parts)


def _function(node: ast.FunctionDef) -> str:
    node.returns = None
    for argument in node.args.args:
        argument.annotation = None
    more = ", cache=True" if node.name == ENTRY else INTERNAL
    return f"@numba.njit({OPTIONS}{more})\n{ast.unparse(node)}"


_KEPT: dict[str, Any] = {}


def compiled_arrivals(arguments: tuple[Any, ...]) -> Any:
    """Return the compiled function; the first call on a machine takes some seconds."""
    found = _KEPT.get(ENTRY)
    if found is None:
        found = _KEPT[ENTRY] = compiled_entries(joined_source(), {ENTRY: arguments})[ENTRY]
    return found
