"""What serves DICOM traffic, and how much of it at a time: slots that no fault asks for.

They are filled in where a design has a workload, and stay empty in all others.
"""

from __future__ import annotations

from typing import Any

from pacsim.parts.slots import RecordType, Slot

REJECTS, WAITS = "rejects", "waits"
"""What happens to one association too many."""


def _sourced(entry: str, **more: str) -> dict[str, Any]:
    return {"catalogue": entry, **more}


APPLICATION = RecordType(
    name="serves",
    doc="What the application serves at a time, and how long it works on it alone.",
    slots=(
        Slot(
            "workers",
            "count",
            "requests worked on at the same time at full speed",
            default=_sourced("srv.workers"),
            positive=True,
        ),
        Slot(
            "associations",
            "count",
            "associations at the same time",
            default=_sourced("dicom.concurrency"),
            positive=True,
        ),
        Slot(
            "over_limit",
            "choice",
            "whether one association too many is rejected, or waits for its turn",
            default=REJECTS,
            options=(REJECTS, WAITS),
        ),
        Slot(
            "store",
            "work",
            "work on an instance stored, with the database's step and the write",
            default=_sourced("dicom.store_service"),
        ),
        Slot(
            "read",
            "work",
            "work on an instance retrieved, with the read",
            default=_sourced("dicom.read_service"),
        ),
        Slot(
            "query",
            "work",
            "work on a query, with the database's step",
            default=_sourced("dicom.find_service"),
        ),
        Slot("nic", "throughput", "its network interface", default=_sourced("srv.bandwidth")),
    ),
    bundle=False,
)
DATABASE = RecordType(
    name="serves",
    doc="What the database serves at a time, and how long a step takes alone.",
    slots=(
        Slot(
            "connections",
            "count",
            "connections that work at the same time",
            default=_sourced("db.connections"),
            positive=True,
        ),
        Slot("store", "seconds", "step of an instance stored", default=_sourced("db.step.store")),
        Slot("query", "seconds", "step of a query", default=_sourced("db.step.query")),
    ),
    bundle=False,
)
ARRAY = RecordType(
    name="serves",
    doc="How fast the array takes and gives images, and how much of it is filled.",
    slots=(
        Slot("write", "throughput", "images written", default=_sourced("array.write")),
        Slot("read", "throughput", "images read", default=_sourced("array.read")),
        Slot(
            "usable",
            "size",
            "capacity for images; that of its data disks if not given",
            positive=True,
        ),
        Slot("fill", "share", "share of it that may be filled", default="90 %", positive=True),
    ),
    bundle=False,
)


def serves(record: RecordType) -> Slot:
    """Return slot ``serves`` of a type; all of it has defaults where there is a workload."""
    doc = "how much DICOM traffic it serves at a time; no fault depends on it"
    return Slot("serves", "record", doc, record=record, traffic={})
