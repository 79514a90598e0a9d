"""Tables of a workload as flat arrays, worked out once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pacsim.core.streams import stream_id
from pacsim.delays.compound import pack
from pacsim.engines.kernel.declaring import (
    Record,
    columns_of,
    number_type,
    row_type,
    width_of,
)
from pacsim.engines.kernel.records import LawRow
from pacsim.errors import UnsupportedError
from pacsim.traffic import client_tables as t
from pacsim.traffic import keyed_draws as lanes
from pacsim.traffic.client_conditions import GROUP, POOL, SERVER
from pacsim.traffic.kernel import numbers_of_traffic as n
from pacsim.traffic.kernel.manifest_of_traffic import Numbers
from pacsim.traffic.kernel.run_records import (
    CaseState,
    CaseTimes,
    JobSizes,
    JobState,
    LineState,
    LineTimes,
    MemberState,
    QueueState,
    StationSizes,
    StationState,
)
from pacsim.traffic.kernel.workload_records import (
    ArchiveRow,
    DialTimes,
    LineRow,
    MemberRow,
    OperationRow,
    OperationTimes,
    StationRow,
    StationTimes,
    WorkRow,
    WorkTimes,
)
from pacsim.traffic.logs import HOWS, KINDS, STREAMS

if TYPE_CHECKING:
    from pacsim.delays import Law

KIND_OF_ARCHIVE = {SERVER: n.ALONE, GROUP: n.FAILOVER, POOL: n.BALANCED_POOL}
MODES = {t.ROUND_ROBIN: n.IN_TURN, t.FIRST: n.THE_FIRST, t.SOURCE: n.BY_SOURCE}
DELETES = {t.STORED: n.ONCE_STORED, t.COMMITTED: n.ONCE_COMMITTED, t.AGE: n.BY_AGE}
LANES_OF_STREAM = {
    n.LANE_BY_HAND: lanes.BY_HAND,
    n.LANE_FORGOTTEN: lanes.FORGOTTEN,
    n.LANE_COMMITMENT: lanes.COMMITMENT,
    n.LANE_MISSED_RESET: lanes.MISSED_RESET,
    n.LANE_SERVICE: lanes.SERVICE,
    n.LANE_PLACES: lanes.PLACES,
}
SOURCE_STREAM = "source"


@dataclass(frozen=True, slots=True, eq=False)
class LoweredTables:
    """A workload as compiled code reads it.

    Parameters
    ----------
    arrays : dict
        By the names of the fields of `WorkloadGroup`.
    numbers : Numbers
        Sizes of the arrays of a run.
    usual : ndarray of int32
        Conditions when nothing is wrong.
    """

    arrays: dict[str, np.ndarray]
    numbers: Numbers
    usual: np.ndarray


def lowered(tables: t.TrafficTables) -> LoweredTables:
    """Return the tables of a workload as flat arrays.

    Parameters
    ----------
    tables : TrafficTables
        The workload.

    Raises
    ------
    UnsupportedError
        If a law is not one of the kernel's.
    """
    return _Lowering(tables).lowered()


class _Lowering:
    """Rows that are collected station by station."""

    def __init__(self, tables: t.TrafficTables) -> None:
        self.tables = tables
        self.stations: list[dict[str, float]] = []
        self.lines: list[dict[str, float]] = []
        self.operations: list[dict[str, float]] = []
        self.works: list[dict[str, float]] = []
        self.uses: list[tuple[int, float]] = []
        self.laws: list[Law] = []
        self.streams: list[int] = []
        self.foreign: list[str] = []

    def lowered(self) -> LoweredTables:
        """Return all arrays."""
        tables = self.tables
        for station in tables.stations:
            self._station(station)
        for k, station in enumerate(tables.stations):
            if isinstance(station.does, t.Forwarder):
                # A router draws for each exam by its own name and that of its source.
                self.stations[k]["streams"] = len(self.streams)
                for source in tables.stations:
                    self.streams += _streams(f"{station.name}/{source.name}")
        if self.foreign:
            msg = "compiled traffic"
            raise UnsupportedError(msg, tuple(self.foreign))
        width = max((int(w["plain"] + w["sized"]) for w in self.works), default=0)
        laws = pack(tuple(self.laws))
        archive = [self._archive(max(width, 1))]
        arrays = {
            "archive": _rows(ArchiveRow, archive),
            "dialling": _rows(DialTimes, archive),
            "stations": _rows(StationRow, self.stations),
            "times": _rows(StationTimes, self.stations),
            "lines": _rows(LineRow, self.lines),
            "operations": _rows(OperationRow, self.operations),
            "spans": _rows(OperationTimes, self.operations),
            "works": _rows(WorkRow, self.works),
            "items": _rows(WorkTimes, self.works),
            "pools": np.array([pool for pool, _ in self.uses], dtype=np.int64),
            "seconds": np.array([seconds for _, seconds in self.uses], dtype=np.float64),
            "members": _rows(MemberRow, [_limit(self.tables, m) for m in self._members()]),
            "capacity": np.array([pool.capacity for pool in tables.pools], dtype=np.float64),
            "streams": np.array(self.streams, dtype=np.uint64),
            # Aligned as the kernel's records are.
            "laws": laws.rows.astype(row_type(LawRow)),
            "law_values": laws.values,
        }
        for part in arrays.values():
            part.setflags(write=False)
        numbers = Numbers(
            lines=len(self.lines),
            stations=len(self.stations),
            members=len(tables.conditions.members),
            pools=len(tables.pools),
            conditions=len(tables.conditions.names),
            uses=max(width, 1),
        )
        return LoweredTables(arrays, numbers, np.array(tables.conditions.usual, dtype=np.int32))

    def _members(self) -> range:
        return range(len(self.tables.conditions.members))

    def _archive(self, width: int) -> dict[str, float]:
        tables = self.tables
        conditions, dial = tables.conditions, tables.dial or t.Dial()
        first = {
            head: next((k for k, x in enumerate(conditions.names) if x.startswith(head)), 0)
            for head in ("path.", "owner", "listed.", "holder", "holder.", "front.", "back.")
        }
        return {
            "connect": dial.connect,
            "every": dial.every,
            "missed_reset": tables.missed_reset,
            **_sizes(len(self.lines), len(self.stations), len(conditions.members)),
            "lines": len(self.lines),
            "stations": len(self.stations),
            "conditions": len(conditions.names),
            "members": len(conditions.members),
            "uses": width,
            "kind": KIND_OF_ARCHIVE[conditions.kind],
            "balanced": bool(conditions.holders),
            **{f"{head}_at": first[head] for head in ("owner", "holder")},
            **{f"{head}_at": first[f"{head}."] for head in ("path", "listed", "front", "back")},
            "holders_at": first["holder."],
            "holders": len(conditions.holders),
            "targets_at": len(conditions.names) - len(conditions.targets),
            "mode": MODES[dial.mode],
            "retries": dial.retries,
            "redispatch": dial.redispatch,
            "observe": dial.observe,
            "rise": dial.rise,
        }

    def _station(self, station: t.Station) -> None:
        timers, does = station.timers, station.does
        row: dict[str, float] = {
            **{name: getattr(timers, name) for name in ("connect", "associate", "response")},
            **{name: getattr(timers, name) for name in ("release", "retry_every", "retry_count")},
            "pause": timers.pause,
            "site": station.site,
            "first_line": len(self.lines),
            "lines": 1,
            "by_hand": -1,
            "commit": -1,
            "router": -1,
            "operation": len(self.operations),
            "buffer": math.inf,
            "patience": math.inf,
        }
        if isinstance(does, t.Modality | t.Forwarder):
            row |= self._sending(station.name, does)
            self._operation(station.name, does.store)
        elif isinstance(does, t.Reader):
            row |= {"kind": n.READER, "patience": does.patience, "returns": does.returns}
            row |= {"least_between": does.least_between, "whole": does.whole}
            self._operation(station.name, does.query)
            self._operation(station.name, does.retrieve)
        elif isinstance(does, t.Asker):
            row |= {"kind": n.ASKER, "patience": does.patience}
            row |= {"every": does.every, "asks": does.asks}
            self._operation(station.name, does.ask)
        else:
            row |= {"kind": n.PROBER, "operations": len(does.operations)}
            for operation in does.operations:
                self._operation(station.name, operation)
        lines = int(row["lines"])
        self.lines += [{"station": len(self.stations), "sender": k} for k in range(lines)]
        self.stations.append(row)
        self.streams += _streams(station.name)

    def _sending(self, name: str, does: t.Modality | t.Forwarder) -> dict[str, float]:
        row: dict[str, float] = {
            "forgotten": does.forgotten,
            "buffer": does.buffer,
            "missing": does.resend == t.MISSING,
            "by_hand": self._law(f"{name}: by_hand", does.by_hand),
        }
        if isinstance(does, t.Forwarder):
            return row | {"kind": n.FORWARDER, "lines": does.parallel, "deletes": n.ONCE_STORED}
        return row | {
            "kind": n.MODALITY,
            "deletes": DELETES[does.deletes],
            "commit": self._law(f"{name}: commit", does.commit),
            "router": does.router,
        }

    def _operation(self, name: str, operation: t.Operation) -> None:
        self.operations.append(
            {
                "own": operation.attempt_takes,
                "takes": operation.setups * operation.association,
                "release": operation.release_takes,
                "kind": KINDS.index(operation.kind),
                "setups": operation.setups,
                "target": operation.target,
                "works": len(self.works),
            }
        )
        for work in operation.works:
            plain = ("alone", "mean", "line", "step", "array", "served_by")
            row = {key: getattr(work, key) for key in plain}
            row["service"] = self._law(f"{name}: service of {operation.kind}", work.service)
            row |= {"uses": len(self.uses), "plain": len(work.uses), "sized": len(work.sized)}
            self.works.append(row)
            self.uses += (*work.uses, *work.sized)

    def _law(self, where: str, law: Law | None) -> int:
        if law is None:
            return -1
        if not law.compiled:
            self.foreign.append(f"{where} is not one of the kernel's laws; use the reference")
            return -1
        self.laws.append(law)
        return len(self.laws) - 1


def _sizes(lines: int, stations: int, members: int) -> dict[str, float]:
    """Return how many numbers some tables of a run have."""
    blocks = max(1, -(-lines // n.BLOCK))
    return {
        "blocks": blocks,
        "words": lines // 64 + 1,
        "alarms": blocks * n.BLOCK,
        "line_numbers": lines * width_of(LineState),
        "line_times": lines * width_of(LineTimes),
        "station_numbers": stations * width_of(StationState),
        "station_sizes": stations * width_of(StationSizes),
        "queue_numbers": stations * n.QUEUES * width_of(QueueState),
        "member_numbers": members * width_of(MemberState),
        "ways": stations * len(HOWS),
        "job_numbers": width_of(JobState),
        "job_sizes": width_of(JobSizes),
        "case_numbers": width_of(CaseState),
        "case_times": width_of(CaseTimes),
    }


def _limit(tables: t.TrafficTables, member: int) -> dict[str, float]:
    limit = tables.limits[member] if member < len(tables.limits) else None
    if limit is None:
        return {"associations": -1}
    return {"associations": limit.associations, "rejects": limit.over == t.REJECTS}


def _streams(name: str) -> list[int]:
    """Return the streams of draws of a station, by stream and lane."""
    found = []
    for stream in STREAMS:
        found += [stream_id(f"traffic/{name}/{stream}", lane) for lane in LANES_OF_STREAM.values()]
        found.append(stream_id(f"traffic/{name}/{SOURCE_STREAM}", lanes.SOURCE))
    return found


def _rows(record: type[Record], rows: list[dict[str, Any]]) -> np.ndarray:
    """Return the columns that a record has, row after row; zero where nothing is said."""
    made = np.zeros(len(rows), dtype=row_type(record))
    for k, row in enumerate(rows):
        for name in columns_of(record):
            made[name][k] = row.get(name, 0)
    return made.view(number_type(record))
