"""Saved results read back: every key is checked before anything is made of it."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field, ValidationError

from pacsim.results.kept_window import KeptRecord, KeptWindow
from pacsim.results.measures import BY, MEASURES
from pacsim.results.rows import IF_ANY, NO_COPY, Row

DEEP = 32
"""Most levels of a result; what is written has eight."""
LARGE = 1 << 64
"""Whole numbers are smaller than this; a seed may be as large."""
SCHEMA = 2
"""Number of the form in which results are saved; 1 held outages within."""
Count = Annotated[int, Field(ge=0)]
MEASURE_SCHEMA: list[Any] = [
    *({"const": one.name, "description": one.meaning} for one in MEASURES.values()),
    {"type": "string", "description": "a measure of another package"},
]


class _Row(KeptRecord):
    """One figure."""

    design: str
    against: str = Field(description="the other design of a paired difference, else empty")
    role: str = Field(description="role, failover group, or part that stores something")
    measure: str = Field(json_schema_extra={"anyOf": MEASURE_SCHEMA})
    by: str = Field(
        description="what the measure is split by, else empty",
        json_schema_extra={"examples": ["", *BY]},
    )
    of: str = Field(description="which one of these")
    unit: str
    estimate: float | None
    lower: float | None
    upper: float | None
    n: Count
    method: str = Field(description="how the interval was made")
    note: str = ""
    point: dict[str, str | int | float] = Field(
        default={}, description="coordinates of a point of a study; left out if there are none"
    )
    no_copy_of: list[str] = Field(
        default=[],
        description="parts that store something of which nothing outside has a copy; left out if "
        "there are none",
    )


class _Provenance(KeptRecord):
    """How it was made; a result made by hand may lack some of it."""

    versions: dict[str, str] = Field(default={})
    streams: int = Field(default=0, description="changes when the same seed gives other numbers")
    catalogue: str = ""
    engine: str = ""
    designs: dict[str, str] = Field(default={}, description="SHA-256 of each resolved design")
    seed: Count = 0
    precision: Annotated[float, Field(gt=0)] | None = None
    replications: Count = 0
    term_years: Annotated[float, Field(gt=0)] = 1.0
    min_outage: Annotated[float, Field(ge=0)] = Field(
        default=60.0, description="seconds; shorter outages are counted apart"
    )
    events: Count = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    reached: bool = Field(default=True, description="the precision asked for was reached")
    partial: bool = Field(default=False, description="interrupted before it was done")
    stopped: str = Field(default="", description="clock if the time was over before the end")
    role: str = ""


class _Input(KeptRecord):
    """A number that went in, and where it comes from."""

    design: str
    path: str
    value: str
    low: str
    high: str
    status: str
    source: str
    id: str


class _Content(KeptRecord):
    """What a run found; within a schema number keys are only added, a reader ignores others."""

    designs: Annotated[list[str], Field(min_length=1)] = Field(
        description="names, in the order given; differences are against the first"
    )
    provenance: _Provenance
    rows: list[_Row] = Field(description="the figures, tidy")
    inputs: list[_Input]
    warnings: list[str]
    windows: dict[str, KeptWindow] = Field(
        default={},
        description="the worst window of the traffic, by design; left out if there are none",
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a saved result.

    Examples
    --------
    >>> schema()["properties"]["schema"]
    {'const': 2}
    """
    made = _Content.model_json_schema(mode="serialization")
    made["properties"] = {"schema": {"const": SCHEMA}, **made["properties"]}
    made["required"] = ["schema", *made["required"]]
    for name in IF_ANY:
        made["$defs"]["_Row"]["required"].remove(name)
    made["required"].remove("windows")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "pacsim result"}
    return head | {key: value for key, value in made.items() if key != "title"}


def parts(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a result is made of, from the content of its file.

    Raises
    ------
    ValueError
        With where and what, if something is missing or of another kind.

    Examples
    --------
    >>> parts({"designs": []})
    Traceback (most recent call last):
    ValueError: designs: List should have at least 1 item after validation, not 0 (and 4 more)
    """
    _writable(content, "", 0)
    try:
        valid = _Content.model_validate(content)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        where = ".".join(str(step) for step in problems[0]["loc"])
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        msg = f"{where}: {problems[0]['msg']}{more}"
        raise ValueError(msg) from None
    return {
        "rows": tuple(Row(**_dumped(one)) for one in valid.rows),
        # As written: keys that this version does not know are shown as well.
        "provenance": content["provenance"],
        "designs": tuple(valid.designs),
        "inputs": tuple(one.model_dump() for one in valid.inputs),
        "warnings": tuple(valid.warnings),
        "windows": valid.windows,
    }


def _dumped(one: _Row) -> dict[str, Any]:
    plain = one.model_dump()
    bare = one.no_copy_of or _said_in(one.note)
    return plain | {"point": tuple(plain["point"].items()), "no_copy_of": tuple(bare)}


def _said_in(note: str) -> list[str]:
    """Return what nobody has a copy of, by the note: older results say it only there."""
    start = f"{NO_COPY} of "
    return note.removeprefix(start).partition(":")[0].split(", ") if note.startswith(start) else []


def _writable(value: object, where: str, depth: int) -> None:
    """Refuse what a result never holds, in keys that nobody knows as well."""
    wrong = ""
    if depth > DEEP:
        wrong = "is nested too deep"
    elif isinstance(value, float) and not math.isfinite(value):
        wrong = "is not finite"
    elif isinstance(value, int) and abs(value) >= LARGE:
        wrong = "is too large a number"
    elif isinstance(value, str) and not _is_text(value):
        wrong = "is no text"
    if wrong:
        msg = f"{where}: {wrong}"
        raise ValueError(msg)
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for key, child in inner:
        if isinstance(key, str) and not _is_text(key):
            msg = f"{where}: has a key that is no text"
            raise ValueError(msg)
        _writable(child, f"{where}.{key}" if where else str(key), depth + 1)


def _is_text(words: str) -> bool:
    """Return whether words can be written: half of a pair of surrogates cannot."""
    return words.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in words)
