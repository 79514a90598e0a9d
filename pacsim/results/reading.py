"""Saved results read back: every key is checked before anything is made of it."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pacsim.results.outages import KeptOutages
from pacsim.results.rows import Row

DEEP = 32
"""Most levels of a result; what is written has five."""
LARGE = 1 << 64
"""Whole numbers are smaller than this; a seed may be as large."""
Count = Annotated[int, Field(ge=0)]


class _Checked(BaseModel):
    # Unknown keys are ignored: within a schema number keys are only added.
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class _Row(_Checked):
    design: str
    against: str
    role: str
    measure: str
    by: str
    of: str
    unit: str
    estimate: float | None
    lower: float | None
    upper: float | None
    n: Count
    method: str
    note: str = ""


class _Provenance(_Checked):
    """What is known of the keys; a result made by hand may lack some."""

    versions: dict[str, str] = {}
    streams: int = 0
    catalogue: str = ""
    engine: str = ""
    designs: dict[str, str] = {}
    seed: Count = 0
    precision: Annotated[float, Field(gt=0)] | None = None
    replications: Count = 0
    term_years: Annotated[float, Field(gt=0)] = 1.0
    min_outage: Annotated[float, Field(ge=0)] = 60.0
    events: Count = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    reached: bool = True
    partial: bool = False
    role: str = ""


class _Input(_Checked):
    design: str
    path: str
    value: str
    low: str
    high: str
    status: str
    source: str
    id: str


class _Outages(_Checked):
    roles: list[str]
    causes: list[str]
    rows: Count
    columns: dict[str, str]


class _Content(_Checked):
    designs: Annotated[list[str], Field(min_length=1)]
    provenance: _Provenance
    rows: list[_Row]
    inputs: list[_Input]
    warnings: list[str]
    outages: dict[str, _Outages]


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
    ValueError: designs: List should have at least 1 item after validation, not 0 (and 5 more)
    """
    _writable(content, "", 0)
    try:
        found = _Content.model_validate(content)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        where = ".".join(str(step) for step in problems[0]["loc"])
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        msg = f"{where}: {problems[0]['msg']}{more}"
        raise ValueError(msg) from None
    return {
        "rows": tuple(Row(**one.model_dump()) for one in found.rows),
        # As written: keys that this version does not know are shown as well.
        "provenance": content["provenance"],
        "designs": tuple(found.designs),
        "inputs": tuple(one.model_dump() for one in found.inputs),
        "warnings": tuple(found.warnings),
        "outages": {name: _kept(name, one) for name, one in found.outages.items()},
    }


def _kept(name: str, one: _Outages) -> KeptOutages:
    try:
        return KeptOutages.of(one.model_dump())
    except KeyError as error:
        msg = f"outages.{name}.columns: no {error}"
        raise ValueError(msg) from None
    except ValueError as error:
        msg = f"outages.{name}: {error}"
        raise ValueError(msg) from None


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
