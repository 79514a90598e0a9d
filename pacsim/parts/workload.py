"""The workload: exams, modalities, readers and their clients, as a design or a file says it."""

from __future__ import annotations

from typing import Any

from pacsim.parts import traits
from pacsim.parts.slots import RecordType, Slot
from pacsim.parts.traits import CLIENT_SITE

CODES = ("CR", "DX", "CT", "MR", "US", "MG", "DBT", "NM", "PT", "XA", "RF")
"""Modalities, as DICOM writes them; DBT is tomosynthesis."""
CLIENT_KINDS = ("modality", "reader", "router", "ris")
"""Kinds of clients with timers of their own."""
CLIENTS = "clients"
"""Key of what is said of them."""
COMMITTED, STORED, AGE = "committed", "stored", "age"
MISSING, STUDY = "missing", "study"
WADO, C_MOVE = "wado", "c_move"
MODALITY, ARCHIVE = "modality", "archive"
OPERATIONS = ("echo", "store", "retrieve", "query", "worklist")
DAY = [1, 1, 1, 1, 1, 1, 1, 5, 7, 10, 11, 10, 9, 8, 9, 9, 7, 5, 3, 2, 2, 1, 1, 1]
NIGHT = [3, 3, 2, 2, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 4, 4, 3]


def _of(entry: str, take: str = "") -> dict[str, Any]:
    return {"catalogue": entry, "take": take} if take else {"catalogue": entry}


def _record(name: str, doc: str, *slots: Slot) -> RecordType:
    return RecordType(name=name, doc=doc, slots=slots, bundle=False)


def _timers(connect: Any, associate: Any, response: Any, release: Any) -> tuple[Slot, ...]:  # noqa: ANN401
    return (
        Slot("connect", "timer", "longest wait for a connection, or none", default=connect),
        Slot("associate", "timer", "longest wait for an association", default=associate),
        Slot("response", "timer", "longest wait from the last response on", default=response),
        Slot("release", "timer", "longest wait for the answer to a release", default=release),
    )


def _wire(*, given: bool) -> tuple[Slot, ...]:
    """Return what stands between a station and the archive, by default that of its client kind."""
    rate, latency, association = (
        _of(x) if given else None
        for x in ("dicom.move_rate", "dicom.lan_latency", "dicom.association")
    )
    return (
        Slot("rate", "throughput", "of the line of one station", default=rate),
        Slot("latency", "seconds", "round trip, once an instance", default=latency),
        Slot("association", "seconds", "set-up of an association", default=association),
    )


def _safe(*, given: bool) -> tuple[Slot, ...]:
    """Return how a station keeps what is not safe, by default that of its client kind."""
    buffer = _of("dicom.buffer.size") if given else None
    return (
        Slot("buffer", "size", "its disk for images", default=buffer, positive=True),
        Slot(
            "deletes",
            "choice",
            "when an exam leaves its disk: committed, stored, or as it gets old",
            default=STORED if given else None,
            options=(COMMITTED, STORED, AGE),
        ),
        Slot("commit", "work", "from stored to committed, if it deletes then"),
    )


OWN = (
    Slot(
        "attempt_takes",
        "seconds",
        "its own work on an attempt, before it asks for a connection",
        default="0 s",
    ),
    Slot("release_takes", "seconds", "a release", default="0 s"),
)
AGAIN = (
    Slot("by_hand", "work", "from the last try to one by hand", default=_of("dicom.give_up")),
    Slot(
        "forgotten",
        "share",
        "probability that nobody ever sends it again",
        default=_of("dicom.resend_forgotten"),
    ),
    Slot(
        "resend",
        "choice",
        "what is sent again: missing instances, or the whole study",
        default=MISSING,
        options=(MISSING, STUDY),
    ),
)
COUNT = Slot(
    "count", "tries", "further tries before it is parked, or none", default=_of("dicom.retry_count")
)
PATIENCE = Slot(
    "patience", "seconds", "until it is put aside", default=_of("wl.patience"), positive=True
)


def _retry(every: Any, *more: Slot) -> Slot:  # noqa: ANN401
    wait = Slot("every", "seconds", "from a failure to a new try", default=every, positive=True)
    record = _record("retry", "Trying again.", wait, *more)
    return Slot("retry", "record", "trying again", default={}, record=record)


ACSE, SOCKET = _of("dicom.dcmtk", "acse"), _of("dicom.dcmtk", "socket")
SHORT = _of("dicom.dcm4chee", "connect")
EVERY = _of("dicom.retry_interval")
BY_KIND = {
    "modality": _record(
        "modality",
        "A device that sends its exams, one association at a time.",
        *_timers("30 s", ACSE, SOCKET, ACSE),
        _retry(EVERY, COUNT),
        *AGAIN,
        *_safe(given=True),
        *OWN,
        *_wire(given=True),
    ),
    "reader": _record(
        "reader",
        "A workstation that asks and fetches.",
        *_timers(SHORT, SHORT, "15 s", SHORT),
        _retry(_of("wl.reader_retry")),
        PATIENCE,
        Slot(
            "returns",
            "seconds",
            "until a study put aside is opened again",
            default=_of("wl.returns"),
            positive=True,
        ),
        *OWN,
        *_wire(given=True),
    ),
    "router": _record(
        "router",
        "A station that forwards what it gets.",
        *_timers("30 s", ACSE, SOCKET, ACSE),
        _retry(EVERY, COUNT),
        *AGAIN,
        *OWN,
        *_wire(given=True),
    ),
    "ris": _record(
        "ris",
        "What asks for the worklist, beside a modality.",
        *_timers(SHORT, SHORT, "15 s", SHORT),
        _retry(_of("wl.reader_retry")),
        PATIENCE,
        *OWN,
        *_wire(given=True),
    ),
}
TIMERS = ("connect", "associate", "response", "release")


def _preset(*takes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {key: take for key, take in zip(TIMERS, takes, strict=True) if take is not None}


def _dcm4chee(response: str) -> dict[str, Any]:
    keys = ("connect", "associate_rq", response, "release")
    return _preset(*(_of("dicom.dcm4chee", key) for key in keys))


def presets(kind: str) -> dict[str, dict[str, Any]]:
    """Return the timers of products, by name, as a client of a kind has them.

    Examples
    --------
    >>> presets("modality")["ge"]["response"]
    {'catalogue': 'dicom.ge.store', 'take': 'inactivity'}
    """
    longest = {"modality": "store", "router": "store", "reader": "retrieve"}.get(kind, "response")
    py = _of("dicom.pynetdicom", "acse")
    manual = {"value": "none", "status": "vendor", "source": "storescu(1) manual page: unlimited"}
    asked = {
        "value": "none",
        "status": "vendor",
        "source": "pynetdicom issue 825 (comment)",
        "id": "dicom.pynetdicom.connect",
    }
    orthanc = _of("dicom.orthanc", "scu_timeout")
    inactive = _of("dicom.ge.store", "inactivity")
    return {
        "dcmtk": _preset(manual, ACSE, SOCKET, ACSE),
        "pynetdicom": _preset(asked, py, _of("dicom.pynetdicom", "dimse"), py),
        "dcm4chee": _dcm4chee(longest),
        "orthanc": _preset(orthanc, orthanc, orthanc, orthanc),
        "ge": _preset(None, _of("dicom.ge.store", "associate"), inactive, None),
    }


GROWTH = _record(
    "growth",
    "Growth by contract year.",
    Slot("exams", "growth", "of their number, a year", default=_of("wl.umcg")),
    Slot("size", "growth", "of their size, a year", default="8 %"),
)
WEEK = _record(
    "week",
    "When exams are made; openings follow them.",
    Slot("days", "days", "weights of days", default={"mon-fri": 1, "sat-sun": 0.3}),
    Slot("hours", "hours", "weights of the hours of a day", default=DAY),
    Slot("emergency_hours", "hours", "those of emergencies, every day alike", default=NIGHT),
)
DEVICE = _record(
    "modality",
    "A modality: what its exams are, and how many stations make them.",
    Slot("share", "share", "share of the exams", default="required"),
    Slot("stations", "count", "stations, alike", default="required", positive=True),
    Slot("instances", "items", "instances of an exam, rounded up", default="required"),
    Slot("size", "bytes", "of an instance as it is made", default="required"),
    Slot("compression", "factor", "by how much smaller it is stored", default=1),
    Slot("emergency", "share", "share of emergencies", default=_of("wl.emergency")),
    Slot(
        "compressed_by",
        "choice",
        "who compresses: the modality before it sends, or the archive",
        default=ARCHIVE,
        options=(MODALITY, ARCHIVE),
    ),
    *_safe(given=False),
    *_wire(given=False),
)
PRIORS = _record(
    "priors",
    "Earlier studies of the same patient.",
    Slot("exist", "share", "probability that there are some", default=_of("wl.priors", "exists")),
    Slot("fetched", "count", "fetched if there are", default=2),
)
READERS = _record(
    "readers",
    "Workstations, and what is opened there.",
    Slot("stations", "count", "workstations, alike", default="required", positive=True),
    Slot("opens", "mean", "openings for each exam", default=_of("wl.retrieve_ratio")),
    Slot("queries", "mean", "queries before an opening", default=_of("dicom.query_rate")),
    Slot("priors", "record", "earlier studies", default={}, record=PRIORS),
    Slot(
        "retrieves_by",
        "choice",
        "by WADO without association, or by C-MOVE with two",
        default=WADO,
        options=(WADO, C_MOVE),
    ),
    Slot("least_between", "seconds", "between two openings", default=_of("wl.least_between")),
    *_wire(given=False),
)
WORKLIST = _record(
    "worklist",
    "Questions of each station for its worklist.",
    Slot("asks", "count", "questions each time", default=1, positive=True),
    Slot("every", "seconds", "interval", default=_of("wl.worklist_every"), positive=True),
    Slot("target", "text", "who answers, a part if there is one of the name; else the archive"),
)
ROUTER = _record(
    "forwarder",
    "A router between modalities and the archive; a part of its name may fail.",
    Slot("of", "words", "modalities that send to it", default="required", options=CODES),
    Slot("parallel", "count", "senders", default=1, positive=True),
    Slot("buffer", "size", "its disk", default=_of("dicom.buffer.size"), positive=True),
)
PROBE = _record(
    "probe",
    "One operation of one instance, again and again, beside all pools.",
    Slot(
        "of",
        "choice",
        "whose timers it has",
        default="modality",
        options=CLIENT_KINDS,
    ),
    Slot("operations", "words", "in turn", default=["echo"], options=OPERATIONS),
    Slot("pause", "seconds", "from a success to the next one", default="1 s", positive=True),
    Slot("size", "bytes", "of its instance", default="0.5 MB"),
    Slot("at", "name", "where it stands", default="required", refers=(CLIENT_SITE,)),
)
RETENTION = _record(
    "retention",
    "How long exams are kept.",
    Slot("years", "years", "of all that is not named", default=_of("wl.retention", "adult")),
    *(Slot(code, "years", f"of {code}") for code in CODES),
)
TARGETS = _record(
    "targets",
    "Times within which things are expected.",
    Slot("store", "seconds", "exam done to stored", default=_of("wl.store_target"), positive=True),
    Slot(
        "first_image",
        "seconds",
        "opening to first image",
        default=_of("wl.latency.target"),
        positive=True,
    ),
    Slot("query", "seconds", "query to answer", default=_of("wl.query_target"), positive=True),
    Slot("worklist", "seconds", "worklist asked to answered", default="5 s", positive=True),
)
AT = _record(
    "at",
    "Client sites where stations stand.",
    *(
        Slot(key, "name", f"of {key}", refers=(CLIENT_SITE,))
        for key in ("modalities", "readers", "routers", *CODES)
    ),
)
KINDS = _record(
    CLIENTS,
    "Timers and habits by kind of client; `from` names a product's timers.",
    *(Slot(kind, "record", one.doc, default={}, record=one) for kind, one in BY_KIND.items()),
)
TYPE = _record(
    "workload",
    "DICOM traffic at an archive: exams, readers, and the clients of both.",
    Slot("name", "text", "of the hospital", default="workload"),
    Slot(
        "archive",
        "name",
        "server or group that serves",
        default="required",
        refers=(traits.ARCHIVE,),
    ),
    Slot("at", "record", "where stations stand", default={}, record=AT),
    Slot("exams", "rate", "exams of all modalities", positive=True),
    Slot("growth", "record", "growth by contract year", default={}, record=GROWTH),
    Slot("week", "record", "when exams are made", default={}, record=WEEK),
    Slot("modalities", "records", "by DICOM code", default={}, record=DEVICE),
    Slot("readers", "record", "workstations", record=READERS),
    Slot("worklist", "record", "questions for the worklist", record=WORKLIST),
    Slot("routers", "records", "routers, by name", default={}, record=ROUTER),
    Slot("probes", "records", "probes, by name", default={}, record=PROBE),
    Slot("retention", "record", "how long exams are kept", default={}, record=RETENTION),
    Slot("targets", "record", "times that are expected", default={}, record=TARGETS),
    Slot(CLIENTS, "record", "timers by kind of client", default={}, record=KINDS),
    Slot(
        "missed_reset",
        "share",
        "probability that a client cut off in its release does not notice",
        default=0,
    ),
)
