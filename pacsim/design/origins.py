"""Where a number comes from: keys of an origin, and catalogue entries as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacsim.files.tree import Node

if TYPE_CHECKING:
    from pacsim.design.catalogue_entries import Entry

LAWS = ("life", "work", "delay", "items", "bytes")
ABOUT = ("status", "source", "id", "covers", "read_under")
RANGE = ("low", "high")
PURE = ("fraction", "probability", "ratio", "count", "none", "")
"""Units of the catalogue that are plain numbers."""
WRITTEN_AS = {"rate": "rate", "afr": "afr", "annual_probability": "afr", "mttf": "mttf"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from and what a repair covers; empty where nothing was said.

    ``read_under`` is the contract, ``4h`` or ``nbd``, under which a repair that covers everything
    was read.
    """

    low: Any = None
    high: Any = None
    status: str = ""
    source: str = ""
    id: str = ""
    covers: str = ""
    read_under: str = ""

    def plain(self) -> dict[str, Any]:
        """Return what was said, in the order in which it is written."""
        said = {key: getattr(self, key) for key in (*RANGE, *ABOUT)}
        # What is wrong may be a list: it is compared, not hashed.
        return {key: value for key, value in said.items() if value is not None and value != ""}


def split(node: Node) -> tuple[Node, Node]:
    """Return the form and the origin of a map; ``low`` and ``high`` alone are a uniform law.

    Examples
    --------
    >>> from pacsim.design.diagnostics import planted
    >>> made = planted({"median": "4 h", "p95": "9 h", "low": "1 h"}, Node(None, "", 0))
    >>> split(made)[0].plain(), split(made)[1].plain()
    ({'median': '4 h', 'p95': '9 h'}, {'low': '1 h'})
    """
    keys = set(node.value) - set(ABOUT)
    core = keys - {"shift", "counted_in", *RANGE}
    about = set(ABOUT) | (set(RANGE) if core - {"mode"} else set())
    form = {key: child for key, child in node.value.items() if key not in about}
    origin = {key: child for key, child in node.value.items() if key in about}
    return Node(form, node.file, node.line), Node(origin, node.file, node.line)


def with_origin(form: Any, origin: Origin) -> Any:  # noqa: ANN401
    """Return the form as it is written with its origin; `split` takes it apart again."""
    about = origin.plain()
    if not about:
        return form
    if isinstance(form, dict) and not set(form) & {*RANGE, *ABOUT}:
        return {**form, **about}
    return {"value": form, **about}


def amount(number: Any, unit: str) -> Any:  # noqa: ANN401
    """Return a number of the catalogue as it would be written.

    Examples
    --------
    >>> amount(2.45, "h"), amount(0.1, "probability")
    ('2.45 h', 0.1)
    """
    return number if unit in PURE else f"{number} {unit}"


def from_entry(entry: Entry, kind: str, take: str = "") -> tuple[Any, Origin]:
    """Return a catalogue entry as it would be written in a slot of this kind, and its origin.

    Raises
    ------
    ValueError
        If it has no typical value and no law, or no such member.

    Examples
    --------
    >>> from pacsim.design.catalogue_entries import catalogue
    >>> from_entry(catalogue().entries["srv.repair"], "work")[0]
    {'median': '2.45 h', 'p95': '9.8 h'}
    """
    value, unit = entry.value, entry.unit
    low, high = (amount(value[key], unit) if key in value else None for key in RANGE)
    said = (entry.status, entry.source, entry.id, entry.covers, entry.read_under)
    origin = Origin(low, high, *said)
    if take:
        if take not in value or isinstance(value[take], str | list):
            msg = f'no member "{take}" in catalogue entry "{entry.id}"'
            raise ValueError(msg)
        member = value[take]
        if isinstance(member, dict) and "typical" in member:
            # A member with a range of its own.
            low, high = (amount(member[key], unit) if key in member else None for key in RANGE)
            return _written(entry, kind, member["typical"]), Origin(low, high, *said)
        if take != "typical":
            origin = Origin(None, None, *said)
        return _written(entry, kind, member), origin
    typical = value.get("typical")
    if typical is not None and (kind not in LAWS or entry.kind in WRITTEN_AS):
        return _written(entry, kind, typical), origin
    if kind in LAWS:
        form = _from_law(entry, typical)
        if form is not None:
            return form, origin
    if typical is None:
        msg = f'catalogue entry "{entry.id}" has several values'
        raise ValueError(msg)
    return _written(entry, kind, typical), origin


def _written(entry: Entry, kind: str, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {k: v if k == "shape" else amount(v, entry.unit) for k, v in value.items()}
    written = amount(value, entry.unit)
    if kind == "life" and entry.kind in WRITTEN_AS:
        return {WRITTEN_AS[entry.kind]: written}
    return written


def _from_law(entry: Entry, typical: Any) -> Any:  # noqa: ANN401
    law, family = entry.law, entry.law.get("family")
    unit = str(law.get("unit", entry.unit))
    if family == "lognormal":
        middle = amount(law["median"], unit) if typical is None else amount(typical, entry.unit)
        return {"median": middle, "p95": amount(law["p95"], unit)}
    if family == "uniform":
        return {"low": amount(law["low"], unit), "high": amount(law["high"], unit)}
    if family == "weibull":
        form = {"scale": amount(law["scale"], unit), "shape": law["shape"]}
        return {"shift": amount(law["shift"], unit), **form} if law.get("shift") else form
    if family == "exponential":
        mean = amount(law["mean"], unit) if typical is None else amount(typical, entry.unit)
        return {"mean": mean, "family": "exponential"}
    return None
